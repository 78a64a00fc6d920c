//! How soon a visit is seen at the sibling: from the request to record it here to the news of it there, both on disk.

use std::{collections::BTreeMap, time::Duration};

use sync::{sample, store::Durability};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{
    Figure, figure,
    meter::Meter,
    node::{Clock, Node},
    payload::{self, Payload},
};

const VISITS: usize = 400;
const EVERY: Duration = Duration::from_millis(50);

pub(crate) async fn latency() -> Vec<Figure> {
    let (clock, payload) = (Clock::new(), Payload::visit());
    let mut a = Node::new(sample::door(1, 1), Durability::Fsync, &clock);
    let mut b = Node::new(sample::door(2, 1), Durability::Fsync, &clock);
    let meter = Meter::before(a.listen().await).await;
    b.call(meter.address()).await;
    b.is_up().await;
    meter.quiet(Duration::from_millis(500)).await;
    let mut news = b.ledger.news();
    let seen = async {
        let mut seen = BTreeMap::new();
        while seen.len() < VISITS {
            let committed = news.recv().await.expect("news");
            let at = Instant::now();
            seen.extend(committed.records.iter().map(|r| (r.id, at)));
        }
        seen
    };
    let (written, seen) =
        tokio::join!(write(&a, &payload), timeout(Duration::from_secs(120), seen));
    let seen = seen.expect("every visit is seen");
    let mut waits: Vec<f64> = written
        .iter()
        .map(|(id, at)| seen[id].saturating_duration_since(*at).as_secs_f64() * 1_000.0)
        .collect();
    waits.sort_by(f64::total_cmp);
    b.stop().await;
    a.stop().await;
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    vec![
        figure("live visit at the sibling, 20 visits/s, median", at(50), "ms", None),
        figure("live visit at the sibling, 20 visits/s, p99", at(99), "ms", Some(250.0)),
    ]
}

/// Twenty a second, whether the last is durable or not.
async fn write(node: &Node, payload: &Payload) -> Vec<(sync::id::RecordId, Instant)> {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut begun, mut waiting) = (Vec::new(), tokio::task::JoinSet::new());
    for _ in 0..VISITS {
        ticks.tick().await;
        let at = node.clock.now();
        let id = node.ledger.name(payload::day(at));
        let record = payload.record(id, at);
        let ledger = node.ledger.clone();
        begun.push((id, Instant::now()));
        waiting.spawn(async move { ledger.record(id, sample::VENUE, record).await });
    }
    for done in waiting.join_all().await {
        done.expect("recorded");
    }
    begun
}
