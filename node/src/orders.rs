//! The orders of a venue in words: what each says, who signed it, and whether it is the one that holds now.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sync::{
    id::{PublicKey, VenueId, ZoneId},
    ledger::{Ledger, LedgerError},
    membership::Place,
    order::{Matter, Order, SignedOrder, Signer},
    time::{Day, Zone},
};

use crate::{wall, wiping};

/// Every order of a venue that this node has taken and goes by, in the order of their signing.
///
/// # Errors
/// [`LedgerError`] when the ledger cannot be read.
pub(crate) async fn list(
    ledger: &Ledger,
    venue: VenueId,
    zone: &Zone,
) -> Result<Value, LedgerError> {
    let orders = ledger.orders(venue).await?;
    let slots = orders.iter().map(|order| order.slot()).collect();
    let signed = ledger.signed_orders(venue, slots).await?;
    let names: BTreeMap<PublicKey, String> = ledger
        .members()
        .await?
        .into_iter()
        .filter_map(|(node, member)| match member?.place {
            Place::Door { door, .. } => Some((node, door.name)),
            Place::Authority(_) => None,
        })
        .collect();
    let mut read: Vec<(Order, SignedOrder)> =
        signed.into_iter().filter_map(|s| Some((s.claims()?, s))).collect();
    read.sort_by_key(|(order, _)| (order.issued_at, order.slot()));
    let holds = Holds::of(read.iter().map(|(order, _)| order), zone.day(wall::now()));
    let row = |(order, signed): &(Order, SignedOrder)| {
        let mut row = said(order, signed.signer());
        row["in_force"] = json!(holds.has(order));
        if let Matter::Removal(removal) = &order.matter {
            row["name"] = json!(names.get(&removal.node));
        }
        row
    };
    Ok(read.iter().map(row).collect())
}

/// What an order says.
pub(crate) fn said(order: &Order, signer: &Signer) -> Value {
    let (by, key) = match signer {
        Signer::Manager => ("manager", None),
        Signer::Root(root) => ("root", Some(root)),
        Signer::Node(node, papers) if papers.claimed_venue().is_some() => ("door", Some(node)),
        Signer::Node(node, _) => ("authority", Some(node)),
    };
    let mut row = match &order.matter {
        Matter::Removal(removal) => json!({
            "kind": "removal",
            "node": removal.node.to_string(),
            "cause": wiping::word(removal.cause),
        }),
        Matter::Capacity(capacity) => {
            let share = |(entrance, rights): &(sync::id::EntranceId, u32)| json!({"entrance": entrance.get(), "rights": rights});
            let closing = capacity.closing_minute;
            json!({
                "kind": "capacity",
                "zone": capacity.zone.get(),
                "version": capacity.version,
                "most": capacity.most,
                "shares": capacity.shares.iter().map(share).collect::<Vec<_>>(),
                "closing": format!("{:02}:{:02}", closing / 60, closing % 60),
                "from": capacity.from.to_string(),
            })
        }
        Matter::Rekey(rekey) => json!({
            "kind": "rekey",
            "generation": rekey.generation,
            "day": rekey.day.to_string(),
            "sealed_to": rekey.keys.iter().map(|key| key.to.to_string()).collect::<Vec<_>>(),
        }),
        Matter::Hits(hits) => json!({"kind": "hits", "visits": hits.len()}),
    };
    row["venue"] = json!(order.venue.get());
    row["issued_at"] = json!(order.issued_at.to_string());
    row["signed_by"] = json!(by);
    row["signer"] = json!(key.map(ToString::to_string));
    row
}

/// The same as a line for people.
pub(crate) fn in_words(row: &Value) -> String {
    let text = |name: &str| match &row[name] {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let short = |key: &str| key.chars().take(12).collect::<String>();
    let what = match row["kind"].as_str().unwrap_or_default() {
        "removal" => {
            let who = row["name"].as_str().map_or_else(|| short(&text("node")), str::to_owned);
            format!("{who} no longer belongs ({})", text("cause"))
        }
        "capacity" => {
            let shares = row["shares"].as_array().map(Vec::as_slice).unwrap_or_default();
            let share = |s: &Value| format!("{} at entrance {}", s["rights"], s["entrance"]);
            let shares: Vec<String> = shares.iter().map(share).collect();
            format!(
                "at most {} in part {}, from {}: {} (version {})",
                text("most"),
                text("zone"),
                text("from"),
                shares.join(", "),
                text("version")
            )
        }
        "rekey" => {
            let doors = row["sealed_to"].as_array().map_or(0, Vec::len);
            format!(
                "a new tag key of {} for {doors} doors (no. {})",
                text("day"),
                text("generation")
            )
        }
        _ => format!("{} visits on which a later list bears", text("visits")),
    };
    let over = if row["in_force"] == json!(false) { ", superseded" } else { "" };
    format!("{}  {what}; signed by the {}{over}", text("issued_at"), text("signed_by"))
}

/// Which orders hold of those that stand in each other's way.
struct Holds {
    /// The version of each part's capacity: the latest that has begun.
    capacity: BTreeMap<ZoneId, u64>,
    rekey: Option<u32>,
}

impl Holds {
    fn of<'a>(orders: impl Iterator<Item = &'a Order>, today: Day) -> Self {
        let mut holds = Self { capacity: BTreeMap::new(), rekey: None };
        for order in orders {
            match &order.matter {
                Matter::Capacity(c) if c.from <= today => {
                    let version = holds.capacity.entry(c.zone).or_insert(c.version);
                    *version = c.version.max(*version);
                }
                Matter::Rekey(rekey) => holds.rekey = holds.rekey.max(Some(rekey.generation)),
                _ => {}
            }
        }
        holds
    }

    fn has(&self, order: &Order) -> bool {
        match &order.matter {
            Matter::Capacity(c) => self.capacity.get(&c.zone) == Some(&c.version),
            Matter::Rekey(rekey) => self.rekey == Some(rekey.generation),
            Matter::Removal(_) | Matter::Hits(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use sync::{
        id::EntranceId,
        order::{Capacity, Removal, RemovalCause},
        time::UnixMillis,
    };

    use super::*;

    fn capacity(version: u64, from: i32) -> Order {
        let (zone, closing_minute) = (ZoneId::default(), 90);
        let shares = vec![(EntranceId::new(1), 3), (EntranceId::new(2), 2)];
        let from = Day::new(from);
        let most = 5;
        let matter =
            Matter::Capacity(Capacity { zone, version, most, shares, closing_minute, from });
        Order { venue: VenueId::new(17), issued_at: UnixMillis::from_secs(1_790_000_000), matter }
    }

    #[test]
    fn the_latest_version_that_has_begun_holds() {
        let orders = [capacity(1, 100), capacity(2, 100), capacity(3, 101)];
        let holds = Holds::of(orders.iter(), Day::new(100));
        assert_eq!(orders.map(|order| holds.has(&order)), [false, true, false]);
    }

    #[test]
    fn an_order_is_said_in_a_line() {
        let said = said(&capacity(2, 20_717), &Signer::Manager);
        assert_eq!((&said["closing"], &said["signed_by"]), (&json!("01:30"), &json!("manager")));
        let line = in_words(&said);
        for words in ["at most 5", "3 at entrance 1, 2 at entrance 2", "signed by the manager"] {
            assert!(line.contains(words), "{line}");
        }
        let removal = Removal { node: PublicKey::new([7; 32]), cause: RemovalCause::Lost };
        let removal = Order { matter: Matter::Removal(removal), ..capacity(1, 1) };
        let mut row = super::said(&removal, &Signer::Root(PublicKey::new([9; 32])));
        row["in_force"] = json!(true);
        let line = in_words(&row);
        assert!(
            line.contains("070707070707 no longer belongs (lost); signed by the root"),
            "{line}"
        );
        assert!(!line.contains("superseded"));
    }
}
