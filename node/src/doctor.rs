//! What is wrong with a node and its machine, and what to do about it, in words.
//!
//! Each look is a function of facts that were read before: [`Machine`] reads the system's files, [`Condition`] comes
//! from the node. So a look can be tried with the facts of any machine.

mod machine;
mod node;
mod papers;
mod support;

pub use machine::Machine;
pub(crate) use support::LOG_MAX;
pub use support::{SupportError, support};

use serde::Serialize;

use crate::{condition::Condition, config::Config};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Fine,
    /// It cannot be told here.
    Unknown,
    /// Worth a look, and nothing fails by it today.
    Note,
    /// Wrong: somebody must do something.
    Wrong,
}

impl State {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Unknown => "unknown",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What, a stable word.
    pub about: &'static str,
    /// How it is.
    pub state: State,
    /// What was seen.
    pub said: String,
    /// What to do; nothing where it is fine.
    pub remedy: Option<String>,
}

impl Finding {
    fn fine(about: &'static str, said: impl Into<String>) -> Self {
        Self { about, state: State::Fine, said: said.into(), remedy: None }
    }

    fn unknown(about: &'static str, said: impl Into<String>) -> Self {
        Self { about, state: State::Unknown, said: said.into(), remedy: None }
    }

    fn note(about: &'static str, said: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { about, state: State::Note, said: said.into(), remedy: Some(remedy.into()) }
    }

    fn wrong(about: &'static str, said: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { about, state: State::Wrong, said: said.into(), remedy: Some(remedy.into()) }
    }
}

/// Everything that can be looked at. `condition` is what the node said, or why it could not be asked.
pub fn examine(
    config: &Config,
    machine: &Machine,
    condition: &Result<Condition, String>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    match condition {
        Ok(condition) => found.extend(node::look(config, condition)),
        Err(why) => found.push(Finding::wrong(
            "node",
            format!("the node could not be asked: {why}"),
            "vestibule check-config FILE says what of keys and papers does not fit; run doctor as the node's own user \
             (sudo -u vestibule)",
        )),
    }
    found.extend(papers::look(config));
    found.extend(machine.look(&config.node.data));
    found
}

/// Whether a person must do something.
pub fn is_wrong(found: &[Finding]) -> bool {
    found.iter().any(|finding| finding.state == State::Wrong)
}
