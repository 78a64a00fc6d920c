//! What the node follows of keys, and the way on which the authority sends answers.

use node_core::authority::{Authority, sormas::PARCELS_MAX};
use tokio::sync::mpsc;

use super::{Node, StartError};
use crate::{
    config::{AuthoritySection, Config},
    roots, sormas, weeks,
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
}
