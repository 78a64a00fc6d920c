//! Who may do what on the pages: what an address needs, and what a session is allowed.

use node_core::staff::{Role, StaffId};

/// A session's person, as of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Who of the staff; `None` for whoever came in with the node's access key.
    pub(crate) who: Option<StaffId>,
    /// What the person may do.
    pub(crate) role: Role,
    /// The name, where there is an account.
    pub(crate) name: Option<String>,
}

impl Person {
    /// Whoever has the node's access key.
    pub(crate) const fn with_key() -> Self {
        Self { who: None, role: Role::Manager, name: None }
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
    /// The node's access key: the authority's pages, whose people have no accounts at a venue.
    Key,
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
    } else if under("/authority") {
        Needs::Key
    } else if under("/venue") && !STAFFS.contains(&path) {
        Needs::Manager
    } else {
        Needs::Staff
    }
}

impl Needs {
    /// Why a person may not, as a text for the reader; `None` where the person may.
    pub(crate) fn lacking(self, person: &Person) -> Option<&'static str> {
        let (has, text) = match self {
            Self::Session => return None,
            Self::Staff => (person.role >= Role::Staff, "role-needs-staff"),
            Self::Manager => (person.role == Role::Manager, "role-needs-manager"),
            Self::Key => (person.who.is_none(), "role-needs-key"),
        };
        (!has).then_some(text)
    }
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
        Person { who: Some(StaffId::new([1; 8])), role, name: None }
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
        check("/authority/trace", Needs::Key);
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
        check(Needs::Key, [false, false, false, true]);
    }
}
