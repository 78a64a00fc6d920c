//! Doors' papers whose end is near, signed anew by the door that has the manager's key: for the same node and entrance, as
//! long as before, within the venue's own.

use std::sync::Arc;

use sync::{
    book::{Heads, VenueHeads},
    id::PublicKey,
    key::{SecretKey, Signed},
    ledger::{Ledger, LedgerError},
    membership::{DoorGrant, Membership, VenueGrant, ends_soon},
    time::{DAY_MILLIS, UnixMillis},
};

use crate::{
    clock::{EARLIEST, SKEW_MILLIS},
    code::paper::unverified,
};

/// A door that has written nothing for so long is not renewed: a person looks first whether it still stands there, ms.
const SILENT_MILLIS: i64 = 30 * DAY_MILLIS;
/// Less than this part of what they hold is not worth new papers.
const GAIN_PART: i64 = 20;

/// A grant with what it says.
pub(super) type Granted = (Signed<VenueGrant>, VenueGrant);

/// Renews what ends soon, and keeps it; the venue's grant that holds longest.
pub(super) async fn renew(
    ledger: &Ledger,
    manager: &SecretKey,
    held: &Granted,
    now: UnixMillis,
) -> Result<Granted, LedgerError> {
    let heads = Arc::clone(&ledger.heads().borrow());
    let grant = longest(&heads, held);
    if now < EARLIEST {
        return Ok(grant);
    }
    let own = ledger.charter().key.public();
    let venue = heads.venues.get(&held.1.venue).cloned().unwrap_or_default();
    let stands = |node: &PublicKey, papers: &Membership| {
        *node == own
            || (!venue.removed.contains_key(node) && wrote_lately(&venue, node, papers, now))
    };
    let ending = heads.papers.iter().filter(|(node, papers)| stands(node, papers));
    let fresh = ending.filter_map(|(_, papers)| renewed(papers, &grant, manager, now));
    let fresh: Vec<Membership> = fresh.collect();
    if !fresh.is_empty() {
        tracing::info!(doors = fresh.len(), "papers of this venue's doors are renewed");
        ledger.introduce(fresh).await?;
    }
    Ok(grant)
}

fn longest(heads: &Heads, held: &Granted) -> Granted {
    let grants = heads.papers.values().filter_map(|papers| match &**papers {
        Membership::Door { venue, .. } => Some((venue.clone(), unverified(venue)?)),
        Membership::Authority(_) => None,
    });
    let same = |(_, grant): &Granted| {
        (grant.region, grant.venue, grant.manager) == (held.1.region, held.1.venue, held.1.manager)
    };
    let all = grants.filter(same).chain([held.clone()]);
    all.max_by_key(|(_, grant)| grant.not_after).unwrap_or_else(|| held.clone())
}

/// Whether a door has written something lately, or has had its papers for no longer than that.
fn wrote_lately(
    venue: &VenueHeads,
    node: &PublicKey,
    papers: &Membership,
    now: UnixMillis,
) -> bool {
    let since = now.plus_millis(-SILENT_MILLIS);
    let mut chains = venue.chains.iter().filter(|(chain, _)| chain.author == *node);
    chains.any(|(_, head)| head.last_at >= since)
        || papers.span().is_some_and(|(from, _)| from >= since)
}

/// Papers in place of these; `None` where they do not end soon, or others would hold hardly longer.
fn renewed(
    papers: &Membership,
    (signed, grant): &Granted,
    manager: &SecretKey,
    now: UnixMillis,
) -> Option<Membership> {
    let Membership::Door { venue, door } = papers else { return None };
    let (held, old) = (unverified(venue)?, unverified(door)?);
    if !papers.ends_soon(now) || now >= grant.not_after {
        return None;
    }
    // Whom another manager let in is not let in by this one.
    let venue_of = |grant: &VenueGrant| (grant.region, grant.venue, grant.manager);
    if venue_of(&held) != venue_of(grant) || old.venue != grant.venue {
        return None;
    }
    let length = old.not_after.get().saturating_sub(old.not_before.get());
    let until = now.plus_millis(length).min(grant.not_after);
    let gains = |until: UnixMillis, before: UnixMillis| {
        until.get().saturating_sub(before.get()) > length / GAIN_PART
    };
    let before = held.not_after.min(old.not_after);
    let resigned = ends_soon((old.not_before, old.not_after), now) && gains(until, old.not_after);
    let door = if resigned {
        let not_before = now.plus_millis(-SKEW_MILLIS).max(grant.not_before);
        Signed::seal(&DoorGrant { not_before, not_after: until, ..old }, manager)
    } else if gains(grant.not_after.min(old.not_after), before) {
        door.clone()
    } else {
        return None;
    };
    Some(Membership::Door { venue: signed.clone(), door })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{
        id::{EntranceId, RegionId, VenueId},
        record::Direction,
    };

    const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_bytes(&[seed; 32])
    }

    fn day(n: i64) -> UnixMillis {
        NOW.plus_millis(n * DAY_MILLIS)
    }

    fn venue(until: i64) -> Granted {
        let grant = VenueGrant {
            region: RegionId::new(1),
            venue: VenueId::new(17),
            name: "V".into(),
            zone: "UTC".into(),
            manager: key(102).public(),
            capacity: None,
            doors: None,
            activity: None,
            area: None,
            not_before: day(until - 365),
            not_after: day(until),
        };
        (Signed::seal(&grant, &key(101)), grant)
    }

    fn papers(under: &Granted, until: i64) -> Membership {
        let grant = DoorGrant {
            venue: VenueId::new(17),
            entrance: EntranceId::new(1),
            name: "A".into(),
            direction: Direction::In,
            node: key(1).public(),
            not_before: day(until - 365),
            not_after: day(until),
        };
        Membership::Door { venue: under.0.clone(), door: Signed::seal(&grant, &key(102)) }
    }

    /// Until when the papers hold that are given in place of these, days; they hold now, for the same place.
    fn until(old: &Membership, grant: &Granted) -> Option<i64> {
        let fresh = renewed(old, grant, &key(102), NOW)?;
        fresh.check(&[key(101).public()], &key(1).public(), NOW).unwrap();
        assert!(fresh.is_for_same_place_as(old));
        Some((fresh.span()?.1.get() - NOW.get()) / DAY_MILLIS)
    }

    #[test]
    fn what_ends_soon_is_signed_as_long_as_the_venue_has_its_place() {
        let (short, long, longest) = (venue(10), venue(100), venue(365));
        assert_eq!(until(&papers(&long, 60), &long), None, "not yet");
        assert_eq!(until(&papers(&long, 10), &long), Some(100), "no longer than the venue");
        assert_eq!(until(&papers(&short, 10), &short), None, "nothing would be gained");
        assert_eq!(until(&papers(&short, 10), &longest), Some(365));
        assert_eq!(until(&papers(&short, 200), &longest), Some(200), "only the venue's grant ends");
        assert_eq!(
            until(&papers(&long, -1), &longest),
            None,
            "what has ended is a person's matter"
        );
    }

    #[test]
    fn who_was_silent_for_long_is_not_renewed() {
        let held = venue(300);
        let quiet = VenueHeads::default();
        let fresh = papers(&held, 350);
        assert!(wrote_lately(&quiet, &key(1).public(), &fresh, NOW), "just joined");
        assert!(!wrote_lately(&quiet, &key(1).public(), &papers(&held, 10), NOW));
    }
}
