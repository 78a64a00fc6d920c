//! The look-up of elders and children by name and number, and the list of all look-ups.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    code::ids::Group,
    desk::{Desk, LookUpError, LookUpView, NAME_MAX, Who},
    event::{Pending, PendingId},
    staff::StaffId,
};
use zeroize::Zeroizing;

use crate::{
    app::{App, Shared},
    audit,
    caller::{Caller, Manager, Posted, Staff},
    date,
    error::Failure,
    frame::{Frame, show},
    idcheck::{self, Typing},
    sign,
};

/// After how many seconds an answer leaves the screen, with scripts and without.
const SHOWN_SECONDS: u32 = 10;

#[derive(Template)]
#[template(path = "lookup.html")]
struct Page {
    frame: Frame,
    typing: Typing,
    group: Option<Group>,
    name: String,
    trouble: Option<&'static str>,
    left: String,
}

#[derive(Template)]
#[template(path = "looked_up.html")]
struct Answer {
    frame: Frame,
    pending: Pending,
    name: String,
    standing: String,
}

#[derive(Template)]
#[template(path = "look_ups.html")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    left: String,
}

struct Row {
    at: String,
    door: String,
    what: &'static str,
    who: String,
}

/// `GET /desk/lookup`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, Typing::default(), (None, String::new()), None),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /desk/lookup`: the answer, for ten seconds.
pub(crate) async fn ask(State(app): State<Shared>, mut form: Posted) -> Response {
    let lang = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(lang).into_response();
    };
    let group = match form.field("group") {
        "elder" => Some(Group::Elder),
        "child" => Some(Group::Child),
        _ => None,
    };
    let name = form.secret("name").trim().to_owned();
    let again = |form: &Posted, typing: Typing, trouble: Option<&'static str>| {
        let asked = (group, name.chars().take(NAME_MAX).collect());
        let page = render(&app, &desk, &form.caller, typing, asked, trouble);
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    // It comes back as it was typed where it may be mended.
    let written = Zeroizing::new(form.field("number").to_owned());
    let typed = match idcheck::read(&mut form) {
        Ok(typed) => typed,
        Err(typing) => return again(&form, typing, None),
    };
    let kind = Some(typed.kind());
    let kept =
        |wrong| Typing { kind, number: written.to_string(), consent: true, out: false, wrong };
    let back = |field, text| kept(Some((field, text)));
    let Some(group) = group else {
        return again(&form, back("group", "guard-wrong-kind"), None);
    };
    let who: Who = form.caller.who().map(|id| *id.as_bytes());
    let work = {
        let (desk, name) = (desk.clone(), name.clone());
        async move { desk.look_up(group, &typed, &name, who).await }
    };
    let error = match app.finish(work).await {
        Ok(Ok(pending)) => return answer(&app, &desk, &form.caller, pending, &name),
        Ok(Err(error)) => error,
        Err(failure) => return failure.read_in(lang).into_response(),
    };
    match error {
        LookUpError::Name => again(&form, back("name", "guard-wrong-name"), None),
        LookUpError::Passport => again(&form, back("number", "guard-wrong-passport"), None),
        LookUpError::Group => again(&form, back("number", "guard-wrong-group"), None),
        LookUpError::Unsaid => again(&form, back("number", "guard-wrong-unsaid"), None),
        LookUpError::Capped => again(&form, kept(None), Some("guard-wrong-capped")),
        LookUpError::NoAnswer => again(&form, kept(None), Some("guard-wrong-no-answer")),
        LookUpError::Removed => again(&form, kept(None), Some("reason-door-removed")),
        error => {
            tracing::error!(%error, cause = ?std::error::Error::source(&error), "nobody was looked up");
            again(&form, kept(None), Some("guard-error-ledger"))
        }
    }
}

/// `POST /desk/lookup/come`: who was looked up checks in.
pub(crate) async fn come(State(app): State<Shared>, form: Posted) -> Response {
    let lang = form.caller.lang;
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(lang).into_response();
    };
    let Ok(id) = form.field("id").parse().map(PendingId) else {
        return Failure::malformed().read_in(lang).into_response();
    };
    match desk.bring(id) {
        Some(pending) => {
            app.waiting.add(pending);
            Redirect::to("/desk").into_response()
        }
        None => {
            let nobody = (None, String::new());
            let late = Some("guard-come-late");
            let page = render(&app, desk, &form.caller, Typing::default(), nobody, late);
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
    }
}

/// `GET /desk/lookups`
pub(crate) async fn list(State(app): State<Shared>, Manager(caller): Manager) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let (t, zone, now) = (caller.lang, &desk.site().zone, app.now());
    let roster = desk.staff();
    let row = |told: LookUpView| Row {
        at: date::recent(t, zone, told.at, now),
        door: told.door,
        what: audit::looked_up(told.what),
        who: match told.who.and_then(|who| who.try_into().ok()) {
            Some(who) => audit::name(&roster, StaffId::new(who)),
            None => t.say("guard-who-unknown"),
        },
    };
    show(&List {
        frame: Frame::new(&app, &caller, "/desk/lookups"),
        rows: desk.look_ups().into_iter().map(row).collect(),
        left: idcheck::left(desk, &caller),
    })
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    typing: Typing,
    (group, name): (Option<Group>, String),
    trouble: Option<&'static str>,
) -> Response {
    let left = idcheck::left(desk, caller);
    show(&Page {
        frame: Frame::new(app, caller, "/desk/lookup"),
        typing,
        group,
        name,
        trouble,
        left,
    })
}

/// A header closes the page, for a `meta` element of the kind is what readers of screens are warned of: here it is
/// essential that nobody else reads it.
fn answer(app: &App, desk: &Desk, caller: &Caller, pending: Pending, name: &str) -> Response {
    let verdict = &pending.verdict;
    let zone = &desk.site().zone;
    let standing = sign::standing(caller.lang, zone, verdict.status, verdict.until, verdict.then);
    let mut page = show(&Answer {
        frame: Frame::new(app, caller, "/desk/lookup"),
        name: masked(name),
        standing,
        pending,
    });
    let leaves = format!("{SHOWN_SECONDS}; url=/desk/lookup");
    if let Ok(leaves) = HeaderValue::from_str(&leaves) {
        page.headers_mut().insert("refresh", leaves);
    }
    page
}

/// The first letter of each word.
fn masked(name: &str) -> String {
    let first = |word: &str| word.chars().next().map(|c| format!("{c}*"));
    name.split_whitespace().filter_map(first).collect::<Vec<_>>().join(" ")
}

impl Page {
    fn asks_for(&self, word: &str) -> bool {
        match self.group {
            Some(Group::Child) => word == "child",
            Some(Group::Elder) | None => word == "elder",
        }
    }
}

impl Answer {
    fn closes(&self) -> String {
        self.frame.t.count("guard-closes", SHOWN_SECONDS)
    }

    fn look(&self) -> (&'static str, &'static str, &'static str) {
        sign::look(self.pending.verdict.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_masked_in_every_script() {
        let check = |name, shown: &str| assert_eq!(masked(name), shown);
        check("Anna Maria Eriksson", "A* M* E*");
        check("Әсет Тұрысов", "Ә* Т*");
        check("王小明", "王*");
        check(" Nguyễn  Thị Hương ", "N* T* H*");
    }
}
