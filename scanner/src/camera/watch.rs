//! The watched reader: a camera that fails is opened again, one that hangs is abandoned first.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::Duration;

use super::{Backend, CameraConfig};
use crate::Uptime;
use crate::picture::Picture;
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

/// A camera as a source of frames.
pub(crate) struct CameraSource {
    backend: Arc<dyn Backend>,
    wanted: CameraConfig,
    pauses: Pauses,
    uptime: Uptime,
    state: State,
    next_pause: Duration,
    hung: Vec<JoinHandle<()>>,
}

enum State {
    /// To be opened at this uptime.
    Closed(Duration),
    Watched(Reader),
}

struct Reader {
    messages: Receiver<Message>,
    thread: JoinHandle<()>,
    last_word_at: Duration,
}

enum Message {
    Opened(String),
    Frame(Picture),
    Failed(String),
}

impl CameraSource {
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        wanted: CameraConfig,
        pauses: Pauses,
        uptime: Uptime,
    ) -> Self {
        Self {
            backend,
            wanted,
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
                format!("{HUNG_MAX} readers of the camera hang; replug it or restart this program");
            return self.lose(Loss::Failed, reason, now);
        }
        let (sender, messages) = sync_channel(MESSAGES_MAX);
        let (backend, wanted) = (Arc::clone(&self.backend), self.wanted.clone());
        let named = Builder::new().name("scan-camera".to_owned());
        match named.spawn(move || read(&*backend, &wanted, &sender)) {
            Ok(thread) => {
                self.state = State::Watched(Reader { messages, thread, last_word_at: now });
                Step::Nothing
            }
            Err(cause) => {
                self.lose(Loss::Failed, format!("no thread for the camera: {cause}"), now)
            }
        }
    }

    /// Closes the source until the pause is over; each vain attempt doubles the pause.
    fn lose(&mut self, loss: Loss, reason: String, now: Duration) -> Step {
        let old = std::mem::replace(&mut self.state, State::Closed(now + self.next_pause));
        self.next_pause = (self.next_pause * 2).min(self.pauses.reopen_max);
        if let State::Watched(reader) = old
            && loss == Loss::Hung
        {
            // Its next message finds no receiver, and it ends by itself, should it ever wake.
            self.hung.push(reader.thread);
        }
        Step::Lost(loss, reason)
    }
}

impl Source for CameraSource {
    fn next(&mut self, patience: Duration) -> Step {
        let now = (self.uptime)();
        let reader = match &mut self.state {
            State::Closed(until) if *until > now => {
                sleep(patience.min(*until - now));
                return Step::Nothing;
            }
            State::Closed(_) => return self.open(now),
            State::Watched(reader) => reader,
        };
        let message = reader.messages.recv_timeout(patience);
        let now = (self.uptime)();
        match message {
            Ok(Message::Opened(words)) => {
                reader.last_word_at = now;
                Step::Opened(words)
            }
            Ok(Message::Frame(picture)) => {
                reader.last_word_at = now;
                self.next_pause = self.pauses.reopen_min;
                Step::Frame(picture)
            }
            Ok(Message::Failed(reason)) => self.lose(Loss::Failed, reason, now),
            Err(RecvTimeoutError::Disconnected) => {
                self.lose(Loss::Failed, "the camera's reader panicked".to_owned(), now)
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

/// The reader's thread: ends when the camera fails or when nobody listens any more.
fn read(backend: &dyn Backend, wanted: &CameraConfig, to: &SyncSender<Message>) {
    let mut device = match backend.open(wanted) {
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
        let message = device.frame().map_or_else(Message::Failed, Message::Frame);
        let failed = matches!(message, Message::Failed(_));
        if to.send(message).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
