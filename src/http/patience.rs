//! Connections that are closed when nothing moves on them.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

/// How long the other side may keep us waiting, be it for a request or to take the answer.
/// Longer than the pause between two visits of a Prometheus, which keeps its connection.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(90);

pub(super) struct Patient {
    pub(super) listener: TcpListener,
    pub(super) longest_wait: Duration,
}

impl Listener for Patient {
    type Io = Pin<Box<TimeoutStream<TcpStream>>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.listener).await;
        let mut stream = TimeoutStream::new(stream);
        stream.set_read_timeout(Some(self.longest_wait));
        stream.set_write_timeout(Some(self.longest_wait));
        (Box::pin(stream), from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
