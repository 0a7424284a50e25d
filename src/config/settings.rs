//! All settings, from the variables.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::env::Variables;
use super::{
    AmqpSettings, BrokerSettings, DriveKind, DriveSettings, Env, InvalidConfig, MongoSettings,
    ReferenceSettings, Secret, SourceAfter, WebdavSettings, WorkSettings,
};
use crate::job::{RemotePath, Stage};

/// Every setting.
#[derive(Debug, Clone)]
pub struct Settings {
    pub broker: BrokerSettings,
    pub drive: DriveSettings,
    pub reference: ReferenceSettings,
    pub work: WorkSettings,
    /// Where metrics are answered; `None` is nowhere.
    pub metrics: Option<SocketAddr>,
    /// What is set and has no effect.
    pub warnings: Vec<&'static str>,
}

/// Every variable we read, in the order of `.env.example`.
pub const VARIABLES: [&str; 31] = [
    "RABBITMQ_URL",
    "RABBITMQ_HOST",
    "RABBITMQ_PORT",
    "RABBITMQ_VHOST",
    "RABBITMQ_QUEUE",
    "RABBITMQ_QUEUE_TYPE",
    "RABBITMQ_DEFAULT_USER",
    "RABBITMQ_DEFAULT_PASS",
    "OWNCLOUD_URL",
    "OWNCLOUD_USER",
    "OWNCLOUD_PASS",
    "OWNCLOUD_WORK_DIR",
    "OWNCLOUD_FINAL_DIR",
    "OWNCLOUD_CA_FILE",
    "MONGO_URI",
    "MONGO_DB",
    "MONGO_COLLECTION",
    "MONGO_TIMEOUT_SECONDS",
    "REFERENCE_FILE",
    "REDIS_URL",
    "STORAGE_DIR",
    "RECIPES_DIR",
    "SOURCE_AFTER",
    "PARALLEL_JOBS",
    "JOB_DEADLINE_MINUTES",
    "MAX_FILE_MEGABYTES",
    "SHUTDOWN_GRACE_SECONDS",
    "RUST_LOG",
    "LOG_FORMAT",
    "METRICS_ADDR",
    "CRASH_AT",
];

impl Settings {
    /// Reads all settings.
    ///
    /// # Errors
    /// Every mistake at once, none of them repeating a secret.
    pub fn load(env: &dyn Env) -> Result<Self, InvalidConfig> {
        let mut variables = Variables::new(env);
        let work = work(&mut variables);
        let settings = Settings {
            broker: broker(&mut variables),
            drive: drive(&mut variables, &work.storage),
            reference: reference(&mut variables),
            work,
            metrics: variables.checked(
                "METRICS_ADDR",
                None,
                "an IP address and a port, such as `127.0.0.1:9187`",
                |text| text.parse().ok().map(Some),
            ),
            warnings: warnings(&variables),
        };
        variables.finish(settings)
    }

    /// The variables in force, secrets masked, for people to compare.
    pub fn effective(&self, env: &dyn Env) -> Vec<(&'static str, String)> {
        let set = Variables::new(env);
        let shown = VARIABLES.iter().map(|name| {
            let value = match set.text(name) {
                None => self.default_of(name),
                // URLs hold credentials too.
                Some(_) if SECRETS.contains(name) => "***".to_owned(),
                Some(text) => text,
            };
            (*name, value)
        });
        shown.collect()
    }

    fn default_of(&self, name: &str) -> String {
        match name {
            "RABBITMQ_QUEUE" => "pyservice_queue".to_owned(),
            "OWNCLOUD_WORK_DIR" => self.drive.work.to_string(),
            "OWNCLOUD_FINAL_DIR" => self.drive.finished.to_string(),
            "STORAGE_DIR" => self.work.storage.display().to_string(),
            "RECIPES_DIR" => "recipes".to_owned(),
            "SOURCE_AFTER" => "keep".to_owned(),
            "PARALLEL_JOBS" => self.work.parallel_jobs.to_string(),
            "JOB_DEADLINE_MINUTES" => (self.work.deadline.as_secs() / 60).to_string(),
            "MAX_FILE_MEGABYTES" => (self.work.max_file_bytes / 1024 / 1024).to_string(),
            "SHUTDOWN_GRACE_SECONDS" => self.work.grace.as_secs().to_string(),
            _ => String::new(),
        }
    }
}

/// Variables whose value is never shown.
const SECRETS: [&str; 5] = [
    "RABBITMQ_URL",
    "RABBITMQ_DEFAULT_PASS",
    "OWNCLOUD_PASS",
    "MONGO_URI",
    "REDIS_URL",
];

/// `RUST_LOG`, and whether `LOG_FORMAT` asks for JSON. Read before the other settings, whose
/// mistakes are logged.
pub fn log_settings(env: &dyn Env) -> (Option<String>, bool) {
    let variables = Variables::new(env);
    let json = variables
        .text("LOG_FORMAT")
        .is_some_and(|format| format == "json");
    (variables.text("RUST_LOG"), json)
}

fn warnings(variables: &Variables<'_>) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if variables.any(&["REDIS_URL"]) {
        warnings.push("REDIS_URL is set but not used: the ledger is in STORAGE_DIR");
    }
    warnings
}

fn work(variables: &mut Variables<'_>) -> WorkSettings {
    let minutes = variables.checked(
        "JOB_DEADLINE_MINUTES",
        25,
        "a number from 1 to 1440",
        |text| {
            text.parse()
                .ok()
                .filter(|minutes| (1..=1440).contains(minutes))
        },
    );
    let megabytes: u64 = variables.parsed("MAX_FILE_MEGABYTES", 2048, "a whole number");
    WorkSettings {
        storage: PathBuf::from(variables.text("STORAGE_DIR").unwrap_or("storage".into())),
        recipes: variables.text("RECIPES_DIR").map(PathBuf::from),
        parallel_jobs: variables.checked("PARALLEL_JOBS", 1, "a number from 1 to 64", |text| {
            text.parse().ok().filter(|jobs| (1..=64).contains(jobs))
        }),
        deadline: Duration::from_secs(minutes * 60),
        max_file_bytes: megabytes.saturating_mul(1024 * 1024),
        grace: Duration::from_secs(variables.parsed(
            "SHUTDOWN_GRACE_SECONDS",
            25,
            "a whole number",
        )),
        source_after: variables.checked(
            "SOURCE_AFTER",
            SourceAfter::Keep,
            "`keep`, `move` or `delete`",
            |text| match text {
                "keep" => Some(SourceAfter::Keep),
                "move" => Some(SourceAfter::Move),
                "delete" => Some(SourceAfter::Delete),
                _ => None,
            },
        ),
        crash_at: variables.checked(
            "CRASH_AT",
            None,
            "the name of a stage, such as `upload`",
            |text| Stage::from_name(text).map(Some),
        ),
    }
}

fn broker(variables: &mut Variables<'_>) -> BrokerSettings {
    let queues: Vec<String> = variables
        .text("RABBITMQ_QUEUE")
        .unwrap_or("pyservice_queue".into())
        .split(',')
        .map(|queue| queue.trim().to_owned())
        .filter(|queue| !queue.is_empty())
        .collect();
    if queues.is_empty() || queues.iter().any(|queue| queue.len() > 200) {
        variables.wrong(
            "RABBITMQ_QUEUE",
            "must name queues of at most 200 bytes, separated by commas",
        );
    }
    let quorum = variables.checked(
        "RABBITMQ_QUEUE_TYPE",
        false,
        "`classic` or `quorum`",
        |text| match text {
            "classic" => Some(false),
            "quorum" => Some(true),
            _ => None,
        },
    );
    let parts = [
        "RABBITMQ_PORT",
        "RABBITMQ_VHOST",
        "RABBITMQ_DEFAULT_USER",
        "RABBITMQ_DEFAULT_PASS",
    ];
    let uri = match variables.text("RABBITMQ_URL") {
        Some(url) => amqp_url(variables, &url),
        None if variables.any(&["RABBITMQ_HOST"]) || variables.any(&parts) => {
            amqp_from_parts(variables)
        }
        None => return BrokerSettings::Memory,
    };
    let Some(uri) = uri else {
        return BrokerSettings::Memory;
    };
    let mut address = uri.clone();
    // Cannot fail: the scheme takes credentials.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    BrokerSettings::Amqp(AmqpSettings {
        uri: Secret::new(uri),
        address: address.into(),
        queues,
        quorum,
    })
}

fn amqp_url(variables: &mut Variables<'_>, text: &str) -> Option<Url> {
    match Url::parse(text) {
        Ok(mut url) if matches!(url.scheme(), "amqp" | "amqps") && url.host_str().is_some() => {
            // An empty vhost means `/`, whose name is written `%2f`.
            if matches!(url.path(), "" | "/") {
                url.set_path("/%2f");
            }
            Some(url)
        }
        _ => {
            variables.wrong(
                "RABBITMQ_URL",
                "must be `amqp://user:password@host:port/vhost`, each part percent-encoded",
            );
            None
        }
    }
}

fn amqp_from_parts(variables: &mut Variables<'_>) -> Option<Url> {
    let host = variables.required("RABBITMQ_HOST", "other RABBITMQ variables are set");
    let port: u16 = variables.parsed("RABBITMQ_PORT", 5672, "a port number");
    let user = variables
        .text("RABBITMQ_DEFAULT_USER")
        .unwrap_or("guest".into());
    let password = variables
        .text("RABBITMQ_DEFAULT_PASS")
        .unwrap_or("guest".into());
    let vhost = variables.text("RABBITMQ_VHOST").unwrap_or("/".into());
    if host.is_empty() {
        return None;
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let bracketed = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host
    };
    let url = format!(
        "amqp://{}:{}@{bracketed}:{port}/{}",
        encoded(&user),
        encoded(&password),
        encoded(&vhost)
    );
    let url = Url::parse(&url).ok();
    if url.is_none() {
        variables.wrong(
            "RABBITMQ_HOST",
            "must be a host name or an address, without scheme or port",
        );
    }
    url
}

fn drive(variables: &mut Variables<'_>, storage: &std::path::Path) -> DriveSettings {
    let work = folder(variables, "OWNCLOUD_WORK_DIR", "work");
    let finished = folder(variables, "OWNCLOUD_FINAL_DIR", "finalizado");
    if work == finished {
        variables.wrong("OWNCLOUD_FINAL_DIR", "must differ from OWNCLOUD_WORK_DIR");
    }
    let set = [
        "OWNCLOUD_URL",
        "OWNCLOUD_USER",
        "OWNCLOUD_PASS",
        "OWNCLOUD_CA_FILE",
    ];
    let kind = if variables.any(&set) {
        let url = variables.required("OWNCLOUD_URL", "other OWNCLOUD variables are set");
        let user = variables.required("OWNCLOUD_USER", "OWNCLOUD_URL needs a user");
        let password = variables.required("OWNCLOUD_PASS", "OWNCLOUD_URL needs a password");
        match WebdavSettings::base_url(&url, &user) {
            Ok(base) => Some(DriveKind::Webdav(WebdavSettings {
                base,
                user,
                password: Secret::new(password),
                ca_file: variables.text("OWNCLOUD_CA_FILE").map(PathBuf::from),
            })),
            Err(_) if url.is_empty() => None,
            Err(error) => {
                variables.wrong("OWNCLOUD_URL", error.to_string());
                None
            }
        }
    } else {
        None
    };
    DriveSettings {
        kind: kind.unwrap_or_else(|| DriveKind::Folder(storage.to_owned())),
        work,
        finished,
    }
}

fn folder(variables: &mut Variables<'_>, name: &'static str, default: &'static str) -> RemotePath {
    let text = variables.text(name).unwrap_or(default.into());
    let path = RemotePath::parse(text.trim_matches('/'));
    path.unwrap_or_else(|error| {
        variables.wrong(name, error.to_string());
        RemotePath::literal(default)
    })
}

fn reference(variables: &mut Variables<'_>) -> ReferenceSettings {
    let mongo = ["MONGO_URI", "MONGO_DB", "MONGO_COLLECTION"];
    let file = variables.text("REFERENCE_FILE").map(PathBuf::from);
    if !variables.any(&mongo) {
        return file.map_or(ReferenceSettings::None, ReferenceSettings::File);
    }
    if file.is_some() {
        variables.wrong(
            "REFERENCE_FILE",
            "cannot be set beside MONGO_URI: there is one reference base",
        );
    }
    let uri = variables.required("MONGO_URI", "other MONGO variables are set");
    if !uri.is_empty() && !uri.starts_with("mongodb://") && !uri.starts_with("mongodb+srv://") {
        variables.wrong(
            "MONGO_URI",
            "must start with `mongodb://` or `mongodb+srv://`",
        );
    }
    let seconds = variables.checked(
        "MONGO_TIMEOUT_SECONDS",
        20,
        "a number from 1 to 600",
        |text| {
            text.parse()
                .ok()
                .filter(|seconds| (1..=600).contains(seconds))
        },
    );
    ReferenceSettings::Mongo(MongoSettings {
        uri: Secret::new(uri),
        database: name(variables, "MONGO_DB"),
        collection: name(variables, "MONGO_COLLECTION"),
        timeout: Duration::from_secs(seconds),
    })
}

/// A database or collection: a name, nothing that could be more.
fn name(variables: &mut Variables<'_>, variable: &'static str) -> String {
    let text = variables.required(variable, "MONGO_URI needs it");
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let valid = text.len() <= 128 && text.starts_with(first) && text.chars().all(rest);
    if !text.is_empty() && !valid {
        variables.wrong(
            variable,
            "must be a name of letters, digits, `_`, `.` and `-`",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn load(variables: &[(&'static str, &'static str)]) -> Result<Settings, InvalidConfig> {
        Settings::load(&variables.iter().copied().collect::<HashMap<_, _>>())
    }

    fn uri(variables: &[(&'static str, &'static str)]) -> (String, String) {
        match load(variables).unwrap().broker {
            BrokerSettings::Amqp(amqp) => (amqp.uri.expose().to_owned(), amqp.address),
            BrokerSettings::Memory => panic!("no broker"),
        }
    }

    #[test]
    fn without_variables_everything_is_embedded() {
        let settings = load(&[]).unwrap();
        assert!(matches!(settings.broker, BrokerSettings::Memory));
        assert!(
            matches!(settings.drive.kind, DriveKind::Folder(root) if root.ends_with("storage"))
        );
        assert!(matches!(settings.reference, ReferenceSettings::None));
    }

    #[test]
    fn the_broker_is_built_from_parts_or_from_a_url() {
        let parts = [
            ("RABBITMQ_HOST", "mq"),
            ("RABBITMQ_DEFAULT_USER", "ana"),
            ("RABBITMQ_DEFAULT_PASS", "p@ss/w%rd"),
        ];
        let (whole, address) = uri(&parts);
        assert_eq!(whole, "amqp://ana:p%40ss%2Fw%25rd@mq:5672/%2F");
        assert_eq!(address, "amqp://mq:5672/%2F");
        assert_eq!(
            uri(&[("RABBITMQ_URL", "amqps://a:b@mq")]).0,
            "amqps://a:b@mq/%2f"
        );
        assert_eq!(
            uri(&[("RABBITMQ_URL", "amqp://a:b@mq:1/jobs")]).0,
            "amqp://a:b@mq:1/jobs"
        );
    }

    #[test]
    fn metrics_are_answered_where_it_is_said_and_otherwise_nowhere() {
        let answered_at = |text| load(&[("METRICS_ADDR", text)]).unwrap().metrics;
        assert_eq!(load(&[]).unwrap().metrics, None);
        assert_eq!(
            answered_at("127.0.0.1:9187"),
            Some(([127, 0, 0, 1], 9187).into())
        );
        assert_eq!(answered_at("[::1]:9187").map(|at| at.is_ipv6()), Some(true));
    }

    #[test]
    fn several_queues_may_be_listed() {
        let settings = load(&[
            ("RABBITMQ_HOST", "mq"),
            ("RABBITMQ_QUEUE", "file.process, file_processing"),
        ]);
        let BrokerSettings::Amqp(amqp) = settings.unwrap().broker else {
            panic!("no broker")
        };
        assert_eq!(amqp.queues, ["file.process", "file_processing"]);
    }

    #[test]
    fn every_mistake_is_told_at_once_and_no_secret_with_it() {
        let error = load(&[
            ("RABBITMQ_DEFAULT_PASS", "segredo1"),
            ("RABBITMQ_PORT", "porta"),
            ("OWNCLOUD_URL", "ftp://ana:segredo2@nuvem"),
            ("OWNCLOUD_USER", "ana"),
            ("OWNCLOUD_WORK_DIR", "../work"),
            ("MONGO_URI", "http://ana:segredo3@mongo"),
            ("MONGO_COLLECTION", "$where"),
            ("REFERENCE_FILE", "ref.jsonl"),
            ("PARALLEL_JOBS", "0"),
            ("SOURCE_AFTER", "burn"),
            ("METRICS_ADDR", "9187"),
        ])
        .unwrap_err()
        .to_string();
        assert!(!error.contains("segredo"), "{error}");
        insta::assert_snapshot!(error);
    }
}
