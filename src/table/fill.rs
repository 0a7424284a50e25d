//! Putting texts into a column.

use polars::prelude::{Column, IntoColumn, PolarsResult, StringChunkedBuilder};

/// `column` with other texts in some of its rows: row and text, in the order of rows.
///
/// # Errors
/// If the column is not text.
pub fn with_cells<T: AsRef<str>>(
    column: &Column,
    cells: &[(usize, Option<T>)],
) -> PolarsResult<Column> {
    let old = column.str()?;
    let mut texts = StringChunkedBuilder::new(old.name().clone(), old.len());
    let mut cells = cells.iter().peekable();
    for (row, cell) in old.iter().enumerate() {
        match cells.next_if(|(at, _)| *at == row) {
            Some((_, text)) => texts.append_option(text.as_ref().map(AsRef::as_ref)),
            None => texts.append_option(cell),
        }
    }
    Ok(texts.finish().into_column())
}
