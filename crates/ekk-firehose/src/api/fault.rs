//! What a stack was told to let fail: asked before and after an operation, and for the records of a put.
//!
//! Without a rule this costs one load of an atomic. What is answered looks as AWS's own failure does, in code and text, so
//! that a client's handling of it is put to work.

use bytes::Bytes;
use ekk_faults::{CallEnd, ErrorCode};
use serde::Deserialize;

use super::{Operation, front_end::Refusal};
use crate::{Service, error::ApiError};

/// How an operation's answer is sent.
pub(super) enum Sending {
    AsUsual,
    /// Not at all.
    Dropped,
}

/// Lets a call be late or end before its operation, when a rule says so.
///
/// A call that is late waits on the stack's clock.
pub(super) async fn before(service: &Service, operation: Operation, body: &Bytes) -> Result<Sending, Refusal> {
    if service.faults.is_empty() {
        return Ok(Sending::AsUsual);
    }
    let fault = service.faults.call(rule_operation(operation), || stream_of(body));
    if !fault.delay.is_zero() {
        service.clock.sleep(fault.delay).await;
    }
    match fault.end {
        None => Ok(Sending::AsUsual),
        Some(CallEnd::DropAfterWork) => Ok(Sending::Dropped),
        Some(CallEnd::DropBeforeWork) => Err(Refusal::HangUp),
        Some(CallEnd::Answer(answer)) => Err(ApiError::Fault { code: answer.code, message: answer.message }.into()),
    }
}

impl Sending {
    /// What becomes of an operation's answer.
    pub(super) fn of(self, answered: Result<String, ApiError>) -> Result<String, Refusal> {
        match self {
            Self::AsUsual => answered.map_err(Refusal::from),
            Self::Dropped => Err(Refusal::HangUp),
        }
    }
}

/// The error of a single record that a rule lets fail.
pub(super) fn of_record(service: &Service, stream: &str) -> Result<(), ApiError> {
    match service.faults.records(ekk_faults::Operation::PutRecord, stream, 1).first() {
        Some((_, code)) => Err(ApiError::Fault { code: *code, message: None }),
        None => Ok(()),
    }
}

/// The records of a batch that a rule lets fail: their places in ascending order.
pub(super) fn of_records(service: &Service, stream: &str, count: usize) -> Vec<(usize, ErrorCode)> {
    service.faults.records(ekk_faults::Operation::PutRecordBatch, stream, count)
}

/// The stream that a request names; what else is wrong with it is found later.
fn stream_of(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "DeliveryStreamName")]
        delivery_stream_name: String,
    }
    serde_json::from_slice::<Named>(body).ok().map(|named| named.delivery_stream_name)
}

fn rule_operation(operation: Operation) -> ekk_faults::Operation {
    ekk_faults::Operation::from_name(&format!("{operation:?}")).expect("rules know every operation of the API")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shapes::{OPERATIONS, TARGET_PREFIX};

    #[test]
    fn every_operation_can_be_named_in_a_rule() {
        for operation in &OPERATIONS {
            let found = Operation::of_target(&format!("{TARGET_PREFIX}.{}", operation.name)).unwrap();
            assert_eq!(format!("{:?}", rule_operation(found)), operation.name);
        }
    }
}
