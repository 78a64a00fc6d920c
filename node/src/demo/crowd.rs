//! The crowd: visitors arrive at random, hold their codes up at a door, some leave again; what they saw is kept
//! apart from what the nodes wrote, so that the two can be compared.

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc::SyncSender},
    time::Duration,
};

use node_core::{desk::CheckedIn, event::Decision, reason::Reason};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use scanner::{Luma, View, stage};
use sync::{id::Subject, record::VisitKind, time::UnixMillis};
use tokio::{
    sync::{Mutex, broadcast, mpsc, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{Demo, DemoError, Door, visitor::Visitor};
use crate::{gate::Passage, wall};

/// How often a visitor holds the code up before giving up; a real camera shows more frames a second.
const FRAMES_MAX: u64 = 15;
/// How long one frame may take to be read before the next is shown.
const FRAME_PATIENCE: Duration = Duration::from_millis(400);
/// Visitors that may queue at a door.
const QUEUE_LEN: usize = 16;

/// How the crowd behaves.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// How many come; `None` means that they never stop.
    pub visitors: Option<u32>,
    /// Mean time between two arrivals.
    pub arrival: Duration,
    /// Shortest and longest stay of those who leave again.
    pub stay: (Duration, Duration),
    /// Of ten who came in, how many leave again.
    pub leaving_of_ten: u32,
    /// The seed of all chance.
    pub seed: u64,
}

impl Crowd {
    /// A crowd for a quick run of so many.
    pub fn quick(visitors: u32) -> Self {
        Self {
            visitors: Some(visitors),
            arrival: Duration::from_millis(120),
            stay: (Duration::from_secs(2), Duration::from_secs(5)),
            leaving_of_ten: 6,
            seed: 1,
        }
    }

    /// A crowd to look at, without end.
    pub fn unhurried(visitors: Option<u32>) -> Self {
        Self {
            visitors,
            arrival: Duration::from_millis(2500),
            stay: (Duration::from_secs(20), Duration::from_secs(120)),
            leaving_of_ten: 9,
            seed: 1,
        }
    }
}

/// What the crowd saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) visitors: u32,
    pub(super) scanned: u64,
    pub(super) admitted: u64,
    pub(super) refused: BTreeMap<&'static str, u64>,
    pub(super) took: Vec<Duration>,
    pub(super) stays: BTreeMap<Subject, (UnixMillis, Option<UnixMillis>)>,
    /// What was not as it should be, in words.
    pub(super) wrong: Vec<String>,
}

impl Seen {
    pub(super) fn inside(&self) -> u64 {
        self.stays.values().filter(|(_, left)| left.is_none()).count() as u64
    }

    /// Who shared time with `case` until `now`.
    pub(super) fn contacts_of(&self, case: &Subject, now: UnixMillis) -> Vec<Subject> {
        let Some(&(from, left)) = self.stays.get(case) else {
            return Vec::new();
        };
        let until = left.unwrap_or(now).min(now);
        self.stays
            .iter()
            .filter(|(who, _)| *who != case)
            .filter(|(_, (f, l))| from.max(*f) < until.min(l.unwrap_or(UnixMillis::new(i64::MAX))))
            .map(|(who, _)| *who)
            .collect()
    }

    fn note(
        &mut self,
        visitor: &Visitor,
        leaving: bool,
        passage: Option<Passage>,
    ) -> Option<Decision> {
        let Some(passage) = passage else {
            self.wrong.push(format!("a {:?} visitor's code was never read", visitor.kind));
            return None;
        };
        self.scanned += 1;
        self.took.push(passage.took);
        let CheckedIn::Decided(decision) = passage.checked else {
            self.wrong.push(format!("a {:?} visitor got {:?}", visitor.kind, passage.checked));
            return None;
        };
        let expected = if leaving { None } else { visitor.expected() };
        if decision.reason != expected {
            self.wrong.push(format!(
                "a {:?} visitor (leaving: {leaving}) got {:?}, expected {expected:?}",
                visitor.kind, decision.reason
            ));
        }
        self.count(visitor, leaving, &decision);
        Some(decision)
    }

    fn count(&mut self, visitor: &Visitor, leaving: bool, decision: &Decision) {
        match (decision.kind, leaving) {
            (VisitKind::Entry, false) => {
                self.admitted += 1;
                self.stays.insert(visitor.subject, (decision.at, None));
            }
            (VisitKind::Exit, true) => {
                if let Some(stay) = self.stays.get_mut(&visitor.subject) {
                    stay.1 = Some(decision.at);
                }
            }
            (VisitKind::Refusal, false) => {
                let word = decision.reason.map_or("none", Reason::word);
                *self.refused.entry(word).or_default() += 1;
            }
            (kind, _) => self.wrong.push(format!("leaving: {leaving}, but recorded as {kind:?}")),
        }
    }
}

struct Showing {
    visitor: Visitor,
    leaving: bool,
    done: oneshot::Sender<Option<Decision>>,
}

impl Crowd {
    /// Lets the crowd come until it is through or `stop` is cancelled; tells what it saw.
    pub(super) async fn run(
        &self,
        demo: &Demo,
        stop: CancellationToken,
    ) -> Result<Seen, DemoError> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut doors = JoinSet::new();
        let a = self.open(&demo.door_a, 1, &seen, &mut doors)?;
        let b = self.open(&demo.door_b, 2, &seen, &mut doors)?;
        let mut visits = JoinSet::new();
        // A second run in the same folder brings other people.
        let mut rng = StdRng::seed_from_u64(self.seed.wrapping_add(demo.visits_before));
        let mut came = 0;
        while self.visitors.is_none_or(|most| came < most) && !stop.is_cancelled() {
            came += 1;
            let Some(visitor) = Visitor::random(&mut rng, &demo.founded.issuer, wall::now()) else {
                continue;
            };
            seen.lock().await.visitors = came;
            let entrance = if rng.random_bool(0.5) { a.clone() } else { b.clone() };
            let stay = self.stay_of(&mut rng);
            visits.spawn(visit(visitor, entrance, b.clone(), stay));
            while visits.try_join_next().is_some() {}
            let pause = self.arrival.mul_f64(rng.random_range(0.2..1.8));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
        if stop.is_cancelled() {
            visits.abort_all();
        }
        while visits.join_next().await.is_some() {}
        drop((a, b));
        while doors.join_next().await.is_some() {}
        let seen = seen.lock().await.clone();
        Ok(seen)
    }

    fn stay_of(&self, rng: &mut impl Rng) -> Option<Duration> {
        let leaves = rng.random_range(0..10) < self.leaving_of_ten;
        let (least, most) = self.stay;
        let stay = least + (most.saturating_sub(least)).mul_f64(rng.random());
        leaves.then_some(stay)
    }

    fn open(
        &self,
        door: &Door,
        which: u64,
        seen: &Arc<Mutex<Seen>>,
        doors: &mut JoinSet<()>,
    ) -> Result<mpsc::Sender<Showing>, DemoError> {
        let passages = door.node.passages.clone().ok_or(DemoError::DoorGone)?;
        let (queue, shown) = mpsc::channel(QUEUE_LEN);
        let camera = door.camera.clone();
        let seed = self.seed.wrapping_mul(1_000_003).wrapping_add(which << 40);
        doors.spawn(stand(camera, passages, shown, Arc::clone(seen), seed));
        Ok(queue)
    }
}

/// One visitor's evening: in by one door, perhaps out by B.
async fn visit(
    visitor: Visitor,
    entrance: mpsc::Sender<Showing>,
    exit: mpsc::Sender<Showing>,
    stay: Option<Duration>,
) {
    let entered = show(&entrance, visitor.clone(), false).await;
    let inside = entered.is_some_and(|d| d.kind == VisitKind::Entry);
    if let (true, Some(stay)) = (inside, stay) {
        tokio::time::sleep(stay).await;
        show(&exit, visitor, true).await;
    }
}

async fn show(door: &mpsc::Sender<Showing>, visitor: Visitor, leaving: bool) -> Option<Decision> {
    let (done, wait) = oneshot::channel();
    door.send(Showing { visitor, leaving, done }).await.ok()?;
    wait.await.ok()?
}

/// In front of one door: one visitor at a time holds the code up until the door answers.
async fn stand(
    camera: SyncSender<Luma>,
    passages: broadcast::Sender<Passage>,
    mut shown: mpsc::Receiver<Showing>,
    seen: Arc<Mutex<Seen>>,
    mut seed: u64,
) {
    while let Some(Showing { visitor, leaving, done }) = shown.recv().await {
        let mut answers = passages.subscribe();
        let mut passage = None;
        for _ in 0..FRAMES_MAX {
            seed += 1;
            if !hold_up(&camera, &visitor.token, seed).await {
                break;
            }
            passage = answer(&mut answers, &visitor.token).await;
            if passage.is_some() {
                break;
            }
        }
        let decision = seen.lock().await.note(&visitor, leaving, passage);
        let _ = done.send(decision); // the visitor may have been called away at the end
    }
}

/// Renders one frame and hands it to the camera's place; `false` when the door is gone.
async fn hold_up(camera: &SyncSender<Luma>, token: &str, seed: u64) -> bool {
    let (camera, token) = (camera.clone(), token.to_owned());
    let shown = tokio::task::spawn_blocking(move || {
        let frame = stage(&token, &View::walk_up(seed), seed).ok()?;
        camera.send(frame).ok()
    });
    matches!(shown.await, Ok(Some(())))
}

async fn answer(answers: &mut broadcast::Receiver<Passage>, token: &str) -> Option<Passage> {
    let matching = async {
        loop {
            match answers.recv().await {
                Ok(passage) if passage.text == token => return Some(passage),
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    };
    tokio::time::timeout(FRAME_PATIENCE, matching).await.ok().flatten()
}
