//! `vestibule authority publish`: bulletins that open under the root, or nothing at all.

use std::fs;

use node_core::code::paper::tracing_keys_to_body;
use sync::{
    bulletin::{Bulletin, BulletinKind, Notice},
    id::{PublicKey, RegionId},
};

use crate::Place;

const POLICY: &str = r#"{"version":3,"green_hours":48}"#;
const REVOCATIONS: &str =
    r#"{"version":1,"issued_at":"2026-11-21T12:00:00Z","revoked":[{"cti":"0909090909090909"}]}"#;
const STANDING: &str =
    r#"{"version":1,"venues":[{"venue":17,"standing":"excluded","until":"2026-12-05T00:00:00Z"}]}"#;
const TOLD: &str = r#"{"version":1,"announcements":[{"id":"1","until":"2026-12-05T00:00:00Z","areas":["almaty"],"texts":{"kk":"Сағат онда жабылыңыз"}}]}"#;

fn opened(place: &Place, file: &str, roots: &[&str], needed: usize) -> Result<Notice, String> {
    let roots: Vec<_> = roots.iter().map(|r| PublicKey::from_hex(r).unwrap()).collect();
    let bulletin = Bulletin::from_text(&place.read(file)).map_err(|e| format!("{file}: {e}"))?;
    bulletin.open(&roots, needed).map_err(|e| format!("{file}: {e}"))
}

fn trust(place: &Place) -> String {
    let public = place.key("issuer.key");
    let kid = place.run("keys show issuer.key --json").yes().json()["kid"].clone();
    format!(
        r#"{{"version":2,"issuers":[{{"issuer":"KZ","kid":{kid},"algorithm":"EdDSA","key":"{public}",
        "not_before":"2026-01-01T00:00:00Z","not_after":"2027-01-01T00:00:00Z"}}]}}"#
    )
}

#[test]
fn each_kind_opens_under_the_root_with_the_body_of_its_file() {
    let place = Place::new();
    let root = place.key("root.key");
    let trust = trust(&place);
    place.write("policy.json", POLICY);
    place.write("trust.json", &trust);
    place.write("revoked.json", REVOCATIONS);
    place.write("standing.json", STANDING);
    place.write("told.json", TOLD);
    place.run("keys tracing --weeks 2 --out tracing.secrets").yes();
    let said = place.run(
        "authority publish --root root.key --region 7 --policy policy.json --trust trust.json \
         --revocations revoked.json --standing standing.json --announcements told.json \
         --tracing tracing.secrets --version 41 --days 5 --out bulletins",
    );
    assert_eq!(said.yes().out.lines().count(), 6);
    let open = |name: &str| opened(&place, &format!("bulletins/{name}.bulletin"), &[&root], 1);
    for (name, kind, body) in [
        ("policy", BulletinKind::Policy, POLICY),
        ("trust", BulletinKind::Trust, &trust),
        ("revocations", BulletinKind::Revocations, REVOCATIONS),
        ("standing", BulletinKind::Standing, STANDING),
        ("announcements", BulletinKind::Announcements, TOLD),
    ] {
        let notice = open(name).unwrap();
        assert_eq!((notice.kind, notice.body.as_slice()), (kind, body.as_bytes()), "{name}");
        assert_eq!((notice.region, notice.version), (RegionId::new(7), 41), "{name}");
        let days = notice.not_after.secs() - notice.issued_at.secs();
        assert_eq!(days, 5 * 86_400, "{name}");
    }
    let notice = open("tracing-keys").unwrap();
    assert_eq!(notice.kind, BulletinKind::TracingKeys);
    let secrets = node::secret::load_tracing(&place.path("tracing.secrets")).unwrap();
    let keys: Vec<_> = secrets.iter().filter_map(|s| s.public()).collect();
    assert_eq!((keys.len(), notice.body), (2, tracing_keys_to_body(&keys)));
    let file = place.read("bulletins/tracing-keys.bulletin");
    for line in place.read("tracing.secrets").lines() {
        let secret = line.rsplit(':').next().unwrap();
        assert!(!file.contains(secret), "a secret half is published");
    }
}

#[test]
fn a_broken_file_is_named_with_its_field_and_nothing_is_written() {
    let place = Place::new();
    place.key("root.key");
    place.write("good.json", POLICY);
    let trust = trust(&place);
    let check = |option: &str, body: &str, words: &[&str]| {
        place.write("bad.json", body);
        let line = format!(
            "authority publish --root root.key --region 1 --policy good.json --out bulletins {option} bad.json"
        );
        // The good policy would come first: it must not be written either.
        let line =
            if option == "--policy" { line.replace("--policy good.json ", "") } else { line };
        place.run(&line).no().mentions(&["bad.json"]).mentions(words);
        assert!(!place.has("bulletins"), "{option} {body}: something was written");
    };
    check("--policy", r#"{"green_hours":0}"#, &["green_hours", "between 1 and 10000"]);
    check("--policy", r#"{"green_hour":5}"#, &["green_hour"]);
    check("--policy", r#"{"red_clears_by":"magic"}"#, &["red_clears_by"]);
    check("--policy", "[]", &["object"]);
    check("--policy", "", &["object"]);
    check("--policy", &format!("{{{}}}", " ".repeat(300_000)), &["limit"]);
    check("--trust", &trust.replace("EdDSA", "none"), &["issuers[0].algorithm"]);
    check("--trust", &trust.replace("2027", "2025"), &["issuers[0].not_after"]);
    check("--trust", r#"{"version":1}"#, &["issuers"]);
    check("--revocations", &REVOCATIONS.replace("0909", "zz09"), &["revoked[0].cti"]);
    check("--revocations", &REVOCATIONS.replace("T12", "T99"), &["issued_at"]);
    place.key("bad2.key");
    let line = "authority publish --root root.key --region 1 --tracing bad2.key --out bulletins";
    place.run(line).no().mentions(&["bad2.key", "tracing secrets"]);
    assert!(!place.has("bulletins"));
}

#[test]
fn a_beacon_says_the_time_and_only_with_it_a_reset() {
    let place = Place::new();
    let root = place.key("root.key");
    let check = |options: &str, resets: bool| {
        place
            .run(&format!("authority publish --root root.key --region 1 {options} --out out"))
            .yes();
        let notice = opened(&place, "out/beacon.bulletin", &[&root], 1).unwrap();
        assert_eq!(notice.kind, BulletinKind::Beacon);
        assert_eq!(node_core::clock::Beacon::parse(&notice.body).unwrap().resets, resets);
    };
    check("--beacon", false);
    check("--beacon --reset", true);
}

#[test]
fn two_roots_sign_for_a_region_that_needs_two() {
    let place = Place::new();
    let (a, b) = (place.key("a.key"), place.key("b.key"));
    place.write("policy.json", POLICY);
    place
        .run("authority publish --root a.key --root b.key --region 1 --policy policy.json --out both")
        .yes();
    opened(&place, "both/policy.bulletin", &[&a, &b], 2).unwrap();
    place
        .run(
            "authority publish --root a.key --root a.key --region 1 --policy policy.json --out one",
        )
        .yes();
    let refused = opened(&place, "one/policy.bulletin", &[&a, &b], 2).unwrap_err();
    assert!(refused.contains("1 valid"), "{refused}");
    opened(&place, "one/policy.bulletin", &[&b], 1).unwrap_err();
}

#[test]
fn wrong_use_is_told() {
    let place = Place::new();
    place.key("root.key");
    place.write("policy.json", POLICY);
    let rest = "--region 1 --out bulletins";
    place.run(&format!("authority publish --root root.key {rest}")).wrong_use();
    place.run(&format!("authority publish --policy policy.json {rest}")).wrong_use();
    for days in ["0", "367", "soon"] {
        place
            .run(&format!(
                "authority publish --root root.key --policy policy.json --days {days} {rest}"
            ))
            .wrong_use()
            .mentions(&["--days"]);
    }
    place
        .run(&format!("authority publish --root gone.key --policy policy.json {rest}"))
        .no()
        .mentions(&["gone.key"]);
    assert!(fs::read_dir(place.path("bulletins")).is_err(), "something was written");
}
