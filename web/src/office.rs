//! The office of the authority: the register of venues, what is known of people, tokens at the counter, bulletins.

pub(crate) mod announcing;
pub(crate) mod bulletins;
mod card;
pub(crate) mod people;
pub(crate) mod register;
pub(crate) mod tokens;
pub(crate) mod venue;
pub(crate) mod wallet;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use node_core::authority::Authority;
use sync::{record::Status, sealed::NumberKind};

use crate::{
    app::{App, Shared},
    error::Failure,
    language::Lang,
};

/// The largest table or list that a form brings, bytes, with its letters escaped.
const TABLE_FORM_MAX: usize = 12 << 20;

/// The kinds of numbers that the office's forms know: the word, and its text.
const KINDS: [(&str, &str); 5] = [
    ("iin", "guard-kind-iin"),
    ("cccd", "guard-kind-cccd"),
    ("resident-id", "guard-kind-resident-id"),
    ("passport", "guard-kind-passport"),
    ("phone", "manager-kind-phone"),
];

/// The addresses of the office, and of the visitors' wallet.
pub(crate) fn routes() -> Router<Shared> {
    let large = || DefaultBodyLimit::max(TABLE_FORM_MAX);
    Router::new()
        .route("/authority/venues", get(register::list).post(register::save))
        .route("/authority/venues/new", get(register::fresh))
        .route(
            "/authority/venues/import",
            get(register::list).post(register::import).layer(large()),
        )
        .route("/authority/venues/grant", get(register::list).post(venue::grant))
        .route("/authority/venues/take", get(register::list).post(venue::take))
        .route("/authority/venues/remove", get(register::list).post(venue::remove))
        .route("/authority/venues/{number}", get(venue::page))
        .route("/authority/venues/{number}/edit", get(register::edit))
        .route("/authority/people", get(people::page).post(people::bring).layer(large()))
        .route("/authority/tokens", get(tokens::page).post(tokens::ask))
        .route("/authority/tokens/issue", get(tokens::page).post(tokens::issue))
        .route("/authority/tokens/card.pdf", post(tokens::card))
        .route("/authority/bulletins", get(bulletins::page))
        .route(
            "/authority/bulletins/draft",
            get(bulletins::page).post(bulletins::draw_up).layer(large()),
        )
        .route("/authority/bulletins/sign", get(bulletins::page).post(bulletins::sign))
        .route("/authority/bulletins/add", get(bulletins::page).post(bulletins::add).layer(large()))
        .route("/authority/bulletins/drop", get(bulletins::page).post(bulletins::give_up))
        .route("/authority/bulletins/announce", get(bulletins::page).post(announcing::announce))
        .route("/authority/bulletins/unannounce", get(bulletins::page).post(announcing::take_back))
        .route("/authority/bulletins/standing", get(bulletins::page).post(announcing::standing))
        .route("/authority/bulletins/draft/{number}", get(bulletins::export))
        .merge(wallet::routes())
}

/// The authority, or the answer where this node is none.
fn authority(app: &App, t: Lang) -> Result<Authority, Box<Response>> {
    let authority = app.services.authority.clone();
    authority.ok_or_else(|| Box::new(Failure::not_found().read_in(t).into_response()))
}

fn failed(t: Lang, error: &dyn std::error::Error) -> Response {
    Failure::internal(error).read_in(t).into_response()
}

/// The kinds of numbers in a language.
pub(crate) fn kinds(t: Lang) -> Vec<(&'static str, String)> {
    KINDS.map(|(word, text)| (word, t.say(text))).into()
}

fn kind_of(word: &str) -> Option<NumberKind> {
    KINDS.iter().any(|(known, _)| *known == word).then(|| NumberKind::from_word(word)).flatten()
}

/// The class and the word of a status.
fn colour(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Green => ("green", "status-green"),
        Status::Blue => ("blue", "status-blue"),
        Status::Yellow => ("yellow", "status-yellow"),
        Status::Red => ("red", "status-red"),
        Status::Grey => ("grey", "status-grey"),
    }
}
