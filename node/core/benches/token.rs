//! What a door's processor spends on a token: the whole verification beside the bare signature check.

use criterion::{Criterion, criterion_group, criterion_main};
use ed25519_dalek::{Signer, SigningKey};
use node_core::{
    clock::Moment,
    code::Code,
    token::{
        Claim, Cti, FactKind,
        status::{IssuerKey, StatusClaims, issue},
        trust::{Revocations, TrustList},
        verify,
    },
};
use std::hint::black_box;
use sync::{id::Subject, key::SecretKey, time::UnixMillis};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

fn token(c: &mut Criterion) {
    let key = IssuerKey::new(&SecretKey::from_bytes(&[1; 32]));
    let claim = Claim::Fact { kind: FactKind::NegativeTest, at: NOON };
    let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
    let end = NOON.plus_millis(3_600_000);
    let claims = StatusClaims::new("KZ", subject, cti, NOON, end, claim).expect("within bounds");
    let text = issue(&claims, &key);
    let trust = TrustList::from_public_key(&key.public().to_string()).expect("a public key");
    let revocations = Revocations::default();
    c.bench_function("whole token", |b| {
        b.iter(|| {
            let code = Code::read(black_box(&text));
            verify(&code, &trust, &revocations, Moment::trusted(NOON)).expect("verifies")
        });
    });

    let signing = SigningKey::from_bytes(&[1; 32]);
    let verifying = signing.verifying_key();
    let message = [7; 90]; // as long as the Sig_structure of the token above
    let signature = signing.sign(&message);
    c.bench_function("verify_strict alone", |b| {
        b.iter(|| verifying.verify_strict(black_box(&message), &signature).expect("verifies"));
    });
}

criterion_group!(benches, token);
criterion_main!(benches);
