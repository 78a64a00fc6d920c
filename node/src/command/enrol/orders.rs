//! `vestibule enrol orders`: the orders that a venue's doors go by, and what they say.

use std::path::PathBuf;

use serde_json::Value;

use crate::{
    command::{Answer, CommandError, ask, run::runtime, say},
    control::Ask,
    orders,
};

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct OrdersArgs {
    /// The node's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The venue's number; a door's own if it is not said.
    #[arg(long, value_name = "N")]
    venue: Option<u64>,
    /// Print JSON, an object for each order.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &OrdersArgs) -> Result<Answer, CommandError> {
    let asks = vec![Ask::Orders { venue: args.venue }];
    let done = runtime()?.block_on(ask::act(&args.config, asks))?;
    let rows: Vec<&Value> = done.iter().filter_map(Value::as_array).flatten().collect();
    for row in &rows {
        if args.json { say(row) } else { say(orders::in_words(row)) }
    }
    if rows.is_empty() && !args.json {
        say("no order was taken yet");
    }
    Ok(Answer::Yes)
}
