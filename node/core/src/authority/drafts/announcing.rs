//! Texts of bulletins that are made from what the authority knows: how venues stand, what is announced to them.

use sync::bulletin::BulletinKind;

use super::{Authority, DraftError};
use crate::{
    announcements::{Announcement, Announcements},
    authority::participation::Phase,
    standing::{StandingList, Stands, VenueStanding},
};

impl Authority {
    /// The text of a bulletin of standing: venues in test mode and those that are shut out, as the register and the
    /// confirmed violations have it now.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn standing_now(&self) -> Result<Vec<u8>, DraftError> {
        let all = self.participants().await?;
        let stands = all.iter().filter_map(|(facts, standing)| {
            let (stands, until) = match standing.phase {
                Phase::Test(until) => (Stands::Test, until),
                Phase::Out(until) => (Stands::Excluded, until),
                Phase::Active | Phase::Silent(_) => return None,
            };
            Some((facts.venue, VenueStanding { stands, until }))
        });
        // Where one list does not carry all, those that are shut out come first.
        let mut stands: Vec<_> = stands.collect();
        stands.sort_by_key(|(venue, standing)| (standing.stands == Stands::Test, *venue));
        Ok(StandingList::body(self.body_version(), stands))
    }

    /// What is announced now.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn announced(&self) -> Result<Vec<Announcement>, DraftError> {
        let held = self.in_force(BulletinKind::Announcements).await?;
        let now = (self.0.clock)();
        let Some(held) = held else { return Ok(Vec::new()) };
        Ok(Announcements::parse(&held.body)?.current(now).cloned().collect())
    }

    /// The text of a bulletin of announcements: those that hold now, and this one, in place of one of its name.
    ///
    /// # Errors
    /// [`DraftError`].
    pub async fn with_announcement(&self, new: Announcement) -> Result<Vec<u8>, DraftError> {
        let mut all = self.announced().await?;
        all.retain(|held| held.id != new.id);
        all.push(new);
        let body = Announcements::body(self.body_version(), &all);
        Announcements::parse(&body)?;
        Ok(body)
    }

    /// The same without one of them.
    ///
    /// # Errors
    /// [`DraftError::NotAnnounced`] where it does not hold.
    pub async fn without_announcement(&self, id: &str) -> Result<Vec<u8>, DraftError> {
        let mut all = self.announced().await?;
        let before = all.len();
        all.retain(|held| held.id != id);
        if all.len() == before {
            return Err(DraftError::NotAnnounced);
        }
        Ok(Announcements::body(self.body_version(), &all))
    }

    fn body_version(&self) -> u64 {
        u64::try_from((self.0.clock)().secs()).unwrap_or(0)
    }
}
