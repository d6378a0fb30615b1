//! Tests of the routes, against a stub of OpenSearch.

mod api;
mod stub;

use axum::{body::Body, response::Response};
use http::StatusCode;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use self::stub::{Answers, Stub};
use super::*;

/// Six minutes after the youngest recorded record.
const NOW: &str = "2020-05-11T12:50:00Z";

fn dashboards(opensearch: Url) -> Dashboards {
    let dashboards =
        Dashboards::open(Config { opensearch, folder: None }, Clock::frozen_at(NOW.parse().unwrap())).unwrap();
    dashboards.add_saved_objects(include_str!("../../../fixtures/dashboards/logging-test.ndjson")).unwrap();
    dashboards
}

async fn get(dashboards: Dashboards, path: &str) -> (Response, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (parts, body) = dashboards.router().oneshot(request).await.unwrap().into_parts();
    let policy = parts.headers.get(header::CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(parts.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    (Response::from_parts(parts, Body::empty()), body)
}

/// Asks for a page over a stub with these answers, and checks its status and that it holds these pieces.
#[track_caller]
fn check(answers: Answers, path: &str, status: u16, pieces: &[&str]) -> impl Future<Output = ()> {
    let (path, pieces) = (path.to_owned(), pieces.iter().map(|&piece| piece.to_owned()).collect::<Vec<_>>());
    async move {
        let stub = Stub::start(answers).await;
        let (response, body) = get(dashboards(stub.url.clone()), &path).await;
        assert_eq!(response.status().as_u16(), status, "{path}: {body}");
        for piece in pieces {
            assert!(body.contains(&piece), "{path} lacks {piece}: {body}");
        }
    }
}

fn empty(reasons: &str) -> Answers {
    Answers { counts: stub::COUNTS_EMPTY.to_owned(), reasons: reasons.to_owned(), ..Answers::default() }
}

#[tokio::test]
async fn a_page_shows_hits_histogram_levels_values_and_records() {
    check(
        Answers::default(),
        "/app/discover",
        200,
        &[
            "<b>4</b> hits",
            "2020-05-10 12:50:00.000 – 2020-05-11 12:50:00.000",
            "per 30 minutes",
            "<title>2020-05-11 12:30:00.000 – 2020-05-11 12:50:00.000: 4 records",
            r#"<i class="li"></i>INFO <span>2</span>"#,
            "50.0%",
            "<summary>2020-05-11 12:44:44</summary>",
            r#"<b class="le">ERROR</b>"#,
            "Traceback (most recent call last):\n  File &quot;db.py&quot;, line 88, in execute\n    raise exc\n",
            r#"value="is:levelname.keyword:ERROR">is</button>"#,
            "http.tags",
            "Records 1–4 of 4",
        ],
    )
    .await;
}

#[tokio::test]
async fn text_of_records_never_becomes_markup() {
    let stub = Stub::start(Answers::default()).await;
    for path in
        ["/app/discover", "/app/discover?cols=", "/app/discover/top?field=levelname", "/app/discover/doc?doc=i/3"]
    {
        let (response, body) = get(dashboards(stub.url.clone()), path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(!body.contains("<script>alert") && !body.contains("<img"), "{path}: {body}");
        assert!(!body.contains('\u{202e}') && !body.contains('\u{1b}'), "{path}: {body}");
        assert!(!body.contains(" style="), "{path} has no style within: {body}");
        assert!(body.matches("<script").count() <= 1, "{path} has no script but the one of the frame: {body}");
    }
}

#[tokio::test]
async fn text_of_the_url_never_becomes_markup() {
    let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let stub = Stub::start(Answers::default()).await;
    for key in ["q", "from", "to", "tz", "p", "cols", "top", "fields", "f=is:a:x&f", "f=has", "doc", "sort=a:asc&theme"]
    {
        for path in ["/app/discover", "/app/discover/doc"] {
            let (_, body) = get(dashboards(stub.url.clone()), &format!("{path}?{key}={hostile}")).await;
            assert!(!body.contains("<script>alert"), "{path} {key}: {body}");
        }
    }
}

#[tokio::test]
async fn the_engine_is_asked_for_the_records_and_for_the_counts_of_the_whole_result() {
    let stub = Stub::start(Answers::default()).await;
    get(dashboards(stub.url.clone()), "/app/discover?q=a:b&f=not:name.keyword:x&page=1589201084000~2~500").await;
    let mut searches = stub.searches();
    searches.sort_by_key(|(_, body)| body["size"].as_u64());
    let [(counts_of, counts), (_, records)] = searches.as_slice() else { panic!("two searches: {searches:?}") };
    assert_eq!(counts_of, "logging-test-*");
    assert_eq!(counts["query"]["bool"]["filter"].as_array().unwrap().len(), 2, "paging does not change the counts");
    assert_eq!(records["query"]["bool"]["filter"].as_array().unwrap().len(), 3);
    let question = &records["query"]["bool"]["filter"][1];
    assert_eq!(question, &serde_json::json!({"bool": {"minimum_should_match": 1, "should": [{"match": {"a": "b"}}]}}));
    assert_eq!(question, &counts["query"]["bool"]["filter"][1]);
    assert_eq!(records["from"], 2);
    assert_eq!(records["query"]["bool"]["must_not"][0]["match_phrase"]["name.keyword"], "x");
}

#[tokio::test]
async fn the_next_page_begins_after_the_records_that_share_the_last_time() {
    let many = Answers { counts: stub::COUNTS.replace("\"value\": 4,", "\"value\": 900,"), ..Answers::default() };
    // The last of the four records is alone at its time.
    check(many.clone(), "/app/discover", 200, &["value=\"1589200200000~1~4\"", "Records 1–4 of 900"]).await;
    check(
        many.clone(),
        "/app/discover?page=1589200200000~3~100",
        200,
        &["value=\"1589200200000~4~104\"", "Records 101–104 of 900"],
    )
    .await;
    check(many, "/app/discover?sort=name:asc", 200, &["value=\"~4~4\""]).await;
}

#[tokio::test]
async fn a_page_says_why_it_is_empty_and_leads_to_what_there_is() {
    let no_index = Answers { field_caps: stub::NO_FIELDS.to_owned(), ..Answers::default() };
    check(no_index, "/app/discover", 200, &["No index matches <code>logging-test-*</code> yet"]).await;
    check(
        empty(stub::REASONS_OUTSIDE),
        "/app/discover?from=2019-01-01T00:00:00.000Z&to=2019-01-02T00:00:00.000Z",
        200,
        &[
            "No record in this range",
            "4 records match at other times",
            "from=2020-05-11T12:30:00.000Z&amp;to=2020-05-11T12:44:44.001Z",
        ],
    )
    .await;
    check(
        empty(stub::REASONS_EXCLUDED),
        "/app/discover?q=nosuchword",
        200,
        &["The search excludes all 4 records of this range", "Remove the query <code>nosuchword</code>"],
    )
    .await;
    let text = stub::FIELD_CAPS.replace("\"date\"", "\"text\"");
    let as_text = Answers { field_caps: text, ..Answers::default() };
    check(as_text, "/app/discover", 200, &["The time field <code>asctime</code> is not a date"]).await;
}

#[tokio::test]
async fn a_syntax_error_is_shown_at_the_query_bar_with_what_was_typed() {
    let refused =
        Answers { counts: stub::SYNTAX_ERROR.to_owned(), records: stub::SYNTAX_ERROR.to_owned(), ..Answers::default() };
    check(
        refused,
        "/app/discover?q=levelname:(ERROR&lang=lucene",
        400,
        &["value=\"levelname:(ERROR\"", "aria-invalid=\"true\"", "The query cannot be read.", "at line 1, column 16"],
    )
    .await;
}

#[tokio::test]
async fn a_mistake_in_dql_is_shown_at_its_place_and_nothing_is_searched() {
    let stub = Stub::start(Answers::default()).await;
    let (response, body) = get(dashboards(stub.url.clone()), "/app/discover?q=levelname:(ERROR").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    for piece in [
        "value=\"levelname:(ERROR\"",
        "aria-invalid=\"true\"",
        "Expected &quot;)&quot;, AND, OR, whitespace but end of input found.",
        "levelname:(ERROR<mark>\u{a0}</mark>",
        "Nothing was searched",
        "q=levelname:%28ERROR&amp;lang=lucene",
    ] {
        assert!(body.contains(piece), "{piece}: {body}");
    }
    assert!(stub.searches().is_empty());
}

async fn post(dashboards: &Dashboards, path: &str, form: &str) -> (Response, String) {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(Body::from(form.to_owned())).unwrap();
    let (parts, body) = dashboards.clone().router().oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    (Response::from_parts(parts, Body::empty()), body)
}

#[tokio::test]
async fn a_search_is_saved_under_a_title_of_its_own_and_opened_again() {
    let stub = Stub::start(Answers::default()).await;
    let site = dashboards(stub.url.clone());
    let form = "q=levelname:ERROR&f=one:name:a,b&title=Errors+%3Cb%3E";
    let (response, _) = post(&site, "/app/discover/save", form).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/app/discover?q=levelname:ERROR&f=one:name:a,b");
    let (_, body) = get(site.clone(), "/app/discover").await;
    let link = r#"<a href="/app/discover?q=levelname:ERROR&amp;f=one:name:a,b">Errors &lt;b&gt;</a>"#;
    assert!(body.contains(link), "{body}");
    let (response, body) = post(&site, "/app/discover/save", form).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert!(body.contains("There is a search called “Errors &lt;b&gt;”"), "{body}");
    let (response, _) = post(&site, "/app/discover/save", &format!("{form}&replace=yes")).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(site.site.objects.all("search").len(), 2, "the fixture's and this one");
    for title in ["", "+", &"x".repeat(201)] {
        let (response, body) = post(&site, "/app/discover/save", &format!("title={title}")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(body.contains("A search needs a title of 1 to 200 characters."), "{body}");
    }
}

#[tokio::test]
async fn filters_of_every_kind_are_made_by_a_form_and_shown_as_pills() {
    let stub = Stub::start(Answers::default()).await;
    let site = dashboards(stub.url.clone());
    let (response, _) = get(site.clone(), "/app/discover?ff=levelname.keyword&fo=one&fv=ERROR,+CRITICAL&ft=").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/app/discover?f=one:levelname.keyword:ERROR,CRITICAL");
    let path = "/app/discover?f=one:levelname.keyword:ERROR,CRITICAL&f=pin.out:took:1,5&f=off.no:exc_info";
    let (_, body) = get(site, path).await;
    for piece in [
        "levelname.keyword is one of <b>ERROR, CRITICAL</b>",
        "<em>not </em>took: from <b>1</b> to <b>5</b>",
        "exc_info<em> does not exist</em>",
        ">unpin</a>",
        r#"<option selected value="out">is not between</option>"#,
    ] {
        assert!(body.contains(piece), "{piece}: {body}");
    }
    let (_, records) = stub.searches().into_iter().find(|(_, body)| body["size"] != 0).unwrap();
    assert_eq!(records["query"]["bool"]["must_not"][0]["range"]["took"]["lt"], "5");
}

#[tokio::test]
async fn records_are_downloaded_as_csv_and_ndjson() {
    let stub = Stub::start(Answers::default()).await;
    let site = dashboards(stub.url.clone());
    let (response, body) = get(site.clone(), "/app/discover/records.csv?q=a:b").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"records.csv\"");
    assert!(body.starts_with("asctime,levelname,name,message\r\n") && body.matches("\r\n").count() == 5, "{body}");
    let (response, body) = get(site.clone(), "/app/discover/records.ndjson").await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/x-ndjson");
    let lines: Vec<serde_json::Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() == 4 && lines.iter().all(|line| line["_source"].is_object()), "{body}");
    for (path, status) in [("records.csv?q=(", 400), ("records.ndjson?from=yesterday", 400)] {
        let (response, body) = get(site.clone(), &format!("/app/discover/{path}")).await;
        assert!(response.status().as_u16() == status && body.contains("This cannot be shown"), "{path}: {body}");
    }
    assert_eq!(stub.searches()[0].1["query"]["bool"]["filter"][1]["bool"]["should"][0]["match"]["a"], "b");
}

#[tokio::test]
async fn the_records_around_one_are_shown_with_it_in_the_middle() {
    let stub = Stub::start(Answers::default()).await;
    let site = dashboards(stub.url.clone());
    let path = "/app/discover/around?doc=logging-test-2020-05-11/1&q=ignored&n=2";
    let (response, body) = get(site.clone(), path).await;
    assert_eq!(response.status(), StatusCode::OK, "{body}");
    assert_eq!(body.matches(r#"<tbody class="meant">"#).count(), 1, "{body}");
    assert!(body.contains("Of the same logger only") && body.contains("n=7"), "{body}");
    let searches = stub.searches();
    assert_eq!(searches.len(), 3);
    assert!(searches.iter().all(|(_, body)| !body.to_string().contains("ignored")), "{searches:?}");
    let (_, body) = get(site.clone(), "/app/discover").await;
    assert!(body.contains("/app/discover/around?doc=logging-test-2020-05-11%2F"), "{body}");
    for lost in ["", "?doc=x", "?doc=%2F"] {
        let (response, _) = get(site.clone(), &format!("/app/discover/around{lost}")).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{lost}");
    }
}

#[tokio::test]
async fn what_may_be_typed_next_is_offered_as_a_piece_of_the_page() {
    let stub = Stub::start(Answers::default()).await;
    let (response, body) = get(dashboards(stub.url.clone()), "/app/discover/complete?q=lev&at=3").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(body.contains(r#"data-query="levelname " data-at="10""#), "{body}");
    assert!(stub.searches().is_empty(), "fields need no search");
    let (_, body) = get(dashboards(stub.url.clone()), "/app/discover/complete?q=levelname:E&at=11").await;
    assert_eq!(stub.searches()[0].1["aggs"]["values"]["terms"]["include"], "E.*");
    assert!(!body.contains("<script"), "{body}");
    for nothing in ["", "q=(((&at=3", "q=a&at=x", "at=99"] {
        let (response, _) = get(dashboards(stub.url.clone()), &format!("/app/discover/complete?{nothing}")).await;
        assert_eq!(response.status(), StatusCode::OK, "{nothing}");
    }
}

#[tokio::test]
async fn an_engine_that_is_gone_is_named_and_what_was_typed_stays() {
    let gone = Stub::start(Answers::default()).await.url.clone();
    let listener = ekk_server::listen::bind("gone", ([127, 0, 0, 1], 0).into()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut url = gone;
    url.set_port(Some(port)).unwrap();
    let (response, body) = get(dashboards(url.clone()), "/app/discover?q=typed+text&from=now-3d").await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert!(body.contains("OpenSearch does not answer") && body.contains(&format!("127.0.0.1:{port}")), "{body}");
    assert!(body.contains("value=\"typed text\"") && body.contains("value=\"now-3d\""), "{body}");
    let (response, body) = get(dashboards(url), "/api/status").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("\"state\":\"red\""), "{body}");
}

#[tokio::test]
async fn a_range_that_cannot_be_read_is_shown_where_it_was_typed() {
    let unreadable = ["“yesterday” is not a time", "value=\"yesterday\"", "There is no time zone “Mars/X”"];
    check(Answers::default(), "/app/discover?from=yesterday&tz=Mars/X", 400, &unreadable).await;
    let backwards = ["the range ends before it begins"];
    check(Answers::default(), "/app/discover?from=now&to=now-1h", 400, &backwards).await;
}

#[tokio::test]
async fn a_form_leads_to_the_shortest_url() {
    let stub = Stub::start(Answers::default()).await;
    let path = "/app/discover?q=a&from=now-24h&to=now&add=exc_info";
    let (response, _) = get(dashboards(stub.url.clone()), path).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/app/discover?q=a&cols=levelname,name,message,exc_info");
}

#[tokio::test]
async fn the_values_of_one_field_come_without_the_page_around_them() {
    check(
        Answers::default(),
        "/app/discover/top?field=levelname",
        200,
        &["<ul class=\"top\">", "50.0%", "ERROR", "Of 4 records."],
    )
    .await;
    check(Answers::default(), "/app/discover/top?field=nothing", 404, &["no such field"]).await;
}

#[tokio::test]
async fn a_record_has_a_page_of_its_own() {
    check(
        Answers::default(),
        "/app/discover/doc?doc=logging-test-2020-05-11/1",
        200,
        &["DeadlockDetected", "&quot;asctime&quot;: "],
    )
    .await;
    let none = Answers { records: stub::COUNTS_EMPTY.to_owned(), ..Answers::default() };
    check(none, "/app/discover/doc?doc=logging-test-2020-05-11/9", 404, &["There is no record “9”"]).await;
}

#[tokio::test]
async fn several_index_patterns_can_be_chosen() {
    let stub = Stub::start(Answers::default()).await;
    let export = r#"{"type":"index-pattern","id":"x","attributes":{"title":"other-*","timeFieldName":"@timestamp"}}"#;
    let site = dashboards(stub.url.clone());
    site.add_saved_objects(export).unwrap();
    let (_, body) = get(site.clone(), "/app/discover").await;
    assert!(body.contains("href=\"/app/discover?p=other-*\""), "{body}");
    let (_, body) = get(site, "/app/discover?p=other-*").await;
    assert!(body.contains("No record has the time field <code>@timestamp</code>"), "{body}");
}

#[tokio::test]
async fn the_status_is_green_while_the_engine_answers() {
    let stub = Stub::start(Answers::default()).await;
    let (response, body) = get(dashboards(stub.url.clone()), "/api/status").await;
    assert_eq!(response.status(), StatusCode::OK);
    let status: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status["status"]["overall"]["state"], "green");
    assert_eq!(status["version"]["number"], "3.4.0");
}

#[tokio::test]
async fn pages_and_assets_are_served_over_http() {
    let stub = Stub::start(Answers::default()).await;
    let (url, stop) = stub::serve(dashboards(stub.url.clone()).router()).await;
    let page = reqwest::get(url.clone()).await.unwrap();
    assert_eq!(page.url().path(), "/app/discover", "the root leads to Discover");
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let page = page.text().await.unwrap();
    let assets: Vec<&str> = page.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 3, "{page}");
    for asset in assets {
        let answer = reqwest::get(url.join(asset).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{asset}");
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"), "{asset}");
    }
    for lost in ["assets/0/discover.css", "app/dashboards"] {
        assert_eq!(reqwest::get(url.join(lost).unwrap()).await.unwrap().status(), StatusCode::NOT_FOUND, "{lost}");
    }
    stop.cancel();
}
