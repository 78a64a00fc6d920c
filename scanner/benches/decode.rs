//! Time from a grey 1280x720 frame to its codes, and of staging one.

use criterion::{Criterion, criterion_group, criterion_main};
use scanner::{View, decode, stage, stage_all};

/// As long as a status token: 240 characters of base45.
fn token() -> String {
    const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    (0..240_usize).map(|i| char::from(BASE45[i * 31 % 45])).collect()
}

fn decoding(c: &mut Criterion) {
    let token = token();
    let with_code = stage(&token, &View::walk_up(1), 1).expect("240 characters fit into a symbol");
    let without = stage_all(&[], 1).expect("an empty room can always be drawn");
    assert_eq!(decode(&with_code).len(), 1, "the benchmark must measure a success");
    c.bench_function("decode/staged", |b| b.iter(|| decode(&with_code)));
    c.bench_function("decode/no code", |b| b.iter(|| decode(&without)));
    c.bench_function("stage/walk up", |b| b.iter(|| stage(&token, &View::walk_up(1), 1)));
}

criterion_group!(benches, decoding);
criterion_main!(benches);
