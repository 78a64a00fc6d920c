//! Every run comes out as it went in; what never was a run is refused within bounds.

use super::*;
use crate::{
    envelope::tests::{TODAY, visit},
    id::{EntranceId, Epoch, Mark, PublicKey, Tag, Week},
    record::{Edit, Record, Temperature, Visit},
    sealed::Sealed,
};
use proptest::{collection::vec, prelude::*};

fn run(day: Day, links: Vec<Link>) -> Run {
    Run {
        venue: VenueId::new(17),
        chain: ChainId { author: PublicKey::new([5; 32]), epoch: Epoch::new([1; 8]), day },
        after: Seq::new(3),
        previous: Hash::new([9; 32]),
        links,
        signature: SignatureBytes::new([8; 64]),
    }
}

fn there_and_back(run: &Run) -> Result<Run, UnpackError> {
    let bytes = crate::key::encode(&pack(run));
    unpack(minicbor::decode(&bytes).unwrap())
}

prop_compose! {
    fn a_visit()(
        at: i64, entrance in 0u16..3, reason in proptest::option::of("[a-z]{0,32}"), tag: [u8; 16],
        sealed in proptest::option::of((0u32..3, any::<[u8; 32]>(), vec(any::<u8>(), 0..60))),
        marks in vec(any::<[u8; 8]>(), 0..5),
        temperature in proptest::option::of(proptest::sample::select(&[Temperature::Normal, Temperature::Fever][..])),
    ) -> Record {
        let sealed = sealed.map(|(week, enc, text)| Sealed::from_parts(Week::new(week), enc, text));
        Record::Visit(Visit {
            at: UnixMillis::new(at),
            entrance: EntranceId::new(entrance),
            reason,
            tag: Tag::new(tag),
            sealed,
            marks: marks.into_iter().map(Mark::new).collect(),
            temperature,
            ..visit(0)
        })
    }
}

prop_compose! {
    fn an_edit()(at: i64, field in "[a-z]{0,9}", value in proptest::option::of(vec(any::<u8>(), 0..300))) -> Record {
        let value = value.map(Into::into);
        Record::Edit(Edit { at: UnixMillis::new(at), field, value, replaces: Vec::new() })
    }
}

/// What doors write, and anything else: also bytes that mean a visit and are not as this program writes it.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let longer = |record: Record| [record.to_bytes(), vec![0]].concat();
    prop_oneof![
        4 => a_visit().prop_map(|r| r.to_bytes()),
        2 => an_edit().prop_map(|r| r.to_bytes()),
        1 => a_visit().prop_map(longer),
        1 => vec(any::<u8>(), 0..RECORD_MAX),
    ]
}

prop_compose! {
    fn a_link()(segment: u16, made_at: i64, items in vec((any::<u64>(), any_bytes()), 0..6)) -> Link {
        let item = |(n, bytes): (u64, Vec<u8>)| Item { number: RecordNumber::new(n), bytes: bytes.into() };
        Link {
            segment: Segment::new(segment),
            made_at: UnixMillis::new(made_at),
            items: items.into_iter().map(item).collect(),
        }
    }
}

proptest! {
    #[test]
    fn every_run_comes_out_as_it_went_in(links in vec(a_link(), 0..20), day: i32) {
        let run = run(Day::new(day), links);
        prop_assert_eq!(there_and_back(&run).unwrap(), run);
    }

    #[test]
    fn no_bytes_make_it_panic(
        shape in vec(any::<u8>(), 0..120), small in vec(0u8..4, 0..120),
        text in vec(any::<u8>(), 0..120), noise in vec(any::<u8>(), 0..120),
    ) {
        for shape in [&shape[..], &[&[0, 1, 1], &small[..]].concat(), &[&[0], &shape[..]].concat()] {
            let packed = Packed { shape: shape.to_vec().into(), text: text.clone().into(), noise: noise.clone().into(), ..pack(&run(TODAY, Vec::new())) };
            let _ = unpack(packed);
        }
    }

    #[test]
    fn a_damaged_run_never_panics(links in vec(a_link(), 1..6), at: prop::sample::Index, with: u8) {
        let mut packed = pack(&run(TODAY, links));
        let shape = inflate(&packed.shape, FRAME_MAX).unwrap();
        let mut bytes = [&[0], &shape[..]].concat();
        let at = at.index(bytes.len());
        bytes[at] = with;
        packed.shape = bytes.into();
        let _ = unpack(packed);
    }
}

fn of_door(count: u64) -> Run {
    let link = |n: u64| {
        let at = UnixMillis::new(dawn(TODAY) + n.cast_signed() * 3_000);
        let mut noise = [0; 32];
        noise[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        let tag = Tag::new(noise[..16].try_into().unwrap());
        let visit = Visit { at, tag, ..visit(0) };
        let bytes = Record::Visit(visit).to_bytes().into();
        let items = vec![Item { number: RecordNumber::new(n), bytes }];
        Link { segment: Segment::new(0), made_at: at.plus_millis(2), items }
    };
    run(TODAY, (1..=count).map(link).collect())
}

#[test]
fn visits_of_one_door_take_little_more_than_their_tags() {
    let packed = pack(&of_door(1_000));
    assert_eq!(packed.noise.len(), 16_000);
    assert!(packed.shape.len() < 300, "{}", packed.shape.len());
    assert!(packed.text.is_empty());
}

#[test]
fn a_look_that_repeats_cannot_unpack_to_more_than_a_frame() {
    let mut long = of_door(1);
    let bytes = &mut long.links[0].items[0].bytes;
    *bytes = Record::Visit(Visit { reason: Some("x".repeat(32)), ..visit(0) }).to_bytes().into();
    let look = long.links[0].items[0].clone();
    let items = |_| Link { items: vec![look.clone(); GROUP_MAX], ..long.links[0].clone() };
    let bomb = run(TODAY, (0..400).map(items).collect());
    assert!(matches!(there_and_back(&bomb), Err(UnpackError::Bound)));
}

#[test]
fn bytes_left_over_are_refused() {
    for stream in 0..3 {
        let mut packed = pack(&of_door(2));
        let plain = |b: &[u8]| [&[0], &inflate(b, FRAME_MAX).unwrap()[..], &[0]].concat();
        match stream {
            0 => packed.shape = plain(&packed.shape).into(),
            1 => packed.text = plain(&packed.text).into(),
            _ => packed.noise.push(0),
        }
        assert!(matches!(unpack(packed), Err(UnpackError::Long)), "stream {stream}");
    }
}
