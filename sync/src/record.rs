//! The shapes of records on disk and on the wire, each behind a byte for its kind and one for its version.

mod count;
mod entry;
mod look_up;
mod visit;

use minicbor::{Decode, Encode};

pub use count::{Adopted, Clicks, Reset, Resumed, Transfer};
pub use entry::{Alert, AlertCause, Amend, Correction, Edit, Gap, Notice, NoticeCause, Twin};
pub use look_up::{LookUp, LookedUp, WHO_MAX};
pub use visit::{
    ClockTrust, Decider, Direction, PlaceTaken, Status, Temperature, Visit, VisitKind,
};

use crate::{
    id::{ChainId, PublicKey, RecordId, Seq},
    key::{Statement, encode},
    time::UnixMillis,
};

/// The longest encoded record that is accepted, bytes: bounded before it is decoded.
pub const RECORD_MAX: usize = 1024;

/// What a node writes down; immutable once written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Somebody crossed an entrance or was turned away.
    Visit(Visit),
    /// People counted by hand.
    Clicks(Clicks),
    /// Rights to admit given to another door.
    Transfer(Transfer),
    /// A version of the capacity taken up.
    Adopted(Adopted),
    /// A count of all who are inside.
    Reset(Reset),
    /// An earlier start's rights taken over.
    Resumed(Resumed),
    /// A statement about an earlier record.
    Correction(Correction),
    /// A field of the venue's documents.
    Edit(Edit),
    /// Records destroyed before the authority had them.
    Gap(Gap),
    /// Something to look at.
    Alert(Alert),
    /// Word to the sanitary authority.
    Notice(Notice),
    /// Somebody's number is about to be looked up.
    LookUp(LookUp),
    /// Two entries of one person under tags of two keys.
    Twin(Twin),
    /// Of a kind or version that a later program writes: kept and passed on, not understood.
    Later {
        /// Its kind.
        kind: u8,
        /// Its version.
        version: u8,
    },
}

/// A record read from its bytes carries them on, so that what is not understood is kept whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its name, the day of its document within.
    pub id: RecordId,
    /// What it says.
    pub record: Record,
}

/// A visit with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVisit {
    /// Its name, the day of its document within.
    pub id: RecordId,
    /// What happened.
    pub visit: Visit,
}

impl StoredRecord {
    /// The visit, if it is one.
    pub fn visit(&self) -> Option<StoredVisit> {
        match &self.record {
            Record::Visit(visit) => Some(StoredVisit { id: self.id, visit: visit.clone() }),
            _ => None,
        }
    }
}

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Longer than [`RECORD_MAX`].
    #[error("record of {0} bytes is over the limit of {RECORD_MAX}")]
    TooLarge(usize),
    /// Not of the shape.
    #[error("record is malformed")]
    Malformed(#[from] minicbor::decode::Error),
    /// A field over its own limit.
    #[error("record has a {0} over its limit")]
    Field(&'static str),
}

const VERSION: u8 = 1;
const VISIT: u8 = 1;
const CLICKS: u8 = 2;
const TRANSFER: u8 = 3;
const ADOPTED: u8 = 4;
const RESET: u8 = 5;
const RESUMED: u8 = 6;
const CORRECTION: u8 = 7;
const EDIT: u8 = 8;
const GAP: u8 = 9;
const ALERT: u8 = 10;
const NOTICE: u8 = 11;
const LOOK_UP: u8 = 12;
const TWIN: u8 = 13;

impl Record {
    /// The bytes as stored and sent: kind, version, then CBOR. [`Record::Later`] has only its two bytes here: what
    /// was read is passed on as it was read, never written again.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Visit(r) => framed(VISIT, r),
            Self::Clicks(r) => framed(CLICKS, r),
            Self::Transfer(r) => framed(TRANSFER, r),
            Self::Adopted(r) => framed(ADOPTED, r),
            Self::Reset(r) => framed(RESET, r),
            Self::Resumed(r) => framed(RESUMED, r),
            Self::Correction(r) => framed(CORRECTION, r),
            Self::Edit(r) => framed(EDIT, r),
            Self::Gap(r) => framed(GAP, r),
            Self::Alert(r) => framed(ALERT, r),
            Self::Notice(r) => framed(NOTICE, r),
            Self::LookUp(r) => framed(LOOK_UP, r),
            Self::Twin(r) => framed(TWIN, r),
            Self::Later { kind, version } => vec![*kind, *version],
        }
    }

    /// Reads what [`Record::to_bytes`] wrote, within bounds.
    ///
    /// # Errors
    /// [`RecordError`] says which bound or shape is broken.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > RECORD_MAX {
            return Err(RecordError::TooLarge(bytes.len()));
        }
        let [kind, version, body @ ..] = bytes else {
            return Err(minicbor::decode::Error::end_of_input().into());
        };
        let record = match (*kind, *version) {
            (VISIT, VERSION) => Self::Visit(minicbor::decode(body)?),
            (CLICKS, VERSION) => Self::Clicks(minicbor::decode(body)?),
            (TRANSFER, VERSION) => Self::Transfer(minicbor::decode(body)?),
            (ADOPTED, VERSION) => Self::Adopted(minicbor::decode(body)?),
            (RESET, VERSION) => Self::Reset(minicbor::decode(body)?),
            (RESUMED, VERSION) => Self::Resumed(minicbor::decode(body)?),
            (CORRECTION, VERSION) => Self::Correction(minicbor::decode(body)?),
            (EDIT, VERSION) => Self::Edit(minicbor::decode(body)?),
            (GAP, VERSION) => Self::Gap(minicbor::decode(body)?),
            (ALERT, VERSION) => Self::Alert(minicbor::decode(body)?),
            (NOTICE, VERSION) => Self::Notice(minicbor::decode(body)?),
            (LOOK_UP, VERSION) => Self::LookUp(minicbor::decode(body)?),
            (TWIN, VERSION) => Self::Twin(minicbor::decode(body)?),
            (kind, version) => Self::Later { kind, version },
        };
        record.bounded()?;
        Ok(record)
    }

    fn bounded(&self) -> Result<(), RecordError> {
        let over = match self {
            Self::Visit(v) if v.reason.as_ref().is_some_and(|r| r.len() > visit::REASON_MAX) => {
                Some("reason")
            }
            Self::Correction(c) if c.why.as_ref().is_some_and(|w| w.len() > visit::REASON_MAX) => {
                Some("reason")
            }
            Self::Visit(v) if v.marks.len() > visit::MARKS_MAX => Some("list of marks"),
            Self::Edit(e) if e.field.len() > entry::FIELD_MAX => Some("field name"),
            Self::Edit(e) if e.value.as_ref().is_some_and(|v| v.len() > entry::VALUE_MAX) => {
                Some("value")
            }
            Self::Edit(e) if e.replaces.len() > entry::REPLACES_MAX => Some("list of edits"),
            Self::LookUp(l) if l.who.as_ref().is_some_and(|w| w.len() > WHO_MAX) => {
                Some("member of staff")
            }
            _ => None,
        };
        over.map_or(Ok(()), |what| Err(RecordError::Field(what)))
    }
}

fn framed<T: Encode<()>>(kind: u8, record: &T) -> Vec<u8> {
    let mut bytes = vec![kind, VERSION];
    bytes.extend_from_slice(&encode(record));
    bytes
}

/// The authority's word for "what you sent up to here is safe with me", passed on among siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// The chain it speaks of.
    #[n(0)]
    pub chain: ChainId,
    /// Everything up to and with this place is durable at the authority.
    #[n(1)]
    pub seq: Seq,
    /// When the authority said so.
    #[n(2)]
    pub at: UnixMillis,
    /// The authority's node that says so.
    #[n(3)]
    pub by: PublicKey,
    /// How many tracing questions have looked into the chain's venue; not said where none has, nor by older nodes.
    #[n(4)]
    pub asked: Option<u64>,
}

impl Statement for Receipt {
    const CONTEXT: &'static str = "vestibule/receipt/1";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{EntranceId, Tag, ZoneId},
        time::UnixMillis,
    };
    use proptest::prelude::*;

    fn visit() -> Visit {
        Visit {
            at: UnixMillis::new(1_790_000_000_123),
            clock: ClockTrust::Trusted,
            entrance: EntranceId::new(1),
            kind: VisitKind::Entry,
            status: Status::Green,
            reason: None,
            decider: Decider::Verdict,
            tag: Tag::new([7; 16]),
            sealed: None,
            zone: ZoneId::default(),
            place: PlaceTaken::One,
            marks: Vec::new(),
            temperature: None,
        }
    }

    #[test]
    fn a_record_reads_back_as_written() {
        let visit = Record::Visit(visit());
        assert_eq!(Record::from_bytes(&visit.to_bytes()).unwrap(), visit);
    }

    /// A door that was not brought up to date reads what this one writes, and this one what that one wrote.
    #[test]
    fn what_is_not_said_takes_no_bytes_and_old_records_read_as_before() {
        let plain = Record::Visit(visit()).to_bytes();
        assert_eq!(plain[2], 0x8c, "an array of the twelve fields that visits always had");
        let fever = Visit { temperature: Some(Temperature::Fever), ..visit() };
        let bytes = Record::Visit(fever.clone()).to_bytes();
        assert_eq!((bytes[2], bytes.len()), (0x8d, plain.len() + 1));
        assert_eq!(Record::from_bytes(&bytes).unwrap(), Record::Visit(fever));
        let of = visit_id();
        let void = |why: Option<&str>| {
            let (amend, why) = (Amend::Void, why.map(Into::into));
            Record::Correction(Correction { at: UnixMillis::new(9), of, amend, why })
        };
        assert_eq!(void(None).to_bytes()[2], 0x83, "an array of three fields, as it was");
        for record in [void(None), void(Some("misread"))] {
            assert_eq!(Record::from_bytes(&record.to_bytes()).unwrap(), record);
        }
        let long = void(Some(&"x".repeat(33)));
        assert!(matches!(Record::from_bytes(&long.to_bytes()), Err(RecordError::Field("reason"))));
    }

    /// A receipt as it was before venues were told how many questions looked into them.
    #[derive(Encode, Decode)]
    struct Earlier {
        #[n(0)]
        chain: ChainId,
        #[n(1)]
        seq: Seq,
        #[n(2)]
        at: UnixMillis,
        #[n(3)]
        by: PublicKey,
    }

    #[test]
    fn older_doors_read_todays_receipts_and_todays_doors_read_older_ones() {
        let (chain, seq, at) = (visit_id().chain, Seq::new(3), UnixMillis::new(5));
        let by = PublicKey::new([4; 32]);
        let silent = Receipt { chain, seq, at, by, asked: None };
        let earlier = encode(&Earlier { chain, seq, at, by });
        assert_eq!(encode(&silent), earlier, "what is not said takes no bytes");
        assert_eq!(minicbor::decode::<Receipt>(&earlier).unwrap(), silent);
        let told = encode(&Receipt { asked: Some(7), ..silent });
        let read: Earlier = minicbor::decode(&told).unwrap();
        assert_eq!((read.chain, read.seq, read.at, read.by), (chain, seq, at, by));
        assert_eq!(minicbor::decode::<Receipt>(&told).unwrap().asked, Some(7));
    }

    #[test]
    fn a_notice_reads_back_about_a_visit_or_about_nobody() {
        for (of, who) in [(None, None), (Some(visit_id()), Some([7; 8].into()))] {
            let cause = NoticeCause::Fever;
            let (at, entrance) = (UnixMillis::new(5), EntranceId::new(2));
            let notice = Record::Notice(Notice { at, entrance, cause, of, who });
            assert_eq!(notice.to_bytes()[..2], [11, 1]);
            assert_eq!(Record::from_bytes(&notice.to_bytes()).unwrap(), notice);
        }
    }

    fn visit_id() -> RecordId {
        let chain = ChainId {
            author: PublicKey::new([1; 32]),
            epoch: crate::id::Epoch::new([2; 8]),
            day: crate::time::Day::new(20_000),
        };
        RecordId { chain, number: crate::id::RecordNumber::new(3) }
    }

    #[test]
    fn a_look_up_names_who_and_never_whom() {
        let look_up = |who: Option<Vec<u8>>| {
            let who = who.map(Into::into);
            Record::LookUp(LookUp { at: UnixMillis::new(7), what: LookedUp::Elder, who })
        };
        for who in [None, Some(vec![9; WHO_MAX])] {
            let bytes = look_up(who).to_bytes();
            assert_eq!(Record::from_bytes(&bytes).unwrap().to_bytes(), bytes);
            assert_eq!(bytes[0], 12);
        }
        let long = look_up(Some(vec![9; WHO_MAX + 1])).to_bytes();
        assert!(matches!(Record::from_bytes(&long), Err(RecordError::Field("member of staff"))));
    }

    #[test]
    fn twins_read_back() {
        let (own, other) = (visit_id(), visit_id());
        let twin = Record::Twin(Twin { at: UnixMillis::new(5), own, other });
        assert_eq!(twin.to_bytes()[..2], [13, 1]);
        assert_eq!(Record::from_bytes(&twin.to_bytes()).unwrap(), twin);
    }

    #[test]
    fn what_a_later_program_writes_is_kept_and_long_fields_are_named() {
        let mut bytes = Record::Visit(visit()).to_bytes();
        bytes[1] = 9;
        assert!(matches!(Record::from_bytes(&bytes), Ok(Record::Later { kind: 1, version: 9 })));
        let long = Record::Visit(Visit { reason: Some("x".repeat(33)), ..visit() });
        assert!(matches!(Record::from_bytes(&long.to_bytes()), Err(RecordError::Field("reason"))));
        assert!(matches!(Record::from_bytes(&[1; 2000]), Err(RecordError::TooLarge(2000))));
        assert!(Record::from_bytes(&[]).is_err());
        assert!(Record::from_bytes(&[1, 1]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(kind in 0u8..15, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Record::from_bytes(&bytes);
            let _ = Record::from_bytes(&[&[kind, 1], &bytes[..]].concat());
        }
    }
}
