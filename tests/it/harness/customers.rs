//! Lists of customers who do not exist, dirty on purpose, with what becomes of each line.

use std::fmt::Write as _;

use rust_xlsxwriter::Workbook;

const HEADER: [&str; 9] = [
    "Nome",
    "CPF",
    "DDD",
    "Telefone",
    "E-mail",
    "CEP",
    "UF",
    "Cidade",
    "Observação",
];
const FIRST: [&str; 8] = [
    "João",
    "Ana",
    "José",
    "Conceição",
    "Beatriz",
    "Antônio",
    "Luíza",
    "Caio",
];
const LAST: [&str; 7] = [
    "Silva",
    "Souza",
    "Gonçalves",
    "Araújo",
    "Pereira",
    "Lima",
    "Brandão",
];
/// DDD, CEP, UF and city that agree with one another.
const PLACES: [[&str; 4]; 5] = [
    ["11", "01310100", "SP", "São Paulo"],
    ["21", "20040002", "RJ", "Rio de Janeiro"],
    ["31", "30130010", "MG", "Belo Horizonte"],
    ["41", "80010000", "PR", "Curitiba"],
    ["71", "40020000", "BA", "Salvador"],
];

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Delivered,
    /// Equal to the line before it, once clean.
    Duplicate,
    /// It has more cells than the header.
    TooLong,
}

struct Line {
    written: Vec<String>,
    clean: Vec<String>,
    fate: Fate,
    /// What the reference base knows: the key and the e-mail address.
    known: Option<(String, String)>,
}

/// A list and what is known of it.
pub struct Customers {
    lines: Vec<Line>,
}

/// How many lines end where.
#[derive(Debug, PartialEq, Eq)]
pub struct Counts {
    pub read: u64,
    pub delivered: u64,
    pub rejected: u64,
    pub duplicates: u64,
}

impl Customers {
    /// A list of `rows` lines. The same number makes the same list.
    pub fn new(rows: usize) -> Self {
        let lines = (0..rows).map(|number| match number % 100 {
            // The one before, written in another way.
            42 => customer(number - 1, number, Fate::Duplicate),
            77 => customer(number, number, Fate::TooLong),
            _ => customer(number, number, Fate::Delivered),
        });
        Customers {
            lines: lines.collect(),
        }
    }

    /// The list as text with CRLF and an empty last column.
    pub fn csv(&self, delimiter: u8) -> String {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(Vec::new());
        let header = HEADER.map(str::to_owned).to_vec();
        let lines = self.lines.iter().map(|line| &line.written);
        for cells in std::iter::once(&header).chain(lines) {
            let cells = cells.iter().map(String::as_str);
            writer.write_record(cells.chain([""])).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// The same in windows-1252.
    pub fn csv_1252(&self, delimiter: u8) -> Vec<u8> {
        let text = self.csv(delimiter);
        let (bytes, _, replaced) = encoding_rs::WINDOWS_1252.encode(&text);
        assert!(!replaced);
        bytes.into_owned()
    }

    /// The list as a workbook, documents and telephones as numbers where they look like one.
    pub fn xlsx(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        let header = HEADER.map(str::to_owned).to_vec();
        let lines = self.lines.iter().map(|line| &line.written);
        for (row, cells) in (0..).zip(std::iter::once(&header).chain(lines)) {
            for (column, cell) in (0..).zip(cells) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(row, column, number).unwrap(),
                    Err(_) => sheet.write_string(row, column, cell).unwrap(),
                };
            }
        }
        workbook.save_to_buffer().unwrap()
    }

    /// The rows to be delivered, header first; with the e-mail addresses of the reference base
    /// if it was asked.
    pub fn clean(&self, enriched: bool) -> Vec<Vec<String>> {
        let mut header = HEADER.map(str::to_owned).to_vec();
        header.push("Telefone_tipo".to_owned());
        let lines = self.lines.iter();
        let rows = lines
            .filter(|line| line.fate == Fate::Delivered)
            .map(|line| {
                let mut row = line.clean.clone();
                if let Some((_, email)) = line.known.as_ref().filter(|_| enriched)
                    && row[4].is_empty()
                {
                    row[4].clone_from(email);
                }
                row
            });
        std::iter::once(header).chain(rows).collect()
    }

    /// Rows with a cell from the reference base.
    pub fn enriched(&self) -> u64 {
        let lines = self.lines.iter();
        let filled = lines.filter(|line| {
            line.fate == Fate::Delivered && line.known.is_some() && line.clean[4].is_empty()
        });
        filled.count() as u64
    }

    pub fn counts(&self) -> Counts {
        let of = |fate| self.lines.iter().filter(|line| line.fate == fate).count() as u64;
        Counts {
            read: self.lines.len() as u64,
            delivered: of(Fate::Delivered),
            rejected: of(Fate::TooLong),
            duplicates: of(Fate::Duplicate),
        }
    }

    /// What the reference base knows of some of them, most of it not missing in the list: CPF in
    /// digits, name, e-mail address.
    pub fn known(&self) -> Vec<[String; 3]> {
        let lines = self.lines.iter();
        lines
            .filter(|line| line.fate == Fate::Delivered)
            .filter_map(|line| {
                let (key, email) = line.known.as_ref()?;
                let name = line.clean[0].to_uppercase();
                Some([key.clone(), name, email.to_uppercase()])
            })
            .collect()
    }

    /// The same as a JSONL file.
    pub fn known_jsonl(&self) -> String {
        let mut lines = String::new();
        for [cpf, nome, email] in self.known() {
            let document = serde_json::json!({ "cpf": cpf, "nome": nome, "email": email });
            writeln!(lines, "{document}").unwrap();
        }
        lines
    }
}

/// The customer of this number, written in the manner of another number.
fn customer(number: usize, manner: usize, fate: Fate) -> Line {
    // One in ten begins with a zero.
    let base = match number % 10 {
        0 => 1_234_567 + number * 13,
        _ => 123_456_789 + number * 7_919,
    };
    let mut digits = cpf(base);
    let is_valid = number % 50 != 7;
    if !is_valid {
        let last = digits.pop().unwrap();
        digits.push(if last == '9' { '0' } else { '9' });
    }
    let formatted = format!(
        "{}.{}.{}-{}",
        &digits[..3],
        &digits[3..6],
        &digits[6..9],
        &digits[9..]
    );
    let [ddd, cep, uf, city] = PLACES[number % PLACES.len()];
    let telephone = 96_100_000 + (number * 7_717) % 3_000_000;
    let telephone = format!("9{}-{:04}", telephone / 10_000, telephone % 10_000);
    let name = format!(
        "{} {} {}",
        FIRST[number % FIRST.len()],
        LAST[number % LAST.len()],
        LAST[(number / 3) % LAST.len()]
    );
    let email = format!("cliente{number}@exemplo.com.br");
    let has_email = number % 5 > 1;
    let written = vec![
        match manner % 3 {
            0 => format!("  {}  ", name.replacen(' ', "  ", 1)),
            _ => name.clone(),
        },
        match manner % 4 {
            0 => formatted.clone(),
            1 => digits.clone(),
            // As a spreadsheet leaves it.
            2 => digits.trim_start_matches('0').to_owned(),
            _ => format!(" {formatted} "),
        },
        ddd.to_owned(),
        match manner % 3 {
            0 => telephone.clone(),
            1 => telephone.replace('-', ""),
            _ => telephone.replace('-', " "),
        },
        match (has_email, number % 5) {
            (true, _) if manner.is_multiple_of(2) => email.to_uppercase(),
            (true, _) => email.clone(),
            (false, 0) => String::new(),
            (false, _) => "n/a".to_owned(),
        },
        cep.to_owned(),
        uf.to_owned(),
        city.to_owned(),
        format!("desde {}; \"fiel\", sem dívidas", 1990 + number % 30),
    ];
    let clean = vec![
        name,
        if is_valid { formatted } else { String::new() },
        ddd.to_owned(),
        format!("({ddd}) {telephone}"),
        if has_email {
            email.clone()
        } else {
            String::new()
        },
        format!("{}-{}", &cep[..5], &cep[5..]),
        uf.to_owned(),
        city.to_owned(),
        written[8].clone(),
        "movel".to_owned(),
    ];
    let known = (is_valid && number.is_multiple_of(2)).then_some((digits, email));
    let mut written = written;
    if fate == Fate::TooLong {
        written.extend(["?".to_owned(), "sobra".to_owned(), "sobra".to_owned()]);
    }
    Line {
        written,
        clean,
        fate,
        known,
    }
}

/// The eleven digits of the CPF that begins with these nine.
fn cpf(base: usize) -> String {
    let mut digits = format!("{base:09}");
    for length in [9, 10] {
        let weighted = digits.bytes().zip((2..=length + 1).rev());
        let sum: usize = weighted
            .map(|(digit, weight)| usize::from(digit - b'0') * weight)
            .sum();
        let check = match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        };
        write!(digits, "{check}").unwrap();
    }
    digits
}

#[test]
fn check_digits_are_those_everybody_computes() {
    assert_eq!(cpf(529_982_247), "52998224725");
    assert_eq!(cpf(45_152_668), "04515266861");
}
