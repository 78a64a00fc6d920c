//! What a node keeps and shares.
//!
//! Code map, from the bottom up: `id`, `time`, `key` are the words; `record`, `sealed`, `tag` a visit and who it
//! was, `inquiry` a question about one, `abroad` its way to another region; `membership`, `bulletin`, `order` what others sign; `pairing`, `rekey` how doors join and are shut out;
//! `envelope`, `document` how records travel and lie; `store`, `book`, `ledger` how they become durable; `vault`,
//! `erasure` how they end; `share` who may hold what; `peers`, `status` the network; `bundle` a stick; `sample` papers
//! for benches; `fuzzing` every reader for a fuzzer.
//!
//! Invariants: automerge, sled and libp2p are named only in this crate. One thread writes. Nothing is answered as
//! stored before it would survive a power cut. What a peer sends is bounded, versioned and verified before it is
//! stored, and leaves only as `share::may_hold` allows.

pub mod abroad;
pub mod book;
mod bounded;
pub mod bulletin;
pub mod bundle;
pub mod document;
pub mod envelope;
pub mod erasure;
pub mod fuzzing;
pub mod id;
pub mod inquiry;
pub mod key;
pub mod ledger;
pub mod letterbox;
pub mod membership;
pub mod order;
pub mod pairing;
#[cfg(feature = "peers")]
pub mod peers;
pub mod record;
pub mod rekey;
pub mod roots;
pub mod sample;
pub mod sealed;
pub mod share;
pub mod status;
pub mod store;
pub mod tag;
pub mod time;
pub mod vault;
