//! Who was where with whom, and when; every question is in the log before it is answered.

use std::collections::BTreeMap;

use sync::{
    id::{EntranceId, Hash, Subject, VenueId},
    record::ClockTrust,
    sealed::NumberKind,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{
    Authority, OpenError,
    abroad::Elsewhere,
    cabinet::CabinetError,
    casework::About,
    index::{self, Row},
    questions::Entry,
    stays::{Span, pair},
    store::{StoreError, Window},
};
use crate::{
    clock::Moment,
    code::{
        Code,
        ids::{IdError, TypedNumber},
    },
    reason::Reason,
    token::verify,
};

/// The longest case reference, purpose and name, characters.
const WORDS_MAX: usize = 200;
/// The longest window that one question may span, days.
const WINDOW_DAYS_MAX: i64 = 60;

/// About whom is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By pseudonym.
    Subject(Subject),
    /// By a code that the person holds.
    Code(String),
    /// By the number of a document or of a telephone, as the registry knows people and doors seal what is typed.
    Number(TypedNumber),
}

impl Who {
    /// Reads a text: a pseudonym in hexadecimal, `kind:number` such as `iin:800101300006`, a telephone number that begins
    /// with `+`, or the text of a code.
    ///
    /// # Errors
    /// [`TraceError::Number`] where it is a number of a kind that it cannot be.
    pub fn read(text: &str) -> Result<Self, TraceError> {
        let text = text.trim();
        if let Some(subject) = Subject::from_hex(&text.to_ascii_lowercase()) {
            return Ok(Self::Subject(subject));
        }
        let kinds = text.split_once(':').and_then(|(word, number)| {
            Some((NumberKind::from_word(&word.trim().to_ascii_lowercase())?, number))
        });
        let phone = text.starts_with('+').then_some((NumberKind::Phone, text));
        match kinds.or(phone) {
            Some((kind, number)) => {
                TypedNumber::read(kind, number).map(Self::Number).map_err(TraceError::Number)
            }
            None => Ok(Self::Code(text.to_owned())),
        }
    }
}

/// A tracing question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The case it belongs to.
    pub case: String,
    /// What for.
    pub purpose: String,
    /// Who asks.
    pub asked_by: String,
    /// About whom.
    pub who: Who,
    /// From when.
    pub from: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The person asked about.
    pub subject: Subject,
    /// Where the person was.
    pub stays: Vec<Stay>,
    /// Who was there at the same time, once per person and stay.
    pub contacts: Vec<Contact>,
}

/// One stay of the person asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Where.
    pub venue: VenueId,
    /// Its name.
    pub venue_name: String,
    /// By which entrance.
    pub entrance: EntranceId,
    /// Since when.
    pub entered_at: UnixMillis,
    /// When the person was seen to leave.
    pub left_at: Option<UnixMillis>,
    /// Until when the stay is taken to have lasted.
    pub assumed_until: UnixMillis,
    /// Where it was, if another region has told of it: the venue's number is one of that region's then.
    pub elsewhere: Option<Elsewhere>,
}

/// Somebody who was there at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub subject: Subject,
    /// Where.
    pub venue: VenueId,
    /// Its name.
    pub venue_name: String,
    /// From when both were there.
    pub from: UnixMillis,
    /// Until when both were there.
    pub until: UnixMillis,
    /// How long both were there, seconds, rounded down.
    pub overlap_seconds: i64,
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// No case reference, or over 200 characters.
    #[error("a question needs a case reference of at most {WORDS_MAX} characters")]
    Case,
    /// No purpose, or over 200 characters.
    #[error("a question needs a purpose of at most {WORDS_MAX} characters")]
    Purpose,
    /// The window is empty or longer than 60 days.
    #[error("the window must end after it begins and span at most {WINDOW_DAYS_MAX} days")]
    Window,
    /// A second person approves each question here, and only a case has a place where one waits for that.
    #[error("a second person approves each question here: ask it in a case")]
    NeedsCase,
    /// It is no number of its kind.
    #[error("the number: {0}")]
    Number(IdError),
    /// The code names nobody.
    #[error("the code names nobody: {0}")]
    Code(Reason),
    /// The ledger or the index.
    #[error("the index could not be read")]
    Index(#[from] OpenError),
    /// The cabinet, where what other regions told is kept.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
    /// The question could not be logged, so it was not answered.
    #[error("the question could not be logged")]
    Log(#[from] StoreError),
}

impl Authority {
    /// Answers a question, after it is durably in the log.
    ///
    /// # Errors
    /// [`TraceError`] says what is wrong with the question, or why it could not be answered.
    pub async fn trace(&self, question: Question) -> Result<Traced, TraceError> {
        self.outside_a_case(&question)?;
        let subject = self.subject_of(&question)?;
        self.log(&question, subject).await?;
        let traced = self.answer(&question, subject).await?;
        let own = traced.stays.iter().filter(|stay| stay.elsewhere.is_none());
        let venues = own.map(|stay| stay.venue).collect();
        if let Err(error) = self.count_question(venues).await {
            tracing::error!(%error, "the venues are not told that a question looked into them");
        }
        Ok(traced)
    }

    /// Checks a question that no case keeps.
    fn outside_a_case(&self, question: &Question) -> Result<(), TraceError> {
        match self.requires_second() {
            true => Err(TraceError::NeedsCase),
            false => check(question),
        }
    }

    /// The answer to a question that is in the log.
    pub(super) async fn answer(
        &self,
        question: &Question,
        subject: Subject,
    ) -> Result<Traced, TraceError> {
        let (stay_millis, least_millis) = {
            let policy = &self.rules().policy;
            let stay = i64::from(policy.default_stay_minutes) * 60_000;
            (stay, i64::from(policy.trace_min_overlap_seconds) * 1000)
        };
        let window = (question.from, question.until);
        let spans = self.spans_of(&subject, window, stay_millis).await?;
        let around = self.around(&spans, stay_millis).await?;
        let mut contacts = Vec::new();
        for span in &spans {
            let others = around.get(&span.venue).map(Vec::as_slice).unwrap_or_default();
            contacts.extend(shared(span, others, least_millis));
        }
        contacts.sort_by_key(|(span, from, _)| (*from, span.subject));
        self.show_questions().await;
        let names = self.venue_names();
        let mut stays: Vec<Stay> = spans.iter().map(|s| stay(s, &names)).collect();
        stays.extend(self.stays_abroad(&subject, window, stay_millis).await?);
        Ok(Traced {
            subject,
            stays,
            contacts: contacts.into_iter().map(|(s, f, u)| contact(&s, f, u, &names)).collect(),
        })
    }

    /// A code that the authority is asked about may have expired or been revoked since: only its
    /// signature counts, as of when it was issued.
    pub(super) fn subject_of(&self, question: &Question) -> Result<Subject, TraceError> {
        let text = match &question.who {
            Who::Subject(subject) => return Ok(*subject),
            Who::Number(number) => return Ok(self.0.registry.pseudonym(&number.to_typed())),
            Who::Code(text) => text,
        };
        let code = Code::read(text);
        let read = crate::token::inspect(&code).map_err(TraceError::Code)?;
        // A card or seal that names no time holds at any.
        let issued = read.issued_at().unwrap_or_else(|| (self.0.clock)());
        let rules = self.rules();
        let at = Moment { wall: issued, trust: ClockTrust::Unknown };
        verify(&code, &rules.trust, &Default::default(), at)
            .map(|credential| self.own_name(credential.subject(), credential.region()))
            .map_err(|refused| TraceError::Code(refused.reason))
    }

    pub(super) async fn log(
        &self,
        question: &Question,
        subject: Subject,
    ) -> Result<(), StoreError> {
        self.log_about(question, About::Person(subject)).await
    }

    /// Writes a question down, whatever it is about.
    pub(super) async fn log_about(
        &self,
        question: &Question,
        about: About,
    ) -> Result<(), StoreError> {
        let (subject, venue) = match about {
            About::Person(subject) => (subject, None),
            About::Venue(venue) => (Subject::new([0; 16]), Some(venue)),
        };
        let entry = Entry {
            number: 0,
            previous: Hash::ZERO,
            at: (self.0.clock)(),
            asked_by: question.asked_by.clone(),
            case: question.case.clone(),
            purpose: question.purpose.clone(),
            subject,
            from: question.from,
            until: question.until,
            venue,
        };
        self.0.questions.lock().await.write(&self.0.store, entry).await
    }

    /// The person's stays that touch the window, cut to it. The day before is read too: a stay may
    /// have begun then.
    async fn spans_of(
        &self,
        subject: &Subject,
        (from, until): (UnixMillis, UnixMillis),
        stay_millis: i64,
    ) -> Result<Vec<Span>, OpenError> {
        let since = from.plus_millis(-DAY_MILLIS);
        let later = until.plus_millis(DAY_MILLIS); // the exit may lie beyond the window
        let rows = index::of_person(&self.0.store, subject, since, later).await?;
        let window = |mut span: Span| {
            span.from = span.from.max(from);
            span.until = span.until.min(until);
            (span.from < span.until).then_some(span)
        };
        Ok(pair(rows, stay_millis).into_iter().filter_map(window).collect())
    }

    /// The stays of everybody around these. What two of them have in common is read and paired once.
    async fn around(
        &self,
        spans: &[Span],
        stay_millis: i64,
    ) -> Result<BTreeMap<VenueId, Vec<Span>>, OpenError> {
        let windows = windows(spans);
        let rows = index::of_venues(&self.0.store, &windows).await?;
        let mut around: BTreeMap<VenueId, Vec<Span>> = BTreeMap::new();
        for ((venue, ..), rows) in sorted(&windows, rows) {
            around.entry(venue).or_default().extend(pair(rows, stay_millis));
        }
        Ok(around)
    }

    fn venue_names(&self) -> BTreeMap<VenueId, String> {
        let overview = self.0.overview.borrow();
        overview.venues.iter().map(|v| (v.venue, v.name.clone())).collect()
    }
}

/// What is to be read for a stay: whoever was there then came at most a day before, and may be seen to leave a day after.
fn window(span: &Span) -> Window {
    (span.venue, span.from.plus_millis(-DAY_MILLIS), span.until.plus_millis(DAY_MILLIS))
}

/// The windows of these stays, those that overlap at one venue made one.
fn windows(spans: &[Span]) -> Vec<Window> {
    let mut all: Vec<Window> = spans.iter().map(window).collect();
    all.sort_unstable();
    let mut windows: Vec<Window> = Vec::new();
    for (venue, from, until) in all {
        match windows.last_mut() {
            Some((of, _, end)) if *of == venue && from <= *end => *end = until.max(*end),
            _ => windows.push((venue, from, until)),
        }
    }
    windows
}

/// The rows of each window: what lies between two windows must not be paired across.
fn sorted(windows: &[Window], rows: Vec<Row>) -> BTreeMap<Window, Vec<Row>> {
    let mut sorted: BTreeMap<Window, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let behind = windows.partition_point(|(of, from, _)| (*of, *from) <= (row.venue, row.at));
        let window = behind.checked_sub(1).and_then(|at| windows.get(at));
        if let Some(window) = window.filter(|(of, _, end)| *of == row.venue && row.at < *end) {
            sorted.entry(*window).or_default().push(row);
        }
    }
    sorted
}

/// Who shared at least `least_millis` with a stay.
fn shared(span: &Span, others: &[Span], least_millis: i64) -> Vec<(Span, UnixMillis, UnixMillis)> {
    others
        .iter()
        .filter(|other| other.subject != span.subject)
        .filter_map(|other| span.overlap(other).map(|(from, until)| (*other, from, until)))
        .filter(|(_, from, until)| until.get() - from.get() >= least_millis)
        .collect()
}

pub(super) fn check(question: &Question) -> Result<(), TraceError> {
    let good = |words: &str| !words.trim().is_empty() && words.chars().count() <= WORDS_MAX;
    if !good(&question.case) {
        return Err(TraceError::Case);
    }
    if !good(&question.purpose) || question.asked_by.chars().count() > WORDS_MAX {
        return Err(TraceError::Purpose);
    }
    let millis = question.until.get().saturating_sub(question.from.get());
    if millis <= 0 || millis > WINDOW_DAYS_MAX * DAY_MILLIS {
        return Err(TraceError::Window);
    }
    Ok(())
}

fn name_of(venue: VenueId, names: &BTreeMap<VenueId, String>) -> String {
    names.get(&venue).cloned().unwrap_or_else(|| venue.to_string())
}

fn stay(span: &Span, names: &BTreeMap<VenueId, String>) -> Stay {
    Stay {
        venue: span.venue,
        venue_name: name_of(span.venue, names),
        entrance: span.entrance,
        entered_at: span.from,
        left_at: span.left,
        assumed_until: span.until,
        elsewhere: None,
    }
}

fn contact(
    other: &Span,
    from: UnixMillis,
    until: UnixMillis,
    names: &BTreeMap<VenueId, String>,
) -> Contact {
    Contact {
        subject: other.subject,
        venue: other.venue,
        venue_name: name_of(other.venue, names),
        from,
        until,
        overlap_seconds: (until.get() - from.get()) / 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_overlap_at_one_venue_are_read_once() {
        let span = |venue, from_days: i64| {
            let from = UnixMillis::new(from_days * DAY_MILLIS);
            let (subject, entrance) = (Subject::new([1; 16]), EntranceId::new(1));
            let until = from.plus_millis(1000);
            Span { subject, venue: VenueId::new(venue), entrance, from, left: None, until }
        };
        let at = |venue, from: i64, until: i64| {
            let until = UnixMillis::new(until * DAY_MILLIS).plus_millis(1000);
            (VenueId::new(venue), UnixMillis::new(from * DAY_MILLIS), until)
        };
        let spans = [span(2, 20), span(1, 10), span(1, 30), span(1, 11), span(2, 21)];
        assert_eq!(windows(&spans), [at(1, 9, 12), at(1, 29, 31), at(2, 19, 22)]);
        assert!(windows(&[]).is_empty());
    }
}
