//! The connections of one machine, so that any of them can be reset.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures::{AsyncRead, AsyncWrite, task::AtomicWaker};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

/// Tells a connection that it is reset.
#[derive(Default)]
struct Fate {
    is_reset: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Fate {
    fn check(&self, waker: &AtomicWaker, context: &Context<'_>) -> io::Result<()> {
        waker.register(context.waker());
        match self.is_reset.load(Ordering::Relaxed) {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(()),
        }
    }
}

/// A connection as long as it is there, by the machine at its other end.
type Known = (IpAddr, Weak<Fate>);

/// All connections that a machine's programs have made or taken.
#[derive(Clone, Default)]
pub(crate) struct Wires(Arc<Mutex<Vec<Known>>>);

impl Wires {
    /// One more, with the machine at this address.
    pub(crate) fn wire<T: tokio::io::AsyncRead>(&self, with: IpAddr, inner: T) -> Wire<T> {
        let fate = Arc::new(Fate::default());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, fate)| fate.strong_count() > 0);
        all.push((with, Arc::downgrade(&fate)));
        Wire { inner: inner.compat(), fate }
    }

    /// Resets those with one machine: what was under way on them is lost, and the programs at this end are told.
    pub(crate) fn reset(&self, with: IpAddr) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for fate in all.iter().filter(|(ip, _)| *ip == with).filter_map(|(_, f)| f.upgrade()) {
            fate.is_reset.store(true, Ordering::Relaxed);
            fate.reader.wake();
            fate.writer.wake();
        }
    }
}

/// A connection that can be reset.
pub(crate) struct Wire<T> {
    inner: Compat<T>,
    fate: Arc<Fate>,
}

impl<T: tokio::io::AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.fate.check(&self.fate.reader, context)?;
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<T: tokio::io::AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.fate.check(&self.fate.writer, context)?;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.fate.check(&self.fate.writer, context)?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.fate.check(&self.fate.writer, context)?;
        Pin::new(&mut self.inner).poll_close(context)
    }
}
