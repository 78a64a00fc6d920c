//! Whom this node has met, and which of several connections to one peer carries its session.

use std::collections::BTreeMap;

use libp2p::{PeerId, Stream, swarm::ConnectionId};
use tokio::time::{Duration, Instant};

use super::{
    inquiring::Inquiring,
    session::Session,
    stream::{Line, Ticket},
};
use crate::{
    id::PublicKey,
    status::{Link, PeerStatus},
    time::UnixMillis,
};

/// Peers that went away are remembered for the screen, up to so many.
const REMEMBERED_MAX: usize = 256;
/// A session that has been open for so long was settled between both sides; a later call of the peer means that
/// the peer has lost it. Before that it may be the other half of two calls that crossed.
const SETTLED: Duration = Duration::from_secs(10);

/// A connection as the swarm knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    pub(super) peer: PeerId,
    /// By this node.
    pub(super) dialled: bool,
    pub(super) established: Instant,
    #[cfg_attr(
        not(feature = "quic"),
        expect(dead_code, reason = "only QUIC is metered by stream")
    )]
    pub(super) quic: bool,
}

/// A session on its connection.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) connection: ConnectionId,
    pub(super) at: Connection,
    pub(super) session: Session,
    /// `None` until the stream is negotiated.
    pub(super) line: Option<Line>,
    pub(super) open_since: Option<Instant>,
    /// The own request under way.
    pub(super) asked: Option<Asked>,
    /// A request of the peer is being answered.
    pub(super) answering: bool,
    /// What this node wants to know of the peer.
    pub(super) inquiring: Inquiring,
    /// Of which door the peer has been told up to when, or has told.
    pub(super) told: BTreeMap<PublicKey, UnixMillis>,
    /// When a session that is over is cut: a moment later, so that the other side hears why.
    pub(super) cut_at: Option<Instant>,
}

/// An own request that waits for its reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) ticket: Ticket,
    /// When it was seen to be written out.
    pub(super) written: Option<Instant>,
}

/// A peer that was met.
#[derive(Debug)]
pub(super) struct Contact {
    pub(super) status: PeerStatus,
    pub(super) talk: Option<Talk>,
}

impl Contact {
    fn new(key: PublicKey, now: UnixMillis) -> Self {
        let status = PeerStatus {
            node: Some(key),
            title: format!("node {}", &key.to_string()[..12]),
            link: Link::Down { reason: "not yet introduced".into() },
            since: now,
            heard: None,
            bulletins: Vec::new(),
            waits_until: None,
        };
        Self { status, talk: None }
    }

    /// The session, if this connection carries it.
    pub(super) fn talk_on(&mut self, connection: ConnectionId) -> Option<&mut Talk> {
        self.talk.as_mut().filter(|talk| talk.connection == connection)
    }
}

impl Talk {
    pub(super) fn new(connection: ConnectionId, at: Connection, key: PublicKey) -> Self {
        Self {
            connection,
            at,
            session: Session::new(key),
            line: None,
            open_since: None,
            asked: None,
            answering: false,
            inquiring: Inquiring::default(),
            told: BTreeMap::new(),
            cut_at: None,
        }
    }
}

/// Whether a new connection takes the session over from the one that has it. Both sides come to the same
/// answer: the side that dials opens the stream only when it wants the connection, so
///
/// * who dialled twice means the later;
/// * a call after the session was settled means that its maker has lost the session;
/// * of two calls that crossed, the one by the lower key holds.
pub(super) fn takes_over(
    (new, new_id): (&Connection, ConnectionId),
    (held, held_id): (&Connection, ConnectionId),
    open_since: Option<Instant>,
    ours_is_lower: bool,
) -> bool {
    if new.dialled && held.dialled {
        return false; // the session that is there is good enough; its own deadlines end it
    }
    if !new.dialled && !held.dialled {
        return new_id > held_id;
    }
    let settled =
        open_since.is_some_and(|since| new.established.saturating_duration_since(since) >= SETTLED);
    if settled { !new.dialled } else { new.dialled == ours_is_lower }
}

/// A connection that is surplus, closed a moment later: the other side may not know yet that it is.
#[derive(Debug)]
pub(super) struct Parting {
    pub(super) at: Instant,
    pub(super) connection: ConnectionId,
    /// Kept until then: dropping it would look like the end of the session, before the better connection is known.
    pub(super) _kept: Kept,
}

/// What a surplus connection holds on to.
#[derive(Debug)]
pub(super) enum Kept {
    /// No stream was opened.
    Nothing,
    /// The peer opened one, which was not taken.
    Stream(#[expect(dead_code, reason = "held, not used")] Stream),
    /// It had the session.
    Line(#[expect(dead_code, reason = "held, not used")] Option<Line>),
}

/// Everyone met.
#[derive(Debug, Default)]
pub(super) struct Contacts(BTreeMap<PeerId, Contact>);

impl Contacts {
    pub(super) fn get_mut(&mut self, peer: &PeerId) -> Option<&mut Contact> {
        self.0.get_mut(peer)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PeerId, &Contact)> {
        self.0.iter()
    }

    /// The contact of a peer, new if need be.
    pub(super) fn meet(&mut self, peer: PeerId, key: PublicKey, now: UnixMillis) -> &mut Contact {
        if !self.0.contains_key(&peer) {
            self.forget_surplus();
        }
        self.0.entry(peer).or_insert_with(|| Contact::new(key, now))
    }

    pub(super) fn statuses_mut(&mut self) -> impl Iterator<Item = &mut PeerStatus> {
        self.0.values_mut().map(|contact| &mut contact.status)
    }

    /// Whether a session with the peer is there or in the making.
    pub(super) fn is_talking(&self, peer: &PeerId) -> bool {
        self.0.get(peer).is_some_and(|c| c.talk.is_some())
    }

    /// Peers with a stream.
    pub(super) fn talking(&self) -> Vec<PeerId> {
        let talking = self.0.iter().filter(|(_, c)| c.talk.is_some());
        talking.map(|(peer, _)| *peer).collect()
    }

    /// Strangers are forgotten first.
    fn forget_surplus(&mut self) {
        while self.0.len() >= REMEMBERED_MAX {
            let silent = self.0.iter().filter(|(_, c)| c.talk.is_none());
            let is_member = |c: &Contact| !matches!(c.status.link, Link::Refused { .. });
            let gone = silent.min_by_key(|(_, c)| (is_member(c), c.status.since));
            match gone.map(|(peer, _)| *peer) {
                Some(peer) => self.0.remove(&peer),
                None => return,
            };
        }
    }
}

/// Notes how a link stands, and since when.
pub(super) fn set_link(status: &mut PeerStatus, link: Link, now: UnixMillis) {
    if std::mem::discriminant(&status.link) != std::mem::discriminant(&link) {
        status.since = now;
    }
    status.link = link;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ConnectionId {
        ConnectionId::new_unchecked(n)
    }

    fn connection(dialled: bool, established: Instant) -> Connection {
        let peer = PeerId::from_bytes(&[0, 1, 7]).unwrap();
        Connection { peer, dialled, established, quic: false }
    }

    #[tokio::test]
    async fn of_two_calls_that_crossed_both_sides_keep_the_same() {
        let now = Instant::now();
        let (by_us, by_them) = (connection(true, now), connection(false, now));
        for lower in [true, false] {
            // Whichever came first here.
            let later_is_ours = takes_over((&by_us, id(2)), (&by_them, id(1)), None, lower);
            let later_is_theirs = takes_over((&by_them, id(2)), (&by_us, id(1)), Some(now), lower);
            assert_eq!(later_is_ours, lower, "the lower key's call is kept");
            assert_eq!(later_is_theirs, !lower);
        }
    }

    #[tokio::test]
    async fn a_peer_that_lost_its_session_is_let_in_again() {
        let now = Instant::now();
        let later = connection(false, now + SETTLED);
        for lower in [true, false] {
            assert!(takes_over((&later, id(2)), (&connection(true, now), id(1)), Some(now), lower));
        }
        assert!(takes_over(
            (&connection(false, now), id(2)),
            (&connection(false, now), id(1)),
            None,
            true
        ));
        let own = connection(true, now + SETTLED);
        assert!(!takes_over((&own, id(2)), (&connection(true, now), id(1)), Some(now), true));
        assert!(!takes_over((&own, id(2)), (&connection(false, now), id(1)), Some(now), true));
    }
}
