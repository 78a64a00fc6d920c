//! The register of venues: entries with their applications and papers, taken one by one or as a table; removal of doors.

mod granting;

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use sync::{
    id::{EntranceId, PublicKey, VenueId},
    key::Signed,
    ledger::LedgerError,
    membership::{Place, VenueGrant},
    order::{Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
    record::Direction,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{
    Authority,
    application::{Application, Wrong},
    cabinet::{CabinetError, Filing},
    store::Expected,
};
use crate::code::paper::unverified;

const VENUES: &[u8] = b"Av";
const PERMITS: &[u8] = b"Ap";
const LAST_NUMBER: &[u8] = b"An";
const READ_AT_ONCE: usize = 500;
/// Applications that are made durable together.
const FILED_AT_ONCE: usize = 50;
/// The most lines that one call takes.
pub const APPLICATIONS_MAX: usize = 5_000;
/// For how many days a grant may hold.
pub const GRANT_DAYS_MAX: u32 = 3660;
/// From then on a membership counts as ending soon, ms.
pub const ENDS_SOON_MILLIS: i64 = 30 * DAY_MILLIS;

/// An entry of the register.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Enrolled {
    /// What it applied with.
    #[n(0)]
    pub application: Application,
    /// When it was enrolled.
    #[n(1)]
    pub since: UnixMillis,
    /// When the entry was last changed.
    #[n(2)]
    pub changed: UnixMillis,
    /// Its papers: the join code that its manager's first door takes.
    #[n(3)]
    pub grant: Option<Signed<VenueGrant>>,
    /// When it first had papers: its test mode counts from there.
    #[n(4)]
    pub first_grant: Option<UnixMillis>,
}

impl Enrolled {
    /// What its papers say, if it has any; they were checked when they were taken.
    pub fn granted(&self) -> Option<VenueGrant> {
        self.grant.as_ref().and_then(unverified)
    }

    /// Since when it takes part: since it first had its codes. Of papers from before that was noted, since they begin.
    pub fn takes_part_since(&self) -> Option<UnixMillis> {
        self.first_grant.or_else(|| self.granted().map(|grant| grant.not_before))
    }

    /// Whether its papers say something else than the entry does now: they are to be signed anew.
    pub fn outgrew_its_papers(&self) -> bool {
        self.granted().is_some_and(|grant| !granting::fits(&self.application, &grant))
    }
}

/// What became of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is a new entry.
    New(VenueId),
    /// The entry was changed.
    Changed(VenueId),
    /// It was there already.
    Same(VenueId),
}

impl Taken {
    /// Of which venue.
    pub const fn venue(self) -> VenueId {
        match self {
            Self::New(venue) | Self::Changed(venue) | Self::Same(venue) => venue,
        }
    }

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::Changed(_) => "changed",
            Self::Same(_) => "same",
        }
    }
}

/// Why the register was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnrolError {
    /// A field is wrong.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// More than [`APPLICATIONS_MAX`] lines.
    #[error("at most {APPLICATIONS_MAX} lines are taken at once")]
    TooMany,
    /// Another venue has this permit.
    #[error("venue {0} has this permit already")]
    PermitTaken(VenueId),
    /// No such entry.
    #[error("there is no venue of this number in the register")]
    Unknown,
    /// Its manager's public key is not known yet.
    #[error("the venue's manager has given no public key yet")]
    NoManager,
    /// No root's key is kept on this machine.
    #[error("no root's key is kept on this machine: sign the request where one is")]
    NoRoot,
    /// The papers in the register say the same and hold longer.
    #[error("the register has papers of this venue that say the same and hold until {0}")]
    Shorter(UnixMillis),
    /// Days out of range.
    #[error("a grant holds for 1 to {GRANT_DAYS_MAX} days")]
    Days,
    /// What was brought is no grant, or not this venue's, or not by a root of this region.
    #[error("this is no grant of a venue in the register by a root of this region for its manager")]
    NotAGrant,
    /// The ledger.
    #[error("the order could not be kept")]
    Ledger(#[from] LedgerError),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
}

/// Some entries of the register.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The entries, by number.
    pub venues: Vec<(VenueId, Enrolled)>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// A door of a venue, as its papers have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolledDoor {
    /// Its node.
    pub node: PublicKey,
    /// Its entrance.
    pub entrance: EntranceId,
    /// The entrance's name.
    pub name: String,
    /// Which way it leads.
    pub direction: Direction,
    /// Until when its papers hold.
    pub until: UnixMillis,
    /// Whether it was removed.
    pub removed: bool,
}

pub(super) fn venue_name(venue: VenueId) -> Vec<u8> {
    [VENUES, &venue.get().to_be_bytes()[..]].concat()
}

fn permit_name(permit: &str) -> Vec<u8> {
    [PERMITS, &Sha256::digest(permit.as_bytes())[..16]].concat()
}

fn number_of(name: &[u8]) -> Option<VenueId> {
    let bytes = name.strip_prefix(VENUES)?.try_into().ok()?;
    Some(VenueId::new(u64::from_be_bytes(bytes)))
}

/// What is filed together, and seen by those that follow before it is; and what it hangs on.
#[derive(Default)]
struct Pile {
    seen: Expected,
    /// By whom a permit is held, by its name, where this pile changes it.
    permits: BTreeMap<Vec<u8>, Option<u64>>,
    entries: BTreeMap<VenueId, Enrolled>,
    last: Option<u64>,
}

impl Pile {
    fn filings(&self) -> Vec<Filing> {
        let permits = self.permits.iter().map(|(name, holder)| match holder {
            Some(venue) => Filing::put(name.clone(), venue),
            None => Filing::Take(name.clone()),
        });
        let entries = self.entries.iter();
        let entries = entries.map(|(venue, entry)| Filing::put(venue_name(*venue), entry));
        let last = self.last.iter().map(|last| Filing::put(LAST_NUMBER.to_vec(), last));
        permits.chain(entries).chain(last).collect()
    }
}

impl Authority {
    /// Takes one application: as a new entry, or in place of `venue`'s. Its permit must be no other venue's.
    ///
    /// # Errors
    /// [`EnrolError`]; then nothing was changed.
    pub async fn enrol(
        &self,
        venue: Option<VenueId>,
        application: Application,
    ) -> Result<Taken, EnrolError> {
        let _alone = self.0.office.lock().await;
        // Another gateway on the same store may be quicker: then all is looked at anew.
        loop {
            let mut pile = Pile::default();
            let holder = self.holder_of(&application, &mut pile).await?;
            if let (Some(holder), true) = (holder, holder != venue) {
                return Err(EnrolError::PermitTaken(holder));
            }
            let taken = self.lay(venue, application.clone(), &mut pile).await?;
            if self.file_pile(&pile).await? {
                return Ok(taken);
            }
        }
    }

    /// Takes a table's applications; what became of each, in their order. One whose permit is in the register changes
    /// that entry, so the same table again changes nothing.
    ///
    /// # Errors
    /// [`EnrolError`] when the register fails: then those before are taken.
    pub async fn enrol_all(
        &self,
        applications: Vec<Application>,
    ) -> Result<Vec<Taken>, EnrolError> {
        if applications.len() > APPLICATIONS_MAX {
            return Err(EnrolError::TooMany);
        }
        let _alone = self.0.office.lock().await;
        let mut all = Vec::with_capacity(applications.len());
        for some in applications.chunks(FILED_AT_ONCE) {
            let taken = loop {
                let (mut pile, mut taken) = (Pile::default(), Vec::with_capacity(some.len()));
                for application in some {
                    let holder = self.holder_of(application, &mut pile).await?;
                    taken.push(self.lay(holder, application.clone(), &mut pile).await?);
                }
                if self.file_pile(&pile).await? {
                    break taken;
                }
            };
            all.extend(taken);
        }
        Ok(all)
    }

    /// `false` where another gateway was quicker; then nothing was filed.
    async fn file_pile(&self, pile: &Pile) -> Result<bool, CabinetError> {
        match pile.filings() {
            none if none.is_empty() => Ok(true),
            filings => self.0.cabinet.file_seen(&pile.seen, filings).await,
        }
    }

    /// Which venue has an application's permit.
    async fn holder_of(
        &self,
        application: &Application,
        pile: &mut Pile,
    ) -> Result<Option<VenueId>, CabinetError> {
        let name = permit_name(&application.permit);
        let holder = match pile.permits.get(&name) {
            Some(holder) => *holder,
            None => self.0.cabinet.look::<u64>(&mut pile.seen, &name).await?,
        };
        Ok(holder.map(VenueId::new))
    }

    async fn lay(
        &self,
        venue: Option<VenueId>,
        application: Application,
        pile: &mut Pile,
    ) -> Result<Taken, EnrolError> {
        let now = (self.0.clock)();
        let before = match venue {
            None => None,
            Some(venue) => match pile.entries.get(&venue) {
                Some(entry) => Some(entry.clone()),
                None => self.0.cabinet.look(&mut pile.seen, &venue_name(venue)).await?,
            },
        };
        let (taken, entry) = match (venue, before) {
            (Some(venue), Some(before)) if before.application == application => {
                return Ok(Taken::Same(venue));
            }
            (Some(venue), Some(before)) => {
                let old = permit_name(&before.application.permit);
                if old != permit_name(&application.permit) {
                    // Looked at, so that it is not taken from whoever has it by now.
                    self.0.cabinet.look::<u64>(&mut pile.seen, &old).await?;
                    pile.permits.insert(old, None);
                }
                let first_grant = before.takes_part_since();
                // Papers for another manager are not this entry's any more.
                let keeps = before.application.manager == application.manager;
                let grant = before.grant.filter(|_| keeps);
                let entry =
                    Enrolled { application, since: before.since, changed: now, grant, first_grant };
                (Taken::Changed(venue), entry)
            }
            (Some(_), None) => return Err(EnrolError::Unknown),
            (None, _) => {
                let venue = self.next_venue(pile).await?;
                let entry = Enrolled {
                    application,
                    since: now,
                    changed: now,
                    grant: None,
                    first_grant: None,
                };
                (Taken::New(venue), entry)
            }
        };
        let venue = taken.venue();
        pile.permits.insert(permit_name(&entry.application.permit), Some(venue.get()));
        pile.entries.insert(venue, entry);
        Ok(taken)
    }

    /// A number that neither the register nor any door's papers know.
    async fn next_venue(&self, pile: &mut Pile) -> Result<VenueId, EnrolError> {
        let last = match pile.last {
            Some(last) => last,
            None => {
                let filed = self.0.cabinet.look::<u64>(&mut pile.seen, LAST_NUMBER).await?;
                let members = self.0.ledger.members().await?;
                let known = members.iter().filter_map(|(_, member)| member.as_ref()?.venue());
                known.map(VenueId::get).max().unwrap_or(0).max(filed.unwrap_or(0))
            }
        };
        let next = last.saturating_add(1);
        pile.last = Some(next);
        Ok(VenueId::new(next))
    }

    /// An entry of the register.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn venue(&self, venue: VenueId) -> Result<Option<Enrolled>, CabinetError> {
        self.0.cabinet.read(&venue_name(venue)).await
    }

    /// At most `limit` entries after `after` in whose number, name, address, area or permit the text stands.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn venues(
        &self,
        text: &str,
        after: Option<VenueId>,
        limit: usize,
    ) -> Result<Found, CabinetError> {
        let wanted = text.trim().to_lowercase();
        let mut found = Found::default();
        let mut after = after.map(venue_name);
        loop {
            let page: Vec<(Vec<u8>, Enrolled)> =
                self.0.cabinet.page(VENUES, after.as_deref(), READ_AT_ONCE).await?;
            let full = page.len() == READ_AT_ONCE;
            after = page.last().map(|(name, _)| name.clone());
            for (name, entry) in page {
                let Some(venue) = number_of(&name) else { continue };
                if !speaks_of(venue, &entry, &wanted) {
                    continue;
                }
                if found.venues.len() == limit {
                    found.more = true;
                    return Ok(found);
                }
                found.venues.push((venue, entry));
            }
            if !full {
                return Ok(found);
            }
        }
    }

    /// The doors that have shown papers of a venue.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn doors_of(&self, venue: VenueId) -> Result<Vec<EnrolledDoor>, LedgerError> {
        let orders = self.0.ledger.orders(venue).await?;
        let gone: Vec<PublicKey> = orders
            .iter()
            .filter_map(|order| match &order.matter {
                Matter::Removal(removal) => Some(removal.node),
                _ => None,
            })
            .collect();
        let members = self.0.ledger.members().await?;
        let doors = members.into_iter().filter_map(|(node, member)| {
            let member = member?;
            let Place::Door { venue: grant, door } = member.place else { return None };
            (grant.venue == venue).then(|| EnrolledDoor {
                node,
                entrance: door.entrance,
                name: door.name,
                direction: door.direction,
                until: member.expires,
                removed: gone.contains(&node),
            })
        });
        let mut doors: Vec<_> = doors.collect();
        doors.sort_by_key(|door| (door.removed, door.entrance, door.node));
        Ok(doors)
    }

    /// Orders that a node no longer belongs to its venue: its siblings and this authority turn it away from then on.
    ///
    /// # Errors
    /// [`EnrolError::Unknown`] where no such door has shown papers, else why the order was not kept.
    pub async fn remove_door(
        &self,
        venue: VenueId,
        node: PublicKey,
        cause: RemovalCause,
    ) -> Result<(), EnrolError> {
        if !self.doors_of(venue).await?.iter().any(|door| door.node == node) {
            return Err(EnrolError::Unknown);
        }
        let charter = self.0.ledger.charter();
        let matter = Matter::Removal(Removal { node, cause });
        let order = Order { venue, issued_at: (self.0.clock)(), matter };
        let signer = Signer::Node(charter.key.public(), charter.membership.clone());
        Ok(self.0.ledger.keep_order(SignedOrder::seal(&order, signer, &charter.key)).await?)
    }
}

/// What a grant says, if a root whose grants stand has signed it.
pub(super) fn stands(grant: &Signed<VenueGrant>, roots: &[PublicKey]) -> Option<VenueGrant> {
    roots.iter().find_map(|root| grant.open(root).ok())
}

fn speaks_of(venue: VenueId, entry: &Enrolled, wanted: &str) -> bool {
    let a = &entry.application;
    wanted.is_empty()
        || venue.to_string() == wanted
        || [&a.name, &a.address, &a.area, &a.permit]
            .iter()
            .any(|t| t.to_lowercase().contains(wanted))
}
