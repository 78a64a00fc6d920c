//! Inviting a person by a code that is shown once, and letting somebody who forgot the PIN choose a new one.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use data_encoding::BASE32_NOPAD;
use node_core::{
    audit::AuditKind,
    desk::Desk,
    staff::{Access, Name, NameError, Role, Roster, StaffId, StaffMember},
};
use sync::time::{DAY_MILLIS, UnixMillis};

use super::{meant, refused, shift_end, write};
use crate::{
    app::{App, Shared},
    caller::Posted,
    date,
    error::Failure,
    frame::{Frame, show},
    session::{Digest32, digest},
    setup::code_plain,
    symbol::Symbol,
    tries::Lane,
};

/// How long an invitation holds.
const HOLDS_MILLIS: i64 = DAY_MILLIS;
/// Four bytes of the id, by which an invitation is found, and six that nobody can guess.
const CODE_BYTES: usize = 10;
const FOUND_BY: usize = 4;
/// Four digits, none of them a zero at the beginning.
const NUMBERS: std::ops::Range<u16> = 1_000..10_000;

#[derive(Template)]
#[template(path = "staff_invited.html")]
struct Invited {
    frame: Frame,
    place: String,
    name: String,
    role: String,
    symbol: Option<Symbol>,
    address: String,
    code: String,
    until: String,
}

/// The digest by which a code is kept.
pub(crate) fn code_digest(typed: &str) -> Digest32 {
    digest(&format!("vestibule/invitation/1 {}", code_plain(typed)))
}

/// The beginning of the ids that a code can be for.
pub(crate) fn code_beginning(typed: &str) -> Option<[u8; FOUND_BY]> {
    let bytes = BASE32_NOPAD.decode(code_plain(typed).as_bytes()).ok()?;
    if bytes.len() == CODE_BYTES { bytes.get(..FOUND_BY)?.try_into().ok() } else { None }
}

/// A code for an account, in groups of four.
fn new_code(id: &StaffId) -> Result<String, getrandom::Error> {
    let mut bytes = [0; CODE_BYTES];
    getrandom::fill(&mut bytes)?;
    bytes[..FOUND_BY].copy_from_slice(&id.as_bytes()[..FOUND_BY]);
    let letters = BASE32_NOPAD.encode(&bytes);
    let groups: Vec<&str> = (0..letters.len()).step_by(4).map(|i| &letters[i..i + 4]).collect();
    Ok(groups.join("-"))
}

/// An id that nobody has, and a number; `None` where the system gives no random bytes or all numbers are taken.
pub(crate) fn new_account(roster: &Roster) -> Option<(StaffId, u16)> {
    let ids: Vec<StaffId> = roster.all().map(|member| member.id).collect();
    let numbers: Vec<u16> = roster.all().map(|member| member.number).collect();
    fresh_account(&ids, &numbers)
}

/// The same beside these.
pub(crate) fn fresh_account(ids: &[StaffId], numbers: &[u16]) -> Option<(StaffId, u16)> {
    let mut id = [0; 8];
    for _ in 0..64 {
        getrandom::fill(&mut id).ok()?;
        let fresh = ids.iter().all(|other| other.as_bytes()[..FOUND_BY] != id[..FOUND_BY]);
        let mut random = [0; 2];
        getrandom::fill(&mut random).ok()?;
        let number = NUMBERS.start + u16::from_be_bytes(random) % (NUMBERS.end - NUMBERS.start);
        if fresh && !numbers.contains(&number) {
            return Some((StaffId::new(id), number));
        }
    }
    None
}

/// A code for an account, its digest, and until when it holds.
pub(crate) fn new_invitation(
    id: &StaffId,
    now: UnixMillis,
) -> Result<(String, Digest32, UnixMillis), getrandom::Error> {
    let code = new_code(id)?;
    let digest = code_digest(&code);
    Ok((code, digest, now.plus_millis(HOLDS_MILLIS)))
}

/// The text that says how to mend a name.
pub(crate) const fn name_error(error: NameError) -> &'static str {
    match error {
        NameError::TooLong => "staff-error-name-long",
        NameError::Unseen => "staff-error-name-unseen",
        NameError::NoLetter => "staff-error-name-letter",
        _ => "staff-error-name",
    }
}

/// `POST /venue/staff/invite`: the code is on this answer and on no other page.
pub(crate) async fn invite(State(app): State<Shared>, form: Posted) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    let _one_at_a_time = app.staffing.lock().await;
    let member = match account(&app, &desk, &form) {
        Ok(member) => member,
        Err(text) => return refused(&app, &desk, &form, text),
    };
    show_code(&app, &desk, &form, member).await
}

/// `POST /venue/staff/reset`: the old secret counts no more, at once.
pub(crate) async fn reset(State(app): State<Shared>, form: Posted) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    let _one_at_a_time = app.staffing.lock().await;
    match meant(&desk.staff(), &form) {
        Some(member) => show_code(&app, &desk, &form, member).await,
        None => refused(&app, &desk, &form, "staff-error-gone"),
    }
}

/// The account that a form describes, or which words say what is wrong with it.
fn account(app: &App, desk: &Desk, form: &Posted) -> Result<StaffMember, &'static str> {
    let roster = desk.staff();
    let name = Name::new(form.field("name")).map_err(name_error)?;
    if roster.present().any(|member| member.name.is_typed(name.as_str())) {
        return Err("staff-error-name-taken");
    }
    let role = Role::from_word(form.field("role")).ok_or("staff-error-role")?;
    let shift_end = shift_end(form.field("shift_end"))?;
    if roster.is_full() {
        return Err("staff-error-full");
    }
    let (id, number) = new_account(&roster).ok_or("staff-error-full")?;
    let since = app.now();
    Ok(StaffMember {
        id,
        number,
        name,
        role,
        access: Access::Unsettled,
        since,
        until: None,
        shift_end,
    })
}

/// Makes the invitation, and shows it.
async fn show_code(app: &Shared, desk: &Desk, form: &Posted, member: StaffMember) -> Response {
    let t = form.caller.lang;
    let (code, digest, until) = match new_invitation(&member.id, app.now()) {
        Ok(made) => made,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let access = Access::Invited { digest: digest.into(), until };
    let member = StaffMember { access, ..member };
    if let Err(text) = write(app, member.clone()).await {
        return refused(app, desk, form, text);
    }
    app.tries.was_right(&[Lane::Invitation(*member.id.as_bytes())]); // wrong codes of an earlier one
    app.note(form.caller.line(app, AuditKind::Invited).about(member.id)).await;
    let site = desk.site();
    let address = format!("{}/bind?code={code}", app.home);
    show(&Invited {
        frame: Frame::new(app, &form.caller, "/venue/staff"),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        name: member.name.as_str().to_owned(),
        role: t.say(crate::role::text(member.role)),
        symbol: Symbol::of(&address),
        address,
        code,
        until: date::recent(t, &site.zone, until, app.now()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_beginning_however_it_is_typed() {
        let id = StaffId::new([1, 2, 3, 4, 5, 6, 7, 8]);
        let code = new_code(&id).unwrap();
        assert_eq!((code.len(), code.split('-').count()), (19, 4), "{code}");
        assert_eq!(code_beginning(&code), Some([1, 2, 3, 4]));
        let typed = code.to_lowercase().replace('-', " ").replace('o', "0").replace('i', "1");
        assert_eq!(code_beginning(&typed), Some([1, 2, 3, 4]));
        assert_eq!(code_digest(&typed), code_digest(&code));
        assert_ne!(code_digest(&new_code(&id).unwrap()), code_digest(&code));
        for wrong in ["", "AAAA", "AAAA-AAAA-AAAA-AAAA-AAAA", "ЖЖЖЖ-ЖЖЖЖ-ЖЖЖЖ-ЖЖЖЖ"]
        {
            assert_eq!(code_beginning(wrong), None, "{wrong}");
        }
    }
}
