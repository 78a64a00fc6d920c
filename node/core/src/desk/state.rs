//! What a desk remembers between codes: rules, who is inside, verdicts that wait, the last decisions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sync::{
    book::{Head, Heads},
    id::{ChainId, Epoch, PublicKey, RecordId, Seq, Subject, Tag, ZoneId},
    ledger::{Ledger, LedgerError},
    order::{Matter, Order},
    record::{Alert, AlertCause, ClockTrust, Gap, LookUp, Record, StoredRecord},
    status::PeersStatus,
    tag::{TagKey, TagRing},
    time::{Day, UnixMillis, Zone},
};
use tokio::sync::watch;

use super::{
    DeskConfig, auditing::Audited, days::Days, floor, house::House, inquiries::Inquiries,
    look_ups::LOOK_UPS_MAX, notices::Notices, staffing::Staffing, told::Told, twins::Twins,
    undated::Undated, waiting::Waiting,
};
use crate::{
    clock::{Floor, Moment},
    code::{Code, pass::DayPass},
    event::Decision,
    notes::Notes,
    occupancy::{Marks, Now, Occupancy, Seat, Seen, Start, begun},
    policy::{CapacityRule, ExitScan},
    rules::Rules,
    site::VenueKind,
    token::shc::{Gathered, Gatherer},
};

/// How long a part of a card waits for the next, ms: then its holder has gone.
const PARTS_MILLIS: i64 = 60_000;
const RECENT_MAX: usize = 20;
const READ_RECORDS: usize = 500;
/// What the authority found about visits is shown for so many days, as long as it traces.
const HIT_DAYS: i32 = 28;

#[derive(Debug)]
pub(super) struct State {
    pub(super) rules: Rules,
    /// The floor of time as it was kept last.
    pub(super) kept_floor: Floor,
    pub(super) occupancy: Occupancy,
    pub(super) marks: Marks,
    pub(super) notes: Notes,
    pub(super) staffing: Staffing,
    pub(super) house: House,
    pub(super) audited: Audited,
    pub(super) alerts: Told<Alert>,
    pub(super) gaps: Told<Gap>,
    pub(super) notices: Notices,
    /// Who of staff looked up what, at all doors: of today and yesterday.
    pub(super) look_ups: Told<(RecordId, LookUp)>,
    pub(super) twins: Twins,
    /// Questions about typed numbers.
    pub(super) inquiries: Inquiries,
    /// What the authority has found about visits, and when it said so first.
    pub(super) hits: BTreeMap<(RecordId, AlertCause), UnixMillis>,
    pub(super) forked: BTreeSet<PublicKey>,
    pub(super) names: BTreeMap<PublicKey, String>,
    pub(super) peers: Option<watch::Receiver<PeersStatus>>,
    pub(super) links: BTreeMap<PublicKey, Seen>,
    pub(super) start: Start,
    /// Rights that are in use by what is being written.
    pub(super) reserved: BTreeMap<ZoneId, u32>,
    pub(super) gave_at: BTreeMap<PublicKey, UnixMillis>,
    /// Parts of a card in several codes, and when the last of them was shown.
    parts: (Gatherer, UnixMillis),
    time_zone: Zone,
    /// What passes for the last who were let in would say. In memory only.
    pub(super) passes: BTreeMap<RecordId, DayPass>,
    kind: VenueKind,
    begun: BTreeMap<ZoneId, (Day, u16, UnixMillis)>,
    ring: TagRing,
    days: Days,
    /// What this door wrote since its records are being read anew.
    meanwhile: Option<Vec<StoredRecord>>,
    /// Own records whose day nobody knew when they were written.
    pub(super) undated: Undated,
    pub(super) waiting: Waiting,
    recent: VecDeque<Decision>,
}

impl State {
    /// Reads the bulletins, the orders, and the records of today, yesterday and those that stand.
    pub(super) async fn read(ledger: &Ledger, config: &DeskConfig) -> Result<Self, LedgerError> {
        let kept_floor = floor::kept(ledger).await?;
        let rules = Rules::over(kept_floor.clone(), &ledger.notices().await?);
        let charter = ledger.charter();
        let (door, epochs) = (charter.key.public(), vec![charter.epoch]);
        let time_zone = config.site.zone.clone();
        let now = rules.moment((config.clock)(), (config.clock_watch)());
        let mut state = Self {
            rules,
            kept_floor,
            occupancy: Occupancy::new(time_zone.clone()),
            marks: Marks::default(),
            notes: Notes::default(),
            audited: Audited::default(),
            staffing: Staffing::of(ledger, (config.clock)()),
            house: House::default(),
            alerts: Told::default(),
            gaps: Told::default(),
            notices: Notices::default(),
            look_ups: Told::with_most(LOOK_UPS_MAX),
            twins: Twins::default(),
            inquiries: Inquiries::default(),
            hits: BTreeMap::new(),
            forked: BTreeSet::new(),
            names: BTreeMap::new(),
            peers: None,
            links: BTreeMap::new(),
            start: Start { door, epochs, share_from: None },
            reserved: BTreeMap::new(),
            gave_at: BTreeMap::new(),
            days: Days::new(time_zone.day(now.wall)),
            meanwhile: None,
            undated: Undated::default(),
            parts: (Gatherer::default(), now.wall),
            time_zone,
            passes: BTreeMap::new(),
            kind: config.site.kind,
            begun: BTreeMap::new(),
            ring: config.tag_key.clone().into(),
            waiting: Waiting::default(),
            recent: VecDeque::new(),
        };
        let found = Found::read(ledger, config, state.days.wanted()).await?;
        state.put(found);
        Ok(state)
    }

    /// The ledger's records are about to be read anew: the first day to read. What this door writes from here on may
    /// not be among them, and is taken again when they are put in place.
    pub(super) fn begin_reading(&mut self) -> Day {
        self.meanwhile = Some(Vec::new());
        self.days.wanted()
    }

    /// They could not be read.
    pub(super) fn give_up_reading(&mut self) {
        self.meanwhile = None;
    }

    /// Takes what was read from the ledger in place of all that came from it before.
    pub(super) fn put(&mut self, found: Found) {
        self.days.hold_from(found.first);
        self.occupancy = Occupancy::new(self.time_zone.clone());
        self.notes = Notes::default();
        self.staffing.clear();
        self.house.clear();
        self.marks.clear();
        self.alerts.clear();
        self.gaps.clear();
        self.notices.clear();
        self.look_ups.clear();
        self.twins.clear();
        self.hits.clear();
        self.names = found.names;
        self.forked = found.forked;
        self.occupancy.set_seats(found.seats);
        found.orders.iter().for_each(|order| self.take_order(order));
        let meanwhile = self.meanwhile.take().unwrap_or_default();
        found.records.iter().chain(&meanwhile).for_each(|record| self.take(record));
    }

    /// Takes what this door has just written.
    pub(super) fn wrote(&mut self, stored: &StoredRecord) {
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.push(stored.clone());
        }
        self.undated.wrote(stored);
        self.take(stored);
    }

    /// Takes a record, own or another's, once or again. Of days that are over only alerts and gaps are of use, and which
    /// start this node went on with: history comes in for days after a door joins.
    pub(super) fn take(&mut self, stored: &StoredRecord) {
        let day = stored.id.chain.day;
        let past = day.is_civil() && day < self.days.first();
        match &stored.record {
            Record::Notice(notice) => return self.notices.take(stored.id, notice),
            Record::Gap(gap) => return self.gaps.take(gap.at, stored.id, gap.clone()),
            Record::Alert(alert) => {
                self.marks.take_alert(alert);
                return self.alerts.take(alert.at, stored.id, alert.clone());
            }
            Record::Resumed(_) if stored.id.chain.author == self.start.door => {}
            _ if past => return,
            Record::Twin(twin) => return self.twins.take(stored, twin),
            Record::Visit(_) => stored.visit().iter().for_each(|v| {
                self.marks.take(v);
                self.twins.meet(v);
            }),
            Record::Edit(edit) if Staffing::concerns(edit) => self.staffing.take(stored),
            Record::Edit(edit) if House::concerns(edit) => {
                self.house.take(stored, self.staffing.manager());
            }
            Record::Edit(_) => self.notes.take(stored),
            Record::LookUp(told) => {
                self.look_ups.take(told.at, stored.id, (stored.id, told.clone()));
            }
            _ => {}
        }
        self.occupancy.take(stored);
    }

    pub(super) fn take_order(&mut self, order: &Order) {
        self.occupancy.take_order(order);
        if let Matter::Hits(hits) = &order.matter {
            let first = self.days.first().plus(-HIT_DAYS);
            for hit in hits.iter().filter(|hit| is_since(first, &hit.visit)) {
                let said = self.hits.entry((hit.visit, hit.cause)).or_insert(order.issued_at);
                *said = order.issued_at.min(*said);
            }
        }
    }

    /// The code to be judged; `None` for a part of a card whose other parts are awaited.
    pub(super) fn gather(&mut self, code: Code, now: UnixMillis) -> Option<Code> {
        let (gatherer, shown_at) = &mut self.parts;
        if (now.get() - shown_at.get()).abs() > PARTS_MILLIS {
            gatherer.clear();
        }
        *shown_at = now;
        match gatherer.take(code) {
            Gathered::Whole(code) => Some(code),
            Gathered::Waiting { .. } => None,
        }
    }

    /// Goes by the day of now. Nothing is discarded for it: a clock may come back. One that nobody believes says no day.
    pub(super) fn turn_to(&mut self, now: Moment) {
        if now.trust != ClockTrust::Unknown || !self.days.today().is_civil() {
            self.days.say(self.time_zone.day(now.wall));
        }
    }

    /// Looks at the clock once a second: when a day has lasted, its keys and only its visits and those of the night
    /// before are held from then on.
    pub(super) fn look(&mut self, now: Moment) {
        self.turn_to(now);
        self.waiting.forget(now.wall);
        let Some(first) = self.days.look() else { return };
        if let Some(ring) = self.ring.turned_to(first) {
            self.ring = ring;
        }
        if self.ring.keys().count() == 1 {
            self.twins.forget();
        }
        self.occupancy.forget_before(first);
        self.marks.forget_before(first);
        let shown = first.plus(-HIT_DAYS);
        self.alerts.retain(|alert| is_since(shown, &alert.of));
        self.notices.retain(|id| is_since(shown, id));
        self.look_ups.retain(|(id, _)| is_since(first, id));
        self.twins.retain(|id| is_since(first, id));
        self.gaps.retain(|gap| !gap.chain.day.is_civil() || gap.chain.day >= shown);
        self.hits.retain(|(visit, _), _| is_since(shown, visit));
    }

    /// Whether the clock went back to days whose records are not held: they are to be read anew.
    pub(super) fn lacks_days(&self) -> bool {
        self.days.lacks(self.today())
    }

    pub(super) fn today(&self) -> Day {
        self.days.today()
    }

    /// The tags under which a person may be inside: today's first.
    pub(super) fn tags(&self, subject: &Subject) -> Vec<Tag> {
        self.ring.tags(self.today(), subject)
    }

    /// The tags by which doors that have not heard of the key in force know a person.
    pub(super) fn earlier_tags(&self, subject: &Subject) -> Vec<Tag> {
        self.ring.earlier_tags(self.today(), subject)
    }

    /// The tag of a person who is not inside: that of the business day, so that one who comes before midnight and again
    /// after it, at doors that do not hear each other, is known as one when they do.
    pub(super) fn tag(&self, zone: ZoneId, subject: &Subject, now: UnixMillis) -> Tag {
        self.business_key(zone, now).tag(subject)
    }

    /// The key of the business day.
    pub(super) fn business_key(&self, zone: ZoneId, now: UnixMillis) -> TagKey {
        let day = self.occupancy.period(zone, now).min(self.today());
        self.ring.current().on(day).unwrap_or_else(|| self.key())
    }

    /// Other tag keys are in force from now on.
    pub(super) fn rekey(&mut self, ring: TagRing) {
        self.ring = ring;
    }

    /// The key under which today is written. A day without a key (a clock before the venue's key began) is still
    /// tagged, under the oldest key held.
    pub(super) fn key(&self) -> TagKey {
        let current = self.ring.current();
        current.on(self.today()).unwrap_or_else(|| current.clone())
    }

    /// The keys under which somebody may be known today.
    pub(super) fn keys(&self) -> Vec<TagKey> {
        let days = [self.today(), self.today().plus(-1)];
        let on_days = self.ring.keys().flat_map(|key| days.map(|day| key.on(day)));
        let mut keys: Vec<_> = on_days.flatten().collect();
        if keys.is_empty() {
            keys.push(self.key());
        }
        keys
    }

    /// How long a visit without an exit is taken to last, ms.
    pub(super) fn stay(&self) -> i64 {
        i64::from(self.rules.policy.default_stay_minutes) * 60_000
    }

    /// Who came into a zone at or before this is taken to have left. Where no capacity is signed, people stay until
    /// midnight or the default stay, whatever is later; where one is, nobody stays past closing time.
    fn since(&mut self, zone: ZoneId, now: UnixMillis) -> (UnixMillis, Option<i64>) {
        let stay = self.stay();
        let began = self.began(zone, now).plus_millis(-1);
        let period = self.occupancy.period(zone, now);
        if self.kind == VenueKind::Vehicle {
            // Nobody stays on a bus until midnight.
            return (now.plus_millis(-stay), Some(stay));
        }
        if self.occupancy.shares().most(zone, period).is_none() {
            return (began.min(now.plus_millis(-stay - 1)), Some(stay));
        }
        match self.rules.policy.exit_scan {
            ExitScan::Required => (began, None),
            ExitScan::Optional => (began.max(now.plus_millis(-stay)), Some(stay)),
        }
    }

    /// When the business day of a zone began; looked for once a day.
    fn began(&mut self, zone: ZoneId, now: UnixMillis) -> UnixMillis {
        let closing = self.occupancy.shares().closing_minute(zone);
        let period = self.occupancy.period(zone, now);
        match self.begun.get(&zone) {
            Some((p, c, at)) if (*p, *c) == (period, closing) => *at,
            _ => {
                let at = begun(&self.time_zone, now, closing);
                self.begun.insert(zone, (period, closing, at));
                at
            }
        }
    }

    /// Asks the records what holds at `now`.
    pub(super) fn with_now<T>(
        &mut self,
        zone: ZoneId,
        now: UnixMillis,
        ask: impl FnOnce(&mut Occupancy, &Start, &Now<'_>) -> T,
    ) -> T {
        let (since, stay) = self.since(zone, now);
        ask(&mut self.occupancy, &self.start, &Now { now, since, stay, links: &self.links })
    }

    pub(super) fn inside(&mut self, zone: ZoneId, now: UnixMillis) -> u32 {
        self.with_now(zone, now, |known, _, moment| known.inside(zone, now, moment.since))
    }

    /// The tag under which a person is inside now, if so.
    pub(super) fn inside_as(
        &mut self,
        zone: ZoneId,
        subject: &Subject,
        now: UnixMillis,
    ) -> Option<Tag> {
        let tags = self.tags(subject);
        self.with_now(zone, now, |known, _, moment| known.inside_as(zone, &tags, moment.since))
    }

    /// Rights of this door that nobody is using; `None` where nothing binds.
    pub(super) fn free(&mut self, zone: ZoneId, now: UnixMillis) -> Option<i64> {
        if self.rules.policy.capacity == CapacityRule::Advisory {
            return None;
        }
        let left =
            self.with_now(zone, now, |known, start, moment| known.left(zone, start, moment))?;
        // Back on a day whose records are not held, nobody can say what was used.
        if self.days.lacks(self.time_zone.day(now)) {
            return Some(-1);
        }
        Some(left - i64::from(self.reserved.get(&zone).copied().unwrap_or(0)))
    }

    /// Whether one more may come in: with a right of this door, or in the place of the same person's earlier entry.
    pub(super) fn may_enter(&mut self, zone: ZoneId, tag: Option<&Tag>, now: UnixMillis) -> bool {
        let Some(free) = self.free(zone, now) else { return true };
        let renews = tag.is_some_and(|tag| {
            self.with_now(zone, now, |known, start, moment| {
                known.holds_place(zone, start, tag, moment)
            })
        });
        free + i64::from(renews) >= 1
    }

    pub(super) fn recorded(&mut self, stored: &StoredRecord, decision: Decision) {
        self.wrote(stored);
        self.recent.push_front(decision);
        self.recent.truncate(RECENT_MAX);
    }

    pub(super) fn recent(&self) -> Vec<Decision> {
        self.recent.iter().cloned().collect()
    }
}

#[cfg(test)]
impl State {
    /// Whether no verdict is in memory.
    pub(super) fn is_empty_handed(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// What the ledger holds that a desk goes by.
pub(super) struct Found {
    first: Day,
    records: Vec<StoredRecord>,
    orders: Vec<std::sync::Arc<Order>>,
    seats: BTreeMap<PublicKey, Seat>,
    names: BTreeMap<PublicKey, String>,
    forked: BTreeSet<PublicKey>,
}

impl Found {
    /// Everybody's records since the day `first` and those that stand, and how this node's earlier starts hang
    /// together.
    pub(super) async fn read(
        ledger: &Ledger,
        config: &DeskConfig,
        first: Day,
    ) -> Result<Self, LedgerError> {
        let members = ledger.members().await?;
        let (seats, names) = super::links::seats_of(members.iter().filter_map(|(_, m)| m.as_ref()));
        let forked = ledger.evidence().await?.iter().map(|e| e.run.chain.author).collect();
        let orders = ledger.orders(config.site.venue).await?;
        let own = ledger.charter().key.public();
        let mut records = Vec::new();
        let heads = ledger.heads().borrow().clone();
        for (&chain, head) in heads.chains() {
            if chain.day >= first || chain.day == Day::UNKNOWN {
                let mut after = Seq::default();
                while after < head.seq {
                    let (some, reached) = ledger.records(chain, after, READ_RECORDS).await?;
                    if reached == after {
                        break;
                    }
                    after = reached;
                    records.extend(some);
                }
            } else if chain.author == own {
                // The first thing a start writes is which earlier one it goes on with.
                let (some, _) = ledger.records(chain, Seq::default(), 1).await?;
                records.extend(some.into_iter().filter(|r| matches!(r.record, Record::Resumed(_))));
            }
        }
        Ok(Self { first, records, orders, seats, names, forked })
    }
}

/// Whether a visit is of this day or a later one, or of none.
fn is_since(first: Day, visit: &RecordId) -> bool {
    !visit.chain.day.is_civil() || visit.chain.day >= first
}

/// The start before this one, of those that this store knows: the one that wrote last.
pub(super) fn newest_own(heads: &Heads, own: &PublicKey, epoch: Epoch) -> Option<Epoch> {
    let of_own = heads.chains().filter(|(c, _)| c.author == *own && c.epoch != epoch);
    of_own.max_by_key(|(c, head): &(&ChainId, &Head)| (head.last_at, c.epoch)).map(|(c, _)| c.epoch)
}
