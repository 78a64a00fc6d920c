//! What peers say to each other: one request, one reply; a version byte, then CBOR; bounded before decoding.

use minicbor::{Decode, Encode};

use crate::{
    bulletin::{BULLETIN_MAX, Bulletin, BulletinKind},
    envelope::{ENVELOPE_MAX, Envelope},
    id::{ChainId, Seq},
    key::encode,
    membership::Membership,
};

/// The protocol's name in libp2p; a change that old nodes cannot read gets a new one beside it.
pub const PROTOCOL: &str = "/vestibule/sync/1";
/// The longest frame, bytes.
pub const FRAME_MAX: usize = BULLETIN_MAX + 2 * ENVELOPE_MAX;
/// About how many bytes of envelopes go into one delivery.
pub const DELIVERY_BYTES: usize = 64 << 10;
/// The most chains that one comparison may name.
const CHAINS_MAX: usize = 4096;
const WIRE_VERSION: u8 = 1;

/// What a node holds, as told to a peer: only what that peer may know of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Holdings {
    /// The last place of each chain.
    #[n(0)]
    pub chains: Vec<(ChainId, Seq)>,
    /// The version of each bulletin.
    #[n(1)]
    pub bulletins: Vec<(BulletinKind, u64)>,
    /// What it knows the authority to hold.
    #[n(2)]
    pub acknowledged: Vec<(ChainId, Seq)>,
}

/// A request; each gets exactly one reply.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// "I am this node of this place": first, before anything else is answered.
    #[n(0)]
    Hello(#[n(0)] Membership),
    /// "This is what I hold; what do you?" Also the heartbeat.
    #[n(1)]
    Compare(#[n(0)] Holdings),
    /// "You lack these": one chain's next envelopes, in order.
    #[n(2)]
    Deliver {
        /// The author's membership, when it may be unknown.
        #[n(0)]
        introduced: Option<Membership>,
        /// In the order of the chain.
        #[n(1)]
        envelopes: Vec<Envelope>,
    },
    /// "You lack these bulletins."
    #[n(3)]
    Publish(#[n(0)] Vec<Bulletin>),
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Reply {
    /// To Hello: "and I am this one".
    #[n(0)]
    Welcome(#[n(0)] Membership),
    /// To anything: the session ends, for this stable word.
    #[n(1)]
    Refused(#[n(0)] String),
    /// To Compare.
    #[n(2)]
    Holdings(#[n(0)] Holdings),
    /// To Deliver: the chain is durable here up to this place.
    #[n(3)]
    Stored {
        /// The chain.
        #[n(0)]
        chain: ChainId,
        /// Its last durable place here.
        #[n(1)]
        seq: Seq,
    },
    /// To Publish: the versions held now.
    #[n(4)]
    Taken(#[n(0)] Vec<(BulletinKind, u64)>),
    /// To Deliver or Publish: cannot store just now (the disk), try later.
    #[n(5)]
    Later,
}

/// Why bytes are not a message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Over [`FRAME_MAX`].
    #[error("frame of {0} bytes is over the limit")]
    TooLarge(usize),
    /// Of a later version.
    #[error("frame has version {0}, this program knows {WIRE_VERSION}")]
    Version(u8),
    /// Not of the shape.
    #[error("frame is malformed")]
    Malformed(#[from] minicbor::decode::Error),
    /// A list over its bound.
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
        frame(self)
    }

    fn from_frame(bytes: &[u8]) -> Result<Self, WireError> {
        let request = unframe(bytes)?;
        match &request {
            Self::Compare(holdings) => bounded(holdings)?,
            Self::Hello(_) | Self::Deliver { .. } | Self::Publish(_) => {}
        }
        Ok(request)
    }
}

impl Message for Reply {
    fn to_frame(&self) -> Vec<u8> {
        frame(self)
    }

    fn from_frame(bytes: &[u8]) -> Result<Self, WireError> {
        let reply = unframe(bytes)?;
        if let Self::Holdings(holdings) = &reply {
            bounded(holdings)?;
        }
        Ok(reply)
    }
}

fn bounded(holdings: &Holdings) -> Result<(), WireError> {
    if holdings.chains.len().max(holdings.acknowledged.len()) > CHAINS_MAX {
        return Err(WireError::Chains);
    }
    Ok(())
}

fn frame<T: Encode<()>>(message: &T) -> Vec<u8> {
    let mut bytes = vec![WIRE_VERSION];
    bytes.extend_from_slice(&encode(message));
    bytes
}

fn unframe<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, WireError> {
    if bytes.len() > FRAME_MAX {
        return Err(WireError::TooLarge(bytes.len()));
    }
    match bytes.split_first() {
        Some((&WIRE_VERSION, body)) => Ok(minicbor::decode(body)?),
        Some((&version, _)) => Err(WireError::Version(version)),
        None => Err(WireError::Malformed(minicbor::decode::Error::end_of_input())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_read_back_and_later_versions_are_named() {
        let request = Request::Compare(Holdings::default());
        let mut bytes = request.to_frame();
        assert_eq!(Request::from_frame(&bytes).unwrap(), request);
        bytes[0] = 2;
        assert!(matches!(Request::from_frame(&bytes), Err(WireError::Version(2))));
        assert!(matches!(Reply::from_frame(&vec![1; FRAME_MAX + 1]), Err(WireError::TooLarge(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Request::from_frame(&bytes);
            let _ = Reply::from_frame(&bytes);
        }
    }
}
