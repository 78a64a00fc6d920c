//! Another role, another end of the shift; and the end of an account.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    audit::AuditKind,
    staff::{Access, Role, StaffMember},
};

use super::{hand_over, meant, refused, shift_end, write};
use crate::{app::Shared, caller::Posted, error::Failure};

/// `POST /venue/staff/change`
pub(crate) async fn change(State(app): State<Shared>, form: Posted) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    let _one_at_a_time = app.staffing.lock().await;
    let Some(member) = meant(&desk.staff(), &form) else {
        return refused(&app, &desk, &form, "staff-error-gone");
    };
    match put(&app, &form, member).await {
        Ok(()) => Redirect::to("/venue/staff").into_response(),
        Err(text) => refused(&app, &desk, &form, text),
    }
}

async fn put(app: &Shared, form: &Posted, member: StaffMember) -> Result<(), &'static str> {
    let role = Role::from_word(form.field("role")).ok_or("staff-error-role")?;
    let shift_end = shift_end(form.field("shift_end"))?;
    let own = form.caller.who() == Some(member.id);
    if own && role != member.role {
        return Err("staff-error-own");
    }
    let changed = StaffMember { role, shift_end, ..member.clone() };
    if changed == member {
        return Ok(());
    }
    write(app, changed).await?;
    if role != member.role {
        app.note(form.caller.line(app, AuditKind::Role(role)).about(member.id)).await;
    }
    if shift_end != member.shift_end {
        app.note(form.caller.line(app, AuditKind::Shift).about(member.id)).await;
    }
    // An invited manager takes over when bound, and not before.
    if role == Role::Manager && member.secret(app.now()).is_some() {
        hand_over(app, member.id).await?;
    }
    Ok(())
}

/// `POST /venue/staff/remove`
pub(crate) async fn remove(State(app): State<Shared>, form: Posted) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    let _one_at_a_time = app.staffing.lock().await;
    let Some(member) = meant(&desk.staff(), &form) else {
        return refused(&app, &desk, &form, "staff-error-gone");
    };
    if form.field("sure") != "yes" {
        return refused(&app, &desk, &form, "staff-error-sure");
    }
    if form.caller.who() == Some(member.id) {
        return refused(&app, &desk, &form, "staff-error-own");
    }
    let id = member.id;
    match write(&app, StaffMember { access: Access::Removed, ..member }).await {
        Ok(()) => {
            app.note(form.caller.line(&app, AuditKind::Removed).about(id)).await;
            Redirect::to("/venue/staff").into_response()
        }
        Err(text) => refused(&app, &desk, &form, text),
    }
}
