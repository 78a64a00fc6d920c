//! A hand scanner on a serial line, or on USB that behaves like one.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use rustix::termios::{ControlModes, OptionalActions, ioctl_tiocexcl, tcgetattr, tcsetattr};

use super::{Came, HandConfig, Lines, shot, wait};
use crate::live::{Backend, Device, Leash, Shot};

/// Bytes that are read at once.
const CHUNK: usize = 1024;

/// A scanner on a line.
pub(super) struct Serial {
    pub(super) config: HandConfig,
    pub(super) baud: u32,
}

impl Serial {
    fn line(&self) -> Result<File, io::Error> {
        // Neither waits for a modem's carrier, nor becomes the terminal of this process.
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
        let flags = i32::try_from(flags).unwrap_or(0);
        let mut line = OpenOptions::new();
        let line = line.read(true).write(true).custom_flags(flags).open(&self.config.device)?;
        let mut modes = tcgetattr(&line)?;
        modes.make_raw();
        modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
        modes.control_modes &= !(ControlModes::PARENB | ControlModes::CSTOPB);
        modes.set_speed(self.baud)?;
        tcsetattr(&line, OptionalActions::Flush, &modes)?;
        ioctl_tiocexcl(&line)?;
        Ok(line)
    }
}

impl Backend for Serial {
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let name = self.config.device.display();
        let line = self.line().map_err(|cause| format!("{name}: {cause}"))?;
        let words = format!("{name}, hand scanner at {} bits/s", self.baud);
        let open = Open {
            line,
            config: self.config.clone(),
            lines: Lines::default(),
            bytes: VecDeque::new(),
            leash: leash.clone(),
        };
        Ok((Box::new(open), words))
    }
}

struct Open {
    line: File,
    config: HandConfig,
    lines: Lines,
    /// Read and not yet taken in.
    bytes: VecDeque<u8>,
    leash: Leash,
}

impl Open {
    fn step(&mut self) -> Result<Option<Shot>, io::Error> {
        while let Some(byte) = self.bytes.pop_front() {
            if let Some(shot) = shot(self.lines.push(byte)) {
                return Ok(Some(shot));
            }
        }
        if self.leash.is_cut() {
            return Ok(Some(Shot::Idle));
        }
        let pause = self.lines.begun().then_some(self.config.pause);
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "unplugged");
        match wait(&self.line, pause)? {
            Came::Nothing => Ok(Some(shot(self.lines.pause()).unwrap_or(Shot::Idle))),
            Came::HungUp => Err(gone()),
            Came::Something => {
                let mut chunk = [0; CHUNK];
                match self.line.read(&mut chunk) {
                    Ok(0) => Err(gone()),
                    Ok(some) => {
                        self.bytes.clear();
                        self.bytes.extend(&chunk[..some]);
                        Ok(None)
                    }
                    Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => Ok(None),
                    Err(cause) => Err(cause),
                }
            }
        }
    }
}

impl Device for Open {
    fn next(&mut self) -> Result<Shot, String> {
        loop {
            match self.step() {
                Ok(None) => {}
                Ok(Some(shot)) => return Ok(shot),
                Err(cause) => return Err(format!("{}: {cause}", self.config.device.display())),
            }
        }
    }
}

#[cfg(test)]
mod tests;
