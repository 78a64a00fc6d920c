//! The files that pages load: style and scripts, embedded, named by their content.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::error::Failure;

struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static str,
    mark: String,
}

static ASSETS: LazyLock<[Asset; 6]> = LazyLock::new(|| {
    const CSS: &str = "text/css; charset=utf-8";
    const JS: &str = "text/javascript; charset=utf-8";
    const SVG: &str = "image/svg+xml";
    [
        ("style.css", CSS, include_str!("../static/style.css")),
        ("door.css", CSS, include_str!("../static/door.css")),
        ("live.js", JS, include_str!("../static/live.js")),
        ("door.js", JS, include_str!("../static/door.js")),
        ("desk.js", JS, include_str!("../static/desk.js")),
        ("icon.svg", SVG, include_str!("../static/icon.svg")),
    ]
    .map(|(name, kind, body)| {
        let digest = Sha256::digest(body.as_bytes());
        let mark = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        Asset { name, kind, body, mark }
    })
});

/// The address of an embedded file; it changes with the content, so browsers may keep what they have.
pub(crate) fn address(name: &str) -> String {
    let mark = ASSETS.iter().find(|a| a.name == name).map_or("", |a| &a.mark);
    format!("/static/{name}?{mark}")
}

/// `/static/…`
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|a| a.name == name) {
        Some(asset) => {
            let keep = "public, max-age=31536000, immutable";
            let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, keep)];
            (headers, asset.body).into_response()
        }
        None => Failure::not_found().into_response(),
    }
}
