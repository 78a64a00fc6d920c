//! A transport that is handed in: here plain TCP takes the place of a simulated network.

use libp2p::tcp;

use crate::node::{Node, calling, until};

/// On one thread, as simulations run.
#[tokio::test]
async fn any_transport_of_byte_streams_carries_peers() {
    let raw = || tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    let address = b.start_over(calling(&[]), raw()).await;
    a.record(10).await;
    a.start_over(calling(&[address.to_string(), "door.example:1".into()]), raw()).await;
    until("b has a's visits", || b.held() == 10).await;
    until("names are not looked up", || {
        a.statuses().iter().any(|s| format!("{:?}", s.link).contains("invalid socket address"))
    })
    .await;
    a.stop().await;
    b.stop().await;
}
