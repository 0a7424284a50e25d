//! Where jobs come from and where their outcome is answered: RabbitMQ ([`Amqp`]), or a queue in
//! this process that behaves the same ([`MemoryBroker`]).

mod amqp;
mod headers;
mod intake;
mod memory;
mod publisher;
mod session;
mod timing;
mod topology;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::job::{Reason, RetryDelay, Stage};

pub use amqp::Amqp;
pub use memory::MemoryBroker;
pub use timing::Timing;

/// One message in our hands. It stays unsettled until [`Broker::settle`] is called with its
/// receipt; dropping it settles nothing.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub body: Vec<u8>,
    pub message_id: Option<String>,
    pub reply_to: Option<String>,
    pub correlation_id: Option<String>,
    /// Which try this is by our own header, from 1. The ledger may know of more.
    pub attempt: u32,
    /// When the first copy of this message reached us.
    pub first_seen: DateTime<Utc>,
    /// The broker handed it out before and got no answer.
    pub redelivered: bool,
    /// The queue it came from, for the log.
    pub queue: String,
    pub receipt: Receipt,
}

/// Names a delivery to the broker that made it. A receipt from before a reconnection is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// Which connection it belongs to.
    pub session: u64,
    pub tag: u64,
}

/// What a retry or dead letter says of the failure. No row values, no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub stage: Stage,
    pub reason: Reason,
    pub message: String,
    /// The attempt that failed.
    pub attempt: u32,
}

/// The answer to one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    Ack,
    /// Put a copy into the wait queue of `delay`, then ack.
    Retry {
        delay: RetryDelay,
        /// The attempt the copy will be, for its header.
        next_attempt: u32,
        note: Note,
    },
    /// Put a copy into the dead-letter queue, then ack.
    DeadLetter {
        note: Note,
    },
    /// Give it back unchanged, for somebody else: only when shutting down.
    Requeue,
}

/// Whether the answer reached the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Confirmed,
    /// The connection it came on is gone: the message will be delivered again.
    Stale,
}

/// A message for the work queue.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    pub body: Vec<u8>,
    pub message_id: Option<String>,
    pub reply_to: Option<String>,
    pub correlation_id: Option<String>,
    pub priority: Option<u8>,
}

/// Something other services may listen for: `job.finished` with its JSON.
#[derive(Debug, Clone)]
pub struct Event {
    /// The routing key, `job.accepted` and so on.
    pub name: &'static str,
    pub body: Value,
    /// Also sent here, when the requester asked for an answer.
    pub reply_to: Option<String>,
    pub correlation_id: Option<String>,
}

/// A message that was given up, with what was written on it then. Anybody may put a message
/// there by hand, so what it says may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub body: Vec<u8>,
    pub message_id: Option<String>,
    /// The work queue it came by.
    pub queue: String,
    /// See [`Reason::code`]; empty when unknown, like the next two.
    pub reason: String,
    pub stage: String,
    pub message: String,
    pub attempt: u32,
    pub first_seen: Option<DateTime<Utc>>,
    pub last_seen: Option<DateTime<Utc>>,
    /// Of the program that gave it up.
    pub version: String,
}

/// Whether we are in touch with the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Down,
    Up,
    /// Connected, but the broker is short of memory or disk and takes no messages from us.
    /// Deliveries and acknowledgements go on.
    Blocked,
}

/// How many messages wait where. Those that are out unanswered are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depths {
    /// To be delivered next, those back from a wait included.
    pub work: u64,
    /// For their next attempt.
    pub waiting: u64,
    pub dead: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error("the broker refused the credentials or the virtual host")]
    Refused,
    #[error("no connection to the broker: {0}")]
    Unreachable(String),
    #[error("the broker did not answer within {0:?}")]
    Timeout(Duration),
    #[error("the broker did not take the message for `{queue}`: {cause}")]
    NotConfirmed { queue: String, cause: String },
    #[error("the broker refused the operation: {0}")]
    Operation(String),
    #[error("the broker is closed")]
    Closed,
}

impl BrokerError {
    /// Whether the same call may work later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            BrokerError::Unreachable(_)
            | BrokerError::Timeout(_)
            | BrokerError::NotConfirmed { .. } => true,
            BrokerError::Refused | BrokerError::Operation(_) | BrokerError::Closed => false,
        }
    }
}

/// A queue of jobs. Implementations rebuild their connections by themselves.
#[async_trait]
pub trait Broker: Send + Sync {
    /// The next delivery. Waits through outages; `None` only after [`Broker::stop_consuming`].
    /// At most as many deliveries as there are parallel jobs are out unsettled.
    async fn next(&self) -> Option<Delivery>;

    /// Answers one delivery. A retry or dead letter whose copy the broker did not confirm is an
    /// error and leaves the original unanswered, so that nothing is lost.
    async fn settle(&self, receipt: Receipt, answer: Settlement) -> Result<Settled, BrokerError>;

    /// Puts a message on the work queue and waits until the broker has it.
    async fn publish(&self, message: Outgoing) -> Result<(), BrokerError>;

    /// Tells whoever listens; nobody listening is not an error.
    async fn emit(&self, event: Event) -> Result<(), BrokerError>;

    /// Sends `message` and waits up to `patience` for the final event of its job.
    async fn publish_and_wait(
        &self,
        message: Outgoing,
        patience: Duration,
    ) -> Result<Value, BrokerError>;

    async fn depths(&self) -> Result<Depths, BrokerError>;

    /// For readiness; never waits.
    fn link(&self) -> Link;

    /// Up to `limit` dead letters, which stay where they are.
    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, BrokerError>;

    /// Puts up to `limit` dead letters back on the work queue as first attempts. How many.
    async fn revive(&self, limit: usize) -> Result<usize, BrokerError>;

    /// Takes no further deliveries; those in hand may still be settled.
    async fn stop_consuming(&self);

    /// Closes the connections. Unsettled deliveries go back to the queue.
    async fn close(&self);
}
