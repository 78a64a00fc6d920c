//! What is wrong with the node, in words: at the desk with what to do about it, on the door's screen for visitors.

use askama::Template;
use node_core::{desk::Desk, reason::Reason};
use sync::record::ClockTrust;

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
}

#[derive(Template)]
#[template(path = "faults.html")]
struct Words {
    lines: Vec<(String, Option<(Lang, String)>)>,
}

/// What is wrong now, the worst first.
fn faults(app: &App, desk: &Desk) -> Vec<Fault> {
    let view = desk.view();
    let view = view.borrow();
    let scanner = scanner(app);
    let lists = match desk.hindrance() {
        Some(Reason::NoPolicy) => Some(Fault::Policy),
        Some(Reason::StaleLists) => Some(Fault::Lists),
        _ => None,
    };
    let lost = scanner.as_ref().is_some_and(|s| s.state == "lost" || s.state == "ended");
    let covered = scanner.is_some_and(|s| s.hint == Some("camera-blocked"));
    [
        view.removed.then_some(Fault::Removed),
        view.disk.is_some().then_some(Fault::Disk),
        lost.then_some(Fault::Camera),
        (covered && !lost).then_some(Fault::Covered),
        (view.clock == Some(ClockTrust::Unknown)).then_some(Fault::Clock),
        lists,
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
    let said = faults(app, desk).into_iter().map(|fault| {
        let text = match fault {
            Fault::Removed => "reason-door-removed",
            Fault::Disk => "staffdesk-fault-disk",
            Fault::Camera => "staffdesk-fault-camera",
            Fault::Covered => "hint-camera-blocked",
            Fault::Clock => "staffdesk-fault-clock",
            Fault::Policy => "staffdesk-fault-policy",
            Fault::Lists => "staffdesk-fault-lists",
        };
        (t.say(text), None)
    });
    render(said.collect())
}

/// For visitors, in two languages: only what changes what they do.
pub(crate) fn on_door(app: &App, desk: &Desk, t: Lang) -> String {
    let mut texts: Vec<_> = faults(app, desk)
        .into_iter()
        .map(|fault| match fault {
            Fault::Removed => "staffdesk-door-closed",
            Fault::Disk => "staffdesk-door-disk",
            Fault::Camera | Fault::Covered => "staffdesk-door-camera",
            Fault::Clock | Fault::Policy | Fault::Lists => "staffdesk-door-unsure",
        })
        .collect();
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
