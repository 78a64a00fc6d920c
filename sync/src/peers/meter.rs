//! Counts and paces the bytes of a connection, encryption and multiplexing included.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use futures::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep};

use super::bucket::Bucket;

/// Bytes since the start, over all connections; headers of TCP and IP not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes sent.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
}

/// The counters behind [`Traffic`].
#[derive(Debug, Default)]
pub(super) struct Totals {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Totals {
    pub(super) fn read(&self) -> Traffic {
        Traffic {
            sent: self.sent.load(Ordering::Relaxed),
            received: self.received.load(Ordering::Relaxed),
        }
    }
}

/// A connection that counts what passes, and reads no faster than its bucket allows: a peer that sends more
/// feels it in its own full buffers.
#[derive(Debug)]
pub(super) struct Metered<T> {
    inner: T,
    totals: Arc<Totals>,
    bucket: Bucket,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<T> Metered<T> {
    pub(super) fn new(inner: T, totals: Arc<Totals>, bucket: Bucket) -> Self {
        Self { inner, totals, bucket, pause: None }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let count = ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        self.totals.received.fetch_add(count as u64, Ordering::Relaxed);
        let now = Instant::now();
        self.bucket.take(count as u64, now);
        // The pause is polled, and so armed, at the next read.
        self.pause = self.bucket.wait(now).map(|wait| Box::pin(sleep(wait)));
        Poll::Ready(Ok(count))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.inner).poll_write(cx, buffer))?;
        self.totals.sent.fetch_add(count as u64, Ordering::Relaxed);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::{AsyncReadExt, AsyncWriteExt, io::Cursor};

    use super::*;

    #[tokio::test]
    async fn bytes_are_counted_both_ways_and_read_at_the_pace() {
        let totals = Arc::new(Totals::default());
        let begun = Instant::now();
        let bucket = Bucket::new(1000, 100, begun);
        let mut io = Metered::new(Cursor::new(vec![7; 400]), Arc::clone(&totals), bucket);
        let mut chunk = [0; 50];
        for _ in 0..8 {
            io.read_exact(&mut chunk).await.unwrap();
        }
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(240), "350 of 400 bytes, 100 at once: {took:?}");
        io.write_all(&[1; 30]).await.unwrap();
        assert_eq!(totals.read(), Traffic { sent: 30, received: 400 });
    }
}
