//! What a rule makes happen.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Destination, Operation, RuleError};

/// What happens to a call of the API or to a request to a destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// API: some records of a put are not taken; the others are.
    FailRecords(FailRecords),
    /// API: the call is answered with an error and does nothing.
    Answer(Answer),
    /// Destination: the request is answered with this status, 300 to 599, and does nothing.
    Status(u16),
    /// OpenSearch: some documents of a bulk request are refused; the others arrive.
    FailItems(FailItems),
    /// It takes so many seconds of the stack's clock longer, over 0.
    DelaySecs(f64),
    /// The connection ends without an answer.
    DropConnection(Moment),
    /// Destination: nobody listens there.
    Gone,
}

/// When a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Nothing has been done.
    BeforeWork,
    /// All has been done, and only the answer is missing: who tries again does it twice.
    AfterWork,
}

/// Which of several records or documents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// So many of each call, at random places; all of a shorter one.
    Count(u64),
    /// Each with this likelihood, over 0 and at most 1.
    Of(f64),
    /// Every so-manieth of all that the rule has seen, from 1 for each.
    Every(u64),
}

/// Records that are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FailRecordsForm", into = "FailRecordsForm")]
pub struct FailRecords {
    /// Which ones.
    pub records: Share,
    /// The `ErrorCode` of their entries: `ServiceUnavailableException` (`Slow down.`) or `InternalFailure`.
    pub code: ErrorCode,
}

/// Documents that are refused.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FailItemsForm", into = "FailItemsForm")]
pub struct FailItems {
    /// Which ones.
    pub items: Share,
    /// The status of each, 300 to 599; 429 when JSON leaves it out.
    pub status: u16,
}

/// The error that a call is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// AWS's code.
    pub code: ErrorCode,
    /// The text, instead of the one that AWS has for the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Errors of AWS's that any call may be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorCode {
    /// Status 500.
    InternalFailure,
    /// Status 500, `Slow down.`: how puts are throttled.
    ServiceUnavailableException,
    /// Status 400: how other calls are throttled.
    ThrottlingException,
    /// Status 400.
    LimitExceededException,
    /// Status 400.
    AccessDeniedException,
    /// Status 400: credentials that have run out.
    ExpiredTokenException,
    /// Status 400: a key that is not known.
    UnrecognizedClientException,
    /// Status 400: a key of KMS that cannot be used.
    InvalidKMSResourceException,
    /// Status 400: what AWS finds by looking, such as a role that it cannot assume; tools try some of these again.
    InvalidArgumentException,
}

impl Effect {
    /// Some records fail with `Slow down.`
    pub fn fail_records(records: Share) -> Self {
        Self::FailRecords(FailRecords { records, code: ErrorCode::ServiceUnavailableException })
    }

    /// The call is answered with `code` in AWS's words.
    pub fn answer(code: ErrorCode) -> Self {
        Self::Answer(Answer { code, message: None })
    }

    /// Some documents are refused with `status`.
    pub fn fail_items(items: Share, status: u16) -> Self {
        Self::FailItems(FailItems { items, status })
    }

    /// It takes `duration` longer.
    pub fn delay(duration: Duration) -> Self {
        Self::DelaySecs(duration.as_secs_f64())
    }

    pub(crate) fn check_at(&self, operation: Operation) -> Result<(), RuleError> {
        let is_put = matches!(operation, Operation::Any | Operation::PutRecord | Operation::PutRecordBatch);
        match self {
            Self::FailRecords(_) if !is_put => {
                Err(RuleError::new("effect.fail_records", "only PutRecord and PutRecordBatch have records"))
            }
            Self::FailRecords(fail) => {
                let codes = [ErrorCode::ServiceUnavailableException, ErrorCode::InternalFailure];
                if !codes.contains(&fail.code) {
                    let right = "a record fails with ServiceUnavailableException or InternalFailure";
                    return Err(RuleError::new("effect.fail_records.code", right));
                }
                fail.records.check("effect.fail_records")
            }
            Self::Answer(_) | Self::DropConnection(_) => Ok(()),
            Self::DelaySecs(secs) => check_delay(*secs),
            Self::Status(_) => Err(RuleError::new("effect.status", "an operation answers a code: use answer")),
            Self::FailItems(_) | Self::Gone => {
                Err(RuleError::new("effect", "this happens at a destination: give one instead of an operation"))
            }
        }
    }

    pub(crate) fn check_behind(&self, destination: Destination) -> Result<(), RuleError> {
        match self {
            Self::FailRecords(_) | Self::Answer(_) => {
                Err(RuleError::new("effect", "this happens at an operation: give one instead of a destination"))
            }
            Self::Status(status) => check_status(*status, "effect.status"),
            Self::FailItems(_) if destination != Destination::OpenSearch => {
                Err(RuleError::new("effect.fail_items", "only requests to opensearch have items"))
            }
            Self::FailItems(fail) => {
                check_status(fail.status, "effect.fail_items.status")?;
                fail.items.check("effect.fail_items")
            }
            Self::DelaySecs(secs) => check_delay(*secs),
            Self::DropConnection(_) | Self::Gone => Ok(()),
        }
    }
}

fn check_delay(secs: f64) -> Result<(), RuleError> {
    match Duration::try_from_secs_f64(secs) {
        Ok(delay) if !delay.is_zero() => Ok(()),
        _ => Err(RuleError::new("effect.delay_secs", format!("{secs} is not a duration over 0"))),
    }
}

fn check_status(status: u16, field: &str) -> Result<(), RuleError> {
    if (300..=599).contains(&status) {
        Ok(())
    } else {
        Err(RuleError::new(field, format!("{status} is not in 300..=599")))
    }
}

impl Share {
    fn check(self, field: &str) -> Result<(), RuleError> {
        match self {
            Self::Count(0) => Err(RuleError::new(format!("{field}.count"), "0 is not in 1..")),
            Self::Every(0) => Err(RuleError::new(format!("{field}.every"), "0 is not in 1..")),
            Self::Of(share) if !(share > 0.0 && share <= 1.0) => {
                Err(RuleError::new(format!("{field}.share"), format!("{share} is not over 0.0 and at most 1.0")))
            }
            _ => Ok(()),
        }
    }

    fn read(count: Option<u64>, share: Option<f64>, every: Option<u64>) -> Result<Self, &'static str> {
        match (count, share, every) {
            (Some(count), None, None) => Ok(Self::Count(count)),
            (None, Some(share), None) => Ok(Self::Of(share)),
            (None, None, Some(every)) => Ok(Self::Every(every)),
            _ => Err("give one of count, share and every"),
        }
    }

    fn members(self) -> (Option<u64>, Option<f64>, Option<u64>) {
        match self {
            Self::Count(count) => (Some(count), None, None),
            Self::Of(share) => (None, Some(share), None),
            Self::Every(every) => (None, None, Some(every)),
        }
    }
}

impl ErrorCode {
    /// AWS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::InternalFailure => "InternalFailure",
            Self::ServiceUnavailableException => "ServiceUnavailableException",
            Self::ThrottlingException => "ThrottlingException",
            Self::LimitExceededException => "LimitExceededException",
            Self::AccessDeniedException => "AccessDeniedException",
            Self::ExpiredTokenException => "ExpiredTokenException",
            Self::UnrecognizedClientException => "UnrecognizedClientException",
            Self::InvalidKMSResourceException => "InvalidKMSResourceException",
            Self::InvalidArgumentException => "InvalidArgumentException",
        }
    }

    /// The status that AWS answers it with.
    pub fn status(self) -> u16 {
        match self {
            Self::InternalFailure | Self::ServiceUnavailableException => 500,
            _ => 400,
        }
    }

    /// The text that AWS has for it where it is known, else one in its manner.
    pub fn message(self) -> &'static str {
        match self {
            Self::InternalFailure => "Internal service failure.",
            Self::ServiceUnavailableException => "Slow down.",
            Self::ThrottlingException => "Rate exceeded",
            Self::LimitExceededException => "You have reached the limit of calls for this delivery stream.",
            Self::AccessDeniedException => "User is not authorized to perform this action.",
            Self::ExpiredTokenException => "The security token included in the request is expired",
            Self::UnrecognizedClientException => "The security token included in the request is invalid.",
            Self::InvalidKMSResourceException => "The KMS key cannot be used.",
            Self::InvalidArgumentException => "Firehose is unable to assume role. Please check the role provided.",
        }
    }
}

/// [`FailRecords`] as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FailRecordsForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
}

impl TryFrom<FailRecordsForm> for FailRecords {
    type Error = &'static str;

    fn try_from(form: FailRecordsForm) -> Result<Self, Self::Error> {
        Ok(Self {
            records: Share::read(form.count, form.share, form.every)?,
            code: form.code.unwrap_or(ErrorCode::ServiceUnavailableException),
        })
    }
}

impl From<FailRecords> for FailRecordsForm {
    fn from(fail: FailRecords) -> Self {
        let (count, share, every) = fail.records.members();
        Self { count, share, every, code: Some(fail.code) }
    }
}

/// [`FailItems`] as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FailItemsForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

impl TryFrom<FailItemsForm> for FailItems {
    type Error = &'static str;

    fn try_from(form: FailItemsForm) -> Result<Self, Self::Error> {
        Ok(Self { items: Share::read(form.count, form.share, form.every)?, status: form.status.unwrap_or(429) })
    }
}

impl From<FailItems> for FailItemsForm {
    fn from(fail: FailItems) -> Self {
        let (count, share, every) = fail.items.members();
        Self { count, share, every, status: Some(fail.status) }
    }
}
