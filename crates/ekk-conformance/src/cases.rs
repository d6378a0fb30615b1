//! The files of requests: what to send, and which differences are known.
//!
//! A file has the form that editors send requests from (`.http`):
//!
//! ```text
//! # the subject, in the first line
//!
//! ### what this request asks
//! # @differs /took: why the answers differ here; without a path, anywhere
//! # @varies /hits/*/_id: what is different in each run
//! # @any-order /hits: an array whose order nobody promises
//! # @save upload /InitiateMultipartUploadResult/UploadId
//! # @body 5242880 x
//! POST /logs/_search?size=0
//! Content-Type: application/json
//!
//! {"query": {"match_all": {}}}
//! ```
//!
//! `{{upload}}` stands for what was saved, on each side its own. `@body` sends that many of a letter. A body ends at the
//! next `###`; blank lines around it do not count.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

/// A file of requests, sent one after the other to the same server.
#[derive(Debug)]
pub(crate) struct Script {
    /// The file's path below the folder of cases.
    pub(crate) name: String,
    /// What it is about.
    pub(crate) subject: String,
    pub(crate) cases: Vec<Case>,
}

/// One request.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) method: String,
    /// Path and query, percent-encoded.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
    /// Differences that are known, each with its reason.
    pub(crate) differs: Vec<Known>,
    /// What is different from run to run.
    pub(crate) varies: Vec<Known>,
    /// Arrays that are compared as sets.
    pub(crate) any_order: Vec<String>,
    pub(crate) saves: Vec<Save>,
}

/// A place in an answer where a difference is known.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// A path with `*` for any one step; a path that it begins is meant too. Empty for the whole answer.
    pub(crate) path: String,
    pub(crate) reason: String,
}

/// A value of an answer that later requests use.
#[derive(Debug)]
pub(crate) struct Save {
    pub(crate) name: String,
    /// A path into the body, or `header:NAME`.
    pub(crate) from: String,
}

/// Longest body that `@body` makes, in bytes.
const MADE_BODY_BYTES: usize = 16 << 20;

/// Reads every file below `folder`, in the order of their names.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Script>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Script> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    parse(&name, &text).with_context(|| path.display().to_string())
}

/// Reads a file of the form above.
pub(crate) fn parse(name: &str, text: &str) -> Result<Script> {
    let mut blocks = text.split("\n### ");
    let head = blocks.next().unwrap_or_default();
    let Some(subject) = head.lines().next().and_then(|line| line.strip_prefix("# ")) else {
        bail!("the first line is not `# SUBJECT`");
    };
    let cases = blocks.map(parse_case).collect::<Result<Vec<_>>>()?;
    Ok(Script { name: name.to_owned(), subject: subject.to_owned(), cases })
}

fn parse_case(block: &str) -> Result<Case> {
    let mut lines = block.lines();
    let title = lines.next().unwrap_or_default().trim().to_owned();
    let mut case = Case { title: title.clone(), ..Case::default() };
    let context = || format!("in the request `{title}`");
    let mut made_body = None;
    for line in lines.by_ref() {
        if let Some(directive) = line.strip_prefix("# @") {
            if let Some(body) = directive.strip_prefix("body ") {
                made_body = Some(make_body(body).with_context(context)?);
            } else {
                direct(&mut case, directive).with_context(context)?;
            }
        } else if !line.starts_with('#') {
            let Some((method, path)) = line.split_once(' ') else {
                bail!("`{line}` in `{title}` is no `METHOD /path`")
            };
            (case.method, case.path) = (method.to_owned(), path.trim().to_owned());
            break;
        }
    }
    if !case.path.starts_with('/') {
        bail!("the request `{title}` has no line `METHOD /path`");
    }
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(':') else { bail!("`{line}` in `{title}` is no header") };
        case.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    let body = lines.collect::<Vec<_>>().join("\n");
    case.body = made_body.or_else(|| Some(body.trim().to_owned()).filter(|body| !body.is_empty()));
    Ok(case)
}

fn direct(case: &mut Case, directive: &str) -> Result<()> {
    let (word, rest) = directive.split_once([' ', ':']).unwrap_or((directive, ""));
    match word {
        "differs" => case.differs.push(known(directive, word)?),
        "varies" => case.varies.push(known(directive, word)?),
        "any-order" => case.any_order.push(rest.trim().to_owned()),
        "save" => {
            let Some((name, from)) = rest.trim().split_once(' ') else { bail!("`@save` needs a name and a place") };
            case.saves.push(Save { name: name.to_owned(), from: from.to_owned() });
        }
        other => bail!("there is no `@{other}`"),
    }
    Ok(())
}

fn known(directive: &str, word: &str) -> Result<Known> {
    let rest = directive.strip_prefix(word).unwrap_or_default();
    let Some((path, reason)) = rest.split_once(": ") else { bail!("`@{word}` gives no reason after a colon") };
    Ok(Known { path: path.trim().to_owned(), reason: reason.trim().to_owned() })
}

fn make_body(words: &str) -> Result<String> {
    let (length, letter) = words.trim().split_once(' ').context("`@body` needs a length and a letter")?;
    let length: usize = length.parse().context("the length of `@body` is no number")?;
    if length > MADE_BODY_BYTES {
        bail!("`@body` makes {MADE_BODY_BYTES} bytes at most");
    }
    Ok(letter.repeat(length / letter.len().max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_headers_body_and_known_differences() {
        let text = "# bulk\n\n### two of them\n# a remark\n# @differs /items/*/status: ours is stricter\n# @varies: all\n\
            # @save id /items/0/_id\nPOST /_bulk?refresh=true\nContent-Type: application/json\n\n{\"index\": {}}\n{}\n\n\
            ### a look\n# @any-order /hits\nGET /a\n";
        let script = parse("bulk.http", text).unwrap();
        assert_eq!((script.subject.as_str(), script.cases.len()), ("bulk", 2));
        let case = &script.cases[0];
        assert_eq!((case.method.as_str(), case.path.as_str()), ("POST", "/_bulk?refresh=true"));
        assert_eq!(case.headers, [("content-type".to_owned(), "application/json".to_owned())]);
        assert_eq!(case.body.as_deref(), Some("{\"index\": {}}\n{}"));
        assert_eq!(
            (case.differs[0].path.as_str(), case.differs[0].reason.as_str()),
            ("/items/*/status", "ours is stricter")
        );
        assert_eq!((case.varies[0].path.as_str(), case.varies[0].reason.as_str()), ("", "all"));
        assert_eq!((case.saves[0].name.as_str(), case.saves[0].from.as_str()), ("id", "/items/0/_id"));
        assert_eq!((script.cases[1].body.clone(), script.cases[1].any_order.clone()), (None, vec!["/hits".to_owned()]));
    }

    #[test]
    fn a_body_may_be_made() {
        let script = parse("a", "# s\n\n### b\n# @body 5 x\nPUT /b/k\n").unwrap();
        assert_eq!(script.cases[0].body.as_deref(), Some("xxxxx"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, expected) in [
            ("nothing", "the first line is not `# SUBJECT`"),
            ("# s\n\n### a\nGET\n", "`GET` in `a` is no `METHOD /path`"),
            ("# s\n\n### a\nGET /\nrubbish\n", "`rubbish` in `a` is no header"),
            ("# s\n\n### a\n# @skip\nGET /\n", "in the request `a`: there is no `@skip`"),
            ("# s\n\n### a\n# @differs\nGET /\n", "in the request `a`: `@differs` gives no reason after a colon"),
        ] {
            assert_eq!(format!("{:#}", parse("f", text).unwrap_err()), expected, "{text}");
        }
    }

    #[test]
    fn every_file_of_requests_is_read() {
        for folder in ["opensearch", "s3"] {
            let folder = crate::verdict::cases_folder().join(folder);
            assert!(!read_all(&folder).unwrap().is_empty(), "{}", folder.display());
        }
    }
}
