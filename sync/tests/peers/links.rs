//! Links: one session per peer however they call, dead ones noticed and healed, second addresses, clean ends.

use sync::{
    id::VenueId,
    peers::{Limits, PeersConfig},
    status::Link,
};

use crate::{
    node::{Clock, Node, a_while, calling, hasty, until},
    relay::Relay,
};

#[tokio::test(flavor = "multi_thread")]
async fn two_ledgers_converge_over_one_stream_and_a_goodbye_is_no_error() {
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    a.record(30).await;
    let address = b.start(calling(&[])).await;
    a.start(calling(&[address.to_string()])).await;
    until("b has a's visits", || b.held() == 30).await;
    b.record(5).await;
    until("a has b's", || a.held() == 35).await;
    assert_eq!((a.up(), b.up()), (1, 1));

    let before = a.peers().traffic();
    b.record(1).await;
    until("the live visit is there", || a.held() == 36).await;
    a_while(300).await;
    let after = a.peers().traffic();
    let bytes = after.sent + after.received - before.sent - before.received;
    println!("one live visit: {bytes} bytes both ways");
    assert!(bytes < 900, "one visit costs {bytes} bytes");

    b.stop().await;
    until("a sees that b went", || a.up() == 0).await;
    assert!(a.reason().contains("closed") || a.reason().contains("refused"), "{}", a.reason());
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_call_each_other_have_one_session_and_keep_it() {
    for (first, second) in [(1, 2), (2, 1)] {
        let (mut a, mut b) = (Node::new(first), Node::new(second));
        // Ports first: each must know the other's before it starts.
        let ports = [calling(&[]), calling(&[])];
        let (to_a, to_b) = (a.start(ports[0].clone()).await, b.start(ports[1].clone()).await);
        a.stop().await;
        b.stop().await;
        let (link_a, link_b) = (Relay::to(to_a).await, Relay::to(to_b).await);
        let config = |own, other: &Relay| PeersConfig {
            listen: vec![own],
            ..calling(&[other.address.to_string()])
        };
        let (config_a, config_b) = (config(to_a, &link_b), config(to_b, &link_a));
        tokio::join!(a.start(config_a), b.start(config_b));
        until("the session is open", || a.up() == 1 && b.up() == 1).await;
        until("one connection is left", || link_a.open() + link_b.open() == 1).await;
        let since = || a.statuses().iter().find(|s| s.node.is_some()).map(|s| s.since);
        let begun = since();
        a.record(3).await;
        b.record(4).await;
        until("both have all", || a.held() == 7 && b.held() == 7).await;
        a_while(1500).await;
        assert_eq!(link_a.open() + link_b.open(), 1, "connections come and go");
        assert_eq!(a.statuses().len(), 1);
        assert!(begun.is_some());
        assert_eq!(since(), begun, "the session flapped");
        a.stop().await;
        b.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_is_noticed_and_healed() {
    // Twenty times as fast: a heartbeat every 0.75 s.
    let clock = Clock::of_pace(20);
    let (mut a, mut b) = (Node::with_clock(1, clock.clone()), Node::with_clock(2, clock));
    let limits = Limits { ..hasty() };
    let to_b = b.start(PeersConfig { limits: limits.clone(), ..calling(&[]) }).await;
    let link = Relay::to(to_b).await;
    a.start(PeersConfig { limits, ..calling(&[link.address.to_string()]) }).await;
    until("the session is open", || a.up() == 1 && b.up() == 1).await;
    a_while(2500).await;
    assert_eq!((a.up(), b.up()), (1, 1), "an idle session holds over several heartbeats");

    let mut status = a.peers().status();
    let begun = tokio::time::Instant::now();
    link.swallow();
    let noticed = status.wait_for(|s| s.up() == 0);
    noticed.await.unwrap();
    println!("noticed after {:?}", begun.elapsed());
    assert!(begun.elapsed().as_millis() < 4_500, "90 s at twenty times the pace");
    assert!(a.reason().contains("no answer"), "{}", a.reason());
    a.record(2).await;
    until("a has called anew", || a.up() == 1).await;
    until("what happened meanwhile arrives", || b.held() == 2).await;
    assert_eq!(b.statuses().len(), 1, "the same peer, once");
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_addresses_falls_over_to_the_one_that_holds() {
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    let to_b = b.start(calling(&[])).await;
    let link = Relay::to(to_b).await;
    // Nobody listens on the first.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    a.start(calling(&[format!("{free},{}, {to_b}", link.address)])).await;
    until("the second address holds", || a.up() == 1).await;
    assert_eq!(link.open(), 1);
    a_while(1500).await;
    assert_eq!((a.statuses().len(), link.open()), (1, 1), "the others are left alone");
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_venues_door_is_refused_and_says_so() {
    let mut a = Node::new(1);
    let mut b = Node::of_venue(2, VenueId::new(99), Clock::of_pace(1));
    let to_b = b.start(calling(&[])).await;
    a.start(calling(&[to_b.to_string()])).await;
    let refused = Link::Refused { word: "other-venue".into() };
    until("both say why", || {
        [&a, &b].iter().all(|n| n.statuses().first().is_some_and(|s| s.link == refused))
    })
    .await;
    a_while(1500).await;
    assert_eq!(a.statuses()[0].link, refused, "it is not tried again at once");
    a.stop().await;
    b.stop().await;
}
