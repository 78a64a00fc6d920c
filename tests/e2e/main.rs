//! Stories: an authority and two doors as three real processes, on links that are cut and healed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod asked;
mod backup;
mod bad_input;
mod capacity;
mod casework;
mod discovery;
mod doctor;
mod gateways;
mod guard;
mod house;
mod keys;
mod late_news;
mod metrics;
mod outage;
mod pages;
mod pairing;
mod papers;
mod poster;
mod power;
mod regions;
mod sormas;
mod staffdesk;
mod stick;
mod vanished;
mod visitor;
