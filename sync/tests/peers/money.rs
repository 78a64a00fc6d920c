//! A metered link: bursts, and a budget for the day.

use std::time::Duration;

use sync::peers::{PeersConfig, Profile};

use crate::node::{Clock, Node, a_while, calling, until};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn when_the_days_bytes_are_used_up_the_node_hangs_up_until_tomorrow() {
    let clock = Clock::of_pace(1);
    let (mut a, mut b) = (Node::with_clock(1, clock.clone()), Node::with_clock(2, clock.clone()));
    let to_b = b.start(calling(&[])).await;
    let profile = Profile::Metered { every: Duration::from_secs(1), daily_bytes: 20_000 };
    a.start(PeersConfig { profile, ..calling(&[to_b.to_string()]) }).await;
    until("the session is open", || a.up() == 1).await;
    while a.up() == 1 {
        b.record(10).await;
        a_while(50).await;
    }
    until("it has cost too much", || a.reason().contains("daily byte budget used up")).await;
    until("b sees it go", || b.up() == 0).await;
    let spent = a.peers().traffic();
    let spent = spent.sent + spent.received;
    println!("spent {spent} of 20000");
    assert!((20_000..25_000).contains(&spent));
    a_while(1500).await;
    let later = a.peers().traffic();
    assert!(later.sent + later.received < spent + 1000, "it goes on spending");
    assert_eq!(a.up(), 0);

    clock.forward(DAY);
    until("a new day", || a.up() == 1).await;
    a.stop().await;
    b.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metered_node_sends_in_bursts_and_answers_at_once() {
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    let to_b = b.start(calling(&[])).await;
    let profile = Profile::Metered { every: Duration::from_secs(8), daily_bytes: u64::MAX };
    a.start(PeersConfig { profile, ..calling(&[to_b.to_string()]) }).await;
    until("the session is open", || a.up() == 1 && b.up() == 1).await;
    a_while(4500).await; // the first burst is over
    a.record(1).await;
    b.record(1).await;
    until("b's visit is taken at once", || a.held() == 2).await;
    assert_eq!(b.held(), 1, "a's waits for its hour");
    until("the burst brings it", || b.held() == 2).await;
    a.stop().await;
    b.stop().await;
}
