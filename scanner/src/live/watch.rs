//! The watched reader: a device that fails is opened again, one that hangs is cut off and abandoned first.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::Duration;

use super::{Backend, Leash, Shot};
use crate::Uptime;
use crate::source::{Delivery, Loss, Source, Step};

/// Hung readers that may exist at once. Each holds a thread and a device; when the kernel gives none of
/// them back, only a restart of the process helps, and more of them would not.
const HUNG_MAX: usize = 4;
/// Messages between reader and watcher; the watcher empties it many times a frame.
const MESSAGES_MAX: usize = 2;

/// How long a camera may be silent, and how long to wait before it is opened again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    /// Silence after which a reader counts as hung.
    pub(crate) frame_deadline: Duration,
    /// Wait after a first loss; doubles with each vain attempt.
    pub(crate) reopen_min: Duration,
    /// Longest wait.
    pub(crate) reopen_max: Duration,
}

/// A live device as a source.
pub(crate) struct Watched {
    backend: Arc<dyn Backend>,
    pauses: Pauses,
    uptime: Uptime,
    state: State,
    next_pause: Duration,
    hung: Vec<JoinHandle<()>>,
}

enum State {
    /// To be opened at this uptime.
    Closed(Duration),
    Open(Reader),
}

struct Reader {
    messages: Receiver<Message>,
    thread: JoinHandle<()>,
    leash: Leash,
    last_word_at: Duration,
}

enum Message {
    Opened(String),
    Shot(Shot),
    Failed(String),
}

impl Watched {
    pub(crate) fn new(backend: Arc<dyn Backend>, pauses: Pauses, uptime: Uptime) -> Self {
        Self {
            backend,
            state: State::Closed(Duration::ZERO),
            next_pause: pauses.reopen_min,
            pauses,
            uptime,
            hung: Vec::new(),
        }
    }

    fn open(&mut self, now: Duration) -> Step {
        self.hung.retain(|reader| !reader.is_finished());
        if self.hung.len() >= HUNG_MAX {
            let reason =
                format!("{HUNG_MAX} readers of the device hang; replug it or restart this program");
            return self.lose(Loss::Failed, reason, now);
        }
        let (sender, messages) = sync_channel(MESSAGES_MAX);
        let (backend, leash) = (Arc::clone(&self.backend), Leash::default());
        let held = leash.clone();
        let named = Builder::new().name("scan-device".to_owned());
        match named.spawn(move || read(&*backend, &held, &sender)) {
            Ok(thread) => {
                self.state = State::Open(Reader { messages, thread, leash, last_word_at: now });
                Step::Nothing
            }
            Err(cause) => {
                self.lose(Loss::Failed, format!("no thread for the device: {cause}"), now)
            }
        }
    }

    /// Closes the source until the pause is over; each vain attempt doubles the pause.
    fn lose(&mut self, loss: Loss, reason: String, now: Duration) -> Step {
        let old = std::mem::replace(&mut self.state, State::Closed(now + self.next_pause));
        self.next_pause = (self.next_pause * 2).min(self.pauses.reopen_max);
        if let State::Open(reader) = old {
            reader.leash.cut();
            if loss == Loss::Hung {
                // Its next message finds no receiver, and it ends by itself, should it ever wake.
                self.hung.push(reader.thread);
            }
        }
        Step::Lost(loss, reason)
    }
}

impl Source for Watched {
    fn next(&mut self, patience: Duration) -> Step {
        let now = (self.uptime)();
        let reader = match &mut self.state {
            State::Closed(until) if *until > now => {
                sleep(patience.min(*until - now));
                return Step::Nothing;
            }
            State::Closed(_) => return self.open(now),
            State::Open(reader) => reader,
        };
        let message = reader.messages.recv_timeout(patience);
        let now = (self.uptime)();
        match message {
            Ok(Message::Opened(words)) => {
                reader.last_word_at = now;
                Step::Opened(words)
            }
            // Not a word of the device: what is no frame for `frame_deadline` counts as silence.
            Ok(Message::Shot(Shot::Broken(cause))) => Step::Broken(cause),
            Ok(Message::Shot(shot)) => {
                reader.last_word_at = now;
                self.next_pause = self.pauses.reopen_min;
                match shot {
                    Shot::Frame(picture) => Step::Frame(picture),
                    Shot::Text(text) => Step::Text(text),
                    Shot::Idle | Shot::Broken(_) => Step::Alive,
                }
            }
            Ok(Message::Failed(reason)) => self.lose(Loss::Failed, reason, now),
            Err(RecvTimeoutError::Disconnected) => {
                self.lose(Loss::Failed, "the device's reader panicked".to_owned(), now)
            }
            Err(RecvTimeoutError::Timeout) => {
                let silent = now.saturating_sub(reader.last_word_at);
                if silent < self.pauses.frame_deadline {
                    return Step::Nothing;
                }
                let reason =
                    format!("no frame for {:.1} s; its reader was abandoned", silent.as_secs_f32());
                self.lose(Loss::Hung, reason, now)
            }
        }
    }

    fn delivery(&self) -> Delivery {
        Delivery::NewestWins
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let State::Open(reader) = &self.state {
            reader.leash.cut();
        }
    }
}

/// The reader's thread: ends when the device fails or when nobody listens any more.
fn read(backend: &dyn Backend, leash: &Leash, to: &SyncSender<Message>) {
    let mut device = match backend.open(leash) {
        Ok((device, words)) => {
            if to.send(Message::Opened(words)).is_err() {
                return;
            }
            device
        }
        Err(reason) => {
            // Nobody listening is fine: then nobody waits for the answer.
            let _ = to.send(Message::Failed(reason));
            return;
        }
    };
    loop {
        let message = device.next().map_or_else(Message::Failed, Message::Shot);
        let failed = matches!(message, Message::Failed(_));
        if to.send(message).is_err() || failed || leash.is_cut() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
