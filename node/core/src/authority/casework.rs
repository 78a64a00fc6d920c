//! Tracing as casework: a case with its questions and answers, kept in the cabinet for as long as the visits that they
//! speak of. Every question is in the log before it is answered; where a second approver is needed, it waits for one.

mod contact;
mod entering;
mod listing;
mod meet;
mod settling;

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use sync::{
    id::{EntranceId, RecordId, Subject, VenueId},
    time::{DAY_MILLIS, UnixMillis},
};

use super::{
    Authority, OpenError,
    cabinet::{CabinetError, Filing},
    registry::RegistryError,
    trace::{Question, TraceError, Who, check},
};
use crate::staff::StaffId;

pub use contact::{Detail, Told, ToldBy};
pub use entering::Entered;
pub use meet::Stayed;

/// Drawers of cases, their questions and the pieces of their answers.
const CASE: [u8; 2] = *b"Kc";
const QUESTION: [u8; 2] = *b"Kq";
const PIECE: [u8; 2] = *b"Ka";
/// The drawer of how many questions looked into each venue.
const COUNTER: u8 = b'Q';
/// How long a question and its answer are kept, days: as long as the authority keeps visits.
pub const KEPT_DAYS: i64 = 28;
/// The most questions of one case.
const QUESTIONS_MAX: u32 = 1000;
/// How many lines of an answer go into one entry of the cabinet.
const PIECE_LINES: usize = 100;

/// Which case: a keyed hash of its reference, so that the reference names it and nothing tells the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseId([u8; 16]);

impl CaseId {
    /// From 32 lower-case hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    pub(super) const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Display for CaseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Case {
    /// By what the authority's people know it.
    #[n(0)]
    pub reference: String,
    /// Who opened it.
    #[n(1)]
    pub opened_by: String,
    /// When.
    #[n(2)]
    pub opened_at: UnixMillis,
    /// How many questions were asked in it.
    #[n(3)]
    pub questions: u32,
}

/// About what a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum About {
    /// Where a person was, and with whom.
    #[n(0)]
    Person(#[n(0)] Subject),
    /// Who was at a venue.
    #[n(1)]
    Venue(#[n(0)] VenueId),
}

/// How far a question is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Step {
    /// Somebody else must approve it.
    #[n(0)]
    Waiting,
    /// It is answered; who approved it, where somebody had to.
    #[n(1)]
    Answered(#[n(0)] Option<String>),
    /// Somebody refused it.
    #[n(2)]
    Refused(#[n(0)] String),
}

/// A question of a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Asked {
    /// Its place in the case; the first is 1.
    #[n(0)]
    pub number: u32,
    /// What for.
    #[n(1)]
    pub purpose: String,
    /// Who asked, as the person is called at the authority.
    #[n(2)]
    pub by: String,
    /// Which account asked, or whose program; nobody where it was the access key.
    #[n(3)]
    pub account: Option<StaffId>,
    /// When.
    #[n(4)]
    pub at: UnixMillis,
    /// About what.
    #[n(5)]
    pub about: About,
    /// From when.
    #[n(6)]
    pub from: UnixMillis,
    /// Until when.
    #[n(7)]
    pub until: UnixMillis,
    /// Whether the contacts' own contacts are wanted as well.
    #[n(8)]
    pub second_degree: bool,
    /// How far it is.
    #[n(9)]
    pub step: Step,
    /// How many persons were found.
    #[n(10)]
    pub persons: u32,
    /// How many persons who work there were left out.
    #[n(11)]
    pub staff: u32,
    /// Whether more was found than one answer carries; none where that was not noted.
    #[n(12)]
    pub cut: Option<bool>,
}

/// Somebody who was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Met {
    /// Who.
    #[n(0)]
    pub subject: Subject,
    /// Where.
    #[n(1)]
    pub venue: VenueId,
    /// From when both were there; of a question about a venue: since when in the window.
    #[n(2)]
    pub from: UnixMillis,
    /// Until when.
    #[n(3)]
    pub until: UnixMillis,
    /// 1: met the person asked about; 2: met somebody who had.
    #[n(4)]
    pub degree: u8,
    /// Whom it was that was met; nobody where a venue was asked about.
    #[n(5)]
    pub with: Option<Subject>,
    /// By which entrance the person had come.
    #[n(6)]
    pub entrance: EntranceId,
    /// Whether both came by the same entrance.
    #[n(7)]
    pub same_entrance: bool,
    /// Whether both were in the same part of the venue, such as a room or a table, where it has parts.
    #[n(8)]
    pub same_zone: bool,
    /// The visit with which the person came, by which contact details are found; absent where it is no longer kept.
    #[n(9)]
    pub visit: Option<RecordId>,
}

impl Met {
    /// How long, whole minutes.
    pub const fn minutes(&self) -> i64 {
        (self.until.get() - self.from.get()) / 60_000
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Where the person asked about was.
    pub stays: Vec<Stayed>,
    /// Who else was there.
    pub met: Vec<Met>,
    /// How many persons who work there were left out.
    pub staff: u32,
    /// Whether there is more than one answer carries: not all are in it.
    pub cut: bool,
}

impl Found {
    /// How many different persons were met.
    pub fn persons(&self) -> usize {
        let persons: BTreeSet<_> = self.met.iter().map(|m| m.subject).collect();
        persons.len()
    }
}

/// A line of an answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
enum Piece {
    #[n(0)]
    Stayed(#[n(0)] Stayed),
    #[n(1)]
    Met(#[n(0)] Met),
}

/// About what somebody wants to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A person, by pseudonym or code.
    Person(Who),
    /// A venue.
    Venue(VenueId),
}

/// What somebody wants to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The case's reference; it is opened where there is none of that reference.
    pub case: String,
    /// What for.
    pub purpose: String,
    /// Who asks.
    pub by: String,
    /// Which account asks.
    pub account: Option<StaffId>,
    /// About what.
    pub about: Target,
    /// From when.
    pub from: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
    /// Whether the contacts' own contacts are wanted as well.
    pub second_degree: bool,
}

/// Why something about a case was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// What is wrong with the question, or why it could not be answered.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
    /// The index.
    #[error(transparent)]
    Index(#[from] OpenError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// There is no such case or question, or not any more.
    #[error("there is no such question, or it is no longer kept")]
    Unknown,
    /// The case has so many questions that another one begins a new case.
    #[error("this case has {QUESTIONS_MAX} questions; open another")]
    Full,
    /// Nobody approves an own question, and only an account approves.
    #[error("a question is approved by somebody else than who asked it")]
    Own,
    /// Nobody knows whose question it would be, so nobody knows who may not approve it.
    #[error(
        "a second person approves each question here: ask with an account of your own, not with a key"
    )]
    NoAccount,
    /// It does not wait for approval.
    #[error("this question does not wait for approval")]
    NotWaiting,
    /// It is not answered yet.
    #[error("this question is not answered")]
    NotAnswered,
}

impl Authority {
    /// Which case a reference names.
    pub fn case_id(&self, reference: &str) -> CaseId {
        CaseId(self.cabinet().blind(format!("case {}", reference.trim()).as_bytes()))
    }

    /// Questions wait for a second approver from now on, or no longer.
    pub fn require_second(&self, required: bool) {
        self.0.second.store(required, std::sync::atomic::Ordering::Relaxed);
    }

    /// Whether questions wait for a second approver.
    pub fn requires_second(&self) -> bool {
        self.0.second.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Every case, the latest first.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn cases(&self) -> Result<Vec<(CaseId, Case)>, CaseError> {
        let named = |(name, case): (Vec<u8>, Case)| {
            let id: [u8; 16] = name.get(CASE.len()..)?.try_into().ok()?;
            Some((CaseId(id), case))
        };
        let all = self.cabinet().all::<Case>(&CASE).await?;
        let mut cases: Vec<_> = all.into_iter().filter_map(named).collect();
        cases.sort_by_key(|(id, case)| (std::cmp::Reverse(case.opened_at), *id));
        Ok(cases)
    }

    /// One case with its questions, the earliest first.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] where there is none.
    pub async fn case(&self, id: CaseId) -> Result<(Case, Vec<Asked>), CaseError> {
        let case = self.cabinet().read::<Case>(&of(CASE, id)).await?.ok_or(CaseError::Unknown)?;
        let asked = self.cabinet().all::<Asked>(&of(QUESTION, id)).await?;
        Ok((case, asked.into_iter().map(|(_, asked)| asked).collect()))
    }

    /// Opens a case without asking anything yet; the same where it is open already.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn open_case(&self, reference: &str, by: &str) -> Result<CaseId, CaseError> {
        let reference = reference.trim();
        if reference.is_empty() || reference.chars().count() > 200 {
            return Err(TraceError::Case.into());
        }
        let id = self.case_id(reference);
        let entry = of(CASE, id);
        let opened_at = (self.0.clock)();
        let case =
            Case { reference: reference.to_owned(), opened_by: by.into(), opened_at, questions: 0 };
        let filing = vec![Filing::put(entry.clone(), &case)];
        self.cabinet().file_if::<Case>(&entry, None, filing).await?;
        Ok(id)
    }

    /// Asks in a case: at once where nobody must approve, else the question waits. Either way it is in the log first.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn ask(&self, wanted: Wanted) -> Result<(CaseId, Asked), CaseError> {
        let question = wanted.question();
        check(&question)?;
        // Whoever has the key may have an account besides, and would approve the own question with it.
        if self.requires_second() && wanted.account.is_none() {
            return Err(CaseError::NoAccount);
        }
        let about = match &wanted.about {
            Target::Person(_) => About::Person(self.subject_of(&question)?),
            Target::Venue(venue) => About::Venue(*venue),
        };
        let id = self.open_case(&wanted.case, &wanted.by).await?;
        let number = self.next_number(id).await?;
        self.log_about(&question, about).await.map_err(TraceError::from)?;
        let asked = Asked {
            number,
            purpose: wanted.purpose,
            by: wanted.by,
            account: wanted.account,
            at: (self.0.clock)(),
            about,
            from: wanted.from,
            until: wanted.until,
            second_degree: wanted.second_degree,
            step: Step::Waiting,
            persons: 0,
            staff: 0,
            cut: None,
        };
        if self.requires_second() {
            self.cabinet().file(vec![Filing::put(numbered(QUESTION, id, number), &asked)]).await?;
            self.refresh().await.map_err(TraceError::from)?;
            return Ok((id, asked));
        }
        Ok((id, self.answer_in(id, asked, None, None).await?))
    }

    async fn next_number(&self, id: CaseId) -> Result<u32, CaseError> {
        let entry = of(CASE, id);
        loop {
            let case = self.cabinet().read::<Case>(&entry).await?.ok_or(CaseError::Unknown)?;
            if case.questions >= QUESTIONS_MAX {
                return Err(CaseError::Full);
            }
            let counted = Case { questions: case.questions + 1, ..case.clone() };
            let filing = vec![Filing::put(entry.clone(), &counted)];
            if self.cabinet().file_if(&entry, Some(&case), filing).await? {
                return Ok(counted.questions);
            }
        }
    }

    /// Counts a question that looked into these venues, and lets their doors know how many did.
    pub(super) async fn count_question(
        &self,
        venues: BTreeSet<VenueId>,
    ) -> Result<(), CabinetError> {
        for venue in venues {
            let entry = counter(venue);
            loop {
                let before = self.cabinet().read::<u64>(&entry).await?;
                let filing = vec![Filing::put(entry.clone(), &(before.unwrap_or(0) + 1))];
                if self.cabinet().file_if(&entry, before.as_ref(), filing).await? {
                    break;
                }
            }
        }
        self.tell_how_many_asked().await
    }

    /// Puts into the receipts how many questions looked into each venue, by whatever gateway they were asked.
    pub(super) async fn tell_how_many_asked(&self) -> Result<(), CabinetError> {
        let all: Vec<(Vec<u8>, u64)> = self.cabinet().all(&[COUNTER]).await?;
        let venue = |name: &[u8]| {
            let bytes = name.strip_prefix(&[COUNTER])?.try_into().ok()?;
            Some(VenueId::new(u64::from_be_bytes(bytes)))
        };
        let asked = all.iter().filter_map(|(name, asked)| Some((venue(name)?, *asked))).collect();
        Ok(self.0.ledger.note_asked(asked).await.map_err(super::store::StoreError::from)?)
    }

    /// How many tracing questions looked into a venue.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn questions_about(&self, venue: VenueId) -> Result<u64, CabinetError> {
        Ok(self.cabinet().read(&counter(venue)).await?.unwrap_or(0))
    }

    /// One question.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] where there is none.
    pub async fn question(&self, id: CaseId, number: u32) -> Result<Asked, CaseError> {
        self.cabinet().read(&numbered(QUESTION, id, number)).await?.ok_or(CaseError::Unknown)
    }

    /// The answer that was kept.
    ///
    /// # Errors
    /// [`CaseError::NotAnswered`] while it waits, and where it was refused.
    pub async fn found(&self, id: CaseId, number: u32) -> Result<(Asked, Found), CaseError> {
        let asked = self.question(id, number).await?;
        if !matches!(asked.step, Step::Answered(_)) {
            return Err(CaseError::NotAnswered);
        }
        let cut = asked.cut.unwrap_or_default();
        let mut found = Found { staff: asked.staff, cut, ..Found::default() };
        for (_, lines) in self.cabinet().all::<Vec<Piece>>(&numbered(PIECE, id, number)).await? {
            for line in lines {
                match line {
                    Piece::Stayed(stayed) => found.stays.push(stayed),
                    Piece::Met(met) => found.met.push(met),
                }
            }
        }
        Ok((asked, found))
    }

    /// Takes out what is older than the visits that are kept: answers, questions, cases without any, who was told.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn expire(&self) -> Result<(), CaseError> {
        let now = (self.0.clock)();
        self.expire_before(now.plus_millis(-KEPT_DAYS * DAY_MILLIS)).await?;
        Ok(self.clear_board(now).await?)
    }

    /// The same for what is older than `first`; the board is left as it is.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn expire_before(&self, first: UnixMillis) -> Result<(), CaseError> {
        for (id, case) in self.cases().await? {
            let (_, asked) = self.case(id).await?;
            for old in asked.iter().filter(|asked| asked.at < first) {
                let mut gone = vec![Filing::Take(numbered(QUESTION, id, old.number))];
                let pieces =
                    self.cabinet().all::<Vec<Piece>>(&numbered(PIECE, id, old.number)).await?;
                gone.extend(pieces.into_iter().map(|(name, _)| Filing::Take(name)));
                self.cabinet().file(gone).await?;
            }
            self.forget_told(id, first).await?;
            if case.opened_at < first && asked.iter().all(|asked| asked.at < first) {
                self.cabinet().file(vec![Filing::Take(of(CASE, id))]).await?;
            }
        }
        Ok(())
    }
}

impl Wanted {
    fn question(&self) -> Question {
        let who = match &self.about {
            Target::Person(who) => who.clone(),
            Target::Venue(_) => Who::Subject(Subject::new([0; 16])),
        };
        Question {
            case: self.case.trim().to_owned(),
            purpose: self.purpose.clone(),
            asked_by: self.by.clone(),
            who,
            from: self.from,
            until: self.until,
        }
    }
}

fn counter(venue: VenueId) -> Vec<u8> {
    [&[COUNTER], &venue.get().to_be_bytes()[..]].concat()
}

fn of(drawer: [u8; 2], id: CaseId) -> Vec<u8> {
    [&drawer[..], &id.0].concat()
}

fn numbered(drawer: [u8; 2], id: CaseId, number: u32) -> Vec<u8> {
    [of(drawer, id), number.to_be_bytes().to_vec()].concat()
}
