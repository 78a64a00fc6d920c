//! The gate: scans in, the desk asked, a passage out; survives a failing camera.

use std::time::Duration;

use node_core::{
    code::{
        Code,
        poster::{self, PosterCheck},
    },
    desk::{CheckedIn, Desk},
    event::Decision,
};
use scanner::{Payload, Scan, Uptime};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Passages that a slow listener may lag behind.
const PASSAGES_LEN: usize = 64;

/// A scan and what came of it. Lives in memory only: the text is a visitor's token.
#[derive(Clone)]
pub struct Passage {
    /// What was read.
    pub text: String,
    /// What the desk made of it.
    pub checked: CheckedIn,
    /// From the frame to the durable decision.
    pub took: Duration,
}

impl std::fmt::Debug for Passage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Passage({:?}, {:?})", self.checked, self.took)
    }
}

/// The scan loop of one door.
#[derive(Debug)]
pub struct Gate {
    desk: Desk,
    passages: broadcast::Sender<Passage>,
    wall: Wall,
}

/// What is known of the poster at the door.
#[derive(Clone, Debug, Default)]
pub struct Wall {
    /// The version that should hang there, where one is configured.
    pub wanted: Option<u32>,
    /// What is to be thought of the one that the camera saw last; none before it saw one.
    pub seen: watch::Sender<Option<PosterCheck>>,
}

impl Gate {
    /// A gate in front of a desk.
    pub fn new(desk: Desk, wall: Wall) -> Self {
        Self { desk, passages: broadcast::channel(PASSAGES_LEN).0, wall }
    }

    /// What comes through, from now on.
    pub fn passages(&self) -> broadcast::Sender<Passage> {
        self.passages.clone()
    }

    /// Asks the desk about every scan until the source ends or the node shuts down.
    pub async fn run(
        self,
        mut scans: mpsc::Receiver<Scan>,
        uptime: Uptime,
        shutdown: CancellationToken,
    ) {
        loop {
            let scan = tokio::select! {
                () = shutdown.cancelled() => return,
                scan = scans.recv() => scan,
            };
            let Some(scan) = scan else {
                tracing::info!("the source of frames has ended; the desk stays open");
                return;
            };
            self.pass(scan, &uptime).await;
        }
    }

    async fn pass(&self, scan: Scan, uptime: &Uptime) {
        let text = match scan.payload {
            Payload::Text(text) => text,
            // No credential of ours is bytes that are no text.
            Payload::Bytes(_) => String::new(),
        };
        if let Code::Poster(text) = Code::read(&text) {
            self.judge_poster(&text);
            return;
        }
        let checked = self.desk.check_in(&text).await;
        let took = uptime().saturating_sub(scan.frame_at);
        match &checked {
            CheckedIn::Decided(decision) => log_decision(decision, took),
            CheckedIn::Waiting(_) => tracing::info!("a verdict waits at the desk"),
            CheckedIn::Unrecorded(reason) => tracing::info!(%reason, "a code was not recorded"),
        }
        let _ = self.passages.send(Passage { text, checked, took }); // nobody listening is fine
    }
}

impl Gate {
    /// The camera reads the door's own wall: no visitor, but a print may be old or of another door.
    fn judge_poster(&self, text: &str) {
        let judged = poster::check(text, self.desk.site(), self.wall.wanted);
        if self.wall.seen.send_replace(Some(judged)) == Some(judged) {
            return;
        }
        match judged {
            PosterCheck::Current => tracing::info!("the poster at the door is current"),
            _ => tracing::warn!(
                poster = judged.word(),
                "the poster at the door is not the right one"
            ),
        }
    }
}

fn log_decision(decision: &Decision, took: Duration) {
    tracing::info!(
        kind = ?decision.kind,
        status = ?decision.status,
        reason = decision.reason.map(|r| r.word()),
        millis = took.as_millis(),
        "decided"
    );
}
