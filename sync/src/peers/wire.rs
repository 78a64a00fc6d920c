//! What peers say to each other: one request, one reply; a version byte, then CBOR, deflated where that is shorter;
//! bounded before inflating and before decoding.

use std::io::Read;

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use minicbor::{Decode, Encode};

use super::roll::{DOORS_MAX, Presence};
use crate::{
    bounded,
    bulletin::{BULLETIN_MAX, Bulletin, BulletinKind},
    envelope::{ENVELOPE_MAX, Run},
    id::{ChainId, Epoch, Hash, Seq},
    inquiry::{Inquiry, SealedFinding},
    key::{Signed, encode},
    membership::Membership,
    order::{SignedOrder, Slot},
    record::Receipt,
    time::Day,
};

/// The longest frame, bytes, inflated or not.
pub const FRAME_MAX: usize = BULLETIN_MAX + 4 * ENVELOPE_MAX;
/// About how many bytes of envelopes go into one delivery.
pub const DELIVERY_BYTES: usize = 64 << 10;
/// The most days that one comparison may name.
pub const DAYS_MAX: usize = 64;
/// The most chains that one comparison may name.
pub const CHAINS_MAX: usize = 4096;
/// The most kinds of bulletins that one message may name.
const KINDS_MAX: usize = 16;
/// The most orders in one message.
const ORDERS_MAX: usize = 64;
/// The most receipts in one message.
const RECEIPTS_MAX: usize = 256;
/// The most doors whose words go in one message.
const PRESENCES_MAX: usize = DOORS_MAX + 1;
/// The most papers in one request for their renewal.
pub const RENEWED_MAX: usize = 8;
/// Shorter messages are not deflated.
const DEFLATE_FROM: usize = 128;

/// Plain CBOR follows.
const PLAIN: u8 = 2;
/// Deflated CBOR follows (RFC 1951).
const DEFLATED: u8 = 3;

/// What a node holds of one venue, told in numbers that are equal where the holdings are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Summary {
    /// The version of each bulletin.
    #[cbor(n(0), decode_with = "bounded::list::<KINDS_MAX, _, _>")]
    pub bulletins: Vec<(BulletinKind, u64)>,
    /// A number for each day.
    #[cbor(n(1), decode_with = "bounded::list::<DAYS_MAX, _, _>")]
    pub days: Vec<(Day, u64)>,
    /// A number for all orders.
    #[n(2)]
    pub orders: u64,
}

/// What a node holds where a summary differs from its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Holdings {
    /// The version of each bulletin.
    #[cbor(n(0), decode_with = "bounded::list::<KINDS_MAX, _, _>")]
    pub bulletins: Vec<(BulletinKind, u64)>,
    /// The days that differ, with every chain held of them.
    #[cbor(n(1), decode_with = "bounded::list::<DAYS_MAX, _, _>")]
    pub days: Vec<(Day, Vec<Held>)>,
    /// All orders, where their number differs.
    #[n(2)]
    pub orders: Option<Vec<(Slot, Hash)>>,
}

/// One chain as a peer holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Held {
    /// The chain.
    #[n(0)]
    pub chain: ChainId,
    /// Its last place there.
    #[n(1)]
    pub seq: Seq,
    /// Up to where the authority's receipt is known there.
    #[n(2)]
    pub acknowledged: Seq,
    /// A number made from the hash of that last place: another one at the same place is another history.
    #[n(3)]
    pub tip: u64,
}

/// What a node understands beyond the first version of the protocol, a bit each. Who does not say is an older node: it is
/// never sent what it could not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Speaks(#[n(0)] u32);

impl Speaks {
    /// Answers [`Request::Inquire`].
    pub const INQUIRIES: Self = Self(1);
    /// Answers [`Request::Renew`].
    pub const RENEWALS: Self = Self(2);

    /// Reads bulletins of standing and announcements, and what is said of them.
    pub const ANNOUNCEMENTS: Self = Self(4);

    /// Obeys [`Reply::Wait`].
    pub const WAITS: Self = Self(8);

    /// Whether it can read what is said of a kind of bulletin.
    pub const fn reads(self, kind: BulletinKind) -> bool {
        match kind {
            BulletinKind::Policy
            | BulletinKind::Trust
            | BulletinKind::TracingKeys
            | BulletinKind::Revocations
            | BulletinKind::Beacon => true,
            // They came with one version.
            BulletinKind::Standing | BulletinKind::Announcements | BulletinKind::Roots => {
                self.knows(Self::ANNOUNCEMENTS)
            }
        }
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it understands this.
    pub const fn knows(self, what: Self) -> bool {
        self.0 & what.0 == what.0
    }
}

/// A request; each gets exactly one reply.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// "I am this node of this place, in this start, and I understand this": first, before anything else is answered.
    #[n(0)]
    Hello(
        #[n(0)] Membership,
        #[n(1)] Epoch,
        #[n(2)]
        #[cbor(default)]
        Speaks,
    ),
    /// "In short, this is what I hold; where do you differ?"
    #[n(1)]
    Compare(#[n(0)] Summary),
    /// "You lack these": one chain's next envelopes, in order.
    #[n(2)]
    Deliver {
        /// The author's papers, when they may be unknown.
        #[n(0)]
        introduced: Option<Membership>,
        /// In the order of the chain; travels in columns.
        #[cbor(n(1), with = "super::pack")]
        run: Run,
    },
    /// "You lack these bulletins."
    #[n(3)]
    Publish(#[cbor(n(0), decode_with = "bounded::list::<KINDS_MAX, _, _>")] Vec<Bulletin>),
    /// "You lack these orders."
    #[n(4)]
    Order(#[cbor(n(0), decode_with = "bounded::list::<ORDERS_MAX, _, _>")] Vec<SignedOrder>),
    /// "The authority holds these."
    #[n(5)]
    Acknowledge {
        /// The papers of those who signed.
        #[cbor(n(0), decode_with = "bounded::list::<RECEIPTS_MAX, _, _>")]
        papers: Vec<Membership>,
        /// What they signed.
        #[cbor(n(1), decode_with = "bounded::list::<RECEIPTS_MAX, _, _>")]
        receipts: Vec<Signed<Receipt>>,
    },
    /// "Are you there?" To a sibling with what doors say of themselves: this one, and those that it has heard.
    #[n(6)]
    Beat(#[cbor(n(0), decode_with = "bounded::list::<PRESENCES_MAX, _, _>")] Vec<Signed<Presence>>),
    /// "What is known of this number?" From a door to the authority, if it said that it answers.
    #[n(7)]
    Inquire(#[n(0)] Inquiry),
    /// "These papers end soon: are there others?" From a door, to who said that it answers.
    #[n(8)]
    Renew(#[cbor(n(0), decode_with = "bounded::list::<RENEWED_MAX, _, _>")] Vec<Membership>),
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reply {
    /// To Hello: "and I am this one, in this start, and I understand this".
    #[n(0)]
    Welcome(
        #[n(0)] Membership,
        #[n(1)] Epoch,
        #[n(2)]
        #[cbor(default)]
        Speaks,
    ),
    /// To anything: the session ends, for this stable word.
    #[n(1)]
    Refused(#[n(0)] String),
    /// To Compare.
    #[n(2)]
    Holdings(#[n(0)] Holdings),
    /// To Deliver: the chain is durable here up to this place.
    #[n(3)]
    Stored {
        /// Its last durable place here.
        #[n(0)]
        seq: Seq,
        /// The authority's signature on that, from a node of the authority.
        #[n(1)]
        receipt: Option<Signed<Receipt>>,
    },
    /// To Deliver: "I do not know the author; introduce it."
    #[n(4)]
    Unknown,
    /// To Publish: the versions held now.
    #[n(5)]
    Taken(#[cbor(n(0), decode_with = "bounded::list::<KINDS_MAX, _, _>")] Vec<(BulletinKind, u64)>),
    /// To Order and Acknowledge.
    #[n(6)]
    Done,
    /// To anything that is to be stored: cannot just now (the disk), try later.
    #[n(7)]
    Later,
    /// To Beat, with the same as it.
    #[n(8)]
    Alive(
        #[cbor(n(0), decode_with = "bounded::list::<PRESENCES_MAX, _, _>")] Vec<Signed<Presence>>,
    ),
    /// To Inquire; nothing where the authority cannot say, or not just now.
    #[n(9)]
    Found(#[n(0)] Option<SealedFinding>),
    /// To Renew: those that hold longer.
    #[n(10)]
    Renewed(#[cbor(n(0), decode_with = "bounded::list::<RENEWED_MAX, _, _>")] Vec<Membership>),
    /// To Deliver, for who said that it obeys: too many deliver now, or the store takes nothing; come again in so many
    /// seconds. Everything else goes on.
    #[n(11)]
    Wait(#[n(0)] u32),
}

/// Why bytes are not a message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Over [`FRAME_MAX`], as sent or inflated.
    #[error("frame is over the limit of {FRAME_MAX} bytes")]
    TooLarge,
    /// Of a later version.
    #[error("frame has version {0}, which this program does not know")]
    Version(u8),
    /// Not deflated as it says.
    #[error("frame does not inflate")]
    Deflate(#[source] std::io::Error),
    /// Not of the shape.
    #[error("frame is malformed")]
    Malformed(#[from] minicbor::decode::Error),
    /// Over [`CHAINS_MAX`].
    #[error("frame names too many chains")]
    Chains,
}

/// Something with a form on the wire.
pub trait Message: Sized {
    /// The bytes to send.
    fn to_frame(&self) -> Vec<u8>;
    /// Reads a frame within bounds.
    ///
    /// # Errors
    /// [`WireError`] says which bound or shape is broken.
    fn from_frame(bytes: &[u8]) -> Result<Self, WireError>;
}

impl Message for Request {
    fn to_frame(&self) -> Vec<u8> {
        match self {
            Self::Deliver { .. } => plain(&encode(self)), // runs are packed already
            _ => frame(self),
        }
    }

    fn from_frame(bytes: &[u8]) -> Result<Self, WireError> {
        unframe(bytes)
    }
}

impl Message for Reply {
    fn to_frame(&self) -> Vec<u8> {
        frame(self)
    }

    fn from_frame(bytes: &[u8]) -> Result<Self, WireError> {
        let reply = unframe(bytes)?;
        if let Self::Holdings(holdings) = &reply {
            let chains: usize = holdings.days.iter().map(|(_, chains)| chains.len()).sum();
            if chains > CHAINS_MAX {
                return Err(WireError::Chains);
            }
        }
        Ok(reply)
    }
}

fn frame<T: Encode<()>>(message: &T) -> Vec<u8> {
    let body = encode(message);
    if body.len() >= DEFLATE_FROM
        && let Some(deflated) = deflate(&body).filter(|d| d.len() < body.len())
    {
        return [&[DEFLATED], &deflated[..]].concat();
    }
    plain(&body)
}

fn plain(body: &[u8]) -> Vec<u8> {
    [&[PLAIN], body].concat()
}

fn deflate(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut encoder, body).ok()?;
    encoder.finish().ok()
}

fn unframe<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > FRAME_MAX {
        return Err(WireError::TooLarge);
    }
    match bytes.split_first() {
        Some((&PLAIN, body)) => Ok(minicbor::decode(body)?),
        Some((&DEFLATED, body)) => Ok(minicbor::decode(&inflate(body)?)?),
        Some((&version, _)) => Err(WireError::Version(version)),
        None => Err(WireError::Malformed(minicbor::decode::Error::end_of_input())),
    }
}

/// Inflates up to the frame's limit and not a byte further: a bomb costs its limit.
fn inflate(body: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut inflated = Vec::new();
    let mut bounded = DeflateDecoder::new(body).take(FRAME_MAX as u64 + 1);
    bounded.read_to_end(&mut inflated).map_err(WireError::Deflate)?;
    if inflated.len() > FRAME_MAX {
        return Err(WireError::TooLarge);
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_read_back_and_later_versions_are_named() {
        let request = Request::Compare(Summary::default());
        let mut bytes = request.to_frame();
        assert_eq!(Request::from_frame(&bytes).unwrap(), request);
        bytes[0] = 9;
        assert!(matches!(Request::from_frame(&bytes), Err(WireError::Version(9))));
        assert!(matches!(Reply::from_frame(&vec![2; FRAME_MAX + 1]), Err(WireError::TooLarge)));
        let long =
            Request::Compare(Summary { days: vec![(Day::new(1), 2); 60], ..Summary::default() });
        let bytes = long.to_frame();
        assert!(bytes[0] == DEFLATED && bytes.len() < 100);
        assert_eq!(Request::from_frame(&bytes).unwrap(), long);
    }

    /// What a node of before inquiries reads and writes.
    #[derive(Encode, Decode)]
    enum Earlier {
        #[n(0)]
        Hello(#[n(0)] Membership, #[n(1)] Epoch),
    }

    #[test]
    fn an_older_node_is_understood_and_understands() {
        let (papers, epoch) = (crate::sample::door(1, 1).membership, Epoch::new([7; 8]));
        let today = Request::Hello(papers.clone(), epoch, Speaks::INQUIRIES);
        let Earlier::Hello(theirs, _) = minicbor::decode(&encode(&today)).unwrap();
        assert_eq!(theirs, papers);
        let earlier = plain(&encode(&Earlier::Hello(papers.clone(), epoch)));
        let read = Request::from_frame(&earlier).unwrap();
        assert_eq!(read, Request::Hello(papers, epoch, Speaks::default()));
        assert!(!Speaks::default().knows(Speaks::INQUIRIES));
        assert!(Speaks(3).knows(Speaks::INQUIRIES), "a later one knows it too");
    }

    #[test]
    fn a_decompression_bomb_costs_no_more_than_a_frame() {
        let bomb = deflate(&vec![0; 200 << 20]).unwrap();
        assert!(bomb.len() < FRAME_MAX);
        let frame = [&[DEFLATED], &bomb[..]].concat();
        assert!(matches!(Request::from_frame(&frame), Err(WireError::TooLarge)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(kind in 2u8..4, bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for bytes in [&bytes[..], &[&[kind], &bytes[..]].concat()] {
                let _ = Request::from_frame(bytes);
                let _ = Reply::from_frame(bytes);
            }
        }
    }
}
