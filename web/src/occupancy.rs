//! How many are inside, in words: an interval with its reason, the limit, what this door may still let in.

use node_core::site::{Site, SiteView, UnseenView, ZoneView};
use sync::{
    id::ZoneId,
    time::{UnixMillis, Zone},
};

use crate::{date, language::Lang};

/// One part of the venue as a reader sees it.
pub(crate) struct ZoneRow {
    /// What is counted: the whole venue, or a part of it.
    pub(crate) title: String,
    /// `42`, `42–57`, `42 or more`.
    pub(crate) inside: String,
    /// The limit.
    pub(crate) most: Option<u32>,
    /// The bar: what is certain and what may be besides, in tenths of a percent of the limit.
    pub(crate) bar: Option<(u64, u64)>,
    /// The bar in words, where the two differ.
    pub(crate) range: Option<String>,
    /// Why they differ: a sentence for each door that is not heard.
    pub(crate) unseen: Vec<String>,
    /// What this door may still let in.
    pub(crate) rights: Option<String>,
    /// Whether the doors together may let in more than the limit.
    pub(crate) advisory: bool,
}

/// The parts of the venue.
pub(crate) fn rows(
    t: Lang,
    site: &Site,
    view: &SiteView,
    zone: &Zone,
    now: UnixMillis,
) -> Vec<ZoneRow> {
    let several = view.occupancy.len() > 1;
    view.occupancy.iter().map(|part| row(t, site, part, several, zone, now)).collect()
}

fn row(
    t: Lang,
    site: &Site,
    part: &ZoneView,
    several: bool,
    zone: &Zone,
    now: UnixMillis,
) -> ZoneRow {
    let whole = part.zone == ZoneId::default();
    let most = part.most.or(site.capacity.filter(|_| whole));
    let named = several && !whole;
    let bar = most.map(|most| bar(part, most));
    let range = most.zip(part.hi).filter(|(_, hi)| part.lo != *hi).map(|(most, hi)| {
        let values = [("lo", part.lo), ("hi", hi), ("most", most)];
        t.with("zone-range", &values.map(|(name, n)| (name, date::number(t, n.into()))))
    });
    let rights = part.rights_here.map(|n| t.fill("zone-rights", date::number(t, n.into())));
    ZoneRow {
        title: if named { t.fill("zone-inside", part.zone) } else { t.say("venue-inside") },
        inside: inside(t, part.lo, part.hi),
        most,
        bar,
        range,
        unseen: if part.hi == Some(part.lo) {
            Vec::new()
        } else {
            part.unseen.iter().map(|door| unseen(t, door, zone, now)).collect()
        },
        rights,
        advisory: part.advisory && most.is_some(),
    }
}

/// Where the certain part of the bar ends and how long the uncertain one is.
fn bar(part: &ZoneView, most: u32) -> (u64, u64) {
    let share = |n: u32| (u64::from(n) * 1000 / u64::from(most.max(1))).min(1000);
    let lo = share(part.lo);
    (lo, part.hi.map_or(1000, share).saturating_sub(lo))
}

/// `42`, `42–57`, `42 or more`.
pub(crate) fn inside(t: Lang, lo: u32, hi: Option<u32>) -> String {
    let number = |n: u32| date::number(t, n.into());
    match hi {
        Some(hi) if hi == lo => number(lo),
        Some(hi) => t.with("inside-between", &[("lo", number(lo)), ("hi", number(hi))]),
        None => t.fill("inside-at-least", number(lo)),
    }
}

fn unseen(t: Lang, door: &UnseenView, zone: &Zone, now: UnixMillis) -> String {
    match door.since {
        Some(at) => {
            let time = date::recent(t, zone, at, now);
            t.with("zone-unseen", &[("door", door.door.clone()), ("time", time)])
        }
        None => t.fill("zone-unseen-never", &door.door),
    }
}

/// The doors that are not heard, each once.
pub(crate) fn unheard(view: &SiteView) -> Vec<String> {
    let doors = view.occupancy.iter().flat_map(|part| &part.unseen);
    let names: std::collections::BTreeSet<_> = doors.map(|door| door.door.clone()).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(lo: u32, hi: Option<u32>) -> ZoneView {
        ZoneView {
            zone: ZoneId::default(),
            most: Some(100),
            lo,
            hi,
            unseen: vec![UnseenView { door: "B".into(), since: None }],
            rights_here: Some(3),
            advisory: false,
        }
    }

    #[test]
    fn an_interval_is_written_as_one_and_a_number_as_a_number() {
        assert_eq!(inside(Lang::En, 42, Some(42)), "42");
        assert_eq!(inside(Lang::En, 42, Some(57)), "42–57");
        assert_eq!(inside(Lang::En, 42, None), "42 or more");
    }

    #[test]
    fn the_bar_ends_at_the_limit() {
        assert_eq!(bar(&part(42, Some(57)), 100), (420, 150));
        assert_eq!(bar(&part(42, None), 100), (420, 580));
        assert_eq!(bar(&part(120, Some(140)), 100), (1000, 0));
        assert_eq!(bar(&part(0, Some(0)), 0), (0, 0));
    }
}
