//! What the admin does about accounts: invite, other offices, a new invitation, the end.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    audit::AuditKind,
    authority::{
        Authority,
        officers::{OFFICERS_MAX, Office, Officer},
    },
    staff::{Access, Name, StaffId},
};

use super::{offices_of, refused, write};
use crate::{
    app::Shared,
    authority,
    caller::Posted,
    date,
    error::Failure,
    frame::{Frame, show},
    role, staff,
    symbol::Symbol,
    tries::Lane,
};

#[derive(Template)]
#[template(path = "officer_invited.html")]
struct Invited {
    frame: Frame,
    name: String,
    role: String,
    symbol: Option<Symbol>,
    address: String,
    code: String,
    until: String,
}

/// `POST /authority/staff/invite`: the code is on this answer and on no other page.
pub(crate) async fn invite(State(app): State<Shared>, form: Posted) -> Response {
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    let _one_at_a_time = app.staffing.lock().await;
    match account(&app, &authority, &form) {
        Ok(officer) => show_code(&app, &authority, &form, officer).await,
        Err(text) => refused(&app, &authority, &form, text),
    }
}

fn account(app: &Shared, authority: &Authority, form: &Posted) -> Result<Officer, &'static str> {
    let all = authority.officers();
    let name = Name::new(form.field("name")).map_err(staff::name_error)?;
    if all.iter().any(|o| !o.is_removed() && o.name.is_typed(name.as_str())) {
        return Err("staff-error-name-taken");
    }
    let offices = offices_of(form);
    if offices.is_empty() {
        return Err("casework-error-office");
    }
    let (id, number) = new_account(&all).ok_or("staff-error-full")?;
    let (access, since) = (Access::Unsettled, app.now());
    Ok(Officer { id, number, name, offices, access, since, passkeys: Vec::new() })
}

/// An id and a number that nobody has.
pub(super) fn new_account(all: &[Officer]) -> Option<(StaffId, u16)> {
    let ids: Vec<StaffId> = all.iter().map(|officer| officer.id).collect();
    let numbers: Vec<u16> = all.iter().map(|officer| officer.number).collect();
    (all.len() < OFFICERS_MAX).then(|| staff::fresh_account(&ids, &numbers))?
}

async fn show_code(
    app: &Shared,
    authority: &Authority,
    form: &Posted,
    officer: Officer,
) -> Response {
    let t = form.caller.lang;
    let (code, digest, until) = match staff::new_invitation(&officer.id, app.now()) {
        Ok(made) => made,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    // Who is invited anew comes in by the invitation alone: the passkeys go with the secret.
    let access = Access::Invited { digest: digest.into(), until };
    let officer = Officer { access, passkeys: Vec::new(), ..officer };
    if let Err(text) = write(app, officer.clone()).await {
        return refused(app, authority, form, text);
    }
    app.tries.was_right(&[Lane::Invitation(*officer.id.as_bytes())]); // wrong codes of an earlier one
    app.note(form.caller.line(app, AuditKind::Invited).about(officer.id)).await;
    let address = format!("{}/bind?code={code}", app.home);
    let zone = authority::zone(&authority.overview().borrow());
    show(&Invited {
        frame: Frame::new(app, &form.caller, "/authority/staff"),
        name: officer.name.as_str().to_owned(),
        role: role::offices_words(t, officer.offices),
        symbol: Symbol::of(&address),
        address,
        code,
        until: date::recent(t, &zone, until, app.now()),
    })
}

/// The account that a form names, if it was not removed.
fn meant(authority: &Authority, form: &Posted) -> Option<Officer> {
    let officer = authority.officer(&StaffId::from_hex(form.field("id"))?)?;
    (!officer.is_removed()).then_some(officer)
}

/// `POST /authority/staff/reset`: the old secret counts no more, at once.
pub(crate) async fn reset(State(app): State<Shared>, form: Posted) -> Response {
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    let _one_at_a_time = app.staffing.lock().await;
    match meant(&authority, &form) {
        Some(officer) => show_code(&app, &authority, &form, officer).await,
        None => refused(&app, &authority, &form, "staff-error-gone"),
    }
}

/// `POST /authority/staff/change`
pub(crate) async fn change(State(app): State<Shared>, form: Posted) -> Response {
    act(&app, &form, |officer| {
        let offices = offices_of(&form);
        let own = form.caller.who() == Some(officer.id);
        if offices.is_empty() {
            Err("casework-error-office")
        } else if own && !offices.has(Office::Admin) {
            Err("casework-error-own")
        } else {
            Ok((Officer { offices, ..officer }, "offices-changed"))
        }
    })
    .await
}

/// `POST /authority/staff/remove`
pub(crate) async fn remove(State(app): State<Shared>, form: Posted) -> Response {
    act(&app, &form, |officer| {
        if form.field("sure") != "yes" {
            Err("staff-error-sure")
        } else if form.caller.who() == Some(officer.id) {
            Err("casework-error-own")
        } else {
            let passkeys = Vec::new();
            Ok((Officer { access: Access::Removed, passkeys, ..officer }, "removed"))
        }
    })
    .await
}

async fn act(
    app: &Shared,
    form: &Posted,
    of: impl FnOnce(Officer) -> Result<(Officer, &'static str), &'static str> + Send,
) -> Response {
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    let _one_at_a_time = app.staffing.lock().await;
    let changed = meant(&authority, form).ok_or("staff-error-gone").and_then(of);
    let done = match changed {
        Ok((officer, what)) => {
            let id = officer.id;
            write(app, officer).await.map(|()| (id, what))
        }
        Err(text) => Err(text),
    };
    match done {
        Ok((id, what)) => {
            app.did_about(&form.caller, what, id).await;
            Redirect::to("/authority/staff").into_response()
        }
        Err(text) => refused(app, &authority, form, text),
    }
}
