//! `/healthz`: whether the node does its work, for supervisors and load balancers. Where the authority's store takes nothing, it
//! does not.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::site::BulletinView;
use serde::Serialize;
use sync::time::UnixMillis;

use crate::app::Shared;

#[derive(Serialize)]
struct Health {
    ready: bool,
    version: &'static str,
    bulletins: Vec<BulletinAge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_ok: Option<bool>,
    /// At the authority: whether its store takes what comes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    store_ok: Option<bool>,
}

#[derive(Serialize)]
struct BulletinAge {
    kind: &'static str,
    version: u64,
    age_seconds: i64,
    current: bool,
}

/// `/healthz`
pub(crate) async fn page(State(app): State<Shared>) -> Response {
    let now = app.now();
    let ready = *app.services.ready.borrow();
    let view = app.services.door.as_ref().map(|desk| desk.view().borrow().clone());
    let disk_ok = view.as_ref().map(|view| view.disk.is_none());
    let authority = app.services.authority.as_ref();
    let store_ok = authority.map(|a| a.overview().borrow().store_trouble.is_none());
    let bulletins = match (view, &app.services.authority) {
        (Some(view), _) => view.bulletins,
        (None, Some(authority)) => authority.overview().borrow().bulletins.clone(),
        (None, None) => vec![],
    };
    let bulletins = bulletins.iter().map(|b| age(b, now)).collect();
    let body = Health { ready, version: app.services.version, bulletins, disk_ok, store_ok };
    // A gateway whose store is away acknowledges nothing: others are asked until it is back.
    let status = if ready && store_ok != Some(false) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(body)).into_response()
}

fn age(bulletin: &BulletinView, now: UnixMillis) -> BulletinAge {
    BulletinAge {
        kind: bulletin.kind,
        version: bulletin.version,
        age_seconds: (now.get() - bulletin.issued_at.get()) / 1000,
        current: bulletin.not_after > now,
    }
}
