//! The way to an HTTP endpoint.

use serde_json::{Value, json};

use super::*;
use crate::{ContentEncoding, HttpEndpointDestination, Outcome};

pub(super) fn endpoint(scene: &Scene, change: impl FnOnce(&mut HttpEndpointDestination)) -> StreamSpec {
    let mut destination = HttpEndpointDestination {
        url: scene.outside.url("endpoint/logs?source=firehose"),
        name: Some("stand-in".to_owned()),
        access_key: Some("secret key".to_owned()),
        content_encoding: ContentEncoding::None,
        common_attributes: vec![("b".to_owned(), "1".to_owned()), ("a".to_owned(), "\"2\"".to_owned())],
        buffering_hints: BufferingHints { size_bytes: 5 << 20, interval: Duration::from_mins(1) },
        retry_duration: Duration::from_mins(5),
        backup_mode: S3BackupMode::FailedDocumentsOnly,
        backup: bucket(),
    };
    change(&mut destination);
    spec_of(Destination::HttpEndpoint(destination))
}

#[tokio::test]
async fn a_request_has_the_headers_and_the_body_of_the_contract() {
    for content_encoding in [ContentEncoding::None, ContentEncoding::Gzip] {
        let scene = Scene::start().await;
        let stream =
            scene.delivery.open(endpoint(&scene, |endpoint| endpoint.content_encoding = content_encoding)).unwrap();
        stream.accept(&records(&["{\"a\":1}", ""])).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        let [(headers, uri, body)] = given.requests.as_slice() else { panic!("{:?}", given.requests) };
        assert_eq!(uri, "/endpoint/logs?source=firehose");
        let id = body.get("requestId").unwrap().as_str().unwrap();
        let arn = &stream.spec().arn;
        for (name, value) in [
            ("x-amz-firehose-protocol-version", Some("1.0")),
            ("x-amz-firehose-request-id", Some(id)),
            ("x-amz-firehose-source-arn", Some(arn.as_str())),
            ("x-amz-firehose-access-key", Some("secret key")),
            ("x-amz-firehose-common-attributes", Some(r#"{"commonAttributes":{"b":"1","a":"\"2\""}}"#)),
            ("content-type", Some("application/json")),
            ("content-encoding", (content_encoding == ContentEncoding::Gzip).then_some("gzip")),
            ("user-agent", Some("Amazon Kinesis Data Firehose Agent/1.0")),
        ] {
            assert_eq!(headers.get(name).map(String::as_str), value, "{name}");
        }
        assert_eq!(body.get("timestamp").unwrap(), scene.clock.now().as_millisecond());
        assert_eq!(body.get("records").unwrap(), &json!([{ "data": "eyJhIjoxfQ==" }, { "data": "" }]));
        let account = stream.account();
        check_sums(&account);
        assert_eq!((account.acknowledged, account.acknowledged_bytes), (2, 7));
    }
}

#[tokio::test]
async fn without_key_and_attributes_their_headers_are_absent() {
    let scene = Scene::start().await;
    let spec = endpoint(&scene, |endpoint| {
        endpoint.access_key = Some(String::new());
        endpoint.common_attributes.clear();
    });
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let (headers, ..) = given.requests.first().unwrap();
    assert!(!headers.contains_key("x-amz-firehose-access-key"));
    assert!(!headers.contains_key("x-amz-firehose-common-attributes"));
}

#[tokio::test]
async fn a_request_that_is_not_acknowledged_is_sent_again_under_the_same_id() {
    for answer in [(500, ""), (302, ""), (200, "{}"), (200, "{\"requestId\":\"other\",\"timestamp\":1}"), (400, "no")] {
        let scene = Scene::start().await;
        scene.outside.answer(|answers| answers.endpoint = Some(answer));
        let stream = scene.delivery.open(endpoint(&scene, |_| {})).unwrap();
        stream.accept(&records(&["x"])).unwrap();
        stream.flush().await;
        scene.outside.answer(|answers| answers.endpoint = None);
        scene.clock.advance(Duration::from_millis(1150));
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        let ids: Vec<&Value> = given.requests.iter().map(|(_, _, body)| body.get("requestId").unwrap()).collect();
        assert!(ids.len() == 2 && ids.first() == ids.last(), "{answer:?}: {ids:?}");
        assert_eq!((stream.account().acknowledged, stream.account().retries), (1, 1), "{answer:?}");
        let first = stream.recent().into_iter().next().unwrap();
        let Outcome::Retried { next, .. } = first.outcome else { panic!("{first:?}") };
        let pause = first.at.duration_until(next).as_secs_f64();
        assert!((0.85..=1.15).contains(&pause), "{pause}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let scene = Scene::start().await;
        scene.outside.answer(|answers| answers.endpoint = Some((status, "")));
        let stream =
            scene.delivery.open(endpoint(&scene, |endpoint| endpoint.retry_duration = Duration::ZERO)).unwrap();
        stream.accept(&records(&["x"])).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        let uris: Vec<&str> = given.requests.iter().map(|(_, uri, _)| uri.as_str()).collect();
        assert_eq!((uris, stream.account().failed), (vec!["/endpoint/logs?source=firehose"], 1), "{status}");
    }
}

#[tokio::test]
async fn an_answer_of_more_than_1_mib_is_too_large() {
    let text: &'static str = " ".repeat((1 << 20) + 1).leak();
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.endpoint = Some((200, text)));
    let stream = scene.delivery.open(endpoint(&scene, |endpoint| endpoint.retry_duration = Duration::ZERO)).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let failed = scene.outside.given().lines_of("http-endpoint-failed/");
    assert_eq!(failed.first().unwrap().get("errorCode").unwrap(), "HttpEndpoint.ResponseTooLarge");
}

#[tokio::test]
async fn a_connection_that_is_reset_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's runtime ends with the test, and this task with it")]
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            // What was not read when a socket is closed makes the system reset the connection.
            socket.peek(&mut [0]).await.unwrap();
        }
    });
    let scene = Scene::start().await;
    let spec = endpoint(&scene, |endpoint| {
        endpoint.url = format!("http://{address}/").parse().unwrap();
        endpoint.retry_duration = Duration::ZERO;
    });
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let failed = scene.outside.given().lines_of("http-endpoint-failed/");
    assert_eq!(failed.first().unwrap().get("errorCode").unwrap(), "HttpEndpoint.ConnectionReset");
}

#[tokio::test]
async fn after_the_retry_duration_the_records_are_in_s3_with_the_documented_members() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.endpoint = Some((500, "{\"down\":true}")));
    let stream = scene.delivery.open(endpoint(&scene, |_| {})).unwrap();
    let numbers = stream.accept(&records(&["{\"a\":1}", "{\"a\":2}"])).unwrap();
    stream.flush().await;
    // Only pauses count, so the clock is moved in pauses: of 0.85, 1.7 and 3.4 seconds at least, and then of minutes.
    for attempts in 1..20 {
        while stream.recent().len() < attempts && stream.account().failed == 0 {
            tokio::task::yield_now().await;
        }
        scene.clock.advance(Duration::from_mins(2));
    }
    stream.settled(PATIENCE).await.unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.failed, account.acknowledged), (2, 0));
    let given = scene.outside.given();
    let failed = given.lines_of("backup/logs/http-endpoint-failed/2026/11/23/09/logging-test-1-");
    assert_eq!(failed.len(), 2);
    let first = failed.first().unwrap();
    assert_eq!(first.get("errorCode").unwrap(), "HttpEndpoint.DestinationException");
    assert_eq!(
        first.get("errorMessage").unwrap(),
        "Received the following response from the endpoint destination. 500: {\"down\":true}"
    );
    assert_eq!(first.get("dataId").unwrap(), &format!("{}.0", numbers.first().unwrap()));
    assert_eq!(first.get("attemptsMade").unwrap(), given.requests.len());
    assert!((4..=5).contains(&given.requests.len()), "two minutes, two minutes, and the rest of the five");
    assert_eq!(first.get("rawData").unwrap(), "eyJhIjoxfQ==");
}

#[tokio::test]
async fn a_request_that_is_too_large_for_the_endpoint_is_given_up_and_in_no_bucket() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.endpoint = Some((413, "")));
    let stream = scene.delivery.open(endpoint(&scene, |_| {})).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!((given.requests.len(), given.objects.len()), (1, 0));
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.refused, account.refused_bytes), (1, 1));
}

#[tokio::test]
async fn all_data_is_backed_up_as_it_came_in() {
    let scene = Scene::start().await;
    let spec = endpoint(&scene, |endpoint| endpoint.backup_mode = S3BackupMode::AllDocuments);
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["one", "two"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert_eq!(given.objects.values().map(|body| &**body).collect::<Vec<_>>(), [b"onetwo"]);
    assert_eq!((stream.account().backed_up, stream.account().acknowledged), (2, 2));
}

#[tokio::test]
async fn a_batch_of_more_than_10000_records_is_several_requests() {
    let scene = Scene::start().await;
    let stream = scene.delivery.open(endpoint(&scene, |_| {})).unwrap();
    stream.accept(&vec![Bytes::from_static(b"x"); 10_001]).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let mut counts: Vec<usize> =
        given.requests.iter().map(|(_, _, body)| body.get("records").unwrap().as_array().unwrap().len()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 10_000]);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_named() {
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let scene = Scene::start().await;
    let spec = endpoint(&scene, |endpoint| {
        endpoint.url = format!("http://{closed}/").parse().unwrap();
        endpoint.retry_duration = Duration::ZERO;
    });
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    let failed = scene.outside.given().lines_of("http-endpoint-failed/");
    assert_eq!(failed.first().unwrap().get("errorCode").unwrap(), "HttpEndpoint.ConnectionFailed");
    assert_eq!(failed.first().unwrap().get("attemptsMade").unwrap(), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_by_name() {
    let scene = Scene::start().await;
    let https = endpoint(&scene, |endpoint| endpoint.url = "https://in.example.com/".parse().unwrap());
    assert_eq!(
        scene.delivery.open(https).unwrap_err().to_string(),
        "https://in.example.com/ cannot be used: TLS is not supported yet; use an http address"
    );
    let key = endpoint(&scene, |endpoint| endpoint.access_key = Some("a\nb".to_owned()));
    assert_eq!(
        scene.delivery.open(key).unwrap_err().to_string(),
        "a value of x-amz-firehose-access-key with line feeds or control characters is not supported"
    );
}
