//! The rules of a recipe file that concern more than one cell.

use std::collections::HashSet;

use super::at::{At, Mistake};
use super::columns::Declared;
use super::model::{ColumnRef, RecipeFile};
use crate::recipe::Rules;
use crate::recipe::rules::{
    Bins, Check, Derivation, DuplicateRules, Fill, Formula, Function, GroupRule, MissingRule,
    OutlierRule, Renamed, Wanted,
};
use crate::values::fold::fold;
use crate::values::{Locale, Money};

/// What a worksheet may be called.
const LONGEST_SHEET: usize = 31;
const NOT_IN_SHEETS: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];

/// The rules with columns by their places in the recipe.
pub(super) fn check(
    file: &RecipeFile,
    declared: &Declared,
    mistakes: &mut Vec<Mistake>,
) -> Rules<usize> {
    let mut checker = Checker { declared, mistakes };
    let duplicates = file.duplicates.as_ref().map(|duplicates| {
        checker.duplicates(duplicates);
        checker.rule(&duplicates.value).unwrap_or_default()
    });
    let mut treated = HashSet::new();
    let mut filled = HashSet::new();
    Rules {
        duplicates: duplicates.unwrap_or_default(),
        outliers: checker.each(&file.outliers, |checker, rule| {
            checker.outliers(rule, &mut treated);
        }),
        missing: checker.each(&file.missing, |checker, rule| {
            checker.missing(rule, &mut filled);
        }),
        checks: file.checks.as_ref().map(|checks| {
            let mut seen: Vec<&Check<ColumnRef>> = Vec::new();
            checker.each(checks, |checker, check| {
                if seen.contains(&&check.value) {
                    checker.wrong(check, "this check is there twice: remove one");
                }
                seen.push(&check.value);
            })
        }),
        derive: {
            let mut names = HashSet::new();
            checker.each(&file.derive, |checker, rule| {
                checker.derivation(rule, &mut names);
            })
        },
        groups: {
            let mut sheets = HashSet::new();
            checker.each(&file.groups, |checker, rule| {
                checker.group(rule, &mut sheets);
            })
        },
    }
}

struct Checker<'a> {
    declared: &'a Declared,
    mistakes: &'a mut Vec<Mistake>,
}

impl Checker<'_> {
    fn wrong<T>(&mut self, at: &At<T>, message: impl Into<String>) {
        self.mistakes.push(at.wrong(message));
    }

    /// Checks rules one by one and finds their columns.
    fn each<'r, R>(
        &mut self,
        rules: &'r [At<R>],
        mut check: impl FnMut(&mut Self, &'r At<R>),
    ) -> Vec<R::Rule>
    where
        R: Renamed<ColumnRef, usize>,
    {
        let mut found = Vec::with_capacity(rules.len());
        for rule in rules {
            check(self, rule);
            found.extend(self.rule(&rule.value));
        }
        found
    }

    fn rule<R: Renamed<ColumnRef, usize>>(&mut self, rule: &R) -> Option<R::Rule> {
        rule.renamed(&mut |column, wanted| self.column(column, wanted))
    }

    fn column(&mut self, column: &ColumnRef, wanted: Wanted) -> Option<usize> {
        let name = &column.value;
        let Some(place) = self.declared.find(name) else {
            self.wrong(
                column,
                format!("no column `{name}` is declared: add it under `columns`"),
            );
            return None;
        };
        let kind = self.declared.columns[place].kind;
        if let Some(kind) = kind
            && !wanted.holds_for(kind)
        {
            let needs = match wanted {
                Wanted::Numbers | Wanted::Measures => {
                    "numbers (money, decimal, integer or percent)"
                }
                Wanted::Dates => "dates (date or birth_date)",
                Wanted::NumbersOrDates | Wanted::Anything => "numbers or dates",
            };
            let is = kind.code();
            self.wrong(
                column,
                format!("this rule is for {needs}, and the column `{name}` is of type {is}"),
            );
            return None;
        }
        Some(place)
    }

    /// Columns of a list: at least one, none twice.
    fn several(&mut self, columns: &[ColumnRef], of: &At<impl Sized>, key: &str) {
        if columns.is_empty() {
            self.wrong(of, format!("`{key}` names no column"));
        }
        let mut seen = HashSet::new();
        for column in columns {
            if !seen.insert(self.identity(column)) {
                let name = &column.value;
                self.wrong(column, format!("`{name}` is there twice: remove one"));
            }
        }
    }

    /// Equal for two names of one column.
    fn identity(&self, column: &ColumnRef) -> Result<usize, String> {
        let found = self.declared.find(&column.value);
        found.ok_or_else(|| fold(&column.value))
    }

    fn duplicates(&mut self, rules: &At<DuplicateRules<ColumnRef>>) {
        let DuplicateRules { keys, fuzzy, .. } = &rules.value;
        for key in keys.iter().flatten() {
            self.several(&key.by, rules, "by");
        }
        if let Some(fuzzy) = fuzzy {
            let share = |score: f64| score > 0.0 && score <= 1.0;
            if !share(fuzzy.duplicate) || !share(fuzzy.possible) {
                self.wrong(rules, "`duplicate` and `possible` are scores from 0 to 1");
            } else if fuzzy.possible > fuzzy.duplicate {
                self.wrong(
                    rules,
                    "`possible` is greater than `duplicate`: what is surely the same has the higher score",
                );
            }
        }
    }

    fn outliers(
        &mut self,
        rule: &At<OutlierRule<ColumnRef>>,
        treated: &mut HashSet<Result<usize, String>>,
    ) {
        let OutlierRule {
            columns, factor, ..
        } = &rule.value;
        self.several(columns, rule, "columns");
        if factor.is_some_and(|factor| !factor.is_finite() || factor <= 0.0) {
            self.wrong(rule, "`factor` is a number above 0");
        }
        self.only_once(columns, treated, "outliers");
    }

    fn missing(
        &mut self,
        rule: &At<MissingRule<ColumnRef>>,
        filled: &mut HashSet<Result<usize, String>>,
    ) {
        let MissingRule { columns, fill } = &rule.value;
        self.several(columns, rule, "columns");
        match fill {
            Fill::Constant(number) => {
                let number = Money::parse(number, Some(Locale::En)).value;
                if number.is_none_or(|number| number.percent || number.currency.is_some()) {
                    self.wrong(rule, "`constant` is a number such as `0` or `1.5`");
                }
            }
            Fill::Knn {
                neighbours,
                near_by,
                ..
            } => {
                if *neighbours == 0 {
                    self.wrong(rule, "`neighbours` is at least 1");
                }
                let to_fill: HashSet<_> = columns.iter().map(|c| self.identity(c)).collect();
                for column in near_by {
                    if to_fill.contains(&self.identity(column)) {
                        let name = &column.value;
                        self.wrong(
                            column,
                            format!("`{name}` is among `columns`, which are measured by anyway: remove it here"),
                        );
                    }
                }
            }
            Fill::Flag | Fill::Mean | Fill::Median | Fill::Mode => {}
        }
        self.only_once(columns, filled, "missing");
    }

    /// A column that two rules treat would depend on their order.
    fn only_once(
        &mut self,
        columns: &[ColumnRef],
        seen: &mut HashSet<Result<usize, String>>,
        key: &str,
    ) {
        let mut own = HashSet::new();
        for column in columns {
            let identity = self.identity(column);
            if seen.contains(&identity) {
                let name = &column.value;
                self.wrong(
                    column,
                    format!("another rule of `{key}` is for `{name}` already: remove one"),
                );
            }
            own.insert(identity);
        }
        seen.extend(own);
    }

    fn derivation(&mut self, rule: &At<Derivation<ColumnRef>>, names: &mut HashSet<String>) {
        let Derivation { name, formula } = &rule.value;
        if let Some(name) = name {
            let folded = fold(name);
            let mut columns = self.declared.columns.iter();
            let exists =
                columns.any(|column| !column.dropped && fold(column.delivered()) == folded);
            if folded.is_empty() {
                self.wrong(rule, "`name` has letters or digits");
            } else if exists || !names.insert(folded) {
                self.wrong(
                    rule,
                    format!("there is a column `{name}` already: choose another `name`"),
                );
            }
        }
        match formula {
            Formula::OneHot { most: Some(0), .. } => {
                self.wrong(rule, "`most` is at least 1");
            }
            Formula::Bins { cuts, .. } => match cuts {
                Bins::At(cuts) => {
                    let ascending = cuts.windows(2).all(|pair| pair[0] < pair[1]);
                    let finite = cuts.iter().all(|cut| cut.is_finite());
                    if cuts.is_empty() || !ascending || !finite {
                        self.wrong(rule, "`at` is a list of numbers in ascending order");
                    }
                }
                Bins::Equal(count) | Bins::Quantiles(count) => {
                    if !(2..=1000).contains(count) {
                        self.wrong(rule, "there are from 2 to 1000 intervals");
                    }
                }
            },
            _ => {}
        }
    }

    fn group(&mut self, rule: &At<GroupRule<ColumnRef>>, sheets: &mut HashSet<String>) {
        let GroupRule {
            sheet,
            by,
            aggregates,
        } = &rule.value;
        let edged = sheet.starts_with('\'') || sheet.ends_with('\'');
        if sheet.trim().is_empty() || edged || sheet.contains(NOT_IN_SHEETS) {
            self.wrong(
                rule,
                "`sheet` is a name without [ ] : * ? / \\ and without ' at its ends",
            );
        }
        let length = sheet.encode_utf16().count();
        if length > LONGEST_SHEET {
            self.wrong(
                rule,
                format!("`sheet` has {length} characters: {LONGEST_SHEET} is the most Excel takes"),
            );
        }
        if !sheets.insert(sheet.to_lowercase()) {
            self.wrong(rule, format!("there are two sheets `{sheet}`: rename one"));
        }
        self.several(by, rule, "by");
        if aggregates.is_empty() {
            self.wrong(
                rule,
                "`aggregates` is empty: `- function: count` counts the rows",
            );
        }
        for aggregate in aggregates {
            if aggregate.column.is_none() && aggregate.function != Function::Count {
                self.wrong(rule, "every function but `count` needs a `column`");
            }
        }
    }
}
