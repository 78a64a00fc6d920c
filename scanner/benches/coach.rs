//! What the coach costs beside the decoder's own work on the same frame of 1280x720 pixels.

#![allow(
    clippy::unwrap_used,
    reason = "a bench that cannot stage its frame has nothing to measure"
)]

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use scanner::{Budget, Coach, Effort, View, decode_within, stage, stage_all};

fn coach(criterion: &mut Criterion) {
    let room = stage_all(&[], 1).unwrap();
    let visitor = stage("ST1:6BFOXN%TSMAHN-HVUOC8KC*9PZ3HRAL0Z7QK", &View::walk_up(3), 3).unwrap();
    for (name, frame) in [("room", &room), ("visitor", &visitor)] {
        let mut group = criterion.benchmark_group(name);
        let found = decode_within(frame, Effort::OneLook, &Budget::default()).unwrap();
        let mut coach = Coach::default();
        let mut at = Duration::ZERO;
        group.bench_function("coach", |bench| {
            bench.iter(|| {
                at += Duration::from_millis(66);
                coach.look(frame, &found, at)
            });
        });
        group.bench_function("decode", |bench| {
            bench.iter(|| decode_within(frame, Effort::OneLook, &Budget::default()));
        });
        group.finish();
    }
}

criterion_group!(benches, coach);
criterion_main!(benches);
