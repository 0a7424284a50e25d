//! What was refused and why, with masked examples, and what was repeated.

use super::{
    PdfError,
    flow::Flow,
    table::{Column, FIRST_ROWS, table},
};
use crate::report::{Summary, charts, charts::Bar, numbers, words};

/// Reasons a chart shows; the rest is summed in a note.
const CHARTED: usize = 12;
/// Examples shown; the workbook has every rejected cell.
const EXAMPLES: usize = 40;

/// Draws the chapter.
pub fn draw(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    flow.chapter("Rejeições e duplicidades");
    reasons(flow, summary)?;
    examples(flow, summary);
    duplicates(flow, summary);
    Ok(())
}

fn reasons(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    let total: u64 = summary.rejections.iter().map(|reason| reason.cells).sum();
    if total == 0 {
        flow.paragraph("Nenhuma célula foi rejeitada.");
        return Ok(());
    }
    flow.paragraph(&format!(
        "{} por {}. O valor sai em branco no resultado e fica guardado na aba “Rejeitados” da \
         planilha, com a linha, a coluna e o motivo.",
        numbers::counted(total, "célula foi rejeitada", "células foram rejeitadas"),
        numbers::counted(summary.rejections.len() as u64, "motivo", "motivos"),
    ));
    let bars: Vec<Bar> = summary
        .rejections
        .iter()
        .take(CHARTED)
        .map(|reason| Bar {
            label: reason.words.to_owned(),
            count: reason.cells,
        })
        .collect();
    let height = charts::height_of_rows(bars.len());
    flow.heading("Motivos de rejeição", height);
    flow.chart("rejections", height, |area| {
        charts::pareto(area, &bars, total)
    })?;

    let rest = &summary.rejections[bars.len()..];
    if !rest.is_empty() {
        let cells: u64 = rest.iter().map(|reason| reason.cells).sum();
        flow.note(&format!(
            "Fora do gráfico: {} com {}.",
            numbers::counted(
                rest.len() as u64,
                "motivo menos frequente",
                "motivos menos frequentes"
            ),
            numbers::counted(cells, "célula", "células"),
        ));
    }
    Ok(())
}

fn examples(flow: &mut Flow, summary: &Summary) {
    if summary.examples.is_empty() {
        return;
    }
    const COLUMNS: [Column; 4] = [
        Column::number("Linha", 9.0),
        Column::text("Coluna", 26.0),
        Column::text("Valor (mascarado)", 29.0),
        Column::text("Motivo", 36.0),
    ];
    let rows: Vec<Vec<String>> = summary
        .examples
        .iter()
        .take(EXAMPLES)
        .map(|example| {
            vec![
                numbers::count(example.line),
                words::column(&example.column).to_owned(),
                example.masked.clone(),
                words::reason(example.reason).to_owned(),
            ]
        })
        .collect();
    flow.heading("Exemplos de células rejeitadas", FIRST_ROWS);
    table(flow, 8.0, &COLUMNS, &rows);
    flow.note("As linhas são contadas no arquivo recebido, a partir de 1.");
}

fn duplicates(flow: &mut Flow, summary: &Summary) {
    const COLUMNS: [Column; 2] = [
        Column::text("Chave", 70.0),
        Column::number("Linhas marcadas", 30.0),
    ];
    let duplicates = &summary.duplicates;
    flow.heading("Duplicidades", FIRST_ROWS);
    flow.paragraph(&match duplicates.exact {
        0 => "Nenhuma linha é cópia exata de outra.".to_owned(),
        exact => format!(
            "{} de uma anterior em todas as colunas e não {} no resultado.",
            numbers::counted(exact, "linha é cópia exata", "linhas são cópias exatas"),
            if exact == 1 { "está" } else { "estão" },
        ),
    });
    if duplicates.merged > 0 {
        flow.paragraph(&format!(
            "{} a outras da mesma pessoa, que ficaram; {} com o que havia nelas.",
            numbers::counted(duplicates.merged, "linha foi unida", "linhas foram unidas"),
            numbers::counted(
                duplicates.filled,
                "célula vazia foi preenchida",
                "células vazias foram preenchidas"
            ),
        ));
    }
    let rows: Vec<Vec<String>> = duplicates
        .by_key
        .iter()
        .filter(|(_, rows)| **rows > 0)
        .map(|(key, rows)| {
            let kinds: Vec<_> = key.split('+').map(words::kind).collect();
            vec![kinds.join(" + "), numbers::count(*rows)]
        })
        .collect();
    if rows.is_empty() {
        flow.paragraph("Nenhuma chave se repete entre linhas diferentes.");
    } else {
        flow.paragraph(match duplicates.merged {
            0 => {
                "Linhas cuja chave já apareceu em outra foram apenas marcadas: podem ser a \
                     mesma pessoa com dados diferentes."
            }
            _ => "Linhas cuja chave já apareceu em outra, unidas ou marcadas:",
        });
        table(flow, 8.0, &COLUMNS, &rows);
    }
}
