//! The section `[sms]`: the gateway by which codes reach visitors' phones.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use super::duration;

/// What messages are handed to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSection {
    /// The kind of gateway.
    pub gateway: SmsKind,
    /// How an HTTP gateway is asked; `post`.
    #[serde(default)]
    pub method: SmsMethod,
    /// Its address; `{phone}` and `{text}` may stand in it.
    pub url: Option<String>,
    /// A file with one header that is a secret, such as `Authorization: Bearer …`; none.
    pub header: Option<PathBuf>,
    /// What is sent, with `{phone}` and `{text}` where they belong; none.
    pub body: Option<String>,
    /// What kind of body that is; `json`.
    #[serde(default)]
    pub form: SmsForm,
    /// A word that the answer has where the message was taken; any answer of success.
    pub expect: Option<String>,
    /// The device of a modem, such as `/dev/ttyUSB2`.
    pub device: Option<PathBuf>,
    /// Bits per second of a modem; 115200.
    #[serde(default = "baud")]
    pub baud: u32,
    /// A file with the PIN of the modem's SIM card; none.
    pub sim_pin: Option<PathBuf>,
    /// How long a message may take; 15 s.
    #[serde(default = "timeout", deserialize_with = "duration")]
    pub timeout: Duration,
}

/// The kinds of gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmsKind {
    /// Anything that takes an HTTP request.
    Http,
    /// A GSM modem on a serial line.
    Modem,
}

/// How an HTTP gateway is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmsMethod {
    /// GET: all is in the address.
    Get,
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
}

/// How values are written in a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmsForm {
    /// In JSON strings.
    #[default]
    Json,
    /// As in web forms.
    Form,
    /// As they are.
    Plain,
}

impl SmsForm {
    /// The body's media type.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Plain => "text/plain; charset=utf-8",
        }
    }
}

fn baud() -> u32 {
    115_200
}
fn timeout() -> Duration {
    Duration::from_secs(15)
}

impl SmsSection {
    /// What does not go together, in words.
    pub(super) fn check(&self) -> Result<(), String> {
        if !(Duration::from_secs(1)..=Duration::from_secs(30)).contains(&self.timeout) {
            return Err("sms.timeout lies between 1s and 30s: a code is taken for a minute".into());
        }
        match self.gateway {
            SmsKind::Modem if self.device.is_none() => {
                Err("sms.device: a modem needs its path, such as /dev/ttyUSB2".into())
            }
            SmsKind::Modem => Ok(()),
            SmsKind::Http => {
                let url = self.url.as_deref().unwrap_or_default();
                if !url.starts_with("http://") && !url.starts_with("https://") {
                    return Err("sms.url: a gateway needs its address, http:// or https://".into());
                }
                let holds = |mark| {
                    url.contains(mark) || self.body.as_deref().is_some_and(|b| b.contains(mark))
                };
                if !holds("{phone}") || !holds("{text}") {
                    return Err("sms.url or sms.body must hold {phone} and {text}".into());
                }
                if self.method == SmsMethod::Get && self.body.is_some() {
                    return Err("sms.body: a GET has none; put all into sms.url".into());
                }
                Ok(())
            }
        }
    }

    /// An HTTP gateway with the defaults, for tests.
    #[cfg(test)]
    pub(crate) fn http(url: &str) -> Self {
        Self {
            gateway: SmsKind::Http,
            method: SmsMethod::Post,
            url: Some(url.into()),
            header: None,
            body: None,
            form: SmsForm::Json,
            expect: None,
            device: None,
            baud: baud(),
            sim_pin: None,
            timeout: timeout(),
        }
    }
}
