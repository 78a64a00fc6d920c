//! The connection to a camera: opened within its patience, shut by its leash.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use url::Url;

use crate::live::Leash;

/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;
/// Bytes that are read ahead.
const READ_AHEAD: usize = 64 << 10;

/// A buffered connection.
pub(super) struct Wire(BufReader<TcpStream>);

impl Wire {
    /// Connects; each read and write then waits for at most `patience`.
    pub(super) fn open(
        url: &Url,
        port: u16,
        patience: Duration,
        leash: &Leash,
    ) -> Result<Self, String> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = url.port().unwrap_or(port);
        let found = (host, port).to_socket_addrs();
        let found = found.map_err(|cause| format!("{host}: {cause}"))?;
        let mut last = format!("{host}: has no address");
        for address in found.take(ADDRESSES_MAX) {
            match TcpStream::connect_timeout(&address, patience) {
                Ok(stream) => return Self::over(stream, patience, leash),
                Err(cause) => last = format!("{address}: {cause}"),
            }
        }
        Err(last)
    }

    fn over(stream: TcpStream, patience: Duration, leash: &Leash) -> Result<Self, String> {
        let ready = || -> io::Result<TcpStream> {
            stream.set_read_timeout(Some(patience))?;
            stream.set_write_timeout(Some(patience))?;
            stream.set_nodelay(true)?;
            stream.try_clone()
        };
        let held = ready().map_err(|cause| cause.to_string())?;
        leash.tie(move || {
            let _ = held.shutdown(Shutdown::Both); // fails only where it is closed already
        });
        Ok(Self(BufReader::with_capacity(READ_AHEAD, stream)))
    }

    pub(super) fn say(&mut self, text: &str) -> Result<(), String> {
        let to = self.0.get_mut();
        to.write_all(text.as_bytes()).and_then(|()| to.flush()).map_err(|cause| cause.to_string())
    }
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(plain)
    }
}

/// A read timeout by its meaning: the system calls it "resource temporarily unavailable".
fn plain(cause: io::Error) -> io::Error {
    match cause.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            io::Error::new(io::ErrorKind::TimedOut, "the camera is silent")
        }
        _ => cause,
    }
}
