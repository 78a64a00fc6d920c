//! What makes doors siblings: removals are followed at every door; the one with the manager's key lets others join and
//! shares out the rights to admit.

use std::sync::{Arc, atomic::AtomicBool};

use node_core::pairing::{Pairing, PairingConfig};
use sync::{
    ledger::WallClock,
    membership::{Member, Place},
    peers::PairingCall,
};
use tokio::sync::mpsc;

use super::{Node, StartError, managers_key};
use crate::{
    capacity::ShareOut,
    config::{Config, ShareOutSetting},
    pairing,
    rekeying::Rekeying,
    secret, wiping,
};

impl Node {
    /// Follows removals at every door; lets others join at the one that has the manager's key.
    pub(super) fn let_others_join(
        &mut self,
        config: &Config,
        member: &Member,
        clock: &WallClock,
        calls: mpsc::Receiver<PairingCall>,
    ) -> Result<(), StartError> {
        let (Some(desk), Some(gate)) = (self.desk.clone(), &config.gate) else { return Ok(()) };
        let Place::Door { door, .. } = &member.place else { return Ok(()) };
        let manager = managers_key(config)?;
        let rekeying = Rekeying {
            ledger: self.ledger.clone(),
            desk: desk.clone(),
            tag_key: gate.tag_key.clone(),
            manager: manager.clone(),
            secrets: wiping::Secrets::of(config),
            clock: Arc::clone(clock),
            joined: door.not_before,
            left_out: AtomicBool::new(false),
        };
        self.tasks.spawn(rekeying.follow(self.stopping.rules.clone()));
        let (Some(manager), Some(section)) = (manager, &config.venue) else { return Ok(()) };
        if section.share_out == ShareOutSetting::Evenly {
            let share_out = ShareOut {
                ledger: self.ledger.clone(),
                desk: desk.clone(),
                manager: manager.clone(),
                closing_minute: section.closing.minute(),
                clock: Arc::clone(clock),
            };
            self.tasks.spawn(share_out.follow(self.stopping.rules.clone()));
        }
        let reached = match section.addresses.as_slice() {
            [] => pairing::reached_at(&self.peer_addresses),
            named => named.to_vec(),
        };
        let tag_key = gate.tag_key.clone();
        let pairing_config = PairingConfig {
            manager,
            addresses: reached,
            dial: config.peers.as_ref().map(|p| p.dial.clone()).unwrap_or_default(),
            ring: Arc::new(move || secret::load_tag_ring(&tag_key).ok()),
            clock: Arc::clone(clock),
        };
        let opened = Pairing::open(self.ledger.clone(), pairing_config);
        let (desk, service) = opened.ok_or(StartError::Role(
            "[venue] manager: this is not the key of the manager of this door's venue",
        ))?;
        let stopped = self.stopping.rules.clone();
        self.tasks.spawn(service.run(calls, stopped.clone().cancelled_owned()));
        self.tasks.spawn(pairing::watch(desk.clone(), config.node.data.clone(), stopped));
        self.pairing = Some(desk);
        Ok(())
    }
}
