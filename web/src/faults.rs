//! What is wrong with the node, in words: at the desk with what to do about it, on the door's screen for visitors.

use askama::Template;
use node_core::{
    desk::Desk,
    reason::Reason,
    site::{BulletinView, SiteView},
};
use sync::{record::ClockTrust, time::UnixMillis};

use crate::{ScannerView, app::App, language::Lang};

/// Something wrong that a door goes on with, as far as the policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The node was removed from the venue.
    Removed,
    /// Nothing can be written down.
    Disk,
    /// The camera delivers nothing.
    Camera,
    /// Something stands before the lens.
    Covered,
    /// Nobody knows what time it is.
    Clock,
    /// No rules have come from the authority.
    Policy,
    /// They are too old to confirm anything.
    Lists,
    /// The rules hold on, but the authority meant to have sent newer ones by now.
    OldPolicy,
}

#[derive(Template)]
#[template(path = "faults.html")]
struct Words {
    lines: Vec<(String, Option<(Lang, String)>)>,
}

impl Fault {
    /// What the staff reads: what is wrong, how the door goes on, what to do.
    const fn at_desk(self) -> &'static str {
        match self {
            Self::Removed => "reason-door-removed",
            Self::Disk => "staffdesk-fault-disk",
            Self::Camera => "staffdesk-fault-camera",
            Self::Covered => "hint-camera-blocked",
            Self::Clock => "staffdesk-fault-clock",
            Self::Policy => "staffdesk-fault-policy",
            Self::Lists => "staffdesk-fault-lists",
            Self::OldPolicy => "staffdesk-fault-old-policy",
        }
    }

    /// What visitors read, where it changes what they do.
    const fn on_door(self) -> Option<&'static str> {
        match self {
            Self::Removed => Some("staffdesk-door-closed"),
            Self::Disk => Some("staffdesk-door-disk"),
            Self::Camera | Self::Covered => Some("staffdesk-door-camera"),
            Self::Clock | Self::Policy | Self::Lists => Some("staffdesk-door-unsure"),
            Self::OldPolicy => None,
        }
    }
}

/// What is wrong now, the worst first.
fn faults(app: &App, desk: &Desk) -> Vec<Fault> {
    // Asked before the view is borrowed: who makes the view may wait for it with the desk's state in hand.
    let (hindrance, scanner) = (desk.hindrance(), scanner(app));
    judge(&desk.view().borrow(), hindrance, scanner.as_ref(), app.now())
}

fn judge(
    view: &SiteView,
    hindrance: Option<Reason>,
    scanner: Option<&ScannerView>,
    now: UnixMillis,
) -> Vec<Fault> {
    let lists = match hindrance {
        Some(Reason::NoPolicy) => Some(Fault::Policy),
        Some(Reason::StaleLists) => Some(Fault::Lists),
        _ => None,
    };
    let over = |b: &BulletinView| b.kind == "policy" && b.not_after <= now;
    let old = lists.is_none() && view.bulletins.iter().any(over);
    let lost = scanner.is_some_and(|s| s.state == "lost" || s.state == "ended");
    let covered = scanner.is_some_and(|s| s.hint == Some("camera-blocked"));
    [
        view.removed.then_some(Fault::Removed),
        view.disk.is_some().then_some(Fault::Disk),
        lost.then_some(Fault::Camera),
        (covered && !lost).then_some(Fault::Covered),
        (view.clock == Some(ClockTrust::Unknown)).then_some(Fault::Clock),
        lists,
        old.then_some(Fault::OldPolicy),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn scanner(app: &App) -> Option<ScannerView> {
    app.services.scanner.as_ref().map(|scanner| scanner.borrow().clone())
}

/// For the staff: what is wrong, how the door goes on, what to do.
pub(crate) fn at_desk(app: &App, desk: &Desk, t: Lang) -> String {
    render(faults(app, desk).into_iter().map(|fault| (t.say(fault.at_desk()), None)).collect())
}

/// For visitors, in two languages: only what changes what they do.
pub(crate) fn on_door(app: &App, desk: &Desk, t: Lang) -> String {
    let mut texts: Vec<_> = faults(app, desk).into_iter().filter_map(Fault::on_door).collect();
    texts.dedup();
    let second = t.second();
    render(texts.into_iter().map(|id| (t.say(id), Some((second, second.say(id))))).collect())
}

fn render(lines: Vec<(String, Option<(Lang, String)>)>) -> String {
    if lines.is_empty() { String::new() } else { Words { lines }.render().unwrap_or_default() }
}

/// What the visitor at the camera can do better, in two languages; nothing where all is well or it is not the visitor's
/// matter.
pub(crate) fn coach(app: &App, t: Lang) -> String {
    let hint = scanner(app).and_then(|scanner| scanner.hint);
    let text = hint.and_then(|hint| {
        Some(match hint {
            "too-dark" => "staffdesk-coach-too-dark",
            "inverted" => "staffdesk-coach-inverted",
            "too-far" => "staffdesk-coach-too-far",
            "too-near" => "staffdesk-coach-too-near",
            "glare" => "staffdesk-coach-glare",
            "screen-dim" => "staffdesk-coach-screen-dim",
            "blurred" => "staffdesk-coach-blurred",
            _ => return None,
        })
    });
    let second = t.second();
    text.map_or_else(String::new, |id| render(vec![(t.say(id), Some((second, second.say(id))))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn view() -> SiteView {
        let not_after = NOON.plus_millis(1);
        let kind = "policy";
        let policy = BulletinView { kind, version: 1, issued_at: NOON, not_after };
        SiteView {
            bulletins: vec![policy],
            clock: Some(ClockTrust::Bounded),
            ..SiteView::default()
        }
    }

    fn camera(state: &str, hint: Option<&'static str>) -> ScannerView {
        ScannerView { state: state.into(), hint, ..ScannerView::default() }
    }

    #[test]
    fn each_fault_is_found_alone_and_all_of_them_the_worst_first() {
        let found = |view: &SiteView, hindrance, scanner: Option<&ScannerView>, later| {
            judge(view, hindrance, scanner, NOON.plus_millis(later))
        };
        assert_eq!(found(&view(), None, None, 0), []);
        let full = SiteView { disk: Some("no space left on device".into()), ..view() };
        assert_eq!(found(&full, None, None, 0), [Fault::Disk]);
        let unbelieved = SiteView { clock: Some(ClockTrust::Unknown), ..view() };
        assert_eq!(found(&unbelieved, None, None, 0), [Fault::Clock]);
        assert_eq!(found(&view(), Some(Reason::NoPolicy), None, 0), [Fault::Policy]);
        assert_eq!(found(&view(), Some(Reason::StaleLists), None, 9), [Fault::Lists]);
        assert_eq!(found(&view(), None, None, 1), [Fault::OldPolicy]);
        let dead = camera("lost", Some("camera-blocked"));
        assert_eq!(found(&view(), None, Some(&dead), 0), [Fault::Camera]);
        let covered = camera("running", Some("camera-blocked"));
        assert_eq!(found(&view(), None, Some(&covered), 0), [Fault::Covered]);
        let all = SiteView { removed: true, clock: Some(ClockTrust::Unknown), ..full };
        assert_eq!(
            found(&all, None, Some(&dead), 1),
            [Fault::Removed, Fault::Disk, Fault::Camera, Fault::Clock, Fault::OldPolicy]
        );
    }

    #[test]
    fn each_fault_has_words_of_its_own_at_the_desk_in_every_language() {
        let all = [
            Fault::Removed,
            Fault::Disk,
            Fault::Camera,
            Fault::Covered,
            Fault::Clock,
            Fault::Policy,
            Fault::Lists,
            Fault::OldPolicy,
        ];
        for t in Lang::ALL {
            let said: std::collections::BTreeSet<_> =
                all.iter().map(|fault| t.say(fault.at_desk())).collect();
            assert_eq!(said.len(), all.len(), "{t:?}: {said:?}");
            let shown = render(said.iter().map(|text| (text.clone(), None)).collect());
            assert_eq!(shown.matches("alarm").count(), all.len(), "{shown}");
            for text in all.iter().filter_map(|fault| fault.on_door()) {
                assert!(t.say(text).chars().count() > 5, "{t:?} {text}");
            }
        }
    }
}
