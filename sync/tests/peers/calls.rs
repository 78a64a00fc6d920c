//! Calls without a session: asked once, answered once.

use std::time::Duration;

use sync::peers::{CallError, PairingCall, PeersConfig, call_once};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use crate::node::{Node, a_while, calling, key};

/// Answers each call with its bytes backwards.
fn answering(tasks: &mut JoinSet<()>) -> mpsc::Sender<PairingCall> {
    let (calls, mut arriving) = mpsc::channel::<PairingCall>(8);
    tasks.spawn(async move {
        while let Some(call) = arriving.recv().await {
            if call.request == b"never" {
                continue; // refused
            }
            let reply = call.request.iter().rev().copied().collect();
            call.reply.send(reply).unwrap();
        }
    });
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_by_the_right_node_only() {
    let mut tasks = JoinSet::new();
    let mut door = Node::new(1);
    let pairing = Some(answering(&mut tasks));
    let at = door.start(PeersConfig { pairing, ..calling(&[]) }).await;
    let (own, right, wrong) = (key(50), Some(door.key.public()), Some(key(51).public()));

    let reply = call_once(&own, at, right, b"abc".to_vec()).await.unwrap();
    assert_eq!(reply, b"cba");
    let error = call_once(&own, at, wrong, b"abc".to_vec()).await.unwrap_err();
    assert!(matches!(error, CallError::WrongKey(_)), "{error}");
    a_while(1000).await; // one call a second
    let long = call_once(&own, at, None, vec![7; 8 << 10]).await.unwrap();
    assert_eq!(long.len(), 8 << 10);
    let error = call_once(&own, at, None, vec![7; (8 << 10) + 1]).await.unwrap_err();
    assert!(matches!(error, CallError::TooLong(_)), "{error}");
    let error = call_once(&own, at, None, b"too soon".to_vec()).await.unwrap_err();
    assert!(matches!(error, CallError::NoAnswer(_)), "{error}");
    let error = call_once(&key(52), at, None, b"never".to_vec()).await.unwrap_err();
    assert!(matches!(error, CallError::NoAnswer(_)), "{error}");
    assert!(door.statuses().is_empty(), "who only called is no peer");
    door.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_somebody_to_answer_there_are_no_calls() {
    let mut door = Node::new(1);
    let at = door.start(calling(&[])).await;
    let error = call_once(&key(50), at, None, vec![]).await.unwrap_err();
    assert!(matches!(error, CallError::NotOffered(_)), "{error}");
    door.stop().await;
    let begun = Instant::now();
    let error = call_once(&key(50), at, None, vec![]).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(..)), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}
