//! The votes of one column.

use std::collections::{HashMap, HashSet};

use super::TESTED;
use super::shape::{Shape, is_counted_day, passes};
use crate::recipe::{ColumnKind, Meaning, meaning_of};
use crate::values::date::{self, Order};
use crate::values::text::normalise;
use crate::values::{
    Cnpj, CnpjColumn, Cpf, CpfColumn, Date, DateKind, Locale, email, municipality, name,
    null_token, number, phone, street,
};

/// Voters that share a domain which is no typing mistake.
const FREQUENT: u64 = 5;
/// Domains counted per column; a list has far fewer that are frequent.
const MAX_DOMAINS: usize = 20_000;
/// Voters after which a type that no header and no value speaks for is tried no more.
const HOPELESS: u64 = 1_000;
/// A column with more distinct values is no list of categories.
pub(super) const MOST_CATEGORIES: usize = 50;

/// What was seen of the cells of one column.
#[derive(Debug, Clone)]
pub(super) struct Votes {
    pub name: String,
    pub meaning: Meaning,
    /// How clearly the header says what it means, from 0 to 1.
    pub clarity: f64,
    pub forced: Option<ColumnKind>,
    /// The types the header leaves open; no others are tried on the values.
    pub open: [bool; TESTED.len()],
    claimed: [bool; TESTED.len()],
    pub filled: bool,
    pub voters: u64,
    pub blanks: u64,
    pub passed: [u64; TESTED.len()],
    pub longest: usize,
    domains: HashMap<String, u64>,
    pub readings: Readings,
    pub extras: Extras,
    /// The distinct values, until there are too many.
    distinct: Option<HashSet<String>>,
}

/// Votes on how a column is to be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings {
    pub brazilian: u64,
    pub english: u64,
    pub day_first: u64,
    pub month_first: u64,
    pub serials: u64,
    pub times: u64,
    pub only_cpf: u64,
    pub only_cnpj: u64,
    pub percent_signs: u64,
    pub padded: u64,
    /// `0` and `1`, which may be anything.
    pub bits: u64,
    pub yes: u64,
    pub marks: u64,
    pub with_letters: u64,
}

/// What cells hold besides their value.
#[derive(Debug, Clone, Default)]
pub(super) struct Extras {
    /// The most valid telephones seen in a cell.
    pub phones: usize,
    pub extensions: bool,
    pub emails: usize,
    pub house_numbers: bool,
    pub complements: bool,
    pub states: bool,
    pub titles: bool,
}

impl Votes {
    pub fn new(name: &str) -> Self {
        let (meaning, clarity) = meaning_of(name);
        Votes {
            name: name.to_owned(),
            open: TESTED.map(|(kind, _)| is_open(kind, &meaning)),
            claimed: TESTED.map(|(kind, _)| is_claimed(kind, &meaning)),
            meaning,
            clarity,
            forced: None,
            filled: false,
            voters: 0,
            blanks: 0,
            passed: [0; TESTED.len()],
            longest: 0,
            domains: HashMap::new(),
            readings: Readings::default(),
            extras: Extras::default(),
            distinct: Some(HashSet::new()),
        }
    }

    pub fn force(&mut self, kind: ColumnKind) {
        self.forced = Some(kind);
        for (at, (tested, _)) in TESTED.iter().enumerate() {
            if *tested == kind {
                self.open[at] = true;
                self.claimed[at] = true;
            }
        }
    }

    /// A cell without anything.
    pub fn abstain(&mut self) {
        self.blanks += 1;
    }

    pub fn cast(&mut self, cell: &str) {
        self.filled = true;
        let text = normalise(cell).text;
        if null_token::is_null_token(&text, true).is_some() {
            self.blanks += 1;
            return;
        }
        self.voters += 1;
        self.longest = self.longest.max(text.chars().count());
        if let Some((_, domain)) = text.rsplit_once('@') {
            self.count_domain(domain);
        }
        self.note_distinct(&text);
        let shape = Shape::of(&text);
        self.readings.observe(&text, &shape);
        for (at, (kind, _)) in TESTED.iter().enumerate() {
            let claimed = self.claimed[at];
            // Nobody says it, and none of a thousand values was of it.
            let hopeless = self.voters > HOPELESS && self.passed[at] == 0 && !claimed;
            let voted = self.open[at]
                && !hopeless
                && shape.allows(*kind, claimed)
                && passes(&text, *kind, claimed, &shape);
            self.passed[at] += u64::from(voted);
            if voted {
                self.readings.observe_as(*kind, &text);
                self.extras.observe_as(*kind, &text, &shape);
            }
        }
    }

    pub fn is_claimed(&self, kind: ColumnKind) -> bool {
        is_claimed(kind, &self.meaning) || self.forced == Some(kind)
    }

    fn count_domain(&mut self, domain: &str) {
        let domain = domain.to_ascii_lowercase();
        if let Some(count) = self.domains.get_mut(&domain) {
            *count += 1;
        } else if self.domains.len() < MAX_DOMAINS {
            self.domains.insert(domain, 1);
        }
    }

    pub fn frequent_domains(&self) -> Vec<String> {
        let frequent = self.domains.iter().filter(|(_, count)| **count >= FREQUENT);
        let mut domains: Vec<_> = frequent.map(|(domain, _)| domain.clone()).collect();
        domains.sort_unstable();
        domains
    }

    fn note_distinct(&mut self, text: &str) {
        let Some(distinct) = &mut self.distinct else {
            return;
        };
        if !distinct.contains(text) {
            distinct.insert(text.to_owned());
        }
        if distinct.len() > MOST_CATEGORIES {
            self.distinct = None;
        }
    }

    /// How many distinct values there are; `None` if there are many.
    pub fn distinct(&self) -> Option<usize> {
        self.distinct.as_ref().map(HashSet::len)
    }
}

impl Readings {
    /// What any cell says.
    fn observe(&mut self, text: &str, shape: &Shape<'_>) {
        self.with_letters += u64::from(shape.letters > 0);
        if shape.letters > 4 || shape.digits == 0 {
            return;
        }
        match number::evidence(text) {
            Some(Locale::PtBr) => self.brazilian += 1,
            Some(Locale::En) => self.english += 1,
            None => {}
        }
        self.padded += u64::from(text.len() > 1 && text.starts_with('0') && shape.letters == 0);
    }

    /// What a cell says that may be of the type.
    fn observe_as(&mut self, kind: ColumnKind, text: &str) {
        match kind {
            ColumnKind::Document => {
                let cpf = Cpf::parse(text, CpfColumn::OnlyCpfs).value.is_some();
                let cnpj = Cnpj::parse(text, CnpjColumn::OnlyCnpjs).value.is_some();
                self.only_cpf += u64::from(cpf && !cnpj);
                self.only_cnpj += u64::from(cnpj && !cpf);
            }
            ColumnKind::Date | ColumnKind::BirthDate => self.observe_date(text),
            ColumnKind::Percent => self.percent_signs += u64::from(text.ends_with('%')),
            ColumnKind::Boolean => {
                self.bits += u64::from(matches!(text, "0" | "1"));
                self.marks += u64::from(matches!(text, "x" | "X"));
                self.yes += u64::from(crate::values::boolean::parse(text) == Some(true));
            }
            _ => {}
        }
    }

    fn observe_date(&mut self, text: &str) {
        if is_counted_day(text) {
            self.serials += 1;
            return;
        }
        match date::evidence(text) {
            Some(Order::DayMonth) => self.day_first += 1,
            Some(Order::MonthDay) => self.month_first += 1,
            None => {}
        }
        if text.contains([':', 'h', 'H']) {
            let today = chrono::NaiveDate::MAX;
            let date = Date::parse(text, DateKind::General, Order::DayMonth, today).value;
            let time = date.and_then(|date| date.time);
            self.times += u64::from(time.is_some_and(|time| time != chrono::NaiveTime::MIN));
        }
    }
}

impl Extras {
    fn observe_as(&mut self, kind: ColumnKind, text: &str, shape: &Shape<'_>) {
        match kind {
            ColumnKind::Phone => {
                if shape.digits > 13 || text.contains(['/', ';', ',', '|']) {
                    let area = phone::Area {
                        column: None,
                        inferred: Some(11),
                    };
                    let valid = phone::split(text, area).filter(|phone| phone.value.is_some());
                    self.phones = self.phones.max(valid.count());
                }
                self.extensions |= phone::extension(text).is_some();
            }
            ColumnKind::Email if text.bytes().filter(|byte| *byte == b'@').count() > 1 => {
                self.emails = self.emails.max(email::split(text).count());
            }
            ColumnKind::Street => {
                if let Some(parts) = street::parts(text) {
                    self.house_numbers = true;
                    self.complements |= !parts.complement.is_empty();
                }
            }
            ColumnKind::Name => self.titles = self.titles || name::title(text).is_some(),
            ColumnKind::Municipality => {
                self.states = self.states || municipality::state_behind(text).is_some();
            }
            _ => {}
        }
    }
}

/// Whether the header speaks for this type.
fn is_claimed(kind: ColumnKind, meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Kind(ColumnKind::Cpf | ColumnKind::Cnpj) if kind == ColumnKind::Document => true,
        Meaning::Kind(named) => *named == kind,
        Meaning::Document => matches!(
            kind,
            ColumnKind::Cpf | ColumnKind::Cnpj | ColumnKind::Document
        ),
        Meaning::Other(_) | Meaning::Unknown(_) => false,
    }
}

/// Whether values may decide for this type, whatever the header means.
fn is_open(kind: ColumnKind, meaning: &Meaning) -> bool {
    // Values like these are told by their header only: words could be anybody's, numbers codes.
    let vague = matches!(
        kind,
        ColumnKind::Name
            | ColumnKind::Company
            | ColumnKind::Municipality
            | ColumnKind::Street
            | ColumnKind::Number
            | ColumnKind::Ddd
            | ColumnKind::BirthDate
            | ColumnKind::Integer
    );
    match meaning {
        // A number known for something else is not a document, however it looks.
        Meaning::Other(_) => false,
        // Where there is no header, full names and cities are what they are all the same.
        Meaning::Unknown(folded) if folded.starts_with("COLUNA ") => {
            !vague || matches!(kind, ColumnKind::Name | ColumnKind::Municipality)
        }
        Meaning::Unknown(_) => !vague,
        // The header speaks for another type: values that look like numbers do not contradict it.
        _ => {
            is_claimed(kind, meaning)
                || (!vague
                    && !kind.is_numeric()
                    && !kind.is_date()
                    && !matches!(kind, ColumnKind::Boolean | ColumnKind::Ibge))
        }
    }
}
