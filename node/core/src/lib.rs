//! What a node decides: from the text of a code to a verdict; rules that take the facts and the time as arguments.

pub mod authority;
pub mod clock;
pub mod code;
pub mod desk;
pub mod event;
pub mod occupancy;
pub mod policy;
pub mod reason;
pub mod rules;
pub mod site;
pub mod token;
