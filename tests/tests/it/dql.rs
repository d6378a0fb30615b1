//! A table of queries in DQL and of the documents that each finds: on the embedded engine, and, where `EKK_REAL_OPENSEARCH_URL`
//! names one, on a real OpenSearch too, in an index of its own that is deleted afterwards.
//!
//! What the table says was found by OpenSearch 3.4.0.

use std::env;

use ekk::Ekk;
use ekk_dql::{Field, Kind};
use reqwest::{Client, Method};
use serde_json::{Value, json};

const DOCUMENTS: &str = include_str!("dql/documents.json");
const TABLE: &str = include_str!("dql/queries.txt");

#[tokio::test]
async fn queries_find_the_documents_that_they_mean() {
    let ekk = Ekk::start().await.unwrap();
    check(ekk.addresses().opensearch.as_str()).await;
    if let Some(url) = env::var_os("EKK_REAL_OPENSEARCH_URL") {
        check(url.to_str().unwrap()).await;
    }
}

async fn check(url: &str) {
    let index = format!("{}/dql-{}", url.trim_end_matches('/'), std::process::id());
    let contents: Value = serde_json::from_str(DOCUMENTS).unwrap();
    let settings = json!({"number_of_shards": 1, "number_of_replicas": 0});
    call(Method::PUT, &index, &json!({"settings": settings, "mappings": contents["mappings"]})).await;
    for (id, document) in contents["documents"].as_object().unwrap() {
        let answer = call(Method::PUT, &format!("{index}/_doc/{id}?refresh=true"), document).await;
        assert_eq!(answer["result"], "created", "{answer}");
    }
    let mut fields = Vec::new();
    collect_fields("", &contents["mappings"]["properties"], &mut fields);
    let mut rows = 0;
    let mut differences = Vec::new();
    for row in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (query, expected) = row.split_once(" =>").unwrap();
        rows += 1;
        let found = find(&index, query, &fields).await;
        if found != expected.trim() {
            differences.push(format!("{query} => {found}, not {}", expected.trim()));
        }
    }
    call(Method::DELETE, &index, &Value::Null).await;
    assert!(differences.is_empty(), "on {url}:\n{}", differences.join("\n"));
    assert!(rows >= 150, "the table has {rows} rows");
}

/// The ids of the documents that a query finds, or why it finds none.
async fn find(index: &str, query: &str, fields: &[Field]) -> String {
    let expression = match ekk_dql::parse(query) {
        Ok(expression) => expression,
        Err(error) => return format!("unreadable at {}", error.at),
    };
    let clause = ekk_dql::to_query(&expression, fields, None).unwrap();
    let search = json!({"size": 50, "_source": false, "query": {"bool": {"filter": [clause]}}});
    let answer = call(Method::POST, &format!("{index}/_search"), &search).await;
    let Some(hits) = answer["hits"]["hits"].as_array() else {
        assert_eq!(answer["status"], 400, "{query}: {answer}");
        return "refused".to_owned();
    };
    let mut ids: Vec<u32> = hits.iter().map(|hit| hit["_id"].as_str().unwrap().parse().unwrap()).collect();
    ids.sort_unstable();
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The fields of a mapping, as DQL wants to know them.
fn collect_fields(path: &str, properties: &Value, fields: &mut Vec<Field>) {
    for (name, property) in properties.as_object().into_iter().flatten() {
        let name = format!("{path}{name}");
        collect_fields(&format!("{name}."), &property["properties"], fields);
        collect_fields(&format!("{name}."), &property["fields"], fields);
        let kind = match property["type"].as_str() {
            None => continue,
            Some("date") => Kind::Date,
            Some("long" | "integer" | "double") => Kind::Number,
            Some(_) => Kind::Other,
        };
        fields.push(Field { name, kind, nested: None });
    }
}

async fn call(method: Method, url: &str, body: &Value) -> Value {
    let request = Client::new().request(method, url).header("content-type", "application/json");
    let request = if body.is_null() { request } else { request.body(body.to_string()) };
    request.send().await.unwrap().json().await.unwrap()
}
