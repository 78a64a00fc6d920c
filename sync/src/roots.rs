//! The region's root keys as one set follows another: each set is signed by the one before and by itself.
//!
//! A node is configured with one set. A bulletin of the kind [`BulletinKind::Roots`] brings the next one, and within it the
//! bulletin that brought the one before, so that whoever missed some can walk from the set it trusts to the last.

use std::sync::{Arc, PoisonError, RwLock};

use minicbor::{Decode, Encode};

use crate::{
    bulletin::{Bulletin, BulletinError, BulletinKind, Notice},
    id::PublicKey,
};

/// The most keys of a set.
pub const ROOTS_MAX: usize = 8;
/// The most sets that may follow each other in one bulletin.
pub const STEPS_MAX: usize = 64;
/// The longest bulletin of roots, bytes: a thousand for each set.
const CHAIN_MAX: usize = 64 << 10;

/// A set of root keys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RootSet {
    /// How many of `keys` must sign a bulletin.
    #[n(0)]
    pub needed: u16,
    /// Sign bulletins and grant places.
    #[cbor(n(1), decode_with = "crate::bounded::list::<ROOTS_MAX, _, _>")]
    pub keys: Vec<PublicKey>,
    /// Sign nothing more; what they granted stands until it ends. A key that somebody else may have is not named here:
    /// nothing that it granted stands.
    #[cbor(n(2), decode_with = "crate::bounded::list::<ROOTS_MAX, _, _>")]
    pub retired: Vec<PublicKey>,
}

/// What is wrong with a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RootSetError {
    /// No key, or too many.
    #[error("keys: between 1 and {ROOTS_MAX}")]
    Keys,
    /// More signatures than keys, or none.
    #[error("needed: between 1 and the number of keys")]
    Needed,
    /// Too many retired ones.
    #[error("retired: at most {ROOTS_MAX}")]
    Retired,
    /// A key twice, or at work and retired.
    #[error("keys and retired: each key stands once")]
    Twice,
}

impl RootSet {
    /// Whether it makes sense.
    ///
    /// # Errors
    /// [`RootSetError`] names the field.
    pub fn check(&self) -> Result<(), RootSetError> {
        if !(1..=ROOTS_MAX).contains(&self.keys.len()) {
            return Err(RootSetError::Keys);
        }
        if !(1..=self.keys.len()).contains(&usize::from(self.needed)) {
            return Err(RootSetError::Needed);
        }
        if self.retired.len() > ROOTS_MAX {
            return Err(RootSetError::Retired);
        }
        let mut all: Vec<_> = self.granting();
        all.sort_unstable();
        all.dedup();
        match all.len() == self.keys.len() + self.retired.len() {
            true => Ok(()),
            false => Err(RootSetError::Twice),
        }
    }

    /// Those whose grants stand: at work or retired.
    pub fn granting(&self) -> Vec<PublicKey> {
        self.keys.iter().chain(&self.retired).copied().collect()
    }

    fn signed(&self, bulletin: &Bulletin) -> Result<Notice, BulletinError> {
        bulletin.open(&self.keys, usize::from(self.needed))
    }
}

/// The body of a bulletin of roots.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Succession {
    /// The set from now on.
    #[n(0)]
    pub set: RootSet,
    /// The bulletin that brought the set before; none for the first after the configured one.
    #[n(1)]
    pub before: Option<Bulletin>,
}

impl Succession {
    /// The body of a notice of roots.
    ///
    /// # Errors
    /// [`BulletinError::Malformed`] when it is none, or its set makes no sense.
    pub fn read(body: &[u8]) -> Result<Self, BulletinError> {
        let read: Self = minicbor::decode(body)?;
        read.set.check().map_err(|e| minicbor::decode::Error::message(e.to_string()))?;
        Ok(read)
    }

    /// As it stands in a bulletin.
    pub fn to_body(&self) -> Vec<u8> {
        crate::key::encode(self)
    }
}

/// The set in force, and which it is: 0 is the configured one, others have their bulletin's version.
#[derive(Clone, Debug)]
struct InForce {
    number: u64,
    set: Arc<RootSet>,
}

/// A region's roots as a node knows them. All clones see a new set at once.
#[derive(Clone, Debug)]
pub struct Roots {
    founding: Arc<RootSet>,
    now: Arc<RwLock<InForce>>,
}

impl Roots {
    /// The configured ones, of which so many must sign a bulletin.
    pub fn new(keys: Vec<PublicKey>, needed: usize) -> Self {
        let needed = u16::try_from(needed).unwrap_or(u16::MAX);
        let founding = Arc::new(RootSet { needed, keys, retired: Vec::new() });
        let now = InForce { number: 0, set: Arc::clone(&founding) };
        Self { founding, now: Arc::new(RwLock::new(now)) }
    }

    fn in_force(&self) -> InForce {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The set in force.
    pub fn set(&self) -> Arc<RootSet> {
        self.in_force().set
    }

    /// Which set is in force: 0 is the configured one.
    pub fn number(&self) -> u64 {
        self.in_force().number
    }

    /// The configured set.
    pub fn founding(&self) -> &RootSet {
        &self.founding
    }

    /// Those whose grants stand.
    pub fn granting(&self) -> Vec<PublicKey> {
        self.set().granting()
    }

    /// Those by which a node believes its own papers: also the configured ones. Who lets people in need not stop because a
    /// root was lost to somebody else; its peers judge it by [`Roots::granting`].
    pub fn own(&self) -> Vec<PublicKey> {
        let mut all = self.granting();
        all.extend(self.founding.granting());
        all
    }

    /// The notice of a bulletin of roots, if a chain of sets leads to it: from the set in force, or, where it is not newer
    /// than that, from the configured one.
    ///
    /// # Errors
    /// [`BulletinError`].
    pub fn open(&self, bulletin: &Bulletin) -> Result<Notice, BulletinError> {
        let chain = unrolled(bulletin)?;
        let InForce { number, set } = self.in_force();
        let newest = chain.last().map_or(0, |step| step.notice.version);
        let walked = match newest > number {
            true => walk(&chain, number, &set),
            false => walk(&chain, 0, &self.founding),
        };
        walked.map(|step| step.notice.clone())
    }

    /// Puts the set of a notice in force, which [`Roots::open`] has opened; `false` where it is not newer.
    pub fn take_over(&self, notice: &Notice) -> bool {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let Ok(read) = Succession::read(&notice.body) else { return false };
        if notice.kind != BulletinKind::Roots || notice.version <= now.number {
            return false;
        }
        *now = InForce { number: notice.version, set: Arc::new(read.set) };
        true
    }
}

struct Step {
    bulletin: Bulletin,
    notice: Notice,
    set: RootSet,
}

/// A bulletin of roots and all before it, the earliest first.
fn unrolled(bulletin: &Bulletin) -> Result<Vec<Step>, BulletinError> {
    if bulletin.size() > CHAIN_MAX {
        return Err(BulletinError::TooLarge(bulletin.size()));
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut next = Some(bulletin.clone());
    while let Some(bulletin) = next {
        let notice = bulletin.unverified()?;
        let follows = steps.last().is_none_or(|later: &Step| {
            later.notice.region == notice.region && later.notice.version > notice.version
        });
        if notice.kind != BulletinKind::Roots || !follows || steps.len() == STEPS_MAX {
            let why = "a set of roots does not follow the one before";
            return Err(minicbor::decode::Error::message(why).into());
        }
        let read = Succession::read(&notice.body)?;
        next = read.before;
        steps.push(Step { bulletin, notice, set: read.set });
    }
    steps.reverse();
    Ok(steps)
}

/// The last step, if each after `number` is signed by enough of the set before it and by enough of its own.
fn walk<'a>(chain: &'a [Step], number: u64, from: &RootSet) -> Result<&'a Step, BulletinError> {
    let mut held = from;
    let mut reached = None;
    for step in chain.iter().filter(|step| step.notice.version > number) {
        let signed = held.signed(&step.bulletin).and_then(|_| step.set.signed(&step.bulletin));
        match (signed, reached) {
            (Ok(_), _) => {
                held = &step.set;
                reached = Some(step);
            }
            // A node that was configured with a later set knows nothing of those before it.
            (Err(_), None) if number == 0 && !is_last(chain, step) => {}
            (Err(error), _) => return Err(error),
        }
    }
    let needed = usize::from(from.needed);
    reached.ok_or(BulletinError::Signatures { valid: 0, needed })
}

fn is_last(chain: &[Step], step: &Step) -> bool {
    chain.last().is_some_and(|last| last.notice.version == step.notice.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::RegionId, key::SecretKey, time::UnixMillis};

    fn key(n: u8) -> SecretKey {
        SecretKey::from_bytes(&[n; 32])
    }

    fn set(needed: u16, keys: &[u8], retired: &[u8]) -> RootSet {
        let public = |all: &[u8]| all.iter().map(|n| key(*n).public()).collect();
        RootSet { needed, keys: public(keys), retired: public(retired) }
    }

    fn step(version: u64, set: &RootSet, before: Option<&Bulletin>, by: &[u8]) -> Bulletin {
        let body = Succession { set: set.clone(), before: before.cloned() }.to_body();
        let notice = Notice {
            region: RegionId::new(1),
            kind: BulletinKind::Roots,
            version,
            issued_at: UnixMillis::from_secs(1),
            not_after: UnixMillis::from_secs(9),
            body,
        };
        let keys: Vec<_> = by.iter().map(|n| key(*n)).collect();
        Bulletin::seal(&notice, &keys.iter().collect::<Vec<_>>())
    }

    fn founded() -> Roots {
        Roots::new(set(2, &[1, 2, 3], &[]).keys, 2)
    }

    fn taken(roots: &Roots, bulletin: &Bulletin) -> Result<bool, BulletinError> {
        roots.open(bulletin).map(|notice| roots.take_over(&notice))
    }

    #[test]
    fn a_set_follows_another_by_the_word_of_both() {
        let roots = founded();
        let clone = roots.clone();
        let second = set(2, &[1, 2, 4], &[3]);
        for too_few in [&[1][..], &[4], &[1, 4], &[5, 6], &[]] {
            assert!(taken(&roots, &step(1, &second, None, too_few)).is_err(), "{too_few:?}");
        }
        let first = step(1, &second, None, &[1, 2]);
        assert!(taken(&roots, &first).unwrap());
        assert_eq!((clone.number(), &*clone.set()), (1, &second), "clones see it");
        assert_eq!(clone.granting().len(), 4);
        assert!(!taken(&roots, &first).unwrap(), "again changes nothing");
        // Root 3 has been taken out: it and another one make no set any more.
        let third = set(2, &[1, 4, 5], &[]);
        assert!(taken(&roots, &step(2, &third, Some(&first), &[1, 3])).is_err());
        let after = step(2, &third, Some(&first), &[1, 4]);
        assert!(taken(&roots, &after).unwrap());
        // Who missed the first walks through it; who was configured with the second starts there.
        let late = founded();
        assert!(taken(&late, &after).unwrap());
        let young = Roots::new(second.keys, 2);
        assert!(taken(&young, &after).unwrap());
        assert_eq!((late.number(), young.number()), (2, 2));
        // Roots that were signed out cannot begin a history of their own for who knows better.
        let fork = step(9, &set(1, &[6], &[]), None, &[2, 3, 6]);
        assert!(taken(&roots, &fork).is_err());
        assert!(taken(&founded(), &fork).unwrap(), "who knows nothing yet cannot tell");
        assert!(
            roots.open(&first).is_ok() && roots.number() == 2,
            "an old one is known, not taken"
        );
    }

    #[test]
    fn what_makes_no_sense_is_no_set() {
        for (wrong, why) in [
            (set(1, &[], &[]), RootSetError::Keys),
            (set(1, &[1, 2, 3, 4, 5, 6, 7, 8, 9], &[]), RootSetError::Keys),
            (set(3, &[1, 2], &[]), RootSetError::Needed),
            (set(0, &[1, 2], &[]), RootSetError::Needed),
            (set(1, &[1, 1], &[]), RootSetError::Twice),
            (set(1, &[1, 2], &[2]), RootSetError::Twice),
        ] {
            assert_eq!(wrong.check(), Err(why));
            let roots = founded();
            assert!(taken(&roots, &step(1, &wrong, None, &[1, 2])).is_err());
        }
    }

    #[test]
    fn a_chain_is_bounded_and_rises() {
        let same = set(2, &[1, 2, 3], &[]);
        let mut last = step(1, &same, None, &[1, 2]);
        for version in 2..=STEPS_MAX as u64 {
            last = step(version, &same, Some(&last), &[1, 2]);
        }
        assert!(last.size() < 64 << 10, "{} bytes", last.size());
        assert!(taken(&founded(), &last).unwrap());
        let longer = step(99, &same, Some(&last), &[1, 2]);
        assert!(taken(&founded(), &longer).is_err());
        let falling = step(1, &same, Some(&step(1, &same, None, &[1, 2])), &[1, 2]);
        assert!(taken(&founded(), &falling).is_err());
    }
}
