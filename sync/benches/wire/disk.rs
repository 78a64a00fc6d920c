//! Bytes written to the disk for a visit that waits with others, as the kernel counts them for this process.

use sync::{sample, store::Durability};
use tokio::task::JoinSet;

use super::{
    Figure, figure,
    node::{Clock, Node},
    payload::{self, Payload},
};

const VISITS: usize = 6_400;
const BURSTS: [usize; 4] = [1, 16, 32, 64];

pub(crate) async fn written() -> Vec<Figure> {
    let mut figures = Vec::new();
    for burst in BURSTS {
        let (clock, payload) = (Clock::new(), Payload::visit());
        let node = Node::new(sample::door(1, 1), Durability::Fsync, &clock);
        let visits = if burst == 1 { VISITS / 16 } else { VISITS };
        let before = written_bytes();
        for _ in 0..visits / burst {
            clock.skip(1_000);
            together(&node, &payload, burst).await;
        }
        let each = (written_bytes() - before) as f64 / visits as f64;
        let commits: u64 = node.ledger.heads().borrow().chains().map(|(_, h)| h.seq.get()).sum();
        node.stop().await;
        let goal = (burst >= 16).then_some(2_000.0);
        figures.push(figure(
            format!("written to disk a visit, bursts of {burst}"),
            each,
            "B",
            goal,
        ));
        let size = visits as f64 / commits as f64;
        figures.push(figure(
            format!("visits in a group commit, bursts of {burst}"),
            size,
            "",
            None,
        ));
    }
    figures
}

/// All are asked for at once: what the first commit does not take waits for the second.
async fn together(node: &Node, payload: &Payload, burst: usize) {
    let sealed: Vec<_> = (0..burst)
        .map(|_| {
            let at = node.clock.now();
            let id = node.ledger.name(payload::day(at));
            (id, payload.record(id, at))
        })
        .collect();
    let mut waiting = JoinSet::new();
    for (id, record) in sealed {
        let ledger = node.ledger.clone();
        waiting.spawn(async move { ledger.record(id, sample::VENUE, record).await });
    }
    for done in waiting.join_all().await {
        done.expect("recorded");
    }
}

/// What this process has caused to be sent to the disk, bytes.
fn written_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").expect("the kernel's count");
    let line = text.lines().find_map(|l| l.strip_prefix("write_bytes: "));
    line.and_then(|n| n.parse().ok()).expect("a number")
}
