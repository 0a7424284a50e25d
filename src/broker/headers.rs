//! What we write on the copies we make of a message, and read back from them. No I/O.
//!
//! Never `x-death`: who writes it, and when, differs from broker to broker.

use chrono::{DateTime, SecondsFormat, Utc};

use super::Note;

pub(super) const ATTEMPT: &str = "pyservice-attempt";
pub(super) const FIRST_SEEN: &str = "pyservice-first-seen";
pub(super) const LAST_SEEN: &str = "pyservice-last-seen";
pub(super) const REASON: &str = "pyservice-reason";
pub(super) const STAGE: &str = "pyservice-stage";
pub(super) const MESSAGE: &str = "pyservice-message";
pub(super) const QUEUE: &str = "pyservice-queue";
pub(super) const VERSION: &str = "pyservice-version";

/// Every header of ours starts with this.
const PREFIX: &str = "pyservice-";

/// A failure's text is for people; the whole header frame has to fit in 4 KiB on old brokers.
const LONGEST_MESSAGE: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Header {
    Number(i64),
    Text(String),
}

pub(super) type Headers = Vec<(&'static str, Header)>;

/// The headers of a copy that is to be tried again as `attempt`.
pub(super) fn for_retry(note: &Note, attempt: u32, first_seen: DateTime<Utc>) -> Headers {
    vec![
        (ATTEMPT, Header::Number(attempt.into())),
        (FIRST_SEEN, time(first_seen)),
        (REASON, text(note.reason.code())),
        (STAGE, text(note.stage.as_str())),
    ]
}

/// The headers of a dead letter: everything somebody needs to decide what to do with it.
pub(super) fn for_dead_letter(
    note: &Note,
    queue: &str,
    first_seen: DateTime<Utc>,
    last_seen: DateTime<Utc>,
) -> Headers {
    let mut headers = for_retry(note, note.attempt, first_seen);
    headers.extend([
        (LAST_SEEN, time(last_seen)),
        (VERSION, text(env!("CARGO_PKG_VERSION"))),
        (MESSAGE, Header::Text(shortened(&note.message))),
        (QUEUE, text(queue)),
    ]);
    headers
}

/// Whether a header of the original has no place on a copy: ours are written anew, the broker
/// counts its own, and `CC` would send the copy to further queues.
pub(super) fn is_left_out(name: &str) -> bool {
    let broker_owned = ["x-death", "x-first-death-", "x-last-death-"];
    name.starts_with(PREFIX)
        || broker_owned.iter().any(|start| name.starts_with(start))
        || matches!(name, "CC" | "BCC")
}

/// Which attempt a message with this header is. Anybody may write to the queue, so nonsense
/// counts as the first.
pub(super) fn attempt(header: Option<Header>) -> u32 {
    match header {
        Some(Header::Number(number)) => u32::try_from(number).unwrap_or(1).max(1),
        _ => 1,
    }
}

/// When a message with this header was first seen, if it says so.
pub(super) fn instant(header: Option<Header>) -> Option<DateTime<Utc>> {
    match header {
        Some(Header::Text(text)) => DateTime::parse_from_rfc3339(&text)
            .ok()
            .map(|time| time.with_timezone(&Utc)),
        _ => None,
    }
}

fn time(time: DateTime<Utc>) -> Header {
    Header::Text(time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn text(text: &str) -> Header {
    Header::Text(text.to_owned())
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Reason, Stage};

    fn note(message: &str) -> Note {
        Note {
            stage: Stage::Fetch,
            reason: Reason::NotFound,
            message: message.into(),
            attempt: 4,
        }
    }

    fn find(headers: &Headers, name: &str) -> Option<Header> {
        let found = headers.iter().find(|(key, _)| *key == name);
        found.map(|(_, header)| header.clone())
    }

    #[test]
    fn what_a_retry_says_can_be_read_back() {
        let seen = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let headers = for_retry(&note("gone"), 5, seen);
        assert_eq!(attempt(find(&headers, ATTEMPT)), 5);
        assert_eq!(instant(find(&headers, FIRST_SEEN)), Some(seen));
        assert_eq!(find(&headers, MESSAGE), None);
    }

    #[test]
    fn a_dead_letter_tells_reason_stage_attempts_times_and_version() {
        let seen = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let headers = for_dead_letter(&note("gone"), "files", seen, seen);
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                ATTEMPT, FIRST_SEEN, REASON, STAGE, LAST_SEEN, VERSION, MESSAGE, QUEUE
            ]
        );
        assert_eq!(attempt(find(&headers, ATTEMPT)), 4);
    }

    #[test]
    fn nonsense_from_strangers_is_a_first_attempt() {
        for header in [
            None,
            Some(Header::Number(-3)),
            Some(Header::Number(0)),
            Some(Header::Number(i64::MAX)),
            Some(Header::Text("7".into())),
        ] {
            assert_eq!(attempt(header), 1);
        }
        assert_eq!(instant(Some(Header::Text("yesterday".into()))), None);
    }

    #[test]
    fn copies_keep_strangers_headers_and_lose_the_brokers() {
        assert!(!is_left_out("traceparent"));
        for name in [
            "pyservice-reason",
            "x-death",
            "x-first-death-queue",
            "CC",
            "BCC",
        ] {
            assert!(is_left_out(name), "{name}");
        }
    }

    #[test]
    fn a_long_explanation_is_shortened_between_characters() {
        let headers = for_dead_letter(&note(&"ç".repeat(5000)), "q", Utc::now(), Utc::now());
        assert_eq!(
            find(&headers, MESSAGE),
            Some(Header::Text("ç".repeat(LONGEST_MESSAGE)))
        );
    }
}
