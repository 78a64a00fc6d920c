//! The head of an answer, of HTTP (RFC 9112 §2) and RTSP (RFC 2326 §7) alike: a status line and header lines, bounded.

use std::io::{self, Read};

use thiserror::Error;

/// Longest head, in bytes.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// Most header lines.
const LINES_MAX: usize = 100;

/// Why a camera's answer is none.
#[derive(Debug, Error)]
pub(crate) enum HeadError {
    /// The connection failed or timed out.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It ended within the head.
    #[error("the connection was closed")]
    Closed,
    /// Larger than any sensible head.
    #[error("the head of the answer is over {HEAD_BYTES_MAX} bytes or {LINES_MAX} lines")]
    Large,
    /// No status line.
    #[error("the answer is not {0}")]
    Other(&'static str),
}

/// A status and its headers.
pub(crate) struct Head {
    pub(crate) code: u16,
    lines: Vec<(String, String)>,
}

impl Head {
    /// Reads a head of `protocol`, such as `RTSP`, up to its empty line.
    pub(crate) fn read(from: &mut impl Read, protocol: &'static str) -> Result<Self, HeadError> {
        Self::go_on(Vec::new(), from, protocol)
    }

    /// The same, when its first bytes were read already.
    pub(crate) fn go_on(
        mut bytes: Vec<u8>,
        from: &mut impl Read,
        protocol: &'static str,
    ) -> Result<Self, HeadError> {
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") && !bytes.ends_with(b"\n\n") {
            if bytes.len() == HEAD_BYTES_MAX {
                return Err(HeadError::Large);
            }
            match from.read(&mut byte) {
                Ok(0) => return Err(HeadError::Closed),
                Ok(_) => bytes.push(byte[0]),
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause.into()),
            }
        }
        Self::parse(&bytes, protocol)
    }

    fn parse(bytes: &[u8], protocol: &'static str) -> Result<Self, HeadError> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let version = words.next().and_then(|w| w.strip_prefix(protocol)?.strip_prefix('/'));
        let code = words.next().and_then(|code| code.parse().ok());
        let (Some(_), Some(code)) = (version, code) else {
            return Err(HeadError::Other(protocol));
        };
        let mut head = Self { code, lines: Vec::new() };
        for line in lines.filter(|line| !line.is_empty()) {
            if head.lines.len() == LINES_MAX {
                return Err(HeadError::Large);
            }
            // A line without a colon is no header; cameras that send one are read all the same.
            if let Some((name, value)) = line.split_once(':') {
                head.lines.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Ok(head)
    }

    /// The first header of this name, which is given in small letters.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The length of what follows, if it is named and sensible.
    pub(crate) fn length(&self) -> Option<u64> {
        self.get("content-length")?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn status_and_headers_are_read_and_what_follows_is_left() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nnonsense\r\ncontent-length:  12 \r\n\r\nbody";
        let mut left = &answer[..];
        let head = Head::read(&mut left, "HTTP").unwrap();
        assert_eq!((head.code, head.length()), (200, Some(12)));
        assert_eq!((head.get("content-type"), left), (Some("image/jpeg"), &b"body"[..]));
        assert!(matches!(Head::read(&mut &answer[..], "RTSP"), Err(HeadError::Other("RTSP"))));
        assert!(matches!(Head::read(&mut &answer[..40], "HTTP"), Err(HeadError::Closed)));
        assert!(matches!(Head::read(&mut &b"HTTP/1.1 \n\n"[..], "HTTP"), Err(HeadError::Other(_))));
    }

    #[test]
    fn a_head_is_bounded() {
        let long = [&b"HTTP/1.1 200 OK\r\nA: "[..], &vec![b'a'; HEAD_BYTES_MAX]].concat();
        assert!(matches!(Head::read(&mut &long[..], "HTTP"), Err(HeadError::Large)));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(LINES_MAX + 1));
        assert!(matches!(Head::read(&mut many.as_bytes(), "HTTP"), Err(HeadError::Large)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let answer = [&b"RTSP/1.0 200 "[..], &bytes, b"\r\n\r\n"].concat();
            if let Ok(head) = Head::read(&mut &answer[..], "RTSP") {
                prop_assert_eq!(head.code, 200);
            }
        }
    }
}
