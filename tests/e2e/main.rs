//! Stories: an authority and two doors as three real processes, on links that are cut and healed.

mod bad_input;
mod outage;
mod pages;
mod power;
