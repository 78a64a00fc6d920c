//! The authority's interface for programs: `/api/v1`, with bearer tokens, pages, and problems as RFC 9457 has them.
//!
//! What there is stands in one table, [`openapi::OPERATIONS`]: the document is made of it, and a test holds it against the
//! router.

mod abroad;
mod answers;
mod laboratory;
mod openapi;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use node_core::authority::{
    Authority,
    access::Access,
    board::{BoardError, Stage},
    casework::{CaseError, CaseId, Target, Wanted},
    export::Format,
    fhir::RESOURCE_MAX,
    officers::{Office, Offices},
    programs::Program,
    trace::{TraceError, Who},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sync::{id::VenueId, time::UnixMillis};

use crate::{
    app::{App, Ends, Shared},
    casework::sheet,
};

/// The most lines of one page, and how many where nobody says.
const LIMIT_MAX: usize = 500;
const LIMIT: usize = 100;
/// The longest body, bytes.
const BODY_MAX: usize = 16 * 1024;

/// Everything that a program may ask.
#[cfg(test)]
pub(crate) fn operations() -> &'static [openapi::Operation] {
    &openapi::OPERATIONS
}

/// What is under `/api/v1`.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/v1/openapi.json", get(document))
        .route("/api/v1/stats", get(stats))
        .route("/api/v1/cases", get(cases).post(open_case))
        .route("/api/v1/cases/{case}", get(case))
        .route("/api/v1/cases/{case}/questions", get(questions).post(ask))
        .route("/api/v1/cases/{case}/questions/{number}", get(question))
        .route("/api/v1/cases/{case}/questions/{number}/export", get(export))
        .route("/api/v1/notices", get(notices))
        .route("/api/v1/notices/{notice}", get(notice).post(bring))
        .route("/api/v1/participation", get(participation))
        .route(
            "/api/v1/abroad",
            post(abroad::receive).layer(DefaultBodyLimit::max(sync::abroad::TEXT_MAX)),
        )
        .route(
            "/api/v1/results",
            post(laboratory::results).layer(DefaultBodyLimit::max(RESOURCE_MAX)),
        )
        .route(
            "/api/v1/contacts",
            post(laboratory::contacts).layer(DefaultBodyLimit::max(RESOURCE_MAX)),
        )
}

/// Why a request was not answered: RFC 9457.
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, detail: impl ToString) -> Self {
        Self { status, detail: detail.to_string() }
    }

    fn missing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing of that name, or not any more")
    }

    /// The cause goes to the log alone.
    fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, cause = ?error.source(), "a program's request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the authority could not read or write")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("problem"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, body.to_string()).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let way = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, way);
        }
        response
    }
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Self {
        let status = match &error {
            CaseError::Unknown => return Self::missing(),
            CaseError::NotAnswered
            | CaseError::NotWaiting
            | CaseError::Full
            | CaseError::Own
            | CaseError::NoAccount => StatusCode::CONFLICT,
            CaseError::Trace(
                TraceError::Case
                | TraceError::Purpose
                | TraceError::Window
                | TraceError::NeedsCase
                | TraceError::Number(_)
                | TraceError::Code(_),
            ) => StatusCode::UNPROCESSABLE_ENTITY,
            other => return Self::internal(other),
        };
        Self::new(status, error)
    }
}

/// A program with a token that holds.
struct Asking {
    authority: Authority,
    program: Program,
    from: String,
}

impl FromRequestParts<Shared> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let authority = app.services.authority.clone().ok_or_else(Problem::missing)?;
        let sent = parts.headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok());
        let token = sent.and_then(|sent| sent.strip_prefix("Bearer ")).unwrap_or_default();
        let found = authority.program(token.trim()).await;
        let program = found.map_err(|error| Problem::internal(&error))?;
        let refused =
            || Problem::new(StatusCode::UNAUTHORIZED, "a bearer token that holds is needed");
        let from = parts.extensions.get::<Ends>().map(|ends| ends.peer.to_string());
        let from = from.unwrap_or_default();
        Ok(Self { authority, program: program.ok_or_else(refused)?, from })
    }
}

impl Asking {
    /// The program must hold the office; an auditor's may read.
    fn needs(&self, office: Office, reads: bool) -> Result<(), Problem> {
        let held = self.program.offices;
        if held.has(office) || (reads && held.has(Office::Auditor)) {
            return Ok(());
        }
        let detail = format!("this token is not of a {}", office.word());
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }

    fn called(&self) -> String {
        format!("program {}", self.program.name)
    }

    /// Writes down what the program did, before it is answered.
    async fn did(&self, app: &App, what: &str) -> Result<(), Problem> {
        let access = Access {
            detail: format!("{}: {what}", self.program.name),
            from: self.from.clone(),
            ..Access::new(app.now(), "api")
        };
        self.authority.note_access(access).await.map_err(|error| Problem::internal(&error))
    }
}

/// Which page of a list.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wish {
    limit: Option<usize>,
    after: Option<usize>,
    stage: Option<String>,
    format: Option<String>,
}

/// The query; whatever is wrong with it is said as a problem.
struct Asked(Wish);

impl FromRequestParts<Shared> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let read = Query::<Wish>::from_request_parts(parts, app).await;
        let wrong = |error: axum::extract::rejection::QueryRejection| {
            Problem::new(StatusCode::BAD_REQUEST, error.body_text())
        };
        read.map(|Query(wish)| Self(wish)).map_err(wrong)
    }
}

impl Wish {
    /// One page of a list, and where the next begins.
    fn page(&self, items: Vec<Value>) -> Value {
        let (after, limit) =
            (self.after.unwrap_or(0), self.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX));
        let total = items.len();
        let items: Vec<Value> = items.into_iter().skip(after).take(limit).collect();
        let reached = after.saturating_add(items.len());
        let next = (reached < total && !items.is_empty()).then_some(reached);
        json!({ "items": items, "total": total, "next": next })
    }
}

fn read_body<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    if body.len() > BODY_MAX {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"));
    }
    serde_json::from_slice(body).map_err(|error| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("the body: {error}"))
    })
}

fn case_id(text: &str) -> Result<CaseId, Problem> {
    CaseId::from_hex(text).ok_or_else(Problem::missing)
}

type Answer = Result<Response, Problem>;

fn ok(value: &Value) -> Answer {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kind, value.to_string()).into_response())
}

async fn document() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, openapi::document().to_string()).into_response()
}

async fn stats(asking: Asking) -> Answer {
    if asking.program.offices == Offices::of([Office::Laboratory]) {
        let detail = "a laboratory's token brings, and reads nothing";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    ok(&asking.authority.stats())
}

async fn cases(State(app): State<Shared>, asking: Asking, Asked(wish): Asked) -> Answer {
    asking.needs(Office::Tracer, true)?;
    asking.did(&app, "cases read").await?;
    let mut items = Vec::new();
    for (id, case) in asking.authority.cases().await? {
        items.push(answers::case(id, &case));
    }
    ok(&wish.page(items))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCase {
    case: String,
}

async fn open_case(State(app): State<Shared>, asking: Asking, body: axum::body::Bytes) -> Answer {
    asking.needs(Office::Tracer, false)?;
    let wanted: NewCase = read_body(&body)?;
    asking.did(&app, "case opened").await?;
    let id = asking.authority.open_case(&wanted.case, &asking.called()).await?;
    let (held, _) = asking.authority.case(id).await?;
    let made = ok(&answers::case(id, &held))?;
    Ok((StatusCode::CREATED, made).into_response())
}

async fn case(State(app): State<Shared>, asking: Asking, Path(id): Path<String>) -> Answer {
    asking.needs(Office::Tracer, true)?;
    let id = case_id(&id)?;
    asking.did(&app, &format!("case {id} read")).await?;
    let (held, _) = asking.authority.case(id).await?;
    ok(&answers::case(id, &held))
}

async fn questions(
    State(app): State<Shared>,
    asking: Asking,
    Path(id): Path<String>,
    Asked(wish): Asked,
) -> Answer {
    asking.needs(Office::Tracer, true)?;
    let id = case_id(&id)?;
    asking.did(&app, &format!("questions of {id} read")).await?;
    let (_, asked) = asking.authority.case(id).await?;
    ok(&wish.page(asked.iter().map(answers::asked).collect()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewQuestion {
    purpose: String,
    person: Option<String>,
    venue: Option<u64>,
    from: String,
    until: String,
    #[serde(default)]
    second_degree: bool,
}

async fn ask(
    State(app): State<Shared>,
    asking: Asking,
    Path(id): Path<String>,
    body: axum::body::Bytes,
) -> Answer {
    asking.needs(Office::Tracer, false)?;
    let id = case_id(&id)?;
    let new: NewQuestion = read_body(&body)?;
    let wrong = |what: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, what);
    let about = match (&new.person, new.venue) {
        (Some(who), None) => Target::Person(Who::read(who).map_err(CaseError::from)?),
        (None, Some(venue)) => Target::Venue(VenueId::new(venue)),
        _ => return Err(wrong("one of person and venue must be there, and not both")),
    };
    let time = |text: &str| {
        UnixMillis::parse(text).ok_or_else(|| wrong("a time has the form 2026-11-22T14:00:00Z"))
    };
    let (held, _) = asking.authority.case(id).await?;
    let wanted = Wanted {
        case: held.reference,
        purpose: new.purpose,
        by: asking.called(),
        // Whose program it is may not approve what it asks.
        account: asking.program.made_by,
        about,
        from: time(&new.from)?,
        until: time(&new.until)?,
        second_degree: new.second_degree,
    };
    asking.did(&app, &format!("question asked in {id}")).await?;
    let authority = asking.authority.clone();
    let done = app.finish(async move { authority.ask(wanted).await }).await;
    let stopped = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the node is stopping");
    let (_, asked) = done.map_err(|_| stopped())??;
    let made = ok(&answers::asked(&asked))?;
    Ok((StatusCode::CREATED, made).into_response())
}

async fn question(
    State(app): State<Shared>,
    asking: Asking,
    Path((id, number)): Path<(String, u32)>,
    Asked(wish): Asked,
) -> Answer {
    asking.needs(Office::Tracer, true)?;
    let id = case_id(&id)?;
    asking.did(&app, &format!("answer {id}/{number} read")).await?;
    let asked = asking.authority.question(id, number).await?;
    let mut value = answers::asked(&asked);
    match asking.authority.found(id, number).await {
        Ok((_, found)) => {
            value["stays"] = found.stays.iter().map(answers::stay).collect();
            value["cut"] = found.cut.into();
            value["met"] = wish.page(found.met.iter().map(answers::met).collect());
        }
        Err(CaseError::NotAnswered) => {}
        Err(error) => return Err(error.into()),
    }
    ok(&value)
}

async fn export(
    State(app): State<Shared>,
    asking: Asking,
    Path((id, number)): Path<(String, u32)>,
    Asked(wish): Asked,
) -> Answer {
    // Persons are named in it: an auditor's token does not do.
    asking.needs(Office::Tracer, false)?;
    let format = wish.format.as_deref().and_then(Format::from_word);
    let words = || Format::ALL.map(Format::word).join(", ");
    let format = format.ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, format!("format is one of {}", words()))
    })?;
    asking.did(&app, &format!("{id}/{number} exported as {}", format.word())).await?;
    match sheet::file(&app, &id, number, format).await {
        Ok(bytes) => Ok(sheet::attached(format, bytes)),
        Err(sheet::SheetError::Case(error)) => Err(error.into()),
        Err(error) => Err(Problem::internal(&error)),
    }
}

async fn notices(State(app): State<Shared>, asking: Asking, Asked(wish): Asked) -> Answer {
    asking.needs(Office::Tracer, true)?;
    asking.did(&app, "notices read").await?;
    let stage = match wish.stage.as_deref() {
        None => None,
        Some(word) => Some(Stage::from_word(word).ok_or_else(|| {
            Problem::new(StatusCode::BAD_REQUEST, "stage is one of new, called, closed")
        })?),
    };
    let board = asking.authority.board().await.map_err(|error| Problem::internal(&error))?;
    let wanted = board.iter().filter(|pinned| stage.is_none_or(|stage| pinned.stage() == stage));
    ok(&wish.page(wanted.map(answers::pinned).collect()))
}

async fn notice(State(app): State<Shared>, asking: Asking, Path(name): Path<String>) -> Answer {
    asking.needs(Office::Tracer, true)?;
    asking.did(&app, "notice read").await?;
    answers::one(&asking.authority, &name).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bring {
    seen: String,
    to: String,
}

async fn bring(
    State(app): State<Shared>,
    asking: Asking,
    Path(name): Path<String>,
    body: axum::body::Bytes,
) -> Answer {
    asking.needs(Office::Tracer, false)?;
    let wanted: Bring = read_body(&body)?;
    let (Some(seen), Some(to)) = (Stage::from_word(&wanted.seen), Stage::from_word(&wanted.to))
    else {
        let detail = "seen and to are each one of new, called, closed";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    };
    asking.did(&app, "notice brought further").await?;
    match asking.authority.bring(&name, seen, to, &asking.called()).await {
        Ok(()) => answers::one(&asking.authority, &name).await,
        Err(BoardError::Unknown) => Err(Problem::missing()),
        Err(error @ BoardError::Changed) => Err(Problem::new(StatusCode::CONFLICT, error)),
        Err(error) => Err(Problem::internal(&error)),
    }
}

async fn participation(State(app): State<Shared>, asking: Asking, Asked(wish): Asked) -> Answer {
    asking.needs(Office::Registrar, true)?;
    asking.did(&app, "participation read").await?;
    let found = asking.authority.participants().await;
    let found = found.map_err(|error| Problem::internal(&error))?;
    ok(&wish.page(
        found.iter().map(|(facts, standing)| answers::participant(facts, *standing)).collect(),
    ))
}
