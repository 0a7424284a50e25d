//! From paths to URLs, and from the hrefs of an answer back to names.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;
use url::Url;

use crate::job::RemotePath;

/// Everything but what RFC 3986 calls unreserved: a `+`, `#`, `?` or `%` in a name is only a letter.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Where the file `path` lies below `base`, which ends in `/`; `None` if it would lie elsewhere.
pub fn file(base: &Url, path: &RemotePath) -> Option<Url> {
    below(base, &escaped(path))
}

/// Where the folder `path` lies: servers redirect a folder's URL that does not end in `/`.
pub fn folder(base: &Url, path: &RemotePath) -> Option<Url> {
    below(base, &format!("{}/", escaped(path)))
}

/// The decoded segments of what `href` names. Servers write whole URLs or bare paths, escape more
/// than we do, with digits in either case, and may sit behind another host name than we asked.
pub fn named(asked: &Url, href: &str) -> Option<Vec<String>> {
    segments(&asked.join(href).ok()?)
}

/// The decoded segments of `url`'s path in NFC, without the empty one after a last `/`.
/// `None` if they are not UTF-8.
pub fn segments(url: &Url) -> Option<Vec<String>> {
    let path = url.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/')
        .skip(1)
        .map(|segment| {
            let text = percent_decode_str(segment).decode_utf8().ok()?;
            Some(text.nfc().collect())
        })
        .collect()
}

fn escaped(path: &RemotePath) -> String {
    let segments: Vec<String> = path
        .segments()
        .map(|segment| utf8_percent_encode(segment, ESCAPED).to_string())
        .collect();
    segments.join("/")
}

// `RemotePath` lets nothing through that could climb. This is the second lock: parsing must have
// changed nothing, so what we send is what we meant.
fn below(base: &Url, escaped: &str) -> Option<Url> {
    let text = format!("{base}{escaped}");
    let url = Url::parse(&text).ok()?;
    let is_below = base.as_str().ends_with('/') && url.as_str() == text;
    let is_path = url.query().is_none() && url.fragment().is_none();
    (is_below && is_path).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://cloud.example/remote.php/dav/files/ana/").unwrap()
    }

    fn path(text: &str) -> RemotePath {
        RemotePath::parse(text).unwrap()
    }

    #[test]
    fn every_segment_is_escaped_by_itself() {
        for (name, expected) in [
            (
                "Relatório 100% +ação #1.csv",
                "Relat%C3%B3rio%20100%25%20%2Ba%C3%A7%C3%A3o%20%231.csv",
            ),
            ("a?b.csv", "a%3Fb.csv"),
            ("%41.csv", "%2541.csv"),
            ("norte/lista.csv", "norte/lista.csv"),
            ("a;b=c&d:e@f.csv", "a%3Bb%3Dc%26d%3Ae%40f.csv"),
            ("..x.csv", "..x.csv"),
        ] {
            let url = file(&base(), &path(name)).unwrap();
            assert_eq!(url.as_str(), format!("{}{expected}", base()));
        }
    }

    #[test]
    fn a_folder_ends_in_a_slash() {
        let url = folder(&base(), &path("work/norte")).unwrap();
        assert_eq!(url.as_str(), format!("{}work/norte/", base()));
    }

    #[test]
    fn nothing_lies_outside_the_base() {
        for text in [
            "../x",
            "a/../../x",
            "%2e%2e/x",
            "..%2Fx\\..",
            "x#y",
            "x?y",
            "x y",
        ] {
            assert_eq!(below(&base(), text), None, "{text}");
        }
        let without_slash = Url::parse("https://cloud.example/files").unwrap();
        assert_eq!(file(&without_slash, &path("x.csv")), None);
    }

    #[test]
    fn hrefs_are_compared_decoded() {
        let asked = file(&base(), &path("work/ação (1).csv")).unwrap();
        let expected = segments(&asked).unwrap();
        assert_eq!(
            expected,
            ["remote.php", "dav", "files", "ana", "work", "ação (1).csv"]
        );
        for href in [
            "/remote.php/dav/files/ana/work/a%C3%A7%C3%A3o%20(1).csv",
            "/remote.php/dav/files/ana/work/a%c3%a7%c3%a3o%20%281%29.csv",
            "/remote.php/dav/files/%61na/work/%61%c3%a7%c3%a3%6f%20%281%29%2ecsv",
            "http://inside.example:8080/remote.php/dav/files/ana/work/a%C3%A7%C3%A3o%20(1).csv",
            "/remote.php/dav/files/ana/work/ação (1).csv",
            "/remote.php/dav/files/ana/work/ac%CC%A7a%CC%83o%20(1).csv",
            "/remote.php/dav/files/ana/work/a%C3%A7%C3%A3o%20(1).csv/",
            "a%C3%A7%C3%A3o%20(1).csv",
        ] {
            assert_eq!(named(&asked, href).as_ref(), Some(&expected), "{href}");
        }
    }

    #[test]
    fn an_escaped_slash_is_no_separator_and_latin_1_is_no_name() {
        let asked = base();
        let name = named(&asked, "/a%2Fb").unwrap();
        assert_eq!(name, ["a/b"]);
        assert_eq!(named(&asked, "/a%e7"), None);
    }
}
