//! What a recipe demands of values, on whole tables.

use polars::prelude::NamedFrom;
use pyservice::recipe::rules::{DuplicateRules, ExactAction, OutlierRule};
use pyservice::recipe::{Bound, ColumnKind, Limits, Profile, Rules};
use pyservice::values::{Locale, Money, Reason, Status};
use regex::Regex;

use super::{Sheet, Treated, treated};

/// Cleans `sheet` with limits for its columns. Copies of rows stay.
fn limited(sheet: &Sheet, columns: Vec<(ColumnKind, Limits)>) -> Treated {
    let duplicates = DuplicateRules {
        exact: ExactAction::Keep,
        ..DuplicateRules::default()
    };
    let rules = Rules {
        duplicates,
        ..Rules::default()
    };
    limited_by(rules, sheet, columns)
}

fn limited_by(rules: Rules<usize>, sheet: &Sheet, columns: Vec<(ColumnKind, Limits)>) -> Treated {
    let kinds: Vec<_> = columns.iter().map(|(kind, _)| *kind).enumerate().collect();
    let mut profile: Profile = sheet.profile(&kinds);
    for (column, (_, limits)) in profile.columns.iter_mut().zip(columns) {
        column.limits = limits;
    }
    treated(sheet, profile, rules, 100)
}

fn allowed(values: &[&str]) -> Limits {
    Limits {
        allowed: values.iter().map(|value| (*value).to_owned()).collect(),
        ..Limits::default()
    }
}

fn required() -> Limits {
    Limits {
        required: true,
        ..Limits::default()
    }
}

fn number(text: &str) -> Option<Bound> {
    let number = Money::parse(text, Some(Locale::PtBr)).value.unwrap();
    Some(Bound::Number(number.amount))
}

fn day(text: &str) -> Option<Bound> {
    Some(Bound::Day(text.parse().unwrap()))
}

/// Line, column, text and reason of each rejected cell.
fn cells(done: &Treated) -> Vec<(u64, usize, &str, Reason)> {
    let cells = done.cells.iter();
    cells
        .map(|cell| (cell.line, cell.column, &*cell.original, cell.reason))
        .collect()
}

#[test]
fn a_value_off_the_list_is_rejected_and_one_on_it_is_written_as_the_list_has_it() {
    let sheet = Sheet::new(&[(
        "Canal",
        [
            "Loja",
            " LOJA",
            "loja física",
            "São Paulo",
            "sao-paulo",
            "",
            "+",
        ],
    )]);
    let list = allowed(&["Loja", "São Paulo", "+"]);
    let done = limited(&sheet, vec![(ColumnKind::Category, list)]);
    let texts = ["Loja", "Loja", "", "São Paulo", "São Paulo", "", "+"];
    assert_eq!(done.texts(0), texts);
    let expected = [
        "ok",
        "padronizado espacos",
        "rejeitado fora_da_lista",
        "ok",
        "padronizado",
        "vazio",
        "ok",
    ];
    assert_eq!(done.outcomes(0), expected);
    assert_eq!(cells(&done), [(4, 0, "loja física", Reason::ForaDaLista)]);
}

#[test]
fn signs_alone_are_not_alike() {
    let sheet = Sheet::new(&[("Nota", ["+", "*", "A"])]);
    let done = limited(&sheet, vec![(ColumnKind::Category, allowed(&["+", "A"]))]);
    assert_eq!(done.texts(0), ["+", "", "A"]);
}

#[test]
fn a_list_of_numbers_is_compared_by_what_they_are_worth() {
    let sheet = Sheet::new(&[("Desconto", ["5,00", "-5", "5", "10,5", "7"])]);
    let done = limited(
        &sheet,
        vec![(ColumnKind::Decimal, allowed(&["5", "10,50"]))],
    );
    assert_eq!(done.texts(0), ["5", "", "5", "10,50", ""]);
}

#[test]
fn a_list_is_read_as_the_column_turns_out_to_be() {
    let sheet = Sheet::new(&[("Ativo", ["S", "N", "sim", "não"])]);
    let done = limited(&sheet, vec![(ColumnKind::Boolean, allowed(&["S"]))]);
    assert_eq!(done.texts(0), ["Sim", "", "Sim", ""]);
}

#[test]
fn a_value_that_does_not_match_the_pattern_is_rejected() {
    let sheet = Sheet::new(&[("Pedido", ["A-10", "A-1000", " A-22 ", "b-10", ""])]);
    let limits = Limits {
        pattern: Some(Regex::new(r"^(?:[A-Z]-\d{2})$").unwrap()),
        ..Limits::default()
    };
    let done = limited(&sheet, vec![(ColumnKind::Text, limits)]);
    // It is the clean value that must match.
    assert_eq!(done.texts(0), ["A-10", "", "A-22", "", ""]);
    let expected = [
        (3, 0, "A-1000", Reason::ForaDoPadrao),
        (5, 0, "b-10", Reason::ForaDoPadrao),
    ];
    assert_eq!(cells(&done), expected);
}

#[test]
fn numbers_are_kept_within_their_range_exactly() {
    let sheet = Sheet::new(&[(
        "Valor",
        [
            "0,10",
            "0,0999999999999999999",
            "-3",
            "1.000,00",
            "1.000,01",
            "",
        ],
    )]);
    let limits = Limits {
        least: number("0,1"),
        most: number("1000"),
        ..Limits::default()
    };
    let done = limited(&sheet, vec![(ColumnKind::Money, limits)]);
    let fine = |place: usize| !done.texts(0)[place].is_empty();
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(fine),
        [true, false, false, true, false, false]
    );
    let lines = [3, 4, 6];
    assert_eq!(
        cells(&done)
            .iter()
            .map(|cell| (cell.0, cell.3))
            .collect::<Vec<_>>(),
        lines.map(|line| (line, Reason::ForaDeFaixa))
    );
}

#[test]
fn days_are_kept_within_their_range() {
    let sheet = Sheet::new(&[(
        "Data",
        [
            "31/12/2019",
            "01/01/2020",
            "31/12/2020 23:59:59",
            "2021-01-01",
            "30/02/2020",
        ],
    )]);
    let limits = Limits {
        least: day("2020-01-01"),
        most: day("2020-12-31"),
        ..Limits::default()
    };
    let done = limited(&sheet, vec![(ColumnKind::Date, limits)]);
    let expected = [
        "rejeitado fora_de_faixa",
        "padronizado",
        "padronizado",
        "rejeitado fora_de_faixa",
        "rejeitado data_inexistente",
    ];
    let outcomes = done.outcomes(0);
    assert_eq!(outcomes[0], expected[0]);
    assert_eq!(outcomes[3..], expected[3..]);
    assert_eq!(
        done.texts(0)[1..3],
        ["01/01/2020 00:00:00", "31/12/2020 23:59:59"]
    );
}

#[test]
fn a_row_without_a_required_value_is_rejected_whole() {
    let sheet = Sheet::new(&[
        (
            "CPF",
            [
                "529.982.247-25",
                "",
                "111.444.777-32",
                "111.444.777-35",
                "111.444.777-35",
            ],
        ),
        (
            "E-mail",
            [
                "ana@b.com",
                "caio@b.com",
                "errado",
                "bia@b.com",
                "bia@b.com",
            ],
        ),
        ("Canal", ["Loja", "Loja", "Loja", "Site", "Site"]),
    ]);
    let columns = vec![
        (ColumnKind::Cpf, required()),
        (ColumnKind::Email, Limits::default()),
        (ColumnKind::Category, Limits::default()),
    ];
    let done = limited_by(Rules::default(), &sheet, columns);
    assert_eq!(done.lines, [2, 5]);
    let rows: Vec<_> = done.rejected.iter().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].line, rows[0].reason), (3, Reason::Obrigatorio));
    assert_eq!(rows[0].raw, ";caio@b.com;Loja");
    assert_eq!(rows[0].detail.as_deref(), Some("\"CPF\" está em branco"));
    assert_eq!(rows[1].line, 4);
    let words = Reason::DvInvalido.words();
    assert_eq!(rows[1].detail, Some(format!("\"CPF\": {words}")));
    // What else is wrong with such a row is not listed.
    assert_eq!(cells(&done), []);
    assert_eq!(sheet.rows(), done.lines.len() + rows.len() + done.removed());
    for column in &done.tally.columns {
        assert_eq!(column.status.total(), 5);
        assert_eq!(column.status.of(Status::Rejeitado), 2);
    }
    assert_eq!(done.tally.rejections(), [(Reason::Obrigatorio, 2)]);
}

#[test]
fn a_value_outside_its_limits_is_none_where_one_is_required() {
    let sheet = Sheet::new(&[("Canal", ["Loja", "Feira", ""])]);
    let limits = Limits {
        required: true,
        ..allowed(&["Loja"])
    };
    let done = limited(&sheet, vec![(ColumnKind::Category, limits)]);
    assert_eq!(done.lines, [2]);
    assert_eq!(done.rejected.len(), 2);
    let words = Reason::ForaDaLista.words();
    assert_eq!(done.rejected[0].detail, Some(format!("\"Canal\": {words}")));
}

#[test]
fn a_rejected_row_is_nobodys_duplicate() {
    let sheet = Sheet::new(&[
        (
            "CPF",
            ["529.982.247-25", "529.982.247-25", "529.982.247-25"],
        ),
        ("Canal", ["", "Loja", "Loja"]),
    ]);
    let columns = vec![
        (ColumnKind::Cpf, Limits::default()),
        (ColumnKind::Category, required()),
    ];
    let done = limited_by(Rules::default(), &sheet, columns);
    assert_eq!(done.lines, [3]);
    assert_eq!(
        done.outcomes(0),
        ["ok"],
        "the first of its key that is delivered"
    );
    let duplicates: Vec<_> = done
        .duplicates
        .iter()
        .map(|row| (row.line, row.first))
        .collect();
    assert_eq!(duplicates, [(4, 3)]);
}

#[test]
fn side_columns_of_a_rejected_value_are_blank() {
    let sheet = Sheet::new(&[("Telefone", ["(11) 98765-4321", "(21) 98765-4321"])]);
    let mut profile = sheet.profile(&[(0, ColumnKind::Phone)]);
    profile.columns[0].limits.pattern = Some(Regex::new(r"^(?:\(11\).*)$").unwrap());
    let names: Vec<_> = profile.sides().map(|(_, side)| side.name.clone()).collect();
    assert_eq!(names, ["Telefone_tipo"]);
    let brief = pyservice::cleaning::Brief {
        profile: profile.into(),
        rules: Default::default(),
        today: super::today(),
    };
    let mut cleaner = pyservice::cleaning::Cleaner::new(brief, Default::default());
    let clean = cleaner.clean(sheet.batches(10).remove(0)).unwrap();
    let kinds = clean.frame.column("Telefone_tipo").unwrap();
    let expected = polars::prelude::Series::new("Telefone_tipo".into(), [Some("movel"), None]);
    assert_eq!(kinds.as_materialized_series(), &expected);
}

#[test]
fn outlying_and_missing_values_are_judged_by_what_the_limits_leave() {
    // The thousands are no outliers: they are not there.
    let mut cells: Vec<_> = (0..30)
        .map(|row| Some(format!("{}", 10 + row % 5)))
        .collect();
    cells.extend([
        Some("5000".to_owned()),
        Some("6000".to_owned()),
        Some("40".to_owned()),
    ]);
    let sheet = Sheet {
        names: vec!["Valor".into()],
        columns: vec![cells],
    };
    let mut profile = sheet.profile(&[(0, ColumnKind::Integer)]);
    profile.columns[0].limits.most = number("100");
    let rules = Rules {
        outliers: vec![OutlierRule {
            columns: vec![0],
            method: Default::default(),
            factor: None,
            action: Default::default(),
        }],
        duplicates: DuplicateRules {
            exact: ExactAction::Keep,
            ..DuplicateRules::default()
        },
        ..Rules::default()
    };
    let done = treated(&sheet, profile, rules, 7);
    assert_eq!(
        done.outcomes(0)[30..],
        [
            "rejeitado fora_de_faixa",
            "rejeitado fora_de_faixa",
            "alerta discrepante"
        ]
    );
}
