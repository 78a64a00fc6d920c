//! What every file of the tree keeps to: what it is for, how long it is, and what it does not say.

use crate::tree::{none, rust, texts};

/// Lines; more is two files.
const LINES_MAX: usize = 600;

/// Written by tools.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "package-lock.json"];

#[test]
fn every_file_says_what_it_is_for() {
    let mut found = Vec::new();
    for source in rust() {
        let first = source.text.lines().next().unwrap_or_default();
        let said = first.strip_prefix("//! ").is_some_and(|words| words.len() > 10);
        if !said {
            found.push(format!("{}: {first}", source.path));
        }
    }
    none("files that do not open with `//!` and what they are for", &found);
}

#[test]
fn no_file_is_too_long() {
    let mut found = Vec::new();
    for source in rust().iter().filter(|s| s.path.split('/').any(|part| part == "src")) {
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            found.push(format!("{}: {lines} lines", source.path));
        }
    }
    none(&format!("files of more than {LINES_MAX} lines"), &found);
}

#[test]
fn no_unwrap_outside_tests() {
    let mut found = Vec::new();
    for source in rust().iter().filter(|s| s.ships()) {
        let mut bad = source.code();
        bad.retain(|(_, line)| line.contains(".unwrap()") || line.contains(".unwrap_err()"));
        found.extend(bad.iter().map(|(n, line)| format!("{}:{n}: {}", source.path, line.trim())));
    }
    none("unwrap in code that ships", &found);
}

#[test]
fn nothing_names_the_workplace() {
    // Put together here, so that this file does not hold them.
    let words = [["/wo", "rk/"], ["crates", ".io"], ["pypi", ".org"], ["registry.npm", "js.org"]]
        .map(|parts| parts.concat());
    let mut found = Vec::new();
    for source in texts() {
        let name = source.path.rsplit('/').next().unwrap_or_default();
        if LOCK_FILES.contains(&name) {
            continue;
        }
        for (number, line) in (1..).zip(source.text.lines()) {
            let named = words.iter().filter(|word| line.contains(word.as_str()));
            found.extend(named.map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    none("files that name the place where they were written, or a registry's host", &found);
}

#[test]
fn no_unfinished_words() {
    let words =
        [["todo", "!("], ["unimplemented", "!("], ["FIX", "ME"], ["XX", "X:"], ["dbg", "!("]]
            .map(|parts| parts.concat());
    let mut found = Vec::new();
    for source in rust() {
        for (number, line) in (1..).zip(source.text.lines()) {
            let said = words.iter().filter(|word| line.contains(word.as_str()));
            found.extend(said.map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    none("unfinished work", &found);
}

/// Ids of the demands, and how many there are of each letter.
const DEMANDS: [(&str, u32); 6] = [("A", 51), ("K", 6), ("G", 21), ("S", 15), ("V", 8), ("P", 9)];

#[test]
fn every_demand_has_its_line_and_every_file_that_one_names_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = std::fs::read_to_string(root.join("tests/REQUIREMENTS.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("| "));
    let ids: Vec<&str> =
        lines.filter_map(|line| line.split('|').next()).flat_map(str::split_whitespace).collect();
    let mut found = Vec::new();
    for (letter, most) in DEMANDS {
        for id in (1..=most).map(|n| format!("{letter}{n}")) {
            if ids.iter().filter(|known| **known == id).count() != 1 {
                found.push(format!("{id} is not there once"));
            }
        }
    }
    for path in text.split('`').skip(1).step_by(2).filter(|path| path.contains('/')) {
        if !root.join(path).exists() {
            found.push(format!("{path} does not exist"));
        }
    }
    none("demands without a line, or lines without their file", &found);
}
