//! A queue to test with: in memory, or under a name of its own on the RabbitMQ of the test run.

use std::time::Duration;

use async_trait::async_trait;
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use pyservice::broker::{Amqp, Broker, Delivery, MemoryBroker, Note, Outgoing, Settlement, Timing};
use pyservice::config::{AmqpSettings, Secret};
use pyservice::job::{Reason, RetryDelay, Stage};
use tokio::time::timeout;

use crate::harness;

/// Long enough for a slow machine, short enough to fail a test that hangs.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Retries within a second, everything else as quick as it may be.
pub fn quick() -> Timing {
    Timing {
        retry: [300, 600, 900].map(Duration::from_millis),
        answer: Duration::from_secs(5),
        pause: Duration::from_millis(50),
        longest_pause_unreachable: Duration::from_millis(500),
        longest_pause: Duration::from_millis(500),
    }
}

/// A queue that a test connects to as often as it likes.
#[async_trait]
pub trait Bench: Sync {
    async fn connect(&self, parallel_jobs: u16) -> Box<dyn Broker>;

    /// Removes what the test left on the server.
    async fn clean(&self);
}

pub struct Memory(MemoryBroker);

impl Memory {
    pub fn new() -> Self {
        Memory(MemoryBroker::new(1, quick()))
    }
}

#[async_trait]
impl Bench for Memory {
    async fn connect(&self, parallel_jobs: u16) -> Box<dyn Broker> {
        Box::new(self.0.reconnect(parallel_jobs))
    }

    async fn clean(&self) {}
}

/// One queue on RabbitMQ and those that belong to it.
pub struct Rabbit {
    pub queue: String,
    uri: String,
}

impl Rabbit {
    pub fn new() -> Self {
        Self::at(harness::server("PYSERVICE_TEST_AMQP_URL"))
    }

    pub fn at(uri: String) -> Self {
        Rabbit {
            queue: format!("pyservice-test-{}", uuid::Uuid::new_v4()),
            uri,
        }
    }

    pub fn uri(&self) -> &str {
        &self.uri
    }

    pub fn settings(&self) -> AmqpSettings {
        self.settings_at(&self.uri)
    }

    /// The settings that reach the queue by another address.
    pub fn settings_at(&self, uri: &str) -> AmqpSettings {
        AmqpSettings {
            uri: Secret::new(uri),
            address: "the test broker".into(),
            queues: vec![self.queue.clone()],
            quorum: false,
        }
    }

    pub async fn amqp(&self, parallel_jobs: u16) -> Amqp {
        Amqp::connect(self.settings(), parallel_jobs, quick())
            .await
            .unwrap()
    }

    /// A channel of a client that is not ours.
    pub async fn client(&self) -> Client {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&self.uri, properties).await.unwrap();
        Client {
            channel: connection.create_channel().await.unwrap(),
            _connection: connection,
        }
    }
}

pub struct Client {
    pub channel: Channel,
    _connection: Connection,
}

impl Client {
    pub async fn declare(&self, queue: &str, durable: bool, arguments: FieldTable) {
        let options = QueueDeclareOptions {
            durable,
            ..Default::default()
        };
        self.channel
            .queue_declare(queue.into(), options, arguments)
            .await
            .unwrap();
    }

    pub async fn delete(&self, queue: &str) {
        self.channel
            .queue_delete(queue.into(), QueueDeleteOptions::default())
            .await
            .unwrap();
    }
}

#[async_trait]
impl Bench for Rabbit {
    async fn connect(&self, parallel_jobs: u16) -> Box<dyn Broker> {
        Box::new(self.amqp(parallel_jobs).await)
    }

    async fn clean(&self) {
        let client = self.client().await;
        client.delete(&self.queue).await;
        for suffix in ["ready", "dead", "retry.10s", "retry.1m", "retry.10m"] {
            client.delete(&format!("{}.{suffix}", self.queue)).await;
        }
    }
}

pub fn message(body: &str) -> Outgoing {
    Outgoing {
        body: body.into(),
        ..Outgoing::default()
    }
}

pub fn note(attempt: u32) -> Note {
    Note {
        stage: Stage::Fetch,
        reason: Reason::NotFound,
        message: "`work/x.csv` is not there".into(),
        attempt,
    }
}

pub fn retry(delay: RetryDelay, next_attempt: u32) -> Settlement {
    Settlement::Retry {
        delay,
        next_attempt,
        note: note(next_attempt - 1),
    }
}

pub fn dead_letter(attempt: u32) -> Settlement {
    Settlement::DeadLetter {
        note: note(attempt),
    }
}

/// The next delivery, which must come.
pub async fn next(broker: &dyn Broker) -> Delivery {
    timeout(DEADLINE, broker.next())
        .await
        .expect("no delivery came")
        .expect("the broker was stopped")
}

/// That no delivery comes, as far as a short look can tell.
pub async fn nothing_comes(broker: &dyn Broker) {
    let delivery = timeout(Duration::from_millis(300), broker.next()).await;
    assert!(delivery.is_err(), "came: {delivery:?}");
}

/// Asks again and again until the answer is yes.
pub async fn eventually(what: &str, mut question: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !question().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, asking)
        .await
        .unwrap_or_else(|_| panic!("never happened: {what}"));
}
