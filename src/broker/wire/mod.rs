//! AMQP: connections, channels and what goes over them. `lapin` is named in this file only; the
//! parts below know it as `amqp`.
//!
//! No wait here is without an end. A connection that does not answer is cut at its socket, for
//! the library would otherwise keep a thread and the socket for as long as the other side stays
//! silent. Its automatic recovery stays off: it can leave a consumer that never yields again.

mod envelope;
mod fault;
mod line;

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin as amqp;
use tokio::time::timeout;

use crate::config::Secret;

use self::amqp::tcp::{AMQPUriTcpExt, OwnedTLSConfig};
use self::amqp::uri::AMQPUri;
use self::amqp::{AsyncTcpStream, Connection, ConnectionProperties, ConnectionStatus};
use self::fault::{short, within};
use super::BrokerError;
use super::topology::{Declaration, Kind};

pub(super) use self::envelope::Envelope;
pub(super) use self::fault::Fault;
pub(super) use self::line::{Arrival, Line, Message, Parcel, Slip, Verdict};

/// Seconds. The broker is given up after two of them.
const HEARTBEAT: u16 = 15;

/// The socket below a connection, to end it without anybody's consent.
#[derive(Debug, Default, Clone)]
struct Socket(Arc<Mutex<(Option<TcpStream>, bool)>>);

impl Socket {
    fn keep(&self, stream: TcpStream) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1 {
            let _ = stream.shutdown(Shutdown::Both);
        }
        state.0 = Some(stream);
    }

    fn cut(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = true;
        if let Some(stream) = state.0.take() {
            // Fails only when it is closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// One connection. Dropping it cuts it.
pub(super) struct Wire {
    connection: Connection,
    socket: Socket,
    answer: Duration,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.socket.cut();
    }
}

impl Wire {
    /// Connects as `name`, which the broker shows to its operators. `answer` bounds this and
    /// every later exchange.
    pub(super) async fn open(uri: &Secret, name: &str, answer: Duration) -> Result<Wire, Fault> {
        let uri = parse(uri)?;
        let runtime = amqp::runtime::default_runtime()?;
        let properties = ConnectionProperties::default()
            .with_connection_name(name.into())
            .with_client_property("product".into(), "pyservice".into())
            .with_client_property("version".into(), env!("CARGO_PKG_VERSION").into());
        let socket = Socket::default();
        let (kept, reactor) = (socket.clone(), runtime.clone());
        let connect = async move |uri: AMQPUri, _| {
            let tls = OwnedTLSConfig::default();
            let stream = timeout(
                answer,
                uri.connect_with_config_async(tls.as_ref(), &reactor),
            )
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            let tcp = match &stream {
                AsyncTcpStream::Plain(tcp) => tcp.get_ref(),
                AsyncTcpStream::Rustls(tls) => tls.get_ref().0.get_ref(),
                _ => return Err(io::Error::from(io::ErrorKind::Unsupported).into()),
            };
            kept.keep(tcp.as_fd().try_clone_to_owned()?.into());
            Ok(stream)
        };
        let opening = Connection::connector(uri, runtime, connect, properties);
        match within(answer, opening).await {
            Ok(connection) => Ok(Wire {
                connection,
                socket,
                answer,
            }),
            Err(fault) => {
                socket.cut();
                Err(fault.at_the_door())
            }
        }
    }

    pub(super) fn status(&self) -> Status {
        Status(self.connection.status().clone())
    }

    pub(super) async fn line(&self) -> Result<Line, Fault> {
        Ok(Line {
            channel: within(self.answer, self.connection.create_channel()).await?,
            answer: self.answer,
        })
    }

    /// Sees to it that the queue exists, each try on a channel of its own: a refusal closes it.
    pub(super) async fn ensure(&self, queue: &Declaration) -> Result<(), Fault> {
        let passive = async || self.line().await?.declare(queue, true).await;
        let active = async || self.line().await?.declare(queue, false).await;
        match &queue.kind {
            Kind::Work { .. } => match passive().await {
                Err(missing) if missing.is(&[Fault::NOT_FOUND]) => active().await?,
                found => found?,
            },
            // Ours, so what it is like gets checked, unless we may only use what others made.
            Kind::Own | Kind::Wait { .. } => match active().await {
                Err(denied) if denied.is(&[Fault::REFUSED]) => {
                    passive().await.map_err(|_| denied)?
                }
                declared => declared?,
            },
        };
        Ok(())
    }

    /// How many messages wait in the queue; none where there is no queue.
    pub(super) async fn depth(&self, queue: &str) -> Result<u64, Fault> {
        let own = Declaration {
            name: queue.to_owned(),
            kind: Kind::Own,
        };
        match self.line().await?.declare(&own, true).await {
            Err(missing) if missing.is(&[Fault::NOT_FOUND]) => Ok(0),
            count => count,
        }
    }

    /// Takes leave of the broker, then closes.
    pub(super) async fn close(&self) {
        let _ = within(self.answer, self.connection.close(200, "OK".into())).await;
        self.socket.cut();
    }
}

/// Reads the address. Its text holds the password and stays out of the error.
fn parse(uri: &Secret) -> Result<AMQPUri, Fault> {
    let invalid = || BrokerError::Operation("the broker's address is not valid".into());
    let mut parsed: AMQPUri = uri.expose().parse().map_err(|_| invalid())?;
    // The library takes an IPv6 address for no host at all.
    if let Ok(url) = url::Url::parse(uri.expose())
        && let Some(url::Host::Ipv6(address)) = url.host()
    {
        parsed.authority.host = address.to_string();
    }
    short(&parsed.vhost).map_err(|_| invalid())?;
    parsed.query.heartbeat = parsed
        .query
        .heartbeat
        .filter(|seconds| *seconds > 0)
        .or(Some(HEARTBEAT));
    Ok(parsed)
}

/// What a connection is like at the moment, also after it is gone.
#[derive(Clone)]
pub(super) struct Status(ConnectionStatus);

impl Status {
    pub(super) fn is_up(&self) -> bool {
        self.0.connected()
    }

    /// The broker is short of memory or disk and takes no messages from us.
    pub(super) fn is_blocked(&self) -> bool {
        self.0.blocked()
    }
}
