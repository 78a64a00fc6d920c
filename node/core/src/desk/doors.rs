//! The doors of the venue, those that were removed among them.

use std::sync::Arc;

use sync::{
    id::{EntranceId, PublicKey},
    ledger::LedgerError,
    membership::{Member, Place},
    order::{Matter, Order, RemovalCause},
    record::Direction,
    time::UnixMillis,
};

use super::Desk;

/// One door that belongs to the venue, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorStanding {
    /// Its node.
    pub node: PublicKey,
    /// Its entrance.
    pub entrance: EntranceId,
    /// Its entrance's name.
    pub name: String,
    /// Which way it leads.
    pub direction: Direction,
    /// Whether it is this one.
    pub own: bool,
    /// Why and when it was removed, if it was. Of several causes a loss outweighs the others.
    pub removed: Option<(RemovalCause, UnixMillis)>,
}

impl Desk {
    /// Every door of which this one has papers, in the order of their entrances.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub async fn doors(&self) -> Result<Vec<DoorStanding>, LedgerError> {
        let members = self.0.ledger.members().await?;
        let orders = self.0.ledger.orders(self.site().venue).await?;
        let own = self.0.ledger.charter().key.public();
        Ok(standings(members.iter().filter_map(|(_, m)| m.as_ref()), &orders, &own))
    }
}

fn standings<'a>(
    members: impl Iterator<Item = &'a Member>,
    orders: &[Arc<Order>],
    own: &PublicKey,
) -> Vec<DoorStanding> {
    let door = |member: &Member| match &member.place {
        Place::Door { door, .. } => Some(DoorStanding {
            node: member.node,
            entrance: door.entrance,
            name: door.name.clone(),
            direction: door.direction,
            own: member.node == *own,
            removed: removal(orders, &member.node),
        }),
        Place::Authority(_) => None,
    };
    let mut doors: Vec<_> = members.filter_map(door).collect();
    doors.sort_by_key(|d| (d.entrance, d.removed.is_some(), d.node));
    doors
}

fn removal(orders: &[Arc<Order>], node: &PublicKey) -> Option<(RemovalCause, UnixMillis)> {
    let of_node = orders.iter().filter_map(|order| match &order.matter {
        Matter::Removal(removal) if removal.node == *node => Some((removal.cause, order.issued_at)),
        _ => None,
    });
    of_node.max_by_key(|(cause, at)| (*cause == RemovalCause::Lost, std::cmp::Reverse(*at)))
}

#[cfg(test)]
mod tests {
    use sync::{id::VenueId, order::Removal};

    use super::*;

    #[test]
    fn a_loss_outweighs_and_the_first_order_tells_the_time() {
        let node = PublicKey::new([1; 32]);
        let order = |at, cause| {
            let matter = Matter::Removal(Removal { node, cause });
            Arc::new(Order { venue: VenueId::new(1), issued_at: UnixMillis::new(at), matter })
        };
        let said = |orders: &[Arc<Order>]| removal(orders, &node).map(|(c, at)| (c, at.get()));
        assert_eq!(said(&[]), None);
        let retired = order(5, RemovalCause::Retired);
        let lost = [order(9, RemovalCause::Lost), order(7, RemovalCause::Lost)];
        assert_eq!(said(std::slice::from_ref(&retired)), Some((RemovalCause::Retired, 5)));
        let all = [retired, lost[0].clone(), lost[1].clone()];
        assert_eq!(said(&all), Some((RemovalCause::Lost, 7)));
        assert_eq!(removal(&all, &PublicKey::new([2; 32])), None);
    }
}
