use polars::prelude::df;

use super::*;
use crate::recipe::{ColumnProfile, meaning_of};
use crate::recipe::{Decided, Limits, Reading};
use crate::transform::TransformMeasurer;

pub(in crate::transform) fn profile(columns: &[(&str, ColumnKind)]) -> Profile {
    let column = |(name, kind): &(&str, ColumnKind)| ColumnProfile {
        name: (*name).to_owned(),
        meaning: meaning_of(name).0,
        kind: *kind,
        decided: Decided::Detected,
        score: 1.0,
        scores: Vec::new(),
        filled: true,
        longest: 10,
        reading: Reading::default(),
        limits: Limits::default(),
        sides: Vec::new(),
        rename: None,
        dropped: false,
    };
    Profile {
        columns: columns.iter().map(column).collect(),
        rows: 0,
    }
}

fn sales() -> (Profile, DataFrame) {
    let profile = profile(&[
        ("UF", ColumnKind::State),
        ("Renda", ColumnKind::Money),
        ("Gasto", ColumnKind::Money),
        ("Desde", ColumnKind::Date),
        ("Até", ColumnKind::Date),
    ]);
    let frame = df!(
        "UF" => [Some("SP"), Some("RJ"), Some("SP"), None, Some("BA")],
        "Renda" => [Some("1000,00"), Some("2000,50"), Some("4000,00"), Some("-500,00"), None],
        "Gasto" => [Some("500,00"), Some("0,00"), Some("0,10"), None, Some("1,00")],
        "Desde" => [Some("29/02/2024"), Some("01/01/2026"), Some("31/12/1899"), None, Some("x")],
        "Até" => [Some("01/03/2024"), Some("31/12/2025"), Some("01/01/1900"), None, None],
    );
    (profile, frame.unwrap())
}

fn derivation(name: Option<&str>, formula: Formula<usize>) -> Derivation<usize> {
    Derivation {
        name: name.map(str::to_owned),
        formula,
    }
}

/// Header and cells of what is made, looked at and made in batches of so many rows.
fn made(derive: Vec<Derivation<usize>>, batch: usize) -> Vec<(String, ColumnKind, Vec<String>)> {
    let (profile, frame) = sales();
    let rules = Rules {
        derive,
        ..Rules::default()
    };
    let slices = || {
        (0..frame.height())
            .step_by(batch)
            .map(|at| frame.slice(at as i64, batch))
    };
    let measured = match TransformMeasurer::new(&profile, &rules) {
        Some(mut measurer) => {
            slices().for_each(|slice| measurer.observe(&slice).unwrap());
            measurer.finish().unwrap()
        }
        None => Measured::default(),
    };
    let today = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let transformer = Transformer::new(&profile, &rules, &measured, today);
    let columns = transformer.columns();
    let mut made: Vec<_> = columns
        .iter()
        .map(|derived| (derived.name.clone(), derived.kind, Vec::new()))
        .collect();
    for mut slice in slices() {
        transformer.apply(&mut slice).unwrap();
        for (at, (name, _, cells)) in made.iter_mut().enumerate() {
            let column = &slice.columns()[profile.columns.len() + at];
            assert_eq!(column.name().as_str(), name);
            let texts = column.str().unwrap().iter();
            cells.extend(texts.map(|text| text.unwrap_or("∅").to_owned()));
        }
    }
    made
}

fn alone(formula: Formula<usize>) -> (String, ColumnKind, Vec<String>) {
    let mut made = made(vec![derivation(None, formula)], 2);
    assert_eq!(made.len(), 1);
    made.remove(0)
}

#[test]
fn the_least_is_zero_and_the_greatest_one() {
    let (name, kind, cells) = alone(Formula::MinMax { column: 1 });
    assert_eq!((name.as_str(), kind), ("Renda_minmax", ColumnKind::Decimal));
    // (x + 500) / 4500
    assert_eq!(cells, ["0,333333", "0,555667", "1", "0", "∅"]);
}

#[test]
fn zscores_use_the_deviation_of_a_sample() {
    let (_, _, cells) = alone(Formula::Zscore { column: 1 });
    // Python's statistics.mean and .stdev: 1625.125 and 1887.4917383925153.
    assert_eq!(
        cells,
        ["-0,331194", "0,198875", "1,258217", "-1,125899", "∅"]
    );
}

#[test]
fn every_value_has_a_column_in_their_order() {
    let one_hot = |drop_first, most| Formula::OneHot {
        column: 0,
        drop_first,
        most,
    };
    let all = made(vec![derivation(None, one_hot(false, None))], 2);
    let names: Vec<_> = all.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["UF_BA", "UF_RJ", "UF_SP"]);
    assert_eq!(all[2].2, ["1", "0", "1", "∅", "0"]);
    let rest = made(vec![derivation(Some("Estado"), one_hot(true, None))], 2);
    let names: Vec<_> = rest.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["Estado_RJ", "Estado_SP"]);
    // The most frequent one only.
    let top = made(vec![derivation(None, one_hot(false, Some(1)))], 2);
    assert_eq!((top.len(), top[0].0.as_str()), (1, "UF_SP"));
}

#[test]
fn nothing_is_divided_by_zero() {
    let (name, _, cells) = alone(Formula::Ratio { of: 1, by: 2 });
    assert_eq!(name, "Renda_por_Gasto");
    assert_eq!(cells, ["2", "∅", "40000", "∅", "∅"]);
}

#[test]
fn differences_are_exact_and_of_dates_in_days() {
    let (name, kind, cells) = alone(Formula::Difference { of: 1, minus: 2 });
    assert_eq!(
        (name.as_str(), kind),
        ("Renda_menos_Gasto", ColumnKind::Money)
    );
    assert_eq!(cells, ["500,00", "2000,50", "3999,90", "∅", "∅"]);
    let (_, kind, cells) = alone(Formula::Difference { of: 4, minus: 3 });
    assert_eq!(kind, ColumnKind::Integer);
    assert_eq!(cells, ["1", "-1", "1", "∅", "∅"]);
}

#[test]
fn days_are_counted_to_the_day_of_the_job() {
    let (name, _, cells) = alone(Formula::DaysSince { column: 3 });
    assert_eq!(name, "Desde_dias");
    // date(2026, 1, 2) - date(2024, 2, 29), - date(2026, 1, 1), - date(1899, 12, 31) in Python
    assert_eq!(cells, ["673", "1", "46023", "∅", "∅"]);
}

#[test]
fn parts_of_dates_are_portuguese() {
    let part = |part| alone(Formula::DatePart { column: 3, part });
    let cells = |wanted| part(wanted).2[..3].join(" ");
    assert_eq!(cells(DatePart::Year), "2024 2026 1899");
    assert_eq!(cells(DatePart::Month), "2 1 12");
    assert_eq!(cells(DatePart::Day), "29 1 31");
    assert_eq!(
        cells(DatePart::Weekday),
        "quinta-feira quinta-feira domingo"
    );
    assert_eq!(cells(DatePart::Quarter), "1 1 4");
    assert_eq!(cells(DatePart::YearMonth), "2024-02 2026-01 1899-12");
    assert_eq!(part(DatePart::YearMonth).0, "Desde_ano_mes");
}

#[test]
fn numbers_fall_into_intervals() {
    let bins = |cuts| alone(Formula::Bins { column: 1, cuts });
    let (name, kind, cells) = bins(Bins::At(vec![0.0, 1500.5]));
    assert_eq!((name.as_str(), kind), ("Renda_faixa", ColumnKind::Category));
    assert_eq!(cells, ["[0; 1500,5)", ">= 1500,5", ">= 1500,5", "< 0", "∅"]);
    let (_, _, cells) = bins(Bins::Equal(3));
    assert_eq!(
        cells[..4],
        ["[1000; 2500)", "[1000; 2500)", ">= 2500", "< 1000"]
    );
    // pandas: Series([1000, 2000.5, 4000, -500]).quantile(.5) == 1500.25
    let (_, _, cells) = bins(Bins::Quantiles(2));
    assert_eq!(
        cells[..4],
        ["< 1500,25", ">= 1500,25", ">= 1500,25", "< 1500,25"]
    );
}

#[test]
fn headers_never_collide() {
    let since = |name| derivation(Some(name), Formula::DaysSince { column: 3 });
    let made = made(vec![since("uf"), since("Dias"), since("Dias")], 5);
    let names: Vec<_> = made.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["uf_2", "Dias", "Dias_2"]);
}

#[test]
fn batches_change_nothing() {
    let all = || {
        let mut all = vec![
            Formula::MinMax { column: 1 },
            Formula::Zscore { column: 1 },
            Formula::OneHot {
                column: 0,
                drop_first: false,
                most: Some(2),
            },
            Formula::Ratio { of: 1, by: 2 },
            Formula::Bins {
                column: 1,
                cuts: Bins::Quantiles(3),
            },
        ];
        all.drain(..)
            .map(|formula| derivation(None, formula))
            .collect()
    };
    let whole = made(all(), 5);
    for batch in [1, 2, 3] {
        assert_eq!(made(all(), batch), whole);
    }
}
