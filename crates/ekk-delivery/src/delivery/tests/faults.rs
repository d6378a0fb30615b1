//! Destinations that the stack was told to let fail, on a clock that travels.

use ekk_faults::{Destination as At, Effect, Faults, Moment, Rule, Share};

use super::*;
use crate::{DeliveryAttempt, Outcome, Target};

/// A scene whose destinations fail as `rules` say.
async fn troubled(rules: impl IntoIterator<Item = Rule>) -> (Scene, Faults) {
    let mut scene = Scene::start().await;
    let Scene { outside, clock, .. } = &scene;
    let faults = Faults::new(clock.clone(), 7);
    let config = Config { faults: faults.clone(), ..outside.config() };
    scene.delivery = Delivery::start(config, clock.clone()).unwrap();
    for rule in rules {
        faults.add(rule).unwrap();
    }
    (scene, faults)
}

fn search(effect: Effect) -> Rule {
    Rule::behind(At::OpenSearch, effect)
}

async fn travel(scene: &Scene, by: Duration) {
    tokio::time::timeout(PATIENCE, scene.clock.advance_through(by)).await.expect("all that is due gets done");
}

/// The reasons of the attempts that were not delivered.
fn reasons(stream: &Stream) -> Vec<String> {
    let reason = |attempt: &DeliveryAttempt| match &attempt.outcome {
        Outcome::Delivered => None,
        Outcome::PartlyDelivered { reason, .. } | Outcome::Retried { reason, .. } | Outcome::GaveUp { reason } => {
            Some(reason.clone())
        }
    };
    stream.recent().iter().filter_map(reason).collect()
}

#[tokio::test]
async fn an_hour_without_a_cluster_loses_nothing_and_passes_in_a_moment() {
    let rule = search(Effect::Gone).lasting(Duration::from_hours(1));
    let (scene, faults) = troubled([rule]).await;
    let stream = scene.open(|destination| destination.retry_duration = Duration::from_hours(2));
    for _ in 0..60 {
        stream.accept(&records(&["{}"])).unwrap();
        travel(&scene, Duration::from_mins(1)).await;
        check_sums(&stream.account());
    }
    travel(&scene, Duration::from_mins(5)).await;
    let account = stream.account();
    assert_eq!((account.indexed, account.failed, account.queued), (60, 0, 0), "{account:?}");
    assert_eq!(account.duplicates_possible, 0, "a refused connection delivers nothing");
    assert!(faults.list()[0].hits > 50, "{:?}", faults.list());
    assert!(reasons(&stream).iter().all(|reason| reason.contains("connection refused (fault 1)")));
}

#[tokio::test]
async fn a_retry_duration_of_two_hours_is_tried_to_its_end() {
    let (scene, faults) = troubled([search(Effect::Status(503))]).await;
    let stream = scene.open(|destination| destination.retry_duration = Duration::from_hours(2));
    stream.accept(&records(&["{}"])).unwrap();
    travel(&scene, Duration::from_mins(1) + Duration::from_secs(7_199)).await;
    assert_eq!((stream.account().queued, stream.account().failed), (1, 0));
    travel(&scene, Duration::from_secs(1)).await;
    assert_eq!((stream.account().queued, stream.account().failed), (0, 1));
    let attempts = faults.list()[0].hits;
    assert!((120..260).contains(&attempts), "{attempts} attempts in two hours");
    let failed = scene.outside.given().failed_documents();
    assert_eq!(failed[0]["attemptsMade"], attempts);
    assert_eq!(failed[0]["errorCode"], "503");
    let ends = failed[0]["attemptEndingTimestamp"].as_i64().unwrap() - failed[0]["arrivalTimestamp"].as_i64().unwrap();
    assert_eq!(ends, (60 + 7_200) * 1_000);
}

#[tokio::test]
async fn some_documents_are_refused_and_tried_again_or_fail() {
    let busy = search(Effect::fail_items(Share::Count(2), 429)).times(1);
    let broken = search(Effect::fail_items(Share::Count(1), 400)).times(1);
    let (scene, _) = troubled([busy, broken]).await;
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"n\":0}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3}"])).unwrap();
    travel(&scene, Duration::from_mins(2)).await;
    let account = stream.account();
    assert_eq!((account.indexed, account.failed, account.queued, account.retries), (3, 1, 0, 1));
    assert_eq!(scene.outside.given().bulks, [2, 1], "only what is not refused reaches the cluster");
    let failed = scene.outside.given().failed_documents();
    assert!(failed[0]["errorMessage"].as_str().unwrap().contains("failed to parse (fault 2)"));
}

#[tokio::test]
async fn a_lost_answer_indexes_twice_without_document_ids_and_is_counted() {
    let (scene, _) = troubled([search(Effect::DropConnection(Moment::AfterWork)).times(1)]).await;
    let stream = scene.open(|destination| destination.document_id = DefaultDocumentIdFormat::NoDocumentId);
    stream.accept(&records(&["{}", "{}"])).unwrap();
    travel(&scene, Duration::from_mins(2)).await;
    let account = stream.account();
    assert_eq!((account.indexed, account.duplicates_possible), (2, 2));
    assert_eq!(scene.outside.given().documents.len(), 4);
}

#[tokio::test]
async fn a_slow_cluster_is_waited_for_and_one_that_is_too_slow_times_out() {
    let late = |secs| search(Effect::delay(Duration::from_secs(secs))).times(1);
    let (scene, _) = troubled([late(20)]).await;
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{}"])).unwrap();
    travel(&scene, Duration::from_secs(79)).await;
    assert_eq!(stream.account().indexed, 0);
    travel(&scene, Duration::from_secs(1)).await;
    assert_eq!((stream.account().indexed, stream.account().retries), (1, 0));

    let (scene, _) = troubled([late(90)]).await;
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{}"])).unwrap();
    travel(&scene, Duration::from_mins(2)).await;
    assert_eq!(reasons(&stream), ["no answer from OpenSearch: the request took too long (fault 1)"]);
    travel(&scene, Duration::from_secs(2)).await;
    assert_eq!((stream.account().indexed, stream.account().retries), (1, 1));
    assert_eq!(scene.outside.given().documents.len(), 1, "an id makes the second time harmless");
}

#[tokio::test]
async fn the_wait_for_an_answer_of_an_endpoint_is_no_part_of_its_retry_duration_and_is_finished_past_it() {
    let slow = Rule::behind(At::HttpEndpoint, Effect::delay(Duration::from_secs(170)));
    let (scene, faults) = troubled([slow]).await;
    scene.outside.answer(|answers| answers.endpoint = Some((500, "")));
    let spec = super::endpoint::endpoint(&scene, |endpoint| endpoint.retry_duration = Duration::from_secs(10));
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    travel(&scene, Duration::from_mins(1) + 5 * Duration::from_secs(170)).await;
    assert_eq!((stream.account().failed, stream.account().queued), (0, 1), "ten seconds of pauses are not over");
    travel(&scene, Duration::from_secs(15)).await;
    assert_eq!((stream.account().failed, stream.account().queued), (1, 0));
    // Pauses of about 1, 2 and 4 seconds and the rest of the ten, and 170 seconds for every answer.
    assert_eq!((faults.list()[0].hits, scene.outside.given().requests.len()), (5, 5));
    let first = &scene.outside.given().lines_of("http-endpoint-failed/")[0];
    assert_eq!((&first["attemptsMade"], &first["errorCode"]), (&5.into(), &"HttpEndpoint.DestinationException".into()));
}

#[tokio::test]
async fn each_destination_is_waited_for_as_long_as_aws_waits_for_it() {
    for (at, patience_secs, code) in
        [(At::HttpEndpoint, 180, "HttpEndpoint.RequestTimeout"), (At::Lambda, 300, "Lambda.FunctionTimedOut")]
    {
        for (delay, ends_in) in [(patience_secs - 1, None), (patience_secs, Some(code))] {
            let late = Rule::behind(at, Effect::delay(Duration::from_secs(delay))).times(1);
            let (scene, _) = troubled([late]).await;
            let function = crate::LambdaProcessor {
                arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
                number_of_retries: 0,
                buffering_hints: BufferingHints { size_bytes: 1 << 20, interval: Duration::ZERO },
            };
            let mut spec = super::endpoint::endpoint(&scene, |endpoint| endpoint.retry_duration = Duration::ZERO);
            spec.processors = vec![crate::Processor::Lambda(function)];
            let stream = scene.delivery.open(spec).unwrap();
            stream.accept(&records(&["x"])).unwrap();
            travel(&scene, Duration::from_mins(10)).await;
            let account = stream.account();
            check_sums(&account);
            assert_eq!(account.acknowledged, u64::from(ends_in.is_none()), "{at:?} after {delay} s");
            let failed = scene.outside.given().lines_of("-failed/");
            let found = failed.first().map(|line| line["errorCode"].as_str().unwrap());
            assert_eq!(found, ends_in, "{at:?} after {delay} s");
        }
    }
}

#[tokio::test]
async fn a_bucket_that_is_gone_for_a_while_gets_its_objects_afterwards() {
    for effect in [Effect::Gone, Effect::Status(503), Effect::DropConnection(Moment::AfterWork)] {
        let rule = Rule::behind(At::S3, effect.clone()).lasting(Duration::from_mins(10));
        let (scene, _) = troubled([rule]).await;
        let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
        stream.accept(&records(&["{}"])).unwrap();
        travel(&scene, Duration::from_mins(9)).await;
        assert_eq!((stream.account().indexed, stream.account().backed_up), (1, 0), "{effect:?}");
        travel(&scene, Duration::from_mins(2)).await;
        assert_eq!((stream.account().backed_up, scene.outside.given().objects.len()), (1, 1), "{effect:?}");
        let is_backup = |attempt: &DeliveryAttempt| matches!(attempt.target, Target::Backup { .. });
        assert!(stream.recent().iter().filter(|attempt| is_backup(attempt)).count() > 5);
    }
}

#[tokio::test]
async fn a_put_and_a_move_of_the_clock_right_after_it_are_in_order() {
    let (scene, _) = troubled([]).await;
    let stream = scene.open(|_| {});
    for _ in 0..20 {
        stream.accept(&records(&["{}"])).unwrap();
        travel(&scene, Duration::from_hours(3)).await;
        assert_eq!(stream.account().queued, 0);
    }
    let at = |attempt: &DeliveryAttempt| attempt.at.as_second();
    let times: Vec<i64> = stream.recent().iter().map(at).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 3 * 3_600), "each is flushed after its minute: {times:?}");
}

#[tokio::test]
async fn functions_and_endpoints_fail_as_rules_say_and_get_their_records_afterwards() {
    let lasting = |at, effect| Rule::behind(at, effect).lasting(Duration::from_mins(2));
    for effect in [Effect::Gone, Effect::Status(503), Effect::DropConnection(Moment::AfterWork)] {
        let (scene, faults) =
            troubled([lasting(At::Lambda, effect.clone()), lasting(At::HttpEndpoint, effect.clone())]).await;
        let destination = crate::HttpEndpointDestination {
            url: scene.outside.url("endpoint/x"),
            name: None,
            access_key: None,
            content_encoding: crate::ContentEncoding::None,
            common_attributes: Vec::new(),
            buffering_hints: BufferingHints { size_bytes: 1 << 20, interval: Duration::from_secs(1) },
            retry_duration: Duration::from_mins(5),
            backup_mode: S3BackupMode::FailedDocumentsOnly,
            backup: bucket(),
        };
        let function = crate::LambdaProcessor {
            arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
            number_of_retries: 300,
            buffering_hints: BufferingHints { size_bytes: 1 << 20, interval: Duration::ZERO },
        };
        let mut plain = spec_of(Destination::HttpEndpoint(destination.clone()));
        plain.id = "plain".to_owned();
        let mut processed = spec_of(Destination::HttpEndpoint(destination));
        processed.processors = vec![crate::Processor::Lambda(function)];
        for spec in [plain, processed] {
            let stream = scene.delivery.open(spec).unwrap();
            stream.accept(&records(&["one", "two"])).unwrap();
        }
        travel(&scene, Duration::from_mins(10)).await;
        assert!(faults.list().iter().all(|rule| rule.hits > 0), "{effect:?}: {:?}", faults.list());
        for stream in scene.delivery.streams() {
            let account = stream.account();
            check_sums(&account);
            assert_eq!((account.acknowledged, account.queued), (2, 0), "{effect:?}");
            assert!(reasons(&stream).iter().all(|reason| reason.contains("(fault ") || reason.contains("fault ")));
        }
    }
}
