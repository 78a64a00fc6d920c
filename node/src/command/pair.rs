//! `vestibule pair`: one door invites another into its venue, with no network but their own.

mod invite;
mod join;
mod network;
mod seen;

use super::{Answer, CommandError};

const EXAMPLES: &str = "Examples:
  vestibule pair invite --config /etc/vestibule/door.toml
  vestibule pair invite --config door.toml --wifi-name Market --wifi-key-file wifi.key
  vestibule pair invite --config door.toml --replaces South
  vestibule pair join --camera auto --into /etc/vestibule --name South --run
  vestibule pair join --file invitation.txt --into door-2 --direction out";

/// Let a second door join the venue: one door shows an invitation, the other's camera reads it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PairArgs {
    #[command(subcommand)]
    command: PairCommand,
}

#[derive(Debug, clap::Subcommand)]
enum PairCommand {
    /// Show an invitation as a QR symbol; the running door with the manager's key answers it for ten minutes.
    #[command(after_help = EXAMPLES)]
    Invite(invite::InviteArgs),
    /// Read an invitation, join, and write this door's configuration.
    #[command(after_help = EXAMPLES)]
    Join(join::JoinArgs),
}

/// Runs `vestibule pair`.
///
/// # Errors
/// [`CommandError`] names the file, argument or step.
pub fn run(args: PairArgs) -> Result<Answer, CommandError> {
    match args.command {
        PairCommand::Invite(args) => invite::run(&args),
        PairCommand::Join(args) => join::run(args),
    }
}
