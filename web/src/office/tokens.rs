//! The counter: a number is typed, its status shown, a token issued on paper, for a phone, or as a strip.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64URL_NOPAD;
use node_core::{
    authority::issuing::{IssueError, IssuedToken, Says, TOKEN_DAYS_MAX, TokenOrder},
    code::ids::TypedNumber,
};
use sync::{id::PublicKey, sealed::NumberKind, time::Zone};

use super::{authority, card, colour, failed, kind_of, kinds};
use crate::{
    app::{App, Shared},
    authority as overview,
    caller::{Caller, Keyed, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    symbol::Symbol,
};

/// Tokens that one card sheet may have: a strip of the longest.
const CARDS_MAX: usize = 128;

#[derive(Template)]
#[template(path = "office_tokens.html")]
struct Page {
    frame: Frame,
    issuer: Option<String>,
    kinds: Vec<(&'static str, String)>,
    kind: String,
    number: String,
    trouble: Option<(&'static str, String)>,
    found: Option<Found>,
    days_max: u32,
}

/// What is known of the number.
struct Found {
    ends: String,
    class: &'static str,
    status: String,
    then: Option<String>,
    held: String,
}

#[derive(Template)]
#[template(path = "office_token.html")]
struct Issued {
    frame: Frame,
    issuer: String,
    ends: String,
    name: Option<String>,
    wallet: bool,
    tokens: Vec<Shown>,
}

struct Shown {
    class: &'static str,
    status: String,
    from: String,
    until: String,
    symbol: Option<Symbol>,
    text: String,
}

/// `GET /authority/tokens`
pub(crate) async fn page(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    match authority(&app, caller.lang) {
        Ok(_) => show(&empty(&app, &caller)),
        Err(answer) => *answer,
    }
}

fn empty(app: &App, caller: &Caller) -> Page {
    let keys = app.services.authority.as_ref().map(|authority| authority.keys());
    Page {
        frame: Frame::new(app, caller, "/authority/tokens"),
        issuer: keys.and_then(|keys| keys.issuer).map(|issuer| issuer.name),
        kinds: kinds(caller.lang),
        kind: String::new(),
        number: String::new(),
        trouble: None,
        found: None,
        days_max: TOKEN_DAYS_MAX,
    }
}

/// The number of a form, or the page that says what is wrong with it.
fn typed(app: &App, posted: &Posted) -> Result<TypedNumber, Box<Response>> {
    let t = posted.caller.lang;
    let read = kind_of(posted.field("kind"))
        .and_then(|kind| TypedNumber::read(kind, posted.field("number")).ok());
    read.ok_or_else(|| {
        let trouble = Some(("number", t.say("office-number-wrong")));
        Box::new(wrong(&asked(app, posted, trouble)))
    })
}

fn asked(app: &App, posted: &Posted, trouble: Option<(&'static str, String)>) -> Page {
    Page {
        kind: posted.field("kind").to_owned(),
        number: posted.field("number").to_owned(),
        trouble,
        ..empty(app, &posted.caller)
    }
}

fn wrong(page: &Page) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, show(page)).into_response()
}

/// The clock of the region.
fn zone(app: &App) -> Zone {
    let view = app.services.authority.as_ref().map(|a| a.overview().borrow().clone());
    view.map_or_else(Zone::utc, |view| overview::zone(&view))
}

/// `POST /authority/tokens`: the status of a number.
pub(crate) async fn ask(State(app): State<Shared>, posted: Posted) -> Response {
    let t = posted.caller.lang;
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    let number = match typed(&app, &posted) {
        Ok(number) => number,
        Err(answer) => return *answer,
    };
    let now = match authority.status_of_number(&number).await {
        Ok(now) => now,
        Err(error) => return failed(t, &error),
    };
    let held = match authority.tokens_of(&number).await {
        Ok(held) => held,
        Err(error) => return failed(t, &error),
    };
    let zone = zone(&app);
    let (class, text) = colour(now.status);
    let then = now.until.zip(now.then).map(|(until, then)| {
        let values = [("until", date::moment(t, &zone, until)), ("then", t.say(colour(then).1))];
        t.with("office-until-then", &values)
    });
    let found = Found {
        ends: number.ends(),
        class,
        status: t.say(text),
        then,
        held: t.count("office-tokens-held", held),
    };
    show(&Page { found: Some(found), ..asked(&app, &posted, None) })
}

fn order(
    t: Lang,
    posted: &Posted,
    number: TypedNumber,
) -> Result<TokenOrder, (&'static str, String)> {
    let some = |name: &str| Some(posted.field(name)).filter(|text| !text.is_empty());
    let phone = some("phone").map(|phone| TypedNumber::read(NumberKind::Phone, phone)).transpose();
    let year = some("birth_year").map(str::parse).transpose();
    let holder = some("holder").map(|hex| PublicKey::from_hex(&hex.to_ascii_lowercase()));
    if holder == Some(None) {
        return Err(("holder", t.say("office-holder-wrong")));
    }
    Ok(TokenOrder {
        number,
        says: if posted.field("says") == "fact" { Says::Fact } else { Says::Colour },
        days: posted.field("days").parse().unwrap_or(0),
        masked_name: some("masked_name").map(str::to_owned),
        birth_year: year.map_err(|_| ("birth_year", t.say("office-claims-wrong")))?,
        holder: holder.flatten(),
        phone: phone.map_err(|_| ("phone", t.say("office-number-wrong")))?,
    })
}

/// `POST /authority/tokens/issue`
pub(crate) async fn issue(State(app): State<Shared>, posted: Posted) -> Response {
    let t = posted.caller.lang;
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    let number = match typed(&app, &posted) {
        Ok(number) => number,
        Err(answer) => return *answer,
    };
    let ends = number.ends();
    let order = match order(t, &posted, number) {
        Ok(order) => order,
        Err(trouble) => return wrong(&asked(&app, &posted, Some(trouble))),
    };
    let strip = posted.field("form") == "strip";
    let (name, wallet) = (order.masked_name.clone(), order.holder.is_some());
    let issuer = authority.keys().issuer.map(|issuer| issuer.name).unwrap_or_default();
    let work = async move {
        match strip {
            true => authority.issue_strip(&order).await,
            false => authority.issue_token(&order).await.map(|token| vec![token]),
        }
    };
    match app.finish(work).await {
        Ok(Ok(tokens)) => {
            let zone = zone(&app);
            let shown = |token: &IssuedToken| shown(&app, t, &zone, wallet, token);
            show(&Issued {
                frame: Frame::new(&app, &posted.caller, "/authority/tokens"),
                issuer,
                ends,
                name,
                wallet,
                tokens: tokens.iter().map(shown).collect(),
            })
        }
        Ok(Err(error)) => match trouble(t, &error) {
            Some(trouble) => wrong(&asked(&app, &posted, Some(trouble))),
            None => failed(t, &error),
        },
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn trouble(t: Lang, error: &IssueError) -> Option<(&'static str, String)> {
    let (field, text) = match error {
        IssueError::NoIssuer => ("", "office-no-issuer"),
        IssueError::Days => ("days", "office-token-days"),
        IssueError::NoFact => ("says", "office-no-fact"),
        IssueError::TooMany => ("", "office-too-many"),
        IssueError::Claims(_) => ("masked_name", "office-claims-wrong"),
        _ => return None,
    };
    Some((field, t.say(text)))
}

fn shown(app: &App, t: Lang, zone: &Zone, wallet: bool, token: &IssuedToken) -> Shown {
    let (class, status) = colour(token.status);
    // A phone's own camera opens the wallet with it; what follows # reaches no server.
    let scanned = match wallet {
        true => format!("{}/wallet#{}", app.home, BASE64URL_NOPAD.encode(token.text.as_bytes())),
        false => token.text.clone(),
    };
    Shown {
        class,
        status: t.say(status),
        from: date::moment(t, zone, token.from),
        until: date::moment(t, zone, token.until),
        symbol: Symbol::of(&scanned),
        text: token.text.clone(),
    }
}

/// `POST /authority/tokens/card.pdf`: tokens of this page as cards to be printed.
pub(crate) async fn card(State(app): State<Shared>, posted: Posted) -> Response {
    let t = posted.caller.lang;
    let text = |name: &str| posted.field(name).to_owned();
    let lines: Vec<String> = posted.raw("tokens").lines().map(str::to_owned).collect();
    let read: Option<Vec<_>> =
        lines.iter().map(|line| node_core::token::status::inspect(line).ok()).collect();
    let Some(read) = read.filter(|read| (1..=CARDS_MAX).contains(&read.len())) else {
        return Failure::malformed().read_in(t).into_response();
    };
    let zone = zone(&app);
    let (ends, issuer) = (text("ends"), text("issuer"));
    let drawn = tokio::task::spawn_blocking(move || {
        let cards: Vec<_> = lines
            .iter()
            .zip(&read)
            .map(|(line, token)| card::Card::of(t, &zone, &issuer, &ends, line, &token.claims))
            .collect();
        card::pdf(t, &cards)
    });
    match drawn.await {
        Ok(Ok(bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"card.pdf\""),
            ];
            (headers, bytes).into_response()
        }
        Ok(Err(error)) => failed(t, &error),
        Err(error) => failed(t, &error),
    }
}

impl Page {
    fn wrong(&self, name: &str) -> Option<&str> {
        self.trouble.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.as_str())
    }
}

impl Issued {
    fn all(&self) -> String {
        self.tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}
