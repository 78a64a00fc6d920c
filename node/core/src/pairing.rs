//! Letting another door join the venue: one invitation at a time, answered by the door that has the manager's key.
//!
//! [`PairingDesk`] is the handle for pages and files, [`Pairing`] the service behind it. What an invitation is and
//! when a proof holds is `sync::pairing`'s; which entrance the new door gets is [`place`]'s.

mod place;
mod removal;
mod renewing;

use std::{net::SocketAddr, sync::Arc};

use sync::{
    book::Charter,
    id::{EntranceId, PublicKey, VenueId},
    key::{SecretKey, Signed},
    ledger::{Ledger, LedgerError, WallClock},
    membership::{DoorGrant, Membership, Place, VenueGrant},
    order::{Removal, RemovalCause},
    pairing::{Grant, Invitation, InvitationError, Inviting, Refusal, Wifi},
    peers::once::PairingCall,
    roots::RootSet,
    tag::TagRing,
    time::{DAY_MILLIS, UnixMillis},
};
use tokio::sync::{mpsc, oneshot, watch};
use zeroize::Zeroizing;

use crate::{clock::SKEW_MILLIS, rekeying};
pub use place::{Placed, Replaces, place};
pub use removal::RemoveError;

const ASKS_MAX: usize = 8;
const GRANT_DAYS: i64 = 365;

/// Where the pairing stands, for screens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PairingState {
    /// Nobody is invited.
    #[default]
    Idle,
    /// An invitation is shown and waits for its one caller.
    Waiting {
        /// Until when.
        expires: UnixMillis,
        /// Calls whose proof was wrong; three end it.
        wrong: u8,
    },
    /// A door has joined.
    Joined {
        /// Its name.
        name: String,
        /// Its entrance.
        entrance: EntranceId,
        /// Its node.
        node: PublicKey,
        /// When.
        at: UnixMillis,
    },
    /// The invitation ended without a door.
    Ended(Refusal),
}

/// What a screen shows.
#[derive(Clone)]
pub struct Shown {
    /// The text, for a QR symbol and for pasting. It holds a secret: for the eyes at this screen alone.
    pub text: Zeroizing<String>,
    /// Until when it is answered.
    pub expires: UnixMillis,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown(until {})", self.expires)
    }
}

/// Why nobody could be invited.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InviteError {
    /// The invitation itself.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// Made for another door or venue, or expired.
    #[error("the invitation is not this door's, or has expired")]
    NotOurs,
    /// No other door has this name or number, or more than one has this name.
    #[error("no other door of the venue is called {0}, or more than one is")]
    NoSuchDoor(Replaces),
    /// The doors could not be looked up.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The node stops.
    #[error("the node stops")]
    Stopped,
}

enum Ask {
    Invite(Option<Wifi>, Option<EntranceId>, oneshot::Sender<Result<Shown, InviteError>>),
    Take(Box<Invitation>, Option<Replaces>, oneshot::Sender<Result<(), InviteError>>),
    Cancel,
    Remove(Removal, oneshot::Sender<Result<(), RemoveError>>),
}

/// The handle for pages; cheap to clone.
#[derive(Clone)]
pub struct PairingDesk {
    asks: mpsc::Sender<Ask>,
    state: watch::Receiver<PairingState>,
}

impl std::fmt::Debug for PairingDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PairingDesk({:?})", *self.state.borrow())
    }
}

impl PairingDesk {
    /// Invites one door; an earlier invitation ends. `replaces` is the entrance of a dead door whose place it takes.
    ///
    /// # Errors
    /// [`InviteError`], such as for a Wi-Fi that cannot be.
    pub async fn invite(
        &self,
        wifi: Option<Wifi>,
        replaces: Option<EntranceId>,
    ) -> Result<Shown, InviteError> {
        self.ask(|reply| Ask::Invite(wifi, replaces, reply)).await
    }

    /// Answers an invitation that was made beside the running node, by the command.
    ///
    /// # Errors
    /// [`InviteError::NotOurs`] when this door cannot answer it, [`InviteError::NoSuchDoor`] when there is no other door
    /// of that name or number.
    pub async fn take(
        &self,
        invitation: Invitation,
        replaces: Option<Replaces>,
    ) -> Result<(), InviteError> {
        self.ask(|reply| Ask::Take(Box::new(invitation), replaces, reply)).await
    }

    /// Invites nobody any more.
    pub async fn cancel(&self) {
        let _ = self.asks.send(Ask::Cancel).await; // a node that stops invites nobody
    }

    /// Takes a door out of the venue; durable when this returns.
    ///
    /// # Errors
    /// [`RemoveError`]; then nothing has changed.
    pub async fn remove(&self, node: PublicKey, cause: RemovalCause) -> Result<(), RemoveError> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask::Remove(Removal { node, cause }, reply);
        self.asks.send(ask).await.map_err(|_| RemoveError::Stopped)?;
        answer.await.map_err(|_| RemoveError::Stopped)?
    }

    /// Where it stands.
    pub fn state(&self) -> watch::Receiver<PairingState> {
        self.state.clone()
    }

    async fn ask<T>(
        &self,
        ask: impl FnOnce(oneshot::Sender<Result<T, InviteError>>) -> Ask,
    ) -> Result<T, InviteError> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(ask(reply)).await.map_err(|_| InviteError::Stopped)?;
        answer.await.map_err(|_| InviteError::Stopped)?
    }
}

/// What the service works with.
#[derive(Clone)]
pub struct PairingConfig {
    /// The venue's manager's key.
    pub manager: SecretKey,
    /// Where this door is reached from the LAN.
    pub addresses: Vec<SocketAddr>,
    /// Whom this door calls; the new door calls them too.
    pub dial: Vec<String>,
    /// The tag keys as they lie in the file now.
    pub ring: Arc<dyn Fn() -> Option<TagRing> + Send + Sync>,
    /// The time.
    pub clock: WallClock,
}

impl std::fmt::Debug for PairingConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PairingConfig({:?})", self.addresses)
    }
}

/// The service: answers calls as long as the node runs.
#[derive(Debug)]
pub struct Pairing {
    ledger: Ledger,
    config: PairingConfig,
    venue: (Signed<VenueGrant>, VenueGrant),
    asks: mpsc::Receiver<Ask>,
    state: watch::Sender<PairingState>,
    inviting: Option<Inviting>,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ask")
    }
}

/// What a new door is told to trust: the region's present roots, or those of this node's own configuration where the venue's
/// papers are by one that has retired since; from these it walks to the present ones by itself.
fn trusted(
    charter: &Charter,
    papers: &Membership,
    joiner: PublicKey,
    now: UnixMillis,
) -> Arc<RootSet> {
    let present = charter.roots.set();
    match papers.check_near(&present.keys, &joiner, now) {
        Ok(_) => present,
        Err(_) => Arc::new(charter.roots.founding().clone()),
    }
}

impl Pairing {
    /// The service and its handle; `None` unless the ledger's node is a door of the venue whose manager the key is.
    pub fn open(ledger: Ledger, config: PairingConfig) -> Option<(PairingDesk, Self)> {
        let charter = ledger.charter();
        let Membership::Door { venue: signed, .. } = &charter.membership else { return None };
        let own = charter.key.public();
        let checked =
            charter.membership.check_near(&charter.roots.own(), &own, (config.clock)()).ok()?;
        let Place::Door { venue, .. } = checked.place else { return None };
        if venue.manager != config.manager.public() {
            return None;
        }
        let venue = (signed.clone(), venue);
        let (asks_in, asks) = mpsc::channel(ASKS_MAX);
        let (state, state_out) = watch::channel(PairingState::Idle);
        let desk = PairingDesk { asks: asks_in, state: state_out };
        Some((desk, Self { ledger, config, venue, asks, state, inviting: None }))
    }

    /// Answers calls and asks until `shutdown`.
    pub async fn run(
        mut self,
        mut calls: mpsc::Receiver<PairingCall>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        tokio::pin!(shutdown);
        let mut look = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                Some(ask) = self.asks.recv() => self.asked(ask).await,
                Some(call) = calls.recv() => self.called(call).await,
                _ = look.tick() => {
                    self.look();
                    self.renew().await;
                }
            }
        }
    }

    async fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Invite(wifi, replaces, reply) => {
                let replaces = replaces.map(Replaces::Entrance);
                let _ = reply.send(self.invite(wifi, replaces).await); // who asked may be gone
            }
            Ask::Take(invitation, replaces, reply) => {
                let _ = reply.send(self.take(*invitation, replaces).await);
            }
            Ask::Cancel => {
                self.inviting = None;
                self.state.send_replace(PairingState::Idle);
            }
            Ask::Remove(removal, reply) => {
                let (manager, now) = (&self.config.manager, (self.config.clock)());
                let done = removal::remove(&self.ledger, manager, &self.venue.1, removal, now);
                let _ = reply.send(done.await);
            }
        }
    }

    async fn invite(
        &mut self,
        wifi: Option<Wifi>,
        replaces: Option<Replaces>,
    ) -> Result<Shown, InviteError> {
        let own = self.ledger.charter().key.public();
        let venue = (self.venue.1.venue, self.venue.1.name.as_str());
        let addresses = self.config.addresses.clone();
        let now = (self.config.clock)();
        let invitation = Invitation::new(own, addresses, venue, wifi, now)?;
        let shown = Shown { text: invitation.to_text(), expires: invitation.expires };
        self.take(invitation, replaces).await?;
        Ok(shown)
    }

    async fn take(
        &mut self,
        invitation: Invitation,
        replaces: Option<Replaces>,
    ) -> Result<(), InviteError> {
        let own = self.ledger.charter().key.public();
        let replaces = match replaces {
            None => None,
            Some(named) => {
                let doors = doors(&self.ledger, self.venue.1.venue).await?;
                Some(named.entrance(&doors, &own).ok_or(InviteError::NoSuchDoor(named))?)
            }
        };
        let ours = invitation.inviter == own && invitation.venue == self.venue.1.venue;
        let inviting = Inviting::new(invitation, replaces);
        if !ours || inviting.is_over((self.config.clock)()) {
            return Err(InviteError::NotOurs);
        }
        let expires = inviting.invitation().expires;
        tracing::info!(%expires, "a door is invited");
        self.state.send_replace(PairingState::Waiting { expires, wrong: 0 });
        self.inviting = Some(inviting);
        Ok(())
    }

    /// Renews doors' papers that end soon.
    async fn renew(&mut self) {
        let now = (self.config.clock)();
        match renewing::renew(&self.ledger, &self.config.manager, &self.venue, now).await {
            Ok(longest) => self.venue = longest,
            Err(error) => tracing::error!(%error, "renewed papers could not be kept"),
        }
    }

    /// An invitation whose time is over is forgotten, secret and all.
    fn look(&mut self) {
        let now = (self.config.clock)();
        if self.inviting.as_ref().is_some_and(|i| i.is_over(now)) {
            let over = self.inviting.take();
            let ended = over.map_or(0, |i| i.wrong()) >= sync::pairing::WRONG_MAX;
            let why = if ended { Refusal::Ended } else { Refusal::Expired };
            self.state.send_if_modified(|state| {
                let waited = matches!(state, PairingState::Waiting { .. });
                if waited {
                    *state = PairingState::Ended(why);
                }
                waited
            });
        }
    }

    async fn called(&mut self, call: PairingCall) {
        let answer = match self.answer(&call).await {
            Ok(answer) => answer,
            Err(refusal) => {
                tracing::warn!(peer = %call.peer, word = refusal.word(), "a call to join is refused");
                self.show_wrong();
                refusal.to_bytes()
            }
        };
        let _ = call.reply.send(answer); // the caller may be gone; it asks again
    }

    fn show_wrong(&self) {
        let now = self.inviting.as_ref().map_or(0, Inviting::wrong);
        self.state.send_if_modified(|state| match state {
            PairingState::Waiting { wrong, .. } if *wrong != now => {
                *wrong = now;
                true
            }
            _ => false,
        });
    }

    async fn answer(&mut self, call: &PairingCall) -> Result<Vec<u8>, Refusal> {
        let now = (self.config.clock)();
        let inviting = self.inviting.as_mut().ok_or(Refusal::NotInviting)?;
        let asked = inviting.answer(call.peer, &call.request, now)?;
        let ring = (self.config.ring)().ok_or(Refusal::Failed)?;
        let charter = self.ledger.charter();
        let (membership, joined) = match &asked.already {
            Some(papers) => (papers.clone(), None),
            None => {
                let (papers, placed) =
                    enrol(&self.ledger, &self.config, &self.venue, call.peer, &asked.wish, now)
                        .await?;
                (papers, Some(placed))
            }
        };
        let own: Vec<_> = self.config.addresses.iter().map(ToString::to_string).collect();
        let dial = [own.join(",")].into_iter().chain(self.config.dial.iter().cloned()).collect();
        let roots = trusted(charter, &membership, call.peer, now);
        let grant = Grant::new(membership, roots.keys.clone(), roots.needed, &ring, dial);
        let inviting = self.inviting.as_mut().ok_or(Refusal::NotInviting)?;
        let answer = inviting.grant(&asked, &grant)?;
        if let Some(Placed { name, entrance, .. }) = joined {
            tracing::info!(node = %call.peer, %entrance, name, "a door has joined the venue");
            let node = call.peer;
            self.state.send_replace(PairingState::Joined { name, entrance, node, at: now });
        }
        Ok(answer)
    }
}

/// The doors that belong to the venue now.
async fn doors(ledger: &Ledger, venue: VenueId) -> Result<Vec<rekeying::Door>, LedgerError> {
    let members: Vec<_> = ledger.members().await?.into_iter().filter_map(|(_, m)| m).collect();
    Ok(rekeying::doors(&members, &ledger.orders(venue).await?))
}

/// Signs the new door's papers, and the removal of whom it replaces; both are durable when this returns.
async fn enrol(
    ledger: &Ledger,
    config: &PairingConfig,
    venue: &(Signed<VenueGrant>, VenueGrant),
    node: PublicKey,
    wish: &sync::pairing::Wish,
    now: UnixMillis,
) -> Result<(Membership, Placed), Refusal> {
    let failed = |error: LedgerError| {
        tracing::error!(%error, "the new door could not be enrolled");
        Refusal::Failed
    };
    let grant = &venue.1;
    let doors = doors(ledger, grant.venue).await.map_err(failed)?;
    let removed = ledger
        .heads()
        .borrow()
        .venues
        .get(&grant.venue)
        .is_some_and(|v| v.removed.contains_key(&node));
    if removed {
        return Err(Refusal::Removed);
    }
    let own = ledger.charter().key.public();
    let placed = place(grant, &doors, &own, &node, wish)?;
    // Where the clock was never set, the papers begin with the venue's own.
    let from = now.max(grant.not_before);
    let door = DoorGrant {
        venue: grant.venue,
        entrance: placed.entrance,
        name: placed.name.clone(),
        direction: wish.direction,
        node,
        not_before: from.plus_millis(-SKEW_MILLIS).max(grant.not_before),
        not_after: from.plus_millis(GRANT_DAYS * DAY_MILLIS).min(grant.not_after),
    };
    let door = Signed::seal(&door, &config.manager);
    let papers = Membership::Door { venue: venue.0.clone(), door };
    ledger.introduce(vec![papers.clone()]).await.map_err(failed)?;
    for node in &placed.replaced {
        let cause = RemovalCause::Replaced;
        removal::order(ledger, &config.manager, grant, *node, cause, now).await.map_err(failed)?;
    }
    Ok((papers, placed))
}
