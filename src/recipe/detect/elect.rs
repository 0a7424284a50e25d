//! Counting the votes of one column.

use std::cmp::Ordering;

use super::TESTED;
use super::votes::{MOST_CATEGORIES, Votes};
use crate::recipe::profile::{Decided, Limits, Reading};
use crate::recipe::{ColumnKind, ColumnProfile, Meaning};
use crate::values::Locale;
use crate::values::date::{Order, System};

/// Weight of the header in a column's score; the values have the rest.
const HEADER_WEIGHT: f64 = 0.4;
/// A type is given from this score on …
const ENOUGH: f64 = 0.6;
/// … if no other type comes this close.
const MARGIN: f64 = 0.1;
/// Fewer values prove no list of categories.
const FEWEST_CATEGORISED: u64 = 20;
/// A longer value is no category.
const LONGEST_CATEGORY: usize = 40;

impl Votes {
    pub fn elect(&self) -> ColumnProfile {
        let mut scores: Vec<(ColumnKind, f64)> = TESTED
            .iter()
            .enumerate()
            .filter(|(at, (kind, _))| self.open[*at] && !self.is_ruled_out(*kind))
            .map(|(at, (kind, threshold))| {
                let share = self.passed[at] as f64 / self.voters.max(1) as f64;
                (*kind, self.score(*kind, (share / threshold).min(1.0)))
            })
            .collect();
        let best_of = |scores: &[(ColumnKind, f64)], rank: usize| {
            scores.get(rank).map_or(0.0, |(_, score)| *score)
        };
        scores.sort_by(|a, b| b.1.total_cmp(&a.1));
        scores.retain(|(_, score)| *score > 0.0);
        let best = best_of(&scores, 0);
        let clear = best >= ENOUGH && best - best_of(&scores, 1) >= MARGIN;
        let detected = scores.first().filter(|_| clear).copied();
        // A list of a few words is told by what else it could not be.
        let category = self.category_score();
        if category > 0.0 {
            scores.push((ColumnKind::Category, category));
            scores.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
        let list = Some((ColumnKind::Category, category)).filter(|_| category >= ENOUGH);
        let (kind, score) = detected.or(list).unwrap_or((ColumnKind::Text, 0.0));
        let (kind, score, decided) = match self.forced {
            Some(forced) => {
                let known = scores.iter().find(|(kind, _)| *kind == forced);
                (
                    forced,
                    known.map_or(0.0, |(_, score)| *score),
                    Decided::Recipe,
                )
            }
            None => (kind, score, Decided::Detected),
        };
        ColumnProfile {
            name: self.name.clone(),
            meaning: self.meaning.clone(),
            kind,
            decided,
            score,
            scores,
            filled: self.filled,
            longest: self.longest,
            reading: self.reading(kind),
            limits: Limits::default(),
            sides: Vec::new(),
            rename: None,
            dropped: false,
        }
    }

    /// Points of a type from 0 to 1; `content` is how far the values bear it out.
    fn score(&self, kind: ColumnKind, content: f64) -> f64 {
        let header = match self.is_claimed(kind) {
            true if self.forced == Some(kind) => self.clarity.max(1.0),
            true => self.clarity,
            false => 0.0,
        };
        if self.voters == 0 {
            // An empty column is what its header says: the reference base may fill it.
            return if header >= 1.0 { ENOUGH } else { 0.0 };
        }
        HEADER_WEIGHT * header + (1.0 - HEADER_WEIGHT) * content
    }

    /// Types that the column as a whole speaks against, though single values may pass.
    fn is_ruled_out(&self, kind: ColumnKind) -> bool {
        if self.forced == Some(kind) {
            return false;
        }
        let readings = &self.readings;
        let share = |kind: ColumnKind| {
            let at = TESTED.iter().position(|(tested, _)| *tested == kind);
            at.map_or(0.0, |at| self.passed[at] as f64 / self.voters.max(1) as f64)
        };
        let headerless =
            matches!(&self.meaning, Meaning::Unknown(name) if name.starts_with("COLUNA "));
        match kind {
            ColumnKind::Cpf | ColumnKind::Cnpj => self.is_mixed_documents(),
            ColumnKind::Document => !self.is_mixed_documents(),
            // `2024-03-10` may be a postal code or a telephone as well; all of a column hardly are.
            ColumnKind::Cep | ColumnKind::Phone if !self.is_claimed(kind) => {
                share(ColumnKind::Date) >= 0.8
            }
            ColumnKind::Name if headerless => share(ColumnKind::Municipality) >= 0.7,
            ColumnKind::Date => self.is_claimed(ColumnKind::BirthDate),
            ColumnKind::Decimal if !self.is_claimed(kind) => {
                share(ColumnKind::Money) >= 0.8 || share(ColumnKind::Date) >= 0.8
            }
            // Zeros that somebody put before a number mean something.
            ColumnKind::Integer => readings.padded * 2 > self.voters,
            ColumnKind::Boolean if !self.is_claimed(kind) => {
                let passed = (share(kind) * self.voters as f64).round() as u64;
                let checklist = readings.marks == self.voters && self.blanks > 0;
                let both = readings.yes > 0 && readings.yes < passed;
                readings.bits == passed || !(checklist || both) || share(kind) < 0.95
            }
            ColumnKind::Boolean => share(kind) < 0.95 && self.voters > 0,
            _ => false,
        }
    }

    /// Whether both CPFs and CNPJs are there: few of one kind are enough where the header says so.
    fn is_mixed_documents(&self) -> bool {
        if self.voters == 0 {
            return self.meaning == Meaning::Document;
        }
        let (cpfs, cnpjs) = (self.readings.only_cpf, self.readings.only_cnpj);
        let least = match &self.meaning {
            Meaning::Document => 0.01,
            Meaning::Kind(_) => 0.2,
            _ => 0.05,
        };
        let fewer = cpfs.min(cnpjs) as f64;
        fewer > 0.0 && fewer >= least * (cpfs + cnpjs) as f64
    }

    /// How much the column looks like a list of a few words that repeat.
    fn category_score(&self) -> f64 {
        let claimed = self.is_claimed(ColumnKind::Category);
        let nameless = match &self.meaning {
            Meaning::Kind(ColumnKind::Category) => true,
            Meaning::Unknown(header) => !speaks_of_people(header),
            _ => false,
        };
        let Some(distinct) = self.distinct().filter(|_| nameless && self.voters > 0) else {
            return 0.0;
        };
        let wordy = self.readings.with_letters * 2 >= self.voters;
        let repeats = (distinct as u64) * 2 <= self.voters;
        let many = claimed || (self.voters >= FEWEST_CATEGORISED && wordy && repeats);
        if distinct > MOST_CATEGORIES || self.longest > LONGEST_CATEGORY || !many {
            return 0.0;
        }
        let header = if claimed { self.clarity } else { 0.0 };
        HEADER_WEIGHT * header + (1.0 - HEADER_WEIGHT)
    }

    fn reading(&self, kind: ColumnKind) -> Reading {
        let readings = &self.readings;
        Reading {
            frequent_domains: match kind {
                ColumnKind::Email => self.frequent_domains(),
                _ => Vec::new(),
            },
            locale: self.locale().filter(|_| kind.is_numeric()),
            order: match (readings.day_first, readings.month_first) {
                _ if !kind.is_date() => None,
                (0, 1..) => Some(Order::MonthDay),
                (1.., 1..) => None,
                _ => Some(Order::DayMonth),
            },
            serials: (kind.is_date() && readings.serials > 0).then_some(System::From1900),
            times: kind == ColumnKind::Date && readings.times > 0,
            mostly_companies: kind == ColumnKind::Document
                && readings.only_cnpj > readings.only_cpf,
            mixed_unit: kind == ColumnKind::Percent
                && readings.percent_signs > 0
                && readings.percent_signs < self.voters,
            checklist: kind == ColumnKind::Boolean
                && readings.marks == self.voters
                && self.voters > 0
                && self.blanks > 0,
            ..Reading::default()
        }
    }

    fn locale(&self) -> Option<Locale> {
        match self.readings.brazilian.cmp(&self.readings.english) {
            Ordering::Greater => Some(Locale::PtBr),
            Ordering::Less => Some(Locale::En),
            Ordering::Equal => None,
        }
    }
}

/// Whether a folded header names persons, whose names no report lists.
fn speaks_of_people(header: &str) -> bool {
    const WORDS: [&str; 11] = [
        "NOME",
        "VENDEDOR",
        "VENDEDORA",
        "MAE",
        "PAI",
        "CONJUGE",
        "USUARIO",
        "ATENDENTE",
        "CORRETOR",
        "MEDICO",
        "OBSERVACAO",
    ];
    header.split(' ').any(|word| WORDS.contains(&word))
}
