//! Logging, and every metric.

mod metrics;

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use metrics::{CONTENT_TYPE, Metrics, Outcome, RunningJob};

/// Targets that would print passwords, addresses or answers when asked for more: at most this
/// much of them is ever shown. lapin calls a queue that does not exist yet an error, and shows
/// the bodies of returned messages as warnings: what matters of it, the broker door logs.
const CAPPED: [&str; 12] = [
    "lapin=off",
    "amq_protocol=warn",
    "async_rs=warn",
    "tcp_stream=warn",
    "reqwest=warn",
    "hyper=warn",
    "hyper_util=warn",
    "mongodb=warn",
    "hickory_proto=warn",
    "hickory_resolver=warn",
    "rustls=warn",
    "h2=warn",
];

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Sends log lines to standard error. `filter` is as in `RUST_LOG`; what it says wrongly is
/// ignored, what it leaves open is `default`. Called once; a second call changes nothing.
pub fn log(filter: Option<&str>, default: &str, format: LogFormat) {
    let mut filter = EnvFilter::builder().parse_lossy(filter.unwrap_or(default));
    for cap in CAPPED {
        if let Ok(directive) = cap.parse() {
            filter = filter.add_directive(directive);
        }
    }
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Json => registry.with(lines.json()).try_init(),
        LogFormat::Text => registry
            .with(lines.with_ansi(stderr().is_terminal()).with_target(false))
            .try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
