//! One channel, and the messages that go over it.

use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};

use crate::broker::BrokerError;
use crate::broker::topology::{Declaration, Kind};

use super::amqp::message::Delivery;
use super::amqp::options::*;
use super::amqp::types::{AMQPValue, FieldTable};
use super::amqp::{Acker, Channel, Confirmation, ExchangeKind};
use super::envelope::Envelope;
use super::fault::{Fault, short, within};

const PERSISTENT: u8 = 2;

/// What became of a message we sent.
#[derive(Debug)]
pub(in crate::broker) enum Verdict {
    Taken,
    /// No queue for it.
    Returned,
    Refused,
}

/// A message to send. To a queue when `exchange` is empty.
pub(in crate::broker) struct Parcel<'a> {
    pub exchange: &'a str,
    pub key: &'a str,
    /// Whether it matters that somebody gets it.
    pub mandatory: bool,
    pub body: &'a [u8],
    pub envelope: Envelope,
}

/// What comes out of the consumers of a line.
pub(in crate::broker) enum Arrival {
    Message(Box<Message>),
    /// This queue yields nothing any more.
    Ended(BrokerError),
}

pub(in crate::broker) struct Message {
    /// Where it was consumed, as an index into the queues given to [`Line::consume`].
    pub source: usize,
    pub tag: u64,
    pub redelivered: bool,
    pub body: Vec<u8>,
    pub envelope: Envelope,
    pub slip: Slip,
}

impl Message {
    fn new(source: usize, delivery: Delivery) -> Self {
        Message {
            source,
            tag: delivery.delivery_tag,
            redelivered: delivery.redelivered,
            body: delivery.data,
            envelope: Envelope(delivery.properties),
            slip: Slip(delivery.acker),
        }
    }
}

/// Answers one message. `Ok(false)`: its channel is gone, the message will come again.
#[derive(Debug)]
pub(in crate::broker) struct Slip(Acker);

impl Slip {
    pub(in crate::broker) async fn ack(&self, limit: Duration) -> Result<bool, Fault> {
        within(limit, self.0.ack(BasicAckOptions::default())).await
    }

    pub(in crate::broker) async fn requeue(&self, limit: Duration) -> Result<bool, Fault> {
        let options = BasicNackOptions {
            requeue: true,
            multiple: false,
        };
        within(limit, self.0.nack(options)).await
    }
}

/// One channel.
pub(in crate::broker) struct Line {
    pub(super) channel: Channel,
    pub(super) answer: Duration,
}

impl Line {
    /// Declares the queue, or only asks for it when `passive`. How many messages wait in it.
    pub(super) async fn declare(&self, queue: &Declaration, passive: bool) -> Result<u64, Fault> {
        let options = QueueDeclareOptions {
            passive,
            durable: true,
            ..Default::default()
        };
        let mut arguments = FieldTable::default();
        match &queue.kind {
            Kind::Work { quorum: true } => {
                arguments.insert(
                    "x-queue-type".into(),
                    AMQPValue::LongString("quorum".into()),
                );
            }
            Kind::Work { quorum: false } | Kind::Own => {}
            Kind::Wait { delay, then } => {
                let ttl = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
                let then = AMQPValue::LongString(then.as_str().into());
                arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(ttl));
                arguments.insert(
                    "x-dead-letter-exchange".into(),
                    AMQPValue::LongString("".into()),
                );
                arguments.insert("x-dead-letter-routing-key".into(), then);
            }
        }
        let declaring = (self.channel).queue_declare(short(&queue.name)?, options, arguments);
        let declared = within(self.answer, declaring).await?;
        Ok(declared.message_count().into())
    }

    pub(in crate::broker) async fn declare_topic(&self, exchange: &str) -> Result<(), Fault> {
        let name = short(exchange)?;
        let options = ExchangeDeclareOptions {
            durable: true,
            ..Default::default()
        };
        let none = FieldTable::default();
        let declaring = (self.channel).exchange_declare(name, ExchangeKind::Topic, options, none);
        within(self.answer, declaring).await
    }

    /// A queue of this connection alone, gone with it. Its name.
    pub(in crate::broker) async fn declare_private(&self) -> Result<String, Fault> {
        let options = QueueDeclareOptions {
            exclusive: true,
            auto_delete: true,
            ..Default::default()
        };
        let none = FieldTable::default();
        let declaring = self.channel.queue_declare("".into(), options, none);
        Ok(within(self.answer, declaring).await?.name().to_string())
    }

    /// At most `count` messages out unanswered, in total or per consumer.
    pub(in crate::broker) async fn prefetch(
        &self,
        count: u16,
        in_total: bool,
    ) -> Result<(), Fault> {
        let options = BasicQosOptions { global: in_total };
        within(self.answer, self.channel.basic_qos(count, options)).await
    }

    /// Consumes `queue`; messages carry `source`. The stream's last item is [`Arrival::Ended`].
    pub(in crate::broker) async fn consume(
        &self,
        queue: &str,
        source: usize,
    ) -> Result<impl Stream<Item = Arrival> + Send + Unpin + use<>, Fault> {
        let consuming = self.channel.basic_consume(
            short(queue)?,
            consumer_tag(source).as_str().into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let consumer = within(self.answer, consuming).await?;
        let arrivals = consumer.map(move |item| match item {
            Ok(delivery) => Arrival::Message(Box::new(Message::new(source, delivery))),
            Err(error) => Arrival::Ended(Fault::from(error).error),
        });
        let end = BrokerError::Unreachable(format!("`{queue}` is no longer consumed"));
        Ok(arrivals.chain(stream::iter([Arrival::Ended(end)])))
    }

    pub(in crate::broker) async fn cancel(&self, source: usize) -> Result<(), Fault> {
        let tag = consumer_tag(source).as_str().into();
        let cancelling = (self.channel).basic_cancel(tag, BasicCancelOptions::default());
        within(self.answer, cancelling).await
    }

    /// The next message of `queue` without consuming it, if there is one.
    pub(in crate::broker) async fn get(&self, queue: &str) -> Result<Option<Message>, Fault> {
        let getting = (self.channel).basic_get(short(queue)?, BasicGetOptions::default());
        let got = within(self.answer, getting).await?;
        Ok(got.map(|message| Message::new(0, message.delivery)))
    }

    /// From now on the broker confirms what it is sent on this line.
    pub(in crate::broker) async fn confirm(&self) -> Result<(), Fault> {
        let options = ConfirmSelectOptions::default();
        within(self.answer, self.channel.confirm_select(options)).await
    }

    /// Sends one message and waits for the broker's word on it. One at a time on a line: a
    /// returned message does not say which of several it was.
    pub(in crate::broker) async fn send(&self, parcel: &Parcel<'_>) -> Result<Verdict, Fault> {
        let options = BasicPublishOptions {
            mandatory: parcel.mandatory,
            immediate: false,
        };
        let (exchange, key) = (short(parcel.exchange)?, short(parcel.key)?);
        let properties = parcel.envelope.0.clone().with_delivery_mode(PERSISTENT);
        let sending = async {
            (self.channel)
                .basic_publish(exchange, key, options, parcel.body, properties)
                .await?
                .await
        };
        Ok(match within(self.answer, sending).await? {
            Confirmation::Ack(None) => Verdict::Taken,
            Confirmation::Ack(Some(_)) => Verdict::Returned,
            Confirmation::Nack(_) | Confirmation::NotRequested => Verdict::Refused,
        })
    }
}

fn consumer_tag(source: usize) -> String {
    format!("pyservice-{source}")
}
