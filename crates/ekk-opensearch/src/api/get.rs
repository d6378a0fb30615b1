//! Reading documents by their ids: `_doc`, `_source`, `_mget`. Reads are real-time: they see what no refresh has shown.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/document-apis/get-documents/>

use bytes::Bytes;
use ekk_engine::{
    index::{Document, Index},
    search::{SourceFilter, filter_source},
};
use http::StatusCode;

use crate::{
    dsl,
    error::{Exception, RestError, Result},
    expression,
    json::{Json, Object, parse::Node as JsonNode},
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of a read.
pub(crate) const PARAMS: &[&str] = &[
    "stored_fields",
    "preference",
    "realtime",
    "refresh",
    "routing",
    "_source",
    "_source_excludes",
    "_source_includes",
    "version",
    "version_type",
];

/// `GET|HEAD /{index}/_doc/{id}`.
pub(crate) fn document(node: &Node, request: &Request) -> Result<Response> {
    let (index, found) = read(node, request)?;
    let id = request.param("id").unwrap_or_default();
    let filter = dsl::uri::source(request).unwrap_or(if request.param("stored_fields").is_some() {
        SourceFilter::None
    } else {
        SourceFilter::All
    });
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok(Response::json(status, answer(&index, id, found.as_ref(), &filter)))
}

/// `GET|HEAD /{index}/_source/{id}`.
pub(crate) fn source(node: &Node, request: &Request) -> Result<Response> {
    let (index, found) = read(node, request)?;
    let id = request.param("id").unwrap_or_default();
    let filter = dsl::uri::source(request).unwrap_or_default();
    if filter == SourceFilter::None {
        return Err(RestError::validation(&["fetching source can not be disabled"]));
    }
    match found.and_then(|document| filtered(&document.source, &filter)) {
        Some(source) => Ok(Response::ok(source)),
        None => {
            Err(Exception::new("resource_not_found_exception", format!("Document not found [{}]/[{id}]", index.name()))
                .status(StatusCode::NOT_FOUND))
        }
    }
}

fn read(node: &Node, request: &Request) -> Result<(std::sync::Arc<Index>, Option<Document>)> {
    let index = expression::single(node, request.param("index").unwrap_or_default())?;
    if request.flag("refresh", false)? {
        index.refresh()?;
    }
    let id = request.param("id").unwrap_or_default();
    let found = found(&index, id, request.flag("realtime", true)?)?;
    if let (Some(wanted), Some(document)) = (request.integer("version")?, &found) {
        let current = document.version;
        if u64::try_from(wanted) != Ok(current) {
            let reason = format!(
                "[{id}]: version conflict, current version [{current}] is different than the one provided [{wanted}]"
            );
            return Err(Exception::new("version_conflict_engine_exception", reason)
                .with("index", index.name().to_owned())
                .with("shard", "0")
                .with("index_uuid", index.uuid().to_owned())
                .status(StatusCode::CONFLICT));
        }
    }
    Ok((index, found))
}

/// The document as it is, or as the last refresh showed it.
fn found(index: &Index, id: &str, realtime: bool) -> Result<Option<Document>> {
    Ok(if realtime { index.get(id)? } else { index.snapshot().get(id)? })
}

/// A document as a get answers it.
fn answer(index: &Index, id: &str, found: Option<&Document>, filter: &SourceFilter) -> Object {
    let answer = Object::new().with("_index", index.name().to_owned()).with("_id", id.to_owned());
    match found {
        None => answer.with("found", false),
        Some(document) => answer
            .with("_version", document.version)
            .with("_seq_no", document.seq_no)
            .with("_primary_term", document.primary_term)
            .with("found", true)
            .with_some("_source", filtered(&document.source, filter)),
    }
}

/// What the filter leaves of a source; `None` when it wants none.
pub(crate) fn filtered(source: &str, filter: &SourceFilter) -> Option<Json> {
    filter_source(source.as_bytes().to_vec(), filter).map(|kept| Json::Raw(Bytes::from(kept)))
}

/// `GET|POST [/{index}]/_mget`.
pub(crate) fn mget(node: &Node, request: &Request) -> Result<Response> {
    let body = request.required_json()?;
    let default_source = dsl::uri::source(request);
    let freshness = (request.flag("refresh", false)?, request.flag("realtime", true)?);
    let wanted = wanted(&body, request.param("index"), default_source.as_ref())?;
    let problems = problems(&wanted);
    if !problems.is_empty() {
        return Err(RestError::validation(&problems.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    let docs: Vec<Json> = wanted.iter().map(|wanted| one(node, wanted, freshness).into()).collect();
    Ok(Response::ok(Object::new().with("docs", docs)))
}

/// One entry of an `_mget`.
#[derive(Debug)]
struct WantedDocument {
    index: Option<String>,
    id: Option<String>,
    source: SourceFilter,
}

fn one(node: &Node, wanted: &WantedDocument, (refresh, realtime): (bool, bool)) -> Object {
    let name = wanted.index.clone().unwrap_or_default();
    let id = wanted.id.clone().unwrap_or_default();
    let found = expression::single(node, &name).and_then(|index| {
        if refresh {
            index.refresh()?;
        }
        Ok(answer(&index, &id, found(&index, &id, realtime)?.as_ref(), &wanted.source))
    });
    found
        .unwrap_or_else(|error| Object::new().with("_index", name).with("_id", id).with("error", error.to_error_json()))
}

fn wanted(body: &JsonNode, index: Option<&str>, source: Option<&SourceFilter>) -> Result<Vec<WantedDocument>> {
    let mut wanted = Vec::new();
    let source = source.cloned().unwrap_or_default();
    for member in body.members().unwrap_or_default() {
        let unknown = || {
            let reason =
                format!("unknown key [{}] for a {}, expected [docs] or [ids]", member.name, member.value.token());
            Exception::parsing(reason, member.value.at).bad_request()
        };
        let items = member.value.items().ok_or_else(unknown)?;
        match member.name.as_str() {
            "docs" => {
                for item in items {
                    wanted.push(wanted_document(item, index, &source)?);
                }
            }
            "ids" => {
                for item in items {
                    let id = item
                        .text()
                        .ok_or_else(|| RestError::illegal_argument("ids array element should only contain ids"))?;
                    wanted.push(WantedDocument {
                        index: index.map(str::to_owned),
                        id: Some(id),
                        source: source.clone(),
                    });
                }
            }
            _ => return Err(unknown()),
        }
    }
    Ok(wanted)
}

fn wanted_document(item: &JsonNode, index: Option<&str>, source: &SourceFilter) -> Result<WantedDocument> {
    let mut wanted = WantedDocument { index: index.map(str::to_owned), id: None, source: source.clone() };
    let Some(members) = item.members() else {
        return Err(RestError::illegal_argument("docs array element should include an object"));
    };
    for member in members {
        match member.name.as_str() {
            "_index" => wanted.index = member.value.text(),
            "_id" => wanted.id = member.value.text(),
            "_source" => wanted.source = dsl::search::source(&member.value)?,
            "routing" | "stored_fields" | "version" | "version_type" => {}
            name => return Err(RestError::parse(format!("failed to parse multi get request. unknown field [{name}]"))),
        }
    }
    Ok(wanted)
}

fn problems(wanted: &[WantedDocument]) -> Vec<String> {
    if wanted.is_empty() {
        return vec!["no documents to get".to_owned()];
    }
    let mut problems = Vec::new();
    for (at, document) in wanted.iter().enumerate() {
        if document.index.is_none() {
            problems.push(format!("index is missing for doc {at}"));
        }
        if document.id.is_none() {
            problems.push(format!("id is missing for doc {at}"));
        }
    }
    problems
}
