//! What the desk's screens show, made anew from what is known.

use std::collections::BTreeMap;

use sync::{
    book::Heads,
    id::{PublicKey, RecordId, ZoneId},
    order::Hit,
    time::UnixMillis,
};

use super::{Desk, links, state::State};
use crate::{
    clock::Moment,
    occupancy::{PAIRS_MAX, Seen, is_seen},
    policy::CapacityRule,
    reason::Reason,
    site::{
        AlertView, CrossingView, DoorView, DuplicateView, GapView, SiteView, UnseenView,
        UnsentView, ZoneView, short,
    },
};

/// The most alerts and gaps that are shown.
const SHOWN_MAX: usize = 200;
/// The most parts of a venue that are shown. Of those that no capacity names only this door's own is.
const ZONES_MAX: usize = 64;

impl Desk {
    /// Computes the view anew and publishes it if it changed.
    pub(super) fn refresh_view(&self) {
        let heads = self.0.ledger.heads().borrow().clone();
        let now = self.moment();
        let disk = self.0.ledger.failure().borrow().clone();
        self.0.view.send_if_modified(|view| {
            // Made while nobody else may publish: a view never gives way to an older one.
            let fresh = self.look(&heads, now, disk.clone());
            let changed = *view != fresh;
            *view = fresh;
            changed
        });
    }

    /// What keeps this door's lists from confirming anybody now; nothing where they can.
    pub fn hindrance(&self) -> Option<Reason> {
        let now = self.moment();
        let state = self.state();
        let lists = state.rules.lists.hindrance(&state.rules.policy, now.wall);
        let unkeyed = state.rules.tracing_key(now.wall.week()).is_none();
        lists.or_else(|| unkeyed.then_some(Reason::StaleLists))
    }

    fn look(&self, heads: &Heads, now: Moment, disk: Option<String>) -> SiteView {
        let mut state = self.state();
        let mut pending: BTreeMap<PublicKey, u64> = BTreeMap::new();
        for (chain, head) in heads.chains() {
            *pending.entry(chain.author).or_default() += head.pending;
        }
        let site = self.site();
        let name = self.namer(&state);
        let own = self.0.ledger.charter().key.public();
        let others = state.occupancy.shares().seats().filter(|(door, _)| **door != own);
        let possible = others.filter(|(door, _)| !is_seen(state.links.get(*door), now.wall));
        let since =
            possible.map(|(d, _)| state.links.get(d).map_or(UnixMillis::new(0), Seen::until));
        let duplicates_possible_since = since.min();
        let (doors, duplicates) = (doors(&state, own, &pending, &name), duplicates(&state, &name));
        let (alerts, gaps) = (alerts(&state, &name), gaps(&state, &name));
        let notices = state.notices.view(&name);
        let forked = state.forked.iter().map(&name).collect();
        let occupancy = zones(&mut state, site.part, now, &name);
        let kept = u16::try_from(state.rules.policy.retention_days_door).unwrap_or(u16::MAX);
        SiteView {
            inside: state.inside(site.part, now.wall),
            occupancy,
            duplicates,
            duplicates_possible_since,
            alerts,
            clones: links::clones(heads, &name),
            forked,
            gaps,
            notices,
            notes: state.notes.fields(),
            doors,
            unacknowledged: pending.values().sum(),
            unsent: heads
                .alarm(site.zone.day(now.wall), now.trust, kept)
                .map(|alarm| UnsentView { since: alarm.oldest, days_left: alarm.days_left }),
            bulletins: state.rules.held(),
            clock: Some(now.trust),
            disk,
            removed: self.is_removed(),
            asked: heads.venues.get(&site.venue).map_or(0, |venue| venue.asked),
            standing: state.rules.standing.of(site.venue, now.wall),
            announcements: state.rules.announcements.at(&site.working(), now.wall),
            papers: heads.papers.get(&own).and_then(|held| {
                Some((held.span()?.1, held.ends_soon(now.wall) || held.span()?.1 <= now.wall))
            }),
        }
    }

    /// Everybody's name, as of now.
    fn namer(&self, state: &State) -> impl Fn(&PublicKey) -> String + use<> {
        let own = self.0.ledger.charter().key.public();
        let (own_name, names) = (self.site().entrance_name.clone(), state.names.clone());
        move |node| match names.get(node) {
            _ if *node == own => own_name.clone(),
            Some(name) => name.clone(),
            None => short(node),
        }
    }
}

fn doors(
    state: &State,
    own: PublicKey,
    pending: &BTreeMap<PublicKey, u64>,
    name: &impl Fn(&PublicKey) -> String,
) -> Vec<DoorView> {
    let mut nodes = state.occupancy.doors();
    nodes.extend(pending.keys().copied().chain([own]));
    let view = |node: PublicKey| {
        let tally = state.occupancy.tally(state.today(), &node);
        DoorView {
            node,
            name: name(&node),
            own: node == own,
            entries: tally.entries,
            exits: tally.exits,
            refusals: tally.refusals,
            unacknowledged: pending.get(&node).copied().unwrap_or_default(),
            last_visit: tally.last,
        }
    };
    let mut doors: Vec<DoorView> = nodes.into_iter().map(view).collect();
    doors.sort_by(|a, b| a.name.cmp(&b.name));
    doors
}

fn zones(
    state: &mut State,
    own_part: ZoneId,
    now: Moment,
    name: &impl Fn(&PublicKey) -> String,
) -> Vec<ZoneView> {
    let mut zones: Vec<ZoneId> = vec![own_part];
    zones.extend(state.occupancy.shares().zones().filter(|zone| *zone != own_part));
    zones.truncate(ZONES_MAX);
    let binding = state.rules.policy.capacity == CapacityRule::Binding;
    let mut view = |zone: ZoneId| {
        let period = state.occupancy.period(zone, now.wall);
        let most = state.occupancy.shares().most(zone, period);
        let own = state.start.door;
        let interval = state.with_now(zone, now.wall, |known, _, moment| {
            known.interval(zone, &own, moment, moment.links, binding)
        });
        let rights_here =
            state.free(zone, now.wall).map(|n| u32::try_from(n.max(0)).unwrap_or(u32::MAX));
        let unseen = interval.unseen.iter();
        let unseen = unseen.map(|u| UnseenView { door: name(&u.door), since: u.since }).collect();
        let (lo, hi, advisory) = (interval.lo, interval.hi, !binding || most.is_none());
        ZoneView { zone, most, lo, hi, unseen, rights_here, advisory }
    };
    zones.into_iter().map(&mut view).collect()
}

fn duplicates(state: &State, name: &impl Fn(&PublicKey) -> String) -> Vec<DuplicateView> {
    let crossing = |(at, visit): (UnixMillis, RecordId)| CrossingView {
        visit,
        at,
        door: name(&visit.chain.author),
    };
    let mut pairs = state.occupancy.duplicates(UnixMillis::new(i64::MIN), state.pair_stay());
    pairs.extend(state.twin_pairs());
    pairs.sort_by_key(|(_, pair)| std::cmp::Reverse(pair.second));
    pairs.dedup();
    pairs.truncate(PAIRS_MAX);
    let view = |(zone, pair): (ZoneId, crate::occupancy::Duplicate)| DuplicateView {
        zone,
        first: crossing(pair.first),
        second: crossing(pair.second),
    };
    pairs.into_iter().map(view).collect()
}

fn alerts(state: &State, name: &impl Fn(&PublicKey) -> String) -> Vec<AlertView> {
    let view = |at, hit: Hit, by_authority| AlertView {
        at,
        visit: hit.visit,
        visit_at: state.occupancy.crossed_at(&hit.visit),
        door: name(&hit.visit.chain.author),
        cause: hit.cause,
        by_authority,
    };
    let found = state.alerts.iter().map(|a| (a.at, Hit { visit: a.of, cause: a.cause }, false));
    let told = state.hits.iter();
    let told = told.map(|(&(visit, cause), at)| (*at, Hit { visit, cause }, true));
    // Two doors may raise one alert while they do not hear each other: it is shown once.
    let mut once = BTreeMap::new();
    for (at, hit, by) in found.chain(told) {
        let shown = once.entry((hit.visit, hit.cause, by)).or_insert_with(|| view(at, hit, by));
        shown.at = shown.at.min(at);
    }
    let mut alerts: Vec<AlertView> = once.into_values().collect();
    alerts.sort_by_key(|a| std::cmp::Reverse((a.at, a.visit)));
    alerts.truncate(SHOWN_MAX);
    alerts
}

fn gaps(state: &State, name: &impl Fn(&PublicKey) -> String) -> Vec<GapView> {
    let view = |gap: &sync::record::Gap| GapView {
        at: gap.at,
        door: name(&gap.chain.author),
        day: gap.chain.day,
        records: gap.records,
    };
    let mut gaps: Vec<GapView> = state.gaps.iter().map(view).collect();
    gaps.sort_by_key(|gap| std::cmp::Reverse((gap.at, gap.day)));
    gaps.truncate(SHOWN_MAX);
    gaps
}
