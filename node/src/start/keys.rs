//! What the node follows of keys, and the ways on which the authority sends answers, and letters to other regions.

use node_core::authority::{Authority, sormas::PARCELS_MAX};
use tokio::sync::mpsc;

use super::{Node, StartError};
use crate::{
    abroad,
    config::{AuthoritySection, Config},
    roots, sormas,
    storing::StoringError,
    weeks,
};

impl Node {
    /// New roots of the region are written down, and new tracing secrets taken up.
    pub(super) fn follow_keys(&mut self, config: &Config) {
        let (data, stopped) = (config.node.data.clone(), self.stopping.rules.clone());
        self.tasks.spawn(roots::follow(self.ledger.clone(), data, stopped.clone()));
        if let (Some(section), Some(authority)) = (&config.authority, &self.authority) {
            self.tasks.spawn(weeks::follow(section.tracing.clone(), authority.clone(), stopped));
        }
    }

    /// Gives the authority its courier, where a server is configured.
    pub(super) fn send_answers(
        &mut self,
        section: &AuthoritySection,
        authority: &Authority,
    ) -> Result<(), StartError> {
        let Some(server) = &section.sormas else { return Ok(()) };
        let server = sormas::Server::open(server)?;
        let (courier, parcels) = mpsc::channel(PARCELS_MAX);
        self.tasks.spawn(sormas::run(server, parcels, self.stopping.web.clone()));
        authority.send_by(courier);
        Ok(())
    }

    /// Hands letters to other regions from now on.
    pub(super) fn tell_abroad(
        &mut self,
        section: &AuthoritySection,
        authority: &Authority,
    ) -> Result<(), StartError> {
        let ca = abroad::trusted(section.abroad_ca.as_deref()).map_err(StoringError::AbroadCa)?;
        self.tasks.spawn(abroad::run(authority.clone(), ca, self.stopping.web.clone()));
        Ok(())
    }
}
