//! What a message asks for.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{ArtifactKind, InvalidPath, RemotePath};

/// Larger bodies are refused unread.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Names one job for the ledger: the message's `job_id`, else its AMQP `message_id`, else a hash
/// of path, file version and recipe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobId(String);

impl JobId {
    pub fn given(id: &str) -> Self {
        JobId(id.to_owned())
    }

    /// The identity of a job nobody named: the same file in the same version is the same job, as
    /// long as the same is asked of it and the recipes (their `fingerprint`) say the same.
    pub fn derived(
        path: &RemotePath,
        etag: &str,
        recipe: Option<&str>,
        fingerprint: &str,
        all_sheets: bool,
    ) -> Self {
        let mut hash = Sha256::new();
        for part in [path.as_str(), etag, recipe.unwrap_or_default()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        if all_sheets {
            hash.update(b"all sheets");
        }
        hash.update(fingerprint.as_bytes());
        JobId(hex::encode(&hash.finalize()[..16]))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a body can never become a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    #[error("the body is empty")]
    Empty,
    #[error("the body has {0} bytes, more than {MAX_BODY_BYTES}")]
    TooLarge(usize),
    #[error("the body is not UTF-8")]
    NotUtf8,
    #[error("the body is not valid JSON (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    #[error("the body names no file: expected `file_name`, `file_path`, `fileName` or `files`")]
    NoFile,
    #[error("`{0}` has the wrong type: expected {1}")]
    WrongType(&'static str, &'static str),
    #[error("`outputs` names an unknown kind of file: expected csv, xlsx, pdf, zip or json")]
    UnknownOutput,
    #[error(transparent)]
    Path(#[from] InvalidPath),
}

/// One request to treat one work file.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Relative to the work folder.
    pub file: RemotePath,
    pub job_id: Option<String>,
    pub recipe: Option<String>,
    /// `Some(false)` switches the look-ups off for this job.
    pub reference: Option<bool>,
    /// The kinds of file wanted; all when `None`. The manifest is always delivered.
    pub outputs: Option<Vec<ArtifactKind>>,
    /// Every sheet of a workbook is a table of its own, not only the fullest.
    pub all_sheets: bool,
    pub reply_to: Option<String>,
    pub callback_url: Option<String>,
    pub requested_by: Option<String>,
    pub priority: Option<u8>,
    /// Keys we do not know, echoed in events.
    pub extra: Map<String, Value>,
}

impl Request {
    /// A request for `file` with nothing else asked.
    pub fn for_file(file: RemotePath) -> Self {
        Request {
            file,
            job_id: None,
            recipe: None,
            reference: None,
            outputs: None,
            all_sheets: false,
            reply_to: None,
            callback_url: None,
            requested_by: None,
            priority: None,
            extra: Map::new(),
        }
    }

    /// Reads a message body: JSON in any of the forms the API writes, or a bare file name.
    /// A body that lists several files is several requests.
    ///
    /// # Errors
    /// What can never work: an unreadable body, no file, a name that is not allowed.
    pub fn parse(body: &[u8], work: &RemotePath) -> Result<Vec<Self>, InvalidRequest> {
        if body.len() > MAX_BODY_BYTES {
            return Err(InvalidRequest::TooLarge(body.len()));
        }
        let text = std::str::from_utf8(body).map_err(|_| InvalidRequest::NotUtf8)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(InvalidRequest::Empty);
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => from_fields(fields, work),
            Ok(Value::String(name)) => Ok(vec![named(&name, work)?]),
            Ok(Value::Array(_) | Value::Null) => Err(InvalidRequest::NoFile),
            // A bare name may look like a number or a boolean: only text that began as JSON
            // and broke is a broken message.
            Err(error) if text.starts_with(['{', '[', '"']) => Err(InvalidRequest::NotJson {
                line: error.line(),
                column: error.column(),
            }),
            Ok(_) | Err(_) => Ok(vec![named(text, work)?]),
        }
    }

    /// The body that `publish` sends for this request; [`Request::parse`] reads it back.
    pub fn to_body(&self, work: &RemotePath) -> Vec<u8> {
        let mut fields = self.extra.clone();
        // A folder in the work folder that has its name would be taken for the work folder.
        let alone = RemotePath::parse_below(self.file.as_str(), work);
        let name = match alone.as_ref() == Ok(&self.file) {
            true => self.file.clone(),
            false => self.file.in_folder(work),
        };
        fields.insert("file_name".into(), name.as_str().into());
        let texts = [
            ("job_id", &self.job_id),
            ("recipe", &self.recipe),
            ("reply_to", &self.reply_to),
            ("callback_url", &self.callback_url),
            ("requested_by", &self.requested_by),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                fields.insert(key.into(), text.as_str().into());
            }
        }
        if let Some(on) = self.reference {
            fields.insert("reference".into(), on.into());
        }
        if self.all_sheets {
            fields.insert("sheets".into(), "all".into());
        }
        if let Some(priority) = self.priority {
            fields.insert("priority".into(), priority.into());
        }
        if let Some(outputs) = &self.outputs {
            let names: Vec<_> = outputs.iter().map(|kind| kind.extension()).collect();
            fields.insert("outputs".into(), names.into());
        }
        Value::Object(fields).to_string().into_bytes()
    }

    /// Whether this kind of file was asked for.
    pub fn wants(&self, kind: ArtifactKind) -> bool {
        kind == ArtifactKind::Json
            || self
                .outputs
                .as_ref()
                .is_none_or(|kinds| kinds.contains(&kind))
    }
}

fn named(name: &str, work: &RemotePath) -> Result<Request, InvalidRequest> {
    Ok(Request::for_file(RemotePath::parse_below(name, work)?))
}

fn from_fields(
    mut fields: Map<String, Value>,
    work: &RemotePath,
) -> Result<Vec<Request>, InvalidRequest> {
    let names = file_names(&mut fields)?;
    let folder = take_text(&mut fields, "path")?;
    let mut job_id = take_text(&mut fields, "job_id")?;
    let template = Request {
        recipe: take_text(&mut fields, "recipe")?,
        reference: take_switch(&mut fields, "reference")?,
        outputs: take_outputs(&mut fields)?,
        all_sheets: take_sheets(&mut fields)?,
        reply_to: take_text(&mut fields, "reply_to")?,
        callback_url: take_text(&mut fields, "callback_url")?,
        requested_by: take_text(&mut fields, "requested_by")?,
        priority: take_priority(&mut fields)?,
        extra: fields,
        ..Request::for_file(work.clone())
    };
    let several = names.len() > 1;
    let mut requests = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let mut request = template.clone();
        request.file = match &folder {
            Some(folder) => below_folder(folder, name, work)?,
            None => RemotePath::parse_below(name, work)?,
        };
        // Several files under one id are several jobs: each gets its own, in a stable way.
        request.job_id = match &mut job_id {
            Some(id) if several => Some(format!("{id}/{}", index + 1)),
            id => id.take(),
        };
        requests.push(request);
    }
    Ok(requests)
}

/// `path` is where the Python service kept its files: `/storage/work/` is the work folder
/// itself, `/storage/work/north/` a sub-folder of it.
fn below_folder(folder: &str, name: &str, work: &RemotePath) -> Result<RemotePath, InvalidRequest> {
    let file = RemotePath::parse_below(name, work)?;
    let folder = folder.trim_end_matches('/');
    let root = folder.trim_start_matches('/');
    if root.is_empty() || root == work.as_str() || root == format!("storage/{work}") {
        return Ok(file);
    }
    let folder = RemotePath::parse_below(folder, work)?;
    Ok(RemotePath::parse(file.in_folder(&folder).as_str())?)
}

fn file_names(fields: &mut Map<String, Value>) -> Result<Vec<String>, InvalidRequest> {
    for key in ["file_name", "file_path", "fileName"] {
        if let Some(name) = take_text(fields, key)? {
            return Ok(vec![name]);
        }
    }
    let list = match fields.remove("files") {
        Some(Value::Array(list)) if !list.is_empty() => list,
        Some(Value::Null) | None => return Err(InvalidRequest::NoFile),
        Some(_) => return Err(InvalidRequest::WrongType("files", "a list of file names")),
    };
    list.into_iter()
        .map(|name| match name {
            Value::String(name) => Ok(name),
            _ => Err(InvalidRequest::WrongType("files", "a list of file names")),
        })
        .collect()
}

fn take_text(
    fields: &mut Map<String, Value>,
    key: &'static str,
) -> Result<Option<String>, InvalidRequest> {
    match fields.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        // Ids are numbers in some APIs.
        Some(Value::Number(number)) if key == "job_id" => Ok(Some(number.to_string())),
        Some(_) => Err(InvalidRequest::WrongType(key, "text")),
    }
}

fn take_sheets(fields: &mut Map<String, Value>) -> Result<bool, InvalidRequest> {
    match take_text(fields, "sheets")?.as_deref() {
        None | Some("fullest") => Ok(false),
        Some("all") => Ok(true),
        Some(_) => Err(InvalidRequest::WrongType("sheets", "`all` or `fullest`")),
    }
}

fn take_switch(
    fields: &mut Map<String, Value>,
    key: &'static str,
) -> Result<Option<bool>, InvalidRequest> {
    match fields.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(on)) => Ok(Some(on)),
        Some(Value::String(text)) if text == "on" => Ok(Some(true)),
        Some(Value::String(text)) if text == "off" => Ok(Some(false)),
        Some(_) => Err(InvalidRequest::WrongType(
            key,
            "true, false, \"on\" or \"off\"",
        )),
    }
}

fn take_priority(fields: &mut Map<String, Value>) -> Result<Option<u8>, InvalidRequest> {
    match fields.remove("priority") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => match number.as_u64().and_then(|n| u8::try_from(n).ok()) {
            Some(priority) => Ok(Some(priority)),
            None => Err(InvalidRequest::WrongType(
                "priority",
                "a number from 0 to 255",
            )),
        },
        Some(_) => Err(InvalidRequest::WrongType(
            "priority",
            "a number from 0 to 255",
        )),
    }
}

fn take_outputs(
    fields: &mut Map<String, Value>,
) -> Result<Option<Vec<ArtifactKind>>, InvalidRequest> {
    let list = match fields.remove("outputs") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(InvalidRequest::WrongType("outputs", "a list of extensions")),
    };
    list.iter()
        .map(|name| {
            name.as_str()
                .and_then(ArtifactKind::from_extension)
                .ok_or(InvalidRequest::UnknownOutput)
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(body: &str) -> Result<Vec<Request>, InvalidRequest> {
        Request::parse(body.as_bytes(), &RemotePath::parse("work").unwrap())
    }

    #[test]
    fn every_form_of_the_python_service_is_understood() {
        for body in [
            r#"{"file_name":"x.csv"}"#,
            r#"{"file_path":"work/x.csv"}"#,
            r#"{"fileName":"x.csv"}"#,
            r#"{"file_name":"x.csv","path":"/storage/work/"}"#,
            r#""x.csv""#,
            "x.csv",
            "\u{feff}{\"file_name\":\"x.csv\"}\n",
        ] {
            let requests = parse(body).unwrap();
            assert_eq!(requests.len(), 1, "{body}");
            assert_eq!(requests[0].file.as_str(), "x.csv", "{body}");
        }
    }

    #[test]
    fn several_files_are_several_jobs_with_their_own_ids() {
        let requests = parse(r#"{"files":["a.csv","b.csv"],"job_id":7}"#).unwrap();
        let ids: Vec<_> = requests.iter().map(|r| r.job_id.clone().unwrap()).collect();
        assert_eq!(ids, ["7/1", "7/2"]);
        assert_eq!(requests[1].file.as_str(), "b.csv");
    }

    #[test]
    fn a_sub_folder_in_path_is_kept() {
        let requests = parse(r#"{"file_name":"x.csv","path":"/storage/work/norte"}"#).unwrap();
        assert_eq!(requests[0].file.as_str(), "norte/x.csv");
    }

    #[test]
    fn unknown_keys_are_kept_and_known_ones_survive_a_round_trip() {
        let body = r#"{"file_name":"x.csv","outputs":["csv"],"reference":"off","tenant":{"id":3},
            "job_id":"j","priority":5,"sheets":"all","requested_by":"crm","recipe":"vendas"}"#;
        let request = parse(body).unwrap().remove(0);
        assert_eq!(request.extra["tenant"]["id"], 3);
        assert_eq!(request.reference, Some(false));
        assert!(request.all_sheets);
        assert!(request.wants(ArtifactKind::Csv) && !request.wants(ArtifactKind::Pdf));
        let work = RemotePath::literal("work");
        let body = |request: &Request| String::from_utf8(request.to_body(&work)).unwrap();
        assert_eq!(parse(&body(&request)).unwrap(), [request]);
        for name in ["work/x.csv", "storage/work/x.csv", "work/work/x.csv"] {
            let request = Request::for_file(RemotePath::parse(name).unwrap());
            assert_eq!(parse(&body(&request)).unwrap(), [request]);
        }
    }

    #[test]
    fn bodies_that_cannot_work_say_why() {
        let said = |body: &str| parse(body).unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                said(""),
                said("{\"file_name\":"),
                said("{}"),
                said("[1]"),
                said(r#"{"file_name":7}"#),
                said(r#"{"files":[]}"#),
                said(r#"{"file_name":"x.csv","outputs":["doc"]}"#),
                said(r#"{"file_name":"x.csv","sheets":"both"}"#),
                said(r#"{"file_name":"../x.csv"}"#),
                said(r#"{"file_name":"x.csv","path":"/etc"}"#),
                said(&"x".repeat(70_000)),
            ]
            .join("\n"),
            @r"
        the body is empty
        the body is not valid JSON (line 1, column 13)
        the body names no file: expected `file_name`, `file_path`, `fileName` or `files`
        the body names no file: expected `file_name`, `file_path`, `fileName` or `files`
        `file_name` has the wrong type: expected text
        `files` has the wrong type: expected a list of file names
        `outputs` names an unknown kind of file: expected csv, xlsx, pdf, zip or json
        `sheets` has the wrong type: expected `all` or `fullest`
        the file name contains an empty, `.` or `..` segment
        the file lies outside the work folder
        the body has 70000 bytes, more than 65536
        "
        );
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Request::parse(&body, &RemotePath::parse("work").unwrap());
        }
    }
}
