//! Lasting rows in the shared store, and what its nodes tell each other about venues: papers and orders.

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use sync::{
    book::{Pair, Row as Kept},
    id::VenueId,
    membership::Membership,
    order::{SignedOrder, Slot},
    time::Day,
};
use tokio_postgres::Transaction;

use super::{
    super::{Expected, StoreError},
    Postgres,
    columns::{Date, venue},
    fault, schema,
};
use crate::authority::index::encode;

const PUT: &str = "insert into vestibule.kept (name, value) values ($1, $2)
    on conflict (name) do update set value = excluded.value";
const SAME: &str = "update vestibule.kept set value = value where name = $1 and value = $2";
const FIRST: &str =
    "insert into vestibule.kept (name, value) values ($1, '') on conflict do nothing";
const TAKE_OUT: &str = "delete from vestibule.kept where name = $1";

impl Postgres {
    pub(in super::super) async fn rows(
        &self,
        from: &[u8],
        until: &[u8],
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let text = "select name, value from vestibule.kept
            where name >= $1 and name < $2 order by name limit $3";
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let statement = link.statement(text).await?;
        match link.client.query(&statement, &[&from, &until, &limit]).await {
            Ok(rows) => Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect()),
            Err(error) => Err(turn.failed(error)),
        }
    }

    pub(in super::super) async fn keep(&self, rows: &[Kept]) -> Result<(), StoreError> {
        let mut turn = self.on(&self.desk).await?;
        let kept = async {
            let within = turn.link()?.client.transaction().await.map_err(fault)?;
            put_all(&within, rows).await?;
            within.commit().await.map_err(fault)
        };
        kept.await
    }

    /// The rows are locked, or their places taken, before anything is decided.
    pub(in super::super) async fn keep_if(
        &self,
        expected: &Expected,
        rows: &[Kept],
    ) -> Result<bool, StoreError> {
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let (same, first) = (link.statement(SAME).await?, link.statement(FIRST).await?);
        let within = link.client.transaction().await.map_err(fault)?;
        for (key, value) in expected {
            let stands = match value {
                Some(value) => within.execute(&same, &[key, value]).await,
                None => within.execute(&first, &[key]).await,
            };
            if stands.map_err(fault)? == 0 {
                return Ok(false); // rolled back when it is dropped
            }
        }
        let named = |key: &Vec<u8>| {
            rows.iter().any(|row| match row {
                Kept::Lasting { key: name, .. } | Kept::Gone { key: name } => name == key,
                Kept::OfChain { .. } => false,
            })
        };
        for (key, _) in expected.iter().filter(|(key, value)| value.is_none() && !named(key)) {
            within.execute(TAKE_OUT, &[key]).await.map_err(fault)?;
        }
        put_all(&within, rows).await?;
        within.commit().await.map_err(fault)?;
        Ok(true)
    }

    /// Whether this node has the cabinet key of the others; the first one's is everyone's.
    ///
    /// # Errors
    /// [`StoreError::OtherKey`].
    pub async fn agree_on_key(&self, made_of_it: &[u8]) -> Result<(), StoreError> {
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let text =
            "insert into vestibule.facts (name, value) values ($1, $2) on conflict do nothing";
        let put = link.client.execute(text, &[&schema::KEY, &made_of_it]).await;
        put.map_err(fault)?;
        match schema::fact(&link.client, schema::KEY).await? {
            Some(held) if held == made_of_it => Ok(()),
            _ => Err(StoreError::OtherKey),
        }
    }

    /// Tells the other nodes a venue's orders; hits go when their days do.
    pub(in super::super::super) async fn tell_orders(
        &self,
        orders: &[(VenueId, Slot, SignedOrder)],
        hits_until: Day,
    ) -> Result<(), StoreError> {
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let text =
            "insert into vestibule.orders (venue_id, slot, signed, until) values ($1, $2, $3, $4)
            on conflict do nothing";
        let statement = link.statement(text).await?;
        for (of, slot, signed) in orders {
            let hits = matches!(slot, Slot::Hits(_));
            let until = Date(if hits { hits_until } else { Day::STANDING });
            let (slot, signed) = (encode(slot), encode(signed));
            let put = link.client.execute(&statement, &[&venue(*of), &slot, &signed, &until]).await;
            put.map_err(fault)?;
        }
        Ok(())
    }

    /// What other nodes have told of a venue: papers of its doors, and orders.
    pub(in super::super::super) async fn told_of(
        &self,
        of: VenueId,
    ) -> Result<(Vec<Membership>, Vec<SignedOrder>), StoreError> {
        let papers = "select papers from vestibule.papers where venue_id = $1";
        let orders = "select signed from vestibule.orders where venue_id = $1";
        Ok((self.all_of(papers, of).await?, self.all_of(orders, of).await?))
    }

    async fn all_of<T: for<'b> Decode<'b, ()>>(
        &self,
        text: &'static str,
        of: VenueId,
    ) -> Result<Vec<T>, StoreError> {
        let mut turn = self.on(&self.desk).await?;
        let link = turn.link()?;
        let statement = link.statement(text).await?;
        let rows = link.client.query(&statement, &[&venue(of)]).await.map_err(fault)?;
        rows.iter()
            .map(|row| minicbor::decode(row.get(0)).map_err(|_| StoreError::Damaged))
            .collect()
    }
}

async fn put_all(within: &Transaction<'_>, rows: &[Kept]) -> Result<(), StoreError> {
    for row in rows {
        let done = match row {
            Kept::Lasting { key, value } => within.execute(PUT, &[key, value]).await,
            Kept::Gone { key } => within.execute(TAKE_OUT, &[key]).await,
            // Rows of a day come as pieces of chains.
            Kept::OfChain { .. } => return Err(StoreError::Damaged),
        };
        done.map_err(fault)?;
    }
    Ok(())
}

/// What papers are found by: the same ones once.
pub(super) fn name<T: Encode<()>>(of: &T) -> Vec<u8> {
    Sha256::digest(encode(of)).to_vec()
}
