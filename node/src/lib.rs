//! The node: builds everything, owns nothing.
//!
//! Code map: [`config`] reads the file; [`start`] builds what its sections name, in the order store → rules →
//! gate → web → peers; [`Node::shutdown`] takes it down in reverse. [`gate`] is the scan loop, [`secret`] the
//! key files, `ratchet` moves the tag key on, `bulletins` takes papers from files, [`wall`] is the one look at
//! the clock, [`demo`] a whole region on loopback, [`command`] the verbs.

mod bulletins;
pub mod command;
pub mod config;
pub mod demo;
pub mod gate;
pub mod health;
mod ratchet;
pub mod secret;
mod start;
pub mod wall;

pub use start::{Node, StartError, start};
