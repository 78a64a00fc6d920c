//! All accounts of a venue, as the manager's documents have them.

use std::collections::BTreeMap;

use sync::time::UnixMillis;

use super::{Role, StaffId, StaffMember};

/// The most accounts that count, removed ones among them; those with the least ids stay.
const ACCOUNTS_MAX: usize = 512;

/// Every account, by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster(BTreeMap<StaffId, StaffMember>);

impl Roster {
    /// Puts the standing values of one field in place of what was there. What is no account is passed over.
    pub fn set<'a>(&mut self, field: &str, values: impl Iterator<Item = &'a [u8]>) {
        let members = values.filter_map(|value| StaffMember::from_field(field, value));
        match members.reduce(StaffMember::meet) {
            Some(member) => {
                self.0.insert(member.id, member);
                while self.0.len() > ACCOUNTS_MAX {
                    self.0.pop_last();
                }
            }
            None => {
                let id = field.strip_prefix(super::FIELD).and_then(StaffId::from_hex);
                if let Some(id) = id {
                    self.0.remove(&id);
                }
            }
        }
    }

    /// An account, whatever its state.
    pub fn get(&self, id: &StaffId) -> Option<&StaffMember> {
        self.0.get(id)
    }

    /// Every account, removed ones too.
    pub fn all(&self) -> impl Iterator<Item = &StaffMember> {
        self.0.values()
    }

    /// Every account that was not removed.
    pub fn present(&self) -> impl Iterator<Item = &StaffMember> {
        self.0.values().filter(|member| !member.is_removed())
    }

    /// The manager, once bound: there is one. Were there two, because one door did not know of the other's, both are.
    pub fn managers(&self, now: UnixMillis) -> impl Iterator<Item = &StaffMember> {
        self.present().filter(move |m| m.role == Role::Manager && m.secret(now).is_some())
    }

    /// The account meant by what was typed: a number or a name. `None` where nobody has it, or more than one.
    pub fn named(&self, typed: &str) -> Option<&StaffMember> {
        let number: Option<u16> = typed.trim().parse().ok();
        let meant = |member: &&StaffMember| match number {
            Some(number) => member.number == number,
            None => member.name.is_typed(typed),
        };
        let mut found = self.present().filter(meant);
        found.next().filter(|_| found.next().is_none())
    }

    /// Whether no further account would count.
    pub fn is_full(&self) -> bool {
        self.0.len() >= ACCOUNTS_MAX
    }

    /// Whether a new account may have this number.
    pub fn is_free(&self, number: u16) -> bool {
        self.all().all(|member| member.number != number)
    }
}
