//! A search's answer: hits, totals, shards, and the errors of a search phase.

use bytes::Bytes;
use ekk_engine::search::{Hit, Relation, SearchError, SearchRequest, SearchResponse, SortValue, TotalHits};
use http::StatusCode;

use super::aggregations;
use crate::{
    error::{Exception, RestError},
    json::{Json, Object},
    node::Node,
};

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    pub(crate) typed_keys: bool,
    /// The total as a bare number.
    pub(crate) total_as_int: bool,
}

/// What is told about the shards: one for each index.
pub(crate) fn shards(count: usize) -> Object {
    Object::new().with("total", count).with("successful", count).with("skipped", 0).with("failed", 0)
}

/// The whole answer. `indices` is how many were searched.
pub(crate) fn to_json(
    response: &SearchResponse,
    request: &SearchRequest,
    style: Style,
    (took, indices): (u64, usize),
) -> Object {
    let mut answer = Object::new().with("took", took).with("timed_out", false);
    if let Some(early) = response.terminated_early {
        answer.put("terminated_early", early);
    }
    answer.put("_shards", shards(indices));
    let mut hits = Object::new();
    if let Some(total) = response.total {
        if style.total_as_int {
            hits.put("total", total.value);
        } else {
            hits.put("total", self::total(total));
        }
    } else if style.total_as_int {
        hits.put("total", -1);
    }
    // Nothing searched scores 0.0, nothing found scores null.
    let max_score = if indices == 0 { Json::float(0.0) } else { response.max_score.map_or(Json::Null, Json::float) };
    hits.put("max_score", max_score);
    hits.put("hits", response.hits.iter().map(|found| hit(found).into()).collect::<Vec<Json>>());
    answer.put("hits", hits);
    if !request.aggregations.is_empty() {
        let results = aggregations::to_json(&response.aggregations, &request.aggregations, style.typed_keys);
        answer.put("aggregations", results);
    }
    answer
}

/// `{"value": 48, "relation": "eq"}`.
pub(crate) fn total(total: TotalHits) -> Object {
    let relation = match total.relation {
        Relation::Eq => "eq",
        Relation::Gte => "gte",
    };
    Object::new().with("value", total.value).with("relation", relation)
}

/// One hit.
pub(crate) fn hit(hit: &Hit) -> Object {
    let mut printed = Object::new().with("_index", hit.index.to_string()).with("_id", hit.id.clone());
    if let Some(version) = hit.version {
        printed.put("_version", version);
    }
    if let Some(seq_no) = hit.seq_no {
        printed.put("_seq_no", seq_no);
        printed.put("_primary_term", 1);
    }
    printed.put("_score", hit.score.map_or(Json::Null, Json::float));
    if let Some(source) = &hit.source {
        printed.put("_source", Json::Raw(Bytes::copy_from_slice(source)));
    }
    if !hit.fields.is_empty() {
        let mut fields = Object::new();
        for (name, values) in &hit.fields {
            fields.put(name.clone(), values.iter().cloned().map(Json::from).collect::<Vec<Json>>());
        }
        printed.put("fields", fields);
    }
    if !hit.highlight.is_empty() {
        let mut highlight = Object::new();
        for (name, fragments) in &hit.highlight {
            highlight.put(name.clone(), fragments.clone());
        }
        printed.put("highlight", highlight);
    }
    if !hit.matched_queries.is_empty() {
        printed.put("matched_queries", hit.matched_queries.clone());
    }
    if !hit.sort.is_empty() {
        printed.put("sort", hit.sort.iter().map(sort_value).collect::<Vec<Json>>());
    }
    printed
}

fn sort_value(value: &SortValue) -> Json {
    match value {
        SortValue::Null => Json::Null,
        SortValue::Long(value) => (*value).into(),
        SortValue::UnsignedLong(value) => (*value).into(),
        SortValue::Double(value) => (*value).into(),
        SortValue::String(text) => text.clone().into(),
    }
}

/// The envelope of a search that failed.
pub(crate) fn error(node: &Node, error: SearchError) -> RestError {
    match error {
        SearchError::Request(exception) => exception.into(),
        SearchError::Shard { index, exception } => {
            let uuid = node.engine.index(&index).map(|index| index.uuid().to_owned()).unwrap_or_default();
            shard_failure(node, &index, &uuid, exception.into())
        }
        SearchError::TooManyBuckets { max, .. } => {
            let cause = Exception::new("too_many_buckets_exception", error.to_string()).with("max_buckets", max);
            Exception::new("search_phase_execution_exception", "")
                .with("phase", "fetch")
                .with("grouped", true)
                .with("failed_shards", Json::Array(Vec::new()))
                .caused_by(cause)
                .status(StatusCode::SERVICE_UNAVAILABLE)
                .with_root_causes(Vec::new())
        }
        other => {
            tracing::error!(error = %other, "a search failed");
            Exception::new("search_phase_execution_exception", other.to_string())
                .status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// "all shards failed", with what went wrong in one index as the reason.
pub(crate) fn shard_failure(node: &Node, index: &str, uuid: &str, reason: Exception) -> RestError {
    let status = match reason.kind.as_ref() {
        "aggregation_execution_exception" | "aggregation_initialization_exception" | "illegal_state_exception" => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::BAD_REQUEST,
    };
    let reason = if reason.kind == "query_shard_exception" {
        reason.with("index", index.to_owned()).with("index_uuid", uuid.to_owned())
    } else {
        reason
    };
    let failed = Object::new()
        .with("shard", 0)
        .with("index", index.to_owned())
        .with("node", node.id.clone())
        .with("reason", reason.to_json());
    let mut exception = Exception::new("search_phase_execution_exception", "all shards failed")
        .with("phase", "query")
        .with("grouped", true)
        .with("failed_shards", vec![Json::from(failed)]);
    if !reason.kind.ends_with("shard_exception") && reason.kind.starts_with("illegal_argument") {
        // OpenSearch nests a plain Java exception twice.
        exception = exception.caused_by(reason.clone().caused_by(reason.clone()));
    }
    let root = Exception { caused_by: None, ..reason };
    exception.status(status).with_root_causes(vec![root])
}
