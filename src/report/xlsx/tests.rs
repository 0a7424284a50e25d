use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use polars::prelude::df;

use super::*;
use crate::report::{
    Dropped, Duplicates, InputFacts, JobFacts, ReadingFacts, RowCounts, Score, Timings,
};
use crate::transform::Derived;
use crate::values::Reason;

fn summary() -> Summary {
    let text = String::new;
    Summary {
        version: 1,
        job: JobFacts {
            id: text(),
            file: "x.csv".into(),
            recipe: None,
            started_at: text(),
            finished_at: text(),
        },
        input: InputFacts {
            sha256: text(),
            bytes: 0,
            reading: ReadingFacts {
                table: None,
                format: "csv".into(),
                encoding: text(),
                delimiter: text(),
                quote: text(),
                escape: text(),
                delimiters: Vec::new(),
                header_line: 1,
                header_lines: vec![1],
                rows: 0,
                notes: Vec::new(),
            },
            columns: 0,
            dropped: Dropped::default(),
        },
        rows: RowCounts::default(),
        columns: Vec::new(),
        score: Score {
            before: 0.0,
            after: 0.0,
            band: 'E',
        },
        duplicates: Duplicates::default(),
        outliers: Vec::new(),
        missing: Vec::new(),
        checks: Vec::new(),
        derived: Vec::new(),
        groups: Vec::new(),
        enrichment: None,
        rejections: Vec::new(),
        examples: Vec::new(),
        alerts: Vec::new(),
        artifacts: Vec::new(),
        timings_ms: Timings::default(),
    }
}

fn column(name: &str, kind: CellKind) -> SheetColumn {
    SheetColumn {
        name: name.into(),
        kind,
        width: 10,
    }
}

fn change<'a>(status: Status, before: Option<&'a str>, after: Option<&'a str>) -> Change<'a> {
    Change {
        line: 7,
        column: 0,
        before,
        after,
        status,
        reason: Some(Reason::ZeroEsquerda),
        confidence: 95,
    }
}

/// The workbook, and where its bytes lie.
fn workbook() -> Xlsx<std::io::BufReader<File>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xlsx");
    let scratch = |name: &str| {
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        options.open(folder.path().join(name))
    };
    let columns = vec![
        column("Dia", CellKind::Date),
        column("Hora", CellKind::Moment),
        column("Taxa", CellKind::Percent),
        column("CEP", CellKind::Text),
    ];
    let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let out = File::create(&path).unwrap();
    let mut report = XlsxReport::start(out, scratch, columns, day).unwrap();
    let frame = df!(
        "Dia" => [Some("31/12/2024"), Some("mar/24"), None],
        "Hora" => [Some("01/01/2024 18:00:00"), None, None],
        "Taxa" => [Some("12,5%"), Some("-7%"), None],
        "CEP" => [Some("01310-100"), None, None],
    )
    .unwrap();
    report
        .append(&frame, &vec![vec![Tone::Corrected; 3]; 4])
        .unwrap();
    for status in Status::ALL {
        report
            .change(&change(status, Some("1"), Some("01")), "CPF")
            .unwrap();
    }
    let names = ["CPF".to_owned(), "Nome".to_owned()];
    for (why, removed) in [
        (DuplicateReason::Exact, true),
        (DuplicateReason::Key(Arc::new([0, 1])), false),
        (
            DuplicateReason::Fuzzy {
                percent: 87,
                possible: true,
            },
            false,
        ),
    ] {
        let row = DuplicateRow {
            line: 9,
            first: 3,
            cluster: 2,
            why,
            removed,
        };
        report.duplicate(&row, &names).unwrap();
    }
    let derived = |name: &str, kind| Derived {
        name: name.into(),
        kind,
        formula: "group",
        of: Vec::new(),
    };
    let group = GroupSheet {
        name: "Por UF".into(),
        columns: vec![
            derived("UF", ColumnKind::State),
            derived("Soma", ColumnKind::Money),
            derived("Último", ColumnKind::Date),
        ],
        frame: df!(
            "UF" => [Some("SP"), None],
            "Soma" => [Some("1234,56"), Some("12345678901234567,89")],
            "Último" => [Some("31/12/2024"), None],
        )
        .unwrap(),
        left_out: 4,
    };
    report.finish(&summary(), &[group]).unwrap();
    calamine::open_workbook(&path).unwrap()
}

fn texts_of(book: &mut Xlsx<std::io::BufReader<File>>, sheet: &str) -> Vec<String> {
    let range = book.worksheet_range(sheet).unwrap();
    let row = |row: &[Data]| {
        row.iter()
            .map(Data::to_string)
            .collect::<Vec<_>>()
            .join("|")
    };
    range.rows().map(row).collect()
}

#[test]
fn sheets_stand_in_their_order() {
    let names = workbook().sheet_names();
    let own = ["Resumo", "Base", "Rejeitados", "Duplicados", "Alterações"];
    assert_eq!(
        names,
        [&own[..], &["Por UF", "Colunas", "Dicionário"]].concat()
    );
}

#[test]
fn dates_and_percentages_of_the_base_are_real() {
    let range = workbook().worksheet_range("Base").unwrap();
    let cell = |row, column| range.get_value((row, column)).unwrap().clone();
    let Data::DateTime(day) = cell(1, 0) else {
        panic!("{:?}", cell(1, 0));
    };
    assert_eq!(day.to_ymd_hms_milli(), (2024, 12, 31, 0, 0, 0, 0));
    let Data::DateTime(moment) = cell(1, 1) else {
        panic!("{:?}", cell(1, 1));
    };
    assert_eq!(moment.to_ymd_hms_milli(), (2024, 1, 1, 18, 0, 0, 0));
    assert_eq!(cell(1, 2), Data::Float(0.125));
    assert_eq!(cell(1, 3), Data::String("01310-100".into()));
    assert_eq!(cell(2, 0), Data::String("mar/24".into()));
    assert_eq!(cell(2, 2), Data::Float(-0.07));
    assert!(matches!(range.get_value((3, 2)), None | Some(Data::Empty)));
}

#[test]
fn only_what_was_rebuilt_or_filled_is_a_change() {
    let told = texts_of(&mut workbook(), "Alterações");
    assert_eq!(
        told[0],
        "Linha|Coluna|Antes|Depois|Regra|Situação|Confiança"
    );
    let line = |status| format!("7|CPF|1|01|zero à esquerda restaurado|{status}|0.95");
    let kept = ["corrigido", "alerta", "imputado", "enriquecido"].map(line);
    assert_eq!(told[1..], kept);
}

#[test]
fn every_duplicate_says_which_row_stays_and_why() {
    let told = texts_of(&mut workbook(), "Duplicados");
    assert_eq!(
        told[1..],
        [
            "9|3|2|linha inteira|removida",
            "9|3|2|CPF + Nome|marcada",
            "9|3|2|semelhança de 87%|possível"
        ]
    );
}

#[test]
fn groups_have_a_sheet_of_real_numbers() {
    let mut book = workbook();
    let range = book.worksheet_range("Por UF").unwrap();
    assert_eq!(range.get_value((1, 1)), Some(&Data::Float(1234.56)));
    assert!(matches!(range.get_value((1, 2)), Some(Data::DateTime(_))));
    let long = Data::String("12345678901234567,89".into());
    assert_eq!(range.get_value((2, 1)), Some(&long));
    let told = texts_of(&mut book, "Por UF");
    assert!(
        told[3].starts_with("mais 4 linhas são de grupos"),
        "{told:?}"
    );
}
