//! `pyservice process FILE…`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ended, say, tell};
use crate::app::{self, Delivered, DeliveredSet, FileOutcome, ProcessOptions, Progress, Step};
use crate::config::Settings;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Lists to treat: CSV, XLSX, JSON, Parquet, or an archive of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the results go [default: storage/finalizado]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A JSONL or CSV file to complete from, instead of the configured base
    #[arg(long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// The recipe to go by, by its name or its file, instead of the one that suits each table
    #[arg(long, value_name = "NAME|FILE")]
    recipe: Option<String>,
    /// The date on the reports, instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// Treat every sheet of a workbook as a table of its own, not only the fullest
    #[arg(long)]
    all_sheets: bool,
    /// Print the manifest of each table on standard output
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(settings: &Settings, arguments: Arguments) -> Result<(), Ended> {
    let json = arguments.json;
    let options = ProcessOptions {
        files: arguments.files,
        reference: arguments.reference,
        out: arguments.out,
        today: arguments.today,
        all_sheets: arguments.all_sheets,
        recipe: arguments.recipe,
    };
    let current: Mutex<Option<ProgressBar>> = Mutex::new(None);
    let watch = |file: &Path| {
        let (bar, progress) = progress_bar(file);
        if let Ok(mut current) = current.lock() {
            *current = Some(bar);
        }
        progress
    };
    let done = app::process(settings, options, watch, |outcome| {
        if let Some(bar) = current.lock().ok().and_then(|mut bar| bar.take()) {
            bar.finish_and_clear();
        }
        report(outcome, json);
    })
    .await?;
    if done { Ok(()) } else { Err(Ended::Failed) }
}

/// A bar on standard error, where that is a terminal.
pub(super) fn progress_bar(file: &Path) -> (ProgressBar, Progress) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    bar.set_prefix(name.into_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    let shown = Shown {
        bar: bar.clone(),
        phase: Mutex::new(None),
    };
    shown.turn(Phase::Opening);
    (bar, Progress::new(move |step| shown.step(step)))
}

/// What the bar is about; each has a look of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Converting,
    Surveying,
    Treating,
    Reporting,
}

impl Phase {
    fn template(self) -> &'static str {
        match self {
            Phase::Opening => "{prefix}: opening {spinner}",
            Phase::Converting => "{prefix}: converting {spinner}",
            Phase::Surveying => {
                "{prefix}: surveying [{bar:30}] {percent}% of {total_bytes}, {msg} rows, {eta} left"
            }
            Phase::Treating => {
                "{prefix}: treating [{bar:30}] {human_pos}/{human_len} rows, {eta} left"
            }
            Phase::Reporting => "{prefix}: reporting {spinner}",
        }
    }
}

struct Shown {
    bar: ProgressBar,
    phase: Mutex<Option<Phase>>,
}

impl Shown {
    fn step(&self, step: Step) {
        match step {
            Step::Converting => self.turn(Phase::Converting),
            Step::Surveyed {
                rows,
                bytes,
                of_bytes,
            } => {
                self.turn(Phase::Surveying);
                self.bar.set_length(of_bytes);
                self.bar.set_position(bytes);
                self.bar.set_message(HumanCount(rows).to_string());
            }
            Step::Treated { rows, of_rows } => {
                self.turn(Phase::Treating);
                self.bar.set_length(of_rows);
                self.bar.set_position(rows);
            }
            Step::Reporting => self.turn(Phase::Reporting),
        }
    }

    /// Starts anew, if this phase is another.
    fn turn(&self, phase: Phase) {
        let mut shown = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.replace(phase) == Some(phase) {
            return;
        }
        if let Ok(style) = ProgressStyle::with_template(phase.template()) {
            self.bar.set_style(style);
        }
        self.bar.reset();
        self.bar.unset_length();
    }
}

fn report(outcome: &FileOutcome, json: bool) {
    match &outcome.result {
        Ok(delivered) if json => {
            for set in &delivered.sets {
                say(set.manifest().trim_end());
            }
        }
        Ok(delivered) => summarise(&outcome.file, delivered),
        Err(hinted) => {
            eprintln!("{}: not treated", outcome.file.display());
            tell(hinted);
        }
    }
}

fn summarise(file: &Path, delivered: &Delivered) {
    for set in &delivered.sets {
        match &set.table {
            Some(table) => say(format_args!("{}: {table}", file.display())),
            None => say(format_args!("{}", file.display())),
        }
        summarise_set(set, &delivered.folder);
    }
    for table in &delivered.untreated {
        let (name, why) = (&table.table, &table.message);
        say(format_args!(
            "{}: {name}: not treated: {why}",
            file.display()
        ));
    }
}

fn summarise_set(set: &DeliveredSet, folder: &Path) {
    let summary = &set.summary;
    let rows = &summary.rows;
    say(format_args!(
        "  {} rows read, {} delivered, {} duplicates removed, {} rejected",
        rows.read, rows.delivered, rows.duplicates_removed, rows.rejected
    ));
    say(format_args!(
        "  {} rows corrected, {} enriched",
        rows.corrected, rows.enriched
    ));
    say(format_args!(
        "  score {:.1} -> {:.1} (band {})",
        summary.score.before, summary.score.after, summary.score.band
    ));
    for alert in &summary.alerts {
        say(format_args!("  ! {alert}"));
    }
    for artifact in &set.artifacts {
        say(format_args!("  {}", folder.join(&artifact.name).display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> Shown {
        Shown {
            bar: ProgressBar::hidden(),
            phase: Mutex::new(None),
        }
    }

    #[test]
    fn every_look_is_one_that_can_be_drawn() {
        for phase in [
            Phase::Opening,
            Phase::Converting,
            Phase::Surveying,
            Phase::Treating,
            Phase::Reporting,
        ] {
            let style = ProgressStyle::with_template(phase.template());
            assert!(style.is_ok(), "{phase:?}");
        }
    }

    #[test]
    fn the_survey_shows_bytes_and_rows_and_the_treatment_rows_of_rows() {
        let shown = shown();
        let bar = &shown.bar;
        shown.step(Step::Converting);
        assert_eq!(bar.length(), None);
        shown.step(Step::Surveyed {
            rows: 1234,
            bytes: 50_000,
            of_bytes: 80_000,
        });
        assert_eq!((bar.position(), bar.length()), (50_000, Some(80_000)));
        assert_eq!(bar.message(), "1,234");
        shown.step(Step::Treated {
            rows: 100,
            of_rows: 2000,
        });
        assert_eq!((bar.position(), bar.length()), (100, Some(2000)));
        shown.step(Step::Reporting);
        assert_eq!(bar.length(), None);
    }
}
