//! The paper sheet for the time when a door is out of work, and the page on which its lines are typed in afterwards.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    code::{
        ids::TypedNumber,
        sheet::{Line, LineError as CodeError, sheet},
    },
    desk::{Desk, LineError},
};
use sync::{
    record::VisitKind,
    sealed::NumberKind,
    time::{Day, UnixMillis},
};

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    symbol::Symbol,
};

/// The documents that the form knows: the word, and its text.
const KINDS: [(&str, &str); 6] = [
    ("", "manager-kind-none"),
    ("iin", "guard-kind-iin"),
    ("cccd", "guard-kind-cccd"),
    ("resident-id", "guard-kind-resident-id"),
    ("passport", "guard-kind-passport"),
    ("phone", "manager-kind-phone"),
];

#[derive(Template)]
#[template(path = "sheet.html")]
struct Sheet {
    frame: Frame,
    venue: String,
    entrance: String,
    sheet: String,
    lines: Vec<Printed>,
}

struct Printed {
    code: String,
    symbol: Option<Symbol>,
}

#[derive(Template)]
#[template(path = "sheet_enter.html")]
struct Enter {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    /// What was written down, in words.
    taken: Vec<String>,
    trouble: Option<(&'static str, String)>,
    asked: Asked,
    kinds: Vec<(&'static str, String)>,
}

/// What was typed.
#[derive(Clone, Default)]
struct Asked {
    code: String,
    day: String,
    entered: String,
    /// When the visitor came, where that is written down already and only the way out is asked again.
    came: String,
    left: String,
    kind: String,
    number: String,
}

/// `GET /venue/sheet`: a new sheet each time; no two have a line in common.
pub(crate) async fn print(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let mut random = [0; 5];
    if let Err(error) = getrandom::fill(&mut random) {
        return Failure::internal(&error).read_in(caller.lang).into_response();
    }
    let site = desk.site();
    let lines = sheet(site.venue, random);
    let printed = |line: &Line| {
        let code = line.code();
        Printed { symbol: Symbol::of(&code), code }
    };
    show(&Sheet {
        frame: Frame::new(&app, &caller, "/venue/sheet"),
        venue: site.venue_name.clone(),
        entrance: site.entrance_name.clone(),
        sheet: lines.first().map(Line::sheet).unwrap_or_default(),
        lines: lines.iter().map(printed).collect(),
    })
}

/// `GET /venue/sheet/enter`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let day = desk.site().zone.day(app.now()).to_string();
    render(&app, desk, &caller, Vec::new(), None, Asked { day, ..Asked::default() })
}

/// `POST /venue/sheet/enter`: a line is typed in.
pub(crate) async fn enter(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let text = |name: &str| form.field(name).to_owned();
    let mut asked = Asked {
        code: text("code"),
        day: text("day"),
        entered: text("entered"),
        came: text("came"),
        left: text("left"),
        kind: text("kind"),
        number: text("number"),
    };
    let read = match read(t, &desk, &asked) {
        Ok(read) => read,
        Err(trouble) => return wrong(&app, &desk, &form.caller, Vec::new(), trouble, asked),
    };
    let work = {
        let desk = desk.clone();
        async move { take(&desk, read).await }
    };
    let (line, done, failed) = match app.finish(work).await {
        Ok(outcome) => outcome,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let zone = &desk.site().zone;
    let said = |(kind, at): &(VisitKind, UnixMillis)| {
        let time = date::moment(t, zone, *at);
        let values = [("code", line.code()), ("time", time)];
        let text = if *kind == VisitKind::Entry { "manager-sheet-in" } else { "manager-sheet-out" };
        t.with(text, &values)
    };
    let taken: Vec<_> = done.iter().map(said).collect();
    for (kind, _) in &done {
        // What is written down is not to be sent again.
        match kind {
            VisitKind::Entry => asked.came = std::mem::take(&mut asked.entered),
            _ => asked.left.clear(),
        }
    }
    match failed {
        Some((kind, error)) => {
            let field = if kind == VisitKind::Entry { "entered" } else { "left" };
            let trouble = line_trouble(t, field, &error);
            wrong(&app, &desk, &form.caller, taken, trouble, asked)
        }
        None => {
            let asked = Asked { day: asked.day, kind: asked.kind, ..Asked::default() };
            render(&app, &desk, &form.caller, taken, None, asked)
        }
    }
}

/// What the form says, checked.
struct Read {
    line: Line,
    crossings: Vec<(VisitKind, UnixMillis)>,
    typed: Option<TypedNumber>,
}

fn read(t: Lang, desk: &Desk, asked: &Asked) -> Result<Read, (&'static str, String)> {
    let line = Line::read(&asked.code, desk.site().venue).map_err(|error| {
        let text = match error {
            CodeError::Form => "manager-error-line-form",
            _ => "manager-error-line-check",
        };
        ("code", t.say(text))
    })?;
    let Some(day) = crate::standing::read_day(&asked.day) else {
        return Err(("day", t.say("manager-error-day")));
    };
    let zone = &desk.site().zone;
    let time = |field: &'static str, day: Day, text: &str| match text {
        "" => Ok(None),
        text => match date::read_field(zone, &format!("{day}T{text}")) {
            Some(at) => Ok(Some(at)),
            None => Err((field, t.say("manager-error-time"))),
        },
    };
    let entered = time("entered", day, &asked.entered)?;
    let came = entered.or(time("entered", day, &asked.came)?);
    let left = time("left", day, &asked.left)?;
    // Who came before midnight and left after it left on the next day, whatever the clocks did in that night.
    let left = match (came, left) {
        (Some(came), Some(left)) if left < came => time("left", day.next(), &asked.left)?,
        (_, left) => left,
    };
    let crossings: Vec<_> = entered
        .map(|at| (VisitKind::Entry, at))
        .into_iter()
        .chain(left.map(|at| (VisitKind::Exit, at)))
        .collect();
    if crossings.is_empty() {
        return Err(("entered", t.say("manager-error-no-time")));
    }
    let kind = KINDS.iter().find(|(word, _)| *word == asked.kind);
    let Some((kind, _)) = kind else { return Err(("kind", t.say("manager-error-choice"))) };
    let typed = match (NumberKind::from_word(kind), asked.number.is_empty()) {
        (_, true) => None,
        (None, false) => return Err(("kind", t.say("manager-error-kind"))),
        (Some(kind), false) => {
            let read = TypedNumber::read(kind, &asked.number);
            Some(read.map_err(|_| ("number", t.say("manager-error-number")))?)
        }
    };
    Ok(Read { line, crossings, typed })
}

/// What was written down, and what was not and why.
type Outcome = (Line, Vec<(VisitKind, UnixMillis)>, Option<(VisitKind, LineError)>);

async fn take(desk: &Desk, read: Read) -> Outcome {
    let mut done = Vec::new();
    for (kind, at) in read.crossings {
        match desk.take_line(&read.line, kind, at, read.typed.clone()).await {
            Ok(_) => done.push((kind, at)),
            Err(error) => return (read.line, done, Some((kind, error))),
        }
    }
    (read.line, done, None)
}

fn line_trouble(t: Lang, field: &'static str, error: &LineError) -> (&'static str, String) {
    let (field, text) = match error {
        LineError::Again => (field, "manager-error-again"),
        LineError::Ahead => (field, "manager-error-ahead"),
        LineError::Old => ("day", "manager-error-old"),
        LineError::NoKey => ("number", "manager-error-no-key"),
        LineError::NotReady => ("code", "manager-error-not-ready"),
        LineError::Removed => ("code", "reason-door-removed"),
        error => {
            tracing::error!(%error, "a line of a sheet was not recorded");
            ("code", "act-error-ledger")
        }
    };
    (field, t.say(text))
}

fn wrong(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    taken: Vec<String>,
    trouble: (&'static str, String),
    asked: Asked,
) -> Response {
    let page = render(app, desk, caller, taken, Some(trouble), asked);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    taken: Vec<String>,
    trouble: Option<(&'static str, String)>,
    asked: Asked,
) -> Response {
    let (t, site) = (caller.lang, desk.site());
    show(&Enter {
        frame: Frame::new(app, caller, "/venue/sheet/enter"),
        tab: "/venue/sheet/enter",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        taken,
        trouble,
        asked,
        kinds: KINDS.map(|(word, text)| (word, t.say(text))).into(),
    })
}

impl Enter {
    /// The words for a field that is wrong.
    fn wrong(&self, name: &str) -> Option<&str> {
        self.trouble.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.as_str())
    }
}
