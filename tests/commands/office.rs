//! The authority's office on the command line: the register, papers signed elsewhere, tokens in bulk, drafts of two roots.

use std::fs;

use node_core::code::paper::venue_grant_from_text;
use serde_json::Value;
use sync::id::PublicKey;

use crate::Place;

const HEAD: &str = "permit,permit_date,kind,activity,class,name,address,area,place,time_zone,capacity,contact,manager,entrances,agreement";

/// An authority whose region has two roots, both of which must sign bulletins; `a` is kept on its machine if `holds`.
fn authority(holds: bool) -> (Place, [String; 2]) {
    let place = Place::new();
    let [a, b, hub] = ["a.key", "b.key", "hub.key"].map(|name| place.key(name));
    place.key("issuer.key");
    place.run("keys tracing --weeks 2 --out tracing.secrets").yes();
    let enrol = "enrol authority --root a.key --region 1 --out hub.membership --node";
    place.run_on(enrol, &hub).yes();
    let root = if holds { "root = \"a.key\"\n" } else { "" };
    place.write(
        "authority.toml",
        format!(
            "[node]\nkey = \"hub.key\"\nmembership = \"hub.membership\"\nroots = [\"{a}\", \"{b}\"]\nroots_needed = 2\n\
             [authority]\ntracing = \"tracing.secrets\"\nissuing = \"issuer.key\"\nissuer = \"KZ\"\n{root}"
        ),
    );
    (place, [a, b])
}

fn lines(said: &str) -> Vec<Value> {
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_thousand_venues_come_as_a_table_with_a_report_for_each_line() {
    let (place, _) = authority(false);
    let manager = place.key("manager.key");
    let mut table = format!("{HEAD}\n");
    for n in 1..=1000 {
        let (activity, key) = match n {
            500 => ("55.10", ""), // a hotel's
            7 => ("56.10.1", manager.as_str()),
            _ => ("56.10.1", ""),
        };
        table += &format!(
            "KZ-26/{n},2026-11-01,catering,{activity},obligatory,\"Кафе {n}, Достық\",Абай {n},almaty,city,Asia/Almaty,120,,{key},North:in;Yard:both,1\n"
        );
    }
    place.write("venues.csv", &table);
    let import = "authority enrol import venues.csv --config authority.toml --json";
    let told = lines(&place.run(import).no().out);
    assert_eq!(told.len(), 1000);
    let wrong: Vec<_> = told.iter().filter(|row| row["error"].is_string()).collect();
    assert_eq!((wrong.len(), &wrong[0]["line"]), (1, &Value::from(501)));
    assert!(wrong[0]["error"].as_str().unwrap().starts_with("activity"), "{}", wrong[0]);
    assert_eq!(told.iter().filter(|row| row["result"] == "new").count(), 999);
    let again = lines(&place.run(import).no().out);
    assert_eq!(again.iter().filter(|row| row["result"] == "same").count(), 999);
    place.write("venues.csv", table.replace("Абай 9,", "Абай 99,").replace("55.10,", "56.10,"));
    let changed = lines(&place.run(import).yes().out);
    assert_eq!(changed.iter().filter(|row| row["result"] == "changed").count(), 1);
    assert_eq!(changed.iter().filter(|row| row["result"] == "new").count(), 1);

    let found = place.run("authority enrol list --config authority.toml --find 26/77 --json").yes();
    assert_eq!(lines(&found.out).len(), 11, "77 and 770 to 779");
    place.run("authority enrol list --config authority.toml --find nowhere").no();
    place.write("bad.csv", "permit,kind\n1,2\n");
    place.run("authority enrol import bad.csv --config authority.toml").wrong_use();

    // Papers are signed where the root is, and only for who has given a manager's key.
    place
        .run("authority enrol requests --config authority.toml --days 90 --out wanted.jsonl")
        .yes();
    place
        .run("authority enrol sign wanted.jsonl --root b.key --out signed.grants")
        .yes()
        .mentions(&["Кафе 7"]);
    place.run("authority enrol take signed.grants --config authority.toml").yes();
    place.run("authority enrol requests --config authority.toml --out wanted.jsonl").no();
    let listed =
        place.run("authority enrol list --config authority.toml --find KZ-26/7 --json").yes();
    let seven = lines(&listed.out).into_iter().find(|v| v["permit"] == "KZ-26/7").unwrap();
    let code = seven["join_code"].as_str().unwrap();
    let grant = venue_grant_from_text(code).unwrap();
    let root = PublicKey::from_hex(place.run("keys show b.key").yes().out.trim()).unwrap();
    let grant = grant.open(&root).unwrap();
    assert_eq!((grant.doors, grant.manager.to_string()), (Some(2), manager));
    // What the door does with it.
    place.write("shop.venue", code);
    let node = place.key("node.key");
    place.run_on("enrol door --venue-grant shop.venue --manager manager.key --entrance 1 --name North --direction both --out north.membership --node", &node).yes();
    place.run_on("enrol show north.membership --root", &root.to_string()).yes();
    // Another's root gives nobody a place.
    place.key("other.key");
    place.write("wanted.jsonl", fs::read_to_string(place.path("wanted.jsonl")).unwrap());
    place.write(
        "forged.jsonl",
        format!(r#"{{"region":1,"venue":{},"name":"X","zone":"Asia/Almaty","manager":"{}","capacity":null,"doors":null,"not_before":0,"not_after":9}}"#, seven["venue"], grant.manager),
    );
    place.run("authority enrol sign forged.jsonl --root other.key --out forged.grants").yes();
    place.run("authority enrol take forged.grants --config authority.toml").no();
}

#[test]
fn two_roots_sign_a_draft_each_on_its_own_machine() {
    let (place, _) = authority(true);
    place.write("policy.json", r#"{"version":1,"green_hours":48,"admit":{"yellow":"admit"}}"#);
    let look = "authority publish preview policy policy.json --config authority.toml";
    place
        .run(look)
        .yes()
        .mentions(&["green_hours: 72 becomes 48", "admit.yellow: refuse becomes admit"]);
    place.write("wrong.json", r#"{"green_hours":"soon"}"#);
    place
        .run("authority publish preview policy wrong.json --config authority.toml")
        .no()
        .mentions(&["green_hours"]);
    let draw = "authority publish draft policy policy.json --by Ann --config authority.toml --json";
    let drawn = place.run(draw).yes().json();
    assert_eq!(
        (&drawn["state"], &drawn["signed"], &drawn["needed"]),
        (&"open".into(), &0.into(), &2.into())
    );
    place.run("authority publish export 1 --out policy.draft --config authority.toml").yes();
    // One root's machine holds nothing but the draft and the key.
    place.key("stranger.key");
    place.run("authority publish sign policy.draft --root stranger.key --out strange.draft").yes();
    place.run("authority publish add strange.draft --config authority.toml").no();
    place
        .run("authority publish sign policy.draft --root b.key")
        .yes()
        .mentions(&["green_hours", "signed by"]);
    let added =
        place.run("authority publish add policy.draft --config authority.toml --json").yes().json();
    assert_eq!((&added["state"], &added["signed"]), (&"open".into(), &1.into()));
    place.run("authority publish add policy.draft --config authority.toml").no();
    let done =
        place.run("authority publish sign-here 1 --config authority.toml --json").yes().json();
    assert_eq!(done["state"], "published");
    place.run("authority publish sign-here 1 --config authority.toml").no();
    place.run(look).no().mentions(&["nothing changes"]);
    let second = "authority publish draft policy policy.json --by Ann --config authority.toml";
    place.run(second).yes();
    place.run("authority publish drop 2 --config authority.toml").yes();
    let all =
        lines(&place.run("authority publish drafts --config authority.toml --json").yes().out);
    let states: Vec<_> = all.iter().map(|draft| draft["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["dropped", "published"]);
    place.run("authority publish --region 1 --out x").wrong_use();
}

#[test]
fn tokens_come_in_bulk_and_a_positive_result_withdraws_them() {
    let (place, _) = authority(true);
    let issuer = place.run("keys show issuer.key").yes().out;
    fs::create_dir(place.path("trust")).unwrap();
    place.write("trust/issuer.pub", issuer);
    let holder = place.key("holder.key");
    let now = sync::time::UnixMillis::from_secs(node::wall::now().secs());
    let ago = |hours: i64| now.plus_millis(-hours * 3_600_000).to_string();
    let registry = |rows: &str| {
        place.write("rows.csv", format!("kind,number,fact,at\n{rows}"));
        place.run("authority registry import rows.csv --config authority.toml").yes();
    };
    registry(&format!("iin,800101300006,test-negative,{}\n", ago(10)));
    place.write(
        "people.csv",
        format!("kind,number,masked_name,holder\niin,800101300006,A*** K.,\niin,600101300014,,{holder}\niin,1,,\n"),
    );
    let issue = "authority tokens issue people.csv --config authority.toml --json";
    let told = lines(&place.run(issue).no().out);
    let [green, blue, wrong] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&green["status"], &blue["status"]), (&"green".into(), &"blue".into()));
    assert!(wrong["error"].as_str().unwrap().starts_with("number"), "{wrong}");
    let text = |row: &Value| row["token"].as_str().unwrap().to_owned();
    let verify = |more: &str, token: &str| {
        let line = format!("token verify --trust trust --at {now} --json{more}");
        place.run_on(&line, token)
    };
    let said = verify("", &text(green)).yes().json();
    assert_eq!((&said["status"], &said["claims"]["issuer"]), (&"green".into(), &"KZ".into()));
    verify("", &text(blue)).no(); // a phone's token without its proof
    let line = format!("token present --key holder.key --at {now}");
    let shown = place.run_on(&line, &text(blue)).yes().out;
    assert_eq!(verify("", shown.trim()).yes().json()["status"], "blue");

    let strips = lines(&place.run(&format!("{issue} --strips --days 28")).no().out);
    let own: Vec<_> =
        strips.iter().filter(|row| row["line"] == 2 && row["token"].is_string()).collect();
    assert!((28..=31).contains(&own.len()), "{}", own.len());
    let colours: Vec<_> = own.iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert!(
        colours[..3].iter().all(|c| *c == "green") && colours[4..].iter().all(|c| *c == "blue"),
        "{colours:?}"
    );
    for pair in own.windows(2) {
        assert_eq!(pair[0]["until"], pair[1]["from"], "one follows the other");
    }

    // Worse news: what says better is withdrawn, as a draft that the second root must sign.
    registry(&format!("iin,800101300006,test-positive,{}\n", ago(1)));
    let drafts =
        lines(&place.run("authority publish drafts --config authority.toml --json").yes().out);
    assert_eq!((&drafts[0]["kind"], &drafts[0]["signed"]), (&"revocations".into(), &1.into()));
    let number = &drafts[0]["draft"];
    place
        .run(&format!("authority publish export {number} --out r.draft --config authority.toml"))
        .yes();
    place.run("authority publish sign r.draft --root b.key").yes();
    let done =
        place.run("authority publish add r.draft --config authority.toml --json").yes().json();
    assert_eq!(done["state"], "published");
    let bulletin = sync::bulletin::Bulletin::from_text(&place.read("r.draft")).unwrap();
    place.write("revoked.json", bulletin.unverified().unwrap().body);
    let revoked = verify(" --revocations revoked.json", &text(green)).no().json();
    assert_eq!(revoked["reason"], "revoked");
    verify(" --revocations revoked.json", shown.trim()).yes();
    for later in &own[1..] {
        let at = later["from"].as_str().unwrap();
        let line =
            format!("token verify --trust trust --at {at} --json --revocations revoked.json");
        let said = place.run_on(&line, &text(later)).no().json();
        assert_eq!(said["reason"], "revoked", "{at}");
    }
    // What is issued from now on says red, and is not withdrawn.
    let red = lines(&place.run(issue).no().out).remove(0);
    assert_eq!(red["status"], "red");
    let said = verify(" --revocations revoked.json", &text(&red)).no().json();
    assert_eq!(said["status"], "red");
    registry(&format!("iin,800101300006,test-positive,{}\n", ago(1)));
    let drafts =
        lines(&place.run("authority publish drafts --config authority.toml --json").yes().out);
    assert_eq!(drafts.len(), 1, "the same news again is no news");
}

#[test]
fn a_laboratory_may_send_fhir() {
    let (place, _) = authority(true);
    let at = node::wall::now().plus_millis(-3_600_000).to_string();
    let observation = |iin: &str, code: &str| {
        serde_json::json!({"resource": {
            "resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
            "subject": {"identifier": {"system": "urn:vestibule:iin", "value": iin}},
            "effectiveDateTime": at,
            "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": code}]}}})
    };
    let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": [
        observation("800101300006", "260373001"), observation("800101300007", "260415000")]});
    place.write("results.json", bundle.to_string());
    let said =
        place.run("authority registry import results.json --config authority.toml --json").no();
    let told = lines(&said.out);
    assert_eq!((&told[0]["result"], told[0]["line"].as_u64()), (&"taken".into(), Some(1)));
    assert!(told[1]["error"].as_str().unwrap().starts_with("number"), "{}", told[1]);
    place.write("people.csv", "kind,number\niin,800101300006\n");
    let token =
        place.run("authority tokens issue people.csv --config authority.toml --json").yes().json();
    assert_eq!(token["status"], "red");
}

#[test]
fn keys_of_the_office_are_checked_before_the_start() {
    let (place, _) = authority(true);
    place.run("check-config authority.toml").yes();
    place.key("other.key");
    let text = place.read("authority.toml");
    place.write("authority.toml", text.replace("root = \"a.key\"", "root = \"other.key\""));
    place.run("check-config authority.toml").no().mentions(&["[authority] root"]);
    place.write("authority.toml", text.replace("issuer = \"KZ\"\n", ""));
    place.run("check-config authority.toml").mentions(&["authority.issuer"]);
    place.write("authority.toml", text.replace("issuing = \"issuer.key\"\nissuer = \"KZ\"\n", ""));
    place.run("check-config authority.toml").yes();
    place.write("people.csv", "kind,number\niin,800101300006\n");
    place
        .run("authority tokens issue people.csv --config authority.toml")
        .no()
        .mentions(&["no issuer's key"]);
}
