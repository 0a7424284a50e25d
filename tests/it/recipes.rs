//! Recipes on the command line and in jobs.

use std::fs;

use serde_json::Value;

use crate::cli::folder;
use crate::harness::program::{Said, run};

const LIST: &str = "Nome;CPF;Canal;Renda\n\
    MARIA EXEMPLO;529.982.247-25;Loja;1.000,50\n\
    João Modelo;111.444.777-35;Site;2.000,00\n\
    Bia Ficção;123.456.789-00;Loja;\n\
    Caio Inventado;390.533.447-05;loja;900\n";

const RECIPE: &str = "version: 1
name: lista
match: {headers: [CPF, Canal]}
columns:
  - {name: Nome, rename: Cliente}
  - {name: CPF, type: cpf}
  - {name: Renda, type: money}
derive: [{min_max: {column: Renda}, name: Renda 0-1}]
outputs: [csv]
";

fn process(folder: &std::path::Path, arguments: &[&str]) -> Said {
    let arguments: Vec<_> = ["process"].iter().chain(arguments).copied().collect();
    run(folder, &[], &arguments)
}

fn recipe(folder: &std::path::Path, arguments: &[&str]) -> Said {
    let arguments: Vec<_> = ["recipe"].iter().chain(arguments).copied().collect();
    run(folder, &[], &arguments)
}

#[test]
fn a_new_recipe_is_right_as_it_is_written_and_shows_nobodys_values() {
    let folder = folder(&[("lista_07.csv", LIST.as_bytes())]);
    let said = recipe(
        folder.path(),
        &["new", "lista_07.csv", "--out", "nova.yaml"],
    );
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "nova.yaml\n"),
        "{}",
        said.err
    );
    let text = fs::read_to_string(folder.path().join("nova.yaml")).unwrap();
    assert!(text.contains("files: [\"lista_*.csv\"]"), "{text}");
    assert!(text.contains("type: cpf"), "{text}");
    assert!(text.contains("# allowed: [\"Loja\", \"Site\"]"), "{text}");
    for secret in ["529", "MARIA", "Bia", "1.000"] {
        assert!(!text.contains(secret), "{text}");
    }
    let said = recipe(folder.path(), &["check", "nova.yaml"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "nova.yaml: lista_07\n")
    );
    let again = recipe(
        folder.path(),
        &["new", "lista_07.csv", "--out", "nova.yaml"],
    );
    assert_eq!(again.code, Some(1));
    assert!(
        again.err.contains("cannot write `nova.yaml`"),
        "{}",
        again.err
    );
}

#[test]
fn mistakes_are_told_by_file_line_and_column() {
    let broken = RECIPE
        .replace("type: money", "type: text")
        .replace("[csv]", "[doc]");
    let folder = folder(&[
        ("recipes/a.yaml", broken.as_bytes()),
        ("recipes/b.yaml", RECIPE.as_bytes()),
    ]);
    let said = recipe(folder.path(), &["check"]);
    assert_eq!(said.code, Some(1));
    insta::assert_snapshot!(said.out, @r"
    recipes/a.yaml:8:29: this rule is for numbers (money, decimal, integer or percent), and the column `Renda` is of type text
    recipes/a.yaml:9:11: `doc` is no kind of file we make: csv, xlsx, pdf, zip or json
    recipes/b.yaml: lista
    ");
    let said = recipe(folder.path(), &["check", "recipes", "--json"]);
    let files: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(files[0]["mistakes"][0]["line"], 8);
    assert_eq!(files[1]["name"], "lista");
    // Nothing is treated by half a set of recipes.
    let folder_said = process(folder.path(), &["recipes/b.yaml"]);
    assert_eq!(folder_said.code, Some(1));
    assert!(
        folder_said.err.contains("recipes/a.yaml:8:"),
        "{}",
        folder_said.err
    );
    assert!(
        folder_said.err.contains("recipes/a.yaml:9:"),
        "{}",
        folder_said.err
    );
}

#[test]
fn a_trial_shows_what_would_change_and_writes_nothing() {
    let folder = folder(&[
        ("lista.csv", LIST.as_bytes()),
        ("recipes/a.yaml", RECIPE.as_bytes()),
    ]);
    let said = recipe(folder.path(), &["try", "lista.csv", "--rows", "3"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    insta::assert_snapshot!(said.out, @r"
    lista.csv
      recipe   lista
      rows     3 of 4: 3 delivered, 0 duplicates removed, 0 marked
      column   Nome: name (detected), delivered as Cliente
               2 ok, 1 padronizado caixa
               line 2: M. EXEMPLO -> M. Exemplo (padronizado caixa, 100 %)
      column   CPF: cpf (recipe)
               2 ok, 1 rejeitado dv_invalido
               line 4: ***.456.789-** -> (blank) (rejeitado dv_invalido, 100 %)
      column   Canal: category (detected)
               3 ok
      column   Renda: money (recipe)
               2 padronizado, 1 vazio
               line 2: 1.000,50 -> 1000,50 (padronizado, 100 %)
      new      Renda 0-1
    ");
    let said = recipe(folder.path(), &["try", "lista.csv", "--json"]);
    let trials: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(trials[0]["recipe"], "lista");
    assert_eq!(trials[0]["rows"], 4);
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["lista.csv", "recipes"]);
}

#[test]
fn a_list_is_treated_by_the_recipe_that_suits_it_or_is_asked_for() {
    let other = "version: 1\nname: outra\ncolumns: [{name: Renda, drop: true}]\n";
    let files = [
        ("lista.csv", LIST.as_bytes()),
        ("recipes/a.yaml", RECIPE.as_bytes()),
        ("outra.yaml", other.as_bytes()),
    ];
    let folder = folder(&files);
    let told = |arguments: &[&str]| -> Value {
        let said = process(folder.path(), arguments);
        assert_eq!(said.code, Some(0), "{}", said.err);
        serde_json::from_str(&said.out).unwrap()
    };
    let by_headers = told(&["lista.csv", "--json"]);
    assert_eq!(by_headers["job"]["recipe"], "lista");
    assert_eq!(
        by_headers["artifacts"].as_array().unwrap().len(),
        1,
        "and the manifest"
    );
    assert_eq!(by_headers["columns"][0]["delivered_as"], "Cliente");
    let by_file = told(&["lista.csv", "--json", "--recipe", "outra.yaml"]);
    assert_eq!(by_file["job"]["recipe"], "outra");
    assert_eq!(by_file["columns"][3]["delivered_as"], Value::Null);
    let nothing = process(folder.path(), &["lista.csv", "--recipe", "nenhuma"]);
    assert_eq!(nothing.code, Some(1));
    assert!(
        nothing.err.contains("there is no recipe `nenhuma`"),
        "{}",
        nothing.err
    );
}

#[test]
fn a_list_without_a_required_column_is_refused_and_told_what_it_has() {
    let strict = "version: 1\nname: rigida\ncolumns: [{name: CNPJ, required: true}]\n";
    let folder = folder(&[
        ("lista.csv", LIST.as_bytes()),
        ("rigida.yaml", strict.as_bytes()),
    ]);
    let said = process(folder.path(), &["lista.csv", "--recipe", "rigida.yaml"]);
    assert_eq!(said.code, Some(1));
    let expected = "recipe `rigida` requires columns that the file does not have: CNPJ; it has: Nome, CPF, Canal, Renda";
    assert!(said.err.contains(expected), "{}", said.err);
    assert!(
        said.err
            .contains("hint: complete the list, or choose another recipe"),
        "{}",
        said.err
    );
}

#[test]
fn the_schema_is_printed_and_recipes_are_listed() {
    let folder = folder(&[("recipes/a.yaml", RECIPE.as_bytes())]);
    let said = recipe(folder.path(), &["schema"]);
    let schema: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(schema["title"], "pyservice recipe");
    let said = recipe(folder.path(), &["list"]);
    assert_eq!(said.out, "lista  -  (recipes/a.yaml)\n");
}

#[test]
fn the_shipped_recipes_are_valid_by_the_schema_that_editors_use() {
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read_to_string(repository.join("docs/recipe.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    let mut count = 0;
    for entry in fs::read_dir(repository.join("recipes")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let recipe: Value = serde_saphyr::from_str(&text).unwrap();
        let wrong: Vec<_> = valid
            .iter_errors(&recipe)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        count += 1;
    }
    assert!(count >= 9, "only {count} recipes");
    let unknown: Value = serde_saphyr::from_str(&format!("{RECIPE}colour: red\n")).unwrap();
    assert!(!valid.is_valid(&unknown));
    let formula = RECIPE.replace("min_max", "minmax");
    let unknown: Value = serde_saphyr::from_str(&formula).unwrap();
    assert!(!valid.is_valid(&unknown));
}
