//! The publishing connection: made when it is first needed, and again when it is gone.
//!
//! Not the one that consumes: a broker short of memory stops reading from whoever publishes, and
//! acknowledgements must still get through.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::config::Secret;

use super::BrokerError;
use super::topology::{Declaration, EVENTS};
use super::wire::{Fault, Line, Parcel, Status, Verdict, Wire};

pub(super) struct Publisher {
    uri: Secret,
    name: String,
    answer: Duration,
    /// Taken out while in use, so that a caller who gives up half-way leaves nothing doubtful.
    outlet: Mutex<Option<Outlet>>,
    status: std::sync::Mutex<Option<Status>>,
}

struct Outlet {
    wire: Wire,
    line: Line,
    /// Whether the exchange of the events is known to exist.
    has_topic: bool,
    /// A message went unanswered here: its answer could be taken for the next one's.
    is_doubtful: bool,
}

/// What must exist for a message to arrive.
pub(super) enum Needs {
    Nothing,
    Topic,
    /// Declared when nobody takes the message.
    Queues(Vec<Declaration>),
}

impl Publisher {
    /// `name` is what the broker's operators see.
    pub(super) fn new(uri: Secret, name: String, answer: Duration) -> Self {
        Publisher {
            uri,
            name,
            answer,
            outlet: Mutex::new(None),
            status: std::sync::Mutex::new(None),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.ask(Status::is_up)
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.ask(|status| status.is_up() && status.is_blocked())
    }

    fn ask(&self, question: impl Fn(&Status) -> bool) -> bool {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.as_ref().is_some_and(question)
    }

    /// Sends one message and waits until the broker has it.
    pub(super) async fn send(&self, parcel: &Parcel<'_>, needs: &Needs) -> Result<(), BrokerError> {
        let mut slot = timeout(self.answer, self.outlet.lock())
            .await
            .map_err(|_| not_confirmed(parcel, "others are still being published"))?;
        let reused = match slot.take() {
            Some(outlet) if outlet.is_blocked() => {
                *slot = Some(outlet);
                let cause = "the broker is short of memory or disk";
                return Err(not_confirmed(parcel, cause));
            }
            Some(outlet) if outlet.is_sound() => Some(outlet),
            _ => None,
        };
        if let Some(mut outlet) = reused {
            match outlet.send(parcel, needs).await {
                // Closed since its last use; one more copy does no harm, a lost one would.
                Err(BrokerError::Unreachable(_)) => {}
                outcome => return conclude(&mut slot, outlet, parcel, outcome),
            }
        }
        let mut outlet = self.connect().await?;
        let outcome = outlet.send(parcel, needs).await;
        conclude(&mut slot, outlet, parcel, outcome)
    }

    async fn connect(&self) -> Result<Outlet, BrokerError> {
        let wire = Wire::open(&self.uri, &self.name, self.answer).await?;
        let line = wire.line().await?;
        line.confirm().await?;
        tracing::debug!("publishing connection open");
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        *status = Some(wire.status());
        Ok(Outlet {
            wire,
            line,
            has_topic: false,
            is_doubtful: false,
        })
    }

    /// Drops the connection unless it is in use; the next message makes a new one.
    pub(super) fn reset(&self) {
        if let Ok(mut slot) = self.outlet.try_lock() {
            slot.take();
        }
    }

    pub(super) async fn close(&self) {
        if let Ok(mut slot) = timeout(self.answer, self.outlet.lock()).await
            && let Some(outlet) = slot.take()
        {
            outlet.wire.close().await;
        }
    }
}

impl Outlet {
    fn is_blocked(&self) -> bool {
        let status = self.wire.status();
        status.is_up() && status.is_blocked()
    }

    fn is_sound(&self) -> bool {
        self.wire.status().is_up() && !self.is_doubtful
    }

    async fn send(&mut self, parcel: &Parcel<'_>, needs: &Needs) -> Result<(), BrokerError> {
        if matches!(needs, Needs::Topic) && !self.has_topic {
            match self.wire.line().await?.declare_topic(EVENTS).await {
                // Not ours to declare; it may be there all the same.
                Err(denied) if denied.is(&[Fault::REFUSED]) => {}
                declared => declared?,
            }
            self.has_topic = true;
        }
        let mut verdict = self.line.send(parcel).await?;
        if let (Verdict::Returned, Needs::Queues(queues)) = (&verdict, needs) {
            for queue in queues {
                self.wire.ensure(queue).await?;
            }
            verdict = self.line.send(parcel).await?;
        }
        match verdict {
            Verdict::Taken => Ok(()),
            Verdict::Returned => Err(not_confirmed(parcel, "there is no such queue")),
            Verdict::Refused => Err(not_confirmed(parcel, "the queue refused it")),
        }
    }
}

/// Decides whether the connection may be used again, and words the outcome.
fn conclude(
    slot: &mut Option<Outlet>,
    mut outlet: Outlet,
    parcel: &Parcel<'_>,
    outcome: Result<(), BrokerError>,
) -> Result<(), BrokerError> {
    match outcome {
        Ok(()) | Err(BrokerError::NotConfirmed { .. }) => {
            *slot = Some(outlet);
            outcome
        }
        Err(cause @ (BrokerError::Timeout(_) | BrokerError::Unreachable(_))) => {
            // Kept only to learn when the broker takes messages again.
            if outlet.is_blocked() {
                outlet.is_doubtful = true;
                *slot = Some(outlet);
            }
            Err(not_confirmed(parcel, &cause.to_string()))
        }
        Err(_) => outcome,
    }
}

fn not_confirmed(parcel: &Parcel<'_>, cause: &str) -> BrokerError {
    BrokerError::NotConfirmed {
        queue: match parcel.exchange {
            "" => parcel.key.to_owned(),
            exchange => exchange.to_owned(),
        },
        cause: cause.to_owned(),
    }
}
