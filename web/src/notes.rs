//! The venue's documents on its page: shift notes for everybody, the manager's fields, and who wrote at once.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::{ActError, Desk},
    notes::{FieldValue, NOTE},
    site::SiteView,
};

use crate::{
    app::{App, Shared},
    caller::{Caller, Posted},
    date,
    error::{Failure, act_error},
    named, venue,
};

/// The manager's fields that the page shows, and the text for each.
const FIELDS: [(&str, &str); 3] =
    [("name", "field-name"), ("address", "field-address"), ("hours", "field-hours")];

#[derive(Template)]
#[template(path = "notes.html")]
struct Part<'a> {
    caller: &'a Caller,
    rows: Vec<Row>,
    /// Whether these are shift notes, which everybody may change.
    notes: bool,
    /// Whether this reader may change them here.
    editable: bool,
}

/// A field with the values that stand.
struct Row {
    /// Its name in forms.
    field: String,
    /// Its name for people, where it has one.
    title: Option<String>,
    values: Vec<Value>,
    /// Which edits the reader sees: what is saved replaces these, and no later one.
    seen: String,
}

struct Value {
    edit: String,
    text: String,
    by: String,
}

/// The shift notes as HTML, the newest first.
pub(crate) fn notes(app: &App, desk: &Desk, caller: &Caller) -> String {
    let view = desk.view().borrow().clone();
    let set = view.notes.iter().filter(|(field, _)| field.starts_with(NOTE));
    let mut set: Vec<_> = set.collect();
    set.sort_by_key(|(_, values)| std::cmp::Reverse(values.iter().map(|v| v.at).max()));
    let row = |(field, values): (&String, &Vec<FieldValue>)| {
        row(app, desk, &view, caller, (field.as_str(), None), values)
    };
    let rows = set.into_iter().map(row).collect();
    Part { caller, rows, notes: true, editable: caller.works() }.render().unwrap_or_default()
}

/// The manager's fields as HTML.
pub(crate) fn fields(app: &App, desk: &Desk, caller: &Caller) -> String {
    let view = desk.view().borrow().clone();
    let none = Vec::new();
    let rows = FIELDS.map(|(field, title)| {
        let values = view.notes.get(field).unwrap_or(&none);
        row(app, desk, &view, caller, (field, Some(caller.lang.say(title))), values)
    });
    let editable = app.services.pairing.is_some() && caller.manages();
    Part { caller, rows: rows.into(), notes: false, editable }.render().unwrap_or_default()
}

fn row(
    app: &App,
    desk: &Desk,
    view: &SiteView,
    caller: &Caller,
    (field, title): (&str, Option<String>),
    values: &[FieldValue],
) -> Row {
    let (t, zone, now) = (caller.lang, &desk.site().zone, app.now());
    let by = |value: &FieldValue| {
        let known = view.doors.iter().find(|door| door.node == value.by);
        let who = known.map_or_else(|| t.say("notes-manager"), |door| door.name.clone());
        t.with("notes-by", &[("who", who), ("time", date::recent(t, zone, value.at, now))])
    };
    let shown = |value: &FieldValue| Value {
        edit: named::record(&value.edit),
        text: value.text().unwrap_or("—").to_owned(),
        by: by(value),
    };
    let values_shown = values.iter().map(shown).collect();
    Row { field: field.to_owned(), title, values: values_shown, seen: seen(values) }
}

fn seen(values: &[FieldValue]) -> String {
    let names: Vec<_> = values.iter().map(|value| named::record(&value.edit)).collect();
    names.join(" ")
}

/// `POST /venue/note`: a new note.
pub(crate) async fn add(State(app): State<Shared>, form: Posted) -> Response {
    let mut bytes = [0; 8];
    if let Err(error) = getrandom::fill(&mut bytes) {
        return Failure::internal(&error).read_in(form.caller.lang).into_response();
    }
    let number: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = form.field("text").to_owned();
    write(&app, &form, format!("{NOTE}{number}"), Some(text)).await
}

/// `POST /venue/field`: a note or a field is changed or removed.
pub(crate) async fn change(State(app): State<Shared>, form: Posted) -> Response {
    let text = (form.field("act") != "remove").then(|| form.field("text").to_owned());
    with_field(&app, &form, |values| (seen(values) == form.field("seen")).then_some(text)).await
}

/// `POST /venue/keep`: of several values one stays.
pub(crate) async fn keep(State(app): State<Shared>, form: Posted) -> Response {
    let kept = |values: &[FieldValue]| {
        let value = values.iter().find(|v| named::record(&v.edit) == form.field("edit"))?;
        Some(value.text().map(str::to_owned))
    };
    with_field(&app, &form, kept).await
}

/// Writes what `next` makes of a field's values, if the reader may change the field here.
async fn with_field(
    app: &Shared,
    form: &Posted,
    next: impl FnOnce(&[FieldValue]) -> Option<Option<String>>,
) -> Response {
    let t = form.caller.lang;
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(t).into_response();
    };
    let field = form.field("field");
    let managers = FIELDS.iter().any(|(name, _)| *name == field);
    if !(field.starts_with(NOTE) || managers && app.services.pairing.is_some()) {
        return Failure::forbidden().read_in(t).into_response();
    }
    if managers && !form.caller.manages() {
        return Failure::role("role-needs-manager").read_in(t).into_response();
    }
    let next = next(desk.view().borrow().notes.get(field).map_or(&[][..], Vec::as_slice));
    match next {
        Some(text) => write(app, form, field.to_owned(), text).await,
        None => trouble(app, desk, form, "notes-error-changed"),
    }
}

async fn write(app: &Shared, form: &Posted, field: String, text: Option<String>) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    // A field of the manager's that is emptied is cleared; a note is removed by its own button.
    let text = match text {
        Some(text) if text.is_empty() && field.starts_with(NOTE) => {
            return trouble(app, &desk, form, "notes-error-empty");
        }
        text => text.filter(|text| !text.is_empty()),
    };
    let work = {
        let desk = desk.clone();
        async move { desk.set_field(&field, text.map(String::into_bytes)).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => Redirect::to("/venue").into_response(),
        Ok(Err(ActError::Field(_))) => trouble(app, &desk, form, "notes-error-long"),
        Ok(Err(error)) => trouble(app, &desk, form, act_error(&error)),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn trouble(app: &App, desk: &Desk, form: &Posted, text: &'static str) -> Response {
    let typed = form.field("text").to_owned();
    venue::refused(app, desk, &form.caller, form.caller.lang.say(text), typed)
}

impl Part<'_> {
    fn token(&self) -> &str {
        self.caller.token.as_deref().unwrap_or_default()
    }

    /// What a change begins with: the newest value.
    fn latest<'r>(&self, row: &'r Row) -> &'r str {
        row.values.last().map_or("", |value| value.text.as_str())
    }

    /// The name of the field in which it is changed.
    fn label(&self, row: &Row) -> String {
        row.title.clone().unwrap_or_else(|| self.caller.lang.say("notes-edit"))
    }
}
