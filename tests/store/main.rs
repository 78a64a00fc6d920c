//! One suite for both engines of the authority's store: its own ledger, and a real PostgreSQL laid out in either way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod dump;
mod engines;
mod racing;
mod sharing;
mod tls;
mod world;
