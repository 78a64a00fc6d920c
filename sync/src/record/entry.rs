//! Entries beside visits: corrections, the venue's notes and fields, gaps that erasure leaves, alerts, notices.

use minicbor::{
    Decode, Encode,
    bytes::{ByteArray, ByteVec},
};

use crate::{
    id::{ChainId, EntranceId, RecordId, Seq},
    time::{Day, UnixMillis},
};

/// The longest name of a field, bytes.
pub(super) const FIELD_MAX: usize = 64;
/// The longest value of a field, bytes.
pub(super) const VALUE_MAX: usize = 640;
/// The most earlier edits that one edit may replace.
pub(super) const REPLACES_MAX: usize = 4;

/// A later statement about an earlier record, which stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Correction {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// The record.
    #[n(1)]
    pub of: RecordId,
    /// What holds of it.
    #[n(2)]
    pub amend: Amend,
    /// The stable word for why, where the person who says so gave a reason.
    #[n(3)]
    pub why: Option<String>,
}

/// What a correction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Amend {
    /// It does not count: undone.
    #[n(0)]
    Void,
    /// It happened then: for what was written under a clock that nobody believed.
    #[n(1)]
    Redate {
        /// When it happened.
        #[n(0)]
        at: UnixMillis,
        /// On which day of the venue.
        #[n(1)]
        day: Day,
    },
}

/// A field of the venue's documents is set, or cleared. Which earlier edits it replaces is named, so that two edits
/// made at once at two doors both stay until somebody has seen both.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Edit {
    /// When, by the writer's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// Which field, such as `address` or `note/…`.
    #[n(1)]
    pub field: String,
    /// Its new value; `None` clears it.
    #[n(2)]
    pub value: Option<ByteVec>,
    /// The edits of this field that the writer saw, and that this one replaces.
    #[n(3)]
    pub replaces: Vec<RecordId>,
}

/// Records that were destroyed before the authority had them: how many is known, what they said is not.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Gap {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// Whose records.
    #[n(1)]
    pub chain: ChainId,
    /// The first place that the authority is not known to hold.
    #[n(2)]
    pub from: Seq,
    /// The last place.
    #[n(3)]
    pub to: Seq,
    /// How many records.
    #[n(4)]
    pub records: u64,
}

/// Something that people must look at, about one record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Alert {
    /// When it was noticed, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// The record.
    #[n(1)]
    pub of: RecordId,
    /// What about it.
    #[n(2)]
    pub cause: AlertCause,
}

/// Why somebody must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum AlertCause {
    /// The credential was revoked, and the revocation came later than the visitor.
    #[n(0)]
    Revoked,
    /// The person's status was not what the code said, as the authority now knows.
    #[n(1)]
    Status,
}

/// Two entries that are one person's, though their tags differ: one was written under a tag key that the other's door did
/// not know yet. Only a door that has both keys can tell, and only of an entry that it saw itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Twin {
    /// When it was noticed, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// The door's own entry.
    #[n(1)]
    pub own: RecordId,
    /// The other door's.
    #[n(2)]
    pub other: RecordId,
}

/// Word to the sanitary authority that somebody at this door is to be looked after. It goes there like any record; that
/// it has arrived is what the receipt for its chain says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Notice {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// At which entrance.
    #[n(1)]
    pub entrance: EntranceId,
    /// Why.
    #[n(2)]
    pub cause: NoticeCause,
    /// The visit, which may be written later than this or never: the person may still be waiting. `None` where nobody
    /// showed a code.
    #[n(3)]
    pub of: Option<RecordId>,
    /// Which member of staff sent it, where that is known.
    #[n(4)]
    pub who: Option<ByteArray<8>>,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum NoticeCause {
    /// Somebody whose status is red.
    #[n(0)]
    Red,
    /// Somebody whose status is yellow.
    #[n(1)]
    Yellow,
    /// Somebody with a fever.
    #[n(2)]
    Fever,
}
