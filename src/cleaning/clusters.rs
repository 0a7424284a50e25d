//! Rows that are one person's: which belong together, which of them stays, and what the others
//! give to it.
//!
//! Two readings of the table: the first links rows by their keys and, if asked, by likeness; the
//! second collects the cells of linked rows. Besides 16 bytes for each distinct key (and what
//! [`super::fuzzy`] keeps) memory grows with the linked rows only.

use std::collections::HashMap;

use polars::prelude::PolarsResult;

use super::CleanBatch;
use super::duplicates::{DuplicateReason, DuplicateRow};
use super::fuzzy::{Fuzzy, Pair};
use super::keyed::{Key, KeyTally};
use super::whole::FuzzyTally;
use crate::recipe::rules::{DuplicateRules, KeyAction};
use crate::recipe::{ColumnKind, Profile};
use crate::values::date::Order;
use crate::values::{Date, DateKind};

/// How sure a value is that came from a row with the same key, in percent.
const SAME_KEY: u8 = 90;

/// What becomes of the rows of a table that belong to others.
#[derive(Debug, Default)]
pub(super) struct Fates {
    /// Rows that are not delivered, by line.
    pub(super) removed: HashMap<u64, DuplicateRow>,
    /// Rows that are listed, but stay.
    pub(super) listed: HashMap<u64, DuplicateRow>,
    /// What the rows that stay are given.
    pub(super) fills: HashMap<u64, Vec<Filling>>,
    pub(super) keys: Vec<KeyTally>,
    pub(super) fuzzy: Option<FuzzyTally>,
}

impl Fates {
    /// Puts what `admit` makes of them in the place of the texts that rows are given; `admit` hears
    /// the place of the column.
    pub(super) fn admit(&mut self, admit: impl Fn(usize, String) -> Option<String>) {
        for fills in self.fills.values_mut() {
            *fills = std::mem::take(fills)
                .into_iter()
                .filter_map(|fill| {
                    let text = admit(fill.place, fill.text)?;
                    Some(Filling { text, ..fill })
                })
                .collect();
        }
        self.fills.retain(|_, fills| !fills.is_empty());
    }
}

/// A text for a blank cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filling {
    /// In the clean frame, side columns included.
    pub(super) place: usize,
    pub(super) text: String,
    /// In percent.
    pub(super) confidence: u8,
}

/// Rows that are linked to one another, however many steps apart: a union-find over lines.
#[derive(Default)]
struct Links {
    places: HashMap<u64, usize>,
    rows: Vec<Linked>,
}

struct Linked {
    line: u64,
    parent: usize,
    why: DuplicateReason,
    rank: Rank,
}

/// Of several reasons why a row belongs to others, the least is told: one that a row before it
/// gives, then by the order of the rules, however the table is cut in batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    before_others: bool,
    rule: usize,
}

impl Links {
    fn place(&mut self, line: u64, why: &DuplicateReason, rank: Rank) -> usize {
        let next = self.rows.len();
        let place = *self.places.entry(line).or_insert(next);
        match self.rows.get_mut(place) {
            Some(row) if rank < row.rank => {
                row.rank = rank;
                row.why = why.clone();
            }
            Some(_) => {}
            None => self.rows.push(Linked {
                line,
                parent: next,
                why: why.clone(),
                rank,
            }),
        }
        place
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.rows[place].parent != place {
            let above = self.rows[place].parent;
            self.rows[place].parent = self.rows[above].parent;
            place = above;
        }
        place
    }

    /// `rule` is the number of the rule that links them.
    fn link(&mut self, earlier: u64, later: u64, why: &DuplicateReason, rule: usize) {
        let rank = |before_others| Rank {
            before_others,
            rule,
        };
        let a = self.place(earlier, why, rank(true));
        let b = self.place(later, why, rank(false));
        let (a, b) = (self.root(a), self.root(b));
        // The root is the first row, whatever the order links are found in.
        let (above, below) = match self.rows[a].line <= self.rows[b].line {
            true => (a, b),
            false => (b, a),
        };
        self.rows[below].parent = above;
    }

    /// The line of the first row of the cluster `line` is in.
    fn cluster(&mut self, line: u64) -> Option<u64> {
        let place = *self.places.get(&line)?;
        let root = self.root(place);
        Some(self.rows[root].line)
    }
}

/// A row that may stay for its cluster.
struct Candidate {
    line: u64,
    filled: usize,
    /// Days; the more recent is better.
    date: Option<i32>,
    cells: Vec<Option<String>>,
}

/// Finds the rows that are one person's.
pub(super) struct Clustering {
    keys: Vec<Key>,
    fuzzy: Option<Fuzzy>,
    merges_fuzzy: bool,
    newest: Option<usize>,
    merged: Links,
    /// Rows much alike that both stay.
    marked: Links,
    possible: Vec<Pair>,
    fuzzy_tally: Option<FuzzyTally>,
    /// By the first line of each cluster.
    candidates: HashMap<u64, Vec<Candidate>>,
    own_columns: usize,
}

impl Clustering {
    /// `None` if no rule merges rows or looks for rows that are much alike.
    pub(super) fn new(profile: &Profile, rules: &DuplicateRules<usize>) -> Option<Self> {
        let merging: Vec<_> = rules
            .keys
            .iter()
            .flatten()
            .filter(|rule| rule.action == KeyAction::Merge && !rule.by.is_empty())
            .collect();
        let fuzzy = rules
            .fuzzy
            .as_ref()
            .and_then(|rule| Fuzzy::new(profile, rule));
        if merging.is_empty() && fuzzy.is_none() {
            return None;
        }
        let newest = merging.iter().find_map(|rule| rule.newest);
        Some(Clustering {
            keys: merging
                .iter()
                .map(|rule| Key::new(profile, &rule.by))
                .collect(),
            fuzzy,
            merges_fuzzy: rules
                .fuzzy
                .as_ref()
                .is_some_and(|rule| rule.action == KeyAction::Merge),
            newest: newest.or_else(|| profile.first(ColumnKind::Date)),
            merged: Links::default(),
            marked: Links::default(),
            possible: Vec::new(),
            fuzzy_tally: None,
            candidates: HashMap::new(),
            own_columns: profile.columns.len(),
        })
    }

    /// The first reading. Rows that are `gone` are copies of others.
    pub(super) fn link(&mut self, batch: &CleanBatch, gone: &[bool]) -> PolarsResult<()> {
        let merged = &mut self.merged;
        for (rule, key) in self.keys.iter_mut().enumerate() {
            let why = DuplicateReason::Key(key.by.clone());
            let keys = key.keys(&batch.frame, &batch.marks)?;
            key.each_repeated(&keys, &batch.lines, gone, |row, first| {
                merged.link(first, batch.lines[row], &why, rule);
            });
        }
        match &mut self.fuzzy {
            Some(fuzzy) => fuzzy.observe(&batch.frame, &batch.lines, &batch.marks, gone),
            None => Ok(()),
        }
    }

    /// Ends the first reading; whether a second is needed.
    pub(super) fn linked(&mut self) -> bool {
        if let Some(fuzzy) = self.fuzzy.take() {
            let found = fuzzy.compare();
            let links = match self.merges_fuzzy {
                true => &mut self.merged,
                false => &mut self.marked,
            };
            for pair in &found.same {
                links.link(pair.earlier, pair.later, &pair.why(false), self.keys.len());
            }
            self.possible = found.possible;
            self.fuzzy_tally = Some(found.tally);
        }
        !self.merged.rows.is_empty()
    }

    /// The second reading.
    pub(super) fn collect(&mut self, batch: &CleanBatch) -> PolarsResult<()> {
        let mut columns = Vec::with_capacity(batch.frame.width());
        for column in batch.frame.columns() {
            columns.push(column.str()?);
        }
        for (row, line) in batch.lines.iter().enumerate() {
            let Some(cluster) = self.merged.cluster(*line) else {
                continue;
            };
            let cells: Vec<_> = columns
                .iter()
                .map(|cells| cells.get(row).map(str::to_owned))
                .collect();
            let date = self.newest.and_then(|place| day(cells[place].as_deref()?));
            self.candidates.entry(cluster).or_default().push(Candidate {
                line: *line,
                filled: cells[..self.own_columns].iter().flatten().count(),
                date,
                cells,
            });
        }
        Ok(())
    }

    /// Decides what becomes of each row. `sides` are the places of the side columns of each
    /// column, which go where its cells go.
    pub(super) fn finish(mut self, sides: &HashMap<usize, Vec<usize>>) -> Fates {
        let mut fates = Fates {
            keys: self.keys.iter().map(Key::tally).collect(),
            fuzzy: self.fuzzy_tally,
            ..Fates::default()
        };
        for (cluster, mut candidates) in self.candidates.drain() {
            candidates.sort_by_key(|row| {
                (
                    std::cmp::Reverse(row.filled),
                    std::cmp::Reverse(row.date),
                    row.line,
                )
            });
            let Some((survivor, others)) = candidates.split_first() else {
                continue;
            };
            let mut confidence = SAME_KEY;
            for other in others {
                let why = match self.merged.places.get(&other.line) {
                    Some(place) => self.merged.rows[*place].why.clone(),
                    None => continue,
                };
                if let DuplicateReason::Fuzzy { percent, .. } = why {
                    confidence = confidence.min(percent);
                }
                fates.removed.insert(
                    other.line,
                    DuplicateRow {
                        line: other.line,
                        first: survivor.line,
                        cluster,
                        why,
                        removed: true,
                    },
                );
            }
            let fills = fillings(survivor, others, self.own_columns, sides, confidence);
            if !fills.is_empty() {
                fates.fills.insert(survivor.line, fills);
            }
        }
        self.list(&mut fates);
        fates
    }

    /// What is only reported.
    fn list(&mut self, fates: &mut Fates) {
        for row in 0..self.marked.rows.len() {
            let root = self.marked.root(row);
            if root != row {
                let (first, of) = (self.marked.rows[root].line, &self.marked.rows[row]);
                fates.listed.insert(
                    of.line,
                    DuplicateRow {
                        line: of.line,
                        first,
                        cluster: first,
                        why: of.why.clone(),
                        removed: false,
                    },
                );
            }
        }
        // The likeliest first: a row is listed once.
        self.possible
            .sort_by_key(|pair| (std::cmp::Reverse(pair.percent), pair.later, pair.earlier));
        for pair in &self.possible {
            let of = |links: &mut Links, line| links.cluster(line).unwrap_or(line);
            let same = |links: &mut Links| of(links, pair.earlier) == of(links, pair.later);
            if same(&mut self.merged) || same(&mut self.marked) {
                continue;
            }
            fates
                .listed
                .entry(pair.later)
                .or_insert_with(|| DuplicateRow {
                    line: pair.later,
                    first: pair.earlier,
                    cluster: pair.earlier,
                    why: pair.why(true),
                    removed: false,
                });
        }
    }
}

/// For each blank of the survivor, the first of the others that is filled there.
fn fillings(
    survivor: &Candidate,
    others: &[Candidate],
    own_columns: usize,
    sides: &HashMap<usize, Vec<usize>>,
    confidence: u8,
) -> Vec<Filling> {
    let mut fills = Vec::new();
    for place in (0..own_columns).filter(|place| survivor.cells[*place].is_none()) {
        let Some(donor) = others.iter().find(|other| other.cells[place].is_some()) else {
            continue;
        };
        let sides = sides.get(&place).into_iter().flatten().copied();
        let blank_sides = sides.filter(|side| survivor.cells[*side].is_none());
        for place in std::iter::once(place).chain(blank_sides) {
            fills.extend(donor.cells[place].clone().map(|text| Filling {
                place,
                text,
                confidence,
            }));
        }
    }
    fills
}

/// The day of a delivered date, in days from a fixed one.
fn day(text: &str) -> Option<i32> {
    let date = Date::parse(
        text,
        DateKind::General,
        Order::DayMonth,
        chrono::NaiveDate::MAX,
    );
    Some(chrono::Datelike::num_days_from_ce(&date.value?.day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(line: u64, date: Option<i32>, cells: [Option<&str>; 3]) -> Candidate {
        Candidate {
            line,
            date,
            filled: cells.iter().flatten().count(),
            cells: cells.map(|cell| cell.map(str::to_owned)).to_vec(),
        }
    }

    #[test]
    fn links_are_followed_however_many_steps_apart() {
        let mut links = Links::default();
        let why = DuplicateReason::Exact;
        links.link(5, 9, &why, 0);
        links.link(2, 7, &why, 0);
        links.link(7, 9, &why, 0);
        for line in [2, 5, 7, 9] {
            assert_eq!(links.cluster(line), Some(2));
        }
        assert_eq!(links.cluster(3), None);
    }

    #[test]
    fn blanks_are_filled_from_the_best_of_the_others() {
        let survivor = candidate(4, None, [Some("a"), None, None]);
        let others = [
            candidate(2, None, [Some("x"), Some("b"), None]),
            candidate(9, None, [Some("y"), Some("z"), None]),
        ];
        let fills = fillings(&survivor, &others, 3, &HashMap::new(), 90);
        assert_eq!(fills.len(), 1);
        assert_eq!((fills[0].place, fills[0].text.as_str()), (1, "b"));
    }
}
