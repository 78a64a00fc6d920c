//! What leaves on a stick when not everything can.

use std::{path::Path, sync::Arc};

use super::*;
use crate::{
    record::{Edit, Record},
    sample::{VENUE, door},
    store::Durability,
    tag::TagKey,
};

const DAY: Day = Day::new(20_717);
const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

async fn open(folder: &Path, seed: u8) -> Ledger {
    let path = folder.join(seed.to_string());
    let ledger =
        Ledger::open(&path, door(seed, 1), Durability::Volatile, Arc::new(|| NOON)).unwrap();
    ledger.turn(TagKey::new(DAY.plus(-1), [3; 32])).await.unwrap();
    ledger
}

async fn write(ledger: &Ledger, day: Day, bytes: usize) {
    // What looks like noise, as a sealed visit does.
    let value: Vec<u8> = (0..bytes).map(|_| rand::random::<u8>()).collect();
    let edit =
        Edit { at: NOON, field: "note".into(), value: Some(value.into()), replaces: Vec::new() };
    ledger.record(ledger.name(day), VENUE, Record::Edit(edit)).await.unwrap();
}

#[tokio::test]
async fn what_has_no_key_stays_and_keeps_nothing_else_back() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (open(folder.path(), 1).await, open(folder.path(), 2).await);
    for day in [DAY, Day::STANDING, Day::UNKNOWN, DAY] {
        write(&a, day, 20).await;
    }
    write(&b, DAY, 20).await; // a door that was open on that day has its key
    // No tracing key of this week: a door that was offline for long, or whose clock was not set.
    let made = export(&a, VENUE, false, &Keys::default(), NOON).await.unwrap();
    let stays = [Day::STANDING, Day::UNKNOWN].map(|day| (day, LeftOut::NoKey));
    assert_eq!(made.left_out, stays.into());
    let taken = import(&b, &made.bundle, &Keys::default()).await.unwrap();
    assert_eq!((taken.records, taken.refused.len()), (2, 0));
    for ledger in [a, b] {
        ledger.close().await;
    }
}

#[tokio::test]
async fn a_bundle_is_never_too_large_to_be_read_and_takes_the_oldest_days() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (open(folder.path(), 1).await, open(folder.path(), 2).await);
    for day in [DAY, DAY.plus(-1), DAY.plus(1)] {
        for _ in 0..20 {
            write(&a, day, 600).await;
        }
    }
    for day in [DAY.plus(-1), DAY] {
        write(&b, day, 20).await;
    }
    let most = 40_000;
    let made = export_within(most, &a, VENUE, false, &Keys::default(), NOON).await.unwrap();
    assert_eq!(made.left_out, [(DAY.plus(1), LeftOut::Full)].into());
    assert!(made.bundle.to_bytes().len() <= most);
    let taken = import(&b, &made.bundle, &Keys::default()).await.unwrap();
    assert_eq!((taken.records, taken.refused.len()), (40, 0));
    for ledger in [a, b] {
        ledger.close().await;
    }
}
