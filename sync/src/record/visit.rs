//! A visit: one crossing of one entrance, and the words in which it is told.

use minicbor::{Decode, Encode};

use crate::{
    id::{EntranceId, Mark, Tag, ZoneId},
    sealed::Sealed,
    time::UnixMillis,
};

/// The longest reason word that a visit may carry, bytes.
pub(super) const REASON_MAX: usize = 32;
/// The most revocation marks that a visit may carry.
pub(super) const MARKS_MAX: usize = 4;

/// Which way an entrance leads, and which way a visitor crossed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Direction {
    /// Only in.
    #[n(0)]
    In,
    /// Only out.
    #[n(1)]
    Out,
    /// In and out.
    #[n(2)]
    Both,
}

/// What a visit was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum VisitKind {
    /// Somebody came in.
    #[n(0)]
    Entry,
    /// Somebody went out.
    #[n(1)]
    Exit,
    /// Somebody was turned away.
    #[n(2)]
    Refusal,
}

/// A person's status by the region's policy at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Status {
    /// Tested negative lately.
    #[n(0)]
    Green,
    /// Nothing known against.
    #[n(1)]
    Blue,
    /// Contact of a case.
    #[n(2)]
    Yellow,
    /// Tested positive.
    #[n(3)]
    Red,
    /// Cannot be confirmed here and now.
    #[n(4)]
    Grey,
}

/// How far the clock was believed when something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum ClockTrust {
    /// Set by a source that is believed.
    #[n(0)]
    Trusted,
    /// Not earlier than true, perhaps not exact.
    #[n(1)]
    Bounded,
    /// Not to be believed.
    #[n(2)]
    Unknown,
}

/// Who took the decision that a visit records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Decider {
    /// The verdict itself, at an unattended door.
    #[n(0)]
    Verdict,
    /// A person at the desk.
    #[n(1)]
    Staff,
}

/// One crossing of one entrance; immutable once written. Siblings see all but what is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Visit {
    /// When it was decided, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// How far that clock was believed.
    #[n(1)]
    pub clock: ClockTrust,
    /// Where.
    #[n(2)]
    pub entrance: EntranceId,
    /// What was done.
    #[n(3)]
    pub kind: VisitKind,
    /// The status that the rules saw.
    #[n(4)]
    pub status: Status,
    /// The stable word for why it was refused, where it was.
    #[n(5)]
    pub reason: Option<String>,
    /// Who decided.
    #[n(6)]
    pub decider: Decider,
    /// Pairs this visit with others of the same person on the same day.
    #[n(7)]
    pub tag: Tag,
    /// The person, for the authority's eyes only; absent where nobody was identified.
    #[n(8)]
    pub sealed: Option<Sealed>,
    /// The part of the venue that was entered or left; the whole venue where it has no parts.
    #[n(9)]
    #[cbor(default)]
    pub zone: ZoneId,
    /// Whether the person takes a place: a staff pass does not.
    #[n(10)]
    #[cbor(default)]
    pub place: PlaceTaken,
    /// HMACs of the ids that a later revocation could name, at most four.
    #[n(11)]
    #[cbor(default)]
    pub marks: Vec<Mark>,
    /// What the person at the desk measured or saw, where it was asked for.
    #[n(12)]
    pub temperature: Option<Temperature>,
}

/// A visitor's temperature, as the person at the desk judges it by the venue's own thermometer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Temperature {
    /// As it should be.
    #[n(0)]
    Normal,
    /// Raised.
    #[n(1)]
    Fever,
}

/// Whether a visitor counts towards the capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum PlaceTaken {
    /// Takes one place, as visitors do.
    #[default]
    #[n(0)]
    One,
    /// Takes none: works here.
    #[n(1)]
    None,
}
