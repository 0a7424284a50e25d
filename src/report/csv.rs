//! The CSV people open in Excel: UTF-8 with BOM, `;`, CRLF.

use std::borrow::Cow;
use std::io::{self, Write};

use polars::prelude::{Column, DataFrame};

/// Appends batches to a CSV.
pub struct CsvReport<W: Write> {
    writer: csv::Writer<W>,
    /// Per column: a number may start with `-`.
    numeric: Vec<bool>,
}

impl<W: Write> CsvReport<W> {
    /// Starts the file with its byte-order mark and header. `numeric` says for each column
    /// whether it holds numbers.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn start(mut out: W, names: &[String], numeric: Vec<bool>) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        writer.write_record(names.iter().map(|name| inert(name).into_owned()))?;
        Ok(CsvReport { writer, numeric })
    }

    /// Appends the rows of `frame`, whose columns are those of the header.
    ///
    /// # Errors
    /// If the file cannot be written, or a column is not text.
    pub fn append(&mut self, frame: &DataFrame) -> io::Result<()> {
        let mut cells = Vec::with_capacity(frame.width());
        for column in frame.columns() {
            cells.push(texts(column)?);
        }
        for _ in 0..frame.height() {
            for (cells, numeric) in cells.iter_mut().zip(&self.numeric) {
                let text = cells.next().flatten().unwrap_or_default();
                if *numeric {
                    self.writer.write_field(text)?;
                } else {
                    self.writer.write_field(inert(text).as_bytes())?;
                }
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    /// Flushes and gives the file back.
    ///
    /// # Errors
    /// If the rest cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.writer
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))
    }
}

/// The text cells of a column.
pub(super) fn texts(column: &Column) -> io::Result<impl Iterator<Item = Option<&str>>> {
    let texts = column.str().map_err(io::Error::other)?;
    Ok(texts.iter())
}

/// Text a spreadsheet will not run: what begins like a formula gets an apostrophe.
fn inert(text: &str) -> Cow<'_, str> {
    match text.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    #[test]
    fn the_file_opens_in_a_brazilian_excel_and_runs_nothing() {
        let frame = df!(
            "Nome" => [Some("Ana; \"a\""), Some("=1+1"), None],
            "Valor" => [Some("-1,5"), Some("2"), Some("-")],
        )
        .unwrap();
        let names = ["Nome".to_owned(), "Valor".to_owned()];
        let mut report = CsvReport::start(Vec::new(), &names, vec![false, true]).unwrap();
        report.append(&frame).unwrap();
        let text = String::from_utf8(report.finish().unwrap()).unwrap();
        assert_eq!(
            text,
            "\u{feff}Nome;Valor\r\n\"Ana; \"\"a\"\"\";-1,5\r\n'=1+1;2\r\n;-\r\n"
        );
    }
}
