//! What credentials say of their holders: the issuer's colour, or facts from which the region's policy makes one.

use std::fmt;

use sync::{record::Status, time::UnixMillis};

/// What a credential says of its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The issuer's own verdict; holds until the credential expires. Never [`Status::Grey`].
    Colour(Status),
    /// What happened, in the order of the credential; the region's policy says what follows. Of none nothing does.
    Facts(Box<[Fact]>),
}

/// Something that a credential says has happened to its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// A dose was given.
    Vaccination(Vaccination),
    /// A sample was taken and tested.
    Test(Test),
    /// The holder was ill and recovered, in the issuer's judgement.
    Recovery(Recovery),
    /// Was in contact with a case.
    Contact {
        /// When.
        at: UnixMillis,
    },
    /// The issuer says that the holder may pass, and not why: New Zealand's pass.
    Pass,
    /// Something is said that is not understood, and may speak against the holder.
    Unread,
}

/// A dose that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vaccination {
    /// When it was given; a date without a time counts as its first moment in UTC.
    pub at: UnixMillis,
    /// Which dose it was, counted from 1; `None` where the credential does not count.
    pub dose: Option<u8>,
    /// How many doses complete the series, by the issuer; `None` where it is not said.
    pub of: Option<u8>,
    /// The product by the code of the credential's own list, such as `EU/1/20/1528` or CVX `208`.
    pub product: Option<Box<str>>,
    /// The disease by the code of the credential's own list: SNOMED CT, ICD.
    pub target: Option<Box<str>>,
}

impl Vaccination {
    /// Whether the issuer counts the series as complete; a credential that does not count says so of each dose.
    pub fn is_complete(&self) -> bool {
        match (self.dose, self.of) {
            (Some(dose), Some(of)) => dose >= of,
            _ => true,
        }
    }
}

/// How a sample was tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TestKind {
    /// For nucleic acid: PCR and its kin.
    Naat,
    /// For antigen: rapid tests.
    Antigen,
    /// The credential does not say, or says something else.
    Other,
}

impl TestKind {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Naat => "naat",
            Self::Antigen => "antigen",
            Self::Other => "other",
        }
    }
}

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TestResult {
    /// Nothing.
    Negative,
    /// What it looked for.
    Positive,
    /// The credential says neither.
    Unclear,
}

impl TestResult {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Positive => "positive",
            Self::Unclear => "unclear",
        }
    }
}

/// A test of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// When the sample was taken.
    pub sampled_at: UnixMillis,
    /// How it was tested.
    pub kind: TestKind,
    /// What was found.
    pub result: TestResult,
    /// The disease by the code of the credential's own list.
    pub target: Option<Box<str>>,
}

/// An illness that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The first positive test; for our own tokens when the issuer judged.
    pub first_positive: UnixMillis,
    /// From when the issuer says that it counts.
    pub valid_from: Option<UnixMillis>,
    /// Until when, inclusive of that moment's day.
    pub valid_until: Option<UnixMillis>,
    /// The disease by the code of the credential's own list.
    pub target: Option<Box<str>>,
}

impl Fact {
    /// The stable word of its kind, for the command line.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Vaccination(_) => "vaccination",
            Self::Test(Test { result: TestResult::Negative, .. }) => "negative-test",
            Self::Test(Test { result: TestResult::Positive, .. }) => "positive-test",
            Self::Test(_) => "test",
            Self::Recovery(_) => "recovery",
            Self::Contact { .. } => "contact",
            Self::Pass => "pass",
            Self::Unread => "not-understood",
        }
    }

    /// When it happened; a pass names no time, nor does what is not understood.
    pub const fn at(&self) -> Option<UnixMillis> {
        match self {
            Self::Vaccination(v) => Some(v.at),
            Self::Test(t) => Some(t.sampled_at),
            Self::Recovery(r) => Some(r.first_positive),
            Self::Contact { at } => Some(*at),
            Self::Pass | Self::Unread => None,
        }
    }
}

/// What our own token says of its holder: a colour, or one event. Other formats say [`Statement`]s of more kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The issuer's own verdict; holds until the credential expires. Never [`Status::Grey`].
    Colour(Status),
    /// Something that happened; the region's policy says what follows from it.
    Fact {
        /// What happened.
        kind: FactKind,
        /// When it happened.
        at: UnixMillis,
    },
}

/// What may have happened to a person, as our own token numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// Tested negative.
    NegativeTest,
    /// Tested positive.
    PositiveTest,
    /// Was in contact with a case.
    Contact,
    /// Completed a vaccination.
    Vaccination,
    /// Recovered, in the issuer's judgement.
    Recovery,
}

impl FactKind {
    /// Every kind, in the order of the numbers on the wire.
    pub const ALL: [Self; 5] =
        [Self::NegativeTest, Self::PositiveTest, Self::Contact, Self::Vaccination, Self::Recovery];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NegativeTest => "negative-test",
            Self::PositiveTest => "positive-test",
            Self::Contact => "contact",
            Self::Vaccination => "vaccination",
            Self::Recovery => "recovery",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    fn at(self, at: UnixMillis) -> Fact {
        let test = |result| Test { sampled_at: at, kind: TestKind::Other, result, target: None };
        match self {
            Self::NegativeTest => Fact::Test(test(TestResult::Negative)),
            Self::PositiveTest => Fact::Test(test(TestResult::Positive)),
            Self::Contact => Fact::Contact { at },
            Self::Vaccination => {
                let (dose, of, product, target) = (None, None, None, None);
                Fact::Vaccination(Vaccination { at, dose, of, product, target })
            }
            Self::Recovery => Fact::Recovery(Recovery {
                first_positive: at,
                valid_from: None,
                valid_until: None,
                target: None,
            }),
        }
    }
}

impl From<Claim> for Statement {
    fn from(claim: Claim) -> Self {
        match claim {
            Claim::Colour(colour) => Self::Colour(colour),
            Claim::Fact { kind, at } => Self::Facts([kind.at(at)].into()),
        }
    }
}

/// The word of a colour, or those of the facts.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Colour(colour) => f.write_str(status_word(*colour)),
            Self::Facts(facts) => {
                let words: Vec<_> = facts.iter().map(Fact::word).collect();
                f.write_str(&words.join(", "))
            }
        }
    }
}

/// The stable word of a status.
pub const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Green => "green",
        Status::Blue => "blue",
        Status::Yellow => "yellow",
        Status::Red => "red",
        Status::Grey => "grey",
    }
}

/// The status of a word.
pub fn status_from_word(word: &str) -> Option<Status> {
    let all = [Status::Green, Status::Blue, Status::Yellow, Status::Red, Status::Grey];
    all.into_iter().find(|s| status_word(*s) == word)
}
