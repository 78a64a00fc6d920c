//! What people do at the desk besides deciding: count by hand, take back, write notes. All durable when it returns.

use std::collections::BTreeMap;

use sync::{
    id::{RecordId, Tag, ZoneId},
    key::SecretKey,
    ledger::LedgerError,
    record::{Amend, Clicks, Correction, Record, Reset, StoredRecord},
    time::{Day, UnixMillis},
};

use super::{Desk, weigh};
use crate::{
    event::UndoReason,
    notes::{FieldValue, NOTE},
    policy::HOUSE_FIELD,
    staff,
};

/// The longest name of a field, bytes.
const FIELD_MAX: usize = 64;
/// The longest value of a field, bytes.
const VALUE_MAX: usize = 640;
/// The most people in one click.
const CLICK_MAX: u16 = 500;

/// Why something was not written down.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// The capacity binds, and this door has no right left to let so many in.
    #[error("no place is left that this door may give")]
    NoRights,
    /// Nobody, or more at once than a person counts.
    #[error("{0} is no number of people to count at once")]
    People(i16),
    /// This door's node was removed from the venue: what it writes counts nowhere.
    #[error("this door no longer belongs to the venue")]
    Removed,
    /// Only the door that holds the manager's key writes this.
    #[error("only the door that holds the manager's key can do this")]
    Elsewhere,
    /// The name or the value is too long.
    #[error("the {0} is empty or too long")]
    Field(&'static str),
    /// The verdict that it is about was decided, or is too old.
    #[error("this verdict is no longer waiting")]
    Gone,
    /// It could not be written down, so it does not count.
    #[error("it could not be recorded")]
    Ledger(#[from] LedgerError),
}

/// Rights in use by what is being written; back when dropped, for then the record counts, or nothing was written.
pub(super) struct Right<'a> {
    desk: &'a Desk,
    zone: ZoneId,
    rights: u32,
}

impl Drop for Right<'_> {
    fn drop(&mut self) {
        if let Some(reserved) = self.desk.state().reserved.get_mut(&self.zone) {
            *reserved = reserved.saturating_sub(self.rights);
        }
    }
}

impl Desk {
    /// Takes so many rights of this door into use, if it has them; where nothing binds it always has. The entry of a
    /// person (`tag`) may stand in the place of that person's earlier one here.
    pub(super) fn reserve(
        &self,
        rights: u32,
        tag: Option<&Tag>,
        now: UnixMillis,
    ) -> Option<Right<'_>> {
        let zone = self.site().part;
        let mut state = self.state();
        let has = match tag {
            _ if rights == 0 => true,
            Some(tag) => state.may_enter(zone, Some(tag), now),
            None => state.free(zone, now).is_none_or(|free| free >= i64::from(rights)),
        };
        if !has {
            return None;
        }
        *state.reserved.entry(zone).or_default() += rights;
        Some(Right { desk: self, zone, rights })
    }

    /// People without codes came in (positive) or went out (negative).
    ///
    /// # Errors
    /// [`ActError`]; then it does not count.
    pub async fn click(&self, people: i16) -> Result<RecordId, ActError> {
        self.belongs()?;
        if people == 0 || people.unsigned_abs() > CLICK_MAX {
            return Err(ActError::People(people));
        }
        let now = self.moment();
        let needed = u32::try_from(people).unwrap_or(0);
        let right = self.reserve(needed, None, now.wall).ok_or(ActError::NoRights)?;
        let (entrance, zone) = (self.site().entrance, self.site().part);
        let clicks = Clicks { at: now.wall, clock: now.trust, entrance, zone, people };
        let id = self.write(self.0.config.day(now), Record::Clicks(clicks)).await?;
        drop(right);
        Ok(id)
    }

    /// Takes back a visit, clicks or a count by hand: it stays written, and does not count.
    ///
    /// # Errors
    /// [`ActError`]; then it still counts.
    pub async fn void(&self, of: RecordId) -> Result<RecordId, ActError> {
        self.void_because(of, None).await
    }

    /// The same, with the reason that the person gave.
    ///
    /// # Errors
    /// [`ActError`]; then it still counts.
    pub async fn void_because(
        &self,
        of: RecordId,
        why: Option<UndoReason>,
    ) -> Result<RecordId, ActError> {
        self.belongs()?;
        let now = self.moment();
        let why = why.map(|why| why.word().to_owned());
        let correction = Correction { at: now.wall, of, amend: Amend::Void, why };
        self.write(self.0.config.day(now), Record::Correction(correction)).await
    }

    /// Somebody counted all who are in a part of the venue: from now on so many are.
    ///
    /// # Errors
    /// [`ActError`]; then it does not count.
    pub async fn reset(&self, zone: ZoneId, inside: u32) -> Result<RecordId, ActError> {
        self.belongs()?;
        let now = self.moment();
        let reset = Reset { at: now.wall, zone, inside };
        self.write(self.0.config.day(now), Record::Reset(reset)).await
    }

    /// Sets a field of the venue's documents, or clears it, in place of the values that stand here.
    ///
    /// # Errors
    /// [`ActError`]; then it is as it was.
    pub async fn set_field(
        &self,
        field: &str,
        value: Option<Vec<u8>>,
    ) -> Result<RecordId, ActError> {
        self.belongs()?;
        // Accounts and the venue's own rules have ways of their own, by which nobody but the manager is believed.
        let own_way = field.starts_with(staff::FIELD) || field == HOUSE_FIELD;
        if field.is_empty() || field.len() > FIELD_MAX || own_way {
            return Err(ActError::Field("name"));
        }
        if value.as_ref().is_some_and(|v| v.len() > VALUE_MAX) {
            return Err(ActError::Field("value"));
        }
        let now = self.moment();
        let edit = Record::Edit(self.state().notes.edit(now.wall, field, value));
        // Notes are the door's own; the other fields are the manager's, at the door that has the manager's key.
        let manager = self.0.config.manager.clone().filter(|_| !field.starts_with(NOTE));
        match manager {
            Some(manager) => self.write_as(&manager, edit).await,
            None => self.write(Day::STANDING, edit).await,
        }
    }

    /// Writes a record in the manager's document of this start.
    pub(super) async fn write_as(
        &self,
        manager: &SecretKey,
        record: Record,
    ) -> Result<RecordId, ActError> {
        let id = self.0.ledger.name_for(&manager.public());
        self.0.ledger.record_as(manager, id, self.site().venue, record.clone()).await?;
        self.state().wrote(&StoredRecord { id, record });
        self.refresh_view();
        Ok(id)
    }

    /// Every field that is set, with the values that stand.
    pub fn fields(&self) -> BTreeMap<String, Vec<FieldValue>> {
        self.state().notes.fields()
    }

    pub(super) fn belongs(&self) -> Result<(), ActError> {
        if self.is_removed() { Err(ActError::Removed) } else { Ok(()) }
    }

    /// Writes an own record and, once it is durable, goes by it.
    pub(super) async fn write(&self, day: Day, record: Record) -> Result<RecordId, ActError> {
        let id = self.0.ledger.name(day);
        self.0.ledger.record(id, self.site().venue, record.clone()).await?;
        self.state().wrote(&StoredRecord { id, record });
        self.refresh_view();
        Ok(id)
    }

    /// Whether one more visitor could come in here now; the reason where not.
    pub fn no_place(&self) -> Option<crate::reason::Reason> {
        let now = self.moment();
        weigh::no_place(None, false, self.site(), &mut self.state(), now)
    }
}
