//! Ten specimen cards: printed for the camera, and as a lesson on the screen with a score. Nothing of it is recorded.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use node_core::{
    desk::Desk,
    reason::Reason,
    training::{Card, Lesson, deck},
};
use sync::record::Status;

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    sign,
    symbol::Symbol,
};

#[derive(Template)]
#[template(path = "training.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    score: Option<String>,
    cards: Vec<Shown>,
}

/// A card as the lesson shows it.
struct Shown {
    word: &'static str,
    title: String,
    colour: &'static str,
    shape: &'static str,
    status: String,
    reason: Option<String>,
    /// What was answered.
    answer: Option<Answer>,
    /// Whether the answer was right, and why.
    told: Option<(bool, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Release,
    Refuse,
}

#[derive(Template)]
#[template(path = "training_cards.html")]
struct Cards {
    frame: Frame,
    cards: Vec<Printed>,
}

struct Printed {
    number: usize,
    title: String,
    symbol: Option<Symbol>,
}

/// `GET /venue/training`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, |_| None),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /venue/training`: the answers, with what is to be said of them.
pub(crate) async fn score(State(app): State<Shared>, form: Posted) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(form.caller.lang).into_response();
    };
    render(&app, desk, &form.caller, |lesson| match form.field(lesson.word()) {
        "release" => Some(Answer::Release),
        "refuse" => Some(Answer::Refuse),
        _ => None,
    })
}

/// `GET /venue/training/cards`
pub(crate) async fn cards(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let t = caller.lang;
    let printed = |(index, card): (usize, &Card)| Printed {
        number: index + 1,
        title: t.say(title(card.lesson)),
        symbol: Symbol::of(&card.text),
    };
    let deck = deck(&desk.policy(), app.now());
    let cards = deck.iter().enumerate().map(printed).collect();
    show(&Cards { frame: Frame::new(&app, &caller, "/venue/training"), cards })
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    answered: impl Fn(Lesson) -> Option<Answer>,
) -> Response {
    let (t, site) = (caller.lang, desk.site());
    let deck = deck(&desk.policy(), app.now());
    let given: Vec<_> = deck.iter().map(|card| answered(card.lesson)).collect();
    let whole = given.iter().all(Option::is_some);
    let begun = given.iter().any(Option::is_some);
    let right = |(card, answer): &(&Card, &Option<Answer>)| **answer == Some(wanted(card));
    let n = deck.iter().zip(&given).filter(right).count();
    let cards: Vec<Shown> = deck
        .iter()
        .zip(&given)
        .enumerate()
        .map(|(index, (card, answer))| Shown {
            told: answer
                .filter(|_| whole)
                .map(|answer| (answer == wanted(card), t.say(lesson(card.lesson)))),
            ..Shown::of(t, desk, index, card, *answer)
        })
        .collect();
    let values = [("n", n.to_string()), ("all", cards.len().to_string())];
    show(&Page {
        frame: Frame::new(app, caller, "/venue/training"),
        tab: "/venue/training",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble: (begun && !whole).then(|| t.say("manager-training-open")),
        score: whole.then(|| t.with("manager-training-score", &values)),
        cards,
    })
}

fn wanted(card: &Card) -> Answer {
    if card.is_to_be_released() { Answer::Release } else { Answer::Refuse }
}

impl Shown {
    fn of(t: Lang, desk: &Desk, index: usize, card: &Card, answer: Option<Answer>) -> Self {
        let status = card.verdict.map_or(Status::Grey, |verdict| verdict.status);
        let reason = card.verdict.map_or(Some(Reason::NotACredential), |verdict| verdict.reason);
        let (colour, shape, _) = sign::look(status);
        let zone = &desk.site().zone;
        let status = match card.verdict {
            Some(v) => sign::standing(t, zone, v.status, v.until, v.then),
            None => t.say(sign::status_text(status)),
        };
        Self {
            word: card.lesson.word(),
            title: t.count("manager-training-card", index + 1),
            colour,
            shape,
            status,
            reason: reason.map(|reason| sign::reason_text(t, reason)),
            answer,
            told: None,
        }
    }

    fn says(&self, release: bool) -> bool {
        self.answer == Some(if release { Answer::Release } else { Answer::Refuse })
    }
}

/// What a card is called.
const fn title(lesson: Lesson) -> &'static str {
    match lesson {
        Lesson::Green => "manager-card-green",
        Lesson::Blue => "manager-card-blue",
        Lesson::Yellow => "manager-card-yellow",
        Lesson::Red => "manager-card-red",
        Lesson::Expired => "manager-card-expired",
        Lesson::NotYetValid => "manager-card-early",
        Lesson::UnknownIssuer => "manager-card-stranger",
        Lesson::Damaged => "manager-card-damaged",
        Lesson::OtherCode => "manager-card-other",
        Lesson::Paper => "manager-card-paper",
    }
}

/// What is to be learnt from it.
const fn lesson(lesson: Lesson) -> &'static str {
    match lesson {
        Lesson::Green => "manager-learn-green",
        Lesson::Blue => "manager-learn-blue",
        Lesson::Yellow => "manager-learn-yellow",
        Lesson::Red => "manager-learn-red",
        Lesson::Expired => "manager-learn-expired",
        Lesson::NotYetValid => "manager-learn-early",
        Lesson::UnknownIssuer => "manager-learn-stranger",
        Lesson::Damaged => "manager-learn-damaged",
        Lesson::OtherCode => "manager-learn-other",
        Lesson::Paper => "manager-learn-paper",
    }
}
