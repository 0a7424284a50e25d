//! What the service answers over HTTP: its metrics, for Prometheus to fetch.

mod patience;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::telemetry::{self, Metrics};
use patience::{LONGEST_WAIT, Patient};

/// What running requests are given to end once we are told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// A place to be asked at, open already.
pub struct Door {
    listener: Patient,
}

impl Door {
    /// # Errors
    /// If the address is not ours, or taken.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Door {
            listener: Patient {
                listener,
                longest_wait: LONGEST_WAIT,
            },
        })
    }

    /// Where it is, its port known.
    ///
    /// # Errors
    /// If the system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.listener.local_addr()
    }

    /// Answers until `stop`.
    pub async fn serve(self, routes: Router, stop: CancellationToken) {
        let stopped = stop.clone().cancelled_owned();
        let serving = axum::serve(self.listener, routes).with_graceful_shutdown(stopped);
        let ending = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            ended = serving => if let Err(error) = ended {
                tracing::error!(%error, "no longer answers over HTTP");
            },
            // Whoever is slow must not keep us from ending.
            () = ending => tracing::debug!("requests were cut off"),
        }
    }
}

/// Everything that can be asked for.
pub fn routes(metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/metrics", get(numbers))
        .with_state(metrics)
}

async fn numbers(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, telemetry::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot write the metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    async fn serve() -> (SocketAddr, CancellationToken, JoinHandle<()>) {
        serve_waiting(LONGEST_WAIT).await
    }

    async fn serve_waiting(
        longest_wait: Duration,
    ) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
        let mut door = Door::open(([127, 0, 0, 1], 0).into()).await.unwrap();
        door.listener.longest_wait = longest_wait;
        let address = door.address().unwrap();
        let stop = CancellationToken::new();
        let routes = routes(Arc::new(Metrics::new()));
        let serving = tokio::spawn(door.serve(routes, stop.clone()));
        (address, stop, serving)
    }

    async fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn metrics_are_answered_as_text_and_nothing_else_is_there() {
        let (address, stop, serving) = serve().await;
        let answer = ask(address, "GET /metrics").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let kind = format!("content-type: {}\r\n", telemetry::CONTENT_TYPE);
        assert!(answer.contains(&kind), "{answer}");
        assert!(answer.contains("\npyservice_jobs_running 0\n"), "{answer}");
        for (request, status) in [("GET /", "404"), ("POST /metrics", "405")] {
            let answer = ask(address, request).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{answer}"
            );
        }
        stop.cancel();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_does_not_keep_the_door_open() {
        let (address, stop, serving) = serve().await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(b"GET /met").await.unwrap();
        ask(address, "GET /metrics").await;
        stop.cancel();
        timeout(GRACE * 2, serving).await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_closed_after_a_while() {
        let (address, _stop, _serving) = serve_waiting(Duration::from_millis(50)).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(b"GET /met").await.unwrap();
        let mut rest = Vec::new();
        let closed = timeout(LONGEST_WAIT, silent.read_to_end(&mut rest)).await;
        // Closed, or reset because it was in the middle of a request.
        let _ = closed.unwrap();
    }
}
