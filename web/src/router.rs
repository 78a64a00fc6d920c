//! Every address of a node and who answers it.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use crate::{
    anomalies, api, app::Shared, asset, audit, authority, board, caller::Caller, care, casework,
    clicks, desk, door, doors, entry, error::Failure, evacuation, family, flow, frames,
    guard::guard, health, house, idcheck, live, logbook, lookup, metrics, notes, notices, office,
    officers, participation, programs, sheet, slip, staff, standing, trace, training, venue,
    visitor, wizard,
};

const BODY_MAX: usize = 64 * 1024;

/// The open pages first; everything after them needs a session.
pub(crate) fn router(app: Shared) -> Router {
    Router::new()
        .route("/", get(entry::home))
        .route("/enter", get(entry::enter).post(entry::try_typed))
        .route("/enter/passkey", get(entry::passkey_question).post(entry::by_passkey))
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
        .route("/desk/notice", get(desk::page).post(notices::send))
        .route("/desk/terminus", get(desk::page).post(desk::terminus))
        .route("/desk/frame", post(frames::look).layer(DefaultBodyLimit::max(frames::BYTES_MAX)))
        .route("/desk/guard", get(idcheck::page).post(idcheck::check))
        .route("/desk/lookup", get(lookup::page).post(lookup::ask))
        .route("/desk/lookup/come", get(lookup::page).post(lookup::come))
        .route("/desk/lookups", get(lookup::list))
        .route("/desk/family", get(family::page).post(family::release))
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
        .route("/setup", get(officers::set_up).post(officers::make_first))
        .route("/bind", get(officers::ask).post(officers::bind))
        .route("/account", get(officers::own_page))
        .route("/account/secret", get(officers::own_page).post(officers::own_secret))
        .route("/account/passkeys", get(officers::passkeys))
        .route("/account/passkeys/new", get(officers::passkey_question))
        .route("/account/passkeys/add", get(officers::passkeys).post(officers::add_passkey))
        .route("/account/passkeys/remove", get(officers::passkeys).post(officers::remove_passkey))
        .route("/venue/staff", get(staff::page))
        .route("/venue/staff/invite", get(staff::page).post(staff::invite))
        .route("/venue/staff/change", get(staff::page).post(staff::change))
        .route("/venue/staff/reset", get(staff::page).post(staff::reset))
        .route("/venue/staff/remove", get(staff::page).post(staff::remove))
        .route("/venue/audit", get(audit::page))
        .route("/venue/flow", get(flow::today))
        .route("/venue/flow.csv", get(flow::csv))
        .route("/venue/flow/{day}", get(flow::day))
        .route("/venue/evacuation", get(evacuation::page))
        .route("/venue/standing", get(standing::page).post(standing::save))
        .route("/venue/rules", get(house::page).post(house::save))
        .route("/venue/setup", get(wizard::page).post(wizard::mark))
        .route("/venue/training", get(training::page).post(training::score))
        .route("/venue/training/cards", get(training::cards))
        .route("/venue/sheet", get(sheet::print))
        .route("/venue/sheet/enter", get(sheet::page).post(sheet::enter))
        .route("/venue/care", get(care::page))
        .route("/venue/care/bundle", get(care::page).post(care::bundle))
        .route("/desk/pass/{visit}", get(slip::sheet))
        .route("/desk/pass/{visit}/roll", get(slip::roll))
        .route("/events/evacuation", get(live::evacuation))
        .route("/authority", get(authority::page))
        .route("/authority/cases", get(casework::list).post(casework::begin))
        .route("/authority/cases/{id}", get(casework::case))
        .route("/authority/cases/{id}/ask", post(casework::ask))
        .route("/authority/cases/{id}/{number}", get(casework::answer_page))
        .route("/authority/cases/{id}/{number}/settle", post(casework::settle))
        .route("/authority/cases/{id}/{number}/open", post(casework::open))
        .route("/authority/cases/{id}/{number}/enter", post(casework::enter))
        .route("/authority/cases/{id}/{number}/notify", post(casework::notify))
        .route("/authority/cases/{id}/{number}/export", post(casework::export))
        .route("/authority/cases/{id}/{number}/sormas", post(casework::send_to_sormas))
        .route("/authority/notices", get(board::page).post(board::bring))
        .route("/authority/participation", get(participation::page).post(participation::confirm))
        .route("/authority/participation/{venue}/hours.csv", get(participation::hours))
        .route("/register.json", get(participation::register_json))
        .route("/register.csv", get(participation::register_csv))
        .route("/authority/log", get(logbook::page))
        .route("/authority/staff", get(officers::page))
        .route("/authority/staff/invite", get(officers::page).post(officers::invite))
        .route("/authority/staff/change", get(officers::page).post(officers::change))
        .route("/authority/staff/reset", get(officers::page).post(officers::reset))
        .route("/authority/staff/remove", get(officers::page).post(officers::remove))
        .route("/authority/programs", get(programs::page).post(programs::change))
        .route("/events/notices", get(live::board))
        .route("/authority/trace", get(trace::restart).post(trace::ask))
        .route("/authority/tell", get(trace::restart).post(trace::tell))
        .route("/events/desk", get(live::desk))
        .route("/events/site", get(live::site))
        .route("/events/anomalies", get(live::anomalies))
        .route("/events/doors", get(live::doors))
        .route("/events/authority", get(live::authority))
        .merge(office::routes())
        .merge(visitor::routes())
        .merge(visitor::staff_routes())
        .merge(api::routes())
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

/// What is served in plain HTTP to visitors' phones, and nothing else.
pub(crate) fn visitors_router(app: Shared) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/v") }))
        .route("/static/{name}", get(asset::serve))
        .merge(visitor::routes())
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

async fn nothing(caller: Caller) -> Response {
    Failure::not_found().read_in(caller.lang).into_response()
}
