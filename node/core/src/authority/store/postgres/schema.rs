//! The schema of the shared store: versioned steps that can be run again, partitions by day, two ways to lay it out.
//!
//! Only int, date, bytea and timestamptz, only btree; no sequences, triggers, foreign keys, extensions or temporary tables:
//! every table can be distributed by its first column, and the same statements run.

use std::fmt::Write;

use sync::time::Day;
use tokio_postgres::{Client, Transaction};

use super::{
    super::{StoreError, guard},
    Address, Link, Postgres,
    columns::{Date, STANDING, UNKNOWN},
    fault,
};

/// The version of the schema that this program works on.
pub const VERSION: i32 = 2;
/// Days ahead of today whose partitions are there.
pub const DAYS_AHEAD: i32 = 7;
/// The tables whose rows go with their day.
pub(super) const OF_DAYS: [&str; 4] = ["visits", "chains", "runs", "reports"];
const BY_SUBJECT: &str = "visits_by_subject";

/// Facts about the store itself, by their numbers.
const LAYOUT: i32 = 1;
const FLOOR: i32 = 2;
/// What the cabinet's key makes of a known word.
pub(super) const KEY: i32 = 3;

/// How visits are found by person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// By an index: for one server.
    Index,
    /// By a second table, whose first column is the person: it can be distributed by that.
    SecondTable,
}

const BEGIN: &str = "
create schema if not exists vestibule;
create table if not exists vestibule.schema (version int4 primary key, made_at timestamptz not null);
create table if not exists vestibule.facts (name int4 primary key, value bytea not null);
create table if not exists vestibule.days (day date primary key);";

const VISIT_COLUMNS: &str = "region int2 not null, venue_id int8 not null, day date not null, entrance int2 not null,
  event_id bytea not null, subject_key bytea not null, at timestamptz not null, kind int2 not null, taken date not null";

/// What each version adds.
fn step(version: i32) -> String {
    match version {
        1 => format!(
            "create table if not exists vestibule.visits ({VISIT_COLUMNS},
  primary key (venue_id, day, at, event_id)) partition by range (day);
create table if not exists vestibule.chains (venue_id int8 not null, day date not null, author bytea not null,
  epoch bytea not null, seq int8 not null, tip bytea not null, taken date not null,
  primary key (venue_id, day, author, epoch)) partition by range (day);
create table if not exists vestibule.runs (venue_id int8 not null, day date not null, author bytea not null,
  epoch bytea not null, last int8 not null, run bytea not null, taken date not null,
  primary key (venue_id, day, author, epoch, last)) partition by range (day);
create table if not exists vestibule.reports (venue_id int8 not null, day date not null, kind int2 not null,
  event_id bytea not null, at timestamptz not null, value bytea not null, taken date not null,
  primary key (venue_id, day, kind, event_id)) partition by range (day);
create index if not exists reports_by_kind on vestibule.reports (kind, at);
create table if not exists vestibule.totals (venue_id int8 primary key, visits int8 not null, entries int8 not null,
  exits int8 not null, refusals int8 not null, unreadable int8 not null, alerts int8 not null, notices int8 not null,
  quarantined int8 not null, last timestamptz);
create table if not exists vestibule.kept (name bytea primary key, value bytea not null);"
        ),
        // What nodes of the authority tell each other about a venue besides its records.
        2 => "create table if not exists vestibule.papers (venue_id int8 not null, hash bytea not null,
  papers bytea not null, primary key (venue_id, hash));
create table if not exists vestibule.orders (venue_id int8 not null, slot bytea not null, signed bytea not null,
  until date not null, primary key (venue_id, slot));"
            .into(),
        _ => String::new(),
    }
}

fn layout_step(layout: Layout) -> String {
    match layout {
        Layout::Index => {
            "create index if not exists visits_by_person on vestibule.visits (subject_key, at);"
                .into()
        }
        Layout::SecondTable => format!(
            "create table if not exists vestibule.{BY_SUBJECT} ({VISIT_COLUMNS},
  primary key (subject_key, day, at, event_id)) partition by range (day);"
        ),
    }
}

impl Layout {
    const fn number(self) -> u8 {
        match self {
            Self::Index => 1,
            Self::SecondTable => 2,
        }
    }

    /// The tables that have a partition for each day.
    pub(super) fn tables(self) -> impl Iterator<Item = &'static str> {
        let second = (self == Self::SecondTable).then_some(BY_SUBJECT);
        OF_DAYS.into_iter().chain(second)
    }
}

/// What making or mending the schema came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The version that was there before; 0 where there was none.
    pub before: i32,
    /// How visits are found by person.
    pub layout: Layout,
}

/// Makes the schema or brings it up to this program's version; where it is, nothing changes. `distribute` lays a new store
/// out for a sharded PostgreSQL and distributes its tables with Citus; `layout` of a store that is there stays.
///
/// # Errors
/// [`StoreError`] when the server cannot be reached or refuses a statement.
pub async fn init(
    address: &Address,
    layout: Layout,
    distribute: bool,
    today: Day,
) -> Result<Made, StoreError> {
    let mut link = Link::open(address).await?;
    let made = raise(&mut link.client, layout, VERSION).await?;
    if distribute {
        if made.layout != Layout::SecondTable {
            return Err(StoreError::Refused(
                "the store is laid out for one server; a new database can be distributed".into(),
            ));
        }
        share_out(&link.client).await?;
    }
    for day in
        [Day::UNKNOWN, Day::STANDING].into_iter().chain((0..=DAYS_AHEAD).map(|n| today.plus(n)))
    {
        make_day(&mut link.client, made.layout, day).await?;
    }
    Ok(made)
}

/// Brings the schema up to a version, each step in a transaction of its own.
pub(super) async fn raise(
    client: &mut Client,
    layout: Layout,
    until: i32,
) -> Result<Made, StoreError> {
    // Two that begin at once: the loser finds it made when it tries again.
    if client.batch_execute(BEGIN).await.is_err() {
        client.batch_execute(BEGIN).await.map_err(fault)?;
    }
    let before = version(client).await?;
    if before > VERSION {
        return Err(StoreError::Schema { found: before, needed: VERSION });
    }
    for step_to in before + 1..=until {
        let step_by = client.transaction().await.map_err(fault)?;
        let claim = "insert into vestibule.schema (version, made_at) values ($1, now()) on conflict do nothing";
        // Another that makes the same step is waited for here.
        if step_by.execute(claim, &[&step_to]).await.map_err(fault)? == 1 {
            step_by.batch_execute(&step(step_to)).await.map_err(fault)?;
            if step_to == 1 {
                step_by.batch_execute(&layout_step(layout)).await.map_err(fault)?;
                note(&step_by, LAYOUT, &[layout.number()]).await?;
            }
        }
        step_by.commit().await.map_err(fault)?;
    }
    Ok(Made { before, layout: read_layout(client).await? })
}

async fn version(client: &Client) -> Result<i32, StoreError> {
    let row = client.query_one("select max(version) from vestibule.schema", &[]).await;
    Ok(row.map_err(fault)?.get::<_, Option<i32>>(0).unwrap_or(0))
}

async fn note(within: &Transaction<'_>, fact: i32, value: &[u8]) -> Result<(), StoreError> {
    let text = "insert into vestibule.facts (name, value) values ($1, $2)
        on conflict (name) do update set value = excluded.value";
    within.execute(text, &[&fact, &value]).await.map_err(fault).map(drop)
}

pub(super) async fn fact(client: &Client, fact: i32) -> Result<Option<Vec<u8>>, StoreError> {
    let text = "select value from vestibule.facts where name = $1";
    let row = client.query_opt(text, &[&fact]).await.map_err(fault_of)?;
    Ok(row.map(|row| row.get(0)))
}

fn fault_of(error: tokio_postgres::Error) -> StoreError {
    fault(error)
}

async fn read_layout(client: &Client) -> Result<Layout, StoreError> {
    match fact(client, LAYOUT).await?.as_deref() {
        Some([1]) => Ok(Layout::Index),
        Some([2]) => Ok(Layout::SecondTable),
        _ => Err(StoreError::Damaged),
    }
}

/// Whether the store is one that this program works on, and how it is laid out.
pub(super) async fn check(client: &Client) -> Result<Layout, StoreError> {
    let known = "select count(*) from pg_catalog.pg_namespace where nspname = 'vestibule'";
    let made: i64 = client.query_one(known, &[]).await.map_err(fault)?.get(0);
    let found = if made == 0 { 0 } else { version(client).await? };
    if found != VERSION {
        return Err(StoreError::Schema { found, needed: VERSION });
    }
    read_layout(client).await
}

/// Distributes the tables of an empty or a filled store with Citus; small ones go to every server whole.
async fn share_out(client: &Client) -> Result<(), StoreError> {
    let known = "select count(*) from pg_catalog.pg_extension where extname = 'citus'";
    let there: i64 = client.query_one(known, &[]).await.map_err(fault)?.get(0);
    if there == 0 {
        let why = "this server has no extension citus in this database: create extension citus";
        return Err(StoreError::Refused(why.into()));
    }
    let by_venue = ["visits", "chains", "runs", "reports", "totals", "papers", "orders"];
    let mut texts: Vec<String> = by_venue
        .iter()
        .map(|table| format!("select create_distributed_table('vestibule.{table}', 'venue_id')"))
        .collect();
    texts.push(format!("select create_distributed_table('vestibule.{BY_SUBJECT}', 'subject_key')"));
    for table in ["kept", "facts", "days", "schema"] {
        texts.push(format!("select create_reference_table('vestibule.{table}')"));
    }
    let spread =
        "select count(*) from pg_catalog.pg_dist_partition where logicalrelid = $1::text::regclass";
    for text in texts {
        let table = text.split('\'').nth(1).unwrap_or_default().to_owned();
        let done: i64 = client.query_one(spread, &[&table]).await.map_err(fault)?.get(0);
        if done == 0 {
            client.batch_execute(&text).await.map_err(fault)?;
        }
    }
    Ok(())
}

/// Makes a day's partitions, once among all nodes.
async fn make_day(client: &mut Client, layout: Layout, day: Day) -> Result<(), StoreError> {
    let within = client.transaction().await.map_err(fault)?;
    let claim = "insert into vestibule.days (day) values ($1) on conflict do nothing";
    // Another that makes the same day is waited for here.
    if within.execute(claim, &[&Date(day)]).await.map_err(fault)? == 1 {
        let mut texts = String::new();
        for table in layout.tables() {
            let (name, from, until) = (partition(table, day), date(day), date_after(day));
            let _ = write!(
                texts,
                "create table if not exists vestibule.{name} partition of vestibule.{table}
                 for values from ('{from}') to ('{until}');"
            ); // a text takes everything
        }
        within.batch_execute(&texts).await.map_err(fault)?;
    }
    within.commit().await.map_err(fault)
}

fn days_of(day: Day) -> i32 {
    match day {
        Day::UNKNOWN => UNKNOWN,
        Day::STANDING => STANDING,
        day => day.get(),
    }
}

fn date(day: Day) -> String {
    match day {
        Day::UNKNOWN => "0001-01-01".into(),
        Day::STANDING => "9999-12-31".into(),
        day => day.to_string(),
    }
}

fn date_after(day: Day) -> String {
    match day {
        Day::UNKNOWN => "0001-01-02".into(),
        Day::STANDING => "10000-01-01".into(),
        day => day.next().to_string(),
    }
}

/// `visits_d20000`: the days since 1970 are shorter than a date, and sort.
fn partition(table: &str, day: Day) -> String {
    match days_of(day) {
        UNKNOWN => format!("{table}_unknown"),
        STANDING => format!("{table}_standing"),
        days => format!("{table}_d{days}"),
    }
}

impl Postgres {
    /// Makes the partitions of days that are not known to have them. A day that was destroyed gets none.
    pub(in super::super::super) async fn make_days(
        &self,
        days: impl Iterator<Item = Day>,
    ) -> Result<(), StoreError> {
        let missing: Vec<Day> = {
            let known = guard(&self.days);
            days.filter(|day| !known.contains(day)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let mut turn = self.on(&self.writer).await?;
        let link = turn.link()?;
        let floor = floor(&link.client).await?;
        for day in missing {
            if day.is_civil() && floor.is_some_and(|floor| day < floor) {
                return Err(StoreError::Refused(format!("{day} is destroyed here")));
            }
            make_day(&mut link.client, self.layout, day).await?;
            guard(&self.days).insert(day);
        }
        Ok(())
    }

    /// Makes partitions ahead, so that no midnight waits for them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn make_days_ahead(&self, today: Day) -> Result<(), StoreError> {
        self.make_days((-1..=DAYS_AHEAD).map(|n| today.plus(n))).await
    }

    /// Destroys all days before `first`: drops their partitions, and takes out what has no day and was taken in before.
    ///
    /// # Errors
    /// [`StoreError`]; it can be called again.
    pub async fn purge(&self, first: Day) -> Result<usize, StoreError> {
        if !first.is_civil() {
            return Ok(0);
        }
        let mut turn = self.on(&self.writer).await?;
        let link = turn.link()?;
        let within = link.client.transaction().await.map_err(fault)?;
        let days = first.get().to_be_bytes();
        note(&within, FLOOR, &days).await?;
        let text = "delete from vestibule.days where day < $1 and day > $2 returning day";
        let gone = within.query(text, &[&Date(first), &Date(Day::UNKNOWN)]).await.map_err(fault)?;
        let mut texts = String::new();
        for row in &gone {
            let Date(day) = row.get(0);
            for table in self.layout.tables() {
                let _ = write!(texts, "drop table if exists vestibule.{};", partition(table, day));
            }
        }
        within.batch_execute(&texts).await.map_err(fault)?;
        for table in self.layout.tables() {
            let text = format!("delete from vestibule.{table} where day = $1 and taken < $2");
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
                [&Date(Day::UNKNOWN), &Date(first)];
            within.execute(&text, &params).await.map_err(fault)?;
        }
        let text = "delete from vestibule.orders where until < $1";
        within.execute(text, &[&Date(first)]).await.map_err(fault)?;
        within.commit().await.map_err(fault)?;
        self.forget_days();
        Ok(gone.len())
    }
}

/// The first day that is not destroyed.
async fn floor(client: &Client) -> Result<Option<Day>, StoreError> {
    let bytes = fact(client, FLOOR).await?;
    let days = bytes.map(|b| <[u8; 4]>::try_from(b.as_slice()).map_err(|_| StoreError::Damaged));
    Ok(days.transpose()?.map(|days| Day::new(i32::from_be_bytes(days))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_dates_of_partitions() {
        let day = Day::new(20_000);
        assert_eq!((date(day), date_after(day)), ("2024-10-04".into(), "2024-10-05".into()));
        assert_eq!(partition("visits", day), "visits_d20000");
        assert_eq!(partition("runs", Day::UNKNOWN), "runs_unknown");
        assert_eq!(partition("runs", Day::STANDING), "runs_standing");
    }
}
