//! The charts of the reports, drawn with plotters on whatever it can draw on. Lengths are in
//! [`POINT`]s, so a chart looks the same on every backend that keeps to that scale.

use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    fonts::FAMILY,
    numbers,
    palette::{self, Colour},
};

/// Backend units that make one typographic point.
pub const POINT: i32 = 20;

const LABEL_SIZE: f64 = 7.5;
const SMALL_SIZE: f64 = 6.5;

type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;
type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// One stacked bar: what it shows and its parts, which need not sum to the same in every bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    pub label: String,
    pub parts: Vec<u64>,
}

/// What a part of every stack means.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub label: &'static str,
    pub colour: Colour,
}

/// A labelled count.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub label: String,
    pub count: u64,
}

/// A labelled share, from 0 to 1, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub label: String,
    pub before: f64,
    pub after: f64,
}

/// Height in points that `rows` horizontal bars need, axis and legend included.
pub fn height_of_rows(rows: usize) -> f32 {
    46.0 + 13.5 * rows as f32
}

/// Horizontal bars of a hundred percent each, one per stack, under a legend.
pub fn stacks<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    keys: &[Key],
    stacks: &[Stack],
) -> Drawn<B> {
    legend(area, keys)?;
    let mut chart = rows(area, stacks.len(), 118, 10)?;
    for (row, stack) in stacks.iter().enumerate() {
        row_label(area, &chart, row, &stack.label)?;
        let total: u64 = stack.parts.iter().sum();
        let mut from = 0.0;
        for (key, &part) in keys.iter().zip(&stack.parts) {
            if part == 0 {
                continue;
            }
            let to = from + part as f64 / total as f64;
            bar(&mut chart, row, from..to, key.colour)?;
            if to - from >= 0.075 {
                let text = numbers::share(part, total);
                let at = chart.backend_coord(&((from + to) / 2.0, row as f64 + 0.5));
                let colour = palette::text_on(key.colour);
                label(area, &text, at, SMALL_SIZE, colour, HPos::Center)?;
            }
            from = to;
        }
    }
    Ok(())
}

/// Reasons from the most to the least frequent: bars of their share and the line of the shares
/// summed so far, both on one axis. `total` may be more than the bars show.
pub fn pareto<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    bars: &[Bar],
    total: u64,
) -> Drawn<B> {
    let total = total.max(1) as f64;
    let keys = [
        Key {
            label: "participação do motivo",
            colour: palette::BAD,
        },
        Key {
            label: "participação acumulada",
            colour: palette::INK,
        },
    ];
    legend(area, &keys)?;
    let mut chart = rows(area, bars.len(), 160, 84)?;
    let mut sum = 0;
    let mut path = Vec::with_capacity(bars.len());
    for (row, entry) in bars.iter().enumerate() {
        row_label(area, &chart, row, &entry.label)?;
        bar(
            &mut chart,
            row,
            0.0..entry.count as f64 / total,
            palette::BAD,
        )?;
        sum += entry.count;
        path.push((sum as f64 / total, row as f64 + 0.5));
        let at = chart.backend_coord(&(1.0, row as f64 + 0.5));
        let (count, share) = (at.0 + 44 * POINT, at.0 + 82 * POINT);
        let text = numbers::count_short(entry.count);
        label(
            area,
            &text,
            (count, at.1),
            LABEL_SIZE,
            palette::INK,
            HPos::Right,
        )?;
        let text = numbers::percent(sum as f64 / total);
        label(
            area,
            &text,
            (share, at.1),
            LABEL_SIZE,
            palette::MUTED,
            HPos::Right,
        )?;
    }
    for (text, offset) in [("células", 44), ("acumulado", 82)] {
        let at = chart.backend_coord(&(1.0, 0.0));
        let at = (at.0 + offset * POINT, at.1 - 5 * POINT);
        label(area, text, at, SMALL_SIZE, palette::MUTED, HPos::Right)?;
    }
    let stroke = colour(palette::INK).stroke_width(POINT as u32);
    chart.draw_series([PathElement::new(path.clone(), stroke)])?;
    let dot = |&at: &(f64, f64)| Circle::new(at, 2 * POINT, colour(palette::INK).filled());
    chart.draw_series(path.iter().map(dot))?;
    Ok(())
}

/// One row per change: a light dot before, a dark one after, a line between, both in numbers.
pub fn changes<B: DrawingBackend>(area: &DrawingArea<B, Shift>, changes: &[Change]) -> Drawn<B> {
    let keys = [
        Key {
            label: "antes",
            colour: palette::WARNING,
        },
        Key {
            label: "depois",
            colour: palette::BRAND,
        },
    ];
    legend(area, &keys)?;
    let mut chart = rows(area, changes.len(), 118, 84)?;
    for (row, change) in changes.iter().enumerate() {
        row_label(area, &chart, row, &change.label)?;
        let y = row as f64 + 0.5;
        let (before, after) = (change.before.clamp(0.0, 1.0), change.after.clamp(0.0, 1.0));
        let between = colour(palette::BRAND_LIGHT).stroke_width(2 * POINT as u32);
        chart.draw_series([PathElement::new(vec![(before, y), (after, y)], between)])?;
        for (at, fill) in [(before, palette::WARNING), (after, palette::BRAND)] {
            let dot = Circle::new((at, y), 3 * POINT, colour(fill).filled());
            chart.draw_series([dot])?;
        }
        let (before, after) = (numbers::percent(before), numbers::percent(after));
        let text = format!("{before} → {after}");
        let (x, y) = chart.backend_coord(&(1.0, y));
        let at = (x + 82 * POINT, y);
        label(area, &text, at, LABEL_SIZE, palette::INK, HPos::Right)?;
    }
    Ok(())
}

/// Vertical bars for short labels such as the 27 states, with their shares of `total` above.
pub fn columns<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    bars: &[Bar],
    total: u64,
) -> Drawn<B> {
    let highest = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_top(12 * POINT)
        .x_label_area_size(14 * POINT)
        .build_cartesian_2d(0.0..bars.len().max(1) as f64, 0.0..highest)?;
    for (place, entry) in bars.iter().enumerate() {
        let from = place as f64;
        let corners = [(from + 0.15, 0.0), (from + 0.85, entry.count as f64)];
        let fill = colour(palette::BRAND_LIGHT).filled();
        chart.draw_series([Rectangle::new(corners, fill)])?;
        let (x, foot) = chart.backend_coord(&(from + 0.5, 0.0));
        let (_, top) = chart.backend_coord(&(from + 0.5, entry.count as f64));
        let (size, ink, muted) = (LABEL_SIZE, palette::INK, palette::MUTED);
        label(
            area,
            &entry.label,
            (x, foot + 8 * POINT),
            size,
            ink,
            HPos::Center,
        )?;
        let share = brief(entry.count as f64 / total.max(1) as f64);
        label(
            area,
            &share,
            (x, top - 5 * POINT),
            SMALL_SIZE,
            muted,
            HPos::Center,
        )?;
    }
    let axis = colour(palette::MUTED).stroke_width(POINT as u32 / 2);
    let ends = vec![(0.0, 0.0), (bars.len().max(1) as f64, 0.0)];
    chart.draw_series([PathElement::new(ends, axis)])?;
    Ok(())
}

/// A share that fits above a narrow bar: `33%`, `4,5%`, `<0,1%`.
fn brief(share: f64) -> String {
    if (0.0995..1.0).contains(&share) {
        format!("{}%", numbers::decimal(share * 100.0, 0))
    } else {
        numbers::percent(share)
    }
}

/// An empty chart of horizontal rows over shares from 0 to 100%, with room in points for the
/// labels on the left and for numbers on the right.
fn rows<'a, B: DrawingBackend>(
    area: &'a DrawingArea<B, Shift>,
    rows: usize,
    left: i32,
    right: i32,
) -> Result<Chart<'a, B>, DrawingAreaErrorKind<B::ErrorType>> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(24 * POINT)
        .margin_left(left * POINT)
        .margin_right(right * POINT)
        .x_label_area_size(16 * POINT)
        .build_cartesian_2d(0.0..1.0, rows.max(1) as f64..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_labels(6)
        .x_label_formatter(&|share| numbers::percent(*share).replace(",0%", "%"))
        .x_label_style(style(SMALL_SIZE, palette::MUTED))
        .axis_style(colour(palette::RULE).stroke_width(POINT as u32 / 2))
        .bold_line_style(colour(palette::RULE).stroke_width(POINT as u32 / 2))
        .light_line_style(TRANSPARENT)
        .set_all_tick_mark_size(2 * POINT)
        .draw()?;
    Ok(chart)
}

fn bar<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    row: usize,
    range: std::ops::Range<f64>,
    fill: Colour,
) -> Drawn<B> {
    let top = row as f64 + 0.14;
    let corners = [(range.start, top), (range.end, top + 0.72)];
    chart.draw_series([Rectangle::new(corners, colour(fill).filled())])?;
    Ok(())
}

/// The name of a row, right before its bar, shortened to the room there is.
fn row_label<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    chart: &Chart<'_, B>,
    row: usize,
    text: &str,
) -> Drawn<B> {
    let (x, y) = chart.backend_coord(&(0.0, row as f64 + 0.5));
    let room = x - area.get_base_pixel().0 - 6 * POINT;
    let text = fitting(area, text, LABEL_SIZE, room)?;
    let at = (x - 5 * POINT, y);
    label(area, &text, at, LABEL_SIZE, palette::INK, HPos::Right)
}

fn fitting<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    text: &str,
    size: f64,
    room: i32,
) -> Result<String, DrawingAreaErrorKind<B::ErrorType>> {
    let style = style(size, palette::INK);
    let fits = |text: &str| Ok(area.estimate_text_size(text, &style)?.0 as i32 <= room);
    if fits(text)? {
        return Ok(text.to_owned());
    }
    let mut short: String = text.chars().take((room / POINT).max(0) as usize).collect();
    loop {
        let cut = format!("{}…", short.trim_end());
        if short.pop().is_none() || fits(&cut)? {
            return Ok(cut);
        }
    }
}

/// Swatches and their meanings in one line along the top.
fn legend<B: DrawingBackend>(area: &DrawingArea<B, Shift>, keys: &[Key]) -> Drawn<B> {
    let text = style(LABEL_SIZE, palette::INK);
    let mut x = 0;
    let y = 7 * POINT;
    for key in keys {
        let swatch = [(x, y - 3 * POINT), (x + 7 * POINT, y + 4 * POINT)];
        area.draw(&Rectangle::new(swatch, colour(key.colour).filled()))?;
        x += 10 * POINT;
        let at = (x, y + POINT / 2);
        label(area, key.label, at, LABEL_SIZE, palette::INK, HPos::Left)?;
        x += area.estimate_text_size(key.label, &text)?.0 as i32 + 12 * POINT;
    }
    Ok(())
}

/// One text, its middle at the height of `at`.
fn label<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    text: &str,
    at: (i32, i32),
    size: f64,
    ink: Colour,
    side: HPos,
) -> Drawn<B> {
    // Charts speak of the whole page; an area drawn on counts from its own corner.
    let (left, top) = area.get_base_pixel();
    let style = style(size, ink).pos(Pos::new(side, VPos::Center));
    area.draw_text(text, &style, (at.0 - left, at.1 - top))
}

fn style(size: f64, ink: Colour) -> TextStyle<'static> {
    (FAMILY, size * f64::from(POINT))
        .into_font()
        .color(&colour(ink))
}

fn colour((red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_above_bars_stay_short() {
        assert_eq!(brief(0.3333), "33%");
        assert_eq!(brief(0.0994), "9,9%");
        assert_eq!(brief(0.0996), "10%");
        assert_eq!(brief(0.00001), "<0,1%");
        assert_eq!(brief(1.0), "100%");
    }
}
