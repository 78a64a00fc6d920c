//! `vestibule check-config`: a slip of the pen is named with its line, and the samples are fine.

use std::path::Path;

use crate::{Place, enrol::enrolled};

fn node() -> String {
    let root = "ab".repeat(32);
    format!("[node]\nkey = \"k\"\nmembership = \"m\"\nroots = [\"{root}\"]\nroots_needed = 1\n")
}

/// For a door whose papers lie beside the file.
fn at_home(root: &str) -> String {
    format!(
        "[node]\nkey = \"node.key\"\nmembership = \"north.membership\"\nroots = [\"{root}\"]\nroots_needed = 1\n"
    )
}

#[test]
fn a_fine_file_is_fine_however_it_is_given() {
    let (place, root) = enrolled();
    place.write("node.toml", at_home(&root));
    place.run("check-config node.toml").yes().mentions(&["node.toml is fine"]);
    place.run("check-config --config node.toml").yes();
    place.run("check-config").wrong_use();
    place.run("check-config node.toml --config node.toml").wrong_use();
}

#[test]
fn what_keeps_a_node_from_starting_is_named_too() {
    let (place, root) = enrolled();
    let lacking = |slip: &str, text: String| {
        place.write("node.toml", text);
        let said = place.run("check-config node.toml").no();
        said.mentions(&["well written", "would not start", slip]);
    };
    lacking("m.key", at_home(&root).replace("node.key", "m.key"));
    lacking("m.membership", at_home(&root).replace("north", "m"));
    lacking("root", at_home(&"ab".repeat(32)));
    lacking("[authority]", at_home(&root) + "[authority]\ntracing = \"t\"\n");
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let place = Place::new();
    let gate = "[gate]\ntag_key = \"t\"\n";
    for (text, words) in [
        (node() + gate + "attendet = true\n", &["node.toml", "line 8", "attendet"][..]),
        (node() + "[gates]\n", &["gates", "line 6"]),
        (node() + gate + "fps = \"fast\"\n", &["line 8", "fps"]),
        (node() + gate + "away = \"soon\"\n", &["line 8", "soon"]),
        (node() + gate + "source = \"film\"\n", &["line 8", "film", "replay"]),
        (node() + gate + "source = \"replay\"\n", &["gate.path"]),
        (node() + gate + "[authority]\ntracing = \"t\"\n", &["exclude each other"]),
        (node() + "[web]\nlisten = \"8080\"\n", &["line 7", "listen"]),
        (
            node() + "[web]\nlisten = \"0.0.0.0:80\"\ntls = \"plain-loopback\"\n",
            &["loopback", "0.0.0.0:80"],
        ),
        (node().replace("key", "kee"), &["line 2", "kee"]),
        (node().replace("abab", "zz"), &["node.roots", "64 hexadecimal digits"]),
        (node().replace("roots_needed = 1", "roots_needed = 2"), &["roots_needed"]),
        (node().replace("roots_needed = 1\n", ""), &["node.roots", "two root keys"]),
        ("[web]\n".into(), &["node.toml"]),
        ("[node\n".into(), &["line 1"]),
        (String::new(), &["node"]),
    ] {
        place.write("node.toml", &text);
        let said = place.run("check-config node.toml").no().mentions(words);
        assert!(!said.out.is_empty(), "the answer belongs on standard output: {text}");
        // The same words when it is run, as wrong use: a supervisor need not try again.
        place.run("run --config node.toml").wrong_use().mentions(words);
    }
}

#[test]
fn a_file_that_is_not_there_or_no_text_is_named() {
    let place = Place::new();
    place.run("check-config gone.toml").no().mentions(&["gone.toml", "No such file"]);
    place.write("node.toml", [0xff, 0xfe]);
    place.run("check-config node.toml").no().mentions(&["node.toml"]);
    place.run("check-config .").no();
}

#[test]
fn the_samples_are_loaded() {
    let place = Place::new();
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    for name in ["door.toml", "authority.toml"] {
        let sample = deploy.join(name);
        assert!(sample.is_file(), "deploy/{name} is missing");
        // Nothing is installed here: the sample has no slip, and its first lack is the key.
        let said = place.run_on("check-config", &sample.display().to_string()).no();
        said.mentions(&["well written", "node.key"]);
    }
}
