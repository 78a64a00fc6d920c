//! Answers to doors' questions about typed numbers: opened here alone, by the published policy, sealed to the asking door,
//! so many a minute of each door, and counted.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use sync::{
    id::PublicKey,
    inquiry::{Asker, Finding, SealedFinding},
    peers::InquiryCall,
    time::UnixMillis,
};
use tokio::sync::mpsc;

use super::Authority;
use crate::policy::{StatusNow, status_of};

/// How many questions of one door are answered in a minute: a queue of people at one desk, and what is asked later.
pub const PER_MINUTE_MAX: u32 = 120;
const MINUTE_MILLIS: i64 = 60_000;
/// Doors that are remembered at once; a minute's worth of a large region.
const DOORS_MAX: usize = 65_536;

/// How many each door has asked in its minute.
#[derive(Debug, Default)]
struct Pace(BTreeMap<PublicKey, (UnixMillis, u32)>);

impl Pace {
    /// Whether one more of this door is answered now.
    fn allows(&mut self, door: PublicKey, now: UnixMillis) -> bool {
        let over = |since: UnixMillis| !(0..MINUTE_MILLIS).contains(&(now.get() - since.get()));
        if self.0.len() >= DOORS_MAX {
            self.0.retain(|_, (since, _)| !over(*since));
        }
        let (since, asked) = self.0.entry(door).or_insert((now, 0));
        if over(*since) {
            (*since, *asked) = (now, 0);
        }
        *asked = asked.saturating_add(1);
        *asked <= PER_MINUTE_MAX
    }
}

impl Authority {
    /// Answers doors' questions until nobody asks any more: run it beside the authority.
    pub async fn answer_doors(
        self,
        mut calls: mpsc::Receiver<InquiryCall>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        let mut pace = Pace::default();
        tokio::pin!(shutdown);
        loop {
            let call = tokio::select! {
                () = &mut shutdown => return,
                call = calls.recv() => call,
            };
            let Some(InquiryCall { node, venue, inquiry, reply }) = call else { return };
            let found = if pace.allows(node, (self.0.clock)()) {
                self.find(&inquiry, Asker { venue, node }).await
            } else {
                tracing::warn!(?node, %venue, "a door asks about more numbers than a desk can type");
                None
            };
            let _ = reply.send(found); // the door has gone: it asks again
        }
    }

    /// The answer to one question; nothing where it does not open, the names differ or the registry fails.
    pub(crate) async fn find(
        &self,
        inquiry: &sync::inquiry::Inquiry,
        by: Asker,
    ) -> Option<SealedFinding> {
        let opened = inquiry.open(&self.secrets(), &by);
        let asked = opened
            .inspect_err(
                |error| tracing::warn!(%error, venue = %by.venue, "a question is unusable"),
            )
            .ok()?;
        self.0.inquiries.fetch_add(1, Ordering::Relaxed);
        let known = self.known_of(&asked.typed, asked.name.as_deref()).await;
        let facts = known
            .inspect_err(|error| tracing::error!(%error, "the registry gave no answer"))
            .ok()??;
        let now = (self.0.clock)();
        let StatusNow { status, until, then } = status_of(&facts, &self.rules().policy, now);
        inquiry.answer(&Finding { status, until, then, at: now }, &by).ok()
    }

    /// How many questions about typed numbers were answered since this start.
    pub fn inquiries(&self) -> u64 {
        self.0.inquiries.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_answered_so_often_in_a_minute_and_another_has_its_own() {
        let (mut pace, one, other) =
            (Pace::default(), PublicKey::new([1; 32]), PublicKey::new([2; 32]));
        let at = |millis: i64| UnixMillis::new(1_790_000_000_000 + millis);
        for n in 0..PER_MINUTE_MAX {
            assert!(pace.allows(one, at(i64::from(n))));
        }
        assert!(!pace.allows(one, at(500)));
        assert!(pace.allows(other, at(500)));
        assert!(pace.allows(one, at(MINUTE_MILLIS)));
        assert!(pace.allows(one, at(-1)), "a clock that was put back shuts nobody out");
    }
}
