//! What laboratories and tracers bring: a table or FHIR, with a report for each row, and what it withdraws.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::authority::{
    drafts::DraftState,
    intake::{self, RowProblem},
    registry::How,
};

use super::{authority, failed};
use crate::{
    app::{App, Shared},
    caller::{Caller, Keyed, Posted},
    date,
    frame::{Frame, show},
    language::Lang,
};

/// Lines of a report that are shown.
const REPORTED: usize = 200;

#[derive(Template)]
#[template(path = "office_people.html")]
struct Page {
    frame: Frame,
    said: Option<String>,
    withdrawn: Option<(String, u64)>,
    wrong: Vec<String>,
    trouble: Option<String>,
}

/// `GET /authority/people`
pub(crate) async fn page(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    match authority(&app, caller.lang) {
        Ok(_) => show(&empty(&app, &caller)),
        Err(answer) => *answer,
    }
}

fn empty(app: &App, caller: &Caller) -> Page {
    let frame = Frame::new(app, caller, "/authority/people");
    Page { frame, said: None, withdrawn: None, wrong: Vec::new(), trouble: None }
}

/// `POST /authority/people`
pub(crate) async fn bring(State(app): State<Shared>, mut posted: Posted) -> Response {
    let t = posted.caller.lang;
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    let text = posted.secret("table");
    let rows = match intake::rows(text.as_bytes()) {
        Ok(rows) => rows,
        Err(error) => {
            let trouble = Some(t.fill("office-table-error", error));
            let page = Page { trouble, ..empty(&app, &posted.caller) };
            return (StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response();
        }
    };
    let back = rows.iter().filter(|(_, row)| row.as_ref().is_ok_and(|line| line.how != How::Adds));
    let back = back.count();
    let work = async move {
        let told = authority.take_rows(rows).await;
        // What was taken stays taken, whatever comes of the bulletin: the next call makes it good.
        let draft = authority.publish_withdrawals().await;
        (told, draft)
    };
    let (told, draft) = match app.finish(work).await {
        Ok((Ok(told), draft)) => (told, draft),
        Ok((Err(error), _)) => return failed(t, &error),
        Err(failure) => return failure.read_in(t).into_response(),
    };
    if back > 0 {
        app.did(&posted.caller, "facts-taken-back", back.to_string()).await;
    }
    // The rows are kept; what they withdraw still passes, and that must be seen.
    let trouble = draft.is_err().then(|| t.say("office-unpublished"));
    let draft = draft.ok().flatten();
    let taken = told.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    let wrong = told.iter().filter_map(|(line, outcome)| Some((line, outcome.as_ref().err()?)));
    let wrong: Vec<String> = wrong
        .map(|(line, problem)| {
            let values = [("line", line.to_string()), ("text", problem_text(t, problem))];
            t.with("office-line", &values)
        })
        .collect();
    let number = |n: usize| date::number(t, n as u64);
    let counts = [("taken", number(taken)), ("wrong", number(wrong.len()))];
    let withdrawn = draft.map(|draft| {
        let text = match draft.state {
            DraftState::Published => "office-withdrawn-published",
            _ => "office-withdrawn-waits",
        };
        (t.say(text), draft.number)
    });
    show(&Page {
        said: Some(t.with("office-rows", &counts)),
        withdrawn,
        wrong: wrong.into_iter().take(REPORTED).collect(),
        trouble,
        ..empty(&app, &posted.caller)
    })
}

fn problem_text(t: Lang, problem: &RowProblem) -> String {
    let said = match problem {
        RowProblem::Kind => "office-row-kind",
        RowProblem::Number(_) => "office-row-number",
        RowProblem::Time => "office-row-time",
        RowProblem::Ahead => "office-row-ahead",
        RowProblem::Fact => "office-row-fact",
        RowProblem::Retract => "office-row-retract",
        RowProblem::NotKnown => "office-row-not-known",
        RowProblem::Long => "office-problem-text",
        // The names of FHIR's fields are the same in every language.
        problem => return problem.to_string(),
    };
    t.say(said)
}
