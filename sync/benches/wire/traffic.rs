//! Bytes between two nodes: a first sync, one visit, a reconnection, a partition, and nothing at all.

use std::time::Duration;

use sync::{sample, store::Durability};
use tokio::time::sleep;

use super::{
    Figure, figure,
    meter::Meter,
    node::{Clock, Node},
    payload::{self, Payload},
};

const MANY: u64 = 10_000;
const APART: u64 = 1_000;
const LIVE: usize = 15;
/// Everything that follows from an event has passed when it has been quiet for so long: longer than the time for
/// which others' records wait, shorter than a heartbeat.
const QUIET: Duration = Duration::from_millis(4_500);
/// One request has been answered and the answer acknowledged.
const BRIEF: Duration = Duration::from_millis(400);
const IDLE: Duration = Duration::from_secs(140);
const DAY_SECONDS: f64 = 86_400.0;

pub(crate) async fn all() -> Vec<Figure> {
    let mut figures = between_doors(Payload::Json, [0.66, 0.9]).await;
    figures.extend(between_doors(Payload::visit(), [1.15, 1.15]).await);
    figures
}

async fn between_doors(payload: Payload, [first_goal, apart_goal]: [f64; 2]) -> Vec<Figure> {
    let (name, clock) = (payload.name(), Clock::new());
    let mut a = Node::new(sample::door(1, 1), Durability::Volatile, &clock);
    let mut b = Node::new(sample::door(2, 1), Durability::Volatile, &clock);
    payload::write(&a, &payload, MANY).await;
    let meter = Meter::before(a.listen().await).await;
    let (before, cpu) = (meter.bytes(), cpu_millis());
    b.call(meter.address()).await;
    b.holds(MANY).await;
    let cpu = cpu_millis() - cpu;
    let first = meter.quiet(QUIET).await - before;
    let worth = payload.worth() as f64;

    let mut live: Vec<f64> = Vec::new();
    for _ in 0..LIVE {
        let before = meter.quiet(BRIEF).await;
        payload::write(&a, &payload, 1).await;
        live.push((meter.quiet(BRIEF).await - before) as f64);
    }
    live.sort_by(f64::total_cmp);

    b.hang_up().await;
    let before = meter.quiet(BRIEF).await;
    b.call(meter.address()).await;
    b.is_up().await;
    let again = meter.quiet(QUIET).await - before;

    b.hang_up().await;
    payload::write(&a, &payload, APART).await;
    payload::write(&b, &payload, APART).await;
    let before = meter.quiet(BRIEF).await;
    b.call(meter.address()).await;
    let all = MANY + LIVE as u64 + 2 * APART;
    a.holds(all).await;
    b.holds(all).await;
    let apart = meter.quiet(QUIET).await - before;
    b.stop().await;
    a.stop().await;
    vec![
        figure(format!("{name}: first sync of 10,000"), first as f64, "B", None),
        figure(
            format!("{name}: first sync, x worth"),
            first as f64 / (worth * MANY as f64),
            "x",
            Some(first_goal),
        ),
        figure(format!("{name}: first sync, CPU of both"), cpu, "ms", None),
        figure(
            format!("{name}: 1,000 + 1,000 after a partition"),
            apart as f64 / (worth * 2.0 * APART as f64),
            "x",
            Some(apart_goal),
        ),
        figure(
            format!("{name}: one live record, acknowledged"),
            live[live.len() / 2],
            "B",
            Some(900.0),
        ),
        figure(format!("{name}: reconnect, nothing new"), again as f64, "B", Some(8_000.0)),
    ]
}

/// What a door and the authority exchange in a day on which nothing happens.
pub(crate) async fn idle() -> Vec<Figure> {
    let clock = Clock::new();
    let mut authority = Node::new(sample::authority(9, 1), Durability::Volatile, &clock);
    let mut door = Node::new(sample::door(1, 1), Durability::Volatile, &clock);
    payload::write(&door, &Payload::visit(), 10).await;
    let meter = Meter::before(authority.listen().await).await;
    door.call(meter.address()).await;
    authority.holds(10).await;
    let before = meter.quiet(QUIET).await;
    sleep(IDLE).await;
    let bytes = (meter.bytes() - before) as f64;
    door.stop().await;
    authority.stop().await;
    let day = bytes * DAY_SECONDS / IDLE.as_secs_f64();
    vec![figure("idle link to the authority, a day", day / 1e6, "MB", Some(1.0))]
}

/// CPU time of this process, ms.
fn cpu_millis() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let own: Option<f64> = text.split(' ').next().and_then(|n| n.parse().ok());
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15, in hundredths of a second; the second is a name in brackets.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok());
    let all = ticks.sum::<f64>() * 10.0;
    if all > 0.0 { all } else { own.unwrap_or_default() / 1e6 }
}
