//! Stories: an authority and two doors as three real processes, on links that are cut and healed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod backup;
mod bad_input;
mod capacity;
mod casework;
mod discovery;
mod doctor;
mod gateways;
mod guard;
mod late_news;
mod metrics;
mod outage;
mod pages;
mod pairing;
mod poster;
mod power;
mod staffdesk;
mod stick;
mod visitor;
