//! Tests of the API of saved objects: requests and answers as a script or OpenSearch Dashboards' own client has them.

use axum::{body::Body, http::Method};
use http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

const PATTERN: &str = r#"{"type":"index-pattern","id":"p","attributes":{"title":"logs-*","timeFieldName":"t"}}"#;
const BOARD: &str = r#"{"type":"dashboard","id":"d","attributes":{"title":"Board"},"references":[{"name":"r","type":"index-pattern","id":"p"}]}"#;

/// Pages without any saved object.
fn bare() -> Dashboards {
    let config = Config { opensearch: "http://127.0.0.1:1/".parse().unwrap(), folder: None };
    Dashboards::open(config, Clock::frozen_at(NOW.parse().unwrap())).unwrap()
}

async fn send(dashboards: &Dashboards, request: Request) -> (StatusCode, String) {
    let (parts, body) = dashboards.clone().router().oneshot(request).await.unwrap().into_parts();
    assert_eq!(parts.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    (parts.status, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

async fn call(dashboards: &Dashboards, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder().method(method).uri(path).header("osd-xsrf", "x");
    let request = request.header("content-type", "application/json").body(body).unwrap();
    let (status, text) = send(dashboards, request).await;
    (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Calls and checks status and message of a refusal.
async fn refused(dashboards: &Dashboards, (method, path): (Method, &str), body: Value, status: u16, message: &str) {
    let (found, answer) = call(dashboards, method.clone(), path, &body).await;
    assert_eq!((found, answer["message"].as_str()), (status, Some(message)), "{method} {path} {body}: {answer}");
    assert_eq!(answer["statusCode"], status);
    assert_eq!(answer["error"], StatusCode::from_u16(status).unwrap().canonical_reason().unwrap());
}

fn form(path: &str, filename: &str, file: &str, retries: Option<&Value>) -> Request {
    let mut parts = Vec::new();
    if let Some(retries) = retries {
        parts.push(format!("--XX\r\nContent-Disposition: form-data; name=\"retries\"\r\n\r\n{retries}\r\n"));
    }
    parts.push(format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n\r\n{file}\r\n--XX--\r\n"
    ));
    let request =
        Request::post(path).header("osd-xsrf", "x").header("content-type", "multipart/form-data; boundary=XX");
    request.body(Body::from(parts.concat())).unwrap()
}

async fn upload(dashboards: &Dashboards, path: &str, file: &str) -> (u16, Value) {
    let (status, text) = send(dashboards, form(path, "export.ndjson", file, None)).await;
    (status.as_u16(), serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn an_object_is_made_read_changed_and_deleted() {
    let pages = bare();
    let path = "/api/saved_objects/index-pattern/logs%2Fa-*";
    let made = json!({"attributes": {"title": "logs-*", "timeFieldName": "t"}});
    let (status, answer) = call(&pages, Method::POST, path, &made).await;
    assert_eq!(status, 200);
    let version = answer["version"].clone();
    insta::assert_json_snapshot!(answer, {".version" => "[version]"}, @r#"
    {
      "attributes": {
        "timeFieldName": "t",
        "title": "logs-*"
      },
      "id": "logs/a-*",
      "migrationVersion": {
        "index-pattern": "7.6.0"
      },
      "namespaces": [
        "default"
      ],
      "references": [],
      "type": "index-pattern",
      "updated_at": "2020-05-11T12:50:00.000Z",
      "version": "[version]"
    }
    "#);
    assert_eq!(call(&pages, Method::GET, path, &Value::Null).await, (200, answer));
    let reason = "[index-pattern:logs/a-*]: version conflict, document already exists (current version [1])";
    let conflict =
        format!("{reason}: version_conflict_engine_exception: [version_conflict_engine_exception] Reason: {reason}");
    refused(&pages, (Method::POST, path), made.clone(), 409, &conflict).await;
    assert_eq!(call(&pages, Method::POST, &format!("{path}?overwrite=true"), &made).await.0, 200);
    let change = json!({"attributes": {"title": "b-*"}, "version": version});
    let (status, changed) = call(&pages, Method::PUT, path, &change).await;
    assert_eq!((status, &changed["attributes"]), (200, &json!({"title": "b-*"})));
    assert_eq!(call(&pages, Method::PUT, path, &change).await.0, 409, "the version is an old one now");
    let (_, answer) = call(&pages, Method::GET, path, &Value::Null).await;
    assert_eq!(answer["attributes"], json!({"title": "b-*", "timeFieldName": "t"}));
    assert_eq!(call(&pages, Method::DELETE, path, &Value::Null).await, (200, json!({})));
    for method in [Method::GET, Method::DELETE] {
        refused(&pages, (method, path), Value::Null, 404, "Saved object [index-pattern/logs/a-*] not found").await;
    }
    let (status, answer) = call(&pages, Method::POST, "/api/saved_objects/query", &json!({"attributes": {}})).await;
    assert_eq!((status, answer["id"].as_str().unwrap().len()), (200, 36));
}

#[tokio::test]
async fn requests_of_the_wrong_shape_are_refused_in_the_words_of_the_real_one() {
    let pages = bare();
    let path = "/api/saved_objects/search/s";
    let later = json!({"attributes": {}, "migrationVersion": {"search": "8.0.0"}});
    let reference = json!({"attributes": {}, "references": [{"name": "a", "type": "b", "id": 7}]});
    let later_message = "Document \"s\" has property \"search\" which belongs to a more recent version of OpenSearch Dashboards \
                         [8.0.0]. The last known version is [7.9.3]";
    for (body, status, message) in [
        (Value::Null, 400, "[request body]: expected a plain object value, but found [null] instead."),
        (json!([]), 400, "[request body]: expected a plain object value, but found [Array] instead."),
        (json!({}), 400, "[request body.attributes]: expected value of type [object] but got [undefined]"),
        (json!({"attributes": []}), 400, "[request body.attributes]: expected value of type [object] but got [Array]"),
        (json!({"attributes": {}, "x": 1}), 400, "[request body.x]: definition for this key is missing"),
        (reference, 400, "[request body.references.0.id]: expected value of type [string] but got [number]"),
        (later, 422, later_message),
    ] {
        refused(&pages, (Method::POST, path), body, status, message).await;
    }
    let attributes = || json!({"attributes": {}});
    let unknown = "/api/saved_objects/wigwags/1";
    refused(
        &pages,
        (Method::POST, unknown),
        attributes(),
        400,
        "Unsupported saved object type: 'wigwags': Bad Request",
    )
    .await;
    refused(&pages, (Method::GET, unknown), Value::Null, 404, "Saved object [wigwags/1] not found").await;
    let flag = format!("{path}?overwrite=1");
    let message = "[request query.overwrite]: expected value of type [boolean] but got [string]";
    refused(&pages, (Method::POST, &flag), attributes(), 400, message).await;
    let versioned = json!({"attributes": {}, "version": "x"});
    refused(&pages, (Method::PUT, path), versioned, 400, "Invalid version [x]").await;
    refused(&pages, (Method::GET, "/api/nothing"), Value::Null, 404, "Not Found").await;
    refused(&pages, (Method::PATCH, path), Value::Null, 404, "Not Found").await;
    let broken = Request::post(path).header("osd-xsrf", "x").body(Body::from("{")).unwrap();
    assert!(send(&pages, broken).await.1.contains("Invalid request payload JSON format"));
    let long = Request::post(path).header("osd-xsrf", "x").body(Body::from(vec![b' '; 1_048_577])).unwrap();
    assert_eq!(send(&pages, long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_writing_request_needs_the_header_that_another_sites_page_cannot_send() {
    let pages = bare();
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let request =
            Request::builder().method(method).uri("/api/saved_objects/query/q").body(Body::from("{}")).unwrap();
        let (status, text) = send(&pages, request).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let expected =
            r#"{"error":"Bad Request","message":"Request must contain a osd-xsrf header.","statusCode":400}"#;
        assert_eq!(text, expected);
    }
    let with = Request::post("/api/saved_objects/query/q")
        .header("osd-version", "3.4.0")
        .body(Body::from(r#"{"attributes":{}}"#));
    assert_eq!(send(&pages, with.unwrap()).await.0, StatusCode::OK);
    let read = Request::get("/api/saved_objects/query/q").body(Body::empty()).unwrap();
    assert_eq!(send(&pages, read).await.0, StatusCode::OK);
}

#[tokio::test]
async fn objects_are_found_as_pages_of_a_list() {
    let pages = bare();
    upload(&pages, "/api/saved_objects/_import", &format!("{PATTERN}\n{BOARD}")).await;
    let find = |query: &str| format!("/api/saved_objects/_find?{query}");
    let (status, answer) = call(&pages, Method::GET, &find("type=index-pattern&fields=title"), &Value::Null).await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(answer, {".saved_objects[].version" => "[version]"}, @r#"
    {
      "page": 1,
      "per_page": 20,
      "saved_objects": [
        {
          "attributes": {
            "title": "logs-*"
          },
          "id": "p",
          "namespaces": [
            "default"
          ],
          "references": [],
          "score": 0,
          "type": "index-pattern",
          "version": "[version]"
        }
      ],
      "total": 1
    }
    "#);
    let referring = "has_reference=%7B%22type%22%3A%22index-pattern%22%2C%22id%22%3A%22p%22%7D";
    for (query, total) in [
        ("type=index-pattern&type=dashboard", 2),
        ("type=wigwags", 0),
        ("type=dashboard&search=bo*&search_fields=title", 1),
        ("type=dashboard&search=zz*", 0),
        (&format!("type=dashboard&type=index-pattern&{referring}"), 1),
        ("type=dashboard&namespaces=foo", 0),
        ("type=dashboard&namespaces=*", 1),
        ("type=dashboard&page=100&per_page=100", 1),
    ] {
        let (status, answer) = call(&pages, Method::GET, &find(query), &Value::Null).await;
        assert_eq!((status, &answer["total"]), (200, &json!(total)), "{query}: {answer}");
    }
    for (query, message) in [
        ("", "[request query.type]: expected at least one defined value but got [undefined]"),
        ("type=a&sort_order=asc", "[request query.sort_order]: definition for this key is missing"),
        ("type=a&per_page=x", "[request query.per_page]: expected value of type [number] but got [string]"),
        ("type=a&per_page=-1", "[request query.per_page]: Value must be equal to or greater than [0]."),
        ("type=a&type=b&sort_field=title", "Unable to sort multiple types by field title, not a root property"),
        ("type=a&has_reference=x", "[request query.has_reference]: could not parse object value from json input"),
        ("type=a&filter=x", "[request query.filter]: saved objects cannot be searched by this here"),
        (
            "type=a&page=2&per_page=10000",
            "Result window is too large, from + size must be less than or equal to: [10000] but was [20000]",
        ),
    ] {
        refused(&pages, (Method::GET, &find(query)), Value::Null, 400, message).await;
    }
}

#[tokio::test]
async fn several_objects_in_one_call_have_an_answer_each() {
    let pages = bare();
    let objects = json!([
        {"type": "query", "id": "a", "attributes": {"title": "A", "n": 1}},
        {"type": "wigwags", "id": "b", "attributes": {}},
        {"type": "query", "id": "a", "attributes": {}},
    ]);
    let (_, answer) = call(&pages, Method::POST, "/api/saved_objects/_bulk_create", &objects).await;
    let answers = answer["saved_objects"].as_array().unwrap();
    assert_eq!(answers[0]["attributes"]["title"], "A");
    assert_eq!(answers[1]["error"]["message"], "Unsupported saved object type: 'wigwags': Bad Request");
    assert_eq!(
        answers[2]["error"],
        json!({"statusCode": 409, "error": "Conflict", "message": "Saved object [query/a] conflict"})
    );
    let asked = json!([{"type": "query", "id": "a", "fields": ["n"]}, {"type": "query", "id": "z"}, {"type": "wigwags", "id": "b"}]);
    let (_, answer) = call(&pages, Method::POST, "/api/saved_objects/_bulk_get", &asked).await;
    let answers = answer["saved_objects"].as_array().unwrap();
    assert_eq!(answers[0]["attributes"], json!({"n": 1}));
    assert_eq!(answers[1]["error"]["message"], "Saved object [query/z] not found");
    assert_eq!(answers[2]["error"]["statusCode"], 400);
    let changes =
        json!([{"type": "query", "id": "a", "attributes": {"n": 2}}, {"type": "query", "id": "z", "attributes": {}}]);
    let (_, answer) = call(&pages, Method::PUT, "/api/saved_objects/_bulk_update", &changes).await;
    assert_eq!(answer["saved_objects"][0]["attributes"], json!({"n": 2}));
    assert_eq!(answer["saved_objects"][1]["error"]["statusCode"], 404);
    let (status, answer) = call(&pages, Method::POST, "/api/saved_objects/_bulk_get", &json!({})).await;
    assert_eq!(
        (status, &answer["message"]),
        (400, &json!("[request body]: expected value of type [array] but got [Object]"))
    );
}

#[tokio::test]
async fn an_import_reports_conflicts_and_what_is_missing_with_200() {
    let pages = bare();
    let (status, answer) = upload(&pages, "/api/saved_objects/_import", BOARD).await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(answer, @r#"
    {
      "errors": [
        {
          "error": {
            "references": [
              {
                "id": "p",
                "type": "index-pattern"
              }
            ],
            "type": "missing_references"
          },
          "id": "d",
          "meta": {
            "icon": "dashboardApp",
            "title": "Board"
          },
          "title": "Board",
          "type": "dashboard"
        }
      ],
      "success": false,
      "successCount": 0
    }
    "#);
    let both = format!("{PATTERN}\n{BOARD}\n{{\"exportedCount\":2}}");
    let (_, answer) = upload(&pages, "/api/saved_objects/_import", &both).await;
    assert_eq!((&answer["success"], &answer["successCount"], answer.get("errors")), (&json!(true), &json!(2), None));
    let (_, answer) = upload(&pages, "/api/saved_objects/_import", &both).await;
    assert_eq!(answer["errors"][0]["error"], json!({"type": "conflict"}));
    let (_, answer) = upload(&pages, "/api/saved_objects/_import?overwrite=true", &both).await;
    assert_eq!(answer["successResults"][1]["overwrite"], true);
    let (_, answer) = upload(&pages, "/api/saved_objects/_import?createNewCopies=true", &both).await;
    assert_eq!(answer["successResults"][0]["destinationId"].as_str().unwrap().len(), 36);
    let retries = json!([{"type": "dashboard", "id": "d", "destinationId": "d2", "createNewCopy": true}]);
    let request = form("/api/saved_objects/_resolve_import_errors", "a.ndjson", &both, Some(&retries));
    let (status, text) = send(&pages, request).await;
    let expected = r#"{"success":true,"successCount":1,"successResults":[{"createNewCopy":true,"destinationId":"d2","id":"d","meta":{"icon":"dashboardApp","title":"Board"},"type":"dashboard"}]}"#;
    assert_eq!((status.as_u16(), text.as_str()), (200, expected));
}

#[tokio::test]
async fn an_import_that_is_no_export_is_refused() {
    let pages = bare();
    let path = "/api/saved_objects/_import";
    for (name, message) in [
        ("export.json", "Invalid file extension .json"),
        ("export", "Invalid file extension "),
        (".ndjson", "Invalid file extension "),
    ] {
        let (status, text) = send(&pages, form(path, name, PATTERN, None)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["message"], message, "{name}");
    }
    assert_eq!(send(&pages, form(path, "A.NDJSON", "", None)).await.1, r#"{"success":true,"successCount":0}"#);
    for (file, message) in [
        ("x", "line 1 is not JSON: expected value at line 1 column 1"),
        ("{\"type\":\"search\"}", "line 1 has no id"),
        (&format!("{PATTERN}\n{PATTERN}"), "Non-unique import objects detected: [index-pattern:p]: Bad Request"),
    ] {
        let (status, answer) = upload(&pages, path, file).await;
        assert_eq!((status, answer["message"].as_str()), (400, Some(message)));
    }
    let both = format!("{path}?overwrite=true&createNewCopies=true");
    let (status, answer) = upload(&pages, &both, PATTERN).await;
    let message = "[request query]: cannot use [overwrite] with [createNewCopies]";
    assert_eq!((status, answer["message"].as_str()), (400, Some(message)));
    let none = Request::post(path).header("osd-xsrf", "x").body(Body::empty()).unwrap();
    assert_eq!(send(&pages, none).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let without = form(path, "x", "", None);
    let (parts, _) = without.into_parts();
    let body = "--XX\r\nContent-Disposition: form-data; name=\"retries\"\r\n\r\n[]\r\n--XX--";
    let (status, text) = send(&pages, Request::from_parts(parts, Body::from(body))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("[request body.file]: expected value of type [Stream] but got [undefined]"), "{text}");
}

#[tokio::test]
async fn an_export_gives_back_what_was_imported_byte_for_byte() {
    let pages = bare();
    let odd = r#"{ "type":"a plugin's own","id":"x", "attributes":{"n":1.50,"\u00e9":[]},"more":null}"#;
    upload(&pages, "/api/saved_objects/_import", &[PATTERN, BOARD, odd].join("\r\n")).await;
    let asked = json!({"objects": [{"type": "dashboard", "id": "d"}, {"type": "a plugin's own", "id": "x"}], "includeReferencesDeep": true});
    let request =
        Request::post("/api/saved_objects/_export").header("osd-xsrf", "x").header("content-type", "application/json");
    let response = pages.clone().router().oneshot(request.body(Body::from(asked.to_string())).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/ndjson");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"export.ndjson\"");
    let text = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let summary = r#"{"exportedCount":3,"missingRefCount":0,"missingReferences":[]}"#;
    assert_eq!(text, [PATTERN, BOARD, odd, summary].join("\n"));
    for (body, message) in [
        (Value::Null, "[request body]: expected a plain object value, but found [null] instead."),
        (json!({}), "Either `type` or `objects` are required."),
        (json!({"type": "wigwags"}), "Trying to export non-exportable type(s): wigwags"),
        (json!({"type": 7}), "[request body.type]: expected value of type [string] but got [number]"),
        (json!({"objects": [{"type": "dashboard", "id": "1"}]}), "Bad Request"),
    ] {
        refused(&pages, (Method::POST, "/api/saved_objects/_export"), body, 400, message).await;
    }
}

#[tokio::test]
async fn settings_are_set_taken_back_and_used_by_discover() {
    let pages = bare();
    let path = "/api/opensearch-dashboards/settings";
    assert_eq!(call(&pages, Method::GET, path, &Value::Null).await, (200, json!({"settings": {}})));
    let two = r#"{"type":"index-pattern","id":"q","attributes":{"title":"q-*","timeFieldName":"t"}}"#;
    upload(&pages, "/api/saved_objects/_import", &format!("{PATTERN}\n{two}")).await;
    let changes = json!({"changes": {"defaultIndex": "q", "dateFormat:tz": "UTC"}});
    let expected = json!({"settings": {"defaultIndex": {"userValue": "q"}, "dateFormat:tz": {"userValue": "UTC"}}});
    assert_eq!(call(&pages, Method::POST, path, &changes).await, (200, expected));
    assert_eq!(pages.site.patterns().get(None).title, "q-*");
    let (_, answer) = call(&pages, Method::POST, &format!("{path}/defaultIndex"), &json!({"value": "p"})).await;
    assert_eq!(answer["settings"]["defaultIndex"]["userValue"], "p");
    let (_, answer) = call(&pages, Method::DELETE, &format!("{path}/dateFormat:tz"), &Value::Null).await;
    assert_eq!(answer, json!({"settings": {"defaultIndex": {"userValue": "p"}}}));
    let message = "[request body.changes]: expected value of type [object] but got [undefined]";
    refused(&pages, (Method::POST, path), json!({}), 400, message).await;
}

#[tokio::test]
async fn a_folder_keeps_saved_objects_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let config =
            Config { opensearch: "http://127.0.0.1:1/".parse().unwrap(), folder: Some(folder.path().join("objects")) };
        Dashboards::open(config, Clock::frozen_at(NOW.parse().unwrap())).unwrap()
    };
    let pages = open();
    upload(&pages, "/api/saved_objects/_import", &format!("{PATTERN}\n{BOARD}")).await;
    drop(pages);
    let (status, answer) = call(&open(), Method::GET, "/api/saved_objects/dashboard/d", &Value::Null).await;
    assert_eq!((status, &answer["attributes"]["title"]), (200, &json!("Board")));
    assert!(folder.path().join("objects/dashboard/d.json").exists());
}
