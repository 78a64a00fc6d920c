//! Cameras in the network: motion JPEG over HTTP, and RTSP with motion JPEG, both over TCP in the clear.
//!
//! One small reader serves both, because a camera must be bounded in every length it names, must be cut off from outside
//! in mid-read (its leash shuts the socket), and RTSP libraries that are kept today bound neither messages nor waits.

mod auth;
mod body;
mod head;
mod http;
mod jpeg;
mod rtp;
mod rtsp;
mod wire;

pub(crate) use body::Body;
pub(crate) use head::Head;
pub(crate) use http::{HttpCamera, frames_of_an_answer};
pub(crate) use rtp::Assembler;
pub(crate) use rtsp::{RtspCamera, described};
