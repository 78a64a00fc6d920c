//! The bit stream, segment by segment.
