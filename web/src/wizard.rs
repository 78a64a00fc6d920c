//! The steps from a bare node to a working entrance: what is done is seen from the facts, what is next has its link.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use node_core::desk::{Desk, DoorStanding};
use sync::record::Direction;

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    date,
    error::{Failure, act_error},
    frame::{Frame, show},
    language::Lang,
    sign, standing,
};

/// What the manager ticks off by hand, because no node can see it.
const MARKS: [&str; 3] = ["entrances", "poster", "one-door"];
const PREFIX: &str = "setup/";

#[derive(Template)]
#[template(path = "wizard.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    steps: Vec<Step>,
    done: usize,
    /// How many of how many are done, in words.
    count: String,
    editable: bool,
}

/// One step.
struct Step {
    title: String,
    text: String,
    done: bool,
    /// Whether it is the first that is not done.
    next: bool,
    /// Where it is done: address and words.
    link: Option<(&'static str, String)>,
    /// The sheets to print, each by its address and words, in two languages to be chosen.
    sheets: Vec<(&'static str, String)>,
    /// What can be ticked off: the mark, and the words of the button.
    mark: Option<(&'static str, String)>,
    /// What can be taken back.
    undo: Option<&'static str>,
}

/// `GET /venue/setup`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, None).await,
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /venue/setup`: something is ticked off, or taken back.
pub(crate) async fn mark(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    if app.services.pairing.is_none() {
        return Failure::forbidden().read_in(t).into_response();
    }
    let Some(mark) = MARKS.into_iter().find(|mark| *mark == form.field("mark")) else {
        return Failure::malformed().read_in(t).into_response();
    };
    let doors = desk.doors().await.map(|doors| standing_doors(&doors)).unwrap_or_default();
    let value = match (form.field("act"), mark) {
        ("undo", _) => None,
        // So many entrances were looked at: one more asks again.
        (_, "entrances") => Some(doors.to_string()),
        _ => Some(desk.site().zone.day(app.now()).to_string()),
    };
    let work = {
        let desk = desk.clone();
        async move { desk.set_field(&format!("{PREFIX}{mark}"), value.map(String::into_bytes)).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => Redirect::to("/venue/setup").into_response(),
        Ok(Err(error)) => render(&app, &desk, &form.caller, Some(t.say(act_error(&error)))).await,
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn standing_doors(doors: &[DoorStanding]) -> usize {
    doors.iter().filter(|door| door.removed.is_none()).count()
}

impl Page {
    const fn languages(&self) -> [Lang; 6] {
        Lang::ALL
    }
}

async fn render(app: &App, desk: &Desk, caller: &Caller, trouble: Option<String>) -> Response {
    let doors = match desk.doors().await {
        Ok(doors) => doors,
        Err(error) => return Failure::internal(&error).read_in(caller.lang).into_response(),
    };
    let mut steps = steps(app, desk, caller.lang, &doors);
    let next = steps.iter().position(|step| !step.done);
    if let Some(step) = next.and_then(|next| steps.get_mut(next)) {
        step.next = true;
    }
    let site = desk.site();
    let done = steps.iter().filter(|step| step.done).count();
    let values = [("n", done.to_string()), ("all", steps.len().to_string())];
    show(&Page {
        frame: Frame::new(app, caller, "/venue/setup"),
        tab: "/venue/setup",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble,
        done,
        count: caller.lang.with("manager-setup-count", &values),
        steps,
        editable: app.services.pairing.is_some(),
    })
}

fn steps(app: &App, desk: &Desk, t: Lang, doors: &[DoorStanding]) -> Vec<Step> {
    let (site, now) = (desk.site(), app.now());
    let step = |title: &str, done: bool, text: String| Step {
        title: t.say(title),
        text,
        done,
        next: false,
        link: None,
        sheets: Vec::new(),
        mark: None,
        undo: None,
    };
    let linked =
        |step: Step, to: &'static str, text: &str| Step { link: Some((to, t.say(text))), ..step };
    let marked = |name: &str| standing::field(desk, &format!("{PREFIX}{name}"));
    let count = standing_doors(doors);
    let names: Vec<_> =
        doors.iter().filter(|d| d.removed.is_none()).map(|d| d.name.clone()).collect();

    let until = desk.view().borrow().papers.map_or(site.expires, |(until, _)| until);
    let until = date::day(t, &site.zone, until);
    let values = [("venue", site.venue_name.clone()), ("date", until)];
    let enrolled = step("manager-setup-enrol", true, t.with("manager-setup-enrolled", &values));

    let hindrance = desk.hindrance();
    let why = hindrance.map_or_else(
        || t.say("manager-setup-rules-held"),
        |reason| t.fill("manager-setup-rules-missing", sign::reason_text(t, reason)),
    );
    let rules = step("manager-setup-rules", hindrance.is_none(), why);
    let rules = linked(rules, "/venue#bulletins", "manager-setup-to-bulletins");

    let stated = standing::field(desk, "standing/attested") == "1"
        && standing::first_day(desk).is_some()
        && !standing::field(desk, "standing/permit").is_empty();
    let papers = step("manager-setup-papers", stated, t.say("manager-setup-papers-text"));
    let papers = linked(papers, "/venue/standing#papers", "manager-setup-to-papers");

    let looked_at = marked("entrances") == count.to_string();
    let text = t.fill("manager-setup-entrances-text", names.join(", "));
    let entrances = step("manager-setup-entrances", looked_at, text);
    let entrances = Step {
        mark: Some(("entrances", t.say("manager-setup-entrances-all"))),
        undo: Some("entrances"),
        ..linked(entrances, "/venue/doors", "manager-setup-to-doors")
    };

    let hung = marked("poster");
    let text = match standing::read_day(&hung) {
        Some(day) => t.fill("manager-setup-poster-hung", date::civil_day(t, day)),
        None => t.say("manager-setup-poster-text"),
    };
    let poster = step("manager-setup-poster", !hung.is_empty(), text);
    let (inward, outward) = (
        ("/venue/poster/in.pdf", t.say("manager-setup-poster-in")),
        ("/venue/poster/out.pdf", t.say("manager-setup-poster-out")),
    );
    let poster = Step {
        mark: Some(("poster", t.say("manager-setup-poster-done"))),
        undo: Some("poster"),
        sheets: match site.direction {
            Direction::In => vec![inward],
            Direction::Out => vec![outward],
            Direction::Both => vec![inward, outward],
        },
        ..poster
    };

    let (alone, paired) = (!marked("one-door").is_empty(), count > 1);
    let text = match (paired, alone) {
        (true, _) => t.count("manager-setup-pair-done", i64::try_from(count).unwrap_or(0)),
        (false, true) => t.say("manager-setup-pair-alone"),
        (false, false) => t.say("manager-setup-pair-text"),
    };
    let pair = linked(
        step("manager-setup-pair", paired || alone, text),
        "/venue/doors",
        "manager-setup-to-pair",
    );
    let pair = Step {
        mark: (!paired).then(|| ("one-door", t.say("manager-setup-pair-only"))),
        undo: (!paired).then_some("one-door"),
        ..pair
    };

    let seen = desk.standing().specimen;
    let text = match seen {
        Some(at) => t.fill("manager-setup-specimen-read", date::recent(t, &site.zone, at, now)),
        None => t.say("manager-setup-specimen-text"),
    };
    let specimen = step("manager-setup-specimen", seen.is_some(), text);
    let specimen = linked(specimen, "/venue/training/cards", "manager-setup-to-cards");
    vec![enrolled, rules, papers, entrances, poster, pair, specimen]
}
