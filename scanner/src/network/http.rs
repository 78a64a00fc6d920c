//! Motion JPEG over HTTP: what mostly comes as `multipart/x-mixed-replace`, and single pictures asked for again and again.
//!
//! Frames are cut apart by their own markers, not by the parts' boundaries and lengths: cameras get both wrong, and
//! some send neither.

use std::io::Read;
use std::thread::sleep;
use std::time::Duration;

use url::Url;

use super::auth::{Auth, login_in};
use super::wire::Wire;
use super::{Body, Head};
use crate::camera::{Login, shown};
use crate::live::{Backend, Device, Leash, Shot};
use crate::mjpeg::{Frames, MjpegError};
use crate::picture::Picture;

const PORT: u16 = 80;

/// A camera that answers one request with frames, or each request with one frame.
pub(crate) struct HttpCamera {
    url: Url,
    login: Option<Login>,
    fps: u32,
    patience: Duration,
}

impl HttpCamera {
    pub(crate) fn new(url: Url, login: Option<Login>, fps: u32, patience: Duration) -> Self {
        let login = login.or_else(|| login_in(&url));
        Self { url, login, fps, patience }
    }

    /// Asks for the stream; a camera that wants to know who asks is asked once more.
    fn ask(&self, leash: &Leash) -> Result<(Head, Wire), String> {
        let mut auth = Auth::new(self.login.clone());
        let path = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        loop {
            let mut wire = Wire::open(&self.url, PORT, self.patience, leash)?;
            let login = auth.line("GET", &path)?;
            wire.say(&format!(
                "GET {path} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: vestibule\r\nAccept: multipart/x-mixed-replace, image/jpeg\r\n{login}Connection: close\r\n\r\n"
            ))?;
            let head = Head::read(&mut wire, "HTTP").map_err(|e| e.to_string())?;
            match head.code {
                200 => return Ok((head, wire)),
                401 => auth.asked(&head)?,
                // Not followed: an address that moves belongs into the configuration.
                300..=399 => return Err(format!("answers {}: its address has changed", head.code)),
                code => return Err(format!("answers {code}")),
            }
        }
    }

    fn connect(&self, leash: &Leash) -> Result<(Kind, Frames<Body<Wire>>), String> {
        let (head, wire) = self.ask(leash).map_err(|e| format!("{}: {e}", shown(&self.url)))?;
        let kind = head.get("content-type").unwrap_or_default().to_ascii_lowercase();
        let kind = match kind.split(';').next().unwrap_or_default().trim() {
            "image/jpeg" | "image/jpg" => Kind::Single,
            "text/html" | "application/json" => {
                return Err(format!("{}: answers {kind}, no pictures", shown(&self.url)));
            }
            _ => Kind::Stream,
        };
        Ok((kind, Frames::new(Body::of(&head, wire))))
    }
}

/// What an answer holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Stream,
    Single,
}

impl Backend for HttpCamera {
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let (kind, frames) = self.connect(leash)?;
        let how = match kind {
            Kind::Stream => "MJPEG over HTTP",
            Kind::Single => "single JPEGs over HTTP",
        };
        let words = format!("{}, {how}", shown(&self.url));
        let camera =
            Self::new(self.url.clone(), self.login.clone(), self.fps.max(1), self.patience);
        Ok((Box::new(Open { camera, kind, frames, leash: leash.clone() }), words))
    }
}

struct Open {
    camera: HttpCamera,
    kind: Kind,
    frames: Frames<Body<Wire>>,
    leash: Leash,
}

impl Device for Open {
    fn next(&mut self) -> Result<Shot, String> {
        match self.frames.next() {
            Some(Ok(jpeg)) => Ok(Shot::Frame(Picture::Jpeg(jpeg))),
            Some(Err(MjpegError::Read(cause))) => {
                Err(format!("{}: {cause}", shown(&self.camera.url)))
            }
            Some(Err(cause)) => Ok(Shot::Broken(cause.to_string())),
            None if self.kind == Kind::Stream => {
                Err(format!("{}: the camera ended the stream", shown(&self.camera.url)))
            }
            None => {
                sleep(Duration::from_secs(1) / self.camera.fps);
                self.leash.let_go();
                (self.kind, self.frames) = self.camera.connect(&self.leash)?;
                Ok(Shot::Idle)
            }
        }
    }
}

/// The frames of an HTTP answer, head and all, as far as they are whole: what fuzzing calls.
pub(crate) fn frames_of_an_answer(mut bytes: &[u8]) -> usize {
    let Ok(head) = Head::read(&mut bytes, "HTTP") else { return 0 };
    let body: Box<dyn Read + '_> = Box::new(Body::of(&head, bytes));
    Frames::new(body).flatten().count()
}

#[cfg(test)]
mod tests;
