//! What a recipe did beyond single cells: outliers, filled blanks, columns and sheets made of
//! others.

use super::flow::Flow;
use super::table::{Column, FIRST_ROWS, table};
use super::{PdfError, findings::shorten};
use crate::report::{FilledFacts, OutlierFacts, Summary, numbers, words};

/// Rows told; the manifest has all of them.
const TOLD: usize = 24;
/// Letters of a header inside a sentence.
const LETTERS: usize = 60;

pub fn draw(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    const COLUMNS: [Column; 4] = [
        Column::text("Coluna", 34.0),
        Column::text("Regra", 30.0),
        Column::number("Células", 12.0),
        Column::text("Detalhe", 40.0),
    ];
    let mut rows: Vec<Vec<String>> = Vec::new();
    rows.extend(summary.outliers.iter().map(outliers));
    rows.extend(summary.missing.iter().map(filled));
    rows.extend(summary.derived.iter().map(|derived| {
        let of = derived.of.iter().map(|name| words::column(name));
        vec![
            words::column(&derived.name).to_owned(),
            "coluna nova".to_owned(),
            String::new(),
            shorten(
                &format!(
                    "{} de {}",
                    words::formula(derived.formula),
                    of.collect::<Vec<_>>().join(" e ")
                ),
                LETTERS,
            ),
        ]
    }));
    if rows.is_empty() && summary.groups.is_empty() {
        return Ok(());
    }
    flow.heading("O que a receita fez", FIRST_ROWS);
    if let Some(name) = &summary.job.recipe {
        flow.paragraph(&format!("Receita aplicada: {}.", shorten(name, LETTERS)));
    }
    let left = rows.len().saturating_sub(TOLD);
    rows.truncate(TOLD);
    if !rows.is_empty() {
        table(flow, 8.0, &COLUMNS, &rows);
    }
    if left > 0 {
        flow.note(&format!(
            "E mais {left}: a lista inteira está no manifesto."
        ));
    }
    if !summary.groups.is_empty() {
        let sheets = summary.groups.iter().take(TOLD).map(|group| {
            format!(
                "“{}” ({})",
                shorten(&group.sheet, LETTERS),
                numbers::counted(group.groups, "grupo", "grupos")
            )
        });
        let sheets = sheets.collect::<Vec<_>>().join(", ");
        flow.paragraph(&format!("Planilhas de grupos no XLSX: {sheets}."));
    }
    Ok(())
}

fn outliers(facts: &OutlierFacts) -> Vec<String> {
    let (lower, upper) = facts.fences;
    vec![
        words::column(&facts.column).to_owned(),
        "valores discrepantes".to_owned(),
        numbers::count(facts.cells),
        format!(
            "abaixo de {} ou acima de {}",
            numbers::decimal(lower, 2),
            numbers::decimal(upper, 2)
        ),
    ]
}

fn filled(facts: &FilledFacts) -> Vec<String> {
    vec![
        words::column(&facts.column).to_owned(),
        words::reason(facts.how).to_owned(),
        numbers::count(facts.cells),
        facts.error.map_or_else(String::new, |error| {
            format!("erro típico de {} (RMSE)", numbers::decimal(error.rmse, 2))
        }),
    ]
}
