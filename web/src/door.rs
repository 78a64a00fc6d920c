//! The door's screen: three pictograms while idle, the verdict for seconds, how many are inside, what is wrong.

use askama::Template;
use axum::{
    extract::State,
    http::Uri,
    response::{IntoResponse, Response},
};
use node_core::{
    desk::Desk,
    site::{Site, VenueKind},
};
use sync::record::Direction;

use crate::{
    app::{App, Shared},
    caller::Caller,
    error::Failure,
    faults,
    frame::{Frame, show},
    language::Lang,
    occupancy,
    sign::Sign,
    visitor,
};

/// How long a verdict stays.
pub(crate) const VERDICT_MILLIS: i64 = 4000;

/// A small letter beside a large one, in a square of 24 units.
const LARGE: &str = "M2 19l5-13h1l5 13M4 14.500h7M15 19l3-7h1l3 7M16 17h5";
/// A moon.
const MOON: &str = "M19 14a8 8 0 1 1-9-10 6.500 6.500 0 0 0 9 10z";

#[derive(Template)]
#[template(path = "door.html")]
struct Page<'a> {
    frame: Frame,
    site: &'a Site,
    inside: String,
    faults: String,
    coach: String,
    options: Options,
    /// The verdict of the last seconds, for screens without scripts.
    verdict: Option<String>,
    /// The code that makes the first manager, on this machine's own screen alone.
    set_up: Option<String>,
    /// For visitors' phones.
    pin: String,
    why: String,
}

/// How a screen is to show, by its address: a kiosk's own, kept by nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Options {
    /// Large and slow, and read aloud where that is wanted.
    care: Choice,
    /// White on black, for rooms where a bright screen blinds.
    dark: Choice,
}

/// Whether something is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Choice {
    #[default]
    No,
    Yes,
}

impl Choice {
    const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }

    const fn other(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
        }
    }
}

impl Options {
    fn of(uri: &Uri) -> Self {
        let asked = |wanted: &str| {
            let mut pairs = uri.query().into_iter().flat_map(|query| query.split('&'));
            if pairs.any(|pair| pair == wanted) { Choice::Yes } else { Choice::No }
        };
        Self { care: asked("care=yes"), dark: asked("dark=yes") }
    }

    const fn classes(self) -> &'static str {
        match (self.care, self.dark) {
            (Choice::No, Choice::No) => "kiosk",
            (Choice::Yes, Choice::No) => "kiosk care",
            (Choice::No, Choice::Yes) => "kiosk dark",
            (Choice::Yes, Choice::Yes) => "kiosk care dark",
        }
    }

    /// The address of this page in a language, with these options.
    fn address(self, lang: Lang) -> String {
        let care = if self.care.is_yes() { "&care=yes" } else { "" };
        let dark = if self.dark.is_yes() { "&dark=yes" } else { "" };
        format!("?lang={}{care}{dark}", lang.tag())
    }
}

/// `/door`
pub(crate) async fn page(State(app): State<Shared>, uri: Uri, caller: Caller) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let site = desk.site();
    let now = app.now();
    let recent = desk.recent();
    let fresh = |at: i64| (0..VERDICT_MILLIS).contains(&(now.get() - at));
    let verdict = recent.first().filter(|decision| fresh(decision.at.get()));
    show(&Page {
        frame: Frame::new(&app, &caller, "/door"),
        site,
        inside: inside(caller.lang, desk),
        pin: visitor::door::pin(&app, desk, caller.lang),
        why: visitor::door::why(&app, caller.lang),
        faults: faults::on_door(&app, desk, caller.lang),
        coach: faults::coach(&app, caller.lang),
        options: Options::of(&uri),
        verdict: verdict.map(|decision| Sign::decided(decision).html(caller.lang, &site.zone)),
        set_up: app.set_up_code_for(caller.peer).map(|code| {
            let values = [("code", code.to_owned()), ("address", format!("{}/setup", app.home))];
            caller.lang.with("setup-on-screen", &values)
        }),
    })
}

/// What changes on the screen besides the verdict, by the name of its place.
pub(crate) fn parts(app: &App, desk: &Desk, t: Lang) -> [(&'static str, String); 5] {
    [
        ("inside", inside(t, desk)),
        ("pin", visitor::door::pin(app, desk, t)),
        ("why", visitor::door::why(app, t)),
        ("faults", faults::on_door(app, desk, t)),
        ("coach", faults::coach(app, t)),
    ]
}

/// `14 / 120`, `14–17 / 120` while a door is not heard, or `14` where there is no limit.
pub(crate) fn inside(t: Lang, desk: &Desk) -> String {
    let view = desk.view();
    let view = view.borrow();
    let part = view.occupancy.first();
    let inside = match part {
        Some(part) => occupancy::inside(t, part.lo, part.hi),
        None => view.inside.to_string(),
    };
    let most = part.and_then(|part| part.most).or(desk.site().capacity);
    most.map_or_else(|| inside.clone(), |most| format!("{inside} / {most}"))
}

impl Page<'_> {
    /// The other looks of this screen: address, text, drawing, whether it is the one shown.
    fn looks(&self) -> [(String, &'static str, &'static str, bool); 2] {
        let Options { care, dark } = self.options;
        let slow = Options { care: care.other(), dark };
        let dim = Options { care, dark: dark.other() };
        let t = self.frame.t;
        [
            (slow.address(t), "staffdesk-care", LARGE, care.is_yes()),
            (dim.address(t), "staffdesk-dark", MOON, dark.is_yes()),
        ]
    }

    /// Which way the entrance leads.
    fn direction(&self) -> String {
        let direction = self.frame.t.say(match self.site.direction {
            Direction::In => "door-direction-in",
            Direction::Out => "door-direction-out",
            Direction::Both => "door-direction-both",
        });
        match self.site.kind {
            VenueKind::Place => direction,
            VenueKind::Vehicle => {
                format!("{} · {direction}", self.frame.t.say("staffdesk-vehicle"))
            }
        }
    }
}
