//! The `Resumo` sheet: what happened to the list, in numbers and native charts.

use rust_xlsxwriter::{
    Chart, ChartFormat, ChartSolidFill, ChartType, Color, Format, FormatAlign, Worksheet,
    XlsxError as LibraryError,
};

use crate::report::numbers::points;
use crate::report::{Summary, palette, words};
use crate::values::Status;

const COLUMN_HEADINGS: [&str; 5] = ["Coluna", "Tipo", "Preenchidas", "Nota antes", "Nota depois"];
/// More columns than this make the chart unreadable.
const CHARTED: usize = 20;

pub(super) fn draw(sheet: &mut Worksheet, summary: &Summary) -> Result<(), LibraryError> {
    let title = Format::new().set_bold().set_font_size(16);
    let label = Format::new().set_font_color(Color::RGB(0x59_59_59));
    let heading = Format::new()
        .set_bold()
        .set_border_bottom(rust_xlsxwriter::FormatBorder::Thin);
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 16)?;
    sheet.set_column_range_width(2, 12, 13)?;
    sheet.write_with_format(0, 0, "Resultado da higienização", &title)?;
    sheet.write_with_format(1, 0, "Arquivo", &label)?;
    sheet.write_string(1, 1, &summary.job.file)?;
    sheet.write_with_format(2, 0, "Nota (0 a 100)", &label)?;
    let score = &summary.score;
    sheet.write_string(
        2,
        1,
        format!(
            "{} → {} (faixa {})",
            points(score.before),
            points(score.after),
            score.band
        ),
    )?;
    let rows = &summary.rows;
    let counts = [
        ("Linhas lidas", rows.read),
        ("Linhas entregues", rows.delivered),
        ("Linhas rejeitadas", rows.rejected),
        ("Linhas duplicadas removidas", rows.duplicates_removed),
        ("Linhas com correção", rows.corrected),
        ("Linhas enriquecidas", rows.enriched),
    ];
    let count = Format::new()
        .set_num_format("#,##0")
        .set_align(FormatAlign::Left);
    let mut row = 3;
    for (words, number) in counts {
        sheet.write_with_format(row, 0, words, &label)?;
        sheet.write_number_with_format(row, 1, number as f64, &count)?;
        row += 1;
    }
    for alert in &summary.alerts {
        sheet.write_with_format(row, 0, "Atenção", &label)?;
        sheet.write_string(row, 1, alert)?;
        row += 1;
    }
    row += 1;
    let first = draw_columns(sheet, summary, row, &heading)?;
    let last = first + summary.columns.len() as u32;
    let after = last + 1;
    let reasons = draw_reasons(sheet, summary, after, &heading)?;
    draw_charts(sheet, summary, first, after + 1, reasons)?;
    Ok(())
}

/// The table of columns; returns the row of its first column.
fn draw_columns(
    sheet: &mut Worksheet,
    summary: &Summary,
    top: u32,
    heading: &Format,
) -> Result<u32, LibraryError> {
    for (place, words) in (0..).zip(COLUMN_HEADINGS) {
        sheet.write_with_format(top, place, words, heading)?;
    }
    for (place, status) in (5..).zip(Status::ALL) {
        sheet.write_with_format(top, place, status.code(), heading)?;
    }
    let point = Format::new().set_num_format("0.0");
    for (row, column) in (top + 1..).zip(&summary.columns) {
        sheet.write_string(row, 0, &column.name)?;
        sheet.write_string(row, 1, words::kind(&column.kind))?;
        sheet.write_number(row, 2, column.filled as f64)?;
        sheet.write_number_with_format(row, 3, column.score.before, &point)?;
        sheet.write_number_with_format(row, 4, column.score.after, &point)?;
        for (place, status) in (5..).zip(Status::ALL) {
            let cells = column
                .status
                .get(status.code())
                .copied()
                .unwrap_or_default();
            sheet.write_number(row, place, cells as f64)?;
        }
    }
    Ok(top + 1)
}

/// The table of rejection reasons; returns how many there are.
fn draw_reasons(
    sheet: &mut Worksheet,
    summary: &Summary,
    top: u32,
    heading: &Format,
) -> Result<u32, LibraryError> {
    sheet.write_with_format(top, 0, "Motivo de rejeição", heading)?;
    sheet.write_with_format(top, 1, "Células", heading)?;
    for (row, reason) in (top + 1..).zip(&summary.rejections) {
        sheet.write_string(row, 0, reason.words)?;
        sheet.write_number(row, 1, reason.cells as f64)?;
    }
    Ok(summary.rejections.len() as u32)
}

fn draw_charts(
    sheet: &mut Worksheet,
    summary: &Summary,
    first: u32,
    first_reason: u32,
    reasons: u32,
) -> Result<(), LibraryError> {
    let shown = summary.columns.len().min(CHARTED) as u32;
    if shown > 0 {
        let last = first + shown - 1;
        let mut chart = Chart::new(ChartType::BarStacked);
        chart.title().set_name("Situação das células por coluna");
        for (place, status) in (5..).zip(Status::ALL) {
            chart
                .add_series()
                .set_name(status.code())
                .set_categories(("Resumo", first, 0, last, 0))
                .set_values(("Resumo", first, place, last, place))
                .set_format(ChartFormat::new().set_solid_fill(
                    ChartSolidFill::new().set_color(colour(palette::status(status))),
                ));
        }
        chart.y_axis().set_reverse();
        chart.set_width(720).set_height(180 + 18 * shown);
        sheet.insert_chart(1, 14, &chart)?;
    }
    if reasons > 0 {
        let last = first_reason + reasons.min(CHARTED as u32) - 1;
        let mut chart = Chart::new(ChartType::Bar);
        chart.title().set_name("Motivos de rejeição");
        chart
            .add_series()
            .set_name("Células")
            .set_categories(("Resumo", first_reason, 0, last, 0))
            .set_values(("Resumo", first_reason, 1, last, 1));
        chart.y_axis().set_reverse();
        chart.legend().set_hidden();
        chart.set_width(720).set_height(320);
        sheet.insert_chart(12 + shown, 14, &chart)?;
    }
    Ok(())
}

fn colour((red, green, blue): palette::Colour) -> Color {
    Color::RGB(u32::from_be_bytes([0, red, green, blue]))
}
