//! The manager's page of the venue's own rules: what it asks beyond the region, which it can only make stricter.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    audit::AuditKind,
    desk::Desk,
    policy::{Admission, Hours, HouseRules, StaffRelease, TemperatureCheck, TimeOfDay},
};

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    error::{Failure, act_error},
    frame::{Frame, show},
    staff,
};

#[derive(Template)]
#[template(path = "house.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    saved: bool,
    /// Where they are made; `None` where that is here.
    elsewhere: Option<String>,
    /// Whether the reader may change them here.
    editable: bool,
    /// Whether some stand that this door cannot read.
    unread: bool,
    typed: Typed,
    region: Region,
    /// The most visitors the venue may name.
    capacity: Option<u32>,
}

/// The form as it was typed, or as the rules stand.
#[derive(Default)]
struct Typed {
    refuse_blue: bool,
    refuse_yellow: bool,
    refuse_grey: bool,
    document: bool,
    binding: bool,
    temperature: TemperatureCheck,
    from: String,
    until: String,
    places: String,
}

/// What the region asks already.
struct Region {
    blue: bool,
    yellow: bool,
    grey: bool,
    binding: bool,
    temperature: TemperatureCheck,
}

/// `GET /venue/rules`
pub(crate) async fn page(
    State(app): State<Shared>,
    Staff(caller): Staff,
    address: Uri,
) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let saved = address.query() == Some("saved");
    render(&app, desk, &caller, None, saved, Typed::of(&desk.house_rules().0))
}

/// `POST /venue/rules`
pub(crate) async fn save(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let typed = Typed::from(&form);
    let read = typed.read(desk.site().capacity);
    let wrong = match read {
        Err(text) => text,
        Ok(rules) => {
            let work = {
                let desk = desk.clone();
                async move { desk.set_house_rules(&rules).await }
            };
            match app.finish(work).await {
                Ok(Ok(_)) => {
                    app.note(form.caller.line(&app, AuditKind::HouseRules)).await;
                    return Redirect::to("/venue/rules?saved").into_response();
                }
                Ok(Err(error)) => act_error(&error),
                Err(failure) => return failure.read_in(t).into_response(),
            }
        }
    };
    let page = render(&app, &desk, &form.caller, Some(t.say(wrong)), false, typed);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    trouble: Option<String>,
    saved: bool,
    typed: Typed,
) -> Response {
    let (t, site, policy, admits) = (caller.lang, desk.site(), desk.policy(), desk.region_admits());
    let elsewhere = staff::elsewhere(desk, t);
    let refuses = |admission| admission == Admission::Refuse;
    show(&Page {
        frame: Frame::new(app, caller, "/venue/rules"),
        tab: "/venue/rules",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble,
        saved,
        editable: elsewhere.is_none() && caller.manages(),
        elsewhere,
        unread: desk.house_rules().1,
        typed,
        region: Region {
            blue: refuses(admits.blue),
            yellow: refuses(admits.yellow),
            grey: refuses(admits.grey),
            binding: policy.staff_release == StaffRelease::AdmittedOnly,
            temperature: policy.temperature,
        },
        capacity: site.capacity,
    })
}

impl Typed {
    fn of(rules: &HouseRules) -> Self {
        // Several hours stand only where two managers' doors wrote at once; the next that is saved is the one.
        let hours = rules.hours.first();
        let time = |of: fn(&Hours) -> TimeOfDay| hours.map(|h| of(h).into()).unwrap_or_default();
        Self {
            refuse_blue: rules.refuse_blue,
            refuse_yellow: rules.refuse_yellow,
            refuse_grey: rules.refuse_grey,
            document: rules.document,
            binding: rules.binding,
            temperature: rules.temperature,
            from: time(|hours| hours.from),
            until: time(|hours| hours.until),
            places: rules.places.map(|n| n.to_string()).unwrap_or_default(),
        }
    }

    fn from(form: &Posted) -> Self {
        let ticked = |name| form.field(name) == "1";
        Self {
            refuse_blue: ticked("blue"),
            refuse_yellow: ticked("yellow"),
            refuse_grey: ticked("grey"),
            document: ticked("document"),
            binding: ticked("binding"),
            temperature: match form.field("temperature") {
                "required" => TemperatureCheck::Required,
                "ask" => TemperatureCheck::Ask,
                _ => TemperatureCheck::Off,
            },
            from: form.field("from").to_owned(),
            until: form.field("until").to_owned(),
            places: form.field("places").to_owned(),
        }
    }

    /// The rules that were typed, or the words for what is wrong with them.
    fn read(&self, capacity: Option<u32>) -> Result<HouseRules, &'static str> {
        let time =
            |text: &str| TimeOfDay::try_from(text.to_owned()).map_err(|_| "house-error-hours");
        let hours = match (&*self.from, &*self.until) {
            ("", "") => vec![],
            (from, until) if from == until => return Err("house-error-hours"),
            (from, until) => vec![Hours { from: time(from)?, until: time(until)? }],
        };
        let places = match &*self.places {
            "" => None,
            typed => Some(typed.parse().ok().filter(|n| *n > 0).ok_or("house-error-places")?),
        };
        let most = capacity.unwrap_or(node_core::policy::PLACES_MAX);
        if places.is_some_and(|n| n > most) {
            return Err("house-error-more");
        }
        Ok(HouseRules {
            refuse_blue: self.refuse_blue,
            refuse_yellow: self.refuse_yellow,
            refuse_grey: self.refuse_grey,
            document: self.document,
            temperature: self.temperature,
            binding: self.binding,
            hours,
            places,
        })
    }
}

impl Page {
    /// The boxes that turn away a status: name, label, whether ticked, whether the region refuses it already.
    fn statuses(&self) -> [(&'static str, &'static str, bool, bool); 3] {
        [
            ("blue", "house-refuse-blue", self.typed.refuse_blue, self.region.blue),
            ("yellow", "house-refuse-yellow", self.typed.refuse_yellow, self.region.yellow),
            ("grey", "house-refuse-grey", self.typed.refuse_grey, self.region.grey),
        ]
    }

    /// The choices of temperature: word, label, whether chosen.
    fn temperatures(&self) -> [(&'static str, &'static str, bool); 3] {
        let is = |check| self.typed.temperature == check;
        [
            ("off", "house-temperature-off", is(TemperatureCheck::Off)),
            ("ask", "house-temperature-ask", is(TemperatureCheck::Ask)),
            ("required", "house-temperature-required", is(TemperatureCheck::Required)),
        ]
    }

    /// What the region asks of temperatures.
    const fn regions_temperature(&self) -> &'static str {
        match self.region.temperature {
            TemperatureCheck::Off => "house-region-temperature-off",
            TemperatureCheck::Ask => "house-region-temperature-ask",
            TemperatureCheck::Required => "house-region-temperature-required",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(from: &str, until: &str, places: &str) -> Typed {
        let [from, until, places] = [from, until, places].map(str::to_owned);
        Typed { from, until, places, ..Default::default() }
    }

    #[test]
    fn what_is_wrong_with_the_form_is_named() {
        let read = |form: Typed| form.read(Some(120));
        assert!(read(typed("", "", "")).unwrap().are_none());
        let some = read(typed("09:00", "02:00", "120")).unwrap();
        assert_eq!((some.hours.len(), some.places), (1, Some(120)));
        for (from, until) in [("09:00", ""), ("", "20:00"), ("9", "20:00"), ("09:00", "09:00")] {
            assert_eq!(read(typed(from, until, "")), Err("house-error-hours"), "{from} {until}");
        }
        for places in ["0", "-1", "many", "4294967296"] {
            assert_eq!(read(typed("", "", places)), Err("house-error-places"), "{places}");
        }
        assert_eq!(read(typed("", "", "121")), Err("house-error-more"), "never laxer");
    }

    #[test]
    fn rules_come_back_as_they_were_typed() {
        let rules = typed("09:00", "20:30", "80").read(None).unwrap();
        assert_eq!(Typed::of(&rules).read(None), Ok(rules));
    }
}
