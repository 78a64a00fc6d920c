//! The floor of time over a restart: kept beside the records, and raised by the authority's receipts.

use sync::{
    book::Row,
    ledger::{Ledger, LedgerError},
};

use super::Desk;
use crate::clock::Floor;

/// The one row in which it is kept; the authority's rows have keys of their own, and no door is an authority.
const KEY: &[u8] = b"floor";

/// The floor that was kept; none at the first start, or where it cannot be read: then bulletins raise it anew.
pub(super) async fn kept(ledger: &Ledger) -> Result<Floor, LedgerError> {
    let until = [KEY, &[0]].concat();
    let rows = ledger.rows(KEY.to_vec(), until, 1).await?;
    let kept = rows.first().and_then(|(_, value)| minicbor::decode(value).ok());
    Ok(kept.unwrap_or_default())
}

impl Desk {
    /// Keeps the floor, where it has moved since it was kept last. What fails is tried again.
    pub(super) async fn keep_floor(&self) {
        let floor = {
            let state = self.state();
            let floor = state.rules.floor();
            if state.kept_floor == *floor {
                return;
            }
            floor.clone()
        };
        let value =
            minicbor::to_vec(&floor).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"));
        match self.0.ledger.keep_rows(vec![Row::Lasting { key: KEY.to_vec(), value }]).await {
            Ok(()) => self.state().kept_floor = floor,
            Err(error) => tracing::warn!(%error, "the floor of time could not be kept"),
        }
    }

    /// What the authority has countersigned of the venue's records proves the time at which it did.
    pub(super) async fn hear_receipts(&self) {
        match self.0.ledger.countersigned_at().await {
            Ok(Some(at)) => self.state().rules.countersigned(at),
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "receipts could not be read"),
        }
    }
}
