//! Telling of an attempt while it runs: `job.started` and `job.progress`.
//!
//! In a task of its own, so that the work does not wait for the broker.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::Worker;
use super::delivery::AbortOnDrop;
use super::news::tell;
use super::track::Position;
use crate::broker::Delivery;
use crate::job::{Request, Stage};
use crate::telemetry::RunningJob;

/// The least time between two events about one stage.
const EVERY: Duration = Duration::from_secs(5);
/// How long the end of an attempt waits for an event that is on its way.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells of one attempt until it ends or is dropped.
pub(super) struct Telling {
    stop: CancellationToken,
    task: AbortOnDrop<()>,
}

impl Telling {
    pub(super) fn start(
        worker: Arc<Worker>,
        delivery: Delivery,
        request: Request,
        positions: watch::Receiver<Position>,
    ) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let running = worker.metrics.running();
        let telling = async move {
            let teller = Teller {
                worker,
                delivery,
                request,
            };
            teller.follow(positions, running, stopped).await;
        };
        Telling {
            stop,
            task: AbortOnDrop(tokio::spawn(telling.in_current_span())),
        }
    }

    /// Nothing is told any more once this has returned.
    pub(super) async fn end(mut self) {
        self.stop.cancel();
        if timeout(PATIENCE, &mut self.task).await.is_err() {
            tracing::debug!("an event was still on its way when its attempt ended");
            self.task.0.abort();
            let _ = (&mut self.task).await;
        }
    }
}

struct Teller {
    worker: Arc<Worker>,
    delivery: Delivery,
    request: Request,
}

impl Teller {
    async fn follow(
        &self,
        mut positions: watch::Receiver<Position>,
        mut running: RunningJob,
        stop: CancellationToken,
    ) {
        let mut pace = Pace::default();
        let mut due = None;
        let mut has_begun = false;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                changed = positions.changed() => if changed.is_err() {
                    break;
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            }
            let position = positions.borrow_and_update().clone();
            let Some(attempt) = position.attempt else {
                continue;
            };
            running.has_done(position.stage, position.ratio());
            if !has_begun {
                has_begun = true;
                self.started(attempt).await;
            }
            let now = Instant::now();
            due = Some(pace.due(position.stage, now)).filter(|due| *due > now);
            if due.is_none() && position.stage < Stage::Finish {
                pace.told(position.stage, now);
                self.progress(attempt, &position).await;
            }
        }
        // A short attempt may be over before its begin was told.
        let attempt = positions.borrow().attempt;
        if let Some(attempt) = attempt.filter(|_| !has_begun) {
            self.started(attempt).await;
        }
    }

    async fn started(&self, attempt: u32) {
        self.tell("job.started", json!({ "attempt": attempt }))
            .await;
    }

    async fn progress(&self, attempt: u32, position: &Position) {
        self.tell("job.progress", facts(attempt, position)).await;
    }

    async fn tell(&self, name: &'static str, facts: Value) {
        tell(&self.worker, &self.delivery, &self.request, name, facts).await;
    }
}

fn facts(attempt: u32, position: &Position) -> Value {
    let mut facts = json!({
        "attempt": attempt,
        "stage": position.stage.as_str(),
        "rows": position.rows,
        "bytes_total": position.of_bytes,
    });
    if let Some(rows) = position.of_rows {
        facts["rows_total"] = rows.into();
    }
    if let Some(bytes) = position.bytes {
        facts["bytes"] = bytes.into();
    }
    if let Some(ratio) = position.ratio() {
        // To a tenth of a percent.
        facts["percent"] = ((ratio * 1000.0).round() / 10.0).into();
    }
    facts
}

/// When to tell: of a new stage at once, of the same one every now and then.
#[derive(Debug, Default)]
struct Pace {
    last: Option<(Stage, Instant)>,
}

impl Pace {
    /// When a step in this stage may be told.
    fn due(&self, stage: Stage, now: Instant) -> Instant {
        match self.last {
            Some((told, at)) if told == stage => at + EVERY,
            _ => now,
        }
    }

    fn told(&mut self, stage: Stage, at: Instant) {
        self.last = Some((stage, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(stage: Stage) -> Position {
        Position {
            attempt: Some(3),
            stage,
            since: std::time::Instant::now(),
            rows: 10,
            of_rows: None,
            bytes: None,
            of_bytes: 3000,
        }
    }

    #[test]
    fn a_new_stage_is_told_at_once_and_the_same_one_after_a_while() {
        let mut pace = Pace::default();
        let now = Instant::now();
        assert_eq!(pace.due(Stage::Fetch, now), now);
        pace.told(Stage::Fetch, now);
        let later = now + Duration::from_secs(1);
        assert_eq!(pace.due(Stage::Survey, later), later);
        pace.told(Stage::Survey, later);
        assert_eq!(pace.due(Stage::Survey, later), later + EVERY);
        assert_eq!(pace.due(Stage::Survey, later + EVERY), later + EVERY);
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let told = facts(3, &position(Stage::Survey));
        let known = json!({ "attempt": 3, "stage": "survey", "rows": 10, "bytes_total": 3000 });
        assert_eq!(told, known);
        let read = Position {
            bytes: Some(1000),
            ..position(Stage::Survey)
        };
        let told = facts(3, &read);
        assert_eq!(
            (&told["bytes"], &told["percent"]),
            (&1000.into(), &33.3.into())
        );
        let treated = Position {
            of_rows: Some(40),
            ..position(Stage::Treat)
        };
        let told = facts(3, &treated);
        assert_eq!(
            (&told["rows_total"], &told["percent"]),
            (&40.into(), &25.0.into())
        );
    }
}
