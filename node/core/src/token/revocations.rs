//! What was withdrawn, offline: our tokens by id or by person, EU certificates by hash or filter, health cards by `rid`.
//!
//! A list is what the authority signed; whether it is fresh enough to confirm anything is the policy's matter. That none
//! has come, or that it is old, never makes a credential revoked. Each entry may say from when it is not needed.

mod filter;
mod packed;
mod parse;

use sync::{id::Subject, time::UnixMillis};

use super::{Credential, Cti, DccHashKind, DccKid, RevocableId};
pub use filter::{Filter, FilterError};
use packed::Packed;

/// The longest list that is read, bytes. What comes as a bulletin is bounded more narrowly, by what one bulletin carries.
pub const REVOCATIONS_BYTES_MAX: usize = 16 << 20;

/// The `rid` of a health card, filled up with zeros: at most 24 characters.
type Rid = [u8; 24];

/// The credentials that were withdrawn. Empty, none was.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    version: u64,
    issued_at: UnixMillis,
    ctis: Packed<8>,
    /// With each the time before which their tokens were issued that are withdrawn.
    subjects: Packed<16>,
    dcc: Vec<DccList>,
    filters: Vec<DccFilter>,
    cards: Vec<CardList>,
}

/// The hashes of one kind in the list of one key.
#[derive(Clone, Debug)]
struct DccList {
    kid: DccKid,
    kind: DccHashKind,
    hashes: Packed<16>,
}

/// A slice of such a list as a Bloom filter, for the hashes that begin with the bytes of `prefix`.
#[derive(Clone, Debug)]
struct DccFilter {
    kid: DccKid,
    kind: DccHashKind,
    prefix: HexPrefix,
    filter: Filter,
    until: UnixMillis,
}

/// The first hexadecimal digits of a hash: by them lists are partitioned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct HexPrefix(Box<str>);

impl HexPrefix {
    fn begins(&self, hash: &[u8; 16]) -> bool {
        let digit = |place: usize| {
            let byte = hash[place / 2];
            let half = if place.is_multiple_of(2) { byte >> 4 } else { byte & 15 };
            char::from_digit(u32::from(half), 16)
        };
        self.0.chars().enumerate().all(|(place, wanted)| digit(place) == Some(wanted))
    }
}

/// The `rid`s of one key's list; with each the time before which cards were issued that are withdrawn.
#[derive(Clone, Debug)]
struct CardList {
    kid: Box<str>,
    rids: Packed<24>,
}

impl Revocations {
    /// Reads the JSON form (`schema/revocations.schema.json`).
    ///
    /// # Errors
    /// [`ListError`](super::trust::ListError) names the field that is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, super::trust::ListError> {
        parse::read(json)
    }

    /// The number by which a later list replaces an earlier one.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When it was drawn up.
    pub fn issued_at(&self) -> UnixMillis {
        self.issued_at
    }

    /// How many entries it holds, expired ones too; of a filter as many as it says.
    pub fn len(&self) -> usize {
        let dcc = self.dcc.iter().map(|list| list.hashes.len());
        let filters = self.filters.iter().map(|slice| slice.filter.len());
        let cards = self.cards.iter().map(|list| list.rids.len());
        self.ctis.len() + self.subjects.len() + dcc.chain(filters).chain(cards).sum::<usize>()
    }

    /// Whether nothing is withdrawn.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes its entries take in memory.
    pub fn bytes(&self) -> usize {
        let dcc = self.dcc.iter().map(|list| list.hashes.bytes());
        let filters = self.filters.iter().map(|slice| slice.filter.bytes());
        let cards = self.cards.iter().map(|list| list.rids.bytes());
        self.ctis.bytes() + self.subjects.bytes() + dcc.chain(filters).chain(cards).sum::<usize>()
    }

    /// Whether this credential is withdrawn at `now`: by one of its ids, or with its holder's earlier ones.
    pub fn names(&self, credential: &Credential, now: UnixMillis) -> bool {
        credential.revocable_ids().iter().any(|id| self.names_id(id, now))
            || self.names_subject(&credential.subject(), credential.issued_at(), now)
    }

    /// Whether this id is withdrawn at `now`.
    pub fn names_id(&self, id: &RevocableId, now: UnixMillis) -> bool {
        match id {
            RevocableId::Cti(cti) => self.ctis.find(cti.as_bytes(), now).is_some(),
            RevocableId::Dcc { kid, kind, hash } => self.names_dcc(*kid, *kind, hash, now),
            RevocableId::Shc { kid, rid, issued_at } => self.names_card(kid, rid, *issued_at, now),
            RevocableId::Other(_) => false,
        }
    }

    /// Whether there are entries that match no mark of a visit: see [`Revocations::names_unmarked`].
    pub fn has_unmarked(&self) -> bool {
        let timed = |list: &CardList| list.rids.iter().any(|(_, before)| before != packed::NEVER);
        !self.filters.is_empty() || self.subjects.len() > 0 || self.cards.iter().any(timed)
    }

    /// Whether an entry that [`Revocations::ids`] cannot give withdraws this id at `now`: a filter, or a card's with a time.
    pub fn names_unmarked(&self, id: &RevocableId, now: UnixMillis) -> bool {
        match id {
            RevocableId::Dcc { kid, kind, hash } => self.may_filter(*kid, *kind, hash, now),
            RevocableId::Shc { kid, rid, issued_at } => {
                let before = self.card(kid, rid, now).filter(|before| *before != packed::NEVER);
                before.is_some_and(|before| *issued_at < before)
            }
            RevocableId::Cti(_) | RevocableId::Other(_) => false,
        }
    }

    /// Whether the tokens of this person that were issued at `issued_at` are withdrawn at `now`.
    pub fn names_subject(
        &self,
        subject: &Subject,
        issued_at: Option<UnixMillis>,
        now: UnixMillis,
    ) -> bool {
        let before = self.subjects.find(subject.as_bytes(), now);
        before.zip(issued_at).is_some_and(|(before, issued_at)| issued_at < before)
    }

    fn names_dcc(&self, kid: DccKid, kind: DccHashKind, hash: &[u8; 16], now: UnixMillis) -> bool {
        let listed = self
            .dcc
            .binary_search_by_key(&(kid, kind), |list| (list.kid, list.kind))
            .is_ok_and(|place| self.dcc[place].hashes.find(hash, now).is_some());
        listed || self.may_filter(kid, kind, hash, now)
    }

    fn may_filter(&self, kid: DccKid, kind: DccHashKind, hash: &[u8; 16], now: UnixMillis) -> bool {
        let first = self.filters.partition_point(|s| (s.kid, s.kind) < (kid, kind));
        let of_key = self.filters[first..].iter().take_while(|s| (s.kid, s.kind) == (kid, kind));
        let mut current = of_key.filter(|s| now < s.until && s.prefix.begins(hash));
        current.any(|slice| slice.filter.may_hold(hash))
    }

    fn names_card(&self, kid: &str, rid: &str, issued_at: UnixMillis, now: UnixMillis) -> bool {
        self.card(kid, rid, now).is_some_and(|before| issued_at < before)
    }

    /// Before when a card with this `rid` was issued, if it is withdrawn at `now`.
    fn card(&self, kid: &str, rid: &str, now: UnixMillis) -> Option<UnixMillis> {
        let rid = rid_of(rid)?;
        let of_key = self.cards.binary_search_by(|list| list.kid.as_ref().cmp(kid));
        of_key.ok().and_then(|place| self.cards[place].rids.find(&rid, now))
    }

    /// The ids that are withdrawn whenever they were issued, in no order that matters: those by whose marks a door finds
    /// earlier visits. Filters do not say which ids they hold, persons are known to the authority alone, and whether a card
    /// was issued before a time is not to be seen in a visit: of those the authority tells.
    pub fn ids(&self) -> impl Iterator<Item = RevocableId> + '_ {
        let ctis = self.ctis.iter().map(|(cti, _)| RevocableId::Cti(Cti::new(*cti)));
        let dcc = self.dcc.iter().flat_map(|list| {
            let (kid, kind) = (list.kid, list.kind);
            list.hashes.iter().map(move |(hash, _)| RevocableId::Dcc { kid, kind, hash: *hash })
        });
        let cards = self.cards.iter().flat_map(|list| {
            let whenever = list.rids.iter().filter(|(_, before)| *before == packed::NEVER);
            whenever.filter_map(|(rid, _)| {
                let rid = std::str::from_utf8(rid).ok()?.trim_end_matches('\0').into();
                let (kid, issued_at) = (list.kid.clone(), UnixMillis::default());
                Some(RevocableId::Shc { kid, rid, issued_at })
            })
        });
        ctis.chain(dcc).chain(cards)
    }
}

/// A `rid` as it is kept; `None` for what none is: 1 to 24 characters of base64url (spec.smarthealth.cards, "Revocation").
fn rid_of(text: &str) -> Option<Rid> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=24).contains(&text.len()) || !text.bytes().all(allowed) {
        return None;
    }
    let mut rid = [0; 24];
    rid[..text.len()].copy_from_slice(text.as_bytes());
    Some(rid)
}

#[cfg(test)]
mod tests;
