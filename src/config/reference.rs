//! Which reference base.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use super::Secret;

/// A MongoDB collection, as the variables name it.
#[derive(Debug, Clone)]
pub struct MongoSettings {
    pub uri: Secret,
    pub database: String,
    pub collection: String,
    /// Longest time one query may take, on the server and here.
    pub timeout: Duration,
}

/// The reference base to use.
#[derive(Debug, Clone)]
pub enum ReferenceSettings {
    Mongo(MongoSettings),
    /// A JSONL or CSV file.
    File(PathBuf),
    /// Nothing is looked up.
    None,
}

/// Options of a connection string that our driver takes, lower case. It refuses the whole string
/// for any other, those included that need a feature we do not build (compression, proxies, a
/// password on the client key). Options about writing are left to it: it ignores them.
const MONGO_OPTIONS: &[&str] = &[
    "appname",
    "authmechanism",
    "authmechanismproperties",
    "authsource",
    "connecttimeoutms",
    "directconnection",
    "heartbeatfrequencyms",
    "journal",
    "loadbalanced",
    "localthresholdms",
    "maxconnecting",
    "maxidletimems",
    "maxpoolsize",
    "maxstalenessseconds",
    "minpoolsize",
    "readconcernlevel",
    "readpreference",
    "readpreferencetags",
    "replicaset",
    "retryreads",
    "retrywrites",
    "servermonitoringmode",
    "serverselectiontimeoutms",
    "srvmaxhosts",
    "srvservicename",
    "ssl",
    "tls",
    "tlsallowinvalidcertificates",
    "tlscafile",
    "tlscertificatekeyfile",
    "tlsinsecure",
    "w",
    "wtimeoutms",
];

/// The one option that may come more than once.
const REPEATABLE: &str = "readpreferencetags";

impl MongoSettings {
    /// The URI without the options our driver refuses, and the names of those, as written.
    /// Connection strings written for other drivers are full of them (`socketTimeoutMS`).
    pub fn accepted_uri(&self) -> (Secret, Vec<String>) {
        let uri = self.uri.expose();
        let Some((address, options)) = uri.split_once('?') else {
            return (self.uri.clone(), Vec::new());
        };
        let mut seen = HashSet::new();
        let mut dropped = Vec::new();
        let kept: Vec<&str> = options
            .split('&')
            .filter(|option| !option.is_empty())
            .filter(|option| {
                let name = option.split_once('=').map(|(name, _)| name);
                let lower = name.unwrap_or_default().to_ascii_lowercase();
                let is_known = MONGO_OPTIONS.contains(&lower.as_str());
                if is_known && (seen.insert(lower.clone()) || lower == REPEATABLE) {
                    return true;
                }
                dropped.push(shown(name));
                false
            })
            .collect();
        let uri = if kept.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", kept.join("&"))
        };
        (Secret::new(uri), dropped)
    }
}

/// What follows a `?` may be half of a password that was not percent-encoded, so only what looks
/// like the name of an option is repeated.
fn shown(name: Option<&str>) -> String {
    match name {
        Some(name) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic()) => {
            name.to_owned()
        }
        _ => "(without a name)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(uri: &str) -> (String, Vec<String>) {
        let settings = MongoSettings {
            uri: Secret::new(uri),
            database: "ref".to_owned(),
            collection: "pessoas".to_owned(),
            timeout: Duration::from_secs(1),
        };
        let (uri, dropped) = settings.accepted_uri();
        (uri.expose().to_owned(), dropped)
    }

    #[test]
    fn options_the_driver_refuses_are_dropped() {
        let (uri, dropped) = accepted(
            "mongodb://ana:s%3F@h1:1,h2:2/ref?socketTimeoutMS=1000&replicaSet=rs0&uuidRepresentation=standard\
             &compressors=zstd&authSource=admin",
        );
        assert_eq!(
            uri,
            "mongodb://ana:s%3F@h1:1,h2:2/ref?replicaSet=rs0&authSource=admin"
        );
        assert_eq!(
            dropped,
            ["socketTimeoutMS", "uuidRepresentation", "compressors"]
        );
    }

    #[test]
    fn a_uri_without_options_stays_as_it_is() {
        for uri in ["mongodb://h/ref", "mongodb+srv://h", "", "nonsense"] {
            assert_eq!(accepted(uri), (uri.to_owned(), vec![]));
        }
        for uri in ["mongodb://h/?", "mongodb://h/?socketTimeoutMS=1"] {
            assert_eq!(accepted(uri).0, "mongodb://h/");
        }
    }

    #[test]
    fn case_does_not_matter_and_repeated_options_are_dropped() {
        let (uri, dropped) = accepted(
            "mongodb://h/?TLS=true&tls=false&readPreferenceTags=dc:sp&readPreferenceTags=",
        );
        assert_eq!(
            uri,
            "mongodb://h/?TLS=true&readPreferenceTags=dc:sp&readPreferenceTags="
        );
        assert_eq!(dropped, ["tls"]);
    }

    #[test]
    fn half_a_password_is_not_named() {
        let (_, dropped) = accepted("mongodb://ana:pa?s0sego@h/ref&x1=2");
        assert_eq!(dropped, ["(without a name)", "(without a name)"]);
    }
}
