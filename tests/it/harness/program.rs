//! The program itself, in a folder of its own and with no variables but those a test sets.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longer than a crashed job's lease and a retry together, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// Variables and their values.
pub type Variables = Vec<(String, String)>;

fn command(folder: &Path, variables: &[(String, String)]) -> Command {
    // Cargo names it at run time as well, and may name another there.
    let program = std::env::var_os("CARGO_BIN_EXE_pyservice")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_pyservice").into());
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().cloned())
        .stdin(Stdio::null());
    command
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs the program to its end.
pub fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Said {
    let owned: Variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let output = command(folder, &owned).args(arguments).output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `pyservice serve`, until it is dropped.
pub struct Serving {
    child: Child,
    log: PathBuf,
}

impl Serving {
    /// Starts it in `folder`. What it logs is added to `serve.log` there.
    pub fn start(folder: &Path, variables: &[(String, String)]) -> Self {
        let log = folder.join("serve.log");
        let file = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let child = command(folder, variables)
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap();
        Serving { child, log }
    }

    /// All that was logged in this folder.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until a line that holds all of `texts` is logged.
    pub fn until_logged(&mut self, texts: &[&str]) {
        let says = |line: &str| texts.iter().all(|text| line.contains(text));
        self.until(&format!("{texts:?} was never logged"), |serving| {
            serving.log().lines().any(says)
        });
    }

    /// Waits until `done`, while the program runs.
    pub fn until(&mut self, otherwise: &str, mut done: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{otherwise}, {ended:?}:\n{}", self.log());
            assert!(Instant::now() < deadline, "{otherwise}:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Waits for it to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "never ended:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Stops it, which has to succeed.
    pub fn stop(mut self) {
        self.terminate();
        let status = self.ended();
        assert!(status.success(), "{status}:\n{}", self.log());
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}
