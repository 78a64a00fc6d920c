//! What the door's screen shows for visitors' phones: the PIN of now, and the symbol behind which a reason waits.

use askama::Template;
use node_core::{
    desk::Desk,
    policy::{VisitorCheck, Ways},
};

use crate::{app::App, language::Lang, symbol::Symbol};

#[derive(Template)]
#[template(path = "visitor_door_pin.html")]
struct PinPart {
    t: Lang,
    digits: [String; 2],
}

#[derive(Template)]
#[template(path = "visitor_door_why.html")]
struct WhyPart {
    t: Lang,
    symbol: Symbol,
}

/// The PIN as the door's screen shows it; empty where the policy has no use for one.
pub(crate) fn pin(app: &App, desk: &Desk, t: Lang) -> String {
    let rules = desk.visitor_rules();
    if rules.ways == Ways::StaffScans || rules.check == VisitorCheck::Sms {
        return String::new();
    }
    let pin = app.lobby.booth.pin(app.now());
    let (first, second) = pin.split_at(pin.len() / 2);
    PinPart { t, digits: [first.to_owned(), second.to_owned()] }.render().unwrap_or_default()
}

/// The symbol for the own phone of whoever was just turned away; empty at any other time.
pub(crate) fn why(app: &App, t: Lang) -> String {
    let Some(name) = app.lobby.whys.name(app.now()) else { return String::new() };
    let address = format!("{}/v/why/{name}", app.lobby.address);
    let part = Symbol::of(&address).map(|symbol| WhyPart { t, symbol });
    part.and_then(|part| part.render().ok()).unwrap_or_default()
}
