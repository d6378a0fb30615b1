//! Writing and deleting one document: `_doc`, `_create`.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/document-apis/index-document/>

use std::sync::Arc;

use ekk_engine::index::{Condition, Index, Operation, VersionCheck, Written};

use crate::{
    api::write::{self, Wanted},
    error::{RestError, Result, write_error},
    node::Node,
    request::{Request, body_required},
    response::Response,
    route,
};

/// Parameters of writes to one document.
pub(crate) const WRITE_PARAMS: &[&str] = &[
    "wait_for_active_shards",
    "refresh",
    "routing",
    "timeout",
    "version",
    "version_type",
    "if_seq_no",
    "if_primary_term",
    "pipeline",
    "require_alias",
    "op_type",
];

/// `PUT|POST /{index}/_doc/{id}`, `POST /{index}/_doc`.
pub(crate) fn index(node: &Node, request: &Request) -> Result<Response> {
    let create = match request.param("op_type").map(str::to_ascii_lowercase).as_deref() {
        None | Some("index") => false,
        Some("create") => true,
        Some(other) => {
            return Err(RestError::illegal_argument(format!("opType must be 'create' or 'index', found: [{other}]")));
        }
    };
    write_document(node, request, create)
}

/// `PUT|POST /{index}/_create/{id}`.
pub(crate) fn create(node: &Node, request: &Request) -> Result<Response> {
    write_document(node, request, true)
}

fn write_document(node: &Node, request: &Request, create: bool) -> Result<Response> {
    let id = request.param("id");
    let check = version_check(request)?;
    if create && matches!(check, VersionCheck::External(_) | VersionCheck::ExternalGte(_)) {
        return Err(RestError::validation(&["create operations only support internal versioning. use index instead"]));
    }
    let refresh = request.refresh()?;
    if let Some(problem) = id.and_then(write::id_problem) {
        return Err(RestError::validation(&[&problem]));
    }
    if id == Some("") {
        return Err(RestError::illegal_argument("if _id is specified it must not be empty"));
    }
    check_pipeline(request.param("pipeline"))?;
    let content = request.content()?;
    if content.is_empty() {
        return Err(body_required());
    }
    let source: Arc<str> = std::str::from_utf8(&content)
        .map_err(|error| RestError::parse(format!("the document is not UTF-8: {error}")))?
        .into();
    let wanted = Wanted { require_alias: request.flag("require_alias", false)?, create: true };
    let index = write::target(node, request.param("index").unwrap_or_default(), wanted)?;
    let operation = Operation::Index { id: id.map(str::to_owned), source, create, check };
    let written = apply(node, &index, operation)?;
    write::refresh(&index, refresh)?;
    let status = write::status(written.outcome);
    let location =
        (status == http::StatusCode::CREATED).then(|| format!("/{}/_doc/{}", index.name(), route::encode(&written.id)));
    Ok(Response { location, ..Response::json(status, write::answer(&index, &written, refresh)) })
}

/// `DELETE /{index}/_doc/{id}`.
pub(crate) fn delete(node: &Node, request: &Request) -> Result<Response> {
    let id = request.param("id").unwrap_or_default().to_owned();
    let check = version_check(request)?;
    let refresh = request.refresh()?;
    let create = matches!(check, VersionCheck::External(_) | VersionCheck::ExternalGte(_));
    let index =
        write::target(node, request.param("index").unwrap_or_default(), Wanted { require_alias: false, create })?;
    let written = apply(node, &index, Operation::Delete { id, check })?;
    write::refresh(&index, refresh)?;
    Ok(Response::json(write::status(written.outcome), write::answer(&index, &written, refresh)))
}

/// Runs one write.
pub(crate) fn apply(node: &Node, index: &Index, operation: Operation) -> Result<Written> {
    let result = index.apply(vec![operation], node.clock.now()).pop();
    let result = result.ok_or_else(|| RestError::illegal_argument("no requests added"))?;
    result.map_err(|error| {
        let (status, exception) = write_error(&error, index.name(), index.uuid());
        exception.status(status)
    })
}

/// What `version`, `version_type`, `if_seq_no` and `if_primary_term` ask for together.
pub(crate) fn version_check(request: &Request) -> Result<VersionCheck> {
    let unsigned = |name: &str| -> Result<Option<u64>> {
        let Some(value) = request.integer(name)? else { return Ok(None) };
        u64::try_from(value)
            .map(Some)
            .map_err(|_| RestError::illegal_argument(format!("{name} must be non negative number. got [{value}].")))
    };
    let condition = (unsigned("if_seq_no")?, unsigned("if_primary_term")?);
    check_of(unsigned("version")?, request.param("version_type"), condition)
}

/// The check of these values, which a bulk's action line carries too.
///
/// # Errors
/// 400 when they contradict one another.
pub(crate) fn check_of(
    version: Option<u64>,
    version_type: Option<&str>,
    condition: (Option<u64>, Option<u64>),
) -> Result<VersionCheck> {
    let condition = match condition {
        (Some(seq_no), Some(primary_term)) if primary_term > 0 => Some(Condition { seq_no, primary_term }),
        (None, None) => None,
        (Some(_), _) => return Err(RestError::validation(&["ifSeqNo is set, but primary term is [0]"])),
        (None, Some(term)) => {
            return Err(RestError::validation(&[&format!("ifSeqNo is unassigned, but primary term is [{term}]")]));
        }
    };
    match (version_type.unwrap_or("internal"), version, condition) {
        ("internal", None, None) => Ok(VersionCheck::None),
        ("internal", None, Some(condition)) => Ok(VersionCheck::Condition(condition)),
        ("internal", Some(_), _) => Err(RestError::validation(&[
            "internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and \
             `if_primary_term` instead",
        ])),
        ("external" | "external_gt" | "external_gte", None, _) => Err(RestError::validation(&[&format!(
            "illegal version value [-3] for version type [{}]",
            version_type.unwrap_or_default().to_uppercase()
        )])),
        ("external" | "external_gt" | "external_gte", Some(_), Some(_)) => {
            Err(RestError::validation(&["compare and write operations can not use versioning"]))
        }
        ("external" | "external_gt", Some(version), None) => Ok(VersionCheck::External(version)),
        ("external_gte", Some(version), None) => Ok(VersionCheck::ExternalGte(version)),
        (other, _, _) => Err(RestError::illegal_argument(format!("No version type match [{other}]"))),
    }
}

/// There are no ingest pipelines, so only `_none` exists.
pub(crate) fn check_pipeline(pipeline: Option<&str>) -> Result<()> {
    match pipeline {
        None | Some("_none" | "") => Ok(()),
        Some(name) => Err(RestError::illegal_argument(format!("pipeline with id [{name}] does not exist"))),
    }
}
