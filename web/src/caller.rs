//! Who asks: the reader's language, the session, the fields of a form.

use std::{collections::BTreeMap, net::IpAddr};

use axum::{
    extract::{Form, FromRequest, FromRequestParts, Request, rejection::FormRejection},
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    app::{Ends, Shared},
    error::Failure,
    language::Lang,
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
    pub(crate) peer: Option<IpAddr>,
}

/// A reader with a session.
pub(crate) struct Staff(pub(crate) Caller);

/// A form that a reader with a session sent from one of our pages.
pub(crate) struct Posted {
    pub(crate) caller: Caller,
    fields: BTreeMap<String, String>,
}

impl Posted {
    /// A field's text, without white space around; empty where it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |text| text.trim())
    }
}

impl Caller {
    pub(crate) fn of(app: &Shared, parts: &Parts) -> Self {
        let name = app.session_cookie();
        let token = cookie(&parts.headers, &name).and_then(|c| app.sessions.find(c, app.now()));
        Self {
            lang: language(&parts.headers, &parts.uri),
            token,
            peer: parts.extensions.get::<Ends>().map(|ends| ends.peer),
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
        let caller = Caller::of(app, parts);
        if caller.token.is_some() {
            Ok(Self(caller))
        } else if parts.uri.path().starts_with("/events") {
            Err(StatusCode::UNAUTHORIZED.into_response())
        } else {
            let next = parts.uri.path();
            Err(Redirect::to(&format!("/enter?next={next}")).into_response())
        }
    }
}

impl FromRequest<Shared> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let caller = Caller::of(app, &parts);
        let lang = caller.lang;
        let request = Request::from_parts(parts, body);
        let fields = form(request, app).await.map_err(|failure| failure.read_in(lang))?;
        let sent = fields.get(TOKEN_FIELD).map_or("", String::as_str);
        match &caller.token {
            Some(token) if same_token(token, sent) => Ok(Self { caller, fields }),
            _ => Err(Failure::forbidden().read_in(lang)),
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
