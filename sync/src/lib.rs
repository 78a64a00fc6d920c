//! What a node keeps and shares.

pub mod book;
pub mod bulletin;
pub mod document;
pub mod envelope;
pub mod id;
pub mod key;
pub mod ledger;
pub mod membership;
#[cfg(feature = "peers")]
pub mod peers;
pub mod record;
pub mod sealed;
pub mod share;
pub mod status;
pub mod store;
pub mod tag;
pub mod time;
