//! Hearing of a door: by its own signed word, through others as over a link of its own, and never ahead of its records.

use sync::{id::PublicKey, status::Link, time::UnixMillis};

use crate::node::{Clock, Node, a_while, calling, until};

fn heard(node: &Node, of: PublicKey) -> Option<UnixMillis> {
    node.statuses().iter().find(|s| s.node == Some(of)).and_then(|s| s.heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_door_is_heard_through_another_until_it_goes() {
    // Sixty times as fast: a heartbeat every 0.25 s.
    let clock = Clock::of_pace(60);
    let node = |seed| Node::with_clock(seed, clock.clone());
    let (mut a, mut b, mut c) = (node(1), node(2), node(3));
    let to_b = b.start(calling(&[])).await.to_string();
    c.record(3).await;
    c.start(calling(std::slice::from_ref(&to_b))).await;
    a.start(calling(&[to_b])).await;
    let far = c.key.public();
    until("a hears of c", || heard(&a, far).is_some()).await;
    assert_eq!(a.held(), 3, "heard of before its records were here");
    let status = a.statuses().into_iter().find(|s| s.node == Some(far)).unwrap();
    assert!(matches!(status.link, Link::Down { .. }), "there is no link between them");
    assert_eq!(a.up(), 1);
    until("the door is called by its name", || {
        a.statuses().iter().any(|s| s.node == Some(far) && s.title.starts_with("door"))
    })
    .await;
    for _ in 0..3 {
        let before = heard(&a, far);
        until("the idle door is heard again", || heard(&a, far) > before).await;
    }
    assert!(heard(&b, far).is_some() && heard(&c, a.key.public()).is_none(), "a wrote nothing yet");
    a.record(1).await;
    until("c hears of a", || heard(&c, a.key.public()).is_some()).await;

    c.stop().await;
    let gone = clock.now();
    a_while(1500).await;
    assert!(heard(&a, far).unwrap() <= gone, "whoever is gone says nothing");
    let last = heard(&a, far);
    a_while(1000).await;
    assert_eq!(heard(&a, far), last);
    assert!(heard(&a, b.key.public()).unwrap() > gone, "the messenger itself is there");
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_up_is_not_heard_while_a_backlog_waits_behind_it() {
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    const BACKLOG: usize = 1_500;
    b.record(BACKLOG).await;
    let to_b = b.start(calling(&[])).await;
    a.start(calling(&[to_b.to_string()])).await;
    let mut status = a.peers().status();
    let mut up_before = false;
    loop {
        let now = status.borrow_and_update().peers.clone();
        let of_b = now.iter().find(|s| s.node == Some(b.key.public()));
        if of_b.is_some_and(|s| s.heard.is_some()) {
            assert_eq!(a.held(), BACKLOG as u64, "heard while records are missing");
            break;
        }
        up_before |= of_b.is_some_and(|s| s.link == Link::Up);
        status.changed().await.unwrap();
    }
    assert!(up_before, "the link was up before");
    let first = heard(&a, b.key.public());
    b.record(1).await;
    until("what was written since is here", || a.held() == BACKLOG as u64 + 1).await;
    assert_eq!(heard(&a, b.key.public()), first, "until its next word the last one stands");
    a.stop().await;
    b.stop().await;
}
