//! One message: from its body to its answer. Every path settles it, or leaves it to come again.

use std::sync::Arc;

use chrono::Utc;
use serde_json::{Value, json};
use tokio::task::JoinError;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::job::{self, Ended, Order, Unfinished};
use super::{Worker, crash};
use crate::broker::{BrokerError, Delivery, Event, Note, Outgoing, Settled, Settlement};
use crate::job::{Artifact, Disposition, Failure, Reason, Request, Stage, disposition};

/// Treats the message's job and answers the broker.
pub(super) async fn answer(worker: Arc<Worker>, delivery: Delivery, hurry: CancellationToken) {
    let span = tracing::info_span!("message", queue = %delivery.queue, attempt = delivery.attempt);
    async {
        let answer = decide(&worker, &delivery, &hurry).await;
        if answer == Settlement::Ack {
            crash::point(worker.rules.crash_at, Stage::Settle);
        }
        match worker.broker.settle(delivery.receipt, answer).await {
            Ok(Settled::Confirmed) => {}
            Ok(Settled::Stale) => {
                tracing::info!("the connection is gone: the message will come again");
            }
            // The original stays unanswered, so nothing is lost.
            Err(error) => tracing::error!(%error, "cannot answer the broker"),
        }
    }
    .instrument(span)
    .await;
}

async fn decide(
    worker: &Arc<Worker>,
    delivery: &Delivery,
    hurry: &CancellationToken,
) -> Settlement {
    let mut requests = match Request::parse(&delivery.body, &worker.rules.work) {
        Ok(requests) => requests,
        Err(error) => {
            let reason = match error {
                crate::job::InvalidRequest::Path(_) => Reason::InvalidName,
                _ => Reason::InvalidBody,
            };
            let failure = Failure::permanent(Stage::Receive, reason, error);
            let unfinished = Unfinished {
                failure,
                attempt: delivery.attempt,
                job: None,
            };
            return give_up(worker, delivery, None, unfinished).await;
        }
    };
    if requests.len() > 1 {
        return match spread(worker, delivery, &requests).await {
            Ok(()) => Settlement::Ack,
            Err(error) => {
                let failure = Failure::transient(Stage::Receive, Reason::BrokerUnavailable, error);
                let unfinished = Unfinished {
                    failure,
                    attempt: delivery.attempt,
                    job: None,
                };
                resolve(worker, delivery, None, unfinished).await
            }
        };
    }
    let request = requests.swap_remove(0);
    tracing::info!(file = %request.file, "job accepted");
    tell(worker, delivery, &request, "job.accepted", json!({})).await;
    match attempt(worker, delivery, request.clone(), hurry).await {
        Ok(Ended::Interrupted) => Settlement::Requeue,
        Ok(Ended::Delivered(treated)) => {
            let artifacts = treated.drafts.iter().map(|draft| &draft.artifact);
            let facts = json!({
                "artifacts": names(artifacts),
                "rows": treated.summary.rows,
                "score": treated.summary.score,
            });
            tracing::info!(file = %request.file, rows = treated.summary.rows.read, "job finished");
            tell(worker, delivery, &request, "job.finished", facts).await;
            Settlement::Ack
        }
        Ok(Ended::AlreadyDone(artifacts)) => {
            tracing::info!(file = %request.file, "job was done before");
            let facts = json!({ "artifacts": names(&artifacts), "already_done": true });
            tell(worker, delivery, &request, "job.finished", facts).await;
            Settlement::Ack
        }
        Err(unfinished) => resolve(worker, delivery, Some(&request), unfinished).await,
    }
}

/// Runs the job in a task of its own, so that a panic ends there, within its deadline.
async fn attempt(
    worker: &Arc<Worker>,
    delivery: &Delivery,
    request: Request,
    hurry: &CancellationToken,
) -> Result<Ended, Unfinished> {
    let order = Order {
        request,
        message_id: delivery.message_id.clone(),
        attempt: delivery.attempt,
        redelivered: delivery.redelivered,
    };
    let (runner, hurry) = (worker.clone(), hurry.clone());
    let run = async move { job::run(&runner, &order, &hurry).await };
    let mut task = AbortOnDrop(tokio::spawn(run.in_current_span()));
    let lost = |reason, message: String| Unfinished {
        failure: Failure::transient(Stage::Treat, reason, message),
        attempt: delivery.attempt,
        job: None,
    };
    match timeout(worker.rules.deadline, &mut task).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(_)) => Err(lost(Reason::Panic, "the job panicked".to_owned())),
        Err(_) => {
            // Answered only when it has really ended, and its scratch folder is gone.
            task.0.abort();
            let _ = task.await;
            let limit = worker.rules.deadline.as_secs();
            Err(lost(
                Reason::Deadline,
                format!("the job took longer than {limit} s"),
            ))
        }
    }
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, JoinError>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Puts each of several files on the queue as a message of its own.
async fn spread(
    worker: &Worker,
    delivery: &Delivery,
    requests: &[Request],
) -> Result<(), BrokerError> {
    for (index, request) in requests.iter().enumerate() {
        let id = delivery.message_id.as_ref();
        worker
            .broker
            .publish(Outgoing {
                body: request.to_body(),
                message_id: id.map(|id| format!("{id}/{}", index + 1)),
                reply_to: delivery.reply_to.clone(),
                correlation_id: delivery.correlation_id.clone(),
                priority: request.priority,
            })
            .await?;
    }
    tracing::info!(files = requests.len(), "spread over messages of their own");
    Ok(())
}

async fn resolve(
    worker: &Worker,
    delivery: &Delivery,
    request: Option<&Request>,
    unfinished: Unfinished,
) -> Settlement {
    let Unfinished {
        failure, attempt, ..
    } = &unfinished;
    let attempt = *attempt;
    match disposition(failure, attempt) {
        Disposition::DeadLetter => give_up(worker, delivery, request, unfinished).await,
        Disposition::Retry { delay, counted } => {
            tracing::warn!(%failure, reason = %failure.reason, attempt, delay = delay.suffix(), "trying again later");
            if let Some(request) = request.filter(|_| counted) {
                tell(
                    worker,
                    delivery,
                    request,
                    "job.failed",
                    facts(failure, attempt),
                )
                .await;
            }
            Settlement::Retry {
                delay,
                next_attempt: if counted { attempt + 1 } else { attempt },
                note: note(failure, attempt),
            }
        }
    }
}

async fn give_up(
    worker: &Worker,
    delivery: &Delivery,
    request: Option<&Request>,
    unfinished: Unfinished,
) -> Settlement {
    let Unfinished {
        failure,
        attempt,
        job,
    } = unfinished;
    // Published again, by hand or by an API, it gets all its attempts again.
    if let Some(job) = job
        && let Err(error) = worker.ledger.forget(&job).await
    {
        tracing::warn!(%error, "cannot forget a job that was given up");
    }
    tracing::error!(%failure, reason = %failure.reason, attempt, "job given up");
    let facts = facts(&failure, attempt);
    match request {
        Some(request) => tell(worker, delivery, request, "job.dead", facts).await,
        None => emit(worker, delivery, "job.dead", None, facts).await,
    }
    Settlement::DeadLetter {
        note: note(&failure, attempt),
    }
}

fn note(failure: &Failure, attempt: u32) -> Note {
    Note {
        stage: failure.stage,
        reason: failure.reason,
        message: failure.message.clone(),
        attempt,
    }
}

fn facts(failure: &Failure, attempt: u32) -> Value {
    json!({
        "attempt": attempt,
        "stage": failure.stage.as_str(),
        "reason": failure.reason.code(),
        "message": failure.message,
    })
}

fn names<'a>(artifacts: impl IntoIterator<Item = &'a Artifact>) -> Vec<&'a str> {
    artifacts
        .into_iter()
        .map(|artifact| artifact.name.as_str())
        .collect()
}

/// Tells whoever listens about this request, echoing the keys of it we do not know.
async fn tell(
    worker: &Worker,
    delivery: &Delivery,
    request: &Request,
    name: &'static str,
    mut facts: Value,
) {
    if let Value::Object(facts) = &mut facts {
        facts.insert("file".into(), request.file.as_str().into());
        facts.insert("job_id".into(), request.job_id.clone().into());
        facts.insert("requested_by".into(), request.requested_by.clone().into());
        if !request.extra.is_empty() {
            facts.insert("extra".into(), request.extra.clone().into());
        }
    }
    emit(worker, delivery, name, request.reply_to.clone(), facts).await;
}

async fn emit(
    worker: &Worker,
    delivery: &Delivery,
    name: &'static str,
    reply_to: Option<String>,
    mut facts: Value,
) {
    facts["event"] = name.into();
    facts["at"] = Utc::now().to_rfc3339().into();
    facts["message_id"] = delivery.message_id.clone().into();
    // Only how a job ended is an answer to whoever asked for one.
    let is_final = matches!(name, "job.finished" | "job.dead");
    let event = Event {
        name,
        body: facts,
        reply_to: reply_to.or(delivery.reply_to.clone()).filter(|_| is_final),
        correlation_id: delivery.correlation_id.clone(),
    };
    // An event is news, not part of the job.
    if let Err(error) = worker.broker.emit(event).await {
        tracing::warn!(%error, event = name, "cannot tell of the job");
    }
}
