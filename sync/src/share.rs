//! The privacy rule: who may hold what. Asked before any byte leaves, with an *authenticated* member.

use crate::{
    book::Charter,
    id::VenueId,
    membership::{Member, Place},
};

/// What could be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Records of a venue, with their seals.
    Records(VenueId),
    /// What the manager or the authority ordered for a venue, and what the authority says it holds of it.
    Orders(VenueId),
    /// A signed bulletin of the region.
    Bulletin,
    /// A sealed question about a person.
    Inquiry,
}

/// May `to` hold this matter? Doors hold what is their own venue's, the authority what is its region's.
/// Bulletins are for everyone of the region, questions about people for the
/// authority alone.
pub fn may_hold(own: &Charter, to: &Member, matter: Matter) -> bool {
    if to.region() != own.region {
        return false;
    }
    match (matter, &to.place) {
        (Matter::Bulletin, _) => true,
        (Matter::Inquiry, Place::Authority(_)) => true,
        (Matter::Inquiry, Place::Door { .. }) => false,
        (Matter::Records(venue) | Matter::Orders(venue), Place::Door { venue: theirs, .. }) => {
            venue == theirs.venue
        }
        (Matter::Records(_) | Matter::Orders(_), Place::Authority(_)) => true,
    }
}
