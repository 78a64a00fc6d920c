//! The privacy rule: who may hold what. Asked before any byte leaves, with an *authenticated* member.

use crate::{
    book::Charter,
    id::VenueId,
    membership::{Member, Place},
};

/// What could be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Visits of a venue, with their seals, and what the authority has said it holds of them.
    Visits(VenueId),
    /// A signed bulletin of the region.
    Bulletin,
}

/// May `to` hold this matter? Doors hold their own venue's visits, the authority those of its region;
/// the authority gives visits to nobody. Bulletins are for everyone of the region.
pub fn may_hold(own: &Charter, to: &Member, matter: Matter) -> bool {
    if to.region() != own.region {
        return false;
    }
    match (matter, &to.place) {
        (Matter::Bulletin, _) => true,
        (Matter::Visits(venue), Place::Door { venue: theirs, .. }) => venue == theirs.venue,
        (Matter::Visits(_), Place::Authority(_)) => true,
    }
}
