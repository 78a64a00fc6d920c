//! How the venue stands with the rules: test mode, check-ins against the leaders' numbers, days of silence and their
//! excuses, who was turned away; and the papers that the manager states.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::Desk,
    flow::{FLOW_DAYS, ranked},
    policy::{VenueGroup, VenuePlace},
    standing::Stands,
};
use sync::time::{Day, UnixMillis};

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    date,
    error::{Failure, act_error},
    flow::days,
    frame::{Frame, show},
    language::Lang,
    sign,
};

/// The fields of the venue's documents that the manager sets here, in the order of the form.
const FIELDS: [&str; 6] = ["first-day", "group", "place", "permit", "permit-date", "attested"];
/// Their names in the documents begin so.
const PREFIX: &str = "standing/";
/// The longest number of a permit, characters.
const PERMIT_MAX: usize = 60;
const OUTAGES_SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "standing.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    whole: bool,
    trouble: Option<String>,
    saved: bool,
    test: Test,
    /// The authority's word, where it has one: whether it is bad, and the text.
    said: Option<(bool, String)>,
    bars: Vec<DayBar>,
    total: String,
    threshold: Option<Threshold>,
    silence: (&'static str, String),
    silent_days: String,
    down: Option<String>,
    outages: Vec<[String; 4]>,
    refused: Vec<(String, String, String)>,
    form: [String; 6],
    editable: bool,
    first_day_set: bool,
}

/// Where test mode stands.
struct Test {
    text: String,
    /// Days gone and days in all, while it lasts.
    bar: Option<(i64, i64)>,
}

/// What is said of the form.
enum Told {
    /// Nothing, or that it was saved.
    Nothing(bool),
    /// What is wrong with it.
    Wrong(String),
}

struct DayBar {
    day: String,
    n: String,
    share: u64,
}

struct Threshold {
    text: String,
    share: u64,
}

/// `GET /venue/standing`
pub(crate) async fn page(State(app): State<Shared>, uri: Uri, Staff(caller): Staff) -> Response {
    let saved = uri.query() == Some("saved");
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, Told::Nothing(saved), fields(desk)),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// A field of the venue's documents as it stands here; empty where it is not set.
pub(crate) fn field(desk: &Desk, name: &str) -> String {
    let fields = desk.fields();
    let value = fields.get(name).and_then(|values| values.last());
    value.and_then(|value| value.text()).unwrap_or_default().to_owned()
}

fn fields(desk: &Desk) -> [String; 6] {
    FIELDS.map(|name| field(desk, &format!("{PREFIX}{name}")))
}

/// The venue's first day, where the manager has said it.
pub(crate) fn first_day(desk: &Desk) -> Option<Day> {
    read_day(&field(desk, "standing/first-day"))
}

/// Reads `2026-11-22`, as a date field sends it.
pub(crate) fn read_day(text: &str) -> Option<Day> {
    let noon = UnixMillis::parse(&format!("{text}T12:00:00Z"))?;
    Some(sync::time::Zone::utc().day(noon)).filter(|day| day.to_string() == text)
}

/// `POST /venue/standing`
pub(crate) async fn save(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    if app.services.pairing.is_none() {
        return Failure::forbidden().read_in(t).into_response();
    }
    let typed = FIELDS.map(|name| form.field(name).to_owned());
    let today = desk.site().zone.day(app.now());
    if let Err(text) = check(&typed, today) {
        let page = render(&app, &desk, &form.caller, Told::Wrong(t.say(text)), typed);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    }
    let before = fields(&desk);
    let changes: Vec<_> = FIELDS
        .into_iter()
        .zip(before.into_iter().zip(typed.clone()))
        // The first day is said once: it decides until when inspections only warn.
        .filter(|(name, (old, new))| old != new && (old.is_empty() || *name != "first-day"))
        .map(|(name, (_, new))| (format!("{PREFIX}{name}"), new))
        .collect();
    let work = {
        let desk = desk.clone();
        async move {
            for (name, value) in changes {
                let value = (!value.is_empty()).then(|| value.into_bytes());
                desk.set_field(&name, value).await?;
            }
            Ok(())
        }
    };
    match app.finish(work).await {
        Ok(Ok(())) => Redirect::to("/venue/standing?saved").into_response(),
        Ok(Err(error)) => {
            let text = t.say(act_error(&error));
            let page = render(&app, &desk, &form.caller, Told::Wrong(text), typed);
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// The words for what is wrong with the form.
fn check(typed: &[String; 6], today: Day) -> Result<(), &'static str> {
    let [first, group, place, permit, permit_date, attested] = typed;
    let wrong_day = |text: &String| !text.is_empty() && read_day(text).is_none_or(|d| d > today);
    if wrong_day(first) {
        return Err("manager-error-first-day");
    }
    let known = |text: &String, word: bool| text.is_empty() || word;
    if !known(group, VenueGroup::from_word(group).is_some())
        || !known(place, VenuePlace::from_word(place).is_some())
        || !known(attested, attested == "1")
    {
        return Err("manager-error-choice");
    }
    if permit.chars().count() > PERMIT_MAX || permit.chars().any(char::is_control) {
        return Err("manager-error-permit");
    }
    if wrong_day(permit_date) { Err("manager-error-permit-date") } else { Ok(()) }
}

fn render(app: &App, desk: &Desk, caller: &Caller, told: Told, form: [String; 6]) -> Response {
    let (t, site, now) = (caller.lang, desk.site(), app.now());
    let (zone, today) = (&site.zone, site.zone.day(now));
    let (view, policy, standing) = (desk.view().borrow().clone(), desk.policy(), desk.standing());
    let since = today.plus(1 - FLOW_DAYS);
    let (per_day, refused, last) = desk.with_flow(|flow, _| {
        let per_day: Vec<_> = days(today).map(|day| (day, flow.total(day).entries)).collect();
        (per_day, flow.refused(since..=today), flow.last_entry(now))
    });
    let total: u32 = per_day.iter().map(|(_, n)| *n).sum();
    let most = u64::from(per_day.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1));
    let bar = |(day, n): &(Day, u32)| DayBar {
        day: date::civil_day(t, *day),
        n: date::number(t, (*n).into()),
        share: u64::from(*n) * 1000 / most,
    };
    let group = VenueGroup::from_word(&form[1]).zip(VenuePlace::from_word(&form[2]));
    let threshold = group.map(|(group, place)| policy.leaders.of(group, place));
    let outage = |(door, outage): &(String, node_core::outage::Outage)| {
        [
            door.clone(),
            date::moment(t, zone, outage.from),
            date::moment(t, zone, outage.until),
            date::span(t, outage.until.get() - outage.from.get()),
        ]
    };
    let row = |((rank, reason), n): (&(u8, Option<node_core::reason::Reason>), &u32)| {
        let why = reason.map_or_else(|| "—".to_owned(), |reason| sign::reason_text(t, reason));
        (t.say(sign::status_text(ranked(*rank))), why, date::number(t, (*n).into()))
    };
    show(&Page {
        frame: Frame::new(app, caller, "/venue/standing"),
        tab: "/venue/standing",
        badge: anomalies::badge(&view),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        whole: standing.whole,
        saved: matches!(told, Told::Nothing(true)),
        said: view.standing.map(|standing| {
            let bad = standing.stands == Stands::Excluded;
            let text = if bad { "reach-venue-excluded" } else { "reach-venue-test" };
            (bad, t.fill(text, date::moment(t, zone, standing.until)))
        }),
        test: test(t, desk, today, i64::from(policy.test_days)),
        bars: per_day.iter().map(bar).collect(),
        total: date::number(t, total.into()),
        threshold: threshold.map(|limit| Threshold::of(t, total, limit)),
        silence: silence(t, last.map(|at| zone.day(at)), today, policy.silent_days),
        silent_days: t.count("age-days", policy.silent_days),
        down: standing.down_since.map(|at| {
            let time = date::recent(t, zone, at, now);
            t.fill("manager-standing-down", time)
        }),
        outages: standing.outages.iter().take(OUTAGES_SHOWN).map(outage).collect(),
        refused: refused.iter().map(row).collect(),
        editable: app.services.pairing.is_some(),
        first_day_set: first_day(desk).is_some(),
        trouble: match told {
            Told::Wrong(text) => Some(text),
            Told::Nothing(_) => None,
        },
        form,
    })
}

impl Threshold {
    fn of(t: Lang, total: u32, limit: u32) -> Self {
        let values = [("n", total), ("limit", limit)];
        let values = values.map(|(name, n)| (name, date::number(t, n.into())));
        let text = if total > limit { "manager-leader-yes" } else { "manager-leader-no" };
        let share = (u64::from(total) * 1000 / u64::from(limit.max(1))).min(1000);
        Self { text: t.with(text, &values), share }
    }
}

/// Where test mode stands, in words and as a bar.
fn test(t: Lang, desk: &Desk, today: Day, length: i64) -> Test {
    let Some(first) = first_day(desk) else {
        return Test { text: t.say("manager-test-unset"), bar: None };
    };
    let day = i64::from(today.get()) - i64::from(first.get()) + 1;
    if day > length {
        let over = date::civil_day(t, first.plus(i32::try_from(length).unwrap_or(0)));
        return Test { text: t.fill("manager-test-over", over), bar: None };
    }
    let values = [("day", day.to_string()), ("days", length.to_string())];
    Test { text: t.with("manager-test-on", &values), bar: Some((day, length)) }
}

/// For how long nobody has checked in, and how bad that is.
fn silence(t: Lang, last: Option<Day>, today: Day, limit: u32) -> (&'static str, String) {
    let Some(last) = last else {
        return ("bad", t.say("manager-silence-none"));
    };
    let gone = u32::try_from(i64::from(today.get()) - i64::from(last.get())).unwrap_or(0);
    let dot = match gone {
        0 => "good",
        gone if gone <= limit => "poor",
        _ => "bad",
    };
    let values = [("days", t.count("age-days", gone)), ("date", date::civil_day(t, last))];
    let text =
        if gone == 0 { t.say("manager-silence-today") } else { t.with("manager-silence", &values) };
    (dot, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(first: &str, group: &str, permit: &str, date: &str) -> [String; 6] {
        [first, group, "", permit, date, ""].map(str::to_owned)
    }

    #[test]
    fn what_is_wrong_with_the_form_is_named() {
        let today = read_day("2026-11-22").unwrap();
        assert_eq!(check(&typed("", "", "", ""), today), Ok(()));
        assert_eq!(check(&typed("2026-11-22", "first", "KZ-7/1", "2026-02-28"), today), Ok(()));
        let wrong = |form: &[String; 6]| check(form, today).unwrap_err();
        assert_eq!(wrong(&typed("2026-11-23", "", "", "")), "manager-error-first-day");
        assert_eq!(wrong(&typed("2026-02-30", "", "", "")), "manager-error-first-day");
        assert_eq!(wrong(&typed("", "third", "", "")), "manager-error-choice");
        assert_eq!(wrong(&typed("", "", &"9".repeat(61), "")), "manager-error-permit");
        assert_eq!(wrong(&typed("", "", "", "yesterday")), "manager-error-permit-date");
    }

    #[test]
    fn silence_is_counted_in_days_of_the_venue() {
        let today = Day::new(20_000);
        let dot = |ago: i32| silence(Lang::En, Some(today.plus(-ago)), today, 3).0;
        assert_eq!([0, 1, 3, 4].map(dot), ["good", "poor", "poor", "bad"]);
        assert_eq!(silence(Lang::En, None, today, 3).0, "bad");
    }

    #[test]
    fn a_leader_has_more_than_the_number() {
        let of = |total| Threshold::of(Lang::En, total, 500);
        assert!(of(500).text != of(501).text && of(501).share == 1000 && of(250).share == 500);
    }
}
