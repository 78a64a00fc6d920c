//! Which days go and when: the retention of what is kept, decided from facts, without a clock or a file in sight.
//!
//! A wrong clock must not delete anything. [`Retention`] therefore follows a trusted clock only as far as time can
//! have passed by; for anything else it waits until the clock has said so for a whole day of uptime. What goes then is
//! the book's matter ([`crate::book::Book::give_up`]); [`alarm`] says what will go soon and is nowhere else.
//! [`accepts`] keeps others from bringing a day back.

use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::{
    record::ClockTrust,
    time::{Day, UnixMillis, Zone},
};

/// How many days may have passed while a node was off without raising a doubt about its clock.
pub const LEAP_DAYS: i32 = 3;
/// For how much uptime a doubted clock must go on saying what it says.
pub const SECOND_LOOK: Duration = Duration::from_secs(DAY_SECS);
/// How many days before its end an unacknowledged day raises the alarm.
pub const ALARM_DAYS: i32 = 4;
/// How far another node's clock may be ahead, days.
pub const AHEAD_DAYS: i32 = 2;
const DAY_SECS: u64 = 24 * 3600;
/// The most days that wait to be believed at a time.
const CLAIMS_MAX: usize = 16;

/// What is known of the passing days. Stored from run to run; only what it has come to believe counts, the uptime it
/// was told is of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Retention {
    /// The day of the last look that was believed.
    #[n(0)]
    last: Option<Day>,
    /// Days that the clock said and that are not believed yet, and for how long it has not taken them back.
    #[n(1)]
    claims: Vec<Claim>,
    /// The look that the days of this run are counted from, and its uptime. It does not move along, or a clock could
    /// creep a day with every look.
    #[cbor(skip)]
    anchor: Option<(Day, Duration)>,
    /// The uptime at the last look of any kind, in this run.
    #[cbor(skip)]
    seen: Option<Duration>,
}

/// "It is this day or later", said by a trusted clock and not taken back since.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Claim {
    #[n(0)]
    day: Day,
    #[n(1)]
    waited: Duration,
}

impl Retention {
    /// The day of the last look that was believed.
    pub fn last(&self) -> Option<Day> {
        self.last
    }

    /// Whether the clock says a day that is not believed yet.
    pub fn doubts(&self) -> bool {
        !self.claims.is_empty()
    }

    /// Looks at the clock: `now` is the venue's civil day by it, `uptime` how long this run has lasted. Gives the
    /// first day that is kept when `retention` whole days are; `None` when nothing may be destroyed now.
    ///
    /// The days that it gives never lie after `now` less the retention, and only rise.
    pub fn look(
        &mut self,
        now: Day,
        trust: ClockTrust,
        uptime: Duration,
        retention: u16,
    ) -> Option<Day> {
        let passed = self.seen.map_or(Duration::ZERO, |seen| uptime.saturating_sub(seen));
        self.seen = Some(uptime);
        if trust != ClockTrust::Trusted || !now.is_civil() {
            return None;
        }
        let believed = if self.follows(now, uptime) {
            self.anchor.get_or_insert((now, uptime));
            now
        } else {
            let weighed = self.weigh(now, passed)?;
            self.anchor = Some((weighed, uptime));
            weighed
        };
        self.last = Some(believed);
        // With `now` itself believed none is left: the earlier are settled, the later were just taken back.
        self.claims.retain(|claim| claim.day > believed && now > believed);
        Some(first_kept(believed, retention))
    }

    /// Whether time can have passed from the last look to `now`: by the uptime while the node runs, by [`LEAP_DAYS`]
    /// over a time in which it was off.
    fn follows(&self, now: Day, uptime: Duration) -> bool {
        let Some(last) = self.last else { return false };
        let (from, most) = match self.anchor {
            None => (last, i64::from(LEAP_DAYS)),
            Some((day, then)) => {
                // One more than whole days: the first midnight may come at once.
                let days = uptime.saturating_sub(then).as_secs() / DAY_SECS;
                (day, i64::try_from(days).unwrap_or(i64::MAX).saturating_add(1))
            }
        };
        now >= last && between(from, now) <= most
    }

    /// Takes back the claims that `now` belies, lets the others grow, and gives the latest that is old enough.
    fn weigh(&mut self, now: Day, passed: Duration) -> Option<Day> {
        self.claims.retain(|claim| claim.day <= now);
        if self.last.is_some_and(|last| now < last) {
            return None;
        }
        for claim in &mut self.claims {
            claim.waited = claim.waited.saturating_add(passed);
        }
        if self.claims.len() < CLAIMS_MAX && self.claims.iter().all(|claim| claim.day != now) {
            self.claims.push(Claim { day: now, waited: Duration::ZERO });
        }
        self.claims.iter().filter(|c| c.waited >= SECOND_LOOK).map(|c| c.day).max()
    }
}

/// Records near their end that the authority has not acknowledged: somebody should carry them out on a stick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The oldest day of them.
    pub oldest: Day,
    /// After how many more days it goes; with 0 at the end of today.
    pub days_left: u16,
    /// How many records, over all days that alarm.
    pub records: u64,
}

/// Whether something that nobody has acknowledged goes soon, given how many such records there are of each day. It
/// needs a clock that is not wholly unknown, for it destroys nothing. What has no date raises no alarm.
pub fn alarm(
    pending: impl IntoIterator<Item = (Day, u64)>,
    today: Day,
    trust: ClockTrust,
    retention: u16,
) -> Option<Alarm> {
    if trust == ClockTrust::Unknown || !today.is_civil() {
        return None;
    }
    let from_age = i64::from(i32::from(retention).saturating_sub(ALARM_DAYS).max(1));
    let alarms = |(day, records): &(Day, u64)| {
        day.is_civil() && *records > 0 && between(*day, today) >= from_age
    };
    let mut alarm: Option<Alarm> = None;
    for (day, records) in pending.into_iter().filter(alarms) {
        let found = alarm.get_or_insert(Alarm { oldest: day, days_left: 0, records: 0 });
        found.oldest = found.oldest.min(day);
        found.records = found.records.saturating_add(records);
        let left = (i64::from(retention) - between(found.oldest, today)).max(0);
        found.days_left = u16::try_from(left).unwrap_or(u16::MAX);
    }
    alarm
}

/// By what a node takes records from others, as far as their day goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many whole days it keeps.
    pub retention: u16,
    /// How far its clock is believed.
    pub trust: ClockTrust,
    /// The time zone of its days.
    pub zone: Zone,
}

impl Limit {
    /// Whether records of `day` are taken at `now`, by [`accepts`].
    pub fn accepts(&self, day: Day, floor: Option<Day>, now: UnixMillis) -> bool {
        accepts(day, floor, self.zone.day(now), self.trust, self.retention)
    }
}

/// Whether visits of `day` are taken from others: nothing before the vault's floor, nothing past one's own retention,
/// and by a trusted clock nothing from a future that no other clock can be in. With an unknown clock only the floor
/// speaks. What has no date is always taken.
pub fn accepts(
    day: Day,
    floor: Option<Day>,
    today: Day,
    trust: ClockTrust,
    retention: u16,
) -> bool {
    if !day.is_civil() {
        return true;
    }
    let alive = floor.is_none_or(|floor| day >= floor);
    let fresh = day >= first_kept(today, retention);
    let near = between(today, day) <= i64::from(AHEAD_DAYS);
    alive
        && match trust {
            _ if !today.is_civil() => true,
            ClockTrust::Trusted => fresh && near,
            ClockTrust::Bounded => fresh,
            ClockTrust::Unknown => true,
        }
}

/// The first of `retention` whole days before `today`.
fn first_kept(today: Day, retention: u16) -> Day {
    Day::new(today.get().saturating_sub(i32::from(retention)).max(i32::MIN + 1))
}

/// Days from one to another; negative when the other is the earlier.
fn between(from: Day, to: Day) -> i64 {
    i64::from(to.get()) - i64::from(from.get())
}

#[cfg(test)]
mod tests;
