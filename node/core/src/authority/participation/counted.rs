//! What the authority's own index says of the venues: check-ins, refusals, how many were inside in each hour; the public
//! register; confirmed violations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use minicbor::{Decode, Encode};
use sync::{
    id::VenueId,
    record::VisitKind,
    time::{DAY_MILLIS, UnixMillis},
};

use tokio::sync::Mutex as AsyncMutex;

use super::{LEADER_DAYS, Measures, Phase, Standing, VenueFacts, standing};
use crate::authority::{
    Authority, OpenError,
    cabinet::{CabinetError, Filing},
    enrolment::Enrolled,
    index,
    stays::pair,
};

/// The drawer of confirmed violations.
const DRAWER: u8 = b'V';
const HOUR_MILLIS: i64 = 3_600_000;
/// The most hours that are counted at once.
pub const HOURS_MAX: i64 = 14 * 24;
/// Fewer people than these in an hour are told as "fewer": none of them can be made out.
pub const FEWEST: u64 = 5;

/// A violation that was found and confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Violation {
    /// When it was found.
    #[n(0)]
    pub at: UnixMillis,
    /// What, in words.
    #[n(1)]
    pub what: String,
    /// Who confirmed it.
    #[n(2)]
    pub by: String,
}

/// Why nothing could be counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CountError {
    /// The index.
    #[error(transparent)]
    Index(#[from] OpenError),
    /// The cabinet.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
}

/// An hour at a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// When it begins.
    pub from: UnixMillis,
    /// How many different people were inside in it.
    pub people: u64,
}

/// For how long the public register is shown as it was counted, ms.
const REGISTER_MILLIS: i64 = 5 * 60_000;

/// Who takes part, and how.
pub type Participants = Vec<(VenueFacts, Standing)>;

/// The register as it was counted last, and who counts it now.
#[derive(Debug, Default)]
pub(in super::super) struct Lately {
    counted: Mutex<Option<(UnixMillis, Arc<Participants>)>>,
    counting: AsyncMutex<()>,
}

impl Lately {
    fn held(&self) -> Option<(UnixMillis, Arc<Participants>)> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next to ask counts anew.
    fn forget(&self) {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Authority {
    /// The same as [`Authority::participants`] for whoever asks, as it was counted at most some minutes ago, and when: one
    /// counts at a time, and while one does the others are shown what was counted before.
    ///
    /// # Errors
    /// [`CountError`].
    pub async fn participants_lately(&self) -> Result<(UnixMillis, Arc<Participants>), CountError> {
        let fresh = |(at, _): &(UnixMillis, Arc<Participants>)| {
            (0..REGISTER_MILLIS).contains(&((self.0.clock)().get() - at.get()))
        };
        let held = self.0.register.held();
        if let Some(held) = held.clone().filter(fresh) {
            return Ok(held);
        }
        let _one = match (self.0.register.counting.try_lock(), held) {
            (Ok(one), _) => one,
            (Err(_), Some(stale)) => return Ok(stale),
            (Err(_), None) => self.0.register.counting.lock().await,
        };
        if let Some(held) = self.0.register.held().filter(fresh) {
            return Ok(held); // counted while this one waited
        }
        let counted = ((self.0.clock)(), Arc::new(self.participants().await?));
        let mut place = self.0.register.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(counted.clone());
        Ok(counted)
    }

    /// Every venue that has its papers by the register or has sent visits, by number, with how it stands: what was
    /// counted here, and what the register and the venue's own documents say.
    ///
    /// # Errors
    /// [`CountError`].
    pub async fn participants(&self) -> Result<Participants, CountError> {
        let now = (self.0.clock)();
        let measures = self.participation_measures();
        let mut granted: BTreeMap<_, _> = self.granted_venues().await?.into_iter().collect();
        let venues = self.0.overview.borrow().venues.clone();
        let since = now.plus_millis(-LEADER_DAYS * DAY_MILLIS);
        let mut found = Vec::with_capacity(venues.len() + granted.len());
        for venue in venues {
            let entry = match granted.remove(&venue.venue) {
                Some(entry) => Some(entry),
                None => self.venue(venue.venue).await?,
            };
            let rows =
                index::of_venue(&self.0.store, venue.venue, since, now.plus_millis(1)).await?;
            let entries = rows.iter().filter(|row| row.kind == VisitKind::Entry);
            let facts = VenueFacts {
                last_check_in: entries.clone().map(|row| row.at).max().or(venue.last_visit),
                check_ins: entries.count() as u64,
                refusals: rows.iter().filter(|row| row.kind == VisitKind::Refusal).count() as u64,
                ..self.facts_of(venue.venue, venue.name, entry.as_ref()).await?
            };
            found.push(facts);
        }
        for (venue, entry) in granted {
            let name = entry.application.name.clone();
            found.push(self.facts_of(venue, name, Some(&entry)).await?);
        }
        found.sort_by_key(|facts| facts.venue);
        let stands = |facts: VenueFacts| {
            let standing = standing(&facts, &measures, now);
            (facts, standing)
        };
        Ok(found.into_iter().map(stands).collect())
    }

    /// What is known of a venue beside its visits.
    async fn facts_of(
        &self,
        venue: VenueId,
        name: String,
        entry: Option<&Enrolled>,
    ) -> Result<VenueFacts, CountError> {
        let violations = self.violations(venue).await?;
        let mut facts = VenueFacts {
            violations: violations.iter().map(|violation| violation.at).collect(),
            outages: self.noted_outages(venue).await?,
            questions: self.questions_about(venue).await?,
            ..VenueFacts::nothing(venue, name)
        };
        if let Some(entry) = entry {
            entry.tell(&mut facts);
        }
        Ok(facts)
    }

    /// Until when a venue is shut out after a violation, where it is.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn shut_out_until(&self, venue: VenueId) -> Result<Option<UnixMillis>, CabinetError> {
        let found = self.violations(venue).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let mut facts = VenueFacts {
            violations: found.iter().map(|violation| violation.at).collect(),
            ..VenueFacts::nothing(venue, String::new())
        };
        if let Some(entry) = self.venue(venue).await? {
            entry.tell(&mut facts);
        }
        match standing(&facts, &self.participation_measures(), (self.0.clock)()).phase {
            Phase::Out(until) => Ok(Some(until)),
            Phase::Test(_) | Phase::Active | Phase::Silent(_) => Ok(None),
        }
    }

    /// Counts of the region as JSON: for programs and the command line. Nothing about anybody.
    pub fn stats(&self) -> serde_json::Value {
        let view = self.0.overview.borrow().clone();
        let venues = view.venues.iter().map(|venue| {
            serde_json::json!({
                "venue": venue.venue.get(),
                "name": venue.name,
                "doors": venue.doors,
                "visits": venue.visits,
                "entries": venue.entries,
                "exits": venue.exits,
                "refusals": venue.refusals,
                "alerts": venue.alerts,
                "notices": venue.notices,
                "last_visit": venue.last_visit.map(|at| at.to_string()),
            })
        });
        serde_json::json!({
            "region": view.region.get(),
            "visits": view.visits,
            "entries": view.entries,
            "exits": view.exits,
            "refusals": view.refusals,
            "unreadable": view.unreadable,
            "alerts": view.alerts,
            "notices": view.notices,
            "questions": view.questions,
            "venues": venues.collect::<Vec<_>>(),
        })
    }

    /// The region's rules of participation.
    pub fn participation_measures(&self) -> Measures {
        let policy = &self.rules().policy;
        Measures {
            test_days: policy.test_days,
            silent_days: policy.silent_days,
            leaders: policy.leaders,
        }
    }

    /// Confirmed violations of a venue, the earliest first.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn violations(&self, venue: VenueId) -> Result<Vec<Violation>, CabinetError> {
        let found = self.cabinet().all::<Violation>(&entry(venue)).await?;
        Ok(found.into_iter().map(|(_, violation)| violation).collect())
    }

    /// Writes a confirmed violation down.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn confirm_violation(
        &self,
        venue: VenueId,
        what: &str,
        by: &str,
    ) -> Result<(), CabinetError> {
        let at = (self.0.clock)();
        let name = [entry(venue), at.get().to_be_bytes().to_vec()].concat();
        let what = what.chars().take(200).collect();
        let violation = Violation { at, what, by: by.chars().take(200).collect() };
        self.cabinet().file(vec![Filing::put(name, &violation)]).await?;
        self.0.register.forget();
        Ok(())
    }

    /// How many people were at a venue in each hour of a span, without anything about any of them.
    ///
    /// # Errors
    /// [`CountError`].
    pub async fn hours(
        &self,
        venue: VenueId,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Hour>, CountError> {
        let since = from.plus_millis(-DAY_MILLIS);
        let later = until.plus_millis(DAY_MILLIS);
        let rows = index::of_venue(&self.0.store, venue, since, later).await?;
        let stay = i64::from(self.rules().policy.default_stay_minutes) * 60_000;
        let first = from.get().div_euclid(HOUR_MILLIS);
        let last = until.get().div_euclid(HOUR_MILLIS).min(first + HOURS_MAX);
        let mut people: BTreeMap<i64, BTreeSet<_>> = BTreeMap::new();
        for span in pair(rows, stay) {
            let begin = span.from.get().div_euclid(HOUR_MILLIS).max(first);
            let end = (span.until.get() - 1).div_euclid(HOUR_MILLIS).min(last);
            for hour in begin..=end {
                people.entry(hour).or_default().insert(span.subject);
            }
        }
        let hour = |n: i64| Hour {
            from: UnixMillis::new(n * HOUR_MILLIS),
            people: people.get(&n).map_or(0, |inside| inside.len() as u64),
        };
        Ok((first..=last).map(hour).collect())
    }
}

fn entry(venue: VenueId) -> Vec<u8> {
    [&[DRAWER], &venue.get().to_be_bytes()[..]].concat()
}
