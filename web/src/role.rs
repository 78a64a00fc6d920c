//! Who may do what on the pages: what an address needs, and what a session is allowed.

use node_core::{
    authority::officers::{Office, Offices},
    staff::{Role, StaffId},
};

use crate::language::Lang;

/// A session's person, as of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Which account; `None` for whoever came in with the node's access key.
    pub(crate) who: Option<StaffId>,
    /// What the person may do at the venue; nothing at an authority.
    pub(crate) role: Option<Role>,
    /// What the person is at the authority for.
    pub(crate) offices: Offices,
    /// The name, where there is an account.
    pub(crate) name: Option<String>,
    /// Whether the person has offices, but only for who signs in by passkey.
    pub(crate) awaits_passkey: bool,
}

impl Person {
    /// Whoever has the node's access key.
    pub(crate) const fn with_key() -> Self {
        Self {
            who: None,
            role: Some(Role::Manager),
            offices: Offices::EVERY,
            name: None,
            awaits_passkey: false,
        }
    }
}

/// What an address needs of who sends a form there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Any session: it concerns the own session or account.
    Session,
    /// Who works at the desk: staff or the manager.
    Staff,
    /// The manager.
    Manager,
    /// Somebody of the authority who holds this office.
    Office(Office),
    /// Anybody of the authority.
    Authority,
}

/// Addresses of forms that do not need what the rest under `/venue` does: shift notes, paper sheets and the lesson are
/// everybody's who works there.
/// Which fields are the manager's is asked again where they are written.
const STAFFS: [&str; 5] =
    ["/venue/note", "/venue/field", "/venue/keep", "/venue/sheet/enter", "/venue/training"];

/// What a form sent to `path` needs. What no line names needs somebody who works here, and never less.
pub(crate) fn needs(path: &str) -> Needs {
    let under = |folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if path == "/leave" || under("/account") {
        Needs::Session
    } else if under("/authority") || under("/events/authority") || under("/events/notices") {
        office(path)
    } else if under("/venue") && !STAFFS.contains(&path) {
        Needs::Manager
    } else {
        Needs::Staff
    }
}

/// What each part of the authority's pages is whose; what no line names is everybody's there.
const OFFICES: [(&str, Office); 14] = [
    ("/authority/venues", Office::Registrar),
    ("/authority/people", Office::Registrar),
    ("/authority/tokens", Office::Registrar),
    ("/authority/participation", Office::Registrar),
    ("/authority/bulletins", Office::Publisher),
    ("/authority/trace", Office::Tracer),
    ("/authority/tell", Office::Tracer),
    ("/authority/cases", Office::Tracer),
    ("/authority/notices", Office::Tracer),
    ("/authority/exports", Office::Tracer),
    ("/events/notices", Office::Tracer),
    ("/authority/log", Office::Auditor),
    ("/authority/staff", Office::Admin),
    ("/authority/programs", Office::Admin),
];

fn office(path: &str) -> Needs {
    let under = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
    };
    let whose = OFFICES.iter().find(|(folder, _)| under(folder));
    whose.map_or(Needs::Authority, |(_, office)| Needs::Office(*office))
}

impl Needs {
    /// The same for who only reads: the auditor reads every page of the authority. What names persons is shown by no
    /// page that is read, but by forms alone.
    pub(crate) fn lacking_to_read(self, person: &Person) -> Option<&'static str> {
        match self {
            Self::Office(_) if person.offices.has(Office::Auditor) => None,
            other => other.lacking(person),
        }
    }

    /// Why a person may not, as a text for the reader; `None` where the person may.
    pub(crate) fn lacking(self, person: &Person) -> Option<&'static str> {
        let (has, text) = match self {
            Self::Session => return None,
            _ if person.awaits_passkey => return Some("passkey-first"),
            Self::Staff => (person.role >= Some(Role::Staff), "role-needs-staff"),
            Self::Manager => (person.role == Some(Role::Manager), "role-needs-manager"),
            Self::Authority => (!person.offices.is_empty(), "role-needs-key"),
            // At a door nobody holds an office: whoever has the access key does.
            Self::Office(office) => (person.offices.has(office), lacking_office(office)),
        };
        (!has).then_some(text)
    }
}

const fn lacking_office(office: Office) -> &'static str {
    match office {
        Office::Tracer => "casework-needs-tracer",
        Office::Publisher => "casework-needs-publisher",
        Office::Registrar => "casework-needs-registrar",
        Office::Admin => "casework-needs-admin",
        Office::Auditor => "casework-needs-auditor",
        Office::Laboratory => "role-needs-key",
    }
}

/// The text for an office.
pub(crate) const fn office_text(office: Office) -> &'static str {
    match office {
        Office::Tracer => "casework-tracer",
        Office::Publisher => "casework-publisher",
        Office::Registrar => "casework-registrar",
        Office::Admin => "casework-admin",
        Office::Auditor => "casework-auditor",
        Office::Laboratory => "links-laboratory",
    }
}

/// What a person is, in words.
pub(crate) fn words(t: Lang, person: &Person) -> String {
    match person.role {
        Some(role) => t.say(text(role)),
        None => offices_words(t, person.offices),
    }
}

/// Offices, in words.
pub(crate) fn offices_words(t: Lang, offices: Offices) -> String {
    offices.iter().map(|office| t.say(office_text(office))).collect::<Vec<_>>().join(", ")
}

/// The text for a role.
pub(crate) const fn text(role: Role) -> &'static str {
    match role {
        Role::Inspector => "role-inspector",
        Role::Staff => "role-staff",
        Role::Manager => "role-manager",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: Role) -> Person {
        Person {
            who: Some(StaffId::new([1; 8])),
            role: Some(role),
            offices: Offices::default(),
            name: None,
            awaits_passkey: false,
        }
    }

    #[test]
    fn each_address_needs_what_it_changes() {
        let check = |path: &str, expected| assert_eq!(needs(path), expected, "{path}");
        check("/leave", Needs::Session);
        check("/account/secret", Needs::Session);
        check("/accountant", Needs::Staff);
        check("/desk/decide", Needs::Staff);
        check("/venue/note", Needs::Staff);
        check("/venue/note/x", Needs::Manager);
        check("/venue/sheet/enter", Needs::Staff);
        check("/venue/care/bundle", Needs::Manager);
        check("/venue/count", Needs::Manager);
        check("/venue/doors/remove", Needs::Manager);
        check("/venue/staff/invite", Needs::Manager);
        check("/venue", Needs::Manager);
        check("/venues", Needs::Staff);
        check("/authority", Needs::Authority);
        check("/authority/trace", Needs::Office(Office::Tracer));
        check("/authority/cases/1/2/open", Needs::Office(Office::Tracer));
        check("/authority/casesx", Needs::Authority);
        check("/authority/venues/7", Needs::Office(Office::Registrar));
        check("/authority/bulletins", Needs::Office(Office::Publisher));
        check("/authority/log", Needs::Office(Office::Auditor));
        check("/authority/staff/invite", Needs::Office(Office::Admin));
        check("/authority/participation.csv", Needs::Office(Office::Registrar));
        check("/anything/new", Needs::Staff);
    }

    #[test]
    fn each_role_may_what_it_is_for() {
        let check = |needs: Needs, may: [bool; 4]| {
            let people = Role::ALL.map(person).into_iter().chain([Person::with_key()]);
            let found: Vec<_> = people.map(|p| needs.lacking(&p).is_none()).collect();
            assert_eq!(found, may, "{needs:?}: staff, inspector, manager, access key");
        };
        check(Needs::Session, [true, true, true, true]);
        check(Needs::Staff, [true, false, true, true]);
        check(Needs::Manager, [false, false, true, true]);
        check(Needs::Authority, [false, false, false, true]);
        check(Needs::Office(Office::Tracer), [false, false, false, true]);
    }

    #[test]
    fn each_office_does_its_own_and_the_auditor_reads_all_and_does_nothing() {
        for held in Office::ALL {
            let person = Person {
                who: Some(StaffId::new([1; 8])),
                role: None,
                offices: Offices::of([held]),
                name: None,
                awaits_passkey: false,
            };
            assert!(Needs::Session.lacking(&person).is_none());
            assert!(Needs::Authority.lacking(&person).is_none());
            assert!(
                Needs::Staff.lacking(&person).is_some()
                    && Needs::Manager.lacking(&person).is_some()
            );
            for asked in Office::ALL {
                assert_eq!(Needs::Office(asked).lacking(&person).is_none(), asked == held);
                let reads = Needs::Office(asked).lacking_to_read(&person).is_none();
                assert_eq!(reads, asked == held || held == Office::Auditor);
            }
            let awaits = Person { offices: Offices::default(), awaits_passkey: true, ..person };
            assert!(Needs::Session.lacking(&awaits).is_none());
            assert_eq!(Needs::Authority.lacking_to_read(&awaits), Some("passkey-first"));
            assert_eq!(Needs::Office(held).lacking(&awaits), Some("passkey-first"));
        }
    }
}
