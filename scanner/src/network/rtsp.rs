//! RTSP cameras (RFC 2326) that send motion JPEG, over one TCP connection with interleaved packets (§10.12).

mod sdp;

use std::io::Read;
use std::time::Duration;

use url::Url;

use super::auth::{Auth, login_in};
use super::wire::Wire;
use super::{Assembler, Head};
use crate::Uptime;
use crate::camera::{Login, shown};
use crate::live::{Backend, Device, Leash, Shot};
use crate::picture::Picture;

const PORT: u16 = 554;
/// Largest description of a stream, and of any other answer, in bytes.
const BODY_BYTES_MAX: u64 = 64 << 10;
/// A session ends after so long without a request, unless the camera says otherwise (§12.37), in seconds.
const TIMEOUT_S: u64 = 60;

/// A camera that speaks RTSP.
pub(crate) struct RtspCamera {
    url: Url,
    login: Option<Login>,
    patience: Duration,
    uptime: Uptime,
}

impl RtspCamera {
    pub(crate) fn new(
        mut url: Url,
        login: Option<Login>,
        patience: Duration,
        uptime: Uptime,
    ) -> Self {
        let login = login.or_else(|| login_in(&url));
        // The address goes into every request: without what belongs into the login. Fails only where none can be.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Self { url, login, patience, uptime }
    }

    fn start(&self, leash: &Leash) -> Result<Open, String> {
        let wire = Wire::open(&self.url, PORT, self.patience, leash)?;
        let auth = Auth::new(self.login.clone());
        let mut talk = Talk { wire, auth, next: 1, session: None };
        let all = self.url.as_str();
        let (head, body) = talk.ask("DESCRIBE", all, "Accept: application/sdp\r\n")?;
        let base = head.get("content-base").or(head.get("content-location")).unwrap_or(all);
        let stream = sdp::jpeg_stream(&String::from_utf8_lossy(&body))?;
        let control = stream.address(base);
        let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
        let (head, _) = talk.ask("SETUP", &control, transport)?;
        let session = head.get("session").ok_or("the camera opens no session")?;
        let (id, rest) = session.split_once(';').unwrap_or((session, ""));
        let named =
            rest.split(';').find_map(|part| part.trim().strip_prefix("timeout=")?.parse().ok());
        let timeout: u64 = named.unwrap_or(TIMEOUT_S).clamp(2, 3600);
        let channel = head.get("transport").and_then(channel_of).unwrap_or(0);
        talk.session = Some(id.trim().to_owned());
        talk.ask("PLAY", stream.whole(base).as_deref().unwrap_or(all), "Range: npt=0.000-\r\n")?;
        let now = (self.uptime)();
        Ok(Open {
            talk,
            url: self.url.clone(),
            channel,
            assembler: Assembler::default(),
            remind_every: Duration::from_secs(timeout) / 2,
            reminded_at: now,
            uptime: self.uptime.clone(),
        })
    }
}

impl Backend for RtspCamera {
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let open = self.start(leash).map_err(|e| format!("{}: {e}", shown(&self.url)))?;
        Ok((Box::new(open), format!("{}, MJPEG over RTSP", shown(&self.url))))
    }
}

/// `interleaved=2-3` in the camera's answer: it may choose other channels than those asked for.
fn channel_of(transport: &str) -> Option<u8> {
    let channels =
        transport.split(';').find_map(|part| part.trim().strip_prefix("interleaved="))?;
    channels.split('-').next()?.parse().ok()
}

/// Requests and their answers.
struct Talk {
    wire: Wire,
    auth: Auth,
    next: u32,
    session: Option<String>,
}

impl Talk {
    fn say(&mut self, method: &str, url: &str, more: &str) -> Result<(), String> {
        let session = self.session.as_ref().map(|id| format!("Session: {id}\r\n"));
        let session = session.unwrap_or_default();
        let login = self.auth.line(method, url)?;
        let number = self.next;
        self.next += 1;
        self.wire.say(&format!(
            "{method} {url} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: vestibule\r\n{session}{login}{more}\r\n"
        ))
    }

    /// Asks, and asks once more with a login where one is wanted.
    fn ask(&mut self, method: &str, url: &str, more: &str) -> Result<(Head, Vec<u8>), String> {
        loop {
            self.say(method, url, more)?;
            let (head, body) = self.answer()?;
            match head.code {
                200 => return Ok((head, body)),
                401 => self.auth.asked(&head)?,
                code => return Err(format!("answers {code} to {method}")),
            }
        }
    }

    fn answer(&mut self) -> Result<(Head, Vec<u8>), String> {
        let mut first = [0];
        // Packets of an earlier stream may come before the answer.
        loop {
            self.wire.read_exact(&mut first).map_err(|e| e.to_string())?;
            if first[0] != b'$' {
                return self.go_on(first.to_vec());
            }
            self.packet()?;
        }
    }

    fn go_on(&mut self, first: Vec<u8>) -> Result<(Head, Vec<u8>), String> {
        let head = Head::go_on(first, &mut self.wire, "RTSP").map_err(|e| e.to_string())?;
        let length = head.length().unwrap_or(0);
        if length > BODY_BYTES_MAX {
            return Err(format!("an answer of {length} bytes is over {BODY_BYTES_MAX}"));
        }
        let mut body = vec![0; length as usize];
        self.wire.read_exact(&mut body).map_err(|e| e.to_string())?;
        Ok((head, body))
    }

    /// The rest of an interleaved packet, after its `$`: its channel and its content, at most 64 KiB.
    fn packet(&mut self) -> Result<(u8, Vec<u8>), String> {
        let mut head = [0; 3];
        self.wire.read_exact(&mut head).map_err(|e| e.to_string())?;
        let mut packet = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
        self.wire.read_exact(&mut packet).map_err(|e| e.to_string())?;
        Ok((head[0], packet))
    }
}

struct Open {
    talk: Talk,
    url: Url,
    channel: u8,
    assembler: Assembler,
    remind_every: Duration,
    reminded_at: Duration,
    uptime: Uptime,
}

impl Open {
    fn step(&mut self) -> Result<Option<Shot>, String> {
        let now = (self.uptime)();
        if now.saturating_sub(self.reminded_at) >= self.remind_every {
            self.reminded_at = now;
            // Its answer comes between packets and is passed over there.
            self.talk.say("OPTIONS", self.url.as_str(), "")?;
        }
        let mut first = [0];
        self.talk.wire.read_exact(&mut first).map_err(|e| e.to_string())?;
        match first[0] {
            b'$' => {}
            b'R' => {
                self.talk.go_on(first.to_vec())?;
                return Ok(None);
            }
            // A request of the camera's, or bytes out of step: nothing that follows could be trusted.
            _ => return Err("the stream is out of step".to_owned()),
        }
        let (channel, packet) = self.talk.packet()?;
        if channel != self.channel {
            return Ok(None);
        }
        Ok(match self.assembler.push(&packet) {
            Ok(frame) => frame.map(|jpeg| Shot::Frame(Picture::Jpeg(jpeg))),
            Err(cause) => Some(Shot::Broken(cause.to_string())),
        })
    }
}

impl Device for Open {
    fn next(&mut self) -> Result<Shot, String> {
        loop {
            match self.step() {
                Ok(None) => {}
                Ok(Some(shot)) => return Ok(shot),
                Err(cause) => return Err(format!("{}: {cause}", shown(&self.url))),
            }
        }
    }
}

/// What an answer to `DESCRIBE` leads to, head and all: what fuzzing calls.
pub(crate) fn described(mut bytes: &[u8]) -> usize {
    let Ok(head) = Head::read(&mut bytes, "RTSP") else { return 0 };
    let base = head.get("content-base").unwrap_or("rtsp://camera/");
    let stream = sdp::jpeg_stream(&String::from_utf8_lossy(bytes));
    stream
        .map_or(0, |stream| stream.address(base).len() + stream.whole(base).map_or(0, |w| w.len()))
}

#[cfg(test)]
mod tests;
