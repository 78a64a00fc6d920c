//! The accounts of the staff as a desk knows them: what the manager has signed, and nothing that a door says of it.

use std::sync::Arc;

use sync::{
    id::{PublicKey, RecordId},
    ledger::Ledger,
    membership::Place,
    record::{Edit, Record, StoredRecord},
    time::{Day, UnixMillis},
};

use super::{ActError, Desk};
use crate::{
    notes::Notes,
    staff::{self, Roster, StaffMember},
};

/// The manager's edits of accounts, and what they come to.
#[derive(Debug)]
pub(super) struct Staffing {
    /// Whose edits are believed: the key that a root of the region named in the venue's grant.
    manager: Option<PublicKey>,
    /// Of nobody else: an edit of a door can neither add to these nor replace one.
    edits: Notes,
    roster: Arc<Roster>,
}

impl Staffing {
    /// Of the venue to which this node's own papers belong.
    pub(super) fn of(ledger: &Ledger, now: UnixMillis) -> Self {
        let charter = ledger.charter();
        let own = charter.key.public();
        let manager = match charter.membership.check_near(&charter.roots.own(), &own, now) {
            Ok(member) => match member.place {
                Place::Door { venue, .. } => Some(venue.manager),
                Place::Authority(_) => None,
            },
            Err(_) => None,
        };
        Self { manager, edits: Notes::default(), roster: Arc::default() }
    }

    /// Whose word counts on what only the manager says.
    pub(super) const fn manager(&self) -> Option<PublicKey> {
        self.manager
    }

    /// Whether an edit is about an account.
    pub(super) fn concerns(edit: &Edit) -> bool {
        edit.field.starts_with(staff::FIELD)
    }

    pub(super) fn clear(&mut self) {
        self.edits = Notes::default();
        self.roster = Arc::default();
    }

    pub(super) fn take(&mut self, stored: &StoredRecord) {
        let Record::Edit(edit) = &stored.record else { return };
        if self.manager != Some(stored.id.chain.author) {
            return;
        }
        self.edits.take(stored);
        let values = self.edits.values(&edit.field);
        let roster = Arc::make_mut(&mut self.roster);
        roster.set(&edit.field, values.iter().map(|value| value.value.as_slice()));
    }
}

impl Desk {
    /// Every account of the venue, as far as this door has heard.
    pub fn staff(&self) -> Arc<Roster> {
        Arc::clone(&self.state().staffing.roster)
    }

    /// Whether accounts are made and changed at this door: it holds the manager's key.
    pub fn keeps_staff(&self) -> bool {
        let manager = self.0.config.manager.as_ref().map(|key| key.public());
        manager.is_some() && manager == self.state().staffing.manager
    }

    /// The name of the door at which the manager wrote last: there the staff is kept. `None` before that, or where the
    /// door is not known here.
    pub fn staff_door(&self) -> Option<String> {
        let manager = self.state().staffing.manager?;
        let heads = self.0.ledger.heads().borrow().clone();
        let written = heads.chains().filter(|(c, _)| c.author == manager && c.day == Day::STANDING);
        let (chain, _) = written.max_by_key(|(chain, head)| (head.last_at, chain.epoch))?;
        // The manager's document of a start has that start's name, as the door's own ones have.
        let door = heads.chains().find(|(c, _)| c.epoch == chain.epoch && c.author != manager)?;
        let (own, door) = (self.0.ledger.charter().key.public(), door.0.author);
        if door == own {
            return Some(self.site().entrance_name.clone());
        }
        self.state().names.get(&door).cloned()
    }

    /// Makes or changes an account, in place of what stands here.
    ///
    /// # Errors
    /// [`ActError`]; then it is as it was.
    pub async fn set_member(&self, member: &StaffMember) -> Result<RecordId, ActError> {
        self.belongs()?;
        let manager = self.0.config.manager.clone().filter(|_| self.keeps_staff());
        let manager = manager.ok_or(ActError::Elsewhere)?;
        let (field, now) = (StaffMember::field(&member.id), self.moment().wall);
        let edit = self.state().staffing.edits.edit(now, &field, Some(member.to_bytes()));
        self.write_as(&manager, Record::Edit(edit)).await
    }
}

#[cfg(test)]
mod tests {
    use sync::{
        id::{ChainId, Epoch, RecordNumber},
        record::StoredRecord,
    };

    use super::*;
    use crate::staff::{Access, Name, Role, StaffId};

    const MANAGER: PublicKey = PublicKey::new([2; 32]);
    const DOOR: PublicKey = PublicKey::new([3; 32]);

    fn member(role: Role, access: Access) -> StaffMember {
        StaffMember {
            id: StaffId::new([1; 8]),
            number: 1234,
            name: Name::new("Anna").unwrap(),
            role,
            access,
            since: UnixMillis::new(1),
            until: None,
            shift_end: None,
        }
    }

    fn stored(author: PublicKey, number: u64, edit: Edit) -> StoredRecord {
        let chain = ChainId { author, epoch: Epoch::new([9; 8]), day: Day::STANDING };
        let id = RecordId { chain, number: RecordNumber::new(number) };
        StoredRecord { id, record: Record::Edit(edit) }
    }

    fn edit(at: i64, member: &StaffMember, replaces: &[RecordId]) -> Edit {
        Edit {
            at: UnixMillis::new(at),
            field: StaffMember::field(&member.id),
            value: Some(member.to_bytes().into()),
            replaces: replaces.to_vec(),
        }
    }

    #[test]
    fn a_hostile_door_can_neither_make_a_manager_nor_bring_back_nor_take_away_an_account() {
        let secret = Access::Secret("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".into());
        let mut staffing =
            Staffing { manager: Some(MANAGER), edits: Notes::default(), roster: Arc::default() };
        let hostile = member(Role::Manager, secret.clone());
        staffing.take(&stored(DOOR, 1, edit(1, &hostile, &[])));
        assert_eq!(staffing.roster.all().count(), 0, "made by a door");
        let staff = stored(MANAGER, 1, edit(2, &member(Role::Staff, secret.clone()), &[]));
        staffing.take(&staff);
        assert_eq!(staffing.roster.present().count(), 1);
        staffing.take(&stored(DOOR, 2, edit(3, &hostile, &[staff.id])));
        let found = staffing.roster.get(&StaffId::new([1; 8])).unwrap();
        assert_eq!(found.role, Role::Staff, "raised by a door");
        let cleared = Edit { value: None, ..edit(4, &hostile, &[staff.id]) };
        staffing.take(&stored(DOOR, 3, cleared));
        assert_eq!(staffing.roster.present().count(), 1, "taken away by a door");
        let gone = member(Role::Staff, Access::Removed);
        let gone = stored(MANAGER, 2, edit(5, &gone, &[staff.id]));
        staffing.take(&gone);
        staffing.take(&stored(DOOR, 4, edit(6, &hostile, &[gone.id])));
        staffing.take(&staff); // heard once more
        assert_eq!(staffing.roster.present().count(), 0, "brought back");
    }
}
