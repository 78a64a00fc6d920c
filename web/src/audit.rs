//! The audit log of this door: who signed in, who tried to, what was looked up, and what was changed about the staff and
//! the venue's rules.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use node_core::{
    audit::{AuditEntry, AuditKind},
    staff::{Roster, StaffId},
};
use sync::record::LookedUp;

use crate::{
    anomalies,
    app::Shared,
    caller::Manager,
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    role,
};

/// How far back the page goes, days: as far as a door keeps what it records.
const DAYS: u16 = 14;
/// The most lines on the page.
const LINES_MAX: usize = 500;

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    lines: Vec<Line>,
}

/// One line as the page shows it.
struct Line {
    at: String,
    what: String,
    /// Whether somebody should look at it.
    odd: bool,
    who: String,
    about: String,
    from: String,
}

/// `GET /venue/audit`
pub(crate) async fn page(State(app): State<Shared>, Manager(caller): Manager) -> Response {
    let t = caller.lang;
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(t).into_response();
    };
    let entries = match desk.audited(DAYS, LINES_MAX).await {
        Ok(entries) => entries,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let (roster, site, now) = (desk.staff(), desk.site(), app.now());
    let line = |entry: &AuditEntry| Line {
        at: date::recent(t, &site.zone, entry.at, now),
        what: what(entry.kind, t),
        odd: is_odd(entry.kind),
        who: entry.who.map(|id| name(&roster, id)).unwrap_or_default(),
        about: entry
            .about
            .filter(|id| entry.who != Some(*id))
            .map(|id| name(&roster, id))
            .unwrap_or_default(),
        from: entry.from().map(|ip| ip.to_string()).unwrap_or_default(),
    };
    show(&Page {
        frame: Frame::new(&app, &caller, "/venue/audit"),
        tab: "/venue/audit",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        lines: entries.iter().map(line).collect(),
    })
}

/// Who somebody is, as people know each other.
pub(crate) fn name(roster: &Roster, id: StaffId) -> String {
    roster.get(&id).map_or_else(|| id.to_string(), |member| member.name.as_str().to_owned())
}

fn what(kind: AuditKind, t: Lang) -> String {
    t.say(match kind {
        AuditKind::SignedIn => "audit-signed-in",
        AuditKind::EnteredByKey => "audit-by-key",
        AuditKind::WrongSecret => "audit-wrong-secret",
        AuditKind::WrongKey => "audit-wrong-key",
        AuditKind::LockedOut => "audit-locked",
        AuditKind::SignedOut => "audit-signed-out",
        AuditKind::Invited => "audit-invited",
        AuditKind::Bound => "audit-bound",
        AuditKind::WrongInvitation => "audit-wrong-invitation",
        AuditKind::InvitationEnded => "audit-invitation-ended",
        AuditKind::SetUp => "audit-set-up",
        AuditKind::WrongSetUp => "audit-wrong-set-up",
        AuditKind::Role(to) => return t.fill("audit-role", t.say(role::text(to))),
        AuditKind::Shift => "audit-shift",
        AuditKind::SecretChanged => "audit-secret",
        AuditKind::Removed => "audit-removed",
        AuditKind::LookedUp(what) => return t.fill("audit-looked-up", t.say(looked_up(what))),
        AuditKind::HouseRules => "audit-rules",
        _ => "audit-other",
    })
}

/// The text of what was looked up.
pub(crate) const fn looked_up(what: LookedUp) -> &'static str {
    match what {
        LookedUp::Number => "guard-what-number",
        LookedUp::Elder => "guard-what-elder",
        LookedUp::Child => "guard-what-child",
        LookedUp::Status => "guard-what-status",
    }
}

const fn is_odd(kind: AuditKind) -> bool {
    matches!(
        kind,
        AuditKind::WrongSecret
            | AuditKind::WrongKey
            | AuditKind::LockedOut
            | AuditKind::WrongInvitation
            | AuditKind::InvitationEnded
            | AuditKind::WrongSetUp
    )
}
