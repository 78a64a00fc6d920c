//! Two regions as the runbook founds them: somebody of the second comes to a door of the first, and the second's tracer finds it,
//! by file and over the interface.

use std::{
    os::unix::fs::symlink,
    process::{Command, Output},
};

use node::secret::load_key;
use node_core::token::status::IssuerKey;
use serde_json::Value;
use tests::{
    binary,
    visitors::{Visitor, Visitors},
    wait_until,
};

use crate::keys::{Walk, entries, hears, version};

/// Both regions' folders beside each other, as the chapters have them.
struct Both {
    one: Walk,
    two: Walk,
    place: tempfile::TempDir,
}

impl Both {
    fn founded() -> Self {
        let (mut one, mut two) = (Walk::new(), Walk::new());
        one.found();
        let renamed =
            two.runbook.replace("--region 1", "--region 2").replace("issuer KZ ", "issuer KZ-B ");
        two.runbook = renamed.replace("issuer = \"KZ\"", "issuer = \"KZ-B\"");
        two.found();
        let place = tempfile::tempdir().unwrap();
        symlink(one.place.path(), place.path().join("one")).unwrap();
        symlink(two.place.path(), place.path().join("two")).unwrap();
        Self { one, two, place }
    }

    /// Runs a chapter's commands beside both folders.
    fn chapter(&self, title: &str) -> String {
        self.one.chapter_in(title, self.place.path())
    }

    fn command(&self, arguments: &[&str]) -> Output {
        let output = Command::new(binary()).args(arguments).current_dir(self.place.path()).output();
        output.unwrap()
    }

    /// What a region's tracer is told of a person's stays.
    fn stays(&self, region: &str, visitor: &Visitor) -> Vec<Value> {
        let now = node::wall::now();
        let [from, until] = [-86_400_000, 86_400_000].map(|by| now.plus_millis(by).to_string());
        let (config, subject) =
            (format!("{region}/authority/authority.toml"), visitor.subject.to_string());
        let case = ["--case", "1", "--purpose", "x", "--asked-by", "T", "--json"];
        let about =
            ["--subject", &subject, "--from", &from, "--until", &until, "--config", &config];
        let output = self.command(&[&["authority", "trace"], &case[..], &about[..]].concat());
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        said["stays"].as_array().cloned().unwrap_or_default()
    }

    fn told(&self) -> Option<u64> {
        self.two.authority().metric("vestibule_abroad_told", "")
    }
}

#[test]
fn the_runbook_of_two_regions_holds_and_a_visit_abroad_is_found_at_home() {
    let mut both = Both::founded();
    both.one.chapter("A venue and its door");
    both.one.write_door("door");
    both.one.start_authority();
    both.two.start_authority();
    let door = both.one.start_door("door");
    wait_until("the door has its rules", || door.has_its_rules());
    let before = version(&door, "trust");
    // Both regions were founded in this second, and a version is one.
    let founded = node::wall::now().secs();
    wait_until("a second is over", || founded < node::wall::now().secs());
    let said = both.chapter("Trust between two regions");
    assert!(said.contains("region 2 Authority of Beta") && said.contains("key known"), "{said}");
    hears(&door, both.one.authority(), "trust", before);

    let key = load_key(&both.two.path("authority/issuer.key")).unwrap();
    let guests = Visitors::of("KZ-B", &IssuerKey::new(&key));
    let (guest, frames) = (guests.green(), both.one.path("door/frames"));
    guest.hold_up(&frames);
    wait_until("the guest is in", || entries(&door) == 1);
    wait_until("the visit has come", || both.one.visits() == 1);
    wait_until("a letter waits", || {
        both.one.authority().metric("vestibule_abroad_waiting", "") == Some(1)
    });
    assert!(both.stays("two", &guest).is_empty());
    let said = both.chapter("Letters between two regions by file");
    assert!(said.contains("1 letters taken") && said.contains("0 letters wait"), "{said}");
    let stays = both.stays("two", &guest);
    assert_eq!(stays.len(), 1, "{stays:?}");
    assert_eq!(stays[0]["venue_name"], "Shop");
    assert_eq!(stays[0]["elsewhere"]["authority"], "Authority of Alpha");
    assert!(both.stays("one", &guest).is_empty(), "there the guest goes by another name");
    what_is_no_letter_is_refused(&both);
    whom_to_ask_is_said(&both);

    // With an address in the list the next one goes by itself.
    let before = version(&door, "trust");
    let page = both.two.authority().page("/").trim_end_matches('/').to_owned();
    // Both regions were founded in this second, and a version is one.
    let founded = node::wall::now().secs();
    wait_until("a second is over", || founded < node::wall::now().secs());
    let list = format!(
        "vestibule keys region --list public/trust.json --region 2 --name 'Authority of Beta' --needed 2 --url {page} \
             --root {0}/a.pub --root {0}/b.pub --root {0}/c.pub
         vestibule authority publish --unsigned --region 1 --trust public/trust.json --out public
         vestibule authority publish sign public/trust.bulletin --root a/root.key
         vestibule authority publish sign public/trust.bulletin --root c/root.key
         vestibule authority publish take public/trust.bulletin --config authority/authority.toml",
        both.two.path("public").display()
    );
    both.one.run(&list);
    hears(&door, both.one.authority(), "trust", before);
    let second = guests.green();
    second.hold_up(&frames);
    wait_until("the second guest is in", || entries(&door) == 2);
    wait_until("the second is told of", || both.told() == Some(2));
    assert_eq!(both.stays("two", &second).len(), 1);
    wait_until("nothing waits", || {
        both.one.authority().metric("vestibule_abroad_waiting", "") == Some(0)
    });
}

/// The same again, a file that is cut short, and one that another region is to have.
fn what_is_no_letter_is_refused(both: &Both) {
    let import = |config: &str, file: &str| {
        let config = format!("{config}/authority/authority.toml");
        let more = ["--receipt", "again", "--json", "--config", &config];
        both.command(&[&["authority", "abroad", "import", file], &more[..]].concat())
    };
    let again = import("two", "letters");
    let said: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&said["taken"], &said["known"]), (&0.into(), &1.into()), "{said}");
    let whole = std::fs::read_to_string(both.place.path().join("letters")).unwrap();
    std::fs::write(both.place.path().join("cut"), &whole[..whole.len() / 2]).unwrap();
    for (region, file, why) in [("two", "cut", "cut short"), ("one", "letters", "names")] {
        let refused = import(region, file);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && said.contains(why), "{said}");
    }
    wait_until("it is counted", || {
        let counted = |word| {
            both.two.authority().metric("vestibule_abroad_refused", &format!("reason=\"{word}\""))
        };
        counted("malformed") == Some(1)
    });
}

fn whom_to_ask_is_said(both: &Both) {
    let window = ["--from", "2026-01-01T00:00:00Z", "--until", "2026-01-02T00:00:00Z"];
    let about = ["--venue", "17", "--region", "1", "--config", "two/authority/authority.toml"];
    let case = ["authority", "trace", "--case", "1", "--purpose", "x", "--asked-by", "T"];
    let output = both.command(&[&case[..], &about, &window].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("Authority of Alpha"), "{said}");
}
