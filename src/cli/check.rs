//! `pyservice check`.

use clap::Args;

use super::{Ended, say};
use crate::app::{self, Finding};
use crate::config::{ProcessEnv, Settings};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print the settings in force as well, secrets masked
    #[arg(long)]
    effective: bool,
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), Ended> {
    if arguments.effective {
        for (name, value) in settings.effective(&ProcessEnv) {
            say(format_args!("{name}={value}"));
        }
        say("");
    }
    let findings = app::check(settings).await;
    let width = findings.iter().map(|finding| finding.what.len()).max();
    for finding in &findings {
        print_finding(finding, width.unwrap_or_default());
    }
    if findings.iter().all(|finding| finding.ok) {
        Ok(())
    } else {
        Err(Ended::Failed)
    }
}

fn print_finding(finding: &Finding, width: usize) {
    // It works, but somebody should look at it.
    let sign = match finding.ok {
        true if finding.hint.is_empty() => '✓',
        true => '!',
        false => '✗',
    };
    say(format_args!(
        "{sign} {:width$}  {}",
        finding.what, finding.reason
    ));
    if !finding.hint.is_empty() {
        say(format_args!("  {:width$}  hint: {}", "", finding.hint));
    }
}
