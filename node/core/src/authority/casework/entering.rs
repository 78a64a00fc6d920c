//! People whom an answer found, entered into the registry as contacts: their status follows from then on.

use std::collections::BTreeMap;

use sync::{id::Subject, time::UnixMillis};

use super::{CaseError, CaseId, Detail};
use crate::{
    authority::{
        Authority,
        registry::{ENTRIES_MAX, Entry, How, Known},
    },
    code::ids::TypedNumber,
};

/// What became of those whom an answer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// So many are contacts now.
    pub entered: usize,
    /// Of so many no number is known: another issuer's card names nobody here.
    pub unknown: usize,
}

impl Authority {
    /// Enters those who met the person asked about, or were at the venue, as contacts from when they last did. Contact
    /// details are opened for it: write it down first. What that withdraws is for the next
    /// [`Authority::publish_withdrawals`].
    ///
    /// # Errors
    /// [`CaseError::NotAnswered`] where the question waits or was refused.
    pub async fn enter_as_contacts(&self, id: CaseId, number: u32) -> Result<Entered, CaseError> {
        let (_, found) = self.found(id, number).await?;
        let details = self.details(id, number).await?;
        let mut last: BTreeMap<Subject, UnixMillis> = BTreeMap::new();
        for met in found.met.iter().filter(|met| met.degree == 1) {
            let at = last.entry(met.subject).or_insert(met.until);
            *at = (*at).max(met.until);
        }
        let now = (self.0.clock)();
        let entry = |(subject, at): (&Subject, &UnixMillis)| {
            let number = self.number_of(subject, details.get(subject)?)?;
            let known = Known::Contact { at: (*at).min(now) };
            Some(Entry { number, name: None, known, how: How::Adds })
        };
        let entries: Vec<Entry> = last.iter().filter_map(entry).collect();
        for some in entries.chunks(ENTRIES_MAX) {
            self.register(some).await?;
        }
        Ok(Entered { entered: entries.len(), unknown: last.len() - entries.len() })
    }

    /// The number under which the registry knows a person: the one of which the pseudonym is made.
    fn number_of(&self, subject: &Subject, detail: &Detail) -> Option<TypedNumber> {
        let phone = detail.phone.iter().map(|phone| (sync::sealed::NumberKind::Phone, phone));
        let document = detail.document.iter().map(|(kind, number)| (*kind, number));
        let numbers = document.chain(phone).filter_map(|(kind, n)| TypedNumber::read(kind, n).ok());
        let mut own =
            numbers.filter(|number| self.0.registry.pseudonym(&number.to_typed()) == *subject);
        own.next()
    }
}
