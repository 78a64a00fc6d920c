//! How a person gets an account: the first manager by the set-up code, everybody else by an invitation.

mod first;

use askama::Template;
use axum::{
    extract::{Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    audit::{AuditEntry, AuditKind},
    desk::Desk,
    staff::{Access, Role, StaffMember},
};
use serde::Deserialize;

use crate::{
    app::{App, Shared},
    caller::{Caller, form},
    date,
    error::Failure,
    frame::{Frame, show},
    role, secret,
    staff::{self, code_digest},
    tries::{Lane, Wait},
};

pub(crate) use first::{make_first, set_up};

/// Wrong tries at one invitation that end it.
pub(crate) const WRONG_MAX: u32 = 10;

#[derive(Template)]
#[template(path = "bind.html")]
struct Page {
    frame: Frame,
    venue: String,
    code: String,
    /// Whom the code is for, and as what.
    person: Option<(String, String)>,
    trouble: Option<String>,
    elsewhere: Option<String>,
}

#[derive(Template)]
#[template(path = "bound.html")]
struct Bound {
    frame: Frame,
    venue: String,
    /// The name and the number of the account.
    values: [(&'static str, String); 2],
    manager: bool,
}

impl Bound {
    fn values(&self) -> &[(&'static str, String)] {
        &self.values
    }
}

/// What `/bind` may be opened with.
#[derive(Deserialize)]
pub(crate) struct Brought {
    pub(crate) code: Option<String>,
}

/// `GET /bind`
pub(crate) async fn ask(
    State(app): State<Shared>,
    caller: Caller,
    Query(brought): Query<Brought>,
) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let code = brought.code.unwrap_or_default();
    if code.is_empty() || !desk.keeps_staff() {
        return render(&app, &desk, &caller, code, None, None);
    }
    match invited(&app, &desk, &caller, &code).await {
        Ok(member) => render(&app, &desk, &caller, code, Some(&member), None),
        Err(refusal) => refusal.answer(&app, &desk, &caller, code),
    }
}

/// `POST /bind`
pub(crate) async fn bind(State(app): State<Shared>, caller: Caller, request: Request) -> Response {
    let t = caller.lang;
    let fields = match form(request, &app).await {
        Ok(fields) => fields,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let code = field("code").to_owned();
    let _one_at_a_time = app.staffing.lock().await;
    let member = match invited(&app, &desk, &caller, &code).await {
        Ok(member) => member,
        Err(refusal) => return refusal.answer(&app, &desk, &caller, code),
    };
    let again = |text: &'static str| {
        let page = render(&app, &desk, &caller, code.clone(), Some(&member), Some(t.say(text)));
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    let kept =
        match chosen(&app, field("secret"), field("again"), member.name.as_str(), member.number)
            .await
        {
            Ok(kept) => kept,
            Err(text) => return again(text),
        };
    let bound = StaffMember { access: Access::Secret(kept), ..member.clone() };
    if let Err(text) = staff::write(&app, bound.clone()).await {
        return again(text);
    }
    app.note(line(&app, &caller, AuditKind::Bound).by(Some(member.id)).about(member.id)).await;
    if member.role == Role::Manager
        && let Err(text) = staff::hand_over(&app, member.id).await
    {
        // There is one manager: the invitation stays open, to be tried again.
        if staff::write(&app, member.clone()).await.is_err() {
            tracing::error!("an invitation was taken up, and the earlier manager stays one too");
        }
        return again(text);
    }
    show_bound(&app, &desk, &caller, &bound)
}

/// What a chosen secret is kept as, or which words say how to mend it.
pub(crate) async fn chosen(
    app: &App,
    secret: &str,
    again: &str,
    name: &str,
    number: u16,
) -> Result<String, &'static str> {
    secret::check(secret, &[name, &number.to_string()]).map_err(secret::Unfit::text)?;
    if secret != again {
        return Err("secret-differs");
    }
    app.secrets.hash(secret).await.map_err(|error| {
        tracing::warn!(%error, "a secret was not kept");
        "signin-busy"
    })
}

/// What a member types twice becomes what is kept: for the own page.
pub(crate) async fn chosen_by(
    app: &App,
    member: &StaffMember,
    secret: &str,
    again: &str,
) -> Result<String, &'static str> {
    chosen(app, secret, again, member.name.as_str(), member.number).await
}

/// Why an invitation does not open.
enum Refusal {
    /// It is no invitation, or not any more.
    Wrong,
    /// Too many wrong ones came from here.
    Wait(Wait),
    /// Accounts are not kept at this door.
    Elsewhere,
}

impl Refusal {
    fn answer(self, app: &App, desk: &Desk, caller: &Caller, code: String) -> Response {
        let t = caller.lang;
        let (status, text) = match self {
            Self::Wrong => (StatusCode::FORBIDDEN, Some(t.say("bind-wrong"))),
            Self::Wait(Wait { seconds }) => {
                let span = date::span(t, seconds.saturating_mul(1000));
                (StatusCode::TOO_MANY_REQUESTS, Some(t.fill("signin-wait", span)))
            }
            Self::Elsewhere => (StatusCode::NOT_FOUND, None),
        };
        (status, render(app, desk, caller, code, None, text)).into_response()
    }
}

/// The account that a code invites to. Wrong ones are counted for the address and, where they begin as an invitation
/// does, for that.
async fn invited(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    code: &str,
) -> Result<StaffMember, Refusal> {
    let Some(peer) = caller.peer.filter(|_| desk.keeps_staff()) else {
        return Err(Refusal::Elsewhere);
    };
    let (lanes, now) = ([Lane::Address(peer)], app.now());
    app.tries.begin(&lanes, now).map_err(Refusal::Wait)?;
    let beginning = staff::code_beginning(code);
    let roster = desk.staff();
    let mut found = roster.present().filter(|member| {
        member.is_invited(now) && beginning.is_some_and(|b| member.id.as_bytes().starts_with(&b))
    });
    let member = found.next();
    let right = |member: &&StaffMember| match &member.access {
        Access::Invited { digest, .. } => **digest == code_digest(code),
        _ => false,
    };
    if let Some(member) = member.filter(right) {
        app.tries.was_right(&lanes);
        return Ok(member.clone());
    }
    let entry = line(app, caller, AuditKind::WrongInvitation);
    app.note(member.map_or(entry.clone(), |member| entry.about(member.id))).await;
    if let Some(member) = member
        && app.tries.count(Lane::Invitation(*member.id.as_bytes()), now) >= WRONG_MAX
        && staff::write(app, StaffMember { access: Access::Unsettled, ..member.clone() })
            .await
            .is_ok()
    {
        app.note(line(app, caller, AuditKind::InvitationEnded).about(member.id)).await;
    }
    Err(Refusal::Wrong)
}

fn line(app: &App, caller: &Caller, kind: AuditKind) -> AuditEntry {
    AuditEntry::new(app.now(), kind, caller.peer)
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    code: String,
    member: Option<&StaffMember>,
    trouble: Option<String>,
) -> Response {
    let t = caller.lang;
    show(&Page {
        frame: Frame::new(app, caller, "/bind"),
        venue: desk.site().venue_name.clone(),
        code,
        person: member.map(|m| (m.name.as_str().to_owned(), t.say(role::text(m.role)))),
        trouble,
        elsewhere: staff::elsewhere(desk, t),
    })
}

fn show_bound(app: &App, desk: &Desk, caller: &Caller, member: &StaffMember) -> Response {
    show(&Bound {
        frame: Frame::new(app, caller, "/bind"),
        venue: desk.site().venue_name.clone(),
        values: [("name", member.name.as_str().to_owned()), ("number", member.number.to_string())],
        manager: member.role == Role::Manager,
    })
}
