//! What all pages have around them: navigation, languages, the form token, the foot.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use node_core::{authority::officers::Office, staff::Role};

use crate::{
    app::App,
    asset,
    caller::Caller,
    error::Failure,
    language::Lang,
    officers,
    role::{self, Person},
};

/// A node's name is long; its beginning tells it from its neighbours.
const NODE_CHARS: usize = 12;

/// The surroundings of one page for one reader.
pub(crate) struct Frame {
    /// The reader's language.
    pub(crate) t: Lang,
    /// The page's own address.
    pub(crate) path: &'static str,
    /// The other pages that this node has: address and text.
    pub(crate) pages: Vec<(&'static str, &'static str)>,
    /// The form token, where there is a session.
    pub(crate) token: String,
    /// Whose session it is.
    person: Option<Person>,
    pub(crate) version: &'static str,
    pub(crate) node: String,
}

impl Frame {
    pub(crate) fn new(app: &App, caller: &Caller, path: &'static str) -> Self {
        Self {
            t: caller.lang,
            path,
            pages: pages(app),
            person: caller.person.clone(),
            token: caller.token.clone().unwrap_or_default(),
            version: app.services.version,
            node: app.services.node.chars().take(NODE_CHARS).collect(),
        }
    }

    /// The page of the navigation under which this one lies.
    pub(crate) fn section(&self) -> &str {
        let end = self.path.match_indices('/').nth(1).map_or(self.path.len(), |(at, _)| at);
        &self.path[..end]
    }

    pub(crate) const fn signed_in(&self) -> bool {
        !self.token.is_empty()
    }

    /// Whether the reader may do what only the manager does.
    pub(crate) fn manages(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.role == Some(Role::Manager))
    }

    /// Whether the reader works at the desk.
    pub(crate) fn works(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.role >= Some(Role::Staff))
    }

    /// The pages of the venue that are folded away: address and text.
    pub(crate) fn more_tabs(&self) -> &'static [(&'static str, &'static str)] {
        const EVERYBODYS: usize = 2;
        const ALL: [(&str, &str); 9] = [
            ("/venue/standing", "manager-tab-standing"),
            ("/venue/rules", "house-tab"),
            ("/venue/doors", "tab-doors"),
            ("/venue/staff", "tab-staff"),
            ("/venue/audit", "tab-audit"),
            ("/venue/setup", "manager-tab-setup"),
            ("/venue/training", "manager-tab-training"),
            ("/venue/sheet/enter", "manager-tab-sheet"),
            ("/venue/care", "manager-tab-care"),
        ];
        if self.manages() { &ALL } else { &ALL[..EVERYBODYS] }
    }

    /// The text of a page that is folded away.
    pub(crate) fn more_tab(&self, tab: &str) -> Option<&'static str> {
        self.more_tabs().iter().find(|(path, _)| *path == tab).map(|(_, text)| *text)
    }

    /// The pages of the authority that the reader may open: address and text.
    pub(crate) fn authority_tabs(&self) -> Vec<(&'static str, &'static str)> {
        let may = |path: &&(&'static str, &'static str)| {
            self.person.as_ref().is_some_and(|p| role::needs(path.0).lacking_to_read(p).is_none())
        };
        officers::TABS.iter().filter(may).copied().collect()
    }

    /// Whether the reader holds this office of the authority.
    pub(crate) fn holds(&self, office: Office) -> bool {
        self.person.as_ref().is_some_and(|person| person.offices.has(office))
    }

    /// The reader's name and role, where an account signed in.
    pub(crate) fn signed_in_as(&self) -> Option<(&str, String)> {
        let person = self.person.as_ref()?;
        Some((person.name.as_deref()?, role::words(self.t, person)))
    }

    pub(crate) const fn languages(&self) -> [Lang; 6] {
        Lang::ALL
    }

    pub(crate) fn reads(&self, lang: &Lang) -> bool {
        self.t == *lang
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        asset::address(name)
    }
}

/// The pages that this node has.
pub(crate) fn pages(app: &App) -> Vec<(&'static str, &'static str)> {
    let mut pages = vec![("/", "nav-home")];
    if app.services.door.is_some() {
        pages.extend([("/door", "nav-door"), ("/desk", "nav-desk"), ("/venue", "nav-venue")]);
    }
    if app.services.authority.is_some() {
        pages.push(("/authority", "nav-authority"));
    }
    pages
}

/// The pages that no navigation of the whole node lists.
pub(crate) fn subpages(app: &App) -> &'static [&'static str] {
    if app.services.door.is_none() {
        return if app.services.authority.is_some() { officers::SUBPAGES } else { &[] };
    }
    &[
        "/venue/anomalies",
        "/venue/doors",
        "/venue/flow",
        "/venue/evacuation",
        "/venue/standing",
        "/venue/rules",
        "/venue/setup",
        "/venue/training",
        "/venue/sheet",
        "/venue/care",
        "/venue/staff",
        "/venue/audit",
        "/account",
        "/desk/guard",
        "/desk/lookup",
        "/desk/lookups",
        "/desk/family",
    ]
}

/// A template as an answer.
pub(crate) fn show(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => Failure::internal(&error).into_response(),
    }
}
