//! Trust between regions: visits of another region's people are told to it by letter, and what other regions tell of this
//! one's people is kept for tracing.
//!
//! A letter is queued before its visit counts as taken in, so none is lost; it stays until the other region's receipt is
//! here, and a letter that comes twice is one visit. Here the person goes by a pseudonym under this authority's own key.

mod queue;
mod taking;

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use sync::{
    abroad::{Address, Letter, SentError, Told},
    bulletin::{Bulletin, BulletinError, BulletinKind},
    id::{RecordId, RegionId, Subject, VenueId},
    ledger::LedgerError,
    record::{StoredVisit, VisitKind},
    sealed::{Identity, TracingKey},
    time::{DAY_MILLIS, UnixMillis},
};

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    casework::KEPT_DAYS,
    index::encode,
    store::guard,
};
use crate::token::trust::Neighbour;
pub use queue::{Packed, Settled};

/// Drawers of what waits to be told, of other regions' tracing keys, of what was told.
const QUEUE: [u8; 2] = *b"Xq";
const KEYS: [u8; 2] = *b"Xk";
const TOLD: [u8; 2] = *b"Xr";
/// How long a letter waits for its region, and what was told is kept, ms.
const KEPT_MILLIS: i64 = KEPT_DAYS * DAY_MILLIS;

/// A visit that is to be told; its venue's name is looked up when it is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) address: Address,
    pub(super) told: Told,
}

/// What waits: sealed, or as it is while the other region's key of the week is not known.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
enum Held {
    #[n(0)]
    Plain(#[n(0)] Told),
    #[n(1)]
    Sealed(#[n(0)] Letter),
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Queued {
    #[n(0)]
    address: Address,
    #[n(1)]
    since: UnixMillis,
    #[n(2)]
    held: Held,
}

/// A visit of one of this region's people elsewhere, as it was told.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Kept {
    #[n(0)]
    address: Address,
    #[n(1)]
    told: Told,
}

/// Where a stay was that another region has told of.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Elsewhere {
    /// The region.
    #[n(0)]
    pub region: RegionId,
    /// What its authority is called: who is asked about the venue and who else was there.
    #[n(1)]
    pub authority: String,
    /// Where its interface is, if the list says so.
    #[n(2)]
    pub url: Option<String>,
    /// What the venue is called there.
    #[n(3)]
    pub venue_name: String,
}

/// What went to other regions and came from them since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AbroadCounts {
    /// Letters that wait, when they were last counted.
    pub waiting: u64,
    /// Letters that another region has taken.
    pub sent: u64,
    /// Visits that other regions have told.
    pub told: u64,
    /// Letters that were here already.
    pub known: u64,
    /// Letters and bags that were refused, here or there, by a stable word.
    pub refused: BTreeMap<&'static str, u64>,
    /// Letters that waited too long.
    pub expired: u64,
}

/// What became of what came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// From which region.
    pub region: RegionId,
    /// Letters that are new here.
    pub taken: usize,
    /// Letters that were here already.
    pub known: usize,
    /// Letters that are of no use, by a stable word.
    pub refused: BTreeMap<&'static str, usize>,
}

/// How it stands with another region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub region: RegionId,
    /// As the trust list has it; nothing where it is named there no more.
    pub neighbour: Option<Neighbour>,
    /// Letters that wait.
    pub waiting: u64,
    /// Whether its tracing key of this week is known.
    pub has_key: bool,
}

/// Why a bag, a receipt or keys were not taken; [`AbroadError::word`] is stable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AbroadError {
    /// No such region in the trust list.
    #[error("region {0} is none of those that the trust list names")]
    UnknownRegion(RegionId),
    /// It is to another region than this one.
    #[error("it is to region {0}")]
    OtherRegion(RegionId),
    /// The text, the papers or the signature.
    #[error(transparent)]
    Sent(#[from] SentError),
    /// Tracing keys that no named region has signed.
    #[error("the tracing keys are signed by none of the regions that the trust list names")]
    Keys(#[source] Option<BulletinError>),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl AbroadError {
    /// The word for counting.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::UnknownRegion(_) => "unknown-region",
            Self::OtherRegion(_) => "other-region",
            Self::Sent(error) => error.word(),
            Self::Keys(_) => "keys",
            Self::Cabinet(_) | Self::Ledger(_) => "store",
        }
    }

    /// Whether it lies in what came, and would fail again.
    pub const fn is_senders(&self) -> bool {
        !matches!(self, Self::Cabinet(_) | Self::Ledger(_))
    }
}

impl Authority {
    /// What another region is to be told of a visit, if the person is of one.
    pub(super) fn outgoing(
        &self,
        venue: VenueId,
        who: &Identity,
        stored: &StoredVisit,
    ) -> Option<Outgoing> {
        let Identity::Native(subject, _, Some(to)) = who else { return None };
        let (from, visit) = (self.region(), &stored.visit);
        let crossed = *to != from && visit.kind != VisitKind::Refusal;
        crossed.then(|| Outgoing {
            address: Address { from, to: *to, venue, visit: stored.id },
            told: Told {
                subject: *subject,
                at: visit.at,
                kind: visit.kind,
                entrance: visit.entrance,
                venue_name: String::new(),
            },
        })
    }

    /// Under which a person of a credential's or a seal's region is found here: another region's people by a pseudonym under
    /// this authority's own key, which nobody else can make.
    pub(super) fn own_name(&self, subject: Subject, region: Option<RegionId>) -> Subject {
        match region.filter(|region| *region != self.region()) {
            Some(region) => self.0.registry.abroad(region, &subject),
            None => subject,
        }
    }

    /// The other regions of the trust list in force.
    pub fn neighbours(&self) -> Vec<Neighbour> {
        self.rules().trust.neighbours().to_vec()
    }

    /// Another region, by its number.
    pub fn neighbour(&self, region: RegionId) -> Option<Neighbour> {
        self.rules().trust.neighbour(region).cloned()
    }

    /// Counts since the start.
    pub fn abroad_counts(&self) -> AbroadCounts {
        guard(&self.0.abroad).clone()
    }

    fn count_abroad(&self, count: impl FnOnce(&mut AbroadCounts)) {
        count(&mut guard(&self.0.abroad));
    }

    /// Counts what was refused, and gives it back.
    fn refused(&self, error: AbroadError) -> AbroadError {
        if error.is_senders() {
            self.count_abroad(|counts| *counts.refused.entry(error.word()).or_default() += 1);
        }
        error
    }

    fn region(&self) -> RegionId {
        self.0.ledger.charter().region
    }

    fn known_region(&self, region: Option<RegionId>) -> Result<Neighbour, AbroadError> {
        let region = region.ok_or(AbroadError::Sent(SentError::Malformed))?;
        self.neighbour(region).ok_or(AbroadError::UnknownRegion(region))
    }

    /// Takes the tracing keys that another region has published; `false` where later ones are here.
    ///
    /// # Errors
    /// [`AbroadError::Keys`] where no named region has signed them.
    pub async fn take_keys(&self, bulletin: &Bulletin) -> Result<bool, AbroadError> {
        let mut why = None;
        for neighbour in self.neighbours() {
            match bulletin.open(&neighbour.roots, neighbour.needed) {
                Ok(notice)
                    if (notice.region, notice.kind)
                        == (neighbour.region, BulletinKind::TracingKeys) =>
                {
                    let held = self.keys_bulletin(&neighbour).await?;
                    if held.is_some_and(|(version, _)| version >= notice.version) {
                        return Ok(false);
                    }
                    let filing = Filing::put(keys_name(neighbour.region), bulletin);
                    self.cabinet().file(vec![filing]).await?;
                    return Ok(true);
                }
                Ok(_) => {}
                Err(error) => why = Some(error),
            }
        }
        Err(self.refused(AbroadError::Keys(why)))
    }

    /// The version and the keys that are held of another region, as far as its roots of now have signed them.
    async fn keys_bulletin(
        &self,
        neighbour: &Neighbour,
    ) -> Result<Option<(u64, Vec<TracingKey>)>, CabinetError> {
        let held = self.cabinet().read::<Bulletin>(&keys_name(neighbour.region)).await?;
        let opened = held.and_then(|held| held.open(&neighbour.roots, neighbour.needed).ok());
        let keys = |body: &[u8]| minicbor::decode::<Vec<TracingKey>>(body).ok();
        Ok(opened.and_then(|notice| Some((notice.version, keys(&notice.body)?))))
    }

    async fn key_of(&self, neighbour: &Neighbour) -> Result<Option<TracingKey>, CabinetError> {
        let week = (self.0.clock)().week();
        let keys = self.keys_bulletin(neighbour).await?.map(|(_, keys)| keys).unwrap_or_default();
        Ok(keys.into_iter().find(|key| key.week == week))
    }

    /// How it stands with each region of the list, and with those for which letters wait.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn abroad_standing(&self) -> Result<Vec<Standing>, CabinetError> {
        let mut waiting: BTreeMap<RegionId, u64> = BTreeMap::new();
        for (_, queued) in self.cabinet().all::<Queued>(&QUEUE).await? {
            *waiting.entry(queued.address.to).or_default() += 1;
        }
        self.count_abroad(|counts| counts.waiting = waiting.values().sum());
        for neighbour in self.neighbours() {
            waiting.entry(neighbour.region).or_default();
        }
        let mut all = Vec::with_capacity(waiting.len());
        for (region, waiting) in waiting {
            let neighbour = self.neighbour(region);
            let has_key = match &neighbour {
                Some(neighbour) => self.key_of(neighbour).await?.is_some(),
                None => false,
            };
            all.push(Standing { region, neighbour, waiting, has_key });
        }
        Ok(all)
    }

    /// The regions with an address that have letters waiting, or whose tracing key of this week is not known.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn abroad_due(&self) -> Result<Vec<(RegionId, String)>, CabinetError> {
        let mut due = Vec::new();
        for neighbour in self.neighbours() {
            let prefix = [&QUEUE[..], &neighbour.region.get().to_be_bytes()].concat();
            let waits = !self.cabinet().page::<Queued>(&prefix, None, 1).await?.is_empty();
            let lacks_key = self.key_of(&neighbour).await?.is_none();
            if let (Some(url), true) = (neighbour.url, waits || lacks_key) {
                due.push((neighbour.region, url));
            }
        }
        Ok(due)
    }

    /// Takes out letters that nobody has fetched, and what was told, once they are as old as visits are kept.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn forget_abroad(&self) -> Result<(), CabinetError> {
        let first = (self.0.clock)().plus_millis(-KEPT_MILLIS);
        let queued = self.cabinet().all::<Queued>(&QUEUE).await?;
        let all = queued.len() as u64;
        let old: Vec<_> = queued.into_iter().filter(|(_, q)| q.since < first).collect();
        self.count_abroad(|counts| counts.waiting = all - old.len() as u64);
        if !old.is_empty() {
            tracing::error!(
                letters = old.len(),
                "no other region came for letters in time: they are gone"
            );
            self.count_abroad(|counts| counts.expired += old.len() as u64);
        }
        let told = self.cabinet().all::<Kept>(&TOLD).await?;
        let over = told.into_iter().filter(|(_, kept)| kept.told.at < first);
        let names = old.into_iter().map(|(name, _)| name).chain(over.map(|(name, _)| name));
        let gone: Vec<_> = names.map(Filing::Take).collect();
        for some in gone.chunks(500) {
            self.cabinet().file(some.to_vec()).await?;
        }
        Ok(())
    }

    fn queue_name(&self, to: RegionId, visit: &RecordId) -> Vec<u8> {
        let blind = self.cabinet().blind(&[b"letter/", &encode(visit)[..]].concat());
        [&QUEUE[..], &to.get().to_be_bytes(), &blind].concat()
    }

    fn told_of(&self, subject: &Subject) -> Vec<u8> {
        let blind = self.cabinet().blind(&[b"told/", &subject.as_bytes()[..]].concat());
        [&TOLD[..], &blind].concat()
    }

    fn told_name(&self, subject: &Subject, address: &Address) -> Vec<u8> {
        let blind = self.cabinet().blind(&[b"visit/", &encode(address)[..]].concat());
        [self.told_of(subject), blind.to_vec()].concat()
    }
}

fn keys_name(region: RegionId) -> Vec<u8> {
    [&KEYS[..], &region.get().to_be_bytes()].concat()
}

#[cfg(test)]
mod tests;
