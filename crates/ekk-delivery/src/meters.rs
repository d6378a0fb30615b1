//! What is measured of a stream, under the names that `CloudWatch` has for it.
//!
//! Differs from AWS: `CloudWatch` keeps a value a minute; here a value is the sum since the stream was opened, a ratio of
//! all attempts since then, or how it is now.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html>

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::{
    DeliveryAttempt, Outcome, Target,
    queue::{Fate, Record},
    spec::{Destination, Flavour, StreamSpec},
};

/// One value of a stream, in the namespace `AWS/Firehose` with the dimension `DeliveryStreamName`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// The name, such as `DeliveryToS3.Records`.
    pub name: String,
    /// The name of the stream, the value of the one dimension.
    pub delivery_stream_name: String,
    /// The value.
    pub value: f64,
    /// What the value counts.
    pub unit: Unit,
}

/// The units of `CloudWatch` that these metrics have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// A number of things, or a ratio of 0 to 1.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Bytes a second.
    BytesPerSecond,
}

#[derive(Clone, Copy, Debug, Default)]
struct Amount {
    records: u64,
    bytes: u64,
}

/// Requests, and those of them that were carried out.
#[derive(Clone, Copy, Debug, Default)]
struct Requests {
    made: u64,
    succeeded: u64,
}

impl Requests {
    fn note(&mut self, succeeded: bool) {
        self.made += 1;
        self.succeeded += u64::from(succeeded);
    }

    /// Which part of them succeeded; 1 when there were none.
    fn ratio(self) -> f64 {
        if self.made == 0 { 1.0 } else { float(self.succeeded) / float(self.made) }
    }
}

/// What is counted as it happens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meters {
    incoming: Amount,
    put_requests: u64,
    /// What the destination has taken, as the processors have made it.
    delivered: Amount,
    delivery: Requests,
    /// Objects that are neither the destination's nor a backup: failures.
    failures: Requests,
    objects: Requests,
    backup: Requests,
    invocations: Requests,
    invocation_time: Duration,
    processed: Amount,
    jq_time: Duration,
    partitions_exceeded: bool,
}

/// How things are at the moment at which metrics are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Age of the oldest record that is not delivered.
    pub(crate) freshness: Duration,
    /// Age of the oldest record that is not backed up.
    pub(crate) backup_freshness: Duration,
    pub(crate) backed_up: u64,
    pub(crate) backed_up_bytes: u64,
    pub(crate) active_partitions: usize,
    /// Bytes a second of the busiest of them.
    pub(crate) partition_throughput: f64,
}

impl Meters {
    /// Notes the records of one put.
    pub(crate) fn note_incoming(&mut self, records: &[Bytes]) {
        self.put_requests += 1;
        self.incoming.records += records.len() as u64;
        self.incoming.bytes += records.iter().map(|record| record.len() as u64).sum::<u64>();
    }

    pub(crate) fn note_ended(&mut self, records: &[Record], fate: Fate) {
        if matches!(fate, Fate::Indexed | Fate::Stored | Fate::Acknowledged) {
            self.delivered.records += records.len() as u64;
            self.delivered.bytes += records.iter().map(Record::bytes).sum::<u64>();
        }
    }

    pub(crate) fn note_attempt(&mut self, attempt: &DeliveryAttempt) {
        let requests = match attempt.target {
            Target::Index { .. } | Target::Endpoint { .. } => &mut self.delivery,
            Target::Object { .. } => &mut self.objects,
            Target::Backup { .. } => &mut self.backup,
            Target::FailedDocuments { .. } | Target::ProcessingFailed { .. } => &mut self.failures,
            Target::Function { .. } => &mut self.invocations,
        };
        requests.note(matches!(attempt.outcome, Outcome::Delivered | Outcome::PartlyDelivered { .. }));
    }

    /// Notes how long an invocation took, and what came back.
    pub(crate) fn note_invocation(&mut self, took: Duration, records: u64, bytes: u64) {
        self.invocation_time += took;
        self.processed.records += records;
        self.processed.bytes += bytes;
    }

    pub(crate) fn note_jq(&mut self, took: Duration) {
        self.jq_time += took;
    }

    pub(crate) fn note_partitions_exceeded(&mut self, exceeded: bool) {
        self.partitions_exceeded = exceeded;
    }

    /// All metrics that a stream like `spec` has on AWS.
    pub(crate) fn metrics(&self, spec: &StreamSpec, moment: &Moment) -> Vec<Metric> {
        let mut metrics = Metrics { stream: &spec.name, all: Vec::new() };
        metrics.add("IncomingBytes", float(self.incoming.bytes), Unit::Bytes);
        metrics.add("IncomingRecords", float(self.incoming.records), Unit::Count);
        metrics.add("IncomingPutRequests", float(self.put_requests), Unit::Count);
        let backup = Amount { records: moment.backed_up, bytes: moment.backed_up_bytes };
        match &spec.destination {
            Destination::OpenSearch(destination) => {
                let prefix = match destination.flavour {
                    Flavour::OpenSearch => "DeliveryToAmazonOpenSearchService",
                    Flavour::Elasticsearch => "DeliveryToElasticsearch",
                    Flavour::OpenSearchServerless => "DeliveryToAmazonOpenSearchServerless",
                };
                metrics.delivery(prefix, self.delivered, self.delivery, moment.freshness);
                let s3 = Requests {
                    made: self.backup.made + self.failures.made,
                    succeeded: self.backup.succeeded + self.failures.succeeded,
                };
                match spec.destination.source_backup() {
                    Some(_) => metrics.delivery("DeliveryToS3", backup, s3, moment.backup_freshness),
                    None => metrics.add("DeliveryToS3.Success", s3.ratio(), Unit::Count),
                }
            }
            Destination::S3(_) => {
                metrics.delivery("DeliveryToS3", self.delivered, self.objects, moment.freshness);
                if spec.destination.source_backup().is_some() {
                    metrics.delivery("BackupToS3", backup, self.backup, moment.backup_freshness);
                }
            }
            Destination::HttpEndpoint(_) => {
                metrics.delivery("DeliveryToHttpEndpoint", self.delivered, self.delivery, moment.freshness);
                let processed = if spec.processors.is_empty() { self.incoming } else { self.delivered };
                metrics.add("DeliveryToHttpEndpoint.ProcessedBytes", float(processed.bytes), Unit::Bytes);
                metrics.add("DeliveryToHttpEndpoint.ProcessedRecords", float(processed.records), Unit::Count);
                if spec.destination.source_backup().is_some() {
                    metrics.delivery("BackupToS3", backup, self.backup, moment.backup_freshness);
                }
            }
        }
        self.add_processing(spec, moment, &mut metrics);
        metrics.all
    }

    fn add_processing(&self, spec: &StreamSpec, moment: &Moment, metrics: &mut Metrics<'_>) {
        use crate::spec::Processor;
        if spec.processors.iter().any(|processor| matches!(processor, Processor::Lambda(_))) {
            let made = u32::try_from(self.invocations.made).unwrap_or(u32::MAX).max(1);
            let average = self.invocation_time / made;
            metrics.add("ExecuteProcessing.Duration", average.as_secs_f64() * 1000.0, Unit::Milliseconds);
            metrics.add("ExecuteProcessing.Success", self.invocations.ratio(), Unit::Count);
            metrics.add("SucceedProcessing.Records", float(self.processed.records), Unit::Count);
            metrics.add("SucceedProcessing.Bytes", float(self.processed.bytes), Unit::Bytes);
        }
        if spec.processors.iter().any(|processor| matches!(processor, Processor::MetadataExtraction { .. })) {
            metrics.add("JQProcessing.Duration", self.jq_time.as_secs_f64() * 1000.0, Unit::Milliseconds);
        }
        if spec.destination.is_partitioned() {
            let partitions = float(moment.active_partitions as u64);
            metrics.add("PartitionCount", partitions, Unit::Count);
            metrics.add("PartitionCountExceeded", f64::from(u8::from(self.partitions_exceeded)), Unit::Count);
            metrics.add("PerPartitionThroughput", moment.partition_throughput, Unit::BytesPerSecond);
            metrics.add("DeliveryToS3.ObjectCount", float(self.objects.succeeded), Unit::Count);
        }
    }
}

struct Metrics<'a> {
    stream: &'a str,
    all: Vec<Metric>,
}

impl Metrics<'_> {
    fn add(&mut self, name: impl Into<String>, value: f64, unit: Unit) {
        self.all.push(Metric { name: name.into(), delivery_stream_name: self.stream.to_owned(), value, unit });
    }

    fn delivery(&mut self, prefix: &str, amount: Amount, requests: Requests, freshness: Duration) {
        self.add(format!("{prefix}.Bytes"), float(amount.bytes), Unit::Bytes);
        self.add(format!("{prefix}.Records"), float(amount.records), Unit::Count);
        self.add(format!("{prefix}.Success"), requests.ratio(), Unit::Count);
        self.add(format!("{prefix}.DataFreshness"), freshness.as_secs_f64(), Unit::Seconds);
    }
}

#[expect(clippy::cast_precision_loss, reason = "values of CloudWatch are doubles")]
fn float(number: u64) -> f64 {
    number as f64
}
