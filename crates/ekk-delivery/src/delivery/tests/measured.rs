//! What is measured of streams.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use super::*;
use crate::{DynamicPartitioning, ExtendedS3Destination, LambdaProcessor, Processor, Unit};

fn values(stream: &Stream) -> BTreeMap<String, f64> {
    stream.metrics().into_iter().map(|metric| (metric.name, metric.value)).collect()
}

#[track_caller]
fn check(values: &BTreeMap<String, f64>, expected: &[(&str, f64)]) {
    for (name, value) in expected {
        let found = values.get(*name).unwrap_or_else(|| panic!("no {name} in {values:?}"));
        assert!((found - value).abs() < 1e-9, "{name} is {found}, not {value}");
    }
}

#[tokio::test]
async fn a_stream_to_an_index_has_the_metrics_of_cloudwatch() {
    let scene = Scene::start().await;
    let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    stream.accept(&records(&["{\"a\":1}", "conflict"])).unwrap();
    scene.clock.advance(Duration::from_secs(20));
    check(
        &values(&stream),
        &[
            ("DeliveryToAmazonOpenSearchService.DataFreshness", 20.0),
            ("DeliveryToAmazonOpenSearchService.Records", 0.0),
            ("IncomingRecords", 2.0),
        ],
    );
    stream.settled(PATIENCE).await.unwrap();
    check(
        &values(&stream),
        &[
            ("IncomingBytes", 15.0),
            ("IncomingRecords", 2.0),
            ("IncomingPutRequests", 1.0),
            ("DeliveryToAmazonOpenSearchService.Bytes", 7.0),
            ("DeliveryToAmazonOpenSearchService.Records", 1.0),
            ("DeliveryToAmazonOpenSearchService.Success", 1.0),
            ("DeliveryToAmazonOpenSearchService.DataFreshness", 0.0),
            ("DeliveryToS3.Bytes", 15.0),
            ("DeliveryToS3.Records", 2.0),
            ("DeliveryToS3.Success", 1.0),
            ("DeliveryToS3.DataFreshness", 0.0),
        ],
    );
    let metric = stream.metrics().remove(0);
    assert_eq!((metric.name.as_str(), metric.delivery_stream_name.as_str()), ("IncomingBytes", "logging-test"));
    assert_eq!(metric.unit, Unit::Bytes);
}

#[tokio::test]
async fn without_all_documents_only_the_success_of_s3_is_measured() {
    let scene = Scene::start().await;
    let stream = scene.open(|destination| destination.flavour = Flavour::Elasticsearch);
    let values = values(&stream);
    check(&values, &[("DeliveryToS3.Success", 1.0), ("DeliveryToElasticsearch.Records", 0.0)]);
    assert!(!values.contains_key("DeliveryToS3.Records"), "{values:?}");
}

#[tokio::test]
async fn failed_attempts_lower_the_success() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.bulk_status = Some(503));
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{}"])).unwrap();
    stream.flush().await;
    scene.outside.answer(|answers| answers.bulk_status = None);
    stream.settled(PATIENCE).await.unwrap();
    check(&values(&stream), &[("DeliveryToAmazonOpenSearchService.Success", 0.5)]);
}

#[tokio::test]
async fn a_stream_with_a_function_has_the_metrics_of_its_processing() {
    let scene = Scene::start().await;
    let function = LambdaProcessor {
        arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
        number_of_retries: 3,
        buffering_hints: BufferingHints::default(),
    };
    let spec =
        StreamSpec { processors: vec![Processor::Lambda(function)], ..spec_of(Destination::S3(bucket().into())) };
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["one", "two"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    check(
        &values(&stream),
        &[
            ("ExecuteProcessing.Success", 1.0),
            ("ExecuteProcessing.Duration", 0.0),
            ("SucceedProcessing.Records", 2.0),
            ("SucceedProcessing.Bytes", 6.0),
            ("DeliveryToS3.Records", 2.0),
        ],
    );
}

#[tokio::test]
async fn a_partitioned_stream_has_the_metrics_of_its_partitions() {
    let scene = Scene::start().await;
    let mut spec = spec_of(Destination::S3(ExtendedS3Destination {
        objects: S3Destination {
            prefix: "!{partitionKeyFromQuery:k}/".to_owned(),
            error_output_prefix: Some("errors/".to_owned()),
            ..bucket()
        },
        source_backup: None,
        dynamic_partitioning: Some(DynamicPartitioning { retry_duration: Duration::ZERO }),
    }));
    spec.processors = vec![Processor::MetadataExtraction { query: "{k: .k}".to_owned() }];
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["{\"k\":1}", "{\"k\":1}", "{\"k\":2}"])).unwrap();
    scene.clock.quiet().await;
    scene.clock.advance(Duration::from_secs(4));
    let waiting = [("PartitionCount", 2.0), ("PerPartitionThroughput", 3.5), ("PartitionCountExceeded", 0.0)];
    check(&values(&stream), &waiting);
    stream.settled(PATIENCE).await.unwrap();
    let delivered = [("PartitionCount", 0.0), ("PerPartitionThroughput", 0.0), ("DeliveryToS3.ObjectCount", 2.0)];
    check(&values(&stream), &delivered);
}

/// Keeps the fields of events of error logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "ekk_delivery::cloudwatch"
    }

    fn new_span(&self, _span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _span: &tracing::span::Id, _values: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _span: &tracing::span::Id, _follows: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _span: &tracing::span::Id) {}

    fn exit(&self, _span: &tracing::span::Id) {}
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

#[tokio::test]
async fn errors_are_logged_with_the_members_of_the_events_of_aws() {
    let log = Log::default();
    // The workers of this test run on this thread.
    let _guard = tracing::subscriber::set_default(log.clone());
    let scene = Scene::start().await;
    scene.outside.answer(|answers| {
        answers.object_status = Some(404);
        answers.function = Some(|_| (200, true, "{}".to_owned()));
    });
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned();
    let function =
        LambdaProcessor { arn: arn.clone(), number_of_retries: 0, buffering_hints: BufferingHints::default() };
    let spec =
        StreamSpec { processors: vec![Processor::Lambda(function)], ..spec_of(Destination::S3(bucket().into())) };
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["one"])).unwrap();
    stream.flush().await;
    let events = log.0.lock().unwrap().clone();
    let member = |place: usize, name: &str| events.get(place).and_then(|event| event.get(name)).cloned();
    for (place, code, message, processor) in [
        (
            0,
            "Lambda.FunctionError",
            "The Lambda function was successfully invoked but it returned an error result.",
            Some(arn),
        ),
        (
            1,
            "S3.NoSuchBucket",
            "S3 answers 404 NoSuchBucket for bucket backup: It is not there; create the bucket or use a bucket that exists",
            None,
        ),
    ] {
        assert_eq!(member(place, "errorCode").as_deref(), Some(code), "{events:?}");
        assert_eq!(member(place, "message").as_deref(), Some(message));
        assert_eq!(member(place, "processor"), processor);
        assert_eq!(member(place, "deliveryStreamARN").as_deref(), Some(&*stream.spec().arn));
        assert_eq!(member(place, "deliveryStreamVersionId").as_deref(), Some("1"));
        assert_eq!(member(place, "destination").as_deref(), Some("arn:aws:s3:::backup"));
    }
}
