//! What a person asks of a node: answered by the running node where one runs, else on the store itself.

use std::{path::Path, sync::Arc};

use node_core::authority::Authority;
use serde_json::Value;
use sync::{
    ledger::{Ledger, WallClock},
    store::Durability,
};

use super::{CommandError, failed, in_words};
use crate::{
    config::Config,
    control::{self, Ask, Serving},
    office, secret,
    start::charter,
    wall,
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
    let (charter, _) = charter(config).map_err(failed("the node's papers are refused"))?;
    let path = config.node.data.join("ledger");
    let clock: WallClock = Arc::new(wall::now);
    let ledger = Ledger::open(&path, charter, Durability::Fsync, Arc::clone(&clock))
        .map_err(failed("the store cannot be opened"))?;
    let authority = match &config.authority {
        Some(section) => {
            let secrets = secret::load_tracing(&section.tracing)
                .map_err(failed("the tracing secrets cannot be used"))?;
            let authority = Authority::open(ledger.clone(), secrets, clock).await;
            let authority = authority.map_err(failed("the index cannot be opened"))?;
            let keys = office::keys(section, &config.node.roots);
            authority.equip(keys.map_err(failed("the office's keys cannot be used"))?);
            Some(authority)
        }
        None => None,
    };
    let tracing = config.authority.as_ref().map(|section| section.tracing.clone());
    Ok(Serving { ledger, authority, tracing })
}
