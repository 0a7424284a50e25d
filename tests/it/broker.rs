//! The brokers: one contract for both, and what only RabbitMQ can do to us.

mod amqp;
mod bench;
mod contract;
mod node;
mod outages;
