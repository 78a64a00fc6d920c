//! Doors join by a camera's look at an invitation, replace dead ones, and are shut out when they are stolen.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use scanner::{View, stage};
use tests::{binary, free_ports, process::Process, region::Region, visitors::Visitor, wait_until};

/// From the symbol in view to shared occupancy.
const SOON: Duration = Duration::from_secs(30);

fn command(words: &[&str], files: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(binary());
    command.args(words);
    for (argument, file) in files {
        command.arg(argument).arg(file);
    }
    command.output().unwrap()
}

/// No authority anywhere, and no order: A has the region's rules from a folder and shares the limit out itself.
fn with_rules_at_a() -> Region {
    let region = Region::new();
    let config = &region.founded.doors[0].config;
    let text = fs::read_to_string(config).unwrap();
    let text = text.replace("../orders", "../bulletins");
    fs::write(config, text).unwrap();
    // A shares out the rights itself: a second first version, from the region's folder, would speak against it.
    let _ = fs::remove_file(region.folder.path().join("orders/capacity.order"));
    region
}

fn invitation(region: &Region, more: &[&str]) -> String {
    let a = &region.founded.doors[0].config;
    let words = [&["pair", "invite", "--json"], more].concat();
    let answer = command(&words, &[("--config", a)]);
    let said = String::from_utf8(answer.stdout).unwrap();
    assert!(answer.status.success(), "{said} {}", String::from_utf8_lossy(&answer.stderr));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    said["text"].as_str().unwrap().to_owned()
}

/// A door that has nothing yet but a camera.
struct NewDoor {
    frames: PathBuf,
    folder: PathBuf,
}

impl NewDoor {
    fn new(region: &Region, name: &str) -> Self {
        let frames = region.frames(name);
        fs::create_dir_all(&frames).unwrap();
        Self { frames, folder: region.folder.path().join(format!("door-{}", name.to_lowercase())) }
    }

    fn joins(&self, name: &str, more: &[&str]) -> Process {
        let [port] = free_ports();
        let listen = format!("127.0.0.1:{port}");
        let mut words: Vec<OsString> = ["pair", "join", "--run", "--clock-trusted"]
            .into_iter()
            .chain(["--name", name, "--listen", &listen, "--pages", "127.0.0.1:0"])
            .chain(more.iter().copied())
            .map(OsString::from)
            .collect();
        words.extend(["--frames".into(), self.frames.clone().into_os_string()]);
        words.extend(["--into".into(), self.folder.clone().into_os_string()]);
        Process::spawn_with(words)
    }

    /// The other door's screen comes into view.
    fn sees(&self, text: &str) {
        let frame = stage(text, &View::head_on(), 7).unwrap();
        let mut pgm = format!("P5\n{} {}\n255\n", frame.width(), frame.height()).into_bytes();
        pgm.extend_from_slice(frame.pixels());
        let beside = self.frames.join(".invitation.part");
        fs::write(&beside, pgm).unwrap();
        fs::rename(beside, self.frames.join("invitation.pgm")).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.folder.join("door.toml")
    }
}

fn clear(frames: &Path) {
    for entry in fs::read_dir(frames).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

/// Shows a code at a door and waits until the venue's count is so at all of these.
fn passes(visitor: &Visitor, frames: &Path, doors: &[&Process], inside: u64) {
    let mut looks = 0;
    clear(frames);
    visitor.hold_up(frames);
    wait_until(&format!("all count {inside} inside"), || {
        // A door that has just joined has no right to give before another gave it some: the visitor tries again.
        looks += 1;
        if looks % 60 == 0 {
            clear(frames);
            visitor.hold_up(frames);
        }
        doors.iter().all(|d| d.metric("vestibule_inside", "") == Some(inside))
    });
    clear(frames);
}

fn holds(folder: &Path, bytes: &[u8]) -> bool {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path).unwrap_or_default().windows(bytes.len()).any(|w| w == bytes) {
                return true;
            }
        }
    }
    false
}

/// The part of a key file that is secret.
fn secret_in(file: &Path) -> Vec<u8> {
    let text = fs::read_to_string(file).unwrap();
    text.trim().rsplit(':').next().unwrap().as_bytes().to_vec()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is promised is real time")]
fn a_second_door_joins_by_a_look_at_the_first_ones_invitation() {
    let region = with_rules_at_a();
    let a = region.door_a();
    wait_until("A has its rules", || a.has_its_rules());
    let visitor = region.visitors.green();
    passes(&visitor, &region.frames("A"), &[&a], 1);

    let new = NewDoor::new(&region, "C");
    let joining = new.joins("C", &[]);
    let shown = invitation(&region, &[]);
    let in_view = Instant::now();
    new.sees(&shown);
    let c = joining.up();
    wait_until("C counts with A", || c.metric("vestibule_inside", "") == Some(1));
    let took = in_view.elapsed();
    println!("from the symbol in view to shared occupancy: {took:?}");
    assert!(took < SOON, "it took {took:?}");

    // Who came in at A goes out at C.
    wait_until("C has the rules", || c.has_its_rules());
    passes(&visitor, &new.frames, &[&a, &c], 0);
    // The limit is shared out anew, and C lets people in on rights of its own.
    wait_until("C is named", || a.lines_with(&["shared out", "version=2", "entrances=2"]) == 1);
    passes(&region.visitors.green(), &new.frames, &[&a, &c], 1);

    // The invitation is used up, and is nowhere any more.
    assert!(!a_data(&region).join("invitation").exists());
    let third = NewDoor::new(&region, "D");
    let file = region.folder.path().join("shown.txt");
    fs::write(&file, shown).unwrap();
    let refused = command(&["pair", "join"], &[("--file", &file), ("--into", &third.folder)]);
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(why.contains("used by another node"), "{why}");

    // It is wiped when it is told to, and not before what it holds is safe.
    let secrets: Vec<_> =
        ["node.key", "tag.key"].iter().map(|f| secret_in(&new.folder.join(f))).collect();
    assert!(secrets.iter().all(|s| holds(&new.folder, s)));
    assert_eq!(c.stop(), Some(0));
    let kept = command(&["wipe", "--yes"], &[("--config", &new.config())]);
    assert_eq!(kept.status.code(), Some(1), "no authority has its visits");
    assert!(String::from_utf8_lossy(&kept.stdout).contains("not yet known"));
    assert!(new.folder.join("node.key").exists());
    let wiped = command(&["wipe", "--yes", "--anyway"], &[("--config", &new.config())]);
    assert_eq!(wiped.status.code(), Some(0), "{}", String::from_utf8_lossy(&wiped.stderr));
    assert!(!secrets.iter().any(|s| holds(&new.folder, s)));
    assert!(!new.folder.join("data").exists());
}

fn a_data(region: &Region) -> PathBuf {
    region.founded.doors[0].config.with_file_name("data")
}

#[test]
fn a_dead_door_is_replaced_by_another() {
    let region = with_rules_at_a();
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("both have the rules", || a.has_its_rules() && b.has_its_rules());
    b.kill();
    let new = NewDoor::new(&region, "E");
    let joining = new.joins("E", &[]);
    new.sees(&invitation(&region, &["--replaces", "B"]));
    let e = joining.up();
    assert_eq!(e.lines_with(&["this is now entrance 2 (E)"]), 1, "{:#?}", e.log());
    // The dead one comes back to life: nobody speaks to it, and it says why.
    let b = region.door_b();
    wait_until("A has dropped it", || a.lines_with(&["cutting off", "removed"]) > 0);
    wait_until("it knows", || b.lines_with(&["removed from the venue", "Replaced"]) > 0);
    assert!(region.founded.doors[1].config.with_file_name("node.key").exists());
    region.visitors.green().hold_up(&region.frames("B"));
    wait_until("it admits nobody", || b.lines_with(&["not recorded", "door-removed"]) > 0);
    wait_until("E has the rules", || e.has_its_rules());
    passes(&region.visitors.green(), &new.frames, &[&a, &e], 1);
}

#[test]
fn a_stolen_door_is_shut_out_and_its_tag_key_is_worth_nothing() {
    let region = with_rules_at_a();
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("both have the rules", || a.has_its_rules() && b.has_its_rules());
    let new = NewDoor::new(&region, "C");
    let joining = new.joins("C", &[]);
    new.sees(&invitation(&region, &[]));
    let c = joining.up();
    wait_until("C has the rules", || c.has_its_rules());
    let early = region.visitors.green();
    passes(&early, &region.frames("A"), &[&a, &b, &c], 1);

    let stolen = region.founded.doors[1].config.parent().unwrap().to_owned();
    let secrets: Vec<_> =
        ["node.key", "tag.key"].iter().map(|f| secret_in(&stolen.join(f))).collect();
    let root = region.folder.path();
    let node = region.founded.doors[1].node.to_string();
    let words = ["enrol", "remove", "--venue", "17", "--cause", "lost", "--node", node.as_str()];
    let (manager, out) = (root.join("manager.key"), root.join("bulletins/lost.order"));
    let ordered = command(&words, &[("--manager", &manager), ("--out", &out)]);
    assert!(ordered.status.success(), "{}", String::from_utf8_lossy(&ordered.stderr));

    wait_until("A makes a new key", || a.lines_with(&["a new tag key was made"]) == 1);
    for door in [&a, &c] {
        wait_until("it is in force", || door.lines_with(&["a new tag key is in force"]) > 0);
    }
    wait_until("the others drop it", || a.lines_with(&["cutting off", "removed"]) > 0);
    wait_until("it has wiped its keys", || b.lines_with(&["destroyed"]) >= 2);
    assert!(!secrets.iter().any(|s| holds(&stolen, s)), "a key is left");
    assert_eq!(b.lines_with(&["a new tag key is in force"]), 0, "it has the new key");

    // Who came in before is let out under the old tag, who comes now under the new one, at either door.
    let late = region.visitors.green();
    passes(&late, &region.frames("A"), &[&a, &c], 2);
    passes(&late, &new.frames, &[&a, &c], 1);
    passes(&early, &new.frames, &[&a, &c], 0);

    // The new key outlives a restart, and the stolen node does not come up again.
    assert_eq!(c.stop(), Some(0));
    let c = Process::start(&new.config());
    passes(&region.visitors.green(), &region.frames("A"), &[&a, &c], 1);
    assert_eq!(c.lines_with(&["a new tag key is in force"]), 0, "it was taken twice");
    b.kill();
    let mut again = Process::spawn(&region.founded.doors[1].config);
    assert_eq!(again.ended(), Some(1));
    assert_eq!(again.lines_with(&["was removed from its venue (lost)"]), 1);
}
