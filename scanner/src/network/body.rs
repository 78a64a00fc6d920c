//! The body of an HTTP answer: to its length, in chunks (RFC 9112 §7.1), or to the end of the connection.

use std::io::{self, Read};

use super::Head;

/// Longest line that opens a chunk or closes the last one, in bytes.
const LINE_BYTES_MAX: usize = 1024;

/// A body as a plain stream of bytes.
pub(crate) struct Body<R> {
    from: R,
    kind: Kind,
}

enum Kind {
    ToTheEnd,
    Length(u64),
    /// What is left of the chunk; `first` until one was opened.
    Chunk {
        left: u64,
        first: bool,
    },
    Over,
}

impl<R: Read> Body<R> {
    pub(crate) fn of(head: &Head, from: R) -> Self {
        let chunked = head.get("transfer-encoding").is_some_and(|how| {
            how.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"))
        });
        let kind = match (chunked, head.length()) {
            (true, _) => Kind::Chunk { left: 0, first: true },
            (false, Some(length)) => Kind::Length(length),
            (false, None) => Kind::ToTheEnd,
        };
        Self { from, kind }
    }

    fn take(&mut self, into: &mut [u8], left: u64) -> io::Result<usize> {
        let most = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match self.from.read(&mut into[..most])? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the answer breaks off")),
            some => Ok(some),
        }
    }

    /// The size of the next chunk.
    fn open_chunk(&mut self, first: bool) -> io::Result<u64> {
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a chunk is malformed");
        if !first && !self.line()?.is_empty() {
            return Err(wrong());
        }
        let line = self.line()?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let hexadecimal = !size.is_empty() && size.bytes().all(|b| b.is_ascii_hexdigit());
        if !hexadecimal {
            return Err(wrong());
        }
        u64::from_str_radix(size, 16).map_err(|_| wrong())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while line.len() < LINE_BYTES_MAX {
            self.from.read_exact(&mut byte)?;
            if byte[0] == b'\n' {
                return Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
            }
            line.push(byte[0]);
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "a chunk's line is too long"))
    }
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            match self.kind {
                Kind::ToTheEnd => return self.from.read(into),
                Kind::Over | Kind::Length(0) => return Ok(0),
                Kind::Length(left) => {
                    let some = self.take(into, left)?;
                    self.kind = Kind::Length(left - some as u64);
                    return Ok(some);
                }
                Kind::Chunk { left: 0, first } => match self.open_chunk(first)? {
                    0 => self.kind = Kind::Over,
                    left => self.kind = Kind::Chunk { left, first: false },
                },
                Kind::Chunk { left, .. } => {
                    let some = self.take(into, left)?;
                    self.kind = Kind::Chunk { left: left - some as u64, first: false };
                    return Ok(some);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
        let head = Head::read(&mut format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), "HTTP");
        let mut bytes = Vec::new();
        Body::of(&head.unwrap(), body).read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn a_body_ends_where_its_head_says() {
        assert_eq!(read("", b"all of it").unwrap(), b"all of it");
        assert_eq!(read("Content-Length: 3\r\n", b"all of it").unwrap(), b"all");
        assert!(read("Content-Length: 30\r\n", b"all of it").is_err());
        let chunked = "Transfer-Encoding: chunked\r\n";
        assert_eq!(
            read(chunked, b"3\r\nall\r\n4;x=y\r\n of \r\n0\r\n\r\nmore").unwrap(),
            b"all of "
        );
        for broken in
            ["3\r\nal", "3\r\nall4\r\n", "x\r\n", "\r\n", "-1\r\n", "fffffffffffffffff\r\n", ""]
        {
            assert!(read(chunked, broken.as_bytes()).is_err(), "{broken}");
        }
        assert!(read(chunked, &[b'0'; 2000]).is_err());
    }

    proptest! {
        #[test]
        fn chunks_of_any_size_make_one_body(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..8)) {
            let mut wire = Vec::new();
            for part in &parts {
                wire.extend(format!("{:X}\r\n", part.len()).bytes());
                wire.extend(part);
                wire.extend(b"\r\n");
            }
            wire.extend(b"0\r\n\r\n");
            prop_assert_eq!(read("Transfer-Encoding: chunked\r\n", &wire).unwrap(), parts.concat());
        }

        #[test]
        fn any_bytes_end_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read("Transfer-Encoding: chunked\r\n", &bytes);
        }
    }
}
