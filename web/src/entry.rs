//! The overview, and the way in: a passkey, a name with a PIN or password, or the node's access key, opens a session.

mod passkey;

use askama::Template;
use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    audit::{AuditEntry, AuditKind},
    authority::access::Access,
    staff::StaffId,
};
use serde::Deserialize;
use sync::time::UnixMillis;

use crate::{
    app::{App, Shared},
    caller::{Caller, Posted, cookie, form},
    date,
    error::Failure,
    frame::{Frame, pages, show, subpages},
    officers,
    secret::{Queue, SecretError},
    session::{Holder, SESSION_MILLIS, digest},
    tries::{Lane, Wait},
};

pub(crate) use passkey::{answer as by_passkey, question as passkey_question};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    place: String,
}

#[derive(Template)]
#[template(path = "enter.html")]
struct Enter {
    frame: Frame,
    next: String,
    /// The name as it was typed.
    name: String,
    /// What is wrong, and in which form.
    trouble: Option<(Form, String)>,
    /// Whether there are accounts to sign in with.
    accounts: bool,
    /// Whether the first manager is still to be made here.
    set_up: bool,
    /// The origin at which passkeys work, where there are some.
    passkeys: Option<String>,
}

/// One of the ways in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Name,
    Key,
    Passkey,
}

/// What `/enter` may be opened with.
#[derive(Deserialize)]
pub(crate) struct Wish {
    key: Option<String>,
    next: Option<String>,
}

/// `/`
pub(crate) async fn home(State(app): State<Shared>, caller: Caller) -> Response {
    let place = match (&app.services.door, &app.services.authority) {
        (Some(desk), _) => {
            let site = desk.site();
            format!("{} · {}", site.venue_name, site.entrance_name)
        }
        (None, Some(authority)) => {
            let region = authority.overview().borrow().region;
            caller.lang.fill("authority-region", region)
        }
        (None, None) => String::new(),
    };
    show(&Home { frame: Frame::new(&app, &caller, "/"), place })
}

/// `GET /enter`
pub(crate) async fn enter(
    State(app): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    Query(wish): Query<Wish>,
) -> Response {
    let way = Way {
        app: &app,
        caller: &caller,
        headers: &headers,
        next: own_page(&app, wish.next.as_deref()),
    };
    match wish.key {
        Some(key) => way.by_key(&key).await,
        None if caller.token.is_some() => Redirect::to(way.next).into_response(),
        None => way.ask(String::new(), None),
    }
}

/// `POST /enter`
pub(crate) async fn try_typed(
    State(app): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let fields = match form(request, &app).await {
        Ok(fields) => fields,
        Err(failure) => return failure.read_in(caller.lang).into_response(),
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let next = own_page(&app, fields.get("next").map(String::as_str));
    let way = Way { app: &app, caller: &caller, headers: &headers, next };
    if fields.contains_key("key") {
        way.by_key(field("key")).await
    } else {
        way.by_name(field("name"), field("secret")).await
    }
}

/// `POST /leave`
pub(crate) async fn leave(State(app): State<Shared>, headers: HeaderMap, form: Posted) -> Response {
    if let Some(cookie) = cookie(&headers, &app.session_cookie()) {
        app.sessions.leave(cookie);
    }
    app.note(form.caller.line(&app, AuditKind::SignedOut)).await;
    Redirect::to("/").into_response()
}

/// An account that may sign in here, of a venue's staff or of the authority.
struct Account {
    id: StaffId,
    /// What the secret is kept as, where one may sign in.
    secret: Option<String>,
    /// When a session that begins now ends.
    ends: UnixMillis,
}

impl App {
    fn account_named(&self, typed: &str) -> Option<Account> {
        let now = self.now();
        let Some(desk) = &self.services.door else {
            let officer = self.services.authority.as_ref()?.officer_named(typed)?;
            let secret = officer.secret().map(str::to_owned);
            return Some(Account { id: officer.id, secret, ends: now.plus_millis(SESSION_MILLIS) });
        };
        let roster = desk.staff();
        let member = roster.named(typed)?;
        let secret = member.secret(now).map(str::to_owned);
        Some(Account { id: member.id, secret, ends: self.ends(member, now) })
    }

    /// Whether there are accounts to sign in with.
    fn has_accounts(&self) -> bool {
        match (&self.services.door, &self.services.authority) {
            (Some(desk), _) => desk.staff().present().any(|m| m.secret(self.now()).is_some()),
            (None, Some(authority)) => authority.officers().iter().any(|o| o.secret().is_some()),
            (None, None) => false,
        }
    }
}

impl App {
    /// Whether this officer signs in with a passkey alone, and has one; `None` where a secret is enough.
    fn demands_passkey(&self, id: StaffId) -> Option<bool> {
        let (authority, _) = self.passkeys_here()?;
        let officer = authority.officer(&id)?;
        let demanded = self.passkeys.are_required_of(officer.offices);
        demanded.then_some(!officer.passkeys.is_empty())
    }

    /// The origin at which somebody can sign in by passkey.
    fn offered_passkeys(&self) -> Option<String> {
        let (authority, party) = self.passkeys_here()?;
        let has = authority.officers().iter().any(|officer| !officer.passkeys.is_empty());
        has.then(|| party.origin().to_owned())
    }
}

/// One attempt to come in.
struct Way<'a> {
    app: &'a App,
    caller: &'a Caller,
    headers: &'a HeaderMap,
    next: &'static str,
}

impl Way<'_> {
    async fn by_key(&self, key: &str) -> Response {
        let Some(peer) = self.caller.peer else {
            return Failure::forbidden().read_in(self.caller.lang).into_response();
        };
        let (app, lanes) = (self.app, [Lane::Key(peer)]);
        if app.tries.begin(&lanes, app.now()).is_err() {
            return self.wait(Form::Key, String::new(), self.caller.lang.say("enter-locked"), 60);
        }
        if !app.sessions.is_key(key) {
            tracing::warn!(%peer, "wrong access key");
            self.wrong(AuditKind::WrongKey, None, &lanes).await;
            let text = self.caller.lang.say("enter-wrong");
            let page = self.ask(String::new(), Some((Form::Key, text)));
            return (StatusCode::FORBIDDEN, page).into_response();
        }
        app.tries.was_right(&lanes);
        app.note(self.line(AuditKind::EnteredByKey)).await;
        self.begin(Holder::Key, None)
    }

    async fn by_name(&self, name: &str, secret: &str) -> Response {
        let (app, t) = (self.app, self.caller.lang);
        let Some(peer) = self.caller.peer else {
            return Failure::forbidden().read_in(t).into_response();
        };
        let member = app.account_named(name);
        let member = member.as_ref();
        let browser = member.and_then(|member| app.known_for(self.headers, member.id));
        let (queue, lanes) = match browser {
            Some(browser) => (Queue::Known, vec![Lane::Browser(browser)]),
            None => {
                let name = lane_of(name, member);
                (Queue::Strangers, vec![Lane::Address(peer), name, Lane::Strangers])
            }
        };
        if let Err(Wait { seconds }) = app.tries.begin(&lanes, app.now()) {
            let text = t.fill("signin-wait", date::span(t, seconds.saturating_mul(1000)));
            return self.wait(Form::Name, name.to_owned(), text, seconds);
        }
        let kept = member.and_then(|member| member.secret.as_deref());
        match app.secrets.is_right(queue, secret, kept).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(%peer, "wrong name, PIN or password");
                self.wrong(AuditKind::WrongSecret, member, &lanes).await;
                let text = t.say("signin-wrong");
                let page = self.ask(name.to_owned(), Some((Form::Name, text)));
                return (StatusCode::FORBIDDEN, page).into_response();
            }
            Err(SecretError::Busy) => {
                app.tries.give_back(&lanes);
                let page = self.ask(name.to_owned(), Some((Form::Name, t.say("signin-busy"))));
                let retry = [(header::RETRY_AFTER, "5")];
                return (StatusCode::SERVICE_UNAVAILABLE, retry, page).into_response();
            }
            Err(error) => return Failure::internal(&error).read_in(t).into_response(),
        }
        app.tries.was_right(&lanes);
        let (Some(member), Some(kept)) = (member, kept) else {
            return Failure::forbidden().read_in(t).into_response();
        };
        let holder = Holder::Member { id: member.id, secret: digest(kept) };
        match app.demands_passkey(member.id) {
            Some(true) => {
                let access = Access {
                    about: Some(member.id),
                    detail: "password".into(),
                    from: peer.to_string(),
                    ..Access::new(app.now(), "passkey-refused")
                };
                officers::write_line(app, access).await;
                let text = t.say("passkey-demanded");
                let page = self.ask(name.to_owned(), Some((Form::Name, text)));
                (StatusCode::FORBIDDEN, page).into_response()
            }
            demanded => {
                app.note(self.line(AuditKind::SignedIn).by(Some(member.id))).await;
                let next = demanded.map_or(self.next, |_| "/account/passkeys");
                let way = Way { app, caller: self.caller, headers: self.headers, next };
                way.begin(holder, Some(member))
            }
        }
    }

    fn line(&self, kind: AuditKind) -> AuditEntry {
        AuditEntry::new(self.app.now(), kind, self.caller.peer)
    }

    async fn wrong(&self, kind: AuditKind, whose: Option<&Account>, lanes: &[Lane]) {
        let about = |entry: AuditEntry| match whose {
            Some(member) => entry.about(member.id),
            None => entry,
        };
        self.app.note(about(self.line(kind))).await;
        if self.app.tries.waits(lanes, self.app.now()) {
            self.app.note(about(self.line(AuditKind::LockedOut))).await;
        }
    }

    /// Lets somebody in: under a fresh name, and where an account did it, as a browser that is known from now on.
    fn begin(&self, holder: Holder, member: Option<&Account>) -> Response {
        let (app, t) = (self.app, self.caller.lang);
        let earlier = cookie(self.headers, &app.session_cookie());
        let issued = match app.sessions.begin(holder, earlier, app.now()) {
            Ok(issued) => issued,
            Err(error) => return Failure::internal(&error).read_in(t).into_response(),
        };
        let millis = member.map_or(SESSION_MILLIS, |m| m.ends.get() - app.now().get());
        let session = format!(
            "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
            app.session_cookie(),
            issued.cookie,
            millis / 1000,
            if app.secure { "; Secure" } else { "" }
        );
        let known = member.map(|member| app.know(member.id)).transpose();
        let known = match known {
            Ok(known) => known,
            Err(error) => return Failure::internal(&error).read_in(t).into_response(),
        };
        let mut response = Redirect::to(self.next).into_response();
        for cookie in [Some(session), known].into_iter().flatten() {
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    fn wait(&self, form: Form, name: String, text: String, seconds: i64) -> Response {
        let page = self.ask(name, Some((form, text)));
        let retry = [(header::RETRY_AFTER, seconds.to_string())];
        (StatusCode::TOO_MANY_REQUESTS, retry, page).into_response()
    }

    fn ask(&self, name: String, trouble: Option<(Form, String)>) -> Response {
        let app = self.app;
        let accounts = app.has_accounts();
        show(&Enter {
            frame: Frame::new(app, self.caller, "/enter"),
            next: self.next.to_owned(),
            name,
            trouble,
            accounts,
            set_up: app.set_up_code().is_some(),
            passkeys: app.offered_passkeys(),
        })
    }
}

impl Enter {
    fn wrong_name(&self) -> Option<&str> {
        self.trouble.as_ref().filter(|(form, _)| *form == Form::Name).map(|(_, text)| text.as_str())
    }

    fn wrong_passkey(&self) -> Option<&str> {
        let of_it = self.trouble.as_ref().filter(|(form, _)| *form == Form::Passkey);
        of_it.map(|(_, text)| text.as_str())
    }

    fn wrong_key(&self) -> Option<&str> {
        self.trouble.as_ref().filter(|(form, _)| *form == Form::Key).map(|(_, text)| text.as_str())
    }
}

/// One lane for an account, by whatever of its names it was meant; another for each name that nobody has.
fn lane_of(typed: &str, member: Option<&Account>) -> Lane {
    let typed: String = typed.chars().take(256).flat_map(char::to_lowercase).collect();
    let nobody = || Lane::Name(digest(&format!("nobody {typed}")));
    member.map_or_else(nobody, |member| Lane::of(&member.id))
}

/// Where to go next: one of our own pages, never another site.
fn own_page(app: &App, wished: Option<&str>) -> &'static str {
    let own = pages(app).into_iter().map(|(path, _)| path).chain(subpages(app).iter().copied());
    own.into_iter().find(|path| Some(*path) == wished).unwrap_or("/")
}
