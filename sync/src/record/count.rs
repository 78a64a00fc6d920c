//! What bears on the number of people inside besides visits: clicks, rights that move, counts made by hand.

use minicbor::{Decode, Encode};

use super::ClockTrust;
use crate::{
    id::{EntranceId, Epoch, PublicKey, ZoneId},
    time::{Day, UnixMillis},
};

/// People without codes, counted by hand: +1 in, −1 out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Clicks {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// How far that clock was believed.
    #[n(1)]
    pub clock: ClockTrust,
    /// Where.
    #[n(2)]
    pub entrance: EntranceId,
    /// The part of the venue.
    #[n(3)]
    pub zone: ZoneId,
    /// How many came in (positive) or went out (negative); never zero.
    #[n(4)]
    pub people: i16,
}

/// Rights to admit that the writing door gives to another. They are gone from the writer when this is durable, and
/// the other's when it has read it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Transfer {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// The part of the venue.
    #[n(1)]
    pub zone: ZoneId,
    /// The business day in which the rights hold.
    #[n(2)]
    pub period: Day,
    /// The node that gets them.
    #[n(3)]
    pub to: PublicKey,
    /// How many.
    #[n(4)]
    pub rights: u32,
    /// Which of that node's starts gets them: a start that came back from a backup must not take them again.
    #[n(5)]
    pub epoch: Epoch,
}

/// The writing door goes by this version of the capacity from this business day on, and by no earlier one any more.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Adopted {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// The part of the venue.
    #[n(1)]
    pub zone: ZoneId,
    /// The version of the manager's capacity order.
    #[n(2)]
    pub version: u64,
    /// From which business day on.
    #[n(3)]
    pub from: Day,
}

/// Somebody counted: so many are inside now, whatever the records before say. They stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Reset {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// The part of the venue.
    #[n(1)]
    pub zone: ZoneId,
    /// How many are inside.
    #[n(2)]
    pub inside: u32,
}

/// This start of a node goes on with the rights of an earlier start of its own, which is over: its store and its
/// lease, which no backup holds, were both there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Resumed {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// The earlier start.
    #[n(1)]
    pub epoch: Epoch,
}
