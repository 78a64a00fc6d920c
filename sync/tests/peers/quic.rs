//! QUIC beside TCP.

use crate::node::{Node, calling, until};

#[tokio::test(flavor = "multi_thread")]
async fn two_ledgers_converge_over_quic_too() {
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    a.record(10).await;
    let address = b.start(calling(&[])).await;
    a.start(calling(&[format!("quic://{address}")])).await;
    until("b has a's visits", || b.held() == 10).await;
    b.record(5).await;
    until("a has b's", || a.held() == 15).await;
    assert!(a.peers().traffic().sent > 1000, "what QUIC carries is counted");
    a.stop().await;
    b.stop().await;
}
