//! `vestibule authority init-store`: makes the shared store, or brings it up to this program's version.

use std::path::PathBuf;

use node_core::authority::store::postgres::schema::{self, Layout};
use serde_json::json;
use sync::time::Zone;

use super::{Answer, CommandError, failed, in_words, run::runtime, say};
use crate::{config::Config, storing, wall};

const EXAMPLES: &str = "Examples:
  createdb vestibule && vestibule authority init-store --config authority.toml
  vestibule authority init-store --config authority.toml --distribute

It can be run again: what is there stays. --distribute is for a sharded PostgreSQL with the extension citus: a new store is
laid out so that visits are found by person in a table of their own, and its tables are distributed.";

/// Make the shared store that `[authority] store` names, or bring it up to this program's version.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct InitStoreArgs {
    /// The authority's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Distribute the tables over a cluster, with the extension citus.
    #[arg(long)]
    distribute: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule authority init-store`.
///
/// # Errors
/// [`CommandError`] says why the store could not be made.
pub fn run(args: InitStoreArgs) -> Result<Answer, CommandError> {
    let config = Config::load(&args.config).map_err(|e| {
        CommandError::Usage(format!("the configuration is refused: {}", in_words(&e)))
    })?;
    let section = config.authority.as_ref();
    let address = section.map(storing::address).transpose();
    let address = address.map_err(failed("the address of the store cannot be used"))?.flatten();
    let Some(address) = address else {
        return Err(CommandError::Usage(format!(
            "{}: [authority] store names no PostgreSQL; the node's own ledger needs no making",
            args.config.display()
        )));
    };
    let layout = if args.distribute { Layout::SecondTable } else { Layout::Index };
    let today = Zone::utc().day(wall::now());
    let made = runtime()?.block_on(schema::init(&address, layout, args.distribute, today));
    let made = made.map_err(failed("the store could not be made"))?;
    let layout = match made.layout {
        Layout::Index => "index",
        Layout::SecondTable => "second-table",
    };
    if args.json {
        say(json!({ "before": made.before, "version": schema::VERSION, "layout": layout }));
    } else if made.before == schema::VERSION {
        say(format_args!("the store has version {} already", schema::VERSION));
    } else {
        say(format_args!("the store has version {} now, before {}", schema::VERSION, made.before));
    }
    Ok(Answer::Yes)
}
