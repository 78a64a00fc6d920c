//! What a node decides: from the text of a code to a verdict; rules that take the facts and the time as arguments.
//!
//! Code map: `code` and `token` read what a visitor shows; `policy`, `rules`, `clock` and `occupancy` judge it;
//! `desk` decides and records, `event` and `site` are what it shows; `authority` takes visits in and traces;
//! `pairing` and `rekeying` decide who joins the venue and who is shut out; `reason` holds the stable words.
//!
//! Invariants: `clock`, `code`, `reason`, `policy`, `token`, `occupancy`, `notes`, `desk::weigh` and `authority::stays` are
//! pure. A refusal at the door is a value. A decision is announced only after the ledger says that it is durable.

pub mod authority;
pub mod clock;
pub mod code;
pub mod desk;
pub mod event;
pub mod notes;
pub mod occupancy;
pub mod pairing;
pub mod policy;
pub mod reason;
pub mod rekeying;
pub mod rules;
pub mod site;
pub mod token;
