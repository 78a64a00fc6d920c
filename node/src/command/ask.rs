//! What a person asks of a node: answered by the running node where one runs, else on the store itself.

use std::{path::Path, sync::Arc};

use serde_json::Value;
use sync::{
    ledger::{Ledger, WallClock},
    store::Durability,
};

use super::{CommandError, belongs_to_another, failed, in_words};
use crate::{
    config::{ClockSetting, Config},
    control::{self, Ask, Serving},
    office,
    start::{charter, zone_of},
    storing, wall,
};

/// The answers, one for each.
pub(super) async fn act(config: &Path, asks: Vec<Ask>) -> Result<Vec<Value>, CommandError> {
    let config = Config::load(config).map_err(|e| {
        CommandError::Usage(format!("the configuration is refused: {}", in_words(&e)))
    })?;
    let mut open = None;
    let mut done = Vec::new();
    for ask in asks {
        let asked = control::ask(&config.node.data, &ask).await;
        let answer = match asked.map_err(failed("the running node did not answer"))? {
            Some(answer) => answer,
            None => {
                if open.is_none() {
                    open = Some(open_store(&config).await?);
                }
                let Some(serving) = &open else { continue };
                control::act(ask, serving).await
            }
        };
        done.push(answer.map_err(failed("it was not done"))?);
    }
    if let Some(serving) = open {
        serving.ledger.close().await;
    }
    Ok(done)
}

async fn open_store(config: &Config) -> Result<Serving, CommandError> {
    if belongs_to_another(&config.node.data) {
        // The node could not read what root writes there.
        return Err(CommandError::Usage(format!(
            "no node runs here, and {} belongs to another user: run this as that one, such as sudo -u vestibule",
            config.node.data.display()
        )));
    }
    let (charter, member) = charter(config).map_err(failed("the node's papers are refused"))?;
    let path = config.node.data.join("ledger");
    let clock: WallClock = Arc::new(wall::now);
    let ledger = Ledger::open(&path, charter, Durability::Fsync, Arc::clone(&clock))
        .map_err(failed("the store cannot be opened"))?;
    let authority = match &config.authority {
        Some(section) => {
            let authority = storing::open(section, ledger.clone(), clock).await;
            let authority = authority.map_err(failed("the authority's store cannot be opened"))?;
            authority.require_second(section.second_approver);
            let keys = office::keys(section, &config.node.roots);
            authority.equip(keys.map_err(failed("the office's keys cannot be used"))?);
            Some(authority)
        }
        None => None,
    };
    let tracing = config.authority.as_ref().map(|section| section.tracing.clone());
    Ok(Serving {
        ledger,
        authority,
        tracing,
        sights: None,
        clock_trusted: config.node.clock == ClockSetting::Trusted,
        zone: zone_of(&member),
    })
}
