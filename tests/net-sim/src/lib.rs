//! A simulated region with libp2p itself: doors and an authority on a network of numbers, in virtual time.
//!
//! `network` carries libp2p's connections over turmoil's, `wires` resets them, `clocks` makes sure that libp2p's timers run on
//! tokio's clock, `papers` are keys and memberships, `site` is one machine, `world` all of them with what
//! befalls them. The stories are in `tests/`.

mod clocks;
mod network;
mod papers;
mod site;
mod trouble;
mod wires;
mod world;

pub use site::{minutes, seconds};
pub use world::{Plan, World};
