use super::*;
use crate::values::Status;
use proptest::prelude::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn parse(text: &str) -> Outcome<Date> {
    Date::parse(text, DateKind::General, Order::DayMonth, today())
}

fn shown(text: &str) -> String {
    parse(text)
        .value
        .map_or_else(|| "-".into(), |date| date.to_string())
}

#[test]
fn every_way_of_writing_a_date_is_read() {
    for text in [
        "10/03/2024",
        "10/3/24",
        "10-03-2024",
        "10.03.2024",
        "10 03 2024",
        "2024-03-10",
        "2024/03/10",
        "20240310",
        "10032024",
        "10 de março de 2024",
        "10/mar/24",
        "10-MAR-2024",
        "10 de Marco de 2024",
        "10º/03/2024",
    ] {
        assert_eq!(shown(text), "10/03/2024", "{text}");
    }
    assert_eq!(parse("10/03/2024").status, Status::Ok);
    assert_eq!(parse("2024-03-10").status, Status::Ok);
    assert_eq!(parse("10.03.2024").status, Status::Padronizado);
    assert_eq!(shown("1º de maio de 2024"), "01/05/2024");
}

#[test]
fn a_time_is_kept_as_written() {
    for text in [
        "10/03/2024 14:35",
        "10/03/2024 14h35",
        "2024-03-10T14:35:00Z",
        "2024-03-10T14:35:00.000-03:00",
        "2024-03-10 14:35:00+00:00",
    ] {
        assert_eq!(shown(text), "10/03/2024 14:35:00", "{text}");
    }
    assert_eq!(shown("2024-03-10T23:59:59-03:00"), "10/03/2024 23:59:59");
    assert_eq!(parse("10/03/2024 25:00").reason, Some(Reason::Formato));
}

#[test]
fn what_does_not_exist_is_refused() {
    for text in [
        "30/02/2024",
        "29/02/2023",
        "2023-02-29",
        "00/01/2024",
        "32/01/2024",
        "13/13/2024",
    ] {
        assert_eq!(parse(text).reason, Some(Reason::DataInexistente), "{text}");
    }
    for text in [
        "mar/24",
        "abc",
        "10/03",
        "1/2/3/4",
        "10/03/24000",
        "12",
        "10:30",
    ] {
        assert_eq!(parse(text).reason, Some(Reason::Formato), "{text}");
    }
    for text in ["0", "00000000", "00/00/0000", "__/__/____"] {
        assert_eq!(parse(text).status, Status::Vazio, "{text}");
    }
}

#[test]
fn the_order_of_the_column_counts_unless_the_fields_prove_another() {
    let american = |text| Date::parse(text, DateKind::General, Order::MonthDay, today());
    assert_eq!(american("03/10/2024").value, parse("10/03/2024").value);
    assert_eq!(parse("03/25/2024").reason, Some(Reason::OrdemInvertida));
    assert_eq!(shown("03/25/2024"), "25/03/2024");
    assert_eq!(evidence("25/03/2024"), Some(Order::DayMonth));
    assert_eq!(evidence("03/25/2024"), Some(Order::MonthDay));
    assert_eq!(evidence("03/10/2024"), None);
    assert_eq!(evidence("2024-03-25"), None);
}

#[test]
fn two_digits_of_year_depend_on_what_the_date_is_of() {
    let birth = |text| Date::parse(text, DateKind::Birth, Order::DayMonth, today());
    assert_eq!(birth("15/08/30").value.unwrap().iso(), "1930-08-15");
    assert_eq!(parse("15/08/30").value.unwrap().iso(), "2030-08-15");
    assert_eq!(parse("15/08/60").value.unwrap().iso(), "1960-08-15");
    assert_eq!(birth("22/11/26").value.unwrap().iso(), "1926-11-22");
    assert_eq!(birth("22/11/2026").reason, Some(Reason::Futura));
    assert_eq!(birth("01/01/1900").reason, Some(Reason::ForaDeFaixa));
    assert_eq!(parse("01/01/1970").reason, Some(Reason::Placeholder));
}

#[test]
fn serials_count_as_excel_does() {
    for (serial, day) in [
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("25569", "1970-01-01"),
        ("45292", "2024-01-01"),
        ("2958465", "9999-12-31"),
    ] {
        assert_eq!(
            from_serial(serial, System::From1900).value.unwrap().iso(),
            day,
            "{serial}"
        );
    }
    assert_eq!(
        from_serial("45292.5", System::From1900)
            .value
            .unwrap()
            .iso(),
        "2024-01-01T12:00:00"
    );
    assert_eq!(
        from_serial("45291.9999999", System::From1900)
            .value
            .unwrap()
            .iso(),
        "2024-01-01"
    );
    for serial in ["60", "0", "2958466", "99999999999999999999"] {
        assert_eq!(
            from_serial(serial, System::From1900).reason,
            Some(Reason::DataInexistente),
            "{serial}"
        );
    }
    assert_eq!(
        from_serial("x", System::From1900).reason,
        Some(Reason::Formato)
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[0-9/.: hTZmardej-]{0,24}") {
        parse(&text);
        evidence(&text);
        from_serial(&text, System::From1900);
    }

    #[test]
    fn the_delivered_form_reads_back(text in "[0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{2}|[12][0-9]{3})( [0-2][0-9]:[0-5][0-9])?") {
        if let Some(date) = parse(&text).value {
            for form in [date.to_string(), date.iso()] {
                let again = parse(&form);
                prop_assert_eq!(again.value, Some(date));
                prop_assert!(matches!(again.status, Status::Ok | Status::Alerta));
            }
        }
    }
}
