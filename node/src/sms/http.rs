//! A gateway that takes HTTP: the operator writes the request, with `{phone}` and `{text}` where they belong.

use std::{io::Read, time::Duration};

use zeroize::Zeroizing;

use super::SmsError;
use crate::config::{SmsForm, SmsMethod};

/// The most of an answer that is looked at, bytes.
const ANSWER_MAX: u64 = 16 * 1024;

/// How a message becomes a request.
#[derive(Clone)]
pub struct HttpGateway {
    /// How it is asked.
    pub method: SmsMethod,
    /// Where; `{phone}` and `{text}` may stand in it.
    pub url: String,
    /// One header that is a secret, such as `Authorization: Bearer …`.
    pub header: Option<Zeroizing<String>>,
    /// What is sent; `{phone}` and `{text}` stand in it.
    pub body: Option<String>,
    /// What kind of body that is, which says how values are written in it.
    pub form: SmsForm,
    /// A word that the answer has where the message was taken.
    pub expect: Option<String>,
    /// How long it may take.
    pub timeout: Duration,
}

/// Neither the header nor what may stand in the address.
impl std::fmt::Debug for HttpGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpGateway(…)")
    }
}

impl HttpGateway {
    pub(super) fn send(&self, to: &str, text: &str) -> Result<(), SmsError> {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .new_agent();
        let url = filled(&self.url, to, text, percent);
        let body = self.body.as_deref().map(|body| {
            filled(
                body,
                to,
                text,
                match self.form {
                    SmsForm::Json => json,
                    SmsForm::Form => percent,
                    SmsForm::Plain => str::to_owned,
                },
            )
        });
        let header = self.header.as_ref().and_then(|line| line.split_once(':'));
        let answered = match self.method {
            SmsMethod::Get => {
                let mut request = agent.get(url.as_str());
                if let Some((name, value)) = header {
                    request = request.header(name.trim(), value.trim());
                }
                request.call()
            }
            SmsMethod::Post | SmsMethod::Put => {
                let mut request = match self.method {
                    SmsMethod::Put => agent.put(url.as_str()),
                    _ => agent.post(url.as_str()),
                };
                request = request.header("Content-Type", self.form.content_type());
                if let Some((name, value)) = header {
                    request = request.header(name.trim(), value.trim());
                }
                request.send(body.as_deref().map_or("", String::as_str))
            }
        };
        let mut answer = answered.map_err(|error| SmsError::Unreachable(cause(&error)))?;
        let status = answer.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(SmsError::Status(status));
        }
        let Some(expected) = &self.expect else { return Ok(()) };
        let mut said = String::new();
        let read = answer.body_mut().as_reader().take(ANSWER_MAX).read_to_string(&mut said);
        match read {
            Ok(_) if said.contains(expected) => Ok(()),
            _ => Err(SmsError::Unexpected),
        }
    }
}

/// The kind of an error. Its own words may hold the address, and that the number.
fn cause(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "it took too long".into(),
        ureq::Error::HostNotFound => "its name is not known".into(),
        ureq::Error::ConnectionFailed => "it refuses connections".into(),
        ureq::Error::Io(error) => error.kind().to_string(),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "its certificate is refused".into(),
        ureq::Error::BadUri(_) => "sms.url is no address".into(),
        _ => "the request failed".into(),
    }
}

fn filled(
    template: &str,
    to: &str,
    text: &str,
    write: impl Fn(&str) -> String,
) -> Zeroizing<String> {
    // Part by part: what stands in a value is no mark.
    let mut out = Zeroizing::new(String::new());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest {
            _ if rest.starts_with("{phone}") => {
                out.push_str(&write(to));
                rest = &rest["{phone}".len()..];
            }
            _ if rest.starts_with("{text}") => {
                out.push_str(&write(text));
                rest = &rest["{text}".len()..];
            }
            _ => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The inside of a JSON string.
fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As in addresses and forms (RFC 3986, unreserved characters stay).
fn percent(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    value
        .bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_their_place_wants_them() {
        let fill = |template, write: fn(&str) -> String| {
            filled(template, "+7701", "код \"1\" {phone}", write).to_string()
        };
        assert_eq!(fill("a?to={phone}", percent), "a?to=%2B7701");
        assert_eq!(
            fill(r#"{"to":"{phone}","text":"{text}"}"#, json),
            r#"{"to":"+7701","text":"код \"1\" {phone}"}"#
        );
        assert_eq!(fill("{text}", |t| t.to_owned()), "код \"1\" {phone}");
        assert_eq!(fill("{other} {", percent), "{other} {");
    }
}
