//! The events that AWS writes to `CloudWatch` Logs when something could not be delivered or processed.
//!
//! Differs from AWS: there is no log group here. The members of an event are the fields of a `tracing` event whose target
//! is `ekk_delivery::cloudwatch`, whether or not `CloudWatchLoggingOptions` are enabled, so that one line of a filter
//! shows them.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html>

use crate::spec::{Destination, Endpoint, StreamSpec};

/// Writes one event; `processor` is the function that it is about.
pub(crate) fn write(spec: &StreamSpec, code: &str, message: &str, processor: Option<&str>) {
    tracing::error!(
        target: "ekk_delivery::cloudwatch",
        deliveryStreamARN = spec.arn,
        destination = destination_name(&spec.destination),
        deliveryStreamVersionId = spec.version,
        message,
        errorCode = code,
        processor,
    );
}

/// The destination as events name it: the ARN of its bucket, or its address without what is secret in it.
fn destination_name(destination: &Destination) -> String {
    match destination {
        Destination::S3(destination) => format!("arn:aws:s3:::{}", destination.objects.bucket),
        Destination::OpenSearch(destination) => match &destination.endpoint {
            Endpoint::Stack => "the stack's OpenSearch".to_owned(),
            Endpoint::Url(url) => without_credentials(url),
        },
        Destination::HttpEndpoint(destination) => without_credentials(&destination.url),
    }
}

fn without_credentials(url: &url::Url) -> String {
    let mut url = url.clone();
    if url.set_username("").and_then(|()| url.set_password(None)).is_err() {
        return url.scheme().to_owned();
    }
    url.set_query(None);
    url.to_string()
}
