//! "My sign-in": the passkeys of somebody of the authority; to look at, to add and to remove.

use askama::Template;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::BASE64URL_NOPAD;
use node_core::authority::{
    Authority,
    access::Access,
    officers::Officer,
    passkeys::{ALGORITHMS, Made, NAME_MAX, PASSKEYS_MAX, Refusal, take},
};
use serde_json::json;

use super::{own, write_line};
use crate::{
    app::{App, Shared},
    authority,
    caller::{Caller, Posted, Staff},
    challenge::{LASTS_MILLIS, Purpose},
    date,
    error::Failure,
    frame::{Frame, show},
};

#[derive(Template)]
#[template(path = "passkeys.html")]
struct Page {
    frame: Frame,
    place: String,
    /// Where passkeys work; none where the console has no name or no HTTPS.
    origin: Option<String>,
    rows: Vec<Row>,
    /// Whether no other page opens before there is one.
    awaited: bool,
    full: bool,
    trouble: Option<String>,
    name: String,
}

struct Row {
    id: String,
    name: String,
    added: String,
    used: Option<String>,
}

/// `GET /account/passkeys`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match account(&app, &caller) {
        Some((authority, officer)) => {
            render(&app, authority, &caller, &officer, None, String::new())
        }
        None => Redirect::to("/").into_response(), // a door's, or the access key's
    }
}

fn account<'a>(app: &'a App, caller: &Caller) -> Option<(&'a Authority, Officer)> {
    let authority = app.services.authority.as_ref()?;
    Some((authority, own::own(app, caller)?))
}

fn render(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    officer: &Officer,
    trouble: Option<String>,
    name: String,
) -> Response {
    let t = caller.lang;
    let view = authority.overview().borrow().clone();
    let (zone, now) = (authority::zone(&view), app.now());
    let said = |at| date::recent(t, &zone, at, now);
    let rows = officer.passkeys.iter().map(|passkey| Row {
        id: passkey.id_text(),
        name: passkey.name.clone(),
        added: said(passkey.added),
        used: passkey.used.map(said),
    });
    show(&Page {
        frame: Frame::new(app, caller, "/account/passkeys"),
        place: t.fill("authority-region", view.region),
        origin: app.passkeys_here().map(|(_, party)| party.origin().to_owned()),
        rows: rows.collect(),
        awaited: caller.person.as_ref().is_some_and(|person| person.awaits_passkey),
        full: officer.passkeys.len() >= PASSKEYS_MAX,
        trouble,
        name,
    })
}

/// `GET /account/passkeys/new`: what the browser is to make.
pub(crate) async fn question(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let (Some((authority, officer)), Some((_, party))) =
        (account(&app, &caller), app.passkeys_here())
    else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let purpose = Purpose::Add(officer.id);
    match app.passkeys.challenges.make(purpose, app.now()) {
        Ok(challenge) => Json(json!({
            "challenge": challenge,
            "party": party.id(),
            "place": caller.lang.fill("authority-region", authority.overview().borrow().region),
            "holder": BASE64URL_NOPAD.encode(officer.id.as_bytes()),
            "name": officer.name.as_str(),
            "known": officer.passkeys.iter().map(|passkey| passkey.id_text()).collect::<Vec<_>>(),
            "algorithms": ALGORITHMS,
            "millis": LASTS_MILLIS,
        }))
        .into_response(),
        Err(error) => Failure::internal(&error).read_in(caller.lang).into_response(),
    }
}

/// `POST /account/passkeys/add`: a session alone gives nobody another way in; the present password is asked for.
pub(crate) async fn add(State(app): State<Shared>, form: Posted) -> Response {
    let (caller, t) = (&form.caller, form.caller.lang);
    let _one_at_a_time = app.staffing.lock().await;
    let (Some((authority, officer)), Some((_, party))) =
        (account(&app, caller), app.passkeys_here())
    else {
        return Failure::not_found().read_in(t).into_response();
    };
    let name = form.field("name");
    let again = |status: StatusCode, text: String| {
        let page = render(&app, authority, caller, &officer, Some(text), name.to_owned());
        (status, page).into_response()
    };
    let unfit = |text| again(StatusCode::UNPROCESSABLE_ENTITY, t.say(text));
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return unfit("passkey-error-name");
    }
    if officer.passkeys.len() >= PASSKEYS_MAX {
        return unfit("passkey-error-full");
    }
    let awaited = caller.person.as_ref().is_some_and(|person| person.awaits_passkey);
    if awaited && !officer.passkeys.is_empty() {
        return again(StatusCode::FORBIDDEN, t.say("passkey-demanded"));
    }
    match own::is_own_secret(&app, caller, &officer, form.raw("old")).await {
        Ok(()) => {}
        Err(own::Wrong::Said(status, text)) => return again(status, text),
        Err(own::Wrong::Failed(failure)) => return failure.read_in(t).into_response(),
    }
    let part = |name: &str| BASE64URL_NOPAD.decode(form.field(name).as_bytes()).unwrap_or_default();
    let (client, attestation) = (part("client"), part("attestation"));
    let made = Made { client: &client, attestation: &attestation };
    let now = app.now();
    let is_open = |bytes: &[u8]| app.passkeys.challenges.take(bytes, Purpose::Add(officer.id), now);
    let passkey = match take(party, &made, is_open, name, now) {
        Ok(passkey) => passkey,
        Err(why) => {
            tracing::warn!(%why, "a new passkey was refused");
            return again(StatusCode::FORBIDDEN, t.say(words(why)));
        }
    };
    if authority
        .officers()
        .iter()
        .any(|o| o.passkeys.iter().any(|p| p.id_text() == passkey.id_text()))
    {
        return unfit("passkey-already");
    }
    let mut changed = officer.clone();
    changed.passkeys.push(passkey);
    if let Err(text) = change(&app, authority, &officer, changed).await {
        return unfit(text);
    }
    note(&app, caller, "passkey-added", name).await;
    if awaited {
        // From here on the person comes in by it.
        app.sessions.end(caller.token.as_deref().unwrap_or_default());
        return Redirect::to("/enter").into_response();
    }
    Redirect::to("/account/passkeys").into_response()
}

/// `POST /account/passkeys/remove`: sessions that it opened end at once.
pub(crate) async fn remove(State(app): State<Shared>, form: Posted) -> Response {
    let (caller, t) = (&form.caller, form.caller.lang);
    let _one_at_a_time = app.staffing.lock().await;
    let Some((authority, officer)) = account(&app, caller) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let again = |text: &str| {
        let page = render(&app, authority, caller, &officer, Some(t.say(text)), String::new());
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    let id = form.field("id");
    let Some(gone) = officer.passkeys.iter().find(|passkey| passkey.id_text() == id) else {
        return again("passkey-error-unknown");
    };
    if form.field("sure") != "yes" {
        return again("staff-error-sure");
    }
    if app.passkeys.are_required_of(officer.offices) && officer.passkeys.len() == 1 {
        return again("passkey-error-last");
    }
    let (name, mut changed) = (gone.name.clone(), officer.clone());
    changed.passkeys.retain(|passkey| passkey.id_text() != id);
    if let Err(text) = change(&app, authority, &officer, changed).await {
        return again(text);
    }
    note(&app, caller, "passkey-removed", &name).await;
    Redirect::to("/account/passkeys").into_response()
}

/// Writes the account, if nobody else has changed it meanwhile; or which words say why not.
async fn change(
    app: &App,
    authority: &Authority,
    before: &Officer,
    changed: Officer,
) -> Result<(), &'static str> {
    let (to, before) = (authority.clone(), before.clone());
    let written = app.finish(async move {
        let done = to.set_officer_if(&before, changed).await;
        if matches!(done, Ok(false)) {
            to.reread_officers().await?;
        }
        done
    });
    match written.await {
        Ok(Ok(true)) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(%error, "an account was not written");
            Err("act-error-ledger")
        }
        Ok(Ok(false)) | Err(_) => Err("act-error-ledger"),
    }
}

async fn note(app: &App, caller: &Caller, what: &str, name: &str) {
    let access = Access {
        who: caller.who(),
        about: caller.who(),
        detail: name.to_owned(),
        from: caller.peer.map(|ip| ip.to_string()).unwrap_or_default(),
        ..Access::new(app.now(), what)
    };
    write_line(app, access).await;
}

const fn words(why: Refusal) -> &'static str {
    match why {
        Refusal::Presence | Refusal::Verification => "passkey-error-verify",
        Refusal::Challenge => "passkey-error-late",
        _ => "passkey-error-wrong",
    }
}
