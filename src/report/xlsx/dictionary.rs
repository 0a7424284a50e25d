//! The sheets `Colunas` and `Dicionário`: what was decided and counted of each column, and what
//! the codes mean.

use rust_xlsxwriter::{Format, Worksheet, XlsxError as LibraryError};

use crate::report::{ColumnSummary, Summary, words};
use crate::values::{Reason, Status};

pub(super) const COLUMNS: &str = "Colunas";
pub(super) const DICTIONARY: &str = "Dicionário";

const BEFORE_STATUS: [&str; 9] = [
    "Coluna",
    "Entregue como",
    "Tipo",
    "Decidido por",
    "Certeza do tipo",
    "Outros tipos possíveis",
    "Como foi lida",
    "Preenchidas",
    "Valores distintos",
];
const AFTER_STATUS: [&str; 11] = [
    "Nota antes",
    "Nota depois",
    "Mínimo",
    "1º quartil",
    "Mediana",
    "Média",
    "3º quartil",
    "Máximo",
    "Desvio padrão",
    "Discrepantes",
    "Mais frequentes",
];
/// Values told of a column.
const FREQUENT: usize = 5;

/// Draws `Colunas`: one row for each column of the file, then the columns made of others.
pub(super) fn columns(
    sheet: &mut Worksheet,
    summary: &Summary,
    header: &Format,
) -> Result<(), LibraryError> {
    let status = Status::ALL.map(Status::code);
    let headings = BEFORE_STATUS.iter().chain(&status).chain(&AFTER_STATUS);
    for (place, heading) in (0..).zip(headings) {
        sheet.write_with_format(0, place, *heading, header)?;
    }
    sheet.set_column_width(0, 30)?;
    sheet.set_column_width(1, 30)?;
    sheet.set_column_range_width(2, 6, 18)?;
    let score = Format::new().set_num_format("0.0");
    let share = Format::new().set_num_format("0.0##%");
    let number = Format::new().set_num_format("#,##0.00##");
    let mut row = 1;
    for column in &summary.columns {
        let facts = &column.facts;
        sheet.write_string(row, 0, &column.name)?;
        let delivered = facts.delivered_as.as_deref();
        sheet.write_string(row, 1, delivered.unwrap_or("(não entregue)"))?;
        sheet.write_string(row, 2, words::kind(&column.kind))?;
        sheet.write_string(row, 3, decided(facts.decided))?;
        sheet.write_number_with_format(row, 4, facts.type_score, &share)?;
        sheet.write_string(row, 5, others(column))?;
        sheet.write_string(row, 6, how_read(column))?;
        sheet.write_number(row, 7, column.filled as f64)?;
        sheet.write_number(row, 8, column.distinct as f64)?;
        let mut place = 9;
        for code in status {
            let cells = column.status.get(code).copied().unwrap_or_default();
            sheet.write_number(row, place, cells as f64)?;
            place += 1;
        }
        sheet.write_number_with_format(row, place, column.score.before, &score)?;
        sheet.write_number_with_format(row, place + 1, column.score.after, &score)?;
        if let Some(stats) = &facts.stats {
            let all = [
                Some(stats.min),
                Some(stats.q1),
                Some(stats.median),
                Some(stats.mean),
                Some(stats.q3),
                Some(stats.max),
                stats.stddev,
            ];
            for (place, value) in (place + 2..).zip(all) {
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    sheet.write_number_with_format(row, place, value, &number)?;
                }
            }
            if let Some(outliers) = stats.outliers {
                sheet.write_number(row, place + 9, outliers as f64)?;
            }
        }
        sheet.write_string(row, place + 10, frequent(column))?;
        row += 1;
    }
    for derived in &summary.derived {
        sheet.write_string(row, 0, "(coluna nova)")?;
        sheet.write_string(row, 1, &derived.name)?;
        sheet.write_string(row, 2, words::kind(derived.kind))?;
        sheet.write_string(row, 3, decided("recipe"))?;
        let made = format!(
            "{} de {}",
            words::formula(derived.formula),
            derived.of.join(" e ")
        );
        sheet.write_string(row, 6, made)?;
        row += 1;
    }
    sheet.set_freeze_panes(1, 1)?;
    Ok(())
}

/// Draws `Dicionário`: statuses, then every reason, with the cells of this file.
pub(super) fn dictionary(
    sheet: &mut Worksheet,
    summary: &Summary,
    header: &Format,
) -> Result<(), LibraryError> {
    for (place, heading) in (0..).zip(["Código", "O que é", "Significado", "Células"]) {
        sheet.write_with_format(0, place, heading, header)?;
    }
    for (place, width) in [(0, 26), (1, 12), (2, 70), (3, 12)] {
        sheet.set_column_width(place, width)?;
    }
    let statuses = Status::ALL.map(|status| {
        let of = summary
            .columns
            .iter()
            .filter_map(|column| column.status.get(status.code()));
        (
            status.code(),
            "situação",
            words::status(status),
            of.sum::<u64>(),
        )
    });
    let reasons = Reason::ALL.iter().map(|reason| {
        let of = summary
            .columns
            .iter()
            .filter_map(|column| column.reasons.get(reason.code()));
        (reason.code(), "motivo", reason.words(), of.sum())
    });
    for (row, (code, what, meaning, cells)) in (1..).zip(statuses.into_iter().chain(reasons)) {
        sheet.write_string(row, 0, code)?;
        sheet.write_string(row, 1, what)?;
        sheet.write_string(row, 2, meaning)?;
        sheet.write_number(row, 3, cells as f64)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn decided(code: &str) -> &'static str {
    match code {
        "recipe" => "receita",
        _ => "conteúdo e cabeçalho",
    }
}

/// The types that came into question besides the one it has.
fn others(column: &ColumnSummary) -> String {
    let candidates = column.facts.candidates.iter();
    let others = candidates.filter(|(code, _)| *code != column.kind).take(3);
    let told = others.map(|(code, score)| format!("{} ({:.0}%)", words::kind(code), score * 100.0));
    told.collect::<Vec<_>>().join(", ")
}

fn how_read(column: &ColumnSummary) -> String {
    let reading = &column.facts.reading;
    let told = [
        reading.locale.map(|locale| match locale {
            "en" => "números como 1,234.56",
            _ => "números como 1.234,56",
        }),
        reading.date_order.map(|order| match order {
            "mdy" => "mês antes do dia",
            _ => "dia antes do mês",
        }),
        reading.serials.map(|_| "dias do Excel"),
        reading.times.then_some("com hora"),
        reading
            .mixed_unit
            .then_some("percentual e fração misturados"),
        reading.parted.then_some("endereço separado em partes"),
        reading.checklist.then_some("marca ou vazio"),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn frequent(column: &ColumnSummary) -> String {
    let top = column.top.iter().take(FREQUENT);
    let told = top.map(|(value, cells)| format!("{value} ({cells})"));
    told.collect::<Vec<_>>().join(", ")
}
