use super::*;
use crate::values::Status;
use proptest::prelude::*;

fn shown(text: &str) -> String {
    Name::parse(text)
        .value
        .map_or_else(|| "-".into(), |name| name.to_string())
}

#[test]
fn names_all_in_one_case_get_their_capitals() {
    for (text, name) in [
        ("MARIA DA SILVA", "Maria da Silva"),
        ("josé e maria dos santos", "José e Maria dos Santos"),
        ("SANTA BÁRBARA D'OESTE", "Santa Bárbara d'Oeste"),
        ("joão d’ávila", "João d’Ávila"),
        ("o'neill", "O'Neill"),
        ("PETER O'NEILL", "Peter O'Neill"),
        ("ANA SANT'ANA", "Ana Sant'Ana"),
        ("MOGI-GUAÇU", "Mogi-Guaçu"),
        ("DOM PEDRO II", "Dom Pedro II"),
        ("PEDRO I", "Pedro I"),
        ("LUÍS XIV", "Luís XIV"),
        ("JOÃO SILVA JR.", "João Silva Jr."),
        ("J.R. SOUZA", "J.R. Souza"),
        ("DE", "De"),
        ("JOÃO DE", "João De"),
        ("JOAO", "Joao"),
        ("CAIO SÁ", "Caio Sá"),
        ("MARIA DE SA", "Maria de Sa"),
        ("LUDWIG VAN DEN BERG", "Ludwig van den Berg"),
        ("D'ARTAGNAN", "D'Artagnan"),
    ] {
        assert_eq!(shown(text), name, "{text}");
        assert_eq!(
            Name::parse(text).reason,
            Some(Reason::CaixaAjustada),
            "{text}"
        );
    }
}

#[test]
fn mixed_case_is_meant() {
    for text in [
        "Ronald McDonald",
        "Leonardo DiCaprio",
        "Maria Da Silva",
        "João d’Ávila",
    ] {
        let outcome = Name::parse(text);
        assert_eq!((outcome.status, shown(text).as_str()), (Status::Ok, text));
    }
}

#[test]
fn titles_and_dirt_are_taken_off() {
    let outcome = Name::parse("DRA. ANA LIMA");
    assert_eq!(
        outcome
            .value
            .as_ref()
            .map(|name| (name.as_str(), name.title())),
        Some(("Ana Lima", Some("Dra.")))
    );
    assert_eq!(shown("Sr João"), "João");
    assert_eq!(shown("1 Prof. Dr. Ana Lima"), "Ana Lima");
    assert_eq!(shown("Dr."), "Dr.");
    assert_eq!(shown("* Ana Lima -"), "Ana Lima");
    assert_eq!(shown("Ana Lima (Aninha)"), "Ana Lima (Aninha)");
    let digits = Name::parse("ANA LIMA 2");
    assert_eq!(
        (digits.status, digits.reason),
        (Status::Corrigido, Some(Reason::ContemDigitos))
    );
    assert_eq!(shown("ANA LIMA 2"), "Ana Lima");
    assert_eq!(shown("ANA\nLIMA"), "Ana Lima");
}

#[test]
fn what_is_no_persons_name_is_kept_with_an_alert() {
    for (text, reason) in [
        ("teste", Reason::NomePlaceholder),
        ("CONSUMIDOR FINAL", Reason::NomePlaceholder),
        ("Não identificado", Reason::NomePlaceholder),
        ("aaaaaa", Reason::NomePlaceholder),
        ("asdfg", Reason::NomePlaceholder),
        ("PADARIA BOM DIA LTDA", Reason::PareceEmpresa),
        ("BOM DIA S/A", Reason::PareceEmpresa),
        ("BOM DIA SA", Reason::PareceEmpresa),
        ("J SILVA ME", Reason::PareceEmpresa),
    ] {
        let outcome = Name::parse(text);
        assert_eq!(
            (outcome.status, outcome.reason),
            (Status::Alerta, Some(reason)),
            "{text}"
        );
        assert_eq!(shown(text), text);
    }
    assert_eq!(Name::parse("An4 Lima").reason, Some(Reason::ContemDigitos));
    assert_eq!(Name::parse("123").status, Status::Rejeitado);
    assert_eq!(Name::parse("***").reason, Some(Reason::CaracteresInvalidos));
}

#[test]
fn the_key_ignores_order_particles_and_accents() {
    assert_eq!(key("João da Silva"), key("SILVA, JOAO"));
    assert!(
        Name::parse("Ana")
            .value
            .is_some_and(|name| name.is_single())
    );
}

#[test]
fn names_with_the_same_words_have_the_same_hash() {
    for same in [
        &[
            "Maria da Silva",
            "SILVA, MARIA",
            "maria silva",
            "Silva e Maria",
        ][..],
        &[
            "Álvaro Constantino",
            "CONSTANTINO ALVARO",
            "Álvaro de Constantino ",
        ],
        &["Straße Ełk", "Ełk Straße"],
    ] {
        let hash = key_hash(same[0]);
        assert!(same.iter().all(|name| key_hash(name) == hash), "{same:?}");
    }
    for (one, other) in [
        ("Maria Silva", "Mariasil Va"),
        ("Constantino", "Onstantinoc"),
        ("Constantinoconstantino", "Constantino"),
        ("Ana Lima", "Ana Limo"),
    ] {
        assert_ne!(key_hash(one), key_hash(other), "{one} {other}");
    }
}

proptest! {
    #[test]
    fn a_plain_name_is_read_as_any_other(text in "([A-ZÀ-Þ]{1,5}|[a-zß-ÿ]{1,5}|DA|DE SÁ|LTDA|SA|II|Dra|SR|PROFA|TESTE|QWERTY|AAAA| ){0,4}|([A-ZÁ]{1,5}|SA|ME|DE|XV|SRA|ASDF|XXX|AAA)( ([A-ZÃ]{1,6}|SA|Sá|ME|S A|DE|EPP|X)){0,3}") {
        prop_assert_eq!(Name::parse(&text), Name::parse_any(&text));
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(text in "\\PC{0,24}|[A-Za-z'’.() 0-9-]{0,24}|[ .*0-9]{0,3}((SR|Dra|prof)[. ]{0,2}){0,3}[A-Za-z .]{0,9}[0-9 .)]{0,3}") {
        let text = crate::values::text::normalise(&text).text.into_owned();
        if let Some(name) = Name::parse(&text).value {
            let once = name.to_string();
            let again = Name::parse(&once);
            prop_assert_eq!(again.value.map(|name| name.to_string()), Some(once.clone()), "{}", text);
            prop_assert!(matches!(again.status, Status::Ok | Status::Alerta), "{}: {:?}", once, again.status);
        }
    }

    #[test]
    fn a_hash_of_words_is_equal_where_their_key_is(
        one in "((Ana|DA|Sá|Constantino|Æsop|Álvares|[a-z]{1,12}) ){1,3}",
        other in "((Ana|da|SA|constantino|Æsop|Alvares|[a-z]{1,12}) ){1,3}",
    ) {
        let once = |name: &str| {
            let mut words: Vec<_> = name.split(' ').map(fold).collect();
            words.sort();
            words.dedup();
            words.join(" ")
        };
        let (one, other) = (once(&one), once(&other));
        prop_assert_eq!(key_hash(&one) == key_hash(&other), key(&one) == key(&other));
    }
}
