//! Hand scanners: devices that read codes by themselves and send texts, as keystrokes or over a serial line.

mod keyboard;
mod keys;
mod lines;
mod serial;

pub(crate) use keys::Keys;
pub(crate) use lines::{End, Lines};

use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::live::{Backend, Shot};

/// How often a silent scanner is said to be well.
const BEAT: Duration = Duration::from_millis(500);

/// A hand scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandConfig {
    /// Its device: `/dev/input/by-id/…-event-kbd` or `/dev/input/eventN`, `/dev/serial/by-id/…`, `/dev/ttyACM0`.
    pub device: PathBuf,
    /// How it is connected.
    pub kind: HandKind,
    /// A pause of this length ends a code, for scanners that send no line end.
    pub pause: Duration,
}

/// How a hand scanner is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandKind {
    /// As a keyboard. The device is taken for the scanner alone: its keys reach no other program, and the layout that
    /// the machine's keyboards have does not matter. The scanner itself must be set to the US layout, as they come.
    Keyboard,
    /// As a serial line, or USB that behaves like one; 8 data bits, no parity.
    Serial {
        /// Bits per second; does not matter over USB.
        baud: u32,
    },
}

impl HandConfig {
    /// A scanner that types.
    #[must_use]
    pub fn keyboard(device: impl Into<PathBuf>) -> Self {
        Self { device: device.into(), kind: HandKind::Keyboard, pause: Duration::from_millis(150) }
    }

    /// A scanner on a serial line, 9600 bits per second.
    #[must_use]
    pub fn serial(device: impl Into<PathBuf>) -> Self {
        Self { kind: HandKind::Serial { baud: 9600 }, ..Self::keyboard(device) }
    }
}

pub(crate) fn backend(config: HandConfig) -> Arc<dyn Backend> {
    match config.kind {
        HandKind::Keyboard => Arc::new(keyboard::Keyboard(config)),
        HandKind::Serial { baud } => Arc::new(serial::Serial { config, baud }),
    }
}

/// Whether something came from a device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Something,
    Nothing,
    /// The other end is gone.
    HungUp,
}

/// Waits for a device to have something: for the pause where a code has begun, else for a beat.
fn wait(device: &impl AsFd, pause: Option<Duration>) -> Result<Came, io::Error> {
    let longest = Timespec::try_from(pause.unwrap_or(BEAT)).map_err(|_| Errno::INVAL)?;
    let mut polled = [PollFd::new(device, PollFlags::IN)];
    match poll(&mut polled, Some(&longest)) {
        Ok(0) | Err(Errno::INTR) => Ok(Came::Nothing),
        Ok(_) if polled[0].revents().contains(PollFlags::IN) => Ok(Came::Something),
        Ok(_) => Ok(Came::HungUp),
        Err(cause) => Err(cause.into()),
    }
}

/// What a finished code, or none, is for the watcher.
fn shot(end: End) -> Option<Shot> {
    match end {
        End::Text(text) => Some(Shot::Text(text)),
        End::TooLong => Some(Shot::Broken("a code of the hand scanner is too long".to_owned())),
        End::None => None,
    }
}
