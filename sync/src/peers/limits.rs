//! What strangers and peers may cost this node; every bound by name.

use std::time::Duration;

/// Bounds on connections, waits and paces. [`Limits::default`] holds for a door; an authority raises
/// `sessions_max` and `strangers_per_address`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most accepted sessions at once.
    pub sessions_max: u32,
    /// The most incoming connections that no accepted session has come of, yet or ever. Addresses that hold no
    /// other such connection have a quarter more, those from which a session was accepted before twice as much.
    /// Over it the one that has been silent for longest is dropped for who comes.
    pub strangers_max: u32,
    /// The same from one IPv4 address or IPv6 /64 network. As many siblings as this can call at once from
    /// behind one NAT.
    pub strangers_per_address: u32,
    /// How many peers may deliver a backlog to the authority at once; the others are told when to come again.
    pub uploads_max: u32,
    /// How long encryption and multiplexing may take to be agreed.
    pub handshake: Duration,
    /// How long after its arrival a connection must have become an accepted session.
    pub introduction: Duration,
    /// How long a request may be unanswered once it is sent; for a long one the time that it needs over the
    /// slowest link comes on top.
    pub answer: Duration,
    /// How long a peer may take nothing of what is being sent to it.
    pub stall: Duration,
    /// Requests of one connection per second; twice as many at once.
    pub requests_per_second: u64,
    /// Bytes read from one connection per second; twice as many at once.
    pub bytes_per_second: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions_max: 256,
            strangers_max: 256,
            strangers_per_address: 64,
            uploads_max: 64,
            handshake: Duration::from_secs(10),
            introduction: Duration::from_secs(15),
            answer: Duration::from_secs(15),
            stall: Duration::from_secs(30),
            requests_per_second: 200,
            bytes_per_second: 8 << 20,
        }
    }
}

/// The slowest link that is worth having, bytes per second: 32 kbit/s.
const SLOWEST: u64 = 4 << 10;
/// What is under way at most, between what a writer counts as sent and what the peer has: yamux's window.
const UNDER_WAY: u64 = 256 << 10;

impl Limits {
    /// How long the answer to a request of so many bytes may take, from when it was written out. At most 79 s
    /// by default, so that a dead link is known within 90 s.
    pub fn answer_to(&self, bytes: usize) -> Duration {
        let under_way = (bytes as u64).min(UNDER_WAY);
        self.answer + Duration::from_millis(under_way * 1000 / SLOWEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_are_known_within_ninety_seconds() {
        let limits = Limits::default();
        let heartbeat = Duration::from_millis(15_000);
        assert!(heartbeat + limits.answer_to(4 << 10) <= Duration::from_secs(90));
        assert!(limits.answer_to(usize::MAX >> 1) <= Duration::from_secs(90));
        assert!(limits.answer_to(64 << 10) > limits.answer, "slow links get their time");
    }
}
