//! Tests over the source tree: what ARCHITECTURE.md says of it is so.

mod arrows;
mod files;
mod tree;
