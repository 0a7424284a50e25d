use std::collections::HashSet;

use super::*;
use crate::values::Status;
use crate::values::fold::fold;
use crate::values::ibge::{IRREGULAR, has_check_digit};
use proptest::prelude::*;

fn within(state: State) -> Whereabouts {
    Whereabouts {
        state: Some(state),
        ..Whereabouts::default()
    }
}

fn read(text: &str, whereabouts: Whereabouts) -> (String, Status, Option<Reason>) {
    let outcome = Town::parse(text, whereabouts);
    let name = outcome.value.map_or("-", Town::name).to_owned();
    (name, outcome.status, outcome.reason)
}

#[test]
fn the_table_is_whole() {
    assert_eq!(all().len(), 5_571);
    let states: HashSet<_> = all().iter().map(|one| one.state).collect();
    assert_eq!(states.len(), 27);
    let keys: HashSet<_> = all()
        .iter()
        .map(|one| (fold(one.name), one.state))
        .collect();
    assert_eq!(keys.len(), all().len(), "a name twice in a state");
    let codes: HashSet<_> = all().iter().map(|one| one.tom).collect();
    assert_eq!(codes.len(), all().len());
    for (code, name, ddd) in [
        (5101837, "Boa Esperança do Norte", 66),
        (5300108, "Brasília", 61),
        (2605459, "Fernando de Noronha", 81),
        (4213609, "Porto União", 42),
        (4122305, "Rio Negro", 47),
        (4102604, "Barracão", 49),
    ] {
        let one = by_code(code).unwrap();
        assert_eq!((one.name, one.ddd), (name, ddd));
    }
    let around_brasilia = all()
        .iter()
        .filter(|one| one.state == State::GO && one.ddd == 61);
    assert_eq!(around_brasilia.count(), 12);
    let mut names = std::collections::HashMap::<_, u32>::new();
    for one in all() {
        *names.entry(fold(one.name)).or_default() += 1;
    }
    let repeated = names.values().filter(|count| **count > 1).count();
    assert_eq!(repeated, 240, "names of more than one state");
}

#[test]
fn every_check_digit_is_right_but_nine() {
    let wrong: Vec<_> = all()
        .iter()
        .map(|one| one.code)
        .filter(|code| !has_check_digit(*code))
        .collect();
    assert_eq!(wrong, IRREGULAR);
}

#[test]
fn every_municipality_reads_back_in_its_state() {
    for one in all() {
        assert_eq!(
            Town::parse(one.name, within(one.state)),
            Outcome::ok(Town::of(one))
        );
        let capitals = one.name.to_uppercase();
        let found = Town::parse(&capitals, within(one.state)).value;
        assert_eq!(found.and_then(Town::municipality), Some(one));
        assert!(
            super::super::phone::states_of(one.ddd).contains(&one.state)
                || matches!(one.code, 4213609 | 4122305 | 4102604)
        );
    }
}

#[test]
fn every_other_name_leads_somewhere_it_does_not_stand() {
    for (alias, code) in words::ALIASES {
        let meant = by_code(*code).unwrap_or_else(|| panic!("{alias}"));
        assert_eq!(&fold(alias), alias);
        let taken = all()
            .iter()
            .any(|one| one.state == meant.state && fold(one.name) == *alias);
        assert!(!taken, "{alias} is a name of its own");
        let found = Town::parse(alias, within(meant.state));
        assert_eq!(found.value.map(Town::name), Some(meant.name), "{alias}");
        assert_eq!(found.status, Status::Corrigido, "{alias}");
    }
}

#[test]
fn a_name_is_read_with_its_state() {
    use State::*;
    let aprox = Some(Reason::MunicipioAproximado);
    for (text, state, name, reason) in [
        ("sao paulo", SP, "São Paulo", None),
        ("Campinas/SP", SP, "Campinas", None),
        ("CAMPINAS - SP", SP, "Campinas", None),
        ("Belo Horizonte - Minas Gerais", MG, "Belo Horizonte", None),
        ("Município de Osasco", SP, "Osasco", None),
        ("SANTANA DO LIVRAMENTO", RS, "Sant'Ana do Livramento", aprox),
        ("Parati", RJ, "Paraty", aprox),
        ("Assú", RN, "Açu", aprox),
        ("S. Bernardo do Campo", SP, "São Bernardo do Campo", aprox),
        ("Sto André", SP, "Santo André", aprox),
        ("Taguatinga", DF, "Brasília", aprox),
        ("Taguatinga", TO, "Taguatinga", None),
        ("Planaltina", GO, "Planaltina", None),
        ("Guarulos", SP, "Guarulhos", aprox),
        ("RIBEIRAO PRTO", SP, "Ribeirão Preto", aprox),
        ("Florian?polis", SC, "Florianópolis", aprox),
        (
            "S\u{fffd}o Jos\u{fffd} dos Campos",
            SP,
            "São José dos Campos",
            aprox,
        ),
        ("3550308", SP, "São Paulo", None),
        ("355030", SP, "São Paulo", None),
        ("7107", SP, "São Paulo", None),
    ] {
        let (found, status, why) = read(text, within(state));
        assert_eq!((found.as_str(), why), (name, reason), "{text}");
        if reason.is_some() {
            assert_eq!(status, Status::Corrigido, "{text}");
        }
    }
}

#[test]
fn a_name_that_several_have_is_not_resolved_without_help() {
    let nowhere = Whereabouts::default();
    let outcome = Town::parse("BOM JESUS", nowhere);
    assert_eq!(outcome.value.map(Town::name), Some("Bom Jesus"));
    assert_eq!(outcome.value.and_then(Town::municipality), None);
    assert_eq!(outcome.reason, Some(Reason::Ambiguo));
    // `Bonito` is in MS (67), BA (75), PA (91) and PE (81).
    let by_ddd = Whereabouts {
        ddd: Some(67),
        ..nowhere
    };
    let found = Town::parse("Bonito", by_ddd)
        .value
        .and_then(Town::municipality);
    assert_eq!(found.map(|one| one.state), Some(State::MS));
    let by_code = Whereabouts {
        code: Some(2903409),
        ..nowhere
    };
    let belmonte = Town::parse("Belmonte", by_code).value;
    assert_eq!(
        belmonte.and_then(Town::municipality).map(|one| one.state),
        Some(State::BA)
    );
    let quarter = Town::parse("SANTA MARIA", nowhere);
    assert_eq!(quarter.value.map(Town::name), Some("Santa Maria"));
    assert_eq!(quarter.reason, Some(Reason::Ambiguo));
    // `Poá` and Porto Alegre are both called so.
    assert!(Town::parse("POA", nowhere).keeps_text());
    assert_eq!(Town::parse("Campinas", nowhere).status, Status::Ok);
}

#[test]
fn what_is_unknown_is_kept_and_numbers_are_not() {
    for text in ["Atlântida Perdida", "Xyz", "Guarulos"] {
        let outcome = Town::parse(text, Whereabouts::default());
        assert!(outcome.keeps_text(), "{text}");
        assert_eq!(outcome.reason, Some(Reason::MunicipioDesconhecido));
    }
    let number = Town::parse("99999", Whereabouts::default());
    assert_eq!(number.status, Status::Rejeitado);
    let elsewhere = Town::parse("Campinas", within(State::RJ));
    assert_eq!(elsewhere.reason, Some(Reason::MunicipioUf));
    assert_eq!(elsewhere.value.map(Town::name), Some("Campinas"));
    let said = Town::parse("Campinas/SP", within(State::RJ));
    assert_eq!(said.reason, Some(Reason::MunicipioUf));
}

#[test]
fn the_state_behind_a_name_is_told() {
    assert_eq!(state_behind("Campinas/SP"), Some(State::SP));
    assert_eq!(state_behind("Campinas"), None);
    assert_eq!(state_behind("Centro/SP"), None);
}

proptest! {
    #[test]
    fn no_text_panics_and_reading_twice_is_reading_once(
        text in "\\PC{0,40}|[A-Za-zãé?'/ -]{0,30}|[0-9]{0,9}",
        state in proptest::option::of(0usize..28),
    ) {
        let whereabouts = Whereabouts { state: state.map(|at| State::ALL[at]), ..Whereabouts::default() };
        if let Some(town) = Town::parse(&text, whereabouts).value {
            let again = Town::parse(town.name(), whereabouts);
            prop_assert_eq!(again.value.map(Town::name), Some(town.name()));
            prop_assert!(matches!(again.status, Status::Ok | Status::Alerta));
        }
    }
}
