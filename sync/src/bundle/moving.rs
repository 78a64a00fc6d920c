//! Making a bundle from a ledger, and taking one into a ledger.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bundle, Contents, OpenError, PART_BYTES, Part, PartError};
use crate::{
    bulletin::BulletinKind,
    envelope::Run,
    id::{ChainId, Seq, VenueId},
    ledger::{Ledger, LedgerError},
    membership::{Member, Place},
    sealed::{TracingKey, TracingSecret},
    share::{Matter, may_hold},
    time::{Day, UnixMillis},
};

const RUN_BYTES: usize = 64 << 10;
const EVERY_BULLETIN: [BulletinKind; 4] = [
    BulletinKind::Policy,
    BulletinKind::Trust,
    BulletinKind::TracingKeys,
    BulletinKind::Revocations,
];

/// The keys that a bundle is sealed or opened with, beside the storage keys that the ledger has.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The published tracing keys: a day is sealed to the one of its week.
    pub tracing: Vec<TracingKey>,
    /// The secrets of the weeks, at the authority.
    pub secrets: Vec<TracingSecret>,
}

/// Why a bundle was not made or not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The file.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The sealing.
    #[error(transparent)]
    Part(#[from] PartError),
    /// There is no key under which a day may leave.
    #[error("there is no key to seal {0} with: neither the authority's nor the venue's")]
    NoKey(Day),
}

/// What came of taking a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Records that were new here.
    pub records: u64,
    /// Records known before.
    pub known: u64,
    /// Days whose records could not be opened here.
    pub sealed_days: BTreeSet<Day>,
    /// What was refused, in words.
    pub refused: Vec<String>,
    /// Receipts, orders and bulletins looked at.
    pub notices: u64,
}

/// Makes a bundle of what is held of a venue: at a door its records, those that the authority has not acknowledged
/// or all of them; at the authority receipts for the venue. Bulletins, orders and papers go with both.
///
/// # Errors
/// [`BundleError`] when the ledger cannot be read, or a day has no key to leave under.
pub async fn export(
    ledger: &Ledger,
    venue: VenueId,
    all: bool,
    keys: &Keys,
    now: UnixMillis,
) -> Result<Bundle, BundleError> {
    let charter = ledger.charter();
    let heads = ledger.heads().borrow().clone();
    let held = heads.venues.get(&venue).cloned().unwrap_or_default();
    let members = ledger.members().await?;
    // A stick is given to this venue's doors and to the authority: what goes on it, each of them may hold.
    let readers: Vec<&Member> = members
        .iter()
        .filter_map(|(_, m)| m.as_ref())
        .filter(|m| m.venue().is_none_or(|v| v == venue))
        .collect();
    let may = |matter| readers.iter().all(|to| may_hold(charter, to, matter));
    let mut contents = Contents {
        venue,
        made_at: now,
        papers: ledger.papers(venue).await?,
        bulletins: Vec::new(),
        orders: Vec::new(),
        receipts: Vec::new(),
        parts: Vec::new(),
    };
    if may(Matter::Bulletin) {
        contents.bulletins = ledger.bulletins(EVERY_BULLETIN.to_vec()).await?;
    }
    if may(Matter::Orders(venue)) {
        let slots = held.orders.keys().copied().collect();
        contents.orders = ledger.signed_orders(venue, slots).await?;
        let (papers, receipts) = ledger.receipts(held.chains.keys().copied().collect()).await?;
        contents.papers.extend(papers);
        contents.receipts = receipts;
    }
    if charter.venue() == Some(venue) && may(Matter::Records(venue)) {
        let mut days: BTreeMap<Day, Vec<(ChainId, Seq)>> = BTreeMap::new();
        for (chain, head) in &held.chains {
            let after = if all { Seq::default() } else { head.acknowledged };
            if head.seq > after {
                days.entry(chain.day).or_default().push((*chain, after));
            }
        }
        for (day, chains) in days {
            contents.parts.extend(parts(ledger, venue, day, chains, keys, now).await?);
        }
    }
    Ok(Bundle::seal(&contents, &charter.key, charter.membership.clone()))
}

async fn parts(
    ledger: &Ledger,
    venue: VenueId,
    day: Day,
    chains: Vec<(ChainId, Seq)>,
    keys: &Keys,
    now: UnixMillis,
) -> Result<Vec<Part>, BundleError> {
    let week = week_of(day, now);
    let authority = keys.tracing.iter().find(|k| k.week == week);
    let mut parts = Vec::new();
    let (mut runs, mut bytes) = (Vec::new(), 0);
    for (chain, mut after) in chains {
        while let (_, Some(run)) = ledger.run(chain, after, RUN_BYTES).await? {
            after = run.last();
            bytes += run.size();
            runs.push(run);
            if bytes >= PART_BYTES {
                let full = std::mem::take(&mut runs);
                parts.push(seal(ledger, venue, day, full, authority).await?);
                bytes = 0;
            }
        }
    }
    if !runs.is_empty() {
        parts.push(seal(ledger, venue, day, runs, authority).await?);
    }
    Ok(parts)
}

async fn seal(
    ledger: &Ledger,
    venue: VenueId,
    day: Day,
    runs: Vec<Run>,
    authority: Option<&TracingKey>,
) -> Result<Part, BundleError> {
    let authority = authority.copied();
    let doors = ledger.day_key(day).await?;
    if authority.is_none() && doors.is_none() {
        return Err(BundleError::NoKey(day));
    }
    Ok(Part::seal(venue, day, &runs, authority.as_ref(), doors.as_ref())?)
}

/// The week whose secret opens a day: that of its noon. What has no date goes with the week of the export.
fn week_of(day: Day, now: UnixMillis) -> crate::id::Week {
    let noon = i64::from(day.get()) * 86_400 + 43_200;
    if day.is_civil() { UnixMillis::from_secs(noon).week() } else { now.week() }
}

/// Takes a bundle of a node of this region, and of this venue if this is a door. Each run stands for itself: one that
/// is refused is named, and the others are taken.
///
/// # Errors
/// [`BundleError`] when the file is none, its maker does not belong, or the disk fails.
pub async fn import(
    ledger: &Ledger,
    bundle: &Bundle,
    keys: &Keys,
) -> Result<Imported, BundleError> {
    let contents = bundle.open()?;
    is_welcome(ledger, bundle, &contents)?;
    let mut imported = Imported::default();
    let papers = [contents.papers, vec![bundle.maker().1.clone()]].concat();
    ledger.introduce(papers).await?;
    for bulletin in contents.bulletins {
        note(&mut imported, ledger.keep_bulletin(bulletin).await)?;
    }
    for order in contents.orders {
        note(&mut imported, ledger.keep_order(order).await)?;
    }
    for part in &contents.parts {
        let doors = ledger.day_key(part.day).await?;
        match part.open(contents.venue, &keys.secrets, doors.as_ref())? {
            Some(runs) => take(ledger, runs, &mut imported).await?,
            None => drop(imported.sealed_days.insert(part.day)),
        }
    }
    for receipt in contents.receipts {
        note(&mut imported, ledger.acknowledge(vec![receipt]).await)?;
    }
    Ok(imported)
}

fn is_welcome(ledger: &Ledger, bundle: &Bundle, contents: &Contents) -> Result<(), OpenError> {
    let (by, papers) = bundle.maker();
    let charter = ledger.charter();
    let member =
        papers.check(&charter.roots, &by, contents.made_at).map_err(|_| OpenError::Maker)?;
    let heads = ledger.heads().borrow().clone();
    let removed = heads.venues.get(&contents.venue).is_some_and(|v| v.removed.contains_key(&by));
    let of_venue = match &member.place {
        Place::Door { venue, .. } => venue.venue == contents.venue,
        Place::Authority(_) => true,
    };
    let ours = charter.venue().is_none_or(|own| own == contents.venue);
    if member.region() == charter.region && of_venue && ours && !removed {
        Ok(())
    } else {
        Err(OpenError::Maker)
    }
}

async fn take(ledger: &Ledger, runs: Vec<Run>, imported: &mut Imported) -> Result<(), BundleError> {
    for run in runs {
        let (venue, chain) = (run.venue, run.chain);
        let records = run.links.iter().map(|link| link.items.len() as u64).sum::<u64>();
        let held = |l: &Ledger| l.heads().borrow().head(venue, &chain).map_or(0, |h| h.records);
        let before = held(ledger);
        match ledger.merge(Vec::new(), run).await {
            Ok(()) => {
                let fresh = held(ledger) - before;
                imported.records += fresh;
                imported.known += records.saturating_sub(fresh);
            }
            Err(error) if error.is_senders() => imported.refused.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn note(imported: &mut Imported, kept: Result<(), LedgerError>) -> Result<(), BundleError> {
    match kept {
        Ok(()) => imported.notices += 1,
        Err(error) if error.is_senders() => imported.refused.push(error.to_string()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
