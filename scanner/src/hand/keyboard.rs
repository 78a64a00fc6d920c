//! A hand scanner that types: its key events, read before the machine's layout sees them.

use evdev::EventSummary;

use super::{Came, HandConfig, Keys, Lines, shot, wait};
use crate::live::{Backend, Device, Leash, Shot};

/// A scanner that is a keyboard to the system.
pub(super) struct Keyboard(pub(super) HandConfig);

impl Backend for Keyboard {
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let name = self.0.device.display();
        let told = |cause| format!("{name}: {cause}");
        let mut device = evdev::Device::open(&self.0.device).map_err(told)?;
        device.set_nonblocking(true).map_err(told)?;
        // Two readers of one scanner would each believe that it is theirs.
        device.grab().map_err(|cause| format!("{name}: in use by another program: {cause}"))?;
        let words = format!("{name} ({}), hand scanner that types", device.name().unwrap_or("?"));
        let open = Open {
            device,
            config: self.0.clone(),
            keys: Keys::default(),
            lines: Lines::default(),
            waiting: Vec::new(),
            leash: leash.clone(),
        };
        Ok((Box::new(open), words))
    }
}

struct Open {
    device: evdev::Device,
    config: HandConfig,
    keys: Keys,
    lines: Lines,
    /// Codes that came in one go, the latest first.
    waiting: Vec<Shot>,
    leash: Leash,
}

impl Open {
    fn read(&mut self) -> Result<(), std::io::Error> {
        let mut shots = Vec::new();
        for event in self.device.fetch_events()? {
            if let EventSummary::Key(_, key, value) = event.destructure()
                && let Some(byte) = self.keys.event(key.code(), value)
            {
                shots.extend(shot(self.lines.push(byte)));
            }
        }
        shots.reverse();
        shots.append(&mut self.waiting);
        self.waiting = shots;
        Ok(())
    }
}

impl Device for Open {
    fn next(&mut self) -> Result<Shot, String> {
        let name = self.config.device.display().to_string();
        loop {
            if let Some(shot) = self.waiting.pop() {
                return Ok(shot);
            }
            if self.leash.is_cut() {
                return Ok(Shot::Idle);
            }
            let pause = self.lines.begun().then_some(self.config.pause);
            match wait(&self.device, pause).map_err(|cause| format!("{name}: {cause}"))? {
                Came::Nothing => return Ok(shot(self.lines.pause()).unwrap_or(Shot::Idle)),
                Came::HungUp => return Err(format!("{name}: unplugged")),
                Came::Something => self.read().map_err(|cause| format!("{name}: {cause}"))?,
            }
        }
    }
}
