//! Papers of the register's venues: what a root is to sign, and which of what was signed stands.

use sync::{id::VenueId, key::Signed, membership::VenueGrant, time::DAY_MILLIS};

use super::{Authority, EnrolError, Enrolled, GRANT_DAYS_MAX, stands, venue_name};
use crate::{
    authority::{application::Application, cabinet::Filing},
    code::paper::venue_grant_from_text,
};

impl Authority {
    /// What is to be signed for a venue by a root, beginning now.
    ///
    /// # Errors
    /// [`EnrolError`] when it is unknown, has no manager, or the days are out of range.
    pub async fn grant_wanted(&self, venue: VenueId, days: u32) -> Result<VenueGrant, EnrolError> {
        if !(1..=GRANT_DAYS_MAX).contains(&days) {
            return Err(EnrolError::Days);
        }
        let entry = self.venue(venue).await?.ok_or(EnrolError::Unknown)?;
        let now = (self.0.clock)();
        // What its doors wrote under earlier papers must hold under these: the root that signed those may be gone.
        let begun = entry.granted().map(|grant| grant.not_before);
        let from = now.plus_millis(-crate::clock::SKEW_MILLIS);
        let Enrolled { application, .. } = entry;
        let Terms { doors, activity, area } = terms(&application);
        Ok(VenueGrant {
            region: self.0.ledger.charter().region,
            venue,
            name: application.name,
            zone: application.time_zone,
            manager: application.manager.ok_or(EnrolError::NoManager)?,
            capacity: application.capacity,
            activity,
            area,
            not_before: begun.map_or(from, |begun| begun.min(from)),
            not_after: now.plus_millis(i64::from(days) * DAY_MILLIS),
            doors,
        })
    }

    /// Signs a venue's papers with the root's key of this machine, where one is kept here.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn grant(&self, venue: VenueId, days: u32) -> Result<Signed<VenueGrant>, EnrolError> {
        let root = self.keys().root.ok_or(EnrolError::NoRoot)?;
        let wanted = self.grant_wanted(venue, days).await?;
        self.take_grant(Signed::seal(&wanted, &root)).await?;
        let entry = self.venue(venue).await?.ok_or(EnrolError::Unknown)?;
        entry.grant.ok_or(EnrolError::NotAGrant)
    }

    /// Takes papers that a root signed elsewhere, from their text.
    ///
    /// # Errors
    /// [`EnrolError::NotAGrant`], [`EnrolError::Shorter`] where those of the register are better, or the cabinet's.
    pub async fn take_grant_text(&self, text: &str) -> Result<VenueId, EnrolError> {
        self.take_grant(venue_grant_from_text(text).ok_or(EnrolError::NotAGrant)?).await
    }

    pub(in super::super) async fn take_grant(
        &self,
        signed: Signed<VenueGrant>,
    ) -> Result<VenueId, EnrolError> {
        let charter = self.0.ledger.charter();
        let grant = charter.roots.set().keys.iter().find_map(|root| signed.open(root).ok());
        let grant = grant.filter(|grant| grant.region == charter.region);
        let grant = grant.ok_or(EnrolError::NotAGrant)?;
        let _alone = self.0.office.lock().await;
        loop {
            let before = self.venue(grant.venue).await?.ok_or(EnrolError::NotAGrant)?;
            if before.application.manager != Some(grant.manager) {
                return Err(EnrolError::NotAGrant);
            }
            // An earlier one that somebody brings again takes nothing away, where the longer one still counts.
            let held = before.grant.as_ref();
            let held = held.and_then(|held| stands(held, &charter.roots.granting()));
            let longer = |held: &VenueGrant| {
                held.manager == grant.manager && held.not_after > grant.not_after
            };
            if let Some(held) = held.filter(longer) {
                let better = fits(&before.application, &grant) && before.outgrew_its_papers();
                if !better {
                    return Err(EnrolError::Shorter(held.not_after));
                }
            }
            let first_grant = before.takes_part_since().or(Some((self.0.clock)()));
            let entry = Enrolled { grant: Some(signed.clone()), first_grant, ..before.clone() };
            let name = venue_name(grant.venue);
            let filing = vec![Filing::put(name.clone(), &entry)];
            if self.0.cabinet.file_if(&name, Some(&before), filing).await? {
                return Ok(grant.venue);
            }
        }
    }
}

/// Whether papers say what an application does.
pub(super) fn fits(application: &Application, grant: &VenueGrant) -> bool {
    let Terms { doors, activity, area } = terms(application);
    application.name == grant.name
        && application.time_zone == grant.zone
        && application.manager == Some(grant.manager)
        && application.capacity == grant.capacity
        && (&doors, &activity, &area) == (&grant.doors, &grant.activity, &grant.area)
}

/// What papers say of an application in another shape.
struct Terms {
    doors: Option<u16>,
    activity: Option<String>,
    area: Option<String>,
}

fn terms(application: &Application) -> Terms {
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let doors = u16::try_from(application.entrances.len()).ok().filter(|doors| *doors > 0);
    Terms { doors, activity: said(&application.activity), area: said(&application.area) }
}
