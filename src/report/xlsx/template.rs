//! The workbook around the long sheets, made by rust_xlsxwriter: styles, `Resumo` with its
//! charts, sheet properties. Its long sheets hold no rows; their XML is cut at `<sheetData>`.

use std::io::{Cursor, Read};

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet,
};
use zip::ZipArchive;

use super::lists::LongSheet;
use super::package::sheet_path;
use super::{SheetColumn, XlsxError, dictionary, groups, overview};
use crate::report::Summary;
use crate::transform::GroupSheet;

/// What a cell of `Base` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    Text,
    Number,
    Money,
    Percent,
    Date,
    /// A date with a time of day.
    Moment,
}

/// What a cell's colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Corrected,
    Alert,
    Filled,
    Rejected,
}

const KINDS: [CellKind; 6] = [
    CellKind::Text,
    CellKind::Number,
    CellKind::Money,
    CellKind::Percent,
    CellKind::Date,
    CellKind::Moment,
];
const TONES: [Tone; 5] = [
    Tone::Plain,
    Tone::Corrected,
    Tone::Alert,
    Tone::Filled,
    Tone::Rejected,
];

/// The format of an uncoloured cell among [`cell_formats`].
pub(super) fn plain(cells: &[Format], kind: CellKind) -> Option<&Format> {
    cells.get(kind as usize * TONES.len())
}

/// The numbers of our cell formats in the workbook's style table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Styles {
    pub(super) header: u32,
    cells: Vec<u32>,
}

impl Styles {
    pub(super) fn of(&self, kind: CellKind, tone: Tone) -> u32 {
        self.cells[kind as usize * TONES.len() + tone as usize]
    }
}

/// What is known before the first row.
pub(super) struct Template {
    pub(super) styles: Styles,
    pub(super) base_prefix: Vec<u8>,
    date: NaiveDate,
}

/// What is known after the last.
pub(super) struct Closing {
    pub(super) archive: Vec<u8>,
}

impl Template {
    pub(super) fn new(columns: &[SheetColumn], date: NaiveDate) -> Result<Self, XlsxError> {
        let archive = assemble(columns, None, &[0], NO_ROWS, date)?;
        let sheet = Sheet::of(&archive, 2)?;
        Ok(Template {
            styles: sheet.styles()?,
            base_prefix: sheet.prefix()?,
            date,
        })
    }

    /// The end of a `Base` sheet of `rows` rows below its header.
    pub(super) fn base_suffix(columns: &[SheetColumn], rows: u32) -> Result<Vec<u8>, XlsxError> {
        let archive = assemble(columns, None, &[rows], NO_ROWS, NaiveDate::MIN)?;
        Sheet::of(&archive, 2)?.suffix()
    }

    /// The whole workbook without the rows of its long sheets.
    pub(super) fn close(
        &self,
        columns: &[SheetColumn],
        filling: Filling<'_>,
        base_rows: &[u32],
        list_rows: [u32; LongSheet::ALL.len()],
    ) -> Result<Closing, XlsxError> {
        let archive = assemble(columns, Some(filling), base_rows, list_rows, self.date)?;
        // The rows are written by now: their style numbers must still mean the same.
        if Sheet::of(&archive, 2)?.styles()? != self.styles {
            return Err(XlsxError::Assembly("the style table moved"));
        }
        Ok(Closing { archive })
    }
}

impl Closing {
    /// The XML before the rows of the sheet at `index`, from 0.
    pub(super) fn prefix(&self, index: usize) -> Result<Vec<u8>, XlsxError> {
        Sheet::of(&self.archive, index + 1)?.prefix()
    }

    pub(super) fn suffix(&self, index: usize) -> Result<Vec<u8>, XlsxError> {
        Sheet::of(&self.archive, index + 1)?.suffix()
    }
}

const NO_ROWS: [u32; LongSheet::ALL.len()] = [0; LongSheet::ALL.len()];

/// What short sheets are drawn from.
#[derive(Clone, Copy)]
pub(super) struct Filling<'a> {
    pub(super) summary: &'a Summary,
    pub(super) groups: &'a [GroupSheet],
}

fn assemble(
    columns: &[SheetColumn],
    filling: Option<Filling<'_>>,
    base_rows: &[u32],
    list_rows: [u32; LongSheet::ALL.len()],
    date: NaiveDate,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(date)?);
    // Registered first and in this order, so that the numbers are the same in every workbook.
    let header = header_format();
    workbook.register_format(&header);
    let cells = cell_formats();
    for format in &cells {
        workbook.register_format(format);
    }
    let overview = workbook.add_worksheet().set_name("Resumo")?;
    if let Some(filling) = filling {
        overview::draw(overview, filling.summary)?;
    }
    for (index, rows) in base_rows.iter().enumerate() {
        let sheet = workbook.add_worksheet();
        match index {
            0 => sheet.set_name("Base")?,
            _ => sheet.set_name(format!("Base {}", index + 1))?,
        };
        for (place, column) in (0..).zip(columns) {
            sheet.set_column_width(place, f64::from(column.width))?;
        }
        frame_list(sheet, *rows, columns.len())?;
        // Tells us the numbers of the formats; cut away with the other rows.
        sheet.write_blank(1, 0, &header)?;
        for (place, format) in (1..).zip(&cells) {
            sheet.write_blank(1, place, format)?;
        }
    }
    for (sheet, rows) in LongSheet::ALL.into_iter().zip(list_rows) {
        let page = workbook.add_worksheet().set_name(sheet.name())?;
        for (place, (_, width)) in (0..).zip(sheet.columns()) {
            page.set_column_width(place, f64::from(*width))?;
        }
        frame_list(page, rows, sheet.columns().len())?;
    }
    if let Some(filling) = filling {
        let mut taken: Vec<_> = workbook.worksheets().iter().map(Worksheet::name).collect();
        taken.extend([dictionary::COLUMNS, dictionary::DICTIONARY].map(str::to_owned));
        let mut names = groups::Names::new(taken);
        for group in filling.groups {
            let page = workbook.add_worksheet();
            page.set_name(names.take(&group.name))?;
            frame_list(page, group.frame.height() as u32, group.columns.len())?;
            groups::draw(page, group, &header, &cells)?;
        }
        let page = workbook.add_worksheet().set_name(dictionary::COLUMNS)?;
        dictionary::columns(page, filling.summary, &header)?;
        let page = workbook.add_worksheet().set_name(dictionary::DICTIONARY)?;
        dictionary::dictionary(page, filling.summary, &header)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// A frozen header with a filter.
fn frame_list(sheet: &mut Worksheet, rows: u32, columns: usize) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    if let Some(last) = columns
        .checked_sub(1)
        .and_then(|last| u16::try_from(last).ok())
    {
        sheet.autofilter(0, 0, rows, last)?;
    }
    Ok(())
}

fn properties(date: NaiveDate) -> Result<DocProperties, XlsxError> {
    let year = u16::try_from(date.year().clamp(1900, 9999)).unwrap_or(1900);
    let created = ExcelDateTime::from_ymd(year, date.month() as u8, date.day() as u8)?;
    Ok(DocProperties::new()
        .set_title("Resultado da higienização")
        .set_author("pyservice")
        .set_creation_datetime(&created))
}

fn header_format() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(Color::White)
        .set_background_color(Color::RGB(0x11_4B_5F))
        .set_align(FormatAlign::VerticalCenter)
}

/// The formats of cells, by kind and in each by tone.
fn cell_formats() -> Vec<Format> {
    let mut formats = Vec::with_capacity(KINDS.len() * TONES.len());
    for kind in KINDS {
        let number = match kind {
            CellKind::Text => "@",
            CellKind::Number => "General",
            CellKind::Money => "\"R$\" #,##0.00",
            CellKind::Percent => "0.0##%",
            CellKind::Date => "dd/mm/yyyy",
            CellKind::Moment => "dd/mm/yyyy hh:mm",
        };
        for tone in TONES {
            let format = Format::new().set_num_format(number);
            formats.push(match tone {
                Tone::Plain => format,
                Tone::Corrected => format.set_background_color(Color::RGB(0xFF_F2_CC)),
                Tone::Alert => format.set_background_color(Color::RGB(0xFC_E4_D6)),
                Tone::Filled => format.set_background_color(Color::RGB(0xDD_EB_F7)),
                Tone::Rejected => format.set_background_color(Color::RGB(0xF8_CB_CB)),
            });
        }
    }
    formats
}

/// The XML of one sheet of an archive.
struct Sheet(String);

impl Sheet {
    const OPEN: &str = "<sheetData>";
    const CLOSE: &str = "</sheetData>";
    const EMPTY: &str = "<sheetData/>";

    fn of(archive: &[u8], number: usize) -> Result<Self, XlsxError> {
        let mut archive = ZipArchive::new(Cursor::new(archive))?;
        let mut xml = String::new();
        archive
            .by_name(&sheet_path(number))?
            .read_to_string(&mut xml)?;
        Ok(Sheet(xml))
    }

    /// Everything up to the rows. The stated dimension is left out: it would be that of the probe.
    fn prefix(&self) -> Result<Vec<u8>, XlsxError> {
        let (before, _) = self.around()?;
        let mut prefix = before.to_owned();
        if let Some(start) = prefix.find("<dimension ") {
            let length = prefix[start..].find("/>").ok_or(CUT)? + 2;
            prefix.replace_range(start..start + length, "");
        }
        prefix.push_str(Self::OPEN);
        Ok(prefix.into_bytes())
    }

    fn suffix(&self) -> Result<Vec<u8>, XlsxError> {
        let (_, after) = self.around()?;
        Ok(format!("{}{after}", Self::CLOSE).into_bytes())
    }

    /// The text before `<sheetData>` and after `</sheetData>`.
    fn around(&self) -> Result<(&str, &str), XlsxError> {
        if let Some(parts) = self.0.split_once(Self::EMPTY) {
            return Ok(parts);
        }
        let (before, rest) = self.0.split_once(Self::OPEN).ok_or(CUT)?;
        let (_, after) = rest.split_once(Self::CLOSE).ok_or(CUT)?;
        Ok((before, after))
    }

    /// Reads the probe row: the header's format, then ours in order.
    fn styles(&self) -> Result<Styles, XlsxError> {
        let (_, rows) = self.0.split_once(Self::OPEN).ok_or(CUT)?;
        let (rows, _) = rows.split_once(Self::CLOSE).ok_or(CUT)?;
        let mut numbers = rows.split(" s=\"").skip(1).map(|rest| {
            let number = rest.split('"').next().unwrap_or_default();
            number.parse().map_err(|_| CUT)
        });
        let header = numbers.next().ok_or(CUT)??;
        let cells = numbers.collect::<Result<Vec<u32>, _>>()?;
        if cells.len() != KINDS.len() * TONES.len() {
            return Err(CUT);
        }
        Ok(Styles { header, cells })
    }
}

const CUT: XlsxError = XlsxError::Assembly("the sheet's XML is not as expected");
