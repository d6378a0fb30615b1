//! Answers that were found to differ from a real OpenSearch 3.4.0 once, each held to what it said.

use ekk_engine::engine::Engine;
use serde_json::{Value, json};

use crate::node::TestNode;

/// Sends requests to a fresh node, one after the other, and gives the last answer with its status.
async fn answer(requests: &[(&str, &str, Value)]) -> (u16, Value) {
    let node = TestNode::start(Engine::in_memory()).await;
    let http = reqwest::Client::new();
    let mut last = (0, Value::Null);
    for (method, path, body) in requests {
        let mut request = http.request(method.parse().unwrap(), format!("{}{path}", node.url));
        request = match body {
            Value::Null => request,
            Value::String(lines) => request.header("content-type", "application/x-ndjson").body(lines.clone()),
            body => request.header("content-type", "application/json").body(body.to_string()),
        };
        let response = request.send().await.unwrap();
        last = (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default());
    }
    last
}

#[track_caller]
fn check_refusal((status, answer): &(u16, Value), kind: &str, reason: &str) {
    let error = &answer["error"];
    assert_eq!(
        (*status, error["type"].as_str(), error["reason"].as_str()),
        (400, Some(kind), Some(reason)),
        "{answer}"
    );
}

#[tokio::test]
async fn what_no_index_could_have_is_refused_in_a_template() {
    let mapping = json!({"properties": {"a": {"type": "nope"}}});
    let handler = "No handler for type [nope] declared on field [a]";
    let body = json!({"index_patterns": ["t*"], "template": {"mappings": mapping}});
    let refused = answer(&[("PUT", "/_index_template/t", body)]).await;
    let reason = "composable template [t] template after composition is invalid";
    check_refusal(&refused, "illegal_argument_exception", reason);
    assert_eq!(refused.1["error"]["caused_by"]["reason"], "invalid composite mappings for [t]");
    assert_eq!(refused.1["error"]["caused_by"]["caused_by"]["caused_by"]["reason"], handler);
    for (path, body) in [
        ("/_component_template/t", json!({"template": {"mappings": mapping}})),
        ("/_template/t", json!({"index_patterns": ["t*"], "mappings": mapping})),
    ] {
        let refused = answer(&[("PUT", path, body)]).await;
        let reason = format!("Failed to parse mapping [_doc]: {handler}");
        check_refusal(&refused, "mapper_parsing_exception", &reason);
    }
    let settings = json!({"index_patterns": ["t*"], "template": {"settings": {"index.colour": "red"}}});
    let refused = answer(&[("PUT", "/_index_template/t", settings)]).await;
    let reason = "unknown setting [index.colour] please check that any required plugins are installed, or check the \
                  breaking changes documentation for removed settings";
    check_refusal(&refused, "settings_exception", reason);
}

#[tokio::test]
async fn the_name_of_an_alias_is_checked_also_where_an_index_is_created() {
    let refused = answer(&[("PUT", "/logs", json!({"aliases": {"all logs": {}}}))]).await;
    let reason =
        "Invalid alias name [all logs]: must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]";
    check_refusal(&refused, "invalid_alias_name_exception", reason);
    let refused = answer(&[("PUT", "/logs", Value::Null), ("PUT", "/other", json!({"aliases": {"logs": {}}}))]).await;
    let reason = "Invalid alias name [logs], an index exists with the same name as the alias";
    check_refusal(&refused, "invalid_alias_name_exception", reason);
    assert_eq!(refused.1["error"]["index"], "logs");
}

#[tokio::test]
async fn a_histogram_has_one_interval() {
    let both = json!({"field": "t", "calendar_interval": "day", "fixed_interval": "1d"});
    let body = json!({"aggs": {"h": {"date_histogram": both}}});
    let refused = answer(&[("PUT", "/logs", Value::Null), ("POST", "/logs/_search", body)]).await;
    let reason = "Cannot use [fixed_interval] with [calendar_interval] configuration option.";
    assert_eq!((refused.0, refused.1["error"]["caused_by"]["reason"].as_str()), (400, Some(reason)));
}

#[tokio::test]
async fn a_search_that_need_not_stop_early_does_not_say_that_it_did() {
    let body = json!({"size": 0, "terminate_after": 1000, "aggs": {"a": {"terms": {"field": "n"}}}});
    let requests = [("PUT", "/logs/_doc/1?refresh=true", json!({"n": 1})), ("POST", "/logs/_search", body)];
    assert_eq!(answer(&requests).await.1["terminated_early"], false);
}

#[tokio::test]
async fn stored_fields_leave_the_source_out_unless_it_is_named() {
    for (body, expected) in [
        (json!({"stored_fields": ["*"]}), Value::Null),
        (json!({"stored_fields": ["*"], "_source": {"excludes": []}}), json!({"n": 1})),
        (json!({"stored_fields": ["_source"]}), json!({"n": 1})),
    ] {
        let requests = [("PUT", "/logs/_doc/1?refresh=true", json!({"n": 1})), ("POST", "/logs/_search", body.clone())];
        assert_eq!(answer(&requests).await.1["hits"]["hits"][0]["_source"], expected, "{body}");
    }
}

#[tokio::test]
async fn a_document_that_is_too_deep_fails_as_one_that_cannot_be_parsed() {
    let limit = json!({"settings": {"index.mapping.depth.limit": 2}});
    let lines = json!("{\"index\":{}}\n{\"a\":{\"b\":{\"c\":1}}}\n");
    let (_, answer) = answer(&[("PUT", "/logs", limit), ("POST", "/logs/_bulk", lines)]).await;
    let error = &answer["items"][0]["index"]["error"];
    assert_eq!(
        (error["type"].as_str(), error["reason"].as_str()),
        (Some("mapper_parsing_exception"), Some("failed to parse"))
    );
    let reason = "The depth of the field has exceeded the allowed limit of [2]. This limit can be set by changing the \
                  [index.mapping.depth.limit] index level setting.";
    assert_eq!(error["caused_by"], json!({"type": "parse_exception", "reason": reason}));
}

#[tokio::test]
async fn an_update_in_a_bulk_that_changes_nothing_tells_of_its_shards() {
    let lines = json!("{\"update\":{\"_id\":\"1\"}}\n{\"doc\":{\"n\":1}}\n");
    let (_, answer) = answer(&[("PUT", "/logs/_doc/1", json!({"n": 1})), ("POST", "/logs/_bulk", lines)]).await;
    let item = &answer["items"][0]["update"];
    let shards = json!({"total": 2, "successful": 1, "failed": 0});
    assert_eq!((&item["result"], &item["_shards"]), (&json!("noop"), &shards));
}

#[tokio::test]
async fn a_search_in_a_point_in_time_names_no_index() {
    let body = json!({"pit": {"id": "any"}});
    let refused = answer(&[("PUT", "/logs", Value::Null), ("POST", "/logs/_search", body)]).await;
    let reason = "Validation Failed: 1: [indices] cannot be used with point in time;";
    check_refusal(&refused, "action_request_validation_exception", reason);
    let refused = answer(&[("PUT", "/logs", Value::Null), ("POST", "/logs/_search/point_in_time", Value::Null)]).await;
    check_refusal(&refused, "action_request_validation_exception", "Validation Failed: 1: keep alive not specified;");
}

#[tokio::test]
async fn a_query_string_is_refused_with_its_own_text() {
    let body = json!({"query": {"query_string": {"query": "*ms", "allow_leading_wildcard": false}}});
    let (status, answer) = answer(&[("PUT", "/logs", Value::Null), ("POST", "/logs/_search", body)]).await;
    let cause = &answer["error"]["failed_shards"][0]["reason"];
    assert_eq!((status, cause["reason"].as_str()), (400, Some("Failed to parse query [*ms]")));
    let reason = "Cannot parse '*ms': '*' or '?' not allowed as first character in WildcardQuery";
    assert_eq!(cause["caused_by"]["reason"], reason);
}
