//! What a desk remembers between codes: rules, who is inside, verdicts that wait, the last decisions.

use std::collections::{BTreeMap, VecDeque};

use sync::{
    id::{Seq, Subject, Tag},
    ledger::{Ledger, LedgerError},
    record::StoredVisit,
    tag::TagKey,
    time::{Day, UnixMillis},
};

use super::{DeskConfig, weigh::Weighed};
use crate::{
    event::{Decision, Pending, PendingId},
    occupancy::Presence,
    rules::Rules,
};

const RECENT_MAX: usize = 20;
/// Verdicts that wait for a person, at most; the oldest gives way.
const PENDING_MAX: usize = 32;
/// How long a verdict waits for a person, ms.
const PENDING_MILLIS: i64 = 120_000;
const READ_VISITS: usize = 500;

#[derive(Debug)]
pub(super) struct State {
    pub(super) rules: Rules,
    pub(super) presence: Presence,
    tag_key: TagKey,
    today: Day,
    todays_key: Option<TagKey>,
    yesterdays_key: Option<TagKey>,
    pending: BTreeMap<PendingId, Weighed>,
    next_pending: u64,
    recent: VecDeque<Decision>,
}

impl State {
    /// Reads the bulletins and the visits of today and yesterday.
    pub(super) async fn read(ledger: &Ledger, config: &DeskConfig) -> Result<Self, LedgerError> {
        let rules = Rules::from_notices(&ledger.notices().await?);
        let mut state = Self {
            rules,
            presence: Presence::default(),
            tag_key: config.tag_key.clone(),
            today: Day::UNKNOWN,
            todays_key: None,
            yesterdays_key: None,
            pending: BTreeMap::new(),
            next_pending: 1,
            recent: VecDeque::new(),
        };
        state.turn_to(config.site.zone.day((config.clock)()));
        state.presence = presence(ledger, state.today).await?;
        Ok(state)
    }

    /// Moves on to a day: its tag keys, and only its visits and those of the night before.
    pub(super) fn turn_to(&mut self, today: Day) {
        if today == self.today {
            return;
        }
        self.today = today;
        self.todays_key = self.tag_key.on(today);
        let yesterday = Day::new(today.get().saturating_sub(1));
        self.yesterdays_key = self.tag_key.on(yesterday);
        // The ratchet's own state moves too: what was before yesterday cannot be computed again.
        if let Some(key) = &self.yesterdays_key {
            self.tag_key = key.clone();
        }
        self.presence.forget_before(yesterday);
    }

    pub(super) fn today(&self) -> Day {
        self.today
    }

    /// The tags under which a person may be inside: today's first.
    pub(super) fn tags(&self, subject: &Subject) -> Vec<Tag> {
        // A day without a key (a clock before the venue's key began) still tags, under the oldest key held.
        let today = self.todays_key.as_ref().unwrap_or(&self.tag_key);
        let yesterday = self.yesterdays_key.as_ref();
        [Some(today), yesterday].into_iter().flatten().map(|key| key.tag(subject)).collect()
    }

    pub(super) fn inside(&self, now: UnixMillis) -> u32 {
        let stay = i64::from(self.rules.policy.default_stay_minutes) * 60_000;
        self.presence.inside(self.today, now, stay)
    }

    /// The tag under which a person is inside now, if so.
    pub(super) fn inside_as(&self, subject: &Subject, now: UnixMillis) -> Option<Tag> {
        let stay = i64::from(self.rules.policy.default_stay_minutes) * 60_000;
        self.presence.inside_as(&self.tags(subject), self.today, now, stay)
    }

    pub(super) fn keep_pending(&mut self, weighed: Weighed) -> Pending {
        self.pending.retain(|_, w| weighed.at.get() - w.at.get() < PENDING_MILLIS);
        while self.pending.len() >= PENDING_MAX {
            self.pending.pop_first();
        }
        let id = PendingId(self.next_pending);
        self.next_pending += 1;
        let pending = Pending {
            id,
            at: weighed.at,
            kind: weighed.kind,
            verdict: weighed.verdict,
            masked_name: weighed.masked_name.clone(),
        };
        self.pending.insert(id, weighed);
        pending
    }

    pub(super) fn take_pending(&mut self, id: PendingId, now: UnixMillis) -> Option<Weighed> {
        let weighed = self.pending.remove(&id)?;
        (now.get() - weighed.at.get() < PENDING_MILLIS).then_some(weighed)
    }

    pub(super) fn put_back(&mut self, id: PendingId, weighed: Weighed) {
        self.pending.insert(id, weighed);
    }

    pub(super) fn recorded(&mut self, stored: &StoredVisit, decision: Decision) {
        self.presence.take(stored);
        self.recent.push_front(decision);
        self.recent.truncate(RECENT_MAX);
    }

    pub(super) fn recent(&self) -> Vec<Decision> {
        self.recent.iter().cloned().collect()
    }
}

/// Everybody's crossings since yesterday, from the ledger.
pub(super) async fn presence(ledger: &Ledger, today: Day) -> Result<Presence, LedgerError> {
    let first = Day::new(today.get().saturating_sub(1));
    let mut presence = Presence::default();
    let heads = ledger.heads().borrow().clone();
    for (&chain, head) in &heads.chains {
        let mut after = Seq::default();
        while after < head.seq {
            let (visits, reached) = ledger.visits(chain, after, READ_VISITS).await?;
            if reached == after {
                break;
            }
            after = reached;
            let counts = |v: &&StoredVisit| v.day >= first || v.day == Day::UNKNOWN;
            visits.iter().filter(counts).for_each(|v| presence.take(v));
        }
    }
    Ok(presence)
}
