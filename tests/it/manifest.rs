//! The manifest and its schema.

use pyservice::report::{Summary, manifest};
use serde_json::Value;

use crate::cli::{folder, process};
use crate::harness::results::Results;
use crate::sample;

const SCHEMA: &str = include_str!("../../docs/manifest.schema.json");

fn produced(summary: &Summary) -> Value {
    serde_json::from_slice(&manifest::to_json(summary)).expect("the manifest is JSON")
}

fn with_artifacts() -> Summary {
    let mut summary = sample::summary();
    summary.artifacts.push(pyservice::job::Artifact {
        name: "clientes_novembro_processed.csv".into(),
        bytes: 1_024,
        sha256: summary.input.sha256.clone(),
    });
    summary
}

#[test]
fn what_is_produced_is_what_the_schema_describes() {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("the schema is a schema");
    for summary in [with_artifacts(), sample::empty()] {
        let manifest = produced(&summary);
        let errors: Vec<_> = schema
            .iter_errors(&manifest)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn what_becomes_of_a_list_is_what_the_schema_describes() {
    let mut list = "CPF;Valor total;Data da compra;Obs\r\n".to_owned();
    for row in 1..=40 {
        list += &format!("52998224725;{row}.000,50;{:02}/03/2024;\r\n", 1 + row % 28);
    }
    let folder = folder(&[("vendas.csv", list.as_bytes())]);
    process(folder.path(), &["vendas.csv", "--out", "out"]);
    let manifest = Results::in_folder(&folder.path().join("out"), "vendas").manifest;
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("the schema is a schema");
    let errors: Vec<_> = schema
        .iter_errors(&manifest)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let [cpf, total, ..] = manifest["columns"].as_array().unwrap().as_slice() else {
        panic!("{}", manifest["columns"]);
    };
    assert_eq!(cpf["decided"], "detected");
    assert_eq!(cpf["candidates"][0][0], "cpf");
    assert_eq!(cpf["stats"], Value::Null);
    assert_eq!(total["reading"]["locale"], "pt");
    // Python 3: statistics.quantiles(of the values, n=4, method='inclusive') and stdev.
    let stats = &total["stats"];
    assert_eq!(stats["q1"], 10_750.5);
    assert_eq!(stats["median"], 20_500.5);
    assert_eq!(stats["q3"], 30_250.5);
    let deviation = stats["stddev"].as_f64().unwrap();
    assert!(
        (deviation - 11_690.451_944_500_12).abs() < 1e-6,
        "{deviation}"
    );
    assert_eq!(stats["outliers"], 0);
}

#[test]
fn the_schema_refuses_what_is_not_a_manifest() {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let schema = jsonschema::draft202012::new(&schema).expect("the schema is a schema");
    let break_it: [fn(&mut Value); 5] = [
        |manifest| manifest["extra"] = 1.into(),
        |manifest| manifest["rows"]["read"] = (-1).into(),
        |manifest| manifest["columns"][0]["type"] = "hologram".into(),
        |manifest| manifest["columns"][0]["status"]["novo"] = 1.into(),
        |manifest| manifest["score"]["band"] = "F".into(),
    ];
    for break_it in break_it {
        let mut manifest = produced(&with_artifacts());
        break_it(&mut manifest);
        assert!(!schema.is_valid(&manifest));
    }
}

#[test]
fn the_manifest_is_stable_readable_and_ends_with_a_line() {
    let first = manifest::to_json(&sample::summary());
    assert_eq!(first, manifest::to_json(&sample::summary()));
    let text = String::from_utf8(first).expect("UTF-8");
    assert!(text.starts_with("{\n  \"version\": 1,\n  \"job\": {\n    \"id\""));
    assert!(text.ends_with("}\n") && !text.ends_with("\n\n"));
    assert!(text.contains("\"Município\""));
}
