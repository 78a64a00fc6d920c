//! Ten specimen cards on which staff learn what the door shows, and what to do then.
//!
//! Each card's code calls itself a specimen: every door shows it grey, admits nobody by it and records nothing
//! ([`crate::desk`]). What the lesson shows instead is what a door would say of the same code if it were meant, by the
//! rules in force, from a twin that never leaves this module.

use ed25519_dalek::SigningKey;
use sync::{
    id::Subject,
    key::SecretKey,
    record::Status,
    time::{DAY_MILLIS, UnixMillis},
};

use crate::{
    clock::Moment,
    code::Code,
    policy::{Lists, Outcome, Policy, Verdict, judge},
    reason::Reason,
    token::{
        Claim, Cti, FactKind, Refused,
        revocations::Revocations,
        status::{IssuerKey, Purpose, StatusClaims, issue},
        trust::TrustList,
        verify,
    },
};

/// Who the specimens say they are from.
const ISSUER: &str = "SPECIMEN";
/// A printed deck can be used for so long.
const DECK_MILLIS: i64 = 180 * DAY_MILLIS;
const HOUR_MILLIS: i64 = 3_600_000;
/// No secret: a code by this key that did not call itself a specimen would be one of an unknown issuer.
const TRAINING: [u8; 32] = *b"vestibule training deck, no key!";
const STRANGER: [u8; 32] = *b"vestibule training: a stranger!!";

/// What a card teaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lesson {
    /// Tested negative lately.
    Green,
    /// Nothing known against.
    Blue,
    /// Contact of a case.
    Yellow,
    /// Tested positive.
    Red,
    /// Its time is over.
    Expired,
    /// Its time is to come.
    NotYetValid,
    /// By an issuer that no list names.
    UnknownIssuer,
    /// Changed after it was signed.
    Damaged,
    /// A code of another trade.
    OtherCode,
    /// The same on paper.
    Paper,
}

impl Lesson {
    /// Every lesson, in the order of the deck: no two that are alike follow each other.
    pub const ALL: [Self; 10] = [
        Self::Green,
        Self::Red,
        Self::Expired,
        Self::Blue,
        Self::OtherCode,
        Self::Yellow,
        Self::Paper,
        Self::Damaged,
        Self::NotYetValid,
        Self::UnknownIssuer,
    ];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::UnknownIssuer => "unknown-issuer",
            Self::Damaged => "damaged",
            Self::OtherCode => "other-code",
            Self::Paper => "paper",
        }
    }
}

/// One card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What it teaches.
    pub lesson: Lesson,
    /// The text of its code, to be printed.
    pub text: String,
    /// What a door would say of it if it were meant; `None` for what is no credential at all.
    pub verdict: Option<Verdict>,
}

impl Card {
    /// Whether the visitor is to be let in by the rules in force.
    pub fn is_to_be_released(&self) -> bool {
        self.verdict.is_some_and(|verdict| verdict.outcome == Outcome::Admit)
    }
}

/// The deck as of now, under a region's policy.
pub fn deck(policy: &Policy, now: UnixMillis) -> Vec<Card> {
    Lesson::ALL.into_iter().map(|lesson| card(lesson, policy, now)).collect()
}

fn card(lesson: Lesson, policy: &Policy, now: UnixMillis) -> Card {
    let text = text(lesson, Purpose::Specimen, now);
    let twin = self::text(lesson, Purpose::Live, now);
    Card { lesson, text, verdict: verdict(&twin, policy, now) }
}

fn verdict(twin: &str, policy: &Policy, now: UnixMillis) -> Option<Verdict> {
    let moment = Moment::trusted(now);
    match verify(&Code::read(twin), &trust(), &Revocations::default(), moment) {
        Ok(credential) => Some(judge(&credential, policy, &Lists::all_at(now), moment)),
        Err(Refused { reason: Reason::NotACredential, .. }) => None,
        Err(refused) => Some(Verdict::of_refused(&refused)),
    }
}

/// The lesson's own list, known to nobody else: it names the training key alone.
fn trust() -> TrustList {
    let public = key(&TRAINING).public().to_string();
    TrustList::from_public_key(&public).unwrap_or_default()
}

fn key(seed: &[u8; 32]) -> IssuerKey {
    IssuerKey::new(&SecretKey::from_bytes(&SigningKey::from_bytes(seed).to_bytes()))
}

fn text(lesson: Lesson, purpose: Purpose, now: UnixMillis) -> String {
    let after = |millis: i64| now.plus_millis(millis);
    let (mut issued, mut expires) = (after(-HOUR_MILLIS), after(DECK_MILLIS));
    match lesson {
        Lesson::OtherCode => return "https://example.org/menu".to_owned(),
        Lesson::Expired => (issued, expires) = (after(-30 * DAY_MILLIS), after(-DAY_MILLIS)),
        Lesson::NotYetValid => (issued, expires) = (after(DECK_MILLIS), after(2 * DECK_MILLIS)),
        _ => {}
    }
    let claim = match lesson {
        Lesson::Yellow => Claim::Fact { kind: FactKind::Contact, at: issued },
        Lesson::Red => Claim::Fact { kind: FactKind::PositiveTest, at: issued },
        Lesson::Blue => Claim::Colour(Status::Blue),
        _ => Claim::Fact { kind: FactKind::NegativeTest, at: issued },
    };
    let number = lesson as u8;
    let (subject, cti) = (Subject::new([number; 16]), Cti::new([number; 8]));
    let claims = StatusClaims::new(ISSUER, subject, cti, issued, expires, claim)
        .and_then(|claims| claims.with_masked_name("S*** SPECIMEN"))
        .map(|claims| claims.with_purpose(purpose));
    let Ok(claims) = claims else { return String::new() };
    let seed = if lesson == Lesson::UnknownIssuer { &STRANGER } else { &TRAINING };
    let text = issue(&claims, &key(seed));
    if lesson == Lesson::Damaged { damaged(&text) } else { text }
}

/// One letter of the signature is another: as a code that somebody has tampered with.
fn damaged(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    // The third from the end has the least weight of its group, and stays within what two bytes can say.
    if let Some(place) = chars.len().checked_sub(9) {
        chars[place] = if chars[place] == '0' { '1' } else { '0' };
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::inspect;

    const NOON: UnixMillis = UnixMillis::new(1_795_348_800_000);

    fn said(policy: &Policy) -> Vec<String> {
        let word = |card: &Card| match card.verdict {
            None => format!("{}: nothing", card.lesson.word()),
            Some(verdict) => format!(
                "{}: {} {}",
                card.lesson.word(),
                verdict.outcome.word(),
                verdict.reason.map_or("", Reason::word)
            ),
        };
        deck(policy, NOON).iter().map(word).collect()
    }

    #[test]
    fn each_card_is_judged_as_a_door_would_if_it_were_meant() {
        assert_eq!(
            said(&Policy::default()),
            [
                "green: admit ",
                "red: refuse status-red",
                "expired: refuse expired",
                "blue: admit ",
                "other-code: nothing",
                "yellow: refuse status-yellow",
                "paper: admit ",
                "damaged: refuse bad-signature",
                "not-yet-valid: refuse not-yet-valid",
                "unknown-issuer: refuse unknown-issuer",
            ]
        );
        let strict = Policy::parse(br#"{"admit":{"blue":"refuse"}}"#).unwrap();
        assert_eq!(said(&strict)[3], "blue: refuse status-blue", "by the rules in force");
    }

    #[test]
    fn every_code_of_the_deck_says_that_it_is_a_specimen() {
        for card in deck(&Policy::default(), NOON) {
            let read = inspect(&Code::read(&card.text));
            match card.lesson {
                Lesson::OtherCode => assert_eq!(read.err(), Some(Reason::NotACredential)),
                lesson => {
                    let credential = read.unwrap_or_else(|e| panic!("{lesson:?}: {e}"));
                    assert_eq!(credential.unverified().purpose(), Purpose::Specimen, "{lesson:?}");
                }
            }
        }
    }
}
