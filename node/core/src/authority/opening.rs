//! What was read of chains becomes pieces for the index: seals are opened on all cores, records sorted out and counted.

use std::{num::NonZeroUsize, panic::resume_unwind, thread};

use sync::{
    id::{ChainId, Seq, Subject, VenueId},
    ledger::LedgerError,
    order::Hit,
    record::{StoredRecord, StoredVisit},
    sealed::{Binding, Identity, TracingSecret},
};

use super::{
    Authority,
    abroad::Outgoing,
    amended, hits,
    index::Row,
    notices,
    quarantine::{self, SetApart},
    store::{Fetched, Piece, StoreError},
};

/// Records for which a core of its own is worth it.
const LEAST: usize = 16;

/// The next records of a chain, as they were read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) venue: VenueId,
    pub(super) chain: ChainId,
    pub(super) after: Seq,
    pub(super) fetched: Fetched,
}

/// A piece as it goes into the index, and whom its visits are to be told to.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) piece: Piece,
    /// Visits with what is withdrawn: their venues' doors.
    pub(super) withdrawn: Vec<Hit>,
    /// Visits of other regions' people: those regions.
    pub(super) outgoing: Vec<Outgoing>,
}

/// A visit, and who is behind its seal; `None` where nobody was identified.
type Seen = (StoredVisit, Option<Result<Identity, ()>>);

impl Authority {
    /// Opens the pseudonyms, sorts out what is what, counts. An opening is some fifty microseconds of arithmetic: it is done
    /// beside the tasks, and on as many threads as there are cores.
    ///
    /// # Errors
    /// [`LedgerError::Closed`] when the node is ending.
    pub(super) async fn open_up(&self, reads: Vec<Read>) -> Result<Vec<Opened>, StoreError> {
        let authority = self.clone();
        match tokio::task::spawn_blocking(move || authority.open_all(reads)).await {
            Ok(pieces) => Ok(pieces),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(LedgerError::Closed.into()),
            },
        }
    }

    fn open_all(&self, reads: Vec<Read>) -> Vec<Opened> {
        let mut seen = self.see_all(&reads).into_iter();
        let piece = |read: Read| {
            let of_read: Vec<_> = seen.by_ref().take(read.fetched.records.len()).collect();
            self.piece(read, of_read)
        };
        reads.into_iter().map(piece).collect()
    }

    /// Of each record in order the visit, if it is one that can be indexed.
    fn see_all(&self, reads: &[Read]) -> Vec<Option<Seen>> {
        let all: Vec<(VenueId, &StoredRecord)> = reads
            .iter()
            .flat_map(|read| read.fetched.records.iter().map(move |record| (read.venue, record)))
            .collect();
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = all.len().div_ceil(cores).max(LEAST);
        let see = |part: &[(VenueId, &StoredRecord)]| {
            part.iter().map(|(venue, record)| self.see(*venue, record)).collect::<Vec<_>>()
        };
        thread::scope(|scope| {
            let mut parts = all.chunks(share);
            let own = parts.next().unwrap_or_default();
            let others: Vec<_> = parts.map(|part| scope.spawn(move || see(part))).collect();
            let mut seen = see(own);
            for other in others {
                seen.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            seen
        })
    }

    fn see(&self, venue: VenueId, record: &StoredRecord) -> Option<Seen> {
        let stored = quarantine::fault(record).is_none().then(|| record.visit())??;
        let who = self.identity(venue, &stored);
        Some((stored, who))
    }

    fn piece(&self, read: Read, seen: Vec<Option<Seen>>) -> Opened {
        let Read { venue, chain, after, fetched: Fetched { records, reached, raw } } = read;
        let (counts, visits, reports) = Default::default();
        let mut piece = Piece { venue, chain, after, reached, raw, counts, visits, reports };
        let (mut withdrawn, mut outgoing) = (Vec::new(), Vec::new());
        for (record, seen) in records.iter().zip(seen) {
            if let Some(why) = quarantine::fault(record) {
                self.set_apart(&mut piece, record, why);
                continue;
            }
            let alert = hits::report(venue, record);
            let notice = notices::report(venue, record);
            piece.counts.alerts += u64::from(alert.is_some());
            piece.counts.notices += u64::from(notice.is_some());
            piece.reports.extend(alert.or(notice).or_else(|| amended::report(record)));
            let Some((stored, who)) = seen else { continue };
            piece.counts.count(&stored);
            match who {
                Some(Ok(who)) => {
                    piece.visits.push(row(venue, &stored, self.pseudonym(&who)));
                    withdrawn.extend(self.withdrawn(&who, &stored));
                    outgoing.extend(self.outgoing(venue, &who, &stored));
                }
                Some(Err(())) => piece.counts.unreadable += 1,
                None => {}
            }
        }
        Opened { piece, withdrawn, outgoing }
    }

    fn set_apart(&self, piece: &mut Piece, record: &StoredRecord, why: &str) {
        let at = (self.0.clock)();
        tracing::warn!(author = ?piece.chain.author, record = %record.id.number, why, "a record is set apart");
        let apart = SetApart { venue: piece.venue, id: record.id, at, why: why.to_owned() };
        piece.reports.push(apart.report());
        piece.counts.quarantined += 1;
    }

    /// Who is behind a visit's seal; `None` where nobody was identified.
    pub(super) fn identity(
        &self,
        venue: VenueId,
        stored: &StoredVisit,
    ) -> Option<Result<Identity, ()>> {
        let sealed = stored.visit.sealed.as_ref()?;
        let binding = Binding { venue, visit: stored.id, day: stored.id.chain.day };
        // Copied, for the others that open something must not wait meanwhile.
        let of_week: Vec<TracingSecret> = {
            let secrets = self.secrets();
            secrets.iter().filter(|s| s.week() == sealed.week()).cloned().collect()
        };
        let opened = of_week.iter().find_map(|secret| sealed.open(secret, &binding).ok());
        Some(opened.ok_or(()))
    }

    /// Under which a person's visits are found.
    fn pseudonym(&self, who: &Identity) -> Subject {
        match who {
            Identity::Native(subject, _, region) => self.own_name(*subject, *region),
            Identity::Foreign(foreign) => foreign.subject,
            Identity::Typed(typed) => self.0.registry.pseudonym(typed),
        }
    }
}

fn row(venue: VenueId, stored: &StoredVisit, subject: Subject) -> Row {
    Row {
        at: stored.visit.at,
        kind: stored.visit.kind,
        subject,
        venue,
        entrance: stored.visit.entrance,
        visit: stored.id,
    }
}
