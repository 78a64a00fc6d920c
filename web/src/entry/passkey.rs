//! Signing in by passkey: the question that the browser answers, and what comes of the answer.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64URL_NOPAD;
use node_core::{
    audit::AuditKind,
    authority::{
        Authority,
        access::Access,
        officers::Officer,
        passkeys::{self, Party, Refusal, Used},
    },
};
use serde_json::json;

use super::{Account, Form, Way, own_page};
use crate::{
    app::{App, Shared, passkey_secret},
    caller::{Caller, form},
    challenge::{LASTS_MILLIS, Purpose},
    date,
    error::Failure,
    officers,
    session::{Holder, SESSION_MILLIS},
    tries::{Lane, Wait},
};

/// How often an account is read anew where another gateway was quicker.
const TRIES: u32 = 4;

/// `GET /enter/passkey`: what the browser is to sign.
pub(crate) async fn question(State(app): State<Shared>, caller: Caller) -> Response {
    let Some((_, party)) = app.passkeys_here() else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    match app.passkeys.challenges.make(Purpose::SignIn, app.now()) {
        Ok(challenge) => {
            Json(json!({ "challenge": challenge, "party": party.id(), "millis": LASTS_MILLIS }))
                .into_response()
        }
        Err(error) => Failure::internal(&error).read_in(caller.lang).into_response(),
    }
}

/// `POST /enter/passkey`
pub(crate) async fn answer(
    State(app): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let fields = match form(request, &app).await {
        Ok(fields) => fields,
        Err(failure) => return failure.read_in(caller.lang).into_response(),
    };
    let next = own_page(&app, fields.get("next").map(String::as_str));
    let way = Way { app: &app, caller: &caller, headers: &headers, next };
    way.by_passkey(&fields).await
}

/// The parts of an answer, decoded.
struct Parts([Vec<u8>; 5]);

impl Parts {
    fn of(fields: &BTreeMap<String, String>) -> Option<Self> {
        let part = |name: &str| BASE64URL_NOPAD.decode(fields.get(name)?.as_bytes()).ok();
        let [id, client, authenticator, signature, holder] =
            ["id", "client", "authenticator", "signature", "holder"].map(part);
        Some(Self([id?, client?, authenticator?, signature?, holder?]))
    }

    fn used(&self) -> Used<'_> {
        let [id, client, authenticator, signature, holder] = &self.0;
        Used { id, client, authenticator, signature, holder }
    }
}

/// Why nobody came in.
enum Stopped {
    Refused(Refusal),
    Failed(Failure),
}

impl Way<'_> {
    async fn by_passkey(&self, fields: &BTreeMap<String, String>) -> Response {
        let (app, t) = (self.app, self.caller.lang);
        let (Some(peer), Some((authority, party))) = (self.caller.peer, app.passkeys_here()) else {
            return Failure::not_found().read_in(t).into_response();
        };
        let lanes = [Lane::Address(peer)];
        if let Err(Wait { seconds }) = app.tries.begin(&lanes, app.now()) {
            let text = t.fill("signin-wait", date::span(t, seconds.saturating_mul(1000)));
            return self.wait(Form::Passkey, String::new(), text, seconds);
        }
        let parts = Parts::of(fields);
        let used = parts.as_ref().map(Parts::used);
        let came = match &used {
            Some(used) => who_came(app, authority, party, used).await,
            None => Err(Stopped::Refused(Refusal::Malformed)),
        };
        match came {
            Ok((officer, secret)) => {
                app.tries.was_right(&lanes);
                let access = Access {
                    who: Some(officer.id),
                    detail: "passkey".into(),
                    from: peer.to_string(),
                    ..Access::new(app.now(), "signed-in")
                };
                officers::write_line(app, access).await;
                let ends = app.now().plus_millis(SESSION_MILLIS);
                let account = Account { id: officer.id, secret: None, ends };
                self.begin(Holder::Member { id: officer.id, secret }, Some(&account))
            }
            Err(Stopped::Failed(failure)) => failure.read_in(t).into_response(),
            Err(Stopped::Refused(why)) => {
                tracing::warn!(%peer, %why, "a passkey was refused");
                let whose = used
                    .as_ref()
                    .and_then(Used::account)
                    .filter(|id| authority.officer(id).is_some());
                let what =
                    if why == Refusal::Counter { "passkey-counter" } else { "passkey-refused" };
                let access = Access {
                    about: whose,
                    detail: why.word().into(),
                    from: peer.to_string(),
                    ..Access::new(app.now(), what)
                };
                officers::write_line(app, access).await;
                if app.tries.waits(&lanes, app.now()) {
                    app.note(self.line(AuditKind::LockedOut)).await;
                }
                let page = self.ask(String::new(), Some((Form::Passkey, t.say(words(why)))));
                (StatusCode::FORBIDDEN, page).into_response()
            }
        }
    }
}

/// Whose passkey it was that signed; its counter is written down before anybody comes in.
async fn who_came(
    app: &App,
    authority: &Authority,
    party: &Party,
    used: &Used<'_>,
) -> Result<(Officer, crate::session::Digest32), Stopped> {
    let _one_at_a_time = app.staffing.lock().await;
    let internal = |error: &dyn std::error::Error| Stopped::Failed(Failure::internal(error));
    let mut taken = false;
    for _ in 0..TRIES {
        let owner = used.account().and_then(|id| authority.officer(&id));
        let owner = owner.ok_or(Stopped::Refused(Refusal::Unknown))?;
        let Some(secret) = owner.secret() else {
            return Err(Stopped::Refused(Refusal::Unknown)); // removed, or invited anew
        };
        let now = app.now();
        let is_open = |challenge: &[u8]| {
            taken = taken || app.passkeys.challenges.take(challenge, Purpose::SignIn, now);
            taken
        };
        let after = passkeys::check(party, used, is_open, owner.id, &owner.passkeys, now)
            .map_err(Stopped::Refused)?;
        let session = passkey_secret(secret, &after);
        let passkeys = owner.passkeys.iter().map(|kept| {
            let same = kept.has_id(used.id);
            if same { after.clone() } else { kept.clone() }
        });
        let changed = Officer { passkeys: passkeys.collect(), ..owner.clone() };
        let (to, before, new) = (authority.clone(), owner, changed.clone());
        let written = app.finish(async move { to.set_officer_if(&before, new).await }).await;
        match written.map_err(Stopped::Failed)? {
            Ok(true) => return Ok((changed, session)),
            Ok(false) => authority.reread_officers().await.map_err(|error| internal(&error))?,
            Err(error) => return Err(internal(&error)),
        }
    }
    Err(Stopped::Failed(Failure::busy()))
}

const fn words(why: Refusal) -> &'static str {
    match why {
        Refusal::Unknown | Refusal::Holder => "passkey-error-unknown",
        Refusal::Presence | Refusal::Verification => "passkey-error-verify",
        Refusal::Challenge => "passkey-error-late",
        Refusal::Counter => "passkey-error-counter",
        _ => "passkey-error-wrong",
    }
}
