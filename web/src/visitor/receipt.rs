//! What is held of a visit, until when, and whether it was asked for: at any door of the venue, for who has the pass.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use node_core::{
    desk::{Desk, Held},
    pass::Pass,
};
use sync::record::VisitKind;

use super::{Around, pass::held};
use crate::{app::Shared, caller::Caller, date, error::Failure, frame::show, sign};

#[derive(Template)]
#[template(path = "visitor_receipt.html")]
struct Page {
    around: Around,
    held: Vec<Row>,
    doors: String,
    authority: String,
    /// How many tracing questions have looked into the venue.
    asked: String,
    pass: String,
}

/// One crossing in words.
struct Row {
    when: String,
    door: String,
    kind: &'static str,
    status: &'static str,
    sealed: bool,
    acknowledged: bool,
    void: bool,
    told: Vec<String>,
}

/// `GET /v/receipt/{pass}`
pub(super) async fn page(
    State(app): State<Shared>,
    caller: Caller,
    Path(text): Path<String>,
) -> Response {
    let found = app.services.door.clone().zip(Pass::from_text(&text));
    let Some((desk, pass)) = found else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let held = match held(&app, &desk, &caller, &pass).await {
        Ok(held) => held,
        Err(response) => return response,
    };
    let (doors, authority) = desk.kept_until(pass.day());
    show(&Page {
        around: Around::new(&app, &desk, &caller),
        held: held.iter().map(|one| row(&desk, &caller, one)).collect(),
        doors: date::civil_day(caller.lang, doors),
        authority: date::civil_day(caller.lang, authority),
        asked: caller.lang.count("reach-asked-times", desk.view().borrow().asked),
        pass: pass.to_text(),
    })
}

fn row(desk: &Desk, caller: &Caller, held: &Held) -> Row {
    let (t, zone) = (caller.lang, &desk.site().zone);
    Row {
        when: date::moment(t, zone, held.at),
        door: held.door.clone(),
        kind: match held.kind {
            VisitKind::Entry => "kind-entry",
            VisitKind::Exit => "kind-exit",
            VisitKind::Refusal => "kind-refusal",
        },
        status: sign::status_text(held.status),
        sealed: held.sealed,
        acknowledged: held.acknowledged,
        void: held.void,
        told: held.told.iter().map(|(_, at)| date::moment(t, zone, *at)).collect(),
    }
}
