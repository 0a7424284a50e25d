//! The columns of a recipe file.

use std::collections::HashMap;

use chrono::NaiveDate;
use regex::Regex;

use super::at::{At, Mistake};
use super::model::{ColumnFile, RangeFile};
use crate::recipe::library::RecipeColumn;
use crate::recipe::{Bound, ColumnKind, Context, Limits, Reading, clean};
use crate::table::Heading;
use crate::values::fold::fold;
use crate::values::{Locale, Money, Status};

/// The columns that a recipe declares, and how rules find them.
pub(super) struct Declared {
    pub(super) columns: Vec<RecipeColumn>,
    /// By folded name and alias.
    places: HashMap<String, usize>,
}

impl Declared {
    pub(super) fn check(
        written: &[At<ColumnFile>],
        heading: Heading,
        mistakes: &mut Vec<Mistake>,
    ) -> Self {
        let mut declared = Declared {
            columns: Vec::with_capacity(written.len()),
            places: HashMap::new(),
        };
        let mut positions = HashMap::new();
        for (place, one) in written.iter().enumerate() {
            let file = &one.value;
            for name in std::iter::once(&file.name).chain(&file.aliases) {
                declared.take(name, place, mistakes);
            }
            if heading == Heading::Absent && file.position.is_none() {
                mistakes.push(file.name.wrong(format!(
                    "without a header, the column `{}` needs a `position`",
                    file.name.value
                )));
            }
            if let Some(position) = &file.position {
                let other = positions.insert(position.value, &file.name.value);
                if let Some(other) = other {
                    mistakes.push(position.wrong(format!("`{other}` has this position already")));
                }
                if position.value == 0 {
                    mistakes.push(position.wrong("positions count from 1"));
                }
                if let Some(alias) = file.aliases.first() {
                    mistakes.push(alias.wrong(
                        "`aliases` and `position` contradict each other: remove one of them",
                    ));
                }
            }
            if let (true, Some(rename)) = (file.drop, &file.rename) {
                mistakes.push(rename.wrong(
                    "`rename` and `drop` contradict each other: what is dropped needs no name",
                ));
            }
            declared.columns.push(column(file, mistakes));
        }
        delivered_once(written, mistakes);
        declared
    }

    fn take(&mut self, name: &At<String>, place: usize, mistakes: &mut Vec<Mistake>) {
        let folded = fold(&name.value);
        if folded.is_empty() {
            mistakes.push(name.wrong("a column's name has letters or digits"));
        } else if let Some(other) = self.places.insert(folded, place) {
            let whose = if other == place {
                "this column"
            } else {
                "another column"
            };
            let name_itself = &name.value;
            mistakes.push(name.wrong(format!(
                "{whose} is called `{name_itself}` already: remove one of them"
            )));
        }
    }

    /// The place of a column by its name or an alias.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(&fold(name)).copied()
    }
}

/// No two columns may be delivered under one header.
fn delivered_once(written: &[At<ColumnFile>], mistakes: &mut Vec<Mistake>) {
    // Names that are the same without renaming are told where they are declared.
    let mut taken = HashMap::new();
    for file in written
        .iter()
        .map(|one| &one.value)
        .filter(|file| !file.drop)
    {
        let name = file.rename.as_ref().unwrap_or(&file.name);
        let header = &name.value;
        let renamed = file.rename.is_some();
        if renamed && fold(header).is_empty() {
            mistakes.push(name.wrong("a header has letters or digits"));
        }
        let other = taken.insert(fold(header), renamed);
        if other.is_some_and(|other| other || renamed) {
            mistakes.push(name.wrong(format!(
                "two columns are delivered as `{header}`: rename or drop one of them"
            )));
        }
    }
}

fn column(file: &ColumnFile, mistakes: &mut Vec<Mistake>) -> RecipeColumn {
    let pattern = file.pattern.as_ref().and_then(|pattern| {
        let whole = Regex::new(&format!("^(?:{})$", pattern.value));
        let why = "is no regular expression: see https://docs.rs/regex";
        whole
            .map_err(|_| mistakes.push(pattern.wrong(format!("the pattern {why}"))))
            .ok()
    });
    let (least, most) = match &file.range {
        Some(range) => ends(range, file, mistakes),
        None => (None, None),
    };
    let limits = Limits {
        required: file.required,
        allowed: allowed(file, mistakes),
        pattern,
        least,
        most,
    };
    contradicted(file, &limits, mistakes);
    RecipeColumn {
        name: file.name.value.clone(),
        aliases: file
            .aliases
            .iter()
            .map(|alias| alias.value.clone())
            .collect(),
        position: file.position.as_ref().map(|position| position.value),
        kind: file.kind,
        limits,
        rename: file.rename.as_ref().map(|rename| rename.value.clone()),
        dropped: file.drop,
    }
}

/// The allowed values as they are delivered.
fn allowed(file: &ColumnFile, mistakes: &mut Vec<Mistake>) -> Vec<String> {
    let mut values: Vec<String> = Vec::with_capacity(file.allowed.len());
    for one in &file.allowed {
        let value = match delivered(file.kind, &one.value) {
            Ok(value) => value,
            Err(why) => {
                mistakes.push(one.wrong(why));
                String::new()
            }
        };
        let folded = fold(&value);
        if !folded.is_empty() && values.iter().any(|other| fold(other) == folded) {
            mistakes.push(one.wrong("this value is there twice: remove one"));
        }
        values.push(value);
    }
    values
}

/// A value as a column of this type delivers it, or why it cannot.
fn delivered(kind: Option<ColumnKind>, value: &str) -> Result<String, String> {
    if value.trim().is_empty() {
        return Err("an allowed value is blank: blanks are always allowed".to_owned());
    }
    let Some(kind) = kind else {
        return Ok(value.trim().to_owned());
    };
    let reading = Reading {
        locale: Some(Locale::En),
        ..Reading::default()
    };
    let mut out = String::new();
    // No day is in the future.
    let context = Context::new(&reading, NaiveDate::MAX);
    match clean(kind, value, context, &mut out).status {
        Status::Rejeitado | Status::Vazio => {
            let code = kind.code();
            Err(format!(
                "this value is no valid {code}: remove it, or change the column's `type`"
            ))
        }
        _ => Ok(out),
    }
}

/// What is allowed must be within the other limits.
fn contradicted(file: &ColumnFile, limits: &Limits, mistakes: &mut Vec<Mistake>) {
    for (one, value) in file.allowed.iter().zip(&limits.allowed) {
        if let Some(pattern) = &limits.pattern
            && !value.is_empty()
            && !pattern.is_match(value)
        {
            mistakes.push(one.wrong("this value is allowed, but the `pattern` refuses it"));
        }
    }
    if let (false, Some(range)) = (file.allowed.is_empty(), &file.range) {
        mistakes.push(
            range.wrong(
                "`range` and `allowed` contradict each other: say the values or their limits",
            ),
        );
    }
}

fn ends(
    range: &At<RangeFile>,
    file: &ColumnFile,
    mistakes: &mut Vec<Mistake>,
) -> (Option<Bound>, Option<Bound>) {
    let RangeFile { min, max } = &range.value;
    if min.is_none() && max.is_none() {
        mistakes.push(range.wrong("`range` says neither `min` nor `max`"));
    }
    let Some(kind) = file.kind.filter(|kind| kind.is_numeric() || kind.is_date()) else {
        mistakes.push(range.wrong(
            "`range` needs a `type` of numbers or dates: money, decimal, integer, percent, date or birth_date",
        ));
        return (None, None);
    };
    let mut end = |written: &Option<At<String>>| {
        let written = written.as_ref()?;
        let bound = bound(kind, &written.value);
        if bound.is_none() {
            mistakes.push(written.wrong(match kind.is_date() {
                true => "the end of a range of dates is a day such as `2020-01-31`",
                false => "the end of a range of numbers is a number such as `1000.5`",
            }));
        }
        bound
    };
    let (least, most) = (end(min), end(max));
    let crossed = match (least, most) {
        (Some(Bound::Number(least)), Some(Bound::Number(most))) => least.to_f64() > most.to_f64(),
        (Some(Bound::Day(least)), Some(Bound::Day(most))) => least > most,
        _ => false,
    };
    if crossed {
        mistakes.push(range.wrong("`min` is greater than `max`"));
    }
    (least, most)
}

fn bound(kind: ColumnKind, text: &str) -> Option<Bound> {
    if kind.is_date() {
        return NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
            .ok()
            .map(Bound::Day);
    }
    let plain = |c: char| c.is_ascii_digit() || ".-+eE".contains(c);
    let text = text.trim();
    if !text.chars().all(plain) {
        return None;
    }
    let number = Money::parse(text, Some(Locale::En)).value?;
    Some(Bound::Number(number.amount))
}
