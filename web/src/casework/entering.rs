//! Entering those whom an answer found as contacts: written down before their details are opened for it.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::collections::BTreeMap;

use super::answer;
use crate::{app::Shared, caller::Posted, date, error::Failure};

/// `POST /authority/cases/{id}/{number}/enter`
pub(crate) async fn enter(
    State(app): State<Shared>,
    Path((id, number)): Path<(String, u32)>,
    form: Posted,
) -> Response {
    let t = form.caller.lang;
    let found = answer::find(&app, &id, number).await;
    let (Ok((case, authority, ..)), true) = (&found, form.field("sure") == "yes") else {
        let text = Some(t.say("casework-error-sure"));
        let page = answer::answered(&app, &form.caller, found, &BTreeMap::new(), false, text).await;
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let (case, authority) = (*case, authority.clone());
    app.did(&form.caller, "contacts-entered", format!("{case}/{number}")).await;
    let work = async move {
        let entered = authority.enter_as_contacts(case, number).await;
        // What was entered stays; what it withdraws is tried again until it goes out.
        (entered, authority.publish_withdrawals().await.is_ok())
    };
    let (entered, published) = match app.finish(work).await {
        Ok((Ok(entered), published)) => (entered, published),
        Ok((Err(error), _)) => return Failure::internal(&error).read_in(t).into_response(),
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let count = |n: usize| date::number(t, n as u64);
    let values = [("entered", count(entered.entered)), ("unknown", count(entered.unknown))];
    let mut said = t.with("casework-entered", &values);
    if !published {
        said = format!("{said} {}", t.say("office-unpublished"));
    }
    answer::answered(&app, &form.caller, found, &BTreeMap::new(), false, Some(said)).await
}
