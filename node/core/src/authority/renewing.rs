//! Papers whose end is near: a venue's grant is signed anew when one of its doors asks, by the root's key of this machine or
//! as the register has it; this node's own likewise. For the same place and as long as before, and for nobody who was
//! removed or is shut out.

use sync::{
    key::Signed,
    ledger::LedgerError,
    membership::{AuthorityGrant, Membership, MembershipError, Place, VenueGrant, ends_soon},
    peers::RenewalCall,
    time::{DAY_MILLIS, UnixMillis},
};
use tokio::sync::mpsc;

use super::{
    Authority,
    cabinet::CabinetError,
    enrolment::{EnrolError, GRANT_DAYS_MAX, stands},
};
use crate::{clock::SKEW_MILLIS, code::paper::unverified};

/// Why papers are not renewed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenewError {
    /// They do not hold.
    #[error("the papers do not hold")]
    Papers(#[from] MembershipError),
    /// They are no door's of the venue that asks.
    #[error("the papers are of another venue than the door that asks")]
    Elsewhere,
    /// The door was removed.
    #[error("the door was removed from its venue")]
    Removed,
    /// The venue is shut out.
    #[error("the venue is shut out until {0}")]
    ShutOut(UnixMillis),
    /// The register has another manager for it.
    #[error("the register names another manager for the venue")]
    OtherManager,
    /// Nothing that holds longer is here, and no root's key to sign it.
    #[error(
        "no longer grant of the venue is here, and it is not yet time to sign one or no root's key is kept here"
    )]
    NothingLonger,
    /// The register.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Authority {
    /// Renews doors' papers until nobody asks any more: run it beside the authority.
    pub async fn renew_papers(
        self,
        mut calls: mpsc::Receiver<RenewalCall>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        tokio::pin!(shutdown);
        loop {
            let call = tokio::select! {
                () = &mut shutdown => return,
                call = calls.recv() => call,
            };
            let Some(call) = call else { return };
            let renewed = self.renewed(&call).await;
            let _ = call.reply.send(renewed); // the door has gone: it asks again
        }
    }

    async fn renewed(&self, call: &RenewalCall) -> Vec<Membership> {
        let mut renewed = Vec::new();
        for papers in &call.papers {
            match self.renew(call, papers).await {
                Ok(fresh) => renewed.push(fresh),
                Err(error @ RenewError::NothingLonger) => {
                    tracing::debug!(venue = %call.venue, %error, "papers are not renewed")
                }
                Err(error) => {
                    tracing::warn!(venue = %call.venue, node = %call.node, %error, "papers are not renewed")
                }
            }
        }
        if let Err(error) = self.0.ledger.introduce(renewed.clone()).await {
            tracing::error!(%error, "renewed papers could not be kept");
            return Vec::new();
        }
        renewed
    }

    async fn renew(
        &self,
        call: &RenewalCall,
        papers: &Membership,
    ) -> Result<Membership, RenewError> {
        let (charter, now) = (self.0.ledger.charter(), (self.0.clock)());
        let node = papers.node().ok_or(RenewError::Elsewhere)?;
        let member = papers.check(&charter.roots.granting(), &node, now)?;
        let Place::Door { venue: held, .. } = member.place else {
            return Err(RenewError::Elsewhere);
        };
        if held.venue != call.venue || held.region != charter.region {
            return Err(RenewError::Elsewhere);
        }
        let heads = self.0.ledger.heads().borrow().clone();
        if heads.venues.get(&call.venue).is_some_and(|venue| venue.removed.contains_key(&node)) {
            return Err(RenewError::Removed);
        }
        if let Some(until) = self.shut_out_until(call.venue).await? {
            return Err(RenewError::ShutOut(until));
        }
        let grant = self.longest_grant(&held, now).await?;
        papers.under(&grant).ok_or(RenewError::NothingLonger)
    }

    /// The grant of a venue that holds longest: one of the register or of a door, or one that is signed now because all of
    /// those end soon.
    async fn longest_grant(
        &self,
        held: &VenueGrant,
        now: UnixMillis,
    ) -> Result<Signed<VenueGrant>, RenewError> {
        let entry = self.venue(held.venue).await?;
        if entry.as_ref().is_some_and(|e| e.application.manager.is_some_and(|m| m != held.manager))
        {
            return Err(RenewError::OtherManager);
        }
        let of_doors = self.0.ledger.papers(held.venue).await?.into_iter();
        let of_doors = of_doors.filter_map(|papers| match papers {
            Membership::Door { venue, .. } => Some(venue),
            Membership::Authority(_) => None,
        });
        let all = of_doors.chain(entry.as_ref().and_then(|entry| entry.grant.clone()));
        // One of a root that was signed out would end the door's stay at its next greeting.
        let roots = self.0.ledger.charter().roots.granting();
        let said = all.filter_map(|signed| Some((stands(&signed, &roots)?, signed)));
        let same: Vec<_> = said.filter(|(grant, _)| grant.manager == held.manager).collect();
        let longest = same.iter().max_by_key(|(grant, _)| grant.not_after);
        let (grant, signed) = longest.ok_or(RenewError::NothingLonger)?;
        if now < grant.not_after && !ends_soon((grant.not_before, grant.not_after), now) {
            return Ok(signed.clone());
        }
        let Some(root) = self.keys().root else { return Ok(signed.clone()) };
        let wanted = match &entry {
            Some(entry) if entry.application.manager.is_some() => {
                self.grant_wanted(held.venue, 1).await?
            }
            // The terms issued last, not those that the door chose to show.
            _ => {
                let last = same.iter().max_by_key(|(grant, _)| grant.not_before);
                last.map_or(held, |(grant, _)| grant).clone()
            }
        };
        let (not_before, not_after) = as_long((held.not_before, held.not_after), now);
        let fresh = VenueGrant { not_before, not_after, ..wanted };
        let signed = Signed::seal(&fresh, &root);
        if entry.is_some_and(|entry| entry.application.manager.is_some()) {
            match self.take_grant(signed.clone()).await {
                Ok(_) | Err(EnrolError::Shorter(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        tracing::info!(venue = %held.venue, until = %not_after, "a venue's papers are renewed");
        Ok(signed)
    }

    /// Signs this node's own papers anew when their end is near and a root's key is kept here.
    pub(super) async fn renew_own_papers(&self) -> Result<(), LedgerError> {
        let (ledger, now) = (&self.0.ledger, (self.0.clock)());
        let own = ledger.charter().key.public();
        let Some(papers) = ledger.heads().borrow().papers.get(&own).cloned() else { return Ok(()) };
        let Membership::Authority(signed) = &*papers else { return Ok(()) };
        let (Some(root), Some(held)) = (self.keys().root, unverified(signed)) else {
            return Ok(());
        };
        if !papers.ends_soon(now) {
            return Ok(());
        }
        let (not_before, not_after) = as_long((held.not_before, held.not_after), now);
        let fresh = AuthorityGrant { not_before, not_after, ..held };
        ledger.introduce(vec![Membership::Authority(Signed::seal(&fresh, &root))]).await
    }
}

/// From now for as long as before, a little earlier for those whose clocks are behind.
fn as_long((from, until): (UnixMillis, UnixMillis), now: UnixMillis) -> (UnixMillis, UnixMillis) {
    let most = i64::from(GRANT_DAYS_MAX) * DAY_MILLIS;
    let length = until.get().saturating_sub(from.get()).clamp(0, most);
    (now.plus_millis(-SKEW_MILLIS).max(from), now.plus_millis(length))
}

#[cfg(test)]
mod tests;
