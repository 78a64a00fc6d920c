//! The wallet on a visitor's phone: a page that works offline, keeps the holder's key in the browser, and shows a code that
//! changes with the time. Nothing is asked of the server but the page itself.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{app::Shared, asset, caller::Caller, error::Failure, frame::show, language::Lang};

/// The files that the page needs when there is no network.
const FILES: [&str; 5] = ["wallet.css", "wallet.js", "qr.js", "ed25519.js", "icon.svg"];
/// The one that keeps them.
const WORKER: &str = include_str!("../../static/wallet-worker.js");

#[derive(Template)]
#[template(path = "wallet.html")]
struct Page {
    t: Lang,
}

impl Page {
    const fn languages(&self) -> [Lang; 6] {
        Lang::ALL
    }

    fn reads(&self, lang: &Lang) -> bool {
        self.t == *lang
    }

    fn asset(&self, name: &str) -> String {
        asset::address(name)
    }
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/wallet", get(page))
        .route("/wallet/worker.js", get(worker))
        .route("/wallet/manifest.json", get(manifest))
}

/// `GET /wallet`
async fn page(State(app): State<Shared>, caller: Caller) -> Response {
    match app.services.authority {
        Some(_) => show(&Page { t: caller.lang }),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `GET /wallet/worker.js`: names the files by their content, so a new version of them is a new worker.
async fn worker() -> Response {
    let files: Vec<String> = FILES.map(asset::address).into();
    let files = serde_json::json!(files).to_string();
    let body = format!("const FILES = {files};\n{WORKER}");
    let kind = "text/javascript; charset=utf-8";
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
    // Without this header a worker below /wallet/ may not answer for /wallet itself.
    (headers, [("service-worker-allowed", "/wallet")], body).into_response()
}

/// `GET /wallet/manifest.json` (W3C Web Application Manifest)
async fn manifest(caller: Caller) -> Response {
    let t = caller.lang;
    let body = serde_json::json!({
        "name": t.say("wallet-title"),
        "short_name": t.say("wallet-title"),
        "lang": t.tag(),
        "start_url": "/wallet",
        "scope": "/wallet",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#12343b",
        "icons": [{ "src": asset::address("icon.svg"), "type": "image/svg+xml", "sizes": "any" }],
    });
    ([(header::CONTENT_TYPE, "application/manifest+json")], body.to_string()).into_response()
}
