//! Every line of the vector files, through the public functions.
//!
//! A vector's `ok` says that the value is valid; whether its form had to change is the parsers'
//! own affair and is tested beside them.

use std::fmt::Write as _;

use pyservice::cleaning::fill_from_nearest;
use pyservice::recipe::rules::Weights;
use pyservice::values::{
    Cep, Cnpj, CnpjColumn, Cpf, CpfColumn, Date, DateKind, Locale, Money, Outcome, Phone, Reason,
    Status, date, mojibake, phone, text,
};
use serde_json::Value;

fn lines(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Runs `got` on every line and compares it with what the line expects; fails with all mismatches.
fn check(file: &str, count: usize, mut case: impl FnMut(&Value) -> (String, String)) {
    let lines = lines(file);
    assert_eq!(lines.len(), count, "lines of {file}");
    let mut mismatches = String::new();
    for line in &lines {
        let (got, expected) = case(line);
        if got != expected {
            writeln!(mismatches, "{line}\n    got {got}, expected {expected}").unwrap();
        }
    }
    assert!(mismatches.is_empty(), "{file}:\n{mismatches}");
}

fn field<'v>(line: &'v Value, name: &str) -> &'v str {
    line[name].as_str().unwrap_or("-")
}

/// The one word vectors have for status and reason.
fn status<T>(outcome: &Outcome<T>) -> &'static str {
    match (outcome.status, outcome.reason) {
        (Status::Ok | Status::Padronizado, _) => "ok",
        (Status::Corrigido, Some(Reason::ZeroEsquerda)) => "corrigido_zero_esquerda",
        (Status::Vazio, _) => "vazio",
        (_, reason) => reason.map_or("-", Reason::code),
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

#[test]
fn cpf_vectors_hold() {
    check("cpf.jsonl", 959, |line| {
        let outcome = Cpf::parse(field(line, "input"), CpfColumn::OnlyCpfs);
        let value = shown(outcome.value.as_ref().map(Cpf::digits));
        (
            format!("{value} {}", status(&outcome)),
            format!("{} {}", field(line, "expected"), field(line, "status")),
        )
    });
}

#[test]
fn cnpj_vectors_hold() {
    check("cnpj.jsonl", 910, |line| {
        let input = field(line, "input");
        let outcome = Cnpj::parse(input, CnpjColumn::OnlyCnpjs);
        let value = shown(outcome.value.as_ref().map(Cnpj::characters));
        // the check digits of fourteen zeros do match: the rule calls the number repeated, the
        // vector only says that it is refused
        let expected = match input {
            "00000000000000" => "repetido",
            _ => field(line, "status"),
        };
        (
            format!("{value} {}", status(&outcome)),
            format!("{} {expected}", field(line, "expected")),
        )
    });
}

#[test]
fn cep_vectors_hold() {
    check("cep.jsonl", 37, |line| {
        let outcome = Cep::parse(field(line, "input"), None);
        let digits = shown(outcome.value.map(|cep| format!("{:08}", cep.as_u32())));
        let state = shown(outcome.value.and_then(Cep::state));
        (
            format!("{digits} {state} {}", status(&outcome)),
            format!(
                "{} {} {}",
                field(line, "expected"),
                field(line, "uf"),
                field(line, "status")
            ),
        )
    });
}

#[test]
fn mojibake_vectors_hold() {
    check("mojibake.jsonl", 15, |line| {
        let input = field(line, "input");
        let repaired = mojibake::repair(input).unwrap_or_else(|| input.to_owned());
        assert_eq!(
            text::normalise(input).text,
            repaired,
            "the repair is part of the normal form"
        );
        (repaired, field(line, "expected").to_owned())
    });
}

#[test]
fn phone_vectors_hold() {
    check("phone.jsonl", 322, |line| {
        let outcome = Phone::parse(field(line, "input"), line["ddd"].as_str());
        let e164 = shown(outcome.value.and_then(Phone::e164));
        let service = match line.get("national_service") {
            Some(_) => shown(outcome.value.and_then(Phone::national_service)),
            None => "-".into(),
        };
        let status = match outcome.value {
            Some(phone) => phone.kind().code(),
            None => status(&outcome),
        };
        (
            format!("{e164} {service} {status}"),
            format!(
                "{} {} {}",
                field(line, "e164"),
                field(line, "national_service"),
                field(line, "status")
            ),
        )
    });
}

#[test]
fn ddd_vectors_hold() {
    let states = |ddd: u8| {
        phone::states_of(ddd)
            .iter()
            .map(|s| s.sigla())
            .collect::<Vec<_>>()
    };
    check("ddd.jsonl", 67, |line| {
        let ddd = field(line, "ddd").parse().unwrap();
        let ufs = line["ufs"].as_array().unwrap();
        let expected: Vec<_> = ufs.iter().map(|uf| uf.as_str().unwrap()).collect();
        (states(ddd).join(" "), expected.join(" "))
    });
    assert_eq!(
        (0..=u8::MAX).filter(|ddd| phone::is_assigned(*ddd)).count(),
        67
    );
}

#[test]
fn money_vectors_hold() {
    check("money.jsonl", 19, |line| {
        let input = field(line, "input");
        let outcome = Money::parse(input, None);
        let amount = shown(outcome.value.map(|money| money.amount));
        let mut flags: Vec<_> = match outcome.value {
            Some(money) => money.notes.codes().collect(),
            None if outcome.status == Status::Vazio => vec!["nulo"],
            None => vec![outcome.reason.unwrap().code()],
        };
        flags.sort_unstable();
        let list = line["flags"].as_array().unwrap();
        let mut expected_flags: Vec<_> = list.iter().map(|flag| flag.as_str().unwrap()).collect();
        expected_flags.sort_unstable();
        let currency = match outcome.value {
            Some(money) => money.currency.map_or("-", |currency| currency.code()),
            // there is no amount to be of a currency
            None => field(line, "currency"),
        };
        let english = Money::parse(input, Some(Locale::En)).value;
        let english = match line.get("value_if_column_is_en") {
            Some(_) => shown(english.map(|money| money.amount)),
            None => "-".into(),
        };
        (
            format!("{amount} {currency} {flags:?} {english}"),
            format!(
                "{} {} {expected_flags:?} {}",
                field(line, "value"),
                field(line, "currency"),
                field(line, "value_if_column_is_en")
            ),
        )
    });
}

#[test]
fn date_vectors_hold() {
    check("date.jsonl", 32, |line| {
        let input = field(line, "input");
        let today = || field(line, "today").parse().unwrap();
        let order = date::Order::DayMonth;
        let outcome = match field(line, "kind") {
            "serial1900" => date::from_serial(input, date::System::From1900),
            "serial1904" => date::from_serial(input, date::System::From1904),
            "nascimento" => Date::parse(input, DateKind::Birth, order, today()),
            _ => Date::parse(input, DateKind::General, order, today()),
        };
        let word = match status(&outcome) {
            "vazio" => "nulo",
            other => other,
        };
        let day = shown(outcome.value.map(|date| date.day));
        (
            format!("{day} {word}"),
            format!("{} {}", field(line, "expected"), field(line, "status")),
        )
    });
}

/// scikit-learn sums in another order: the last digits may differ.
const NEAR: f64 = 1e-9;

#[test]
fn knn_vectors_hold() {
    let matrix = |value: &Value| -> Vec<Vec<Option<f64>>> {
        let rows = value.as_array().unwrap().iter();
        let row = |row: &Value| row.as_array().unwrap().iter().map(Value::as_f64).collect();
        rows.map(row).collect()
    };
    check("knn.jsonl", 60, |line| {
        let weights = match field(line, "weights") {
            "distance" => Weights::Distance,
            "uniform" => Weights::Uniform,
            other => panic!("unknown weights {other}"),
        };
        let neighbours = usize::try_from(line["k"].as_u64().unwrap()).unwrap();
        let filled = fill_from_nearest(&matrix(&line["x"]), neighbours, weights);
        let expected = matrix(&line["y"]);
        assert_eq!(filled.len(), expected.len(), "rows");
        let mut far = Vec::new();
        for (row, (got, wanted)) in filled.iter().zip(&expected).enumerate() {
            assert_eq!(got.len(), wanted.len(), "columns");
            for (column, (got, wanted)) in got.iter().zip(wanted).enumerate() {
                let is_near = match (got, wanted) {
                    (Some(got), Some(wanted)) => {
                        (got - wanted).abs() <= NEAR * wanted.abs().max(1.0)
                    }
                    (got, wanted) => got == wanted,
                };
                if !is_near {
                    far.push(format!("({row}, {column}): {got:?}, not {wanted:?}"));
                }
            }
        }
        (far.join("; "), String::new())
    });
}
