//! `vestibule enrol capacity`: how many may be inside, shared out to the entrances.

use std::{collections::BTreeSet, path::PathBuf, str::FromStr};

use node_core::occupancy::period;
use sync::{
    id::{EntranceId, VenueId, ZoneId},
    order::{Capacity, Matter, Order, SignedOrder, Signer},
    time::Zone,
};

use crate::{
    command::{Answer, CommandError, failed, say, write_file},
    config::ClosingTime,
    secret, wall,
};

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct CapacityArgs {
    /// The manager's key file.
    #[arg(long, value_name = "KEYFILE")]
    manager: PathBuf,
    /// The venue's number.
    #[arg(long, value_name = "N")]
    venue: u64,
    /// The part of the venue; 0 is the whole.
    #[arg(long, value_name = "N", default_value_t = 0)]
    zone: u16,
    /// The most people inside.
    #[arg(long, value_name = "N")]
    most: u32,
    /// The rights of an entrance at the start of a business day, as ENTRANCE=N; again for each. Together not more than
    /// the most.
    #[arg(long = "share", value_name = "ENTRANCE=N", value_parser = share, required = true)]
    shares: Vec<(EntranceId, u32)>,
    /// The version; a higher one takes the place of a lower one.
    #[arg(long, value_name = "N", default_value_t = 1)]
    version: u64,
    /// The venue's time zone, for its business days.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// When the business day ends, as HH:MM; then nobody is inside any more.
    #[arg(long, value_name = "HH:MM", default_value = "04:00", value_parser = ClosingTime::from_str)]
    closing: ClosingTime,
    /// The file to write; put it into a door's bulletin folder, named *.order.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn share(text: &str) -> Result<(EntranceId, u32), String> {
    let parts = text.split_once('=').and_then(|(entrance, rights)| {
        Some((EntranceId::new(entrance.parse().ok()?), rights.parse().ok()?))
    });
    parts.ok_or_else(|| "a share has the form ENTRANCE=N, such as 1=250".into())
}

pub(super) fn run(args: &CapacityArgs) -> Result<Answer, CommandError> {
    let shared: u64 = args.shares.iter().map(|(_, rights)| u64::from(*rights)).sum();
    if shared > u64::from(args.most) {
        let text = format!("the shares are {shared} together, over the most of {}", args.most);
        return Err(CommandError::Usage(text));
    }
    let entrances: BTreeSet<EntranceId> =
        args.shares.iter().map(|(entrance, _)| *entrance).collect();
    if entrances.len() < args.shares.len() {
        return Err(CommandError::Usage("an entrance is named twice among the shares".into()));
    }
    let zone = Zone::named(&args.time_zone)
        .ok_or_else(|| CommandError::Usage(format!("there is no zone {:?}", args.time_zone)))?;
    let key = secret::load_key(&args.manager).map_err(failed("cannot use the manager's key"))?;
    let now = wall::now();
    let capacity = Capacity {
        zone: ZoneId::new(args.zone),
        version: args.version,
        most: args.most,
        shares: args.shares.clone(),
        closing_minute: args.closing.minute(),
        from: period(&zone, now, args.closing.minute()),
    };
    let venue = VenueId::new(args.venue);
    let order = Order { venue, issued_at: now, matter: Matter::Capacity(capacity) };
    write_file(&args.out, &SignedOrder::seal(&order, Signer::Manager, &key).to_text())?;
    say(format_args!(
        "at most {} inside venue {venue}, shared out to {} entrances: {}",
        args.most,
        args.shares.len(),
        args.out.display()
    ));
    Ok(Answer::Yes)
}
