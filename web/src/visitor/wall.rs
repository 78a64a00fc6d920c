//! The poster for this door's wall, for whoever is signed in: the same sheet as `vestibule poster` writes.

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use node_core::code::poster::Poster as PlaceCode;
use serde::Deserialize;
use sync::record::Direction;

use crate::{
    app::Shared,
    caller::Manager,
    error::Failure,
    language::Lang,
    poster::{Poster, PosterError, PosterOrder, letters},
};

/// What `/venue/poster/…` may be opened with: `?languages=kk,ru`, or as a form has it `?first=kk&second=ru`.
#[derive(Deserialize)]
pub(super) struct Wish {
    languages: Option<String>,
    first: Option<String>,
    second: Option<String>,
}

/// `GET /venue/poster/in.pdf`, `out.pdf`, `in.svg`, `out.svg`
pub(super) async fn sheet(
    State(app): State<Shared>,
    Manager(caller): Manager,
    Path(file): Path<String>,
    Query(wish): Query<Wish>,
) -> Response {
    let t = caller.lang;
    let asked = match file.as_str() {
        "in.pdf" => Some((Direction::In, true)),
        "out.pdf" => Some((Direction::Out, true)),
        "in.svg" => Some((Direction::In, false)),
        "out.svg" => Some((Direction::Out, false)),
        _ => None,
    };
    let found = app.services.door.clone().zip(asked);
    let Some((desk, (way, pdf))) = found else {
        return Failure::not_found().read_in(t).into_response();
    };
    if desk.site().direction != Direction::Both && desk.site().direction != way {
        return Failure::not_found().read_in(t).into_response();
    }
    let chosen = wish.first.zip(wish.second).map(|(first, second)| format!("{first},{second}"));
    let pair = languages(t, wish.languages.or(chosen).as_deref());
    let at = app.clone();
    // Fonts are read and outlines drawn: half a second of work, which holds up no other page.
    let drawn = tokio::task::spawn_blocking(move || {
        let visitors = &at.services.visitors;
        let site = desk.site();
        let code = PlaceCode { direction: way, ..PlaceCode::of(site, visitors.poster_version) };
        let order = PosterOrder {
            venue: &site.venue_name,
            entrance: &site.entrance_name,
            way,
            code: &code.to_text(),
            address: &at.lobby.address,
            wifi: visitors.wifi.as_deref(),
            contact: visitors.contact.as_deref(),
            version: visitors.poster_version,
            valid_from: visitors.poster_from.unwrap_or_else(|| at.now()),
            made: at.now(),
            zone: &site.zone,
            languages: [&pair[0], &pair[1]],
        };
        let poster = Poster::draw(&order, &letters(None))?;
        Ok::<_, PosterError>(if pdf { poster.to_pdf()? } else { poster.to_svg().into_bytes() })
    });
    let kind = if pdf { "application/pdf" } else { "image/svg+xml" };
    match drawn.await {
        Ok(Ok(bytes)) => {
            let saved = format!("attachment; filename=\"poster-{file}\"");
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, &*saved)];
            (headers, bytes).into_response()
        }
        Ok(Err(error)) => Failure::internal(&error).read_in(t).into_response(),
        Err(error) => Failure::internal(&error).read_in(t).into_response(),
    }
}

/// Two languages: as asked, else the reader's and the second of that.
fn languages(t: Lang, asked: Option<&str>) -> [String; 2] {
    let own = || [t.tag().to_owned(), t.second().tag().to_owned()];
    let Some((first, second)) = asked.and_then(|pair| pair.split_once(',')) else { return own() };
    match (Lang::from_tag(first), Lang::from_tag(second)) {
        (Some(first), Some(second)) => [first.tag().to_owned(), second.tag().to_owned()],
        _ => own(),
    }
}
