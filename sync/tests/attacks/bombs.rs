//! Short messages that would be long: what a hostile sibling's bytes cost in memory once they are unpacked.

use std::io::Write;

use flate2::{Compression, write::DeflateEncoder};
use sync::{
    peers::wire::{Message, Reply, Request},
    sample,
};

use crate::{
    liar::Liar,
    memory::{Mark, alone},
    world::{Author, Door, until},
};

/// What a hostile sibling may cost, KiB.
const COST_MAX: u64 = 16 << 10;

fn bomb() -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(vec![3], Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..200 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn a_bomb_of_200_mib_costs_no_more_than_a_frame() {
    alone("bombs::a_bomb_of_200_mib_costs_no_more_than_a_frame", || async {
        let (mut a, mut b) = (Door::new(1), Door::new(2));
        let at = b.start(&[]).await;
        a.start(&[at]).await;
        a.record(1).await;
        until("the siblings talk", || b.held_of(1) == 1).await;
        let bomb = bomb();
        let mut liars = Vec::new();
        for _ in 0..4 {
            liars.push(Liar::of(&sample::door(3, 1), at).await);
        }
        let mark = Mark::set();
        for liar in &mut liars {
            assert_eq!(liar.say(&bomb).await, None, "the session ends");
        }
        let risen = mark.risen();
        println!("a bomb of 200 MiB, four times: peak memory rose by {risen} KiB");
        assert!(risen <= COST_MAX, "{risen} KiB");
        a.record(3).await;
        until("the siblings go on", || b.held_of(1) == 4).await;
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn records_scattered_over_segments_open_no_crowd_of_documents() {
    alone("bombs::records_scattered_over_segments_open_no_crowd_of_documents", || async {
        let (mut a, mut b) = (Door::new(1), Door::new(2));
        let at = b.start(&[]).await;
        a.start(&[at]).await;
        a.record(1).await;
        until("the siblings talk", || b.held_of(1) == 1).await;
        let mut liar = Liar::of(&sample::door(3, 1), at).await;
        let envelopes: Vec<_> = (0..4096).map(|segment| (segment, 1)).collect();
        let request =
            Request::Deliver { introduced: None, run: Author::new(3, 1).write(&envelopes) };
        let frame = request.to_frame();
        drop((request, envelopes));
        let mark = Mark::set();
        let reply = liar.say(&frame).await;
        let risen = mark.risen();
        println!("{} bytes for 4,096 segments: peak memory rose by {risen} KiB", frame.len());
        assert!(matches!(reply, Some(Reply::Stored { .. })), "{reply:?}");
        assert!(risen <= COST_MAX, "{risen} KiB");
        a.record(3).await;
        until("the siblings go on", || b.held_of(1) == 4).await;
        a.stop().await;
        b.stop().await;
    });
}
