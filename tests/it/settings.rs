//! `.env.example`, the code and `docker-compose.yml` name the same variables.

use std::collections::{BTreeSet, HashMap};

use pyservice::config::{Settings, VARIABLES};

const EXAMPLE: &str = include_str!("../../.env.example");
const COMPOSE: &str = include_str!("../../docker-compose.yml");

/// The service's part of the example, and the part only `docker-compose.yml` reads.
fn parts() -> (&'static str, &'static str) {
    let heading = "# --- Read by docker-compose.yml alone";
    EXAMPLE
        .split_once(heading)
        .expect("the example has a part for compose")
}

/// Names and values in their order, commented out or not.
fn variables(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let of_a_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| !name.is_empty() && name.chars().all(of_a_name))
        .map(|(name, value)| (name, value.trim_matches('\'')))
        .collect()
}

/// What `docker-compose.yml` takes from the environment: `${NAME}`, `${NAME:-default}`.
fn interpolated() -> BTreeSet<&'static str> {
    let after_braces = COMPOSE.split("${").skip(1);
    after_braces
        .filter_map(|rest| rest.split([':', '}']).next())
        .collect()
}

#[test]
fn the_example_names_every_variable_in_the_order_of_the_code() {
    let names: Vec<_> = variables(parts().0).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, VARIABLES);
}

#[test]
fn nothing_in_the_example_is_set_so_that_a_copy_changes_nothing() {
    for line in EXAMPLE.lines() {
        assert!(line.is_empty() || line.starts_with('#'), "{line}");
    }
}

#[test]
fn what_the_example_shows_is_accepted() {
    let shown = variables(parts().0).into_iter();
    // There is one reference base; the example shows both.
    let mut env: HashMap<_, _> = shown
        .filter(|(name, _)| *name != "REFERENCE_FILE")
        .collect();
    Settings::load(&env).expect("MongoDB as the example shows it");
    env.retain(|name, _| !name.starts_with("MONGO_"));
    env.insert("REFERENCE_FILE", "referencia.jsonl");
    Settings::load(&env).expect("a file as the example shows it");
}

#[test]
fn the_defaults_in_the_example_are_those_of_the_code() {
    let none = HashMap::new();
    let in_force = Settings::load(&none).expect("nothing set").effective(&none);
    let shown: HashMap<_, _> = variables(parts().0).into_iter().collect();
    let mut compared = 0;
    for (name, value) in in_force.iter().filter(|(_, value)| !value.is_empty()) {
        assert_eq!(shown[name], value, "{name}");
        compared += 1;
    }
    assert!(compared >= 9, "only {compared} variables have a default");
}

#[test]
fn the_example_names_what_compose_reads_and_nothing_else() {
    let known: BTreeSet<_> = variables(EXAMPLE).iter().map(|(name, _)| *name).collect();
    let read = interpolated();
    let unknown: Vec<_> = read.difference(&known).collect();
    assert!(unknown.is_empty(), "not in .env.example: {unknown:?}");
    for (name, _) in variables(parts().1) {
        assert!(read.contains(name), "{name} is not read by compose");
    }
}

#[test]
fn compose_hands_every_variable_to_the_service() {
    let (_, service) = COMPOSE.split_once("\n  pyservice:\n").expect("the service");
    let (service, _) = service.split_once("\n\n").expect("its end");
    let handed: Vec<_> = service
        .lines()
        .filter_map(|line| line.strip_prefix("      ")?.split_once(':'))
        .map(|(name, _)| name)
        .filter(|name| VARIABLES.contains(name))
        .collect();
    // A file would have to be mounted, and MongoDB is always named; the last is for tests.
    let left_out = ["REFERENCE_FILE", "CRASH_AT"];
    let expected = VARIABLES.into_iter();
    let expected: Vec<_> = expected.filter(|name| !left_out.contains(name)).collect();
    assert_eq!(handed, expected);
}

#[test]
fn containers_are_given_longer_to_stop_than_jobs_to_end() {
    let none = HashMap::new();
    let grace = Settings::load(&none).expect("nothing set").work.grace;
    let given: u64 = COMPOSE
        .lines()
        .find_map(|line| line.trim().strip_prefix("stop_grace_period: "))
        .and_then(|period| period.strip_suffix('s'))
        .and_then(|seconds| seconds.parse().ok())
        .expect("compose gives a period in seconds");
    assert!(given > grace.as_secs());
}
