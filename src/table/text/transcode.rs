//! Rewriting a text file as UTF-8, so that everything after this reads one encoding.
//!
//! NUL characters and the end-of-file sign of DOS are left out; lines stay the lines they were.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::encoding::{Bytes, Encoding, cp850, each_line};
use crate::table::{Lines, TableError};

const CHUNK: usize = 256 * 1024;

/// Writes the file at `from` to `to`, as UTF-8 without a byte-order mark. Gives the lines of a
/// mixed file that were not UTF-8.
///
/// # Errors
/// If the bytes are not what they were found to be.
pub(crate) fn transcode(from: &Path, to: &Path, bytes: Bytes) -> Result<Lines, TableError> {
    let (mut line, mut foreign) = (0, Lines::default());
    let mut out = Text(BufWriter::with_capacity(CHUNK, File::create(to)?));
    match bytes.encoding {
        Encoding::Utf8 => each_line(from, bytes.mark, |line| out.bytes(line))?,
        Encoding::Windows1252 => decode(
            from,
            bytes.mark,
            WINDOWS_1252.new_decoder_without_bom_handling(),
            &mut out,
        )?,
        Encoding::Utf16Le => {
            let decoder = UTF_16LE.new_decoder_without_bom_handling();
            decode(from, bytes.mark, decoder, &mut out)?;
        }
        Encoding::Utf16Be => {
            let decoder = UTF_16BE.new_decoder_without_bom_handling();
            decode(from, bytes.mark, decoder, &mut out)?;
        }
        Encoding::Utf32Le => utf32(from, bytes.mark, &mut out)?,
        Encoding::Cp850 => {
            let table: Vec<String> = (0..=255).map(|byte| cp850(byte).into()).collect();
            each_line(from, bytes.mark, |line| {
                line.iter()
                    .try_for_each(|byte| out.bytes(table[usize::from(*byte)].as_bytes()))
            })?;
        }
        Encoding::Mixed => each_line(from, bytes.mark, |bytes| {
            line += 1;
            if std::str::from_utf8(bytes).is_ok() {
                return out.bytes(bytes);
            }
            foreign.add(line);
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
            out.bytes(text.as_bytes())
        })?,
    }
    out.0.flush()?;
    Ok(foreign)
}

/// UTF-8 on its way to disk.
struct Text<W>(W);

impl<W: Write> Text<W> {
    fn bytes(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some(at) = memchr::memchr2(0, 0x1A, bytes) {
            self.0.write_all(&bytes[..at])?;
            bytes = &bytes[at + 1..];
        }
        self.0.write_all(bytes)
    }
}

fn decode<W: Write>(
    from: &Path,
    mark: usize,
    mut decoder: Decoder,
    out: &mut Text<W>,
) -> Result<(), TableError> {
    let mut file = File::open(from)?;
    file.seek(SeekFrom::Start(mark as u64))?;
    let mut input = vec![0; CHUNK];
    // Room for the longest that so many bytes can become.
    let room = decoder.max_utf8_buffer_length_without_replacement(CHUNK);
    let mut text = vec![0; room.unwrap_or(4 * CHUNK)];
    let mut at = mark;
    loop {
        let read = file.read(&mut input)?;
        let last = read == 0;
        let bytes = &input[..read];
        let (result, consumed, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut text, last);
        out.bytes(&text[..written])?;
        match result {
            DecoderResult::InputEmpty if last => return Ok(()),
            DecoderResult::InputEmpty => at += consumed,
            // A single byte after the last whole character: an appended line end or padding.
            DecoderResult::Malformed(..) if last => return Ok(()),
            DecoderResult::Malformed(..) | DecoderResult::OutputFull => {
                let at = at + consumed;
                let cause = format!("a UTF-16 character is broken near byte {at}");
                return Err(TableError::Encoding(cause.into()));
            }
        }
    }
}

fn utf32<W: Write>(from: &Path, mark: usize, out: &mut Text<W>) -> Result<(), TableError> {
    let mut input = BufReader::with_capacity(CHUNK, File::open(from)?);
    input.seek_relative(mark as i64)?;
    let mut unit = [0; 4];
    let mut at = mark;
    loop {
        match input.read_exact(&mut unit) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let Some(character) = char::from_u32(u32::from_le_bytes(unit)) else {
            let cause = format!("a UTF-32 character is broken at byte {at}");
            return Err(TableError::Encoding(cause.into()));
        };
        out.bytes(character.encode_utf8(&mut [0; 4]).as_bytes())?;
        at += 4;
    }
}
