//! Files that hold several tables, or one that is packed.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::archives::{gz, zip};
use crate::harness::customers::Customers;
use crate::harness::program::{Said, run};
use crate::harness::results::Results;

/// Treats one file in a folder of its own.
fn process(name: &str, bytes: &[u8], arguments: &[&str]) -> (TempDir, Said) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let said = run(
        folder.path(),
        &[],
        &[&["process", name], arguments].concat(),
    );
    (folder, said)
}

fn results(folder: &Path, stem: &str) -> Results {
    Results::in_folder(&folder.join("storage/finalizado"), stem)
}

/// What lies where results go.
fn delivered(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder.join("storage/finalizado")) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn alerts(results: &Results) -> Vec<&str> {
    let alerts = results.manifest["alerts"].as_array().unwrap();
    alerts.iter().filter_map(Value::as_str).collect()
}

#[test]
fn a_packed_list_is_treated_like_the_list() {
    let customers = Customers::new(100);
    let (folder, said) = process("clientes.csv.gz", &gz(&customers.csv_1252(b';')), &[]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    results(folder.path(), "clientes.csv").are_those_of(&customers, false);
}

#[test]
fn each_list_of_an_archive_gets_a_set_of_its_own() {
    let (north, south) = (Customers::new(50), Customers::new(80));
    let archive = zip(&[
        ("listas/Região Sul.csv", south.csv(b',').as_bytes()),
        ("listas/norte.csv", &north.csv_1252(b';')),
        ("__MACOSX/listas/._norte.csv", b"x"),
    ]);
    let (folder, said) = process("envio.zip", &archive, &[]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    results(folder.path(), "envio_norte").are_those_of(&north, false);
    results(folder.path(), "envio_Região_Sul").are_those_of(&south, false);
    assert_eq!(delivered(folder.path()).len(), 10);
    assert!(said.out.contains("envio.zip: norte.csv\n"), "{}", said.out);
}

#[test]
fn the_only_list_of_an_archive_keeps_the_name_of_the_file() {
    let customers = Customers::new(20);
    let list = customers.csv(b';');
    let files: &[(&str, &[u8])] = &[("a/b.csv", list.as_bytes()), ("leia.pdf", b"%PDF-1.7\n")];
    let (folder, said) = process("envio.zip", &zip(files), &[]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let results = results(folder.path(), "envio");
    results.are_those_of(&customers, false);
    let alert = "A tabela \"leia.pdf\" do mesmo arquivo não foi tratada: não é uma tabela.";
    assert!(alerts(&results).contains(&alert), "{:?}", alerts(&results));
    assert!(said.out.contains("leia.pdf: not treated"), "{}", said.out);
}

#[test]
fn a_list_that_cannot_be_treated_does_not_stop_the_others() {
    let (first, last) = (Customers::new(20), Customers::new(30));
    let archive = zip(&[
        ("1.csv", first.csv(b';').as_bytes()),
        ("2.csv", b"Nome;CPF\r\n"),
        ("3.zip", &zip(&[("a.csv", b"a;b\n1;2\n")])),
        ("4.csv", last.csv(b';').as_bytes()),
    ]);
    let (folder, said) = process("envio.zip", &archive, &["--json"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    for (stem, customers) in [("envio_1", &first), ("envio_4", &last)] {
        let results = results(folder.path(), stem);
        results.are_those_of(customers, false);
        let alerts = alerts(&results);
        let of = |name: &str| alerts.iter().any(|alert| alert.contains(name));
        assert!(of("\"2.csv\"") && of("\"3.zip\""), "{alerts:?}");
    }
    assert_eq!(delivered(folder.path()).len(), 10);
    let manifests = serde_json::Deserializer::from_str(&said.out).into_iter::<Value>();
    assert_eq!(manifests.map(Result::unwrap).count(), 2);
}

#[test]
fn an_archive_without_any_list_fails_for_the_first_reason() {
    for (files, reason) in [
        (
            &[("1.csv", &b"Nome;CPF\r\n"[..]), ("2.csv", b"%PDF-1.7")][..],
            "a header but no rows",
        ),
        (
            &[("1.pdf", b"%PDF-1.7"), ("2.png", b"\x89PNG\r\n")],
            "a PDF, not a table",
        ),
        (&[("vazio.csv", b"")], "the file is empty"),
        (&[("2.zip", b"PK\x03\x04")], "cannot be read"),
    ] {
        let (folder, said) = process("envio.zip", &zip(files), &[]);
        assert_eq!(said.code, Some(1), "{}", said.out);
        assert!(said.err.contains(reason), "{}", said.err);
        assert_eq!(delivered(folder.path()), [""; 0]);
    }
}

#[test]
fn names_in_an_archive_lead_nowhere() {
    let list = Customers::new(5).csv(b';');
    let archive = zip(&[
        ("../../fora.csv", list.as_bytes()),
        ("/tmp/../fora.csv", list.as_bytes()),
    ]);
    let (folder, said) = process("envio.zip", &archive, &[]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let names = delivered(folder.path());
    assert_eq!(names.len(), 10, "{names:?}");
    assert!(
        names.iter().all(|name| name.starts_with("envio_fora")),
        "{names:?}"
    );
    let beside: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(beside.len(), 2, "{beside:?}");
}

#[test]
fn bombs_are_refused_and_leave_nothing_behind() {
    let nothing = vec![b'0'; 16 * 1024 * 1024];
    for (name, bomb) in [
        ("a.gz", gz(&nothing)),
        ("a.zip", zip(&[("a.csv", &nothing)])),
    ] {
        let (folder, said) = process(name, &bomb, &[]);
        assert_eq!(said.code, Some(1), "{}", said.out);
        assert!(said.err.contains("200 times its size"), "{}", said.err);
        assert_eq!(delivered(folder.path()), [""; 0]);
    }
}

#[test]
fn invalid_lines_of_json_are_rejected_with_their_numbers() {
    let lines = "{\"Nome\":\"Ana Reis\",\"CPF\":\"52998224725\"}\n\
         {\"Nome\":\"Bia Melo\",\n\
         {\"Nome\":\"Caio Paz\",\"CPF\":\"11144477735\"}\n";
    let (folder, _) = process("lista.jsonl", lines.as_bytes(), &[]);
    let results = results(folder.path(), "lista");
    assert_eq!(results.csv().len(), 3);
    let rejected = results.sheet("Rejeitados");
    assert_eq!(rejected[1][0], "2");
    assert_eq!(rejected[1][2], "{\"Nome\":\"Bia Melo\",");
    let rows = &results.manifest["rows"];
    assert_eq!((&rows["read"], &rows["rejected"]), (&3.into(), &1.into()));
    let notes = results.manifest["input"]["notes"].as_array().unwrap();
    let invalid = notes.iter().find(|note| note["code"] == "linha_invalida");
    assert_eq!(invalid.unwrap()["lines"], serde_json::json!([[2, 2]]));
    results.adds_up();
}

#[test]
fn every_sheet_is_treated_when_that_is_asked_for() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, person) in [("Norte", "Ana Reis"), ("Sul", "Bia Melo")] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap();
        sheet.write_row(0, 0, ["Nome", "CPF"]).unwrap();
        sheet.write_row(1, 0, [person, "52998224725"]).unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let (folder, _) = process("lista.xlsx", &bytes, &["--all-sheets"]);
    for (stem, person) in [("lista_Norte", "Ana Reis"), ("lista_Sul", "Bia Melo")] {
        let results = results(folder.path(), stem);
        assert_eq!(results.csv()[1][..2], [person, "529.982.247-25"]);
    }
    let (folder, _) = process("lista.xlsx", &bytes, &[]);
    let results = results(folder.path(), "lista");
    assert_eq!(results.csv()[1][0], "Ana Reis");
    let notes = results.manifest["input"]["notes"].to_string();
    assert!(notes.contains("outra_planilha"), "{notes}");
}

#[test]
fn a_mistake_far_down_is_found_by_the_line_that_is_printed() {
    let mut list = String::from("Nome;CPF;Observação\r\n");
    for row in 0..60_000 {
        let note = match row % 1000 {
            7 => "\"uma linha\nem duas\"",
            _ => "",
        };
        list += &format!("Ana Reis;52998224725;{note}\r\n");
    }
    list += "Bia Melo;52998224726;\r\nCaio Paz;11144477735;;;sobra\r\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lista.csv"), &list).unwrap();
    let said = run(folder.path(), &[], &["validate", "lista.csv"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    let line_of = |text: &str| {
        let before = &list[..list.find(text).unwrap()];
        before.matches('\n').count() + 1
    };
    for (text, told) in [
        ("52998224726", ", `CPF`: dv_invalido"),
        ("sobra", ": linha_longa"),
    ] {
        let told = format!("line {}{told}", line_of(text));
        assert!(said.out.contains(&told), "{told}: {}", said.out);
    }
    assert!(!said.out.contains("52998224726"), "no value is printed");
    let said = run(folder.path(), &[], &["validate", "--json", "lista.csv"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json[0]["invalid_lines"], 2);
    assert_eq!(json[0]["mistakes"][0]["line"], line_of("52998224726"));
    fs::write(
        folder.path().join("boa.csv"),
        "Nome;CPF\nAna Reis;52998224725\n",
    )
    .unwrap();
    let said = run(folder.path(), &[], &["validate", "boa.csv"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let said = run(folder.path(), &[], &["validate", "boa.csv", "nada.csv"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("nada.csv") && said.err.contains("hint: "),
        "{}",
        said.err
    );
}
