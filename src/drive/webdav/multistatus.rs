//! Reads the answer to PROPFIND.

use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};

use super::answer::{self, Etag};

/// The question whose answers [`parse`] reads.
pub const PROPFIND: &str = concat!(
    r#"<?xml version="1.0" encoding="utf-8"?>"#,
    r#"<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop>"#,
    "<d:getcontentlength/><d:getetag/><d:resourcetype/><oc:checksums/>",
    "</d:prop></d:propfind>",
);

/// One file or folder, as the server describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// As it was written.
    pub href: String,
    pub is_folder: bool,
    pub bytes: Option<u64>,
    pub etag: Etag,
    /// Lower-case hex.
    pub sha1: Option<String>,
}

/// Why an answer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the answer to PROPFIND is not UTF-8")]
    Encoding,
    #[error("the answer to PROPFIND is not XML: {0}")]
    Xml(#[from] quick_xml::Error),
    #[error("the answer to PROPFIND is not a DAV multistatus")]
    OtherXml,
}

/// The members an answer describes, without those it says are missing or forbidden.
///
/// # Errors
/// [`Unreadable`] if it is not a complete `DAV:multistatus`: maintenance pages come as HTML.
pub fn parse(body: &[u8]) -> Result<Vec<Member>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::Encoding)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut answer = Answer::default();
    loop {
        let (namespace, event) = reader.read_resolved_event()?;
        match event {
            Event::Start(start) => {
                answer.open(Tag::of(&namespace, start.local_name().as_ref()))?;
            }
            Event::End(_) => answer.close(),
            Event::Text(text) => answer.text.push_str(&text.xml10_content()),
            Event::CData(text) => answer.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref()? {
                Some(character) => answer.text.push(character),
                None => answer.text.push_str(predefined(&reference)?),
            },
            // Nobody's answer has one, and it is where XML keeps its traps.
            Event::DocType(_) => return Err(Unreadable::OtherXml),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
    if !answer.complete {
        return Err(Unreadable::OtherXml);
    }
    Ok(answer.members)
}

fn predefined(entity: &str) -> Result<&'static str, Unreadable> {
    Ok(match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(Unreadable::OtherXml),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Multistatus,
    Response,
    Href,
    Status,
    Propstat,
    Prop,
    ContentLength,
    Etag,
    ResourceType,
    Collection,
    Checksums,
    Checksum,
    Other,
}

impl Tag {
    fn of(namespace: &ResolveResult<'_>, name: &str) -> Self {
        match namespace {
            ResolveResult::Bound(Namespace("DAV:")) => match name {
                "multistatus" => Tag::Multistatus,
                "response" => Tag::Response,
                "href" => Tag::Href,
                "status" => Tag::Status,
                "propstat" => Tag::Propstat,
                "prop" => Tag::Prop,
                "getcontentlength" => Tag::ContentLength,
                "getetag" => Tag::Etag,
                "resourcetype" => Tag::ResourceType,
                "collection" => Tag::Collection,
                _ => Tag::Other,
            },
            ResolveResult::Bound(Namespace("http://owncloud.org/ns")) => match name {
                "checksums" => Tag::Checksums,
                "checksum" => Tag::Checksum,
                _ => Tag::Other,
            },
            _ => Tag::Other,
        }
    }
}

/// Deeper than any honest answer; the reader counts levels in a small number.
const MAX_DEPTH: usize = 64;

/// What has been read so far.
#[derive(Default)]
struct Answer {
    open: Vec<Tag>,
    text: String,
    /// The response being read.
    member: Member,
    /// The response's own status is missing or 2xx.
    is_there: bool,
    /// The propstat being read, applied once its status is known to be 2xx.
    properties: Member,
    has_properties: bool,
    members: Vec<Member>,
    complete: bool,
}

impl Answer {
    fn open(&mut self, tag: Tag) -> Result<(), Unreadable> {
        let is_root = self.open.is_empty();
        if is_root != (tag == Tag::Multistatus) || self.open.len() >= MAX_DEPTH {
            return Err(Unreadable::OtherXml);
        }
        match tag {
            Tag::Response => {
                self.member = Member::default();
                self.is_there = true;
            }
            Tag::Propstat => {
                self.properties = Member::default();
                self.has_properties = true;
            }
            _ => {}
        }
        self.open.push(tag);
        self.text.clear();
        Ok(())
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        // `[parent, tag]`: an href or a status means something else elsewhere.
        match (self.open.pop(), self.open.last()) {
            (Some(Tag::Multistatus), None) => self.complete = true,
            (Some(Tag::Response), Some(Tag::Multistatus)) if self.is_there => {
                self.members.push(std::mem::take(&mut self.member));
            }
            (Some(Tag::Href), Some(Tag::Response)) => self.member.href = text.to_owned(),
            (Some(Tag::Status), Some(Tag::Response)) => self.is_there = is_success(text),
            (Some(Tag::Status), Some(Tag::Propstat)) => self.has_properties = is_success(text),
            (Some(Tag::Propstat), Some(Tag::Response)) if self.has_properties => self.apply(),
            (Some(Tag::ContentLength), Some(Tag::Prop)) => {
                self.properties.bytes = text.parse().ok();
            }
            (Some(Tag::Etag), Some(Tag::Prop)) => self.properties.etag = Etag::new(text),
            (Some(Tag::Collection), Some(Tag::ResourceType)) => self.properties.is_folder = true,
            (Some(Tag::Checksum), Some(Tag::Checksums)) => {
                let sha1 = answer::sha1(text);
                self.properties.sha1 = self.properties.sha1.take().or(sha1);
            }
            _ => {}
        }
    }

    fn apply(&mut self) {
        let told = std::mem::take(&mut self.properties);
        let member = &mut self.member;
        member.is_folder |= told.is_folder;
        member.bytes = told.bytes.or(member.bytes);
        member.sha1 = told.sha1.or(member.sha1.take());
        if told.etag != Etag::default() {
            member.etag = told.etag;
        }
    }
}

/// `HTTP/1.1 200 OK`.
fn is_success(status_line: &str) -> bool {
    let code = status_line.split_ascii_whitespace().nth(1);
    code.is_some_and(|code| code.len() == 3 && code.starts_with('2'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &str) -> Member {
        let members = parse(body.as_bytes()).unwrap();
        let [member] = members.as_slice() else {
            panic!("{members:?}");
        };
        member.clone()
    }

    #[test]
    fn an_owncloud_answer_is_read() {
        let members = parse(
            br#"<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns">
 <d:response>
  <d:href>/remote.php/dav/files/ana/work/</d:href>
  <d:propstat><d:prop>
    <d:getetag>&quot;5f0a&quot;</d:getetag>
    <d:resourcetype><d:collection/></d:resourcetype>
  </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>
  <d:propstat><d:prop><d:getcontentlength/><oc:checksums/></d:prop>
   <d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>
 </d:response>
 <d:response>
  <d:href>/remote.php/dav/files/ana/work/a%26b.csv</d:href>
  <d:propstat><d:prop>
    <d:getcontentlength>12</d:getcontentlength>
    <d:getetag>"77"</d:getetag>
    <d:resourcetype/>
    <oc:checksums><oc:checksum>SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709 MD5:d41d8cd98f00b204e9800998ecf8427e</oc:checksum></oc:checksums>
  </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>
 </d:response>
</d:multistatus>"#,
        )
        .unwrap();
        assert_eq!(
            members,
            [
                Member {
                    href: "/remote.php/dav/files/ana/work/".into(),
                    is_folder: true,
                    bytes: None,
                    etag: Etag::new("\"5f0a\""),
                    sha1: None,
                },
                Member {
                    href: "/remote.php/dav/files/ana/work/a%26b.csv".into(),
                    is_folder: false,
                    bytes: Some(12),
                    etag: Etag::new("\"77\""),
                    sha1: Some("da39a3ee5e6b4b0d3255bfef95601890afd80709".into()),
                },
            ]
        );
    }

    #[test]
    fn prefixes_are_the_servers_choice() {
        // As mod_dav writes it.
        let member = one(r#"<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<D:response xmlns:lp1="DAV:"><D:href>/x.csv</D:href><D:propstat><D:prop>
<lp1:getcontentlength>3</lp1:getcontentlength><lp1:getetag>W/"3-62"</lp1:getetag><lp1:resourcetype/>
</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"#);
        assert_eq!(member.bytes, Some(3));
        assert_eq!(member.etag.version(), "3-62");
        let member = one(
            r#"<multistatus xmlns="DAV:"><response><href><![CDATA[/a&b.csv]]></href></response></multistatus>"#,
        );
        assert_eq!(member.href, "/a&b.csv");
    }

    #[test]
    fn other_namespaces_mean_nothing() {
        let member = one(
            r#"<d:multistatus xmlns:d="DAV:" xmlns:x="urn:x"><d:response><d:href>/x</d:href>
<d:propstat><d:prop><x:getcontentlength>9</x:getcontentlength><d:owner><d:href>/y</d:href></d:owner></d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"#,
        );
        assert_eq!((member.href.as_str(), member.bytes), ("/x", None));
    }

    #[test]
    fn references_are_resolved() {
        let member = one(
            r#"<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a&amp;b&#39;&#x63;&lt;</d:href></d:response></d:multistatus>"#,
        );
        assert_eq!(member.href, "/a&b'c<");
    }

    #[test]
    fn what_the_server_calls_missing_is_left_out() {
        let members = parse(
            br#"<d:multistatus xmlns:d="DAV:"><d:response><d:href>/x</d:href>
<d:status>HTTP/1.1 404 Not Found</d:status></d:response></d:multistatus>"#,
        );
        assert_eq!(members.unwrap(), []);
    }

    #[test]
    fn other_bodies_are_refused() {
        let deep = format!(r#"<d:multistatus xmlns:d="DAV:">{}"#, "<a>".repeat(100_000));
        for body in [
            "",
            "maintenance",
            "<html><body>maintenance</body></html>",
            "<html><body><p>maintenance<br></body></html>",
            r#"<multistatus><response/></multistatus>"#,
            r#"<d:multistatus xmlns:d="DAV:"><d:response>"#,
            r#"<!DOCTYPE x [<!ENTITY a "b">]><d:multistatus xmlns:d="DAV:"/>"#,
            r#"<d:multistatus xmlns:d="DAV:">&a;</d:multistatus>"#,
            &deep,
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{body:.60}");
        }
        assert!(parse(b"<a>\xe7</a>").is_err());
    }

    #[test]
    fn an_empty_multistatus_has_no_members() {
        assert_eq!(parse(br#"<d:multistatus xmlns:d="DAV:"/>"#).unwrap(), []);
    }
}
