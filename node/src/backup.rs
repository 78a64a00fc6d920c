//! A door's backup: one file from which the door comes back on another card, under its own key, in a new epoch.
//!
//! A tar of the door's papers and keys, its configuration, and a bundle of its venue's records. No tag key and no
//! storage key is in it, so its days end when theirs do: a day is sealed under a key of its own, which is wrapped for the
//! authority (the tracing key of the week) and for the venue's doors (their storage key of that day). Only the venue's own
//! documents, which no day ends, are under a key that lies in the backup. No lease is in it either, so what comes back
//! has no right to admit that may have been used since.

mod archive;
mod place;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sync::time::{DAY_MILLIS, UnixMillis};
use zeroize::Zeroizing;

pub use archive::{ArchiveError, Backup};
pub(crate) use archive::{CONFIG, RECORDS, STANDING};
pub(crate) use place::tag_key;
pub use place::{PlaceError, Placed, Replace, place};

use crate::config::Config;

/// The form of the archive.
pub(crate) const FORMAT: u32 = 1;
/// How far ahead of the clock a backup may be, ms: clocks of two machines differ.
const AHEAD_MILLIS: i64 = DAY_MILLIS;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The form of the archive; 1.
    pub format: u32,
    /// The program that made it.
    pub version: String,
    /// Whose it is: the public key of the door's node.
    pub node: String,
    /// When it was made, ms since 1970.
    pub made_at: i64,
    /// How many days a door keeps.
    pub days: u16,
}

/// How a backup stands to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Made so many days ago, and not past its days.
    Days(i64),
    /// Past its days: it must not come back.
    Past(i64),
    /// Made after now: one of the two clocks is wrong.
    Ahead,
}

impl Label {
    /// How it stands to `now`.
    pub fn age(&self, now: UnixMillis) -> Age {
        let millis = now.get().saturating_sub(self.made_at);
        let days = millis.div_euclid(DAY_MILLIS);
        match millis {
            ..0 if millis < -AHEAD_MILLIS => Age::Ahead,
            _ if days > i64::from(self.days) => Age::Past(days),
            _ => Age::Days(days.max(0)),
        }
    }
}

/// A file that a configuration names, under a name of its own in the archive.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its name in the archive.
    pub name: &'static str,
    /// Where it lies.
    pub path: PathBuf,
    /// Whether only its owner may read it.
    pub secret: bool,
    /// Whether a backup without it is none.
    pub needed: bool,
}

/// The files of a door that go into its backup. The tag key is none of them.
pub fn named(config: &Config) -> Vec<Named> {
    let file =
        |name, path: &Path, secret, needed| Named { name, path: path.to_owned(), secret, needed };
    let mut files = vec![
        file("node.key", &config.node.key, true, true),
        file("node.membership", &config.node.membership, false, true),
    ];
    let renewed = crate::papers::file(&config.node.data);
    files.push(file("renewed.membership", &renewed, false, false));
    if let Some(venue) = &config.venue {
        files.push(file("manager.key", &venue.manager, true, true));
    }
    if let Some(login) = config.gate.as_ref().and_then(|gate| gate.login.as_ref()) {
        files.push(file("camera.login", login, true, true));
    }
    if let Some(sms) = &config.sms {
        files.extend(sms.header.iter().map(|path| file("sms.header", path, true, true)));
        files.extend(sms.sim_pin.iter().map(|path| file("sms.pin", path, true, true)));
    }
    if let Some(web) = &config.web {
        files.extend(web.certificate.iter().map(|path| file("web.pem", path, false, true)));
        files.extend(web.key.iter().map(|path| file("web.key", path, true, true)));
    }
    // Whoever accepted the node's own certificate is not asked again.
    for (name, own) in
        [("tls/web-cert.pem", "tls/web-cert.pem"), ("tls/web-key.pem", "tls/web-key.pem")]
    {
        files.push(file(name, &config.node.data.join(own), true, false));
    }
    files
}

/// A file's name and bytes; the bytes are wiped when dropped.
pub(crate) type Entry = (String, Zeroizing<Vec<u8>>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_ends_with_its_days() {
        let made = 1_790_000_000_000;
        let label = Label {
            format: FORMAT,
            version: "0".into(),
            node: "n".into(),
            made_at: made,
            days: 14,
        };
        let age = |days: i64| label.age(UnixMillis::new(made + days * DAY_MILLIS));
        assert_eq!((age(0), age(14), age(15)), (Age::Days(0), Age::Days(14), Age::Past(15)));
        assert_eq!((age(-1), age(-2)), (Age::Days(0), Age::Ahead));
    }
}
