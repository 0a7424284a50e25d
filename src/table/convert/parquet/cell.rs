//! Values of Parquet as text.

use std::fmt::Write;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime};
use parquet::basic::{LogicalType, TimeUnit};
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use serde_json::Value;
use uuid::Uuid;

/// What a column's type says that its values do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    AsItIs,
    /// Nanoseconds since 1970.
    Timestamp,
    /// Nanoseconds since midnight.
    Time,
    Uuid,
}

impl Style {
    pub(super) fn of(column: &Type) -> Self {
        match column.get_basic_info().logical_type_ref() {
            Some(LogicalType::Timestamp(kind)) if kind.unit == TimeUnit::NANOS => Style::Timestamp,
            Some(LogicalType::Time(kind)) if kind.unit == TimeUnit::NANOS => Style::Time,
            Some(LogicalType::Uuid) => Style::Uuid,
            _ => Style::AsItIs,
        }
    }

    /// Appends a value to a cell. Points in time are shown as the file has them, in UTC if it
    /// says so; fractions of a second are left out.
    pub(super) fn write(self, value: &Field, cell: &mut String) {
        let text = match (self, value) {
            (Style::Timestamp, Field::Long(nanos)) => {
                timestamp(Some(DateTime::from_timestamp_nanos(*nanos).naive_utc()))
            }
            (Style::Time, Field::Long(nanos)) => time(nanos.div_euclid(1_000_000_000)),
            (Style::Uuid, Field::Bytes(bytes)) => Uuid::from_slice(bytes.data())
                .ok()
                .map(|uuid| uuid.to_string()),
            _ => return write_plain(value, cell),
        };
        match text {
            Some(text) => cell.push_str(&text),
            None => write_plain(value, cell),
        }
    }
}

fn write_plain(value: &Field, cell: &mut String) {
    let text = match value {
        Field::Null => return,
        Field::Str(text) => return cell.push_str(text),
        Field::Float16(number) => number_text(number.to_f32()),
        Field::Float(number) => number_text(*number),
        Field::Double(number) => number_text(*number),
        // Exact, with a point.
        Field::Decimal(_) => value.to_string().replace('.', ","),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => text.to_owned(),
            Err(_) => hex::encode(bytes.data()),
        },
        Field::Date(days) => date(*days).unwrap_or_else(|| days.to_string()),
        Field::TimestampMillis(millis) => {
            let at = DateTime::from_timestamp_millis(*millis);
            timestamp(at.map(|at| at.naive_utc())).unwrap_or_else(|| millis.to_string())
        }
        Field::TimestampMicros(micros) => {
            let at = DateTime::from_timestamp_micros(*micros);
            timestamp(at.map(|at| at.naive_utc())).unwrap_or_else(|| micros.to_string())
        }
        Field::TimeMillis(millis) => {
            time(i64::from(*millis).div_euclid(1_000)).unwrap_or_else(|| millis.to_string())
        }
        Field::TimeMicros(micros) => {
            time(micros.div_euclid(1_000_000)).unwrap_or_else(|| micros.to_string())
        }
        Field::ListInternal(list) if !list.elements().iter().any(is_nested) => {
            let texts = list.elements().iter().map(plain_text);
            let filled: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
            filled.join("; ")
        }
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => json(value).to_string(),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_) => {
            // Cannot fail: it goes to memory.
            let _ = write!(cell, "{value}");
            return;
        }
    };
    cell.push_str(&text);
}

fn plain_text(value: &Field) -> String {
    let mut text = String::new();
    write_plain(value, &mut text);
    text
}

fn is_nested(value: &Field) -> bool {
    matches!(
        value,
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_)
    )
}

/// The shortest text that means this number, with a comma. What is no number is blank.
fn number_text<N: Into<f64> + Copy + std::fmt::Display>(number: N) -> String {
    if number.into().is_nan() {
        return String::new();
    }
    number.to_string().replace('.', ",")
}

fn date(days: i32) -> Option<String> {
    let span = Days::new(u64::from(days.unsigned_abs()));
    let epoch = NaiveDate::default();
    let date = match days {
        0.. => epoch.checked_add_days(span),
        _ => epoch.checked_sub_days(span),
    };
    Some(date?.format("%d/%m/%Y").to_string())
}

/// Dates are often kept as points in time: midnight is not shown.
fn timestamp(at: Option<NaiveDateTime>) -> Option<String> {
    let at = at?;
    let form = match at.time() {
        NaiveTime::MIN => "%d/%m/%Y",
        _ => "%d/%m/%Y %H:%M:%S",
    };
    Some(at.format(form).to_string())
}

fn time(seconds: i64) -> Option<String> {
    let seconds = u32::try_from(seconds).ok()?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?;
    Some(time.format("%H:%M:%S").to_string())
}

/// Nested values as JSON; its leaves are text, as they would stand in a cell.
fn json(value: &Field) -> Value {
    let object = |row: &Row| {
        let members = row.get_column_iter();
        Value::Object(
            members
                .map(|(name, value)| (name.clone(), json(value)))
                .collect(),
        )
    };
    match value {
        Field::Null => Value::Null,
        Field::Bool(truth) => Value::Bool(*truth),
        Field::Int(number) => Value::from(*number),
        Field::Long(number) => Value::from(*number),
        Field::Group(row) => object(row),
        Field::ListInternal(list) => list.elements().iter().map(json).collect(),
        Field::MapInternal(map) => {
            let entries = map.entries().iter();
            Value::Object(
                entries
                    .map(|(key, value)| (plain_text(key), json(value)))
                    .collect(),
            )
        }
        leaf => Value::String(plain_text(leaf)),
    }
}
