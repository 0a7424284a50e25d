//! How records are written: delimiter, quotes, escapes. Found out from the first of them.

use std::io::Read;
use std::ops::Range;
use std::path::Path;

use csv::StringRecord;

use super::records::TextRecords;
use crate::table::TableError;
use crate::table::structure::is_value;

/// How quotes inside of quotes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// `"a ""b"" c"`
    Doubled,
    /// `"a \"b\" c"`
    Backslash,
}

/// How the records of a text file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    pub escape: Escape,
    /// A space after each delimiter belongs to it: `a, b, c`.
    pub spaced: bool,
}

impl Dialect {
    /// What Excel writes in Brazil.
    pub const USUAL: Dialect = Dialect {
        delimiter: b';',
        quote: b'"',
        escape: Escape::Doubled,
        spaced: false,
    };
}

/// A delimiter that was tried, and how well it does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub delimiter: u8,
    /// From 0 to 1.
    pub score: f64,
    /// The width most records have with it.
    pub width: usize,
}

/// A dialect and what it was chosen from.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub dialect: Dialect,
    /// The width most records have; 1 if there is only one column.
    pub width: usize,
    /// Best first.
    pub candidates: Vec<Candidate>,
    /// The first line is Excel's hint `sep=;`.
    pub hinted: bool,
}

/// Candidates in the order that breaks ties.
const DELIMITERS: [u8; 6] = [b';', b',', b'\t', b'|', b'^', b'~'];
/// Records looked at to choose.
const SAMPLE: usize = 200;
/// Bytes looked at to choose.
const SAMPLE_BYTES: u64 = 1024 * 1024;
/// A delimiter that does worse is none: the file has one column. Three columns are no accident,
/// two may be; commas in every address are no columns of a list with one name.
const ENOUGH: f64 = 0.3;
const ENOUGH_WIDE: f64 = 0.15;
const ENOUGH_HEADLESS: f64 = 0.4;
/// Spaces are a delimiter only if nothing else is and nearly all records agree on it.
const SPACE_AGREEMENT: f64 = 0.9;

/// Finds out how the UTF-8 file at `path` is written, `skip` bytes of which are a byte-order mark.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn detect(path: &Path, skip: u64) -> Result<Choice, TableError> {
    let mut head = Vec::new();
    let mut file = std::fs::File::open(path)?;
    std::io::copy(&mut (&mut file).take(skip), &mut std::io::sink())?;
    file.take(SAMPLE_BYTES).read_to_end(&mut head)?;
    let quote = quote_of(&head);
    let escape = escape_of(&head, quote);
    let usual = Dialect {
        quote,
        escape,
        ..Dialect::USUAL
    };
    let spaced = |dialect: Dialect| Dialect {
        spaced: is_spaced(&head, dialect.delimiter),
        ..dialect
    };
    if let Some(delimiter) = hint(&head) {
        let dialect = Dialect { delimiter, ..usual };
        let sample = Sample::read(path, skip, dialect)?;
        return Ok(Choice {
            dialect: spaced(dialect),
            width: sample.agreement().1,
            candidates: Vec::new(),
            hinted: true,
        });
    }
    let samples: Vec<_> = DELIMITERS
        .into_iter()
        .map(|delimiter| Sample::read(path, skip, Dialect { delimiter, ..usual }))
        .collect::<Result<_, _>>()?;
    let mut scored: Vec<_> = (0..samples.len())
        .map(|place| (samples[place].score(&samples), place))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let candidates = scored
        .iter()
        .map(|(score, place)| Candidate {
            delimiter: samples[*place].dialect.delimiter,
            score: *score,
            width: samples[*place].agreement().1,
        })
        .collect();
    let (score, place) = scored[0];
    let (dialect, width) = if score >= samples[place].enough(&samples) {
        let sample = &samples[place];
        (spaced(sample.dialect), sample.agreement().1)
    } else {
        let dialect = Dialect {
            delimiter: b' ',
            ..usual
        };
        match Sample::read(path, skip, dialect)?.by_spaces() {
            Some(width) => (dialect, width),
            None => (usual, 1),
        }
    };
    Ok(Choice {
        dialect,
        width,
        candidates,
        hinted: false,
    })
}

/// Whether nearly every delimiter is followed by a space; in quoted text most are anyway.
fn is_spaced(head: &[u8], delimiter: u8) -> bool {
    let all = memchr::memchr_iter(delimiter, head);
    let followed = all.clone().filter(|at| head.get(at + 1) == Some(&b' '));
    delimiter != b' ' && followed.count() as f64 >= 0.95 * all.count().max(1) as f64
}

/// Excel's hint in the first line: `sep=;`.
fn hint(head: &[u8]) -> Option<u8> {
    let end = head.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    let line = head[..end?].trim_ascii_end();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" => {
            delimiter.is_ascii().then_some(*delimiter)
        }
        // The trailing tab of `sep=<tab>` is trimmed with the line end.
        [s, e, p, b'='] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" => Some(b'\t'),
        _ => None,
    }
}

/// The quote that opens and closes fields: the apostrophe only where the usual one never does.
fn quote_of(head: &[u8]) -> u8 {
    let pairs = |quote: u8| {
        let at = memchr::memchr_iter(quote, head);
        let (mut opening, mut closing) = (0usize, 0usize);
        for at in at {
            let before = at.checked_sub(1).map(|at| head[at]);
            let after = head.get(at + 1).copied();
            opening += usize::from(before.is_none_or(is_border) && !after.is_none_or(is_border));
            closing += usize::from(after.is_none_or(is_border) && !before.is_none_or(is_border));
        }
        opening.min(closing)
    };
    if pairs(b'"') == 0 && pairs(b'\'') >= 2 {
        b'\''
    } else {
        b'"'
    }
}

/// Whether a quoted field may begin behind this byte, or end before it.
fn is_border(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r') || DELIMITERS.contains(&byte)
}

/// Backslashes escape quotes where there are such, and doubled quotes inside of text are rarer.
fn escape_of(head: &[u8], quote: u8) -> Escape {
    let (mut escaped, mut doubled) = (0, 0);
    for at in memchr::memchr_iter(quote, head) {
        let before = at.checked_sub(1).map(|at| head[at]);
        let after = head.get(at + 1).copied();
        escaped += usize::from(before == Some(b'\\'));
        let inside = before.is_some_and(|byte| !is_border(byte) && !matches!(byte, b'\\'));
        doubled += usize::from(after == Some(quote) && inside && before != Some(quote));
    }
    if escaped > doubled {
        Escape::Backslash
    } else {
        Escape::Doubled
    }
}

/// The first records, as one of the candidates splits them.
struct Sample {
    dialect: Dialect,
    widths: Vec<usize>,
    /// Share of commas that stand between two digits.
    decimals: f64,
    /// For each record, whether it looks like a header: all text.
    wordy: Vec<bool>,
    /// Share of records with a value, such as a number, in more than their first cell.
    valued: f64,
}

impl Sample {
    fn read(path: &Path, skip: u64, dialect: Dialect) -> Result<Self, TableError> {
        let mut records = TextRecords::open(path, skip, dialect, None)?;
        let mut record = StringRecord::new();
        let mut sample = Sample {
            dialect,
            widths: Vec::new(),
            decimals: 0.0,
            wordy: Vec::new(),
            valued: 0.0,
        };
        let (mut gaps, mut decimals, mut valued) = (0usize, 0usize, 0usize);
        while sample.widths.len() < SAMPLE && records.bytes_read() < SAMPLE_BYTES {
            if records.read(&mut record)?.is_none() {
                break;
            }
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            sample.widths.push(record.len());
            sample.wordy.push(!record.iter().any(is_value));
            gaps += record.len() - 1;
            decimals += decimal_commas(&record);
            valued += usize::from(record.iter().skip(1).any(is_value));
        }
        if gaps > 0 {
            sample.decimals = decimals as f64 / gaps as f64;
        }
        sample.valued = valued as f64 / sample.widths.len().max(1) as f64;
        Ok(sample)
    }

    /// How many records have the width that most have, and that width. Of equals the first, but
    /// rather several columns than one.
    fn agreement(&self) -> (usize, usize) {
        let count = |width| self.widths.iter().filter(|other| **other == width).count();
        let widths = self
            .widths
            .iter()
            .rev()
            .map(|width| (count(*width), *width));
        let best = widths.max_by_key(|(count, width)| (*count, *width > 1));
        best.unwrap_or((0, 1))
    }

    /// From 0 to 1: how well the records agree on a width, and how wide they are.
    fn score(&self, others: &[Sample]) -> f64 {
        let (count, width) = self.agreement();
        if width < 2 {
            return 0.0;
        }
        let share = count as f64 / self.widths.len() as f64;
        // Every address has a comma, but no more columns than that, and none in the header.
        let worth = 1.0 - 1.0 / width as f64;
        let headless = if self.lacks_header(others) { 0.5 } else { 1.0 };
        // `12,50` in every row is a number, not two columns.
        let number = self.dialect.delimiter == b',' && self.decimals >= 0.8;
        share * worth * headless * if number { 0.1 } else { 1.0 }
    }

    /// The score from which this delimiter is believed.
    fn enough(&self, others: &[Sample]) -> f64 {
        match self.agreement().1 {
            _ if self.lacks_header(others) => ENOUGH_HEADLESS,
            0..=2 => ENOUGH,
            _ => ENOUGH_WIDE,
        }
    }

    /// Whether the line before the records that agree is the header of another delimiter, or a
    /// lone name above rows of values.
    fn lacks_header(&self, others: &[Sample]) -> bool {
        let run = self.first_run().start;
        let Some(before) = run.checked_sub(1) else {
            return false;
        };
        let is_theirs = |other: &Sample| {
            other.dialect.delimiter != self.dialect.delimiter
                && other.agreement().1 > 1
                && other.first_run().contains(&before)
                && other.widths.len() == self.widths.len()
        };
        let title = self.widths[before] == 1 && self.wordy[before];
        others.iter().any(is_theirs) || (title && !self.wordy[run])
    }

    /// The first stretch of records of the usual width: of two at least, if there is one.
    fn first_run(&self) -> Range<usize> {
        let width = self.agreement().1;
        let usual = |place: &usize| self.widths[*place] == width;
        let places = 0..self.widths.len();
        let pair = places
            .clone()
            .find(|place| usual(place) && self.widths.get(place + 1) == Some(&width));
        let start = pair.or_else(|| places.clone().find(usual)).unwrap_or(0);
        let length = (start..places.end).take_while(usual).count();
        start..start + length
    }

    /// The width if spaces are what separates the columns.
    fn by_spaces(&self) -> Option<usize> {
        let (count, width) = self.agreement();
        let agreed = count as f64 >= SPACE_AGREEMENT * self.widths.len() as f64;
        let named = self.widths.first() == Some(&width);
        (width >= 3 && agreed && named && self.valued >= 0.5).then_some(width)
    }
}

/// How many of the record's commas stand between two digits.
fn decimal_commas(record: &StringRecord) -> usize {
    let ends = |cell: &str| cell.bytes().next_back().is_some_and(|b| b.is_ascii_digit());
    let starts = |cell: &str| cell.bytes().next().is_some_and(|b| b.is_ascii_digit());
    record
        .iter()
        .zip(record.iter().skip(1))
        .filter(|(left, right)| ends(left) && starts(right))
        .count()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn choice(text: &str) -> Choice {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        detect(file.path(), 0).unwrap()
    }

    #[test]
    fn commas_in_every_address_are_no_columns() {
        let rows = "Ana;Rua das Flores, casa 10;SP\r\n".repeat(50);
        let text =
            format!("Nome;Endereço;UF\r\n{rows}Bia;Rua B, 20;SP;a mais\r\nCaio;Rua C, 30\r\n");
        let chosen = choice(&text);
        assert_eq!((chosen.dialect.delimiter, chosen.width), (b';', 3));
        for address in ["Rua das Flores, 10\n", "Rua das Flores, 10, Centro\n"] {
            let one = format!("Endereço\n{}", address.repeat(20));
            assert_eq!(choice(&one).width, 1, "{address}");
        }
    }

    #[test]
    fn a_title_with_commas_does_not_choose_the_comma() {
        let rows = "Ana;Rua das Flores, casa 10;SP\n".repeat(20);
        let text = format!("Clientes, março de 2024\nNome;Endereço;UF\n{rows}");
        let chosen = choice(&text);
        assert_eq!((chosen.dialect.delimiter, chosen.width), (b';', 3));
    }

    #[test]
    fn decimals_are_no_columns() {
        let text = format!("Nome;Valor\n{}", "Ana;12,50\n".repeat(20));
        assert_eq!(choice(&text).dialect.delimiter, b';');
        let text = format!("Valor\n{}", "12,50\n".repeat(20));
        assert_eq!(choice(&text).width, 1);
    }

    #[test]
    fn every_delimiter_is_known() {
        for delimiter in [';', ',', '\t', '|', '^', '~'] {
            let text = "Nome;CPF;UF\nAna;52998224725;SP\nBia;11144477735;RJ\n"
                .replace(';', &delimiter.to_string());
            assert_eq!(choice(&text).dialect.delimiter, delimiter as u8);
        }
        let spaced = choice("Nome, CPF, UF\nAna, 52998224725, SP\nBia, 11144477735, RJ\n");
        assert_eq!(spaced.dialect.delimiter, b',');
        assert!(spaced.dialect.spaced);
        let spaces = choice("Nome CPF UF\nAna 52998224725 SP\nBia 11144477735 RJ\n");
        assert_eq!((spaces.dialect.delimiter, spaces.width), (b' ', 3));
    }

    #[test]
    fn the_hint_of_excel_is_taken() {
        let chosen = choice("sep=|\r\nNome;x|CPF\r\nAna;y|1\r\n");
        assert_eq!(chosen.dialect.delimiter, b'|');
        assert!(chosen.hinted);
        assert_eq!(choice("SEP=\t\nA\tB\n").dialect.delimiter, b'\t');
    }

    #[test]
    fn quotes_and_escapes_are_told_apart() {
        let apostrophes = choice("'Nome','Nota'\n'Ana','um, dois'\n'Bia','d''água'\n");
        assert_eq!(apostrophes.dialect.quote, b'\'');
        let usual = choice("Nome,Nota\n\"D'Ávila\",'x'\n\"Bia\",y\n");
        assert_eq!(usual.dialect.quote, b'"');
        let backslash = choice("Nome,Nota\n\"Ana\",\"diz \\\"oi\\\" e sai\"\n\"Bia\",\"y\"\n");
        assert_eq!(backslash.dialect.escape, Escape::Backslash);
        let doubled = choice("Nome,Nota\n\"Ana\",\"diz \"\"oi\"\" e sai\"\n\"Bia\",\"C:\\\"\n");
        assert_eq!(doubled.dialect.escape, Escape::Doubled);
    }
}
