//! Retention: once an hour what is past its days is destroyed, on the word of a clock that is believed.
//!
//! How many days is the region's policy, and another number at the authority than at a door. Whether the clock may
//! speak is [`Retention`]'s question; what is destroyed and in which order is the ledger's.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use node_core::{
    authority::Authority,
    clock::{ClockSource, Moment},
    policy::Policy,
    rules::Rules,
};
use sync::{
    book::Keeps,
    erasure::{Limit, Retention},
    id::Week,
    ledger::{Ledger, LedgerError, WallClock},
    store::Store,
    time::{DAY_MILLIS, Day, UnixMillis, Zone},
    vault::{Believed, Vault},
};
use tokio_util::sync::CancellationToken;

use crate::{
    ratchet,
    secret::{self, SecretError},
};

/// How often is looked whether something is past its days.
const LOOK: Duration = Duration::from_secs(3600);
/// A floor further ahead than this was set by a clock that was wrong, days: no zone and no midnight makes so much.
const FLOOR_AHEAD: i32 = 1;

/// The task's matter.
pub(crate) struct Keeping {
    pub(crate) ledger: Ledger,
    /// The zone of the venue's days; UTC at the authority.
    pub(crate) zone: Zone,
    /// Whether the configuration says that the clock is right.
    pub(crate) trusted: bool,
    pub(crate) clock: WallClock,
    /// The authority's tracing secrets: those of past weeks go with their days.
    pub(crate) tracing: Option<Weeks>,
    /// How long this run has lasted.
    pub(crate) uptime: Arc<dyn Fn() -> Duration + Send + Sync>,
}

/// The tracing secrets, in their file and in the authority's memory.
pub(crate) struct Weeks {
    pub(crate) file: PathBuf,
    pub(crate) authority: Authority,
}

impl Weeks {
    /// Destroys what can open nothing any more when the days before `first` are gone.
    fn forget_before(&self, first: Day) -> Result<(), SecretError> {
        let week = first_week(first);
        let gone = secret::forget_tracing(&self.file, week)?;
        self.authority.forget_weeks_before(week);
        if gone > 0 {
            tracing::info!(gone, "tracing secrets of past weeks are destroyed");
        }
        Ok(())
    }
}

/// The first week whose secret may have sealed a visit of `first` or later: days are the venue's, weeks are UTC's, so a
/// day may begin in the week before.
fn first_week(first: Day) -> Week {
    UnixMillis::new((i64::from(first.get()) - 1) * DAY_MILLIS).week()
}

impl Keeping {
    /// Looks at once and then every hour, until the node stops.
    pub(crate) async fn follow(self, stopped: CancellationToken) {
        let mut retention = match self.ledger.retention().await {
            Ok(retention) => retention,
            Err(error) => {
                tracing::error!(%error, "what is known of the days is lost; nothing goes for a day");
                Retention::default()
            }
        };
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = stopped.cancelled() => return,
                _ = look.tick() => {}
            }
            if let Err(error) = self.look(&mut retention).await {
                tracing::error!(%error, "what is past its days could not be destroyed");
            }
        }
    }

    async fn look(&self, retention: &mut Retention) -> Result<(), LedgerError> {
        let rules = Rules::from_notices(&self.ledger.notices().await?);
        let Moment { wall, trust } = rules.moment((self.clock)(), self.source());
        let days = days_kept(&rules.policy, self.ledger.charter().keeps);
        self.ledger.set_limit(Limit { retention: days, trust, zone: self.zone.clone() }).await?;
        let today = self.zone.day(wall);
        if let Some(floor) = self.ledger.floor().await?.filter(|f| is_ahead(*f, today)) {
            tracing::warn!("{}", floor_in_words(floor, today));
        }
        let before = retention.clone();
        let first = retention.look(today, trust, (self.uptime)(), days);
        if *retention != before {
            self.ledger.keep_retention(retention.clone()).await?;
        }
        if let Some(weeks) = &self.tracing
            && let Err(error) = weeks.authority.make_room().await
        {
            tracing::warn!(%error, "the shared store has no room for the days to come yet");
        }
        if let (Some(first), Some(today), Some(believed)) =
            (first, retention.last(), Believed::when(trust))
        {
            let purged = self.ledger.purge(first, today, believed).await?;
            if let Some(Err(error)) = self.tracing.as_ref().map(|weeks| weeks.forget_before(first))
            {
                tracing::error!(%error, "tracing secrets of past weeks could not be destroyed");
            }
            if let Some(weeks) = &self.tracing
                && let Err(error) = weeks.authority.forget_days_before(first).await
            {
                tracing::error!(%error, %first, "past days could not be dropped from the shared store");
            }
            if !purged.chains.is_empty() {
                let lost: u64 = purged.gaps.iter().map(|gap| gap.records).sum();
                tracing::info!(%first, chains = purged.chains.len(), lost, "past days are destroyed");
            }
        }
        Ok(())
    }

    fn source(&self) -> ClockSource {
        if self.trusted || ratchet::is_synchronised() {
            ClockSource::Synchronised
        } else {
            ClockSource::Unsynchronised
        }
    }
}

/// How many whole days a node keeps. No policy makes it none: today and yesterday are at work.
pub(crate) fn days_kept(policy: &Policy, keeps: Keeps) -> u16 {
    let days = match keeps {
        Keeps::Venue(_) => policy.retention_days_door,
        Keeps::Region => policy.retention_days_authority,
    };
    u16::try_from(days).unwrap_or(u16::MAX).max(2)
}

/// Whether the first day that is not destroyed has not come yet.
pub(crate) fn is_ahead(floor: Day, today: Day) -> bool {
    today.is_civil() && floor > today.plus(FLOOR_AHEAD)
}

/// What an operator must know of a floor that is ahead.
pub(crate) fn floor_in_words(floor: Day, today: Day) -> String {
    format!(
        "everything before {floor} counts as destroyed, but the clock says {today}: visits of today are refused. If \
         the clock is wrong, set it. If it is right now, it was wrong for a whole day before: stop the node, delete \
         the file keys/ledger/floor in its data folder and start it again; what was destroyed stays destroyed"
    )
}

/// What is wrong with the storage keys in a data folder, in words; the zone may be off by a day.
pub(crate) fn trouble_in(data: &Path, now: UnixMillis) -> Option<String> {
    let today = Zone::utc().day(now);
    match Vault::floor_in(&Store::vault_of(&data.join("ledger"))) {
        Ok(floor) => floor.filter(|f| is_ahead(*f, today)).map(|f| floor_in_words(f, today)),
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::id::VenueId;

    #[test]
    fn each_role_keeps_its_own_days_and_never_none() {
        let policy = Policy::default();
        assert_eq!(days_kept(&policy, Keeps::Venue(VenueId::new(1))), 14);
        assert_eq!(days_kept(&policy, Keeps::Region), 28);
        let none = Policy::parse(br#"{"version":1,"retention_days_door":0}"#);
        assert!(none.is_err() || days_kept(&none.unwrap(), Keeps::Venue(VenueId::new(1))) == 2);
    }

    #[test]
    fn the_week_before_stays_while_a_day_may_reach_into_it() {
        for day in (20_000..20_020).map(Day::new) {
            let (week, begins) = (first_week(day), i64::from(day.get()) * DAY_MILLIS);
            // In Kiribati the day begins 14 hours before UTC's.
            assert!(week <= UnixMillis::new(begins - 14 * 3_600_000).week());
            assert!(week.get() + 1 >= UnixMillis::new(begins).week().get(), "and no week longer");
        }
    }

    #[test]
    fn a_floor_in_the_future_is_named_with_the_remedy() {
        let today = Day::new(20_000);
        assert!(!is_ahead(today.plus(-14), today) && !is_ahead(today.plus(1), today));
        assert!(is_ahead(today.plus(2), today) && !is_ahead(today, Day::UNKNOWN));
        let words = floor_in_words(today.plus(300), today);
        assert!(words.contains("2024-10-04") && words.contains("keys/ledger/floor"), "{words}");
    }
}
