//! One A4 page to draw on. Coordinates are points from the top left corner, y downwards, as
//! people read; the page turns them into what PDF wants.

use printpdf::{
    Color, FontId, Line, LinePoint, Op, PaintMode, PdfFontHandle, Point, Polygon, PolygonRing, Pt,
    Rgb, TextItem, TextMatrix, WindingOrder,
};

use crate::report::{
    fonts::{Face, Fonts},
    palette::Colour,
};

/// A4 in points.
pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    pub face: Face,
    /// In points.
    pub size: f32,
    pub colour: Colour,
}

impl Type {
    pub const fn regular(size: f32, colour: Colour) -> Self {
        Type {
            face: Face::Regular,
            size,
            colour,
        }
    }

    pub const fn bold(size: f32, colour: Colour) -> Self {
        Type {
            face: Face::Bold,
            size,
            colour,
        }
    }
}

/// Where a text stands relative to its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// A rectangle by its upper left corner.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// The operations of one page so far.
#[derive(Debug)]
pub struct Canvas {
    fonts: &'static Fonts,
    pub(super) ops: Vec<Op>,
}

/// The resource name of a face in the document.
pub fn font_id(face: Face) -> FontId {
    FontId(
        match face {
            Face::Regular => "Sans",
            Face::Bold => "SansBold",
        }
        .to_owned(),
    )
}

impl Canvas {
    pub fn new(fonts: &'static Fonts) -> Self {
        Canvas {
            fonts,
            ops: Vec::new(),
        }
    }

    pub fn width(&self, text: &str, style: Type) -> f32 {
        self.fonts.face(style.face).width(text, style.size)
    }

    /// Sets one line of text with its baseline at `y`.
    pub fn text(&mut self, x: f32, y: f32, align: Align, text: &str, style: Type) {
        self.rotated_text(x, y, align, text, style, 0.0);
    }

    /// The same, turned around its anchor by `degrees`, against the clock.
    pub fn rotated_text(
        &mut self,
        x: f32,
        y: f32,
        align: Align,
        text: &str,
        style: Type,
        degrees: f32,
    ) {
        let face = self.fonts.face(style.face);
        let text = face.printable(text);
        if text.trim().is_empty() {
            return;
        }
        let before = match align {
            Align::Left => 0.0,
            Align::Centre => face.width(&text, style.size) / 2.0,
            Align::Right => face.width(&text, style.size),
        };
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let (x, y) = (x - before * cosine, HEIGHT - y - before * sine);
        let matrix = [cosine, sine, -sine, cosine, short(x), short(y)];
        self.ops.extend([
            Op::StartTextSection,
            Op::SetFillColor {
                col: colour(style.colour),
            },
            Op::SetFont {
                font: PdfFontHandle::External(font_id(style.face)),
                size: Pt(style.size),
            },
            Op::SetTextMatrix {
                matrix: TextMatrix::Raw(matrix),
            },
            Op::ShowText {
                items: vec![TextItem::Text(text)],
            },
            Op::EndTextSection,
        ]);
    }

    pub fn rectangle(&mut self, area: Area, fill: Colour) {
        let Area {
            x,
            y,
            width,
            height,
        } = area;
        let corners = [
            (x, y),
            (x + width, y),
            (x + width, y + height),
            (x, y + height),
        ];
        self.polygon(&corners, fill);
    }

    /// A filled rectangle with round corners.
    pub fn rounded(&mut self, area: Area, radius: f32, fill: Colour) {
        let (left, top) = (area.x, area.y);
        let (right, bottom) = (area.x + area.width, area.y + area.height);
        // Distance of the handles that makes a Bézier curve follow a quarter of a circle.
        let radius = radius.min(area.width / 2.0).min(area.height / 2.0);
        let arm = radius * 0.5523;
        let corner = |x: f32, y: f32, from: (f32, f32), to: (f32, f32)| {
            let start = (x + from.0 * radius, y + from.1 * radius);
            let end = (x + to.0 * radius, y + to.1 * radius);
            [
                point(start.0, start.1, false),
                point(start.0 - from.0 * arm, start.1 - from.1 * arm, true),
                point(end.0 - to.0 * arm, end.1 - to.1 * arm, true),
                point(end.0, end.1, false),
            ]
        };
        let points = [
            corner(left, top, (0.0, 1.0), (1.0, 0.0)),
            corner(right, top, (-1.0, 0.0), (0.0, 1.0)),
            corner(right, bottom, (0.0, -1.0), (-1.0, 0.0)),
            corner(left, bottom, (1.0, 0.0), (0.0, -1.0)),
        ];
        self.fill(points.concat(), fill);
    }

    pub fn polygon(&mut self, corners: &[(f32, f32)], fill: Colour) {
        let points = corners.iter().map(|&(x, y)| point(x, y, false)).collect();
        self.fill(points, fill);
    }

    pub fn circle(&mut self, x: f32, y: f32, radius: f32, fill: Colour) {
        let square = Area {
            x: x - radius,
            y: y - radius,
            width: radius * 2.0,
            height: radius * 2.0,
        };
        self.rounded(square, radius, fill);
    }

    /// A path of straight lines, `thickness` points wide.
    pub fn line(&mut self, points: &[(f32, f32)], thickness: f32, stroke: Colour) {
        let points = points.iter().map(|&(x, y)| point(x, y, false)).collect();
        self.ops.extend([
            Op::SetOutlineColor {
                col: colour(stroke),
            },
            Op::SetOutlineThickness { pt: Pt(thickness) },
            Op::DrawLine {
                line: Line {
                    points,
                    is_closed: false,
                },
            },
        ]);
    }

    fn fill(&mut self, points: Vec<LinePoint>, fill: Colour) {
        self.ops.extend([
            Op::SetFillColor { col: colour(fill) },
            Op::DrawPolygon {
                polygon: Polygon {
                    rings: vec![PolygonRing { points }],
                    mode: PaintMode::Fill,
                    winding_order: WindingOrder::NonZero,
                },
            },
        ]);
    }
}

fn point(x: f32, y: f32, bezier: bool) -> LinePoint {
    LinePoint {
        p: Point {
            x: Pt(short(x)),
            y: Pt(short(HEIGHT - y)),
        },
        bezier,
    }
}

/// A hundredth of a point is finer than any printer; more digits only make the file longer.
fn short(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

fn colour((red, green, blue): Colour) -> Color {
    let part = |byte: u8| (f32::from(byte) / 255.0 * 1000.0).round() / 1000.0;
    Color::Rgb(Rgb::new(part(red), part(green), part(blue), None))
}
