//! The `opensearch` crate against the node.

use std::io::{Read as _, Write as _};

use ekk_engine::engine::Engine;
use opensearch::{
    BulkOperation, BulkParts, CountParts, DeleteParts, GetParts, IndexParts, OpenSearch, SearchParts, UpdateParts,
    http::transport::Transport,
    indices::{IndicesCreateParts, IndicesExistsParts, IndicesPutIndexTemplateParts, IndicesRefreshParts},
};
use serde_json::{Value, json};

use crate::node::TestNode;

async fn client() -> (TestNode, OpenSearch) {
    let node = TestNode::start(Engine::in_memory()).await;
    let transport = Transport::single_node(&node.url).unwrap();
    (node, OpenSearch::new(transport))
}

async fn body(response: Result<opensearch::http::response::Response, opensearch::Error>) -> Value {
    response.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn the_client_knows_the_node_as_opensearch() {
    let (_node, client) = client().await;
    let info = body(client.info().send().await).await;
    assert_eq!(info["version"]["number"], "3.4.0");
    assert_eq!(info["version"]["distribution"], "opensearch");
    assert_eq!(info["cluster_name"], "ekk");
}

#[tokio::test]
async fn documents_are_written_read_updated_and_deleted() {
    let (_node, client) = client().await;
    let written =
        body(client.index(IndexParts::IndexId("log", "1")).body(json!({"level": "INFO", "n": 1})).send().await).await;
    assert_eq!((&written["result"], &written["_version"]), (&json!("created"), &json!(1)));

    let updated =
        body(client.update(UpdateParts::IndexId("log", "1")).body(json!({"doc": {"level": "WARN"}})).send().await)
            .await;
    assert_eq!(updated["result"], "updated");

    let found = body(client.get(GetParts::IndexId("log", "1")).send().await).await;
    assert_eq!(found["_source"], json!({"level": "WARN", "n": 1}));

    let deleted = body(client.delete(DeleteParts::IndexId("log", "1")).send().await).await;
    assert_eq!(deleted["result"], "deleted");
    let missing = client.get(GetParts::IndexId("log", "1")).send().await.unwrap();
    assert_eq!(missing.status_code().as_u16(), 404);
}

#[tokio::test]
async fn a_bulk_goes_through_an_index_template_and_is_found() {
    let (_node, client) = client().await;
    let template = json!({"index_patterns": ["logs-*"], "template": {"mappings": {"properties": {
        "level": {"type": "keyword"}, "@timestamp": {"type": "date"}}}}});
    let indices = client.indices();
    let put = indices.put_index_template(IndicesPutIndexTemplateParts::Name("logs")).body(template);
    assert!(put.send().await.unwrap().status_code().is_success());

    let operations: Vec<BulkOperation<Value>> = (0..100)
        .map(|n| {
            let level = if n % 4 == 0 { "ERROR" } else { "INFO" };
            let time = format!("2026-11-23T10:{:02}:00Z", n % 60);
            BulkOperation::index(json!({"level": level, "@timestamp": time, "n": n})).index("logs-1").into()
        })
        .collect();
    let written = body(client.bulk(BulkParts::None).body(operations).send().await).await;
    assert_eq!((&written["errors"], written["items"].as_array().unwrap().len()), (&json!(false), 100));

    let refreshed = client.indices().refresh(IndicesRefreshParts::Index(&["logs-*"])).send().await.unwrap();
    assert!(refreshed.status_code().is_success());
    let count = body(client.count(CountParts::Index(&["logs-*"])).send().await).await;
    assert_eq!(count["count"], 100);

    let search = json!({"size": 1, "query": {"term": {"level": "ERROR"}}, "sort": [{"n": "desc"}],
        "aggs": {"levels": {"terms": {"field": "level"}}}});
    let found = body(client.search(SearchParts::Index(&["logs-*"])).body(search).send().await).await;
    assert_eq!(found["hits"]["total"]["value"], 25);
    assert_eq!(found["hits"]["hits"][0]["_source"]["n"], 96);
    assert_eq!(found["aggregations"]["levels"]["buckets"][0], json!({"key": "ERROR", "doc_count": 25}));
}

#[tokio::test]
async fn an_index_that_is_there_cannot_be_created_again() {
    let (_node, client) = client().await;
    let indices = client.indices();
    let create = || indices.create(IndicesCreateParts::Index("a")).send();
    assert!(create().await.unwrap().status_code().is_success());
    let refused = body(create().await).await;
    assert_eq!(refused["error"]["type"], "resource_already_exists_exception");
    let exists = client.indices().exists(IndicesExistsParts::Index(&["a"])).send().await.unwrap();
    assert_eq!(exists.status_code().as_u16(), 200);
}

#[tokio::test]
async fn a_node_with_a_folder_comes_back_with_its_documents_and_templates() {
    let folder = tempfile::tempdir().unwrap();
    let node = TestNode::start(Engine::open(folder.path()).unwrap()).await;
    let client = OpenSearch::new(Transport::single_node(&node.url).unwrap());
    client.index(IndexParts::IndexId("log", "1")).body(json!({"a": 1})).send().await.unwrap();
    let template = json!({"index_patterns": ["t-*"]});
    client.indices().put_index_template(IndicesPutIndexTemplateParts::Name("t")).body(template).send().await.unwrap();
    drop(client);
    node.stop().await;

    let node = TestNode::start(Engine::open(folder.path()).unwrap()).await;
    let client = OpenSearch::new(Transport::single_node(&node.url).unwrap());
    let found = body(client.get(GetParts::IndexId("log", "1")).send().await).await;
    assert_eq!(found["_source"], json!({"a": 1}));
    let templates: Value = reqwest::get(format!("{}/_index_template/t", node.url)).await.unwrap().json().await.unwrap();
    assert_eq!(templates["index_templates"][0]["name"], "t");
}

#[tokio::test]
async fn bodies_may_come_and_go_as_gzip() {
    let (node, _client) = client().await;
    let bulk: Vec<String> = (0..200).map(|n| format!("{{\"index\":{{\"_index\":\"z\"}}}}\n{{\"n\":{n}}}\n")).collect();
    let bulk = bulk.concat();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bulk.as_bytes()).unwrap();
    let http = reqwest::Client::builder().no_gzip().build().unwrap();
    let response = http
        .post(format!("{}/_bulk", node.url))
        .header("content-type", "application/x-ndjson")
        .header("content-encoding", "gzip")
        .header("accept-encoding", "gzip")
        .body(packer.finish().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let bytes = response.bytes().await.unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&answer["errors"], answer["items"].as_array().unwrap().len()), (&json!(false), 200));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_413() {
    let (node, _client) = client().await;
    // A hundred megabytes of spaces pack into little: the cap is on what is unpacked.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![b' '; 1024 * 1024];
    for _ in 0..101 {
        packer.write_all(&block).unwrap();
    }
    let response = reqwest::Client::new()
        .post(format!("{}/_bulk", node.url))
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(packer.finish().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 413);
}
