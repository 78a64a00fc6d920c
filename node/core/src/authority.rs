//! The health authority's service: takes in visits from its venues, counts, and answers tracing questions.

pub mod abroad;
pub mod access;
pub mod activity;
mod amended;
pub mod application;
pub mod board;
pub mod brought;
pub mod cabinet;
pub mod casework;
pub mod changes;
pub mod drafts;
pub mod enrolment;
pub mod export;
pub mod fhir;
mod hits;
mod holders;
pub mod index;
pub mod ingest;
pub mod inquiries;
pub mod intake;
pub mod issuing;
pub mod keys;
mod lookback;
pub mod notices;
pub mod officers;
mod opening;
pub mod participation;
pub mod passkeys;
pub mod programs;
pub mod quarantine;
pub mod questions;
pub mod received;
pub mod registry;
pub mod renewing;
mod sharing;
pub mod sormas;
pub mod stays;
pub mod store;
pub mod succession;
pub mod table;
pub mod trace;

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicBool, AtomicU32, AtomicU64},
};

use sync::{
    id::{RegionId, VenueId, Week},
    key::SecretKey,
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
use sharing::Looking;
use store::{Store, StoreError, postgres::Postgres};

/// After how many of the house's rounds withdrawals are drawn up that were not.
const WITHDRAWALS_MINUTES: u32 = 5;
/// After how many of the house's rounds a day is over.
const MINUTES_OF_A_DAY: u32 = 24 * 60;

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
    /// Records that were set apart; [`Authority::set_apart_records`] lists them.
    pub quarantined: u64,
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
    /// Why nothing is taken into the store just now; nothing is lost by it.
    pub store_trouble: Option<String>,
    /// Since when, and why, withdrawn tokens are not revoked: the list could not be drawn up.
    pub unpublished: Option<drafts::Unpublished>,
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
    store: Arc<Store>,
    looking: Mutex<Looking>,
    cabinet: Cabinet,
    secrets: Mutex<Vec<TracingSecret>>,
    clock: WallClock,
    rules: Mutex<Rules>,
    totals: Mutex<Totals>,
    /// Questions are written one after the other: each names the one before.
    questions: AsyncMutex<questions::Chain>,
    officers: Mutex<officers::Officers>,
    /// The end of the access log.
    access: AsyncMutex<access::End>,
    /// For how many days its lines are kept.
    access_days: AtomicU32,
    /// Whether tracing questions wait for a second approver.
    second: AtomicBool,
    registry: Registry,
    /// Rows come in one call after the other: each adds to what is held.
    registering: AsyncMutex<()>,
    inquiries: AtomicU64,
    /// Withdrawals that could not be drawn up.
    unpublished: Mutex<Option<drafts::Unpublished>>,
    /// The public register as it was counted last.
    register: participation::counted::Lately,
    abroad: Mutex<abroad::AbroadCounts>,
    keys: OnceLock<OfficeKeys>,
    /// Sends answers to another system, where one is configured.
    courier: OnceLock<sormas::Courier>,
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
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index is damaged.
    #[error("the authority's index is damaged")]
    Index(#[from] minicbor::decode::Error),
    /// The log of questions does not hang together.
    #[error("the log of questions was altered at entry {0}")]
    Questions(u64),
    /// The access log cannot be read, or does not hang together.
    #[error(transparent)]
    Access(#[from] access::AccessError),
    /// The accounts cannot be read.
    #[error("the authority's accounts cannot be read")]
    Officers(#[from] cabinet::CabinetError),
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
        let totals = Totals::read(&ledger).await?;
        let store = Store::embedded(ledger.clone());
        let key = ledger.charter().key.clone();
        Self::open_on(store, totals, &key, ledger, secrets, clock).await
    }

    /// Opens the authority on a store that it shares with other nodes. `key` is the cabinet's and the registry's: the same
    /// at all of them. Receipts speak from now on of what is durable there.
    ///
    /// # Errors
    /// [`OpenError`] when the store cannot be read, or was begun under another key.
    pub async fn open_shared(
        postgres: Postgres,
        key: &SecretKey,
        ledger: Ledger,
        secrets: Vec<TracingSecret>,
        clock: WallClock,
    ) -> Result<Self, OpenError> {
        ledger.secure(std::collections::BTreeMap::new()).await?;
        let store = Store::Shared(Box::new(postgres));
        let authority =
            Self::open_on(store, Totals::default(), key, ledger, secrets, clock).await?;
        if let Some(shared) = authority.0.store.shared() {
            shared.agree_on_key(&authority.0.cabinet.check_value()).await?;
        }
        authority.make_room().await?;
        Ok(authority)
    }

    async fn open_on(
        store: Store,
        totals: Totals,
        key: &SecretKey,
        ledger: Ledger,
        secrets: Vec<TracingSecret>,
        clock: WallClock,
    ) -> Result<Self, OpenError> {
        let rules = Rules::from_notices(&ledger.notices().await?);
        let store = Arc::new(store);
        let questions = questions::Chain::read(&store).await?;
        let (overview, _) = watch::channel(Overview::default());
        let registry = Registry::new(key);
        let cabinet = Cabinet::new(Arc::clone(&store), key);
        let officers = officers::read(&cabinet).await?;
        let access = access::End::verified(&cabinet).await?;
        let authority = Self(Arc::new(Inner {
            registry,
            registering: AsyncMutex::default(),
            inquiries: AtomicU64::new(0),
            unpublished: Mutex::default(),
            register: participation::counted::Lately::default(),
            abroad: Mutex::default(),
            keys: OnceLock::new(),
            courier: OnceLock::new(),
            office: AsyncMutex::default(),
            ledger,
            store,
            looking: Mutex::default(),
            cabinet,
            secrets: Mutex::new(secrets),
            clock,
            rules: Mutex::new(rules),
            totals: Mutex::new(totals),
            questions: AsyncMutex::new(questions),
            officers: Mutex::new(officers),
            access: AsyncMutex::new(access),
            access_days: AtomicU32::new(access::KEPT_DAYS),
            second: AtomicBool::new(false),
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

    /// Takes up tracing secrets that were made while it runs; how many were new.
    pub fn learn_weeks(&self, secrets: Vec<TracingSecret>) -> usize {
        let mut held = self.secrets();
        let before = held.len();
        let known = |held: &[TracingSecret], new: &TracingSecret| {
            held.iter().any(|s| s.week() == new.week() && *s.to_bytes() == *new.to_bytes())
        };
        for secret in secrets {
            if !known(&held, &secret) {
                held.push(secret);
            }
        }
        held.len() - before
    }

    /// What is written down for good beside the visits.
    pub fn cabinet(&self) -> &Cabinet {
        &self.0.cabinet
    }

    /// Every minute reads the accounts anew, which another gateway on the same store may have changed; every hour takes
    /// out what is no longer kept, every day the tokens that have ended. Run it beside the authority.
    pub async fn keep_house(self, shutdown: impl Future<Output = ()> + Send) {
        tokio::pin!(shutdown);
        for minute in 0_u32.. {
            if let Err(error) = self.reread_officers().await {
                tracing::error!(%error, "the authority's accounts could not be read");
            }
            if let Err(error) = self.tell_how_many_asked().await {
                tracing::error!(%error, "how many questions looked into the venues could not be read");
            }
            if let Err(error) = self.renew_own_papers().await {
                tracing::error!(%error, "this node's papers could not be renewed");
            }
            // What a call could not draw up is tried again, and what an earlier start of this node left.
            if minute.is_multiple_of(WITHDRAWALS_MINUTES) {
                let _ = self.publish_withdrawals().await; // says itself what is wrong
            }
            if minute.is_multiple_of(60)
                && let Err(error) = self.expire().await
            {
                tracing::error!(%error, "old cases could not be taken out");
            }
            if minute.is_multiple_of(60)
                && let Err(error) = self.forget_deliveries().await
            {
                tracing::error!(%error, "old deliveries could not be taken out");
            }
            if minute.is_multiple_of(60)
                && let Err(error) = self.forget_sent().await
            {
                tracing::error!(%error, "the keys of old requests could not be forgotten");
            }
            if minute.is_multiple_of(60)
                && let Err(error) = self.follow_accesses().await
            {
                tracing::error!(%error, "the access log could not be read");
            }
            if minute.is_multiple_of(MINUTES_OF_A_DAY)
                && let Err(error) = self.forget_holders().await
            {
                tracing::error!(%error, "holders of ended tokens could not be forgotten");
            }
            if minute.is_multiple_of(60)
                && let Err(error) = self.forget_abroad().await
            {
                tracing::error!(%error, "old letters of regions could not be taken out");
            }
            if minute.is_multiple_of(MINUTES_OF_A_DAY) {
                match self.drop_old_accesses().await {
                    Ok(0) => {}
                    Ok(gone) => tracing::info!(gone, "old lines of the access log are dropped"),
                    Err(error) => tracing::error!(%error, "the access log could not be cut"),
                }
                match self.forget_ended_tokens().await {
                    Ok(gone) => tracing::info!(gone, "tokens that have ended are forgotten"),
                    Err(error) => tracing::error!(%error, "ended tokens could not be forgotten"),
                }
            }
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(std::time::Duration::from_secs(60)) => {}
            }
        }
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

    fn looking(&self) -> MutexGuard<'_, Looking> {
        self.0.looking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn totals(&self) -> MutexGuard<'_, Totals> {
        self.0.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
