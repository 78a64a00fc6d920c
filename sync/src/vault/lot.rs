//! What is sealed by one key and goes with it.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::{id::ChainId, time::Day};

const UNDATED: &str = "undated-";

/// All of one day, or one chain whose day nobody knows: such chains grow old one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lot {
    /// A day of the calendar, or [`Day::STANDING`].
    Day(Day),
    /// A chain of [`Day::UNKNOWN`], by a hash of its name.
    Undated([u8; 16]),
}

impl Lot {
    /// The lot that a chain belongs to.
    pub fn of(chain: &ChainId) -> Self {
        if chain.day != Day::UNKNOWN {
            return Self::Day(chain.day);
        }
        let mut hash = Sha256::new();
        hash.update(b"vestibule/undated/1");
        hash.update(chain.author.as_bytes());
        hash.update(chain.epoch.as_bytes());
        let mut name = [0; 16];
        name.copy_from_slice(&hash.finalize()[..16]);
        Self::Undated(name)
    }

    /// Whether this is a day of the calendar before `first`.
    pub fn is_before(&self, first: Day) -> bool {
        matches!(self, Self::Day(day) if day.is_civil() && *day < first)
    }

    /// From the words of its [`fmt::Display`], where it is no day.
    pub(super) fn undated(text: &str) -> Option<Self> {
        let name = HEXLOWER.decode(text.strip_prefix(UNDATED)?.as_bytes()).ok()?;
        Some(Self::Undated(name.try_into().ok()?))
    }
}

/// The day, or `undated-` and the hash.
impl fmt::Display for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Undated(name) => write!(f, "{UNDATED}{}", HEXLOWER.encode(name)),
        }
    }
}
