//! How somebody of the authority gets an account: the first admin by the set-up code, everybody else by an invitation.

use askama::Template;
use axum::{
    extract::{Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    audit::{AuditEntry, AuditKind},
    authority::{
        Authority,
        officers::{Office, Officer, Offices},
    },
    staff::{Access, Name},
};

use super::{change::new_account, write};
use crate::{
    app::{App, Shared},
    binding::{self, Brought, WRONG_MAX, chosen},
    caller::{Caller, form},
    date,
    error::Failure,
    frame::{Frame, show},
    role,
    session::same_token,
    staff::{self, code_digest},
    tries::{Lane, Wait},
};

#[derive(Template)]
#[template(path = "officer_join.html")]
struct Page {
    frame: Frame,
    region: String,
    /// Where the form goes: `/bind` or `/setup`.
    to: &'static str,
    code: String,
    name: String,
    /// Who was invited, and as what.
    person: Option<(String, String)>,
    asks_code: bool,
    trouble: Option<String>,
    over: Option<String>,
    /// The number of the account that is there now.
    number: Option<u16>,
}

impl Page {
    fn new(app: &App, caller: &Caller, authority: &Authority, to: &'static str) -> Self {
        let region = authority.overview().borrow().region;
        Self {
            frame: Frame::new(app, caller, to),
            region: caller.lang.fill("authority-region", region),
            to,
            code: String::new(),
            name: String::new(),
            person: None,
            asks_code: true,
            trouble: None,
            over: None,
            number: None,
        }
    }
}

/// `GET /bind` at the authority; a door's own is [`binding::ask`].
pub(crate) async fn ask(
    State(app): State<Shared>,
    caller: Caller,
    brought: Query<Brought>,
) -> Response {
    let Some(authority) = at_authority(&app) else {
        return binding::ask(State(app), caller, brought).await;
    };
    let code = brought.0.code.unwrap_or_default();
    let page = Page { code: code.clone(), ..Page::new(&app, &caller, &authority, "/bind") };
    if code.is_empty() {
        return show(&page);
    }
    match invited(&app, &authority, &caller, &code).await {
        Ok(officer) => show(&Page { person: Some(described(&caller, &officer)), ..page }),
        Err((status, text)) => {
            (status, show(&Page { trouble: Some(text), ..page })).into_response()
        }
    }
}

/// `POST /bind`
pub(crate) async fn bind(State(app): State<Shared>, caller: Caller, request: Request) -> Response {
    let Some(authority) = at_authority(&app) else {
        return binding::bind(State(app), caller, request).await;
    };
    let t = caller.lang;
    let fields = match form(request, &app).await {
        Ok(fields) => fields,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let page =
        Page { code: field("code").to_owned(), ..Page::new(&app, &caller, &authority, "/bind") };
    let _one_at_a_time = app.staffing.lock().await;
    let officer = match invited(&app, &authority, &caller, field("code")).await {
        Ok(officer) => officer,
        Err((status, text)) => {
            return (status, show(&Page { trouble: Some(text), ..page })).into_response();
        }
    };
    let page = Page { person: Some(described(&caller, &officer)), ..page };
    let kept = chosen(&app, field("secret"), field("again"), officer.name.as_str(), officer.number);
    let bound = match kept.await {
        Ok(kept) => Officer { access: Access::Secret(kept), ..officer },
        Err(text) => return wrong(Page { trouble: Some(t.say(text)), ..page }),
    };
    if let Err(text) = write(&app, bound.clone()).await {
        return wrong(Page { trouble: Some(t.say(text)), ..page });
    }
    let line = AuditEntry::new(app.now(), AuditKind::Bound, caller.peer);
    app.note(line.by(Some(bound.id)).about(bound.id)).await;
    show(&Page { number: Some(bound.number), ..page })
}

fn wrong(page: Page) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response()
}

fn described(caller: &Caller, officer: &Officer) -> (String, String) {
    (officer.name.as_str().to_owned(), role::offices_words(caller.lang, officer.offices))
}

/// A node that is an authority and no door.
fn at_authority(app: &App) -> Option<Authority> {
    app.services.authority.clone().filter(|_| app.services.door.is_none())
}

/// The account that a code invites to. Wrong ones are counted as at a door.
async fn invited(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    code: &str,
) -> Result<Officer, (StatusCode, String)> {
    let t = caller.lang;
    let refused = (StatusCode::FORBIDDEN, t.say("bind-wrong"));
    let Some(peer) = caller.peer else { return Err(refused) };
    let (lanes, now) = ([Lane::Address(peer)], app.now());
    if let Err(Wait { seconds }) = app.tries.begin(&lanes, now) {
        let span = date::span(t, seconds.saturating_mul(1000));
        return Err((StatusCode::TOO_MANY_REQUESTS, t.fill("signin-wait", span)));
    }
    let beginning = staff::code_beginning(code);
    let named = |o: &Officer| beginning.is_some_and(|b| o.id.as_bytes().starts_with(&b));
    let officer = authority.officers().into_iter().find(|o| o.is_invited(now) && named(o));
    let right = |officer: &Officer| match &officer.access {
        Access::Invited { digest, .. } => **digest == code_digest(code),
        _ => false,
    };
    if let Some(officer) = officer.clone().filter(right) {
        app.tries.was_right(&lanes);
        return Ok(officer);
    }
    let line = AuditEntry::new(now, AuditKind::WrongInvitation, caller.peer);
    app.note(officer.as_ref().map_or(line.clone(), |officer| line.about(officer.id))).await;
    if let Some(officer) = officer
        && app.tries.count(Lane::Invitation(*officer.id.as_bytes()), now) >= WRONG_MAX
    {
        let id = officer.id;
        if write(app, Officer { access: Access::Unsettled, ..officer }).await.is_ok() {
            let line = AuditEntry::new(now, AuditKind::InvitationEnded, caller.peer);
            app.note(line.about(id)).await;
        }
    }
    Err(refused)
}

/// `GET /setup`
pub(crate) async fn set_up(State(app): State<Shared>, caller: Caller) -> Response {
    match at_authority(&app) {
        Some(authority) => show(&first(&app, &caller, &authority)),
        None => binding::set_up(State(app), caller).await,
    }
}

fn has_key(caller: &Caller) -> bool {
    caller.person.as_ref().is_some_and(|person| person.who.is_none())
}

fn first(app: &App, caller: &Caller, authority: &Authority) -> Page {
    let t = caller.lang;
    let over = if !authority.lacks_admin() {
        Some(t.say("casework-setup-over"))
    } else if app.set_up_code().is_none() && !has_key(caller) {
        Some(t.say("setup-late"))
    } else {
        None
    };
    let asks_code = !has_key(caller);
    Page { over, asks_code, ..Page::new(app, caller, authority, "/setup") }
}

/// `POST /setup`
pub(crate) async fn make_first(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
) -> Response {
    let Some(authority) = at_authority(&app) else {
        return binding::make_first(State(app), caller, request).await;
    };
    let t = caller.lang;
    let fields = match form(request, &app).await {
        Ok(fields) => fields,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let _one_at_a_time = app.staffing.lock().await;
    let page = Page {
        code: field("code").to_owned(),
        name: field("name").to_owned(),
        ..first(&app, &caller, &authority)
    };
    if page.over.is_some() {
        return (StatusCode::FORBIDDEN, show(&page)).into_response();
    }
    let token = caller.token.as_deref().unwrap_or_default();
    if !(has_key(&caller) && same_token(token, field("token"))) {
        let Some(peer) = caller.peer else {
            return Failure::forbidden().read_in(t).into_response();
        };
        let lanes = [Lane::Address(peer), Lane::Strangers];
        if let Err(Wait { seconds }) = app.tries.begin(&lanes, app.now()) {
            let span = date::span(t, seconds.saturating_mul(1000));
            let trouble = Some(t.fill("signin-wait", span));
            let page = Page { trouble, ..page };
            return (StatusCode::TOO_MANY_REQUESTS, show(&page)).into_response();
        }
        if !app.is_set_up_code(field("code")) {
            app.note(AuditEntry::new(app.now(), AuditKind::WrongSetUp, caller.peer)).await;
            let page = Page { trouble: Some(t.say("setup-wrong")), ..page };
            return (StatusCode::FORBIDDEN, show(&page)).into_response();
        }
        app.tries.was_right(&lanes);
    }
    let made = admin(&app, &authority, field("name"), field("secret"), field("again")).await;
    let officer = match made {
        Ok(officer) => officer,
        Err(text) => return wrong(Page { trouble: Some(t.say(text)), ..page }),
    };
    if let Err(text) = write(&app, officer.clone()).await {
        return wrong(Page { trouble: Some(t.say(text)), ..page });
    }
    let line = AuditEntry::new(app.now(), AuditKind::SetUp, caller.peer);
    app.note(line.by(caller.who()).about(officer.id)).await;
    let person = Some(described(&caller, &officer));
    show(&Page { person, number: Some(officer.number), ..page })
}

async fn admin(
    app: &App,
    authority: &Authority,
    name: &str,
    secret: &str,
    again: &str,
) -> Result<Officer, &'static str> {
    let all = authority.officers();
    let name = Name::new(name).map_err(staff::name_error)?;
    if all.iter().any(|o| !o.is_removed() && o.name.is_typed(name.as_str())) {
        return Err("staff-error-name-taken");
    }
    let (id, number) = new_account(&all).ok_or("staff-error-full")?;
    let kept = chosen(app, secret, again, name.as_str(), number).await?;
    let (offices, access) = (Offices::of([Office::Admin]), Access::Secret(kept));
    Ok(Officer { id, number, name, offices, access, since: app.now(), passkeys: Vec::new() })
}
