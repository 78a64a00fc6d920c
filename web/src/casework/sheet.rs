//! An answer as a file for another system: contact details are opened for it, and that is written down.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use node_core::authority::{
    casework::{CaseError, CaseId},
    export::{ExportError, Format},
};

use crate::{
    app::{App, Shared},
    caller::Posted,
    error::Failure,
};

/// Why no file was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SheetError {
    /// The case.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The file.
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// `POST /authority/cases/{id}/{number}/export`
pub(crate) async fn export(
    State(app): State<Shared>,
    Path((id, number)): Path<(String, u32)>,
    form: Posted,
) -> Response {
    let t = form.caller.lang;
    let (Some(format), Some(case)) =
        (Format::from_word(form.field("format")), CaseId::from_hex(&id))
    else {
        return Failure::malformed().read_in(t).into_response();
    };
    app.did(&form.caller, "exported", format!("{case}/{number} {}", format.word())).await;
    match file(&app, &id, number, format).await {
        Ok(bytes) => attached(format, bytes),
        Err(SheetError::Case(CaseError::Unknown | CaseError::NotAnswered)) => {
            Failure::not_found().read_in(t).into_response()
        }
        Err(error) => Failure::internal(&error).read_in(t).into_response(),
    }
}

/// The file as a download.
pub(crate) fn attached(format: Format, bytes: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"{}\"", format.file_name());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, bytes).into_response()
}

/// The bytes of a file.
pub(crate) async fn file(
    app: &App,
    id: &str,
    number: u32,
    format: Format,
) -> Result<Vec<u8>, SheetError> {
    let authority = app.services.authority.as_ref().ok_or(CaseError::Unknown)?;
    let case = CaseId::from_hex(id).ok_or(CaseError::Unknown)?;
    Ok(format.write(&authority.sheet(case, number).await?)?)
}
