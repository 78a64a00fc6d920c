//! Pieces of chains into the shared store: each chain moves from one place to the next in the same transaction as its rows,
//! so that no visit counts twice, whichever node brings it and however often.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{Hash, Seq, VenueId},
    time::{Day, UnixMillis, Zone},
};
use tokio_postgres::{Statement, Transaction, types::ToSql};

use super::{
    super::{Outcome, Piece, Raw, StoreError},
    Link, Postgres,
    columns::{Date, Stamp, event, kind, venue},
    fault,
    keeping::name,
    schema::Layout,
};
use crate::authority::index::{VenueTotals, encode};

const FIRST: &str = "insert into vestibule.chains (venue_id, day, author, epoch, seq, tip, taken)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
const NEXT: &str = "update vestibule.chains set seq = $5, tip = $6
    where venue_id = $1 and day = $2 and author = $3 and epoch = $4 and seq = $7 and tip = $8";
const WHERE: &str = "select seq from vestibule.chains
    where venue_id = $1 and day = $2 and author = $3 and epoch = $4";
const RUN: &str = "insert into vestibule.runs (venue_id, day, author, epoch, last, run, taken)
    select v, d, a, e, l, r, $7::date
    from unnest($1::int8[], $2::date[], $3::bytea[], $4::bytea[], $5::int8[], $6::bytea[])
    as q(v, d, a, e, l, r) on conflict do nothing";
/// Sorted by the key: the index is then written page by page.
pub(super) const VISITS: &str = "insert into vestibule.visits
    (region, venue_id, day, entrance, event_id, subject_key, at, kind, taken)
    select $1::int2, v, d, n, e, s, t, k, $9::date
    from unnest($2::int8[], $3::date[], $4::int2[], $5::bytea[], $6::bytea[], $7::timestamptz[], $8::int2[])
    as q(v, d, n, e, s, t, k) on conflict do nothing";
const VISITS_2: &str = "insert into vestibule.visits_by_subject
    (region, venue_id, day, entrance, event_id, subject_key, at, kind, taken)
    select $1::int2, v, d, n, e, s, t, k, $9::date
    from unnest($2::int8[], $3::date[], $4::int2[], $5::bytea[], $6::bytea[], $7::timestamptz[], $8::int2[])
    as q(v, d, n, e, s, t, k) on conflict do nothing";
const REPORTS: &str =
    "insert into vestibule.reports (venue_id, day, kind, event_id, at, value, taken)
    select v, d, k, e, t, x, $7::date
    from unnest($1::int8[], $2::date[], $3::int2[], $4::bytea[], $5::timestamptz[], $6::bytea[])
    as q(v, d, k, e, t, x) on conflict do nothing";
const TOTALS: &str = "insert into vestibule.totals as held
    (venue_id, visits, entries, exits, refusals, unreadable, alerts, notices, quarantined, last)
    select * from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::timestamptz[])
    on conflict (venue_id) do update set visits = held.visits + excluded.visits,
        entries = held.entries + excluded.entries, exits = held.exits + excluded.exits,
        refusals = held.refusals + excluded.refusals, unreadable = held.unreadable + excluded.unreadable,
        alerts = held.alerts + excluded.alerts, notices = held.notices + excluded.notices,
        quarantined = held.quarantined + excluded.quarantined, last = greatest(held.last, excluded.last)";
const PAPERS: &str = "insert into vestibule.papers (venue_id, hash, papers)
    select * from unnest($1::int8[], $2::bytea[], $3::bytea[]) on conflict do nothing";

/// The statements of one transaction.
struct Statements {
    first: Statement,
    next: Statement,
    place: Statement,
    run: Statement,
    visits: Statement,
    visits_2: Option<Statement>,
    reports: Statement,
    totals: Statement,
    papers: Statement,
}

impl Statements {
    async fn of(link: &mut Link, layout: Layout) -> Result<Self, StoreError> {
        let visits_2 = match layout {
            Layout::Index => None,
            Layout::SecondTable => Some(link.statement(VISITS_2).await?),
        };
        Ok(Self {
            first: link.statement(FIRST).await?,
            next: link.statement(NEXT).await?,
            place: link.statement(WHERE).await?,
            run: link.statement(RUN).await?,
            visits: link.statement(VISITS).await?,
            visits_2,
            reports: link.statement(REPORTS).await?,
            totals: link.statement(TOTALS).await?,
            papers: link.statement(PAPERS).await?,
        })
    }
}

impl Postgres {
    /// Keeps pieces in one transaction: those whose chains stand where the pieces begin. What came of each is said in
    /// their order.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of them was kept.
    pub async fn take(&self, pieces: &[Piece]) -> Result<Vec<Outcome>, StoreError> {
        if let Some(day) = days(pieces).find(|day| Date(*day).days().is_none()) {
            return Err(StoreError::Refused(format!("no calendar has {day}")));
        }
        self.make_days(days(pieces)).await?;
        let mut turn = self.on(&self.writer).await?;
        let link = turn.link()?;
        let statements = Statements::of(link, self.layout).await?;
        let within = link.client.transaction().await.map_err(fault)?;
        let taken = self.take_within(&within, &statements, pieces).await;
        match taken {
            Ok(outcomes) => {
                within.commit().await.map_err(fault)?;
                Ok(outcomes)
            }
            Err(error) => {
                drop(within); // rolls back
                // Somebody may have dropped a day's partitions since.
                self.forget_days();
                Err(error)
            }
        }
    }

    async fn take_within(
        &self,
        within: &Transaction<'_>,
        statements: &Statements,
        pieces: &[Piece],
    ) -> Result<Vec<Outcome>, StoreError> {
        let today = Date(Zone::utc().day((self.clock)()));
        let outcomes = claim(within, statements, pieces, today).await?;
        let kept: Vec<&Piece> = pieces
            .iter()
            .zip(&outcomes)
            .filter(|(_, outcome)| **outcome == Outcome::Kept)
            .map(|(piece, _)| piece)
            .collect();
        if kept.is_empty() {
            return Ok(outcomes);
        }
        let visits = Visits::of(&kept);
        let (runs, reports) = (Runs::of(&kept), Reports::of(&kept));
        let region = self.region.get().cast_signed();
        // All are under way at once; the server does one after the other.
        futures::try_join!(
            visits.insert(within, &statements.visits, region, &today),
            async {
                match &statements.visits_2 {
                    Some(statement) => visits.insert(within, statement, region, &today).await,
                    None => Ok(()),
                }
            },
            runs.insert(within, &statements.run, &today),
            reports.insert(within, &statements.reports, &today),
            papers(within, &statements.papers, &kept),
            totals(within, &statements.totals, &kept),
        )?;
        Ok(outcomes)
    }
}

/// Moves each chain on, in the order of its key: two nodes that bring the same wait for each other and not in a circle.
async fn claim(
    within: &Transaction<'_>,
    statements: &Statements,
    pieces: &[Piece],
    today: Date,
) -> Result<Vec<Outcome>, StoreError> {
    let claims = pieces.iter().map(|piece| async move {
        let Some(raw) = &piece.raw else { return Err(StoreError::Damaged) };
        let chain = &piece.chain;
        let (of, day) = (venue(piece.venue), Date(chain.day));
        let (author, epoch) =
            (chain.author.as_bytes().as_slice(), chain.epoch.as_bytes().as_slice());
        let (reached, tip) = (piece.reached.get().cast_signed(), raw.tip.as_bytes().as_slice());
        let moved = if piece.after == Seq::default() {
            let params: [&(dyn ToSql + Sync); 7] =
                [&of, &day, &author, &epoch, &reached, &tip, &today];
            within.execute(&statements.first, &params).await
        } else {
            let after = piece.after.get().cast_signed();
            let previous = raw.previous.as_bytes().as_slice();
            let params: [&(dyn ToSql + Sync); 8] =
                [&of, &day, &author, &epoch, &reached, &tip, &after, &previous];
            within.execute(&statements.next, &params).await
        };
        if moved.map_err(fault)? == 1 {
            return Ok(Outcome::Kept);
        }
        let params: [&(dyn ToSql + Sync); 4] = [&of, &day, &author, &epoch];
        let row = within.query_opt(&statements.place, &params).await.map_err(fault)?;
        let stands =
            row.map_or(Seq::default(), |row| Seq::new(row.get::<_, i64>(0).cast_unsigned()));
        Ok(if stands == piece.after { Outcome::Forked } else { Outcome::Moved(stands) })
    });
    futures::future::try_join_all(claims).await
}

fn days(pieces: &[Piece]) -> impl Iterator<Item = Day> {
    let days: BTreeSet<Day> = pieces.iter().map(|piece| piece.chain.day).collect();
    days.into_iter()
}

/// Visits in columns.
#[derive(Default)]
pub(super) struct Visits {
    venues: Vec<i64>,
    days: Vec<Date>,
    entrances: Vec<i16>,
    events: Vec<Vec<u8>>,
    subjects: Vec<Vec<u8>>,
    times: Vec<Stamp>,
    kinds: Vec<i16>,
}

impl Visits {
    fn of(pieces: &[&Piece]) -> Self {
        let mut rows: Vec<_> = pieces.iter().flat_map(|piece| &piece.visits).collect();
        rows.sort_unstable_by_key(|row| (row.venue, row.visit.chain.day, row.at));
        let mut visits = Self::default();
        for row in rows {
            visits.venues.push(venue(row.venue));
            visits.days.push(Date(row.visit.chain.day));
            visits.entrances.push(row.entrance.get().cast_signed());
            visits.events.push(event(&row.visit));
            visits.subjects.push(row.subject.as_bytes().to_vec());
            visits.times.push(Stamp(row.at));
            visits.kinds.push(kind(row.kind));
        }
        visits
    }

    async fn insert(
        &self,
        within: &Transaction<'_>,
        statement: &Statement,
        region: i16,
        today: &Date,
    ) -> Result<(), StoreError> {
        if self.venues.is_empty() {
            return Ok(());
        }
        let params: [&(dyn ToSql + Sync); 9] = [
            &region,
            &self.venues,
            &self.days,
            &self.entrances,
            &self.events,
            &self.subjects,
            &self.times,
            &self.kinds,
            today,
        ];
        within.execute(statement, &params).await.map_err(fault).map(drop)
    }
}

/// Runs in columns.
#[derive(Default)]
struct Runs {
    venues: Vec<i64>,
    days: Vec<Date>,
    authors: Vec<Vec<u8>>,
    epochs: Vec<Vec<u8>>,
    lasts: Vec<i64>,
    runs: Vec<Vec<u8>>,
}

impl Runs {
    fn of(pieces: &[&Piece]) -> Self {
        let mut runs = Self::default();
        for piece in pieces {
            let Some(Raw { run, .. }) = &piece.raw else { continue };
            runs.venues.push(venue(piece.venue));
            runs.days.push(Date(piece.chain.day));
            runs.authors.push(piece.chain.author.as_bytes().to_vec());
            runs.epochs.push(piece.chain.epoch.as_bytes().to_vec());
            runs.lasts.push(piece.reached.get().cast_signed());
            runs.runs.push(run.clone());
        }
        runs
    }

    async fn insert(
        &self,
        within: &Transaction<'_>,
        statement: &Statement,
        today: &Date,
    ) -> Result<(), StoreError> {
        let params: [&(dyn ToSql + Sync); 7] =
            [&self.venues, &self.days, &self.authors, &self.epochs, &self.lasts, &self.runs, today];
        within.execute(statement, &params).await.map_err(fault).map(drop)
    }
}

/// Reports in columns.
#[derive(Default)]
struct Reports {
    venues: Vec<i64>,
    days: Vec<Date>,
    kinds: Vec<i16>,
    events: Vec<Vec<u8>>,
    times: Vec<Stamp>,
    values: Vec<Vec<u8>>,
}

impl Reports {
    fn of(pieces: &[&Piece]) -> Self {
        let mut reports = Self::default();
        for piece in pieces {
            for report in &piece.reports {
                reports.venues.push(venue(piece.venue));
                reports.days.push(Date(report.id.chain.day));
                reports.kinds.push(i16::from(report.kind));
                reports.events.push(event(&report.id));
                reports.times.push(super::columns::bound(report.at));
                reports.values.push(report.value.clone());
            }
        }
        reports
    }

    async fn insert(
        &self,
        within: &Transaction<'_>,
        statement: &Statement,
        today: &Date,
    ) -> Result<(), StoreError> {
        if self.venues.is_empty() {
            return Ok(());
        }
        let params: [&(dyn ToSql + Sync); 7] =
            [&self.venues, &self.days, &self.kinds, &self.events, &self.times, &self.values, today];
        within.execute(statement, &params).await.map_err(fault).map(drop)
    }
}

async fn papers(
    within: &Transaction<'_>,
    statement: &Statement,
    pieces: &[&Piece],
) -> Result<(), StoreError> {
    let mut all: BTreeMap<(VenueId, Vec<u8>), Vec<u8>> = BTreeMap::new();
    for piece in pieces {
        let Some(papers) = piece.raw.as_ref().and_then(|raw| raw.papers.as_ref()) else { continue };
        all.entry((piece.venue, name(papers))).or_insert_with(|| encode(papers));
    }
    if all.is_empty() {
        return Ok(());
    }
    let venues: Vec<i64> = all.keys().map(|(of, _)| venue(*of)).collect();
    let hashes: Vec<&[u8]> = all.keys().map(|(_, hash)| hash.as_slice()).collect();
    let papers: Vec<&[u8]> = all.values().map(Vec::as_slice).collect();
    within.execute(statement, &[&venues, &hashes, &papers]).await.map_err(fault).map(drop)
}

/// In the order of the venues, like everything that two nodes may want at once.
async fn totals(
    within: &Transaction<'_>,
    statement: &Statement,
    pieces: &[&Piece],
) -> Result<(), StoreError> {
    let mut all: BTreeMap<i64, VenueTotals> = BTreeMap::new();
    for piece in pieces {
        all.entry(venue(piece.venue)).or_default().add(&piece.counts);
    }
    let venues: Vec<i64> = all.keys().copied().collect();
    let column = |of: fn(&VenueTotals) -> u64| -> Vec<i64> {
        all.values().map(|counts| of(counts).cast_signed()).collect()
    };
    let stamp = |at: UnixMillis| super::columns::bound(at);
    let lasts: Vec<Option<Stamp>> = all.values().map(|c| c.last.map(stamp)).collect();
    let params: [&(dyn ToSql + Sync); 10] = [
        &venues,
        &column(|c| c.visits),
        &column(|c| c.entries),
        &column(|c| c.exits),
        &column(|c| c.refusals),
        &column(|c| c.unreadable),
        &column(|c| c.alerts),
        &column(|c| c.notices),
        &column(|c| c.quarantined),
        &lasts,
    ];
    within.execute(statement, &params).await.map_err(fault).map(drop)
}

/// The hash that the header after a run names, worked out as its author did.
pub(in super::super::super) fn tip(run: &sync::envelope::Run) -> Hash {
    use sync::envelope::{Header, digest};
    let first = (run.previous, run.after);
    let (tip, _) = run.links.iter().fold(first, |(previous, before), link| {
        let header = Header {
            venue: run.venue,
            chain: run.chain,
            seq: before.next(),
            previous,
            segment: link.segment,
            made_at: link.made_at,
            content: digest(&link.items),
        };
        (header.hash(), header.seq)
    });
    tip
}
