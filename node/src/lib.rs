//! The node: builds everything, owns nothing.
//!
//! Code map: [`config`] reads the file; [`start`] builds what its sections name, in the order store → rules →
//! gate → web → peers; [`Node::shutdown`] takes it down in reverse. [`gate`] is the scan loop, [`secret`] the
//! key files, `ratchet` moves the tag key on, `retention` destroys past days, `rekeying` makes it
//! anew after a loss, `pairing` lets other doors join, `wiping` destroys what a node knows, `roots` remembers whose word counts, `weeks` takes up new
//! tracing secrets, `storing` opens the authority's store, `bulletins` takes papers from files, `papers` a node's own when they are renewed, [`bundles`] moves what is on a stick, [`control`] answers
//! commands, [`condition`] and [`doctor`] say how the node and its machine are, [`backup`] saves and restores a
//! door, [`sms`] sends codes, `sormas` answers of cases, `abroad` letters to other regions, [`wall`] is the one look at
//! the clock, [`demo`] a whole region on loopback, [`command`] the verbs.

mod abroad;
pub mod backup;
mod bulletins;
pub mod bundles;
mod capacity;
mod casework;
pub mod command;
pub mod condition;
pub mod config;
pub mod control;
pub mod demo;
pub mod doctor;
mod frames;
pub mod gate;
pub mod health;
mod lamp;
mod lease;
mod office;
mod orders;
mod pairing;
mod papers;
mod ratchet;
mod registry;
mod rekeying;
mod retention;
mod roots;
pub mod secret;
pub mod sms;
mod sormas;
mod start;
mod storing;
pub mod wall;
mod weeks;
mod wiping;

pub use start::{Node, StartError, start};
