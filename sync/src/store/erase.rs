//! Taking out of sled what nobody can read any more: its key is destroyed, and only the room that it takes is left.

use std::collections::BTreeSet;

use super::{
    Batch, Prefix, Store, StoreError, chain_key, damaged,
    layout::{chain_from, key, lot_from, lot_key},
    sled_error,
};
use crate::{id::ChainId, vault::Lot};

/// Something of which only unreadable rows are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remains {
    /// All of a chain.
    Chain(ChainId),
    /// The index rows of a lot.
    Rows(Lot),
}

impl Store {
    /// Every chain of which there is anything, readable or not.
    pub(crate) fn chains(&self) -> Result<BTreeSet<ChainId>, StoreError> {
        let mut chains = BTreeSet::new();
        for prefix in [Prefix::Checkpoint, Prefix::Evidence] {
            for found in self.tree.scan_prefix(key(prefix, &[])).keys() {
                let found = found.map_err(|e| sled_error(&self.path, e))?;
                chains.insert(chain_from(&found[1..]).ok_or_else(|| damaged(prefix))?);
            }
        }
        Ok(chains)
    }

    /// Every lot that has index rows, readable or not.
    pub(crate) fn row_lots(&self) -> Result<BTreeSet<Lot>, StoreError> {
        let mut lots = BTreeSet::new();
        let mut from = key(Prefix::LotRow, &[]);
        let end = vec![Prefix::LotRow as u8 + 1];
        while let Some(found) = self.tree.range(from..end.clone()).keys().next() {
            let found = found.map_err(|e| sled_error(&self.path, e))?;
            let lot = lot_from(&found[1..]).ok_or_else(|| damaged(Prefix::LotRow))?;
            lots.insert(lot);
            // Past all of its rows: no key goes on so long.
            from = key(Prefix::LotRow, &lot_key(&lot));
            from.extend_from_slice(&[0xff; 32]);
        }
        Ok(lots)
    }

    /// Takes out at most `limit` rows of it, durably; `true` when none was left.
    pub(crate) fn remove_some(&self, what: &Remains, limit: usize) -> Result<bool, StoreError> {
        let prefixes: Vec<_> = match what {
            Remains::Chain(chain) => {
                Prefix::OF_CHAINS.iter().map(|p| key(*p, &chain_key(chain))).collect()
            }
            Remains::Rows(lot) => vec![key(Prefix::LotRow, &lot_key(lot))],
        };
        let mut batch = Batch::default();
        for found in prefixes.iter().flat_map(|p| self.tree.scan_prefix(p).keys()).take(limit) {
            batch.batch.remove(found.map_err(|e| sled_error(&self.path, e))?);
            batch.changes += 1;
        }
        let done = batch.changes < limit;
        self.commit(batch)?;
        Ok(done)
    }
}
