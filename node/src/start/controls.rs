//! Opens the control socket of a node: what commands are answered from.

use scanner::Scanner;
use sync::membership::Member;

use super::{Node, sections::zone_of};
use crate::{
    condition::Sights,
    config::{ClockSetting, Config},
    control, papers,
};

impl Node {
    /// Keeps renewed papers, and answers commands.
    pub(super) fn open_control(&mut self, config: &Config, member: &Member) {
        let (data, stopped) = (config.node.data.clone(), self.stopping.rules.clone());
        self.tasks.spawn(papers::follow(self.ledger.clone(), data, stopped));
        let serving = control::Serving {
            ledger: self.ledger.clone(),
            authority: self.authority.clone(),
            tracing: config.authority.as_ref().map(|section| section.tracing.clone()),
            sights: Some(Sights {
                desk: self.desk.clone(),
                peers: self.peers_status.clone(),
                scanner: self.scanner.as_ref().map(Scanner::stats),
            }),
            clock_trusted: config.node.clock == ClockSetting::Trusted,
            zone: zone_of(member),
        };
        // Without it the node works; commands then need it to be stopped.
        match control::serve(&config.node.data, serving, self.stopping.rules.clone()) {
            Ok(served) => drop(self.tasks.spawn(served)),
            Err(error) => tracing::warn!(%error, "no control socket in the data folder"),
        }
    }
}
