//! Strangers and liars: they cost little, and siblings go on.

use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder, noise,
    swarm::{SwarmEvent, dummy},
    tcp, yamux,
};
use sync::peers::{Limits, PeersConfig};
use tokio::{io::AsyncWriteExt as _, net::TcpSocket, task::JoinSet, time::Instant};

use crate::{
    node::{Node, a_while, calling, until},
    relay::Relay,
};

fn swarm<B: libp2p::swarm::NetworkBehaviour>(behaviour: B) -> Swarm<B> {
    SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| behaviour)
        .unwrap()
        .with_swarm_config(|c| c.with_idle_connection_timeout(Duration::from_secs(3600)))
        .build()
}

fn multiaddr(at: std::net::SocketAddr) -> Multiaddr {
    format!("/ip4/{}/tcp/{}", at.ip(), at.port()).parse().unwrap()
}

/// Connects from 127.0.0.`from`, then says nothing, or far too slowly. Ends when it is cut off.
async fn drip(from: u8, at: std::net::SocketAddr, slow: bool) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, from], 0).into()).unwrap();
    let Ok(mut stream) = socket.connect(at).await else { return };
    let hello = b"\x13/multistream/1.0.0\n\x07/noise\n";
    for byte in hello.iter().cycle() {
        if slow && stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        a_while(500).await;
    }
}

/// Encrypted and multiplexed, but never a word. Returns when it is cut off.
async fn stay_silent(at: std::net::SocketAddr) {
    let mut stranger = swarm(dummy::Behaviour);
    stranger.dial(multiaddr(at)).unwrap();
    let mut established = false;
    loop {
        match stranger.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => established = true,
            SwarmEvent::ConnectionClosed { .. } => break,
            SwarmEvent::OutgoingConnectionError { .. } => break,
            _ => {}
        }
    }
    assert!(established, "an honest handshake is let through");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_strangers_does_not_keep_a_sibling_out() {
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    let limits = Limits { introduction: Duration::from_secs(3), ..Limits::default() };
    let at = b.start(PeersConfig { limits, ..calling(&[]) }).await;
    let elsewhere = Relay::between([127, 0, 0, 9].into(), at).await;
    let mut silent = JoinSet::new();
    for _ in 0..20 {
        silent.spawn(stay_silent(elsewhere.address));
    }
    a_while(1000).await; // these come first, and are pushed out first
    let mut crowd = JoinSet::new();
    for n in 0..300_u16 {
        crowd.spawn(drip(u8::try_from(2 + n / 60).unwrap(), at, n % 2 == 0));
    }
    a_while(1000).await;
    a.record(40).await;
    let begun = Instant::now();
    a.start(calling(&[at.to_string()])).await;
    until("the sibling's visits arrive", || b.held() == 40).await;
    println!("in after {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(b.up() == 1 && b.statuses().len() == 1, "strangers are not on the screen");
    tokio::time::timeout(Duration::from_secs(6), silent.join_all()).await.expect("cut off in time");
    assert_eq!(b.up(), 1);
    a.stop().await;
    b.stop().await;
}

/// Opens a stream for a session, sends these bytes, and reads until it is cut off.
async fn say(at: std::net::SocketAddr, bytes: &[u8]) -> usize {
    let behaviour = libp2p_stream::Behaviour::new();
    let mut control = behaviour.new_control();
    let mut liar = swarm(behaviour);
    liar.dial(multiaddr(at)).unwrap();
    let peer: PeerId = loop {
        if let SwarmEvent::ConnectionEstablished { peer_id, .. } = liar.select_next_some().await {
            break peer_id;
        }
    };
    let mut driving = JoinSet::new();
    driving.spawn(async move {
        loop {
            liar.select_next_some().await;
        }
    });
    let protocol = libp2p::StreamProtocol::new("/vestibule/sync/3");
    let mut stream = control.open_stream(peer, protocol).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard).await; // reset or ended
    heard.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_costs_the_sender_its_session_and_nobody_else() {
    let (mut a, mut b) = (Node::new(1), Node::new(2));
    let at = b.start(calling(&[])).await;
    a.start(calling(&[at.to_string()])).await;
    until("the siblings talk", || a.up() == 1 && b.up() == 1).await;
    let since = b.statuses().iter().find(|s| s.node == Some(a.key.public())).unwrap().since;
    let oversize = [0xff, 0xff, 0xff, 0x01, 0, 1]; // 4 MiB to come
    let endless_length = [0xff; 16];
    let unasked = [3, 1, 1, 0x05]; // a reply that nobody asked for
    let no_kind = [2, 9, 1];
    let no_cbor = [6, 0, 1, 0xff, 0xff, 0xff, 0xff];
    for bytes in [&oversize[..], &endless_length, &unasked, &no_kind, &no_cbor] {
        let begun = Instant::now();
        let cut = tokio::time::timeout(Duration::from_secs(8), say(at, bytes)).await;
        assert!(cut.is_ok(), "{bytes:?} is still connected after {:?}", begun.elapsed());
    }
    a.record(3).await;
    until("the siblings go on", || b.held() == 3).await;
    let sibling = b.statuses().into_iter().find(|s| s.node == Some(a.key.public())).unwrap();
    assert_eq!(sibling.since, since, "their session never broke");
    a.stop().await;
    b.stop().await;
}
