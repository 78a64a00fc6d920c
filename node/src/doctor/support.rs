//! The support archive: what helps somebody far away, without a word about any person.
//!
//! Nothing is copied as it lies. Of the configuration only keys and what is a number or a switch go in; of the log each
//! kind of line with its count, cut before its first value; of the node its numbers and stable words. So what a name,
//! a telephone number, a token or an address would stand in is not there, rather than looked for and struck out.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::json;

use super::Finding;
use crate::condition::Condition;

/// The longest part of a log that is read, bytes.
pub(crate) const LOG_MAX: usize = 8 << 20;
/// The longest kind of line that is kept, characters.
const LINE_MAX: usize = 120;
/// More digits than this may be a telephone's or a person's.
const DIGITS_MAX: usize = 6;
/// What the doctor says of these is made of his own words and the machine's numbers.
const SAID: [&str; 8] =
    ["temperature", "power", "card-wear", "memory", "battery-clock", "queue", "light", "focus"];

/// Why an archive was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupportError {
    /// The configuration is no TOML.
    #[error("the configuration cannot be read")]
    Config(#[from] toml::de::Error),
    /// Writing.
    #[error("the archive cannot be written")]
    Io(#[from] io::Error),
}

/// Writes the archive: a tar of small text files.
///
/// # Errors
/// [`SupportError`].
pub fn support(
    out: impl Write,
    found: &[Finding],
    condition: Option<&Condition>,
    config: &str,
    log: &str,
) -> Result<(), SupportError> {
    let mut archive = tar::Builder::new(out);
    let mut add = |name: &str, text: &str| {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(tar::EntryType::Regular);
        archive.append_data(&mut header, name, text.as_bytes())
    };
    add("README", README)?;
    add("doctor.txt", &findings(found))?;
    add("condition.json", &condition.map_or_else(|| "null\n".into(), numbers))?;
    add("configuration.txt", &shape(config)?)?;
    add("log.txt", &kinds(log))?;
    archive.into_inner()?.flush()?;
    Ok(())
}

const README: &str = "A support archive of Vestibule. It names no person, no place and no address: of the configuration \
                      only keys,\nnumbers and switches; of the log each kind of line and how often it came.\n";

/// What was found, by its names: what was said may hold names of peers, devices and folders.
fn findings(found: &[Finding]) -> String {
    let lines = found.iter().map(|finding| {
        let own = SAID.contains(&finding.about);
        let said = if own { format!(": {}", finding.said) } else { String::new() };
        format!("{:<8} {}{said}\n", finding.state.word(), finding.about)
    });
    lines.collect()
}

fn numbers(condition: &Condition) -> String {
    let peers = condition.peers.as_ref().map(|peers| {
        let links = peers.iter().fold(BTreeMap::<&str, usize>::new(), |mut sums, peer| {
            *sums.entry(peer.link.as_str()).or_default() += 1;
            sums
        });
        json!(links)
    });
    let camera = condition.camera.as_ref().map(|camera| {
        json!({ "state": camera.state, "frames": camera.frames, "losses": camera.losses, "hint": camera.hint })
    });
    let text = json!({
        "running": condition.running,
        "version": condition.version,
        "now": condition.now,
        "clock": condition.clock,
        "synchronised": condition.synchronised,
        "floor": condition.floor,
        "store_bytes": condition.store_bytes,
        "write_failed": condition.write_failed.is_some(),
        "unacknowledged": condition.unacknowledged,
        "oldest": condition.oldest,
        "days_left": condition.days_left,
        "bulletins": condition.bulletins,
        "hindrance": condition.hindrance,
        "peers": peers,
        "camera": camera,
        "removed": condition.removed,
    });
    format!("{text:#}\n")
}

/// Sections, keys, numbers and switches; of a text only how long it is.
fn shape(config: &str) -> Result<String, toml::de::Error> {
    let table: toml::Table = config.parse()?;
    let mut lines = String::new();
    draw("", &toml::Value::Table(table), &mut lines);
    Ok(lines)
}

fn draw(name: &str, value: &toml::Value, lines: &mut String) {
    use toml::Value::{Array, Boolean, Float, Integer, Table};
    let said = match value {
        Table(table) => {
            for (key, value) in table {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                draw(&name, value, lines);
            }
            return;
        }
        Boolean(yes) => yes.to_string(),
        Integer(number) => short(&number.to_string()),
        Float(number) => short(&number.to_string()),
        Array(all) => format!("{} entries", all.len()),
        toml::Value::String(text) if CHOICES.contains(&text.as_str()) => text.clone(),
        toml::Value::String(text) => format!("a text of {} characters", text.chars().count()),
        toml::Value::Datetime(_) => "a time".into(),
    };
    lines.push_str(&format!("{name} = {said}\n"));
}

/// The choices that configurations offer: any other text may be somebody's.
const CHOICES: [&str; 24] = [
    "camera",
    "keyboard",
    "serial",
    "replay",
    "none",
    "auto",
    "door",
    "leave",
    "yuv420",
    "mjpeg",
    "once",
    "forever",
    "place",
    "vehicle",
    "self-made",
    "plain-loopback",
    "lan",
    "off",
    "open",
    "metered",
    "system",
    "trusted",
    "high",
    "low",
];

/// Each kind of line of a log with its count, the most frequent first. A kind is a line's level and its sentence, cut
/// before the first field: sentences are the program's own words, fields are not.
fn kinds(log: &str) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for line in log.lines() {
        *counts.entry(kind(line)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().filter(|(kind, _)| !kind.is_empty()).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.into_iter().map(|(kind, count)| format!("{count:>7} {kind}\n")).collect()
}

fn kind(line: &str) -> String {
    const LEVELS: [&str; 5] = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
    let mut words = line.split_whitespace().skip_while(|word| !LEVELS.contains(word));
    let Some(level) = words.next() else { return String::new() };
    let mut sentence = vec![level];
    for word in words {
        // A word with a colon may be another's: a file's name, a peer's title, a system's message.
        let own = word.trim_start_matches('(').trim_end_matches([',', ';', '.', ')']);
        if own.is_empty() || !own.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '\'') {
            break;
        }
        sentence.push(word);
    }
    sentence.join(" ").chars().take(LINE_MAX).collect()
}

/// A number, unless it is as long as one that names somebody.
fn short(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if digits > DIGITS_MAX { format!("a number of {digits} digits") } else { number.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever must not be in an archive, wherever it is put in.
    const CANARIES: [&str; 8] = [
        "Aigerim",
        "Нұрлан",
        "+77015550123",
        "880101300123",
        "ST1:6BFOXN",
        "10.20.30.40",
        "cafe-door.example",
        "KZ-GREEN-WIFI",
    ];

    fn archive(
        condition: Option<&Condition>,
        config: &str,
        log: &str,
        found: &[Finding],
    ) -> String {
        let mut bytes = Vec::new();
        support(&mut bytes, found, condition, config, log).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn no_canary_gets_through_from_anywhere() {
        for canary in CANARIES {
            let config = format!(
                "[web]\nlisten = \"{canary}\"\ncontact = \"{canary}\"\nhosts = [\"{canary}\"]\nwifi = \"{canary}\"\n\
                 [peers]\nsessions_max = 256\ndial = [\"{canary}:7100\"]\n"
            );
            let log = format!(
                "2026-11-22T10:00:00Z  WARN a peer was refused peer={canary}\n\
                 2026-11-22T10:00:01Z  WARN cannot read {canary}: gone\n\
                 2026-11-22T10:00:02Z  INFO venue: {canary} is here\n{canary}\n\
                 2026-11-22T10:00:03Z ERROR {canary}\n"
            );
            let found = [
                Finding::wrong("peers", format!("door B of {canary}: down ({canary})"), "x"),
                Finding::fine("machine", canary),
            ];
            let text = archive(None, &config, &log, &found);
            assert!(!text.contains(canary), "{canary} in\n{text}");
            assert!(text.contains("WARN a peer was refused"), "{text}");
            assert!(
                text.contains("peers.sessions_max = 256")
                    && text.contains("peers.dial = 1 entries")
            );
        }
    }

    #[test]
    fn kinds_are_counted_and_cut_before_their_values() {
        let log = "t INFO decided kind=Entry\nt INFO decided kind=Exit\nt ERROR the tag key was not moved on error=x\n";
        assert_eq!(
            kinds(log),
            "      2 INFO decided\n      1 ERROR the tag key was not moved on\n"
        );
        assert_eq!(kind("no level here Bob"), "");
    }
}
