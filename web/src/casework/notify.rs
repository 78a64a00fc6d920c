//! Contacts are told: by short message where a telephone number is known, else by a letter to be printed; in words that
//! name neither the case nor the place. Who was told what, how and when is kept.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    authority::{
        Authority,
        casework::{CaseError, CaseId, Detail, Told, ToldBy},
    },
    phone::Phone,
    sms,
};
use sync::{id::Subject, sealed::NumberKind};

use super::{
    answer::{answered, find},
    words,
};
use crate::{
    app::{App, Shared},
    caller::Posted,
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
};

/// The most people who are told at once.
const TOLD_MAX: usize = 200;

#[derive(Template)]
#[template(path = "case_letters.html")]
struct Letters {
    frame: Frame,
    back: String,
    /// The language in which the letters are written.
    l: Lang,
    today: String,
    contact: Option<String>,
    letters: Vec<Letter>,
}

struct Letter {
    name: String,
    birth_date: String,
    document: String,
}

/// `POST /authority/cases/{id}/{number}/notify`
pub(crate) async fn notify(
    State(app): State<Shared>,
    Path((id, number)): Path<(String, u32)>,
    form: Posted,
) -> Response {
    let t = form.caller.lang;
    let known = find(&app, &id, number).await;
    let (case, authority) = match &known {
        Ok((case, authority, ..)) => (*case, authority.clone()),
        Err(_) => return answered(&app, &form.caller, known, &BTreeMap::new(), false, None).await,
    };
    let language = Lang::from_tag(form.field("language")).unwrap_or(t);
    let (details, told) =
        match (authority.details(case, number).await, authority.told_in(case).await) {
            (Ok(details), Ok(told)) => (details, told),
            (Err(error), _) | (_, Err(error)) => {
                return Failure::internal(&error).read_in(t).into_response();
            }
        };
    // Who was told is not told again, unless it did not get through.
    let done: BTreeSet<Subject> =
        told.values().filter(|told| told.how != ToldBy::Failed).map(|told| told.subject).collect();
    let mut open: Vec<(Subject, Detail)> =
        details.into_iter().filter(|(subject, _)| !done.contains(subject)).collect();
    let by_sms = form.field("how") == "sms";
    open.retain(|(_, detail)| if by_sms { detail.phone.is_some() } else { has_address(detail) });
    open.truncate(TOLD_MAX);
    let action = if by_sms { "told-by-sms" } else { "told-by-letter" };
    app.did(&form.caller, action, format!("{case}/{number} {}", open.len())).await;
    let teller = Teller { by: form.caller.called(), language };
    // To its end also when the browser is gone or does not wait so long: what was sent is written down.
    let (teller_app, people) = (app.clone(), open.clone());
    let telling =
        async move { tell(&teller_app, &authority, case, &teller, &people, by_sms).await };
    let counts = match app.finish(telling).await {
        Ok(Ok((sent, failed))) => [("sent", sent.to_string()), ("failed", failed.to_string())],
        Ok(Err(error)) => {
            let (none, words) = (BTreeMap::new(), Some(words(t, &error)));
            let page = answered(&app, &form.caller, known, &none, false, words).await;
            return (StatusCode::SERVICE_UNAVAILABLE, page).into_response();
        }
        Err(failure) => return failure.read_in(t).into_response(),
    };
    if !by_sms && !open.is_empty() {
        return letters(&app, &form, &format!("/authority/cases/{case}/{number}"), language, &open);
    }
    let notice = Some(t.with("casework-told-result", &counts));
    answered(&app, &form.caller, known, &BTreeMap::new(), false, notice).await
}

/// A letter needs somebody to whom it goes: a name, or a document by which the population register finds one.
fn has_address(detail: &Detail) -> bool {
    detail.name.is_some() || detail.document.is_some()
}

struct Teller {
    by: String,
    language: Lang,
}

impl Teller {
    fn told(&self, app: &App, subject: Subject, how: ToldBy, text: &str) -> Told {
        Told {
            subject,
            how,
            at: app.now(),
            by: self.by.clone(),
            language: self.language.tag().to_owned(),
            words: self.language.say(text),
        }
    }
}

/// One after the other, for the gateway takes one message at a time, and each is written down at once. How many were
/// told, and how many were not.
async fn tell(
    app: &App,
    authority: &Authority,
    case: CaseId,
    teller: &Teller,
    open: &[(Subject, Detail)],
    by_sms: bool,
) -> Result<(usize, usize), CaseError> {
    let (mut sent, mut failed) = (0, 0);
    for (subject, detail) in open {
        let told = if by_sms {
            let how = by_message(app, teller, detail).await;
            teller.told(app, *subject, how, "casework-sms")
        } else {
            teller.told(app, *subject, ToldBy::Letter, "casework-letter")
        };
        if told.how == ToldBy::Failed {
            failed += 1
        } else {
            sent += 1
        }
        authority.keep_told(case, vec![told]).await?;
    }
    Ok((sent, failed))
}

async fn by_message(app: &App, teller: &Teller, detail: &Detail) -> ToldBy {
    let phone = detail.phone.as_deref().and_then(|number| Phone::read(number, "").ok());
    let (Some(outbox), Some(phone)) = (&app.services.visitors.sms, phone) else {
        return ToldBy::Failed;
    };
    match sms::send(outbox, phone, teller.language.say("casework-sms")).await {
        Ok(()) => ToldBy::Sms,
        Err(error) => {
            tracing::warn!(error, "a contact was not told");
            ToldBy::Failed
        }
    }
}

fn letters(
    app: &App,
    form: &Posted,
    back: &str,
    language: Lang,
    open: &[(Subject, Detail)],
) -> Response {
    let zone =
        app.services.authority.as_ref().map(|a| crate::authority::zone(&a.overview().borrow()));
    let letter = |(_, detail): &(Subject, Detail)| Letter {
        name: detail.name.clone().unwrap_or_default(),
        birth_date: detail.birth_date.clone().unwrap_or_default(),
        document: detail.document.as_ref().map(document).unwrap_or_default(),
    };
    show(&Letters {
        frame: Frame::new(app, &form.caller, "/authority/cases"),
        back: back.to_owned(),
        l: language,
        today: zone.map(|zone| date::day(language, &zone, app.now())).unwrap_or_default(),
        contact: app.services.visitors.contact.clone(),
        letters: open.iter().map(letter).collect(),
    })
}

fn document((kind, number): &(NumberKind, String)) -> String {
    format!("{} {number}", kind.word())
}
