//! Guard mode: a visitor without phone and paper is known by a number that is typed here, with the visitor's consent.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    code::ids::{IdError, TypedNumber},
    desk::{Asking, Desk, TypedError, Way, Who},
};
use serde::Deserialize;
use sync::sealed::NumberKind;
use zeroize::Zeroizing;

use crate::{
    app::{App, Shared},
    aside,
    caller::{Caller, Posted, Staff},
    error::Failure,
    frame::{Frame, show},
};

/// The longest text that is typed as a number; the text of a Vietnamese card's code is the longest.
const NUMBER_CHARS_MAX: usize = 1024;

/// What the page was told to say after a number was typed.
#[derive(Deserialize)]
pub(crate) struct Said {
    said: Option<String>,
}

/// What was typed, as it comes back after an error.
#[derive(Default)]
pub(crate) struct Typing {
    pub(crate) kind: Option<NumberKind>,
    pub(crate) number: String,
    pub(crate) consent: bool,
    pub(crate) out: bool,
    /// The field that is wrong, and the text that says how.
    pub(crate) wrong: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "guard.html")]
struct Page {
    frame: Frame,
    place: String,
    typing: Typing,
    said: Option<&'static str>,
    trouble: Option<&'static str>,
    both_ways: bool,
    left: String,
    waiting: String,
}

/// The kinds of numbers that are offered, each with its name and what it looks like.
pub(crate) const KINDS: [(NumberKind, &str, &str); 4] = [
    (NumberKind::Iin, "guard-kind-iin", "guard-form-iin"),
    (NumberKind::Passport, "guard-kind-passport", "guard-form-passport"),
    (NumberKind::Cccd, "guard-kind-cccd", "guard-form-cccd"),
    (NumberKind::ResidentId, "guard-kind-resident-id", "guard-form-resident-id"),
];

/// `GET /desk/guard`
pub(crate) async fn page(
    State(app): State<Shared>,
    Staff(caller): Staff,
    Query(query): Query<Said>,
) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let said = query.said.as_deref().and_then(|word| match word {
        "answered" => Some("guard-said-answered"),
        "unanswered" => Some("guard-said-unanswered"),
        "capped" => Some("guard-said-capped"),
        "not-asked" => Some("guard-said-not-asked"),
        _ => None,
    });
    render(&app, desk, &caller, Typing::default(), (said, None))
}

/// `POST /desk/guard`
pub(crate) async fn check(State(app): State<Shared>, mut form: Posted) -> Response {
    let lang = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(lang).into_response();
    };
    let way = match (form.field("way"), desk.ways()) {
        ("out", _) => Way::Out,
        ("in", _) | (_, [Way::In, ..]) => Way::In,
        _ => Way::Out,
    };
    let out = way == Way::Out;
    // It comes back as it was typed where the fault is not the typist's.
    let written = Zeroizing::new(form.field("number").to_owned());
    let read = read(&mut form);
    let typed = match read {
        Ok(typed) => typed,
        Err(typing) => {
            let typing = Typing { out, ..typing };
            let page = render(&app, &desk, &form.caller, typing, (None, None));
            return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
        }
    };
    let typing = Typing {
        kind: Some(typed.kind()),
        number: written.to_string(),
        consent: true,
        out,
        wrong: None,
    };
    let who: Who = form.caller.who().map(|id| *id.as_bytes());
    let work = {
        let desk = desk.clone();
        async move { desk.assess_typed(&typed, way, who).await }
    };
    let trouble = match app.finish(work).await {
        Ok(Ok(typed)) => {
            app.waiting.add(typed.pending);
            let said = match typed.asking {
                Asking::Answered => "answered",
                Asking::Unanswered => "unanswered",
                Asking::Capped => "capped",
                Asking::NotAsked => "not-asked",
            };
            return Redirect::to(&format!("/desk/guard?said={said}")).into_response();
        }
        Ok(Err(TypedError::Removed)) => "reason-door-removed",
        Ok(Err(TypedError::Way)) => "guard-wrong-way",
        Ok(Err(error)) => {
            tracing::error!(%error, cause = ?std::error::Error::source(&error), "a number was not looked up");
            "guard-error-ledger"
        }
        Err(failure) => return failure.read_in(lang).into_response(),
    };
    let page = render(&app, &desk, &form.caller, typing, (None, Some(trouble)));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// Kind, number and consent of a form; what is wrong comes back with all that was typed.
pub(crate) fn read(form: &mut Posted) -> Result<TypedNumber, Typing> {
    let kind = NumberKind::from_word(form.field("kind"));
    let consent = form.field("consent") == "yes";
    let number = form.secret("number");
    let wrong = match kind {
        None => ("kind", "guard-wrong-kind"),
        Some(_) if number.trim().is_empty() => ("number", "guard-wrong-empty"),
        Some(kind) => match TypedNumber::read(kind, &number) {
            Ok(typed) if consent => return Ok(typed),
            Ok(_) => ("consent", "guard-wrong-consent"),
            Err(error) => ("number", wrong_number(kind, error)),
        },
    };
    let number = number.chars().take(NUMBER_CHARS_MAX).collect();
    Err(Typing { kind, number, consent, out: false, wrong: Some(wrong) })
}

fn wrong_number(kind: NumberKind, error: IdError) -> &'static str {
    match error {
        IdError::Checksum(_) => "guard-wrong-checksum",
        IdError::Date(_) => "guard-wrong-date",
        IdError::Place(_) => "guard-wrong-place",
        IdError::Disagrees(_) => "guard-wrong-disagrees",
        _ => KINDS.iter().find(|(k, ..)| *k == kind).map_or("guard-wrong-kind", |(.., form)| form),
    }
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    typing: Typing,
    (said, trouble): (Option<&'static str>, Option<&'static str>),
) -> Response {
    let site = desk.site();
    show(&Page {
        frame: Frame::new(app, caller, "/desk/guard"),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        typing,
        said,
        trouble,
        both_ways: desk.ways().len() > 1,
        left: left(desk, caller),
        waiting: aside::at_desk(app, desk, caller),
    })
}

/// How many look-ups are left in this hour, of how many.
pub(crate) fn left(desk: &Desk, caller: &Caller) -> String {
    let (left, most) = desk.look_ups_left();
    caller.lang.fill("guard-left", format!("{left} / {most}"))
}

impl Typing {
    /// What is wrong with a field.
    pub(crate) fn wrong(&self, field: &str) -> Option<&'static str> {
        self.wrong.filter(|(of, _)| *of == field).map(|(_, text)| text)
    }

    /// Whether a kind is chosen; the first is where nothing was.
    pub(crate) fn is(&self, kind: &NumberKind) -> bool {
        self.kind.map_or(*kind == NumberKind::Iin && self.wrong.is_none(), |chosen| chosen == *kind)
    }
}
