//! Questions to the authority about typed numbers: asked while the visitor waits, and those without an answer again later.
//!
//! A question that is owed an answer is kept sealed, under the storage key of its visit's day, and goes with that day. An
//! answer that comes late changes no visit: red or yellow becomes an alert, for people to look at.

use std::{collections::BTreeMap, time::Duration};

use minicbor::{Decode, Encode};
use sync::{
    book::Row,
    id::{InquiryId, RecordId},
    inquiry::{Asker, Finding, Inquiry, OwnInquiry},
    ledger::LedgerError,
    peers::{Inquirer, Unanswered},
    record::{Alert, AlertCause, Record, Status},
    time::UnixMillis,
};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Desk, acts::ActError};

/// Where the rows of kept questions are looked up.
const OWED: &[u8] = b"inquiry";
/// The most questions that are owed answers at one door; the earliest gives way.
const OWED_MAX: usize = 512;
/// How long a visitor waits for the authority.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a later answer may take.
const LATER_PATIENCE: Duration = Duration::from_secs(10);
/// How often an owed answer is asked for, one at a time.
const PACE: Duration = Duration::from_secs(1);
/// Paces passed over while the authority is not reached.
const AWAY_PACES: u32 = 4;
/// How long a question rests that the authority would not answer, ms: at first, doubled each time, and at most.
const REST_MILLIS: i64 = 60_000;
const REST_MAX_MILLIS: i64 = 3_600_000;

/// A question that is owed an answer, with the visit that it was about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Owed {
    #[n(0)]
    own: OwnInquiry,
    #[n(1)]
    visit: RecordId,
    #[n(2)]
    at: UnixMillis,
}

/// What a door has asked and not heard.
#[derive(Debug, Default)]
pub(super) struct Inquiries {
    inquirer: Option<Inquirer>,
    owed: BTreeMap<InquiryId, Owed>,
    /// Until when those rest that were not answered, and how long the last rest was.
    resting: BTreeMap<InquiryId, (UnixMillis, i64)>,
}

impl Inquiries {
    fn insert(&mut self, owed: Owed) {
        self.owed.insert(owed.own.inquiry.id(), owed);
        while self.owed.len() > OWED_MAX {
            let first = self.owed.iter().min_by_key(|(_, owed)| owed.at).map(|(id, _)| *id);
            first.iter().for_each(|id| self.forget(id));
        }
    }

    fn forget(&mut self, id: &InquiryId) {
        self.owed.remove(id);
        self.resting.remove(id);
    }

    /// The earliest that does not rest.
    fn next(&self, now: UnixMillis) -> Option<&Owed> {
        let rests = |id: &InquiryId| {
            // A clock that was put back must not make it rest for ever.
            let until = self.resting.get(id).map(|(until, _)| until.get() - now.get());
            until.is_some_and(|left| (1..=REST_MAX_MILLIS).contains(&left))
        };
        self.owed.iter().filter(|(id, _)| !rests(id)).map(|(_, o)| o).min_by_key(|o| o.at)
    }

    fn rest(&mut self, id: InquiryId, now: UnixMillis) {
        let (until, last) = self.resting.entry(id).or_insert((now, REST_MILLIS / 2));
        *last = (2 * *last).min(REST_MAX_MILLIS);
        *until = now.plus_millis(*last);
    }
}

/// Why there is nothing to ask now.
enum Pause {
    Nothing,
    Away,
}

impl Desk {
    /// Whom to ask about typed numbers: from then on the authority's answers are shown while it is reached.
    pub fn ask_through(&self, inquirer: Inquirer) {
        self.state().inquiries.inquirer = Some(inquirer);
    }

    /// Asks for the answers that are owed until `shutdown`: run it beside the desk.
    pub async fn ask_on(self, shutdown: impl Future<Output = ()> + Send) {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(shutdown);
        let mut passed_over = 0;
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                _ = pace.tick() => {}
            }
            if passed_over > 0 {
                passed_over -= 1;
                continue;
            }
            tokio::select! {
                () = &mut shutdown => return,
                asked = self.ask_next() => match asked {
                    Ok(()) | Err(Pause::Nothing) => {}
                    Err(Pause::Away) => passed_over = AWAY_PACES,
                },
            }
        }
    }

    pub(super) fn asker(&self) -> Asker {
        Asker { venue: self.site().venue, node: self.0.ledger.charter().key.public() }
    }

    /// Asks while the visitor waits; `None` where no answer came in time.
    pub(super) async fn ask_now(&self, own: &OwnInquiry) -> Option<Finding> {
        let answer = self.ask(own.inquiry.clone(), PATIENCE).await.ok()?;
        self.opened(own, &answer)
    }

    fn opened(&self, own: &OwnInquiry, answer: &sync::inquiry::SealedFinding) -> Option<Finding> {
        own.open(answer, &self.asker())
            .inspect_err(|error| tracing::warn!(%error, "an answer of the authority is unusable"))
            .ok()
    }

    async fn ask(
        &self,
        inquiry: Inquiry,
        patience: Duration,
    ) -> Result<sync::inquiry::SealedFinding, Unanswered> {
        let inquirer = self.state().inquiries.inquirer.clone().ok_or(Unanswered::NoLink)?;
        timeout(patience, inquirer.ask(inquiry)).await.unwrap_or(Err(Unanswered::NoAnswer))
    }

    /// The visitor came in without an answer: the question is kept with the visit.
    pub(super) async fn owe(&self, own: &OwnInquiry, visit: RecordId, at: UnixMillis) {
        let owed = Owed { own: own.clone(), visit, at };
        // The visit is durable by now. What is lost here is a question, and the authority has the visit all the same.
        if let Err(error) = self.keep_row(&owed, Some(&owed)).await {
            tracing::warn!(%error, "a question could not be kept; it is asked until the next start");
        }
        self.state().inquiries.insert(owed);
    }

    async fn keep_row(&self, owed: &Owed, value: Option<&Owed>) -> Result<(), LedgerError> {
        let row = Row::OfChain {
            chain: self.0.ledger.charter().chain(owed.visit.chain.day),
            whose: OWED.to_vec(),
            which: owed.own.inquiry.id().as_bytes().to_vec(),
            value: value.map(encode).unwrap_or_default(),
        };
        self.0.ledger.keep_rows(vec![row]).await
    }

    /// Reads what was kept before this start.
    pub(super) async fn read_owed(&self) -> Result<(), LedgerError> {
        let own = self.0.ledger.charter().key.public();
        let heads = self.0.ledger.heads().borrow().clone();
        let chains = heads.chains().map(|(chain, _)| *chain).filter(|c| c.author == own).collect();
        let rows = self.0.ledger.rows_of(chains, OWED.to_vec()).await?;
        let mut state = self.state();
        for row in rows.iter().filter(|row| !row.is_empty()) {
            match minicbor::decode(row) {
                Ok(owed) => state.inquiries.insert(owed),
                Err(error) => tracing::warn!(%error, "a kept question cannot be read"),
            }
        }
        Ok(())
    }

    async fn ask_next(&self) -> Result<(), Pause> {
        let now = self.moment();
        let owed = self.state().inquiries.next(now.wall).cloned().ok_or(Pause::Nothing)?;
        let id = owed.own.inquiry.id();
        match self.ask(owed.own.inquiry.clone(), LATER_PATIENCE).await {
            Err(Unanswered::NoLink) => return Err(Pause::Away),
            Err(_) => self.state().inquiries.rest(id, now.wall),
            Ok(answer) => {
                let found = self.opened(&owed.own, &answer);
                if let Err(error) = self.settle(&owed, found).await {
                    tracing::warn!(%error, "a late answer could not be noted; it is asked for again");
                    self.state().inquiries.rest(id, now.wall);
                }
            }
        }
        Ok(())
    }

    /// The alert first: told twice is shown once, and for a power cut between nothing is lost.
    async fn settle(&self, owed: &Owed, found: Option<Finding>) -> Result<(), ActError> {
        let now = self.moment();
        if found.is_some_and(|f| matches!(f.status, Status::Red | Status::Yellow)) {
            let alert = Alert { at: now.wall, of: owed.visit, cause: AlertCause::Status };
            self.write(self.0.config.day(now), Record::Alert(alert)).await?;
        }
        self.keep_row(owed, None).await?;
        self.state().inquiries.forget(&owed.own.inquiry.id());
        Ok(())
    }

    /// How many answers the authority owes this door.
    pub fn owed_answers(&self) -> usize {
        self.state().inquiries.owed.len()
    }
}

#[cfg(test)]
impl Desk {
    /// As when the earliest question is answered so.
    pub(super) async fn settle_first(&self, found: Finding) {
        let now = self.moment().wall;
        let owed = self.state().inquiries.next(now).cloned().unwrap();
        self.settle(&owed, Some(found)).await.unwrap();
    }
}

fn encode(owed: &Owed) -> Vec<u8> {
    minicbor::to_vec(owed).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"))
}
