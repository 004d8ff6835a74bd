//! A connection whose bytes can be cut, slowed down or reset.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;

/// What is to happen to the bytes of the next reply.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Bytes that still go out before the connection ends.
    pub cut_after: Option<usize>,
    /// Piece size and pause.
    pub trickle: Option<(usize, Duration)>,
    /// End with RST instead of FIN.
    pub reset: bool,
    /// The next thing read is the end, as if the client had gone.
    pub deaf: bool,
}

/// Shared between the connection and the request in hand.
pub type SharedPlan = Arc<Mutex<Plan>>;

/// A stream whose TCP end can be reset.
pub trait Resettable {
    /// The next close sends RST.
    fn reset_on_close(&self);
}

impl Resettable for TcpStream {
    fn reset_on_close(&self) {
        // failing to set it leaves an ordinary close
        let _ = SockRef::from(self).set_linger(Some(Duration::ZERO));
    }
}

impl Resettable for TlsStream<TcpStream> {
    fn reset_on_close(&self) {
        self.get_ref().0.reset_on_close();
    }
}

/// A stream that obeys a plan.
#[derive(Debug)]
pub struct Wire<S: Resettable> {
    stream: S,
    plan: SharedPlan,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<S: Resettable> Wire<S> {
    pub fn new(stream: S, plan: SharedPlan) -> Self {
        Self {
            stream,
            plan,
            pause: None,
        }
    }
}

impl<S: Resettable> Drop for Wire<S> {
    fn drop(&mut self) {
        if self.plan.lock().reset {
            self.stream.reset_on_close();
        }
    }
}

impl<S: AsyncRead + Resettable + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.plan.lock().deaf {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Resettable + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(pause) = self.pause.as_mut() {
            if pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.pause = None;
        }
        let plan = self.plan.lock().clone();
        let mut allowed = buf.len();
        if let Some(left) = plan.cut_after {
            if left == 0 {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::BrokenPipe,
                    "cut by a fault",
                )));
            }
            allowed = allowed.min(left);
        }
        if let Some((piece, _)) = plan.trickle {
            allowed = allowed.min(piece.max(1));
        }
        let written = match Pin::new(&mut self.stream).poll_write(cx, &buf[..allowed]) {
            Poll::Ready(Ok(written)) => written,
            other => return other,
        };
        if plan.cut_after.is_some() || plan.trickle.is_some() {
            // a piece must be on the wire before the pause or the cut
            let _ = Pin::new(&mut self.stream).poll_flush(cx);
        }
        if let Some(left) = self.plan.lock().cut_after.as_mut() {
            *left = left.saturating_sub(written);
        }
        if let Some((_, pause)) = plan.trickle
            && !pause.is_zero()
        {
            self.pause = Some(Box::pin(tokio::time::sleep(pause)));
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
