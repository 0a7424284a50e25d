//! Keeps a consuming session alive and hands out what arrives on it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::StreamExt;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::publisher::Publisher;
use super::session::{Arrivals, Session, Setup};
use super::timing::Backoff;
use super::wire::{Arrival, Fault, Message};
use super::{BrokerError, Delivery, Receipt};

pub(super) struct Intake {
    setup: Arc<Setup>,
    current: Mutex<Option<Arc<Session>>>,
    /// Arrived, not handed out yet.
    inbox: Mutex<VecDeque<(Arc<Session>, Message)>>,
    arrived: Notify,
    /// One for each delivery that may be out.
    permits: Arc<Semaphore>,
    sessions: AtomicU64,
    /// Whether the broker bounds the deliveries of all queues together; until it says it cannot.
    in_total: AtomicBool,
    stop: CancellationToken,
    /// Set when nothing will arrive any more.
    stopped: CancellationToken,
}

pub(super) type Opened = (Arc<Session>, Arrivals);

impl Intake {
    pub(super) fn new(setup: Arc<Setup>) -> Self {
        Intake {
            permits: Arc::new(Semaphore::new(setup.parallel_jobs.into())),
            setup,
            current: Mutex::default(),
            inbox: Mutex::default(),
            arrived: Notify::new(),
            sessions: AtomicU64::new(0),
            in_total: AtomicBool::new(true),
            stop: CancellationToken::new(),
            stopped: CancellationToken::new(),
        }
    }

    /// Opens a session and makes it the current one. The second try is for quorum queues.
    pub(super) async fn open(&self) -> Result<Opened, BrokerError> {
        let id = self.sessions.fetch_add(1, Ordering::Relaxed);
        let in_total = self.in_total.load(Ordering::Relaxed);
        let opened = match Session::open(&self.setup, id, in_total).await {
            Err(fault) if in_total && fault.is(&[Fault::NOT_IMPLEMENTED, Fault::INTERNAL]) => {
                tracing::info!("the broker bounds deliveries for each queue, not in total");
                self.in_total.store(false, Ordering::Relaxed);
                Session::open(&self.setup, id, false).await
            }
            opened => opened,
        };
        let (session, arrivals) = opened?;
        tracing::info!(broker = %self.setup.address, session = id, "consuming");
        let session = Arc::new(session);
        *lock(&self.current) = Some(session.clone());
        Ok((session, arrivals))
    }

    /// Runs until it is stopped: any end of a session is answered with a new one.
    pub(super) async fn supervise(&self, mut opened: Option<Opened>, publisher: &Publisher) {
        let mut backoff = Backoff::default();
        loop {
            let attempt = match opened.take() {
                Some(opened) => Ok(opened),
                None => tokio::select! {
                    () = self.stop.cancelled() => break,
                    attempt = self.open() => attempt,
                },
            };
            let cause = match attempt {
                Ok((session, arrivals)) => {
                    let since = Instant::now();
                    let Some(cause) = self.pump(&session, arrivals).await else {
                        break;
                    };
                    self.bury(&session);
                    publisher.reset();
                    // One that breaks at once must not be rebuilt in a hot loop.
                    if since.elapsed() > self.setup.timing.longest_pause {
                        backoff.reset();
                    }
                    cause
                }
                Err(cause) => cause,
            };
            let pause = backoff.after(&cause, &self.setup.timing);
            tracing::warn!(broker = %self.setup.address, error = %cause, ?pause, "not consuming");
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = sleep(pause) => {}
            }
        }
        self.stopped.cancel();
    }

    /// Takes in what arrives. Returns why the session ended, or nothing when it was stopped, in
    /// which case the session stays for the answers still to come.
    async fn pump(&self, session: &Arc<Session>, mut arrivals: Arrivals) -> Option<BrokerError> {
        // The streams end with their connection; this is for the day one does not.
        let mut look = interval(self.setup.timing.answer);
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {
                    self.wind_down(session, arrivals).await;
                    return None;
                }
                () = session.lost.cancelled() => return Some(gone("an answer did not get through")),
                arrival = arrivals.next() => match arrival {
                    Some(Arrival::Message(message)) => {
                        lock(&self.inbox).push_back((session.clone(), *message));
                        self.arrived.notify_one();
                    }
                    Some(Arrival::Ended(cause)) => return Some(cause),
                    None => return Some(gone("nothing is consumed")),
                },
                _ = look.tick() => if !session.wire().status().is_up() {
                    return Some(gone("the connection ended"));
                },
            }
        }
    }

    /// Cancels the consumers and gives back what nobody has in hand.
    async fn wind_down(&self, session: &Session, mut arrivals: Arrivals) {
        let answer = self.setup.timing.answer;
        session.cancel().await;
        while let Ok(Some(arrival)) = timeout(answer, arrivals.next()).await {
            if let Arrival::Message(message) = arrival {
                give_back(&message, answer).await;
            }
        }
        let waiting = std::mem::take(&mut *lock(&self.inbox));
        for (_, message) in waiting {
            give_back(&message, answer).await;
        }
    }

    fn bury(&self, session: &Session) {
        *lock(&self.current) = None;
        lock(&self.inbox).clear();
        session.forget();
    }

    pub(super) async fn next(&self) -> Option<Delivery> {
        // The permit first: after a message is taken there is nothing left to wait for, so a
        // caller who gives up never takes one along.
        let mut permit = tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            permit = self.permits.clone().acquire_owned() => Some(permit.ok()?),
        };
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            if let Some(delivery) = self.hand_out(&mut permit) {
                return Some(delivery);
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = self.arrived.notified() => {}
            }
        }
    }

    fn hand_out(&self, permit: &mut Option<OwnedSemaphorePermit>) -> Option<Delivery> {
        let current = lock(&self.current);
        let session = current.as_ref()?;
        loop {
            let (from, message) = lock(&self.inbox).pop_front()?;
            if from.id() == session.id() {
                return Some(session.hand_out(message, permit.take()?));
            }
        }
    }

    /// The session a receipt belongs to, if it is still the one we have.
    pub(super) fn session_of(&self, receipt: Receipt) -> Option<Arc<Session>> {
        self.session()
            .filter(|session| session.id() == receipt.session)
    }

    pub(super) fn session(&self) -> Option<Arc<Session>> {
        lock(&self.current).clone()
    }

    /// Takes no more, and waits until what was not handed out is given back.
    pub(super) async fn stop(&self) {
        self.stop.cancel();
        let patience = self.setup.timing.answer * 2;
        if timeout(patience, self.stopped.cancelled()).await.is_err() {
            tracing::warn!("the consumers did not stop in time");
        }
    }

    /// Stops without waiting and without taking leave. What was unanswered goes back.
    pub(super) fn abandon(&self) -> Option<Arc<Session>> {
        self.stop.cancel();
        let session = lock(&self.current).take();
        lock(&self.inbox).clear();
        if let Some(session) = &session {
            session.forget();
        }
        session
    }

    /// For a broker that only publishes.
    pub(super) fn never_starts(&self) {
        self.stop.cancel();
        self.stopped.cancel();
    }
}

async fn give_back(message: &Message, answer: std::time::Duration) {
    // If this fails the message goes back with the connection.
    if let Err(fault) = message.slip.requeue(answer).await {
        tracing::debug!(error = %fault.error, "a message was not given back");
    }
}

fn gone(why: &str) -> BrokerError {
    BrokerError::Unreachable(why.to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
