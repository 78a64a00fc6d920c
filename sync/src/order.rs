//! What is signed about one venue and passed on by its doors: who is removed, how many may be inside, the new tag
//! key, what the authority found.
//!
//! Each order stands in a slot. Two orders for one slot are settled the same way everywhere: the one with the lower
//! hash stays. An order is never taken back; a later one stands in a later slot.

use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode, bytes::ByteVec};
use sha2::{Digest, Sha256};

use crate::{
    id::{EntranceId, Hash, PublicKey, RecordId, SignatureBytes, VenueId, ZoneId},
    key::{SecretKey, encode, verify},
    membership::{MEMBERSHIP_MAX, Member, Membership, Place, VenueGrant},
    record::AlertCause,
    time::{Day, UnixMillis},
};

/// The longest encoded order that is accepted, bytes.
pub const ORDER_MAX: usize = 16 << 10;
/// The most orders that are kept for one venue.
pub const ORDERS_MAX: usize = 1024;
/// So many of them are for removals alone: a lost door can be shut out whatever else was ordered.
pub const REMOVALS_ROOM: usize = 256;
/// So many of them may be lists of hits.
pub const HITS_ORDERS_MAX: usize = 512;
/// How long a list of hits is kept, days after it was signed: for longer than anybody keeps what it speaks of, and
/// the same everywhere, so that none brings back what another has dropped.
pub const HITS_DAYS: i32 = 30;
/// The most hits in one order.
pub const HITS_MAX: usize = 64;
/// The most entrances of one venue.
pub const ENTRANCES_MAX: usize = 64;
const CONTEXT: &str = "vestibule/order/1";
const TEXT_PREFIX: &str = "vestibule-order:1:";

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Order {
    /// The venue that it is about.
    #[n(0)]
    pub venue: VenueId,
    /// When it was signed, by the signer's clock.
    #[n(1)]
    pub issued_at: UnixMillis,
    /// What it says.
    #[n(2)]
    pub matter: Matter,
}

/// What an order says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Matter {
    /// A node no longer belongs: lost, stolen, replaced or taken down. By the manager, a root or the authority.
    #[n(0)]
    Removal(#[n(0)] Removal),
    /// How many may be inside. By the manager or a root.
    #[n(1)]
    Capacity(#[n(0)] Capacity),
    /// The tag ratchet begins anew. By any door that is not removed, or the manager.
    #[n(2)]
    Rekey(#[n(0)] Rekey),
    /// Visits that a later list bears on, as only the authority can tell. By the authority.
    #[n(3)]
    Hits(#[n(0)] Vec<Hit>),
}

/// A node that no longer belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Removal {
    /// The node.
    #[n(0)]
    pub node: PublicKey,
    /// Why.
    #[n(1)]
    pub cause: RemovalCause,
}

/// Why a node was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum RemovalCause {
    /// Another stands at its entrance now.
    #[n(0)]
    Replaced,
    /// It was lost or stolen: what it knows must be worth nothing.
    #[n(1)]
    Lost,
    /// It was taken down in order, and wiped.
    #[n(2)]
    Retired,
}

/// How many may be inside a zone, and how the rights to admit are shared out at the start of each business day.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Capacity {
    /// The part of the venue; 0 is the whole.
    #[n(0)]
    pub zone: ZoneId,
    /// The first version is 1.
    #[n(1)]
    pub version: u64,
    /// The most people inside.
    #[n(2)]
    pub most: u32,
    /// The rights of each entrance at the start of a business day; together not more than `most`.
    #[n(3)]
    pub shares: Vec<(EntranceId, u32)>,
    /// When the business day ends, minutes after midnight; then nobody is inside any more.
    #[n(4)]
    pub closing_minute: u16,
    /// The first business day on which it holds.
    #[n(5)]
    pub from: Day,
}

/// A new beginning of the venue's ratchet, for every door that still belongs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rekey {
    /// As many as there are nodes removed as lost: which loss made it necessary.
    #[n(0)]
    pub generation: u32,
    /// The day of the new key.
    #[n(1)]
    pub day: Day,
    /// The new key, sealed to each remaining door.
    #[n(2)]
    pub keys: Vec<SealedKey>,
}

/// A ratchet key, sealed to one node's key (HPKE, [`crate::sealed`]).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SealedKey {
    /// The node that can open it.
    #[n(0)]
    pub to: PublicKey,
    /// HPKE's encapsulated key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub enc: [u8; 32],
    /// Ciphertext and tag.
    #[n(2)]
    pub text: ByteVec,
}

/// A visit on which a later list bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hit {
    /// The visit.
    #[n(0)]
    pub visit: RecordId,
    /// What about it.
    #[n(1)]
    pub cause: AlertCause,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Slot {
    /// One for each node and cause: who was replaced may turn out to be stolen.
    #[n(0)]
    Removal(#[n(0)] PublicKey, #[n(1)] RemovalCause),
    /// One for each version of each zone.
    #[n(1)]
    Capacity(#[n(0)] ZoneId, #[n(1)] u64),
    /// One for each generation.
    #[n(2)]
    Rekey(#[n(0)] u32),
    /// One for each list of hits, by its own hash.
    #[n(3)]
    Hits(#[n(0)] Hash),
}

impl Order {
    /// Whether it was signed so long before `today` that it is kept no more; of hits alone.
    pub fn is_spent(&self, today: Day) -> bool {
        let first = UnixMillis::from_secs(i64::from(today.plus(-HITS_DAYS).get()) * 86_400);
        matches!(self.matter, Matter::Hits(_)) && today.is_civil() && self.issued_at < first
    }

    /// Where it stands.
    pub fn slot(&self) -> Slot {
        match &self.matter {
            Matter::Removal(r) => Slot::Removal(r.node, r.cause),
            Matter::Capacity(c) => Slot::Capacity(c.zone, c.version),
            Matter::Rekey(r) => Slot::Rekey(r.generation),
            Matter::Hits(_) => Slot::Hits(Hash::new(Sha256::digest(encode(self)).into())),
        }
    }
}

/// Who signed an order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Signer {
    /// The venue's manager.
    #[n(0)]
    Manager,
    /// A root of the region.
    #[n(1)]
    Root(#[n(0)] PublicKey),
    /// A node, with its papers.
    #[n(2)]
    Node(#[n(0)] PublicKey, #[n(1)] Membership),
}

/// An order with its signature, not yet checked: only [`SignedOrder::open`] gives the order out.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct SignedOrder {
    #[cbor(n(0), with = "minicbor::bytes")]
    payload: Vec<u8>,
    #[n(1)]
    signer: Signer,
    #[n(2)]
    signature: SignatureBytes,
}

impl std::fmt::Debug for SignedOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedOrder({} bytes, {:?})", self.payload.len(), self.hash())
    }
}

/// Why an order is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// Over [`ORDER_MAX`].
    #[error("order of {0} bytes is over the limit of {ORDER_MAX}")]
    TooLarge(usize),
    /// Not signed by who it says.
    #[error("order is not signed by its signer")]
    Signature,
    /// Signed by somebody who may not order this.
    #[error("this signer may not order this")]
    NotEntitled,
    /// Signed, but not of the shape.
    #[error("order is malformed")]
    Malformed(#[from] minicbor::decode::Error),
    /// A field breaks its bound.
    #[error("order has a bad {0}")]
    Field(&'static str),
    /// About another venue.
    #[error("order is about another venue")]
    OtherVenue,
}

impl SignedOrder {
    /// Signs an order.
    pub fn seal(order: &Order, signer: Signer, key: &SecretKey) -> Self {
        let payload = encode(order);
        let signature = key.sign(CONTEXT, &payload);
        Self { payload, signer, signature }
    }

    /// Its name: equal at two nodes when the orders are.
    pub fn hash(&self) -> Hash {
        Hash::new(Sha256::digest(&self.payload).into())
    }

    /// Who says to have signed it, before anything is checked.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The text form for files: a prefix, then base64url of the CBOR.
    pub fn to_text(&self) -> String {
        format!("{TEXT_PREFIX}{}", BASE64URL_NOPAD.encode(&encode(self)))
    }

    /// Reads [`SignedOrder::to_text`]; `None` for anything else. Nothing is checked yet.
    pub fn from_text(text: &str) -> Option<Self> {
        let body = text.trim().strip_prefix(TEXT_PREFIX)?;
        // The signer's papers lie beside the payload.
        if body.len() > (ORDER_MAX + MEMBERSHIP_MAX) * 2 {
            return None;
        }
        minicbor::decode(&BASE64URL_NOPAD.decode(body.as_bytes()).ok()?).ok()
    }

    /// Which venue it says it is about, before anything is checked.
    pub fn claimed_venue(&self) -> Option<VenueId> {
        self.claims().map(|order| order.venue)
    }

    /// What it says, before anything is checked: for people to read, and nothing to go by.
    pub fn claims(&self) -> Option<Order> {
        if self.payload.len() > ORDER_MAX {
            return None;
        }
        minicbor::decode(&self.payload).ok()
    }

    /// The order, if it was signed by one who may give it, for the venue of `grant`.
    ///
    /// # Errors
    /// [`OrderError`] says what does not hold.
    pub fn open(&self, grant: &VenueGrant, roots: &[PublicKey]) -> Result<Order, OrderError> {
        if self.payload.len() > ORDER_MAX {
            return Err(OrderError::TooLarge(self.payload.len()));
        }
        let order: Order = minicbor::decode(&self.payload)?;
        if order.venue != grant.venue {
            return Err(OrderError::OtherVenue);
        }
        let key = match &self.signer {
            Signer::Manager => grant.manager,
            Signer::Root(root) | Signer::Node(root, _) => *root,
        };
        verify(&key, CONTEXT, &self.payload, &self.signature).map_err(|_| OrderError::Signature)?;
        if !self.is_entitled(&order, grant, roots) {
            return Err(OrderError::NotEntitled);
        }
        bounded(&order, grant)?;
        Ok(order)
    }

    fn is_entitled(&self, order: &Order, grant: &VenueGrant, roots: &[PublicKey]) -> bool {
        match (&self.signer, &order.matter) {
            (Signer::Manager, Matter::Hits(_)) => false,
            (Signer::Manager, _) => true,
            (Signer::Root(root), Matter::Removal(_) | Matter::Capacity(_)) => roots.contains(root),
            (Signer::Root(_), _) => false,
            (Signer::Node(node, paper), matter) => {
                let Ok(member) = paper.check_near(roots, node, order.issued_at) else {
                    return false;
                };
                may_order(&member, matter, grant)
            }
        }
    }
}

fn may_order(member: &Member, matter: &Matter, grant: &VenueGrant) -> bool {
    match (&member.place, matter) {
        (Place::Door { venue, .. }, Matter::Rekey(_)) => venue.venue == grant.venue,
        (Place::Authority(region), Matter::Removal(_) | Matter::Hits(_)) => *region == grant.region,
        _ => false,
    }
}

fn bounded(order: &Order, grant: &VenueGrant) -> Result<(), OrderError> {
    match &order.matter {
        Matter::Removal(_) => Ok(()),
        Matter::Capacity(c) => {
            let shared: u64 = c.shares.iter().map(|(_, n)| u64::from(*n)).sum();
            let limit = grant.capacity.filter(|_| c.zone == ZoneId::default());
            if c.shares.len() > ENTRANCES_MAX || shared > u64::from(c.most) {
                Err(OrderError::Field("share"))
            } else if limit.is_some_and(|limit| c.most > limit) {
                Err(OrderError::Field("capacity over the authority's limit"))
            } else if c.closing_minute >= 24 * 60 {
                Err(OrderError::Field("closing time"))
            } else {
                Ok(())
            }
        }
        Matter::Rekey(r) if r.keys.len() > ENTRANCES_MAX || r.generation == 0 => {
            Err(OrderError::Field("list of keys"))
        }
        Matter::Hits(hits) if hits.is_empty() || hits.len() > HITS_MAX => {
            Err(OrderError::Field("list of hits"))
        }
        Matter::Rekey(_) | Matter::Hits(_) => Ok(()),
    }
}
