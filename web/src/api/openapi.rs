//! The interface's description, OpenAPI 3.1, made of one table.

use serde_json::{Map, Value, json};

/// One thing that a program may ask.
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    /// Whose token it takes; nobody's where it is open.
    pub(crate) office: Option<&'static str>,
    pub(crate) summary: &'static str,
    query: &'static [(&'static str, &'static str, &'static str)],
    /// Fields of the body: name, JSON type, whether it must be there.
    body: &'static [(&'static str, &'static str, bool)],
    /// What the answer is, besides problems.
    answer: (&'static str, &'static str),
}

const PAGE: &[(&str, &str, &str)] = &[
    ("limit", "integer", "how many at most, 1 to 500; 100"),
    ("after", "integer", "the `next` of the page before; 0"),
];
const NOTICES: &[(&str, &str, &str)] =
    &[PAGE[0], PAGE[1], ("stage", "string", "new, called or closed")];
const FORMATS: &[(&str, &str, &str)] = &[(
    "format",
    "string",
    "csv, xlsx, sormas-participants, sormas-contacts, godata, iris or fhir",
)];
const JSON: (&str, &str) = ("200", "application/json");
const MADE: (&str, &str) = ("201", "application/json");
const TRACER: Option<&str> = Some("tracer");
const LABORATORY: Option<&str> = Some("laboratory");

const fn read(
    path: &'static str,
    id: &'static str,
    office: Option<&'static str>,
    summary: &'static str,
    query: &'static [(&'static str, &'static str, &'static str)],
) -> Operation {
    Operation { method: "get", path, id, office, summary, query, body: &[], answer: JSON }
}

/// Everything that a program may ask.
pub(crate) static OPERATIONS: [Operation; 17] = [
    read("/api/v1/openapi.json", "openapi", None, "This description", &[]),
    read("/api/v1/stats", "stats", Some("any"), "Counts of the region", &[]),
    read("/api/v1/cases", "listCases", TRACER, "Cases, the latest first", PAGE),
    Operation {
        method: "post",
        path: "/api/v1/cases",
        id: "openCase",
        office: TRACER,
        summary: "Open a case; the same where it is open already",
        query: &[],
        body: &[("case", "string", true)],
        answer: MADE,
    },
    read("/api/v1/cases/{case}", "readCase", TRACER, "A case", &[]),
    read("/api/v1/cases/{case}/questions", "listQuestions", TRACER, "A case's questions", PAGE),
    Operation {
        method: "post",
        path: "/api/v1/cases/{case}/questions",
        id: "ask",
        office: TRACER,
        summary: "Ask about a venue or a person: a pseudonym, a code, `kind:number` such as iin:800101300006, or a telephone number with +; the question is logged before it is answered, and may wait for an approver",
        query: &[],
        body: &[
            ("purpose", "string", true),
            ("person", "string", false),
            ("venue", "integer", false),
            ("from", "string", true),
            ("until", "string", true),
            ("second_degree", "boolean", false),
        ],
        answer: MADE,
    },
    read(
        "/api/v1/cases/{case}/questions/{number}",
        "readAnswer",
        TRACER,
        "A question with what was found, a page of people at a time",
        PAGE,
    ),
    Operation {
        method: "get",
        path: "/api/v1/cases/{case}/questions/{number}/export",
        id: "export",
        office: TRACER,
        summary: "What was found as a file, with contact details; that is written down",
        query: FORMATS,
        body: &[],
        answer: ("200", "application/octet-stream"),
    },
    read(
        "/api/v1/notices",
        "listNotices",
        TRACER,
        "The board of notices: what is open first, the newest first",
        NOTICES,
    ),
    read("/api/v1/notices/{notice}", "readNotice", TRACER, "A notice", &[]),
    Operation {
        method: "post",
        path: "/api/v1/notices/{notice}",
        id: "bringNotice",
        office: TRACER,
        summary: "Bring a notice from the stage that was seen to another",
        query: &[],
        body: &[("seen", "string", true), ("to", "string", true)],
        answer: JSON,
    },
    read(
        "/api/v1/participation",
        "listParticipation",
        Some("registrar"),
        "How each venue takes part",
        PAGE,
    ),
    Operation {
        method: "post",
        path: "/api/v1/results",
        id: "bringResults",
        office: LABORATORY,
        summary: "Results of a laboratory: rows with kind, number, fact, at, and id, name and retract if they are there; or a \
                  FHIR R4 Observation or Bundle. 200 where all rows were taken, 207 where some were, 422 where none was; each \
                  row is told of. Rows that are brought again change nothing; with retract: true a fact is taken back, as FHIR's \
                  entered-in-error does. `withdrawals` says whether what became worse is revoked: in-force, published, waiting \
                  for signatures, or failed: then it is tried again every few minutes",
        query: &[],
        body: &[("results", "array", true)],
        answer: JSON,
    },
    Operation {
        method: "post",
        path: "/api/v1/contacts",
        id: "bringContacts",
        office: LABORATORY,
        summary: "People who were near somebody who is ill: rows with kind, number, at, and id, name and retract if they are there; answered \
                  like results",
        query: &[],
        body: &[("contacts", "array", true)],
        answer: JSON,
    },
    Operation {
        method: "post",
        path: "/api/v1/abroad",
        id: "receiveAbroad",
        office: None,
        summary: "Another region's letters of this one's people: a bag as text, which that region's authority has signed; answered \
                  with a signed receipt. The same bag again changes nothing",
        query: &[],
        body: &[],
        answer: ("200", "text/plain"),
    },
    read(
        "/register.json",
        "publicRegister",
        None,
        "The public register of venues that take part: nothing about persons",
        &[],
    ),
];

/// The whole document.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in &OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = describe(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Vestibule: the authority",
            "version": "1",
            "description": "Cases, notices, exports and counts of a region's health authority.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Problem": {
                    "type": "object",
                    "description": "RFC 9457",
                    "required": ["type", "title", "status"],
                    "properties": {
                        "type": { "type": "string" },
                        "title": { "type": "string" },
                        "status": { "type": "integer" },
                        "detail": { "type": "string" },
                    },
                },
            },
        },
    })
}

fn field(kind: &str) -> Value {
    match kind {
        "array" => json!({ "type": "array", "items": { "type": "object" } }),
        kind => json!({ "type": kind }),
    }
}

fn describe(operation: &Operation) -> Value {
    let in_path = operation.path.split(['{', '}']).skip(1).step_by(2).map(|name| {
        let kind = if name == "number" { "integer" } else { "string" };
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": kind } })
    });
    let in_query = operation.query.iter().map(|(name, kind, words)| {
        json!({ "name": name, "in": "query", "description": words, "schema": { "type": kind } })
    });
    let key = (operation.office == LABORATORY).then(|| {
        json!({
            "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 128 },
            "description": "what the request is known by for two days: sent again under the same key it must be the same",
        })
    });
    let problem = json!({
        "description": "a problem",
        "content": {
            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
        },
    });
    let (status, media) = operation.answer;
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": in_path.chain(in_query).chain(key).collect::<Vec<_>>(),
        "responses": {
            status: { "description": "done", "content": { media: { "schema": {} } } },
            "default": problem,
        },
    });
    if let Some(office) = operation.office {
        value["security"] = json!([{ "token": [] }]);
        value["description"] = json!(format!("needs a token of: {office}"));
    }
    if operation.id == "receiveAbroad" {
        let text = json!({ "text/plain": { "schema": { "type": "string" } } });
        value["requestBody"] = json!({ "required": true, "content": text });
    }
    if !operation.body.is_empty() {
        let fields: Map<String, Value> = operation
            .body
            .iter()
            .map(|(name, kind, _)| ((*name).to_owned(), field(kind)))
            .collect();
        let needed: Vec<&str> = operation
            .body
            .iter()
            .filter(|(_, _, needed)| *needed)
            .map(|(name, ..)| *name)
            .collect();
        value["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": {
                "type": "object",
                "properties": fields,
                "required": needed,
                "additionalProperties": false,
            } } },
        });
        if operation.id == "bringResults" {
            let fhir = json!({ "schema": { "type": "object", "required": ["resourceType"] } });
            value["requestBody"]["content"]["application/fhir+json"] = fhir;
        }
    }
    value
}
