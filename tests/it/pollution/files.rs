//! The clean table and its polluted versions.

/// A file and the table that is meant by it.
pub struct Polluted {
    pub name: String,
    pub text: String,
    pub clean: Clean,
}

#[derive(Clone)]
pub struct Clean {
    /// Empty where there is none, and any is right.
    pub header: Vec<String>,
    pub records: Vec<Vec<String>>,
}

/// A cell, and whether quotes are around it in the file.
#[derive(Clone)]
struct Cell {
    text: String,
    quoted: bool,
}

/// How rows are written.
#[derive(Clone, Copy)]
struct Dialect {
    delimiter: &'static str,
    end: &'static str,
    quote: &'static str,
    /// What stands before a quotation mark within quotes.
    escape: &'static str,
}

const STANDARD: Dialect = Dialect {
    delimiter: ",",
    end: "\r\n",
    quote: "\"",
    escape: "\"",
};

const HEADER: [&str; 9] = [
    "DATE",
    "TIME",
    "Qty",
    "PRODUCTID",
    "Price",
    "ProductType",
    "ProductDescription",
    "URL",
    "Comments",
];
/// Columns that have quotes in every row.
const QUOTED: [usize; 2] = [6, 7];
const ROWS: usize = 83;

const TYPES: [&str; 12] = [
    "Mesa de jantar",
    "Vara de pesca, fibra",
    "Casaco d'água",
    "Bota de trilha",
    "Mesa redonda 48\"",
    "Copo d'água, vidro",
    "Boné tropical",
    "Bermuda 5\" sarja",
    "Tênis de corrida",
    "Bicicleta, aro 24\"",
    "Luva térmica",
    "Sofá de couro",
];

const TEXTS: [&str; 6] = [
    "Feita para durar, com acabamento à mão e madeira certificada.",
    "Leve e firme: a escolha de quem pesca no rio e no mar.",
    "Protege da chuva e do vento; o capuz sai num instante.",
    "Para o dia inteiro, do passeio curto à serra mais alta.",
    "Modelo de 8\\'9\" de comprimento, pensado para viagem.",
    "Não é d'água que se enche: é de alegria.",
];

/// The header and the rows below it.
fn table() -> Vec<Vec<Cell>> {
    let header = HEADER.iter().enumerate().map(|(at, name)| Cell {
        text: (*name).to_owned(),
        quoted: QUOTED.contains(&at),
    });
    let mut rows = vec![header.collect()];
    rows.extend((0..ROWS).map(row));
    rows
}

fn row(n: usize) -> Vec<Cell> {
    let (first, second) = (b"ABCDEFGH"[n % 8] as char, b"XYZW"[n % 4] as char);
    let number = 1009 + n * 97;
    let texts = [
        format!("{:02}/{:02}/2018", 1 + n % 28, 1 + n / 28),
        format!("{:02}:{:02}", n * 15 / 60, n * 15 % 60),
        (n * 3 % 10).to_string(),
        format!("{first}{second}-{number}"),
        format!("${}.{:02}", n * 13 % 90, n * 29 % 100),
        TYPES[n * 5 % TYPES.len()].to_owned(),
        format!("{} Lote {}.", TEXTS[n * 7 % TEXTS.len()], n * 37 % 101),
        format!("https://www.example.com/product/{first}{second}_{number}.html"),
        String::new(),
    ];
    let cells = texts.into_iter().enumerate().map(|(at, text)| Cell {
        quoted: QUOTED.contains(&at) || text.contains([',', '"']),
        text,
    });
    cells.collect()
}

fn raw(cell: &Cell, dialect: Dialect) -> String {
    if !cell.quoted {
        return cell.text.clone();
    }
    let quote = dialect.quote;
    let inside = if quote == "\"" {
        cell.text.replace('"', &format!("{}\"", dialect.escape))
    } else {
        // The marks within are no longer those around; nobody escaped the others.
        cell.text.clone()
    };
    format!("{quote}{inside}{quote}")
}

fn line(row: &[Cell], dialect: Dialect) -> String {
    let cells: Vec<_> = row.iter().map(|cell| raw(cell, dialect)).collect();
    cells.join(dialect.delimiter)
}

fn written(rows: &[Vec<Cell>], dialect: Dialect) -> String {
    let lines = rows.iter().map(|row| line(row, dialect) + dialect.end);
    lines.collect()
}

fn texts(row: &[Cell]) -> Vec<String> {
    row.iter().map(|cell| cell.text.clone()).collect()
}

fn clean(rows: &[Vec<Cell>]) -> Clean {
    let mut rows = rows.iter().map(|row| texts(row));
    Clean {
        header: rows.next().unwrap_or_default(),
        records: rows.collect(),
    }
}

/// Every polluted version.
pub fn polluted() -> Vec<Polluted> {
    let rows = table();
    let mut files = whole_files(&rows);
    files.extend(dialects(&rows));
    for at in 0..rows.len() {
        files.extend(rows_polluted(&rows, at));
    }
    files
}

fn file(name: impl Into<String>, text: String, clean: Clean) -> Polluted {
    Polluted {
        name: name.into(),
        text,
        clean,
    }
}

fn whole_files(rows: &[Vec<Cell>]) -> Vec<Polluted> {
    let text = written(rows, STANDARD);
    let header = written(&rows[..1], STANDARD);
    let plain = clean(rows);
    let headless = Clean {
        header: Vec::new(),
        ..plain.clone()
    };
    let unended = text.strip_suffix("\r\n").unwrap().to_owned();
    let preamble = "PREAMBLE,,,,,,,,\r\n,,,,,,,,\r\n";
    let mut files = vec![
        file("source", text.clone(), plain.clone()),
        file("file_no_payload", String::new(), clean(&[])),
        file("file_no_trailing_newline", unended, plain.clone()),
        file(
            "file_double_trailing_newline",
            format!("{text}\r\n"),
            plain.clone(),
        ),
        file("file_no_header", written(&rows[1..], STANDARD), headless),
        file(
            "file_header_multirow_2",
            format!("{header}{text}"),
            plain.clone(),
        ),
        file(
            "file_header_multirow_3",
            format!("{header}{header}{text}"),
            plain.clone(),
        ),
        file("file_preamble", format!("{preamble}{text}"), plain.clone()),
        file("file_header_only", header, clean(&rows[..1])),
        file(
            "file_one_data_row",
            written(&rows[..2], STANDARD),
            clean(&rows[..2]),
        ),
    ];
    for (name, width) in [("less", 8), ("same", 9), ("more", 10)] {
        let second = rows.iter().enumerate();
        let second = second.map(|(at, row)| resized(row, width, at == 0));
        let second: Vec<_> = second.collect();
        let mut both = plain.clone();
        both.records
            .extend(second[1..].iter().map(|row| texts(row)));
        let text = format!("{text}{}", written(&second, STANDARD));
        files.push(file(format!("file_multitable_{name}"), text, both));
    }
    files
}

/// The row with one cell less, as it is, or with one more.
fn resized(row: &[Cell], width: usize, is_header: bool) -> Vec<Cell> {
    let extra = Cell {
        text: if is_header { "col1" } else { "" }.to_owned(),
        quoted: false,
    };
    let cells = row.iter().cloned().chain([extra]);
    cells.take(width).collect()
}

fn dialects(rows: &[Vec<Cell>]) -> Vec<Polluted> {
    let delimited = |delimiter| Dialect {
        delimiter,
        ..STANDARD
    };
    let ended = |end| Dialect { end, ..STANDARD };
    let escaped = |escape| Dialect { escape, ..STANDARD };
    let single = Dialect {
        quote: "'",
        ..STANDARD
    };
    let dialects = [
        ("file_record_delimiter_0xA", ended("\n")),
        ("file_record_delimiter_0xD", ended("\r")),
        ("file_field_delimiter_0x3B", delimited(";")),
        ("file_field_delimiter_0x9", delimited("\t")),
        ("file_field_delimiter_0x2C_0x20", delimited(", ")),
        ("file_field_delimiter_0x20", delimited(" ")),
        ("file_quotation_char_0x27", single),
        ("file_escape_char_0x5C", escaped("\\")),
        ("file_escape_char_0x00", escaped("")),
    ];
    let files = dialects.into_iter();
    files
        .map(|(name, dialect)| file(name, written(rows, dialect), clean(rows)))
        .collect()
}

/// The file with one of its rows polluted, in every way and place.
fn rows_polluted(rows: &[Vec<Cell>], at: usize) -> Vec<Polluted> {
    let row = &rows[at];
    let parts: Vec<_> = row.iter().map(|cell| raw(cell, STANDARD)).collect();
    let before = written(&rows[..at], STANDARD);
    let after = written(&rows[at + 1..], STANDARD);
    let with = |name: String, line: String, cells: Vec<String>| {
        let mut table = clean(rows);
        match at {
            0 => table.header = cells,
            _ => table.records[at - 1] = cells,
        }
        file(name, format!("{before}{line}\r\n{after}"), table)
    };
    let spaced = format!("row_field_delimiter_{at}_0x20");
    let mut files = vec![with(spaced, parts.join(" "), texts(row))];
    for c in 0..row.len() {
        let (mut line, mut cells) = (parts.clone(), texts(row));
        line.insert(c, String::new());
        cells.insert(c, String::new());
        files.push(with(
            format!("row_more_sep_row{at}_col{c}"),
            line.join(","),
            cells,
        ));
        let (mut line, mut cells) = (parts.clone(), texts(row));
        line[c].insert(0, '"');
        cells[c].insert(0, '"');
        files.push(with(
            format!("row_extra_quote{at}_col{c}"),
            line.join(","),
            cells,
        ));
        if c > 0 {
            let (mut line, mut cells) = (parts.clone(), texts(row));
            let (part, cell) = (line.remove(c), cells.remove(c));
            line[c - 1].push_str(&part);
            cells[c - 1].push_str(&cell);
            files.push(with(
                format!("row_less_sep_row{at}_col{c}"),
                line.join(","),
                cells,
            ));
        }
    }
    files
}
