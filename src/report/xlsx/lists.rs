//! The long lists after `Base`. Their rows wait in files until the workbook's own order reaches
//! them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::package::Package;
use super::rows::RowEncoder;
use super::template::{Closing, Styles};
use super::{MAX_ROWS, XlsxError};
use crate::report::archive::CHUNK;

/// The lists, in the order of their sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LongSheet {
    Rejected,
    Duplicates,
    Changes,
}

impl LongSheet {
    pub(super) const ALL: [LongSheet; 3] = [
        LongSheet::Rejected,
        LongSheet::Duplicates,
        LongSheet::Changes,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            LongSheet::Rejected => "Rejeitados",
            LongSheet::Duplicates => "Duplicados",
            LongSheet::Changes => "Alterações",
        }
    }

    /// Headings, and widths in characters.
    pub(super) fn columns(self) -> &'static [(&'static str, u16)] {
        match self {
            LongSheet::Rejected => &[
                ("Linha", 10),
                ("Coluna", 24),
                ("Valor original", 36),
                ("Motivo", 44),
                ("Sugestão", 60),
            ],
            LongSheet::Duplicates => &[
                ("Linha", 10),
                ("Linha que fica", 16),
                ("Grupo", 12),
                ("Chave", 36),
                ("Situação", 20),
            ],
            LongSheet::Changes => &[
                ("Linha", 10),
                ("Coluna", 24),
                ("Antes", 36),
                ("Depois", 36),
                ("Regra", 40),
                ("Situação", 14),
                ("Confiança", 12),
            ],
        }
    }
}

/// The rows of one list.
pub(super) struct List {
    sheet: LongSheet,
    file: File,
    encoder: RowEncoder,
    buffer: Vec<u8>,
    /// Rows that did not fit on the sheet.
    left_out: u64,
}

impl List {
    /// `file` is an empty scratch file.
    pub(super) fn new(sheet: LongSheet, file: File) -> Self {
        List {
            sheet,
            file,
            // The header is written when the sheet is.
            encoder: RowEncoder::below_header(sheet.columns().len()),
            buffer: Vec::with_capacity(CHUNK + 4096),
            left_out: 0,
        }
    }

    /// Adds a row: a line of the file, texts, and a share in percent with its style.
    pub(super) fn row(
        &mut self,
        line: u64,
        texts: &[&str],
        style: u32,
        share: Option<(u8, u32)>,
    ) -> io::Result<()> {
        // The last row says how many are missing.
        if self.encoder.rows() + 1 >= MAX_ROWS {
            self.left_out += 1;
            return Ok(());
        }
        let (encoder, buffer) = (&mut self.encoder, &mut self.buffer);
        encoder.open(buffer);
        encoder.number(buffer, 0, &line.to_string(), 0);
        for (column, text) in (1..).zip(texts) {
            encoder.text(buffer, column, text, style);
        }
        if let Some((percent, style)) = share {
            encoder.number(buffer, 1 + texts.len(), &format!("{percent}E-2"), style);
        }
        encoder.close(buffer);
        if self.buffer.len() >= CHUNK {
            self.file.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Rows below the header.
    pub(super) fn rows(&self) -> u32 {
        self.encoder.rows() - 1 + u32::from(self.left_out > 0)
    }

    /// Moves the rows into the workbook, as its sheet at `index`, from 0.
    pub(super) fn pack(
        mut self,
        package: &Package,
        closing: &Closing,
        index: usize,
        styles: &Styles,
    ) -> Result<(), XlsxError> {
        if self.left_out > 0 {
            let said = format!("mais {} linhas não couberam nesta planilha", self.left_out);
            self.encoder.open(&mut self.buffer);
            self.encoder.text(&mut self.buffer, 1, &said, 0);
            self.encoder.close(&mut self.buffer);
        }
        package.entry(index + 1)?;
        package.send(closing.prefix(index)?)?;
        let headings: Vec<_> = self.sheet.columns().iter().map(|(name, _)| *name).collect();
        let mut bytes = Vec::new();
        RowEncoder::new(headings.len()).header(&mut bytes, &headings, styles.header);
        package.send(bytes)?;
        self.file.seek(SeekFrom::Start(0))?;
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            let read = (&mut self.file)
                .take(CHUNK as u64)
                .read_to_end(&mut chunk)?;
            if read == 0 {
                break;
            }
            package.send(chunk)?;
        }
        // What never had to be written down.
        package.send(self.buffer)?;
        package.send(closing.suffix(index)?)
    }
}
