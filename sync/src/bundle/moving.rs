//! Making a bundle from a ledger, and taking one into a ledger.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    BUNDLE_MAX, Bundle, Contents, OpenError, PAPERS_MAX, PART_BYTES, PARTS_MAX, Part, PartError,
    RECEIPTS_MAX, RUNS_MAX,
};
use crate::{
    bulletin::BulletinKind,
    envelope::Run,
    id::{ChainId, Seq, VenueId},
    key::encode,
    ledger::{Ledger, LedgerError},
    membership::{Member, Place},
    sealed::{TracingKey, TracingSecret},
    share::{Matter, may_hold},
    tag::TagKey,
    time::{Day, UnixMillis},
    vault::DayKey,
};

const RUN_BYTES: usize = 64 << 10;
/// What a bundle has beside its contents: its mark, its maker's key and signature, the lengths of lists.
const MARGIN_BYTES: usize = 4 << 10;

/// The keys that a bundle is sealed or opened with, beside the storage keys that the ledger has.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The published tracing keys: a day is sealed to the one of its week.
    pub tracing: Vec<TracingKey>,
    /// The secrets of the weeks, at the authority.
    pub secrets: Vec<TracingSecret>,
    /// The venue's ratchet, at a door whose store has no key of a day yet: a restored one. It opens its own day and
    /// later ones.
    pub ratchet: Option<TagKey>,
    /// For what has no day that ends, the venue's own documents: they leave a node for its backup only, under a key
    /// that lies in that backup.
    pub standing: Option<Arc<DayKey>>,
}

impl Keys {
    /// Of these and of the storage key that the ledger has, the one that opens a part at a door.
    fn door_key(&self, part: &Part, own: Option<DayKey>) -> Option<Arc<DayKey>> {
        let turned = self.ratchet.as_ref().and_then(|ratchet| ratchet.on(part.day));
        let of_day = [own, turned.map(|key| DayKey::from_ratchet(&key))];
        let mut all = of_day.into_iter().flatten().map(Arc::new).chain(self.standing.clone());
        let wanted = part.day_key()?;
        all.find(|key| key.id() == wanted)
    }
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
}

/// A bundle that was made.
#[derive(Clone, Debug)]
pub struct Exported {
    /// It.
    pub bundle: Bundle,
    /// Days that are not in it, or not all of them: they stay here, and unacknowledged, as they were.
    pub left_out: BTreeMap<Day, LeftOut>,
}

/// Why a day is not in a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// There is no key to seal it with: without the authority's tracing key of the week, what has no date cannot leave,
    /// for its storage key is this node's alone.
    NoKey,
    /// The bundle is full: make another when the authority's receipts for this one are here.
    Full,
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
/// or all of them; at the authority receipts for the venue. Bulletins, orders and papers go with both. The oldest days
/// come first; what cannot leave, or does not fit, is named and keeps nothing else back.
///
/// # Errors
/// [`BundleError`] when the ledger cannot be read.
pub async fn export(
    ledger: &Ledger,
    venue: VenueId,
    all: bool,
    keys: &Keys,
    now: UnixMillis,
) -> Result<Exported, BundleError> {
    export_within(BUNDLE_MAX, ledger, venue, all, keys, now).await
}

/// The same for a bundle of at most so many bytes.
async fn export_within(
    most: usize,
    ledger: &Ledger,
    venue: VenueId,
    all: bool,
    keys: &Keys,
    now: UnixMillis,
) -> Result<Exported, BundleError> {
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
        contents.bulletins = ledger.bulletins(BulletinKind::ALL.to_vec()).await?;
    }
    if may(Matter::Orders(venue)) {
        let slots = held.orders.keys().copied().collect();
        contents.orders = ledger.signed_orders(venue, slots).await?;
        let (papers, receipts) = ledger.receipts(held.chains.keys().copied().collect()).await?;
        contents.papers.extend(papers);
        contents.receipts = receipts;
    }
    contents.papers.truncate(PAPERS_MAX);
    contents.receipts.truncate(RECEIPTS_MAX);
    let mut packing = Packing { ledger, venue, keys, now, left_out: BTreeMap::new(), room: 0 };
    let others = encode(&contents).len() + encode(&charter.membership).len() + MARGIN_BYTES;
    packing.room = most.saturating_sub(others);
    if charter.venue() == Some(venue) && may(Matter::Records(venue)) {
        let mut days: BTreeMap<Day, Vec<(ChainId, Seq)>> = BTreeMap::new();
        for (chain, head) in &held.chains {
            let after = if all { Seq::default() } else { head.acknowledged };
            if head.seq > after {
                days.entry(chain.day).or_default().push((*chain, after));
            }
        }
        for (day, chains) in days {
            packing.pack(&mut contents.parts, day, chains).await?;
        }
    }
    let left_out = packing.left_out;
    let bundle = Bundle::seal(&contents, &charter.key, charter.membership.clone());
    Ok(Exported { bundle, left_out })
}

/// The records on their way into a bundle.
struct Packing<'a> {
    ledger: &'a Ledger,
    venue: VenueId,
    keys: &'a Keys,
    now: UnixMillis,
    left_out: BTreeMap<Day, LeftOut>,
    /// How many bytes still fit.
    room: usize,
}

impl Packing<'_> {
    /// Adds what there is of a day.
    async fn pack(
        &mut self,
        parts: &mut Vec<Part>,
        day: Day,
        chains: Vec<(ChainId, Seq)>,
    ) -> Result<(), BundleError> {
        let week = week_of(day, self.now);
        let authority = self.keys.tracing.iter().find(|k| k.week == week);
        let own = self.ledger.day_key(day).await?;
        let doors = match day {
            Day::STANDING => self.keys.standing.as_deref(),
            _ => own.as_ref(),
        };
        if authority.is_none() && doors.is_none() {
            self.left_out.insert(day, LeftOut::NoKey);
            return Ok(());
        }
        let (mut runs, mut bytes) = (Vec::new(), 0);
        for (chain, mut after) in chains {
            while let (_, Some(run)) = self.ledger.run(chain, after, RUN_BYTES).await? {
                after = run.last();
                bytes += run.size();
                runs.push(run);
                if bytes >= PART_BYTES || runs.len() >= RUNS_MAX {
                    let full = std::mem::take(&mut runs);
                    if !self.seal(parts, day, &full, (authority, doors))? {
                        return Ok(());
                    }
                    bytes = 0;
                }
            }
        }
        if !runs.is_empty() {
            self.seal(parts, day, &runs, (authority, doors))?;
        }
        Ok(())
    }

    /// Seals runs of a day and adds them, if they fit; whether they did.
    fn seal(
        &mut self,
        parts: &mut Vec<Part>,
        day: Day,
        runs: &[Run],
        (authority, doors): (Option<&TracingKey>, Option<&DayKey>),
    ) -> Result<bool, BundleError> {
        let part = Part::seal(self.venue, day, runs, authority, doors)?;
        let size = encode(&part).len();
        let fits = size <= self.room && parts.len() < PARTS_MAX;
        if fits {
            self.room -= size;
            parts.push(part);
        } else {
            self.left_out.insert(day, LeftOut::Full);
        }
        Ok(fits)
    }
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
        let doors = keys.door_key(part, ledger.day_key(part.day).await?);
        match part.open(contents.venue, &keys.secrets, doors.as_deref())? {
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
    let member = papers
        .check(&charter.roots.granting(), &by, contents.made_at)
        .map_err(|_| OpenError::Maker)?;
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
                // Less than before where a purge has destroyed the chain meanwhile.
                let fresh = held(ledger).saturating_sub(before);
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

#[cfg(test)]
mod tests;
