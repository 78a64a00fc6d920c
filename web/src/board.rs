//! The board of notices at the authority: what doors have sent word of, how far each is, who brought it there.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::authority::{
    Authority, Overview,
    board::{BoardError, Pinned, Stage, name_of},
};
use serde::Deserialize;
use sync::record::NoticeCause;

use crate::{
    app::{App, Shared},
    caller::{Caller, Keyed, Posted},
    casework::{venue_name, venue_zone},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    notices,
};

#[derive(Template)]
#[template(path = "board.html")]
struct Page {
    frame: Frame,
    trouble: Option<String>,
    stage: Option<Stage>,
    /// Whether it is the page that changes by itself.
    live: bool,
    list: String,
}

#[derive(Template)]
#[template(path = "board_list.html")]
struct List {
    /// The address of the next page.
    next: Option<String>,
    t: Lang,
    token: String,
    may: bool,
    pinned: Vec<Row>,
}

struct Row {
    name: String,
    class: &'static str,
    cause: String,
    place: String,
    at: String,
    stage: Stage,
    state: String,
    steps: Vec<String>,
}

/// What the board is asked for.
#[derive(Deserialize)]
pub(crate) struct Filter {
    stage: Option<String>,
    after: Option<usize>,
}

/// Which notices are shown.
#[derive(Clone, Copy, Default)]
pub(crate) struct Part {
    stage: Option<Stage>,
    /// How many come before.
    after: usize,
}

/// Notices on a page.
const LISTED: usize = 100;

/// `GET /authority/notices`
pub(crate) async fn page(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Query(filter): Query<Filter>,
) -> Response {
    let stage = filter.stage.as_deref().and_then(Stage::from_word);
    render(&app, &caller, Part { stage, after: filter.after.unwrap_or(0) }, None).await
}

async fn render(app: &App, caller: &Caller, part: Part, trouble: Option<String>) -> Response {
    let Some(authority) = &app.services.authority else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let list = match list(app, authority, caller, part).await {
        Ok(list) => list,
        Err(error) => return Failure::internal(&error).read_in(caller.lang).into_response(),
    };
    let frame = Frame::new(app, caller, "/authority/notices");
    let live = part.stage.is_none() && part.after == 0;
    show(&Page { frame, trouble, stage: part.stage, live, list })
}

/// The board as HTML.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    Part { stage, after }: Part,
) -> Result<String, BoardError> {
    let view = authority.overview().borrow().clone();
    let pinned = authority.board().await?;
    let wanted = |pinned: &&Pinned| stage.is_none_or(|stage| pinned.stage() == stage);
    let wanted: Vec<&Pinned> = pinned.iter().filter(wanted).collect();
    let end = after.saturating_add(LISTED);
    let next = (end < wanted.len()).then(|| {
        let stage = stage.map(|stage| format!("stage={}&", stage.word())).unwrap_or_default();
        format!("/authority/notices?{stage}after={end}")
    });
    let pinned = wanted.into_iter().skip(after).take(LISTED);
    let may = crate::role::needs("/authority/notices");
    let may = caller.person.as_ref().is_some_and(|person| may.lacking(person).is_none());
    let list = List {
        t: caller.lang,
        token: caller.token.clone().unwrap_or_default(),
        may,
        next,
        pinned: pinned.map(|p| row(app, caller.lang, &view, p)).collect(),
    };
    Ok(list.render().unwrap_or_default())
}

fn row(app: &App, t: Lang, view: &Overview, pinned: &Pinned) -> Row {
    let sent = &pinned.sent;
    let zone = venue_zone(view, sent.venue);
    let entrance = t.fill("staffdesk-entrance", sent.notice.entrance.get());
    let step = |step: &node_core::authority::board::Step| {
        let at = date::recent(t, &zone, step.at, app.now());
        format!("{} · {} · {at}", t.say(stage_text(step.stage)), step.by)
    };
    Row {
        name: name_of(&sent.id),
        class: match sent.notice.cause {
            NoticeCause::Red => "red",
            NoticeCause::Yellow => "yellow",
            NoticeCause::Fever => "fever",
        },
        cause: t.say(notices::cause_text(sent.notice.cause)),
        place: format!("{} · {entrance}", venue_name(view, sent.venue)),
        at: date::recent(t, &zone, sent.notice.at, app.now()),
        stage: pinned.stage(),
        state: t.say(stage_text(pinned.stage())),
        steps: pinned.steps.iter().map(step).collect(),
    }
}

const fn stage_text(stage: Stage) -> &'static str {
    match stage {
        Stage::New => "casework-stage-new",
        Stage::Called => "casework-stage-called",
        Stage::Closed => "casework-stage-closed",
    }
}

/// `POST /authority/notices`: brings one to another stage.
pub(crate) async fn bring(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let stage = |field| Stage::from_word(form.field(field));
    let (Some(seen), Some(to)) = (stage("seen"), stage("to")) else {
        return Failure::malformed().read_in(t).into_response();
    };
    let (name, by) = (form.field("notice").to_owned(), form.caller.called());
    match app.finish(async move { authority.bring(&name, seen, to, &by).await }).await {
        Ok(Ok(())) => {
            app.did(&form.caller, "notice-brought", to.word()).await;
            Redirect::to("/authority/notices").into_response()
        }
        Ok(Err(BoardError::Changed | BoardError::Unknown)) => {
            let text = Some(t.say("casework-error-changed"));
            (StatusCode::CONFLICT, render(&app, &form.caller, Part::default(), text).await)
                .into_response()
        }
        Ok(Err(error)) => Failure::internal(&error).read_in(t).into_response(),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

impl Page {
    fn stages(&self) -> [(Stage, String); 3] {
        Stage::ALL.map(|stage| (stage, self.frame.t.say(stage_text(stage))))
    }

    fn is(&self, stage: &Stage) -> bool {
        self.stage == Some(*stage)
    }
}

impl List {
    /// To which stages a notice can be brought from its own: button text by stage.
    fn ways(&self, row: &Row) -> Vec<(Stage, String)> {
        let way = |(stage, text): (Stage, &'static str)| {
            (stage != row.stage).then(|| (stage, self.t.say(text)))
        };
        let all = [(Stage::Called, "casework-call"), (Stage::Closed, "casework-close")];
        let mut ways: Vec<_> = all.into_iter().filter_map(way).collect();
        if row.stage == Stage::Closed {
            ways = vec![(Stage::Called, self.t.say("casework-reopen"))];
        }
        ways
    }
}
