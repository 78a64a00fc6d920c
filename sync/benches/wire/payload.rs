//! What is written: sealed visits as a door makes them, and the JSON records by which other sync programs were measured.

use data_encoding::BASE64URL_NOPAD;
use rand::RngExt;
use sync::{
    id::{EntranceId, RecordId, Subject, Tag},
    record::{ClockTrust, Decider, Edit, PlaceTaken, Record, Status, Visit, VisitKind},
    sample::VENUE,
    sealed::{Binding, Identity, Sealed, TracingKey, TracingSecret},
    time::{Day, UnixMillis},
};

use super::node::Node;

/// Visitors come so many milliseconds apart, or less.
const APART: i64 = 6_000;
/// A decision is written so many milliseconds later, or earlier.
const DECIDED: i64 = 8;
const JSON_LEN: usize = 200;
/// In base64 they are 131 letters.
const JSON_RANDOM: usize = 98;

/// What kind of record.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    /// 200 bytes of JSON of which 131 are random letters, as the value of an edit.
    Json,
    /// A visit with its identity sealed to this key.
    Visit(TracingKey),
}

impl Payload {
    pub(crate) fn visit() -> Self {
        let week = UnixMillis::new(0).week();
        Self::Visit(TracingSecret::generate(week).public().expect("a key"))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Json => "JSON of 200 B",
            Self::Visit(_) => "sealed visits",
        }
    }

    /// Bytes that one record is worth. For JSON its length. For a visit its entropy: the tag, HPKE's encapsulated
    /// key, the ciphertext (version, CBOR's 5 bytes, 16 of pseudonym, 8 of when the token was issued: to whoever carries
    /// them, all of it is chance) and its AEAD tag, and 2 bytes for time and status.
    pub(crate) fn worth(&self) -> u64 {
        match self {
            Self::Json => JSON_LEN as u64,
            Self::Visit(_) => 16 + 32 + (1 + 5 + 16 + 8) + 16 + 2,
        }
    }

    pub(crate) fn record(&self, id: RecordId, at: UnixMillis) -> Record {
        match self {
            Self::Json => Record::Edit(Edit {
                at,
                field: "note".into(),
                value: Some(json(at).into_bytes().into()),
                replaces: Vec::new(),
            }),
            Self::Visit(key) => Record::Visit(visit(key, id, at)),
        }
    }
}

/// Shrinks to 0.54 of its length under gzip when there are many.
pub(crate) fn json(at: UnixMillis) -> String {
    let random: [u8; JSON_RANDOM] = rand::random();
    let who = BASE64URL_NOPAD.encode(&random);
    let door = rand::rng().random_range(1..5);
    let mut json = format!(r#"{{"at":{},"door":{door},"kind":"entry","who":"{who}""#, at.get());
    while json.len() < JSON_LEN - 1 {
        json.push(' ');
    }
    json.push('}');
    assert_eq!(json.len(), JSON_LEN, "the payload's length");
    json
}

fn visit(key: &TracingKey, id: RecordId, at: UnixMillis) -> Visit {
    let mut random = rand::rng();
    let is_exit = random.random_bool(0.4);
    let is_refused = random.random_bool(0.02);
    let who = Identity::Native(Subject::new(random.random()), Some(at), None);
    let binding = Binding { venue: VENUE, visit: id, day: id.chain.day };
    Visit {
        at,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: match (is_refused, is_exit) {
            (true, _) => VisitKind::Refusal,
            (_, true) => VisitKind::Exit,
            _ => VisitKind::Entry,
        },
        status: if random.random_bool(0.9) { Status::Green } else { Status::Blue },
        reason: is_refused.then(|| "credential-expired".into()),
        decider: if random.random_bool(0.9) { Decider::Verdict } else { Decider::Staff },
        tag: Tag::new(random.random()),
        sealed: Some(Sealed::seal(&who, key, &binding).expect("sealed")),
        zone: Default::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    }
}

/// The civil day of a time, in UTC.
pub(crate) fn day(at: UnixMillis) -> Day {
    Day::new(i32::try_from(at.secs().div_euclid(86_400)).expect("a day"))
}

/// Writes so many records one by one, a commit each, with the time between that visitors take.
pub(crate) async fn write(node: &Node, payload: &Payload, count: u64) {
    for _ in 0..count {
        let (apart, decided) =
            (rand::rng().random_range(0..APART), rand::rng().random_range(0..DECIDED));
        node.clock.skip(apart);
        let at = node.clock.now();
        node.clock.skip(decided);
        write_one(node, payload, day(at), at).await;
    }
}

pub(crate) async fn write_one(node: &Node, payload: &Payload, day: Day, at: UnixMillis) {
    let id = node.ledger.name(day);
    node.ledger.record(id, VENUE, payload.record(id, at)).await.expect("recorded");
}
