//! Short messages on their way out: what pages ask to be sent, and what came of it.

use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use crate::phone::Phone;

/// Messages that may wait for the gateway; more are refused.
pub const OUTBOX_LEN: usize = 32;

/// One message. Never printed.
pub struct Message {
    /// To whom.
    pub to: Phone,
    /// What it says.
    pub text: Zeroizing<String>,
    /// What came of it: handed over, or why not, in words without number or text.
    pub answer: oneshot::Sender<Result<(), String>>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message(…)")
    }
}

/// Where messages are handed in.
pub type Outbox = mpsc::Sender<Message>;

/// Sends a message and waits until the gateway has taken it.
///
/// # Errors
/// Why it was not sent, in words for the log.
pub async fn send(outbox: &Outbox, to: Phone, text: String) -> Result<(), String> {
    let (answer, answered) = oneshot::channel();
    let message = Message { to, text: text.into(), answer };
    outbox.try_send(message).map_err(|_| "too many messages wait for the gateway".to_owned())?;
    answered.await.unwrap_or_else(|_| Err("the gateway has stopped".to_owned()))
}
