//! Quality column by column: what became of the cells, how full the columns are, and every
//! number in a table.

use super::{
    PdfError,
    flow::Flow,
    table::{Column, FIRST_ROWS, table},
};
use crate::{
    report::{
        BeforeAfter, ColumnSummary, Summary, charts,
        charts::{Bar, Change, Key, Stack},
        numbers, palette, words,
    },
    values::Status,
};

/// Columns a chart shows; more would be unreadable, and the table has them all.
const CHARTED: usize = 20;
/// States a chart shows: all there are, and one for mistakes.
const STATES: usize = 28;

/// Draws the chapter.
pub fn draw(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    flow.chapter("Qualidade por coluna");
    if summary.columns.is_empty() {
        flow.paragraph("Nenhuma coluna foi encontrada no arquivo.");
        return Ok(());
    }
    flow.paragraph(
        "Cada célula do arquivo recebe uma situação: já estava correta (ok), mudou só de forma \
         (padronizado), foi reconstruída por uma regra segura (corrigido), veio da base de \
         referência (enriquecido), é suspeita (alerta), não é confiável (rejeitado) ou está vazia.",
    );
    if summary.rows.read > 0 {
        let charted = most_important(&summary.columns);
        statuses(flow, summary, &charted)?;
        states(flow, summary)?;
        completeness(flow, summary, &charted)?;
    } else {
        flow.paragraph("Não há células a avaliar: o arquivo tem colunas, mas nenhuma linha.");
    }
    details(flow, summary);
    Ok(())
}

/// The columns worth a chart, in the order of the file: first what identifies and reaches people,
/// then what has most problems.
fn most_important(columns: &[ColumnSummary]) -> Vec<&ColumnSummary> {
    let mut ranked: Vec<_> = columns.iter().enumerate().collect();
    ranked.sort_by_key(|(place, column)| {
        let problems = status(column, Status::Rejeitado) + status(column, Status::Alerta);
        (std::cmp::Reverse((weight(&column.kind), problems)), *place)
    });
    ranked.truncate(CHARTED);
    ranked.sort_by_key(|(place, _)| *place);
    ranked.into_iter().map(|(_, column)| column).collect()
}

/// Twice the weight a column's type has in the total score.
fn weight(kind: &str) -> u8 {
    match kind {
        "cpf" | "cnpj" | "document" => 6,
        "phone" | "email" => 4,
        "name" | "cep" | "municipality" => 3,
        _ => 2,
    }
}

fn status(column: &ColumnSummary, status: Status) -> u64 {
    column.status.get(status.code()).copied().unwrap_or(0)
}

/// The statuses of any column, in the order they are stacked; filling by statistics is rare and
/// shown only where it happened.
fn shown_statuses(columns: &[ColumnSummary]) -> Vec<Status> {
    palette::STACK
        .into_iter()
        .filter(|&shown| {
            shown != Status::Imputado || columns.iter().any(|column| status(column, shown) > 0)
        })
        .collect()
}

fn keys(shown: &[Status]) -> Vec<Key> {
    let key = |&status: &Status| Key {
        label: status.code(),
        colour: palette::status(status),
    };
    shown.iter().map(key).collect()
}

/// All cells of the file in one bar; nothing if there are none.
pub fn overview(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    let shown = shown_statuses(&summary.columns);
    let parts: Vec<u64> = shown
        .iter()
        .map(|&shown| {
            summary
                .columns
                .iter()
                .map(|column| status(column, shown))
                .sum()
        })
        .collect();
    let cells: u64 = parts.iter().sum();
    if cells == 0 {
        return Ok(());
    }
    let stacks = [Stack {
        label: format!("{} células", numbers::count_short(cells)),
        parts,
    }];
    let height = charts::height_of_rows(2);
    flow.heading("O que houve com as células", height);
    flow.chart("overview", height, |area| {
        charts::stacks(area, &keys(&shown), &stacks)
    })
}

fn statuses(
    flow: &mut Flow,
    summary: &Summary,
    charted: &[&ColumnSummary],
) -> Result<(), PdfError> {
    let shown = shown_statuses(&summary.columns);
    let keys = keys(&shown);
    let stacks: Vec<Stack> = charted
        .iter()
        .map(|column| Stack {
            label: words::column(&column.name).to_owned(),
            parts: shown.iter().map(|&shown| status(column, shown)).collect(),
        })
        .collect();
    let height = charts::height_of_rows(stacks.len());
    flow.heading("Situação das células", height + 16.0);
    flow.chart("statuses", height, |area| {
        charts::stacks(area, &keys, &stacks)
    })?;
    left_out(flow, summary.columns.len(), charted.len());
    Ok(())
}

fn left_out(flow: &mut Flow, all: usize, charted: usize) {
    if all > charted {
        flow.note(&format!(
            "O gráfico mostra as {charted} colunas mais importantes; as outras {} estão na tabela \
             “Detalhe por coluna”.",
            numbers::count((all - charted) as u64),
        ));
    }
}

fn completeness(
    flow: &mut Flow,
    summary: &Summary,
    charted: &[&ColumnSummary],
) -> Result<(), PdfError> {
    let changes: Vec<Change> = charted
        .iter()
        .map(|column| Change {
            label: words::column(&column.name).to_owned(),
            before: filled_before(column, summary.rows.read),
            after: ratio(column.filled, summary.rows.delivered),
        })
        .collect();
    let height = charts::height_of_rows(changes.len());
    flow.heading("Preenchimento antes e depois", height + 24.0);
    flow.chart("completeness", height, |area| {
        charts::changes(area, &changes)
    })?;
    flow.note(
        "Antes: células com algum conteúdo no arquivo recebido. Depois: células com valor \
         confiável no resultado; o que foi rejeitado conta como vazio.",
    );
    Ok(())
}

/// What is neither blank now nor was blank before somebody filled it.
fn filled_before(column: &ColumnSummary, read: u64) -> f64 {
    let blank = status(column, Status::Vazio)
        + status(column, Status::Imputado)
        + status(column, Status::Enriquecido);
    ratio(read.saturating_sub(blank), read)
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part as f64 / whole as f64).min(1.0)
    }
}

fn states(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    let column = summary
        .columns
        .iter()
        .find(|column| column.kind == "state" && !column.top.is_empty());
    let Some(column) = column else {
        return Ok(());
    };
    let bars: Vec<Bar> = column
        .top
        .iter()
        .take(STATES)
        .map(|(state, count)| Bar {
            label: state.chars().take(3).collect(),
            count: *count,
        })
        .collect();
    const HEIGHT: f32 = 130.0;
    flow.heading("Distribuição por UF", HEIGHT + 16.0);
    flow.chart("states", HEIGHT, |area| {
        charts::columns(area, &bars, column.filled)
    })?;
    flow.note(
        "Participação nas células preenchidas da coluna, das UFs mais para as menos frequentes.",
    );
    Ok(())
}

fn details(flow: &mut Flow, summary: &Summary) {
    let shown = shown_statuses(&summary.columns);
    let mut columns = vec![
        Column::text("Coluna", 25.0),
        Column::text("Tipo", 12.0),
        Column::number("Preench.", 10.0),
    ];
    columns.extend(
        shown
            .iter()
            .map(|&status| Column::number(heading(status), 8.4)),
    );
    columns.push(Column::number("Nota", 14.5));

    let rows: Vec<Vec<String>> = summary
        .columns
        .iter()
        .map(|column| {
            let mut row = vec![
                words::column(&column.name).to_owned(),
                words::kind(&column.kind).to_owned(),
                numbers::count_short(column.filled),
            ];
            let counts = shown.iter().map(|&shown| status(column, shown));
            row.extend(counts.map(numbers::count_short));
            row.push(if summary.rows.read == 0 {
                numbers::NONE.to_owned()
            } else {
                let BeforeAfter { before, after } = column.score;
                format!("{} → {}", numbers::points(before), numbers::points(after))
            });
            row
        })
        .collect();
    flow.heading("Detalhe por coluna", FIRST_ROWS);
    table(flow, 7.0, &columns, &rows);
    flow.note(
        "Preench.: células preenchidas no resultado. Nota: de 0 a 100, antes → depois da \
         higienização.",
    );
}

fn heading(status: Status) -> &'static str {
    match status {
        Status::Ok => "Ok",
        Status::Padronizado => "Padron.",
        Status::Corrigido => "Corrig.",
        Status::Alerta => "Alerta",
        Status::Vazio => "Vazio",
        Status::Rejeitado => "Rejeit.",
        Status::Imputado => "Imput.",
        Status::Enriquecido => "Enriq.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn column(name: &str, kind: &str, rejected: u64) -> ColumnSummary {
        ColumnSummary {
            facts: crate::report::ColumnFacts::default(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            filled: 0,
            distinct: 0,
            status: BTreeMap::from([("rejeitado", rejected)]),
            reasons: BTreeMap::new(),
            top: Vec::new(),
            score: BeforeAfter::default(),
        }
    }

    #[test]
    fn documents_and_problems_come_into_the_chart_first_but_in_the_order_of_the_file() {
        let mut columns: Vec<_> = (0..30)
            .map(|number| column(&format!("c{number}"), "text", 0))
            .collect();
        columns[25] = column("cpf", "cpf", 0);
        columns[29] = column("problema", "text", 9);
        let chosen = most_important(&columns);
        let names: Vec<_> = chosen.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names.len(), CHARTED);
        assert_eq!(names[0], "c0");
        assert_eq!(names[CHARTED - 2..], ["cpf", "problema"]);
    }

    #[test]
    fn cells_filled_by_us_were_empty_before() {
        let mut filled = column("cep", "cep", 0);
        filled.status = BTreeMap::from([("ok", 5), ("vazio", 2), ("enriquecido", 3)]);
        assert_eq!(filled_before(&filled, 10), 0.5);
        assert_eq!(filled_before(&filled, 0), 0.0);
    }
}
