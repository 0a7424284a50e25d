//! The commands, as somebody types them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::customers::Customers;
use crate::harness::program::{Said, run};
use crate::harness::results::{EXTENSIONS, Results};

/// A folder with `files` in it.
pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Runs `process` without any variable and expects it to succeed.
pub fn process(folder: &Path, arguments: &[&str]) -> Said {
    let arguments = [&["process"], arguments].concat();
    let said = run(folder, &[], &arguments);
    assert_eq!(said.code, Some(0), "{}", said.err);
    said
}

/// The results in the folder they go to when nobody names one.
fn results(folder: &Path, stem: &str) -> Results {
    Results::in_folder(&folder.join("storage/finalizado"), stem)
}

/// Expects a failure that tells `reason` and what to do.
fn fails(said: &Said, reason: &str) {
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains(reason), "{}", said.err);
    assert!(said.err.contains("\n\nhint: "), "{}", said.err);
    assert!(!said.err.contains("panicked"), "{}", said.err);
}

#[test]
fn a_list_is_treated_whatever_its_encoding_and_delimiter() {
    let customers = Customers::new(300);
    for (delimiter, marked) in [(b';', true), (b',', false), (b'\t', false), (b'|', true)] {
        let mark = if marked { "\u{feff}" } else { "" };
        let text = format!("{mark}{}", customers.csv(delimiter));
        let bytes = customers.csv_1252(delimiter);
        let folder = folder(&[("utf8.csv", text.as_bytes()), ("ansi.csv", &bytes)]);
        process(folder.path(), &["utf8.csv", "ansi.csv"]);
        for (stem, encoding) in [("utf8", "utf-8"), ("ansi", "windows-1252")] {
            let results = results(folder.path(), stem);
            results.are_those_of(&customers, false);
            let input = &results.manifest["input"];
            assert_eq!(input["encoding"], encoding);
            assert_eq!(input["delimiter"], char::from(delimiter).to_string());
        }
    }
}

#[test]
fn a_workbook_is_treated_like_a_text_file() {
    let customers = Customers::new(300);
    let folder = folder(&[("clientes.xlsx", &customers.xlsx())]);
    process(folder.path(), &["clientes.xlsx"]);
    let results = results(folder.path(), "clientes");
    results.are_those_of(&customers, false);
    assert_eq!(results.manifest["input"]["format"], "xlsx");
}

#[test]
fn each_rule_leaves_its_mark_on_the_list() {
    let list = "Nome;CPF;DDD;Telefone;E-mail;CEP\r\n\
                João Lima;4515266861;11;98765-4321;JOAO@EXEMPLO.COM.BR;1310100\r\n\
                João Lima;045.152.668-61;11;987654321;joao@exemplo.com.br;01310-100\r\n\
                Ana Reis;529.982.247-26;21;33334444;ana@exemplo.com.br;20040002\r\n\
                Bia Melo;529.982.247-25;21;33334444;sem arroba;20040002\r\n\
                Caio Paz;111.444.777-35;21;33334444;caio@exemplo.com.br;20040002;sobra\r\n";
    let folder = folder(&[("clientes.csv", list.as_bytes())]);
    process(folder.path(), &["clientes.csv"]);
    let results = results(folder.path(), "clientes");
    let rows = results.csv();
    assert_eq!(
        rows[1],
        [
            "João Lima",
            "045.152.668-61",
            "11",
            "(11) 98765-4321",
            "joao@exemplo.com.br",
            "01310-100",
            "movel"
        ]
    );
    assert_eq!(
        rows[2],
        [
            "Ana Reis",
            "",
            "21",
            "(21) 3333-4444",
            "ana@exemplo.com.br",
            "20040-002",
            "fixo"
        ]
    );
    assert_eq!(
        rows[3][1..5],
        ["529.982.247-25", "21", "(21) 3333-4444", ""]
    );
    assert_eq!(rows.len(), 4);
    let rejected: Vec<_> = results
        .sheet("Rejeitados")
        .into_iter()
        .skip(1)
        .map(|row| [row[0].clone(), row[1].clone(), row[2].clone()].join(" | "))
        .collect();
    assert_eq!(
        rejected,
        [
            "4 | CPF | 529.982.247-26",
            "5 | E-mail | sem arroba",
            "6 | (linha inteira) | Caio Paz;111.444.777-35;21;33334444;caio@exemplo.com.br;20040002;sobra",
        ]
    );
    let duplicates = results.sheet("Duplicados");
    assert_eq!(duplicates[1][..2], ["3", "2"]);
    results.adds_up();
}

#[test]
fn blanks_are_filled_from_a_reference_file_and_nothing_else_is_changed() {
    let customers = Customers::new(300);
    let folder = folder(&[
        ("clientes.csv", &customers.csv_1252(b';')),
        ("base.jsonl", customers.known_jsonl().as_bytes()),
    ]);
    process(
        folder.path(),
        &["clientes.csv", "--reference", "base.jsonl"],
    );
    let by_argument = results(folder.path(), "clientes");
    by_argument.are_those_of(&customers, true);
    let hits = &by_argument.manifest["enrichment"]["by_key"]["cpf"];
    assert_eq!(hits["found"], customers.known().len());

    let variables = [("REFERENCE_FILE", "base.jsonl")];
    let said = run(
        folder.path(),
        &variables,
        &["process", "clientes.csv", "--out", "out"],
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    let by_variable = Results::in_folder(&folder.path().join("out"), "clientes");
    by_variable.are_those_of(&customers, true);
}

#[test]
fn the_same_list_on_the_same_day_gives_the_same_bytes() {
    let customers = Customers::new(300);
    let folder = folder(&[
        ("clientes.csv", &customers.csv_1252(b';')),
        ("base.jsonl", customers.known_jsonl().as_bytes()),
    ]);
    let day = ["--today", "2026-03-01"];
    let arguments = ["clientes.csv", "--reference", "base.jsonl"];
    let [first, second] = ["one", "two"].map(|out| {
        process(
            folder.path(),
            &[&arguments[..], &day, &["--out", out]].concat(),
        );
        Results::in_folder(&folder.path().join(out), "clientes")
    });
    assert_eq!(first.differences(&second), [""; 0]);
    process(
        folder.path(),
        &[&arguments[..], &["--today", "2026-03-02"]].concat(),
    );
    let another_day = results(folder.path(), "clientes");
    assert_eq!(first.differences(&another_day), ["xlsx", "pdf", "zip"]);
}

#[test]
fn nothing_but_the_artifacts_stays_behind() {
    let customers = Customers::new(10);
    let folder = folder(&[
        ("clientes.csv", &customers.csv_1252(b';')),
        ("ruim.csv", b""),
    ]);
    run(
        folder.path(),
        &[],
        &["process", "clientes.csv", "ruim.csv", "--out", "out"],
    );
    let mut left: Vec<_> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let mut expected = EXTENSIONS.map(|extension| format!("clientes_processed.{extension}"));
    expected.sort();
    assert_eq!(left, expected);
}

#[test]
fn the_manifest_is_printed_when_asked_for() {
    let customers = Customers::new(10);
    let folder = folder(&[("clientes.csv", &customers.csv_1252(b';'))]);
    let said = process(folder.path(), &["clientes.csv", "--json"]);
    let printed: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(printed, results(folder.path(), "clientes").manifest);
}

#[test]
fn a_list_of_three_hundred_columns_keeps_them_all() {
    let names: Vec<_> = (1..=300).map(|column| format!("Campo {column}")).collect();
    let cells: Vec<_> = (1..=300).map(|column| format!("texto {column}")).collect();
    let list = format!("{}\n{}\n", names.join(";"), cells.join(";"));
    let folder = folder(&[("larga.csv", list.as_bytes())]);
    process(folder.path(), &["larga.csv"]);
    let results = results(folder.path(), "larga");
    assert_eq!(results.csv(), [names.clone(), cells.clone()]);
    assert_eq!(results.sheet("Base"), [names, cells]);
}

#[test]
fn a_file_that_is_no_list_is_refused_with_a_reason_and_a_hint() {
    let folder = folder(&[
        ("vazio.csv", b""),
        ("cabecalho.csv", b"Nome;CPF\r\n"),
        ("foto.csv", b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"),
        ("quebrado.xlsx", b"PK\x03\x04 nothing else"),
        ("utf16.csv", b"\xFF\xFEN\0o\0m\0e\0"),
    ]);
    fs::create_dir(folder.path().join("pasta.csv")).unwrap();
    for (file, reason) in [
        ("vazio.csv", "the file is empty"),
        ("cabecalho.csv", "a header but no rows"),
        ("foto.csv", "a PDF, not a table"),
        ("quebrado.xlsx", "the archive is damaged"),
        ("utf16.csv", "a header but no rows"),
        ("pasta.csv", "`pasta.csv` is not a file"),
        (".", "`.` is not a file"),
        ("sumiu.csv", "`sumiu.csv` is not a file"),
    ] {
        let said = run(folder.path(), &[], &["process", file]);
        fails(&said, reason);
        assert!(said.err.contains(file), "{}", said.err);
    }
}

#[test]
fn a_file_that_cannot_be_treated_does_not_stop_the_next() {
    let customers = Customers::new(10);
    let folder = folder(&[
        ("clientes.csv", &customers.csv_1252(b';')),
        ("ruim.csv", b""),
    ]);
    let said = run(folder.path(), &[], &["process", "ruim.csv", "clientes.csv"]);
    fails(&said, "the file is empty");
    results(folder.path(), "clientes").are_those_of(&customers, false);
}

#[test]
fn two_files_whose_results_have_one_name_do_not_overwrite_each_other() {
    let (first, second) = (Customers::new(10), Customers::new(20));
    let folder = folder(&[
        ("clientes.csv", &first.csv_1252(b';')),
        ("clientes.xlsx", &second.xlsx()),
    ]);
    let said = run(
        folder.path(),
        &[],
        &["process", "clientes.csv", "clientes.xlsx"],
    );
    fails(&said, "clientes_processed");
    results(folder.path(), "clientes").are_those_of(&first, false);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let customers = Customers::new(10);
    let folder = folder(&[
        ("clientes.csv", &customers.csv_1252(b';')),
        ("arquivo", b"x"),
    ]);
    let said = run(
        folder.path(),
        &[],
        &["process", "clientes.csv", "--out", "arquivo"],
    );
    fails(&said, "cannot create `arquivo`");
}

#[test]
fn usage_mistakes_end_with_two() {
    let folder = folder(&[]);
    for arguments in [
        &[][..],
        &["process"],
        &["publish"],
        &["dance"],
        &["process", "x.csv", "--today", "ontem"],
    ] {
        let said = run(folder.path(), &[], arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.err);
        assert!(
            said.err.contains("Usage") || said.err.contains("--help"),
            "{}",
            said.err
        );
    }
    assert_eq!(run(folder.path(), &[], &["--help"]).code, Some(0));
    let version = run(folder.path(), &[], &["--version"]);
    assert_eq!(
        version.out.trim(),
        concat!("pyservice ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn every_mistake_in_the_configuration_is_told_before_anything_is_touched() {
    let folder = folder(&[]);
    let variables = [
        ("RABBITMQ_PORT", "porta"),
        ("RABBITMQ_DEFAULT_PASS", "segredo1"),
        ("OWNCLOUD_URL", "ftp://nuvem"),
        ("MONGO_URI", "http://ana:segredo2@mongo"),
        ("PARALLEL_JOBS", "0"),
        ("CRASH_AT", "now"),
    ];
    for command in [
        &["serve"][..],
        &["check"],
        &["publish", "x.csv"],
        &["process", "x.csv"],
    ] {
        let said = run(folder.path(), &variables, command);
        assert_eq!(said.code, Some(2), "{command:?}: {}", said.err);
        for name in [
            "RABBITMQ_HOST",
            "RABBITMQ_PORT",
            "OWNCLOUD_URL",
            "OWNCLOUD_USER",
            "OWNCLOUD_PASS",
            "MONGO_URI",
            "MONGO_DB",
            "MONGO_COLLECTION",
            "PARALLEL_JOBS",
            "CRASH_AT",
        ] {
            assert!(
                said.err.contains(&format!("\n  {name}: ")),
                "{name}: {}",
                said.err
            );
        }
        assert!(said.err.contains("hint: "), "{}", said.err);
        assert!(!said.err.contains("segredo"), "{}", said.err);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_embedded_set_up_passes_its_check() {
    let folder = folder(&[]);
    let said = run(folder.path(), &[], &["check"]);
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert_eq!(said.out.matches('✓').count(), 5, "{}", said.out);
    assert!(
        !said.out.contains('✗') && !said.out.contains("hint"),
        "{}",
        said.out
    );
}

/// Dependencies at ports where nobody listens.
const NOWHERE: [(&str, &str); 8] = [
    ("RABBITMQ_URL", "amqp://ana:segredo1@127.0.0.1:1/"),
    ("OWNCLOUD_URL", "http://127.0.0.1:1"),
    ("OWNCLOUD_USER", "ana"),
    ("OWNCLOUD_PASS", "segredo2"),
    ("MONGO_URI", "mongodb://ana:segredo3@127.0.0.1:1/"),
    ("MONGO_DB", "ref"),
    ("MONGO_COLLECTION", "pessoas"),
    ("MONGO_TIMEOUT_SECONDS", "1"),
];

#[test]
fn what_cannot_be_reached_fails_its_check_with_a_reason_and_a_hint() {
    let folder = folder(&[]);
    let said = run(folder.path(), &NOWHERE, &["check"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    for what in ["queue", "work folder", "results folder", "reference base"] {
        let mut lines = said.out.lines();
        let line = lines.find(|line| line.starts_with(&format!("✗ {what}")));
        let line = line.unwrap_or_else(|| panic!("{what}: {}", said.out));
        assert!(line.to_lowercase().contains("refused"), "{line}");
        let hint = lines.next().unwrap_or_default().trim_start();
        assert!(hint.starts_with("hint: check "), "{hint}");
    }
    assert!(said.out.contains("✓ ledger"), "{}", said.out);
    assert!(!format!("{said:?}").contains("segredo"), "{said:?}");
}

#[test]
fn the_settings_in_force_are_shown_without_secrets() {
    let folder = folder(&[]);
    let variables = [&NOWHERE[..], &[("PARALLEL_JOBS", "3")]].concat();
    let said = run(folder.path(), &variables, &["check", "--effective"]);
    for line in [
        "RABBITMQ_URL=***",
        "OWNCLOUD_URL=http://127.0.0.1:1",
        "OWNCLOUD_USER=ana",
        "OWNCLOUD_PASS=***",
        "MONGO_URI=***",
        "MONGO_DB=ref",
        "PARALLEL_JOBS=3",
        "RABBITMQ_QUEUE=pyservice_queue",
        "JOB_DEADLINE_MINUTES=25",
    ] {
        assert!(
            said.out.lines().any(|shown| shown == line),
            "{line}: {}",
            said.out
        );
    }
    assert!(!format!("{said:?}").contains("segredo"), "{said:?}");
}

#[test]
fn variables_are_read_from_a_file_and_what_is_set_wins() {
    let customers = Customers::new(10);
    let lines = "# onde\nSTORAGE_DIR=aqui\nPARALLEL_JOBS=2\nOWNCLOUD_FINAL_DIR='prontos'\n";
    let folder = folder(&[
        (".env", lines.as_bytes()),
        ("clientes.csv", &customers.csv_1252(b';')),
    ]);
    process(folder.path(), &["clientes.csv"]);
    Results::in_folder(&folder.path().join("aqui/prontos"), "clientes");

    let variables = [("PARALLEL_JOBS", "5")];
    let said = run(folder.path(), &variables, &["check", "--effective"]);
    assert!(said.out.contains("PARALLEL_JOBS=5\n"), "{}", said.out);
    assert!(said.out.contains("STORAGE_DIR=aqui\n"), "{}", said.out);
}

#[test]
fn a_broken_file_of_variables_is_told_without_its_contents() {
    let folder = folder(&[(".env", b"OWNCLOUD_PASS=\"segredo aberto\n")]);
    let said = run(folder.path(), &[], &["check"]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("cannot read `.env`"), "{}", said.err);
    assert!(!said.err.contains("segredo"), "{}", said.err);
}

#[test]
fn publishing_needs_a_queue_and_names_that_may_be_files() {
    let folder = folder(&[]);
    let said = run(folder.path(), &[], &["publish", "x.csv"]);
    fails(&said, "there is no queue to publish to");
    let variables = [("RABBITMQ_URL", "amqp://127.0.0.1:1/")];
    let said = run(folder.path(), &variables, &["publish", "x.csv", "../y.csv"]);
    fails(&said, "cannot publish file 2");
    let said = run(folder.path(), &variables, &["publish", "x.csv"]);
    fails(&said, "no connection to the broker");
}
