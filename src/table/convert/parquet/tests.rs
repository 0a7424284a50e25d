use std::fs;
use std::sync::Arc;

use csv::StringRecord;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use tempfile::TempDir;

use super::*;
use crate::table::convert::{Foreign, Tables, convert};
use crate::table::spool::{SpoolReader, Spooled};

type Group<'a> = parquet::file::writer::SerializedRowGroupWriter<'a, Vec<u8>>;

/// Writes a column; definition levels make nulls, repetition levels lists.
fn column<T: DataType>(
    group: &mut Group,
    values: &[T::T],
    defined: Option<&[i16]>,
    repeated: Option<&[i16]>,
) {
    let mut column = group.next_column().unwrap().unwrap();
    let typed = column.typed::<T>();
    typed.write_batch(values, defined, repeated).unwrap();
    column.close().unwrap();
}

/// A file of this schema; each of the functions writes a group of rows.
fn file(schema: &str, compression: Compression, groups: &[fn(&mut Group)]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for write in groups {
        let mut group = writer.next_row_group().unwrap();
        write(&mut group);
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn converted(bytes: &[u8]) -> Result<(Vec<String>, Vec<Vec<String>>), TableError> {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("source");
    fs::write(&source, bytes).unwrap();
    let conversion = Conversion {
        source,
        format: Foreign::Parquet,
        tables: Tables::Fullest,
        folder: folder.path().to_owned(),
    };
    let converted = convert(&conversion)?.remove(0);
    let mut rows = Vec::new();
    let mut reader = SpoolReader::open(&converted.spool).unwrap();
    let mut record = StringRecord::new();
    while let Some(spooled) = reader.read(&mut record).unwrap() {
        rows.push(record.iter().map(str::to_owned).collect());
        let line = rows.len() as u64;
        assert_eq!(spooled, Spooled::Record { line });
    }
    Ok((converted.columns.unwrap(), rows))
}

fn text(value: &str) -> ByteArray {
    ByteArray::from(value)
}

const EACH_TYPE: &str = "message list {
    optional binary nome (STRING);
    required int32 idade;
    required int64 conta;
    required double saldo;
    required float nota;
    required boolean ativo;
    required int32 nascimento (DATE);
    required int64 criado (TIMESTAMP(MICROS, false));
    required int64 visto (TIMESTAMP(NANOS, true));
    required int64 valor (DECIMAL(18, 2));
    required fixed_len_byte_array(16) chave (UUID);
    required binary bruto;
}";

fn each_type(group: &mut Group) {
    column::<ByteArrayType>(group, &[text("Ação; \"x\"\n2")], Some(&[1, 0]), None);
    column::<Int32Type>(group, &[-7, 42], None, None);
    column::<Int64Type>(group, &[9_007_199_254_740_993, i64::MIN], None, None);
    column::<DoubleType>(group, &[0.1 + 0.2, f64::NAN], None, None);
    column::<FloatType>(group, &[1.1, -3.0], None, None);
    column::<BoolType>(group, &[true, false], None, None);
    column::<Int32Type>(group, &[19_782, -1], None, None);
    column::<Int64Type>(
        group,
        &[1_709_164_800_000_000, 1_709_164_801_999_999],
        None,
        None,
    );
    column::<Int64Type>(group, &[1_709_210_096_123_456_789, 0], None, None);
    column::<Int64Type>(group, &[12_345, -5], None, None);
    let key: FixedLenByteArray = ByteArray::from((0..16).collect::<Vec<u8>>()).into();
    column::<FixedLenByteArrayType>(group, &[key.clone(), key], None, None);
    column::<ByteArrayType>(
        group,
        &[text("é"), ByteArray::from(vec![0xFF, 0])],
        None,
        None,
    );
}

#[test]
fn values_are_written_as_a_person_in_brazil_writes_them() {
    let snappy = Compression::SNAPPY;
    let (columns, rows) = converted(&file(EACH_TYPE, snappy, &[each_type])).unwrap();
    assert_eq!(columns[..3], ["nome", "idade", "conta"]);
    let key = "00010203-0405-0607-0809-0a0b0c0d0e0f";
    assert_eq!(
        rows,
        [
            [
                "Ação; \"x\"\n2",
                "-7",
                "9007199254740993",
                "0,30000000000000004",
                "1,1",
                "true",
                "29/02/2024",
                "29/02/2024",
                "29/02/2024 12:34:56",
                "123,45",
                key,
                "é",
            ],
            [
                "",
                "42",
                "-9223372036854775808",
                "",
                "-3",
                "false",
                "31/12/1969",
                "29/02/2024 00:00:01",
                "01/01/1970",
                "-0,05",
                key,
                "ff00",
            ],
        ]
    );
}

#[test]
fn every_usual_compression_is_read_and_others_are_told() {
    let schema = "message list { required int32 a; }";
    let write: fn(&mut Group) = |group| column::<Int32Type>(group, &[1, 2], None, None);
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ] {
        // Groups of rows follow one another.
        let (_, rows) = converted(&file(schema, compression, &[write, write])).unwrap();
        assert_eq!(rows, [["1"], ["2"], ["1"], ["2"]]);
    }
}

#[test]
fn lists_are_joined_and_groups_become_json() {
    let schema = "message list {
        optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
        optional group casa { required binary rua (STRING); required int32 numero; }
    }";
    let write: fn(&mut Group) = |group| {
        let values = [text("a"), text("b")];
        column::<ByteArrayType>(group, &values, Some(&[3, 3, 0]), Some(&[0, 1, 0]));
        column::<ByteArrayType>(group, &[text("Rua \"A\"")], Some(&[1, 0]), None);
        column::<Int32Type>(group, &[10], Some(&[1, 0]), None);
    };
    let (columns, rows) = converted(&file(schema, Compression::SNAPPY, &[write])).unwrap();
    assert_eq!(columns, ["tags", "casa"]);
    assert_eq!(rows[0], ["a; b", r#"{"rua":"Rua \"A\"","numero":10}"#]);
    assert_eq!(rows[1], ["", ""]);
}

#[test]
fn a_file_without_rows_has_none() {
    let error = converted(&file(
        "message list { required int32 a; }",
        Compression::SNAPPY,
        &[],
    ));
    assert!(matches!(error, Err(TableError::NoRows)), "{error:?}");
}

#[test]
fn a_damaged_file_is_an_error_and_never_a_panic() {
    let whole = file(EACH_TYPE, Compression::UNCOMPRESSED, &[each_type]);
    for bytes in [
        &b"PAR1"[..],
        b"PAR1 nothing PAR1",
        &whole[..whole.len() / 2],
    ] {
        let error = converted(bytes).unwrap_err();
        assert!(matches!(error, TableError::Unreadable(_)), "{error:?}");
    }
    // One byte after the other, each to something else.
    for at in (4..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let _ = converted(&damaged);
    }
}
