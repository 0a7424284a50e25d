use proptest::prelude::*;

use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

/// Delivered form, status and reason.
fn cleaned_by(kind: ColumnKind, text: &str, reading: &Reading) -> (String, Status, Option<Reason>) {
    let mut out = String::new();
    let mark = clean(kind, text, Context::new(reading, today()), &mut out);
    (out, mark.status, mark.reason)
}

fn cleaned(kind: ColumnKind, text: &str) -> (String, Status) {
    let (out, status, _) = cleaned_by(kind, text, &Reading::default());
    (out, status)
}

#[test]
fn a_cell_is_ok_only_if_it_is_delivered_as_it_came() {
    use ColumnKind::*;
    use Status::*;
    for (kind, text, delivered, status) in [
        (Cpf, "529.982.247-25", "529.982.247-25", Ok),
        (Cpf, "52998224725", "529.982.247-25", Padronizado),
        (Cpf, "4515266861", "045.152.668-61", Corrigido),
        (Cpf, "52998224726", "", Rejeitado),
        (Cpf, "n/a", "", Vazio),
        (
            Document,
            "11222333000181",
            "11.222.333/0001-81",
            Padronizado,
        ),
        (Cep, "01310100", "01310-100", Padronizado),
        (Municipality, "CAMPINAS", "Campinas", Padronizado),
        (Municipality, "Campinas", "Campinas", Ok),
        (Municipality, "Atlântida", "Atlântida", Alerta),
        (Ibge, "355030", "3550308", Corrigido),
        (Company, "PADARIA LTDA", "PADARIA LTDA", Ok),
        (Street, "R. das Flores", "Rua das Flores", Padronizado),
        (Number, "s/n", "S/N", Padronizado),
        (Number, "7.406", "7406", Alerta),
        (Date, "2024-03-10", "10/03/2024", Padronizado),
        (Date, "10/03/2024", "10/03/2024", Ok),
        (Date, "10/03/2024 00:00:00", "10/03/2024", Padronizado),
        (Date, "10/03/2024 14h35", "10/03/2024 14:35:00", Padronizado),
        (Date, "30/02/2024", "", Rejeitado),
        (Date, "mar/24", "", Rejeitado),
        (Date, "45292", "", Rejeitado),
        (BirthDate, "10/03/30", "10/03/1930", Padronizado),
        (BirthDate, "01/01/2027", "", Rejeitado),
        (BirthDate, "01/01/1900", "", Rejeitado),
        (Percent, "12,5%", "12,5%", Ok),
        (Percent, "12.5 %", "12,5%", Padronizado),
        (Integer, "601.0", "601", Padronizado),
        (Integer, "7.406", "7406", Alerta),
        (Integer, "1,5", "", Rejeitado),
        (Boolean, "sim", "Sim", Padronizado),
        (Boolean, "Não", "Não", Ok),
        (Boolean, "talvez", "", Rejeitado),
        (Money, "R$Â 10,00", "10,00", Padronizado),
        (Category, "bronze", "bronze", Ok),
        (Text, "  a  b ", "a b", Padronizado),
        (Text, "a b", "a b", Ok),
    ] {
        assert_eq!(
            cleaned(kind, text),
            (delivered.into(), status),
            "{kind:?} {text}"
        );
    }
}

#[test]
fn words_with_lost_letters_are_kept_with_an_alert() {
    for (kind, text, delivered) in [
        (ColumnKind::Name, "JO?O LIMA", "Jo?o Lima"),
        (ColumnKind::Text, "Jo\u{fffd}o", "Jo\u{fffd}o"),
        (ColumnKind::Company, "ATLÃNTICA EMP.", "ATLÃNTICA EMP."),
    ] {
        let (out, status, reason) = cleaned_by(kind, text, &Reading::default());
        assert_eq!(
            (out.as_str(), status),
            (delivered, Status::Alerta),
            "{text}"
        );
        assert_eq!(reason, Some(Reason::MojibakeIrrecuperavel));
    }
}

#[test]
fn a_name_of_one_word_is_right_and_said_to_be_one() {
    let (_, status, reason) = cleaned_by(ColumnKind::Name, "Ana", &Reading::default());
    assert_eq!((status, reason), (Status::Ok, Some(Reason::NomeUnico)));
    let (_, _, reason) = cleaned_by(ColumnKind::Name, "Ana Lima", &Reading::default());
    assert_eq!(reason, None);
}

#[test]
fn dates_follow_their_column() {
    use crate::values::date::System;
    let english = Reading {
        order: Some(Order::MonthDay),
        ..Reading::default()
    };
    let (date, ..) = cleaned_by(ColumnKind::Date, "03/10/2024", &english);
    assert_eq!(date, "10/03/2024");
    let serials = Reading {
        serials: Some(System::From1900),
        ..Reading::default()
    };
    let (date, status, reason) = cleaned_by(ColumnKind::Date, "45292", &serials);
    assert_eq!((date.as_str(), status), ("01/01/2024", Status::Corrigido));
    assert_eq!(reason, Some(Reason::SerialExcel));
    let (date, ..) = cleaned_by(ColumnKind::Date, "20240310", &serials);
    assert_eq!(date, "10/03/2024");
    let (_, status, reason) = cleaned_by(ColumnKind::BirthDate, "50000", &serials);
    assert_eq!((status, reason), (Status::Rejeitado, Some(Reason::Futura)));
    let times = Reading {
        times: true,
        ..Reading::default()
    };
    let (date, status, _) = cleaned_by(ColumnKind::Date, "10/03/2024", &times);
    assert_eq!(date, "10/03/2024 00:00:00");
    assert_eq!(status, Status::Padronizado);
}

#[test]
fn percentages_without_a_sign_are_suspicious_among_others_with_one() {
    let mixed = Reading {
        mixed_unit: true,
        ..Reading::default()
    };
    let (_, status, reason) = cleaned_by(ColumnKind::Percent, "0,125", &mixed);
    assert_eq!(
        (status, reason),
        (Status::Alerta, Some(Reason::UnidadeMista))
    );
    assert_eq!(
        cleaned_by(ColumnKind::Percent, "12,5%", &mixed).1,
        Status::Ok
    );
}

#[test]
fn the_rest_of_the_row_tells_what_a_cell_leaves_open() {
    let reading = Reading::default();
    let row = Context {
        municipality: Some("São José do Rio Preto"),
        state: Some(State::SP),
        ..Context::new(&reading, today())
    };
    let mut out = String::new();
    let mark = clean(ColumnKind::Phone, "3333-4444", row, &mut out);
    assert_eq!(
        (out.as_str(), mark.reason),
        ("(17) 3333-4444", Some(Reason::DddInferido))
    );
    let mark = clean(ColumnKind::Ddd, "01", row, &mut out);
    assert_eq!(
        (out.as_str(), mark.reason),
        ("17", Some(Reason::DddInferido))
    );
    // Its own code counts for more.
    let row = Context {
        ddd: Some("11"),
        ..row
    };
    clean(ColumnKind::Phone, "3333-4444", row, &mut out);
    assert_eq!(out, "(11) 3333-4444");
    // `Bonito` is in four states.
    let nowhere = Context::new(&reading, today());
    let mark = clean(ColumnKind::Municipality, "Bonito", nowhere, &mut out);
    assert_eq!(mark.reason, Some(Reason::Ambiguo));
    for row in [
        Context {
            state: Some(State::MS),
            ..nowhere
        },
        Context {
            cep: Some("79290-000"),
            ..nowhere
        },
        Context {
            ddd: Some("67"),
            ..nowhere
        },
        Context {
            ibge: Some("5002209"),
            ..nowhere
        },
    ] {
        let mark = clean(ColumnKind::Municipality, "Bonito", row, &mut out);
        assert_eq!(
            (mark.status, out.as_str()),
            (Status::Ok, "Bonito"),
            "{row:?}"
        );
    }
}

#[test]
fn an_address_is_divided_only_where_its_parts_have_a_place() {
    let parted = Reading {
        parted: true,
        ..Reading::default()
    };
    let address = "AV PAULISTA, 1000 - SALA 5";
    let (street, status, reason) = cleaned_by(ColumnKind::Street, address, &parted);
    assert_eq!(
        (street.as_str(), status),
        ("Avenida Paulista", Status::Padronizado)
    );
    assert_eq!(reason, Some(Reason::EnderecoDividido));
    let (street, ..) = cleaned_by(ColumnKind::Street, address, &Reading::default());
    assert_eq!(street, "Avenida Paulista, 1000 - Sala 5");
}

#[test]
fn what_is_not_marked_in_a_checklist_is_no() {
    let checklist = Reading {
        checklist: true,
        ..Reading::default()
    };
    let (text, status, _) = cleaned_by(ColumnKind::Boolean, "", &checklist);
    assert_eq!((text.as_str(), status), ("Não", Status::Corrigido));
    assert_eq!(cleaned(ColumnKind::Boolean, "").1, Status::Vazio);
}

const ANY: &str = "\\PC{0,24}|[0-9 .()+-]{0,20}|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}( [0-9]{2}:[0-9]{2})?|(R|AV|Pça)[. ][A-Za-zã ]{1,12},? ?[0-9]{0,4}|-?[0-9]{1,3}([.,][0-9]{1,3}){0,2}[%kD]?|[A-Za-zÀ-ÿ?'/ -]{0,20}|[a-z.]{1,8}@[a-z]{1,8}\\.com(\\.br)?|[0-9]{6,14}|(sim|NAO|x|s/n|SP|pr|n/d)";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn figures_are_in_normal_form_and_no_word_for_nothing(text in "[0-9.,/-]{0,20}|\\PC{0,3}") {
        if is_figures(&text) {
            prop_assert_eq!(normalise(&text), Normalised::of_plain(&text));
            prop_assert_eq!(null_token::is_null_token(&text, true), None);
            prop_assert_eq!(null_token::is_null_token(&text, false), None);
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(text in ANY, parted in any::<bool>(), state in proptest::option::of(0usize..28)) {
        let reading = Reading { parted, ..Reading::default() };
        let mut once = String::new();
        let mut twice = String::new();
        for kind in ColumnKind::ALL {
            let context = Context {
                state: state.map(|at| State::ALL[at]),
                ..Context::new(&reading, today())
            };
            let first = clean(kind, &text, context, &mut once);
            prop_assert!(first.status != Status::Ok || once == text, "{:?}: an ok cell changed", kind);
            let second = clean(kind, &once, context, &mut twice);
            prop_assert_eq!(&once, &twice, "{:?}", kind);
            prop_assert!(
                matches!(second.status, Status::Ok | Status::Alerta | Status::Vazio),
                "{:?} {:?} {:?}", kind, second, once
            );
        }
    }
}
