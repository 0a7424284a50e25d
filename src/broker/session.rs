//! One consuming connection, from its opening to its loss, and the deliveries handed out on it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::stream::{BoxStream, SelectAll, StreamExt, select_all};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use crate::config::Secret;

use super::headers::{self, ATTEMPT, FIRST_SEEN};
use super::topology::WorkQueue;
use super::wire::{Arrival, Envelope, Fault, Line, Message, Slip, Wire};
use super::{Delivery, Receipt, Settled, Timing};

/// What a consumer needs to know of its broker.
pub(super) struct Setup {
    pub uri: Secret,
    /// For the log: the address without credentials.
    pub address: String,
    pub queues: Vec<WorkQueue>,
    pub parallel_jobs: u16,
    pub timing: Timing,
}

impl Setup {
    /// What the broker's operators see of a connection.
    pub(super) fn name(&self, purpose: &str) -> String {
        let queue = self.queues.first().map_or("", |queue| &queue.work);
        format!("pyservice {purpose} {queue}")
    }
}

pub(super) type Arrivals = SelectAll<BoxStream<'static, Arrival>>;

pub(super) struct Session {
    id: u64,
    wire: Wire,
    line: Line,
    setup: Arc<Setup>,
    handed_out: Mutex<HashMap<u64, Arc<Held>>>,
    /// Set when an answer did not get through: the whole connection is then given up.
    pub lost: CancellationToken,
}

/// A delivery in somebody's hands.
pub(super) struct Held {
    pub slip: Slip,
    pub body: Vec<u8>,
    pub envelope: Envelope,
    pub first_seen: DateTime<Utc>,
    /// Which of the work queues it belongs to.
    pub queue: usize,
    _permit: OwnedSemaphorePermit,
}

impl Session {
    /// Connects, sees to the queues and consumes them.
    ///
    /// `in_total`: let the broker bound the sum over all queues, which it cannot do for quorum
    /// queues.
    pub(super) async fn open(
        setup: &Arc<Setup>,
        id: u64,
        in_total: bool,
    ) -> Result<(Session, Arrivals), Fault> {
        let timing = &setup.timing;
        let wire = Wire::open(&setup.uri, &setup.name("consumes"), timing.answer).await?;
        for queue in &setup.queues {
            wire.ensure(&queue.work_declaration()).await?;
            for own in queue.own_declarations(timing) {
                wire.ensure(&own).await?;
            }
        }
        let line = wire.line().await?;
        line.prefetch(setup.parallel_jobs, in_total).await?;
        let mut streams = Vec::new();
        for (source, name) in sources(&setup.queues).enumerate() {
            streams.push(line.consume(name, source).await?.boxed());
        }
        let session = Session {
            id,
            wire,
            line,
            setup: setup.clone(),
            handed_out: Mutex::default(),
            lost: CancellationToken::new(),
        };
        Ok((session, select_all(streams)))
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Tells the broker to send nothing more. What is under way still arrives.
    pub(super) async fn cancel(&self) {
        for source in 0..sources(&self.setup.queues).count() {
            if let Err(fault) = self.line.cancel(source).await {
                tracing::debug!(error = %fault.error, "consumer not cancelled");
            }
        }
    }

    /// Makes a delivery of a message and remembers how to answer it.
    pub(super) fn hand_out(&self, message: Message, permit: OwnedSemaphorePermit) -> Delivery {
        let Message {
            envelope,
            slip,
            body,
            tag,
            redelivered,
            source,
        } = message;
        let first_seen = headers::instant(envelope.header(FIRST_SEEN)).unwrap_or_else(Utc::now);
        let delivery = Delivery {
            body: body.clone(),
            message_id: envelope.message_id(),
            reply_to: envelope.reply_to(),
            correlation_id: envelope.correlation_id(),
            attempt: headers::attempt(envelope.header(ATTEMPT)),
            first_seen,
            redelivered,
            queue: sources(&self.setup.queues)
                .nth(source)
                .unwrap_or_default()
                .to_owned(),
            receipt: Receipt {
                session: self.id,
                tag,
            },
        };
        let held = Held {
            slip,
            body,
            envelope,
            first_seen,
            queue: source / CONSUMED_PER_QUEUE,
            _permit: permit,
        };
        self.handed_out().insert(tag, Arc::new(held));
        delivery
    }

    pub(super) fn held(&self, tag: u64) -> Option<Arc<Held>> {
        self.handed_out().get(&tag).cloned()
    }

    /// Notes how answering a delivery went.
    pub(super) fn answered(&self, tag: u64, outcome: Result<bool, Fault>) -> Settled {
        self.handed_out().remove(&tag);
        match outcome {
            Ok(true) => Settled::Confirmed,
            Ok(false) => Settled::Stale,
            Err(fault) => {
                tracing::warn!(error = %fault.error, "an answer did not reach the broker");
                self.lost.cancel();
                Settled::Stale
            }
        }
    }

    /// Forgets every delivery: from now on their receipts are stale.
    pub(super) fn forget(&self) {
        self.handed_out().clear();
    }

    fn handed_out(&self) -> MutexGuard<'_, HashMap<u64, Arc<Held>>> {
        self.handed_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

const CONSUMED_PER_QUEUE: usize = 2;

/// The names of all consumed queues; their positions are the sources of the messages.
fn sources(queues: &[WorkQueue]) -> impl Iterator<Item = &str> {
    queues.iter().flat_map(|queue| {
        let consumed: [&str; CONSUMED_PER_QUEUE] = queue.consumed();
        consumed
    })
}
