//! A recipe written from a file, with what was detected and what could be asked for as comments.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

use polars::prelude::{DataFrame, PolarsResult};

use super::{ColumnKind, ColumnProfile, Profile};
use crate::table::Layout;
use crate::values::fold::fold;
use crate::values::null_token::is_null_token;

/// What a draft is made from.
pub struct Draft<'a> {
    /// The recipe's.
    pub name: &'a str,
    /// The file's, without its folder.
    pub file: &'a str,
    pub layout: &'a Layout,
    pub profile: &'a Profile,
    /// Some rows of the table.
    pub sample: &'a DataFrame,
}

/// A column with more values than this has no list of them.
const MOST_VALUES: usize = 30;
/// Headers that tell a kind of file well enough.
const MOST_HEADERS: usize = 6;

impl Draft<'_> {
    /// The recipe's text: it can be used as it is. Nothing of personal columns but their headers
    /// is in it.
    ///
    /// # Errors
    /// If a column of the sample is not text.
    pub fn write(&self) -> PolarsResult<String> {
        let headless = self.layout.header.is_empty();
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        line("# yaml-language-server: $schema=../docs/recipe.schema.json");
        line(&format!(
            "# Written from {} ({} rows). Check it, and change what is not right; lines behind a # do",
            one_line(self.file),
            self.profile.rows
        ));
        line("# nothing until the # is removed. docs/recipes.md tells of every key.");
        line("version: 1");
        line(&format!("name: {}", self.name));
        line("");
        line("# Which files it is for: both must hold.");
        line("match:");
        line(&format!("  files: [{}]", quoted(&pattern(self.file))));
        let usable = self.usable();
        let headers = usable.iter().take(MOST_HEADERS);
        let headers: Vec<_> = headers.map(|(_, column)| quoted(&column.name)).collect();
        if headless {
            line("input:");
            line("  header: none");
        } else if !headers.is_empty() {
            line(&format!("  headers: [{}]", headers.join(", ")));
        }
        if usable.is_empty() {
            line("columns: []");
        } else {
            line("");
            line("columns:");
        }
        let left_out = self.profile.columns.len() - usable.len();
        if left_out > 0 {
            line(&format!(
                "  # {left_out} columns are left out: their headers are blank or like another's."
            ));
        }
        for (place, column) in &usable {
            out.push_str(&self.column(*place, column, headless)?);
        }
        out.push_str(&suggestions(&usable));
        Ok(out)
    }

    /// The columns that can be told apart by their names, with their places.
    fn usable(&self) -> Vec<(usize, &ColumnProfile)> {
        let mut taken = HashSet::new();
        let columns = self.profile.columns.iter().enumerate();
        columns
            .filter(|(_, column)| {
                let folded = fold(&column.name);
                !folded.is_empty() && taken.insert(folded)
            })
            .collect()
    }

    fn column(&self, place: usize, column: &ColumnProfile, headless: bool) -> PolarsResult<String> {
        let mut out = String::new();
        let rivals: Vec<_> = column
            .scores
            .iter()
            .filter(|(kind, score)| *kind != column.kind && *score > 0.0)
            .take(2)
            .map(|(kind, score)| format!("{} {score:.2}", kind.code()))
            .collect();
        let rivals = match rivals.is_empty() {
            true => String::new(),
            false => format!("; then {}", rivals.join(", ")),
        };
        let found = match column.score {
            score if score > 0.0 => format!("detected with score {score:.2}{rivals}"),
            _ => format!("nothing was detected{rivals}"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  - name: {}", quoted(&column.name));
        if headless {
            let _ = writeln!(
                out,
                "    position: {}",
                self.layout.columns[place].index + 1
            );
        }
        // What nobody recognised may be recognised in the next file.
        let sign = if column.score > 0.0 { "" } else { "# " };
        let kind = column.kind.code();
        let _ = writeln!(out, "    {sign}type: {kind}  # {found}");
        let _ = writeln!(out, "    # required: true");
        if let Some(values) = self.values(place, column)? {
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            let _ = writeln!(out, "    # allowed: [{}]", values.join(", "));
        }
        if column.kind.is_numeric() {
            let _ = writeln!(out, "    # range: {{min: 0, max: 1000}}");
        }
        if column.kind.is_date() {
            let _ = writeln!(out, "    # range: {{min: 1900-01-01}}");
        }
        Ok(out)
    }

    /// The values of a column that takes few of them and tells nothing of single people.
    fn values(
        &self,
        place: usize,
        column: &ColumnProfile,
    ) -> PolarsResult<Option<BTreeSet<String>>> {
        if column.kind != ColumnKind::Category {
            return Ok(None);
        }
        let Some(cells) = self.sample.columns().get(place) else {
            return Ok(None);
        };
        let (mut values, mut folded) = (BTreeSet::new(), HashSet::new());
        for cell in cells.str()?.iter().flatten() {
            let cell = cell.trim();
            let blank = cell.is_empty() || is_null_token(cell, false).is_some();
            if !blank && folded.insert(fold(cell)) {
                values.insert(cell.to_owned());
            }
            if values.len() > MOST_VALUES {
                return Ok(None);
            }
        }
        Ok((!values.is_empty()).then_some(values))
    }
}

/// What could be asked for, with the file's own columns.
fn suggestions(columns: &[(usize, &ColumnProfile)]) -> String {
    let of = |wanted: &dyn Fn(ColumnKind) -> bool| -> Vec<String> {
        let columns = columns.iter().filter(|(_, column)| wanted(column.kind));
        columns.map(|(_, column)| quoted(&column.name)).collect()
    };
    let (numbers, dates) = (of(&ColumnKind::is_numeric), of(&ColumnKind::is_date));
    let keys = of(&ColumnKind::is_key);
    let groups = of(&|kind| {
        matches!(
            kind,
            ColumnKind::State | ColumnKind::Category | ColumnKind::Municipality
        )
    });
    let mut out = String::new();
    let mut say = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    if let Some(key) = keys.first() {
        say("\n# Rows of the same key become one: the best stays, its blanks are filled.".into());
        say("# duplicates:".into());
        say(format!("#   keys: [{{by: [{key}], action: merge}}]"));
    }
    if let Some(number) = numbers.first() {
        say("\n# Numbers far from the rest get an alert; blanks get the median.".into());
        say(format!(
            "# outliers: [{{columns: [{number}], method: iqr, action: flag}}]"
        ));
        say(format!(
            "# missing: [{{columns: [{number}], fill: median}}]"
        ));
    }
    if let Some(date) = dates.first() {
        say("\n# Columns made of others.".into());
        say(format!("# derive: [{{days_since: {{column: {date}}}}}]"));
    }
    if let Some(group) = groups.first() {
        let sum = numbers.first().map_or_else(String::new, |number| {
            format!(", {{function: sum, column: {number}}}")
        });
        say("\n# A sheet with one row for each group.".into());
        say("# groups:".into());
        say(format!(
            "#   - {{sheet: Grupos, by: [{group}], aggregates: [{{function: count}}{sum}]}}"
        ));
    }
    say("\n# What to deliver, if the job does not say; everything without this.".into());
    say("# outputs: [csv, xlsx, pdf]".into());
    out
}

/// Text as YAML reads it back, whatever is in it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // Everything that could end the line or not be printed.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// `vendas_2026-01.csv` and its like: `vendas_*.csv`.
fn pattern(file: &str) -> String {
    let (stem, extension) = match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, Some(extension)),
        _ => (file, None),
    };
    let mut pattern = String::new();
    // What stands behind a number: in `2026-01` it is part of it.
    let mut behind = String::new();
    for c in stem.chars() {
        match c {
            c if c.is_ascii_digit() => {
                if !pattern.ends_with('*') {
                    pattern.push('*');
                }
                behind.clear();
            }
            '-' | '.' | '_' if pattern.ends_with('*') => behind.push(c),
            c => {
                pattern.push_str(&behind);
                behind.clear();
                // Signs of the pattern language stand for themselves.
                pattern.push(if "[]{}*?!\\,".contains(c) { '?' } else { c });
            }
        }
    }
    pattern.push_str(&behind);
    match extension {
        Some(extension) => format!("{pattern}.{extension}"),
        None => pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_and_numbers_in_a_files_name_may_be_others_next_time() {
        for (file, expected) in [
            ("vendas_2026-01.csv", "vendas_*.csv"),
            ("2026.01.31 clientes.xlsx", "* clientes.xlsx"),
            ("lista.csv", "lista.csv"),
            ("lista [1].csv", "lista ?*?.csv"),
            ("7", "*"),
        ] {
            assert_eq!(pattern(file), expected, "{file}");
        }
    }

    proptest! {
        #[test]
        fn yaml_reads_quoted_text_back(text in "\\PC*|.{0,20}") {
            let read: String = serde_saphyr::from_str(&quoted(&text)).unwrap();
            prop_assert_eq!(read, text);
        }
    }
}
