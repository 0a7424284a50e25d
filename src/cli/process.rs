//! `pyservice process FILE…`.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::NaiveDate;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ended, say, tell};
use crate::app::{self, Delivered, FileOutcome, ProcessOptions, Progress, Step};
use crate::config::Settings;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Lists to treat: CSV or XLSX
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the results go [default: storage/finalizado]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A JSONL or CSV file to complete from, instead of the configured base
    #[arg(long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// The date on the reports, instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// Print the manifest of each file on standard output
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
fn progress_bar(file: &Path) -> (ProgressBar, Progress) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    bar.set_prefix(name.into_owned());
    let style = |template| ProgressStyle::with_template(template).ok();
    if let Some(style) = style("{prefix}: {msg} {human_pos} rows {spinner}") {
        bar.set_style(style);
    }
    bar.set_message("surveying");
    let shown = bar.clone();
    let progress = Progress::new(move |step| match step {
        Step::Surveyed(rows) => shown.set_position(rows),
        Step::Treated(rows) => {
            if shown.length().is_none() {
                // The survey knows how many there are.
                shown.set_length(shown.position());
                shown.set_message("treating");
                if let Some(style) =
                    style("{prefix}: {msg} [{bar:30}] {human_pos}/{human_len} rows, {eta} left")
                {
                    shown.set_style(style);
                }
            }
            shown.set_position(rows);
        }
    });
    (bar, progress)
}

fn report(outcome: &FileOutcome, json: bool) {
    match &outcome.result {
        Ok(delivered) if json => say(delivered.manifest().trim_end()),
        Ok(delivered) => summarise(&outcome.file, delivered),
        Err(hinted) => {
            eprintln!("{}: not treated", outcome.file.display());
            tell(hinted);
        }
    }
}

fn summarise(file: &Path, delivered: &Delivered) {
    let summary = &delivered.summary;
    let rows = &summary.rows;
    say(format_args!("{}", file.display()));
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
    for artifact in &delivered.artifacts {
        say(format_args!(
            "  {}",
            delivered.folder.join(&artifact.name).display()
        ));
    }
}
