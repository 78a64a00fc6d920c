//! Tables of the policy's switches, by the numbers that the old systems' demands have in our requirements.

use super::*;
use crate::token::{
    Fact,
    fact::{Recovery, Test, TestKind, TestResult, Vaccination},
    tests::sample::{held_by, of_facts, with_health_data},
};

fn test(result: TestResult, days: i64) -> Fact {
    let sampled_at = NOON.plus_millis(days * DAY_MILLIS);
    Fact::Test(Test { sampled_at, kind: TestKind::Naat, result, target: None })
}

fn rapid(days: i64) -> Fact {
    let sampled_at = NOON.plus_millis(days * DAY_MILLIS);
    let (kind, result) = (TestKind::Antigen, TestResult::Negative);
    Fact::Test(Test { sampled_at, kind, result, target: None })
}

fn positive(days: i64) -> Fact {
    test(TestResult::Positive, days)
}

fn negative(days: i64) -> Fact {
    test(TestResult::Negative, days)
}

fn contact(days: i64) -> Fact {
    Fact::Contact { at: NOON.plus_millis(days * DAY_MILLIS) }
}

fn dose(days: i64, dose: u8, of: u8) -> Fact {
    let at = NOON.plus_millis(days * DAY_MILLIS);
    Fact::Vaccination(Vaccination {
        at,
        dose: Some(dose),
        of: Some(of),
        product: None,
        target: None,
    })
}

fn recovery(days: i64, from: Option<i64>, until: Option<i64>) -> Fact {
    let day = |days: i64| NOON.plus_millis(days * DAY_MILLIS);
    let (valid_from, valid_until) = (from.map(day), until.map(day));
    Fact::Recovery(Recovery { first_positive: day(days), valid_from, valid_until, target: None })
}

fn policy(json: &str) -> Policy {
    Policy::parse(json.as_bytes()).unwrap_or_else(|e| panic!("{json}: {e}"))
}

/// The status so many days after NOON, and how it goes on, in days.
fn on_day(facts: Vec<Fact>, json: &str, day: i64) -> String {
    let credential = of_facts(NOON, 365 * DAY_MILLIS, facts);
    let now = status_at(&credential, &policy(json), NOON.plus_millis(day * DAY_MILLIS));
    let mut shown = status_word(now.status).to_owned();
    let days = |at: UnixMillis| (at.get() - NOON.get()) / DAY_MILLIS;
    if let (Some(until), Some(then)) = (now.until, now.then) {
        shown += &format!(" until {} then {}", days(until), status_word(then));
    }
    shown
}

#[test]
fn each_demand_of_the_old_systems_is_a_row() {
    let hours = r#""yellow_days_count":"hours""#;
    let at_once = r#"{"red_clears_by":"negative-test","red_test_after_days":0}"#;
    let after = r#"{"red_clears_by":"negative-test"}"#;
    let vaccinated = r#"{"vaccinated":"green"}"#;
    let span = r#"{"vaccinated":"green","vaccinated_after_days":14,"vaccinated_for_days":270}"#;
    let recovered = r#"{"recovered":"green"}"#;
    #[rustfmt::skip]
    let rows: Vec<(&str, Vec<Fact>, String, i64, &str)> = vec![
        ("A26", vec![negative(0)], "{}".into(), 0, "green until 3 then blue"),
        ("A26", vec![negative(0)], "{}".into(), 2, "green until 3 then blue"),
        ("A26", vec![negative(0)], "{}".into(), 3, "blue"),
        ("A27", vec![test(TestResult::Negative, -10)], "{}".into(), 0, "blue"),
        ("A27", vec![test(TestResult::Unclear, 0)], "{}".into(), 0, "grey"), // perhaps positive: not confirmed
        ("A28", vec![contact(0)], "{}".into(), 13, "yellow until 13 then blue"),
        ("A28", vec![contact(0)], "{}".into(), 14, "blue"),
        ("A28", vec![contact(0)], format!("{{{hours}}}"), 13, "yellow until 14 then blue"),
        ("A28", vec![contact(0)], format!("{{{hours}}}"), 14, "blue"),
        ("A28", vec![contact(0), negative(1)], "{}".into(), 1, "yellow until 13 then blue"),
        ("A29", vec![positive(0)], "{}".into(), 13, "red until 14 then blue"),
        ("A29", vec![positive(0)], "{}".into(), 14, "blue"),
        ("P3 [Q17]", vec![positive(0), negative(5)], "{}".into(), 6, "red until 14 then blue"),
        ("P3 [Q17]", vec![positive(0), negative(15)], "{}".into(), 15, "green until 18 then blue"),
        ("P3 [Q17]", vec![positive(0)], after.into(), 100, "red"),
        ("P3 [Q17]", vec![positive(0), negative(5)], after.into(), 100, "red"),
        ("P3 [Q17]", vec![positive(0), negative(15)], after.into(), 16, "green until 18 then blue"),
        ("P3 [Q41]", vec![positive(0), negative(5)], at_once.into(), 4, "red until 5 then green"),
        ("P3 [Q41]", vec![positive(0), negative(5)], at_once.into(), 5, "green until 8 then blue"),
        ("P3 [Q41]", vec![negative(-1), positive(0)], at_once.into(), 1, "red"),
        ("P3", vec![positive(0), positive(10)], "{}".into(), 15, "red until 24 then blue"),
        ("P2", vec![dose(0, 2, 2)], "{}".into(), 0, "blue"),
        ("P2", vec![dose(0, 2, 2)], vaccinated.into(), 0, "green"),
        ("P2", vec![dose(0, 1, 2)], vaccinated.into(), 0, "blue"),
        ("P2", vec![dose(0, 2, 2)], span.into(), 13, "blue until 14 then green"),
        ("P2", vec![dose(0, 2, 2)], span.into(), 14, "green until 270 then blue"),
        ("P2", vec![dose(0, 1, 2), dose(40, 2, 2)], span.into(), 20, "blue until 54 then green"),
        ("P2", vec![dose(0, 2, 2), positive(20)], span.into(), 21, "red until 34 then green"),
        ("P2", vec![Fact::Pass], vaccinated.into(), 0, "green"),
        ("A31", vec![recovery(0, None, None)], "{}".into(), 0, "blue"),
        ("A31", vec![recovery(0, Some(11), Some(180))], recovered.into(), 0, "blue until 11 then green"),
        ("A31", vec![recovery(0, Some(11), Some(180))], recovered.into(), 12, "green until 180 then blue"),
        ("A26", vec![rapid(0)], r#"{"antigen_green_hours":24}"#.into(), 0, "green until 1 then blue"),
        ("A26", vec![rapid(0)], "{}".into(), 0, "green until 3 then blue"),
    ];
    for (demand, facts, json, day, expected) in rows {
        let shown = on_day(facts.clone(), &json, day);
        assert_eq!(shown, expected, "{demand}: {facts:?} under {json} on day {day}");
    }
}

#[test]
fn yellow_days_are_those_of_the_regions_calendar() {
    let check = |zone: &str, expected: &str| {
        let policy = policy(&format!(r#"{{"time_zone":"{zone}"}}"#));
        let credential = of_facts(NOON, 365 * DAY_MILLIS, vec![contact(0)]);
        let until = status_at(&credential, &policy, NOON).until.unwrap();
        assert_eq!(until.to_string(), expected, "{zone}");
    };
    check("UTC", "2026-10-05T00:00:00Z"); // the contact was on 21 September at 14:13
    check("Asia/Almaty", "2026-10-04T19:00:00Z");
    check("Asia/Tokyo", "2026-10-04T15:00:00Z");
    check("Pacific/Auckland", "2026-10-05T11:00:00Z"); // there it was the 22nd already
}

/// P4: adults only (A39), or family members as well (G17 to G19).
#[test]
fn minors_are_judged_as_the_region_says() {
    let born = |date: &str| {
        held_by(of_facts(NOON, YEAR, vec![test(TestResult::Negative, -10)]), "Test", date)
    };
    let check = |credential: &Credential, json: &str, expected: &str| {
        let verdict = judge(credential, &policy(json), &Lists::all_at(NOON), Moment::trusted(NOON));
        assert_eq!(show_verdict(&verdict), expected, "{json}");
    };
    let closed = r#""admit":{"blue":"refuse"}"#;
    let (child, adult) = (born("2010-01-01"), born("2008-09-21"));
    check(&child, &format!("{{{closed}}}"), "refuse blue status-blue");
    check(&child, &format!(r#"{{{closed},"minors":"exempt"}}"#), "admit blue -");
    check(&adult, &format!(r#"{{{closed},"minors":"exempt"}}"#), "refuse blue status-blue");
    check(&born("2008-09-22"), &format!(r#"{{{closed},"minors":"exempt"}}"#), "admit blue -");
    check(&born("2008"), &format!(r#"{{{closed},"minors":"exempt"}}"#), "admit blue -");
    check(&born(""), &format!(r#"{{{closed},"minors":"exempt"}}"#), "refuse blue status-blue");
    check(&child, r#"{"minors":"with-adult"}"#, "cannot-confirm blue minor");
    check(&adult, r#"{"minors":"with-adult"}"#, "admit blue -");
    check(&child, r#"{"minors":"with-adult","minor_below_years":16}"#, "admit blue -");
    let ill = held_by(of_facts(NOON, YEAR, vec![positive(0)]), "Test", "2010-01-01");
    check(&ill, r#"{"minors":"exempt"}"#, "refuse red status-red");
}

/// P6: masked (G13), or the whole name and the age (S5).
#[test]
fn staff_see_the_name_as_the_region_says() {
    let credential = held_by(of_facts(NOON, YEAR, vec![contact(0)]), "Test Specimen", "1980-09-22");
    let shown = |json: &str| policy(json).shown_name(&credential, NOON);
    assert_eq!(shown("{}").as_deref(), Some("T*** S."));
    assert_eq!(shown(r#"{"identity":"full"}"#).as_deref(), Some("Test Specimen, 45"));
    let ageless = held_by(of_facts(NOON, YEAR, vec![contact(0)]), "Test Specimen", "");
    let full = policy(r#"{"identity":"full"}"#);
    assert_eq!(full.shown_name(&ageless, NOON).as_deref(), Some("Test Specimen"));
}

/// P1: exit scans (A37 against A38, V3, G1). P5: staff decide (S7), or must refuse (A47). What each does is tested at the desk.
#[test]
fn exits_and_releases_are_switches() {
    assert_eq!(policy("{}").exit_scan, ExitScan::Optional);
    assert_eq!(policy(r#"{"exit_scan":"required"}"#).exit_scan, ExitScan::Required);
    assert_eq!(policy("{}").ways, Ways::Both);
    assert_eq!(policy(r#"{"ways":"staff-scans"}"#).ways, Ways::StaffScans);
    assert_eq!(policy("{}").visitor_check, VisitorCheck::Either);
    assert_eq!(policy(r#"{"visitor_check":"sms"}"#).visitor_check, VisitorCheck::Sms);
    assert_eq!(policy("{}").staff_release, StaffRelease::Any);
    let strict = policy(r#"{"staff_release":"admitted-only"}"#);
    assert_eq!(strict.staff_release, StaffRelease::AdmittedOnly);
}

/// An EU certificate in CBOR: one dose of two, on 2026-09-01.
fn certificate(dose: u8) -> Credential {
    let mut cbor = Vec::new();
    let mut e = minicbor::Encoder::new(&mut cbor);
    e.map(2).unwrap().str("dob").unwrap().str("1980-01-01").unwrap();
    e.str("v").unwrap().array(1).unwrap().map(3).unwrap();
    e.str("dn").unwrap().u8(dose).unwrap().str("sd").unwrap().u8(2).unwrap();
    e.str("dt").unwrap().str("2026-09-01").unwrap();
    let fact = self::dose(-20, dose, 2);
    with_health_data(of_facts(NOON, 365 * DAY_MILLIS, vec![fact]), &cbor)
}

#[test]
fn rules_of_the_region_judge_eu_certificates() {
    let complete =
        r#"{"id":"VR-1","logic":{">=":[{"var":"payload.v.0.dn"},{"var":"payload.v.0.sd"}]}}"#;
    let fresh = r#"{"id":"VR-2","logic":{"not-after":[
        {"plusTime":[{"var":"payload.v.0.dt"},14,"day"]},
        {"plusTime":[{"var":"external.validationClock"},0,"day"]},
        {"plusTime":[{"var":"payload.v.0.dt"},270,"day"]}]}}"#;
    let rules = format!(r#"{{"rules":{{"vaccination":[{complete},{fresh}]}}}}"#);
    let check = |credential: &Credential, json: &str, at: &str, expected: &str| {
        let at = UnixMillis::parse(at).unwrap();
        let now = status_at(credential, &policy(json), at);
        let mut shown = status_word(now.status).to_owned();
        if let (Some(until), Some(then)) = (now.until, now.then) {
            shown += &format!(" until {until} then {}", status_word(then));
        }
        assert_eq!(shown, expected, "{json}");
    };
    let last = "2027-05-29T00:00:01Z"; // the 270th day still counts at its first moment
    let green = format!("green until {last} then blue");
    check(&certificate(2), &rules, "2026-09-21T12:00:00Z", &green);
    let blue = "blue until 2026-09-15T00:00:00Z then green";
    check(&certificate(2), &rules, "2026-09-05T12:00:00Z", blue);
    check(&certificate(2), &rules, last, "blue");
    check(&certificate(1), &rules, "2026-09-21T12:00:00Z", "blue");
    let none = of_facts(NOON, 365 * DAY_MILLIS, vec![dose(-20, 2, 2)]);
    check(&none, &rules, "2026-09-21T12:00:00Z", "blue"); // no EU certificate: by the durations
    let nonsense =
        r#"{"rules":{"vaccination":[{"id":"x","logic":{"+":[{"var":"payload.dob"},1]}}]}}"#;
    check(&certificate(2), nonsense, "2026-09-21T12:00:00Z", "grey");
    let listed = r#"{"value_sets":{"doses":["a"]},"country":"KZ","rules":{"vaccination":[{"id":"x","logic":
        {"and":[{"in":["a",{"var":"external.valueSets.doses"}]},{"===":[{"var":"external.countryCode"},"KZ"]},
        {"===":[{"var":"external.issuerCountryCode"},"kz"]}]}}]}}"#;
    check(&certificate(1), listed, "2026-09-21T12:00:00Z", "green");
}

#[test]
fn a_policy_with_a_broken_rule_does_not_load() {
    let check = |json: &str, part: &str| {
        let error = Policy::parse(json.as_bytes()).expect_err(json);
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(error.to_string().starts_with("rules: not understood"), "{error}");
        assert!(cause.contains(part), "{cause} lacks {part}");
    };
    let rule = |logic: &str| format!(r#"{{"rules":{{"test":[{{"id":"TR-1","logic":{logic}}}]}}}}"#);
    check(&rule(r#"{"or":[1,2]}"#), "TR-1: rule/or: unrecognised operator: \"or\"");
    check(&rule("null"), "TR-1: rule: invalid CertLogic expression");
    check(r#"{"rules":{"tests":[]}}"#, "unknown field `tests`");
    check(r#"{"rules":{"test":[{"id":"","logic":true}]}}"#, "id must have 1 to 64 bytes");
    let many = vec![r#"{"id":"a","logic":true}"#; RULES_MAX + 1].join(",");
    check(&format!(r#"{{"rules":{{"test":[{many}]}}}}"#), "more than 64 rules");
    let error = Policy::parse(br#"{"time_zone":"Mars"}"#).unwrap_err();
    assert_eq!(error.to_string(), "time_zone: not understood");
}

#[test]
fn a_policy_with_every_switch_reads_back() {
    let json = r#"{"rules":{"test":[{"id":"TR-1","logic":{"<":[1,2]}}]},"time_zone":"Asia/Almaty",
        "minors":"exempt","identity":"full","recovered":"green","value_sets":{"a":["b"]}}"#;
    let read = policy(json);
    let written = serde_json::to_vec(&read).unwrap();
    assert_eq!(Policy::parse(&written).unwrap(), read);
}
