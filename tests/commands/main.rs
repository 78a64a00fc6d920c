//! Stories of the command line: the real binary, what it answers, and its exit codes.

#![allow(clippy::unwrap_used, reason = "what a story builds upon must be there")]

mod cameras;
mod config;
mod enrol;
mod frames;
mod help;
mod keys;
mod office;
mod pictures;
mod poster;
mod publish;
mod run;
mod scan;
mod token;
mod verify;

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which commands are given, as an operator would: file names are relative to it.
struct Place(TempDir);

/// What a command answered.
struct Answer {
    line: String,
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Gives a command; its words are parted by spaces.
    fn run(&self, line: &str) -> Answer {
        self.give(line, &[], b"")
    }

    /// Gives a command with a last argument that may hold spaces, as tokens do.
    fn run_on(&self, line: &str, last: &str) -> Answer {
        self.give(line, &[last], b"")
    }

    /// Gives a command that reads standard input.
    fn run_fed(&self, line: &str, input: &[u8]) -> Answer {
        self.give(line, &[], input)
    }

    fn give(&self, line: &str, more: &[&str], input: &[u8]) -> Answer {
        let mut child = Command::new(tests::binary())
            .current_dir(self.0.path())
            .args(line.split_whitespace())
            .args(more)
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = input.to_vec();
        // Beside the reading of its output, or both sides would wait for each other once the pipes are full.
        let feeder = thread::spawn(move || stdin.write_all(&input).is_ok());
        let output = child.wait_with_output().expect("the command ends");
        let _ = feeder.join(); // a command that reads nothing is fine
        Answer {
            line: format!("{line} {}", more.join(" ")),
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("answers are text"),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Creates a signing key; its public half.
    fn key(&self, name: &str) -> String {
        let said = self.run(&format!("keys new --out {name}")).yes();
        said.out.trim().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("a file is written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }
}

impl Answer {
    fn ends(self, code: i32) -> Self {
        let Self { line, out, err, .. } = &self;
        assert_eq!(self.code, Some(code), "vestibule {line}\n{out}\n---- standard error\n{err}");
        self
    }

    /// Exit code 0.
    fn yes(self) -> Self {
        self.ends(0)
    }

    /// Exit code 1: a negative answer.
    fn no(self) -> Self {
        self.ends(1)
    }

    /// Exit code 2: wrong use, with the reason on standard error.
    fn wrong_use(self) -> Self {
        assert!(!self.err.is_empty(), "vestibule {}: no reason", self.line);
        self.ends(2)
    }

    /// Either stream holds all of these words.
    fn mentions(self, words: &[&str]) -> Self {
        let Self { line, out, err, .. } = &self;
        for word in words {
            assert!(
                out.contains(word) || err.contains(word),
                "vestibule {line}: no {word:?} in\n{out}\n---- standard error\n{err}"
            );
        }
        self
    }

    /// Its only line, as JSON.
    fn json(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "vestibule {}: {}", self.line, self.out);
        lines[0].clone()
    }

    /// Each of its lines as JSON.
    fn lines(&self) -> Vec<Value> {
        let read = |line| {
            serde_json::from_str(line)
                .unwrap_or_else(|e| panic!("vestibule {}: {e}: {line}", self.line))
        };
        self.out.lines().map(read).collect()
    }
}

/// The names of a JSON object's fields, sorted.
fn fields(value: &Value) -> Vec<&str> {
    let object = value.as_object();
    let mut names: Vec<_> =
        object.map(|o| o.keys().map(String::as_str).collect()).unwrap_or_default();
    names.sort_unstable();
    names
}
