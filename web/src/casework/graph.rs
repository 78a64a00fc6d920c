//! An answer as a drawing: people as dots around the one who was asked about, minutes on the lines between them.

use std::collections::{BTreeMap, BTreeSet};

use node_core::authority::casework::Met;
use sync::id::Subject;

use super::short;

/// The most people that are drawn; the table below has all.
pub(crate) const DRAWN_MAX: usize = 24;
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 560.0;
/// Room for half a label beside the outermost dots.
const ROOM: i32 = 110;

/// A person's dot.
pub(crate) struct Dot {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) label: String,
    /// Where the label's foot is: away from the middle, where the lines are.
    pub(crate) label_y: i32,
    /// `own`, `first` or `second`.
    pub(crate) class: &'static str,
}

/// A line between two people.
pub(crate) struct Edge {
    pub(crate) from: (i32, i32),
    pub(crate) to: (i32, i32),
    pub(crate) label: String,
    pub(crate) at: (i32, i32),
}

/// The drawing.
#[derive(Default)]
pub(crate) struct Graph {
    pub(crate) dots: Vec<Dot>,
    pub(crate) edges: Vec<Edge>,
    /// Where the part with something in it begins, and how wide it is: on a phone nobody sees what lies beside an empty
    /// half.
    pub(crate) left: i32,
    pub(crate) width: i32,
}

/// Draws whom a person met; nothing where a venue was asked about. Those who were longest with the person come first.
pub(crate) fn draw(own: Option<Subject>, met: &[Met], minutes: impl Fn(i64) -> String) -> Graph {
    let Some(own) = own else { return Graph::default() };
    let mut pairs: BTreeMap<(Subject, Subject), i64> = BTreeMap::new();
    let mut degree: BTreeMap<Subject, u8> = BTreeMap::new();
    for met in met {
        let Some(with) = met.with else { continue };
        *pairs.entry((with, met.subject)).or_default() += met.minutes();
        let known = degree.entry(met.subject).or_insert(met.degree);
        *known = (*known).min(met.degree);
    }
    let mut by_time: Vec<_> = pairs.iter().map(|((_, who), m)| (*m, *who)).collect();
    by_time.sort_by_key(|(minutes, who)| (degree.get(who).copied(), std::cmp::Reverse(*minutes)));
    let mut drawn: Vec<Subject> = Vec::new();
    for (_, who) in by_time {
        if !drawn.contains(&who) && drawn.len() < DRAWN_MAX {
            drawn.push(who);
        }
    }
    let middle = (WIDTH / 2.0, HEIGHT / 2.0);
    let mut places: BTreeMap<Subject, (i32, i32)> = BTreeMap::new();
    places.insert(own, rounded(middle));
    // Alone, the inner ring takes the outer's place: the more room, the more labels stand apart.
    let two = drawn.iter().any(|who| degree.get(who) == Some(&2));
    for wanted in [1, 2] {
        let ring: Vec<Subject> =
            drawn.iter().filter(|who| degree.get(who) == Some(&wanted)).copied().collect();
        let (rx, ry) = if wanted == 1 && two { (280.0, 160.0) } else { (410.0, 240.0) };
        for (n, who) in ring.iter().enumerate() {
            let turn = (n as f64 + 0.5) / ring.len() as f64 * std::f64::consts::TAU;
            places.insert(*who, rounded((middle.0 + rx * turn.cos(), middle.1 + ry * turn.sin())));
        }
    }
    let shown: BTreeSet<Subject> = places.keys().copied().collect();
    let edge = |((with, who), total): (&(Subject, Subject), &i64)| {
        let (from, to) = (places.get(with)?, places.get(who)?);
        // Nearer to the one who was met: lines meet in the middle, labels should not.
        let at = (from.0 + (to.0 - from.0) * 7 / 10, from.1 + (to.1 - from.1) * 7 / 10);
        Some(Edge { from: *from, to: *to, label: minutes(*total), at })
    };
    let edges = pairs.iter().filter_map(edge).collect();
    let dot = |who: &Subject| {
        let (x, y) = *places.get(who)?;
        let class = match degree.get(who) {
            _ if *who == own => "own",
            Some(1) => "first",
            _ => "second",
        };
        let label_y = match class {
            "own" => y + 40,
            _ if f64::from(y) < middle.1 => y - 20,
            _ => y + 32,
        };
        Some(Dot { x, y, label: short(who), label_y, class })
    };
    let across = || places.values().map(|(x, _)| *x);
    let (first, last) = (across().min().unwrap_or(0), across().max().unwrap_or(0));
    let (left, width) = (first - ROOM, last - first + 2 * ROOM);
    Graph { dots: shown.iter().filter_map(dot).collect(), edges, left, width }
}

fn rounded((x, y): (f64, f64)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}

#[cfg(test)]
mod tests {
    use sync::{
        id::{EntranceId, VenueId},
        time::UnixMillis,
    };

    use super::*;

    fn met(with: u8, who: u8, degree: u8, minutes: i64) -> Met {
        Met {
            subject: Subject::new([who; 16]),
            venue: VenueId::new(1),
            from: UnixMillis::new(0),
            until: UnixMillis::new(minutes * 60_000),
            degree,
            with: Some(Subject::new([with; 16])),
            entrance: EntranceId::new(1),
            same_entrance: false,
            same_zone: false,
            visit: None,
        }
    }

    #[test]
    fn everybody_is_drawn_once_and_times_add_up() {
        let own = Subject::new([1; 16]);
        let all = [met(1, 2, 1, 20), met(1, 2, 1, 25), met(1, 3, 1, 30), met(3, 4, 2, 15)];
        let graph = draw(Some(own), &all, |minutes| minutes.to_string());
        assert_eq!(graph.dots.len(), 4);
        let labels: Vec<&str> = graph.edges.iter().map(|edge| &*edge.label).collect();
        assert_eq!(labels, ["45", "30", "15"]);
        assert_eq!(graph.dots.iter().filter(|dot| dot.class == "own").count(), 1);
        for dot in &graph.dots {
            assert!((0..960).contains(&dot.x) && (0..560).contains(&dot.y));
            assert!((17..560).contains(&dot.label_y));
        }
        assert!(draw(None, &all, |_| String::new()).dots.is_empty());
        let many: Vec<Met> = (2..200).map(|n| met(1, n, 1, i64::from(n))).collect();
        let graph = draw(Some(own), &many, |_| String::new());
        assert_eq!((graph.dots.len(), graph.edges.len()), (DRAWN_MAX + 1, DRAWN_MAX));
    }
}
