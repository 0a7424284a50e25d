//! `pyservice sniff FILE`.

use std::io::{BufWriter, stdout};
use std::path::PathBuf;

use clap::Args;

use super::{Ended, look, say};
use crate::app::{self, Sniffed};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to look at
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Look at every sheet of a workbook, not only the fullest
    #[arg(long)]
    all_sheets: bool,
    /// Print what was found as JSON
    #[arg(long, conflicts_with = "table")]
    json: bool,
    /// Print the table as it was read, before any cleaning, as comma-separated text
    #[arg(long)]
    table: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Ended> {
    let bar = look::bar(&arguments.file);
    let mut progress = look::progress(&bar);
    let look = look::at(arguments.all_sheets, &mut progress);
    if arguments.table {
        let mut out = BufWriter::new(stdout().lock());
        let looked = app::print_tables(&arguments.file, look, &mut out)?;
        return look::ended(&looked.unread);
    }
    let looked = app::sniff(&arguments.file, look)?;
    bar.finish_and_clear();
    if arguments.json {
        say(serde_json::to_string_pretty(&looked.tables).unwrap_or_default());
    } else {
        looked.tables.iter().for_each(describe);
    }
    look::ended(&looked.unread)
}

/// What was found, for people.
pub(super) fn describe(table: &Sniffed) {
    let reading = &table.reading;
    match &reading.table {
        Some(name) => say(format_args!("{}: {name}", table.file)),
        None => say(&table.file),
    }
    let written = match reading.encoding.as_str() {
        "" => reading.format.clone(),
        encoding => format!(
            "{}, {encoding}, delimiter {}, quote {}",
            reading.format,
            shown(&reading.delimiter),
            shown(&reading.quote)
        ),
    };
    say(format_args!("  format   {written}"));
    let tried = reading.delimiters.iter().filter(|tried| tried.score > 0.0);
    let tried: Vec<_> = tried
        .map(|tried| {
            let delimiter = shown(&tried.delimiter);
            format!("{delimiter} {} columns {:.2}", tried.columns, tried.score)
        })
        .collect();
    if !tried.is_empty() {
        say(format_args!("  why      {}", tried.join(", ")));
    }
    let header = match reading.header_lines.as_slice() {
        [] => "none: the names are ours".to_owned(),
        [line] => format!("line {line}"),
        [first, .., last] => format!("lines {first} to {last}"),
    };
    say(format_args!("  header   {header}"));
    say(format_args!("  rows     {}", reading.rows));
    for column in &table.columns {
        let sure = match column.score {
            score if score > 0.0 => format!(" ({score:.2})"),
            _ => String::new(),
        };
        say(format_args!(
            "  column   {}: {}{sure}",
            column.name, column.kind
        ));
    }
    for note in &reading.notes {
        let detail = note.detail.as_ref();
        let detail = detail.map_or_else(String::new, |detail| format!(" ({detail})"));
        let lines = look::lines(&note.lines);
        say(format_args!(
            "  note     {}{lines}: {}{detail}",
            note.code, note.words
        ));
    }
}

fn shown(sign: &str) -> String {
    match sign {
        "\t" => "TAB".to_owned(),
        " " => "space".to_owned(),
        sign => format!("`{sign}`"),
    }
}
