//! One rule: where it acts, what happens there, and when it is over.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Effect, RuleError};

/// A rule, as a value and as JSON.
///
/// ```
/// use ekk_faults::{Effect, Operation, Rule, Share};
///
/// let rule = Rule::at(Operation::PutRecordBatch, Effect::fail_records(Share::Count(3))).of_stream("logs").times(2);
/// let json = br#"{
///     "stream": "logs", "operation": "PutRecordBatch", "effect": {"fail_records": {"count": 3}}, "times": 2
/// }"#;
/// assert_eq!(Rule::from_json(json)?, rule);
/// # Ok::<(), ekk_faults::RuleError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The stream it acts on; all of them when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The operations of the Firehose API it acts on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The destination whose requests it acts on; a rule has either this or `operation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Destination>,
    /// What happens.
    pub effect: Effect,
    /// How often it happens, from 1; without an end when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// For how many seconds of the stack's clock it holds, over 0; without an end when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_secs: Option<f64>,
    /// How likely it happens each time it could, over 0 and at most 1; always when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// An operation of the Firehose API, by AWS's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Any of the others.
    #[serde(rename = "any")]
    Any,
    /// `CreateDeliveryStream`
    CreateDeliveryStream,
    /// `DeleteDeliveryStream`
    DeleteDeliveryStream,
    /// `DescribeDeliveryStream`
    DescribeDeliveryStream,
    /// `ListDeliveryStreams`
    ListDeliveryStreams,
    /// `ListTagsForDeliveryStream`
    ListTagsForDeliveryStream,
    /// `PutRecord`
    PutRecord,
    /// `PutRecordBatch`
    PutRecordBatch,
    /// `StartDeliveryStreamEncryption`
    StartDeliveryStreamEncryption,
    /// `StopDeliveryStreamEncryption`
    StopDeliveryStreamEncryption,
    /// `TagDeliveryStream`
    TagDeliveryStream,
    /// `UntagDeliveryStream`
    UntagDeliveryStream,
    /// `UpdateDestination`
    UpdateDestination,
}

/// What a stream sends requests to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// Bulk requests to OpenSearch or Elasticsearch.
    #[serde(rename = "opensearch")]
    OpenSearch,
    /// Objects that are written to S3: deliveries, backups and failed documents alike.
    S3,
    /// Requests to an HTTP endpoint.
    HttpEndpoint,
    /// Calls of a Lambda function that transforms records.
    Lambda,
}

impl Rule {
    /// A rule for calls of `operation`.
    pub fn at(operation: Operation, effect: Effect) -> Self {
        Self { operation: Some(operation), ..Self::of(effect) }
    }

    /// A rule for requests to `destination`.
    pub fn behind(destination: Destination, effect: Effect) -> Self {
        Self { destination: Some(destination), ..Self::of(effect) }
    }

    fn of(effect: Effect) -> Self {
        Self {
            stream: None,
            operation: None,
            destination: None,
            effect,
            times: None,
            for_secs: None,
            probability: None,
        }
    }

    /// Only for the stream of this name.
    #[must_use]
    pub fn of_stream(mut self, name: impl Into<String>) -> Self {
        self.stream = Some(name.into());
        self
    }

    /// So many times, then no more.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// For so long by the stack's clock, from when it is added.
    #[must_use]
    pub fn lasting(mut self, duration: Duration) -> Self {
        self.for_secs = Some(duration.as_secs_f64());
        self
    }

    /// Only so likely each time, 0.0 to 1.0; which times depends on the seed alone.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Reads a rule.
    ///
    /// # Errors
    /// [`RuleError`] names the member that is wrong, and what would be right.
    pub fn from_json(json: &[u8]) -> Result<Self, RuleError> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let rule: Self = serde_path_to_error::deserialize(&mut deserializer).map_err(RuleError::of_json)?;
        deserializer.end().map_err(|error| RuleError::new("", error))?;
        rule.check()?;
        Ok(rule)
    }

    /// Whether it can be kept as it is.
    pub(crate) fn check(&self) -> Result<(), RuleError> {
        match (self.operation, self.destination) {
            (Some(operation), None) => self.effect.check_at(operation)?,
            (None, Some(destination)) => self.effect.check_behind(destination)?,
            (Some(_), Some(_)) => {
                return Err(RuleError::new("destination", "a rule has an operation or a destination, not both"));
            }
            (None, None) => {
                let choice = "a rule needs an operation (PutRecordBatch, any, …) or a destination (opensearch, s3, …)";
                return Err(RuleError::new("operation", choice));
            }
        }
        if self.times == Some(0) {
            return Err(RuleError::new("times", "0 is not in 1.."));
        }
        if let Some(secs) = self.for_secs
            && !(secs > 0.0 && Duration::try_from_secs_f64(secs).is_ok())
        {
            return Err(RuleError::new("for_secs", format!("{secs} is not a duration over 0")));
        }
        if let Some(probability) = self.probability
            && !(probability > 0.0 && probability <= 1.0)
        {
            return Err(RuleError::new("probability", format!("{probability} is not over 0.0 and at most 1.0")));
        }
        Ok(())
    }
}

impl Operation {
    /// The operation that AWS calls `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        let text = serde_json::Value::from(name);
        Self::deserialize(&text).ok().filter(|operation| *operation != Self::Any)
    }

    /// Whether a rule for this operation acts on calls of `called`.
    pub(crate) fn covers(self, called: Self) -> bool {
        self == Self::Any || self == called
    }
}

#[cfg(test)]
mod tests;
