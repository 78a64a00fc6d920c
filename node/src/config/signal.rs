//! The section of a lamp and a buzzer at the door.

use std::path::PathBuf;

use serde::Deserialize;

/// Which pins of a GPIO chip drive what. A pin that is not named drives nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalSection {
    /// The chip; `/dev/gpiochip0`.
    #[serde(default = "chip")]
    pub chip: PathBuf,
    /// What lights a lamp: `high` or `low`.
    #[serde(default)]
    pub active: Level,
    /// The line of the green lamp.
    pub green: Option<u32>,
    /// The line of the blue lamp; where there is none, green and white show blue.
    pub blue: Option<u32>,
    /// The line of the yellow lamp.
    pub yellow: Option<u32>,
    /// The line of the red lamp.
    pub red: Option<u32>,
    /// The line of the white lamp.
    pub white: Option<u32>,
    /// The line of a buzzer that sounds by itself while it is on.
    pub buzzer: Option<u32>,
}

/// What lights a lamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A high level.
    #[default]
    High,
    /// A low one, as many relay boards want it.
    Low,
}

impl SignalSection {
    /// The lines that are named.
    pub fn lines(&self) -> Vec<u32> {
        let all = [self.green, self.blue, self.yellow, self.red, self.white, self.buzzer];
        all.into_iter().flatten().collect()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let mut lines = self.lines();
        if lines.is_empty() {
            return Err("[signal] names no line: green, blue, yellow, red, white or buzzer".into());
        }
        lines.sort_unstable();
        match lines.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("[signal] names line {} twice", pair[0])),
            None => Ok(()),
        }
    }
}

fn chip() -> PathBuf {
    "/dev/gpiochip0".into()
}
