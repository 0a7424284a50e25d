//! Rules for whole columns, as recipes ask for them.

use pyservice::recipe::{Detector, Recipe};
use pyservice::values::Reason;

use super::{Sheet, Treated, treated};

/// Cleans `sheet` by a recipe, given without its first lines; what could not be done is told too.
fn by_recipe(sheet: &Sheet, recipe: &str) -> (Treated, Vec<String>) {
    let text = format!("version: 1\nname: lista\n{recipe}");
    let recipe = match Recipe::parse(&text) {
        Ok(recipe) => recipe,
        Err(mistakes) => panic!("{mistakes:?}"),
    };
    let names: Vec<_> = sheet.names.iter().map(String::as_str).collect();
    let laid = recipe.lay(&names).unwrap();
    let mut detector = Detector::new(names.iter().copied());
    laid.force(&mut detector);
    detector.observe(&sheet.frame()).unwrap();
    let mut profile = detector.finish(sheet.rows() as u64);
    let mut alerts = Vec::new();
    let rules = laid.apply(&mut profile, &mut alerts).unwrap();
    (treated(sheet, profile, rules, 7), alerts)
}

/// A column of so many numbers around ten, then `rest`.
fn numbers(usual: usize, rest: &[&str]) -> Vec<Option<String>> {
    let usual = (0..usual).map(|row| Some((8 + row % 5).to_string()));
    let rest = rest
        .iter()
        .map(|text| (!text.is_empty()).then(|| (*text).to_owned()));
    usual.chain(rest).collect()
}

fn sheet(columns: Vec<(&str, Vec<Option<String>>)>) -> Sheet {
    Sheet {
        names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        columns: columns.into_iter().map(|(_, cells)| cells).collect(),
    }
}

/// Distinct labels, so that no row is another's copy.
fn labels(rows: usize) -> Vec<Option<String>> {
    (0..rows).map(|row| Some(format!("linha {row}"))).collect()
}

#[test]
fn the_best_row_of_a_person_stays_and_is_completed() {
    let sheet = Sheet::new(&[
        ("CPF", ["529.982.247-25"; 4]),
        ("Nome", ["Ana Lima", "Ana Lima", "", "Ana Lima"]),
        ("E-mail", ["a@b.com", "c@d.com", "e@f.com", "errado"]),
        (
            "Data da venda",
            ["01/02/2024", "01/03/2024", "01/04/2024", "01/05/2024"],
        ),
        ("Categoria", ["ouro", "", "prata", "bronze"]),
        ("Canal", ["", "site", "loja", ""]),
    ]);
    let recipe = "columns: [{name: CPF, type: cpf}, {name: Data da venda, type: date}]
duplicates: {keys: [{by: [CPF], action: merge, newest: Data da venda}]}";
    let (done, alerts) = by_recipe(&sheet, recipe);
    assert_eq!(alerts, [""; 0]);
    // Three rows have five values each; the last of them by date stays. A broken address is none.
    assert_eq!(done.lines, [4]);
    let row: Vec<_> = (0..6).map(|place| done.texts(place)[0]).collect();
    assert_eq!(
        row,
        [
            "529.982.247-25",
            "Ana Lima",
            "e@f.com",
            "01/04/2024",
            "prata",
            "loja"
        ],
        "blanks are filled from the others, and nothing else is touched"
    );
    assert_eq!(done.marks[1][0].reason, Some(Reason::Complementado));
    assert_eq!(done.whole.duplicates.merged, 3);
    assert_eq!(done.whole.duplicates.filled, 1);
}

#[test]
fn of_rows_as_good_as_each_other_the_first_stays() {
    let sheet = Sheet::new(&[
        ("CPF", ["529.982.247-25"; 3]),
        ("Cidade", ["Santos", "Campinas", "Niterói"]),
    ]);
    let recipe = "columns: [{name: CPF, type: cpf}]
duplicates: {keys: [{by: [CPF], action: merge}]}";
    let (done, _) = by_recipe(&sheet, recipe);
    assert_eq!(done.lines, [2]);
    assert_eq!(done.texts(1), ["Santos"]);
}

#[test]
fn what_is_put_in_place_of_a_value_makes_nobody_alike() {
    let recipe = "columns: [{name: Nome, type: name}, {name: Telefone, type: phone}, {name: E-mail, type: email}]
duplicates: {keys: [], fuzzy: {action: merge}}";
    let alike = |mail: &str| {
        let sheet = Sheet::new(&[
            ("Nome", ["Ana Lima", "Ana Lyma"]),
            ("E-mail", [mail, mail]),
            ("Telefone", ["", ""]),
        ]);
        let (done, _) = by_recipe(&sheet, recipe);
        (done.lines.len(), done.outcomes(1)[0].clone())
    };
    assert_eq!(alike("ana.lima@empresa.com.br"), (1, "ok".to_owned()));
    let (rows, outcome) = alike("teste@empresa.com.br");
    assert_eq!(outcome, "alerta placeholder");
    assert_eq!(rows, 2);
}

#[test]
fn outliers_are_told_by_the_quartiles_of_the_column() {
    // Quartiles 10 and 12, so that the fences are 7 and 15.
    let worked = ["10", "12", "11", "13", "12", "95", "11", "10", "-40"];
    let cells: Vec<_> = (0..27)
        .map(|row| Some(worked[row % 9].to_owned()))
        .collect();
    let table = sheet(vec![("Linha", labels(27)), ("Valor", cells)]);
    let treat = |action: &str| {
        let recipe = format!(
            "columns: [{{name: Valor, type: integer}}]
outliers: [{{columns: [Valor], method: iqr, action: {action}}}]"
        );
        by_recipe(&table, &recipe).0
    };
    let flagged = treat("flag");
    let tally = &flagged.whole.outliers[0];
    assert_eq!((tally.lower, tally.upper, tally.cells), (7.0, 15.0, 6));
    assert_eq!(flagged.outcomes(1)[5], "alerta discrepante");
    assert_eq!(flagged.sheet, table);
    let capped = treat("cap");
    assert_eq!(capped.texts(1)[5], "15");
    assert_eq!(capped.texts(1)[8], "7");
    assert_eq!(capped.outcomes(1)[8], "corrigido limitado");
    let dropped = treat("drop");
    assert_eq!(dropped.texts(1)[5], "");
    assert_eq!(dropped.outcomes(1)[5], "rejeitado discrepante");
    assert_eq!(dropped.cells.len(), 6);
}

#[test]
fn a_column_of_codes_has_neither_outliers_nor_likely_values() {
    let rows = 30;
    let table = sheet(vec![
        ("Código", numbers(rows - 2, &["5000", ""])),
        ("Valor", numbers(rows - 2, &["5000", ""])),
        ("Linha", labels(rows)),
    ]);
    let recipe = "columns: [{name: Código, type: integer}, {name: Valor, type: integer}]
outliers: [{columns: [Código, Valor]}]
missing: [{columns: [Código], fill: mean}]";
    let (done, alerts) = by_recipe(&table, recipe);
    assert_eq!(alerts.len(), 2, "{alerts:?}");
    assert!(
        alerts
            .iter()
            .all(|alert| alert.contains("\"Código\" é de códigos")),
        "{alerts:?}"
    );
    assert_eq!(done.outcomes(0)[rows - 2..], ["ok", "vazio"]);
    assert_eq!(
        done.outcomes(1)[rows - 2..],
        ["alerta discrepante", "vazio"]
    );
}

#[test]
fn what_another_row_gives_is_no_outlier_where_outliers_are_treated() {
    let rows = 32;
    let mut cpfs = vec![None; rows - 2];
    cpfs.extend([
        Some("529.982.247-25".to_owned()),
        Some("529.982.247-25".to_owned()),
    ]);
    let mut notes = labels(rows);
    notes[rows - 1] = Some("outra".to_owned());
    let mut cities = vec![Some("Santos".to_owned()); rows];
    cities[rows - 2] = None;
    let table = sheet(vec![
        ("CPF", cpfs),
        ("Valor", numbers(rows - 2, &["5000", ""])),
        ("Observação", notes),
        ("Cidade", cities.clone()),
        ("Canal", cities),
    ]);
    let given = |action: &str| {
        let recipe = format!(
            "columns: [{{name: CPF, type: cpf}}, {{name: Valor, type: integer}}]
duplicates: {{keys: [{{by: [CPF], action: merge}}]}}
outliers: [{{columns: [Valor], action: {action}}}]"
        );
        let (done, _) = by_recipe(&table, &recipe);
        // The last row has more values, and lacks this one.
        assert_eq!(done.lines.last(), Some(&(rows as u64 + 1)));
        done.texts(1).last().map(|text| (*text).to_owned())
    };
    assert_eq!(given("flag").as_deref(), Some("5000"));
    assert_eq!(given("cap").as_deref(), Some("14"));
    assert_eq!(given("drop").as_deref(), Some(""));
}

#[test]
fn a_constant_that_the_column_cannot_hold_is_not_put_there() {
    let table = sheet(vec![("Linha", labels(3)), ("Filhos", numbers(2, &[""]))]);
    let filled = |constant: &str| {
        let recipe = format!(
            "columns: [{{name: Filhos, type: integer}}]
missing: [{{columns: [Filhos], fill: {{constant: {constant}}}}}]"
        );
        let (done, _) = by_recipe(&table, &recipe);
        (done.texts(1)[2].to_owned(), done.outcomes(1)[2].clone())
    };
    assert_eq!(filled("0"), ("0".into(), "imputado constante".into()));
    assert_eq!(filled("0.5"), ("".into(), "alerta faltante".into()));
}

#[test]
fn how_far_off_filled_values_are_is_told() {
    let rows = 200;
    let gaps = |cells: Vec<Option<String>>| -> Vec<_> {
        let cells = cells.into_iter().enumerate();
        cells
            .map(|(row, cell)| cell.filter(|_| row % 10 != 3))
            .collect()
    };
    let table = sheet(vec![
        ("Linha", labels(rows)),
        ("Valor", gaps(numbers(rows, &[]))),
        ("Peso", numbers(rows, &[])),
    ]);
    let columns = "columns: [{name: Valor, type: decimal}, {name: Peso, type: decimal}]";
    let filled = |fill: &str| {
        let recipe = format!("{columns}\nmissing: [{{columns: [Valor], fill: {fill}}}]");
        let (done, _) = by_recipe(&table, &recipe);
        let tally = &done.whole.missing[0];
        assert_eq!(tally.filled, 20);
        (tally.error.unwrap(), done.texts(1)[3].to_owned())
    };
    let (mean, text) = filled("mean");
    assert_eq!(text, "10");
    // About one in twenty of 180, two thirds of two off on average.
    assert!((4..=16).contains(&mean.cells), "{mean:?}");
    assert!((1.0..2.0).contains(&mean.rmse), "{mean:?}");
    // The other column tells the value.
    let (near, text) = filled("{knn: {neighbours: 2, near_by: [Peso]}}");
    assert_eq!((near.rmse, text.as_str()), (0.0, "11"));
}
