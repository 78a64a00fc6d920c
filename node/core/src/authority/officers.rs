//! The authority's own people: what each may do, kept in its cabinet and believed from there alone.

use std::{collections::BTreeMap, sync::PoisonError};

use minicbor::{Decode, Encode};
use sync::time::UnixMillis;

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    passkeys::Passkey,
};
use crate::staff::{Access, Name, StaffId};

/// The drawer of accounts.
const DRAWER: u8 = b'P';
/// The most accounts, removed ones among them.
pub const OFFICERS_MAX: usize = 512;
const VERSION: u8 = 1;

/// What somebody is at the authority for; one person may be there for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Office {
    /// Asks who was where with whom, and looks after cases and notices.
    Tracer,
    /// Publishes bulletins.
    Publisher,
    /// Keeps venues, people and tokens.
    Registrar,
    /// Keeps the accounts and the programs' tokens.
    Admin,
    /// Reads everything but the names of persons, and changes nothing.
    Auditor,
    /// Brings results and contact lists, and reads nothing: a program's alone.
    Laboratory,
}

impl Office {
    /// Every office that a person can hold, in the order in which pages list them.
    pub const ALL: [Self; 5] =
        [Self::Tracer, Self::Publisher, Self::Registrar, Self::Admin, Self::Auditor];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tracer => "tracer",
            Self::Publisher => "publisher",
            Self::Registrar => "registrar",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Laboratory => "laboratory",
        }
    }

    /// Reads [`Office::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Laboratory]).find(|office| office.word() == word)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The offices that one person or program holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Offices(#[n(0)] u8);

impl Offices {
    /// Every office: whoever has the node's access key.
    pub const EVERY: Self = Self(0b1_1111);

    /// Of several.
    pub fn of(offices: impl IntoIterator<Item = Office>) -> Self {
        Self(offices.into_iter().fold(0, |bits, office| bits | office.bit()))
    }

    /// Whether this one is among them.
    pub const fn has(self, office: Office) -> bool {
        self.0 & office.bit() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// Those that are held.
    pub fn iter(self) -> impl Iterator<Item = Office> {
        let all = Office::ALL.into_iter().chain([Office::Laboratory]);
        all.filter(move |office| self.has(*office))
    }
}

/// One account at the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Its id.
    pub id: StaffId,
    /// The short number by which the person can sign in; four digits.
    pub number: u16,
    /// The person's name, as the admin wrote it.
    pub name: Name,
    /// What the person is there for.
    pub offices: Offices,
    /// How the person comes in.
    pub access: Access,
    /// Since when there is an account.
    pub since: UnixMillis,
    /// What else the person signs in with; it counts only where there is a secret, too.
    pub passkeys: Vec<Passkey>,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
struct Shape {
    #[n(0)]
    version: u8,
    #[n(1)]
    id: StaffId,
    #[n(2)]
    number: u16,
    #[n(3)]
    name: String,
    #[n(4)]
    offices: Offices,
    #[n(5)]
    access: Access,
    #[n(6)]
    since: UnixMillis,
    /// Accounts of before there were passkeys have none.
    #[cbor(n(7), default)]
    passkeys: Vec<Passkey>,
}

impl Officer {
    /// The secret by which the person signs in, if that is possible.
    pub fn secret(&self) -> Option<&str> {
        match &self.access {
            Access::Secret(phc) => Some(phc),
            _ => None,
        }
    }

    /// Whether the account was taken away.
    pub fn is_removed(&self) -> bool {
        self.access == Access::Removed
    }

    /// Whether an invitation waits for the person at `now`.
    pub fn is_invited(&self, now: UnixMillis) -> bool {
        matches!(self.access, Access::Invited { until, .. } if now <= until)
    }

    fn shape(&self) -> Shape {
        Shape {
            version: VERSION,
            id: self.id,
            number: self.number,
            name: self.name.as_str().to_owned(),
            offices: self.offices,
            access: self.access.clone(),
            since: self.since,
            passkeys: self.passkeys.clone(),
        }
    }

    fn of(shape: Shape) -> Option<Self> {
        (shape.version == VERSION).then_some(())?;
        let Shape { id, number, name, offices, access, since, passkeys, .. } = shape;
        let name = Name::new(&name).ok()?;
        Some(Self { id, number, name, offices, access, since, passkeys })
    }
}

/// All accounts as they were read last.
pub(super) type Officers = BTreeMap<StaffId, Officer>;

pub(super) async fn read(cabinet: &super::Cabinet) -> Result<Officers, CabinetError> {
    let shapes = cabinet.all::<Shape>(&[DRAWER]).await?;
    let officers = shapes.into_iter().filter_map(|(_, shape)| Officer::of(shape));
    Ok(officers.map(|officer| (officer.id, officer)).collect())
}

impl Authority {
    /// Every account, removed ones too.
    pub fn officers(&self) -> Vec<Officer> {
        self.held().values().cloned().collect()
    }

    /// One account.
    pub fn officer(&self, id: &StaffId) -> Option<Officer> {
        self.held().get(id).cloned()
    }

    /// The account meant by what was typed: a number or a name; `None` where nobody has it, or more than one.
    pub fn officer_named(&self, typed: &str) -> Option<Officer> {
        let number: Option<u16> = typed.trim().parse().ok();
        let held = self.held();
        let mut meant = held.values().filter(|officer| !officer.is_removed()).filter(|officer| {
            number.map_or_else(|| officer.name.is_typed(typed), |number| officer.number == number)
        });
        let first = meant.next().cloned();
        first.filter(|_| meant.next().is_none())
    }

    /// Whether nobody keeps the accounts.
    pub fn lacks_admin(&self) -> bool {
        let keeps = |o: &Officer| o.offices.has(Office::Admin) && o.secret().is_some();
        !self.held().values().any(keeps)
    }

    /// Writes an account down, in place of what was there.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn set_officer(&self, officer: Officer) -> Result<(), CabinetError> {
        let name = [&[DRAWER], &officer.id.as_bytes()[..]].concat();
        self.cabinet().file(vec![Filing::put(name, &officer.shape())]).await?;
        self.held().insert(officer.id, officer);
        Ok(())
    }

    /// The same, if it still says what it said `before`; `false` where another gateway was quicker, and then nothing changes.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn set_officer_if(
        &self,
        before: &Officer,
        officer: Officer,
    ) -> Result<bool, CabinetError> {
        let name = [&[DRAWER], &officer.id.as_bytes()[..]].concat();
        let filing = vec![Filing::put(name.clone(), &officer.shape())];
        let done = self.cabinet().file_if(&name, Some(&before.shape()), filing).await?;
        if done {
            self.held().insert(officer.id, officer);
        }
        Ok(done)
    }

    /// Reads the accounts anew: another gateway on the same store may have changed them.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn reread_officers(&self) -> Result<(), CabinetError> {
        let fresh = read(self.cabinet()).await?;
        *self.held() = fresh;
        Ok(())
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Officers> {
        self.0.officers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_are_held_apart_and_together() {
        let two = Offices::of([Office::Tracer, Office::Auditor]);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Office::Tracer, Office::Auditor]);
        assert!(!two.has(Office::Admin) && !two.is_empty() && Offices::default().is_empty());
        assert_eq!(Offices::EVERY.iter().count(), Office::ALL.len());
        for office in Office::ALL {
            assert_eq!(Office::from_word(office.word()), Some(office));
        }
        assert_eq!(Office::from_word("manager"), None);
        let laboratory = Offices::of([Office::Laboratory]);
        assert!(!laboratory.is_empty() && !Offices::EVERY.has(Office::Laboratory));
    }

    #[test]
    fn an_account_reads_back_and_a_later_version_does_not() {
        let officer = Officer {
            id: StaffId::new([1; 8]),
            number: 4711,
            name: Name::new("Әлия Қасымова").unwrap(),
            offices: Offices::of([Office::Tracer]),
            access: Access::Unsettled,
            since: UnixMillis::new(5),
            passkeys: Vec::new(),
        };
        let bytes = minicbor::to_vec(officer.shape()).unwrap();
        let shape: Shape = minicbor::decode(&bytes).unwrap();
        assert_eq!(Officer::of(shape.clone()), Some(officer));
        assert_eq!(Officer::of(Shape { version: 2, ..shape }), None);
    }

    #[test]
    fn an_account_of_before_there_were_passkeys_reads_back() {
        let mut bytes = Vec::new();
        let mut e = minicbor::Encoder::new(&mut bytes);
        e.array(7).unwrap().u8(VERSION).unwrap().encode(StaffId::new([1; 8])).unwrap();
        e.u16(4711).unwrap().str("Ada").unwrap().u8(1).unwrap();
        e.encode(Access::Unsettled).unwrap().encode(UnixMillis::new(5)).unwrap();
        let officer = Officer::of(minicbor::decode(&bytes).unwrap()).unwrap();
        assert!(officer.passkeys.is_empty() && officer.number == 4711);
    }
}
