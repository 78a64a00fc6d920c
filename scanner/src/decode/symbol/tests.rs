//! Symbols of an encoder, damaged.
