//! A child that writes to a pipe: killed with its group, its last words on standard error kept.

use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::live::Leash;

/// Longest line of standard error that is kept, in bytes.
const LINE_BYTES_MAX: u64 = 400;

/// How long a child that has closed its pipe may take to end by itself, and how often it is looked at.
const LAST_WORDS_WAIT: Duration = Duration::from_millis(300);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What a child writes.
pub(super) type Output = ChildStdout;

/// A running child; dropping it kills and buries it.
pub(super) struct Child {
    name: String,
    child: Arc<Mutex<Held>>,
    last_words: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Child {
    /// Starts the program; cutting the leash kills it.
    pub(super) fn start(
        program: &Path,
        arguments: &[String],
        leash: &Leash,
    ) -> Result<(Self, Output), String> {
        let name = program.display().to_string();
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own: its own children, which would hold the pipe open, end with it.
        command.process_group(0);
        let mut child = command.spawn().map_err(|cause| format!("{name}: {cause}"))?;
        let (output, complaints) = (child.stdout.take(), child.stderr.take());
        let child = Arc::new(Mutex::new(Held { child, buried: false }));
        let last_words = Arc::new(Mutex::new(String::new()));
        let mut started = Self { name, child: Arc::clone(&child), last_words, listener: None };
        leash.tie(move || kill(&child));
        let (Some(output), Some(complaints)) = (output, complaints) else {
            return Err(format!("{}: gives no pipe", started.name));
        };
        let heard = Arc::clone(&started.last_words);
        let thread = Builder::new().name("scan-child".to_owned());
        started.listener = thread.spawn(move || listen(complaints, &heard)).ok();
        Ok((started, output))
    }

    /// Why there is nothing more to read, in words for staff.
    pub(super) fn epitaph(&mut self, cause: Option<&dyn std::error::Error>) -> String {
        let cause = cause.map(|c| format!("{c}; ")).unwrap_or_default();
        let_end(&self.child);
        kill(&self.child);
        let ended = bury(&self.child);
        if let Some(listener) = self.listener.take() {
            // All writers of the pipe are dead, so it ends; a panic in it has been reported.
            let _ = listener.join();
        }
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let words = if words.is_empty() { "without a word" } else { words.as_str() };
        format!("{}: {cause}{ended}: {words}", self.name)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        kill(&self.child);
        bury(&self.child);
    }
}

/// A child, and whether its number is still its own.
struct Held {
    child: std::process::Child,
    buried: bool,
}

/// Kills the child's group. A child that has ended keeps its number until it is buried, and so does its group.
fn kill(held: &Mutex<Held>) {
    let held = held.lock().unwrap_or_else(PoisonError::into_inner);
    if let (false, Some(group)) = (held.buried, pid(&held.child)) {
        let _ = kill_process_group(group, Signal::KILL); // fails only where it is gone
    }
}

fn bury(held: &Mutex<Held>) -> String {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    let ended = held.child.wait();
    held.buried = true;
    match ended {
        Ok(status) => format!("ended ({status})"),
        Err(cause) => format!("cannot be waited for ({cause})"),
    }
}

/// Lets a child that has closed its pipe end by itself, so that its own status is told.
fn let_end(held: &Mutex<Held>) {
    let id = pid(&held.lock().unwrap_or_else(PoisonError::into_inner).child);
    let how = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    for _ in 0..LAST_WORDS_WAIT.as_millis() / LOOK_EVERY.as_millis() {
        match id.map(|id| waitid(WaitId::Pid(id), how)) {
            Some(Ok(None)) => sleep(LOOK_EVERY),
            _ => return,
        }
    }
}

fn pid(child: &std::process::Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Keeps the last line that is not empty.
fn listen(from: impl Read, last_words: &Mutex<String>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        match from.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        if !text.trim().is_empty() {
            text.trim().clone_into(&mut last_words.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// What a program prints, if it ends within the wait; standard error included, where some list their cameras.
pub(super) fn words_of(
    mut command: Command,
    wait: Duration,
    bytes_max: u64,
) -> Result<String, String> {
    let (reader, writer) = io::pipe().map_err(|cause| cause.to_string())?;
    let errors = writer.try_clone().map_err(|cause| cause.to_string())?;
    command.stdin(Stdio::null()).stdout(writer).stderr(errors).process_group(0);
    let child = command.spawn().map_err(|cause| cause.to_string())?;
    drop(command); // holds the pipe's other end
    let child = Arc::new(Mutex::new(Held { child, buried: false }));
    let (answer_in, answer) = std::sync::mpsc::sync_channel(1);
    let thread = Builder::new().name("scan-list".to_owned());
    let reading = thread.spawn(move || {
        let mut bytes = Vec::new();
        let read = reader.take(bytes_max).read_to_end(&mut bytes);
        let _ = answer_in.send(read.map(|_| bytes)); // nobody waits any more: fine
    });
    reading.map_err(|cause| cause.to_string())?;
    let answer = answer.recv_timeout(wait);
    kill(&child);
    bury(&child);
    match answer {
        Ok(Ok(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Ok(Err(cause)) => Err(cause.to_string()),
        Err(_) => Err(format!("does not answer within {} s", wait.as_secs())),
    }
}
