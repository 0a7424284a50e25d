use super::*;
use crate::values::Status;
use proptest::prelude::*;

fn parse(text: &str) -> Outcome<Phone> {
    Phone::parse(text, None)
}

fn shown(text: &str) -> String {
    parse(text).value.map_or_else(
        || format!("{:?}", parse(text).reason),
        |phone| phone.to_string(),
    )
}

#[test]
fn both_usual_forms_are_ok_and_others_are_rewritten() {
    for usual in [
        "11987654321",
        "(11) 98765-4321",
        "1133334444",
        "(11) 3333-4444",
        "0800 123 4567",
        "08001234567",
        "4004-1234",
        "40041234",
        "190",
    ] {
        assert_eq!(parse(usual).status, Status::Ok, "{usual}");
    }
    for other in [
        "11 98765-4321",
        "+55 (11) 98765-4321",
        "011987654321",
        "tel: 11987654321",
        "11987654321.0",
        "1.1987654321E10",
        "0xx11 98765-4321",
        "(11)98765–4321",
        "https://wa.me/5511987654321",
        "Cel. (11) 98765.4321 (recado)",
    ] {
        let outcome = parse(other);
        assert_eq!(outcome.status, Status::Padronizado, "{other}");
        assert_eq!(shown(other), "(11) 98765-4321", "{other}");
    }
}

#[test]
fn the_ninth_digit_is_added_to_old_mobiles() {
    for (text, status, confidence) in [
        ("1187654321", Status::Corrigido, 90),
        ("1197654321", Status::Corrigido, 90),
        ("1167654321", Status::Corrigido, 60),
        ("1177654321", Status::Alerta, 50),
    ] {
        let outcome = parse(text);
        assert_eq!(
            (outcome.status, outcome.confidence),
            (status, confidence),
            "{text}"
        );
        assert_eq!(outcome.reason, Some(Reason::NonoDigito));
        assert_eq!(
            shown(text),
            format!("({}) 9{}-{}", &text[..2], &text[2..6], &text[6..])
        );
    }
}

#[test]
fn each_fault_has_its_name() {
    for (text, reason) in [
        ("10987654321", Reason::DddInvalido),
        ("1112345678", Reason::Placeholder),
        ("11123456789", Reason::Placeholder),
        ("11999999999", Reason::Placeholder),
        ("00000000000", Reason::Placeholder),
        ("0", Reason::Placeholder),
        ("11687654321", Reason::NonoDigitoInvalido),
        ("1113334444", Reason::PrefixoInvalido),
        ("3344556", Reason::TelefoneLegado),
        ("12", Reason::Tamanho),
        ("1234567890123456789012345678", Reason::Tamanho),
        ("11 98a765-4321", Reason::CaracteresInvalidos),
        ("não tem", Reason::CaracteresInvalidos),
        ("1,19876E+10", Reason::NotacaoCientifica),
    ] {
        assert_eq!(parse(text), Outcome::rejected(reason), "{text}");
    }
    assert_eq!(parse("(__) ____-____").status, Status::Vazio);
}

#[test]
fn a_foreign_number_is_kept_as_typed() {
    let outcome = parse("+1 (415) 555-2671");
    assert!(outcome.keeps_text());
    assert_eq!(outcome.reason, Some(Reason::Estrangeiro));
    assert_eq!(parse("+1 415").reason, Some(Reason::Tamanho));
}

#[test]
fn prefixes_dialled_before_the_ddd_go() {
    for text in [
        "0 21 11 98765-4321",
        "0055 11 987654321",
        "9011987654321",
        "5511987654321",
        "550 11 98765-4321",
        "055 11 98765 4321",
    ] {
        assert_eq!(shown(text), "(11) 98765-4321", "{text}");
    }
    for text in [
        "55987654321",
        "(55) 98765-4321",
        "55 98765-4321",
        "+55 55 98765-4321",
    ] {
        assert_eq!(shown(text), "(55) 98765-4321", "{text}");
    }
}

#[test]
fn a_ddd_column_completes_the_number() {
    for (ddd, shown) in [
        ("11", "(11) 3333-4444"),
        ("011", "(11) 3333-4444"),
        ("0021", "(21) 3333-4444"),
        ("0512", "(51) 3333-4444"),
        ("0474", "(47) 3333-4444"),
    ] {
        let outcome = Phone::parse("33334444", Some(ddd));
        assert_eq!(outcome.value.unwrap().to_string(), shown, "{ddd}");
        assert_eq!(outcome.status, Status::Padronizado);
    }
    assert_eq!(
        Phone::parse("33334444", Some("20")).reason,
        Some(Reason::DddInvalido)
    );
    assert_eq!(
        Phone::parse("33334444", Some("01")).reason,
        Some(Reason::DddInvalido)
    );
    assert_eq!(
        Phone::parse("33334444", Some("")).reason,
        Some(Reason::SemDdd)
    );
    assert_eq!(
        Phone::parse("1133334444", Some("21")).value.unwrap().ddd(),
        Some(11)
    );
}

#[test]
fn a_missing_ddd_is_inferred_only_from_what_is_given() {
    for column in [None, Some(""), Some("06")] {
        let outcome = Phone::parse_in(
            "33334444",
            Area {
                column,
                inferred: Some(61),
            },
        );
        assert_eq!(outcome.reason, Some(Reason::DddInferido));
        assert_eq!(
            (outcome.status, outcome.confidence),
            (Status::Corrigido, 60)
        );
    }
}

#[test]
fn the_first_valid_of_several_is_taken_and_all_are_told_apart() {
    let all = |text| {
        split(text, Area::default())
            .filter_map(|p| p.value)
            .map(|p| p.to_string())
            .collect::<Vec<_>>()
    };
    for text in [
        "(11) 3344-5566 / 98765-4321",
        "11 33445566 ou 11 987654321",
        "1133445566;11987654321",
        "11/3344-5566, 98765-4321",
        "1133445566 e 11987654321 (recado)",
    ] {
        assert_eq!(all(text), ["(11) 3344-5566", "(11) 98765-4321"], "{text}");
        let outcome = parse(text);
        assert_eq!(
            outcome.reason,
            Some(Reason::TelefonesConcatenados),
            "{text}"
        );
        assert_eq!(outcome.value.unwrap().to_string(), "(11) 3344-5566");
    }
    assert_eq!(
        all("(11) 3344-5566/67"),
        ["(11) 3344-5566", "(11) 3344-5567"]
    );
    assert_eq!(
        all("11334455661133447788"),
        ["(11) 3344-5566", "(11) 3344-7788"]
    );
    assert_eq!(
        all("1198765432111987654322"),
        ["(11) 98765-4321", "(11) 98765-4322"]
    );
    assert_eq!(shown("123 / 11987654321"), "123");
    assert_eq!(shown("11 98765-4321 / recado"), "(11) 98765-4321");
    assert_eq!(parse("3344556633445577").reason, Some(Reason::Tamanho));
}

#[test]
fn an_extension_is_told_apart() {
    for text in [
        "(11) 3333-4444 ramal 21",
        "(11) 3333-4444 R.21",
        "1133334444 ext. 21",
        "1133334444 #21",
        "11 3333-4444 Ramal: 21",
    ] {
        assert_eq!(shown(text), "(11) 3333-4444", "{text}");
        assert_eq!(parse(text).reason, Some(Reason::Ramal), "{text}");
        assert_eq!(extension(text), Some("21"), "{text}");
    }
    assert_eq!(extension("1133334444"), None);
}

#[test]
fn services_have_no_international_form() {
    let service = parse("8001234567");
    assert_eq!(
        (service.status, service.reason),
        (Status::Corrigido, Some(Reason::ZeroEsquerda))
    );
    assert_eq!(
        service.value.unwrap().national_service().as_deref(),
        Some("08001234567")
    );
    assert_eq!(service.value.unwrap().e164(), None);
    assert_eq!(shown("0800123456"), "0800 123456");
    assert_eq!(parse("0800 123456").reason, Some(Reason::ServicoLegado));
}

proptest! {
    #[test]
    fn a_delivered_telephone_tells_its_family(text in "[1-9]{2}[2-9][0-9]{7,8}|0800[0-9]{6,7}|[34]00[0-9]{5}|[1-9]{2}700[0-9]{6}|\\+[0-9]{9,12}|1[0-9]{2}") {
        if let Some(phone) = Phone::parse(&text, None).value {
            prop_assert_eq!(family(&phone.to_string()), Some(phone.kind().family()));
        }
    }

    #[test]
    fn a_usual_telephone_is_judged_as_any_other(
        text in "[0-9]{8,11}|\\([0-9]{2}\\) [0-9]{4,5}-[0-9]{4}|\\([1-9]{2}\\) 9[0-9]{4}-[0-9]{4}|(.{0,2}[0-9]){6,10}|\\(1[0-9]\\) [23]0[0-9]{2}-[0-9]{4}|(1|2){8,11}|[1-9]{8,9}",
        column in prop_oneof![Just(None), "[0-9]{0,3}|[1-9]{2}".prop_map(Some)],
        inferred in prop_oneof![Just(None), Just(Some(11))],
    ) {
        let area = Area { column: column.as_deref(), inferred };
        let text = text.trim();
        if let Some(usual) = national::usual(text, area) {
            let mut judged = Phone::parse_parts(text, area);
            // Bare digits of the whole number are right as they are.
            if matches!(text.len(), 10 | 11) && judged.status == Status::Padronizado && !text.starts_with('(') {
                judged.status = Status::Ok;
            }
            prop_assert_eq!(usual, judged);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*|[0-9+()xX/;, eE.r#amlou-]{0,30}", ddd in proptest::option::of("\\PC{0,4}")) {
        Phone::parse(&text, ddd.as_deref());
        extension(&text);
    }

    #[test]
    fn the_delivered_form_reads_back(text in "[0-9]{3,14}|[1-9][1-9][0-9]{8,9}|0?(800|300|500)[0-9]{6,7}") {
        if let Some(phone) = parse(&text).value {
            let again = parse(&phone.to_string());
            prop_assert_eq!(again.value, Some(phone));
            prop_assert!(matches!(again.status, Status::Ok | Status::Alerta));
            if let Some(e164) = phone.e164() {
                prop_assert_eq!(parse(&e164).value, Some(phone));
            }
        }
    }
}
