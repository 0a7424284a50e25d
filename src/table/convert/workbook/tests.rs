//! Whole workbooks, most of them written by hand: what matters is what other programs write.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::PathBuf;

use csv::StringRecord;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::{Conversion, Converted, Foreign, Tables, convert};
use crate::table::spool::{SpoolReader, Spooled};
use crate::table::{Note, NoteCode, TableError};

type Row = (u64, Vec<String>);

/// A file to convert, and where to.
struct Sent {
    folder: TempDir,
    format: Foreign,
}

impl Sent {
    fn new(format: Foreign, bytes: &[u8]) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("sent"), bytes).unwrap();
        Sent { folder, format }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sent")
    }

    fn tables(&self, tables: Tables) -> Result<Vec<Converted>, TableError> {
        convert(&Conversion {
            source: self.path(),
            format: self.format,
            tables,
            folder: self.folder.path().to_owned(),
        })
    }

    /// The one table, and its rows.
    fn one(&self) -> (Converted, Vec<Row>) {
        let mut tables = self.tables(Tables::Fullest).unwrap();
        assert_eq!(tables.len(), 1);
        let table = tables.remove(0);
        let rows = rows(&table);
        (table, rows)
    }

    fn rows(&self) -> Vec<Row> {
        self.one().1
    }

    fn error(&self) -> TableError {
        self.tables(Tables::Fullest).unwrap_err()
    }
}

fn rows(table: &Converted) -> Vec<Row> {
    let mut reader = SpoolReader::open(&table.spool).unwrap();
    let mut record = StringRecord::new();
    let mut rows = Vec::new();
    while let Some(spooled) = reader.read(&mut record).unwrap() {
        let Spooled::Record { line } = spooled else {
            panic!("{spooled:?}");
        };
        rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    rows
}

fn row<const N: usize>(line: u64, cells: [&str; N]) -> Row {
    (line, cells.map(str::to_owned).to_vec())
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(text).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";

/// The least a workbook with one sheet needs, and `more`.
fn parts(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let workbook = format!(
        "<workbook {MAIN} xmlns:r=\"{RELATIONS}\"><sheets>\
         <sheet name=\"Plan1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let mut parts = vec![
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.extend(more.iter().map(|(name, text)| (*name, text.as_bytes())));
    archive(&parts)
}

/// A workbook with these rows, as XML.
fn with_rows(rows: &str, after: &str, more: &[(&str, &str)]) -> Sent {
    let sheet = format!("<worksheet {MAIN}><sheetData>{rows}</sheetData>{after}</worksheet>");
    Sent::new(Foreign::Xlsx, &parts(&sheet, more))
}

/// What a workbook looks like whose cells are written by the library that writes ours.
fn written(fill: impl FnOnce(&mut Workbook)) -> Sent {
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    Sent::new(Foreign::Xlsx, &workbook.save_to_buffer().unwrap())
}

fn codes(table: &Converted) -> Vec<NoteCode> {
    table.notes.iter().map(|note| note.code).collect()
}

fn note(table: &Converted, code: NoteCode) -> &Note {
    let mut notes = table.notes.iter();
    notes.find(|note| note.code == code).unwrap()
}

#[test]
fn every_way_to_write_text_is_read() {
    let sent = with_rows(
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>\
         <row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><r><t>Jo</t></r><r><t xml:space=\"preserve\">ão \
         </t></r><rPh><t>x</t></rPh></is></c><c r=\"B2\" t=\"str\"><f>A1&amp;\"b\"</f><v>a&lt;b</v></c>\
         <c r=\"C2\" t=\"e\"><v>#N/A</v></c><c r=\"D2\" t=\"b\"><v>1</v></c><c r=\"E2\" t=\"b\"><v>0</v>\
         </c><c r=\"F2\" t=\"d\"><v>2024-03-01T00:00:00</v></c><c r=\"G2\" t=\"inlineStr\"><is><t>l1_x000D_\n\
         l2</t></is></c></row>",
        "",
        &[(
            "xl/sharedStrings.xml",
            "<sst><si><t>Nome</t></si><si><r><t>E-</t></r><r><t>mail</t></r></si></sst>",
        )],
    );
    let (table, rows) = sent.one();
    assert_eq!(
        rows,
        [
            row(1, ["Nome", "E-mail"]),
            row(
                2,
                [
                    "João ",
                    "a<b",
                    "#N/A",
                    "VERDADEIRO",
                    "FALSO",
                    "01/03/2024",
                    "l1\nl2"
                ]
            ),
        ]
    );
    assert_eq!(table.name.as_deref(), Some("Plan1"));
    assert_eq!((table.columns, table.notes), (None, vec![]));
}

#[test]
fn cells_are_shown_as_their_formats_say() {
    let cpf = Format::new().set_num_format("000\".\"000\".\"000\"-\"00");
    let zeros = Format::new().set_num_format("00000000000");
    let cep = Format::new().set_num_format("00000-000");
    let day = Format::new().set_num_format("[$-416]dd/mm/yyyy;@");
    let clock = Format::new().set_num_format("hh:mm");
    let share = Format::new().set_num_format("0.0%");
    let money = Format::new().set_num_format("\"R$ \"#,##0.00");
    let sent = written(|workbook| {
        let sheet = workbook.add_worksheet();
        let moment = ExcelDateTime::parse_from_str("2024-03-01T10:30:15").unwrap();
        let date = ExcelDateTime::parse_from_str("2024-03-01").unwrap();
        sheet
            .write_with_format(0, 0, 4_515_266_861_u64, &cpf)
            .unwrap();
        sheet
            .write_with_format(0, 1, 4_515_266_861_u64, &zeros)
            .unwrap();
        sheet.write_with_format(0, 2, 1_310_100, &cep).unwrap();
        sheet.write_with_format(0, 3, &date, &day).unwrap();
        sheet.write_with_format(0, 4, &moment, &day).unwrap();
        sheet.write_with_format(0, 5, 0.75, &clock).unwrap();
        sheet.write_with_format(0, 6, 0.125, &share).unwrap();
        sheet.write_with_format(0, 7, 1234.5, &money).unwrap();
        sheet.write(0, 8, true).unwrap();
        sheet.write(0, 9, 11_222_333_000_181_u64).unwrap();
        sheet.write_blank(0, 12, &money).unwrap();
    });
    let expected = [
        "045.152.668-61",
        "04515266861",
        "01310-100",
        "01/03/2024",
        "01/03/2024 10:30:15",
        "18:00:00",
        "12,5%",
        "1234,5",
        "VERDADEIRO",
        "11222333000181",
    ];
    assert_eq!(sent.rows(), [row(1, expected)]);
}

#[test]
fn built_in_formats_and_styles_of_other_kinds_are_told_apart() {
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd/mm/aaaa\"/></numFmts>\
        <cellStyleXfs><xf numFmtId=\"9\"/></cellStyleXfs>\
        <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>";
    let sent = with_rows(
        "<row><c><v>45292</v></c><c s=\"1\"><v>45292</v></c><c s=\"2\"><v>45292</v></c>\
         <c s=\"99\"><v>45292</v></c></row>",
        "",
        &[("xl/styles.xml", styles)],
    );
    let expected = ["45292", "01/01/2024", "01/01/2024", "45292"];
    assert_eq!(sent.rows(), [row(1, expected)]);
}

#[test]
fn places_may_be_left_out_and_left_empty() {
    let sent = with_rows(
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row r=\"5\"><c r=\"C5\"><v>5</v></c>\
         <c><v>6</v></c><c r=\"A5\"><v>4</v></c><c r=\"Z5\" s=\"1\"/><c r=\"Y5\" t=\"inlineStr\"><is><t> \
         </t></is></c></row><row><c><f>1+1</f></c></row><row><c><v>7</v></c></row>",
        "",
        &[],
    );
    assert_eq!(
        sent.rows(),
        [
            row(1, ["1", "", "3"]),
            row(5, ["4", "", "5", "6"]),
            row(7, ["7"]),
        ]
    );
}

#[test]
fn names_of_parts_and_elements_may_be_unusual() {
    let strict = "http://purl.oclc.org/ooxml/officeDocument/relationships";
    let root = format!(
        "<Relationships><Relationship Id=\"a\" Type=\"{strict}/officeDocument\" \
         Target=\"\\pasta\\livro.xml\"/></Relationships>"
    );
    let related = format!(
        "<p:Relationships xmlns:p=\"q\"><p:Relationship Id=\"r2\" Type=\"{strict}/worksheet\" \
         Target=\"/Pasta/Folhas/b.xml\"/><p:Relationship Id=\"r1\" Type=\"{strict}/worksheet\" \
         Target=\"folhas\\a.xml\"/><p:Relationship Id=\"r3\" Type=\"{strict}/chartsheet\" \
         Target=\"graficos/g.xml\"/></p:Relationships>"
    );
    let workbook = "<x:workbook xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\" xmlns:k=\"r\">\
        <x:sheets><x:sheet name=\"Gr&#225;fico\" k:id=\"r3\"/><x:sheet name=\"A\" k:id=\"r1\"/>\
        <x:sheet name=\"B &amp; C\" k:id=\"r2\"/></x:sheets></x:workbook>";
    let sheet = |value: &str| {
        format!(
            "<x:worksheet xmlns:x=\"y\"><x:sheetData><x:row r=\"1\"><x:c r=\"A1\" t=\"inlineStr\">\
             <x:is><x:t>{value}</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"
        )
    };
    let bytes = archive(&[
        ("_rels/.rels", root.as_bytes()),
        ("pasta\\livro.xml", workbook.as_bytes()),
        ("pasta/_rels/livro.xml.rels", related.as_bytes()),
        ("pasta/folhas/b.xml", sheet("b").as_bytes()),
        ("pasta/folhas/a.xml", sheet("a").as_bytes()),
        ("pasta/graficos/g.xml", b"<chartsheet/>"),
    ]);
    let tables = Sent::new(Foreign::Xlsx, &bytes);
    let tables = tables.tables(Tables::All).unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_deref()).collect();
    assert_eq!(names, [Some("A"), Some("B & C")]);
}

#[test]
fn the_sheet_with_the_most_filled_cells_is_chosen_and_the_others_told() {
    let sent = written(|workbook| {
        let sheet = workbook.add_worksheet().set_name("Resumo").unwrap();
        // More rows, but fewer cells.
        for row in 0..5 {
            sheet.write(row, 0, "x").unwrap();
        }
        for name in ["Clientes", "Cópia"] {
            let sheet = workbook.add_worksheet().set_name(name).unwrap();
            for row in 0..2 {
                for column in 0..3 {
                    sheet.write(row, column, name).unwrap();
                }
            }
        }
        workbook.add_worksheet().set_name("Vazia").unwrap();
        let sheet = workbook.add_worksheet().set_name("Um").unwrap();
        sheet.set_hidden(true).write(0, 0, 1).unwrap();
    });
    let (table, _) = sent.one();
    assert_eq!(table.name.as_deref(), Some("Clientes"));
    let details: Vec<_> = table
        .notes
        .iter()
        .map(|note| note.detail.as_deref())
        .collect();
    assert_eq!(
        details,
        [
            Some("Resumo (5 linhas)"),
            Some("Cópia (2 linhas)"),
            Some("Um (1 linha, oculta)")
        ]
    );
    assert_eq!(codes(&table), [NoteCode::OutraPlanilha; 3]);
    let spools = || {
        let files = fs::read_dir(sent.folder.path()).unwrap();
        files
            .filter(|file| file.as_ref().unwrap().path() != sent.path())
            .count()
    };
    assert_eq!(spools(), 1);

    let tables = sent.tables(Tables::All).unwrap();
    let names: Vec<_> = tables
        .iter()
        .filter_map(|table| table.name.as_deref())
        .collect();
    assert_eq!(names, ["Resumo", "Clientes", "Cópia", "Um"]);
    assert_eq!(codes(&tables[0]), []);
    assert_eq!(codes(&tables[3]), [NoteCode::PlanilhaOculta]);
    assert_eq!(tables[3].notes[0].detail.as_deref(), Some("Um"));
    assert_eq!(spools(), 4);
}

#[test]
fn hidden_rows_are_read_and_told() {
    let sent = written(|workbook| {
        let sheet = workbook.add_worksheet();
        for row in 0..5 {
            sheet.write(row, 0, row).unwrap();
        }
        // The last of them has no value.
        for row in [1, 2, 4, 9] {
            sheet.set_row_hidden(row).unwrap();
        }
    });
    let (table, rows) = sent.one();
    assert_eq!(rows.len(), 5);
    let note = note(&table, NoteCode::LinhaOculta);
    assert_eq!(note.lines.ranges(), [(2, 3), (5, 5)]);
}

#[test]
fn merged_cells_label_the_rows_below_them() {
    let format = Format::new();
    let sent = written(|workbook| {
        let sheet = workbook.add_worksheet();
        // A header of two rows, with a group.
        sheet.merge_range(0, 0, 1, 0, "Filial", &format).unwrap();
        sheet.merge_range(0, 1, 0, 2, "Contato", &format).unwrap();
        sheet
            .write(1, 1, "Nome")
            .unwrap()
            .write(1, 2, "Fone")
            .unwrap();
        sheet.merge_range(2, 0, 4, 0, "Centro", &format).unwrap();
        for row in 2..6 {
            sheet.write(row, 1, "n").unwrap();
        }
        // Across, and with nothing else in its second row.
        sheet
            .merge_range(6, 1, 6, 2, "sem contato", &format)
            .unwrap();
        sheet.merge_range(7, 0, 8, 0, "Sul", &format).unwrap();
    });
    let (table, rows) = sent.one();
    assert_eq!(
        rows,
        [
            row(1, ["Filial", "Contato"]),
            row(2, ["", "Nome", "Fone"]),
            row(3, ["Centro", "n"]),
            row(4, ["Centro", "n"]),
            row(5, ["Centro", "n"]),
            row(6, ["", "n"]),
            row(7, ["", "sem contato"]),
            row(8, ["Sul"]),
        ]
    );
    assert_eq!(codes(&table), [NoteCode::Mesclada]);
    assert_eq!(table.notes[0].lines.ranges(), [(4, 5)]);
}

#[test]
fn days_may_be_counted_from_1904() {
    let workbook =
        "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"a\"/></sheets></workbook>";
    let styles = "<styleSheet><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let sheet =
        "<worksheet><sheetData><row><c s=\"0\"><v>43830</v></c></row></sheetData></worksheet>";
    let bytes = archive(&[
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let (table, rows) = Sent::new(Foreign::Xlsx, &bytes).one();
    assert_eq!(rows, [row(1, ["01/01/2024"])]);
    assert_eq!(codes(&table), [NoteCode::Sistema1904]);
}

#[test]
fn numbers_with_lost_digits_are_told() {
    let sent = with_rows(
        "<row><c><v>1.2345678901234568E+16</v></c></row><row><c><v>12</v></c></row>",
        "",
        &[],
    );
    let (table, rows) = sent.one();
    assert_eq!(rows, [row(1, ["12345678901234568"]), row(2, ["12"])]);
    let note = note(&table, NoteCode::PrecisaoPerdida);
    assert_eq!(note.lines.ranges(), [(1, 1)]);
}

#[test]
fn a_workbook_without_any_value_is_empty() {
    for rows in ["", "<row r=\"1\"><c r=\"A1\" s=\"1\"/></row>"] {
        assert!(matches!(
            with_rows(rows, "", &[]).error(),
            TableError::Empty
        ));
    }
    let none = archive(&[("xl/workbook.xml", b"<workbook><sheets/></workbook>")]);
    assert!(matches!(
        Sent::new(Foreign::Xlsx, &none).error(),
        TableError::Empty
    ));
}

#[test]
fn values_at_the_far_ends_of_a_sheet_are_refused_and_one_gone_astray_is_not() {
    let far = "<c r=\"XFD1048576\"><v>1</v></c></row>";
    let sent = with_rows(
        &format!("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\">{far}"),
        "",
        &[],
    );
    let TableError::Hostile(why) = sent.error() else {
        panic!("{:?}", sent.error());
    };
    assert_eq!(
        why,
        "its 2 values are scattered over 1048576 rows and 16384 columns"
    );
    let list: String = (1..=50)
        .map(|row| format!("<row r=\"{row}\"><c><v>{row}</v></c><c><v>1</v></c></row>"))
        .collect();
    let sent = with_rows(
        &format!("{list}<row r=\"51\"><c r=\"XFD51\"><v>1</v></c></row>"),
        "",
        &[],
    );
    let rows = sent.rows();
    assert_eq!((rows[0].1.len(), rows[50].1.len()), (2, 16_384));
    let beyond = with_rows("<row><c r=\"XFE1\"><v>1</v></c></row>", "", &[]);
    assert!(matches!(beyond.error(), TableError::Hostile(_)));
}

#[test]
fn damaged_workbooks_are_refused_with_a_reason() {
    let cut = |sheet: &str| Sent::new(Foreign::Xlsx, &parts(sheet, &[])).error();
    for sheet in [
        "",
        "<worksheet><sheetData><row><c><v>1</v></c></row>",
        "<worksheet><sheetData><row><c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c t=\"s\"><v>x</v></c></row></sheetData></worksheet>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet><sheetData/></worksheet>",
    ] {
        assert!(matches!(cut(sheet), TableError::Unreadable(_)), "{sheet}");
    }
    let lost = archive(&[(
        "xl/workbook.xml",
        b"<workbook><sheet name=\"a\"/></workbook>",
    )]);
    assert!(matches!(
        Sent::new(Foreign::Xlsx, &lost).error(),
        TableError::Unreadable(_)
    ));
    assert!(matches!(
        Sent::new(Foreign::Xlsx, b"PK\x03\x04").error(),
        TableError::Unreadable(_)
    ));

    let noise: String = (0_u32..9000)
        .map(|n| format!("<row><c><v>{}</v></c></row>", n.wrapping_mul(2_654_435_761)))
        .collect();
    let sheet = format!("<worksheet><sheetData>{noise}</sheetData></worksheet>");
    let whole = parts(&sheet, &[]);
    assert_eq!(Sent::new(Foreign::Xlsx, &whole).rows().len(), 9000);
    let truncated = &whole[..whole.len() / 2];
    assert!(matches!(
        Sent::new(Foreign::Xlsx, truncated).error(),
        TableError::Unreadable(_)
    ));
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle..middle + 64].fill(0xFF);
    assert!(matches!(
        Sent::new(Foreign::Xlsx, &flipped).error(),
        TableError::Unreadable(_)
    ));
}

fn hostile(bytes: &[u8]) -> String {
    match Sent::new(Foreign::Xlsx, bytes).error() {
        TableError::Hostile(why) => why.into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn archives_made_to_exhaust_are_refused_before_they_are_read() {
    let zeros = vec![b' '; 3 * 1024 * 1024];
    let why = hostile(&archive(&[("xl/workbook.xml", &zeros)]));
    assert_eq!(why, "a part of it inflates to more than 100 times its size");
    // So repetitive are small parts, too.
    let small = with_rows("<row><c><v>1</v></c></row>", &" ".repeat(900_000), &[]);
    assert_eq!(small.rows().len(), 1);

    let names: Vec<_> = (0..10_001).map(|n| format!("{n}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(hostile(&archive(&many)), "its archive has 10001 entries");
}

/// Where the central directory tells of the last entry.
fn last_entry(bytes: &[u8]) -> usize {
    let mut fours = bytes.windows(4);
    fours.rposition(|four| four == b"PK\x01\x02").unwrap()
}

/// The archive, with a last entry that says in both places that it has a thousand bytes.
fn understated(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut fours = bytes.windows(4);
    let local = fours.rposition(|four| four == b"PK\x03\x04").unwrap();
    for at in [last_entry(&bytes) + 24, local + 22] {
        bytes[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    bytes
}

#[test]
fn parts_are_held_to_what_the_archive_declares() {
    let spaces = " ".repeat(100_000);
    let workbook = format!("<workbook>{spaces}<sheets/></workbook>");
    let bytes = archive(&[("xl/workbook.xml", workbook.as_bytes())]);
    assert!(matches!(
        Sent::new(Foreign::Xlsx, &bytes).error(),
        TableError::Empty
    ));
    assert!(matches!(
        Sent::new(Foreign::Xlsx, &understated(&bytes)).error(),
        TableError::Unreadable(_)
    ));

    // Together, parts may have so much: here all are the same bytes of the file.
    let noise: String = (0_u32..200_000)
        .map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761)))
        .collect();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("0", SimpleFileOptions::default()).unwrap();
    zip.write_all(noise.as_bytes()).unwrap();
    for n in 1..300 {
        zip.shallow_copy_file("0", &n.to_string()).unwrap();
    }
    let why = hostile(&zip.finish().unwrap().into_inner());
    assert!(why.starts_with("it inflates to "), "{why}");
}

#[test]
fn passwords_are_told() {
    let protected = |sent: Sent| match sent.error() {
        TableError::Unreadable(why) => assert_eq!(why, "it is protected by a password"),
        other => panic!("{other:?}"),
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("container");
    let mut container = cfb::create(&path).unwrap();
    container.create_storage("\u{6}DataSpaces").unwrap();
    for name in ["EncryptedPackage", "EncryptionInfo"] {
        let mut stream = container.create_stream(name).unwrap();
        stream.write_all(&[1; 100]).unwrap();
    }
    container.flush().unwrap();
    protected(Sent::new(Foreign::Xls, &fs::read(&path).unwrap()));

    // The flag of an encrypted entry, in the central directory.
    // It need not be one that is read.
    let mut bytes = archive(&[("xl/workbook.xml", b"<workbook/>"), ("other", b"x")]);
    let at = last_entry(&bytes);
    bytes[at + 8] |= 1;
    protected(Sent::new(Foreign::Xlsx, &bytes));
}

/// A record of the older binary formats.
fn biff(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn an_old_workbook_is_read() {
    let begin = |what| biff(0x809, &[words(&[0x600, what, 0, 0]), vec![0; 8]].concat());
    let end = biff(0x0A, &[]);
    let format = |id: u16| biff(0xE0, &[words(&[0, id]), vec![0; 16]].concat());
    let label = |row, column, text: &str| {
        let text: Vec<_> = text.encode_utf16().collect();
        let head = words(&[row, column, 0, text.len() as u16]);
        biff(0x204, &[head, vec![1], words(&text)].concat())
    };
    let number = |row, column, style, number: f64| {
        biff(
            0x203,
            &[words(&[row, column, style]), number.to_le_bytes().to_vec()].concat(),
        )
    };
    let mut globals = [begin(5), biff(0x22, &[0, 0]), format(0), format(14)].concat();
    let sheet_at = globals.len() + biff(0x85, &[0; 8 + 5]).len() + end.len();
    let bound = [
        &(sheet_at as u32).to_le_bytes()[..],
        &[1, 0, 5, 0],
        b"Plan1",
    ]
    .concat();
    globals.extend(biff(0x85, &bound));
    globals.extend(&end);
    let sheet = [
        begin(0x10),
        label(0, 0, "Nome"),
        label(0, 1, "Adesão"),
        label(1, 0, "João"),
        number(1, 1, 1, 45292.0),
        number(2, 1, 0, 1234.5),
        number(3, 1, 0, 4_515_266_861.0),
        number(4, 1, 0, 1e15),
        biff(0xE5, &words(&[1, 1, 3, 0, 0])),
        end.clone(),
    ]
    .concat();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("container");
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    let mut container = cfb::CompoundFile::create_with_version(cfb::Version::V3, file).unwrap();
    let mut stream = container.create_stream("Workbook").unwrap();
    stream.write_all(&[globals, sheet].concat()).unwrap();
    drop(stream);
    container.flush().unwrap();
    let (table, rows) = Sent::new(Foreign::Xls, &fs::read(&path).unwrap()).one();
    assert_eq!(
        rows,
        [
            row(1, ["Nome", "Adesão"]),
            row(2, ["João", "01/01/2024"]),
            row(3, ["João", "1234,5"]),
            row(4, ["João", "4515266861"]),
            row(5, ["", "1000000000000000"]),
        ]
    );
    assert_eq!(table.name.as_deref(), Some("Plan1"));
    assert_eq!(
        codes(&table),
        [
            NoteCode::PlanilhaOculta,
            NoteCode::PrecisaoPerdida,
            NoteCode::Mesclada
        ]
    );
    assert!(matches!(
        Sent::new(Foreign::Xls, &fs::read(&path).unwrap()[..600]).error(),
        TableError::Unreadable(_)
    ));
}

#[test]
fn a_binary_workbook_is_read() {
    let record = |kind: u16, body: &[u8]| {
        let mut all = vec![kind as u8];
        if kind > 0x7F {
            all = vec![kind as u8 | 0x80, (kind >> 7) as u8];
        }
        all.push(u8::try_from(body.len()).unwrap());
        all.extend(body);
        all
    };
    let wide = |text: &str| {
        let text: Vec<_> = text.encode_utf16().collect();
        [(text.len() as u32).to_le_bytes().to_vec(), words(&text)].concat()
    };
    let cell = |column: u32, value: Vec<u8>| [&column.to_le_bytes()[..], &[0; 4], &value].concat();
    let workbook = [
        record(0x99, &[0; 8]),
        record(0x9C, &[vec![0; 8], wide("r1"), wide("Plan1")].concat()),
        record(0x90, &[]),
        record(0x84, &[]),
    ]
    .concat();
    let sheet = [
        record(0x81, &[]),
        record(0x94, &[0; 16]),
        record(0x91, &[]),
        record(0, &0_u32.to_le_bytes()),
        record(6, &cell(0, wide("João"))),
        record(5, &cell(2, 1234.5_f64.to_le_bytes().to_vec())),
        record(0, &7_u32.to_le_bytes()),
        record(4, &cell(0, vec![1])),
        record(0x92, &[]),
    ]
    .concat();
    let related = "<Relationships><Relationship Id=\"r1\" Type=\"t/worksheet\" \
        Target=\"worksheets/sheet1.bin\"/></Relationships>";
    let bytes = archive(&[
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", related.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
    ]);
    let (table, rows) = Sent::new(Foreign::Xlsb, &bytes).one();
    assert_eq!(
        rows,
        [row(1, ["João", "", "1234,5"]), row(8, ["VERDADEIRO"])]
    );
    assert_eq!(table.name.as_deref(), Some("Plan1"));
}

fn open_document(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"Plan1\">\
         {rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    archive(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn an_open_document_is_read() {
    let rows = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>João</text:p>\
        </table:table-cell><table:table-cell office:value-type=\"float\" office:value=\"1234.5\">\
        <text:p>1.234,50</text:p></table:table-cell><table:table-cell office:value-type=\"date\" \
        office:date-value=\"2024-03-01\"><text:p>01/03/24</text:p></table:table-cell>\
        <table:table-cell office:value-type=\"boolean\" office:boolean-value=\"true\"/></table:table-row>";
    let (table, rows) = Sent::new(Foreign::Ods, &open_document(rows)).one();
    let expected = ["João", "1234,5", "01/03/2024", "VERDADEIRO"];
    assert_eq!(rows, [row(1, expected)]);
    assert_eq!(table.name.as_deref(), Some("Plan1"));
    let bytes = understated(&open_document(&" ".repeat(100_000)));
    let error = Sent::new(Foreign::Ods, &bytes).error();
    assert!(matches!(error, TableError::Unreadable(_)), "{error:?}");
}
