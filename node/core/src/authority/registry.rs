//! What the authority knows of people by their numbers: facts under an HMAC of kind and number, sealed, with a key of the
//! authority's own. Whoever has the store without the node's key has neither numbers nor facts.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use serde::{Deserialize, Serialize};
use sync::{
    book::Row,
    id::{RegionId, Subject},
    key::SecretKey,
    sealed::{NumberKind, Typed},
    time::UnixMillis,
};
use zeroize::Zeroizing;

use super::{
    Authority,
    cabinet::CabinetError,
    store::{Expected, Store, StoreError},
};
use crate::{
    code::ids::TypedNumber,
    token::{
        Fact,
        fact::{Test, TestKind, TestResult, Vaccination},
    },
};

/// Rows of the registry; `index` has the others.
pub(super) const REGISTERED: u8 = b'g';
const CONTEXT: &[u8] = b"vestibule/registry/1";
const NONCE: usize = 12;
/// The most facts that are kept of one person; the earliest gives way.
pub const FACTS_MAX: usize = 32;
/// The most rows that one call may bring.
pub const ENTRIES_MAX: usize = 500;

/// What became known of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Known {
    /// A sample was tested.
    #[n(0)]
    Test {
        /// When it was taken.
        #[n(0)]
        at: UnixMillis,
        /// Whether it had what was looked for.
        #[n(1)]
        positive: bool,
        /// Whether it was a rapid antigen test.
        #[n(2)]
        antigen: bool,
    },
    /// Was in contact with a case.
    #[n(1)]
    Contact {
        /// When.
        #[n(0)]
        at: UnixMillis,
    },
    /// Is vaccinated, with all doses.
    #[n(2)]
    Vaccination {
        /// When the last dose was given.
        #[n(0)]
        at: UnixMillis,
    },
}

impl Known {
    /// When it happened.
    pub const fn at(&self) -> UnixMillis {
        match self {
            Self::Test { at, .. } | Self::Contact { at } | Self::Vaccination { at } => *at,
        }
    }

    /// From a stable word: `test-negative`, `test-positive`, the same with `antigen-` before, `contact`, `vaccination`.
    pub fn from_word(word: &str, at: UnixMillis) -> Option<Self> {
        let test = |positive, antigen| Some(Self::Test { at, positive, antigen });
        match word {
            "test-negative" => test(false, false),
            "test-positive" => test(true, false),
            "antigen-test-negative" => test(false, true),
            "antigen-test-positive" => test(true, true),
            "contact" => Some(Self::Contact { at }),
            "vaccination" => Some(Self::Vaccination { at }),
            _ => None,
        }
    }

    /// Whether it is another result of the same test.
    fn is_other_result_than(&self, other: &Self) -> bool {
        let test = |known: &Self| match known {
            Self::Test { at, antigen, .. } => Some((*at, *antigen)),
            Self::Contact { .. } | Self::Vaccination { .. } => None,
        };
        self != other && test(self).is_some() && test(self) == test(other)
    }

    fn to_fact(self) -> Fact {
        match self {
            Self::Test { at, positive, antigen } => Fact::Test(Test {
                sampled_at: at,
                kind: if antigen { TestKind::Antigen } else { TestKind::Naat },
                result: if positive { TestResult::Positive } else { TestResult::Negative },
                target: None,
            }),
            Self::Contact { at } => Fact::Contact { at },
            Self::Vaccination { at } => {
                let (dose, of, product, target) = (None, None, None, None);
                Fact::Vaccination(Vaccination { at, dose, of, product, target })
            }
        }
    }
}

/// A line of what is brought into the registry. Never printed.
#[derive(Clone)]
pub struct Entry {
    /// Of whom.
    pub number: TypedNumber,
    /// The name that goes with the number, where it is to be compared.
    pub name: Option<Zeroizing<String>>,
    /// What became known.
    pub known: Known,
    /// What is to be done with it.
    pub how: How,
}

/// What is to be done with a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It became known.
    #[default]
    Adds,
    /// It was never so: it is taken back.
    Retracts,
    /// It became known in place of what the same test of that time was said to have shown before.
    Corrects,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({:?})", self.number)
    }
}

/// What is kept of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
struct Person {
    /// An HMAC of the name.
    #[cbor(n(0), with = "minicbor::bytes")]
    name: Option<[u8; 16]>,
    #[n(1)]
    known: Vec<Known>,
    /// What was taken back, the latest last.
    #[n(2)]
    struck: Option<Vec<Struck>>,
}

/// A fact that was taken back, kept so that it can be seen what was known when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Struck {
    #[n(0)]
    known: Known,
    #[n(1)]
    at: UnixMillis,
}

impl Person {
    /// Takes a fact in, or back; whether that changed what is known for the worse of nobody: something was taken back.
    /// `None` where there was nothing to take back.
    fn take(&mut self, entry: &Entry, now: UnixMillis) -> Option<bool> {
        let other = |known: &Known| match entry.how {
            How::Adds => false,
            How::Retracts => *known == entry.known,
            How::Corrects => known.is_other_result_than(&entry.known),
        };
        let (gone, left): (Vec<_>, Vec<_>) = self.known.drain(..).partition(other);
        self.known = left;
        let struck = !gone.is_empty();
        if struck {
            let held = self.struck.get_or_insert_default();
            held.extend(gone.into_iter().map(|known| Struck { known, at: now }));
            let over = held.len().saturating_sub(FACTS_MAX);
            held.drain(..over);
        }
        if entry.how == How::Retracts {
            return struck.then_some(true);
        }
        if !self.known.contains(&entry.known) {
            self.known.push(entry.known);
            self.known.sort_by_key(Known::at);
            let over = self.known.len().saturating_sub(FACTS_MAX);
            self.known.drain(..over);
        }
        Some(struck)
    }
}

/// What became of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// How many persons they were about.
    pub persons: usize,
    /// The places of those that were to take back what nobody knew.
    pub nothing: BTreeSet<usize>,
}

/// Why the registry could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// More than [`ENTRIES_MAX`] rows at once.
    #[error("at most {ENTRIES_MAX} rows are taken at once")]
    TooMany,
    /// The store.
    #[error("the registry could not be read or written")]
    Store(#[from] StoreError),
    /// A row is not what was written.
    #[error("a row of the registry is damaged")]
    Damaged,
    /// The system gave no random bytes.
    #[error("no random bytes for the registry")]
    Random,
    /// The tokens of these persons could not be looked up.
    #[error(transparent)]
    Cabinet(#[from] CabinetError),
}

/// A person's row as it was read, and as it is written anew.
pub(super) struct HeldRow {
    pub(super) seen: Expected,
    pub(super) rows: Vec<Row>,
}

/// The keys of the registry. Never printed.
pub(super) struct Registry {
    key: hmac::Key,
}

impl Registry {
    /// Keys made of the node's own.
    pub(super) fn new(node: &SecretKey) -> Self {
        let own = hmac::Key::new(hmac::HMAC_SHA256, &*node.to_bytes());
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&own, CONTEXT).as_ref()) }
    }

    fn mac(&self, what: u8, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[what]);
        parts.iter().for_each(|part| context.update(part));
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        bytes
    }

    /// The name of a number in the store.
    fn row(&self, kind: NumberKind, number: &str) -> Vec<u8> {
        let mac = self.mac(1, &[kind.word().as_bytes(), b"\0", number.as_bytes()]);
        [&[REGISTERED], &mac[..]].concat()
    }

    /// Under which the visits with a typed number are found; nothing else makes it.
    pub(super) fn pseudonym(&self, typed: &Typed) -> Subject {
        let mac = self.mac(2, &[typed.kind.word().as_bytes(), b"\0", typed.number.as_bytes()]);
        let mut bytes = [0; Subject::LEN];
        bytes.copy_from_slice(&mac[..Subject::LEN]);
        Subject::new(bytes)
    }

    /// Under which the visits of another region's person are found; nothing else makes it.
    pub(super) fn abroad(&self, region: RegionId, subject: &Subject) -> Subject {
        let mac = self.mac(4, &[&region.get().to_be_bytes(), subject.as_bytes()]);
        let mut bytes = [0; Subject::LEN];
        bytes.copy_from_slice(&mac[..Subject::LEN]);
        Subject::new(bytes)
    }

    /// Letters and digits alone, in small letters: a name is written in many ways.
    fn name(&self, name: &str) -> [u8; 16] {
        let bare: Zeroizing<String> =
            Zeroizing::new(name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect());
        let mac = self.mac(3, &[bare.as_bytes()]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        bytes
    }

    fn cipher(&self, row: &[u8]) -> Option<LessSafeKey> {
        let key = Zeroizing::new(self.mac(4, &[row]));
        UnboundKey::new(&CHACHA20_POLY1305, &*key).ok().map(LessSafeKey::new)
    }

    fn seal(&self, row: &[u8], person: &Person) -> Result<Vec<u8>, RegistryError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| RegistryError::Random)?;
        let mut text =
            minicbor::to_vec(person).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"));
        let cipher = self.cipher(row).ok_or(RegistryError::Damaged)?;
        let (once, aad) = (Nonce::assume_unique_for_key(nonce), Aad::from(row));
        cipher
            .seal_in_place_append_tag(once, aad, &mut text)
            .map_err(|_| RegistryError::Damaged)?;
        Ok([&nonce[..], &text].concat())
    }

    fn open(&self, row: &[u8], sealed: &[u8]) -> Option<Person> {
        let (nonce, text) = sealed.split_at_checked(NONCE)?;
        let once = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain = self.cipher(row)?.open_in_place(once, Aad::from(row), &mut text).ok()?;
        minicbor::decode(plain).ok()
    }

    /// What is kept of a person, and the very bytes that say it.
    async fn read(
        &self,
        store: &Store,
        row: &[u8],
    ) -> Result<Option<(Person, Vec<u8>)>, RegistryError> {
        let until = [row, &[0]].concat(); // just after it
        let mut found = store.rows(row.to_vec(), until, 1).await?;
        let Some((_, sealed)) = found.pop() else { return Ok(None) };
        let person = self.open(row, &sealed).ok_or(RegistryError::Damaged)?;
        Ok(Some((person, sealed)))
    }
}

impl Authority {
    /// Takes rows into the registry, durably, and how many persons they were about. The same row again changes nothing.
    /// Tokens that say better than what is known then are withdrawn in the same stroke: [`Authority::withdrawals`].
    ///
    /// # Errors
    /// [`RegistryError`]; then none of them was taken.
    pub async fn register(&self, entries: &[Entry]) -> Result<usize, RegistryError> {
        Ok(self.register_each(entries).await?.persons)
    }

    /// The same, and which of them had nothing to take back.
    ///
    /// # Errors
    /// [`RegistryError`]; then none of them was taken.
    pub async fn register_each(&self, entries: &[Entry]) -> Result<Registered, RegistryError> {
        if entries.len() > ENTRIES_MAX {
            return Err(RegistryError::TooMany);
        }
        let _one_at_a_time = self.0.registering.lock().await;
        // Another node that shares the store may add to what is held of a person at this moment: then it is read anew.
        loop {
            if let Some(registered) = self.register_on(entries).await? {
                return Ok(registered);
            }
        }
    }

    /// `None` where what was read is no longer what is held; nothing was taken then.
    async fn register_on(&self, entries: &[Entry]) -> Result<Option<Registered>, RegistryError> {
        let (registry, now) = (&self.0.registry, (self.0.clock)());
        let (mut struck, mut nothing) = (BTreeSet::new(), BTreeSet::new());
        let mut persons: BTreeMap<Vec<u8>, Person> = BTreeMap::new();
        let (mut numbers, mut expected) = (BTreeMap::new(), Expected::new());
        for (place, entry) in entries.iter().enumerate() {
            let typed = entry.number.to_typed();
            let row = registry.row(typed.kind, &typed.number);
            if !persons.contains_key(&row) {
                let held = registry.read(&self.0.store, &row).await?;
                let (person, sealed) = held.unzip();
                persons.insert(row.clone(), person.unwrap_or_default());
                expected.insert(row.clone(), sealed);
                numbers.insert(row.clone(), typed);
            }
            let Some(person) = persons.get_mut(&row) else { continue };
            if let Some(name) = &entry.name {
                person.name = Some(registry.name(name));
            }
            match person.take(entry, now) {
                Some(true) => drop(struck.insert(row)),
                Some(false) => {}
                None => drop(nothing.insert(place)),
            }
        }
        let sealed = persons.iter().map(|(key, person)| {
            let value = registry.seal(key, person)?;
            Ok(Row::Lasting { key: key.clone(), value })
        });
        let mut rows = sealed.collect::<Result<Vec<_>, RegistryError>>()?;
        let persons_told = rows.len();
        for (row, person) in &persons {
            let facts: Vec<Fact> = person.known.iter().map(|known| known.to_fact()).collect();
            let Some(typed) = numbers.get(row) else { continue };
            let withdrawn = self.withdrawal(typed, &facts, struck.contains(row)).await?;
            rows.extend(withdrawn.map(|filing| self.0.cabinet.row(filing)).transpose()?);
        }
        let kept = self.0.store.keep_rows_if_all(&expected, rows).await?;
        Ok(kept.then_some(Registered { persons: persons_told, nothing }))
    }

    /// What is known of a number, and the row that says it, to be written anew as it is with whatever hangs on it.
    pub(super) async fn held_of(
        &self,
        typed: &Typed,
    ) -> Result<(Vec<Fact>, HeldRow), RegistryError> {
        let registry = &self.0.registry;
        let key = registry.row(typed.kind, &typed.number);
        let (person, sealed) = registry.read(&self.0.store, &key).await?.unzip();
        let person = person.unwrap_or_default();
        let value = registry.seal(&key, &person)?;
        let rows = vec![Row::Lasting { key: key.clone(), value }];
        let facts = person.known.into_iter().map(Known::to_fact).collect();
        Ok((facts, HeldRow { seen: Expected::from([(key, sealed)]), rows }))
    }

    /// What is known of a number; nothing where the name that was asked with is another.
    pub(super) async fn known_of(
        &self,
        typed: &Typed,
        name: Option<&str>,
    ) -> Result<Option<Vec<Fact>>, RegistryError> {
        let registry = &self.0.registry;
        let row = registry.row(typed.kind, &typed.number);
        let Some((person, _)) = registry.read(&self.0.store, &row).await? else {
            return Ok(Some(Vec::new()));
        };
        if let (Some(held), Some(name)) = (person.name, name)
            && held != registry.name(name)
        {
            return Ok(None);
        }
        Ok(Some(person.known.into_iter().map(Known::to_fact).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn person() -> Person {
        Person { name: Some([7; 16]), known: vec![Known::Contact { at: AT }], struck: None }
    }

    #[test]
    fn rows_open_under_their_own_name_and_key_alone() {
        let registry = Registry::new(&SecretKey::from_bytes(&[1; 32]));
        let row = registry.row(NumberKind::Iin, "800101300006");
        assert_ne!(row, registry.row(NumberKind::Cccd, "800101300006"));
        let sealed = registry.seal(&row, &person()).unwrap();
        assert_eq!(registry.open(&row, &sealed), Some(person()));
        assert_ne!(registry.seal(&row, &person()).unwrap(), sealed, "a nonce is used once");
        let other = registry.row(NumberKind::Iin, "600101300014");
        assert_eq!(registry.open(&other, &sealed), None);
        assert_eq!(Registry::new(&SecretKey::from_bytes(&[2; 32])).open(&row, &sealed), None);
        assert_eq!(registry.open(&row, &sealed[..5]), None);
    }

    #[test]
    fn a_fact_is_taken_back_or_put_in_place_of_another_and_what_went_is_kept() {
        let number = TypedNumber::read(NumberKind::Iin, "800101300006").unwrap();
        let test = |positive| Known::Test { at: AT, positive, antigen: false };
        let entry = |known, how| Entry { number: number.clone(), name: None, known, how };
        let mut person = Person::default();
        assert_eq!(person.take(&entry(test(true), How::Retracts), AT), None, "nobody knew it");
        assert_eq!(person.take(&entry(test(true), How::Adds), AT), Some(false));
        assert_eq!(person.take(&entry(Known::Contact { at: AT }, How::Adds), AT), Some(false));
        assert_eq!(person.take(&entry(test(false), How::Corrects), AT), Some(true));
        assert_eq!(person.known, [Known::Contact { at: AT }, test(false)]);
        assert_eq!(person.take(&entry(test(false), How::Corrects), AT), Some(false), "once");
        assert_eq!(person.take(&entry(test(false), How::Retracts), AT), Some(true));
        assert_eq!(person.known, [Known::Contact { at: AT }]);
        let struck: Vec<Known> = person.struck.unwrap().iter().map(|s| s.known).collect();
        assert_eq!(struck, [test(true), test(false)]);
    }

    #[test]
    fn a_row_of_before_facts_could_be_taken_back_opens() {
        #[derive(Encode)]
        struct Earlier(
            #[cbor(n(0), with = "minicbor::bytes")] Option<[u8; 16]>,
            #[n(1)] Vec<Known>,
        );
        let earlier = Earlier(Some([7; 16]), vec![Known::Contact { at: AT }]);
        let read: Person = minicbor::decode(&minicbor::to_vec(earlier).unwrap()).unwrap();
        assert_eq!(read, person());
    }

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        let registry = Registry::new(&SecretKey::from_bytes(&[1; 32]));
        let same =
            [("Nguyễn Thị Hương", "NGUYỄN  THỊ-HƯƠNG"), ("Әсет", "әсет"), ("王 小明", "王小明")];
        for (one, other) in same {
            assert_eq!(registry.name(one), registry.name(other), "{one}");
        }
        assert_ne!(registry.name("Anna"), registry.name("Hanna"));
    }

    #[test]
    fn words_are_facts() {
        for word in
            ["test-negative", "test-positive", "antigen-test-negative", "contact", "vaccination"]
        {
            assert_eq!(Known::from_word(word, AT).unwrap().at(), AT, "{word}");
        }
        assert_eq!(Known::from_word("plague", AT), None);
    }
}
