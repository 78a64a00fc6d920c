//! The form that takes a door out of the venue.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use node_core::pairing::RemoveError;
use sync::{id::PublicKey, order::RemovalCause};

use super::refused;
use crate::{app::Shared, caller::Posted, error::Failure};

/// `POST /venue/doors/remove`
pub(crate) async fn remove(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let (Some(desk), Some(pairing)) = (&app.services.door, app.services.pairing.clone()) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let (node, cause) = match asked(&form) {
        Ok(asked) => asked,
        Err(text) => return refused(&app, desk, &form, t.say(text)).await,
    };
    let text = match app.finish(async move { pairing.remove(node, cause).await }).await {
        Ok(Ok(())) => return Redirect::to("/venue/doors").into_response(),
        Ok(Err(RemoveError::Own)) => "remove-error-own",
        Ok(Err(RemoveError::NotADoor)) => "remove-error-door",
        Ok(Err(error)) => {
            tracing::error!(%error, "a door was not removed");
            "act-error-ledger"
        }
        Err(failure) => return failure.read_in(t).into_response(),
    };
    refused(&app, desk, &form, t.say(text)).await
}

/// Which door and why, or which words say what is missing.
fn asked(form: &Posted) -> Result<(PublicKey, RemovalCause), &'static str> {
    let node = PublicKey::from_hex(form.field("node")).ok_or("remove-error-door")?;
    let cause = match form.field("cause") {
        "lost" => RemovalCause::Lost,
        "replaced" => RemovalCause::Replaced,
        "retired" => RemovalCause::Retired,
        _ => return Err("remove-error-cause"),
    };
    if form.field("sure") == "yes" { Ok((node, cause)) } else { Err("remove-error-sure") }
}
