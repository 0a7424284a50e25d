//! What is told of jobs, to whoever listens. An event that cannot be sent is logged, no more.

use chrono::Utc;
use serde_json::{Value, json};

use super::Worker;
use crate::broker::{Delivery, Event};
use crate::job::{Artifact, Failure, Request};

/// Tells whoever listens about this request, echoing the keys of it we do not know.
pub(super) async fn tell(
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

/// Tells whoever listens of something that may be about no request that could be read.
pub(super) async fn emit(
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

/// What is told of a failed attempt.
pub(super) fn failed(failure: &Failure, attempt: u32) -> Value {
    json!({
        "attempt": attempt,
        "stage": failure.stage.as_str(),
        "reason": failure.reason.code(),
        "message": failure.message,
    })
}

/// Their names, in order.
pub(super) fn names<'a>(artifacts: impl IntoIterator<Item = &'a Artifact>) -> Vec<&'a str> {
    artifacts
        .into_iter()
        .map(|artifact| artifact.name.as_str())
        .collect()
}
