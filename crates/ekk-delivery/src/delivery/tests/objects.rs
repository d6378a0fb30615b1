//! Objects of S3 destinations: large ones, their backup, and what is said of them.

use std::io::Read;

use super::*;
use crate::{ExtendedS3Destination, Processor};

fn stored(change: impl FnOnce(&mut ExtendedS3Destination)) -> StreamSpec {
    let mut destination = ExtendedS3Destination::from(S3Destination {
        buffering_hints: BufferingHints { size_bytes: 128 << 20, interval: Duration::from_mins(1) },
        ..bucket()
    });
    change(&mut destination);
    spec_of(Destination::S3(destination))
}

/// Records of 900,000 bytes that do not compress.
fn large(count: usize) -> Vec<Bytes> {
    use rand::{Rng, SeedableRng};
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    (0..count)
        .map(|_| {
            let mut record = vec![0; 900_000];
            random.fill_bytes(&mut record);
            record.into()
        })
        .collect()
}

#[tokio::test]
async fn the_time_in_a_key_is_that_of_the_oldest_record_in_the_object_at_every_place() {
    let scene = Scene::start().await;
    let stream = scene
        .delivery
        .open(stored(|destination| {
            destination.objects.prefix = "!{timestamp:HH-mm-ss}/!{timestamp:yyyy}/again=!{timestamp:ss}/".to_owned();
            destination.objects.error_output_prefix = Some("errors/".to_owned());
        }))
        .unwrap();
    stream.accept(&records(&["older,"])).unwrap();
    scene.clock.advance(Duration::from_secs(59));
    stream.accept(&records(&["newer"])).unwrap();
    scene.clock.advance(Duration::from_secs(1));
    let given = scene.outside.wait(|given| given.objects.len() == 1).await;
    let (key, body) = given.objects.first_key_value().unwrap();
    assert!(key.starts_with("backup/09-59-59/2026/again=59/logging-test-1-2026-11-23-09-59-59-"), "{key}");
    assert_eq!(*body, "older,newer", "with nothing between the records");
}

#[tokio::test]
async fn records_that_a_bucket_does_not_take_wait_for_it_and_go_to_no_error_prefix() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.object_status = Some(403));
    let stream = scene.delivery.open(stored(|_| {})).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    for _ in 0..30 {
        stream.flush().await;
        scene.clock.advance(Duration::from_hours(1));
    }
    let account = stream.account();
    assert_eq!((account.queued, account.stored, account.failed + account.processing_failed), (1, 0, 0));
    scene.outside.answer(|answers| answers.object_status = None);
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let keys: Vec<&String> = given.objects.keys().collect();
    assert!(keys.len() == 1 && keys.iter().all(|key| key.starts_with("backup/logs/2026/11/23/09/")), "{keys:?}");
}

#[tokio::test]
async fn a_large_object_is_written_in_parts_in_every_format() {
    for compression in [
        CompressionFormat::Uncompressed,
        CompressionFormat::Gzip,
        CompressionFormat::Zip,
        CompressionFormat::Snappy,
        CompressionFormat::HadoopSnappy,
    ] {
        let scene = Scene::start().await;
        let stream = scene.delivery.open(stored(|destination| destination.objects.compression = compression)).unwrap();
        let records = large(11);
        stream.accept(&records).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        let expected = if compression == CompressionFormat::Zip { 1 } else { 2 };
        assert_eq!(given.part_counts, [expected], "{compression:?}");
        assert!(given.parts.is_empty());
        let body = given.objects.first_key_value().unwrap().1;
        let mut text = Vec::new();
        match compression {
            CompressionFormat::Uncompressed => text.extend_from_slice(body),
            CompressionFormat::Gzip => drop(flate2::read::GzDecoder::new(&**body).read_to_end(&mut text).unwrap()),
            CompressionFormat::Snappy => drop(snap::read::FrameDecoder::new(&**body).read_to_end(&mut text).unwrap()),
            CompressionFormat::Zip | CompressionFormat::HadoopSnappy => continue,
        }
        assert!(text == records.concat(), "{compression:?}");
    }
}

#[tokio::test]
async fn a_large_object_whose_bucket_is_gone_is_written_again_as_a_whole() {
    let scene = Scene::start().await;
    scene.outside.answer(|answers| answers.object_status = Some(503));
    let stream = scene.delivery.open(stored(|_| {})).unwrap();
    let records = large(10);
    stream.accept(&records).unwrap();
    stream.flush().await;
    scene.outside.answer(|answers| answers.object_status = None);
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    assert!(*given.objects.first_key_value().unwrap().1 == records.concat());
    assert_eq!((stream.account().stored, stream.account().retries), (10, 1));
}

#[tokio::test]
async fn objects_say_their_type_and_only_gzip_its_encoding() {
    for (compression, encoding) in [
        (CompressionFormat::Uncompressed, None),
        (CompressionFormat::Gzip, Some("gzip")),
        (CompressionFormat::Zip, None),
        (CompressionFormat::Snappy, None),
        (CompressionFormat::HadoopSnappy, None),
    ] {
        let scene = Scene::start().await;
        let stream = scene.delivery.open(stored(|destination| destination.objects.compression = compression)).unwrap();
        stream.accept(&records(&["x"])).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let given = scene.outside.given();
        let (content_type, content_encoding) = given.types.first_key_value().unwrap().1;
        assert_eq!((content_type.as_str(), content_encoding.as_deref()), ("application/octet-stream", encoding));
    }
}

#[tokio::test]
async fn the_source_backup_has_its_own_bucket_prefix_hints_and_the_records_as_they_came_in() {
    let scene = Scene::start().await;
    let mut spec = stored(|destination| {
        destination.source_backup = Some(S3Destination {
            bucket: "source".to_owned(),
            prefix: "raw/".to_owned(),
            compression: CompressionFormat::Gzip,
            buffering_hints: BufferingHints { size_bytes: 1 << 20, interval: Duration::from_mins(5) },
            ..bucket()
        });
    });
    spec.processors = vec![Processor::AppendDelimiterToRecord { delimiter: Bytes::from_static(b"\n") }];
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["one", "two"])).unwrap();
    // The processors have passed the records on when the clock is asked for the minute of the destination.
    while stream.metrics().iter().any(|metric| metric.name == "DeliveryToS3.Records" && metric.value < 2.0) {
        scene.clock.advance(Duration::from_secs(10));
        tokio::task::yield_now().await;
        assert!(scene.clock.now() < "2026-11-23T10:04:59Z".parse().unwrap(), "a minute was enough");
    }
    let given = scene.outside.given();
    assert_eq!(given.objects.len(), 1, "the backup waits for five minutes");
    assert_eq!(given.objects.values().next().unwrap(), "one\ntwo\n");
    assert_eq!((stream.account().stored, stream.account().backup_queued), (2, 2));
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let (key, body) = given.objects.last_key_value().unwrap();
    assert!(key.starts_with("source/raw/2026/11/23/09/logging-test-1-") && key.rsplit_once('.').unwrap().1 == "gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&**body).read_to_string(&mut text).unwrap();
    assert_eq!(text, "onetwo");
    assert_eq!(stream.account().backed_up, 2);
}

#[tokio::test]
async fn an_interval_of_zero_writes_at_once() {
    let scene = Scene::start().await;
    let spec = stored(|destination| destination.objects.buffering_hints.interval = Duration::ZERO);
    let stream = scene.delivery.open(spec).unwrap();
    stream.accept(&records(&["x"])).unwrap();
    scene.outside.wait(|given| given.objects.len() == 1).await;
}
