//! Tables that flow over pages and repeat their header on each.

use super::{
    canvas::{Align, Area, Type},
    flow::{Flow, LEFT, MEASURE, RIGHT},
};
use crate::report::palette;

const ROW: f32 = 14.0;
const HEADER: f32 = 17.0;
const PADDING: f32 = 4.0;

/// Height of the header and the first rows: what a heading above a table has to keep.
pub const FIRST_ROWS: f32 = HEADER + 3.0 * ROW;

/// A column of a table; widths are shares of the text's width.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub title: &'static str,
    pub share: f32,
    pub align: Align,
}

impl Column {
    pub const fn text(title: &'static str, share: f32) -> Self {
        Column {
            title,
            share,
            align: Align::Left,
        }
    }

    pub const fn number(title: &'static str, share: f32) -> Self {
        Column {
            title,
            share,
            align: Align::Right,
        }
    }
}

/// Draws `rows` under a header. A cell holds one line; what does not fit is set smaller, then
/// shortened with an ellipsis.
pub fn table(flow: &mut Flow, size: f32, columns: &[Column], rows: &[Vec<String>]) {
    flow.need(FIRST_ROWS.min(HEADER + ROW * rows.len() as f32));
    header(flow, size, columns);
    for (number, row) in rows.iter().enumerate() {
        if flow.room() < ROW {
            flow.new_page();
            header(flow, size, columns);
        }
        if number % 2 == 1 {
            let stripe = band(flow, ROW);
            flow.canvas().rectangle(stripe, palette::PAPER);
        }
        let cells = row.iter().map(String::as_str);
        line(flow, columns, cells, Type::regular(size, palette::INK), ROW);
        flow.skip(ROW);
    }
    let foot = [(LEFT, flow.y()), (RIGHT, flow.y())];
    flow.canvas().line(&foot, 0.6, palette::RULE);
    flow.skip(8.0);
}

fn header(flow: &mut Flow, size: f32, columns: &[Column]) {
    let bar = band(flow, HEADER);
    flow.canvas().rectangle(bar, palette::BRAND);
    let titles = columns.iter().map(|column| column.title);
    line(
        flow,
        columns,
        titles,
        Type::bold(size, palette::WHITE),
        HEADER,
    );
    flow.skip(HEADER);
}

fn band(flow: &Flow, height: f32) -> Area {
    Area {
        x: LEFT,
        y: flow.y(),
        width: MEASURE,
        height,
    }
}

fn line<'a>(
    flow: &mut Flow,
    columns: &[Column],
    cells: impl Iterator<Item = &'a str>,
    style: Type,
    height: f32,
) {
    let total: f32 = columns.iter().map(|column| column.share).sum();
    let baseline = flow.y() + height / 2.0 + style.size * 0.35;
    let mut x = LEFT;
    for (column, cell) in columns.iter().zip(cells) {
        let width = MEASURE * column.share / total;
        let (text, style) = fit(flow, cell, style, column.align, width - 2.0 * PADDING);
        let at = match column.align {
            Align::Left => x + PADDING,
            Align::Centre => x + width / 2.0,
            Align::Right => x + width - PADDING,
        };
        flow.canvas().text(at, baseline, column.align, &text, style);
        x += width;
    }
}

/// Sets the text a little smaller before anything of it is lost. A number is never cut, as it would
/// read as another one: it becomes as small as it takes.
fn fit(flow: &Flow, text: &str, style: Type, align: Align, width: f32) -> (String, Type) {
    let face = flow.fonts().face(style.face);
    let text = face.printable(text);
    let needed = face.width(&text, style.size);
    let fitting = style.size * (width / needed).min(1.0);
    let size = match align {
        Align::Right => fitting,
        Align::Left | Align::Centre => fitting.max(style.size * 0.9),
    };
    // Rounding must not cost the last letter of what was just made to fit.
    let short = face.shorten(&text, size, width + 0.01);
    (short, Type { size, ..style })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fonts::Fonts;

    #[test]
    fn every_page_of_a_table_has_its_header_and_no_row_is_lost() {
        const COLUMNS: [Column; 2] = [Column::text("Nome", 3.0), Column::number("Total", 1.0)];
        let rows: Vec<Vec<String>> = (0..200)
            .map(|number| vec![format!("coluna_{number}_"), number.to_string()])
            .collect();
        let mut flow = Flow::new(Fonts::embedded().expect("fonts"));
        table(&mut flow, 7.0, &COLUMNS, &rows);
        let (pages, _) = flow.finish();
        assert!(pages.len() > 2);
        let pages: Vec<String> = pages.iter().map(|page| format!("{:?}", page.ops)).collect();
        assert!(pages.iter().all(|page| page.contains("\"Nome\"")));
        assert!(
            rows.iter()
                .all(|row| pages.iter().any(|page| page.contains(&row[0])))
        );
    }

    #[test]
    fn a_number_is_set_smaller_but_never_cut() {
        let flow = Flow::new(Fonts::embedded().expect("fonts"));
        let style = Type::regular(7.0, palette::INK);
        let long = "123.456.789.012.345";
        let (text, set) = fit(&flow, long, style, Align::Right, 20.0);
        assert_eq!(text, long);
        assert!(set.size < 7.0);
        let (text, _) = fit(&flow, "um nome comprido", style, Align::Left, 20.0);
        assert!(text.ends_with('…'));
    }
}
