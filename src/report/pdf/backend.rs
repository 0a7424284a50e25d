//! plotters on a page: every shape of a chart becomes a vector in the PDF, every label real text
//! in the embedded font.

use std::convert::Infallible;

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
    text_anchor::{HPos, VPos},
};

use super::canvas::{Align, Area, Canvas, Type};
use crate::report::{
    charts::POINT,
    fonts::{ASCENT, CAP_HEIGHT, DESCENT, Face},
    palette::Colour,
};

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A rectangle of a page as plotters sees it: [`POINT`] units make one point.
pub struct PageBackend<'a> {
    canvas: &'a mut Canvas,
    area: Area,
}

impl<'a> PageBackend<'a> {
    pub fn new(canvas: &'a mut Canvas, area: Area) -> Self {
        PageBackend { canvas, area }
    }

    fn place(&self, (x, y): BackendCoord) -> (f32, f32) {
        (self.area.x + points(x), self.area.y + points(y))
    }

    fn path(&self, path: impl IntoIterator<Item = BackendCoord>) -> Vec<(f32, f32)> {
        path.into_iter().map(|at| self.place(at)).collect()
    }
}

impl DrawingBackend for PageBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let units = |length: f32| (length * POINT as f32).round() as u32;
        (units(self.area.width), units(self.area.height))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        if let Some(fill) = visible(color) {
            let (x, y) = self.place(at);
            let side = points(1);
            let pixel = Area {
                x,
                y,
                width: side,
                height: side,
            };
            self.canvas.rectangle(pixel, fill);
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let ((left, top), (right, bottom)) = (upper_left, bottom_right);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        if fill {
            self.fill_polygon(corners, style)
        } else {
            self.draw_path(corners.into_iter().chain([upper_left]), style)
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if let Some(stroke) = visible(style.color()) {
            let path = self.path(path);
            let thickness = style.stroke_width() as f32 / POINT as f32;
            self.canvas.line(&path, thickness, stroke);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let Some(colour) = visible(style.color()) else {
            return Ok(());
        };
        let (x, y) = self.place(center);
        let radius = radius as f32 / POINT as f32;
        if fill {
            self.canvas.circle(x, y, radius, colour);
        } else {
            let corners: Vec<_> = (0..=48)
                .map(|step| (step as f32 * 7.5).to_radians().sin_cos())
                .map(|(sine, cosine)| (x + radius * cosine, y + radius * sine))
                .collect();
            let thickness = style.stroke_width() as f32 / POINT as f32;
            self.canvas.line(&corners, thickness, colour);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        if let Some(fill) = visible(style.color()) {
            let corners = self.path(vert);
            self.canvas.polygon(&corners, fill);
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let Some(colour) = visible(style.color()) else {
            return Ok(());
        };
        let set = Type {
            face: face(style.style()),
            size: style.size() as f32 / POINT as f32,
            colour,
        };
        let align = match style.anchor().h_pos {
            HPos::Left => Align::Left,
            HPos::Center => Align::Centre,
            HPos::Right => Align::Right,
        };
        // The middle of a label is that of its capitals and digits: so it sits level with its bar.
        let drop = set.size
            * match style.anchor().v_pos {
                VPos::Top => ASCENT,
                VPos::Center => CAP_HEIGHT / 2.0,
                VPos::Bottom => -DESCENT,
            };
        let (x, y) = self.place(at);
        let (x, y, degrees) = match style.transform() {
            FontTransform::None => (x, y + drop, 0.0),
            FontTransform::Rotate90 => (x - drop, y, -90.0),
            FontTransform::Rotate180 => (x, y - drop, 180.0),
            FontTransform::Rotate270 => (x + drop, y, 90.0),
        };
        self.canvas.rotated_text(x, y, align, text, set, degrees);
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size() as f32;
        let set = Type {
            face: face(style.style()),
            size,
            colour: (0, 0, 0),
        };
        let height = size * (ASCENT + DESCENT);
        Ok((
            self.canvas.width(text, set).ceil() as u32,
            height.ceil() as u32,
        ))
    }
}

fn points(units: i32) -> f32 {
    units as f32 / POINT as f32
}

fn face(style: FontStyle) -> Face {
    match style {
        FontStyle::Bold => Face::Bold,
        FontStyle::Normal | FontStyle::Oblique | FontStyle::Italic => Face::Regular,
    }
}

/// The colour on white paper; `None` if nothing would show. Mixing here keeps the file free of
/// transparency, which old printers and viewers draw badly.
fn visible(color: BackendColor) -> Option<Colour> {
    let alpha = color.alpha.clamp(0.0, 1.0);
    if alpha == 0.0 {
        return None;
    }
    let mix = |part: u8| (f64::from(part) * alpha + 255.0 * (1.0 - alpha)).round() as u8;
    let (red, green, blue) = color.rgb;
    Some((mix(red), mix(green), mix(blue)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fonts::Fonts;
    use plotters::prelude::*;

    fn operations(
        draw: impl FnOnce(&DrawingArea<PageBackend<'_>, plotters::coord::Shift>),
    ) -> String {
        let mut canvas = Canvas::new(Fonts::embedded().expect("fonts"));
        let area = Area {
            x: 100.0,
            y: 50.0,
            width: 200.0,
            height: 100.0,
        };
        draw(&PageBackend::new(&mut canvas, area).into_drawing_area());
        format!("{:?}", canvas.ops)
    }

    #[test]
    fn an_area_is_as_large_as_its_points() {
        operations(|area| {
            assert_eq!(
                area.dim_in_pixel(),
                (200 * POINT as u32, 100 * POINT as u32)
            );
        });
    }

    #[test]
    fn shapes_land_in_their_area_with_y_upwards() {
        let drawn = operations(|area| {
            let corners = [(0, 0), (10 * POINT, 20 * POINT)];
            area.draw(&Rectangle::new(corners, BLACK.filled())).unwrap();
        });
        // Left 100, top 841,89 - 50; twenty points lower the bottom.
        for number in ["100.0", "110.0", "791.89", "771.89"] {
            assert!(drawn.contains(number), "{number} in {drawn}");
        }
    }

    #[test]
    fn what_is_transparent_is_not_drawn_and_half_of_black_is_grey() {
        let drawn = operations(|area| {
            area.draw(&Circle::new((50, 50), 10, TRANSPARENT.filled()))
                .unwrap();
        });
        assert_eq!(drawn, "[]");
        let half = BackendColor {
            alpha: 0.5,
            rgb: (0, 0, 0),
        };
        assert_eq!(visible(half), Some((128, 128, 128)));
    }

    #[test]
    fn a_label_is_measured_by_the_font_it_is_set_in() {
        operations(|area| {
            let style = ("sans-serif", 10 * POINT).into_text_style(area);
            let (width, _) = area.estimate_text_size("iiii", &style).unwrap();
            let (wide, _) = area.estimate_text_size("MMMM", &style).unwrap();
            assert!(width * 3 < wide);
        });
    }
}
