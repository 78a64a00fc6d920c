//! What laboratories send: results and contact lists, with a report for each row; sent twice, they count once.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use node_core::authority::{
    brought::{self, Brings, KEY_MAX, Sent},
    drafts::DraftState,
    intake::RowReport,
    officers::Office,
    registry::How,
};
use serde_json::{Value, json};

use super::{Answer, Asking, Problem};
use crate::app::{App, Shared};

/// `POST /api/v1/results`
pub(super) async fn results(
    State(app): State<Shared>,
    asking: Asking,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    take(&app, &asking, &headers, body, Brings::Results).await
}

/// `POST /api/v1/contacts`
pub(super) async fn contacts(
    State(app): State<Shared>,
    asking: Asking,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    take(&app, &asking, &headers, body, Brings::Contacts).await
}

async fn take(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    what: Brings,
) -> Answer {
    asking.needs(Office::Laboratory, false)?;
    let body = body.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    let rows = brought::read(&body, what).map_err(|error| {
        let status = match error {
            brought::BroughtError::TooLarge | brought::BroughtError::TooMany => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Problem::new(status, error)
    })?;
    let again = sent_before(asking, headers, &body).await?;
    let word = match what {
        Brings::Results => "results",
        Brings::Contacts => "contacts",
    };
    let back =
        rows.iter().filter(|((_, row), _)| row.as_ref().is_ok_and(|line| line.how != How::Adds));
    let back = back.count();
    let what =
        format!("{} rows of {word} brought, {back} of them to take back or correct", rows.len());
    asking.did(app, &what).await?;
    let (rows, ids): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let authority = asking.authority.clone();
    let work = async move {
        let told = authority.take_rows(rows).await;
        // What was taken stays taken, whatever comes of the bulletin: the next call makes it good.
        (told, authority.publish_withdrawals().await)
    };
    let stopped = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the node is stopping");
    let (told, withdrawn) = app.finish(work).await.map_err(|_| stopped())?;
    let told = told.map_err(|error| Problem::internal(&error))?;
    // The rows are kept; that their tokens still pass is said, and drawn up anew every few minutes until it succeeds.
    let withdrawn = match withdrawn {
        Ok(None) => "in-force",
        Ok(Some(draft)) if draft.state == DraftState::Published => "published",
        Ok(Some(_)) => "waiting",
        Err(_) => "failed",
    };
    Ok(report(&told, &ids, again, withdrawn))
}

/// Whether the same was sent before under the key that the request names; of requests without one, nobody knows.
async fn sent_before(asking: &Asking, headers: &HeaderMap, body: &[u8]) -> Result<bool, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(false) };
    let key = key.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > KEY_MAX {
        let detail = format!("Idempotency-Key: 1 to {KEY_MAX} visible characters");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    let sent = asking.authority.sent_as(&asking.program.digest[..], key, body).await;
    match sent.map_err(|error| Problem::internal(&error))? {
        Sent::First => Ok(false),
        Sent::Again => Ok(true),
        Sent::Otherwise => {
            let detail = "Idempotency-Key: another body was sent under this key";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail))
        }
    }
}

/// 200 where all rows were taken, 207 where some were not, 422 where none was.
fn report(
    told: &[RowReport],
    ids: &[Option<String>],
    again: bool,
    withdrawn: &'static str,
) -> Response {
    let row = |((line, outcome), id): (&RowReport, &Option<String>)| {
        let mut said = match outcome {
            Ok(()) => json!({ "line": line, "result": "taken" }),
            Err(problem) => json!({ "line": line, "error": problem.to_string() }),
        };
        if let Some(id) = id {
            said["id"] = Value::from(id.as_str());
        }
        said
    };
    let taken = told.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    let refused = told.len() - taken;
    let rows: Vec<Value> = told.iter().zip(ids).map(row).collect();
    let mut body = json!({
        "taken": taken, "refused": refused, "again": again, "withdrawals": withdrawn, "rows": rows,
    });
    let (status, kind) = match (taken, refused) {
        (_, 0) => (StatusCode::OK, "application/json"),
        (0, _) => (StatusCode::UNPROCESSABLE_ENTITY, "application/problem+json"),
        _ => (StatusCode::MULTI_STATUS, "application/json"),
    };
    if taken == 0 {
        body["type"] = "about:blank".into();
        body["title"] = "no row was taken".into();
        body["status"] = status.as_u16().into();
    }
    (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}
