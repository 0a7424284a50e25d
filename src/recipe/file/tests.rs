use super::*;

/// A recipe with nothing but `rest`.
fn with(rest: &str) -> String {
    format!("version: 1\nname: lista\n{rest}")
}

fn mistakes(rest: &str) -> String {
    match Recipe::parse(&with(rest)) {
        Ok(_) => "no mistake".to_owned(),
        Err(mistakes) => {
            let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            lines.join("\n")
        }
    }
}

const COLUMNS: &str = "columns:
  - {name: CPF, type: cpf}
  - {name: Renda, type: money}
  - {name: Idade, type: integer, aliases: [Anos]}
  - {name: Cadastro, type: date}
  - {name: UF, type: state}
  - {name: Livre}
";

#[test]
fn a_recipe_says_everything_there_is_to_say() {
    let recipe = Recipe::parse(&with(&format!(
        "description: Tudo
match:
  files: ['vendas_*.csv', 'norte/**']
  headers: [CPF, renda]
{COLUMNS}  - {{name: Canal, type: category, allowed: [Loja, Site, 10], rename: Canal de venda}}
  - {{name: Código, pattern: '[A-Z]\\d+', required: true}}
  - {{name: Taxa, type: percent, range: {{min: 0, max: 100}}, drop: true}}
  - {{name: Nascimento, type: birth_date, range: {{min: 1900-01-01}}}}
duplicates:
  exact: keep
  keys: [{{by: [cpf], action: merge, newest: Cadastro}}]
  fuzzy: {{action: mark, duplicate: 0.95}}
outliers: [{{columns: [Renda], method: mad, factor: 4, action: cap}}]
missing:
  - {{columns: [Renda], fill: {{knn: {{neighbours: 3, weights: distance, near_by: [anos], standardise: true}}}}}}
  - {{columns: [Idade], fill: median}}
checks: [cep_state, {{not_future: {{date: Cadastro}}}}]
derive:
  - {{days_since: {{column: Cadastro}}, name: Dias}}
  - {{one_hot: {{column: UF, drop_first: true, most: 5}}}}
  - {{bins: {{column: Renda, cuts: {{quantiles: 4}}}}}}
groups:
  - sheet: Por UF
    by: [UF]
    aggregates: [{{function: count}}, {{function: sum, column: Renda, name: Renda total}}]
outputs: [csv, zip]
"
    )))
    .unwrap();
    insta::assert_debug_snapshot!(recipe.rules);
    assert_eq!(
        recipe.outputs,
        Some(vec![ArtifactKind::Csv, ArtifactKind::Zip])
    );
    assert_eq!(recipe.columns[6].limits.allowed, ["Loja", "Site", "10"]);
    assert!(
        recipe.columns[7]
            .limits
            .pattern
            .as_ref()
            .unwrap()
            .is_match("A12")
    );
    assert!(
        !recipe.columns[7]
            .limits
            .pattern
            .as_ref()
            .unwrap()
            .is_match("A12x")
    );
}

#[test]
fn the_form_of_a_recipe_is_checked_by_line_and_column() {
    insta::assert_snapshot!(
        [
            mistakes("colums: []"),
            mistakes("columns:\n  - {name: A, typ: cpf}"),
            mistakes("columns:\n  - {name: A, type: cfp}"),
            mistakes("columns:\n  - name: A\n    required: sim"),
            mistakes("columns:\n  - type: cpf"),
            mistakes("columns: {a: b}"),
            mistakes("outliers:\n  - {columns: [A], mehtod: mad}"),
            mistakes("missing:\n  - {columns: [A], fill: {knn: {neighbors: 3}}}"),
            mistakes("derive:\n  - {min_max: {column: A, colum: B}}"),
            mistakes("derive:\n  - {minmax: {column: A}}"),
            mistakes("derive:\n  - {name: B}"),
            mistakes("derive:\n  - {min_max: {column: A}, zscore: {column: A}}"),
            mistakes("checks:\n  - cep_stat"),
            mistakes("name: outra"),
            mistakes("match: {files: [a"),
            mistakes("match: &a {files: *b}"),
        ]
        .join("\n"),
        @r"
        3:1: unknown field `colums`, expected one of version, name, description, match, input, columns, duplicates, outliers, missing, checks, derive, groups, outputs
        4:15: unknown field `typ`, expected one of name, position, aliases, type, required, allowed, pattern, range, rename, drop
        4:21: unknown variant `cfp`, expected one of cpf, cnpj, document, phone, ddd, email, cep, state, municipality, ibge, name, company, street, number, date, birth_date, money, decimal, integer, percent, boolean, category, text
        5:15: invalid boolean (true or false expected)
        4:5: missing field `name`
        3:10: expected sequence start
        4:20: unknown field `mehtod`, expected one of columns, method, factor, action
        4:33: unknown field `neighbors`, expected one of neighbours, weights, near_by, standardise
        4:27: unknown field `colum`, expected one of column
        4:6: unknown variant `minmax`, expected one of min_max, zscore, one_hot, ratio, difference, days_since, date_part, bins
        4:5: a derived column has no formula
        4:5: `zscore` is a second key of one derived column: it takes one formula and a `name`
        4:5: unknown variant `cep_stat`, expected one of cep_state, cep_municipality, ddd_state, ddd_municipality, ibge, municipality_state, cpf_region, person_kind, order, not_future, total, email_company, shared_phone, shared_email
        3:1: duplicate mapping key `name` is not allowed here
        3:16: unclosed bracket '['
        3:19: reference to unknown value
        "
    );
}

#[test]
fn contradictions_are_all_told_at_once() {
    insta::assert_snapshot!(
        mistakes(
            "match: {files: ['a[', 'a*'], headers: ['', X, x]}
columns:
  - {name: A, type: money, range: {min: 10, max: 1}}
  - {name: a}
  - {name: B, aliases: [A, B]}
  - {name: C, type: state, allowed: [SP, XX, sp], pattern: '[A-R].'}
  - {name: D, drop: true, rename: E}
  - {name: F, rename: G}
  - {name: G}
  - {name: H, pattern: '(('}
  - {name: I, range: {min: 1}}
  - {name: J, type: date, range: {min: 01/02/2020}}
  - {name: K, position: 0, aliases: [L]}
  - {name: M, position: 3}
  - {name: N, position: 3}
  - {name: O, type: category, allowed: ['', x]}
outputs: [csv, csv, doc]"
        ),
        @r"
        3:17: `a[` is no pattern of file names: unclosed character class; missing ']'
        3:40: the header `` is empty or is there twice: remove it
        3:47: the header `x` is empty or is there twice: remove it
        5:35: `min` is greater than `max`
        6:12: another column is called `a` already: remove one of them
        7:25: another column is called `A` already: remove one of them
        7:28: this column is called `B` already: remove one of them
        8:38: this value is allowed, but the `pattern` refuses it
        8:42: this value is no valid state: remove it, or change the column's `type`
        8:46: this value is there twice: remove one
        8:46: this value is allowed, but the `pattern` refuses it
        9:35: `rename` and `drop` contradict each other: what is dropped needs no name
        11:12: two columns are delivered as `G`: rename or drop one of them
        12:24: the pattern is no regular expression: see https://docs.rs/regex
        13:22: `range` needs a `type` of numbers or dates: money, decimal, integer, percent, date or birth_date
        14:40: the end of a range of dates is a day such as `2020-01-31`
        15:25: positions count from 1
        15:38: `aliases` and `position` contradict each other: remove one of them
        17:25: `M` has this position already
        18:41: an allowed value is blank: blanks are always allowed
        19:16: `csv` is there twice: remove one
        19:21: `doc` is no kind of file we make: csv, xlsx, pdf, zip or json
        "
    );
}

#[test]
fn rules_that_cannot_be_meant_are_told() {
    insta::assert_snapshot!(
        mistakes(&format!(
            "{COLUMNS}duplicates:
  keys: [{{by: []}}, {{by: [CPF, cpf], newest: UF}}]
  fuzzy: {{duplicate: 0.8, possible: 0.9}}
outliers:
  - {{columns: [CPF, Rneda]}}
  - {{columns: [Renda], factor: -1}}
  - {{columns: [renda]}}
missing:
  - {{columns: [Cadastro], fill: mean}}
  - {{columns: [Renda], fill: {{constant: dez}}}}
  - {{columns: [Idade], fill: {{knn: {{neighbours: 0, near_by: [Anos, UF]}}}}}}
checks:
  - {{order: {{earlier: Cadastro, later: Renda}}}}
  - cep_state
  - cep_state
derive:
  - {{min_max: {{column: UF}}}}
  - {{bins: {{column: Renda, cuts: {{at: [3, 2]}}}}}}
  - {{bins: {{column: Renda, cuts: {{equal: 1}}}}}}
  - {{days_since: {{column: Cadastro}}, name: renda}}
groups:
  - {{sheet: 'a/b', by: [UF], aggregates: [{{function: sum}}]}}
  - {{sheet: um nome de planilha comprido demais, by: [], aggregates: []}}"
        )),
        @r"
        11:3: `by` names no column
        11:3: `possible` is greater than `duplicate`: what is surely the same has the higher score
        11:31: `cpf` is there twice: remove one
        11:45: this rule is for dates (date or birth_date), and the column `UF` is of type state
        14:16: this rule is for numbers (money, decimal, integer or percent), and the column `CPF` is of type cpf
        14:21: no column `Rneda` is declared: add it under `columns`
        15:5: `factor` is a number above 0
        16:16: another rule of `outliers` is for `renda` already: remove one
        18:16: this rule is for numbers (money, decimal, integer or percent), and the column `Cadastro` is of type date
        19:5: `constant` is a number such as `0` or `1.5`
        20:5: `neighbours` is at least 1
        20:62: `Anos` is among `columns`, which are measured by anyway: remove it here
        20:68: this rule is for numbers (money, decimal, integer or percent), and the column `UF` is of type state
        22:40: this rule is for dates (date or birth_date), and the column `Renda` is of type money
        24:5: this check is there twice: remove one
        26:24: this rule is for numbers (money, decimal, integer or percent), and the column `UF` is of type state
        27:5: `at` is a list of numbers in ascending order
        28:5: there are from 2 to 1000 intervals
        29:5: there is a column `renda` already: choose another `name`
        31:5: `sheet` is a name without [ ] : * ? / \ and without ' at its ends
        31:5: every function but `count` needs a `column`
        32:5: `sheet` has 35 characters: 31 is the most Excel takes
        32:5: `by` names no column
        32:5: `aggregates` is empty: `- function: count` counts the rows
        "
    );
}

#[test]
fn a_recipe_for_files_without_header_goes_by_position() {
    insta::assert_snapshot!(
        mistakes("match: {headers: [A]}\ninput: {header: none}\ncolumns:\n  - {name: A}"),
        @r"
        3:19: `headers` and `header: none` contradict each other: match by `files` alone
        6:12: without a header, the column `A` needs a `position`
        "
    );
    insta::assert_snapshot!(
        Recipe::parse("version: 2\nname: Com Espaço\n").unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        @r"
        1:10: `version` is not 1, the only one there is
        2:7: a recipe's `name` is made of lower-case letters, digits, `_` and `-`
        "
    );
}

#[test]
fn the_schema_in_the_documentation_is_the_one_in_force() {
    let written = include_str!("../../../docs/recipe.schema.json");
    let ours = serde_json::to_string_pretty(&Recipe::schema()).unwrap() + "\n";
    assert!(
        written == ours,
        "run `cargo run -- recipe schema > docs/recipe.schema.json`"
    );
}
