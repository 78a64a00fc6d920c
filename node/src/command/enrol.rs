//! `vestibule enrol`: writes the grants of venues, doors and authority nodes, and shows them and the orders about them.

mod capacity;
mod orders;
mod remove;

use std::path::{Path, PathBuf};

use node_core::code::paper::{unverified, venue_grant_from_text, venue_grant_to_text};
use serde_json::{Value, json};
use sync::{
    id::{EntranceId, PublicKey, RegionId, VenueId},
    key::{Signed, Statement},
    membership::{AuthorityGrant, DoorGrant, MEMBERSHIP_MAX, Membership, VenueGrant},
    order::{ORDER_MAX, SignedOrder},
    record::Direction,
    time::{DAY_MILLIS, UnixMillis, Zone},
};

use super::{Answer, CommandError, failed, public_key, read_text, say, write_file};
use crate::{secret, wall};

const EXAMPLES: &str = "Examples:
  vestibule enrol venue --root root.key --region 1 --venue 17 --name Shop --zone Asia/Almaty \\
      --manager $(vestibule keys show manager.key) --capacity 120 --out shop.venue
  vestibule enrol door --venue-grant shop.venue --manager manager.key --entrance 1 --name North \\
      --direction both --node $(vestibule keys show node.key) --out north.membership
  vestibule enrol authority --root root.key --region 1 --node $(vestibule keys show hub.key) --out hub.membership
  vestibule enrol capacity --manager manager.key --venue 17 --most 500 --share 1=250 --share 2=250 \\
      --time-zone Asia/Almaty --out capacity.order
  vestibule enrol remove --manager manager.key --venue 17 --node PUBHEX --cause lost --out lost.order
  vestibule enrol show north.membership --json
  vestibule enrol orders --config door.toml --json";

const TEXT_BYTES_MAX: usize = (ORDER_MAX + MEMBERSHIP_MAX) * 2;
const NAME_BYTES_MAX: usize = 120;
const DAYS_MAX: u32 = 3660;
/// A grant begins a little earlier than it is signed, for doors whose clocks are behind.
const BEGIN_EARLIER_MILLIS: i64 = node_core::clock::SKEW_MILLIS;

/// Write and show the papers by which venues, doors and authority nodes belong to a region.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct EnrolArgs {
    #[command(subcommand)]
    command: EnrolCommand,
}

#[derive(Debug, clap::Subcommand)]
enum EnrolCommand {
    /// The region grants a venue to its manager.
    #[command(after_help = EXAMPLES)]
    Venue(VenueArgs),
    /// The manager grants an entrance of the venue to a node.
    #[command(after_help = EXAMPLES)]
    Door(DoorArgs),
    /// The region grants a node its place at the authority.
    #[command(after_help = EXAMPLES)]
    Authority(AuthorityArgs),
    /// The manager or the region orders that a node no longer belongs to its venue.
    #[command(after_help = EXAMPLES)]
    Remove(remove::RemoveArgs),
    /// The manager says how many may be inside, and which entrance may let in how many when it hears nobody.
    #[command(after_help = EXAMPLES)]
    Capacity(capacity::CapacityArgs),
    /// List the orders that a venue's doors go by: removals, capacities, new tag keys, late news.
    #[command(after_help = EXAMPLES)]
    Orders(orders::OrdersArgs),
    /// Show what a grant, a membership or an order says. Nothing is verified without --root.
    #[command(after_help = EXAMPLES)]
    Show {
        /// The file.
        file: PathBuf,
        /// The region root's public key: verify the signatures too; exit code 1 if one fails.
        #[arg(long, value_name = "PUBHEX", value_parser = public_key)]
        root: Option<PublicKey>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct VenueArgs {
    /// The region root's key file.
    #[arg(long, value_name = "KEYFILE")]
    root: PathBuf,
    /// The region's number.
    #[arg(long, value_name = "N")]
    region: u16,
    /// The venue's number within the region.
    #[arg(long, value_name = "N")]
    venue: u64,
    /// The venue's name, for people.
    #[arg(long)]
    name: String,
    /// The venue's time zone, such as Asia/Almaty.
    #[arg(long)]
    zone: String,
    /// The manager's public key.
    #[arg(long, value_name = "PUBHEX", value_parser = public_key)]
    manager: PublicKey,
    /// The most people allowed inside.
    #[arg(long, value_name = "N")]
    capacity: Option<u32>,
    /// How many entrances the manager may enrol; 64 at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    doors: Option<u16>,
    /// The code of its activity, such as 56.10.1, by which the region's measures know it.
    #[arg(long, value_name = "CODE", value_parser = short)]
    activity: Option<String>,
    /// The area it stands in, by which the region's measures know its zone.
    #[arg(long, value_name = "AREA", value_parser = short)]
    area: Option<String>,
    /// The grant that this one replaces: it holds from when that one did.
    #[arg(long, value_name = "FILE")]
    renews: Option<PathBuf>,
    /// For how many days it holds.
    #[arg(long, value_name = "N", default_value_t = 365)]
    days: u32,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
struct DoorArgs {
    /// The venue's grant.
    #[arg(long, value_name = "FILE")]
    venue_grant: PathBuf,
    /// The manager's key file.
    #[arg(long, value_name = "KEYFILE")]
    manager: PathBuf,
    /// The entrance's number within the venue.
    #[arg(long, value_name = "N")]
    entrance: u16,
    /// The entrance's name, for people.
    #[arg(long)]
    name: String,
    /// Which way it leads.
    #[arg(long, value_enum)]
    direction: Way,
    /// The public key of the node that stands there.
    #[arg(long, value_name = "PUBHEX", value_parser = public_key)]
    node: PublicKey,
    /// The papers that these replace: they hold from when those did, so that what the node wrote before stays its own.
    #[arg(long, value_name = "FILE")]
    renews: Option<PathBuf>,
    /// For how many days it holds, at most as long as the venue's grant.
    #[arg(long, value_name = "N", default_value_t = 365)]
    days: u32,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
struct AuthorityArgs {
    /// The region root's key file.
    #[arg(long, value_name = "KEYFILE")]
    root: PathBuf,
    /// The region's number.
    #[arg(long, value_name = "N")]
    region: u16,
    /// The node's public key.
    #[arg(long, value_name = "PUBHEX", value_parser = public_key)]
    node: PublicKey,
    /// For how many days it holds.
    #[arg(long, value_name = "N", default_value_t = 365)]
    days: u32,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Way {
    /// Only in.
    In,
    /// Only out.
    Out,
    /// Both ways.
    Both,
}

/// Runs `vestibule enrol`.
///
/// # Errors
/// [`CommandError`] names the file or argument.
pub fn run(args: EnrolArgs) -> Result<Answer, CommandError> {
    match args.command {
        EnrolCommand::Venue(args) => venue(args),
        EnrolCommand::Door(args) => door(args),
        EnrolCommand::Authority(args) => authority(&args),
        EnrolCommand::Remove(args) => remove::run(&args),
        EnrolCommand::Capacity(args) => capacity::run(&args),
        EnrolCommand::Orders(args) => orders::run(&args),
        EnrolCommand::Show { file, root, json } => show(&file, root.as_ref(), json),
    }
}

fn venue(args: VenueArgs) -> Result<Answer, CommandError> {
    check_name(&args.name)?;
    if Zone::named(&args.zone).is_none() {
        return Err(CommandError::Usage(format!("--zone: there is no time zone {}", args.zone)));
    }
    let (mut not_before, not_after) = term(args.days)?;
    if let Some(earlier) = &args.renews {
        not_before = not_before.min(granted(earlier, VenueId::new(args.venue))?);
    }
    let root = secret::load_key(&args.root).map_err(failed("cannot use the root's key"))?;
    let grant = VenueGrant {
        region: RegionId::new(args.region),
        venue: VenueId::new(args.venue),
        name: args.name,
        zone: args.zone,
        manager: args.manager,
        capacity: args.capacity,
        doors: args.doors,
        activity: args.activity,
        area: args.area,
        not_before,
        not_after,
    };
    write_file(&args.out, &venue_grant_to_text(&Signed::seal(&grant, &root)))?;
    say(format_args!("venue {} granted until {not_after}: {}", grant.venue, args.out.display()));
    Ok(Answer::Yes)
}

fn door(args: DoorArgs) -> Result<Answer, CommandError> {
    check_name(&args.name)?;
    let (mut not_before, not_after) = term(args.days)?;
    if let Some(earlier) = &args.renews {
        not_before = not_before.min(begun(earlier, args.node)?);
    }
    let not_a_grant = || format!("{} is no venue grant", args.venue_grant.display());
    let text = read_text(&args.venue_grant, TEXT_BYTES_MAX)?;
    let venue = venue_grant_from_text(&text).ok_or("the text is of another form");
    let venue = venue.map_err(failed(not_a_grant()))?;
    let said = unverified(&venue).ok_or("its payload is of another form");
    let said = said.map_err(failed(not_a_grant()))?;
    let manager =
        secret::load_key(&args.manager).map_err(failed("cannot use the manager's key"))?;
    if manager.public() != said.manager {
        let what = format!("{} is not the key of this venue's manager", args.manager.display());
        return Err(failed(what)(format!("the grant names {}", said.manager)));
    }
    let not_after = not_after.min(said.not_after);
    if not_after <= wall::now() {
        let cause = format!("it expired at {}", said.not_after);
        return Err(failed("the venue grant holds no longer")(cause));
    }
    let grant = DoorGrant {
        venue: said.venue,
        entrance: EntranceId::new(args.entrance),
        name: args.name,
        direction: args.direction.into(),
        node: args.node,
        not_before,
        not_after,
    };
    let door = Signed::seal(&grant, &manager);
    write_file(&args.out, &Membership::Door { venue, door }.to_text())?;
    let (entrance, out) = (grant.entrance, args.out.display());
    say(format_args!("entrance {entrance} of venue {} until {not_after}: {out}", said.venue));
    Ok(Answer::Yes)
}

/// From when a venue's earlier grant holds.
fn granted(path: &Path, venue: VenueId) -> Result<UnixMillis, CommandError> {
    let what = || format!("{} is not renewed", path.display());
    let earlier = venue_grant_from_text(&read_text(path, TEXT_BYTES_MAX)?);
    let said = earlier.as_ref().and_then(unverified).ok_or("it holds no venue grant");
    let said: VenueGrant = said.map_err(failed(what()))?;
    if said.venue != venue {
        return Err(failed(what())("it is another venue's"));
    }
    Ok(said.not_before)
}

/// From when a node's earlier papers hold.
fn begun(path: &Path, node: PublicKey) -> Result<UnixMillis, CommandError> {
    let what = || format!("{} is not renewed", path.display());
    let earlier = Membership::from_text(&read_text(path, TEXT_BYTES_MAX)?);
    let earlier = earlier.ok_or("it holds no membership").map_err(failed(what()))?;
    if earlier.node() != Some(node) {
        return Err(failed(what())("it is another node's"));
    }
    let span = earlier.span().ok_or("its payload is of another form").map_err(failed(what()))?;
    Ok(span.0)
}

fn authority(args: &AuthorityArgs) -> Result<Answer, CommandError> {
    let (not_before, not_after) = term(args.days)?;
    let root = secret::load_key(&args.root).map_err(failed("cannot use the root's key"))?;
    let region = RegionId::new(args.region);
    let grant = AuthorityGrant { region, node: args.node, not_before, not_after };
    write_file(&args.out, &Membership::Authority(Signed::seal(&grant, &root)).to_text())?;
    let out = args.out.display();
    say(format_args!("authority node of region {region} until {not_after}: {out}"));
    Ok(Answer::Yes)
}

/// A code or a name of few letters.
fn short(text: &str) -> Result<String, String> {
    let visible = !text.trim().is_empty() && !text.chars().any(char::is_control);
    let fits = visible && text.len() <= NAME_BYTES_MAX;
    if fits { Ok(text.to_owned()) } else { Err("must be visible text, 120 bytes at most".into()) }
}

fn check_name(name: &str) -> Result<(), CommandError> {
    let visible = !name.trim().is_empty() && !name.chars().any(char::is_control);
    if visible && name.len() <= NAME_BYTES_MAX {
        return Ok(());
    }
    Err(CommandError::Usage(format!(
        "--name must have 1 to {NAME_BYTES_MAX} bytes of visible text"
    )))
}

fn term(days: u32) -> Result<(UnixMillis, UnixMillis), CommandError> {
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(CommandError::Usage(format!("--days must lie between 1 and {DAYS_MAX}")));
    }
    let now = wall::now();
    let until = now.plus_millis(i64::from(days) * DAY_MILLIS);
    Ok((now.plus_millis(-BEGIN_EARLIER_MILLIS), until))
}

/// What a paper says, and whether its signatures lead to the root, if one was given.
struct Shown {
    said: Value,
    verified: Option<bool>,
}

fn show(file: &Path, root: Option<&PublicKey>, json: bool) -> Result<Answer, CommandError> {
    let text = read_text(file, TEXT_BYTES_MAX)?;
    let shown = read_paper(&text, root).ok_or("the text is of another form");
    let what = format!("{} is neither a venue grant nor a membership nor an order", file.display());
    let mut shown = shown.map_err(failed(what))?;
    shown.said["verified"] = json!(shown.verified);
    if json {
        say(&shown.said);
    } else if shown.said["kind"] == "order" {
        say(crate::orders::in_words(&shown.said["order"]));
    } else if let Value::Object(fields) = &shown.said {
        for (name, value) in fields {
            match value {
                Value::String(text) => say(format_args!("{name:<12} {text}")),
                Value::Null => say(format_args!("{name:<12} -")),
                other => say(format_args!("{name:<12} {other}")),
            }
        }
    }
    Ok(if shown.verified == Some(false) { Answer::No } else { Answer::Yes })
}

fn read_paper(text: &str, root: Option<&PublicKey>) -> Option<Shown> {
    if let Some(signed) = SignedOrder::from_text(text) {
        let order = crate::orders::said(&signed.claims()?, signed.signer());
        // Who may order what hangs on the venue's grant: a door says whether it goes by it.
        return Some(Shown { said: json!({"kind": "order", "order": order}), verified: None });
    }
    if let Some(venue) = venue_grant_from_text(text) {
        let mut said = venue_json(&unverified(&venue)?);
        said["kind"] = json!("venue");
        return Some(Shown { said, verified: root.map(|r| opens(&venue, r)) });
    }
    match Membership::from_text(text)? {
        Membership::Door { venue, door } => {
            let (grant, entrance) = (unverified(&venue)?, unverified(&door)?);
            let mut said = venue_json(&grant);
            said["kind"] = json!("door");
            said["entrance"] = json!(entrance.entrance.get());
            said["entrance_name"] = json!(entrance.name);
            said["direction"] = json!(direction_word(entrance.direction));
            said["node"] = json!(entrance.node.to_string());
            said["not_before"] = json!(grant.not_before.max(entrance.not_before).to_string());
            said["not_after"] = json!(grant.not_after.min(entrance.not_after).to_string());
            let whole = opens(&door, &grant.manager) && grant.venue == entrance.venue;
            Some(Shown { said, verified: root.map(|r| whole && opens(&venue, r)) })
        }
        Membership::Authority(signed) => {
            let grant = unverified(&signed)?;
            let said = json!({
                "kind": "authority",
                "region": grant.region.get(),
                "node": grant.node.to_string(),
                "not_before": grant.not_before.to_string(),
                "not_after": grant.not_after.to_string(),
            });
            Some(Shown { said, verified: root.map(|r| opens(&signed, r)) })
        }
    }
}

fn opens<T: Statement>(signed: &Signed<T>, signer: &PublicKey) -> bool {
    signed.open(signer).is_ok()
}

fn venue_json(grant: &VenueGrant) -> Value {
    json!({
        "region": grant.region.get(),
        "venue": grant.venue.get(),
        "name": grant.name,
        "zone": grant.zone,
        "manager": grant.manager.to_string(),
        "capacity": grant.capacity,
        "activity": grant.activity,
        "area": grant.area,
        "doors": grant.doors,
        "not_before": grant.not_before.to_string(),
        "not_after": grant.not_after.to_string(),
    })
}

const fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Both => "both",
    }
}
