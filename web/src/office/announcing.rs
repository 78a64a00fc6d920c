//! What the authority tells venues: announcements written here and taken back, how venues stand as the register has it. Each
//! becomes a draft that waits for signatures like any bulletin.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use node_core::{
    announcements::Announcement,
    authority::{Authority, drafts::DraftError},
};
use sync::{
    bulletin::BulletinKind,
    time::{DAY_MILLIS, UnixMillis, Zone},
};

use super::{authority, bulletins};
use crate::{
    app::{App, Shared},
    authority as overview,
    caller::Posted,
    date,
    language::Lang,
};

/// For how many days a bulletin that is drawn up here counts as current; what it says ends by its own times.
const DAYS: u32 = 30;
/// Until when an announcement is shown where nothing else is said, days.
const SHOWN_DAYS: i64 = 7;

#[derive(Template)]
#[template(path = "office_announce.html")]
struct Part<'a> {
    t: Lang,
    token: &'a str,
    rows: Vec<Row>,
    langs: [(&'static str, &'static str, String); 6],
    typed: &'a Typed,
    wrong: Option<&'a str>,
}

struct Row {
    id: String,
    text: String,
    whom: String,
    until: String,
}

/// What was typed into the form of an announcement.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    until: String,
    areas: String,
    activities: String,
    venues: String,
    by: String,
    texts: Vec<(&'static str, String)>,
}

impl Typed {
    fn of(posted: &Posted) -> Self {
        let text = |name: &str| posted.field(name).trim().to_owned();
        let said = Lang::ALL.map(|lang| (lang.tag(), text(&format!("text-{}", lang.tag()))));
        Self {
            until: text("until"),
            areas: text("areas"),
            activities: text("activities"),
            venues: text("venues"),
            by: text("by"),
            texts: said.into(),
        }
    }

    /// The announcement, under a name made of the time; the text for what is wrong where it is none.
    fn read(&self, zone: &Zone, now: UnixMillis) -> Result<Announcement, &'static str> {
        let until = date::read_field(zone, &self.until).filter(|until| *until > now);
        let until = until.ok_or("reach-announce-until-wrong")?;
        let named = |text: &str| {
            let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        let venues: Result<_, _> = self
            .venues
            .split([',', ';', ' '])
            .filter(|part| !part.is_empty())
            .map(str::parse::<u64>)
            .collect();
        let written = self.texts.iter().filter(|(_, text)| !text.is_empty());
        let texts = written.map(|(tag, text)| ((*tag).to_owned(), text.clone())).collect();
        Ok(Announcement {
            id: now.to_string(),
            until: until.to_string(),
            areas: named(&self.areas),
            activities: named(&self.activities),
            venues: venues.map_err(|_| "reach-announce-venues-wrong")?,
            texts,
        })
    }
}

/// The part of the page of bulletins.
pub(super) async fn part(
    app: &App,
    authority: &Authority,
    t: Lang,
    token: &str,
    typed: Option<&Typed>,
    wrong: Option<&str>,
) -> Result<String, DraftError> {
    let zone = overview::zone(&authority.overview().borrow());
    let fresh = Typed {
        until: date::field(&zone, app.now().plus_millis(SHOWN_DAYS * DAY_MILLIS)),
        ..Typed::default()
    };
    let typed = typed.unwrap_or(&fresh);
    let tags: Vec<&str> = t.chain().iter().map(|lang| lang.tag()).collect();
    let held = authority.announced().await?;
    let rows = held.iter().map(|said| {
        let whom = said.areas.iter().chain(&said.activities).cloned();
        let whom = whom.chain(said.venues.iter().map(|venue| format!("№ {venue}")));
        let whom: Vec<String> = whom.collect();
        let until = UnixMillis::parse(&said.until);
        Row {
            id: said.id.clone(),
            text: said.text(&tags).map_or_else(String::new, |(_, text)| text.to_owned()),
            whom: if whom.is_empty() { t.say("reach-announce-all") } else { whom.join(", ") },
            until: until.map_or_else(String::new, |until| date::moment(t, &zone, until)),
        }
    });
    let text = |lang: Lang| {
        let said = typed.texts.iter().find(|(tag, _)| *tag == lang.tag());
        (lang.tag(), lang.own_name(), said.map_or_else(String::new, |(_, text)| text.clone()))
    };
    let langs = Lang::ALL.map(text);
    let part = Part { t, token, rows: rows.collect(), langs, typed, wrong };
    Ok(part.render().unwrap_or_default())
}

/// `POST /authority/bulletins/announce`
pub(crate) async fn announce(State(app): State<Shared>, posted: Posted) -> Response {
    let (t, typed) = (posted.caller.lang, Typed::of(&posted));
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    let zone = overview::zone(&authority.overview().borrow());
    let announcement = match typed.read(&zone, app.now()) {
        Ok(announcement) => announcement,
        Err(text) => {
            return bulletins::not_announced(&app, &authority, &posted.caller, typed, t.say(text))
                .await;
        }
    };
    let (at, by) = (authority.clone(), typed.by.clone());
    let work = async move {
        let body = at.with_announcement(announcement).await?;
        at.draw_up(BulletinKind::Announcements, body, DAYS, &by).await
    };
    match app.finish(work).await {
        Ok(Ok(draft)) => bulletins::go_to(draft.number),
        Ok(Err(error)) => match bulletins::trouble(t, &error) {
            Some((_, text)) => {
                bulletins::not_announced(&app, &authority, &posted.caller, typed, text).await
            }
            None => super::failed(t, &error),
        },
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// `POST /authority/bulletins/unannounce`
pub(crate) async fn take_back(State(app): State<Shared>, posted: Posted) -> Response {
    let (at, by) = (app.services.authority.clone(), posted.field("by").to_owned());
    let id = posted.field("id").to_owned();
    bulletins::settled(&app, &posted, async move {
        let at = at.ok_or(DraftError::Unknown)?;
        let body = at.without_announcement(&id).await?;
        let draft = at.draw_up(BulletinKind::Announcements, body, DAYS, &by).await?;
        Ok(draft.number)
    })
    .await
}

/// `POST /authority/bulletins/standing`: as the register and the confirmed violations have it now.
pub(crate) async fn standing(State(app): State<Shared>, posted: Posted) -> Response {
    let (at, by) = (app.services.authority.clone(), posted.field("by").to_owned());
    bulletins::settled(&app, &posted, async move {
        let at = at.ok_or(DraftError::Unknown)?;
        let body = at.standing_now().await?;
        let draft = at.draw_up(BulletinKind::Standing, body, DAYS, &by).await?;
        Ok(draft.number)
    })
    .await
}
