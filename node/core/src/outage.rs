//! Times without a link to the authority, as a door notes them in the venue's documents: evidence for whoever asks why
//! nothing came. Pure.

use sync::{
    id::PublicKey,
    status::{Link, PeersStatus},
    time::UnixMillis,
};

/// A shorter silence is no outage, ms.
pub const OUTAGE_MILLIS: i64 = 15 * 60_000;
/// So many of a door's outages are kept; the oldest goes. As text they fit a field of the venue's documents.
pub const OUTAGES_MAX: usize = 24;
/// The names of the fields in which doors keep them begin so.
pub const OUTAGE_FIELD: &str = "outage/";

/// One time without a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outage {
    /// When the link went.
    pub from: UnixMillis,
    /// When it came back.
    pub until: UnixMillis,
}

/// The field of a door.
pub fn outage_field(door: &PublicKey) -> String {
    format!("{OUTAGE_FIELD}{}", crate::site::short(door))
}

/// Whether any node of the authority is connected; `None` where none is known.
pub fn authority_is_linked(peers: &PeersStatus) -> Option<bool> {
    let mut links = peers.peers.iter().filter(|peer| peer.title.starts_with("authority"));
    let first = links.next()?;
    Some(first.link == Link::Up || links.any(|peer| peer.link == Link::Up))
}

/// Outages as text: `from-until`, seconds since 1970, apart by spaces; the latest that have room.
pub fn to_text(outages: &[Outage]) -> String {
    let latest = &outages[outages.len().saturating_sub(OUTAGES_MAX)..];
    let words: Vec<_> =
        latest.iter().map(|o| format!("{}-{}", o.from.secs(), o.until.secs())).collect();
    words.join(" ")
}

/// Reads [`to_text`]; what is no outage is passed over.
pub fn from_text(text: &str) -> Vec<Outage> {
    let read = |word: &str| {
        let (from, until) = word.split_once('-')?;
        let secs = |text: &str| text.parse().ok().map(UnixMillis::from_secs);
        let outage = Outage { from: secs(from)?, until: secs(until)? };
        (outage.from < outage.until).then_some(outage)
    };
    text.split_ascii_whitespace().take(OUTAGES_MAX).filter_map(read).collect()
}

/// Follows the link, a look at a time.
#[derive(Clone, Debug, Default)]
pub struct Watcher {
    down_since: Option<UnixMillis>,
    /// Those that ended, oldest first.
    pub ended: Vec<Outage>,
}

impl Watcher {
    /// The link as it is now; whether an outage has just ended.
    pub fn look(&mut self, linked: bool, now: UnixMillis) -> bool {
        if !linked {
            // A clock that went back makes no outage that begins later than now.
            let since = self.down_since.map_or(now, |since| since.min(now));
            self.down_since = Some(since);
            return false;
        }
        let ended = self.down_since.take().map(|from| Outage { from, until: now });
        let Some(outage) = ended.filter(|o| o.until.get() - o.from.get() >= OUTAGE_MILLIS) else {
            return false;
        };
        self.ended.push(outage);
        let over = self.ended.len().saturating_sub(OUTAGES_MAX);
        self.ended.drain(..over);
        true
    }

    /// Since when there is no link.
    pub fn down_since(&self) -> Option<UnixMillis> {
        self.down_since
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn an_outage_is_noted_when_it_ends_and_a_short_one_is_none() {
        let mut watcher = Watcher::default();
        let at = |minutes: i64| UnixMillis::new(minutes * MINUTE);
        assert!(!watcher.look(true, at(0)));
        assert!(!watcher.look(false, at(1)) && !watcher.look(false, at(9)));
        assert_eq!(watcher.down_since(), Some(at(1)));
        assert!(!watcher.look(true, at(10)), "nine minutes");
        assert!(!watcher.look(false, at(20)) && watcher.look(true, at(40)));
        assert_eq!(watcher.ended, [Outage { from: at(20), until: at(40) }]);
        assert_eq!(watcher.down_since(), None);
        assert_eq!(from_text(&to_text(&watcher.ended)), watcher.ended);
    }

    #[test]
    fn what_is_kept_fits_its_field() {
        let mut watcher = Watcher::default();
        for n in 0..100 {
            watcher.look(false, UnixMillis::from_secs(1_790_000_000 + n * 10_000));
            watcher.look(true, UnixMillis::from_secs(1_790_000_000 + n * 10_000 + 5_000));
        }
        let text = to_text(&watcher.ended);
        assert!(text.len() <= 640, "{}", text.len());
        assert_eq!(from_text(&text).len(), OUTAGES_MAX);
        assert_eq!(from_text(&text).last().unwrap().from.secs(), 1_790_990_000);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = from_text(&text);
        }
    }
}
