//! Taking a door out of the venue, by the door that has the manager's key.

use sync::{
    id::PublicKey,
    key::SecretKey,
    ledger::{Ledger, LedgerError},
    membership::VenueGrant,
    order::{Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
    time::UnixMillis,
};

use crate::rekeying;

/// Why a door was not removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// No node of this venue, or one that was removed before.
    #[error("this is no door of the venue, or it was removed before")]
    NotADoor,
    /// Nobody would be left who can invite another.
    #[error("the door that holds the manager's key cannot remove itself")]
    Own,
    /// It could not be written down, so nothing has changed.
    #[error("the removal could not be recorded")]
    Ledger(#[from] LedgerError),
    /// The node stops.
    #[error("the node stops")]
    Stopped,
}

/// Removes a door that belongs to the venue; durable when this returns.
pub(super) async fn remove(
    ledger: &Ledger,
    manager: &SecretKey,
    grant: &VenueGrant,
    removal: Removal,
    now: UnixMillis,
) -> Result<(), RemoveError> {
    if removal.node == ledger.charter().key.public() {
        return Err(RemoveError::Own);
    }
    let members = ledger.members().await?;
    let members: Vec<_> = members.into_iter().filter_map(|(_, m)| m).collect();
    let orders = ledger.orders(grant.venue).await?;
    if !rekeying::doors(&members, &orders).iter().any(|door| door.node == removal.node) {
        return Err(RemoveError::NotADoor);
    }
    order(ledger, manager, grant, removal.node, removal.cause, now).await?;
    tracing::warn!(node = %removal.node, cause = ?removal.cause, "a door is removed from the venue");
    Ok(())
}

/// Signs and keeps the order that a node no longer belongs.
pub(super) async fn order(
    ledger: &Ledger,
    manager: &SecretKey,
    grant: &VenueGrant,
    node: PublicKey,
    cause: RemovalCause,
    now: UnixMillis,
) -> Result<(), LedgerError> {
    let matter = Matter::Removal(Removal { node, cause });
    let order = Order { venue: grant.venue, issued_at: now, matter };
    ledger.keep_order(SignedOrder::seal(&order, Signer::Manager, manager)).await
}
