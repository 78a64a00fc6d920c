//! The authority's own people on the pages: their tabs, what is written down of what they do, and the admin's page of them.

mod change;
mod join;
mod own;
mod passkeys;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    audit::{AuditEntry, AuditKind},
    authority::{
        Authority,
        access::Access,
        officers::{Office, Officer, Offices},
    },
    staff::{Access as Way, StaffId},
};

use crate::{
    app::{App, Shared},
    authority,
    caller::{Caller, Keyed, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    role,
};

pub(crate) use change::{change, invite, remove, reset};
pub(crate) use join::{ask, bind, make_first, set_up};
pub(crate) use own::{page as own_page, post as own_secret};
pub(crate) use passkeys::{
    add as add_passkey, page as passkeys, question as passkey_question, remove as remove_passkey,
};

/// The authority's pages in the order of their tabs; each reader sees those that the own offices open.
pub(crate) const TABS: [(&str, &str); 11] = [
    ("/authority", "casework-tab-region"),
    ("/authority/cases", "casework-tab-cases"),
    ("/authority/notices", "casework-tab-notices"),
    ("/authority/venues", "casework-tab-venues"),
    ("/authority/participation", "casework-tab-participation"),
    ("/authority/people", "casework-tab-results"),
    ("/authority/tokens", "casework-tab-codes"),
    ("/authority/bulletins", "office-bulletins"),
    ("/authority/log", "casework-tab-log"),
    ("/authority/staff", "casework-tab-people"),
    ("/authority/programs", "casework-tab-programs"),
];

/// The same for the way in, which leads on to one of them.
pub(crate) const SUBPAGES: &[&str] = &[
    "/authority/cases",
    "/authority/notices",
    "/authority/venues",
    "/authority/participation",
    "/authority/people",
    "/authority/tokens",
    "/authority/bulletins",
    "/authority/log",
    "/authority/staff",
    "/authority/programs",
    "/account",
    "/account/passkeys",
];

/// The stable word of the access log for what happened.
const fn word(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::SignedIn => "signed-in",
        AuditKind::EnteredByKey => "entered-by-key",
        AuditKind::WrongSecret => "wrong-secret",
        AuditKind::WrongKey => "wrong-key",
        AuditKind::LockedOut => "locked-out",
        AuditKind::SignedOut => "signed-out",
        AuditKind::Invited => "invited",
        AuditKind::Bound => "bound",
        AuditKind::WrongInvitation => "wrong-invitation",
        AuditKind::InvitationEnded => "invitation-ended",
        AuditKind::SetUp => "set-up",
        AuditKind::WrongSetUp => "wrong-set-up",
        AuditKind::SecretChanged => "secret-changed",
        AuditKind::Removed => "removed",
        _ => "changed",
    }
}

/// Writes a line of the access log about an account.
pub(crate) async fn note(app: &App, entry: &AuditEntry) {
    let access = Access {
        who: entry.who,
        about: entry.about,
        from: entry.from().map(|ip| ip.to_string()).unwrap_or_default(),
        ..Access::new(entry.at, word(entry.kind))
    };
    write_line(app, access).await;
}

/// Writes a line of the access log; what cannot be written is said in the node's own log.
pub(crate) async fn write_line(app: &App, access: Access) {
    let Some(authority) = app.services.authority.clone() else { return };
    let what = access.what.clone();
    match app.finish(async move { authority.note_access(access).await }).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, what, "a line of the access log was not written"),
        Err(_) => tracing::error!(what, "a line of the access log was not written"),
    }
}

impl App {
    /// Writes down what somebody of the authority did. `detail` names a case, a format, a program; never a person.
    pub(crate) async fn did(&self, caller: &Caller, what: &str, detail: impl ToString) {
        let access = Access {
            who: caller.who(),
            detail: detail.to_string(),
            from: caller.peer.map(|ip| ip.to_string()).unwrap_or_default(),
            ..Access::new(self.now(), what)
        };
        write_line(self, access).await;
    }
}

impl App {
    /// The same of something done about an account.
    async fn did_about(&self, caller: &Caller, what: &str, about: StaffId) {
        let access = Access {
            who: caller.who(),
            about: Some(about),
            from: caller.peer.map(|ip| ip.to_string()).unwrap_or_default(),
            ..Access::new(self.now(), what)
        };
        write_line(self, access).await;
    }
}

impl Caller {
    /// What the reader is called at the authority.
    pub(crate) fn called(&self) -> String {
        let name = self.person.as_ref().and_then(|person| person.name.clone());
        name.unwrap_or_else(|| "access key".to_owned())
    }
}

#[derive(Template)]
#[template(path = "officers.html")]
struct Page {
    frame: Frame,
    trouble: Option<String>,
    name: String,
    typed: Offices,
    people: Vec<Row>,
    set_up: bool,
}

struct Row {
    id: StaffId,
    name: String,
    number: u16,
    offices: Offices,
    words: String,
    mark: &'static str,
    state: String,
    removed: bool,
    own: bool,
}

/// `GET /authority/staff`
pub(crate) async fn page(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    match &app.services.authority {
        Some(authority) => {
            render(&app, authority, &caller, None, String::new(), Offices::default())
        }
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

fn render(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    trouble: Option<String>,
    name: String,
    typed: Offices,
) -> Response {
    let t = caller.lang;
    let mut officers = authority.officers();
    officers.sort_by_key(|o| (o.is_removed(), o.name.as_str().to_lowercase()));
    let row = |officer: &Officer| {
        let (mark, state) = state(app, t, officer);
        Row {
            id: officer.id,
            name: officer.name.as_str().to_owned(),
            number: officer.number,
            offices: officer.offices,
            words: role::offices_words(t, officer.offices),
            mark,
            state,
            removed: officer.is_removed(),
            own: caller.who() == Some(officer.id),
        }
    };
    show(&Page {
        frame: Frame::new(app, caller, "/authority/staff"),
        trouble,
        name,
        typed,
        people: officers.iter().map(row).collect(),
        set_up: authority.lacks_admin(),
    })
}

fn state(app: &App, t: Lang, officer: &Officer) -> (&'static str, String) {
    let now = app.now();
    match &officer.access {
        Way::Secret(_) => ("good", t.say("staff-state-bound")),
        Way::Invited { until, .. } if now <= *until => {
            let zone =
                app.services.authority.as_ref().map(|a| authority::zone(&a.overview().borrow()));
            let until = zone.map(|zone| date::recent(t, &zone, *until, now)).unwrap_or_default();
            ("poor", t.fill("staff-state-invited", until))
        }
        Way::Invited { .. } => ("bad", t.say("staff-state-expired")),
        Way::Unsettled => ("bad", t.say("staff-state-unsettled")),
        Way::Removed => ("idle", t.say("staff-state-removed")),
    }
}

/// The page again, with what went wrong.
fn refused(app: &App, authority: &Authority, form: &Posted, text: &str) -> Response {
    let name = form.field("name").to_owned();
    let trouble = Some(form.caller.lang.say(text));
    let page = render(app, authority, &form.caller, trouble, name, offices_of(form));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The offices that a form ticks: a field for each.
pub(crate) fn offices_of(form: &Posted) -> Offices {
    Offices::of(Office::ALL.into_iter().filter(|office| form.field(office.word()) == "yes"))
}

/// Writes an account, to its end also when the browser is gone; or which words say why not. What another gateway has made of
/// it meanwhile is not written over: it is read, and the act is to be done again.
async fn write(app: &App, officer: Officer) -> Result<(), &'static str> {
    let Some(authority) = app.services.authority.clone() else { return Err("act-error-ledger") };
    let work = async move {
        let Some(before) = authority.officer(&officer.id) else {
            return authority.set_officer(officer).await.map(|()| true);
        };
        let done = authority.set_officer_if(&before, officer).await;
        if matches!(done, Ok(false)) {
            authority.reread_officers().await?;
        }
        done
    };
    match app.finish(work).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err("office-account-changed"),
        Ok(Err(error)) => {
            tracing::error!(%error, "an account was not written");
            Err("act-error-ledger")
        }
        Err(_) => Err("act-error-ledger"),
    }
}

impl Page {
    fn offices(&self) -> [Office; 5] {
        Office::ALL
    }

    fn ticked(&self, row: &Row, office: &Office) -> bool {
        row.offices.has(*office)
    }

    fn is_typed(&self, office: &Office) -> bool {
        self.typed.has(*office)
    }

    fn office(&self, office: &Office) -> String {
        self.frame.t.say(role::office_text(*office))
    }

    fn may(&self, office: &Office) -> String {
        self.frame.t.say(match office {
            Office::Tracer => "casework-tracer-may",
            Office::Publisher => "casework-publisher-may",
            Office::Registrar => "casework-registrar-may",
            Office::Admin => "casework-admin-may",
            Office::Auditor => "casework-auditor-may",
            Office::Laboratory => "links-laboratory-may",
        })
    }
}
