//! What is known of the columns of one table: detected, or said by a recipe.

use regex::Regex;

use super::rules::Fill;
use super::{ColumnKind, Meaning, Rules};
use crate::values::date::{self, System};
use crate::values::{Decimal, Locale};

/// Who decided what a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    Detected,
    Recipe,
}

/// What is known of one column.
#[derive(Debug, Clone)]
pub struct ColumnProfile {
    /// The header's own text.
    pub name: String,
    pub meaning: Meaning,
    pub kind: ColumnKind,
    pub decided: Decided,
    /// Score of the type given, from 0 to 1; 0 for text nobody claimed.
    pub score: f64,
    /// The types that came into question, the likeliest first.
    pub scores: Vec<(ColumnKind, f64)>,
    /// Any cell of the column holds something.
    pub filled: bool,
    /// Length of its longest voting value, in characters.
    pub longest: usize,
    pub reading: Reading,
    pub limits: Limits,
    /// Columns that are delivered after the file's own, made of this one.
    pub sides: Vec<SideColumn>,
    /// The header it is delivered under, if not its own.
    pub rename: Option<String>,
    /// Read and used, but not delivered.
    pub dropped: bool,
}

impl ColumnProfile {
    /// Whether its header says that it tells rows apart (`Código`, `Pedido`): its numbers are no
    /// measures.
    pub fn is_identifier(&self) -> bool {
        matches!(self.meaning, Meaning::Other(_))
    }
}

/// How the cells of a column are to be read, where a single cell does not tell.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// For a phone column, the place of the column with its area codes.
    pub ddd: Option<usize>,
    /// For an e-mail column, the domains so many rows share that they are no typing mistakes.
    /// Sorted.
    pub frequent_domains: Vec<String>,
    /// For a column of numbers, how it writes them, if its values tell.
    pub locale: Option<Locale>,
    /// For a column of dates, whether day or month comes first; `None` is row by row.
    pub order: Option<date::Order>,
    /// Whole numbers in it are the days of a spreadsheet.
    pub serials: Option<System>,
    /// Some of its dates have a time of day: all are delivered with it.
    pub times: bool,
    /// Of the documents in it, most are of companies.
    pub mostly_companies: bool,
    /// Of percentages: the column holds `12,5%` as well as `0,125`.
    pub mixed_unit: bool,
    /// Of addresses: house number and complement go to side columns.
    pub parted: bool,
    /// Of yes and no: marks where it applies and blanks where it does not.
    pub checklist: bool,
}

/// What a recipe demands of a column's clean values.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// A row without a valid value is rejected whole.
    pub required: bool,
    /// The values it may have, as they are delivered; compared folded.
    pub allowed: Vec<String>,
    /// What the whole delivered value must match.
    pub pattern: Option<Regex>,
    pub least: Option<Bound>,
    pub most: Option<Bound>,
}

impl Limits {
    /// Whether there is nothing to check cell by cell.
    pub fn is_free(&self) -> bool {
        self.allowed.is_empty()
            && self.pattern.is_none()
            && self.least.is_none()
            && self.most.is_none()
    }
}

/// The end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    Number(Decimal),
    Day(chrono::NaiveDate),
}

/// A column that one of the file's brings with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideColumn {
    pub name: String,
    pub what: Side,
}

/// What a side column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// `movel`, `fixo`, `servico` …
    PhoneType,
    /// The second telephone of a cell and those after it, from 2.
    Phone(u8),
    /// The number behind the switchboard: `ramal`.
    Extension,
    /// The second address of a cell and those after it, from 2.
    Email(u8),
    /// What stood before a person's name: `Dra.`
    Title,
    /// `PF` or `PJ`.
    PersonKind,
    /// House number out of an address, where the file has no column for it.
    HouseNumber,
    /// Flat, block, floor out of an address.
    Complement,
    /// The state behind a municipality's name, where the file has no column for it.
    State,
    /// Whether the cell was filled by statistics: `Sim` or `Não`.
    Imputed,
}

/// A column as it is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered<'a> {
    /// Its place in a clean frame.
    pub place: usize,
    pub name: &'a str,
    pub kind: ColumnKind,
}

/// What is known of a table.
#[derive(Debug, Clone)]
pub struct Profile {
    pub columns: Vec<ColumnProfile>,
    pub rows: u64,
}

impl Profile {
    /// The place of the first column of this type.
    pub fn first(&self, kind: ColumnKind) -> Option<usize> {
        self.columns.iter().position(|column| column.kind == kind)
    }

    /// The places of the columns of this type.
    pub fn all(&self, kind: ColumnKind) -> impl Iterator<Item = usize> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(move |(_, column)| column.kind == kind)
            .map(|(place, _)| place)
    }

    /// With a column beside each delivered one whose blanks rules fill, that tells which cells were
    /// filled.
    #[must_use]
    pub fn with_imputed_flags(mut self, rules: &Rules<usize>) -> Self {
        for rule in &rules.missing {
            if matches!(rule.fill, Fill::Flag) {
                continue;
            }
            for place in &rule.columns {
                let Some(column) = self.columns.get_mut(*place) else {
                    continue;
                };
                let flagged = column.sides.iter().any(|side| side.what == Side::Imputed);
                if flagged || column.dropped {
                    continue;
                }
                let name = column.rename.as_ref().unwrap_or(&column.name);
                let flag = SideColumn {
                    name: format!("{name}_imputado"),
                    what: Side::Imputed,
                };
                column.sides.push(flag);
            }
        }
        self
    }

    /// The side columns, in the order they are delivered, with the place of the column each is
    /// made of.
    pub fn sides(&self) -> impl Iterator<Item = (usize, &SideColumn)> {
        let columns = self.columns.iter().enumerate();
        columns.flat_map(|(place, column)| column.sides.iter().map(move |side| (place, side)))
    }

    /// The columns of a clean frame that are delivered, in order: the file's own, then the side
    /// columns.
    pub fn delivered(&self) -> impl Iterator<Item = Delivered<'_>> {
        let own = self.columns.iter().enumerate();
        let own = own.filter(|(_, column)| !column.dropped);
        let own = own.map(|(place, column)| Delivered {
            place,
            name: column.rename.as_deref().unwrap_or(&column.name),
            kind: column.kind,
        });
        let sides = (self.columns.len()..).zip(self.sides());
        own.chain(sides.map(|(place, (_, side))| Delivered {
            place,
            name: &side.name,
            kind: ColumnKind::Text,
        }))
    }
}
