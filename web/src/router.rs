//! Every address of a node and who answers it.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    app::Shared, asset, authority, caller::Caller, desk, door, entry, error::Failure, guard::guard,
    health, live, metrics, trace, venue,
};

const BODY_MAX: usize = 64 * 1024;

/// The open pages first; everything after them needs a session.
pub(crate) fn router(app: Shared) -> Router {
    Router::new()
        .route("/", get(entry::home))
        .route("/enter", get(entry::enter).post(entry::try_typed))
        .route("/door", get(door::page))
        .route("/events", get(live::door))
        .route("/healthz", get(health::page))
        .route("/metrics", get(metrics::page))
        .route("/static/{name}", get(asset::serve))
        .route("/leave", post(entry::leave))
        .route("/desk", get(desk::page))
        .route("/desk/check", get(desk::page).post(desk::check))
        .route("/desk/decide", get(desk::page).post(desk::decide))
        .route("/venue", get(venue::page))
        .route("/authority", get(authority::page))
        .route("/authority/trace", get(trace::restart).post(trace::ask))
        .route("/events/desk", get(live::desk))
        .route("/events/site", get(live::site))
        .route("/events/authority", get(live::authority))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

async fn nothing(caller: Caller) -> Response {
    Failure::not_found().read_in(caller.lang).into_response()
}
