//! `serve` with nothing installed and nothing set: folders, a queue in the process, a file to
//! remember jobs in.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use tempfile::TempDir;

use crate::harness::archives::workbook;
use crate::harness::customers::Customers;
use crate::harness::program::{Serving, run};
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
    assert_eq!(delivered.count(), 5);
}

#[test]
fn hostile_workbooks_among_twenty_lists_end_as_jobs_of_their_own() {
    let machine = machine();
    let mut serving = serve(machine.path());
    let sheet = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
         <row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let texts = "<sst uniqueCount=\"100000000000\"><si><t>a</t></si></sst>";
    let shared = "<row><c t=\"s\"><v>0</v></c></row>";
    let hostile = [
        ("cantos.xlsx", workbook(sheet, &[])),
        (
            "textos.xlsx",
            workbook(shared, &[("xl/sharedStrings.xml", texts)]),
        ),
        ("bomba.xlsx", workbook(&" ".repeat(3_000_000), &[])),
        ("cortado.xlsx", workbook(shared, &[])[..200].to_vec()),
    ];
    for number in 0..20 {
        let customers = Customers::new(10 + number);
        let name = format!("lista{number}.csv");
        drop_file(machine.path(), &name, &customers.csv_1252(b';'));
        if let Some((name, bytes)) = hostile.get(number / 5).filter(|_| number % 5 == 2) {
            drop_file(machine.path(), name, bytes);
        }
    }
    serving.until("not all lists were treated", |serving| {
        serving.log().matches("job finished").count() == 20
    });
    serving.until("not all workbooks were given up", |serving| {
        serving.log().matches("job given up").count() == 4
    });
    let log = serving.log();
    let given_up: Vec<_> = log
        .lines()
        .filter(|line| line.contains("job given up"))
        .collect();
    let reasons = |reason: &str| given_up.iter().filter(|line| line.contains(reason)).count();
    assert_eq!(
        (reasons("hostile"), reasons("unreadable")),
        (3, 1),
        "{given_up:#?}"
    );
    serving.stop();
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

/// What is answered at `/metrics`: series and their values. Every line of it is understood.
fn metrics(address: &str) -> BTreeMap<String, f64> {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    let mut families = Vec::new();
    let mut series = BTreeMap::new();
    for line in body.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let (name, kind) = family.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            families.push(name.to_owned());
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = families.last().unwrap();
            assert!(name.starts_with(family.as_str()), "{line} below {family}");
            let twice = series.insert(name.to_owned(), value.parse().unwrap());
            assert_eq!(twice, None, "{line}");
        }
    }
    series
}

#[test]
fn metrics_are_answered_where_it_is_said_and_move_with_the_jobs() {
    let machine = machine();
    let at_any_port = [("METRICS_ADDR".to_owned(), "127.0.0.1:0".to_owned())];
    let mut serving = Serving::start(machine.path(), &at_any_port);
    serving.until_logged(&["serving", "queue=this process"]);
    let log = serving.log();
    let (_, address) = log.split_once("address=").unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    let before = metrics(&address);
    assert_eq!(before["pyservice_rows_read_total"], 0.0);
    assert_eq!(before["pyservice_jobs_total{outcome=\"finished\"}"], 0.0);

    let list = Customers::new(500).csv_1252(b';');
    drop_file(machine.path(), "clientes.csv", &list);
    serving.until_logged(&["job finished", "clientes.csv"]);
    drop_file(machine.path(), "foto.pdf", b"%PDF-1.7\n");
    serving.until_logged(&["job given up", "unsupported_format"]);
    let after = metrics(&address);
    for (name, value) in [
        ("jobs_total{outcome=\"accepted\"}", 2),
        ("jobs_total{outcome=\"finished\"}", 1),
        ("jobs_total{outcome=\"dead\"}", 1),
        ("jobs_total{outcome=\"retried\"}", 0),
        ("failed_attempts_total{reason=\"unsupported_format\"}", 1),
        ("jobs_running", 0),
        ("rows_read_total", 500),
        ("rows_treated_total", 500),
        ("bytes_read_total", list.len() + b"%PDF-1.7\n".len()),
        ("stage_duration_seconds_count{stage=\"fetch\"}", 2),
        ("stage_duration_seconds_count{stage=\"survey\"}", 1),
        ("stage_duration_seconds_count{stage=\"treat\"}", 1),
        ("stage_duration_seconds_count{stage=\"report\"}", 1),
        ("stage_duration_seconds_count{stage=\"upload\"}", 1),
        ("job_duration_seconds_count", 1),
    ] {
        let name = format!("pyservice_{name}");
        assert_eq!(
            after.get(&name),
            Some(&(value as f64)),
            "{name} in {after:?}"
        );
    }
    let names_a_file = |name: &String| name.contains("clientes") || name.contains("foto");
    assert!(!after.keys().any(names_a_file), "{after:?}");
    serving.stop();
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn an_address_for_metrics_that_is_taken_is_told_before_anything_is_served() {
    let machine = machine();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = run(machine.path(), &[("METRICS_ADDR", &address)], &["serve"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    let told = format!("error: cannot answer at METRICS_ADDR {address}: ");
    assert!(said.err.contains(&told), "{}", said.err);
    assert!(said.err.contains("hint: name an address"), "{}", said.err);
    assert!(!said.err.contains("serving"), "{}", said.err);
}
