//! Nodes among peers, friendly and hostile: real libp2p over loopback, real ledgers on disk.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod calls;
mod heard;
mod hostile;
mod links;
mod money;
mod node;
#[cfg(feature = "quic")]
mod quic;
mod relay;
#[cfg(feature = "simulation")]
mod simulated;
