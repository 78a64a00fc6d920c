//! Founds a region on disk: keys, grants, bulletins and configurations, as an operator's commands would.
//!
//! ```text
//! folder/root.key manager.key issuer.key issuer.pub tracing.secrets bulletins/ orders/
//! folder/authority/{node.key, node.membership, config.toml}
//! folder/door-a/{node.key, node.membership, tag.key, config.toml} …
//! ```

use std::{
    fmt::Write as _,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use node_core::{
    code::paper::tracing_keys_to_body,
    occupancy::{allotment::evenly, period},
    token::{status::IssuerKey, trust::Kid},
};
use sync::{
    bulletin::{Bulletin, BulletinKind, Notice},
    id::{EntranceId, PublicKey, RegionId, VenueId, Week, ZoneId},
    key::{SecretKey, Signed},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    order::{Capacity, Matter, Order, SignedOrder, Signer},
    record::Direction,
    sealed::TracingSecret,
    tag::TagKey,
    time::{DAY_MILLIS, Day, UnixMillis, Zone},
};

use super::Pages;
use crate::{
    config::ClosingTime,
    secret::{Secret, SecretError, load_key, load_tracing},
    wall,
};

/// The issuer whose tokens the region trusts.
pub const ISSUER: &str = "demo-region";
const REGION: RegionId = RegionId::new(1);
const VENUE: VenueId = VenueId::new(17);
/// Tracing keys are published eight weeks ahead.
const WEEKS_AHEAD: u32 = 8;

/// What to found.
#[derive(Clone, Debug)]
pub struct RegionPlan {
    /// The venue's doors.
    pub doors: Vec<DoorPlan>,
    /// Whether the nodes serve pages.
    pub pages: Pages,
    /// Where the authority listens for peers.
    pub authority_listen: SocketAddr,
    /// Whom each door calls besides.
    pub venue_name: String,
    /// The venue's time zone.
    pub zone: String,
    /// The most people inside.
    pub capacity: Option<u32>,
    /// How long the doors' grants hold, ms.
    pub door_grant_millis: i64,
    /// How long the venue's grant holds, ms.
    pub venue_grant_millis: i64,
}

impl Default for RegionPlan {
    /// No doors, no pages, loopback, a year.
    fn default() -> Self {
        Self {
            doors: Vec::new(),
            pages: Pages::Off,
            authority_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            venue_name: "Demo market".into(),
            zone: "Asia/Almaty".into(),
            capacity: Some(500),
            door_grant_millis: 365 * DAY_MILLIS,
            venue_grant_millis: 365 * DAY_MILLIS,
        }
    }
}

/// One door to found.
#[derive(Clone, Debug)]
pub struct DoorPlan {
    /// Its name, one letter best.
    pub name: String,
    /// `in`, `out` or `both`.
    pub direction: &'static str,
    /// Where it listens for peers.
    pub listen: SocketAddr,
    /// Whom it calls, `host:port`.
    pub dial: Vec<String>,
    /// Further lines of its `[gate]` section; none means frames are staged.
    pub gate: String,
    /// Whether it holds the manager's key: it lets others join.
    pub manager: bool,
}

impl DoorPlan {
    /// A door on a loopback port of the system's choice.
    pub fn named(name: &str, direction: &'static str) -> Self {
        Self {
            name: name.into(),
            direction,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            dial: Vec::new(),
            gate: "source = \"none\"\naway = \"1500ms\"\n".into(),
            manager: false,
        }
    }
}

/// What was founded.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The venue's number.
    pub venue: VenueId,
    /// The authority's node.
    pub authority: FoundedNode,
    /// The doors' nodes, in the order of the plan.
    pub doors: Vec<FoundedNode>,
    /// The key that signs tokens.
    pub issuer: IssuerKey,
    /// Its public key in a folder of its own, for `token verify --trust`.
    pub trust_folder: PathBuf,
}

/// A node's place on disk.
#[derive(Clone, Debug)]
pub struct FoundedNode {
    /// Its configuration file.
    pub config: PathBuf,
    /// Its key.
    pub node: PublicKey,
}

/// Why a region could not be founded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// A key file.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Another file.
    #[error("cannot write {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// No randomness.
    #[error("the system has no randomness: {0}")]
    Randomness(getrandom::Error),
    /// The plan itself.
    #[error("the plan has a bad {0}")]
    Plan(&'static str),
}

/// Founds the region, or finds the one that an earlier run founded in the same folder: keys are kept, and
/// papers are signed anew.
///
/// # Errors
/// [`RegionError`] names the file.
pub fn found(folder: &Path, plan: &RegionPlan) -> Result<Founded, RegionError> {
    let make = |path: PathBuf| {
        fs::create_dir_all(&path)
            .map_err(|source| RegionError::Io { path: path.clone(), source })?;
        Ok::<_, RegionError>(path)
    };
    make(folder.to_owned())?;
    let bulletins = make(folder.join("bulletins"))?;
    let trust_folder = make(folder.join("trust"))?;
    let root = key(&folder.join("root.key"))?;
    let manager = key(&folder.join("manager.key"))?;
    let issuer = IssuerKey::new(&key(&folder.join("issuer.key"))?);
    write(&trust_folder.join("issuer.pub"), &format!("{}\n", issuer.public()))?;
    publish(&bulletins, &root, &issuer, &folder.join("tracing.secrets"))?;
    let now = wall::now();
    let grant = venue_grant(plan, &manager, now)?;
    let signed = Signed::seal(&grant, &root);
    let authority = found_authority(&make(folder.join("authority"))?, plan, &root, now)?;
    let zone = Zone::named(&plan.zone).ok_or(RegionError::Plan("time zone"))?;
    let tag_key = tag_key(&folder.join("tag.key"), zone.day(now))?;
    share_out(&make(folder.join("orders"))?, plan, &manager, &zone, now)?;
    let mut doors = Vec::new();
    for (number, door) in (1..).zip(&plan.doors) {
        let place = make(folder.join(format!("door-{}", door.name.to_lowercase())))?;
        let node = key(&place.join("node.key"))?;
        let grant = door_grant(plan, door, number, &node, now)?;
        let membership =
            Membership::Door { venue: signed.clone(), door: Signed::seal(&grant, &manager) };
        write(&place.join("node.membership"), &membership.to_text())?;
        let held = place.join("tag.key");
        if !held.exists() {
            Secret::Tag(tag_key.clone()).create(&held)?;
        }
        let config = place.join("config.toml");
        write(&config, &door_config(plan, door, &root.public()))?;
        doors.push(FoundedNode { config, node: node.public() });
    }
    Ok(Founded { venue: VENUE, authority, doors, issuer, trust_folder })
}

fn venue_grant(
    plan: &RegionPlan,
    manager: &SecretKey,
    now: UnixMillis,
) -> Result<VenueGrant, RegionError> {
    Ok(VenueGrant {
        region: REGION,
        venue: VENUE,
        name: plan.venue_name.clone(),
        zone: plan.zone.clone(),
        manager: manager.public(),
        capacity: plan.capacity,
        doors: None,
        activity: None,
        area: None,
        not_before: now.plus_millis(-60_000),
        not_after: now.plus_millis(plan.venue_grant_millis),
    })
}

fn door_grant(
    plan: &RegionPlan,
    door: &DoorPlan,
    number: u16,
    node: &SecretKey,
    now: UnixMillis,
) -> Result<DoorGrant, RegionError> {
    let direction = match door.direction {
        "in" => Direction::In,
        "out" => Direction::Out,
        "both" => Direction::Both,
        _ => return Err(RegionError::Plan("direction")),
    };
    Ok(DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(number),
        name: door.name.clone(),
        direction,
        node: node.public(),
        not_before: now.plus_millis(-60_000),
        not_after: now.plus_millis(plan.door_grant_millis),
    })
}

/// The first capacity: with it, no door waits for another's word before it lets somebody in.
fn share_out(
    folder: &Path,
    plan: &RegionPlan,
    manager: &SecretKey,
    zone: &Zone,
    now: UnixMillis,
) -> Result<(), RegionError> {
    let path = folder.join("capacity.order");
    let numbered = (1..).zip(&plan.doors).filter(|(_, door)| door.direction != "out");
    let entrances = numbered.map(|(number, _)| EntranceId::new(number)).collect();
    let (Some(most), false) = (plan.capacity, path.exists()) else { return Ok(()) };
    let closing_minute = ClosingTime::default().minute();
    let capacity = Capacity {
        zone: ZoneId::default(),
        version: 1,
        most,
        shares: evenly(most, &entrances),
        closing_minute,
        from: period(zone, now, closing_minute),
    };
    let order = Order { venue: VENUE, issued_at: now, matter: Matter::Capacity(capacity) };
    write(&path, &SignedOrder::seal(&order, Signer::Manager, manager).to_text())
}

fn found_authority(
    place: &Path,
    plan: &RegionPlan,
    root: &SecretKey,
    now: UnixMillis,
) -> Result<FoundedNode, RegionError> {
    let node = key(&place.join("node.key"))?;
    let grant = AuthorityGrant {
        region: REGION,
        node: node.public(),
        not_before: now.plus_millis(-60_000),
        not_after: now.plus_millis(365 * DAY_MILLIS),
    };
    let membership = Membership::Authority(Signed::seal(&grant, root));
    write(&place.join("node.membership"), &membership.to_text())?;
    let mut text = head(&root.public());
    text.push_str("bulletins = [\"../bulletins\"]\n");
    text.push_str("\n[authority]\ntracing = \"../tracing.secrets\"\n");
    // A demo keeps everything on one machine; a region does not keep its root there unless two must sign.
    let _ = writeln!(text, "issuing = \"../issuer.key\"\nissuer = \"{ISSUER}\"");
    text.push_str("root = \"../root.key\"\n");
    text.push_str(&peers(plan.authority_listen, &[]));
    text.push_str(pages(plan.pages));
    let config = place.join("config.toml");
    write(&config, &text)?;
    Ok(FoundedNode { config, node: node.public() })
}

fn door_config(plan: &RegionPlan, door: &DoorPlan, root: &PublicKey) -> String {
    let mut text = head(root);
    text.push_str("bulletins = [\"../orders\"]\n");
    text.push_str("\n[gate]\ntag_key = \"tag.key\"\n");
    text.push_str(&door.gate);
    text.push_str(&peers(door.listen, &door.dial));
    text.push_str(pages(plan.pages));
    if door.manager {
        text.push_str("\n[venue]\nmanager = \"../manager.key\"\n");
    }
    text
}

fn head(root: &PublicKey) -> String {
    format!(
        "[node]\nkey = \"node.key\"\nmembership = \"node.membership\"\nroots = [\"{root}\"]\nroots_needed = 1\nclock = \"trusted\"\n"
    )
}

fn peers(listen: SocketAddr, dial: &[String]) -> String {
    let mut text = format!("\n[peers]\ndiscovery = \"off\"\nlisten = [\"{listen}\"]\ndial = [");
    for address in dial {
        let _ = write!(text, "\"{address}\", "); // writing to a String cannot fail
    }
    text + "]\n"
}

fn pages(pages: Pages) -> &'static str {
    match pages {
        Pages::Served => "\n[web]\nlisten = \"127.0.0.1:0\"\ntls = \"plain-loopback\"\n",
        Pages::Off => "",
    }
}

fn publish(
    folder: &Path,
    root: &SecretKey,
    issuer: &IssuerKey,
    tracing_file: &Path,
) -> Result<(), RegionError> {
    let now = wall::now();
    let version = u64::try_from(now.secs()).unwrap_or(0);
    let this_week = now.week().get();
    if !tracing_file.exists() {
        let weeks = this_week.saturating_sub(1)..this_week + WEEKS_AHEAD;
        let secrets = weeks.map(|w| TracingSecret::generate(Week::new(w))).collect();
        Secret::Tracing(secrets).create(tracing_file)?;
    }
    let keys: Vec<_> =
        load_tracing(tracing_file)?.iter().filter_map(TracingSecret::public).collect();
    let from = now.plus_millis(-DAY_MILLIS);
    let trust = serde_json::json!({"version": version, "issuers": [{
        "issuer": ISSUER,
        "kid": Kid::of(&issuer.public()).to_string(),
        "algorithm": "EdDSA",
        "key": data_encoding::BASE64URL_NOPAD.encode(issuer.public().as_bytes()),
        "not_before": from.to_string(),
        "not_after": now.plus_millis(365 * DAY_MILLIS).to_string(),
    }]});
    // Short stays count here: the demo's visitors leave after seconds.
    let policy = serde_json::json!({"version": version, "trace_min_overlap_seconds": 0});
    let revocations =
        serde_json::json!({"version": version, "issued_at": now.to_string(), "revoked": []});
    for (kind, name, body) in [
        (BulletinKind::Policy, "policy", policy.to_string().into_bytes()),
        (BulletinKind::Trust, "trust", trust.to_string().into_bytes()),
        (BulletinKind::Revocations, "revocations", revocations.to_string().into_bytes()),
        (BulletinKind::TracingKeys, "tracing-keys", tracing_keys_to_body(&keys)),
    ] {
        let not_after = now.plus_millis(30 * DAY_MILLIS);
        let notice = Notice { region: REGION, kind, version, issued_at: now, not_after, body };
        let text = Bulletin::seal(&notice, &[root]).to_text();
        write(&folder.join(format!("{name}.bulletin")), &text)?;
    }
    Ok(())
}

fn key(path: &Path) -> Result<SecretKey, RegionError> {
    if !path.exists() {
        let key = SecretKey::generate().map_err(RegionError::Randomness)?;
        Secret::Signing(key).create(path)?;
    }
    Ok(load_key(path)?)
}

fn tag_key(path: &Path, today: Day) -> Result<TagKey, RegionError> {
    if !path.exists() {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(RegionError::Randomness)?;
        // From yesterday: the night before the first day has a key too.
        let yesterday = Day::new(today.get().saturating_sub(1));
        Secret::Tag(TagKey::new(yesterday, bytes)).create(path)?;
    }
    Ok(crate::secret::load_tag_key(path)?)
}

fn write(path: &Path, text: &str) -> Result<(), RegionError> {
    fs::write(path, text).map_err(|source| RegionError::Io { path: path.into(), source })
}
