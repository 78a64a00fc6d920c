//! Doors find each other on a LAN by themselves: two network namespaces with a cable between them, and nobody's address
//! in any configuration.

use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use tests::{process::Process, region::Region, wait_until};

fn ip(words: &[&str]) -> bool {
    let run = Command::new("ip").args(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

/// Two machines and the cable between them; gone with the value.
struct Lan {
    names: [String; 2],
}

impl Lan {
    /// `None` where this user may make no network namespaces.
    fn new() -> Option<Self> {
        let names = ["a", "b"].map(|side| format!("vestibule-{}-{side}", std::process::id()));
        let lan = Self { names };
        let [a, b] = [0, 1].map(|n: usize| lan.names[n].as_str());
        if !(ip(&["netns", "add", a]) && ip(&["netns", "add", b])) {
            return None;
        }
        let cable = ["link", "add", "eth0", "netns", a, "type", "veth", "peer", "eth0", "netns", b];
        assert!(ip(&cable), "a cable between two namespaces");
        for (name, address) in [(a, "10.77.0.1/24"), (b, "10.77.0.2/24")] {
            assert!(ip(&["-n", name, "address", "add", address, "dev", "eth0"]));
            assert!(ip(&["-n", name, "link", "set", "lo", "up"]));
            assert!(ip(&["-n", name, "link", "set", "eth0", "up"]));
        }
        Some(lan)
    }

    fn run(&self, side: usize, config: &Path) -> Process {
        let words = ["netns", "exec", &self.names[side]];
        Process::spawn_by(
            "ip",
            words.map(OsStr::new),
            &["run".as_ref(), "--config".as_ref(), config.as_os_str()],
        )
        .up()
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for name in &self.names {
            ip(&["netns", "delete", name]);
        }
    }
}

/// Nobody is named; the LAN is searched.
fn knows_nobody(config: &Path) {
    let text = fs::read_to_string(config).unwrap();
    let line = |line: &str| match line {
        _ if line.starts_with("discovery = ") => "discovery = \"lan\"".to_owned(),
        _ if line.starts_with("dial = ") => "dial = []".to_owned(),
        _ if line.starts_with("listen = [") => "listen = [\"0.0.0.0:7100\"]".to_owned(),
        _ => line.to_owned(),
    };
    let text: Vec<String> = text.lines().map(line).collect();
    fs::write(config, text.join("\n")).unwrap();
}

#[test]
fn two_doors_on_a_lan_find_each_other() {
    let region = Region::new();
    let Some(lan) = Lan::new() else {
        println!("skipped: this needs root and iproute2, to make network namespaces");
        return;
    };
    let configs = [0, 1].map(|n: usize| region.founded.doors[n].config.clone());
    configs.iter().for_each(|config| knows_nobody(config));
    let doors = [lan.run(0, &configs[0]), lan.run(1, &configs[1])];
    for door in &doors {
        wait_until("the doors have met", || door.lines_with(&["session open"]) > 0);
    }
    doors.into_iter().for_each(Process::kill);
}
