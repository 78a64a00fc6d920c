//! What goes wrong with a request: its status code, its words for the reader, its cause for the log.

use std::error::Error;

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use node_core::desk::ActError;

use crate::language::Lang;

/// The text for an act at the desk that was not done; what a person cannot have caused is logged.
pub(crate) fn act_error(error: &ActError) -> &'static str {
    match error {
        ActError::NoRights => "reason-no-rights",
        ActError::Removed => "reason-door-removed",
        ActError::Elsewhere => "staff-elsewhere",
        error => {
            tracing::error!(%error, cause = ?error.source(), "an act was not recorded");
            "act-error-ledger"
        }
    }
}

/// A request that is not answered as asked.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    text: &'static str,
    lang: Lang,
}

impl Failure {
    const fn new(status: StatusCode, text: &'static str) -> Self {
        Self { status, text, lang: Lang::En }
    }

    pub(crate) const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "error-not-found")
    }

    pub(crate) const fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "error-forbidden")
    }

    /// The reader's role does not allow it; `text` says whose does.
    pub(crate) const fn role(text: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, text)
    }

    pub(crate) const fn host() -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "error-host")
    }

    pub(crate) const fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "error-too-large")
    }

    pub(crate) const fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "error-malformed")
    }

    pub(crate) const fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "error-busy")
    }

    pub(crate) const fn not_written() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "act-error-ledger")
    }

    pub(crate) const fn slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "error-slow")
    }

    /// Something inside the node failed: the log gets the cause, the reader does not.
    pub(crate) fn internal(cause: &dyn Error) -> Self {
        let mut chain = cause.to_string();
        let mut next = cause.source();
        while let Some(cause) = next {
            chain = format!("{chain}: {cause}");
            next = cause.source();
        }
        tracing::error!(cause = chain, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "error-internal")
    }

    /// The same, worded for a reader.
    pub(crate) const fn read_in(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct Page {
    t: Lang,
    text: String,
    style: String,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let t = self.lang;
        let page = Page { t, text: t.say(self.text), style: crate::asset::address("style.css") };
        let body = page.render().unwrap_or_else(|_| t.say(self.text));
        (self.status, [(header::CACHE_CONTROL, "no-store")], Html(body)).into_response()
    }
}
