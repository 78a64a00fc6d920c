//! The health authority's service: takes in visits from its venues, counts, and answers tracing questions.

pub mod activity;
mod amended;
pub mod application;
pub mod cabinet;
pub mod changes;
pub mod drafts;
pub mod enrolment;
pub mod fhir;
mod hits;
pub mod index;
pub mod ingest;
pub mod inquiries;
pub mod intake;
pub mod issuing;
pub mod keys;
mod lookback;
pub mod notices;
pub mod questions;
pub mod received;
pub mod registry;
pub mod stays;
pub mod table;
pub mod trace;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, atomic::AtomicU64};

use sync::{
    id::{RegionId, VenueId, Week},
    ledger::{Ledger, LedgerError, WallClock},
    sealed::TracingSecret,
    time::{UnixMillis, Zone},
};
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::{policy::Policy, rules::Rules, site::BulletinView};
use cabinet::Cabinet;
use index::Totals;
use keys::OfficeKeys;
use registry::Registry;

/// What the authority shows of its region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// The region.
    pub region: RegionId,
    /// Visits taken in, of all kinds.
    pub visits: u64,
    /// Entries among them.
    pub entries: u64,
    /// Exits among them.
    pub exits: u64,
    /// Refusals among them.
    pub refusals: u64,
    /// Visits whose identity no tracing key at hand opens.
    pub unreadable: u64,
    /// Alerts that doors have recorded; [`Authority::alerts`] lists them.
    pub alerts: u64,
    /// Notices that doors have sent: somebody is to be looked after.
    pub notices: u64,
    /// The latest of them, newest first, one hundred at most.
    pub latest_notices: Vec<notices::SentNotice>,
    /// Each venue that has sent visits.
    pub venues: Vec<VenueCount>,
    /// The bulletins in force.
    pub bulletins: Vec<BulletinView>,
    /// Tracing questions asked so far.
    pub questions: u64,
}

/// One venue's visits at the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueCount {
    /// The venue.
    pub venue: VenueId,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub zone: Zone,
    /// Doors that have sent visits of the days kept.
    pub doors: u32,
    /// Visits taken in, of all kinds.
    pub visits: u64,
    /// Entries among them.
    pub entries: u64,
    /// Exits among them.
    pub exits: u64,
    /// Refusals among them.
    pub refusals: u64,
    /// Alerts that its doors have recorded.
    pub alerts: u64,
    /// Notices that its doors have sent.
    pub notices: u64,
    /// The latest visit.
    pub last_visit: Option<UnixMillis>,
}

/// The authority; cheap to clone.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    cabinet: Cabinet,
    secrets: Mutex<Vec<TracingSecret>>,
    clock: WallClock,
    rules: Mutex<Rules>,
    totals: Mutex<Totals>,
    /// Questions are written one after the other: each names the one before.
    questions: AsyncMutex<questions::Chain>,
    registry: Registry,
    /// Rows come in one call after the other: each adds to what is held.
    registering: AsyncMutex<()>,
    inquiries: AtomicU64,
    keys: OnceLock<OfficeKeys>,
    /// The register and the drafts are changed by one at a time.
    office: AsyncMutex<()>,
    overview: watch::Sender<Overview>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authority({})", self.0.ledger.charter().region)
    }
}

/// Why the authority could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The ledger.
    #[error("the authority could not read its ledger")]
    Ledger(#[from] LedgerError),
    /// The index is damaged.
    #[error("the authority's index is damaged")]
    Index(#[from] minicbor::decode::Error),
    /// The log of questions does not hang together.
    #[error("the log of questions was altered at entry {0}")]
    Questions(u64),
}

impl Authority {
    /// Opens the authority on what its ledger and index already hold.
    ///
    /// # Errors
    /// [`OpenError`] when they cannot be read, or the log of questions was altered.
    pub async fn open(
        ledger: Ledger,
        secrets: Vec<TracingSecret>,
        clock: WallClock,
    ) -> Result<Self, OpenError> {
        let rules = Rules::from_notices(&ledger.notices().await?);
        let totals = Totals::read(&ledger).await?;
        let questions = questions::Chain::read(&ledger).await?;
        let (overview, _) = watch::channel(Overview::default());
        let registry = Registry::new(&ledger.charter().key);
        let cabinet = Cabinet::new(ledger.clone());
        let authority = Self(Arc::new(Inner {
            registry,
            registering: AsyncMutex::default(),
            inquiries: AtomicU64::new(0),
            keys: OnceLock::new(),
            office: AsyncMutex::default(),
            ledger,
            cabinet,
            secrets: Mutex::new(secrets),
            clock,
            rules: Mutex::new(rules),
            totals: Mutex::new(totals),
            questions: AsyncMutex::new(questions),
            overview,
        }));
        authority.refresh().await?;
        Ok(authority)
    }

    /// What the authority shows of its region.
    pub fn overview(&self) -> watch::Receiver<Overview> {
        self.0.overview.subscribe()
    }

    /// Forgets the tracing secrets of the weeks before `first`: the visits that they open are destroyed.
    pub fn forget_weeks_before(&self, first: Week) {
        self.secrets().retain(|secret| secret.week() >= first);
    }

    /// What is written down for good beside the visits.
    pub fn cabinet(&self) -> &Cabinet {
        &self.0.cabinet
    }

    /// The policy in force; the default one until the first is published.
    pub fn policy(&self) -> Policy {
        self.rules().policy.clone()
    }

    fn secrets(&self) -> MutexGuard<'_, Vec<TracingSecret>> {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.0.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn totals(&self) -> MutexGuard<'_, Totals> {
        self.0.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
