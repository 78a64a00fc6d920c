//! Laws of verification over random texts, bytes and claims.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn no_other_text_verifies(at in 0usize..216, to in proptest::char::range(' ', '~')) {
        let good = token();
        let mut chars: Vec<char> = good.chars().collect();
        chars[at] = to;
        let other: String = chars.into_iter().collect();
        prop_assume!(other != good);
        prop_assert_ne!(word(&other), "ok");
    }

    #[test]
    fn no_other_bytes_verify(at in 0usize..141, flip in 1u8..=255) {
        let mut bytes = envelope_of(&token());
        bytes[at] ^= flip;
        prop_assert_ne!(word(&text_of(&bytes)), "ok");
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = word(&text_of(&bytes));
        let _ = word(&signed(&bytes));
        let _ = TrustList::parse(&bytes);
        let _ = Revocations::parse(&bytes);
    }

    #[test]
    fn no_altered_claims_make_it_panic(at in 0usize..60, to in any::<u8>(), cut in 0usize..60) {
        let mut payload = green_payload();
        if let Some(byte) = payload.get_mut(at) { *byte = to; }
        let _ = word(&signed(&payload));
        payload.truncate(cut);
        let _ = word(&signed(&payload));
    }

    #[test]
    fn whatever_is_issued_reads_back(
        subject in any::<[u8; 16]>(), cti in any::<[u8; 8]>(), issuer in "[a-z.]{1,64}",
        issued in 0i64..4_000_000_000, life in 1i64..400_000_000, kind in 0usize..5,
        name in proptest::option::of("[A-Z][*]{1,5} [A-Z]"), year in proptest::option::of(1900u16..2027),
    ) {
        let at = UnixMillis::from_secs(issued);
        let claim = Claim::Fact { kind: FactKind::ALL[kind], at };
        let (subject, cti) = (Subject::new(subject), Cti::new(cti));
        let end = UnixMillis::from_secs(issued + life);
        let mut claims = StatusClaims::new(&issuer, subject, cti, at, end, claim).unwrap();
        if let Some(name) = name { claims = claims.with_masked_name(&name).unwrap(); }
        if let Some(year) = year { claims = claims.with_birth_year(year).unwrap(); }
        prop_assert_eq!(inspect(&issue(&claims, &key(1))).unwrap().claims, claims);
    }
}
