//! Rows that are much alike.
//!
//! Rows are compared only inside blocks: those that share a CEP, the first four letters of the
//! name, the last eight digits of a telephone, or a birth date. Blocks of more than 200 rows are
//! sorted by name and each row is compared with the next 20 only (a sorted neighbourhood), so that
//! the work stays proportional to the rows. About 200 bytes are kept for each row that has a name,
//! of at most 2,000,000 rows; how many came after those is told.

use std::collections::HashMap;

use polars::prelude::{DataFrame, PolarsResult, StringChunked};
use strsim::jaro_winkler;

use super::duplicates::DuplicateReason;
use super::keyed::identifies;
use super::whole::FuzzyTally;
use crate::recipe::rules::FuzzyRule;
use crate::recipe::{ColumnKind, Mark, Profile};
use crate::values::email;
use crate::values::fold::fold;

/// Rows that are compared.
const MOST_ROWS: usize = 2_000_000;
/// Rows of a block in which each is compared with each.
const MOST_IN_BLOCK: usize = 200;
/// How many of the next rows each is compared with in a larger block.
const WINDOW: usize = 20;

/// Two rows that are alike.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    pub(super) earlier: u64,
    pub(super) later: u64,
    pub(super) percent: u8,
}

impl Pair {
    pub(super) fn why(&self, possible: bool) -> DuplicateReason {
        DuplicateReason::Fuzzy {
            percent: self.percent,
            possible,
        }
    }
}

/// What comparing found.
pub(super) struct Alike {
    pub(super) same: Vec<Pair>,
    pub(super) possible: Vec<Pair>,
    pub(super) tally: FuzzyTally,
}

/// What rows are compared by.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Person {
    line: u64,
    name: Box<str>,
    birth: Option<Box<str>>,
    /// The last eight digits.
    phone: Option<u32>,
    email: Option<Box<str>>,
    address: Option<Box<str>>,
    cep: Option<u32>,
}

/// Collects rows and compares them.
pub(super) struct Fuzzy {
    name: usize,
    birth: Option<usize>,
    phone: Option<usize>,
    email: Option<usize>,
    address: Option<usize>,
    cep: Option<usize>,
    duplicate: f64,
    possible: f64,
    people: Vec<Person>,
    uncompared: u64,
}

impl Fuzzy {
    /// `None` if the table has no names, or nothing besides them.
    pub(super) fn new(profile: &Profile, rule: &FuzzyRule) -> Option<Self> {
        let first = |kind| profile.first(kind);
        let fuzzy = Fuzzy {
            name: first(ColumnKind::Name).or(first(ColumnKind::Company))?,
            birth: first(ColumnKind::BirthDate),
            phone: first(ColumnKind::Phone),
            email: first(ColumnKind::Email),
            address: first(ColumnKind::Street),
            cep: first(ColumnKind::Cep),
            duplicate: rule.duplicate,
            possible: rule.possible.min(rule.duplicate),
            people: Vec::new(),
            uncompared: 0,
        };
        let besides = [fuzzy.birth, fuzzy.phone, fuzzy.email, fuzzy.address];
        besides.iter().any(Option::is_some).then_some(fuzzy)
    }

    pub(super) fn observe(
        &mut self,
        frame: &DataFrame,
        lines: &[u64],
        marks: &[Vec<Mark>],
        gone: &[bool],
    ) -> PolarsResult<()> {
        let column = |place: Option<usize>| -> PolarsResult<Option<Told<'_>>> {
            let told = |place: usize| Ok((frame.columns()[place].str()?, &marks[place][..]));
            place.map(told).transpose()
        };
        let names = (frame.columns()[self.name].str()?, &marks[self.name][..]);
        let births = column(self.birth)?;
        let phones = column(self.phone)?;
        let emails = column(self.email)?;
        let addresses = column(self.address)?;
        let ceps = column(self.cep)?;
        for (row, line) in lines.iter().enumerate() {
            let name = told(Some(names), row).filter(|_| !gone[row]).map(fold);
            // A name of signs alone is none.
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                continue;
            };
            if self.people.len() >= MOST_ROWS {
                self.uncompared += 1;
                continue;
            }
            let cell = |cells, form: fn(&str) -> Box<str>| told(cells, row).map(form);
            let number = |cells, last| last_digits(told(cells, row)?, last);
            self.people.push(Person {
                line: *line,
                name: name.into(),
                birth: cell(births, |text| text.into()),
                phone: number(phones, 8),
                email: cell(emails, |text| email::key(text).into()),
                address: cell(addresses, |text| fold(text).into()),
                cep: number(ceps, 8),
            });
        }
        Ok(())
    }

    /// Compares rows block by block.
    pub(super) fn compare(self) -> Alike {
        let mut found: HashMap<(usize, usize), f64> = HashMap::new();
        let mut tally = FuzzyTally {
            uncompared_rows: self.uncompared,
            ..FuzzyTally::default()
        };
        let blocks: [Block; 4] = [
            |person| person.cep.map(|cep| (u64::from(cep / 1000)) + 1),
            |person| Some(beginning(&person.name)),
            |person| person.phone.map(u64::from),
            |person| {
                Some(xxhash_rust::xxh3::xxh3_64(
                    person.birth.as_ref()?.as_bytes(),
                ))
            },
        ];
        for block in blocks {
            self.compare_by(block, &mut found, &mut tally);
        }
        let mut pairs: Vec<_> = found.into_iter().collect();
        pairs.sort_by_key(|(pair, _)| *pair);
        let mut alike = Alike {
            same: Vec::new(),
            possible: Vec::new(),
            tally,
        };
        for ((a, b), score) in pairs {
            let pair = Pair {
                earlier: self.people[a].line,
                later: self.people[b].line,
                percent: (score * 100.0 + 1e-9).floor() as u8,
            };
            match score >= self.duplicate {
                true => alike.same.push(pair),
                false => alike.possible.push(pair),
            }
        }
        alike
    }

    fn compare_by(
        &self,
        block: Block,
        found: &mut HashMap<(usize, usize), f64>,
        tally: &mut FuzzyTally,
    ) {
        let people = &self.people;
        let mut order: Vec<_> = people
            .iter()
            .enumerate()
            .filter_map(|(place, person)| Some((block(person)?, place)))
            .collect();
        order.sort_by(|(a, one), (b, other)| {
            let key = |place: usize| (&people[place].name, place);
            a.cmp(b).then_with(|| key(*one).cmp(&key(*other)))
        });
        for group in order.chunk_by(|(a, _), (b, _)| a == b) {
            let whole = group.len() <= MOST_IN_BLOCK;
            tally.windowed_blocks += u64::from(!whole);
            let reach = if whole { group.len() } else { WINDOW };
            for (at, (_, a)) in group.iter().enumerate() {
                for (_, b) in group.iter().skip(at + 1).take(reach) {
                    let (a, b) = (*a.min(b), *a.max(b));
                    tally.comparisons += 1;
                    let Some(score) = score(&people[a], &people[b], self.possible) else {
                        continue;
                    };
                    if score >= self.possible {
                        found.insert((a, b), score);
                    }
                }
            }
        }
    }
}

/// The cells of a column and their marks.
type Told<'a> = (&'a StringChunked, &'a [Mark]);

/// The text of a cell, if it says something of the person: what is put in place of something is
/// the same in rows of different people.
fn told<'a>(column: Option<Told<'a>>, row: usize) -> Option<&'a str> {
    let (cells, marks) = column?;
    cells.get(row).filter(|_| identifies(marks[row]))
}

/// What block a row belongs to, by one of the ways.
type Block = fn(&Person) -> Option<u64>;

fn beginning(folded: &str) -> u64 {
    let letters = folded.chars().filter(|c| *c != ' ').take(4);
    letters.fold(0, |block, c| block << 16 ^ u64::from(u32::from(c)))
}

fn last_digits(text: &str, count: usize) -> Option<u32> {
    let digits: Vec<_> = text.bytes().filter(u8::is_ascii_digit).collect();
    let last = digits.len().checked_sub(count)?;
    let digits = digits[last..].iter();
    Some(digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
}

/// How alike two rows are, from 0 to 1: names, e-mails and addresses by Jaro-Winkler; birth dates
/// and telephones are the same or they are not, for different people's are a digit apart too.
/// `None` if they share nothing besides the name, or cannot reach `least`.
pub(super) fn score(a: &Person, b: &Person, least: f64) -> Option<f64> {
    const NAME: f64 = 0.45;
    let mut weights = 0.0;
    let mut sum = 0.0;
    let mut add = |weight: f64, likeness: Option<f64>| {
        if let Some(likeness) = likeness {
            weights += weight;
            sum += weight * likeness;
        }
    };
    let same = |equal: bool| f64::from(u8::from(equal));
    let words = |a: &Option<Box<str>>, b: &Option<Box<str>>| {
        a.as_deref()
            .zip(b.as_deref())
            .map(|(a, b)| jaro_winkler(a, b))
    };
    let births = a.birth.as_ref().zip(b.birth.as_ref());
    add(0.2, births.map(|(a, b)| same(a == b)));
    add(0.15, a.phone.zip(b.phone).map(|(a, b)| same(a == b)));
    add(0.1, words(&a.email, &b.email));
    add(0.1, words(&a.address, &b.address));
    if weights == 0.0 || (NAME + sum) / (NAME + weights) < least {
        return None;
    }
    Some((NAME * jaro_winkler(&a.name, &b.name) + sum) / (NAME + weights))
}
