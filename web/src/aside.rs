//! Cards of those who wait for the person at the desk: at the door, or aside with a script of what to say.

use askama::Template;
use node_core::{
    desk::Desk,
    event::{Attended, Pending},
    policy::{Outcome, TemperatureCheck},
};
use sync::{
    record::{NoticeCause, Temperature, VisitKind},
    time::{UnixMillis, Zone},
};

use crate::{
    app::App,
    caller::Caller,
    desk::{kind_text, temperature_text},
    language::Lang,
    notices, sign,
};

#[derive(Template)]
#[template(path = "desk_waiting.html")]
struct Cards<'a> {
    t: Lang,
    token: &'a str,
    notice: Option<String>,
    /// Whether these are those who wait aside.
    aside: bool,
    cards: Vec<Card>,
}

/// One who waits, in the reader's words.
struct Card {
    id: u64,
    colour: &'static str,
    shape: &'static str,
    outcome: String,
    standing: String,
    reason: Option<String>,
    name: Option<String>,
    number_ends: Option<String>,
    when: String,
    /// Whether the temperature is asked, and whether it must be said.
    asked: bool,
    required: bool,
    normal: bool,
    fever: bool,
    /// What speaks against a release besides the verdict.
    warning: Option<&'static str>,
    script: Option<&'static str>,
    /// How the notice to the authority stands, where one was sent.
    told: Option<String>,
    can_tell: bool,
}

/// The verdicts that wait at the desk, as HTML.
pub(crate) fn at_desk(app: &App, desk: &Desk, caller: &Caller) -> String {
    let (t, now) = (caller.lang, app.now());
    let notice = app.waiting.notice(now).map(|reason| {
        let reason = sign::reason_text(t, reason);
        t.fill("desk-no-credential", reason)
    });
    let cards = app.waiting.pending(now);
    let cards = cards.iter().filter_map(|p| Card::of(t, desk, p, None, now)).collect();
    render(Cards {
        t,
        token: caller.token.as_deref().unwrap_or_default(),
        notice,
        aside: false,
        cards,
    })
}

/// Those who wait aside, as HTML; nothing where nobody does.
pub(crate) fn aside(app: &App, desk: &Desk, caller: &Caller) -> String {
    let (t, now) = (caller.lang, app.now());
    let waits = desk.aside();
    let card = |w: &node_core::event::Aside| Card::of(t, desk, &w.pending, Some(w.since), now);
    let cards: Vec<Card> = waits.iter().filter_map(card).collect();
    if cards.is_empty() {
        return String::new();
    }
    let token = caller.token.as_deref().unwrap_or_default();
    render(Cards { t, token, notice: None, aside: true, cards })
}

fn render(cards: Cards<'_>) -> String {
    cards.render().unwrap_or_default()
}

impl Card {
    /// `None` where the verdict waits no more: who clicks on it would only learn that.
    fn of(
        t: Lang,
        desk: &Desk,
        pending: &Pending,
        since: Option<UnixMillis>,
        now: UnixMillis,
    ) -> Option<Self> {
        let known = desk.attended(pending.id)?;
        let (verdict, zone) = (&pending.verdict, &desk.site().zone);
        let (colour, shape, _) = sign::look(verdict.status);
        let check = desk.temperature_check();
        let asked = check != TemperatureCheck::Off && pending.kind == VisitKind::Entry;
        let told = known.visit.and_then(|visit| notices::state(t, desk, visit, now));
        Some(Self {
            id: pending.id.0,
            colour,
            shape,
            outcome: outcome(t, pending),
            standing: sign::standing(t, zone, verdict.status, verdict.until, verdict.then),
            reason: verdict.reason.map(|reason| sign::reason_text(t, reason)),
            name: pending.masked_name.clone(),
            number_ends: pending.number_ends.clone(),
            when: when(t, zone, pending, since, now),
            asked,
            required: check == TemperatureCheck::Required,
            normal: known.temperature == Some(Temperature::Normal),
            fever: known.temperature == Some(Temperature::Fever),
            warning: (known.temperature == Some(Temperature::Fever))
                .then_some("staffdesk-fever-advice"),
            script: since.map(|_| script(&known)),
            can_tell: told.is_none() && (known.cause.is_some() || asked),
            told,
        })
    }

    fn measured(&self) -> Option<&'static str> {
        let said = if self.fever { Some(Temperature::Fever) } else { None };
        said.or(self.normal.then_some(Temperature::Normal)).map(temperature_text)
    }
}

fn outcome(t: Lang, pending: &Pending) -> String {
    let outcome = t.say(match pending.verdict.outcome {
        Outcome::Admit => "outcome-admit",
        Outcome::Refuse => "outcome-refuse",
        Outcome::CannotConfirm => "outcome-cannot-confirm",
    });
    format!("{outcome} · {}", t.say(kind_text(pending.kind)))
}

fn when(
    t: Lang,
    zone: &Zone,
    pending: &Pending,
    since: Option<UnixMillis>,
    now: UnixMillis,
) -> String {
    match since {
        None => t.fill("desk-read-at", zone.clock(pending.at)),
        Some(since) => {
            let minutes = (now.get() - since.get()).max(0) / 60_000;
            let values = [
                ("time", zone.clock(since).to_string()),
                ("span", crate::date::span(t, minutes * 60_000)),
            ];
            t.with("staffdesk-aside-since", &values)
        }
    }
}

/// What to say to somebody who waits aside.
const fn script(known: &Attended) -> &'static str {
    match known.cause {
        Some(NoticeCause::Red) => "staffdesk-script-red",
        Some(NoticeCause::Yellow) => "staffdesk-script-yellow",
        Some(NoticeCause::Fever) => "staffdesk-script-fever",
        None => "staffdesk-script-other",
    }
}
