//! Which crate may know which: our own by their manifests, heavy foreign ones by the code that names them.

use std::collections::BTreeSet;

use crate::tree::{Source, none, root, rust};

/// Every member, and which of ours it may depend on.
const ARROWS: [(&str, &str, &[&str]); 6] = [
    ("sync", "sync", &[]),
    ("scanner", "scanner", &[]),
    ("node/core", "node-core", &["sync"]),
    ("web", "web", &["node-core", "sync"]),
    ("node", "node", &["node-core", "sync", "scanner", "web"]),
    ("tests", "tests", &["node", "node-core", "sync", "scanner", "web"]),
];

/// A workspace of its own, so that its patches do not reach the product. It builds libp2p a network to run on.
const APART: (&str, &[&str], &str) = ("tests/net-sim", &["sync"], "libp2p");

/// Another, which is built with a fuzzer's counters. It names no heavy crate either.
const FUZZ: &str = "tests/fuzz";

/// Heavy crates, and the only folder whose code and manifest may name them.
const HOMES: [(&str, &str); 11] = [
    ("automerge", "sync"),
    ("sled", "sync"),
    ("libp2p", "sync"),
    ("axum", "web"),
    ("rustls", "web"),
    ("tokio_rustls", "web"),
    ("nokhwa", "scanner"),
    ("rqrr", "scanner"),
    ("rxing", "scanner"),
    ("v4l", "scanner"),
    ("evdev", "scanner"),
];

/// The one file elsewhere that may name one of them, by the name that code uses, and the manifest that names it for that file.
const BESIDE: [(&str, &str, &str); 2] = [
    ("tokio_rustls", "node/core/src/authority/store/postgres/tls.rs", "node/core"),
    // By the other one's path: no manifest names it.
    ("rustls", "node/core/src/authority/store/postgres/tls.rs", ""),
];

/// Modules that decide and do nothing else.
const PURE: [&str; 13] = [
    "node/core/src/clock",
    "node/core/src/code",
    "node/core/src/reason",
    "node/core/src/policy",
    "node/core/src/token",
    "node/core/src/announcements",
    "node/core/src/flow",
    "node/core/src/occupancy",
    "node/core/src/staff",
    "node/core/src/standing",
    "node/core/src/signal",
    "node/core/src/desk/weigh",
    "node/core/src/authority/stays",
];

/// What a module that only decides has no use for.
const IMPURE: [&str; 9] = [
    "tokio::",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "getrandom",
    ".await",
];

fn manifest(folder: &str) -> toml::Table {
    let path = root().join(folder).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The names in every table of dependencies, also those for one target, under the name that the registry knows.
fn dependencies(table: &toml::Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, value) in table {
        let Some(value) = value.as_table() else { continue };
        if key == "dependencies" || key.ends_with("-dependencies") {
            for (name, entry) in value {
                let renamed = entry.get("package").and_then(toml::Value::as_str);
                names.insert(renamed.unwrap_or(name).to_owned());
            }
        } else if key == "target" || key.starts_with("cfg(") {
            names.extend(dependencies(value));
        }
    }
    names
}

#[test]
fn arrows_point_down() {
    let ours: BTreeSet<_> = ARROWS.iter().map(|(_, name, _)| *name).collect();
    let mut found = Vec::new();
    for (folder, name, allowed) in ARROWS {
        let manifest = manifest(folder);
        assert_eq!(manifest["package"]["name"].as_str(), Some(name), "{folder}/Cargo.toml");
        for dependency in dependencies(&manifest) {
            let dependency = dependency.as_str();
            if ours.contains(dependency) && !allowed.contains(&dependency) {
                found.push(format!("{name} -> {dependency}"));
            }
        }
    }
    none("new arrows between crates", &found);
    let members = manifest("")["workspace"]["members"].clone();
    let members: BTreeSet<_> =
        members.as_array().unwrap().iter().flat_map(|m| m.as_str()).collect();
    let known: BTreeSet<_> = ARROWS.iter().map(|(folder, _, _)| *folder).collect();
    assert_eq!(members, known, "each member of the workspace has its place among the arrows");
}

#[test]
fn what_stands_apart_stays_apart() {
    let (folder, allowed, heavy) = APART;
    let ours: BTreeSet<_> = ARROWS.iter().map(|(_, name, _)| *name).collect();
    let fuzz = dependencies(&manifest(FUZZ));
    let heavy_there: Vec<_> = fuzz.iter().filter(|n| HOMES.iter().any(|(h, _)| h == n)).collect();
    assert!(heavy_there.is_empty(), "{FUZZ} names {heavy_there:?}");
    let named = dependencies(&manifest(folder));
    let astray = named.iter().map(String::as_str).filter(|name| {
        let away = HOMES.iter().any(|(other, _)| other == name && *other != heavy);
        away || (ours.contains(name) && !allowed.contains(name))
    });
    none("what the workspace apart may not know", &astray.map(str::to_owned).collect::<Vec<_>>());
    let left_out = manifest("")["workspace"]["exclude"].clone();
    assert_eq!(
        left_out.as_array().map(|a| a.iter().filter_map(|f| f.as_str()).collect()),
        Some(vec![folder, FUZZ])
    );
    for apart in [folder, FUZZ] {
        assert!(manifest(apart).contains_key("workspace"), "{apart} is its own workspace");
    }
    assert!(!manifest("").contains_key("patch"), "the product is built of what the registry has");
}

/// The version that a workspace's lock file has of a crate; the patched ones are named alike.
fn locked(folder: &str, name: &str) -> Vec<String> {
    let path = root().join(folder).join("Cargo.lock");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lock: toml::Table = text.parse().expect("a lock file is TOML");
    let packages = lock["package"].as_array().expect("a lock file lists packages");
    let of_it = packages.iter().filter(|p| p["name"].as_str() == Some(name));
    of_it.filter_map(|p| p["version"].as_str().map(str::to_owned)).collect()
}

#[test]
fn what_stands_apart_runs_what_the_product_runs() {
    let names = ["libp2p", "libp2p-swarm", "libp2p-noise", "yamux", "tokio"];
    for name in names.into_iter().chain(["sled", "automerge", "futures-timer", "web-time"]) {
        let product = locked("", name);
        assert!(!product.is_empty(), "{name} is gone: name another");
        assert_eq!(
            locked(APART.0, name),
            product,
            "{name}: bring tests/net-sim/Cargo.lock up to date"
        );
    }
    for name in ["minicbor", "flate2", "ed25519-dalek", "base45", "rqrr", "image"] {
        let product = locked("", name);
        assert!(!product.is_empty(), "{name} is gone: name another");
        assert_eq!(locked(FUZZ, name), product, "{name}: bring tests/fuzz/Cargo.lock up to date");
    }
}

/// Whether a line of code names a crate: `sled::`, `use sled;`, `extern crate sled`.
fn names(line: &str, wanted: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(wanted).any(|(at, _)| {
        let before = &line[..at];
        let after = &line[at + wanted.len()..];
        // `tests::sled` is a path of ours, `::sled::` and `use sled::` are the crate.
        let starts = !before.ends_with(part) && (!before.ends_with("::") || before.trim() == "::");
        let word = before.trim_end();
        let brought = word.ends_with("use") || word.ends_with("extern crate");
        let ends = after.starts_with("::") || (brought && !after.starts_with(part));
        starts && ends
    })
}

#[test]
fn names_of_heavy_crates_stay_home() {
    for (line, yes) in [
        ("use sled::Db;", true),
        ("    db: sled::Db,", true),
        ("use sled;", true),
        ("use sled as store;", true),
        ("let unsled::x = 1;", false),
        ("use crate::sled::Db;", false),
        ("let sled = 1;", false),
    ] {
        assert_eq!(names(line, "sled"), yes, "{line}");
    }
    let mut found = Vec::new();
    for Source { path, text } in &rust() {
        for (heavy, home) in HOMES {
            let apart = heavy == APART.2 && path.starts_with(&format!("{}/", APART.0));
            let beside = BESIDE.iter().any(|(name, file, _)| name == &heavy && file == path);
            if apart || beside || path.starts_with(&format!("{home}/")) {
                continue;
            }
            let code =
                (1..).zip(text.lines()).map(|(n, l)| (n, l.split("//").next().unwrap_or("")));
            let lines = code.filter(|(_, line)| names(line, heavy));
            // The tables and cases of this very file are words, not uses.
            let lines =
                lines.filter(|(_, line)| !(path == "tests/tidy/arrows.rs" && line.contains('"')));
            found.extend(lines.map(|(n, line)| format!("{path}:{n}: {}", line.trim())));
        }
    }
    for (folder, _, _) in ARROWS {
        let named = dependencies(&manifest(folder));
        let astray = |(heavy, home): &(&str, &str)| {
            let beside = BESIDE.iter().any(|(name, _, known)| name == heavy && *known == folder);
            named.contains(&heavy.replace('_', "-")) && folder != *home && !beside
        };
        let astray = HOMES.iter().filter(|pair| astray(pair));
        found.extend(astray.map(|(heavy, _)| format!("{folder}/Cargo.toml: {heavy}")));
    }
    none("heavy crates away from home", &found);
}

#[test]
fn pure_modules_stay_pure() {
    let sources = rust();
    let mut found = Vec::new();
    for module in PURE {
        let below = format!("{module}/");
        let file = format!("{module}.rs");
        let of_it = |s: &&Source| s.path == file || s.path.starts_with(&below);
        let files: Vec<_> = sources.iter().filter(of_it).collect();
        assert!(!files.is_empty(), "{module} is gone: name its new place here");
        for source in files.into_iter().filter(|s| s.ships()) {
            for (number, line) in source.code() {
                let impure = IMPURE.iter().filter(|word| line.contains(**word));
                found.extend(impure.map(|word| format!("{}:{number}: {word}", source.path)));
            }
        }
    }
    none("modules that only decide do more", &found);
}
