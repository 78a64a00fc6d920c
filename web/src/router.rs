//! Every address of a node and who answers it.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    anomalies, app::Shared, asset, authority, caller::Caller, clicks, desk, door, doors, entry,
    error::Failure, guard::guard, health, live, metrics, notes, trace, venue,
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
        .route("/desk/click", get(desk::page).post(clicks::click))
        .route("/desk/undo", get(desk::page).post(desk::undo))
        .route("/venue", get(venue::page))
        .route("/venue/count", get(venue::page).post(clicks::set))
        .route("/venue/note", get(venue::page).post(notes::add))
        .route("/venue/field", get(venue::page).post(notes::change))
        .route("/venue/keep", get(venue::page).post(notes::keep))
        .route("/venue/anomalies", get(anomalies::page))
        .route("/venue/void", get(anomalies::page).post(anomalies::void))
        .route("/venue/doors", get(doors::page))
        .route("/venue/doors/invite", get(doors::page).post(doors::invite))
        .route("/venue/doors/cancel", get(doors::page).post(doors::cancel))
        .route("/venue/doors/remove", get(doors::page).post(doors::remove))
        .route("/authority", get(authority::page))
        .route("/authority/trace", get(trace::restart).post(trace::ask))
        .route("/authority/tell", get(trace::restart).post(trace::tell))
        .route("/events/desk", get(live::desk))
        .route("/events/site", get(live::site))
        .route("/events/anomalies", get(live::anomalies))
        .route("/events/doors", get(live::doors))
        .route("/events/authority", get(live::authority))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

async fn nothing(caller: Caller) -> Response {
    Failure::not_found().read_in(caller.lang).into_response()
}
