//! Which queue, and how to reach it.

use super::Secret;

/// RabbitMQ, as the variables name it.
#[derive(Debug, Clone)]
pub struct AmqpSettings {
    /// `amqp://user:password@host:port/vhost`, every part percent-encoded.
    pub uri: Secret,
    /// The same without credentials, for messages.
    pub address: String,
    /// The work queues, the first of which `publish` uses. Never empty.
    pub queues: Vec<String>,
    /// Declare a missing work queue as a quorum queue.
    pub quorum: bool,
}

/// The queue to use.
#[derive(Debug, Clone)]
pub enum BrokerSettings {
    Amqp(AmqpSettings),
    /// In this process, fed by what lies in the work folder.
    Memory,
}
