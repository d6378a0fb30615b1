//! `PutRecord`: adds one record to a stream.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html>

use std::sync::atomic::Ordering;

use super::{fault, put_request};
use crate::{Service, caller::Caller, error::ApiError, limits, record_id, streams::Accepting};

/// Answers `{"RecordId": string, "Encrypted": boolean}` once the record is queued.
///
/// # Errors
/// - `ResourceNotFoundException` (400): no stream has this name, or it is not active.
/// - `InvalidArgumentException` (400): the records of the stream come from elsewhere, or nothing would become of them.
/// - `InvalidSourceException` (400): the records of the stream come from `CloudWatch` Logs.
/// - `ServiceUnavailableException` (500): over the stream's quota, its queue is full, or the service is stopping.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let put = put_request::read_one(body)?;
    let Accepting { stream, encrypted, quota } = service.streams.accepting(caller, &put.stream_name)?;
    if service.refuses_puts.load(Ordering::Acquire) {
        return Err(ApiError::SlowDown);
    }
    if quota.is_some_and(|quota| quota.admit(put.records.lengths(), service.clock.now()) == 0) {
        stream.note_refused(1);
        return Err(ApiError::SlowDown);
    }
    fault::of_record(service, &put.stream_name).inspect_err(|_| stream.note_refused(1))?;
    stream.accept(&put.records.into_slices()).map_err(|full| {
        stream.note_refused(1);
        tracing::debug!(stream = put.stream_name, %full, "put refused");
        ApiError::SlowDown
    })?;
    let mut answer = String::with_capacity(limits::RECORD_ID_CHARS + 40);
    answer.push_str(r#"{"RecordId":""#);
    for id in service.record_ids.take(1).iter() {
        record_id::append(id, &mut answer);
    }
    answer.push_str(if encrypted { r#"","Encrypted":true}"# } else { r#"","Encrypted":false}"# });
    Ok(answer)
}
