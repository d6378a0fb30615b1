//! The AWS SDK for Rust, unchanged, against the one endpoint.

use aws_sdk_firehose::{
    error::ProvideErrorMetadata as _,
    primitives::Blob,
    types::{
        AmazonopensearchserviceDestinationUpdate, AmazonopensearchserviceIndexRotationPeriod,
        DeliveryStreamDescription, DeliveryStreamEncryptionStatus, DeliveryStreamStatus,
        ExtendedS3DestinationConfiguration, Record, Tag,
    },
};
use ekk::Ekk;
use ekk_tests::clients;

fn record(text: &str) -> Record {
    Record::builder().data(Blob::new(text)).build().unwrap()
}

#[tokio::test]
async fn a_batch_is_accepted_and_searchable() {
    let ekk = Ekk::start().await.unwrap();
    let firehose = clients::firehose(&ekk);
    let answer = firehose
        .put_record_batch()
        .delivery_stream_name("logging-test")
        .records(record(r#"{"levelname": "ERROR", "message": "first"}"#))
        .records(record(r#"{"levelname": "INFO", "message": "second"}"#))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.failed_put_count(), 0);
    let ids: Vec<&str> = answer.request_responses().iter().map(|entry| entry.record_id().unwrap()).collect();
    assert!(ids.iter().all(|id| id.len() == 224), "{ids:?}");
    let single = firehose.put_record().delivery_stream_name("logging-test").record(record("{\"message\": \"third\"}"));
    assert_eq!(single.send().await.unwrap().encrypted(), Some(false));
    ekk.settle().await.unwrap();
    assert_eq!(ekk.count("logging-test-*").await.unwrap(), 3);
}

#[tokio::test]
async fn a_stream_is_created_described_listed_and_deleted() {
    let ekk = Ekk::start().await.unwrap();
    let firehose = clients::firehose(&ekk);
    let destination = ExtendedS3DestinationConfiguration::builder()
        .role_arn("arn:aws:iam::000000000000:role/firehose")
        .bucket_arn("arn:aws:s3:::logging-test-backup")
        .prefix("app/")
        .build()
        .unwrap();
    let create = firehose
        .create_delivery_stream()
        .delivery_stream_name("mine")
        .extended_s3_destination_configuration(destination);
    let created = Box::pin(create.send()).await.unwrap();
    let arn = "arn:aws:firehose:us-east-1:000000000000:deliverystream/mine";
    assert_eq!(created.delivery_stream_arn(), Some(arn));

    for name in ["mine", "logging-test"] {
        let described = firehose.describe_delivery_stream().delivery_stream_name(name).send().await.unwrap();
        let description = described.delivery_stream_description().unwrap();
        assert_eq!(description.delivery_stream_status(), &DeliveryStreamStatus::Active);
        assert_eq!(description.destinations().len(), 1);
    }
    let listed = firehose.list_delivery_streams().send().await.unwrap();
    assert_eq!(listed.delivery_stream_names(), ["logging-test", "mine"]);

    firehose.delete_delivery_stream().delivery_stream_name("mine").send().await.unwrap();
    let gone = firehose.describe_delivery_stream().delivery_stream_name("mine").send().await.unwrap_err();
    let error = gone.into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    assert_eq!(error.message(), Some("Firehose mine under account 000000000000 not found."));
}

#[tokio::test]
async fn a_stream_is_updated_tagged_and_encrypted() {
    let ekk = Ekk::start().await.unwrap();
    let firehose = clients::firehose(&ekk);
    let name = "logging-test";
    let describe = || async {
        let described = firehose.describe_delivery_stream().delivery_stream_name(name).send().await.unwrap();
        described.delivery_stream_description().unwrap().clone()
    };
    let before = describe().await;
    let rotation = |version: &str, period| {
        let update = AmazonopensearchserviceDestinationUpdate::builder().index_rotation_period(period).build();
        let request =
            firehose.update_destination().delivery_stream_name(name).current_delivery_stream_version_id(version);
        request
            .destination_id(before.destinations()[0].destination_id())
            .amazonopensearchservice_destination_update(update)
    };
    Box::pin(rotation("1", AmazonopensearchserviceIndexRotationPeriod::OneMonth).send()).await.unwrap();
    let after = describe().await;
    assert_eq!((before.version_id(), after.version_id()), ("1", "2"));
    let search = after.destinations()[0].amazonopensearchservice_destination_description().unwrap();
    assert_eq!(search.index_rotation_period(), Some(&AmazonopensearchserviceIndexRotationPeriod::OneMonth));

    let tag = |key: &str| Tag::builder().key(key).value("v").build().unwrap();
    firehose.tag_delivery_stream().delivery_stream_name(name).tags(tag("a")).tags(tag("b")).send().await.unwrap();
    firehose.untag_delivery_stream().delivery_stream_name(name).tag_keys("a").send().await.unwrap();
    let listed = firehose.list_tags_for_delivery_stream().delivery_stream_name(name).send().await.unwrap();
    assert_eq!((listed.tags(), listed.has_more_tags()), (&[tag("b")][..], false));
    let encryption = |description: DeliveryStreamDescription| {
        description.delivery_stream_encryption_configuration().unwrap().status().unwrap().clone()
    };
    firehose.start_delivery_stream_encryption().delivery_stream_name(name).send().await.unwrap();
    assert_eq!(encryption(describe().await), DeliveryStreamEncryptionStatus::Enabled);
    firehose.stop_delivery_stream_encryption().delivery_stream_name(name).send().await.unwrap();
    assert_eq!(encryption(describe().await), DeliveryStreamEncryptionStatus::Disabled);

    let stale = Box::pin(rotation("1", AmazonopensearchserviceIndexRotationPeriod::OneDay).send()).await.unwrap_err();
    let stale = stale.into_service_error();
    assert!(stale.is_concurrent_modification_exception(), "{stale:?}");
    assert_eq!(
        stale.message(),
        Some(
            "Cannot update firehose: logging-test since the current version id: 2 and specified version id: 1 do not match"
        )
    );
    let many = (0..50).map(|number| tag(&format!("key-{number}"))).collect();
    let refused = firehose.tag_delivery_stream().delivery_stream_name(name).set_tags(Some(many)).send().await;
    assert!(refused.unwrap_err().into_service_error().is_limit_exceeded_exception());
}

#[tokio::test]
async fn the_caller_has_an_identity() {
    let ekk = Ekk::start().await.unwrap();
    let sts = aws_sdk_sts::Client::new(&clients::aws_config(&ekk));
    let identity = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("000000000000"));
    assert_eq!(identity.arn(), Some("arn:aws:iam::000000000000:root"));
}

#[tokio::test]
async fn s3_answers_on_the_same_endpoint() {
    let ekk = Ekk::start().await.unwrap();
    let s3 = clients::s3(&ekk);
    s3.put_object()
        .bucket("logging-test-backup")
        .key("a/b c")
        .body("text".to_owned().into_bytes().into())
        .send()
        .await
        .unwrap();
    let objects = clients::objects(&ekk, "logging-test-backup").await;
    assert_eq!(objects, [("a/b c".to_owned(), b"text".to_vec())]);
}
