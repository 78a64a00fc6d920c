//! What a visitor typed: as a form's fields, or sealed in one of them.

use axum::extract::Request;
use data_encoding::BASE64URL_NOPAD;
use node_core::phone::PhoneError;
use serde::Deserialize;

use crate::{
    app::Shared,
    caller::{Caller, form},
    error::Failure,
    language::Lang,
};

/// The fields of the visitors' forms.
#[derive(Clone)]
pub(super) struct Typed {
    pub(super) country: String,
    pub(super) phone: String,
    pub(super) pin: String,
    /// A code by SMS, or a health code for a self-check.
    pub(super) code: String,
    pub(super) ticket: String,
    pub(super) pass: String,
    pub(super) poster: String,
    pub(super) wants_sms: bool,
    /// It came in plain HTTP without a seal, or the seal does not open here: what was typed is not read.
    pub(super) unsealed: bool,
}

/// What a browser seals: what would be overheard.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Letter {
    country: String,
    phone: String,
    pin: String,
    code: String,
}

impl Typed {
    /// Nothing typed; the country that a language suggests.
    pub(super) fn new(lang: Lang) -> Self {
        let country = match lang {
            Lang::Vi => "84",
            Lang::ZhHans | Lang::ZhHant => "86",
            Lang::Kk | Lang::Ru | Lang::En => "7",
        };
        let empty = String::new;
        Self {
            country: country.to_owned(),
            phone: empty(),
            pin: empty(),
            code: empty(),
            ticket: empty(),
            pass: empty(),
            poster: empty(),
            wants_sms: false,
            unsealed: false,
        }
    }

    /// Reads a form. What came in plain HTTP counts only if it was sealed.
    pub(super) async fn read(
        app: &Shared,
        caller: &Caller,
        request: Request,
    ) -> Result<Self, Failure> {
        let mut fields = form(request, app).await?;
        let mut take = |name: &str| fields.remove(name).unwrap_or_default().trim().to_owned();
        let mut typed = Self::new(caller.lang);
        typed.poster = take("poster");
        typed.ticket = take("ticket");
        typed.pass = take("pass");
        typed.wants_sms = take("how") == "sms";
        let sealed = take("letter");
        let letter = if caller.secret {
            Letter {
                country: take("country"),
                phone: take("phone"),
                pin: take("pin"),
                code: take("code"),
            }
        } else {
            let opened = BASE64URL_NOPAD
                .decode(sealed.as_bytes())
                .ok()
                .and_then(|bytes| app.lobby.booth.open_letter(&bytes));
            let letter = opened.and_then(|text| serde_json::from_slice(&text).ok());
            typed.unsealed = letter.is_none();
            letter.unwrap_or_default()
        };
        typed.country = letter.country;
        typed.phone = letter.phone;
        typed.pin = letter.pin;
        typed.code = letter.code;
        if typed.poster.len() > 512 {
            typed.poster.clear();
        }
        Ok(typed)
    }

    /// The number as the page shows it again: not in plain HTTP, where it would be overheard; the browser keeps it there.
    pub(super) fn shown(&self, key: &Option<String>) -> &str {
        if key.is_some() { "" } else { &self.phone }
    }
}

/// What to mend.
pub(super) const fn phone_error(error: PhoneError) -> &'static str {
    match error {
        PhoneError::Empty => "visitor-phone-empty",
        PhoneError::Sign => "visitor-phone-sign",
        PhoneError::Short(_) => "visitor-phone-short",
        PhoneError::Long(_) => "visitor-phone-long",
        _ => "visitor-phone-country",
    }
}
