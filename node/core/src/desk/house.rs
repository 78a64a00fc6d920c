//! The venue's own rules as a desk knows them: what the manager has signed, and nothing that a door says of it.

use std::sync::Arc;

use sync::{
    id::{PublicKey, RecordId},
    record::{Edit, Record, StoredRecord},
};

use super::{ActError, Desk, state::State, weigh};
use crate::{
    notes::Notes,
    policy::{AdmitTable, HOUSE_FIELD, HouseRules, StaffRelease, TemperatureCheck},
};

/// The manager's edits of the rules, and what they come to.
#[derive(Debug, Default)]
pub(super) struct House {
    /// Of nobody but the manager: an edit of a door can neither add to these nor replace one.
    edits: Notes,
    rules: Arc<HouseRules>,
    /// Whether a value stands that this version cannot read.
    unread: bool,
}

/// What region and venue together ask of the person at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// Whether a temperature is wanted.
    pub(super) temperature: TemperatureCheck,
    /// Whether refusals bind.
    pub(super) binding: bool,
}

impl House {
    /// Whether an edit is about them.
    pub(super) fn concerns(edit: &Edit) -> bool {
        edit.field == HOUSE_FIELD
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn take(&mut self, stored: &StoredRecord, manager: Option<PublicKey>) {
        if manager != Some(stored.id.chain.author) {
            return;
        }
        self.edits.take(stored);
        let values = self.edits.values(HOUSE_FIELD);
        let read: Vec<_> = values.iter().map(|v| HouseRules::from_bytes(&v.value)).collect();
        let unread = read.iter().any(Option::is_none);
        if unread && !self.unread {
            tracing::warn!("the venue's own rules are of a version that this door does not know");
        }
        self.unread = unread;
        self.rules =
            read.into_iter().flatten().fold(HouseRules::default(), HouseRules::with).into();
    }

    pub(super) fn rules(&self) -> &HouseRules {
        &self.rules
    }
}

impl State {
    /// What is asked of the person at the desk.
    pub(super) fn asked(&self) -> Asked {
        let (policy, house) = (&self.rules.policy, self.house.rules());
        Asked {
            temperature: policy.temperature.max(house.temperature),
            binding: house.binding || policy.staff_release == StaffRelease::AdmittedOnly,
        }
    }
}

impl Desk {
    /// The venue's own rules, as far as this door has heard; and whether some stand that it cannot read.
    pub fn house_rules(&self) -> (Arc<HouseRules>, bool) {
        let state = self.state();
        (Arc::clone(&state.house.rules), state.house.unread)
    }

    /// Which status the region lets in here.
    pub fn region_admits(&self) -> AdmitTable {
        let now = self.moment();
        weigh::admitted(&self.state().rules, self.site(), now).clone()
    }

    /// Sets the venue's own rules, in place of what stands here.
    ///
    /// # Errors
    /// [`ActError`]; then they are as they were.
    pub async fn set_house_rules(&self, rules: &HouseRules) -> Result<RecordId, ActError> {
        self.belongs()?;
        let manager = self.0.config.manager.clone().filter(|_| self.keeps_staff());
        let manager = manager.ok_or(ActError::Elsewhere)?;
        let value = (!rules.are_none()).then(|| rules.to_bytes());
        let now = self.moment().wall;
        let edit = self.state().house.edits.edit(now, HOUSE_FIELD, value);
        self.write_as(&manager, Record::Edit(edit)).await
    }
}
