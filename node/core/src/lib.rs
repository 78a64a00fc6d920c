//! What a node decides: from the text of a code to a verdict; rules that take the facts and the time as arguments.
//!
//! Code map: `code` and `token` read what a visitor shows; `policy`, `rules`, `clock` and `occupancy` judge it; `flow`
//! counts, `outage` notes silences, `training` makes specimens; `desk` decides and records, `event`, `signal` and `site`
//! are what it shows; `authority` takes visits in and traces; `phone`, `pin`, `tries`, `booth`, `sms` and `pass` are for
//! visitors who type their number; `pairing` and `rekeying` decide who joins the venue and who is shut out; `staff` says
//! who works there, `audit` what each did; `standing` and `announcements` are the authority's word to venues; `reason` holds
//! the stable words.
//!
//! Invariants: `clock`, `code`, `reason`, `policy`, `token`, `occupancy`, `flow`, `notes`, `signal`, `staff`, `standing`, `announcements`,
//! `desk::weigh`
//! and `authority::stays` are pure. A refusal at the door is a value. A decision is announced only after the ledger says
//! that it is durable.

pub mod announcements;
pub mod audit;
pub mod authority;
pub mod booth;
pub mod clock;
pub mod code;
pub mod desk;
pub mod event;
pub mod flow;
pub mod notes;
pub mod occupancy;
pub mod outage;
pub mod pairing;
pub mod pass;
pub mod phone;
pub mod pin;
pub mod policy;
pub mod reason;
pub mod rekeying;
pub mod rules;
pub mod signal;
pub mod site;
pub mod sms;
pub mod staff;
pub mod standing;
pub mod token;
pub mod training;
pub mod tries;
