//! RabbitMQ as a [`Broker`].
//!
//! One connection consumes, another publishes; each is rebuilt whenever it fails. A retry or dead
//! letter is a copy the broker has confirmed before the original is acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::timeout;

use crate::config::AmqpSettings;

use super::headers::{self, Header, Headers};
use super::intake::{Intake, Opened};
use super::publisher::{Needs, Publisher};
use super::session::{Held, Session, Setup};
use super::topology::{EVENTS, WorkQueue};
use super::wire::{Arrival, Envelope, Message, Parcel, Wire};
use super::{
    Broker, BrokerError, DeadLetter, Delivery, Depths, Event, Link, Outgoing, Receipt, Settled,
    Settlement, Timing,
};

pub struct Amqp {
    setup: Arc<Setup>,
    intake: Arc<Intake>,
    publisher: Arc<Publisher>,
    consumes: bool,
    closed: AtomicBool,
}

impl Amqp {
    /// Connects and consumes; an error if that does not work at once. At most `parallel_jobs`
    /// deliveries are out unsettled.
    pub async fn connect(
        settings: AmqpSettings,
        parallel_jobs: u16,
        timing: Timing,
    ) -> Result<Self, BrokerError> {
        let amqp = Self::new(settings, parallel_jobs, timing, true);
        let opened = amqp.intake.open().await?;
        amqp.supervise(Some(opened));
        Ok(amqp)
    }

    /// Like [`Amqp::connect`], but goes on trying in the background when the broker is merely out
    /// of reach. What only another setting can change is an error here too.
    pub async fn start(
        settings: AmqpSettings,
        parallel_jobs: u16,
        timing: Timing,
    ) -> Result<Self, BrokerError> {
        let amqp = Self::new(settings, parallel_jobs, timing, true);
        let opened = match amqp.intake.open().await {
            Ok(opened) => Some(opened),
            Err(cause) if cause.is_transient() => {
                tracing::warn!(broker = %amqp.setup.address, error = %cause, "not consuming yet");
                None
            }
            Err(cause) => return Err(cause),
        };
        amqp.supervise(opened);
        Ok(amqp)
    }

    /// Consumes nothing; connects when there is something to publish.
    pub fn publisher(settings: AmqpSettings, timing: Timing) -> Self {
        let amqp = Self::new(settings, 1, timing, false);
        amqp.intake.never_starts();
        amqp
    }

    fn new(settings: AmqpSettings, parallel_jobs: u16, timing: Timing, consumes: bool) -> Self {
        let mut names = Vec::<String>::new();
        for name in settings.queues {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let setup = Arc::new(Setup {
            queues: names
                .iter()
                .map(|name| WorkQueue::new(name, settings.quorum))
                .collect(),
            uri: settings.uri,
            address: settings.address,
            parallel_jobs: parallel_jobs.max(1),
            timing,
        });
        let answer = setup.timing.answer;
        let publisher = Publisher::new(setup.uri.clone(), setup.name("publishes"), answer);
        Amqp {
            intake: Arc::new(Intake::new(setup.clone())),
            publisher: Arc::new(publisher),
            setup,
            consumes,
            closed: AtomicBool::new(false),
        }
    }

    fn supervise(&self, opened: Option<Opened>) {
        let (intake, publisher) = (self.intake.clone(), self.publisher.clone());
        tokio::spawn(async move { intake.supervise(opened, &publisher).await });
    }

    fn answer(&self) -> Duration {
        self.setup.timing.answer
    }

    fn first_queue(&self) -> Result<&WorkQueue, BrokerError> {
        let none = || BrokerError::Operation("no work queue is named".into());
        self.setup.queues.first().ok_or_else(none)
    }

    fn ensure_open(&self) -> Result<(), BrokerError> {
        match self.closed.load(Ordering::Relaxed) {
            true => Err(BrokerError::Closed),
            false => Ok(()),
        }
    }

    /// A connection for one errand.
    async fn errand(&self) -> Result<Wire, BrokerError> {
        self.ensure_open()?;
        Ok(Wire::open(&self.setup.uri, &self.setup.name("asks"), self.answer()).await?)
    }

    /// Publishes a copy of a delivery to one of our own queues.
    async fn copy(&self, held: &Held, key: &str, ours: Headers) -> Result<(), BrokerError> {
        let queue = &self.setup.queues[held.queue];
        let parcel = Parcel {
            exchange: "",
            key,
            mandatory: true,
            body: &held.body,
            envelope: held.envelope.copy(ours),
        };
        let needs = Needs::Queues(queue.own_declarations(&self.setup.timing));
        self.publisher.send(&parcel, &needs).await
    }

    async fn put_on(
        &self,
        queue: &WorkQueue,
        body: &[u8],
        envelope: Envelope,
    ) -> Result<(), BrokerError> {
        let parcel = Parcel {
            exchange: "",
            key: &queue.work,
            mandatory: true,
            body,
            envelope,
        };
        let needs = Needs::Queues(vec![queue.work_declaration()]);
        self.publisher.send(&parcel, &needs).await
    }

    async fn count(&self, wire: &Wire) -> Result<Depths, BrokerError> {
        let mut depths = Depths::default();
        for queue in &self.setup.queues {
            for name in queue.consumed() {
                depths.work += wire.depth(name).await?;
            }
            for delay in crate::job::RetryDelay::ALL {
                depths.waiting += wire.depth(&queue.wait(delay)).await?;
            }
            depths.dead += wire.depth(&queue.dead).await?;
        }
        Ok(depths)
    }
}

impl Drop for Amqp {
    fn drop(&mut self) {
        // Dropping the session cuts its connection, and the broker takes its messages back.
        self.intake.abandon();
    }
}

#[async_trait]
impl Broker for Amqp {
    async fn next(&self) -> Option<Delivery> {
        self.intake.next().await
    }

    async fn settle(&self, receipt: Receipt, answer: Settlement) -> Result<Settled, BrokerError> {
        let Some(session) = self.intake.session_of(receipt) else {
            return Ok(Settled::Stale);
        };
        let Some(held) = session.held(receipt.tag) else {
            return Ok(Settled::Stale);
        };
        let queue = &self.setup.queues[held.queue];
        match answer {
            Settlement::Ack => {}
            Settlement::Requeue => {
                let outcome = held.slip.requeue(self.answer()).await;
                return Ok(session.answered(receipt.tag, outcome));
            }
            Settlement::Retry {
                delay,
                next_attempt,
                note,
            } => {
                let ours = headers::for_retry(&note, next_attempt, held.first_seen);
                self.copy(&held, &queue.wait(delay), ours).await?;
            }
            Settlement::DeadLetter { note } => {
                let (first, last) = (held.first_seen, Utc::now());
                let ours = headers::for_dead_letter(&note, &queue.work, first, last);
                self.copy(&held, &queue.dead, ours).await?;
            }
        }
        let outcome = held.slip.ack(self.answer()).await;
        Ok(session.answered(receipt.tag, outcome))
    }

    async fn publish(&self, message: Outgoing) -> Result<(), BrokerError> {
        self.ensure_open()?;
        let envelope = Envelope::new(&message)?;
        self.put_on(self.first_queue()?, &message.body, envelope)
            .await
    }

    async fn emit(&self, event: Event) -> Result<(), BrokerError> {
        self.ensure_open()?;
        let body = event.body.to_string();
        let envelope = Envelope::new(&Outgoing {
            correlation_id: event.correlation_id,
            ..Outgoing::default()
        })?;
        let mut parcel = Parcel {
            exchange: EVENTS,
            key: event.name,
            mandatory: false,
            body: body.as_bytes(),
            envelope,
        };
        let announced = self.publisher.send(&parcel, &Needs::Topic).await;
        if let Some(queue) = &event.reply_to {
            (parcel.exchange, parcel.key) = ("", queue);
            self.publisher.send(&parcel, &Needs::Nothing).await?;
        }
        announced
    }

    async fn publish_and_wait(
        &self,
        message: Outgoing,
        patience: Duration,
    ) -> Result<Value, BrokerError> {
        let wire = self.errand().await?;
        let line = wire.line().await?;
        let reply_to = line.declare_private().await?;
        let mut answers = line.consume(&reply_to, 0).await?;
        let id = message
            .correlation_id
            .clone()
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        self.publish(Outgoing {
            reply_to: Some(reply_to),
            correlation_id: Some(id.clone()),
            ..message
        })
        .await?;
        let waiting = async {
            loop {
                match answers.next().await {
                    Some(Arrival::Message(answer))
                        if answer.envelope.correlation_id().as_ref() == Some(&id) =>
                    {
                        return Ok(answer.body);
                    }
                    Some(Arrival::Message(_)) => {}
                    Some(Arrival::Ended(cause)) => return Err(cause),
                    None => return Err(BrokerError::Unreachable("no answer queue".into())),
                }
            }
        };
        let body = timeout(patience, waiting)
            .await
            .map_err(|_| BrokerError::Timeout(patience))??;
        wire.close().await;
        let not_json = |_| BrokerError::Operation("the answer is not JSON".into());
        serde_json::from_slice(&body).map_err(not_json)
    }

    async fn depths(&self) -> Result<Depths, BrokerError> {
        // The consuming connection answers even while the broker takes no messages.
        if let Some(session) = self.intake.session() {
            return self.count(session.wire()).await;
        }
        let wire = self.errand().await?;
        let depths = self.count(&wire).await?;
        wire.close().await;
        Ok(depths)
    }

    fn link(&self) -> Link {
        let session = self.intake.session();
        let is_up = |session: Arc<Session>| session.wire().status().is_up();
        let up = match self.consumes {
            true => session.is_some_and(is_up),
            false => self.publisher.is_up(),
        };
        match up {
            false => Link::Down,
            true if self.publisher.is_blocked() => Link::Blocked,
            true => Link::Up,
        }
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, BrokerError> {
        let wire = self.errand().await?;
        let mut letters = Vec::new();
        for queue in &self.setup.queues {
            if wire.depth(&queue.dead).await? == 0 {
                continue;
            }
            // Unanswered, so that they go back where they were when the connection closes.
            let line = wire.line().await?;
            while letters.len() < limit {
                let Some(message) = line.get(&queue.dead).await? else {
                    break;
                };
                letters.push(dead_letter(message, &queue.work));
            }
        }
        wire.close().await;
        Ok(letters)
    }

    async fn revive(&self, limit: usize) -> Result<usize, BrokerError> {
        let wire = self.errand().await?;
        let mut revived = 0;
        for queue in &self.setup.queues {
            if wire.depth(&queue.dead).await? == 0 {
                continue;
            }
            let line = wire.line().await?;
            while revived < limit {
                let Some(message) = line.get(&queue.dead).await? else {
                    break;
                };
                let envelope = message.envelope.copy(Headers::new());
                self.put_on(queue, &message.body, envelope).await?;
                message.slip.ack(self.answer()).await?;
                revived += 1;
            }
        }
        wire.close().await;
        Ok(revived)
    }

    async fn stop_consuming(&self) {
        self.intake.stop().await;
    }

    async fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.intake.stop().await;
        if let Some(session) = self.intake.abandon() {
            session.wire().close().await;
        }
        self.publisher.close().await;
    }
}

fn dead_letter(message: Message, queue: &str) -> DeadLetter {
    let text = |name| match message.envelope.header(name) {
        Some(Header::Text(text)) => text,
        _ => String::new(),
    };
    let time = |name| headers::instant(message.envelope.header(name));
    DeadLetter {
        message_id: message.envelope.message_id(),
        queue: queue.to_owned(),
        reason: text(headers::REASON),
        stage: text(headers::STAGE),
        message: text(headers::MESSAGE),
        attempt: headers::attempt(message.envelope.header(headers::ATTEMPT)),
        first_seen: time(headers::FIRST_SEEN),
        last_seen: time(headers::LAST_SEEN),
        version: text(headers::VERSION),
        body: message.body,
    }
}
