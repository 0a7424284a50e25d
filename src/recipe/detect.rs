//! Detecting what columns hold: their header and their values vote.

use std::cmp::Ordering;
use std::collections::HashMap;

use polars::prelude::{DataFrame, PolarsResult};

use super::profile::{Decided, Limits, Profile, Reading, Side, SideColumn};
use super::{ColumnKind, ColumnProfile, Meaning, meaning_of};
use crate::values::phone::area_code;
use crate::values::text::normalise;
use crate::values::{
    Cep, Cnpj, CnpjColumn, Cpf, CpfColumn, Email, Locale, Money, Phone, State, null_token, number,
};

/// Weight of the header in a column's score; the values have the rest.
const HEADER_WEIGHT: f64 = 0.4;
/// A type is given from this score on …
const ENOUGH: f64 = 0.6;
/// … if no other type comes this close.
const MARGIN: f64 = 0.1;
/// Voters that share a domain which is no typing mistake.
const FREQUENT: u64 = 5;
/// Domains counted per column; a list has far fewer that are frequent.
const MAX_DOMAINS: usize = 20_000;

/// The types whose values can be told by looking at them.
const TESTED: [(ColumnKind, f64); 13] = [
    (ColumnKind::Cpf, 0.5),
    (ColumnKind::Cnpj, 0.5),
    (ColumnKind::Phone, 0.6),
    (ColumnKind::Ddd, 0.9),
    (ColumnKind::Email, 0.7),
    (ColumnKind::Cep, 0.8),
    (ColumnKind::State, 0.9),
    (ColumnKind::Name, 0.7),
    (ColumnKind::Municipality, 0.7),
    (ColumnKind::Street, 0.5),
    (ColumnKind::Money, 0.8),
    (ColumnKind::Decimal, 0.8),
    (ColumnKind::Integer, 0.9),
];

/// The votes of one column.
#[derive(Debug, Clone)]
struct Votes {
    name: String,
    meaning: Meaning,
    /// How clearly the header says what it means, from 0 to 1.
    clarity: f64,
    /// The types the header leaves open; no others are tried on the values.
    open: [bool; TESTED.len()],
    filled: bool,
    voters: u64,
    passed: [u64; TESTED.len()],
    longest: usize,
    domains: HashMap<String, u64>,
    brazilian: u64,
    english: u64,
}

/// Collects votes over a survey.
#[derive(Debug)]
pub struct Detector {
    columns: Vec<Votes>,
}

impl Detector {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Detector {
            columns: names.into_iter().map(Votes::new).collect(),
        }
    }

    /// Lets the rows of a sample vote.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn observe(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        for (votes, column) in self.columns.iter_mut().zip(frame.columns()) {
            votes.filled |= column.null_count() < column.len();
            column
                .str()?
                .iter()
                .flatten()
                .for_each(|cell| votes.cast(cell));
        }
        Ok(())
    }

    /// Counts the votes. `rows` is how many rows the table has, those that did not vote included.
    pub fn finish(self, rows: u64) -> Profile {
        let columns = self.columns.iter().map(Votes::elect).collect();
        let mut profile = Profile { columns, rows };
        pair_area_codes(&mut profile);
        profile
    }
}

impl Votes {
    fn new(name: &str) -> Self {
        let (meaning, clarity) = meaning_of(name);
        Votes {
            name: name.to_owned(),
            open: TESTED.map(|(kind, _)| is_open(kind, &meaning)),
            meaning,
            clarity,
            filled: false,
            voters: 0,
            passed: [0; TESTED.len()],
            longest: 0,
            domains: HashMap::new(),
            brazilian: 0,
            english: 0,
        }
    }

    fn cast(&mut self, cell: &str) {
        let text = normalise(cell).text;
        if null_token::is_null_token(&text, true).is_some() {
            return;
        }
        self.voters += 1;
        self.longest = self.longest.max(text.chars().count());
        if let Some((_, domain)) = text.rsplit_once('@') {
            self.count_domain(domain);
        }
        let shape = Shape::of(&text);
        if self.speaks_of_numbers() {
            match number::evidence(&text) {
                Some(Locale::PtBr) => self.brazilian += 1,
                Some(Locale::En) => self.english += 1,
                None => {}
            }
        }
        let tests = self.passed.iter_mut().zip(self.open).zip(TESTED);
        for ((passed, open), (kind, _)) in tests {
            *passed += u64::from(open && shape.allows(kind) && passes(&text, kind, &shape));
        }
    }

    fn count_domain(&mut self, domain: &str) {
        let domain = domain.to_ascii_lowercase();
        if let Some(count) = self.domains.get_mut(&domain) {
            *count += 1;
        } else if self.domains.len() < MAX_DOMAINS {
            self.domains.insert(domain, 1);
        }
    }

    fn frequent_domains(&self) -> Vec<String> {
        let frequent = self.domains.iter().filter(|(_, count)| **count >= FREQUENT);
        let mut domains: Vec<_> = frequent.map(|(domain, _)| domain.clone()).collect();
        domains.sort_unstable();
        domains
    }

    fn locale(&self) -> Option<Locale> {
        match self.brazilian.cmp(&self.english) {
            Ordering::Greater => Some(Locale::PtBr),
            Ordering::Less => Some(Locale::En),
            Ordering::Equal => None,
        }
    }

    fn speaks_of_numbers(&self) -> bool {
        self.meaning.kind().is_some_and(ColumnKind::is_numeric)
    }

    /// Points of a type from 0 to 1; `content` is how far the values bear it out.
    fn score(&self, kind: ColumnKind, content: f64) -> f64 {
        let header = if is_claimed(kind, &self.meaning) {
            self.clarity
        } else {
            0.0
        };
        if self.voters == 0 {
            // An empty column is what its header says: the reference base may fill it.
            return if header >= 1.0 { ENOUGH } else { 0.0 };
        }
        HEADER_WEIGHT * header + (1.0 - HEADER_WEIGHT) * content
    }

    fn elect(&self) -> ColumnProfile {
        let open = TESTED.iter().zip(self.passed).zip(self.open);
        let mut scores: Vec<(ColumnKind, f64)> = open
            .map(|(((kind, threshold), passed), open)| {
                let share = passed as f64 / self.voters.max(1) as f64;
                let content = (share / threshold).min(1.0);
                let score = match open {
                    true => self.score(*kind, content),
                    false => 0.0,
                };
                (*kind, score)
            })
            .collect();
        scores.sort_by(|a, b| b.1.total_cmp(&a.1));
        scores.retain(|(_, score)| *score > 0.0);
        let best_of = |rank: usize| scores.get(rank).map_or(0.0, |(_, score)| *score);
        let best = best_of(0);
        let clear = best >= ENOUGH && best - best_of(1) >= MARGIN;
        let (score, kind) = match scores.first() {
            Some((kind, score)) if clear => (*score, *kind),
            _ => (0.0, ColumnKind::Text),
        };
        ColumnProfile {
            name: self.name.clone(),
            meaning: self.meaning.clone(),
            kind,
            decided: Decided::Detected,
            score,
            scores,
            filled: self.filled,
            longest: self.longest,
            reading: Reading {
                frequent_domains: match kind {
                    ColumnKind::Email => self.frequent_domains(),
                    _ => Vec::new(),
                },
                locale: self.locale().filter(|_| kind.is_numeric()),
                ..Reading::default()
            },
            limits: Limits::default(),
            sides: sides(&self.name, kind),
            rename: None,
            dropped: false,
        }
    }
}

/// The columns that one of this type brings with it.
fn sides(name: &str, kind: ColumnKind) -> Vec<SideColumn> {
    match kind {
        ColumnKind::Phone => vec![SideColumn {
            name: format!("{name}_tipo"),
            what: Side::PhoneType,
        }],
        _ => Vec::new(),
    }
}

/// Whether the header speaks for this type.
fn is_claimed(kind: ColumnKind, meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Kind(named) => *named == kind,
        Meaning::Document => matches!(kind, ColumnKind::Cpf | ColumnKind::Cnpj),
        Meaning::Other(_) | Meaning::Unknown(_) => false,
    }
}

/// Whether values may decide for this type, whatever the header means.
fn is_open(kind: ColumnKind, meaning: &Meaning) -> bool {
    // Values like these are told by their header only: words could be anybody's, numbers codes.
    let vague = kind.is_numeric()
        || matches!(
            kind,
            ColumnKind::Name | ColumnKind::Municipality | ColumnKind::Street
        );
    match meaning {
        // A number known for something else is not a document, however it looks.
        Meaning::Other(_) => false,
        // Where there is no header, full names are names all the same.
        Meaning::Unknown(folded) if folded.starts_with("COLUNA ") => {
            !vague || kind == ColumnKind::Name
        }
        _ => !vague || is_claimed(kind, meaning),
    }
}

/// What a value is made of: rules out most types before any parsing.
struct Shape {
    digits: usize,
    letters: usize,
    at: bool,
    tokens: usize,
}

impl Shape {
    fn of(text: &str) -> Self {
        Shape {
            digits: text.bytes().filter(u8::is_ascii_digit).count(),
            letters: text.chars().filter(|c| c.is_alphabetic()).count(),
            at: text.contains('@'),
            tokens: text.split(' ').count(),
        }
    }

    fn allows(&self, kind: ColumnKind) -> bool {
        match kind {
            ColumnKind::Cpf => self.letters == 0 && (8..=11).contains(&self.digits),
            ColumnKind::Cnpj => (9..=14).contains(&(self.digits + self.letters)) && self.digits > 1,
            ColumnKind::Phone => self.letters == 0 && (8..=15).contains(&self.digits),
            ColumnKind::Ddd => self.letters == 0 && (2..=4).contains(&self.digits),
            ColumnKind::Email => self.at,
            ColumnKind::Cep => self.letters == 0 && (7..=8).contains(&self.digits),
            ColumnKind::State => self.letters > 0 && self.digits == 0,
            ColumnKind::Name => self.digits == 0 && self.letters > 2 && self.tokens > 1,
            ColumnKind::Municipality => self.digits == 0 && self.letters > 1,
            ColumnKind::Street => self.letters > 2,
            ColumnKind::Money | ColumnKind::Decimal | ColumnKind::Integer => self.digits > 0,
            _ => false,
        }
    }
}

fn passes(text: &str, kind: ColumnKind, shape: &Shape) -> bool {
    match kind {
        ColumnKind::Cpf => Cpf::parse(text, CpfColumn::OnlyCpfs).value.is_some(),
        ColumnKind::Cnpj => Cnpj::parse(text, CnpjColumn::OnlyCnpjs).value.is_some(),
        // A local number may have its area code in another column: any will do for the vote.
        ColumnKind::Phone => {
            let elsewhere = (shape.digits <= 9).then_some("11");
            Phone::parse(text, elsewhere).value.is_some()
        }
        ColumnKind::Ddd => area_code(text).value.is_some(),
        ColumnKind::Email => Email::parse(text, &|_| false).value.is_some(),
        ColumnKind::Cep => Cep::parse(text, None).value.is_some(),
        ColumnKind::State => State::parse(text).value.is_some(),
        ColumnKind::Money | ColumnKind::Decimal => Money::parse(text, None).value.is_some(),
        ColumnKind::Integer => {
            let number = Money::parse(text, None).value;
            number.is_some_and(|number| number.amount.is_integer())
        }
        _ => true,
    }
}

/// Each phone column takes the nearest column of area codes before it, or else the only one.
fn pair_area_codes(profile: &mut Profile) {
    let codes: Vec<_> = (0..profile.columns.len())
        .filter(|place| profile.columns[*place].kind == ColumnKind::Ddd)
        .collect();
    for place in 0..profile.columns.len() {
        if profile.columns[place].kind == ColumnKind::Phone {
            let before = codes.iter().rfind(|code| **code < place);
            let only = codes.first().filter(|_| codes.len() == 1);
            profile.columns[place].reading.ddd = before.or(only).copied();
        }
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    fn kinds(frame: &DataFrame) -> Vec<ColumnKind> {
        let mut detector = Detector::new(frame_names(frame));
        detector.observe(frame).unwrap();
        let profile = detector.finish(frame.height() as u64);
        profile.columns.iter().map(|column| column.kind).collect()
    }

    fn frame_names(frame: &DataFrame) -> impl Iterator<Item = &str> {
        frame.columns().iter().map(|c| c.name().as_str())
    }

    #[test]
    fn headers_and_values_together_name_the_type() {
        let frame = df!(
            "Nome" => ["Ana Lima", "JOSE DA SILVA", "Bia"],
            "CPF" => ["4515266861", "529.982.247-25", "11144477732"],
            "RG" => ["4515266861", "52998224725", "4515266861"],
            "UF" => ["SP", "rj", "São Paulo"],
            "Cep" => ["01310-100", "1310100", "20040002"],
            "E-mail" => ["a@b.com", "c@d.com.br", "sem arroba"],
            "DDD" => ["11", "21", "011"],
            "Telefone" => ["987654321", "33334444", "8765432"],
            "Bairro" => ["Centro Velho", "Vila Nova", "Barra Funda"],
        )
        .unwrap();
        use ColumnKind::*;
        assert_eq!(
            kinds(&frame),
            [Name, Cpf, Text, State, Cep, Email, Ddd, Phone, Text]
        );
    }

    #[test]
    fn values_alone_are_enough_where_they_are_unmistakable() {
        let frame = df!(
            "coluna_1" => ["Ana Lima", "José da Silva"],
            "x" => ["529.982.247-25", "04515266861"],
            "y" => ["ana@exemplo.com.br", "jose@exemplo.com.br"],
            "z" => ["(11) 98765-4321", "(21) 3333-4444"],
        )
        .unwrap();
        use ColumnKind::*;
        assert_eq!(kinds(&frame), [Name, Cpf, Email, Phone]);
    }

    #[test]
    fn an_empty_column_is_what_its_header_says() {
        let blank: [Option<&str>; 2] = [None, Some("-")];
        let frame = df!("E-mail" => blank, "Observação" => blank).unwrap();
        assert_eq!(kinds(&frame), [ColumnKind::Email, ColumnKind::Text]);
    }

    #[test]
    fn each_phone_column_finds_its_area_codes() {
        let frame = df!(
            "DDD1" => ["11"], "Telefone1" => ["33334444"],
            "DDD Celular" => ["21"], "Celular" => ["987654321"],
        )
        .unwrap();
        let mut detector = Detector::new(frame_names(&frame));
        detector.observe(&frame).unwrap();
        let profile = detector.finish(1);
        assert_eq!(profile.columns[1].reading.ddd, Some(0));
        assert_eq!(profile.columns[3].reading.ddd, Some(2));
    }
}
