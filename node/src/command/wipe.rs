//! `vestibule wipe`: decommissions a node: says what would be lost, then destroys its keys and its data.

use std::{path::PathBuf, sync::Arc};

use serde_json::json;
use sync::{
    ledger::Ledger,
    membership::{Member, Place},
    order::{Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
    store::Durability,
};

use super::{Answer, CommandError, failed, in_words, run::runtime, say, warn, write_file};
use crate::{config::Config, secret, start, wall, wiping::Secrets};

const EXAMPLES: &str = "Examples:
  vestibule wipe --config /etc/vestibule/door.toml --yes
  vestibule wipe --config door.toml --yes --anyway   although visits are lost by it";

/// Decommission this node: destroy its keys and everything that it recorded.
///
/// What is overwritten and deleted is files. On a memory card the controller may keep old cells: a card that leaves
/// the house is best destroyed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct WipeArgs {
    /// The node's configuration; the node must be stopped.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Yes, destroy it.
    #[arg(long)]
    yes: bool,
    /// Even if visits are lost that the authority does not have.
    #[arg(long)]
    anyway: bool,
    /// Where the order that tells the other doors is written, if the manager's key is here.
    #[arg(long, value_name = "FILE", default_value = "retired.order")]
    order: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule wipe`; negative while it is not to be done.
///
/// # Errors
/// [`CommandError`] when the node runs, or something could not be destroyed.
pub fn run(args: WipeArgs) -> Result<Answer, CommandError> {
    let config = Config::load(&args.config).map_err(|e| {
        CommandError::Usage(format!("the configuration is refused: {}", in_words(&e)))
    })?;
    let secrets = Secrets::of(&config);
    let order = match start::charter(&config) {
        Ok((charter, member)) => {
            let order = retirement(&config, &member)?;
            let ledger = config.node.data.join("ledger");
            let pending = runtime()?.block_on(pending(ledger, charter))?;
            if !may_go_on(&args, pending) {
                return Ok(Answer::No);
            }
            order
        }
        // Removed nodes have destroyed their keys already: what is left can go.
        Err(error) if args.yes && args.anyway => {
            warn(format_args!("what it holds cannot be counted: {}", in_words(&error)));
            None
        }
        Err(error) => {
            return Err(failed("what it holds cannot be counted; --anyway goes on")(error));
        }
    };
    if let Some(order) = &order {
        write_file(&args.order, &order.to_text())?;
    }
    report(&args, &secrets, order.is_some())
}

async fn pending(folder: PathBuf, charter: sync::book::Charter) -> Result<u64, CommandError> {
    if !folder.exists() {
        return Ok(0);
    }
    let opened = Ledger::open(&folder, charter, Durability::Fsync, Arc::new(wall::now));
    let ledger = opened.map_err(failed("the ledger cannot be opened; stop the node first"))?;
    let pending = ledger.heads().borrow().pending();
    ledger.close().await;
    Ok(pending)
}

fn may_go_on(args: &WipeArgs, pending: u64) -> bool {
    if pending > 0 {
        let words = "visits here are not yet known to be with the authority";
        if args.json {
            say(json!({ "wiped": args.yes && args.anyway, "unacknowledged": pending }));
        } else {
            say(format_args!("{pending} {words}"));
        }
    }
    if !args.yes {
        warn("nothing was done: --yes destroys this node's keys and data");
    } else if pending > 0 && !args.anyway {
        warn("nothing was done: bring them there (`vestibule bundle export`), or add --anyway");
    }
    args.yes && (pending == 0 || args.anyway)
}

/// The manager's word that this door was taken down, where the manager's key is here.
fn retirement(config: &Config, member: &Member) -> Result<Option<SignedOrder>, CommandError> {
    let (Some(section), Place::Door { venue, .. }) = (&config.venue, &member.place) else {
        return Ok(None);
    };
    let manager =
        secret::load_key(&section.manager).map_err(failed("cannot use the manager's key"))?;
    let matter = Matter::Removal(Removal { node: member.node, cause: RemovalCause::Retired });
    let order = Order { venue: venue.venue, issued_at: wall::now(), matter };
    Ok(Some(SignedOrder::seal(&order, Signer::Manager, &manager)))
}

fn report(args: &WipeArgs, secrets: &Secrets, ordered: bool) -> Result<Answer, CommandError> {
    let (mut destroyed, mut kept) = (Vec::new(), Vec::new());
    for outcome in secrets.decommission() {
        match outcome {
            Ok(path) => destroyed.push(path),
            Err(error) => kept.push(in_words(&error)),
        }
    }
    let order = ordered.then_some(&args.order);
    if args.json {
        say(json!({ "destroyed": destroyed, "kept": kept, "order": order }));
    } else {
        for path in &destroyed {
            say(format_args!("overwritten and deleted: {}", path.display()));
        }
        match order {
            Some(file) => {
                say(format_args!("give the other doors {}, in a bulletin folder", file.display()))
            }
            None => say("tell the other doors: vestibule enrol remove --cause retired"),
        }
        say(
            "these were files; on a memory card the controller may keep old cells: destroy a card that leaves the house",
        );
    }
    if kept.is_empty() {
        return Ok(Answer::Yes);
    }
    Err(failed("something could not be destroyed")(kept.join("; ")))
}
