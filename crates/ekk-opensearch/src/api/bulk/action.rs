//! The lines of a bulk body: actions, and the documents that belong to them.
//!
//! Action lines are read twice at most: by a borrowing reader that knows the usual shape, and, when that fails, by the
//! reader with places, whose errors are OpenSearch's.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/document-apis/bulk/>

use std::borrow::Cow;

use ekk_engine::{index::VersionCheck, search::SourceFilter};
use serde::Deserialize;

use crate::{
    api::{document, update},
    dsl,
    error::{RestError, Result},
    json::parse::{self, Value},
};

/// What an item does, under the name of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Index,
    Create,
    Update,
    Delete,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One item of the request.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) kind: Kind,
    pub(super) index: Cow<'a, str>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) require_alias: bool,
    pub(super) check: VersionCheck,
    pub(super) pipeline: Option<Cow<'a, str>>,
    /// `_source` of an update.
    pub(super) source_filter: Option<SourceFilter>,
    /// The document's line; empty for deletes.
    pub(super) document: &'a str,
}

/// The usual shape of an action line, read without copying.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Usual<'a> {
    #[serde(borrow)]
    Index(Meta<'a>),
    #[serde(borrow)]
    Create(Meta<'a>),
    #[serde(borrow)]
    Update(Meta<'a>),
    #[serde(borrow)]
    Delete(Meta<'a>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta<'a> {
    #[serde(borrow, rename = "_index")]
    index: Option<&'a str>,
    #[serde(borrow, rename = "_id")]
    id: Option<&'a str>,
}

/// An action line, read either way.
struct Action<'a> {
    kind: Kind,
    index: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    require_alias: Option<bool>,
    version: Option<u64>,
    version_type: Option<String>,
    condition: (Option<u64>, Option<u64>),
    pipeline: Option<Cow<'a, str>>,
    source_filter: Option<SourceFilter>,
}

impl<'a> Action<'a> {
    fn new(kind: Kind, index: Option<&'a str>, id: Option<&'a str>) -> Self {
        Self {
            kind,
            index: index.map(Cow::Borrowed),
            id: id.map(Cow::Borrowed),
            require_alias: None,
            version: None,
            version_type: None,
            condition: (None, None),
            pipeline: None,
            source_filter: None,
        }
    }
}

/// What holds for items that do not say otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Defaults<'a> {
    pub(super) index: Option<&'a str>,
    pub(super) require_alias: bool,
    pub(super) pipeline: Option<&'a str>,
}

/// Reads the whole body.
///
/// # Errors
/// 400 for the whole request: no newline at the end, a malformed action line, an unknown parameter of one, an item
/// without an index, or without an id where it needs one.
pub(super) fn parse_body<'a>(body: &'a str, defaults: Defaults<'a>) -> Result<Vec<Item<'a>>> {
    if !body.ends_with('\n') {
        return Err(RestError::illegal_argument("The bulk request must be terminated by a newline [\\n]"));
    }
    let mut items = Vec::with_capacity(body.len() / 300 + 1);
    let mut lines = Lines { rest: body, number: 0 };
    let mut problems: Vec<String> = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let number = lines.number;
        let action = read_action(line, number)?;
        let document = if action.kind == Kind::Delete {
            ""
        } else {
            // An action at the very end without its document is dropped, as OpenSearch does.
            let Some(document) = lines.next() else { break };
            document.strip_suffix('\r').unwrap_or(document)
        };
        let item = finish(action, document, defaults)?;
        problems.extend(item_problems(&item));
        items.push(item);
    }
    if items.is_empty() {
        return Err(RestError::validation(&["no requests added"]));
    }
    if !problems.is_empty() {
        return Err(RestError::validation(&problems.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    Ok(items)
}

fn item_problems(item: &Item<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    if item.index.is_empty() {
        problems.push("index is missing".to_owned());
    }
    if item.id.is_none() && matches!(item.kind, Kind::Update | Kind::Delete) {
        problems.push("id is missing".to_owned());
    }
    problems.extend(item.id.as_deref().and_then(crate::api::write::id_problem));
    problems
}

fn finish<'a>(action: Action<'a>, document: &'a str, defaults: Defaults<'a>) -> Result<Item<'a>> {
    let check = document::check_of(action.version, action.version_type.as_deref(), action.condition)?;
    Ok(Item {
        kind: action.kind,
        index: action.index.or(defaults.index.map(Cow::Borrowed)).unwrap_or_default(),
        id: action.id,
        require_alias: action.require_alias.unwrap_or(defaults.require_alias),
        check,
        pipeline: action.pipeline.or(defaults.pipeline.map(Cow::Borrowed)),
        source_filter: action.source_filter,
        document,
    })
}

/// Lines without their line feeds, counted from 1.
struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let end = memchr::memchr(b'\n', self.rest.as_bytes())?;
        let line = self.rest.get(..end)?;
        self.rest = self.rest.get(end + 1..)?;
        self.number += 1;
        Some(line)
    }
}

fn read_action(line: &str, number: usize) -> Result<Action<'_>> {
    match serde_json::from_str::<Usual<'_>>(line) {
        Ok(Usual::Index(meta)) => Ok(Action::new(Kind::Index, meta.index, meta.id)),
        Ok(Usual::Create(meta)) => Ok(Action::new(Kind::Create, meta.index, meta.id)),
        Ok(Usual::Update(meta)) => Ok(Action::new(Kind::Update, meta.index, meta.id)),
        Ok(Usual::Delete(meta)) => Ok(Action::new(Kind::Delete, meta.index, meta.id)),
        Err(_) => read_slowly(line, number),
    }
}

fn read_slowly(line: &str, number: usize) -> Result<Action<'_>> {
    let malformed =
        |rest: String| RestError::illegal_argument(format!("Malformed action/metadata line [{number}], {rest}"));
    let node = parse::parse(line.as_bytes())?;
    let Some(members) = node.members() else {
        return Err(malformed(format!("expected START_OBJECT but found [{}]", node.token())));
    };
    let Some(first) = members.first() else {
        return Err(malformed("expected FIELD_NAME but found [END_OBJECT]".to_owned()));
    };
    let kind = match first.name.as_str() {
        "index" => Kind::Index,
        "create" => Kind::Create,
        "update" => Kind::Update,
        "delete" => Kind::Delete,
        other => {
            return Err(malformed(format!("expected one of [create, delete, index, update] but found [{other}]")));
        }
    };
    let Some(parameters) = first.value.members() else {
        return Err(malformed(format!("expected START_OBJECT or END_OBJECT but found [{}]", first.value.token())));
    };
    let mut action = Action::new(kind, None, None);
    for parameter in parameters {
        let node = &parameter.value;
        let name = parameter.name.as_str();
        if name == "_source" {
            action.source_filter = Some(dsl::search::source(node)?);
            continue;
        }
        if matches!(node.value, Value::Array(_) | Value::Object(_)) {
            return Err(malformed(format!("expected a simple value for field [{name}] but found [{}]", node.token())));
        }
        if !read_parameter(&mut action, name, node)? {
            return Err(RestError::illegal_argument(format!(
                "Action/metadata line [{number}] contains an unknown parameter [{name}]"
            )));
        }
    }
    Ok(action)
}

/// Reads one parameter of an action line; false when actions have none of this name.
fn read_parameter(action: &mut Action<'_>, name: &str, node: &parse::Node) -> Result<bool> {
    let unsigned = || dsl::integer(node).map(|value| u64::try_from(value).ok());
    match name {
        "_index" => action.index = node.text().map(Cow::Owned),
        "_id" => action.id = node.text().map(Cow::Owned),
        "require_alias" => action.require_alias = Some(dsl::boolean(node)?),
        "version" | "_version" => action.version = unsigned()?,
        "version_type" | "_version_type" => action.version_type = node.text(),
        "if_seq_no" => action.condition.0 = unsigned()?,
        "if_primary_term" => action.condition.1 = unsigned()?,
        "pipeline" => action.pipeline = node.text().map(Cow::Owned),
        "op_type" => match node.text().unwrap_or_default().to_ascii_lowercase().as_str() {
            "create" if action.kind == Kind::Index => action.kind = Kind::Create,
            "index" | "create" => {}
            other => {
                return Err(RestError::illegal_argument(format!(
                    "opType must be 'create' or 'index', found: [{other}]"
                )));
            }
        },
        "routing" | "_routing" | "retry_on_conflict" | "_retry_on_conflict" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

/// Reads an update's document line.
///
/// # Errors
/// 400 for the whole request, as OpenSearch reads these lines before it starts.
pub(super) fn update_body(line: &str) -> Result<update::UpdateBody> {
    let body = update::parse(&parse::parse(line.as_bytes())?)?;
    if body.update.doc.is_none() {
        return Err(RestError::validation(&["script or doc is missing"]));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(body: &str) -> String {
        parse_body(body, Defaults::default()).unwrap_err().exception().unwrap().reason.clone()
    }

    #[test]
    fn whole_request_errors_read_as_opensearch_words_them() {
        for (body, expected) in [
            ("{\"index\":{\"_index\":\"a\"}}\n{}", "The bulk request must be terminated by a newline [\\n]"),
            (
                "{\"indx\":{}}\n{}\n",
                "Malformed action/metadata line [1], expected one of [create, delete, index, update] but found [indx]",
            ),
            ("{}\n{}\n", "Malformed action/metadata line [1], expected FIELD_NAME but found [END_OBJECT]"),
            (
                "{\"index\":5}\n{}\n",
                "Malformed action/metadata line [1], expected START_OBJECT or END_OBJECT but found [VALUE_NUMBER]",
            ),
            (
                "{\"index\":{\"_index\":[\"a\"]}}\n{}\n",
                "Malformed action/metadata line [1], expected a simple value for field [_index] but found [START_ARRAY]",
            ),
            (
                "{\"index\":{\"_index\":\"a\",\"_type\":\"_doc\"}}\n{}\n",
                "Action/metadata line [1] contains an unknown parameter [_type]",
            ),
            ("{\"index\":{}}\n{}\n", "Validation Failed: 1: index is missing;"),
            ("{\"delete\":{\"_index\":\"a\"}}\n", "Validation Failed: 1: id is missing;"),
            ("\n\n", "Validation Failed: 1: no requests added;"),
            ("{\"index\":{\"_index\":\"a\"}}\n", "Validation Failed: 1: no requests added;"),
        ] {
            assert_eq!(reason(body), expected, "{body:?}");
        }
    }

    #[test]
    fn items_are_read_with_their_documents() {
        let body = "{\"index\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"x\":1}\n{\"delete\":{\"_id\":7}}\n\
                    {\"index\":{\"op_type\":\"create\"}}\r\n{\"x\":\"é\"}\r\n";
        let items = parse_body(body, Defaults { index: Some("d"), ..Defaults::default() }).unwrap();
        let read: Vec<_> =
            items.iter().map(|item| (item.kind, item.index.as_ref(), item.id.as_deref(), item.document)).collect();
        assert_eq!(
            read,
            [
                (Kind::Index, "a", Some("1"), "{\"x\":1}"),
                (Kind::Delete, "d", Some("7"), ""),
                (Kind::Create, "d", None, "{\"x\":\"é\"}"),
            ]
        );
    }
}
