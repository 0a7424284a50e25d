//! The archive with everything, and the ledger of changes in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::cli::{folder, process};

const LIST: &str = "Nome;CPF;E-mail\r\n\
    Ana Souza;52998224725;ana@exemplo.com.br\r\n\
    Bia Lima;111.444.777-00;bia@exemplo.com.br\r\n\
    Caio \"Zé\" Reis;4515266861;N/D\r\n";

fn parts(bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.insert(part.name().unwrap().into_owned(), bytes);
    }
    parts
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn the_bundle_holds_the_set_and_every_change_as_a_line() {
    let folder = folder(&[("x.csv", LIST.as_bytes())]);
    process(folder.path(), &["x.csv", "--out", "out"]);
    let out = |name: &str| fs::read(folder.path().join("out").join(name)).unwrap();
    let parts = parts(out("x_processed.zip"));
    let names: Vec<_> = parts.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "alteracoes.jsonl",
            "rejeitados.jsonl",
            "x_processed.csv",
            "x_processed.json",
            "x_processed.pdf",
            "x_processed.xlsx"
        ]
    );
    for name in ["x_processed.csv", "x_processed.pdf", "x_processed.xlsx"] {
        assert_eq!(parts[name], out(name), "{name}");
    }
    let inside: Value = serde_json::from_slice(&parts["x_processed.json"]).unwrap();
    assert_eq!(inside["artifacts"].as_array().unwrap().len(), 3);
    let changes = lines(&parts["alteracoes.jsonl"]);
    assert_eq!(
        changes[0],
        json!({ "line": 2, "column": "CPF", "before": "52998224725", "after": "529.982.247-25",
            "status": "padronizado", "reason": null, "confidence": 1 })
    );
    let restored = changes.iter().find(|change| change["line"] == 4).unwrap();
    assert_eq!(restored["after"], "045.152.668-61");
    assert_eq!(restored["reason"], "zero_esquerda");
    let rejected = lines(&parts["rejeitados.jsonl"]);
    assert_eq!(rejected.len(), 1);
    assert_eq!(rejected[0]["before"], "111.444.777-00");
    assert_eq!(rejected[0]["after"], Value::Null);
}
