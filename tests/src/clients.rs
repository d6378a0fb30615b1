//! The AWS SDK for Rust and the `opensearch` crate, configured as a user would, for one stack.

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use ekk::Ekk;
use opensearch::{
    OpenSearch,
    http::transport::{SingleNodeConnectionPool, TransportBuilder},
};

/// The configuration that `AWS_ENDPOINT_URL`, a region and dummy credentials make.
pub fn aws_config(ekk: &Ekk) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(ekk.endpoint_url())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .http_client(Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .build()
}

/// A client of the Firehose API.
pub fn firehose(ekk: &Ekk) -> aws_sdk_firehose::Client {
    aws_sdk_firehose::Client::new(&aws_config(ekk))
}

/// A client of S3 through the AWS endpoint, or of the S3 outside of the stack with the keys of its address.
pub fn s3(ekk: &Ekk) -> aws_sdk_s3::Client {
    let mut config = aws_sdk_s3::config::Builder::from(&aws_config(ekk)).force_path_style(true);
    let mut outside = ekk.addresses().s3.clone();
    if let Some(secret) = outside.password() {
        let keys = Credentials::new(outside.username(), secret, None, None, "address");
        outside.set_password(None).and_then(|()| outside.set_username("")).expect("an http address takes keys");
        config = config.endpoint_url(outside).credentials_provider(SharedCredentialsProvider::new(keys));
    }
    aws_sdk_s3::Client::from_conf(config.build())
}

/// A client of OpenSearch.
pub fn opensearch(ekk: &Ekk) -> OpenSearch {
    let pool = SingleNodeConnectionPool::new(ekk.addresses().opensearch.clone());
    OpenSearch::new(TransportBuilder::new(pool).build().expect("a transport without TLS builds"))
}

/// The keys of a bucket and what the objects hold, in the order of the keys.
///
/// # Panics
/// When S3 refuses.
pub async fn objects(ekk: &Ekk, bucket: &str) -> Vec<(String, Vec<u8>)> {
    let s3 = s3(ekk);
    let mut pages = s3.list_objects_v2().bucket(bucket).into_paginator().send();
    let mut objects = Vec::new();
    while let Some(page) = pages.next().await {
        for object in page.expect("the bucket is listed").contents() {
            let key = object.key().expect("an object has a key");
            let found = s3.get_object().bucket(bucket).key(key).send().await.expect("a listed object is there");
            let bytes = found.body.collect().await.expect("an object's body arrives").to_vec();
            objects.push((key.to_owned(), bytes));
        }
    }
    objects
}
