//! Every metric of the service, in one list, as Prometheus reads them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::job::{Reason, Stage};

/// What [`Metrics::text`] is, for the header that says so.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper bounds in seconds: from a short list to the longest job that is allowed.
const SECONDS: [f64; 13] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 180.0, 600.0, 1500.0, 3600.0,
];

/// What became of a request, or of an attempt at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was read. One of the others follows.
    Accepted,
    Finished,
    /// It was done before.
    AlreadyDone,
    Retried,
    Dead,
    /// We were told to stop before it was done.
    GivenBack,
}

impl Outcome {
    pub const ALL: [Outcome; 6] = [
        Outcome::Accepted,
        Outcome::Finished,
        Outcome::AlreadyDone,
        Outcome::Retried,
        Outcome::Dead,
        Outcome::GivenBack,
    ];

    /// The value of the label.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Finished => "finished",
            Outcome::AlreadyDone => "already_done",
            Outcome::Retried => "retried",
            Outcome::Dead => "dead",
            Outcome::GivenBack => "given_back",
        }
    }
}

// No label ever holds the name of a file: their number must not grow with the jobs.

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOutcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStage {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSlot {
    slot: u32,
    stage: &'static str,
}

/// The numbers of this process. Counting is quick and never waits for whoever reads.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    jobs: Family<OfOutcome, Counter>,
    failures: Family<OfReason, Counter>,
    running: Gauge,
    progress: Family<OfSlot, Gauge<f64, AtomicU64>>,
    rows_read: Counter,
    rows_treated: Counter,
    rows_rejected: Counter,
    bytes_read: Counter,
    stage_seconds: Family<OfStage, Histogram>,
    job_seconds: Histogram,
    /// Of jobs that run.
    slots: Mutex<BTreeSet<u32>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    pub fn new() -> Self {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("pyservice"),
            jobs: Family::default(),
            failures: Family::default(),
            running: Gauge::default(),
            progress: Family::default(),
            rows_read: Counter::default(),
            rows_treated: Counter::default(),
            rows_rejected: Counter::default(),
            bytes_read: Counter::default(),
            stage_seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            job_seconds: Histogram::new(SECONDS),
            slots: Mutex::default(),
        };
        metrics.list();
        for outcome in Outcome::ALL {
            metrics.count(outcome, 0);
        }
        metrics
    }

    /// The list. Counters get `_total` at the end of their names, help texts a full stop.
    fn list(&mut self) {
        let list = &mut self.registry;
        list.register(
            "jobs",
            "Requests by what became of them; every attempt is accepted anew",
            self.jobs.clone(),
        );
        list.register(
            "failed_attempts",
            "Attempts that did not end well, by the reason in their events",
            self.failures.clone(),
        );
        list.register("jobs_running", "Jobs at work now", self.running.clone());
        list.register(
            "job_progress_ratio",
            "How much of its stage each running job has done, where that is known, from 0 to 1",
            self.progress.clone(),
        );
        list.register(
            "rows_read",
            "Rows seen in first passes, those of attempts that failed included",
            self.rows_read.clone(),
        );
        list.register(
            "rows_treated",
            "Rows cleaned and written, those of attempts that failed included",
            self.rows_treated.clone(),
        );
        list.register(
            "rows_rejected",
            "Rows of finished jobs that could not be delivered",
            self.rows_rejected.clone(),
        );
        list.register(
            "bytes_read",
            "Bytes of work files fetched from the drive",
            self.bytes_read.clone(),
        );
        list.register(
            "stage_duration_seconds",
            "Seconds from the begin to the end of a stage that was completed",
            self.stage_seconds.clone(),
        );
        list.register(
            "job_duration_seconds",
            "Seconds from taking a job to the delivery of its results",
            self.job_seconds.clone(),
        );
    }

    pub fn ended(&self, outcome: Outcome) {
        self.count(outcome, 1);
    }

    fn count(&self, outcome: Outcome, jobs: u64) {
        let outcome = outcome.as_str();
        self.jobs.get_or_create(&OfOutcome { outcome }).inc_by(jobs);
    }

    pub fn failed(&self, reason: Reason) {
        let reason = reason.code();
        self.failures.get_or_create(&OfReason { reason }).inc();
    }

    pub fn rows_read(&self, rows: u64) {
        self.rows_read.inc_by(rows);
    }

    pub fn rows_treated(&self, rows: u64) {
        self.rows_treated.inc_by(rows);
    }

    pub fn rows_rejected(&self, rows: u64) {
        self.rows_rejected.inc_by(rows);
    }

    pub fn bytes_read(&self, bytes: u64) {
        self.bytes_read.inc_by(bytes);
    }

    pub fn stage_took(&self, stage: Stage, time: Duration) {
        let stage = stage.as_str();
        let histogram = self.stage_seconds.get_or_create(&OfStage { stage });
        histogram.observe(time.as_secs_f64());
    }

    pub fn job_took(&self, time: Duration) {
        self.job_seconds.observe(time.as_secs_f64());
    }

    /// Counts one more job as running, until what is returned is dropped.
    pub fn running(self: &Arc<Self>) -> RunningJob {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        // Ascending, so that the first gap ends the run of those that are taken.
        let slot = (0..).zip(&*slots).take_while(|(free, slot)| free == *slot);
        let slot = slot.count() as u32;
        slots.insert(slot);
        self.running.inc();
        RunningJob {
            metrics: self.clone(),
            slot,
            shown: None,
        }
    }

    /// All numbers in Prometheus' text format.
    ///
    /// # Errors
    /// If one cannot be written as text.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// A job that runs. It has a slot of its own: the lowest that is free.
#[derive(Debug)]
pub struct RunningJob {
    metrics: Arc<Metrics>,
    slot: u32,
    shown: Option<Stage>,
}

impl RunningJob {
    /// Shows how much of a stage is done, from 0 to 1, and no longer the stage before.
    pub fn has_done(&mut self, stage: Stage, ratio: Option<f64>) {
        if self.shown != Some(stage) {
            self.hide();
        }
        if let Some(ratio) = ratio {
            let progress = self.metrics.progress.get_or_create(&self.labels(stage));
            progress.set(ratio);
            drop(progress);
            self.shown = Some(stage);
        }
    }

    fn hide(&mut self) {
        if let Some(stage) = self.shown.take() {
            self.metrics.progress.remove(&self.labels(stage));
        }
    }

    fn labels(&self, stage: Stage) -> OfSlot {
        OfSlot {
            slot: self.slot,
            stage: stage.as_str(),
        }
    }
}

impl Drop for RunningJob {
    fn drop(&mut self) {
        self.hide();
        self.metrics.running.dec();
        let slots = self.metrics.slots.lock();
        slots
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        let value = |line: &'a str| line.strip_prefix(name)?.strip_prefix(' ');
        text.lines().find_map(value)
    }

    #[test]
    fn what_was_counted_is_in_the_text_under_its_kind() {
        let metrics = Metrics::new();
        metrics.ended(Outcome::Finished);
        metrics.failed(Reason::Locked);
        metrics.rows_read(30);
        metrics.rows_read(12);
        metrics.stage_took(Stage::Survey, Duration::from_millis(300));
        metrics.job_took(Duration::from_secs(2));
        let text = metrics.text().unwrap();
        for (name, value) in [
            ("pyservice_jobs_total{outcome=\"finished\"}", "1"),
            ("pyservice_jobs_total{outcome=\"dead\"}", "0"),
            ("pyservice_failed_attempts_total{reason=\"locked\"}", "1"),
            ("pyservice_rows_read_total", "42"),
            (
                "pyservice_stage_duration_seconds_bucket{stage=\"survey\",le=\"0.25\"}",
                "0",
            ),
            (
                "pyservice_stage_duration_seconds_bucket{stage=\"survey\",le=\"0.5\"}",
                "1",
            ),
            ("pyservice_job_duration_seconds_count", "1"),
            ("# TYPE pyservice_jobs_total", "counter"),
            ("# TYPE pyservice_jobs_running", "gauge"),
            ("# TYPE pyservice_job_duration_seconds", "histogram"),
        ] {
            assert_eq!(line(&text, name), Some(value), "{name} in\n{text}");
        }
    }

    #[test]
    fn running_jobs_take_the_lowest_free_slot_and_leave_nothing_behind() {
        let metrics = Arc::new(Metrics::new());
        let mut first = metrics.running();
        let mut second = metrics.running();
        first.has_done(Stage::Survey, Some(0.25));
        second.has_done(Stage::Treat, Some(0.5));
        let text = metrics.text().unwrap();
        assert_eq!(line(&text, "pyservice_jobs_running"), Some("2"));
        let ratio = "pyservice_job_progress_ratio";
        let of = |slot, stage| format!("{ratio}{{slot=\"{slot}\",stage=\"{stage}\"}}");
        assert_eq!(line(&text, &of(0, "survey")), Some("0.25"));
        assert_eq!(line(&text, &of(1, "treat")), Some("0.5"));

        first.has_done(Stage::Report, None);
        let text = metrics.text().unwrap();
        assert_eq!(line(&text, &of(0, "survey")), None);
        drop(first);
        assert_eq!(metrics.running().slot, 0);
        drop(second);
        let text = metrics.text().unwrap();
        assert_eq!(line(&text, "pyservice_jobs_running"), Some("0"));
        assert!(!text.contains(&format!("{ratio}{{")), "{text}");
    }
}
