//! What the reference base added, and the alerts.

use std::collections::BTreeMap;

use super::{
    PdfError,
    flow::Flow,
    table::{Column, FIRST_ROWS, table},
};
use crate::report::{
    BeforeAfter, Enrichment, KeyHits, Summary, charts, charts::Change, numbers, words,
};

/// Columns the chart shows; the table has them all.
const CHARTED: usize = 20;

/// Draws the chapter.
pub fn draw(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    flow.chapter("Enriquecimento e alertas");
    match &summary.enrichment {
        Some(enrichment) => {
            source(flow, summary, enrichment);
            keys(flow, &enrichment.by_key);
            coverage(flow, &enrichment.coverage)?;
            fields(flow, enrichment);
            conflicts(flow, enrichment);
        }
        None => flow.paragraph(
            "Esta base não foi enriquecida: nenhuma base de referência foi usada neste \
             processamento.",
        ),
    }
    alerts(flow, &summary.alerts);
    Ok(())
}

fn source(flow: &mut Flow, summary: &Summary, enrichment: &Enrichment) {
    flow.paragraph(&format!(
        "Células vazias foram completadas com a base de referência “{}”, que é apenas consultada, \
         nunca alterada. {} ({} das lidas) {} ao menos uma célula preenchida.",
        enrichment.source,
        numbers::counted(summary.rows.enriched, "linha", "linhas"),
        numbers::share(summary.rows.enriched, summary.rows.read),
        if summary.rows.enriched == 1 {
            "teve"
        } else {
            "tiveram"
        },
    ));
}

fn keys(flow: &mut Flow, keys: &BTreeMap<&'static str, KeyHits>) {
    const COLUMNS: [Column; 4] = [
        Column::text("Chave", 40.0),
        Column::number("Consultadas", 20.0),
        Column::number("Encontradas", 20.0),
        Column::number("Taxa", 20.0),
    ];
    if keys.is_empty() {
        flow.paragraph("Nenhuma coluna do arquivo serve de chave para consultar a base.");
        return;
    }
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|(key, hits)| {
            vec![
                words::kind(key).to_owned(),
                numbers::count(hits.looked_up),
                numbers::count(hits.found),
                numbers::share(hits.found, hits.looked_up),
            ]
        })
        .collect();
    flow.heading("Chaves encontradas na base", FIRST_ROWS);
    table(flow, 8.0, &COLUMNS, &rows);
}

fn coverage(flow: &mut Flow, coverage: &BTreeMap<String, BeforeAfter>) -> Result<(), PdfError> {
    if coverage.is_empty() {
        return Ok(());
    }
    let mut changes: Vec<Change> = coverage
        .iter()
        .map(|(column, share)| Change {
            label: words::column(column).to_owned(),
            before: share.before,
            after: share.after,
        })
        .collect();
    changes.sort_by(|a, b| (b.after - b.before).total_cmp(&(a.after - a.before)));
    changes.truncate(CHARTED);
    let height = charts::height_of_rows(changes.len());
    flow.heading("Cobertura antes e depois", height);
    flow.chart("coverage", height, |area| charts::changes(area, &changes))?;
    if coverage.len() > changes.len() {
        flow.note(&format!(
            "O gráfico mostra as {} colunas que mais ganharam; a tabela tem todas.",
            changes.len()
        ));
    }
    Ok(())
}

fn fields(flow: &mut Flow, enrichment: &Enrichment) {
    const COLUMNS: [Column; 4] = [
        Column::text("Coluna", 40.0),
        Column::number("Células preenchidas", 20.0),
        Column::number("Cobertura antes", 20.0),
        Column::number("Cobertura depois", 20.0),
    ];
    if enrichment.fields.is_empty() {
        flow.paragraph("Nenhuma célula foi preenchida pela base.");
        return;
    }
    let covered = |column: &str, side: fn(&BeforeAfter) -> f64| {
        let share = enrichment.coverage.get(column).map(side);
        share.map_or(numbers::NONE.to_owned(), numbers::percent)
    };
    let mut fields: Vec<_> = enrichment.fields.iter().collect();
    fields.sort_by_key(|&(_, filled)| std::cmp::Reverse(filled));
    let rows: Vec<Vec<String>> = fields
        .into_iter()
        .map(|(column, filled)| {
            vec![
                words::column(column).to_owned(),
                numbers::count(*filled),
                covered(column, |share| share.before),
                covered(column, |share| share.after),
            ]
        })
        .collect();
    flow.heading("Células preenchidas por coluna", FIRST_ROWS);
    table(flow, 8.0, &COLUMNS, &rows);
}

fn conflicts(flow: &mut Flow, enrichment: &Enrichment) {
    flow.heading("Divergências", 40.0);
    flow.bullet(&match enrichment.conflicts {
        0 => "Nenhum valor do arquivo diverge da base.".to_owned(),
        cells => format!(
            "{} diferente do que diz a base; o valor do arquivo foi mantido.",
            numbers::counted(cells, "célula tem valor", "células têm valor"),
        ),
    });
    flow.bullet(&match enrichment.identity_conflicts {
        0 => "Nenhuma chave pertence a outro titular na base.".to_owned(),
        keys => format!(
            "{} a outro titular na base; nada foi preenchido a partir delas.",
            numbers::counted(keys, "chave pertence", "chaves pertencem"),
        ),
    });
}

fn alerts(flow: &mut Flow, alerts: &[String]) {
    flow.heading("Alertas", 40.0);
    if alerts.is_empty() {
        flow.paragraph("Nenhum alerta para esta base.");
    }
    for alert in alerts.iter().filter(|alert| !alert.trim().is_empty()) {
        flow.bullet(alert);
    }
}
