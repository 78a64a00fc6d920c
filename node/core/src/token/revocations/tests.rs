//! Tables and laws of revocations: each kind of entry, its end, what is wrong with a list, and the public filters' vectors.

use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;
use sync::time::DAY_MILLIS;

use super::*;
use crate::token::tests::sample::{of_facts, with_ids};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000); // 2026-09-21T14:13:20Z
const KID: DccKid = DccKid::new([1; 8]);

fn list(fields: &str) -> Revocations {
    let json = format!(
        r#"{{"version":1,"issued_at":"2026-09-01T00:00:00Z","revoked":[]{}{fields}}}"#,
        if fields.is_empty() { "" } else { "," }
    );
    Revocations::parse(json.as_bytes()).unwrap_or_else(|e| panic!("{json}: {e}"))
}

fn dcc(kind: DccHashKind, first: u8) -> RevocableId {
    let mut hash = [7; 16];
    hash[0] = first;
    RevocableId::Dcc { kid: KID, kind, hash }
}

fn hashes(firsts: &[u8]) -> String {
    let bytes: Vec<u8> = firsts.iter().flat_map(|f| [&[*f][..], &[7; 15]].concat()).collect();
    BASE64.encode(&bytes)
}

#[test]
fn hashes_are_of_one_key_and_one_kind() {
    use DccHashKind::{Signature, Uci};
    let (kid, other) = (BASE64.encode(&[1; 8]), BASE64.encode(&[2; 8]));
    let revoked = list(&format!(
        r#""dcc":[{{"kid":"{kid}","kind":"UCI","hashes":"{}","until":"2026-10-01T00:00:00Z"}},
        {{"kid":"{kid}","kind":"UCI","prefix":"b0","hashes":"{}"}},
        {{"kid":"{other}","kind":"SIGNATURE","hashes":"{}"}}]"#,
        hashes(&[0xa0, 0xa1]),
        hashes(&[0xb0]),
        hashes(&[0xc0])
    ));
    assert_eq!(revoked.len(), 4);
    let check = |id: RevocableId, days: i64, expected: bool| {
        assert_eq!(revoked.names_id(&id, NOON.plus_millis(days * DAY_MILLIS)), expected);
    };
    check(dcc(Uci, 0xa0), 0, true);
    check(dcc(Uci, 0xa1), 0, true);
    check(dcc(Uci, 0xa0), 10, false); // 1 October: the entry is not needed any more
    check(dcc(Uci, 0xb0), 10, true);
    check(dcc(Uci, 0xa2), 0, false);
    check(dcc(Signature, 0xa0), 0, false);
    check(dcc(Signature, 0xc0), 0, false); // another key's list
    assert_eq!(revoked.ids().count(), 4);
    assert!(revoked.ids().any(|id| id == dcc(Uci, 0xb0)));
}

#[test]
fn filters_are_asked_for_the_hashes_of_their_slice() {
    let element = |first: u8| [&[first][..], &[7; 15]].concat();
    let held = [element(0xa0), element(0xa1)];
    let filter = Filter::of(held.iter().map(Vec::as_slice), 1e6);
    let (kid, bytes) = (BASE64.encode(&[1; 8]), BASE64.encode(&filter.to_bytes()));
    let revoked = list(&format!(
        r#""dcc":[{{"kid":"{kid}","kind":"UCI","prefix":"a0","filter":"{bytes}","until":"2026-10-01T00:00:00Z"}}]"#
    ));
    let check = |first: u8, days: i64, expected: bool| {
        let id = dcc(DccHashKind::Uci, first);
        assert_eq!(revoked.names_id(&id, NOON.plus_millis(days * DAY_MILLIS)), expected, "{first}");
    };
    check(0xa0, 0, true);
    check(0xa0, 10, false);
    check(0xa1, 0, false); // in the filter, and not in its slice
    check(0xa2, 0, false);
    assert_eq!((revoked.len(), revoked.ids().count()), (2, 0), "a filter names nobody");
}

#[test]
fn persons_lose_what_was_issued_before_a_time() {
    let subject = "07".repeat(16);
    let revoked = list(&format!(
        r#""subjects":[{{"subject":"{subject}","before":"2026-09-21T14:13:20Z"}},
        {{"subject":"{subject}","before":"2026-09-25T00:00:00Z","until":"2026-09-26T00:00:00Z"}},
        {{"subject":"{}","before":"2026-12-01T00:00:00Z"}}]"#,
        "08".repeat(16)
    ));
    let check = |issued_days: i64, now_days: i64, expected: bool| {
        let issued = NOON.plus_millis(issued_days * DAY_MILLIS);
        let credential = of_facts(issued, 100 * DAY_MILLIS, Vec::new());
        let now = NOON.plus_millis(now_days * DAY_MILLIS);
        assert_eq!(revoked.names(&credential, now), expected, "{issued_days} {now_days}");
    };
    check(-1, 0, true);
    check(0, 0, true); // by the second entry
    check(0, 5, false); // which has ended
    check(-1, 5, true);
    check(4, 4, false);
}

#[test]
fn cards_are_withdrawn_by_rid_of_their_issuers_key() {
    let at = NOON.secs();
    let revoked = list(&format!(
        r#""shc":[{{"kid":"key-1","rids":["abc","MKyCxh7p6uQ.{at}"]}},
        {{"kid":"key-2","rids":["def"],"until":"2026-09-01T00:00:00Z"}}]"#
    ));
    let check = |kid: &str, rid: &str, issued_secs: i64, expected: bool| {
        let issued_at = NOON.plus_millis(issued_secs * 1000);
        let id = RevocableId::Shc { kid: kid.into(), rid: rid.into(), issued_at };
        assert_eq!(revoked.names_id(&id, NOON), expected, "{kid} {rid} {issued_secs}");
        let credential = with_ids(of_facts(NOON, DAY_MILLIS, Vec::new()), vec![id]);
        assert_eq!(revoked.names(&credential, NOON), expected);
    };
    check("key-1", "abc", 0, true);
    check("key-1", "abcd", 0, false);
    check("key-2", "abc", 0, false);
    check("key-2", "def", 0, false); // the entry has ended
    check("key-1", "MKyCxh7p6uQ", -1, true);
    check("key-1", "MKyCxh7p6uQ", 0, false);
    check("key-1", "not a rid", 0, false);
    let ids: Vec<_> = revoked.ids().collect();
    assert_eq!(ids.len(), 2, "what depends on the issue has no mark");
    let id = RevocableId::Shc { kid: "key-1".into(), rid: "abc".into(), issued_at: NOON };
    assert_eq!(ids[0].mark_bytes(), id.mark_bytes(), "the mark is the same for list and card");
}

#[test]
fn many_ids_come_packed() {
    let ids: Vec<u8> = (0..100u64).flat_map(|n| (n * 3).to_be_bytes()).collect();
    let revoked = list(&format!(r#""ctis":[{{"ids":"{}"}}]"#, BASE64.encode(&ids)));
    let names = |n: u64| revoked.names_id(&RevocableId::Cti(Cti::new(n.to_be_bytes())), NOON);
    assert_eq!(
        (0..300).filter(|n| names(*n)).collect::<Vec<_>>(),
        (0..100).map(|n| n * 3).collect::<Vec<_>>()
    );
    assert!(revoked.bytes() < 1_200, "{}", revoked.bytes());
}

#[test]
fn a_bad_list_names_its_field() {
    let check = |fields: &str, expected: &str| {
        let json =
            format!(r#"{{"version":1,"issued_at":"2026-09-01T00:00:00Z","revoked":[],{fields}}}"#);
        let error = Revocations::parse(json.as_bytes()).map(drop).expect_err(fields);
        assert!(error.to_string().starts_with(expected), "{error}");
    };
    let kid = BASE64.encode(&[1; 8]);
    let dcc = |rest: &str| format!(r#""dcc":[{{"kid":"{kid}",{rest}}}]"#);
    check(r#""ctis":[{"ids":"AAAA"}]"#, "ctis[0].ids: must be ids of 8 bytes");
    check(r#""dcc":[{"kid":"AAAA","kind":"UCI","hashes":""}]"#, "dcc[0].kid: must be 8 bytes");
    check(&dcc(r#""kind":"uci","hashes":"""#), "dcc[0].kind: must be SIGNATURE");
    check(&dcc(r#""kind":"UCI""#), "dcc[0].hashes: an entry has either");
    check(&dcc(r#""kind":"UCI","hashes":"","filter":"""#), "dcc[0].hashes: an entry has either");
    check(&dcc(r#""kind":"UCI","hashes":"AAAA""#), "dcc[0].hashes: must be hashes of 16");
    check(&dcc(r#""kind":"UCI","filter":"AAAA""#), "dcc[0].filter: is no Bloom filter");
    check(&dcc(r#""kind":"UCI","hashes":"","prefix":"A""#), "dcc[0].prefix: must be at most 4");
    let a0 = format!(r#""kind":"UCI","prefix":"b","hashes":"{}""#, hashes(&[0xa0]));
    check(&dcc(&a0), "dcc[0].prefix: is not what every hash");
    check(&dcc(r#""kind":"UCI","hashes":"","until":"x""#), "dcc[0].until: is not a time");
    check(r#""shc":[{"kid":"","rids":[]}]"#, "shc[0].kid: must have 1 to 64");
    check(r#""shc":[{"kid":"a","rids":["a b"]}]"#, "shc[0].rids: must be 1 to 24");
    check(r#""shc":[{"kid":"a","rids":["a.1.5"]}]"#, "shc[0].rids: a time must be whole");
    check(r#""shc":[{"kid":"a","rids":["a.-5"]}]"#, "shc[0].rids: a time must be whole");
    check(
        r#""subjects":[{"subject":"00","before":"2026-09-01T00:00:00Z"}]"#,
        "subjects[0].subject",
    );
    check(
        &format!(r#""subjects":[{{"subject":"{}","before":"x"}}]"#, "00".repeat(16)),
        "subjects[0].before",
    );
    let too_long = " ".repeat(REVOCATIONS_BYTES_MAX + 1);
    let error = Revocations::parse(too_long.as_bytes()).unwrap_err().to_string();
    assert_eq!(error, "list of 16777217 bytes is over the limit of 16777216");
}

/// From the test data of `eu-digital-green-certificates/dgc-bloomfilter`: elements, and the words that they make.
#[test]
fn filters_are_those_of_the_eu() {
    let check = |rounds: u8, elements: &[&str], not: &[&str], words: &[i32]| {
        let count = u32::try_from(words.len()).unwrap();
        let mut bytes = vec![0, 1, rounds, 0];
        bytes.extend_from_slice(&1e-4f32.to_be_bytes());
        bytes.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 3]);
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        let filter = Filter::from_bytes(&bytes).unwrap();
        assert!(elements.iter().all(|e| filter.may_hold(e.as_bytes())), "{elements:?}");
        assert!(!not.iter().any(|e| filter.may_hold(e.as_bytes())), "{not:?}");
        let mut again = vec![0u32; words.len()];
        for element in elements {
            for round in 0..rounds {
                let bit = filter::index(element.as_bytes(), round, 32 * u64::from(count));
                again[usize::try_from(bit / 32).unwrap()] |= 1 << (31 - bit % 32);
            }
        }
        assert!(again.iter().zip(words).all(|(a, b)| *a == b.cast_unsigned()), "bit for bit");
    };
    check(22, &["1", "2"], &["3"], &[2_129_861_756, 1_680_563_432]);
    check(
        22,
        &["1", "3", "4"],
        &["2"],
        &[373_367_068, -1_457_290_747, -1_504_305_326, 379_210_944],
    );
    assert_eq!(filter::index(&[11], 1, 100), 75);
    assert_eq!(filter::index(&[1], 1, 1), 0);
    assert_eq!(filter::index(&[0, 5, 33, 44], 0, 32), 26);
}

#[test]
fn bytes_that_are_no_filter_are_refused() {
    let good = Filter::of([b"a".as_slice()].into_iter(), 100.0).to_bytes();
    assert!(Filter::from_bytes(&good).is_ok());
    let check = |at: usize, byte: u8, expected: FilterError| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        assert_eq!(Filter::from_bytes(&bytes), Err(expected), "{at}");
    };
    check(1, 2, FilterError::Version);
    check(3, 1, FilterError::Version);
    check(2, 0, FilterError::Size);
    check(2, 65, FilterError::Size);
    check(19, 0, FilterError::Size);
    check(16, 0xff, FilterError::Size);
    check(19, 200, FilterError::Length);
    assert_eq!(Filter::from_bytes(&good[..19]), Err(FilterError::Length));
    assert_eq!(Filter::from_bytes(&[&good[..], &[0]].concat()), Err(FilterError::Length));
}

#[test]
fn a_filter_errs_about_as_seldom_as_it_was_asked_to() {
    let elements: Vec<[u8; 16]> = (0..2_000u128).map(u128::to_be_bytes).collect();
    let filter = Filter::of(elements.iter().map(<[u8; 16]>::as_slice), 100.0);
    assert!(elements.iter().all(|e| filter.may_hold(e)));
    let wrong = (10_000..30_000u128).filter(|n| filter.may_hold(&n.to_be_bytes())).count();
    assert!((100..300).contains(&wrong), "{wrong} of 20,000");
    assert_eq!(Filter::from_bytes(&filter.to_bytes()), Ok(filter));
}

proptest! {
    #[test]
    fn packed_answers_as_a_search_of_all_does(
        entries in proptest::collection::vec((0u8..20, 0i64..6, 0i64..6), 0..40),
        asked in 0u8..20, now in 0i64..6,
    ) {
        let term = |(_, until, before): &(u8, i64, i64)| packed::Term {
            until: UnixMillis::new(*until), issued_before: UnixMillis::new(*before),
        };
        let packed = Packed::pack(entries.iter().map(|e| ([e.0; 8], term(e))).collect()).unwrap();
        let now = UnixMillis::new(now);
        let all = entries.iter().filter(|e| e.0 == asked && now < term(e).until);
        prop_assert_eq!(packed.find(&[asked; 8], now), all.map(|e| term(e).issued_before).max());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), hash in any::<[u8; 16]>()) {
        let _ = Revocations::parse(&bytes);
        let _ = Filter::from_bytes(&bytes).map(|f| f.may_hold(&hash));
        let mut headed = vec![0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4];
        headed.extend_from_slice(bytes.get(..16).unwrap_or(&[3; 16]));
        let _ = Filter::from_bytes(&headed).unwrap().may_hold(&hash);
        let hex = HEXLOWER.encode(&hash);
        for length in 0..5 {
            prop_assert!(HexPrefix(hex[..length].into()).begins(&hash));
        }
        let other = HexPrefix([&hex[..1], "g"].concat().into());
        prop_assert!(!other.begins(&hash));
    }
}
