//! Questions to the shared store: whose visits, how far chains go, what they hold, what it adds up to.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt, TryStreamExt};
use sync::{
    envelope::Run,
    id::{ChainId, EntranceId, Seq, Subject, VenueId},
    time::{Day, UnixMillis, Zone},
};
use tokio_postgres::{Row as Found, types::ToSql};

use super::{
    super::{Places, StoreError, Window},
    Postgres, Turn,
    columns::{Date, Stamp, bound, to_chain, to_event, to_kind, to_venue, venue},
    schema::Layout,
};
use crate::authority::index::{Row, Totals, VenueTotals};

/// Questions that are under way at once: their answers lie in memory.
const PIPELINE: usize = 32;

const OF_PERSON: &str =
    "select subject_key, venue_id, day, entrance, event_id, at, kind from vestibule.visits
    where subject_key = $1 and day between $2 and $3 and at >= $4 and at < $5";
const OF_PERSON_UNDATED: &str =
    "select subject_key, venue_id, day, entrance, event_id, at, kind from vestibule.visits
    where subject_key = $1 and day = $2";
const OF_PERSON_2: &str =
    "select subject_key, venue_id, day, entrance, event_id, at, kind from vestibule.visits_by_subject
    where subject_key = $1 and day between $2 and $3 and at >= $4 and at < $5";
const OF_PERSON_2_UNDATED: &str =
    "select subject_key, venue_id, day, entrance, event_id, at, kind from vestibule.visits_by_subject
    where subject_key = $1 and day = $2";
const OF_VENUE: &str =
    "select subject_key, venue_id, day, entrance, event_id, at, kind from vestibule.visits
    where venue_id = $1 and day between $2 and $3 and at >= $4 and at < $5";
const OF_VENUE_UNDATED: &str =
    "select subject_key, venue_id, day, entrance, event_id, at, kind from vestibule.visits
    where venue_id = $1 and day = $2";

impl Postgres {
    pub(in super::super) async fn of_person(
        &self,
        subject: &Subject,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        let texts = match self.layout {
            Layout::Index => (OF_PERSON, OF_PERSON_UNDATED),
            Layout::SecondTable => (OF_PERSON_2, OF_PERSON_2_UNDATED),
        };
        self.visits(texts, &subject.as_bytes().as_slice(), from, until).await
    }

    pub(in super::super) async fn of_venue(
        &self,
        id: VenueId,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        self.visits((OF_VENUE, OF_VENUE_UNDATED), &venue(id), from, until).await
    }

    /// Both questions go at once: a venue's day is at most one away from the day in UTC, and what has no day is looked at
    /// in any case.
    async fn visits(
        &self,
        (dated, undated): (&'static str, &'static str),
        whose: &(dyn ToSql + Sync),
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        let (first, last, from, until) = days_of(from, until);
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let (dated, undated) = (link.statement(dated).await?, link.statement(undated).await?);
        let unknown = Date(Day::UNKNOWN);
        let params: [&(dyn ToSql + Sync); 5] = [whose, &first, &last, &from, &until];
        let params_undated: [&(dyn ToSql + Sync); 2] = [whose, &unknown];
        let both = futures::future::try_join(
            link.client.query(&dated, &params),
            link.client.query(&undated, &params_undated),
        );
        match both.await {
            Ok((some, others)) => some.iter().chain(&others).map(visit).collect(),
            Err(error) => Err(turn.failed(error)),
        }
    }

    /// Many questions are under way at once: the server answers one after the other, and nobody waits for the way there
    /// and back. One statement for all of them would cost it many times more.
    pub(in super::super) async fn of_venues(
        &self,
        windows: &[Window],
    ) -> Result<Vec<Row>, StoreError> {
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let dated = &link.statement(OF_VENUE).await?;
        let undated = &link.statement(OF_VENUE_UNDATED).await?;
        let client = &link.client;
        let venues: BTreeSet<VenueId> = windows.iter().map(|(of, ..)| *of).collect();
        let ask_window = |(of, from, until): Window| async move {
            let (first, last, from, until) = days_of(from, until);
            let params: [&(dyn ToSql + Sync); 5] = [&venue(of), &first, &last, &from, &until];
            client.query(dated, &params).await
        };
        let ask_undated = |of: VenueId| async move {
            client.query(undated, &[&venue(of), &Date(Day::UNKNOWN)]).await
        };
        let in_window: Vec<_> = windows.iter().copied().map(ask_window).collect();
        let of_no_day: Vec<_> = venues.into_iter().map(ask_undated).collect();
        let asked = futures::future::try_join(
            stream::iter(in_window).buffered(PIPELINE).try_collect::<Vec<_>>(),
            stream::iter(of_no_day).buffered(PIPELINE).try_collect::<Vec<_>>(),
        );
        match asked.await {
            Ok((some, others)) => some.iter().chain(&others).flatten().map(visit).collect(),
            Err(error) => Err(turn.failed(error)),
        }
    }

    async fn ask(
        &self,
        text: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Found>, StoreError> {
        let mut turn: Turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let statement = link.statement(text).await?;
        match link.client.query(&statement, params).await {
            Ok(rows) => Ok(rows),
            Err(error) => Err(turn.failed(error)),
        }
    }

    pub(in super::super) async fn reports_of(
        &self,
        kind: u8,
        venues: &BTreeSet<VenueId>,
        since: Day,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let text = "select value from vestibule.reports
            where venue_id = $1 and kind = $2 and (day >= $3 or day = $4)";
        let since = if since.is_civil() { Day::new(since.get().max(0)) } else { Day::UNKNOWN };
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let statement = &link.statement(text).await?;
        let client = &link.client;
        let ask = |of: VenueId| async move {
            let params: [&(dyn ToSql + Sync); 4] =
                [&venue(of), &i16::from(kind), &Date(since), &Date(Day::UNKNOWN)];
            client.query(statement, &params).await
        };
        let asked: Vec<_> = venues.iter().copied().map(ask).collect();
        match stream::iter(asked).buffered(PIPELINE).try_collect::<Vec<_>>().await {
            Ok(found) => Ok(found.iter().flatten().map(|row| row.get(0)).collect()),
            Err(error) => Err(turn.failed(error)),
        }
    }

    pub(in super::super) async fn reports(
        &self,
        kind: u8,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let text = "select value from vestibule.reports where kind = $1 order by at desc limit $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.ask(text, &[&i16::from(kind), &limit]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// How far the chains of a venue are kept here.
    pub(in super::super::super) async fn places(&self, of: VenueId) -> Result<Places, StoreError> {
        let text = "select day, author, epoch, seq from vestibule.chains where venue_id = $1";
        let rows = self.ask(text, &[&venue(of)]).await?;
        let place = |row: &Found| {
            let Date(day) = row.get(0);
            let chain = to_chain(row.get(1), row.get(2), day)?;
            Ok((chain, Seq::new(row.get::<_, i64>(3).cast_unsigned())))
        };
        rows.iter().map(place).collect()
    }

    /// Of which venue a chain is that is kept here.
    pub(in super::super::super) async fn venue_of(
        &self,
        chain: &ChainId,
    ) -> Result<Option<VenueId>, StoreError> {
        let text = "select venue_id from vestibule.chains where day = $1 and author = $2 and epoch = $3 limit 1";
        let (author, epoch) =
            (chain.author.as_bytes().as_slice(), chain.epoch.as_bytes().as_slice());
        let rows = self.ask(text, &[&Date(chain.day), &author, &epoch]).await?;
        Ok(rows.first().map(|row| to_venue(row.get(0))))
    }

    /// The runs of a chain that reach beyond a place, in order, at most `limit`.
    pub(in super::super::super) async fn runs(
        &self,
        of: VenueId,
        chain: &ChainId,
        after: Seq,
        limit: i64,
    ) -> Result<Vec<Run>, StoreError> {
        let text = "select run from vestibule.runs where venue_id = $1 and day = $2 and author = $3
            and epoch = $4 and last > $5 order by last limit $6";
        let (author, epoch) =
            (chain.author.as_bytes().as_slice(), chain.epoch.as_bytes().as_slice());
        let after = after.get().cast_signed();
        let params: [&(dyn ToSql + Sync); 6] =
            [&venue(of), &Date(chain.day), &author, &epoch, &after, &limit];
        let rows = self.ask(text, &params).await?;
        let run = |row: &Found| minicbor::decode(row.get(0)).map_err(|_| StoreError::Damaged);
        rows.iter().map(run).collect()
    }

    /// What all venues' visits add up to, and which chains each has sent.
    pub(in super::super::super) async fn totals(&self) -> Result<Totals, StoreError> {
        let text = "select venue_id, visits, entries, exits, refusals, unreadable, alerts, notices, quarantined,
            last from vestibule.totals";
        let mut totals = Totals::default();
        for row in self.ask(text, &[]).await? {
            let count = |column: usize| row.get::<_, i64>(column).cast_unsigned();
            let counts = VenueTotals {
                visits: count(1),
                entries: count(2),
                exits: count(3),
                refusals: count(4),
                unreadable: count(5),
                alerts: count(6),
                notices: count(7),
                quarantined: count(8),
                last: row.get::<_, Option<Stamp>>(9).map(|at| at.0),
            };
            totals.venues.insert(to_venue(row.get(0)), counts);
        }
        let text = "select distinct venue_id, author from vestibule.chains";
        for row in self.ask(text, &[]).await? {
            let chain = to_chain(row.get(1), &[0; 8], Day::STANDING)?;
            let doors: &mut BTreeSet<_> = totals.doors.entry(to_venue(row.get(0))).or_default();
            doors.insert(chain);
        }
        Ok(totals)
    }
}

/// The days on which visits between two times can lie, and these times, as the columns have them.
fn days_of(from: UnixMillis, until: UnixMillis) -> (Date, Date, Stamp, Stamp) {
    let (from, until, utc) = (bound(from), bound(until), Zone::utc());
    let first = Day::new(utc.day(from.0).get().saturating_sub(1).max(0));
    let last = Day::new(utc.day(until.0).plus(1).get().min(super::columns::DAYS_MAX - 2));
    (Date(first), Date(last), from, until)
}

fn visit(row: &Found) -> Result<Row, StoreError> {
    let Date(day) = row.get(2);
    Ok(Row {
        subject: Subject::from_slice(row.get(0)).ok_or(StoreError::Damaged)?,
        venue: to_venue(row.get(1)),
        entrance: EntranceId::new(row.get::<_, i16>(3).cast_unsigned()),
        visit: to_event(row.get(4), day)?,
        at: row.get::<_, Stamp>(5).0,
        kind: to_kind(row.get(6))?,
    })
}
