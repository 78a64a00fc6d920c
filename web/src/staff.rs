//! The manager's page of the staff: who works here, inviting, changing and removing people.

mod change;
mod invite;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    desk::Desk,
    staff::{Access, Role, Roster, ShiftEnd, StaffId, StaffMember},
};
use sync::time::{UnixMillis, Zone};

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Manager, Posted},
    date,
    error::{Failure, act_error},
    frame::{Frame, show},
    language::Lang,
    role,
};

pub(crate) use change::{change, remove};
pub(crate) use invite::{
    code_beginning, code_digest, fresh_account, invite, name_error, new_account, new_invitation,
    reset,
};

#[derive(Template)]
#[template(path = "staff.html")]
struct Page<'a> {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    /// What was typed into the invitation.
    typed: Typed<'a>,
    people: Vec<Row>,
    /// Where accounts are made; `None` where that is here.
    elsewhere: Option<String>,
    /// Whether nobody is the manager yet, and it can be changed here.
    set_up: bool,
}

/// What the form of an invitation holds.
#[derive(Default)]
struct Typed<'a> {
    name: &'a str,
    role: &'a str,
    shift_end: &'a str,
}

/// One account as the page shows it.
struct Row {
    id: StaffId,
    name: String,
    number: u16,
    role: Role,
    /// The mark and the words for how the account stands.
    mark: &'static str,
    state: String,
    shift_end: Option<ShiftEnd>,
    since: String,
    removed: bool,
    /// Whether it is the reader's own.
    own: bool,
}

/// `GET /venue/staff`
pub(crate) async fn page(State(app): State<Shared>, Manager(caller): Manager) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, None, Typed::default()),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    trouble: Option<String>,
    typed: Typed<'_>,
) -> Response {
    let (t, site, roster) = (caller.lang, desk.site(), desk.staff());
    let people = rows(&roster, t, &site.zone, app.now(), caller.who());
    show(&Page {
        frame: Frame::new(app, caller, "/venue/staff"),
        tab: "/venue/staff",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble,
        typed,
        people,
        elsewhere: elsewhere(desk, t),
        set_up: app.lacks_manager(),
    })
}

/// At which door the staff is kept, in words; `None` where that is this one.
pub(crate) fn elsewhere(desk: &Desk, t: Lang) -> Option<String> {
    let words = || match desk.staff_door() {
        Some(door) => t.fill("staff-at-door", door),
        None => t.say("staff-elsewhere"),
    };
    (!desk.keeps_staff()).then(words)
}

/// The accounts: who works here first, by name; who was removed last.
fn rows(roster: &Roster, t: Lang, zone: &Zone, now: UnixMillis, own: Option<StaffId>) -> Vec<Row> {
    let mut members: Vec<&StaffMember> = roster.all().collect();
    members.sort_by(|a, b| {
        let order = |m: &StaffMember| {
            (m.is_removed(), std::cmp::Reverse(m.role), m.name.as_str().to_lowercase())
        };
        order(a).cmp(&order(b))
    });
    let row = |member: &StaffMember| {
        let (mark, state) = state(member, t, zone, now);
        Row {
            id: member.id,
            name: member.name.as_str().to_owned(),
            number: member.number,
            role: member.role,
            mark,
            state,
            shift_end: member.shift_end,
            since: date::day(t, zone, member.since),
            removed: member.is_removed(),
            own: own == Some(member.id),
        }
    };
    members.into_iter().map(row).collect()
}

fn state(member: &StaffMember, t: Lang, zone: &Zone, now: UnixMillis) -> (&'static str, String) {
    match &member.access {
        Access::Secret(_) => ("good", t.say("staff-state-bound")),
        Access::Invited { until, .. } if now <= *until => {
            ("poor", t.fill("staff-state-invited", date::recent(t, zone, *until, now)))
        }
        Access::Invited { .. } => ("bad", t.say("staff-state-expired")),
        Access::Unsettled => ("bad", t.say("staff-state-unsettled")),
        Access::Removed => ("idle", t.say("staff-state-removed")),
    }
}

/// The page again, with what went wrong.
fn refused(app: &App, desk: &Desk, form: &Posted, text: &str) -> Response {
    let typed = Typed {
        name: form.field("name"),
        role: form.field("role"),
        shift_end: form.field("shift_end"),
    };
    let page = render(app, desk, &form.caller, Some(form.caller.lang.say(text)), typed);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The account that a form names, if it was not removed.
fn meant(roster: &Roster, form: &Posted) -> Option<StaffMember> {
    let id = StaffId::from_hex(form.field("id"))?;
    roster.get(&id).filter(|member| !member.is_removed()).cloned()
}

/// An empty field is no end of a shift; a wrong one is an error.
fn shift_end(typed: &str) -> Result<Option<ShiftEnd>, &'static str> {
    match typed {
        "" => Ok(None),
        typed => ShiftEnd::parse(typed).map(Some).ok_or("staff-error-shift"),
    }
}

/// Writes an account, to its end also when the browser is gone; or which words say why not.
pub(crate) async fn write(app: &App, member: StaffMember) -> Result<(), &'static str> {
    let Some(desk) = app.services.door.clone() else { return Err("staff-elsewhere") };
    match app.finish(async move { desk.set_member(&member).await }).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(act_error(&error)),
        Err(_) => Err("act-error-ledger"),
    }
}

/// There is one manager: whoever else was it works at the desk from now on.
pub(crate) async fn hand_over(app: &App, to: StaffId) -> Result<(), &'static str> {
    let Some(desk) = &app.services.door else { return Ok(()) };
    let roster = desk.staff();
    for earlier in roster.managers(app.now()).filter(|member| member.id != to) {
        write(app, StaffMember { role: Role::Staff, ..earlier.clone() }).await?;
    }
    Ok(())
}

impl Page<'_> {
    fn roles(&self) -> [Role; 3] {
        Role::ALL
    }

    fn role(&self, role: &Role) -> String {
        self.frame.t.say(role::text(*role))
    }

    fn may(&self, role: &Role) -> String {
        self.frame.t.say(match role {
            Role::Staff => "role-staff-may",
            Role::Inspector => "role-inspector-may",
            Role::Manager => "role-manager-may",
        })
    }

    fn is_typed(&self, role: &Role) -> bool {
        let typed = Role::from_word(self.typed.role).unwrap_or(Role::Staff);
        typed == *role
    }

    fn shift(&self, row: &Row) -> String {
        row.shift_end.map(|end| end.to_string()).unwrap_or_default()
    }
}
