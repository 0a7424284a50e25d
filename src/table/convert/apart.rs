//! Conversion in a process of its own, which a hostile file may take with it.
//!
//! The parent writes a [`Conversion`] to the child's standard input and reads an [`Answer`] from
//! its standard output, both as JSON.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::{Conversion, Converted, convert};
use crate::table::TableError;

/// The command that makes our program a child.
const COMMAND: &str = "convert";
/// The child's address space, in bytes. A large workbook takes a fraction of it.
const MOST_MEMORY: u64 = 1024 * 1024 * 1024;
/// How much the allocator reserves at a time. By itself it takes a gigabyte at the start, which
/// would be all the child may have, and the next that is asked for is refused.
const ARENA: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "64MiB");
/// The child's time on a processor, in seconds.
const MOST_CPU: u64 = 600;
/// The largest file the child may write, in bytes.
const MOST_DISK: u64 = 8 * 1024 * 1024 * 1024;
/// How long the parent waits, on a machine that has other things to do.
const MOST_TIME: Duration = Duration::from_secs(900);

/// Bytes of an answer. Notes on every other row of a full sheet take a twentieth.
const MOST_ANSWER: u64 = 256 * 1024 * 1024;

/// How a conversion went.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Converted(Vec<Converted>),
    Refused(Refusal),
}

/// A [`TableError`] on its way to the parent.
#[derive(Debug, Serialize, Deserialize)]
enum Refusal {
    /// With the system's number of the error, where it has one.
    Io(Option<i32>, String),
    Empty,
    NoRows,
    Encoding(String),
    NotATable(String),
    Line(u64, String),
    Unreadable(String),
    Hostile(String),
    Crashed(String),
}

impl From<TableError> for Refusal {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Io(error) => Refusal::Io(error.raw_os_error(), error.to_string()),
            TableError::Empty => Refusal::Empty,
            TableError::NoRows => Refusal::NoRows,
            TableError::Encoding(text) => Refusal::Encoding(text.into_owned()),
            TableError::NotATable(text) => Refusal::NotATable(text.into_owned()),
            TableError::Line { line, cause } => Refusal::Line(line, cause),
            TableError::Unreadable(text) => Refusal::Unreadable(text.into_owned()),
            TableError::Hostile(text) => Refusal::Hostile(text.into_owned()),
            TableError::Crashed(text) => Refusal::Crashed(text),
            // Its text may quote cells.
            TableError::Frame(_) => Refusal::Unreadable("its contents are damaged".to_owned()),
        }
    }
}

impl From<Refusal> for TableError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Io(Some(code), _) => TableError::Io(io::Error::from_raw_os_error(code)),
            Refusal::Io(None, text) => TableError::Io(io::Error::other(text)),
            Refusal::Empty => TableError::Empty,
            Refusal::NoRows => TableError::NoRows,
            Refusal::Encoding(text) => TableError::Encoding(text.into()),
            Refusal::NotATable(text) => TableError::NotATable(text.into()),
            Refusal::Line(line, cause) => TableError::Line { line, cause },
            Refusal::Unreadable(text) => TableError::Unreadable(text.into()),
            Refusal::Hostile(text) => TableError::Hostile(text.into()),
            Refusal::Crashed(text) => TableError::Crashed(text),
        }
    }
}

/// Converts a file in a process of its own, with limits on memory and time: `program` is ours.
/// Blocks until it has ended.
///
/// # Errors
/// As [`convert`], and if the process dies over the file.
pub fn convert_apart(
    program: &Path,
    conversion: &Conversion,
) -> Result<Vec<Converted>, TableError> {
    within(MOST_TIME, program, conversion)
}

fn within(
    most: Duration,
    program: &Path,
    conversion: &Conversion,
) -> Result<Vec<Converted>, TableError> {
    let request = serde_json::to_vec(conversion).map_err(io::Error::from)?;
    let mut running = Running(
        Command::new(program)
            .arg(COMMAND)
            // Ours has secrets.
            .env_clear()
            .env(ARENA.0, ARENA.1)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A panic may quote cells.
            .stderr(Stdio::null())
            .spawn()?,
    );
    if let Some(mut input) = running.0.stdin.take() {
        // A child that ended before it read this says why by how it ended.
        let _ = input.write_all(&request);
    }
    let (sender, answer) = channel();
    if let Some(output) = running.0.stdout.take() {
        thread::spawn(move || {
            let mut text = Vec::new();
            let read = output.take(MOST_ANSWER).read_to_end(&mut text);
            let read = read.map(|_| text);
            // Who waited may have given up.
            let _ = sender.send(read);
        });
    }
    let text = match answer.recv_timeout(most) {
        Ok(text) => text?,
        Err(RecvTimeoutError::Timeout) => {
            let most = most.as_secs();
            let why = format!("it was still running after {most} seconds");
            return Err(TableError::Crashed(why));
        }
        Err(RecvTimeoutError::Disconnected) => Vec::new(),
    };
    let status = running.0.wait()?;
    match serde_json::from_slice(&text) {
        Ok(Answer::Converted(tables)) if status.success() => Ok(tables),
        Ok(Answer::Refused(refusal)) if status.success() => Err(refusal.into()),
        _ => Err(TableError::Crashed(how_it_ended(status))),
    }
}

/// A child that does not outlive who waits for it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail if it has ended and was waited for, as it should have been.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn how_it_ended(status: ExitStatus) -> String {
    if let Some(signal) = status.signal() {
        return match signal {
            6 => "it ran out of memory, or was aborted".to_owned(),
            9 => "it was killed, perhaps for want of memory".to_owned(),
            24 => format!("it used more than {MOST_CPU} seconds of processor time"),
            25 => format!("it wrote more than {MOST_DISK} bytes"),
            signal => format!("it was ended by signal {signal}"),
        };
    }
    match status.code() {
        Some(0) => "it gave no answer".to_owned(),
        Some(code) => format!("it ended with code {code}"),
        None => "it ended".to_owned(),
    }
}

/// The child's side: limits itself, converts what `input` asks for, and answers on `output`.
///
/// # Errors
/// If it cannot be limited, does not understand what it is asked, or cannot answer.
pub fn answer(input: impl Read, output: impl Write) -> io::Result<()> {
    limit()?;
    let conversion: Conversion = serde_json::from_reader(input)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| convert(&conversion)));
    let answer = match outcome {
        Ok(Ok(tables)) => Answer::Converted(tables),
        Ok(Err(error)) => Answer::Refused(error.into()),
        Err(_) => Answer::Refused(Refusal::Crashed("it panicked".to_owned())),
    };
    serde_json::to_writer(output, &answer)?;
    Ok(())
}

/// Sets the limits of this process.
fn limit() -> io::Result<()> {
    let limits = [
        (Resource::As, MOST_MEMORY, MOST_MEMORY),
        // At the second of them there is no telling why.
        (Resource::Cpu, MOST_CPU, MOST_CPU + 5),
        (Resource::Fsize, MOST_DISK, MOST_DISK),
        (Resource::Core, 0, 0),
    ];
    for (resource, current, maximum) in limits {
        // Whoever started us may have set a lower one.
        let highest = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit {
            current: Some(current.min(highest)),
            maximum: Some(maximum.min(highest)),
        };
        setrlimit(resource, limit)?;
    }
    // Where this is refused, the limits still end a child nobody waits for.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tempfile::TempDir;

    use super::super::{Foreign, Tables};
    use super::*;

    /// What waiting for a program that does this comes to.
    fn asked(script: &str) -> Result<Vec<Converted>, TableError> {
        let folder = TempDir::new().unwrap();
        let program = folder.path().join("program");
        // Written by another process: one that is started meanwhile would hold it open.
        let write = "printf '#!/bin/sh\n%s\n' \"$1\" > \"$2\"; chmod +x \"$2\"";
        let written = Command::new("/bin/sh")
            .args(["-c", write, "sh", script])
            .arg(&program)
            .status();
        assert!(written.unwrap().success());
        let conversion = Conversion {
            source: "clientes.xlsx".into(),
            format: Foreign::Xlsx,
            tables: Tables::All,
            folder: folder.path().to_owned(),
        };
        within(Duration::from_secs(2), &program, &conversion)
    }

    fn crash(script: &str) -> String {
        match asked(script) {
            Err(TableError::Crashed(why)) => why,
            other => panic!("{script}: {other:?}"),
        }
    }

    #[test]
    fn the_child_hears_what_to_convert_and_nothing_else() {
        let told = asked(
            "test \"$1\" = convert && test \"$(env | grep -cv -e ^PWD= -e ^_= -e ^SHLVL= \
             -e ^MIMALLOC_ARENA_RESERVE=)\" = 0 \
             && grep -q '\"source\":\"clientes.xlsx\"' && echo '{\"Converted\":[]}'",
        );
        assert_eq!(told.unwrap(), []);
    }

    #[test]
    fn whatever_ends_the_child_is_told_and_no_more_than_that() {
        for (script, why) in [
            ("kill -KILL $$", "it was killed, perhaps for want of memory"),
            ("kill -ABRT $$", "it ran out of memory, or was aborted"),
            (
                "kill -XCPU $$",
                "it used more than 600 seconds of processor time",
            ),
            ("kill -SEGV $$", "it was ended by signal 11"),
            ("exit 3", "it ended with code 3"),
            ("exit 0", "it gave no answer"),
            ("echo '{\"Converted\":[]}'; exit 1", "it ended with code 1"),
            ("echo nonsense", "it gave no answer"),
            // It never reads what it is asked.
            ("exec 0<&-; exit 4", "it ended with code 4"),
        ] {
            assert_eq!(crash(script), why, "{script}");
        }
    }

    #[test]
    fn a_child_that_goes_on_for_ever_is_ended() {
        let started = Instant::now();
        assert_eq!(
            crash("exec /bin/sleep 600"),
            "it was still running after 2 seconds"
        );
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn refusals_arrive_as_what_they_were() {
        for error in [
            TableError::Io(io::Error::from_raw_os_error(28)),
            TableError::Io(io::Error::other("gone")),
            TableError::Empty,
            TableError::NoRows,
            TableError::Encoding("a".into()),
            TableError::NotATable("b".into()),
            TableError::Line {
                line: 3,
                cause: "c".into(),
            },
            TableError::Unreadable("d".into()),
            TableError::Hostile("e".into()),
            TableError::Crashed("f".into()),
        ] {
            let before = (error.to_string(), std::mem::discriminant(&error));
            let text = serde_json::to_string(&Refusal::from(error)).unwrap();
            let refusal: Refusal = serde_json::from_str(&text).unwrap();
            let error = TableError::from(refusal);
            assert_eq!((error.to_string(), std::mem::discriminant(&error)), before);
        }
    }
}
