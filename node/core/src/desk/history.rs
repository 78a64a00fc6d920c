//! What the desk knows of the last fourteen days: counts, silences of the authority, and whether a specimen was read.
//!
//! Read once from the ledger beside the desk's other work, then kept by its news: no page waits for it.

use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use sync::{
    ledger::LedgerError,
    record::{ClockTrust, StoredRecord},
    time::{Day, UnixMillis, Zone},
};
use tokio::sync::broadcast::error::RecvError;

use super::Desk;
use crate::{
    flow::{FLOW_DAYS, Flow},
    outage::{self, OUTAGE_FIELD, Outage, Watcher, authority_is_linked, outage_field},
    reason::Reason,
    site::short,
};

/// How often the link and the day are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Outages are written down no oftener, ms: a line that comes and goes must not fill the documents that stand.
const NOTE_MILLIS: i64 = 6 * 3_600_000;
const READ_RECORDS: usize = 500;

/// The field in which a door says when it read a specimen.
const SPECIMEN_FIELD: &str = "specimen/";

/// Counts and what was noticed.
#[derive(Debug)]
pub(super) struct History {
    flow: Flow,
    whole: bool,
    watcher: Watcher,
    read_before: bool,
    noted_at: Option<UnixMillis>,
    specimen: Option<UnixMillis>,
}

/// What is known of the door's and the venue's standing besides counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the records of all these days are counted; if not, they are still being read.
    pub whole: bool,
    /// When this door last read a specimen.
    pub specimen: Option<UnixMillis>,
    /// Since when this door has no link to the authority.
    pub down_since: Option<UnixMillis>,
    /// Outages that doors of the venue have noted, the door's name first, the latest first.
    pub outages: Vec<(String, Outage)>,
}

impl History {
    pub(super) fn new(zone: &Zone, now: UnixMillis) -> Self {
        Self {
            flow: Flow::new(zone.clone(), first(zone.day(now))),
            whole: false,
            watcher: Watcher::default(),
            read_before: false,
            noted_at: None,
            specimen: None,
        }
    }
}

fn first(today: Day) -> Day {
    today.plus(1 - FLOW_DAYS)
}

impl Desk {
    /// Counts until `shutdown`: run it beside the desk.
    pub async fn count(self, shutdown: impl Future<Output = ()> + Send) {
        let mut news = self.0.ledger.news();
        let mut look = tokio::time::interval(LOOK);
        tokio::pin!(shutdown);
        self.count_anew().await;
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                committed = news.recv() => match committed {
                    Ok(committed) if committed.anew => self.count_anew().await,
                    Ok(committed) => {
                        let mut history = self.history();
                        committed.records.iter().for_each(|record| history.flow.take(record));
                    }
                    Err(RecvError::Lagged(_)) => self.count_anew().await,
                    Err(RecvError::Closed) => return,
                },
                _ = look.tick() => {
                    self.turn_flow().await;
                    self.note().await;
                }
            }
        }
    }

    /// Asks the counts, and whether all days are in them.
    pub fn with_flow<T>(&self, ask: impl FnOnce(&Flow, bool) -> T) -> T {
        let history = self.history();
        ask(&history.flow, history.whole)
    }

    /// What is known of the standing of the door and the venue.
    pub fn standing(&self) -> Standing {
        let own = self.0.ledger.charter().key.public();
        let fields = self.fields();
        let text =
            |field: &str| fields.get(field).and_then(|v| v.last()?.text()).map(str::to_owned);
        let said = text(&format!("{SPECIMEN_FIELD}{}", short(&own)));
        let said = said.and_then(|text| text.parse().ok()).map(UnixMillis::from_secs);
        let names = self.view().borrow().doors.clone();
        let mut outages: Vec<(String, Outage)> = Vec::new();
        for (field, values) in fields.iter().filter(|(f, _)| f.starts_with(OUTAGE_FIELD)) {
            let door = field.trim_start_matches(OUTAGE_FIELD);
            let named = names.iter().find(|d| short(&d.node) == door).map(|d| d.name.clone());
            let name = named.unwrap_or_else(|| door.to_owned());
            let texts = values.iter().filter_map(|value| value.text());
            outages.extend(texts.flat_map(outage::from_text).map(|o| (name.clone(), o)));
        }
        let history = self.history();
        let own_name = &self.site().entrance_name;
        outages.extend(history.watcher.ended.iter().map(|o| (own_name.clone(), *o)));
        outages.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        outages.dedup_by(|a, b| a.0 == b.0 && a.1.from.secs() == b.1.from.secs());
        Standing {
            whole: history.whole,
            specimen: history.specimen.max(said),
            down_since: history.watcher.down_since(),
            outages,
        }
    }

    /// A code was not recorded: if it is because it is a specimen, the door's test is passed.
    pub(super) fn saw_specimen(&self, reason: Reason) {
        if reason == Reason::Specimen {
            let now = self.moment().wall;
            self.history().specimen = Some(now);
        }
    }

    /// When those came in who are inside a part of the venue now by codes, the earliest first.
    pub fn entered(&self, zone: sync::id::ZoneId) -> Vec<UnixMillis> {
        let now = self.moment().wall;
        let mut state = self.state();
        state.with_now(zone, now, |known, _, moment| known.entered(zone, now, moment.since))
    }

    /// The region's rules that the manager's pages show numbers of.
    pub fn policy(&self) -> crate::policy::Policy {
        self.state().rules.policy.clone()
    }

    /// How much is held of each day, the latest first: records, of which visits, how many of these the authority lacks, and
    /// bytes as authors count them.
    pub fn held_by_day(&self) -> Vec<(Day, [u64; 4])> {
        let heads = self.0.ledger.heads().borrow().clone();
        let mut days = std::collections::BTreeMap::<Day, [u64; 4]>::new();
        for (chain, head) in heads.chains() {
            let day = days.entry(chain.day).or_default();
            for (sum, n) in
                day.iter_mut().zip([head.records, head.visits, head.pending, head.bytes])
            {
                *sum += n;
            }
        }
        days.into_iter().rev().collect()
    }

    pub(super) fn take_flow(&self, stored: &StoredRecord) {
        self.history().flow.take(stored);
    }

    /// No panic happens while the lock is held that would leave it torn.
    fn history(&self) -> MutexGuard<'_, History> {
        self.0.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last days as the believed clock has them. One that goes back makes them be read again.
    pub(super) async fn turn_flow(&self) {
        let now = self.moment();
        let wanted = first(self.site().zone.day(now.wall));
        let held = self.history().flow.first();
        if now.trust == ClockTrust::Unknown || wanted == held || !wanted.is_civil() {
            return;
        }
        if wanted < held {
            self.count_anew().await;
        } else {
            self.history().flow.forget_before(wanted);
        }
    }

    pub(super) async fn count_anew(&self) {
        let today = self.site().zone.day(self.moment().wall);
        match self.read_flow(first(today)).await {
            Ok(flow) => {
                let mut history = self.history();
                (history.flow, history.whole) = (flow, true);
            }
            Err(error) => tracing::warn!(%error, "the last days could not be counted"),
        }
    }

    async fn read_flow(&self, first: Day) -> Result<Flow, LedgerError> {
        let mut flow = Flow::new(self.site().zone.clone(), first);
        let heads = self.0.ledger.heads().borrow().clone();
        let counts = |day: Day| day == Day::UNKNOWN || day.is_civil() && day >= first;
        for (&chain, head) in heads.chains().filter(|(chain, _)| counts(chain.day)) {
            let mut after = sync::id::Seq::default();
            while after < head.seq {
                let (records, reached) = self.0.ledger.records(chain, after, READ_RECORDS).await?;
                if reached == after {
                    break;
                }
                after = reached;
                records.iter().for_each(|record| flow.take(record));
            }
        }
        Ok(flow)
    }

    /// Looks at the link, and writes down what is worth keeping.
    async fn note(&self) {
        let now = self.moment();
        let own = self.0.ledger.charter().key.public();
        let peers = self.state().peers.as_ref().map(|peers| peers.borrow().clone());
        let field = outage_field(&own);
        let known = self.fields();
        let text = |field: &str| known.get(field).and_then(|v| v.last()?.text()).map(str::to_owned);
        let (due, specimen) = {
            let mut history = self.history();
            if !std::mem::replace(&mut history.read_before, true) {
                history.watcher.ended = outage::from_text(&text(&field).unwrap_or_default());
            }
            if now.trust != ClockTrust::Unknown
                && let Some(linked) = peers.as_ref().and_then(authority_is_linked)
            {
                history.watcher.look(linked, now.wall);
            }
            let noted = outage::to_text(&history.watcher.ended);
            let rested = history.noted_at.is_none_or(|at| now.wall.get() - at.get() >= NOTE_MILLIS);
            let due = rested && !noted.is_empty() && text(&field).as_deref() != Some(&noted);
            if due {
                history.noted_at = Some(now.wall);
            }
            (due.then_some(noted), history.specimen)
        };
        if let Some(noted) = due {
            self.keep_field(&field, noted).await;
        }
        let field = format!("{SPECIMEN_FIELD}{}", short(&own));
        if let Some(at) = specimen.filter(|_| text(&field).is_none()) {
            self.keep_field(&field, at.secs().to_string()).await;
        }
    }

    async fn keep_field(&self, field: &str, text: String) {
        if let Err(error) = self.set_field(field, Some(text.into_bytes())).await {
            tracing::warn!(%error, field, "a note of the door's own could not be written");
        }
    }
}
