//! Tables and laws of the policy: lifetimes of every status, hindrances, and fields that are refused.

use proptest::prelude::*;
use sync::{id::Subject, key::SecretKey, time::DAY_MILLIS};

use super::*;

mod switches;
use crate::{
    code::Code,
    token::{
        Claim, Cti, FactKind,
        revocations::Revocations,
        status::{IssuerKey, StatusClaims, issue},
        status_word,
        trust::TrustList,
        verify,
    },
};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const HOUR: i64 = 3_600_000;
const YEAR: i64 = 365 * DAY_MILLIS;

fn credential_for(claim: Claim, life_millis: i64, purpose: Purpose) -> Credential {
    let key = IssuerKey::new(&SecretKey::from_bytes(&[1; 32]));
    let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
    let end = NOON.plus_millis(life_millis);
    let claims = StatusClaims::new("kz", subject, cti, NOON, end, claim).unwrap();
    let text = issue(&claims.with_purpose(purpose), &key);
    let trust = TrustList::from_public_key(&key.public().to_string()).unwrap();
    let now = Moment::trusted(NOON);
    verify(&Code::read(&text), &trust, &Revocations::default(), now).unwrap()
}

fn credential(claim: Claim) -> Credential {
    credential_for(claim, YEAR, Purpose::Live)
}

fn fact(kind: FactKind) -> Credential {
    credential(Claim::Fact { kind, at: NOON })
}

fn show(now: StatusNow) -> String {
    let after = |t: UnixMillis| (t.get() - NOON.get()) / HOUR;
    let mut text = status_word(now.status).to_owned();
    if let Some(until) = now.until {
        text += &format!(" until {}h", after(until));
    }
    if let Some(then) = now.then {
        text += &format!(" then {}", status_word(then));
    }
    text
}

#[test]
fn each_fact_has_its_course() {
    let policy = Policy::default();
    let check = |credential: &Credential, policy: &Policy, millis: i64, expected: &str| {
        assert_eq!(show(status_at(credential, policy, NOON.plus_millis(millis))), expected);
    };
    let tested = fact(FactKind::NegativeTest);
    check(&tested, &policy, 0, "green until 72h then blue");
    check(&tested, &policy, 72 * HOUR - 1, "green until 72h then blue");
    check(&tested, &policy, 72 * HOUR, "blue until 8760h");
    check(&tested, &policy, YEAR - 1, "blue until 8760h");
    check(&tested, &policy, YEAR, "grey");
    // NOON is 2026-09-21T14:13:20Z: the fourteenth calendar day ends at midnight in UTC, 321.8 h later.
    check(&fact(FactKind::Contact), &policy, 0, "yellow until 321h then blue");
    check(&fact(FactKind::Contact), &policy, 14 * DAY_MILLIS, "blue until 8760h");
    check(&fact(FactKind::PositiveTest), &policy, 0, "red until 336h then blue");
    check(&fact(FactKind::PositiveTest), &policy, 14 * DAY_MILLIS, "blue until 8760h");
    check(&fact(FactKind::Recovery), &policy, 0, "blue until 8760h");
    check(&fact(FactKind::Vaccination), &policy, 0, "blue until 8760h");

    let strict = Policy::parse(
        br#"{"green_hours":48,"red_clears_by":"negative-test","vaccinated":"green"}"#,
    )
    .unwrap();
    check(&tested, &strict, 0, "green until 48h then blue");
    check(&fact(FactKind::PositiveTest), &strict, 14 * DAY_MILLIS, "red until 8760h");
    check(&fact(FactKind::Vaccination), &strict, 0, "green until 8760h");

    let colour = credential(Claim::Colour(Status::Yellow));
    check(&colour, &policy, 20 * DAY_MILLIS, "yellow until 8760h");
    check(&colour, &policy, YEAR, "grey");
    let test = Claim::Fact { kind: FactKind::NegativeTest, at: NOON };
    let short = credential_for(test, 24 * HOUR, Purpose::Live);
    check(&short, &policy, 0, "green until 24h");
    let as_long = credential_for(test, 72 * HOUR, Purpose::Live);
    check(&as_long, &policy, 0, "green until 72h");
}

fn show_verdict(v: &Verdict) -> String {
    let reason = v.reason.map_or("-", Reason::word);
    format!("{} {} {reason}", v.outcome.word(), status_word(v.status))
}

#[test]
fn the_table_admits_or_refuses() {
    let check = |status: Status, policy: &str, expected: &str| {
        let policy = Policy::parse(policy.as_bytes()).unwrap();
        let credential = credential(Claim::Colour(status));
        let verdict = judge(&credential, &policy, &Lists::all_at(NOON), Moment::trusted(NOON));
        assert_eq!(show_verdict(&verdict), expected);
    };
    check(Status::Green, "{}", "admit green -");
    check(Status::Blue, "{}", "admit blue -");
    check(Status::Yellow, "{}", "refuse yellow status-yellow");
    check(Status::Red, "{}", "refuse red status-red");
    check(Status::Blue, r#"{"admit":{"blue":"refuse"}}"#, "refuse blue status-blue");
    check(Status::Green, r#"{"admit":{"green":"refuse"}}"#, "refuse green status-green");
    check(Status::Yellow, r#"{"admit":{"yellow":"admit"}}"#, "admit yellow -");
}

#[test]
fn what_cannot_be_confirmed_is_grey() {
    let live = credential(Claim::Colour(Status::Green));
    let specimen = credential_for(Claim::Colour(Status::Green), YEAR, Purpose::Specimen);
    let fresh = Lists::all_at(NOON);
    let now = |millis: i64, trust| Moment { wall: NOON.plus_millis(millis), trust };
    let policy = Policy::default();
    let check = |credential: &Credential, lists: Lists, moment: Moment, expected: &str| {
        assert_eq!(show_verdict(&judge(credential, &policy, &lists, moment)), expected);
    };
    use ClockTrust::{Bounded, Trusted, Unknown};
    check(&live, fresh, now(0, Bounded), "admit green -");
    check(&live, fresh, now(0, Unknown), "cannot-confirm grey clock-unknown");
    check(&specimen, fresh, now(0, Trusted), "cannot-confirm grey specimen");
    check(&live, fresh, now(72 * HOUR, Trusted), "admit green -");
    check(&live, fresh, now(72 * HOUR + 1, Trusted), "cannot-confirm grey stale-lists");
    check(&live, Lists { policy: None, ..fresh }, now(0, Trusted), "cannot-confirm grey no-policy");
    let no_trust = Lists { trust: None, ..fresh };
    check(&live, no_trust, now(0, Trusted), "cannot-confirm grey stale-lists");
    let old = Lists { revocations: Some(UnixMillis::new(0)), ..fresh };
    check(&live, old, now(0, Trusted), "cannot-confirm grey stale-lists");
    let old_policy = Lists { policy: Some(UnixMillis::new(0)), ..fresh };
    check(&live, old_policy, now(0, Trusted), "admit green -");
    let fresh_later = Lists::all_at(NOON.plus_millis(YEAR));
    check(&live, fresh_later, now(YEAR, Trusted), "cannot-confirm grey status-grey");
}

#[test]
fn a_policy_may_admit_grey_but_no_specimen() {
    let policy = Policy::parse(br#"{"admit":{"grey":"admit"}}"#).unwrap();
    let check = |purpose, expected: &str| {
        let credential = credential_for(Claim::Colour(Status::Green), YEAR, purpose);
        let verdict = judge(&credential, &policy, &Lists::default(), Moment::trusted(NOON));
        assert_eq!(show_verdict(&verdict), expected);
    };
    check(Purpose::Live, "admit grey no-policy");
    check(Purpose::Specimen, "cannot-confirm grey specimen");
}

#[test]
fn what_was_not_verified_is_refused_unless_it_is_we_who_cannot_read_it() {
    let check = |reason: Reason, expected: &str| {
        assert_eq!(show_verdict(&Verdict::of_refused(&Refused::because(reason))), expected);
    };
    check(Reason::BadSignature, "refuse grey bad-signature");
    check(Reason::UnsupportedFormat, "cannot-confirm grey unsupported-format");
    check(Reason::Incomplete, "cannot-confirm grey incomplete");
}

#[test]
fn a_bad_policy_names_its_field() {
    assert_eq!(Policy::parse(b"{}").unwrap(), Policy::default());
    let check = |json: &str, part: &str| {
        let error = Policy::parse(json.as_bytes()).expect_err(json);
        assert!(error.to_string().starts_with(part), "{error} does not start with {part}");
    };
    check("[]", "policy is not a JSON object");
    check("{", "policy is not a JSON object");
    check(r#"{"red_days":1,"red_days":2}"#, "policy is not a JSON object with each field once");
    check(r#"{"admit":["admit"]}"#, "admit: must be a JSON object");
    check(r#"{"green_hour":72}"#, "green_hour: not understood");
    check(r#"{"green_hours":"72"}"#, "green_hours: not understood");
    check(r#"{"green_hours":-1}"#, "green_hours: not understood");
    check(r#"{"green_hours":0}"#, "green_hours: 0 is not between 1 and 10000");
    check(r#"{"yellow_days":367}"#, "yellow_days: 367 is not between 1 and 366");
    check(r#"{"admit":{"purple":"admit"}}"#, "admit: not understood");
    check(r#"{"exit_scan":"maybe"}"#, "exit_scan: not understood");
    check(&" ".repeat(POLICY_BYTES_MAX + 1), "policy of 262145 bytes");
}

#[test]
fn the_published_schemas_know_every_field() {
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let schema = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let policy = schema(include_str!("../../schema/policy.schema.json"));
    let default = serde_json::to_value(Policy::default()).unwrap();
    assert_eq!(keys(&policy["properties"]), keys(&default));
    for (field, rule) in policy["properties"].as_object().unwrap() {
        if field != "admit" {
            assert_eq!(rule["default"], default[field], "default of {field}");
        }
    }
    assert_eq!(keys(&policy["properties"]["admit"]["properties"]), keys(&default["admit"]));
    let trust = schema(include_str!("../../schema/trust.schema.json"));
    let entry = &trust["properties"]["issuers"]["items"];
    let names = ["algorithm", "issuer", "key", "kid", "not_after", "not_before", "region"];
    assert_eq!(keys(&entry["properties"]), names);
    let revocations = schema(include_str!("../../schema/revocations.schema.json"));
    let names = ["ctis", "dcc", "issued_at", "revoked", "shc", "subjects", "version"];
    assert_eq!(keys(&revocations["properties"]), names);
    let standing = schema(include_str!("../../schema/standing.schema.json"));
    let entry = &standing["properties"]["venues"]["items"];
    assert_eq!(keys(&entry["properties"]), ["standing", "until", "venue"]);
    let announced = schema(include_str!("../../schema/announcements.schema.json"));
    let entry = &announced["properties"]["announcements"]["items"];
    let names = ["activities", "areas", "id", "texts", "until", "venues"];
    assert_eq!(keys(&entry["properties"]), names);
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let colours = vec![Status::Green, Status::Blue, Status::Yellow, Status::Red];
    prop_oneof![
        proptest::sample::select(colours).prop_map(Claim::Colour),
        (0usize..5, -40 * 86_400i64..=0).prop_map(|(kind, secs)| Claim::Fact {
            kind: FactKind::ALL[kind],
            at: NOON.plus_millis(secs * 1000),
        }),
    ]
}

proptest! {
    #[test]
    fn a_status_only_moves_forward_and_changes_when_it_said(
        claim in any_claim(), life in 1i64..60 * 24, a in 0i64..70 * 24, b in 0i64..70 * 24,
    ) {
        let policy = Policy::default();
        let credential = credential_for(claim, life * HOUR, Purpose::Live);
        let at = |hours: i64| status_at(&credential, &policy, NOON.plus_millis(hours * HOUR));
        let (early, late) = (at(a.min(b)), at(a.max(b)));
        if early.status == Status::Grey {
            prop_assert_eq!(late, early, "grey is the end");
        } else if early.status == Status::Blue {
            prop_assert!(matches!(late.status, Status::Blue | Status::Grey), "blue turns only grey");
        } else {
            let next = [early.status, early.then.unwrap_or(Status::Grey), Status::Grey];
            prop_assert!(next.contains(&late.status), "{early:?} became {late:?}");
        }
        if let Some(until) = early.until {
            let before = status_at(&credential, &policy, until.plus_millis(-1));
            prop_assert_eq!(before, early);
            let after = status_at(&credential, &policy, until);
            prop_assert_eq!(after.status, early.then.unwrap_or(Status::Grey));
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Policy::parse(&bytes);
    }
}

#[test]
fn a_policy_says_whether_a_capacity_binds() {
    let parse = |json: &str| Policy::parse(json.as_bytes());
    assert_eq!(parse("{}").unwrap().capacity, CapacityRule::Binding);
    assert_eq!(parse(r#"{"capacity":"binding"}"#).unwrap().capacity, CapacityRule::Binding);
    assert_eq!(parse(r#"{"capacity":"advisory"}"#).unwrap().capacity, CapacityRule::Advisory);
    for bad in [r#""Advisory""#, r#""off""#, "true", "null"] {
        let refused = parse(&format!(r#"{{"capacity":{bad}}}"#)).unwrap_err();
        assert!(
            matches!(&refused, PolicyError::Field { field, .. } if field == "capacity"),
            "{bad}"
        );
    }
}
