//! What doors cost: bytes on the wire, time to a sibling, memory, bytes on disk; each beside its goal.
//!
//! `cargo bench -p sync --bench wire [-- [--json] [wire] [live] [idle] [memory] [disk]]`; all but `idle`, which takes
//! three minutes, run when none is named.
//!
//! Two nodes run as they do at doors, over TCP on the loopback, through a relay that counts ([`meter`] says how).
//! Nothing is written in convenient groups: each record is a commit of its own, some seconds after the last one.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

mod disk;
mod live;
mod memory;
mod meter;
mod node;
mod payload;
mod traffic;

use std::io::{self, Write};

/// One line of the table.
#[derive(Debug)]
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    /// At most so much; none where the figure only explains another.
    goal: Option<f64>,
}

fn figure(name: impl Into<String>, value: f64, unit: &'static str, goal: Option<f64>) -> Figure {
    Figure { name: name.into(), value, unit, goal }
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, path] = &words[..]
        && word == memory::CHILD
    {
        return memory::child(path.as_ref());
    }
    let wanted = |part: &str| {
        let named = words.iter().any(|w| !w.starts_with('-'));
        if named { words.iter().any(|w| w == part) } else { part != "idle" }
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let mut figures = Vec::new();
    if wanted("wire") {
        figures.extend(runtime.block_on(traffic::all()));
    }
    if wanted("live") {
        figures.extend(runtime.block_on(live::latency()));
    }
    if wanted("idle") {
        figures.extend(runtime.block_on(traffic::idle()));
    }
    if wanted("memory") {
        figures.extend(runtime.block_on(memory::resident()));
    }
    if wanted("disk") {
        figures.extend(runtime.block_on(disk::written()));
    }
    let json = words.iter().any(|w| w == "--json");
    say(&figures, json)
}

fn say(figures: &[Figure], json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for Figure { name, value, unit, goal } in figures {
        let goal_json = goal.map_or("null".to_owned(), |g| g.to_string());
        let word = goal.map_or(String::new(), |g| {
            format!("goal {g} {}", if *value <= g { "met" } else { "MISSED" })
        });
        if json {
            writeln!(
                out,
                r#"{{"name":"{name}","value":{value},"unit":"{unit}","goal":{goal_json}}}"#
            )?;
        } else {
            writeln!(out, "{name:<58} {value:>12.3} {unit:<8} {word}")?;
        }
    }
    Ok(())
}
