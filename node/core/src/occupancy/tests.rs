//! The laws of occupancy, tried on random venues: doors that hear each other or not, restarts, orders, removals.

mod laws;
mod stories;
mod venue;
