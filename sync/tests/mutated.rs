//! Valid bytes of every kind, mutated: bits turned over, cut, spliced, lengths made large. The same functions that
//! `tests/fuzz` gives to a fuzzer, with a seed and a bound, so that they run wherever the tests do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::panic;

use sync::{
    bulletin::{Bulletin, BulletinKind, Notice},
    bundle::{Bundle, Contents, Part},
    envelope::{CheckedEnvelope, Header, Link, Run},
    fuzzing,
    id::{ChainId, EntranceId, Epoch, Hash, RecordNumber, Segment, Seq, Tag, Week, ZoneId},
    inquiry::{Asked, Asker, Finding, OwnInquiry},
    key::Signed,
    membership::Membership,
    order::{Capacity, Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
    pairing::Invitation,
    peers::wire::{Held, Holdings, Message, Reply, Request, Speaks, Summary},
    record::{
        self, ClockTrust, Decider, LookUp, LookedUp, NoticeCause, PlaceTaken, Receipt, Record,
        Status, Temperature, Visit, VisitKind,
    },
    sample::{self, VENUE},
    sealed::{NumberKind, TracingSecret, Typed},
    time::{Day, UnixMillis},
};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const DAY: Day = Day::new(20_717);
/// Mutations of each sample of each kind.
const ROUNDS: u64 = 1500;

/// Numbers that look random, from a seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % bound.max(1)
    }
}

fn mutate(samples: &[Vec<u8>], which: usize, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = samples[which].clone();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len());
        match chance.below(7) {
            0 | 1 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
            2 => bytes.truncate(at),
            3 => {
                let other = &samples[chance.below(samples.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[chance.below(other.len())..]);
            }
            // A CBOR head that promises much: bytes, text, list, map, endless list, a big number.
            4 if !bytes.is_empty() => {
                let heads = [0x5b, 0x7b, 0x9b, 0xbb, 0x9f, 0x1b];
                let mut head = vec![heads[chance.below(heads.len())]];
                head.extend([chance.below(2) as u8 * 0x7f, 0xff, 0xff, 0xff]);
                bytes.splice(at..(at + 1).min(bytes.len()), head);
            }
            5 if !bytes.is_empty() => bytes[at] = [0, 0x7f, 0x80, 0xff][chance.below(4)],
            _ => {
                let until = at + chance.below(bytes.len() - at);
                let again = bytes[at..until].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

fn hold(name: &str, read: fn(&[u8]), samples: &[Vec<u8>]) {
    for which in 0..samples.len() {
        read(&samples[which]);
        for round in 0..ROUNDS {
            let mut chance = Chance(0x9e37_79b9 ^ (which as u64) << 32 ^ (round + 1) << 8);
            let bytes = mutate(samples, which, &mut chance);
            let held = panic::catch_unwind(|| read(&bytes));
            assert!(held.is_ok(), "{name}: sample {which}, round {round}: {}", hex(&bytes));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn visit(reason: Option<&str>) -> Visit {
    Visit {
        at: NOON,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: reason.map(Into::into),
        decider: Decider::Verdict,
        tag: Tag::new([7; 16]),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    }
}

fn records() -> Vec<Record> {
    vec![
        Record::Visit(visit(None)),
        Record::Visit(visit(Some("overridden"))),
        Record::Visit(Visit { temperature: Some(Temperature::Fever), ..visit(None) }),
        Record::Notice(record::Notice {
            at: NOON,
            entrance: EntranceId::new(1),
            cause: NoticeCause::Red,
            of: None,
            who: Some([9; 8].into()),
        }),
        Record::LookUp(LookUp { at: NOON, what: LookedUp::Child, who: Some(vec![7; 8].into()) }),
        Record::Later { kind: 200, version: 3 },
    ]
}

fn run() -> Run {
    let key = sample::door(1, 1).key;
    let chain = ChainId { author: key.public(), epoch: Epoch::new([1; 8]), day: DAY };
    let (mut links, mut previous, mut signature) = (Vec::new(), Hash::ZERO, None);
    for seq in 1..=3_u64 {
        let header = Header {
            venue: VENUE,
            chain,
            seq: Seq::new(seq),
            previous,
            segment: Segment::new(0),
            made_at: NOON,
            content: Hash::ZERO,
        };
        let numbered = (seq * 10..).map(RecordNumber::new).zip(records()).collect();
        let written = CheckedEnvelope::write(header, numbered, &key).unwrap();
        previous = written.header().hash();
        signature = written.signature();
        let (segment, made_at) = (Segment::new(0), NOON);
        links.push(Link { segment, made_at, items: written.items().to_vec() });
    }
    let (after, previous) = (Seq::new(0), Hash::ZERO);
    Run { venue: VENUE, chain, after, previous, links, signature: signature.unwrap() }
}

fn receipt() -> Signed<Receipt> {
    let authority = sample::authority(9, 1).key;
    let (chain, by) = (run().chain, authority.public());
    Signed::seal(&Receipt { chain, seq: Seq::new(3), at: NOON, by, asked: None }, &authority)
}

fn orders() -> Vec<SignedOrder> {
    let node = sample::door(2, 1).key.public();
    let capacity = Capacity {
        zone: ZoneId::default(),
        version: 1,
        most: 50,
        shares: vec![(EntranceId::new(1), 20), (EntranceId::new(2), 30)],
        closing_minute: 180,
        from: DAY,
    };
    let removal = Removal { node, cause: RemovalCause::Lost };
    [Matter::Capacity(capacity), Matter::Removal(removal)]
        .map(|matter| {
            let order = Order { venue: VENUE, issued_at: NOON, matter };
            SignedOrder::seal(&order, Signer::Manager, &sample::manager())
        })
        .into()
}

fn bulletin() -> Bulletin {
    let notice = Notice {
        kind: BulletinKind::Policy,
        region: sample::REGION,
        version: 3,
        issued_at: NOON,
        not_after: NOON.plus_millis(1000),
        body: b"{}".to_vec(),
    };
    Bulletin::seal(&notice, &[&sample::root()])
}

fn papers() -> Vec<Membership> {
    vec![sample::door(1, 1).membership, sample::authority(9, 1).membership]
}

const ASKER: Asker = Asker { venue: VENUE, node: sync::id::PublicKey::new([3; 32]) };

fn asked() -> Asked {
    let typed = Typed { kind: NumberKind::Iin, number: "800101300006".into() };
    Asked { typed, name: Some("Anna".into()), what: LookedUp::Elder }
}

fn finding() -> Finding {
    Finding { status: Status::Green, until: Some(NOON), then: Some(Status::Blue), at: NOON }
}

fn inquiry() -> OwnInquiry {
    let key = TracingSecret::generate(Week::new(1)).public().unwrap();
    OwnInquiry::seal(&asked(), &key, &ASKER).unwrap()
}

fn requests() -> Vec<Request> {
    let summary = Summary {
        bulletins: vec![(BulletinKind::Policy, 3)],
        days: vec![(DAY, 77), (DAY.plus(-1), 78)],
        orders: 5,
    };
    vec![
        Request::Hello(papers().remove(0), Epoch::new([1; 8]), Speaks::INQUIRIES),
        Request::Compare(summary),
        Request::Deliver { introduced: papers().pop(), run: run() },
        Request::Publish(vec![bulletin()]),
        Request::Order(orders()),
        Request::Acknowledge { papers: papers(), receipts: vec![receipt()] },
        Request::Beat(Vec::new()),
        Request::Inquire(inquiry().inquiry.clone()),
        Request::Renew(papers()),
    ]
}

fn replies() -> Vec<Reply> {
    let held = Held { chain: run().chain, seq: Seq::new(3), acknowledged: Seq::new(1), tip: 9 };
    let holdings = Holdings {
        bulletins: vec![(BulletinKind::Trust, 1)],
        days: vec![(DAY, vec![held; 3])],
        orders: None,
    };
    vec![
        Reply::Welcome(papers().remove(0), Epoch::new([1; 8]), Speaks::default()),
        Reply::Refused("other-venue".into()),
        Reply::Holdings(holdings),
        Reply::Stored { seq: Seq::new(3), receipt: Some(receipt()) },
        Reply::Unknown,
        Reply::Taken(vec![(BulletinKind::Policy, 3)]),
        Reply::Later,
        Reply::Found(inquiry().inquiry.answer(&finding(), &ASKER).ok()),
        Reply::Found(None),
        Reply::Renewed(papers()),
        Reply::Wait(30),
    ]
}

#[test]
fn messages_and_streams() {
    let mut messages: Vec<_> = requests().iter().map(Message::to_frame).collect();
    let first_reply = messages.len();
    messages.extend(replies().iter().map(Message::to_frame));
    hold("message", fuzzing::message, &messages);
    let framed = |(place, message): (usize, &Vec<u8>)| {
        let length = message.len() + 1;
        let varint = [(length & 0x7f) as u8 | 0x80, (length >> 7) as u8];
        [&varint[..], &[u8::from(place >= first_reply)], message].concat()
    };
    let frames: Vec<_> = messages.iter().enumerate().map(framed).collect();
    let all = frames.concat();
    hold("stream", fuzzing::stream, &[frames, vec![all]].concat());
}

#[test]
fn runs_and_records() {
    hold("run", fuzzing::run, &[minicbor::to_vec(run()).unwrap()]);
    let records: Vec<_> = records().iter().map(Record::to_bytes).collect();
    hold("record", fuzzing::record, &records);
}

#[test]
fn what_inquiries_hold() {
    let behind_a_version = |body: Vec<u8>| [vec![1], body].concat();
    let held = [
        behind_a_version(minicbor::to_vec(asked()).unwrap()),
        behind_a_version(minicbor::to_vec(finding()).unwrap()),
        minicbor::to_vec(inquiry()).unwrap(),
    ];
    hold("inquiry", fuzzing::inquiry, &held);
}

#[test]
fn bundles() {
    let secret = TracingSecret::generate(Week::new(1));
    let part = Part::seal(VENUE, DAY, &[run()], secret.public().as_ref(), None).unwrap();
    let contents = Contents {
        venue: VENUE,
        made_at: NOON,
        papers: papers(),
        bulletins: vec![bulletin()],
        orders: orders(),
        receipts: vec![receipt()],
        parts: vec![part],
    };
    let maker = sample::door(1, 1);
    let bundle = Bundle::seal(&contents, &maker.key, maker.membership).to_bytes();
    hold("bundle", fuzzing::bundle, &[bundle]);
    // What is inside is only read when the maker signed it: a maker may lie.
    let inside = minicbor::to_vec(&contents).unwrap();
    hold("contents", |bytes| drop(minicbor::decode::<Contents>(bytes)), &[inside]);
}

#[test]
fn papers_and_texts() {
    let mut encoded: Vec<_> = papers().iter().map(|p| minicbor::to_vec(p).unwrap()).collect();
    encoded.extend(orders().iter().map(|o| minicbor::to_vec(o).unwrap()));
    encoded.push(minicbor::to_vec(receipt()).unwrap());
    encoded.push(minicbor::to_vec(bulletin()).unwrap());
    hold("papers", fuzzing::papers, &encoded);
    let inviter = sample::door(1, 1).key.public();
    let addresses = vec!["192.0.2.7:4400".parse().unwrap()];
    let invitation = Invitation::new(inviter, addresses, (VENUE, "Sample"), None, NOON);
    let mut texts: Vec<String> = papers().iter().map(Membership::to_text).collect();
    texts.extend(orders().iter().map(SignedOrder::to_text));
    texts.extend([bulletin().to_text(), invitation.unwrap().to_text().to_string()]);
    let texts: Vec<_> = texts.into_iter().map(String::into_bytes).collect();
    hold("text", fuzzing::text, &texts);
}
