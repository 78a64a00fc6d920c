//! An answer's people sent to a SORMAS server by a tracer's button, and what came of it, in words.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::authority::{
    Authority,
    casework::{CaseError, CaseId},
    sormas::{Delivery, SendError},
};
use sync::{id::Subject, time::Zone};

use super::{
    answer::{answered, find},
    short, words,
};
use crate::{
    app::{App, Shared},
    caller::Posted,
    date,
    error::Failure,
    language::Lang,
};

/// A delivery as the page of an answer shows it.
pub(super) struct Row {
    pub(super) said: String,
    pub(super) good: bool,
    /// Whom a refusal is about, and why.
    pub(super) reasons: Vec<(String, String)>,
}

/// What was sent of an answer, the latest first.
pub(super) async fn rows(
    app: &App,
    t: Lang,
    zone: &Zone,
    authority: &Authority,
    (id, number): (CaseId, u32),
) -> Result<Vec<Row>, CaseError> {
    let all = authority.deliveries(id).await?;
    let own = all.iter().rev().filter(|delivery| delivery.number == number);
    Ok(own.map(|delivery| row(app, t, zone, delivery)).collect())
}

fn row(app: &App, t: Lang, zone: &Zone, delivery: &Delivery) -> Row {
    let values = [
        ("at", date::recent(t, zone, delivery.at, app.now())),
        ("by", delivery.by.clone()),
        ("taken", date::number(t, u64::from(delivery.taken))),
        ("known", date::number(t, u64::from(delivery.known))),
        ("refused", date::number(t, u64::from(delivery.refused))),
    ];
    let mut said = t.with("links-sormas-sent", &values);
    if let Some(trouble) = &delivery.trouble {
        said = format!("{said} {}", t.fill("links-sormas-trouble", trouble));
    }
    let event = || t.say("links-sormas-event");
    let whom = |subject: &Option<Subject>| subject.as_ref().map_or_else(event, short);
    let reasons = delivery.reasons.iter().map(|(who, why)| (whom(who), why.clone())).collect();
    Row { said, good: delivery.refused == 0 && delivery.trouble.is_none(), reasons }
}

/// `POST /authority/cases/{id}/{number}/sormas`
pub(crate) async fn send(
    State(app): State<Shared>,
    Path((id, number)): Path<(String, u32)>,
    form: Posted,
) -> Response {
    let t = form.caller.lang;
    let known = find(&app, &id, number).await;
    let (Ok((case, authority, ..)), true) = (&known, form.field("sure") == "yes") else {
        let text = Some(t.say("casework-error-sure"));
        let page = answered(&app, &form.caller, known, &BTreeMap::new(), false, text).await;
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let (case, authority) = (*case, authority.clone());
    app.did(&form.caller, "sent-to-sormas", format!("{case}/{number}")).await;
    let by = form.caller.called();
    // To its end also when the browser is gone: what was sent is written down.
    let sending = async move { authority.send_answer(case, number, &by).await };
    let (status, notice) = match app.finish(sending).await {
        // The row of the delivery says the rest.
        Ok(Ok(delivery)) if delivery.trouble.is_none() => (StatusCode::OK, None),
        Ok(Ok(_)) => (StatusCode::BAD_GATEWAY, None),
        Ok(Err(SendError::Case(error))) => {
            (StatusCode::SERVICE_UNAVAILABLE, Some(words(t, &error)))
        }
        Ok(Err(SendError::Nobody)) => return Failure::not_found().read_in(t).into_response(),
        Ok(Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, Some(t.say("links-sormas-busy"))),
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let page = answered(&app, &form.caller, known, &BTreeMap::new(), false, notice).await;
    (status, page).into_response()
}
