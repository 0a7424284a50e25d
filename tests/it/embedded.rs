//! `serve` with nothing installed and nothing set: folders, a queue in the process, a file to
//! remember jobs in.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::customers::Customers;
use crate::harness::program::Serving;
use crate::harness::results::Results;

/// A folder as a fresh machine has it: empty.
fn machine() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Starts to serve, and waits until the work folder is there.
fn serve(machine: &Path) -> Serving {
    let mut serving = Serving::start(machine, &[]);
    serving.until_logged(&["serving", "queue=this process"]);
    serving
}

fn drop_file(machine: &Path, name: &str, bytes: &[u8]) {
    fs::write(machine.join("storage/work").join(name), bytes).unwrap();
}

fn results(machine: &Path, stem: &str) -> Results {
    Results::in_folder(&machine.join("storage/finalizado"), stem)
}

/// The scratch folders of jobs, which are named by UUIDs.
fn scratch_folders(machine: &Path) -> usize {
    let entries = fs::read_dir(machine.join("storage/work")).unwrap();
    entries
        .filter(|entry| entry.as_ref().unwrap().path().is_dir())
        .count()
}

#[test]
fn a_file_put_into_the_work_folder_is_treated_once() {
    let machine = machine();
    let customers = Customers::new(500);
    let mut serving = serve(machine.path());
    drop_file(machine.path(), "clientes.csv", &customers.csv_1252(b';'));
    serving.until_logged(&["job finished", "clientes.csv", "rows=500"]);
    results(machine.path(), "clientes").are_those_of(&customers, false);
    assert_eq!(scratch_folders(machine.path()), 0);
    serving.stop();

    let pdf = machine
        .path()
        .join("storage/finalizado/clientes_processed.pdf");
    let delivered = fs::metadata(&pdf).unwrap().modified().unwrap();
    let mut again = serve(machine.path());
    again.until_logged(&["job was done before", "clientes.csv"]);
    again.stop();
    assert_eq!(fs::metadata(&pdf).unwrap().modified().unwrap(), delivered);
}

#[test]
fn results_that_somebody_removed_are_made_again() {
    let machine = machine();
    let customers = Customers::new(20);
    let mut serving = serve(machine.path());
    drop_file(machine.path(), "clientes.csv", &customers.csv_1252(b';'));
    serving.until_logged(&["job finished", "clientes.csv"]);
    serving.stop();
    let pdf = machine
        .path()
        .join("storage/finalizado/clientes_processed.pdf");
    fs::remove_file(pdf).unwrap();
    let mut again = serve(machine.path());
    again.until("it was not done again", |again| {
        again.log().matches("job finished").count() == 2
    });
    again.stop();
    results(machine.path(), "clientes").are_those_of(&customers, false);
}

#[test]
fn a_changed_file_is_treated_again() {
    let machine = machine();
    let mut serving = serve(machine.path());
    for rows in [20, 40] {
        let customers = Customers::new(rows);
        drop_file(machine.path(), "clientes.csv", &customers.csv_1252(b';'));
        serving.until_logged(&["job finished", &format!("rows={rows}")]);
        results(machine.path(), "clientes").are_those_of(&customers, false);
    }
    serving.stop();
}

#[test]
fn a_file_that_is_no_list_is_given_up_and_the_others_go_on() {
    let machine = machine();
    let customers = Customers::new(20);
    let mut serving = serve(machine.path());
    drop_file(machine.path(), "a.pdf", b"%PDF-1.7\n");
    drop_file(machine.path(), "b.csv", b"Nome;CPF\r\n");
    serving.until_logged(&["job given up", "unsupported_format", "a PDF"]);
    serving.until_logged(&["job given up", "empty_file"]);
    drop_file(machine.path(), "clientes.csv", &customers.csv_1252(b';'));
    serving.until_logged(&["job finished", "clientes.csv"]);
    results(machine.path(), "clientes").are_those_of(&customers, false);
    serving.stop();
    let delivered = fs::read_dir(machine.path().join("storage/finalizado")).unwrap();
    assert_eq!(delivered.count(), 4);
}

#[test]
fn a_list_that_waits_when_serving_begins_is_completed_from_the_reference_file() {
    let machine = machine();
    let customers = Customers::new(300);
    fs::write(machine.path().join("base.jsonl"), customers.known_jsonl()).unwrap();
    fs::write(machine.path().join(".env"), "REFERENCE_FILE=base.jsonl\n").unwrap();
    fs::create_dir_all(machine.path().join("storage/work")).unwrap();
    drop_file(machine.path(), "clientes.xlsx", &customers.xlsx());
    let mut serving = serve(machine.path());
    serving.until_logged(&["job finished", "clientes.xlsx"]);
    serving.stop();
    results(machine.path(), "clientes").are_those_of(&customers, true);
}

#[test]
fn idle_serving_ends_at_once_when_told() {
    let machine = machine();
    let serving = serve(machine.path());
    let since = std::time::Instant::now();
    serving.stop();
    assert!(since.elapsed() < std::time::Duration::from_secs(5));
}
