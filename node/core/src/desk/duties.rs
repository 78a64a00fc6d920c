//! What a desk writes by itself: versions it takes up, rights it gives away, alerts, dates that were not known.

use std::collections::BTreeSet;

use sync::{
    id::{RecordId, ZoneId},
    record::{Adopted, Alert, AlertCause, ClockTrust, Record, Transfer},
    time::{Day, UnixMillis},
};

use super::{
    Desk,
    acts::ActError,
    links::{self, Begun},
    state::State,
};
use crate::{
    clock::Moment,
    occupancy::{Watch, is_seen},
};

/// A sibling is given rights no oftener, ms.
const GIVE_MILLIS: i64 = 2_000;
/// How long the door of a visit has to raise an alert, before another does, ms.
const ALERT_MILLIS: i64 = 60_000;
/// The most alerts written at once.
const ALERTS_AT_ONCE: usize = 64;

impl Desk {
    /// Looks at the others, then writes what is due. What cannot be written now is tried again.
    pub(super) async fn do_duties(&self) {
        let now = self.moment();
        self.look_at_others(now);
        let done = [self.adopt(now).await, self.give(now).await, self.alert(now).await];
        for done in done.into_iter().chain([self.redate(now).await, self.tell_twins(now).await]) {
            if let Err(error) = done {
                tracing::warn!(%error, "a record of the desk's own could not be written");
            }
        }
    }

    /// Who is there, and which starts this one goes on with.
    pub(super) fn look_at_others(&self, now: Moment) {
        let heads = self.0.ledger.heads().borrow().clone();
        let charter = self.0.ledger.charter();
        let (own, epoch) = (charter.key.public(), charter.epoch);
        let begun = {
            let mut begun = self.0.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if begun.trust != ClockTrust::Trusted && now.trust == ClockTrust::Trusted {
                *begun = Begun { at: now.wall, trust: now.trust };
            }
            *begun
        };
        let mut state = self.state();
        let peers = state.peers.as_ref().map(|p| p.borrow().clone());
        state.links = links::links(&heads, peers.as_ref());
        let zones: Vec<ZoneId> = state.occupancy.shares().zones().collect();
        let heard_all = {
            let state = &*state;
            let mut holders = zones.iter().flat_map(|zone| state.occupancy.shares().holders(*zone));
            let heard = |door| state.links.get(door).is_some_and(|seen| seen.heard >= begun.at);
            holders.all(|door| *door == own || heard(door))
        };
        let begins = |from| from != links::SINCE_EVER;
        let heard_all = heard_all || state.start.share_from.is_some_and(begins);
        let epochs = state.occupancy.lineage(own, epoch);
        let (leased, zone) = (self.0.config.resumes, &self.site().zone);
        state.start = links::start(&heads, own, epochs, leased, begun, heard_all, zone);
    }

    /// Takes up the newest version of each capacity: from then on this door goes by no earlier one.
    async fn adopt(&self, now: Moment) -> Result<(), ActError> {
        if now.trust == ClockTrust::Unknown {
            return Ok(());
        }
        let own = self.0.ledger.charter().key.public();
        let zones: Vec<ZoneId> = self.state().occupancy.shares().zones().collect();
        for zone in zones {
            let due = {
                let state = self.state();
                let period = state.occupancy.period(zone, now.wall);
                let owned = state.start.share_from.is_some_and(|from| from <= period);
                let reserved = state.reserved.get(&zone).is_some_and(|n| *n > 0);
                let unused = owned && !reserved && state.occupancy.is_unused(zone, &own, now.wall);
                state.occupancy.shares().to_adopt(zone, own, period, unused)
            };
            if let Some((version, from)) = due {
                let adopted = Adopted { at: now.wall, zone, version, from };
                self.write(Day::STANDING, Record::Adopted(adopted)).await?;
            } else {
                self.make_known(zone, now).await?;
            }
        }
        Ok(())
    }

    /// A start that has written nothing is known to nobody, and rights would be given to the one before it.
    async fn make_known(&self, zone: ZoneId, now: Moment) -> Result<(), ActError> {
        let own = self.0.ledger.charter().chain(Day::STANDING);
        let heads = self.0.ledger.heads().borrow().clone();
        if heads.chains().any(|(c, _)| (c.author, c.epoch) == (own.author, own.epoch)) {
            return Ok(());
        }
        let adopted = self.state().occupancy.shares().adopted(zone, &own.author);
        if let Some((version, from)) = adopted {
            let again = Adopted { at: now.wall, zone, version, from };
            self.write(self.0.config.day(now), Record::Adopted(again)).await?;
        }
        Ok(())
    }

    /// Gives rights to a sibling that runs out of them.
    async fn give(&self, now: Moment) -> Result<(), ActError> {
        let zone = self.site().part;
        let heads = self.0.ledger.heads().borrow().clone();
        let Some((gift, period)) = self.gift(zone, now, &heads) else { return Ok(()) };
        let Some(epoch) = links::newest_start(&heads, &gift.to) else { return Ok(()) };
        let Some(right) = self.reserve(gift.rights, None, now.wall) else { return Ok(()) };
        let (to, rights) = (gift.to, gift.rights);
        let transfer = Transfer { at: now.wall, zone, period, to, rights, epoch };
        self.state().gave_at.insert(to, now.wall);
        self.write(self.0.config.day(now), Record::Transfer(transfer)).await?;
        drop(right);
        Ok(())
    }

    fn gift(
        &self,
        zone: ZoneId,
        now: Moment,
        heads: &sync::book::Heads,
    ) -> Option<(crate::occupancy::Gift, Day)> {
        let mut state = self.state();
        let free = state.free(zone, now.wall)?;
        let gave_at = state.gave_at.clone();
        let lately = |at: &UnixMillis| (0..GIVE_MILLIS).contains(&(now.wall.get() - at.get()));
        let gift = state.with_now(zone, now.wall, |known, start, moment| {
            known.rebalance(zone, start, free, moment, |door| {
                !gave_at.get(door).is_some_and(lately) && links::newest_start(heads, door).is_some()
            })
        })?;
        let period = state.occupancy.period(zone, now.wall);
        Some((gift, period))
    }

    /// Computes what revoked credentials look like under today's keys when the list or a key is new; nobody waits for
    /// it, for the lock is free meanwhile.
    pub(super) fn renew_watch(&self) {
        let (list, keys) = {
            let state = self.state();
            let keys = state.keys();
            if state.marks.watch().is_of(&state.rules.revocations, &keys) {
                return;
            }
            (state.rules.revocations.clone(), keys)
        };
        let watch = Watch::of(&list, &keys);
        self.state().marks.set_watch(watch);
    }

    /// Raises the alerts that later revocations make: for visits of this door at once, for those of a door that is not
    /// heard after a minute.
    async fn alert(&self, now: Moment) -> Result<(), ActError> {
        self.renew_watch();
        let due: BTreeSet<RecordId> = {
            let mut state = self.state();
            let State { marks, links, .. } = &mut *state;
            let own = self.0.ledger.charter().key.public();
            let is_due = |id: &RecordId, noticed: UnixMillis| {
                let silent = !is_seen(links.get(&id.chain.author), now.wall);
                id.chain.author == own || silent && now.wall.get() - noticed.get() >= ALERT_MILLIS
            };
            let due = marks.revoked(now.wall).filter(|(id, noticed)| is_due(id, *noticed));
            due.map(|(id, _)| id).take(ALERTS_AT_ONCE).collect()
        };
        for of in due {
            let alert = Alert { at: now.wall, of, cause: AlertCause::Revoked };
            self.write(self.0.config.day(now), Record::Alert(alert)).await?;
        }
        Ok(())
    }
}
