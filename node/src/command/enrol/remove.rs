//! `vestibule enrol remove`: orders that a node no longer belongs to its venue.

use std::path::PathBuf;

use sync::{
    id::{PublicKey, VenueId},
    order::{Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
};

use crate::{
    command::{Answer, CommandError, failed, public_key, say, write_file},
    secret, wall,
};

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct RemoveArgs {
    /// The manager's key file.
    #[arg(long, value_name = "KEYFILE", required_unless_present = "root", conflicts_with = "root")]
    manager: Option<PathBuf>,
    /// A region root's key file, in the manager's place.
    #[arg(long, value_name = "KEYFILE")]
    root: Option<PathBuf>,
    /// The venue's number.
    #[arg(long, value_name = "N")]
    venue: u64,
    /// The public key of the node.
    #[arg(long, value_name = "PUBHEX", value_parser = public_key)]
    node: PublicKey,
    /// Why: after a loss the venue's tag key is made anew, and the lost node destroys its keys when it hears of it.
    #[arg(long, value_enum)]
    cause: Cause,
    /// The file to write; put it into a door's bulletin folder, named *.order.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Cause {
    /// Lost or stolen.
    Lost,
    /// Another stands at its entrance now.
    Replaced,
    /// Taken down in order.
    Retired,
}

pub(super) fn run(args: &RemoveArgs) -> Result<Answer, CommandError> {
    let (file, is_root) = match (&args.manager, &args.root) {
        (Some(file), _) => (file, false),
        (None, Some(file)) => (file, true),
        (None, None) => return Err(CommandError::Usage("give --manager or --root".into())),
    };
    let key = secret::load_key(file).map_err(failed("cannot use the key"))?;
    let cause = match args.cause {
        Cause::Lost => RemovalCause::Lost,
        Cause::Replaced => RemovalCause::Replaced,
        Cause::Retired => RemovalCause::Retired,
    };
    let order = Order {
        venue: VenueId::new(args.venue),
        issued_at: wall::now(),
        matter: Matter::Removal(Removal { node: args.node, cause }),
    };
    let signer = if is_root { Signer::Root(key.public()) } else { Signer::Manager };
    write_file(&args.out, &SignedOrder::seal(&order, signer, &key).to_text())?;
    let (venue, out) = (order.venue, args.out.display());
    say(format_args!("node {} no longer belongs to venue {venue}: {out}", args.node));
    Ok(Answer::Yes)
}
