//! The runbook of a region's keys, walked through as it stands: every command of it is run, with an authority and doors as
//! real processes, and after each chapter it is looked at what holds.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use node::secret::load_key;
use node_core::token::status::IssuerKey;
use serde_json::Value;
use tempfile::TempDir;
use tests::{
    binary, free_ports,
    process::Process,
    visitors::{Visitor, Visitors},
    wait_until,
};

/// A region that grows by the chapters of the runbook.
pub(crate) struct Walk {
    pub(crate) place: TempDir,
    pub(crate) runbook: String,
    authority_port: u16,
    authority: Option<Process>,
}

impl Walk {
    pub(crate) fn new() -> Self {
        let runbook = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/RUNBOOK.md");
        let [authority_port] = free_ports();
        Self {
            place: tempfile::tempdir().unwrap(),
            runbook: fs::read_to_string(runbook).unwrap(),
            authority_port,
            authority: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Runs the commands of a chapter, as they stand there; what they print.
    pub(crate) fn chapter(&self, title: &str) -> String {
        self.chapter_in(title, self.place.path())
    }

    /// The same in another folder.
    pub(crate) fn chapter_in(&self, title: &str, folder: &Path) -> String {
        let chapters = self.runbook.split("\n## ");
        let chapter = chapters.filter_map(|c| c.split_once('\n')).find(|(t, _)| *t == title);
        let (_, text) = chapter.unwrap_or_else(|| panic!("no chapter {title}"));
        let blocks: Vec<_> =
            text.split("```sh\n").skip(1).map(|b| b.split("```").next().unwrap()).collect();
        assert!(!blocks.is_empty(), "{title} has no commands");
        blocks.iter().map(|block| run_in(block, folder)).collect()
    }

    pub(crate) fn run(&self, commands: &str) -> String {
        run_in(commands, self.place.path())
    }

    /// Founds the region and writes the authority's place on this machine into its configuration.
    pub(crate) fn found(&mut self) {
        self.chapter("Founding a region");
        let config = self.path("authority/authority.toml");
        let mut text = fs::read_to_string(&config).unwrap();
        write!(
            text,
            "[peers]\ndiscovery = \"off\"\nlisten = [\"127.0.0.1:{}\"]\n[web]\nlisten = \"127.0.0.1:0\"\ntls = \"plain-loopback\"\n",
            self.authority_port
        )
        .unwrap();
        fs::write(&config, text.replace("[authority]", "clock = \"trusted\"\n\n[authority]"))
            .unwrap();
    }

    pub(crate) fn authority(&self) -> &Process {
        self.authority.as_ref().unwrap()
    }

    pub(crate) fn start_authority(&mut self) {
        if let Some(running) = self.authority.take() {
            assert_eq!(running.stop(), Some(0));
        }
        self.authority = Some(Process::start(&self.path("authority/authority.toml")));
    }

    /// The configuration of a door in a folder, in the words of the authority's.
    pub(crate) fn write_door(&self, folder: &str) {
        let frames = self.path(&format!("{folder}/frames"));
        fs::create_dir_all(&frames).unwrap();
        let authority = fs::read_to_string(self.path("authority/authority.toml")).unwrap();
        let roots = authority.lines().find(|line| line.starts_with("roots = ")).unwrap();
        let [own] = free_ports();
        let text = format!(
            "[node]\nkey = \"node.key\"\nmembership = \"node.membership\"\n{roots}\nroots_needed = 2\nclock = \"trusted\"\n\
             [gate]\ntag_key = \"tag.key\"\nsource = \"replay\"\npath = \"{}\"\nfps = 0\nrepeat = \"forever\"\naway = \"1h\"\n\
             [peers]\ndiscovery = \"off\"\nlisten = [\"127.0.0.1:{own}\"]\ndial = [\"127.0.0.1:{}\"]\n\
             [web]\nlisten = \"127.0.0.1:0\"\ntls = \"plain-loopback\"\n",
            frames.display(),
            self.authority_port,
        );
        fs::write(self.path(&format!("{folder}/door.toml")), text).unwrap();
    }

    /// Nobody stands before it: who did is not scanned again.
    pub(crate) fn start_door(&self, folder: &str) -> Process {
        for frame in fs::read_dir(self.path(folder).join("frames")).unwrap() {
            fs::remove_file(frame.unwrap().path()).unwrap();
        }
        Process::start(&self.path(&format!("{folder}/door.toml")))
    }

    /// People with tokens of a key, others than the first so many.
    fn visitors(&self, key: &str, after: usize) -> Visitors {
        let key = load_key(&self.path(&format!("authority/{key}"))).unwrap();
        let visitors = Visitors::of("KZ", &IssuerKey::new(&key));
        (0..after).for_each(|_| drop(visitors.green()));
        visitors
    }

    /// Whether the authority finds this person's stay; others who were there at that time are fine.
    pub(crate) fn traces(&self, visitor: &Visitor) -> bool {
        let now = node::wall::now();
        let [from, until] = [-86_400_000, 86_400_000].map(|by| now.plus_millis(by).to_string());
        let output = Command::new(binary())
            .args([
                "authority",
                "trace",
                "--case",
                "1",
                "--purpose",
                "x",
                "--asked-by",
                "A",
                "--json",
            ])
            .args(["--subject", &visitor.subject.to_string(), "--from", &from, "--until", &until])
            .arg("--config")
            .arg(self.path("authority/authority.toml"))
            .output()
            .unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        said["stays"].as_array().is_some_and(|stays| !stays.is_empty())
    }

    pub(crate) fn visits(&self) -> u64 {
        self.authority().metric("vestibule_region_visits", "").unwrap_or(0)
    }
}

fn run_in(commands: &str, folder: &Path) -> String {
    let binaries = binary().parent().unwrap().to_owned();
    let others = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-eu", "-c", commands])
        .current_dir(folder)
        .env("PATH", format!("{}:{others}", binaries.display()))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}\n{said}\n{complained}");
    said
}

/// Which version of a kind a node has.
pub(crate) fn version(node: &Process, kind: &str) -> Option<u64> {
    let text = ureq::get(node.page("/healthz")).call().ok()?.body_mut().read_to_string().ok()?;
    let health: Value = serde_json::from_str(&text).ok()?;
    let all = health["bulletins"].as_array()?;
    all.iter().find(|held| held["kind"] == kind)?["version"].as_u64()
}

/// Waits until a door has what the authority has of a kind, and that is not `than`.
pub(crate) fn hears(door: &Process, authority: &Process, kind: &str, than: Option<u64>) {
    wait_until(kind, || {
        let held = version(authority, kind);
        held.is_some() && held != than && version(door, kind) == held
    });
}

/// Who was let in today, as the door's ledger has it.
pub(crate) fn entries(door: &Process) -> u64 {
    door.metric("vestibule_held_today", "kind=\"entry\"").unwrap_or(0)
}

fn refused(door: &Process, reason: &str) -> u64 {
    door.metric("vestibule_refusals", &format!("reason=\"{reason}\"")).unwrap_or(0)
}

#[test]
fn the_runbook_of_keys_holds_from_the_founding_to_a_stolen_root() {
    let mut walk = Walk::new();
    walk.found();
    walk.start_authority();
    walk.chapter("A venue and its door");
    walk.write_door("door");
    let door = walk.start_door("door");
    wait_until("the door has its rules", || door.has_its_rules());
    let frames = walk.path("door/frames");
    let first = walk.visitors("issuer.key", 0);
    let early = first.green();
    early.hold_up(&frames);
    wait_until("somebody is in", || entries(&door) == 1);
    wait_until("the visit has come", || walk.visits() == 1);

    issuing(&mut walk, &door, &first);
    let frames = frames.as_path();

    // Tracing: every week, stolen, lost.
    let of_week = version(&door, "tracing-keys");
    walk.chapter("Every week: tracing keys");
    hears(&door, walk.authority(), "tracing-keys", of_week);
    let second = walk.visitors("issuer-2.key", 200);
    let before = version(&door, "tracing-keys");
    // Versions are seconds.
    wait_until("a second is over", || before < u64::try_from(node::wall::now().secs()).ok());
    let said = walk.chapter("The tracing secrets are in other hands");
    assert!(said.contains("18 tracing secrets"), "the earlier ones stay: {said}");
    hears(&door, walk.authority(), "tracing-keys", before);
    let held = (entries(&door), walk.visits());
    let later = second.green();
    later.hold_up(frames);
    wait_until("one more is in", || entries(&door) == held.0 + 1);
    wait_until("and known", || walk.visits() == held.1 + 1);
    assert!(walk.traces(&early) && walk.traces(&later), "both keys of the week open");
    assert_eq!(walk.authority().metric("vestibule_region_unreadable", ""), Some(0));
    let door = lost_secrets(&mut walk, door, &second);

    // Roots: lost, stolen.
    let policy = version(&door, "policy");
    let said = walk.chapter("A root is lost");
    assert!(said.contains("becomes retired") && said.contains("becomes signs"), "{said}");
    hears(&door, walk.authority(), "roots", None);
    hears(&door, walk.authority(), "policy", policy);
    assert!(walk.path("door/data/roots.bulletin").exists());
    let thief = thief(&walk);
    wait_until("who was enrolled by the thief is in", || {
        walk.authority().metric("vestibule_peers_up", "") == Some(2)
    });
    let (roots, policy) = (version(&door, "roots"), version(&door, "policy"));
    // With its new papers, as the chapter says.
    let parts = split_chapter(&walk, "A root is in other hands", 1);
    walk.run(&parts[0]);
    let held = entries(&door);
    assert_eq!(door.stop(), Some(0));
    let door = walk.start_door("door");
    wait_until("the door is back", || {
        walk.authority().metric("vestibule_peers_up", "") == Some(2) && entries(&door) == held
    });
    walk.run(&parts[1]);
    hears(&door, walk.authority(), "roots", roots);
    hears(&door, walk.authority(), "policy", policy);
    wait_until("the thief's door is cut off", || {
        walk.authority().metric("vestibule_peers_up", "") == Some(1)
    });
    let visits = walk.visits();
    second.green().hold_up(frames);
    wait_until("the door is heard", || walk.visits() == visits + 1);
    // After a start both go by the last set, though the configurations name the first.
    drop(thief);
    assert_eq!(door.stop(), Some(0));
    let door = walk.start_door("door");
    walk.start_authority();
    hears(&door, walk.authority(), "roots", roots);
    let visits = walk.visits();
    second.green().hold_up(frames);
    wait_until("the door is heard after a start", || walk.visits() == visits + 1);
}

/// The blocks of a chapter up to one of them, and those after it.
fn split_chapter(walk: &Walk, title: &str, at: usize) -> [String; 2] {
    let chapters = walk.runbook.split("\n## ");
    let (_, text) = chapters.filter_map(|c| c.split_once('\n')).find(|(t, _)| *t == title).unwrap();
    let blocks: Vec<_> =
        text.split("```sh\n").skip(1).map(|b| b.split("```").next().unwrap()).collect();
    [blocks[..at].concat(), blocks[at..].concat()]
}

/// Two issuing keys beside each other, and then one taken out of the list.
fn issuing(walk: &mut Walk, door: &Process, first: &Visitors) {
    let before = version(door, "trust");
    walk.chapter("The issuing key is changed");
    hears(door, walk.authority(), "trust", before);
    walk.start_authority();
    let second = walk.visitors("issuer-2.key", 100);
    let frames = walk.path("door/frames");
    first.green().hold_up(&frames);
    second.green().hold_up(&frames);
    wait_until("tokens of both keys are admitted", || entries(door) == 3);
    wait_until("and known", || walk.visits() == 3);
    let before = version(door, "trust");
    walk.chapter("The issuing key is in other hands");
    hears(door, walk.authority(), "trust", before);
    first.green().hold_up(&frames);
    wait_until("a token of the stolen key is refused", || refused(door, "unknown-issuer") == 1);
}

/// Without the secrets what is in the index stays, and what was sealed to them is counted as unreadable.
fn lost_secrets(walk: &mut Walk, door: Process, second: &Visitors) -> Process {
    let frames = walk.path("door/frames");
    let known = second.green();
    let visits = walk.visits();
    known.hold_up(&frames);
    wait_until("one more is known", || walk.visits() == visits + 1);
    assert_eq!(walk.authority.take().unwrap().stop(), Some(0));
    let held = entries(&door);
    let sealed = second.green();
    sealed.hold_up(&frames);
    wait_until("somebody is in while the authority is away", || entries(&door) == held + 1);
    fs::remove_file(walk.path("authority/tracing.secrets")).unwrap();
    // No node runs: the commands open the store themselves.
    let before = version(&door, "tracing-keys");
    wait_until("a second is over", || before < u64::try_from(node::wall::now().secs()).ok());
    walk.chapter("The tracing secrets are lost");
    walk.start_authority();
    hears(&door, walk.authority(), "tracing-keys", before);
    wait_until("what nobody can read is counted", || {
        walk.authority().metric("vestibule_region_unreadable", "") == Some(1)
    });
    assert!(walk.traces(&known) && !walk.traces(&sealed));
    let visits = walk.visits();
    let after = second.green();
    after.hold_up(&frames);
    wait_until("the next one is known again", || walk.visits() == visits + 1);
    assert!(walk.traces(&after));
    door
}

/// A door of a venue that somebody with the stolen root has made up.
fn thief(walk: &Walk) -> Process {
    walk.run(
        "mkdir -p thief
         vestibule keys new --out thief/manager.key > thief/manager.pub
         vestibule enrol venue --root b/root.key --region 1 --venue 66 --name Nowhere --zone Asia/Almaty \
             --manager \"$(cat thief/manager.pub)\" --out thief/nowhere.venue
         vestibule keys new --out thief/node.key > thief/node.pub
         vestibule keys tag --zone Asia/Almaty --out thief/tag.key
         vestibule enrol door --venue-grant thief/nowhere.venue --manager thief/manager.key --entrance 1 --name X \
             --direction both --node \"$(cat thief/node.pub)\" --out thief/node.membership",
    );
    walk.write_door("thief");
    walk.start_door("thief")
}
