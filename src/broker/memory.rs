//! A queue in this process that behaves like the one on RabbitMQ: unanswered deliveries come
//! back, retries wait their time, dead letters stay. What it holds ends with the process.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::OptionFuture;
use serde_json::Value;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Broker, BrokerError, DeadLetter, Delivery, Depths, Event, Link, Note, Outgoing, Receipt,
    Settled, Settlement, Timing,
};

const QUEUE: &str = "memory";

/// Events kept for a listener that is slow.
const EVENTS_KEPT: usize = 256;

/// One connection to the queue; [`MemoryBroker::reconnect`] makes further ones.
pub struct MemoryBroker {
    store: Arc<Store>,
    /// Which connection this is.
    session: u64,
    permits: Arc<Semaphore>,
    handed_out: Mutex<HashMap<u64, Held>>,
    stop: CancellationToken,
    closed: CancellationToken,
}

/// What stands for the server.
struct Store {
    shelves: Mutex<Shelves>,
    changed: Notify,
    events: broadcast::Sender<Event>,
    timing: Timing,
    /// For session numbers and tags alike.
    numbers: AtomicU64,
}

#[derive(Default)]
struct Shelves {
    ready: VecDeque<Letter>,
    waiting: Vec<(Instant, Letter)>,
    dead: Vec<(Letter, DeadLetter)>,
    /// Who waits for the answer to which correlation id.
    answers: HashMap<String, oneshot::Sender<Value>>,
}

#[derive(Debug, Clone)]
struct Letter {
    message: Outgoing,
    attempt: u32,
    first_seen: Option<DateTime<Utc>>,
    redelivered: bool,
}

struct Held {
    letter: Letter,
    _permit: OwnedSemaphorePermit,
}

impl Letter {
    fn new(message: Outgoing) -> Self {
        Letter {
            message,
            attempt: 1,
            first_seen: None,
            redelivered: false,
        }
    }

    fn given_back(self) -> Self {
        Letter {
            redelivered: true,
            ..self
        }
    }

    fn given_up(&self, note: Note) -> DeadLetter {
        DeadLetter {
            body: self.message.body.clone(),
            message_id: self.message.message_id.clone(),
            queue: QUEUE.to_owned(),
            reason: note.reason.code().to_owned(),
            stage: note.stage.as_str().to_owned(),
            message: note.message,
            attempt: note.attempt,
            first_seen: self.first_seen,
            last_seen: Some(Utc::now()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

impl Shelves {
    /// Makes ready what has waited long enough.
    fn ripen(&mut self, now: Instant) {
        self.waiting.sort_by_key(|(due, _)| *due);
        let ripe = self.waiting.partition_point(|(due, _)| *due <= now);
        let ripe = self.waiting.drain(..ripe).map(|(_, letter)| letter);
        self.ready.extend(ripe);
    }
}

impl Store {
    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.ripen(Instant::now());
        shelves
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }
}

impl MemoryBroker {
    /// An empty queue of which at most `parallel_jobs` deliveries are out unsettled.
    pub fn new(parallel_jobs: u16, timing: Timing) -> Self {
        let store = Store {
            shelves: Mutex::default(),
            changed: Notify::new(),
            events: broadcast::Sender::new(EVENTS_KEPT),
            timing,
            numbers: AtomicU64::new(0),
        };
        Self::connected_to(Arc::new(store), parallel_jobs)
    }

    /// A further connection to the same queue, as a second instance or a later start has.
    pub fn reconnect(&self, parallel_jobs: u16) -> Self {
        Self::connected_to(self.store.clone(), parallel_jobs)
    }

    fn connected_to(store: Arc<Store>, parallel_jobs: u16) -> Self {
        MemoryBroker {
            session: store.number(),
            store,
            permits: Arc::new(Semaphore::new(parallel_jobs.max(1).into())),
            handed_out: Mutex::default(),
            stop: CancellationToken::new(),
            closed: CancellationToken::new(),
        }
    }

    /// Every event from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.store.events.subscribe()
    }

    fn handed_out(&self) -> MutexGuard<'_, HashMap<u64, Held>> {
        self.handed_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next delivery, or when it is worth looking again.
    fn take(&self, permit: &mut Option<OwnedSemaphorePermit>) -> Result<Delivery, Option<Instant>> {
        let mut shelves = self.store.shelves();
        if self.stop.is_cancelled() {
            return Err(None);
        }
        let Some(mut letter) = shelves.ready.pop_front() else {
            return Err(shelves.waiting.first().map(|(due, _)| *due));
        };
        let Some(permit) = permit.take() else {
            shelves.ready.push_front(letter);
            return Err(None);
        };
        let first_seen = *letter.first_seen.get_or_insert_with(Utc::now);
        let tag = self.store.number();
        let delivery = Delivery {
            body: letter.message.body.clone(),
            message_id: letter.message.message_id.clone(),
            reply_to: letter.message.reply_to.clone(),
            correlation_id: letter.message.correlation_id.clone(),
            attempt: letter.attempt,
            first_seen,
            redelivered: letter.redelivered,
            queue: QUEUE.to_owned(),
            receipt: Receipt {
                session: self.session,
                tag,
            },
        };
        let held = Held {
            letter,
            _permit: permit,
        };
        self.handed_out().insert(tag, held);
        Ok(delivery)
    }

    /// What was unanswered goes back to the head of the queue, in its old order.
    fn give_back_all(&self) {
        self.stop.cancel();
        self.closed.cancel();
        let mut shelves = self.store.shelves();
        let mut held: Vec<_> = self.handed_out().drain().collect();
        held.sort_by_key(|(tag, _)| *tag);
        for (_, held) in held.into_iter().rev() {
            shelves.ready.push_front(held.letter.given_back());
        }
        drop(shelves);
        self.store.changed.notify_waiters();
    }

    fn ensure_open(&self) -> Result<(), BrokerError> {
        match self.closed.is_cancelled() {
            true => Err(BrokerError::Closed),
            false => Ok(()),
        }
    }
}

impl Drop for MemoryBroker {
    fn drop(&mut self) {
        self.give_back_all();
    }
}

#[async_trait]
impl Broker for MemoryBroker {
    async fn next(&self) -> Option<Delivery> {
        let mut permit = tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            permit = self.permits.clone().acquire_owned() => Some(permit.ok()?),
        };
        loop {
            // Registered before looking, so that nothing is missed between the two.
            let changed = self.store.changed.notified();
            if self.stop.is_cancelled() {
                return None;
            }
            let due = match self.take(&mut permit) {
                Ok(delivery) => return Some(delivery),
                Err(due) => due,
            };
            let ripening = OptionFuture::from(due.map(sleep_until));
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = changed => {}
                Some(()) = ripening => {}
            }
        }
    }

    async fn settle(&self, receipt: Receipt, answer: Settlement) -> Result<Settled, BrokerError> {
        if receipt.session != self.session {
            return Ok(Settled::Stale);
        }
        let mut shelves = self.store.shelves();
        let Some(Held { letter, .. }) = self.handed_out().remove(&receipt.tag) else {
            return Ok(Settled::Stale);
        };
        match answer {
            Settlement::Ack => {}
            Settlement::Requeue => shelves.ready.push_front(letter.given_back()),
            Settlement::Retry {
                delay,
                next_attempt,
                ..
            } => {
                let due = Instant::now() + self.store.timing.retry(delay);
                let copy = Letter {
                    attempt: next_attempt,
                    redelivered: false,
                    ..letter
                };
                shelves.waiting.push((due, copy));
            }
            Settlement::DeadLetter { note } => {
                let dead = letter.given_up(note);
                shelves.dead.push((letter, dead));
            }
        }
        drop(shelves);
        self.store.changed.notify_waiters();
        Ok(Settled::Confirmed)
    }

    async fn publish(&self, message: Outgoing) -> Result<(), BrokerError> {
        self.ensure_open()?;
        let letter = Letter::new(message);
        self.store.shelves().ready.push_back(letter);
        self.store.changed.notify_waiters();
        Ok(())
    }

    async fn emit(&self, event: Event) -> Result<(), BrokerError> {
        self.ensure_open()?;
        if let (Some(_), Some(id)) = (&event.reply_to, &event.correlation_id)
            && let Some(waiting) = self.store.shelves().answers.remove(id)
        {
            // Whoever waited may have given up.
            let _ = waiting.send(event.body.clone());
        }
        // Fails when nobody listens.
        let _ = self.store.events.send(event);
        Ok(())
    }

    async fn publish_and_wait(
        &self,
        message: Outgoing,
        patience: Duration,
    ) -> Result<Value, BrokerError> {
        let id = message
            .correlation_id
            .clone()
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let (answer, answered) = oneshot::channel();
        self.store.shelves().answers.insert(id.clone(), answer);
        self.publish(Outgoing {
            reply_to: Some("answers".to_owned()),
            correlation_id: Some(id.clone()),
            ..message
        })
        .await?;
        let outcome = timeout(patience, answered).await;
        self.store.shelves().answers.remove(&id);
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => Err(BrokerError::Closed),
            Err(_) => Err(BrokerError::Timeout(patience)),
        }
    }

    async fn depths(&self) -> Result<Depths, BrokerError> {
        let shelves = self.store.shelves();
        Ok(Depths {
            work: shelves.ready.len() as u64,
            waiting: shelves.waiting.len() as u64,
            dead: shelves.dead.len() as u64,
        })
    }

    fn link(&self) -> Link {
        match self.closed.is_cancelled() {
            true => Link::Down,
            false => Link::Up,
        }
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, BrokerError> {
        let shelves = self.store.shelves();
        let dead = shelves.dead.iter().take(limit);
        Ok(dead.map(|(_, dead)| dead.clone()).collect())
    }

    async fn revive(&self, limit: usize) -> Result<usize, BrokerError> {
        let mut shelves = self.store.shelves();
        let count = limit.min(shelves.dead.len());
        let letters: Vec<_> = shelves.dead.drain(..count).collect();
        for (letter, _) in letters {
            shelves.ready.push_back(Letter::new(letter.message));
        }
        drop(shelves);
        self.store.changed.notify_waiters();
        Ok(count)
    }

    async fn stop_consuming(&self) {
        self.stop.cancel();
    }

    async fn close(&self) {
        self.give_back_all();
    }
}
