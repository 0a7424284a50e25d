//! `pyservice validate FILE…`.

use std::path::PathBuf;

use clap::Args;

use super::{Ended, look, say, tell};
use crate::app::{self, Validated};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files to read
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read every sheet of a workbook, not only the fullest
    #[arg(long)]
    all_sheets: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    /// Mistakes listed per table; all of them are counted
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Ended> {
    let mut valid = true;
    let mut all = Vec::new();
    for file in &arguments.files {
        let bar = look::bar(file);
        let mut progress = look::progress(&bar);
        let look = look::at(arguments.all_sheets, &mut progress);
        let validated = app::validate(file, look, arguments.limit);
        bar.finish_and_clear();
        match validated {
            Ok(looked) => {
                valid &= look::ended(&looked.unread).is_ok();
                let tables = looked.tables;
                valid &= tables.iter().all(|table| table.invalid_lines == 0);
                if !arguments.json {
                    tables.iter().for_each(describe);
                }
                all.extend(tables);
            }
            Err(hinted) => {
                valid = false;
                tell(&hinted);
            }
        }
    }
    if arguments.json {
        say(serde_json::to_string_pretty(&all).unwrap_or_default());
    }
    if valid { Ok(()) } else { Err(Ended::Failed) }
}

fn describe(table: &Validated) {
    super::sniff::describe(&table.sniffed);
    if table.invalid_lines == 0 {
        say("  valid    every line");
        return;
    }
    let reasons: Vec<_> = table
        .reasons
        .iter()
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    say(format_args!(
        "  invalid  {} lines: {}",
        table.invalid_lines,
        reasons.join(", ")
    ));
    for mistake in &table.mistakes {
        let column = mistake.column.as_ref();
        let column = column.map_or_else(String::new, |column| format!(", `{column}`"));
        let detail = mistake.detail.as_ref();
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        say(format_args!(
            "  line {}{column}: {} ({}{detail})",
            mistake.line, mistake.reason, mistake.words
        ));
    }
    let more: u64 = table.reasons.values().sum::<u64>() - table.mistakes.len() as u64;
    if more > 0 {
        say(format_args!("  and {more} more; see --limit"));
    }
}
