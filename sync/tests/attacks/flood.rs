//! Floods by one who belongs: orphans, more than a door can write, dates ahead.

use sync::{
    book::{AUTHOR_CHAINS_MAX, AUTHOR_RECORDS_MAX},
    id::Seq,
    peers::wire::{Message, Reply, Request},
    record::RECORD_MAX,
    sample,
    time::UnixMillis,
};

use crate::{
    liar::Liar,
    memory::{Mark, alone},
    world::{Author, Door, key, until},
};

/// What a hostile sibling may cost in memory, KiB.
const COST_MAX: u64 = 16 << 10;

/// What the store keeps of pages in memory, KiB: full sooner or later, whoever writes.
const STORE_CACHE: u64 = 16 << 10;

async fn siblings() -> (Door, Door, std::net::SocketAddr) {
    let (mut a, mut b) = (Door::new(1), Door::new(2));
    let at = b.start(&[]).await;
    a.start(&[at]).await;
    a.record(1).await;
    until("the siblings talk", || b.held_of(1) == 1).await;
    (a, b, at)
}

fn deliver(author: &mut Author, envelopes: &[(u16, usize)]) -> Request {
    Request::Deliver { introduced: None, run: author.write(envelopes) }
}

fn stands(reply: Option<Reply>) -> Seq {
    match reply {
        Some(Reply::Stored { seq, .. }) => seq,
        other => panic!("the session goes on, for what is an author's fault: {other:?}"),
    }
}

#[test]
fn two_thousand_orphans_leave_nothing_behind() {
    alone("flood::two_thousand_orphans_leave_nothing_behind", || async {
        let (mut a, mut b, at) = siblings().await;
        let mut liar = Liar::of(&sample::door(3, 1), at).await;
        let chains = b.ledger.heads().borrow().chains().count();
        let on_disk = b.ledger.size_on_disk().await.unwrap();
        let orphans: Vec<_> =
            (0..2000).map(|n| deliver(&mut Author::new(3, n).after_a_gap(), &[(0, 64)])).collect();
        let mark = Mark::set();
        for (n, orphan) in orphans.iter().enumerate() {
            if n % 500 == 0 {
                a.record(1).await; // meanwhile
            }
            assert_eq!(stands(liar.ask(orphan).await), Seq::default(), "nothing of it is stored");
        }
        let risen = mark.risen();
        println!("2,000 orphans of 64 records: peak memory rose by {risen} KiB");
        assert!(risen <= COST_MAX, "{risen} KiB");
        until("the siblings go on", || b.held_of(1) == 5).await;
        assert_eq!(b.ledger.heads().borrow().chains().count(), chains);
        assert_eq!(b.held_of(3), 0);
        let grown = b.ledger.size_on_disk().await.unwrap() - on_disk;
        assert!(grown <= 1 << 20, "{grown} bytes more on disk"); // the four honest visits, in sled's segments
        // Nor is the liar's true history kept out by what it lied.
        assert_eq!(
            stands(liar.ask(&deliver(&mut Author::new(3, 1), &[(0, 1)])).await),
            Seq::new(1)
        );
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn an_author_over_its_quota_is_refused_and_the_doors_go_on() {
    alone("flood::an_author_over_its_quota_is_refused_and_the_doors_go_on", || async {
        // One node alone while it is measured: what it passes on would be counted twice in this process.
        let (mut a, mut b) = (Door::new(1), Door::new(2));
        let at = b.start(&[]).await;
        let mut liar = Liar::of(&sample::door(3, 1), at).await;
        let mut author = Author::new(3, 1);
        let mut stored = 0;
        let mut refused = 0;
        let runs: Vec<_> = (0..24_u64)
            .map(|n| {
                // Segments as an honest door fills them: 31 groups of 64 fit into one.
                let groups: Vec<_> = (n * 15..(n + 1) * 15)
                    .map(|group| (u16::try_from(group / 31).unwrap(), 64))
                    .collect();
                deliver(&mut author, &groups)
            })
            .collect();
        let mark = Mark::set();
        for run in &runs {
            let seq = stands(liar.ask(run).await).get();
            if seq > stored {
                stored = seq;
            } else {
                refused += 1;
            }
        }
        println!("{stored} groups stored: peak memory rose by {} KiB", mark.risen());
        // The store may fill its cache with what it took: room that is there whoever writes.
        assert!(mark.risen() <= COST_MAX + STORE_CACHE, "{} KiB", mark.risen());
        assert_eq!(b.held_of(3), stored * 64);
        a.start(&[at]).await;
        a.record(1).await;
        until("the siblings talk", || b.held_of(1) == 1).await;
        assert!(refused > 0 && stored * 64 <= AUTHOR_RECORDS_MAX);
        assert!(stored * 64 > AUTHOR_RECORDS_MAX - 15 * 64, "the quota is usable");

        // Another start of the same author does not help; another day has a quota of its own, but not of starts.
        assert_eq!(
            stands(liar.ask(&deliver(&mut Author::new(3, 2), &[(0, 64); 13])).await).get(),
            0
        );
        let starts = AUTHOR_CHAINS_MAX as u64 + 5;
        let mut begun = 0;
        for epoch in 0..starts {
            let mut author = Author::new(3, 100 + epoch);
            author.chain.day = author.chain.day.plus(-1);
            begun += stands(liar.ask(&deliver(&mut author, &[(0, 1)])).await).get();
        }
        assert_eq!(begun, AUTHOR_CHAINS_MAX as u64);

        a.record(5).await;
        until("the doors' own visits pass", || b.held_of(1) == 6).await;
        b.record(3).await;
        until("both ways", || a.held_of(2) == 3).await;
        // What a liar wrote within its quota goes on to others by the ordinary way, and stops nobody.
        until("the flood is passed on behind them", || a.held_of(3) == b.held_of(3)).await;
        a.record(1).await;
        until("and after it", || b.held_of(1) == 7).await;
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn the_longest_records_cost_no_more_memory_than_a_sibling_may() {
    alone("flood::the_longest_records_cost_no_more_memory_than_a_sibling_may", || async {
        // One node alone while it is measured: what it passes on would be counted twice in this process.
        let (mut a, mut b) = (Door::new(1), Door::new(2));
        let at = b.start(&[]).await;
        let mut liar = Liar::of(&sample::door(3, 1), at).await;
        let mut author = Author::new(3, 1);
        let mut seed = 1_u64;
        let mut noise = move || {
            let words = (0..RECORD_MAX / 8).flat_map(|_| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                seed.to_be_bytes()
            });
            [&[200, 1], &words.collect::<Vec<_>>()[2..]].concat()
        };
        let frames: Vec<_> = (0..20_u64)
            .map(|n| {
                // Segments as an honest door fills them: 16 groups of 64 KiB fit into one.
                let groups = (n * 15..(n + 1) * 15).map(|group| {
                    (u16::try_from(group / 16).unwrap(), (0..64).map(|_| noise()).collect())
                });
                let run = author.write_raw(groups.collect());
                Request::Deliver { introduced: None, run }.to_frame()
            })
            .collect();
        let on_disk = b.ledger.size_on_disk().await.unwrap();
        let mark = Mark::set();
        let mut stored = Seq::default();
        for frame in &frames {
            stored = stands(liar.say(frame).await);
        }
        let (risen, grown) = (mark.risen(), b.ledger.size_on_disk().await.unwrap() - on_disk);
        println!(
            "{} groups of 64 KiB stored: peak memory rose by {risen} KiB, the store by {} KiB",
            stored.get(),
            grown >> 10
        );
        assert!(risen <= COST_MAX + STORE_CACHE, "{risen} KiB");
        a.record(5).await;
        a.start(&[at]).await;
        until("the doors' own visits pass", || b.held_of(1) == 5).await;
        a.stop().await;
        b.stop().await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dated_ahead_waits_and_nobody_else_does() {
    let (mut a, mut b, at) = siblings().await;
    let mut liar = Liar::of(&sample::door(3, 1), at).await;
    for made_at in [crate::world::NOON.plus_millis(11 * 60_000), UnixMillis::new(i64::MAX)] {
        let mut author = Author::new(3, 1);
        author.made_at = made_at;
        assert_eq!(stands(liar.ask(&deliver(&mut author, &[(0, 1)])).await), Seq::default());
    }
    assert_eq!(stands(liar.ask(&deliver(&mut Author::new(3, 1), &[(0, 1)])).await), Seq::new(1));
    assert_eq!(key(3).public(), sample::door(3, 1).key.public());
    a.record(2).await;
    until("the siblings go on", || b.held_of(1) == 3).await;
    a.stop().await;
    b.stop().await;
}
