//! Sheets of groups.

use std::collections::HashMap;

use polars::prelude::{
    Column, DataFrame, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder,
};

use super::Derived;
use super::aggregated::{Aggregated, Sorted};
use super::measured::texts;
use super::naming::{Headers, delivered};
use crate::recipe::rules::{Aggregate, Function, GroupRule};
use crate::recipe::{ColumnKind, Profile, Rules};

/// Groups of one sheet. Rows of others are counted, and told.
const MOST_GROUPS: usize = 100_000;
/// Distinct values remembered for one column of a sheet, in all of its groups: 16 bytes each.
const MOST_DISTINCT: usize = 4_000_000;

/// A finished sheet.
#[derive(Debug, Clone)]
pub struct GroupSheet {
    pub name: String,
    pub columns: Vec<Derived>,
    /// Delivered text, one row for each group.
    pub frame: DataFrame,
    /// Rows whose groups did not fit on the sheet.
    pub left_out: u64,
}

/// Collects the groups of all rows.
pub struct Grouper {
    sheets: Vec<Collecting>,
}

struct Collecting {
    name: String,
    columns: Vec<Derived>,
    by: Vec<usize>,
    aggregates: Vec<(Function, Option<usize>)>,
    groups: HashMap<Vec<u8>, usize>,
    /// In the order they were met.
    found: Vec<Group>,
    /// For each aggregate, what is left of its room for distinct values.
    room: Vec<usize>,
    left_out: u64,
    most: usize,
}

struct Group {
    by: Vec<Option<String>>,
    sums: Vec<Aggregated>,
}

impl Grouper {
    /// `derived` are the columns behind those of the profile.
    pub fn new(profile: &Profile, rules: &Rules<usize>, derived: &[Derived]) -> Self {
        let sheets = rules.groups.iter();
        Grouper {
            sheets: sheets
                .map(|rule| Collecting::new(profile, derived, rule))
                .collect(),
        }
    }

    /// # Errors
    /// If a column is not text.
    pub fn add(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        self.sheets
            .iter_mut()
            .try_for_each(|sheet| sheet.add(frame))
    }

    /// The sheets, each sorted by its groups' values; blanks come last.
    ///
    /// # Errors
    /// If the columns of a sheet are no table.
    pub fn finish(self) -> PolarsResult<Vec<GroupSheet>> {
        self.sheets.into_iter().map(Collecting::finish).collect()
    }
}

impl Collecting {
    fn new(profile: &Profile, derived: &[Derived], rule: &GroupRule<usize>) -> Self {
        let behind = profile.columns.len() + profile.sides().count();
        let facts = |place: usize| {
            let side = |at: usize| profile.sides().nth(at).map(|(_, side)| side.name.clone());
            let (name, kind) = match profile.columns.get(place) {
                Some(column) => (delivered(profile, place).to_owned(), column.kind),
                None => match place.checked_sub(behind).and_then(|at| derived.get(at)) {
                    Some(derived) => (derived.name.clone(), derived.kind),
                    None => {
                        let side = side(place.saturating_sub(profile.columns.len()));
                        (side.unwrap_or_default(), ColumnKind::Text)
                    }
                },
            };
            (name, kind)
        };
        let mut headers = Headers::default();
        let mut columns = Vec::new();
        for place in &rule.by {
            let (name, kind) = facts(*place);
            columns.push(Derived {
                name: headers.take(&name),
                kind,
                formula: "group",
                of: vec![name],
            });
        }
        for aggregate in &rule.aggregates {
            let source = aggregate.column.map(facts);
            let kind = source
                .as_ref()
                .map_or(ColumnKind::Integer, |(_, kind)| *kind);
            let of = source.map(|(name, _)| name);
            columns.push(Derived {
                name: headers.take(&usual_header(aggregate, of.as_deref())),
                kind: kind_of(aggregate.function, kind),
                formula: code(aggregate.function),
                of: of.into_iter().collect(),
            });
        }
        let aggregates = rule.aggregates.iter();
        Collecting {
            name: rule.sheet.clone(),
            columns,
            by: rule.by.clone(),
            aggregates: aggregates
                .map(|aggregate| (aggregate.function, aggregate.column))
                .collect(),
            groups: HashMap::new(),
            found: Vec::new(),
            room: vec![MOST_DISTINCT; rule.aggregates.len()],
            left_out: 0,
            most: MOST_GROUPS,
        }
    }

    fn add(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        let mut by = Vec::with_capacity(self.by.len());
        for place in &self.by {
            by.push(texts(frame, *place)?);
        }
        let rows = self.rows_of_groups(&by, frame.height());
        for (at, (function, column)) in self.aggregates.iter().enumerate() {
            let cells = match column {
                Some(place) => Some(texts(frame, *place)?),
                None => None,
            };
            for (row, group) in rows.iter().enumerate() {
                let Some(group) = *group else { continue };
                let sums = &mut self.found[group].sums[at];
                match cells.map(|cells| cells.get(row)) {
                    // Without a column, rows are counted.
                    None => sums.count(),
                    Some(None) => {}
                    Some(Some(text)) => sums.add(*function, text, &mut self.room[at]),
                }
            }
        }
        Ok(())
    }

    /// The group of every row; `None` where there was no room for one more.
    fn rows_of_groups(&mut self, by: &[&StringChunked], rows: usize) -> Vec<Option<usize>> {
        let mut key = Vec::new();
        let mut of_rows = Vec::with_capacity(rows);
        for row in 0..rows {
            key.clear();
            for cells in by {
                // Lengths keep `a|bc` apart from `ab|c`; a blank is not an empty text.
                let cell = cells.get(row);
                let length = cell.map_or(u32::MAX, |text| text.len() as u32);
                key.extend(length.to_le_bytes());
                key.extend(cell.unwrap_or_default().as_bytes());
            }
            of_rows.push(match self.groups.get(&key) {
                Some(group) => Some(*group),
                None if self.found.len() < self.most => {
                    let group = self.found.len();
                    self.groups.insert(key.clone(), group);
                    self.found.push(Group {
                        by: by
                            .iter()
                            .map(|cells| cells.get(row).map(str::to_owned))
                            .collect(),
                        sums: self
                            .aggregates
                            .iter()
                            .map(|_| Aggregated::default())
                            .collect(),
                    });
                    Some(group)
                }
                None => {
                    self.left_out += 1;
                    None
                }
            });
        }
        of_rows
    }

    fn finish(mut self) -> PolarsResult<GroupSheet> {
        self.found.sort_by_cached_key(|group| {
            let by = group.by.iter();
            by.map(|text| Sorted::new(text.as_deref()))
                .collect::<Vec<_>>()
        });
        let mut columns: Vec<Column> = Vec::new();
        for (at, derived) in self.columns.iter().enumerate() {
            let rows = self.found.len();
            let mut cells = StringChunkedBuilder::new(derived.name.as_str().into(), rows);
            for group in &self.found {
                match at.checked_sub(self.by.len()) {
                    None => cells.append_option(group.by[at].as_deref()),
                    Some(sum) => {
                        let (function, _) = self.aggregates[sum];
                        cells.append_option(group.sums[sum].text(function, derived.kind));
                    }
                }
            }
            columns.push(cells.finish().into_column());
        }
        Ok(GroupSheet {
            frame: DataFrame::new(self.found.len(), columns)?,
            name: self.name,
            columns: self.columns,
            left_out: self.left_out,
        })
    }
}

fn usual_header(aggregate: &Aggregate<usize>, of: Option<&str>) -> String {
    if let Some(name) = &aggregate.name {
        return name.clone();
    }
    let words = match aggregate.function {
        Function::Count => match of {
            None => return "Linhas".to_owned(),
            Some(_) => "Preenchidas de",
        },
        Function::Sum => "Soma de",
        Function::Mean => "Média de",
        Function::Min => "Menor de",
        Function::Max => "Maior de",
        Function::Distinct => "Distintos de",
    };
    format!("{words} {}", of.unwrap_or_default())
}

/// What the function makes of a column of this type.
fn kind_of(function: Function, kind: ColumnKind) -> ColumnKind {
    match function {
        Function::Count | Function::Distinct => ColumnKind::Integer,
        Function::Min | Function::Max => kind,
        Function::Mean if kind == ColumnKind::Integer => ColumnKind::Decimal,
        Function::Sum | Function::Mean if kind.is_numeric() => kind,
        Function::Sum | Function::Mean => ColumnKind::Decimal,
    }
}

/// The name a recipe has for it.
fn code(function: Function) -> &'static str {
    match function {
        Function::Count => "count",
        Function::Sum => "sum",
        Function::Mean => "mean",
        Function::Min => "min",
        Function::Max => "max",
        Function::Distinct => "distinct",
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;
    use crate::transform::derived::tests::profile;

    fn frame() -> DataFrame {
        df!(
            "UF" => [Some("SP"), Some("RJ"), Some("SP"), None, Some("SP"), Some("Água"), Some("B")],
            "Valor" => [
                Some("0,10"), Some("5,00"), Some("0,20"), Some("7,5"), None, Some("-1,00"), Some("1")
            ],
            "Dia" => [
                Some("31/12/2023"), None, Some("01/01/2024"), None, Some("05/12/2023"), None, None
            ],
        )
        .unwrap()
    }

    fn rules(by: Vec<usize>, aggregates: &[(Function, Option<usize>)]) -> Rules<usize> {
        let aggregates = aggregates.iter();
        Rules {
            groups: vec![GroupRule {
                sheet: "Por UF".into(),
                by,
                aggregates: aggregates
                    .map(|(function, column)| Aggregate {
                        function: *function,
                        column: *column,
                        name: None,
                    })
                    .collect(),
            }],
            ..Rules::default()
        }
    }

    fn grouper(rules: &Rules<usize>) -> Grouper {
        let profile = profile(&[
            ("UF", ColumnKind::State),
            ("Valor", ColumnKind::Money),
            ("Dia", ColumnKind::Date),
        ]);
        Grouper::new(&profile, rules, &[])
    }

    /// The rows of the only sheet, cells parted by `|`.
    fn rows(sheet: &GroupSheet) -> Vec<String> {
        let row = |row: usize| {
            let columns = sheet.frame.columns().iter();
            let cells = columns.map(|column| column.str().unwrap().get(row).unwrap_or("∅"));
            cells.collect::<Vec<_>>().join("|")
        };
        (0..sheet.frame.height()).map(row).collect()
    }

    const ALL: [(Function, Option<usize>); 8] = [
        (Function::Count, None),
        (Function::Count, Some(1)),
        (Function::Sum, Some(1)),
        (Function::Mean, Some(1)),
        (Function::Min, Some(1)),
        (Function::Max, Some(1)),
        (Function::Distinct, Some(1)),
        (Function::Max, Some(2)),
    ];

    #[test]
    fn groups_are_sorted_and_their_sums_exact() {
        let mut grouper = grouper(&rules(vec![0], &ALL));
        grouper.add(&frame()).unwrap();
        let sheet = &grouper.finish().unwrap()[0];
        let headers: Vec<_> = sheet
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(
            headers,
            [
                "UF",
                "Linhas",
                "Preenchidas de Valor",
                "Soma de Valor",
                "Média de Valor",
                "Menor de Valor",
                "Maior de Valor",
                "Distintos de Valor",
                "Maior de Dia"
            ]
        );
        assert_eq!(sheet.columns[3].kind, ColumnKind::Money);
        assert_eq!(sheet.columns[8].kind, ColumnKind::Date);
        assert_eq!(
            rows(sheet),
            [
                "Água|1|1|-1,00|-1|-1,00|-1,00|1|∅",
                "B|1|1|1|1|1|1|1|∅",
                "RJ|1|1|5,00|5|5,00|5,00|1|∅",
                // As floats, 0.1 + 0.2 is not 0.3.
                "SP|3|2|0,30|0,15|0,10|0,20|2|01/01/2024",
                "∅|1|1|7,5|7,5|7,5|7,5|1|∅",
            ]
        );
        assert_eq!(sheet.left_out, 0);
    }

    #[test]
    fn batches_change_nothing() {
        let of = |batch: usize| {
            let mut grouper = grouper(&rules(vec![0, 2], &ALL));
            for at in (0..7).step_by(batch) {
                grouper.add(&frame().slice(at as i64, batch)).unwrap();
            }
            rows(&grouper.finish().unwrap()[0])
        };
        let whole = of(7);
        assert_eq!(whole.len(), 7);
        for batch in 1..4 {
            assert_eq!(of(batch), whole);
        }
    }

    #[test]
    fn groups_of_several_columns_are_not_mixed_up() {
        let frame = df!(
            "UF" => [Some("ab"), Some("a"), Some(""), None],
            "Valor" => [Some("c"), Some("bc"), None, Some("")],
            "Dia" => [None::<&str>; 4],
        );
        let mut grouper = grouper(&rules(vec![0, 1], &[(Function::Count, None)]));
        grouper.add(&frame.unwrap()).unwrap();
        assert_eq!(grouper.finish().unwrap()[0].frame.height(), 4);
    }

    #[test]
    fn numbers_and_days_are_sorted_as_such() {
        let sorted = |place| {
            let mut grouper = grouper(&rules(vec![place], &[(Function::Count, None)]));
            grouper.add(&frame()).unwrap();
            rows(&grouper.finish().unwrap()[0]).join(" ")
        };
        assert_eq!(sorted(1), "-1,00|1 0,10|1 0,20|1 1|1 5,00|1 7,5|1 ∅|1");
        assert_eq!(sorted(2), "05/12/2023|1 31/12/2023|1 01/01/2024|1 ∅|4");
    }

    #[test]
    fn too_many_groups_are_counted_and_left_out() {
        let mut grouper = grouper(&rules(vec![0], &[(Function::Count, None)]));
        grouper.sheets[0].most = 2;
        grouper.add(&frame()).unwrap();
        let sheet = &grouper.finish().unwrap()[0];
        assert_eq!(rows(sheet), ["RJ|1", "SP|3"]);
        assert_eq!(sheet.left_out, 3);
    }

    #[test]
    fn distinct_values_beyond_what_is_remembered_are_not_guessed() {
        let mut grouper = grouper(&rules(vec![0], &[(Function::Distinct, Some(1))]));
        grouper.sheets[0].room[0] = 2;
        grouper.add(&frame()).unwrap();
        let sheet = &grouper.finish().unwrap()[0];
        assert_eq!(rows(sheet), ["Água|∅", "B|∅", "RJ|1", "SP|∅", "∅|∅"]);
    }
}
