//! Short messages out of the node: one at a time, tried again within bounds, and the reason said when it fails.
//!
//! `http` hands them to any gateway that takes a request, `modem` to a GSM modem on a serial line.

mod http;
mod modem;
mod pdu;

use std::{io, time::Duration};

use node_core::sms::Message;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use http::HttpGateway;
pub use modem::Modem;

use crate::{
    config::{SmsKind, SmsSection},
    secret::{self, SecretError},
};

/// How often a message is tried.
const TRIES: u32 = 2;
const PAUSE: Duration = Duration::from_secs(1);

/// Why a message was not sent; no variant holds a number or a text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmsError {
    /// The gateway cannot be reached.
    #[error("the gateway cannot be reached: {0}")]
    Unreachable(String),
    /// The gateway answered with an error.
    #[error("the gateway answered {0}")]
    Status(u16),
    /// The gateway answered, but not with the word that means yes.
    #[error("the gateway's answer lacks the expected word")]
    Unexpected,
    /// The serial line.
    #[error("{device}: {source}")]
    Line {
        /// Which.
        device: String,
        /// Why.
        source: io::Error,
    },
    /// The modem did not answer in time.
    #[error("the modem did not answer to {0}")]
    Silent(&'static str),
    /// The modem refused; its own words, without what it was sent.
    #[error("the modem refused {step}: {said}")]
    Modem {
        /// What was asked.
        step: &'static str,
        /// What it said.
        said: String,
    },
    /// The SIM card wants its PIN, and none is configured, or it is a wrong one.
    #[error("the SIM card wants its PIN: set sms.sim_pin")]
    Sim,
    /// The text does not fit one message.
    #[error("the text is longer than one message")]
    Long,
}

impl SmsError {
    /// Whether another try may help.
    const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Silent(_) | Self::Line { .. } | Self::Modem { .. } => true,
            Self::Status(code) => *code >= 500 || *code == 429,
            Self::Unexpected | Self::Sim | Self::Long => false,
        }
    }
}

/// What messages are handed to.
#[derive(Clone, Debug)]
pub enum Gateway {
    /// Anything that takes an HTTP request.
    Http(HttpGateway),
    /// A GSM modem.
    Modem(Modem),
}

impl Gateway {
    /// As configured.
    ///
    /// # Errors
    /// [`SecretError`] names a secret file that cannot be used.
    pub fn open(section: &SmsSection) -> Result<Self, SecretError> {
        let secret =
            |path: &Option<std::path::PathBuf>| path.as_deref().map(secret::load_line).transpose();
        Ok(match section.gateway {
            SmsKind::Http => Self::Http(HttpGateway {
                method: section.method,
                url: section.url.clone().unwrap_or_default(),
                header: secret(&section.header)?,
                body: section.body.clone(),
                form: section.form,
                expect: section.expect.clone(),
                timeout: section.timeout,
            }),
            SmsKind::Modem => Self::Modem(Modem {
                device: section.device.clone().unwrap_or_default(),
                baud: section.baud,
                sim_pin: secret(&section.sim_pin)?,
                timeout: section.timeout,
            }),
        })
    }

    /// Sends one message; returns when the gateway has taken it. Blocks.
    ///
    /// # Errors
    /// [`SmsError`].
    pub fn send(&self, to: &str, text: &str) -> Result<(), SmsError> {
        match self {
            Self::Http(gateway) => gateway.send(to, text),
            Self::Modem(modem) => modem.send(to, text),
        }
    }

    /// The same, tried again where that may help.
    fn send_surely(&self, to: &str, text: &str) -> Result<(), SmsError> {
        let mut tried = 1;
        loop {
            match self.send(to, text) {
                Err(error) if tried < TRIES && error.may_pass() => {
                    tracing::warn!(%error, "a message is tried again");
                    std::thread::sleep(PAUSE);
                    tried += 1;
                }
                ended => return ended,
            }
        }
    }
}

/// Sends what is handed in until `shutdown`, one message after another.
pub async fn run(
    gateway: Gateway,
    mut messages: mpsc::Receiver<Message>,
    shutdown: CancellationToken,
) {
    loop {
        let message = tokio::select! {
            () = shutdown.cancelled() => return,
            message = messages.recv() => message,
        };
        let Some(Message { to, text, answer }) = message else { return };
        let gateway = gateway.clone();
        // Nobody waits any more: the visitor has left the page.
        if answer.is_closed() {
            continue;
        }
        let sending =
            tokio::task::spawn_blocking(move || gateway.send_surely(to.as_str(), text.as_str()));
        let sent = match sending.await {
            Ok(sent) => sent.map_err(|error| error.to_string()),
            Err(_) => Err("the sender failed".to_owned()),
        };
        if let Err(error) = &sent {
            tracing::warn!(%error, "a message was not sent");
        }
        let _ = answer.send(sent); // nobody waiting is fine
    }
}

#[cfg(test)]
mod tests;
