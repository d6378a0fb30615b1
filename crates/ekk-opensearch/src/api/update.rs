//! `_update`: partial documents and upserts.
//!
//! Scripts are refused by name.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/document-apis/update-document/>

use ekk_engine::{
    index::{Index, Operation, Update, VersionCheck, Written},
    search::SourceFilter,
};
use http::StatusCode;

use crate::{
    api::{document, get, write, write::Wanted},
    dsl,
    error::{Exception, RestError, Result},
    json::{
        Object,
        parse::{Node as JsonNode, Value},
    },
    node::Node,
    request::Request,
    response::Response,
    route,
};

/// Parameters of an update.
pub(crate) const PARAMS: &[&str] = &[
    "wait_for_active_shards",
    "_source",
    "_source_excludes",
    "_source_includes",
    "lang",
    "refresh",
    "retry_on_conflict",
    "routing",
    "timeout",
    "if_seq_no",
    "if_primary_term",
    "require_alias",
];

/// The fields of a body, for hints.
const FIELDS: &[&str] = &[
    "doc",
    "upsert",
    "doc_as_upsert",
    "detect_noop",
    "_source",
    "if_seq_no",
    "if_primary_term",
    "script",
    "scripted_upsert",
    "lang",
];

/// An update's body, read.
#[derive(Debug, Default)]
pub(crate) struct UpdateBody {
    pub(crate) update: Update,
    /// `_source` in the body.
    pub(crate) source: Option<SourceFilter>,
}

/// `POST /{index}/_update/{id}`.
pub(crate) fn update(node: &Node, request: &Request) -> Result<Response> {
    let id = request.param("id").unwrap_or_default();
    let refresh = request.refresh()?;
    let mut body = match request.json()? {
        Some(json) => parse(&json)?,
        None => UpdateBody::default(),
    };
    if body.update.doc.is_none() {
        return Err(RestError::validation(&["script or doc is missing"]));
    }
    if let VersionCheck::Condition(condition) = document::version_check(request)? {
        body.update.condition = Some(condition);
    }
    let filter = dsl::uri::source(request).or(body.source);
    id.clone_into(&mut body.update.id);
    let wanted = Wanted { require_alias: request.flag("require_alias", false)?, create: true };
    let index = write::target(node, request.param("index").unwrap_or_default(), wanted)?;
    let written = document::apply(node, &index, Operation::Update(Box::new(body.update)))?;
    write::refresh(&index, refresh)?;
    let mut answer = write::answer(&index, &written, refresh);
    if let Some(get) = updated_source(&written, filter.as_ref()) {
        answer.put("get", get);
    }
    let status = write::status(written.outcome);
    let location = (status == StatusCode::CREATED)
        .then(|| format!("/{}/_doc/{}", Index::name(&index), route::encode(&written.id)));
    Ok(Response { location, ..Response::json(status, answer) })
}

/// The document after the update, when the request asks for it.
pub(crate) fn updated_source(written: &Written, filter: Option<&SourceFilter>) -> Option<Object> {
    let filter = filter.filter(|filter| **filter != SourceFilter::None)?;
    let source = written.source.as_ref()?;
    Some(
        Object::new()
            .with("_seq_no", written.seq_no)
            .with("_primary_term", 1)
            .with("found", true)
            .with_some("_source", get::filtered(source, filter)),
    )
}

/// Reads `{"doc": …, "upsert": …, "doc_as_upsert": …}`.
///
/// # Errors
/// 400 `x_content_parse_exception` for fields that an update does not have, `illegal_argument_exception` for scripts.
pub(crate) fn parse(json: &JsonNode) -> Result<UpdateBody> {
    let Some(members) = json.members() else {
        let reason = format!("[{}] [UpdateRequest] Expected START_OBJECT but was: {}", json.at, json.token());
        return Err(Exception::new("x_content_parse_exception", reason).bad_request());
    };
    let mut body = UpdateBody { update: Update { detect_noop: true, ..Update::default() }, source: None };
    let (mut seq_no, mut primary_term) = (None, None);
    for member in members {
        let value = &member.value;
        let object = || {
            if let Value::Object(_) = &value.value {
                Ok(value.to_value())
            } else {
                let reason =
                    format!("[UpdateRequest] {} doesn't support values of type: {}", member.name, value.token());
                Err(Exception::x_content(&reason, value.at).bad_request())
            }
        };
        match member.name.as_str() {
            "doc" => body.update.doc = Some(object()?),
            "upsert" => body.update.upsert = Some(object()?),
            "doc_as_upsert" => body.update.doc_as_upsert = dsl::boolean(value)?,
            "detect_noop" => body.update.detect_noop = dsl::boolean(value)?,
            "_source" => body.source = Some(dsl::search::source(value)?),
            "if_seq_no" => seq_no = u64::try_from(dsl::integer(value)?).ok(),
            "if_primary_term" => primary_term = u64::try_from(dsl::integer(value)?).ok(),
            "script" | "scripted_upsert" => {
                return Err(RestError::illegal_argument("failed to execute script")
                    .with_cause(Exception::illegal_argument("updates with a script are not supported; send a doc")));
            }
            "lang" => {}
            name => {
                let hint = dsl::did_you_mean(name, FIELDS);
                let reason = format!("[UpdateRequest] unknown field [{name}]{hint}");
                return Err(Exception::x_content(&reason, member.name_at).bad_request());
            }
        }
    }
    if let VersionCheck::Condition(condition) = document::check_of(None, None, (seq_no, primary_term))? {
        body.update.condition = Some(condition);
    }
    Ok(body)
}
