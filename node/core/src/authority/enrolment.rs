//! The register of venues: entries with their applications and papers, taken one by one or as a table; grants; removal.

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
};
use crate::code::paper::{unverified, venue_grant_from_text};

const VENUES: &[u8] = b"Av";
const PERMITS: &[u8] = b"Ap";
const LAST_NUMBER: &[u8] = b"An";
const READ_AT_ONCE: usize = 500;
/// Entries that are made durable together.
const FILED_AT_ONCE: usize = 100;
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
}

impl Enrolled {
    /// What its papers say, if it has any; they were checked when they were taken.
    pub fn granted(&self) -> Option<VenueGrant> {
        self.grant.as_ref().and_then(unverified)
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

/// What is filed together, and seen by those that follow before it is.
#[derive(Default)]
struct Pile {
    permits: BTreeMap<Vec<u8>, u64>,
    filings: Vec<Filing>,
    last: Option<u64>,
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
        let mut pile = Pile::default();
        let holder = self.holder_of(&application, &pile).await?;
        if let (Some(holder), true) = (holder, holder != venue) {
            return Err(EnrolError::PermitTaken(holder));
        }
        let taken = self.lay(venue, application, &mut pile).await?;
        self.0.cabinet.file(pile.filings).await?;
        Ok(taken)
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
        let mut pile = Pile::default();
        let mut all = Vec::with_capacity(applications.len());
        for application in applications {
            let holder = self.holder_of(&application, &pile).await?;
            all.push(self.lay(holder, application, &mut pile).await?);
            if pile.filings.len() >= FILED_AT_ONCE {
                self.0.cabinet.file(std::mem::take(&mut pile.filings)).await?;
            }
        }
        self.0.cabinet.file(pile.filings).await?;
        Ok(all)
    }

    /// Which venue has an application's permit.
    async fn holder_of(
        &self,
        application: &Application,
        pile: &Pile,
    ) -> Result<Option<VenueId>, CabinetError> {
        let name = permit_name(&application.permit);
        let filed = self.0.cabinet.read::<u64>(&name).await?;
        Ok(pile.permits.get(&name).copied().or(filed).map(VenueId::new))
    }

    async fn lay(
        &self,
        venue: Option<VenueId>,
        application: Application,
        pile: &mut Pile,
    ) -> Result<Taken, EnrolError> {
        let now = (self.0.clock)();
        // Of a table that names a permit twice the earlier line is not filed yet.
        if !pile.filings.is_empty() && venue.is_some() {
            self.0.cabinet.file(std::mem::take(&mut pile.filings)).await?;
        }
        let before = match venue {
            Some(venue) => self.venue(venue).await?,
            None => None,
        };
        let (taken, entry) = match (venue, before) {
            (Some(venue), Some(before)) if before.application == application => {
                return Ok(Taken::Same(venue));
            }
            (Some(venue), Some(before)) => {
                let old = permit_name(&before.application.permit);
                if old != permit_name(&application.permit) {
                    pile.filings.push(Filing::Take(old));
                }
                // Papers for another manager or of another name are not this entry's any more.
                let keeps = before.application.manager == application.manager;
                let grant = before.grant.filter(|_| keeps);
                let since = before.since;
                (Taken::Changed(venue), Enrolled { application, since, changed: now, grant })
            }
            (Some(_), None) => return Err(EnrolError::Unknown),
            (None, _) => {
                let venue = self.next_venue(pile).await?;
                let entry = Enrolled { application, since: now, changed: now, grant: None };
                (Taken::New(venue), entry)
            }
        };
        let venue = taken.venue();
        let permit = permit_name(&entry.application.permit);
        pile.permits.insert(permit.clone(), venue.get());
        pile.filings.push(Filing::put(permit, &venue.get()));
        pile.filings.push(Filing::put(venue_name(venue), &entry));
        Ok(taken)
    }

    /// A number that neither the register nor any door's papers know.
    async fn next_venue(&self, pile: &mut Pile) -> Result<VenueId, EnrolError> {
        let last = match pile.last {
            Some(last) => last,
            None => {
                let filed = self.0.cabinet.read::<u64>(LAST_NUMBER).await?.unwrap_or(0);
                let members = self.0.ledger.members().await?;
                let known = members.iter().filter_map(|(_, member)| member.as_ref()?.venue());
                known.map(VenueId::get).max().unwrap_or(0).max(filed)
            }
        };
        let next = last.saturating_add(1);
        pile.last = Some(next);
        pile.filings.push(Filing::put(LAST_NUMBER.to_vec(), &next));
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

    /// What is to be signed for a venue by a root, beginning now.
    ///
    /// # Errors
    /// [`EnrolError`] when it is unknown, has no manager, or the days are out of range.
    pub async fn grant_wanted(&self, venue: VenueId, days: u32) -> Result<VenueGrant, EnrolError> {
        if !(1..=GRANT_DAYS_MAX).contains(&days) {
            return Err(EnrolError::Days);
        }
        let entry = self.venue(venue).await?.ok_or(EnrolError::Unknown)?;
        let now = (self.0.clock)();
        // What its doors wrote under earlier papers must hold under these: the root that signed those may be gone.
        let begun = entry.granted().map(|grant| grant.not_before);
        let from = now.plus_millis(-crate::clock::SKEW_MILLIS);
        let Enrolled { application, .. } = entry;
        let doors = u16::try_from(application.entrances.len()).ok().filter(|doors| *doors > 0);
        Ok(VenueGrant {
            region: self.0.ledger.charter().region,
            venue,
            name: application.name,
            zone: application.time_zone,
            manager: application.manager.ok_or(EnrolError::NoManager)?,
            capacity: application.capacity,
            activity: Some(application.activity).filter(|code| !code.is_empty()),
            area: Some(application.area).filter(|area| !area.is_empty()),
            not_before: begun.map_or(from, |begun| begun.min(from)),
            not_after: now.plus_millis(i64::from(days) * DAY_MILLIS),
            doors,
        })
    }

    /// Signs a venue's papers with the root's key of this machine, where one is kept here.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn grant(&self, venue: VenueId, days: u32) -> Result<Signed<VenueGrant>, EnrolError> {
        let root = self.keys().root.ok_or(EnrolError::NoRoot)?;
        let wanted = self.grant_wanted(venue, days).await?;
        self.take_grant(Signed::seal(&wanted, &root)).await?;
        let entry = self.venue(venue).await?.ok_or(EnrolError::Unknown)?;
        entry.grant.ok_or(EnrolError::NotAGrant)
    }

    /// Takes papers that a root signed elsewhere, from their text.
    ///
    /// # Errors
    /// [`EnrolError::NotAGrant`], or the cabinet's.
    pub async fn take_grant_text(&self, text: &str) -> Result<VenueId, EnrolError> {
        self.take_grant(venue_grant_from_text(text).ok_or(EnrolError::NotAGrant)?).await
    }

    pub(super) async fn take_grant(
        &self,
        signed: Signed<VenueGrant>,
    ) -> Result<VenueId, EnrolError> {
        let charter = self.0.ledger.charter();
        let grant = charter.roots.set().keys.iter().find_map(|root| signed.open(root).ok());
        let grant = grant.filter(|grant| grant.region == charter.region);
        let grant = grant.ok_or(EnrolError::NotAGrant)?;
        let _alone = self.0.office.lock().await;
        let mut entry = self.venue(grant.venue).await?.ok_or(EnrolError::NotAGrant)?;
        if entry.application.manager != Some(grant.manager) {
            return Err(EnrolError::NotAGrant);
        }
        // An earlier one that somebody brings again takes nothing away, where the longer one still counts.
        let held = entry.grant.as_ref().and_then(|held| stands(held, &charter.roots.granting()));
        let held = held.filter(|held| held.manager == grant.manager);
        if held.is_none_or(|held| held.not_after <= grant.not_after) {
            entry.grant = Some(signed);
            self.0.cabinet.file(vec![Filing::put(venue_name(grant.venue), &entry)]).await?;
        }
        Ok(grant.venue)
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
