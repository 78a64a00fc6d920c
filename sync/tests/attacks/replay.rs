//! The same again, in any order, and from a later program.

use sync::{
    document::DocumentId,
    envelope::Run,
    id::{Segment, Seq},
    peers::wire::{Reply, Request},
    sample,
};

use crate::{
    liar::Liar,
    world::{Author, DAY, Door, until, visit},
};

/// A number that looks random, from a seed.
fn chance(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 40).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_and_reordered_runs_change_nothing() {
    let (mut a, mut b) = (Door::new(1), Door::new(2));
    let mut author = Author::new(3, 1);
    let runs: Vec<Run> = (0..12).map(|_| author.write(&[(0, 3), (0, 2)])).collect();
    let papers = vec![sample::door(3, 1).membership];
    for run in &runs {
        a.ledger.merge(papers.clone(), run.clone()).await.unwrap();
    }

    let at = b.start(&[]).await;
    let mut liar = Liar::of(&sample::door(3, 1), at).await;
    let mut seed = 42;
    let (mut asked, mut last) = (0, Seq::default());
    while last < Seq::new(24) {
        let run = runs[chance(&mut seed) % runs.len()].clone();
        let reply = liar.ask(&Request::Deliver { introduced: None, run }).await;
        let Some(Reply::Stored { seq, .. }) = reply else { panic!("{reply:?}") };
        assert!(seq >= last, "nothing goes back");
        last = seq;
        asked += 1;
        assert!(asked < 5000, "in some order all of it comes in");
    }
    for run in runs.iter().rev().cycle().take(36) {
        let run = run.clone();
        let reply = liar.ask(&Request::Deliver { introduced: None, run }).await;
        assert_eq!(reply, Some(Reply::Stored { seq: last, receipt: None }));
    }
    assert_eq!(b.held_of(3), 60, "each visit once");
    assert!(b.ledger.evidence().await.unwrap().is_empty(), "a repetition is no second history");
    let id = DocumentId { chain: author.chain, segment: Segment::new(0) };
    let heads = b.ledger.document_heads(id).await.unwrap();
    assert_eq!(heads, a.ledger.document_heads(id).await.unwrap(), "the document is the same");

    // The honest side: its own visits, and the rest of that chain.
    a.record(2).await;
    a.start(&[at]).await;
    let run = author.write(&[(0, 1)]);
    let reply = liar.ask(&Request::Deliver { introduced: None, run }).await;
    assert_eq!(reply, Some(Reply::Stored { seq: Seq::new(25), receipt: None }));
    until("the siblings go on", || b.held_of(1) == 2 && a.held_of(3) == 61).await;
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_later_program_wrote_is_passed_on_byte_for_byte() {
    let (mut b, mut c) = (Door::new(2), Door::new(4));
    let mut author = Author::new(3, 1);
    let known = visit().to_bytes();
    let mut later_version = known.clone();
    later_version[1] = 7;
    let later_kind = [&[200, 1][..], &[0xff; 300], b"anything at all, no CBOR"].concat();
    let longest = vec![255; sync::record::RECORD_MAX];
    let records = vec![known, later_version, later_kind, vec![99, 0], longest];
    let run = author.write_raw(vec![(0, records.clone()), (0, vec![vec![90, 1, 0x80]])]);

    let at = b.start(&[]).await;
    let mut liar = Liar::of(&sample::door(3, 1), at).await;
    let reply = liar.ask(&Request::Deliver { introduced: None, run: run.clone() }).await;
    assert_eq!(reply, Some(Reply::Stored { seq: Seq::new(2), receipt: None }));
    c.record(1).await;
    c.start(&[at]).await;
    until("b has passed it on", || c.held_of(3) == 1).await;
    let (_, arrived) = c.ledger.run(author.chain, Seq::default(), 1 << 20).await.unwrap();
    assert_eq!(arrived.unwrap(), run, "c holds what the author wrote, signature and all");
    until("c's own visits pass as ever", || b.held_of(4) == 1).await;

    // A restart reads them back as they were, and goes on with them.
    let (stored, _) = c.ledger.records(author.chain, Seq::default(), 100).await.unwrap();
    assert_eq!(stored.len(), 6);
    assert_eq!(stored[0].id.chain.day, DAY);
    b.stop().await;
    c.stop().await;
}
