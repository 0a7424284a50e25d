//! The rules of the design, enforced on the sources: who may import whom, what is named where.
//!
//! Each rule is a function from a file to what is wrong with it, so that it can be shown to fail.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use source::Source;

/// Which modules at the top of the crate each of them may import. A module that is not here has
/// no place yet: give it one.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    // Words: each other downwards.
    ("values", &[]),
    ("job", &["values"]),
    ("table", &["job", "values"]),
    ("recipe", &["job", "values", "table"]),
    ("config", &["job", "values"]),
    ("telemetry", &["job", "values", "config"]),
    // Rules.
    ("cleaning", WORDS),
    ("enrichment", WORDS),
    ("transform", WORDS),
    (
        "report",
        &[
            "job",
            "values",
            "table",
            "recipe",
            "config",
            "cleaning",
            "enrichment",
            "transform",
        ],
    ),
    // Doors: never one another.
    ("broker", UNDER_DOORS),
    ("drive", UNDER_DOORS),
    ("reference", UNDER_DOORS),
    ("ledger", UNDER_DOORS),
    ("notify", UNDER_DOORS),
    // Work.
    ("worker", WORDS_RULES_DOORS),
    ("schedule", WORDS_RULES_DOORS),
    ("http", WORDS_RULES_DOORS),
    ("shutdown", &[]),
    // Everything.
    ("app", EVERYTHING),
    ("cli", &["app", "config", "telemetry", "job"]),
    ("main", &["cli", "app", "config", "telemetry", "job"]),
    ("lib", &[]),
];

const WORDS: &[&str] = &["job", "values", "table", "recipe", "config"];
const UNDER_DOORS: &[&str] = &["job", "values", "config", "telemetry"];
const WORDS_RULES_DOORS: &[&str] = &[
    "job",
    "values",
    "table",
    "recipe",
    "config",
    "telemetry",
    "cleaning",
    "enrichment",
    "transform",
    "report",
    "broker",
    "drive",
    "reference",
    "ledger",
    "notify",
];
const EVERYTHING: &[&str] = &[
    "job",
    "values",
    "table",
    "recipe",
    "config",
    "telemetry",
    "cleaning",
    "enrichment",
    "transform",
    "report",
    "broker",
    "drive",
    "reference",
    "ledger",
    "notify",
    "worker",
    "schedule",
    "http",
    "shutdown",
];

/// Names too vague to tell what a thing is.
const VAGUE: [&str; 11] = [
    "manager",
    "helper",
    "util",
    "common",
    "service",
    "processor",
    "handler",
    "data",
    "info",
    "core",
    "misc",
];

const MOST_LINES: usize = 400;

/// What may lie at the top of the repository, besides dot files and what git ignores.
const TOP_LEVEL: [&str; 12] = [
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "recipes",
    "tests",
    "benches",
    "docs",
    "deploy",
    "storage",
    "docker-compose.yml",
    "Dockerfile",
    "README.md",
];

/// Asserts that `rule` finds nothing wrong with any file.
fn enforce(rule: impl Fn(&Source) -> Vec<String>) {
    let sources = Source::all();
    assert!(sources.len() > 50, "the sources were not found");
    let wrong: Vec<_> = sources
        .iter()
        .flat_map(|source| {
            let found = rule(source).into_iter();
            found.map(|wrong| format!("src/{}: {wrong}", source.path))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Asserts that `rule` finds something wrong with `text` at `path`, and nothing with `innocent`.
fn catches(rule: impl Fn(&Source) -> Vec<String>, path: &str, text: &str, innocent: &str) {
    let found = rule(&Source::new(path, text));
    assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
    let found = rule(&Source::new(path, innocent));
    assert!(found.is_empty(), "{path}: {innocent}: {found:?}");
}

fn imports_only_what_it_may(source: &Source) -> Vec<String> {
    let top = source.top();
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(module, _)| *module == top) else {
        return vec![format!("`{top}` has no place in the table of imports")];
    };
    imported(source)
        .into_iter()
        .filter(|import| import != top && !allowed.contains(&import.as_str()))
        .map(|import| format!("`{top}` may not import `{import}`"))
        .collect()
}

/// The modules at the top of the crate that this file names.
fn imported(source: &Source) -> BTreeSet<String> {
    let shipped = source.shipped();
    let mut imports = BTreeSet::new();
    let everything = source.tokens();
    for at in 0..everything.len() {
        let is_crate = matches!(everything[at], "crate" | "pyservice");
        if is_crate && everything.get(at + 1) == Some(&"::") {
            first_segments(&everything[at + 2..], &mut imports);
        }
    }
    // The tests are a module deeper, so only what is shipped is climbed out of.
    let tokens = shipped.tokens();
    let depth = source.modules().len();
    let mut at = 0;
    while at < tokens.len() {
        let mut climbed = 0;
        while tokens[at..].starts_with(&["super", "::"]) {
            climbed += 1;
            at += 2;
        }
        if climbed >= depth {
            first_segments(&tokens[at..], &mut imports);
        }
        at += 1;
    }
    imports
}

/// The first names of the paths that begin here: one, or all of a group in braces.
fn first_segments(tokens: &[&str], into: &mut BTreeSet<String>) {
    if tokens.first() != Some(&"{") {
        into.extend(tokens.first().map(|name| (*name).to_owned()));
        return;
    }
    let mut depth = 0;
    for pair in tokens.windows(2) {
        match pair[0] {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(pair[0], "{" | ",") && !matches!(pair[1], "}" | "self") {
            into.insert(pair[1].to_owned());
        }
    }
}

#[test]
fn every_module_imports_only_what_the_design_allows() {
    enforce(imports_only_what_it_may);
    let innocent =
        "use crate::job::Stage; // crate::ledger\nuse super::wire; use crate::broker::X;";
    for text in [
        "use crate::ledger::Ledger;",
        "fn f() -> crate::drive::Entry { todo!() }",
        "use crate::{job::{Stage, Reason}, worker::Worker};",
        "use super::super::drive::Drive;",
        "#[cfg(test)] mod tests { use crate::report::Summary; }",
    ] {
        catches(imports_only_what_it_may, "broker/amqp.rs", text, innocent);
    }
    catches(
        imports_only_what_it_may,
        "values/x.rs",
        "use crate::job::Stage;",
        "use super::y;",
    );
    catches(
        imports_only_what_it_may,
        "main.rs",
        "pyservice::worker::f()",
        "pyservice::cli::run()",
    );
    catches(
        imports_only_what_it_may,
        "report/csv.rs",
        "use crate::drive::Entry;",
        "use crate::cleaning::Tally;",
    );
    catches(
        imports_only_what_it_may,
        "worker/job.rs",
        "use crate::app::serve;",
        "use crate::broker::Broker;",
    );
    let nowhere = imports_only_what_it_may(&Source::new("extras/mod.rs", ""));
    assert_eq!(nowhere, ["`extras` has no place in the table of imports"]);
}

/// Names of adapters, which only `app` and the adapters themselves may say.
fn names_no_adapter(source: &Source) -> Vec<String> {
    // Settings tell adapters apart by the same names.
    let exempt = [
        "app",
        "config",
        "broker",
        "drive",
        "reference",
        "ledger",
        "notify",
    ];
    if exempt.contains(&source.top()) {
        return Vec::new();
    }
    let adapters = ["Amqp", "Webdav", "Folder", "Mongo", "Sqlite", "Redis"];
    let shipped = source.shipped();
    let named: BTreeSet<_> = shipped
        .tokens()
        .into_iter()
        .filter(|token| adapters.contains(token) || token.starts_with("Memory"))
        .collect();
    let wrong = named.into_iter();
    wrong
        .map(|name| format!("names the adapter `{name}`"))
        .collect()
}

#[test]
fn only_app_chooses_adapters() {
    enforce(names_no_adapter);
    let innocent =
        "fn f(drive: &dyn Drive) {} #[cfg(test)] mod tests { use crate::ledger::Memory; }";
    for text in [
        "use crate::ledger::Sqlite;",
        "broker: MemoryBroker",
        "crate::drive::webdav::Webdav::new()",
    ] {
        catches(names_no_adapter, "worker/mod.rs", text, innocent);
    }
    catches(
        names_no_adapter,
        "cli/serve.rs",
        "app::Amqp::start()",
        "app::serve()",
    );
    assert!(names_no_adapter(&Source::new("app/doors.rs", "Amqp::start()")).is_empty());
}

/// In which files each of the libraries is named that only one file may name.
fn homes(sources: &[Source]) -> BTreeMap<&'static str, Vec<String>> {
    let libraries = ["lapin", "mongodb", "reqwest", "redis", "rusqlite"];
    let homes_of = |library: &str| {
        let homes = sources.iter().filter(|source| source.says(&[library]));
        homes.map(|source| source.path.clone()).collect()
    };
    libraries.map(|library| (library, homes_of(library))).into()
}

#[test]
fn each_protocol_library_is_named_in_one_file() {
    for (library, files) in homes(&Source::all()) {
        assert!(files.len() <= 1, "`{library}` is named in {files:?}");
    }
    let sources = [
        Source::new("a.rs", "use lapin::Channel;"),
        Source::new("b.rs", "fn f() -> lapin::Result<()> {}"),
        Source::new("c.rs", "// lapin\nconst QUIET: &str = \"lapin=warn\";"),
    ];
    assert_eq!(homes(&sources)["lapin"], ["a.rs", "b.rs"]);
}

fn reads_the_environment_in_config_only(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let readers = ["var", "var_os", "vars", "vars_os", "set_var", "remove_var"];
    if source.top() != "config" && readers.iter().any(|name| source.says(&["env", "::", name])) {
        wrong.push("reads the environment".to_owned());
    }
    if source.top() != "cli" && source.says(&["dotenvy"]) {
        wrong.push("reads `.env`".to_owned());
    }
    wrong
}

#[test]
fn only_config_reads_the_environment() {
    enforce(reads_the_environment_in_config_only);
    let rule = reads_the_environment_in_config_only;
    catches(
        rule,
        "worker/mod.rs",
        "std::env::var(\"X\")",
        "env!(\"CARGO_PKG_VERSION\")",
    );
    catches(
        rule,
        "app/mod.rs",
        "use std::env; fn f() { env::vars_os(); }",
        "std::env::temp_dir()",
    );
    catches(rule, "app/mod.rs", "dotenvy::dotenv()", "let dotenv = 1;");
}

fn ends_the_process_in_its_place_only(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    if !matches!(source.top(), "main" | "shutdown") && source.says(&["process", "::", "exit"]) {
        wrong.push("ends the process".to_owned());
    }
    // Only there because a test asks for it.
    if source.path != "worker/crash.rs" && source.says(&["process", "::", "abort"]) {
        wrong.push("aborts the process".to_owned());
    }
    wrong
}

#[test]
fn only_main_and_shutdown_end_the_process() {
    enforce(ends_the_process_in_its_place_only);
    let rule = ends_the_process_in_its_place_only;
    catches(
        rule,
        "cli/mod.rs",
        "std::process::exit(2)",
        "std::process::ExitCode::from(2)",
    );
    catches(rule, "app/mod.rs", "process::abort()", "task.abort()");
}

fn is_safe(source: &Source) -> Vec<String> {
    let wrong = source.says(&["unsafe"]).then(|| "is unsafe".to_owned());
    wrong.into_iter().collect()
}

#[test]
fn nothing_is_unsafe() {
    enforce(is_safe);
    catches(
        is_safe,
        "app.rs",
        "unsafe { f() }",
        "// unsafe\nconst X: &str = \"unsafe\";",
    );
}

/// Rules and reports get time and files from outside.
fn is_pure(source: &Source) -> Vec<String> {
    let rules = ["cleaning", "enrichment", "transform"];
    let is_rule = rules.contains(&source.top());
    if !is_rule && source.top() != "report" {
        return Vec::new();
    }
    let mut banned: Vec<&[&str]> = vec![
        &["Utc", "::", "now"],
        &["Local", "::", "now"],
        &["Instant"],
        &["SystemTime"],
        &["rand"],
        &["tracing"],
        &["tokio"],
    ];
    // A workbook is written to a file it is given.
    if is_rule {
        banned.extend([&["std", "::", "fs"] as &[&str], &["std", "::", "net"]]);
    }
    let shipped = source.shipped();
    let said = banned.into_iter().filter(|path| shipped.says(path));
    said.map(|path| format!("uses `{}`", path.concat()))
        .collect()
}

#[test]
fn rules_and_reports_know_neither_clock_nor_chance() {
    enforce(is_pure);
    catches(
        is_pure,
        "cleaning/x.rs",
        "use std::fs::File;",
        "use std::fmt;",
    );
    catches(
        is_pure,
        "report/x.rs",
        "let at = Utc::now();",
        "fn f(at: DateTime<Utc>) {}",
    );
    assert!(is_pure(&Source::new("worker/x.rs", "Utc::now()")).is_empty());
}

/// Modules and types say what they are.
fn has_telling_names(source: &Source) -> Vec<String> {
    let is_vague = |word: &str| VAGUE.contains(&word);
    let vague = |word: &str| is_vague(word) || word.strip_suffix('s').is_some_and(is_vague);
    let mut wrong = Vec::new();
    let mut judge = |name: &str, words: Vec<String>| {
        if let Some(word) = words.iter().find(|word| vague(word)) {
            wrong.push(format!("`{name}` is named `{word}`"));
        }
    };
    for module in source.modules() {
        judge(module, module.split('_').map(str::to_owned).collect());
    }
    for pair in source.tokens().windows(2) {
        match pair[0] {
            "mod" => judge(pair[1], pair[1].split('_').map(str::to_owned).collect()),
            "struct" | "enum" | "trait" | "type" | "union" => judge(pair[1], camel_words(pair[1])),
            _ => {}
        }
    }
    // The file is named where it is declared, too.
    wrong.dedup();
    wrong
}

/// `KeyTally` is `key` and `tally`.
fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    words
}

#[test]
fn modules_and_types_have_telling_names() {
    enforce(has_telling_names);
    let innocent = "struct Database; fn handler() {} let data = 1; type Information = u8;";
    for text in [
        "mod utils;",
        "struct JobManager;",
        "enum RowData {}",
        "trait Helper {}",
        "mod core {}",
        "struct Misc;",
    ] {
        catches(has_telling_names, "app/x.rs", text, innocent);
    }
    let file = has_telling_names(&Source::new("broker/common.rs", "mod wire;"));
    assert_eq!(file, ["`common` is named `common`"]);
}

fn is_short(source: &Source) -> Vec<String> {
    let lines = source.shipped_lines();
    let wrong = (!source.is_test() && lines > MOST_LINES)
        .then(|| format!("has {lines} lines without its tests, more than {MOST_LINES}"));
    wrong.into_iter().collect()
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    enforce(is_short);
    let tests = format!(
        "#[cfg(test)]\nmod tests {{\n{}}}\n",
        "fn f() {}\n".repeat(500)
    );
    catches(
        is_short,
        "app/x.rs",
        &"fn f() {}\n".repeat(MOST_LINES + 1),
        &tests,
    );
    assert!(is_short(&Source::new("app/x.rs", &"\n".repeat(MOST_LINES))).is_empty());
}

/// What lies at the top of the repository and has no place there.
fn misplaced(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let is_known = |name: &str| TOP_LEVEL.contains(&name) || name.starts_with('.');
    // Git ignores it.
    let is_built = |name: &str| name == "target";
    names
        .into_iter()
        .filter(|name| !is_known(name) && !is_built(name))
        .collect()
}

#[test]
fn the_top_of_the_repository_holds_only_what_the_design_names() {
    let top = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names = top.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(misplaced(names), Vec::<String>::new());
    let names = ["src", ".clippy.toml", "target", "notes.md"].map(str::to_owned);
    assert_eq!(misplaced(names), ["notes.md"]);
}
