//! What the status and the headers of an answer mean.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::drive::DriveError;
use crate::job::RemotePath;

/// What a status that is not the hoped-for one says about `path`.
pub fn refusal(status: u16, retry_after: Option<Duration>, path: &RemotePath) -> DriveError {
    match status {
        300..=399 => DriveError::Redirected,
        401 | 403 => DriveError::Unauthorized { status },
        404 | 410 => DriveError::NotFound(path.clone()),
        423 => DriveError::Locked(path.clone()),
        507 => DriveError::NoSpace(path.clone()),
        // 501 and 505 say that the server will never know how.
        408 | 425 | 429 | 500 | 502..=504 | 506 | 508..=599 => DriveError::Unavailable {
            cause: format!("HTTP {status}"),
            retry_after,
        },
        _ => DriveError::Refused {
            path: path.clone(),
            status,
        },
    }
}

/// Reads `Retry-After`: seconds, or a date. A date in the past is zero.
pub fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}

/// The SHA-1, lower-case hex, among checksums as ownCloud writes them: `SHA1:… MD5:… ADLER32:…`.
pub fn sha1(checksums: &str) -> Option<String> {
    checksums
        .split_ascii_whitespace()
        .filter_map(|checksum| checksum.split_once(':'))
        .find(|(algorithm, digest)| {
            algorithm.eq_ignore_ascii_case("SHA1")
                && digest.len() == 40
                && digest.bytes().all(|b| b.is_ascii_hexdigit())
        })
        .map(|(_, digest)| digest.to_ascii_lowercase())
}

/// The name of one version of a file, as the server wrote it; empty if it wrote none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Etag(String);

impl Etag {
    pub fn new(text: &str) -> Self {
        Etag(text.trim().to_owned())
    }

    /// Without quotes and without `W/`: Apache calls a fresh file's ETag weak, and the same ETag
    /// strong a second later.
    pub fn version(&self) -> &str {
        let opaque = self.0.strip_prefix("W/").unwrap_or(&self.0);
        opaque
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(opaque)
    }

    /// What to send as `If-Range`. Only a strong ETag promises equal bytes.
    pub fn strong(&self) -> Option<&str> {
        let quoted = self.0.len() > 2 && self.0.starts_with('"') && self.0.ends_with('"');
        let printable = self.0.bytes().all(|b| b.is_ascii_graphic());
        (quoted && printable).then_some(&self.0)
    }

    /// Whether both are told and name different versions.
    pub fn differs(&self, other: &Etag) -> bool {
        let (one, two) = (self.version(), other.version());
        !one.is_empty() && !two.is_empty() && one != two
    }
}

/// `Content-Range: bytes 5-9/10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    pub first: u64,
    /// Size of the whole file; `None` if the server wrote `*`.
    pub total: Option<u64>,
}

impl ContentRange {
    pub fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, _) = range.split_once('-')?;
        let total = match total {
            "*" => None,
            number => Some(number.parse().ok()?),
        };
        Some(ContentRange {
            first: first.parse().ok()?,
            total,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_meaning() {
        let path = RemotePath::parse("work/x.csv").unwrap();
        let named = |status| match refusal(status, None, &path) {
            DriveError::Redirected => "redirected",
            DriveError::Unauthorized { .. } => "unauthorized",
            DriveError::NotFound(_) => "not found",
            DriveError::Locked(_) => "locked",
            DriveError::NoSpace(_) => "no space",
            DriveError::Unavailable { .. } => "unavailable",
            DriveError::Refused { .. } => "refused",
            _ => "something else",
        };
        for (meaning, statuses) in [
            ("redirected", &[301, 302, 303, 307, 308][..]),
            ("unauthorized", &[401, 403]),
            ("not found", &[404, 410]),
            ("locked", &[423]),
            ("no space", &[507]),
            ("unavailable", &[408, 429, 500, 502, 503, 504, 522]),
            ("refused", &[400, 405, 409, 412, 413, 415, 501]),
        ] {
            for &status in statuses {
                assert_eq!(named(status), meaning, "{status}");
            }
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "1994-11-06T08:49:07Z".parse().unwrap();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(retry_after("120", now), seconds(120));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now),
            seconds(30)
        );
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:48:37 GMT", now),
            seconds(0)
        );
        for nonsense in ["", "soon", "-5", "1.5"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
        }
    }

    #[test]
    fn sha1_is_found_among_other_checksums() {
        let digest = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        for text in [
            format!("SHA1:{digest}"),
            format!("sha1:{}", digest.to_uppercase()),
            format!("MD5:d41d8cd98f00b204e9800998ecf8427e SHA1:{digest} ADLER32:00000001"),
        ] {
            assert_eq!(sha1(&text).as_deref(), Some(digest), "{text}");
        }
        for text in [
            "",
            "SHA1:",
            "SHA1:abc",
            "MD5:d41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert_eq!(sha1(text), None, "{text}");
        }
    }

    #[test]
    fn etags_are_compared_by_what_is_inside() {
        for text in ["\"5-abc\"", "W/\"5-abc\"", "5-abc", " \"5-abc\" "] {
            assert_eq!(Etag::new(text).version(), "5-abc", "{text}");
        }
        let etag = Etag::new("\"a\"");
        assert!(!etag.differs(&Etag::new("W/\"a\"")));
        assert!(!etag.differs(&Etag::default()));
        assert!(etag.differs(&Etag::new("\"b\"")));
    }

    #[test]
    fn only_a_strong_etag_resumes() {
        assert_eq!(Etag::new("\"5-abc\"").strong(), Some("\"5-abc\""));
        for text in ["W/\"5-abc\"", "5-abc", "\"\"", "", "\"a\nb\""] {
            assert_eq!(Etag::new(text).strong(), None, "{text}");
        }
    }

    #[test]
    fn content_range_tells_where_a_part_begins() {
        let part = |first, total| Some(ContentRange { first, total });
        assert_eq!(ContentRange::parse("bytes 5-9/10"), part(5, Some(10)));
        assert_eq!(ContentRange::parse("bytes 5-9/*"), part(5, None));
        for text in ["", "bytes */10", "5-9/10", "bytes 5-9", "bytes x-9/10"] {
            assert_eq!(ContentRange::parse(text), None, "{text}");
        }
    }
}
