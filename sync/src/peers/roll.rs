//! The roll of a venue's doors: what each has said of itself last, signed, and up to when all that it had said is here.
//!
//! A door says now and then: "at this time my chains went so far". Whoever holds them so far knows all that the door
//! had written by then, and whoever passes the word on can neither forge nor stretch it. So a door is heard through
//! siblings as it is over a link of its own; a link alone says nothing while a backlog waits behind it.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

use crate::{
    book::{Charter, Heads, VenueHeads},
    bounded,
    envelope::AHEAD_MAX_MILLIS,
    id::{ChainId, Epoch, PublicKey, Seq, VenueId},
    key::{Signed, Statement},
    membership::Member,
    order::ENTRANCES_MAX,
    share::{Matter, may_hold},
    time::{DAY_MILLIS, Day, UnixMillis},
};

/// The most chains that one word may name.
const CHAINS_TOLD_MAX: usize = 16;
/// What was written no longer ago than this is named, ms; what stands is named whenever it was written.
const TOLD_MILLIS: i64 = 2 * DAY_MILLIS;
/// The most doors that are remembered, those that were replaced lately within.
pub(super) const DOORS_MAX: usize = 2 * ENTRANCES_MAX;

/// A door's word about itself: how far its own chains went at a time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Presence {
    /// Its venue.
    #[n(0)]
    pub venue: VenueId,
    /// The door's node, which signs.
    #[n(1)]
    pub node: PublicKey,
    /// When, by its own clock.
    #[n(2)]
    pub at: UnixMillis,
    /// Its chains of late, those last written to first, and the last place of each.
    #[cbor(n(3), decode_with = "bounded::list::<CHAINS_TOLD_MAX, _, _>")]
    pub chains: Vec<(Epoch, Day, Seq)>,
}

impl Statement for Presence {
    const CONTEXT: &'static str = "vestibule/presence/1";
}

impl Presence {
    /// This node's own word, where it is a door.
    pub fn own(charter: &Charter, heads: &Heads, now: UnixMillis) -> Option<Signed<Self>> {
        let (venue, node) = (charter.venue()?, charter.key.public());
        let since = now.plus_millis(-TOLD_MILLIS);
        let mut chains: Vec<_> = heads
            .venues
            .get(&venue)
            .into_iter()
            .flat_map(|held| of_author(held, node))
            .filter(|(chain, head)| chain.day == Day::STANDING || head.last_at >= since)
            .collect();
        chains.sort_by_key(|(_, head)| std::cmp::Reverse(head.last_at));
        chains.truncate(CHAINS_TOLD_MAX);
        let chains = chains.into_iter().map(|(c, head)| (c.epoch, c.day, head.seq)).collect();
        Some(Signed::seal(&Self { venue, node, at: now, chains }, &charter.key))
    }

    /// Whether all that it names is here.
    fn is_held(&self, held: &VenueHeads) -> bool {
        let here = |chain| held.chains.get(&chain).map(|head| head.seq).unwrap_or_default();
        self.chains.iter().all(|(epoch, day, seq)| here(chain(self.node, *epoch, *day)) >= *seq)
    }
}

fn chain(author: PublicKey, epoch: Epoch, day: Day) -> ChainId {
    ChainId { author, epoch, day }
}

fn of_author(
    held: &VenueHeads,
    author: PublicKey,
) -> impl Iterator<Item = (&ChainId, &crate::book::Head)> {
    let first = chain(author, Epoch::new([0; 8]), Day::UNKNOWN);
    held.chains.range(first..).take_while(move |(chain, _)| chain.author == author)
}

/// What is known of one door.
#[derive(Clone, Debug)]
struct Entry {
    said: Presence,
    signed: Signed<Presence>,
    heard: Option<UnixMillis>,
}

/// The doors of the venue, but for this one.
#[derive(Clone, Debug, Default)]
pub struct Roll(BTreeMap<PublicKey, Entry>);

impl Roll {
    /// Takes what a sibling, `from`, brought: about itself, or about others of which there is anything here. What is
    /// not newer than what is known or not of this venue is passed over; of what follows a word that is not signed
    /// nothing is taken.
    pub fn take(
        &mut self,
        (own, heads): (&Charter, &Heads),
        from: PublicKey,
        words: Vec<Signed<Presence>>,
        now: UnixMillis,
    ) {
        let Some(held) = own.venue().and_then(|venue| heads.venues.get(&venue)).cloned() else {
            return;
        };
        let latest = now.plus_millis(AHEAD_MAX_MILLIS);
        // A clock that has gone back behind what was taken must not make the door deaf.
        self.0.retain(|node, e| e.said.at <= latest && !held.removed.contains_key(node));
        let mut named = BTreeSet::new();
        for signed in words {
            let Some(said) = signed.claims() else { continue };
            let node = said.node;
            let known = self.0.get(&node);
            let fits = Some(said.venue) == own.venue()
                && node != own.key.public()
                && said.at <= latest
                && !held.removed.contains_key(&node)
                && (node == from || of_author(&held, node).next().is_some())
                && known.is_none_or(|entry| entry.said.at < said.at)
                && (known.is_some() || self.0.len() < DOORS_MAX)
                && named.insert(node);
            // The signature last: most of what several siblings tell is known.
            if fits {
                if signed.open(&node).is_err() {
                    break; // siblings pass on what they have checked: the rest is not worth the work
                }
                let heard = known.and_then(|entry| entry.heard);
                self.0.insert(node, Entry { said, signed, heard });
            }
        }
        self.settle(own, heads, now);
    }

    /// Notes whose word is made good by what is here now.
    pub fn settle(&mut self, own: &Charter, heads: &Heads, now: UnixMillis) {
        let Some(held) = own.venue().and_then(|venue| heads.venues.get(&venue)) else { return };
        for entry in self.0.values_mut() {
            let at = entry.said.at.min(now);
            if entry.heard.is_none_or(|heard| heard < at) && entry.said.is_held(held) {
                entry.heard = Some(at);
            }
        }
    }

    /// Up to when all that a door had written is here, by its word.
    pub fn heard(&self, node: &PublicKey) -> Option<UnixMillis> {
        self.0.get(node)?.heard
    }

    /// The doors of which all that they had written by some time is here.
    pub fn all_heard(&self) -> impl Iterator<Item = (&PublicKey, UnixMillis)> {
        self.0.iter().filter_map(|(node, entry)| Some((node, entry.heard?)))
    }

    /// What goes to a sibling that has been told up to `told` of each: this node's own word and the newer words of
    /// others, which are marked as told. Nothing for who is no sibling.
    pub fn to_tell(
        &self,
        (own, heads): (&Charter, &Heads),
        to: &Member,
        told: &mut BTreeMap<PublicKey, UnixMillis>,
        now: UnixMillis,
    ) -> Vec<Signed<Presence>> {
        let Some(venue) = own.venue().filter(|venue| to.venue() == Some(*venue)) else {
            return Vec::new();
        };
        if !may_hold(own, to, Matter::Records(venue)) {
            return Vec::new();
        }
        let is_news = |node: &PublicKey, at: UnixMillis| told.get(node).is_none_or(|t| *t < at);
        let others = self.0.iter().filter(|(n, e)| **n != to.node && is_news(n, e.said.at));
        let others: Vec<_> = others.map(|(n, e)| (*n, e.said.at, e.signed.clone())).collect();
        told.extend(others.iter().map(|(node, at, _)| (*node, *at)));
        let others = others.into_iter().map(|(_, _, signed)| signed);
        Presence::own(own, heads, now).into_iter().chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        book::Book,
        envelope::Run,
        id::{RecordId, RecordNumber},
        record::{Edit, Record},
        sample::{VENUE, door},
        store::{Durability, Store},
    };

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
    const DAY: Day = Day::new(20_717);

    fn open(folder: &tempfile::TempDir, seed: u8) -> Book {
        let path = folder.path().join(seed.to_string());
        let mut book =
            Book::open(Store::open(&path, Durability::Volatile).unwrap(), door(seed, 1)).unwrap();
        for other in [1, 2, 3] {
            book.introduce(&door(other, 1).membership).unwrap();
        }
        book
    }

    fn write(book: &mut Book, number: u64) -> Run {
        let chain = book.charter().chain(DAY);
        let after = Seq::new(number - 1);
        let edit = Edit { at: NOON, field: "x".into(), value: None, replaces: Vec::new() };
        let id = RecordId { chain, number: RecordNumber::new(number) };
        book.write(vec![(id, Record::Edit(edit))], VENUE, None, NOON).unwrap();
        book.commit().unwrap();
        book.run(chain, after, 1).unwrap().unwrap()
    }

    fn merge(book: &mut Book, run: Run) {
        book.merge(&[], run.check(NOON).unwrap(), NOON).unwrap();
        book.commit().unwrap();
    }

    fn word(book: &Book, at: UnixMillis) -> Signed<Presence> {
        Presence::own(book.charter(), book.heads(), at).unwrap()
    }

    #[test]
    fn a_word_counts_when_its_records_are_here_and_nobody_stretches_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut a, mut b, mut c) = (open(&folder, 1), open(&folder, 2), open(&folder, 3));
        let (from_b, of_c) = (b.charter().key.public(), c.charter().key.public());
        merge(&mut a, write(&mut c, 1));
        let later = write(&mut c, 2);
        merge(&mut a, write(&mut b, 1));
        let mut roll = Roll::default();
        let mut told = |a: &Book, word, now| {
            roll.take((a.charter(), a.heads()), from_b, vec![word], now);
            roll.heard(&of_c)
        };
        let (at, now) = (NOON.plus_millis(1_000), NOON.plus_millis(9_000));
        assert_eq!(told(&a, word(&c, at), now), None, "one of its records is missing");
        merge(&mut a, later);
        // The messenger may forge: in its own name, under its own signature, for a better time.
        let forged = Presence { at: NOON.plus_millis(5_000), ..word(&c, at).claims().unwrap() };
        let forged = Signed::seal(&forged, &b.charter().key);
        assert_eq!(told(&a, forged, now), Some(at), "the word that came before is made good");
        assert_eq!(told(&a, word(&c, NOON), now), Some(at), "an older word takes nothing back");
        let ahead = NOON.plus_millis(AHEAD_MAX_MILLIS * 2);
        assert_eq!(told(&a, word(&c, ahead), NOON), Some(at), "of a clock that is wrong");
        let soon = now.plus_millis(60_000);
        assert_eq!(told(&a, word(&c, soon), now), Some(now), "never later than now");
    }

    #[test]
    fn siblings_alone_are_told_and_each_thing_once() {
        let folder = tempfile::tempdir().unwrap();
        let (mut a, mut b, c) = (open(&folder, 1), open(&folder, 2), open(&folder, 3));
        merge(&mut a, write(&mut b, 1));
        let mut roll = Roll::default();
        let own = (a.charter().clone(), a.heads().clone());
        roll.take((&own.0, &own.1), b.charter().key.public(), vec![word(&b, NOON)], NOON);
        let member = |charter: &Charter| {
            charter
                .membership
                .check(&charter.roots.granting(), &charter.key.public(), NOON)
                .unwrap()
        };
        let tell = |to: &Member, told: &mut _| roll.to_tell((&own.0, &own.1), to, told, NOON).len();
        let (to_b, to_c) = (member(b.charter()), member(c.charter()));
        let mut told = BTreeMap::new();
        assert_eq!((tell(&to_c, &mut told), tell(&to_c, &mut told)), (2, 1));
        assert_eq!(tell(&to_b, &mut BTreeMap::new()), 1, "not what it has said itself");
        let authority = member(&crate::sample::authority(9, 1));
        assert_eq!(tell(&authority, &mut BTreeMap::new()), 0);
    }
}
