//! Every case of `tests/cases/recipes`: a list, treated with the shipped recipe that suits it.
//!
//! A case is a folder with the recipe's name. `input` holds the list, under a name by which it is
//! found; `expected` the delivered CSV, the sheets of groups, and what the manifest says that
//! depends on list and recipe alone. `UPDATE_CASES=1` writes `expected` anew, to be read before it
//! is kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::{Map, Value};

use crate::harness::program::run;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn in_order(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("{}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Files by name.
type Files = BTreeMap<String, String>;

/// What is delivered for the list of a case.
fn delivered(case: &Path) -> Files {
    let recipes = repository().join("recipes");
    let inputs = in_order(&case.join("input"));
    let [input] = inputs.as_slice() else {
        panic!("{} has not one input", case.display());
    };
    let scratch = tempfile::tempdir().unwrap();
    let said = run(
        scratch.path(),
        &[("RECIPES_DIR", recipes.to_str().unwrap())],
        &[
            "process",
            input.to_str().unwrap(),
            "--out",
            ".",
            "--today",
            "2026-11-26",
        ],
    );
    assert_eq!(said.code, Some(0), "{}: {}", case.display(), said.err);
    let of = |extension: &str| {
        let mut paths = in_order(scratch.path()).into_iter();
        paths.find(|path| path.extension().is_some_and(|it| it == extension))
    };
    let mut files = Files::new();
    let csv = fs::read_to_string(of("csv").unwrap()).unwrap();
    files.insert("lista.csv".into(), csv.replace("\r\n", "\n"));
    let manifest: Value = serde_json::from_slice(&fs::read(of("json").unwrap()).unwrap()).unwrap();
    for group in manifest["groups"].as_array().unwrap() {
        let sheet = group["sheet"].as_str().unwrap();
        files.insert(
            format!("{sheet}.csv"),
            sheet_of(&of("xlsx").unwrap(), sheet),
        );
    }
    let told = serde_json::to_string_pretty(&lasting(&manifest)).unwrap() + "\n";
    files.insert("manifest.json".into(), told);
    files
}

fn sheet_of(workbook: &Path, sheet: &str) -> String {
    let mut workbook: Xlsx<_> = open_workbook(workbook).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    let mut text = String::new();
    for row in range.rows() {
        let cells = row.iter().map(|cell| match cell {
            Data::DateTime(day) => format!("day {}", day.as_f64()),
            cell => cell.to_string(),
        });
        text += &cells.collect::<Vec<_>>().join(";");
        text.push('\n');
    }
    text
}

/// What of a manifest depends on the list and its recipe alone.
fn lasting(manifest: &Value) -> Value {
    let mut kept = Map::new();
    kept.insert("recipe".into(), manifest["job"]["recipe"].clone());
    let outputs = manifest["artifacts"].as_array().unwrap().iter();
    let outputs = outputs.map(|artifact| artifact["name"].clone());
    kept.insert("artifacts".into(), outputs.collect());
    for key in [
        "rows",
        "duplicates",
        "outliers",
        "missing",
        "checks",
        "derived",
        "groups",
    ] {
        kept.insert(key.into(), manifest[key].clone());
    }
    let columns = manifest["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            let mut kept = Map::new();
            for key in ["name", "delivered_as", "type", "decided", "reasons"] {
                kept.insert(key.into(), column[key].clone());
            }
            let status = column["status"].as_object().unwrap().iter();
            let met = status.filter(|(_, cells)| **cells != 0);
            let met: Map<_, _> = met
                .map(|(status, cells)| (status.clone(), cells.clone()))
                .collect();
            kept.insert("status".into(), met.into());
            Value::from(kept)
        });
    kept.insert("columns".into(), columns.collect());
    kept.insert("alerts".into(), manifest["alerts"].clone());
    kept.into()
}

fn expected(case: &Path) -> Files {
    let paths = in_order(&case.join("expected")).into_iter();
    paths
        .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn rewrite(case: &Path, files: &Files) {
    let folder = case.join("expected");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}

#[test]
fn every_shipped_recipe_makes_of_its_list_what_its_case_expects() {
    let folder = repository().join("tests/cases/recipes");
    let cases: Vec<_> = in_order(&folder)
        .into_iter()
        .filter(|path| path.is_dir())
        .collect();
    let recipes = in_order(&repository().join("recipes"));
    let stems = recipes
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy());
    let names: Vec<_> = cases.iter().map(|case| name(case)).collect();
    assert_eq!(names, stems.collect::<Vec<_>>(), "a case for each recipe");
    let mut wrong = Vec::new();
    for case in &cases {
        let files = delivered(case);
        let said: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
        assert_eq!(said["recipe"], name(case), "{} is found", case.display());
        if std::env::var_os("UPDATE_CASES").is_some() {
            rewrite(case, &files);
        }
        let expected = expected(case);
        assert!(
            expected.keys().eq(files.keys()),
            "{}: {:?} instead of {:?}",
            case.display(),
            files.keys(),
            expected.keys()
        );
        for (file, text) in &files {
            if let Some(line) = first_difference(&expected[file], text) {
                wrong.push(format!("{} {file}: {line}", name(case)));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn first_difference(expected: &str, text: &str) -> Option<String> {
    if expected == text {
        return None;
    }
    let (mut left, mut right) = (expected.lines(), text.lines());
    for number in 1.. {
        let (left, right) = (left.next(), right.next());
        if left != right {
            return Some(format!("line {number}: {right:?} instead of {left:?}"));
        }
        if left.is_none() {
            break;
        }
    }
    Some("other line ends".into())
}

/// The rows of a semicolon-separated list, as far as they are in the columns of `header`.
fn rows_of(text: &str, header: &[String]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let own = reader.headers().unwrap().clone();
    let place = |name: &String| {
        let place = own.iter().position(|header| header == name);
        place.unwrap_or_else(|| panic!("there is no column {name}"))
    };
    let places: Vec<_> = header.iter().map(place).collect();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cell = |place: &usize| row.get(*place).unwrap_or_default().to_owned();
        let cells = places.iter().map(cell);
        cells.collect()
    });
    rows.collect()
}

/// Rows of a list, as the README shows them: nothing is quoted, and an interval (`[1; 2)`) holds
/// the separator.
fn shown(block: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let line = line.replace("; ", "\u{1}");
        line.split(';')
            .map(|cell| cell.replace('\u{1}', "; "))
            .collect()
    };
    block.lines().map(cells).collect()
}

#[test]
fn the_readme_shows_lists_as_they_come_in_and_go_out() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, section) = readme.split_once("### Before and after").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks: Vec<_> = section.split("\n```\n").skip(1).collect();
    let blocks: Vec<_> = blocks
        .iter()
        .filter(|block| block.starts_with("Nome"))
        .collect();
    let sample = repository().join("tests/cases/sample");
    let mailing = repository().join("tests/cases/recipes/mailing_pf");
    let read = |path: PathBuf| {
        let bytes = fs::read(path).unwrap();
        String::from_utf8(bytes).unwrap_or_else(|error| {
            encoding_rs::WINDOWS_1252
                .decode(error.as_bytes())
                .0
                .into_owned()
        })
    };
    let scratch = tempfile::tempdir().unwrap();
    let [list, base] = ["clientes.csv", "referencia.jsonl"].map(|name| sample.join(name));
    let said = run(
        scratch.path(),
        &[],
        &[
            "process",
            list.to_str().unwrap(),
            "--reference",
            base.to_str().unwrap(),
            "--out",
            ".",
        ],
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    let lists = [
        read(list),
        read(scratch.path().join("clientes_processed.csv")),
        read(mailing.join("input/mailing_pf_novembro.csv")),
        read(mailing.join("expected/lista.csv")),
    ];
    assert_eq!(blocks.len(), lists.len(), "two lists, before and after");
    for (block, list) in blocks.into_iter().zip(lists) {
        let mut shown = shown(block).into_iter();
        let header = shown.next().unwrap();
        let rows = rows_of(&list, &header);
        for row in shown {
            assert!(rows.contains(&row), "no row of the list is {row:?}");
        }
    }
}
