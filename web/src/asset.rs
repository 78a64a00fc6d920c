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

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    const CSS: &str = "text/css; charset=utf-8";
    const JS: &str = "text/javascript; charset=utf-8";
    const SVG: &str = "image/svg+xml";
    [
        ("style.css", CSS, include_str!("../static/style.css")),
        ("door.css", CSS, include_str!("../static/door.css")),
        ("staff.css", CSS, include_str!("../static/staff.css")),
        ("manager.css", CSS, include_str!("../static/manager.css")),
        ("desk.css", CSS, include_str!("../static/desk.css")),
        ("visitor.css", CSS, include_str!("../static/visitor.css")),
        ("visitor-door.css", CSS, include_str!("../static/visitor-door.css")),
        ("pass.css", CSS, include_str!("../static/pass.css")),
        ("roll.css", CSS, include_str!("../static/roll.css")),
        ("print.js", JS, include_str!("../static/print.js")),
        ("live.js", JS, include_str!("../static/live.js")),
        ("door.js", JS, include_str!("../static/door.js")),
        ("desk.js", JS, include_str!("../static/desk.js")),
        ("wedge.js", JS, include_str!("../static/wedge.js")),
        ("camera.js", JS, include_str!("../static/camera.js")),
        ("visitor.js", JS, include_str!("../static/visitor.js")),
        ("noble.js", JS, include_str!("../static/noble/noble.js")),
        ("casework.css", CSS, include_str!("../static/casework.css")),
        ("ed25519.js", JS, include_str!("../static/noble/ed25519.js")),
        ("qr.js", JS, include_str!("../static/qr.js")),
        ("wallet.css", CSS, include_str!("../static/wallet.css")),
        ("wallet.js", JS, include_str!("../static/wallet.js")),
        ("office.css", CSS, include_str!("../static/office.css")),
        ("office.js", JS, include_str!("../static/office.js")),
        ("guard.css", CSS, include_str!("../static/guard.css")),
        ("guard.js", JS, include_str!("../static/guard.js")),
        ("icon.svg", SVG, include_str!("../static/icon.svg")),
    ]
    .into_iter()
    .map(|(name, kind, body)| {
        let digest = Sha256::digest(body.as_bytes());
        let mark = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
        Asset { name, kind, body, mark }
    })
    .collect()
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
