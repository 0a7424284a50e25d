//! What `sniff` and `validate` share: how far they are, and lines as people read them.

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ended, tell};
use crate::app::{Hinted, Look, Tables};

/// A bar on standard error, where that is a terminal, as long as the file.
pub(super) fn bar(file: &Path) -> ProgressBar {
    let bytes = file.metadata().map_or(0, |metadata| metadata.len());
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let template = "{prefix}: [{bar:30}] {bytes}/{total_bytes}, {msg} rows";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    bar.set_prefix(name.into_owned());
    bar
}

/// Moves the bar.
pub(super) fn progress(bar: &ProgressBar) -> impl FnMut(u64, u64) + use<> {
    let bar = bar.clone();
    move |rows, bytes| {
        bar.set_position(bytes);
        bar.set_message(rows.to_string());
    }
}

pub(super) fn at(all_sheets: bool, progress: &mut dyn FnMut(u64, u64)) -> Look<'_> {
    Look {
        tables: if all_sheets {
            Tables::All
        } else {
            Tables::Fullest
        },
        progress,
    }
}

/// Tells what could not be read; a failure if there is such.
pub(super) fn ended(unread: &[Hinted]) -> Result<(), Ended> {
    unread.iter().for_each(tell);
    if unread.is_empty() {
        Ok(())
    } else {
        Err(Ended::Failed)
    }
}

/// Ranges shown; a file may have thousands.
const RANGES: usize = 5;

/// ` line 3`, ` lines 3 to 5, 9`, or nothing.
pub(super) fn lines(ranges: &[(u64, u64)]) -> String {
    let shown: Vec<_> = ranges
        .iter()
        .take(RANGES)
        .map(|(first, last)| match last - first {
            0 => first.to_string(),
            _ => format!("{first} to {last}"),
        })
        .collect();
    let more = if ranges.len() > RANGES { ", …" } else { "" };
    match ranges {
        [] => String::new(),
        [(first, last)] if first == last => format!(" line {first}"),
        _ => format!(" lines {}{more}", shown.join(", ")),
    }
}
