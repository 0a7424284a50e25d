//! Tables that are cleaned from end to end.

mod allocations;
mod dirt;
mod limits;
mod properties;
mod treated;
mod whole;

use pyservice::recipe::{ColumnKind, Rules};

use treated::{Sheet, Treated, today, treated};

/// By detected types and the usual rules, in one batch.
fn cleaned(sheet: &Sheet, kinds: &[(usize, ColumnKind)]) -> Treated {
    treated(sheet, sheet.profile(kinds), Rules::default(), 100)
}

#[test]
fn cells_that_contradict_the_table_of_municipalities_are_alerts() {
    use ColumnKind::{Cep, Ibge, Municipality, Phone, State};
    let sheet = Sheet::new(&[
        (
            "Município",
            ["Campinas", "Campinas", "Porto União", "Curitiba", "Niterói"],
        ),
        ("UF", ["SP", "SP", "SC", "PR", "RJ"]),
        (
            "CEP",
            [
                "13010-000",
                "20010-000",
                "89400-000",
                "80010-000",
                "24020-000",
            ],
        ),
        (
            "Telefone",
            [
                "(19) 3255-1234",
                "(11) 3255-1234",
                "(42) 3522-1234",
                "(21) 3255-1234",
                "(22) 2622-1234",
            ],
        ),
        (
            "IBGE",
            ["3509502", "3550308", "4213609", "3106200", "3303302"],
        ),
    ]);
    let kinds = [Municipality, State, Cep, Phone, Ibge];
    let kinds: Vec<_> = kinds.into_iter().enumerate().collect();
    let done = cleaned(&sheet, &kinds);
    for (place, expected) in [
        (0, ["ok", "ok", "ok", "ok", "ok"]),
        (2, ["ok", "alerta cep_uf", "ok", "ok", "ok"]),
        // A code that the state has, but not the town; one that a town of another state has; one
        // of another state.
        (
            3,
            [
                "ok",
                "alerta ddd_municipio",
                "ok",
                "alerta ddd_uf",
                "alerta ddd_municipio",
            ],
        ),
        (
            4,
            [
                "ok",
                "alerta ibge_municipio",
                "ok",
                "alerta ibge_municipio",
                "ok",
            ],
        ),
    ] {
        assert_eq!(done.outcomes(place), expected, "{}", sheet.names[place]);
    }
    assert_eq!(done.sheet, sheet, "alerts change nothing");
}

#[test]
fn a_cep_without_a_state_is_checked_by_its_municipality() {
    let sheet = Sheet::new(&[
        ("Cidade", ["Campinas", "Campinas", "Bom Jesus", "Bom Jesus"]),
        ("CEP", ["13010-000", "80010-000", "58930-000", "01310-100"]),
    ]);
    let kinds = [(0, ColumnKind::Municipality), (1, ColumnKind::Cep)];
    let done = cleaned(&sheet, &kinds);
    // Bom Jesus is in Paraíba too, but not in São Paulo.
    let expected = ["ok", "alerta cep_municipio", "ok", "alerta cep_municipio"];
    assert_eq!(done.outcomes(1), expected);
}

#[test]
fn a_municipality_is_checked_by_its_state() {
    let sheet = Sheet::new(&[
        ("Cidade", ["Campinas", "Campinas", "Bom Jesus", "Santos"]),
        ("UF", ["SP", "RJ", "PI", "MG"]),
    ]);
    let kinds = [(0, ColumnKind::Municipality), (1, ColumnKind::State)];
    let done = cleaned(&sheet, &kinds);
    let expected = ["ok", "alerta municipio_uf", "ok", "alerta municipio_uf"];
    assert_eq!(done.outcomes(0), expected);
    let check = done.whole.checks.iter();
    let counted: Vec<_> = check
        .map(|check| (check.reason.code(), check.checked, check.contradicted))
        .collect();
    assert_eq!(counted, [("municipio_uf", 4, 2)]);
}
