//! A GSM modem on a serial line, by AT commands (3GPP TS 27.005, 27.007).

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    termios::{ControlModes, OptionalActions, tcgetattr, tcsetattr},
};
use zeroize::Zeroizing;

use super::{SmsError, pdu};

/// The most that a modem may say to one command, bytes.
const SAID_MAX: usize = 4096;
/// How long a modem has for what is no message.
const SHORT: Duration = Duration::from_secs(5);
const ESCAPE: u8 = 0x1B;
const SUBMIT: u8 = 0x1A;

/// A modem.
#[derive(Clone)]
pub struct Modem {
    /// Its device, such as `/dev/ttyUSB2`.
    pub device: PathBuf,
    /// Bits per second.
    pub baud: u32,
    /// The PIN of its SIM card, where that asks for one.
    pub sim_pin: Option<Zeroizing<String>>,
    /// How long it may take over a message.
    pub timeout: Duration,
}

impl std::fmt::Debug for Modem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Modem({})", self.device.display())
    }
}

/// An open line.
struct Line {
    file: File,
    device: String,
    said: Vec<u8>,
}

impl Modem {
    pub(super) fn send(&self, to: &str, text: &str) -> Result<(), SmsError> {
        let mut line = Line::open(self)?;
        line.ask("AT", "AT", SHORT)?;
        line.ask("ATE0", "ATE0", SHORT)?;
        self.open_sim(&mut line)?;
        if pdu::is_plain(text) {
            line.ask("AT+CMGF=1", "AT+CMGF=1", SHORT)?;
            line.ask("AT+CSCS", "AT+CSCS=\"GSM\"", SHORT)?;
            line.submit(&format!("AT+CMGS=\"{to}\""), text, self.timeout)
        } else {
            let (length, digits) = pdu::submit(to, text).ok_or(SmsError::Long)?;
            line.ask("AT+CMGF=0", "AT+CMGF=0", SHORT)?;
            line.submit(&format!("AT+CMGS={length}"), &digits, self.timeout)
        }
    }

    fn open_sim(&self, line: &mut Line) -> Result<(), SmsError> {
        let said = line.ask("AT+CPIN?", "AT+CPIN?", SHORT)?;
        if said.contains("READY") {
            return Ok(());
        }
        match &self.sim_pin {
            // Only once, and only where it asks for just that: three wrong ones shut the card.
            Some(pin) if said.contains("SIM PIN") && !said.contains("PUK") => {
                let command = Zeroizing::new(format!("AT+CPIN=\"{}\"", pin.trim()));
                line.ask("AT+CPIN", &command, SHORT).map(drop).map_err(|_| SmsError::Sim)
            }
            _ => Err(SmsError::Sim),
        }
    }
}

impl Line {
    fn open(modem: &Modem) -> Result<Self, SmsError> {
        let device = modem.device.display().to_string();
        let open = || {
            let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
            let flags = i32::try_from(flags).unwrap_or(0);
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).custom_flags(flags).open(&modem.device)?;
            let mut modes = tcgetattr(&file)?;
            modes.make_raw();
            modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
            modes.control_modes &= !(ControlModes::PARENB | ControlModes::CSTOPB);
            modes.set_speed(modem.baud)?;
            tcsetattr(&file, OptionalActions::Flush, &modes)?;
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(Self { file, device, said: Vec::new() }),
            Err(source) => Err(SmsError::Line { device, source }),
        }
    }

    /// A command; what the modem said before its OK. `step` names it in errors, without what is secret in it.
    fn ask(
        &mut self,
        step: &'static str,
        command: &str,
        within: Duration,
    ) -> Result<String, SmsError> {
        self.say(format!("{command}\r").as_bytes())?;
        self.answer(step, within)
    }

    /// The command that hands over a message, its prompt, and the message.
    fn submit(&mut self, command: &str, message: &str, within: Duration) -> Result<(), SmsError> {
        const STEP: &str = "AT+CMGS";
        self.say(format!("{command}\r").as_bytes())?;
        let prompted = self.wait(within, |said| match said {
            _ if said.trim_end().ends_with('>') => Some(Ok(())),
            _ => refusal(said).map(Err),
        })?;
        match prompted {
            Some(Ok(())) => {}
            Some(Err(said)) => return Err(SmsError::Modem { step: STEP, said }),
            None => return self.give_up(STEP),
        }
        self.say(&[Zeroizing::new(message.to_owned()).as_bytes(), &[SUBMIT]].concat())?;
        match self.answer(STEP, within) {
            Ok(said) if said.contains("+CMGS:") => Ok(()),
            Ok(_) => Err(SmsError::Modem { step: STEP, said: "OK without +CMGS".into() }),
            Err(SmsError::Silent(step)) => self.give_up(step),
            Err(error) => Err(error),
        }
    }

    /// Takes the modem out of the prompt, so that the next message begins anew.
    fn give_up(&mut self, step: &'static str) -> Result<(), SmsError> {
        self.say(&[ESCAPE])?;
        Err(SmsError::Silent(step))
    }

    fn answer(&mut self, step: &'static str, within: Duration) -> Result<String, SmsError> {
        let ended = self.wait(within, |said| {
            let done = lines(said).any(|line| line == "OK");
            refusal(said).map(Err).or_else(|| done.then(|| Ok(said.to_owned())))
        })?;
        match ended {
            Some(Ok(said)) => Ok(said),
            Some(Err(said)) => Err(SmsError::Modem { step, said }),
            None => Err(SmsError::Silent(step)),
        }
    }

    fn say(&mut self, bytes: &[u8]) -> Result<(), SmsError> {
        self.said.clear();
        self.drain().and_then(|()| self.file.write_all(bytes)).map_err(|e| self.broken(e))
    }

    /// What it said of its own accord before it was asked.
    fn drain(&mut self) -> io::Result<()> {
        let mut chunk = [0; 512];
        for _ in 0..16 {
            match self.file.read(&mut chunk) {
                Ok(0) => return Err(io::ErrorKind::BrokenPipe.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads until `ended` answers; `None` when the time is over or the modem does not stop talking.
    #[expect(clippy::disallowed_methods, reason = "a deadline of a blocking wait")]
    fn wait<T>(
        &mut self,
        within: Duration,
        ended: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, SmsError> {
        let begun = Instant::now();
        loop {
            let left = within.saturating_sub(begun.elapsed());
            if left.is_zero() || self.said.len() >= SAID_MAX {
                return Ok(None);
            }
            let mut chunk = [0; 512];
            match self.read_within(left, &mut chunk) {
                Ok(0) => return Ok(None),
                Ok(count) => self.said.extend_from_slice(&chunk[..count]),
                Err(error) => return Err(self.broken(error)),
            }
            if let Some(answer) = ended(&String::from_utf8_lossy(&self.said)) {
                return Ok(Some(answer));
            }
        }
    }

    /// Some bytes; none when the time is over.
    fn read_within(&mut self, left: Duration, chunk: &mut [u8]) -> io::Result<usize> {
        let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut wanted = [PollFd::new(&self.file, PollFlags::IN)];
        if poll(&mut wanted, Some(&left))? == 0 {
            return Ok(0);
        }
        match self.file.read(chunk) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "unplugged")),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            read => read,
        }
    }

    fn broken(&self, source: io::Error) -> SmsError {
        SmsError::Line { device: self.device.clone(), source }
    }
}

fn lines(said: &str) -> impl Iterator<Item = &str> {
    said.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty())
}

/// The line with which a modem refuses. An echo of what it was sent is none.
fn refusal(said: &str) -> Option<String> {
    let refuses = |line: &&str| {
        *line == "ERROR" || line.starts_with("+CMS ERROR") || line.starts_with("+CME ERROR")
    };
    lines(said).find(refuses).map(|line| line.chars().take(40).collect())
}
