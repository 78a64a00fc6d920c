//! Who asks: the reader's language, the session, the fields of a form.

use std::{collections::BTreeMap, net::IpAddr};

use axum::{
    extract::{Form, FromRequest, FromRequestParts, Request, rejection::FormRejection},
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use zeroize::Zeroizing;

use node_core::{
    audit::{AuditEntry, AuditKind},
    staff::{Role, StaffId},
};

use crate::{
    app::{Ends, Shared},
    error::Failure,
    language::Lang,
    role::{Needs, Person, needs},
    session::same_token,
};

/// The cookie that keeps a reader's language.
pub(crate) const LANG_COOKIE: &str = "lang";
/// The field of every form that carries the session's token.
const TOKEN_FIELD: &str = "token";

/// A reader of an open page.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) lang: Lang,
    /// The form token, where there is a session.
    pub(crate) token: Option<String>,
    /// Whose session it is.
    pub(crate) person: Option<Person>,
    pub(crate) peer: Option<IpAddr>,
    /// Whether nobody on the way reads what is sent.
    pub(crate) secret: bool,
}

/// A reader with a session, whatever the role: staff, inspector or manager.
pub(crate) struct Staff(pub(crate) Caller);

/// The manager, or whoever has the node's access key.
pub(crate) struct Manager(pub(crate) Caller);

/// Somebody of the authority who may read the page: by its address, see [`crate::role::needs`]; the auditor may read each.
pub(crate) struct Keyed(pub(crate) Caller);

/// A form that a reader with a session sent from one of our pages, and that this reader may send: see
/// [`crate::role::needs`].
pub(crate) struct Posted {
    pub(crate) caller: Caller,
    fields: BTreeMap<String, String>,
}

impl Posted {
    /// A field's text as it was typed: of secrets, in which white space counts.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// A field's text, without white space around; empty where it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |text| text.trim())
    }

    /// Takes a field out that must not lie about in memory: wiped when it is dropped.
    pub(crate) fn secret(&mut self, name: &str) -> Zeroizing<String> {
        Zeroizing::new(self.fields.remove(name).unwrap_or_default())
    }
}

impl Caller {
    pub(crate) fn of(app: &Shared, parts: &Parts) -> Self {
        let name = app.session_cookie();
        let signed = cookie(&parts.headers, &name).and_then(|cookie| app.signed_in(cookie));
        let (token, person) = signed.unzip();
        let ends = parts.extensions.get::<Ends>();
        Self {
            lang: language(&parts.headers, &parts.uri),
            token,
            person,
            peer: ends.map(|ends| ends.peer),
            secret: ends.is_some_and(|ends| ends.secret),
        }
    }
}

impl Caller {
    /// Who of the staff asks; `None` without a session, and for whoever came in with the node's access key.
    pub(crate) fn who(&self) -> Option<StaffId> {
        self.person.as_ref()?.who
    }

    /// What the reader may do at the venue; `None` without a session, and for people of the authority.
    pub(crate) fn role(&self) -> Option<Role> {
        self.person.as_ref()?.role
    }

    /// A line of the audit log about what this reader does now.
    pub(crate) fn line(&self, app: &Shared, kind: AuditKind) -> AuditEntry {
        AuditEntry::new(app.now(), kind, self.peer).by(self.who())
    }

    /// Whether the reader may do what only the manager does.
    pub(crate) fn manages(&self) -> bool {
        self.role() == Some(Role::Manager)
    }

    /// Whether the reader works at the desk.
    pub(crate) fn works(&self) -> bool {
        self.role() >= Some(Role::Staff)
    }

    /// The reader, if the session allows what is needed; otherwise the way in, or why not.
    fn with(self, needed: Needs, parts: &Parts) -> Result<Self, Box<Response>> {
        let Some(person) = &self.person else {
            let path = parts.uri.path();
            return Err(Box::new(if path.starts_with("/events") {
                StatusCode::UNAUTHORIZED.into_response()
            } else {
                Redirect::to(&format!("/enter?next={path}")).into_response()
            }));
        };
        match needed.lacking_to_read(person) {
            None => Ok(self),
            Some(text) => Err(Box::new(Failure::role(text).read_in(self.lang).into_response())),
        }
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Self::of(app, parts))
    }
}

impl FromRequestParts<Shared> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        Caller::of(app, parts).with(Needs::Session, parts).map(Self).map_err(|answer| *answer)
    }
}

impl FromRequestParts<Shared> for Manager {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        Caller::of(app, parts).with(Needs::Manager, parts).map(Self).map_err(|answer| *answer)
    }
}

impl FromRequestParts<Shared> for Keyed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let needed = needs(parts.uri.path());
        Caller::of(app, parts).with(needed, parts).map(Self).map_err(|answer| *answer)
    }
}

impl FromRequest<Shared> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let caller = Caller::of(app, &parts);
        let lang = caller.lang;
        let needed = needs(parts.uri.path());
        let request = Request::from_parts(parts, body);
        let fields = form(request, app).await.map_err(|failure| failure.read_in(lang))?;
        let sent = fields.get(TOKEN_FIELD).map_or("", String::as_str);
        let person = match (&caller.token, &caller.person) {
            (Some(token), Some(person)) if same_token(token, sent) => person,
            _ => return Err(Failure::forbidden().read_in(lang)),
        };
        match needed.lacking(person) {
            None => Ok(Self { caller, fields }),
            Some(text) => Err(Failure::role(text).read_in(lang)),
        }
    }
}

/// The fields of a form.
pub(crate) async fn form(
    request: Request,
    app: &Shared,
) -> Result<BTreeMap<String, String>, Failure> {
    match Form::<BTreeMap<String, String>>::from_request(request, app).await {
        Ok(Form(fields)) => Ok(fields),
        Err(FormRejection::BytesRejection(e)) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Failure::too_large())
        }
        Err(_) => Err(Failure::malformed()),
    }
}

/// The language that a request asks for: by its address, its cookie, its browser.
pub(crate) fn language(headers: &HeaderMap, uri: &Uri) -> Lang {
    let accepted = || {
        let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Lang::from_accept(header)
    };
    asked_language(uri)
        .or_else(|| Lang::from_tag(cookie(headers, LANG_COOKIE)?))
        .or_else(accepted)
        .unwrap_or(Lang::En)
}

/// The language that an address names with `?lang=`.
pub(crate) fn asked_language(uri: &Uri) -> Option<Lang> {
    let pairs = uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Lang::from_tag)
}

/// A cookie's value.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|h| h.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_address_beats_the_cookie_beats_the_browser() {
        let mut headers = HeaderMap::new();
        let check = |headers: &HeaderMap, uri: &'static str, lang| {
            assert_eq!(language(headers, &Uri::from_static(uri)), lang);
        };
        check(&headers, "/door", Lang::En);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("vi-VN,en;q=0.5"));
        check(&headers, "/door", Lang::Vi);
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; lang=kk"));
        check(&headers, "/door", Lang::Kk);
        check(&headers, "/door?x=1&lang=zh-Hant", Lang::ZhHant);
        check(&headers, "/door?lang=tlh", Lang::Kk);
    }
}
