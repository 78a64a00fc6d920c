//! How the rights to admit are shared out when the manager has not said it: evenly among the entrances that let people
//! in, and anew when a door joins or goes: pure.
//!
//! What the manager has said stays: a limit below the authority's, an entrance that is named with no rights at all. What
//! was shared out of the authority's limit follows it, down and up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sync::{
    id::{EntranceId, PublicKey, ZoneId},
    membership::DoorGrant,
    order::{Capacity, Matter, Order},
    record::Direction,
    time::Day,
};

/// So many rights, as evenly as can be; the first entrances have one more where they do not come out even.
pub fn evenly(most: u32, entrances: &BTreeSet<EntranceId>) -> Vec<(EntranceId, u32)> {
    in_proportion(most, entrances.iter().map(|entrance| (*entrance, 1)).collect())
}

/// The next version of the whole venue's capacity, where one is needed: there is none yet, a door lets people in that
/// no version names, a door is gone that had rights, or the authority's `limit` is lower now, or is another than
/// when version `followed` was made of it.
///
/// `doors` are the papers of all doors that were ever introduced; `from` is the business day of now.
pub fn next_version(
    limit: u32,
    followed: Option<u64>,
    orders: &[Arc<Order>],
    doors: &[DoorGrant],
    closing_minute: u16,
    from: Day,
) -> Option<Capacity> {
    let places = Places::of(orders, doors);
    if places.letting_in.is_empty() {
        return None;
    }
    let Some(newest) = newest(orders) else {
        let shares = evenly(limit, &places.letting_in);
        let zone = ZoneId::default();
        return Some(Capacity { zone, version: 1, most: limit, shares, closing_minute, from });
    };
    let named: BTreeMap<EntranceId, u32> = newest.shares.iter().copied().collect();
    let is_new = places.letting_in.iter().any(|entrance| !named.contains_key(entrance));
    let lost = named.iter().any(|(e, rights)| *rights > 0 && places.left.contains(e));
    let most = if followed == Some(newest.version) { limit } else { newest.most.min(limit) };
    if !is_new && !lost && newest.most == most {
        return None;
    }
    // A newcomer weighs as much as those that have rights do on the average.
    let has = |(e, rights): &(&EntranceId, &u32)| **rights > 0 && !places.left.contains(*e);
    let those: Vec<u32> = named.iter().filter(has).map(|(_, rights)| *rights).collect();
    let count = u32::try_from(those.len()).unwrap_or(u32::MAX).max(1);
    let average = (those.iter().sum::<u32>() / count).max(1);
    let weight = |entrance: &EntranceId| named.get(entrance).copied().unwrap_or(average);
    let kept = named.keys().filter(|entrance| !places.left.contains(entrance));
    let weights = kept.chain(&places.letting_in).map(|entrance| (*entrance, weight(entrance)));
    Some(Capacity {
        version: newest.version + 1,
        most,
        shares: in_proportion(most, weights.collect()),
        from: from.max(newest.from),
        ..newest.clone()
    })
}

/// Whether the version that [`next_version`] makes follows the authority's limit: the first does, one that the limit cut
/// down does, and one after a version that did.
pub fn follows(limit: u32, followed: Option<u64>, orders: &[Arc<Order>]) -> bool {
    newest(orders).is_none_or(|newest| newest.most > limit || followed == Some(newest.version))
}

/// Where doors stand and stood.
struct Places {
    /// Entrances with a door that lets people in.
    letting_in: BTreeSet<EntranceId>,
    /// Entrances whose doors are all removed.
    left: BTreeSet<EntranceId>,
}

impl Places {
    fn of(orders: &[Arc<Order>], doors: &[DoorGrant]) -> Self {
        let removed: BTreeSet<PublicKey> = orders
            .iter()
            .filter_map(|order| match &order.matter {
                Matter::Removal(removal) => Some(removal.node),
                _ => None,
            })
            .collect();
        let (mut letting_in, mut live, mut left) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for door in doors {
            if removed.contains(&door.node) {
                left.insert(door.entrance);
                continue;
            }
            live.insert(door.entrance);
            if door.direction != Direction::Out {
                letting_in.insert(door.entrance);
            }
        }
        left.retain(|entrance| !live.contains(entrance));
        Self { letting_in, left }
    }
}

fn newest(orders: &[Arc<Order>]) -> Option<&Capacity> {
    let of_venue = orders.iter().filter_map(|order| match &order.matter {
        Matter::Capacity(c) if c.zone == ZoneId::default() => Some(c),
        _ => None,
    });
    of_venue.max_by_key(|c| c.version)
}

fn in_proportion(most: u32, weights: BTreeMap<EntranceId, u32>) -> Vec<(EntranceId, u32)> {
    let all: u64 = weights.values().map(|weight| u64::from(*weight)).sum();
    let exact = |weight: u32| u64::from(most) * u64::from(weight) / all.max(1);
    let whole = |weight: u32| u32::try_from(exact(weight)).unwrap_or(most);
    let given: u32 = weights.values().map(|weight| whole(*weight)).sum();
    // What is left over is less than one each. Who was given none stays without.
    let mut left = most - given;
    let share = |(entrance, weight): (EntranceId, u32)| {
        let one = u32::from(left > 0 && weight > 0);
        left -= one;
        (entrance, whole(weight) + one)
    };
    weights.into_iter().map(share).collect()
}

#[cfg(test)]
mod tests;
