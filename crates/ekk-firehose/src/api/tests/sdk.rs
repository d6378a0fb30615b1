//! The AWS SDK for Rust as a client, whose parser insists on every required member.

use std::time::Duration;

use aws_sdk_firehose::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    error::ProvideErrorMetadata as _,
    primitives::Blob,
    types::{
        AmazonopensearchserviceDestinationConfiguration, AmazonopensearchserviceDestinationUpdate,
        DeliveryStreamEncryptionStatus, DeliveryStreamStatus, ExtendedS3DestinationConfiguration, KeyType, Record,
        S3DestinationConfiguration, Tag,
    },
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use super::{ROLE, Stand, stream};

/// Carries the SDK's requests to the router without a socket.
#[derive(Debug, Clone)]
struct InProcess(Router);

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let router = self.0.clone();
        HttpConnectorFuture::new(async move { Ok(carry(router, request).await) })
    }
}

async fn carry(router: Router, request: HttpRequest) -> HttpResponse {
    let mut builder = Request::builder().method(request.method()).uri(request.uri());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let body = Body::from(request.body().bytes().unwrap().to_vec());
    let response = router.oneshot(builder.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let mut answer = HttpResponse::new(parts.status.as_u16().try_into().unwrap(), bytes.to_vec().into());
    for (name, value) in &parts.headers {
        answer.headers_mut().insert(name.as_str().to_owned(), value.to_str().unwrap().to_owned());
    }
    answer
}

pub(super) fn client(stand: &Stand) -> Client {
    let config = aws_sdk_firehose::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url("http://localhost:4566")
        .http_client(InProcess(stand.router()))
        .build();
    Client::from_conf(config)
}

fn bucket() -> S3DestinationConfiguration {
    S3DestinationConfiguration::builder().role_arn(ROLE).bucket_arn("arn:aws:s3:::logs-backup").build().unwrap()
}

#[tokio::test]
async fn the_sdk_creates_describes_puts_lists_and_deletes() {
    let stand = Stand::new();
    let client = client(&stand);
    let search = AmazonopensearchserviceDestinationConfiguration::builder()
        .role_arn(ROLE)
        .domain_arn("arn:aws:es:us-east-1:000000000000:domain/logs")
        .index_name("logs")
        .s3_configuration(bucket())
        .build()
        .unwrap();
    let create = client.create_delivery_stream().delivery_stream_name("logs");
    Box::pin(create.amazonopensearchservice_destination_configuration(search).send()).await.unwrap();

    let described = client.describe_delivery_stream().delivery_stream_name("logs").send().await.unwrap();
    let description = described.delivery_stream_description().unwrap();
    assert_eq!(description.delivery_stream_status(), &DeliveryStreamStatus::Active);
    assert_eq!(description.version_id(), "1");
    assert_eq!(description.create_timestamp().unwrap().to_millis().unwrap(), 1_767_225_600_250);
    let destination = &description.destinations()[0];
    let search = destination.amazonopensearchservice_destination_description().unwrap();
    assert_eq!(search.buffering_hints().unwrap().interval_in_seconds(), Some(300));

    let record = Record::builder().data(Blob::new("{}")).build().unwrap();
    let put = client.put_record().delivery_stream_name("logs").record(record.clone()).send().await.unwrap();
    assert_eq!(put.record_id().len(), 224);
    let batch = client.put_record_batch().delivery_stream_name("logs").records(record.clone()).records(record);
    let batch = batch.send().await.unwrap();
    assert_eq!((batch.failed_put_count(), batch.request_responses().len()), (0, 2));

    let listed = client.list_delivery_streams().send().await.unwrap();
    assert_eq!((listed.delivery_stream_names(), listed.has_more_delivery_streams()), (&["logs".to_owned()][..], false));
    client.delete_delivery_stream().delivery_stream_name("logs").send().await.unwrap();
    let error = client.describe_delivery_stream().delivery_stream_name("logs").send().await.unwrap_err();
    let error = error.into_service_error();
    assert!(error.is_resource_not_found_exception());
    assert_eq!(error.message(), Some("Firehose logs under account 000000000000 not found."));
}

#[tokio::test]
async fn the_sdk_reads_both_descriptions_of_extended_s3() {
    let stand = Stand::new();
    let client = client(&stand);
    let s3 = ExtendedS3DestinationConfiguration::builder().role_arn(ROLE).bucket_arn("arn:aws:s3:::logs");
    let create = client.create_delivery_stream().delivery_stream_name("logs");
    Box::pin(create.extended_s3_destination_configuration(s3.build().unwrap()).send()).await.unwrap();
    let described = client.describe_delivery_stream().delivery_stream_name("logs").send().await.unwrap();
    let destination = &described.delivery_stream_description().unwrap().destinations()[0];
    assert_eq!(destination.s3_destination_description().unwrap().bucket_arn(), "arn:aws:s3:::logs");
    assert_eq!(destination.extended_s3_destination_description().unwrap().bucket_arn(), "arn:aws:s3:::logs");
}

#[tokio::test]
async fn the_sdk_tags_encrypts_and_updates() {
    let stand = Stand::with_stream("logs");
    let client = client(&stand);
    let tag = |key: &str| Tag::builder().key(key).value("x").build().unwrap();
    client.tag_delivery_stream().delivery_stream_name("logs").tags(tag("a")).tags(tag("b")).send().await.unwrap();
    client.untag_delivery_stream().delivery_stream_name("logs").tag_keys("a").send().await.unwrap();
    let listed = client.list_tags_for_delivery_stream().delivery_stream_name("logs").limit(1).send().await.unwrap();
    assert_eq!((listed.tags(), listed.has_more_tags()), (&[tag("b")][..], false));

    client.start_delivery_stream_encryption().delivery_stream_name("logs").send().await.unwrap();
    let described = client.describe_delivery_stream().delivery_stream_name("logs").send().await.unwrap();
    let description = described.delivery_stream_description().unwrap();
    let encryption = description.delivery_stream_encryption_configuration().unwrap();
    assert_eq!(encryption.status(), Some(&DeliveryStreamEncryptionStatus::Enabled));
    assert_eq!(encryption.key_type(), Some(&KeyType::AwsOwnedCmk));
    let record = Record::builder().data(Blob::new("{}")).build().unwrap();
    let put = client.put_record().delivery_stream_name("logs").record(record).send().await.unwrap();
    assert_eq!(put.encrypted(), Some(true));
    client.stop_delivery_stream_encryption().delivery_stream_name("logs").send().await.unwrap();

    let update = AmazonopensearchserviceDestinationUpdate::builder().index_name("other").build();
    let change = client
        .update_destination()
        .delivery_stream_name("logs")
        .current_delivery_stream_version_id("1")
        .destination_id("destinationId-000000000001")
        .amazonopensearchservice_destination_update(update);
    Box::pin(change.clone().send()).await.unwrap();
    let error = Box::pin(change.send()).await.unwrap_err().into_service_error();
    assert!(error.is_concurrent_modification_exception());
}

#[tokio::test]
async fn the_sdk_knows_the_errors_of_states_and_quotas_by_their_types() {
    let stand = Stand::configured(|config| {
        config.transition_delay = Duration::from_mins(1);
        config.allow_undelivered = true;
    });
    let client = client(&stand);
    for name in ["logs", "compressed"] {
        let mut request = stream(name);
        if name == "compressed" {
            let gzip = json!([{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]);
            request["AmazonopensearchserviceDestinationConfiguration"]["ProcessingConfiguration"] =
                json!({"Enabled": true, "Processors": [{"Type": "Decompression", "Parameters": gzip}]});
        }
        stand.call("CreateDeliveryStream", &request).await.ok();
    }
    let error = client.delete_delivery_stream().delivery_stream_name("logs").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_in_use_exception());
    stand.clock.advance(Duration::from_mins(1));

    let tags = (0..50).map(|number| Tag::builder().key(format!("key{number}")).build().unwrap());
    let tag = client.tag_delivery_stream().delivery_stream_name("logs");
    tag.clone().set_tags(Some(tags.collect())).send().await.unwrap();
    let error = tag.tags(Tag::builder().key("one more").build().unwrap()).send().await.unwrap_err();
    assert!(error.into_service_error().is_limit_exceeded_exception());

    let record = Record::builder().data(Blob::new("{}")).build().unwrap();
    let error = client.put_record().delivery_stream_name("compressed").record(record).send().await.unwrap_err();
    let error = error.into_service_error();
    assert!(error.is_invalid_source_exception(), "{error}");
}
