//! One message: from its body to its answer. Every path settles it, or leaves it to come again.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::task::JoinError;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::job::{self, Ended, Order, Unfinished};
use super::news::{emit, failed, names, tell};
use super::telling::Telling;
use super::track::Track;
use super::{Treated, Worker, crash};
use crate::broker::{BrokerError, Delivery, Note, Outgoing, Settled, Settlement};
use crate::job::{Disposition, Failure, Reason, Request, Stage, disposition};
use crate::telemetry::Outcome;

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
    worker.metrics.ended(Outcome::Accepted);
    tell(worker, delivery, &request, "job.accepted", json!({})).await;
    let clock = Instant::now();
    match attempt(worker, delivery, request.clone(), hurry).await {
        Ok(Ended::Interrupted) => {
            worker.metrics.ended(Outcome::GivenBack);
            Settlement::Requeue
        }
        Ok(Ended::Delivered(treated)) => {
            let rows = treated.rows();
            worker.metrics.ended(Outcome::Finished);
            worker.metrics.job_took(clock.elapsed());
            worker.metrics.rows_rejected(rows.rejected);
            tracing::info!(file = %request.file, rows = rows.read, "job finished");
            let facts = done(&treated);
            tell(worker, delivery, &request, "job.finished", facts).await;
            Settlement::Ack
        }
        Ok(Ended::AlreadyDone(artifacts)) => {
            worker.metrics.ended(Outcome::AlreadyDone);
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
    let (track, positions) = Track::new(worker.metrics.clone());
    let telling = Telling::start(worker.clone(), delivery.clone(), request.clone(), positions);
    let order = Order {
        request,
        message_id: delivery.message_id.clone(),
        attempt: delivery.attempt,
        redelivered: delivery.redelivered,
        track: Arc::new(track),
    };
    let (runner, hurry) = (worker.clone(), hurry.clone());
    let run = async move { job::run(&runner, &order, &hurry).await };
    let mut task = AbortOnDrop(tokio::spawn(run.in_current_span()));
    let lost = |reason, message: String| Unfinished {
        failure: Failure::transient(Stage::Treat, reason, message),
        attempt: delivery.attempt,
        job: None,
    };
    let outcome = match timeout(worker.rules.deadline, &mut task).await {
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
    };
    // Before the end itself is told.
    telling.end().await;
    outcome
}

/// A task that ends with whoever waits for it.
pub(super) struct AbortOnDrop<T>(pub(super) tokio::task::JoinHandle<T>);

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
                body: request.to_body(&worker.rules.work),
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
            worker.metrics.ended(Outcome::Retried);
            worker.metrics.failed(failure.reason);
            tracing::warn!(%failure, reason = %failure.reason, attempt, delay = delay.suffix(), "trying again later");
            if let Some(request) = request.filter(|_| counted) {
                tell(
                    worker,
                    delivery,
                    request,
                    "job.failed",
                    failed(failure, attempt),
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
    worker.metrics.ended(Outcome::Dead);
    worker.metrics.failed(failure.reason);
    // Published again, by hand or by an API, it gets all its attempts again.
    if let Some(job) = job
        && let Err(error) = worker.ledger.forget(&job).await
    {
        tracing::warn!(%error, "cannot forget a job that was given up");
    }
    tracing::error!(%failure, reason = %failure.reason, attempt, "job given up");
    let facts = failed(&failure, attempt);
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

/// What was delivered, and what of each table where there are several.
fn done(treated: &Treated) -> Value {
    let scores = treated.sets.iter().map(|set| &set.summary.score);
    let mut facts = json!({
        "artifacts": names(treated.drafts().map(|draft| &draft.artifact)),
        "rows": treated.rows(),
        "score": scores.min_by(|one, other| one.after.total_cmp(&other.after)),
    });
    if treated.sets.len() > 1 {
        let tables = treated.sets.iter().map(|set| {
            json!({
                "name": set.table,
                "artifacts": names(set.drafts.iter().map(|draft| &draft.artifact)),
                "rows": set.summary.rows,
                "score": set.summary.score,
            })
        });
        facts["tables"] = tables.collect();
    }
    if !treated.untreated.is_empty() {
        let untreated = treated.untreated.iter().map(|table| {
            json!({
                "name": table.table,
                "reason": table.reason.code(),
                "message": table.message,
            })
        });
        facts["untreated"] = untreated.collect();
    }
    facts
}
