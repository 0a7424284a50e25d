//! Every case of `tests/cases/reading`, as `pyservice sniff` reads it.
//!
//! A case is a folder with an `input` of any kind, the table in it (`expected.csv`) and what is to
//! be said of it (`expected.json`; `generate.py` there explains its keys).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use csv::StringRecord;
use serde_json::{Map, Value};

use crate::harness::program::{Said, run};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/reading")
}

/// The folders in a folder, in the order of their names.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = paths.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn input(case: &Path) -> PathBuf {
    let files = fs::read_dir(case).unwrap();
    let mut paths = files.map(|entry| entry.unwrap().path());
    paths
        .find(|path| name(path).starts_with("input."))
        .unwrap_or_else(|| panic!("{} has no input", case.display()))
}

fn sniff(case: &Path, option: &str) -> Said {
    let file = input(case);
    let scratch = tempfile::tempdir().unwrap();
    let file = file.to_str().unwrap();
    run(scratch.path(), &[], &["sniff", option, file])
}

/// What a case expects besides its table.
fn expected(case: &Path) -> Map<String, Value> {
    let text = fs::read(case.join("expected.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Asks about every case and fails with all that is wrong, each under the name of its case.
fn every_case(wrong_with: impl Fn(&Path, &Map<String, Value>) -> Vec<String>) {
    let cases = cases(&folder());
    assert!(cases.len() > 70, "the cases were not found");
    let wrong: Vec<_> = cases
        .iter()
        .flat_map(|case| {
            let wrong = wrong_with(case, &expected(case)).into_iter();
            wrong.map(|wrong| format!("{}: {wrong}", name(case)))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_is_read_as_the_table_it_holds() {
    every_case(|case, expected| {
        let said = sniff(case, "--table");
        match expected.get("error").and_then(Value::as_str) {
            Some(error) => not_refused(&said, error),
            None => {
                let table = fs::read_to_string(case.join("expected.csv")).unwrap();
                not_the_table(&said, &table)
            }
        }
    });
}

fn not_refused(said: &Said, error: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if said.code != Some(1) {
        wrong.push(format!("ended with {:?} instead of 1", said.code));
    }
    if !said.err.contains(error) || said.err.contains("panicked") {
        wrong.push(format!("did not say `{error}` but `{}`", said.err));
    }
    wrong
}

fn not_the_table(said: &Said, expected: &str) -> Vec<String> {
    if said.code != Some(0) {
        return vec![format!("ended with {:?}: {}", said.code, said.err)];
    }
    let (got, expected) = (records(&said.out), records(expected));
    let mut wrong = Vec::new();
    if got.len() != expected.len() {
        let (got, expected) = (got.len(), expected.len());
        wrong.push(format!("{got} records instead of {expected}"));
    }
    let mut pairs = got.iter().zip(&expected).enumerate();
    if let Some((at, (got, expected))) = pairs.find(|(_, (got, expected))| got != expected) {
        wrong.push(format!("record {at} is {got:?} instead of {expected:?}"));
    }
    wrong
}

fn records(text: &str) -> Vec<StringRecord> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn what_was_found_out_about_every_file_is_said() {
    every_case(|case, expected| {
        if expected.contains_key("error") {
            return Vec::new();
        }
        let said = sniff(case, "--json");
        match serde_json::from_str::<Vec<Map<String, Value>>>(&said.out).as_deref() {
            Ok([table]) => not_what_was_found(table, expected),
            Ok(tables) => vec![format!("{} tables", tables.len())],
            Err(error) => vec![format!("{error}: {} {}", said.out, said.err)],
        }
    });
}

/// Keys that tell the test something and are not compared as they are.
const OURS: [&str; 2] = ["notes", "also"];

fn not_what_was_found(table: &Map<String, Value>, expected: &Map<String, Value>) -> Vec<String> {
    let facts = expected
        .iter()
        .filter(|(key, _)| !OURS.contains(&key.as_str()));
    let mut wrong: Vec<_> = facts
        .filter(|(key, fact)| table.get(*key) != Some(*fact))
        .map(|(key, fact)| format!("{key} is {:?} instead of {fact}", table.get(key)))
        .collect();
    let list = |of: &Map<String, Value>, key: &str| {
        let list = of.get(key).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let got = list(table, "notes");
    let wanted = list(expected, "notes");
    let also = list(expected, "also");
    let matches = |note: &Value, wanted: &Value| {
        note["code"] == wanted["code"]
            && (wanted["lines"].is_null() || note["lines"] == wanted["lines"])
    };
    for wanted in &wanted {
        if !got.iter().any(|note| matches(note, wanted)) {
            wrong.push(format!("no note like {wanted}"));
        }
    }
    for note in got {
        let known = wanted.iter().any(|wanted| matches(&note, wanted));
        if !known && !also.contains(&note["code"]) {
            wrong.push(format!(
                "a note too many: {} {}",
                note["code"], note["lines"]
            ));
        }
    }
    wrong
}

#[test]
fn the_cases_are_those_the_script_writes() {
    let written = tempfile::tempdir().unwrap();
    let done = Command::new("python3")
        .arg(folder().join("generate.py"))
        .arg(written.path())
        .status();
    match done {
        Ok(status) => assert!(status.success(), "generate.py: {status}"),
        Err(error) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: python3 cannot be run: {error}");
            return;
        }
        Err(error) => panic!("python3 cannot be run: {error}"),
    }
    for case in cases(written.path()) {
        let kept = folder().join(name(&case));
        assert_eq!(files(&kept), files(&case), "{}: other files", name(&case));
        for file in files(&case) {
            let same = fs::read(case.join(&file)).unwrap() == fs::read(kept.join(&file)).unwrap();
            assert!(same, "{}/{file} has other bytes", name(&case));
        }
    }
}

/// The names of the files in a folder; none if it is not there.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| name(&entry.unwrap().path())).collect();
    names.sort();
    names
}

#[test]
fn a_case_that_is_read_otherwise_is_told() {
    let said = |out: &str| Said {
        code: Some(0),
        out: out.to_owned(),
        err: String::new(),
    };
    assert!(not_the_table(&said("a,b\n1,\"2\"\n"), "a,b\n1,2\n").is_empty());
    assert_eq!(not_the_table(&said("a,b\n1,3\n"), "a,b\n1,2\n").len(), 1);
    assert_eq!(not_the_table(&said("a,b\n"), "a,b\n1,2\n").len(), 1);
    let map = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
    let expected = map(
        r#"{"rows": 2, "notes": [{"code": "a", "lines": [[1, 2]]}, {"code": "b"}], "also": ["c"]}"#,
    );
    for (got, wrong) in [
        (
            r#"{"rows": 2, "notes": [{"code": "a", "lines": [[1, 2]]}, {"code": "b", "lines": []}]}"#,
            0,
        ),
        (
            r#"{"rows": 3, "notes": [{"code": "a", "lines": [[1, 2]]}, {"code": "b"}, {"code": "c"}]}"#,
            1,
        ),
        (
            r#"{"rows": 2, "notes": [{"code": "a", "lines": [[1, 3]]}, {"code": "b"}]}"#,
            2,
        ),
        (
            r#"{"rows": 2, "notes": [{"code": "a", "lines": [[1, 2]]}, {"code": "b"}, {"code": "d"}]}"#,
            1,
        ),
        (r#"{"rows": 2, "notes": []}"#, 2),
    ] {
        assert_eq!(
            not_what_was_found(&map(got), &expected).len(),
            wrong,
            "{got}"
        );
    }
    assert_eq!(not_refused(&said(""), "the file is empty").len(), 2);
}
