//! What 200,000 withdrawn credentials cost: a look-up, beside one in a standard map, and the memory of the lists.

#![allow(
    clippy::print_stdout,
    reason = "the memory that the lists take is printed beside the times"
)]

use std::{collections::HashMap, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use data_encoding::BASE64;
use node_core::token::{
    Cti, DccHashKind, DccKid, RevocableId,
    revocations::{Filter, Revocations},
};
use sha2::{Digest, Sha256};
use sync::time::UnixMillis;

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const ENTRIES: u32 = 200_000;
const KID: DccKid = DccKid::new([1; 8]);

fn hash(number: u32) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&Sha256::digest(number.to_be_bytes())[..16]);
    hash
}

fn cti(number: u32) -> RevocableId {
    let mut cti = [0; 8];
    cti.copy_from_slice(&hash(number)[..8]);
    RevocableId::Cti(Cti::new(cti))
}

fn dcc(number: u32) -> RevocableId {
    RevocableId::Dcc { kid: KID, kind: DccHashKind::Uci, hash: hash(number) }
}

fn list(field: &str) -> Revocations {
    let json =
        format!(r#"{{"version":1,"issued_at":"2026-09-01T00:00:00Z","revoked":[],{field}}}"#);
    Revocations::parse(json.as_bytes()).expect("a list of the form")
}

fn revocations(c: &mut Criterion) {
    let (kid, hashes): (_, Vec<[u8; 16]>) =
        (BASE64.encode(KID.as_bytes()), (0..ENTRIES).map(hash).collect());
    let ids: Vec<u8> = hashes.iter().flat_map(|hash| hash[..8].to_vec()).collect();
    let own = list(&format!(r#""ctis":[{{"ids":"{}"}}]"#, BASE64.encode(&ids)));
    let packed = BASE64.encode(hashes.as_flattened());
    let eu = list(&format!(r#""dcc":[{{"kid":"{kid}","kind":"UCI","hashes":"{packed}"}}]"#));
    let filter = Filter::of(hashes.iter().map(<[u8; 16]>::as_slice), 1e6).to_bytes();
    let packed = BASE64.encode(&filter);
    let slice = list(&format!(r#""dcc":[{{"kid":"{kid}","kind":"UCI","filter":"{packed}"}}]"#));
    for (name, list) in [("ids of ours", &own), ("hashes of the EU", &eu), ("filter", &slice)] {
        println!("{name}: {} entries take {} bytes", list.len(), list.bytes());
    }
    type Make = fn(u32) -> RevocableId;
    let lists: [(&str, &Revocations, Make); 3] =
        [("ids of ours", &own, cti), ("hashes of the EU", &eu, dcc), ("filter", &slice, dcc)];
    for (name, list, id) in lists {
        // Asked in no order, so that the processor's caches help no more than at a door.
        let asked = |from: u32| (0..4096).map(|n| id(from + n * 7919 % ENTRIES)).collect();
        let (held, absent): (Vec<_>, Vec<_>) = (asked(0), asked(ENTRIES));
        for (which, asked) in [("held", &held), ("absent", &absent)] {
            let mut next = asked.iter().cycle();
            c.bench_function(&format!("{name}, {which}"), |b| {
                b.iter(|| list.names_id(black_box(next.next().expect("endless")), NOON));
            });
        }
    }
    let map: HashMap<[u8; 16], UnixMillis> = hashes.iter().map(|h| (*h, NOON)).collect();
    let mut next = hashes.iter().cycle();
    c.bench_function("a standard map, held", |b| {
        b.iter(|| map.contains_key(black_box(next.next().expect("endless"))));
    });
}

criterion_group!(benches, revocations);
criterion_main!(benches);
