//! `PutRecord`: adds one record to a stream.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html>

use std::sync::atomic::Ordering;

use super::{fault, put_request};
use crate::{Service, error::ApiError, limits, record_id};

/// Answers `{"RecordId": string, "Encrypted": boolean}` once the record is queued.
///
/// # Errors
/// - `ResourceNotFoundException` (400): no stream has this name.
/// - `ServiceUnavailableException` (500): the stream's queue is full, or the service is stopping.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let put = put_request::read_one(body)?;
    let stream = service.streams.accepting(&put.stream_name)?;
    if service.refuses_puts.load(Ordering::Acquire) {
        return Err(ApiError::SlowDown);
    }
    fault::of_record(service, &put.stream_name)?;
    stream.accept(&put.records.into_slices()).map_err(|full| {
        tracing::debug!(stream = put.stream_name, %full, "put refused");
        ApiError::SlowDown
    })?;
    let mut answer = String::with_capacity(limits::RECORD_ID_CHARS + 40);
    answer.push_str(r#"{"RecordId":""#);
    for id in service.record_ids.take(1).iter() {
        record_id::append(id, &mut answer);
    }
    answer.push_str(r#"","Encrypted":false}"#);
    Ok(answer)
}
