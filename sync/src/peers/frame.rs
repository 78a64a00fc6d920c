//! Frames on a stream: an unsigned varint of the length, then so many bytes; bounded before anything is reserved.

use std::{io, time::Duration};

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// Bytes of a length: seven bits each, so up to 256 MiB; the real bounds are far below.
const LENGTH_BYTES: usize = 4;
/// A frame is written in pieces, each of which must make progress.
const PIECE: usize = 16 << 10;

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Reads a frame of up to `max()` bytes, asked when its length is known; `None` when the stream ends before one
/// begins.
///
/// # Errors
/// `InvalidData` for what is no frame or one over the bound; else what the stream says.
pub(super) async fn read<R>(io: &mut R, max: impl Fn() -> usize) -> io::Result<Option<Vec<u8>>>
where
    R: AsyncRead + Unpin + Send,
{
    let Some(length) = read_length(io).await? else { return Ok(None) };
    if length > max() {
        return Err(invalid("frame over the limit"));
    }
    // Grows as bytes arrive: a length alone reserves nothing.
    let mut bytes = Vec::new();
    io.take(length as u64).read_to_end(&mut bytes).await?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

async fn read_length<R: AsyncRead + Unpin + Send>(io: &mut R) -> io::Result<Option<usize>> {
    let mut length = 0;
    for place in 0..LENGTH_BYTES {
        let mut byte = [0];
        if io.read(&mut byte).await? == 0 {
            return if place == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        length |= usize::from(byte[0] & 0x7f) << (7 * place);
        if byte[0] < 0x80 {
            return Ok(Some(length));
        }
    }
    Err(invalid("frame over the limit"))
}

/// The length of a frame as it goes on the wire.
pub(super) fn length_bytes(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LENGTH_BYTES);
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push((length & 0x7f) as u8);
    bytes
}

/// Writes a frame and sends it off.
///
/// # Errors
/// `TimedOut` when the other side takes nothing for `stall`; else what the stream says.
pub(super) async fn write<W>(io: &mut W, parts: &[&[u8]], stall: Duration) -> io::Result<()>
where
    W: AsyncWrite + Unpin + Send,
{
    // One buffer, so that a short frame is one packet.
    let mut bytes = length_bytes(parts.iter().map(|part| part.len()).sum());
    bytes.extend(parts.iter().flat_map(|part| part.iter()));
    for piece in bytes.chunks(PIECE) {
        timeout(stall, io.write_all(piece)).await??;
    }
    timeout(stall, io.flush()).await?
}

#[cfg(test)]
mod tests {
    use futures::io::Cursor;
    use proptest::prelude::*;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn frames_read_back_and_the_bound_holds_before_a_byte_is_kept() {
        block_on(async {
            for length in [0, 1, 127, 128, 70_000] {
                let mut wire = Cursor::new(Vec::new());
                let body = vec![7; length];
                write(&mut wire, &[&body], Duration::from_secs(1)).await.unwrap();
                wire.set_position(0);
                assert_eq!(read(&mut wire, || 70_000).await.unwrap(), Some(body));
                assert_eq!(read(&mut wire, || 70_000).await.unwrap(), None);
            }
            let mut long = Cursor::new(length_bytes(70_001));
            let error = read(&mut long, || 70_000).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            let mut cut = Cursor::new(vec![5, 1, 2]);
            let error = read(&mut cut, || 70_000).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        });
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_exceed_the_bound(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            block_on(async {
                let mut wire = Cursor::new(bytes);
                while let Ok(Some(frame)) = read(&mut wire, || 100).await {
                    assert!(frame.len() <= 100);
                }
            });
        }
    }
}
