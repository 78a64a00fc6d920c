//! What another region tells of this one's people: a signed bag, answered with a signed receipt. The signature is all that is
//! asked for: it holds by the roots that the trust list names, so no token is needed.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use node_core::authority::abroad::AbroadError;
use tokio::sync::Semaphore;

use super::Problem;
use crate::app::Shared;

/// Bags that are looked into at once: whoever sends more may come again, and takes no time from others.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// `POST /api/v1/abroad`
pub(super) async fn receive(
    State(app): State<Shared>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let authority = app.services.authority.clone().ok_or_else(Problem::missing)?;
    let busy = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "other letters are being read");
    let _place = AT_ONCE.try_acquire().map_err(|_| busy())?;
    let body = body.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    let text = String::from_utf8(body.to_vec())
        .map_err(|_| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "the body is no text"))?;
    let work = async move { authority.receive(&text).await };
    let stopped = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the node is stopping");
    let (taken, receipt) = app.finish(work).await.map_err(|_| stopped())?.map_err(|error| {
        tracing::warn!(%error, word = error.word(), "letters of a region are refused");
        problem(&error)
    })?;
    tracing::info!(region = %taken.region, new = taken.taken, known = taken.known, refused = ?taken.refused, "letters of a region");
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, receipt).into_response())
}

fn problem(error: &AbroadError) -> Problem {
    let status = match error {
        _ if !error.is_senders() => return Problem::internal(error),
        AbroadError::UnknownRegion(_) | AbroadError::OtherRegion(_) => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, error)
}
