//! Where an attempt is. Written by the threads that do the work, which never wait for whoever
//! reads it: a reader that is slow misses what was in between.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use super::Step;
use crate::job::Stage;
use crate::telemetry::Metrics;

/// Where an attempt is.
#[derive(Debug, Clone)]
pub(super) struct Position {
    /// Which one it is, once its lease is ours.
    pub(super) attempt: Option<u32>,
    pub(super) stage: Stage,
    /// When the stage began.
    pub(super) since: Instant,
    /// Rows that the pass has behind it.
    pub(super) rows: u64,
    /// Known once the file was surveyed.
    pub(super) of_rows: Option<u64>,
    /// Bytes that the pass has behind it, where its reader can tell.
    pub(super) bytes: Option<u64>,
    /// Of the file, or of the table in it that is read.
    pub(super) of_bytes: u64,
}

impl Position {
    /// How much of its stage is done, from 0 to 1, where that is known.
    pub(super) fn ratio(&self) -> Option<f64> {
        let (done, of) = match self.stage {
            Stage::Survey => (self.bytes?, self.of_bytes),
            Stage::Treat => (self.rows, self.of_rows?),
            _ => return None,
        };
        (of > 0).then(|| (done as f64 / of as f64).min(1.0))
    }
}

/// Follows one attempt, and counts what it does.
pub(super) struct Track {
    position: watch::Sender<Position>,
    metrics: Arc<Metrics>,
}

impl Track {
    pub(super) fn new(metrics: Arc<Metrics>) -> (Self, watch::Receiver<Position>) {
        let (position, watched) = watch::channel(Position {
            attempt: None,
            stage: Stage::Begin,
            since: Instant::now(),
            rows: 0,
            of_rows: None,
            bytes: None,
            of_bytes: 0,
        });
        (Track { position, metrics }, watched)
    }

    /// The job's lease is ours, and its file of so many bytes is about to be fetched.
    pub(super) fn begun(&self, attempt: u32, of_bytes: u64) {
        self.position.send_modify(|position| {
            position.attempt = Some(attempt);
            position.of_bytes = of_bytes;
            self.turn(position, Stage::Fetch);
        });
    }

    pub(super) fn fetched(&self, bytes: u64) {
        self.metrics.bytes_read(bytes);
        self.enter(Stage::Survey);
    }

    pub(super) fn enter(&self, stage: Stage) {
        self.position
            .send_modify(|position| self.turn(position, stage));
    }

    pub(super) fn step(&self, step: Step) {
        self.position.send_modify(|position| match step {
            Step::Converting => self.turn(position, Stage::Survey),
            Step::Surveyed {
                rows,
                bytes,
                of_bytes,
            } => {
                self.turn(position, Stage::Survey);
                self.metrics.rows_read(rows.saturating_sub(position.rows));
                position.rows = rows;
                position.bytes = Some(bytes);
                position.of_bytes = of_bytes;
            }
            Step::Treated { rows, of_rows } => {
                self.turn(position, Stage::Treat);
                self.metrics
                    .rows_treated(rows.saturating_sub(position.rows));
                position.rows = rows;
                position.of_rows = Some(of_rows);
            }
            Step::Reporting => self.turn(position, Stage::Report),
        });
    }

    /// Ends the stage that was, if this is another.
    fn turn(&self, position: &mut Position, stage: Stage) {
        if position.stage == stage {
            return;
        }
        // What comes before is not worth a number.
        if position.stage != Stage::Begin {
            let time = position.since.elapsed();
            self.metrics.stage_took(position.stage, time);
        }
        // Each pass counts from the first row; what follows has them all behind it.
        if matches!(stage, Stage::Survey | Stage::Treat) {
            position.rows = 0;
        }
        position.stage = stage;
        position.since = Instant::now();
        position.bytes = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surveyed(rows: u64, bytes: u64) -> Step {
        Step::Surveyed {
            rows,
            bytes,
            of_bytes: 1000,
        }
    }

    #[test]
    fn rows_are_counted_once_however_often_they_are_told() {
        let metrics = Arc::new(Metrics::new());
        let (track, watched) = Track::new(metrics.clone());
        track.begun(2, 1000);
        track.fetched(1000);
        for step in [
            surveyed(10, 200),
            surveyed(40, 1000),
            Step::Treated {
                rows: 25,
                of_rows: 40,
            },
            Step::Treated {
                rows: 40,
                of_rows: 40,
            },
            Step::Reporting,
        ] {
            track.step(step);
        }
        track.enter(Stage::Upload);
        track.enter(Stage::Finish);
        let text = metrics.text().unwrap();
        for line in [
            "pyservice_rows_read_total 40",
            "pyservice_rows_treated_total 40",
            "pyservice_bytes_read_total 1000",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        for stage in ["fetch", "survey", "treat", "report", "upload"] {
            let once = format!("stage_duration_seconds_count{{stage=\"{stage}\"}} 1\n");
            assert!(text.contains(&once), "{once} in\n{text}");
        }
        assert!(!text.contains("stage=\"begin\""), "{text}");
        assert_eq!(watched.borrow().rows, 40);
    }

    #[test]
    fn how_much_is_done_is_told_only_where_it_is_known() {
        let (track, watched) = Track::new(Arc::new(Metrics::new()));
        let ratio = || watched.borrow().ratio();
        track.begun(1, 1000);
        assert_eq!(ratio(), None);
        track.step(surveyed(10, 250));
        assert_eq!(ratio(), Some(0.25));
        track.step(Step::Treated {
            rows: 10,
            of_rows: 40,
        });
        assert_eq!(ratio(), Some(0.25));
        track.step(Step::Treated {
            rows: 0,
            of_rows: 0,
        });
        assert_eq!(ratio(), None);
    }
}
