//! `PutRecordBatch`: adds up to 500 records to a stream, and says of each whether it was taken.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>

use std::sync::atomic::Ordering;

use bytes::Bytes;
use ekk_faults::ErrorCode;

use super::{
    fault,
    put_request::{self, Put},
};
use crate::{
    Service,
    error::{ApiError, SLOW_DOWN},
    limits,
    record_id::{self, RandomIds},
};

/// Answers `{"Encrypted": boolean, "FailedPutCount": integer, "RequestResponses": […]}` with one entry a record, in
/// their order: `RecordId` of one that is queued, or `ErrorCode` and `ErrorMessage`.
///
/// When the stream's queue has no room for all records, none is taken and each entry says so; the call still answers
/// 200, so that a client's own handling of failed entries is put to work.
///
/// # Errors
/// - `InvalidArgumentException` (400): the records are over 4 MiB together.
/// - `ResourceNotFoundException` (400): no stream has this name.
/// - `ServiceUnavailableException` (500): the service is stopping.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let put = put_request::read_batch(body)?;
    if put.records.bytes() > limits::BATCH_BYTES {
        return Err(ApiError::invalid("Records size exceeds 4 MB limit"));
    }
    let stream = service.streams.accepting(&put.stream_name)?;
    if service.refuses_puts.load(Ordering::Acquire) {
        return Err(ApiError::SlowDown);
    }
    let count = put.records.len();
    let failed = fault::of_records(service, &put.stream_name, count);
    if !failed.is_empty() {
        return Ok(take_others(service, &stream, put, &failed));
    }
    match stream.accept(&put.records.into_slices()) {
        Ok(_) => Ok(taken(&service.record_ids.take(count), count)),
        Err(full) => {
            tracing::debug!(stream = put.stream_name, %full, "put refused");
            Ok(refused(count))
        }
    }
}

/// Takes the records that are not told to fail.
fn take_others(service: &Service, stream: &ekk_delivery::Stream, put: Put, failed: &[(usize, ErrorCode)]) -> String {
    let count = put.records.len();
    let mut codes = vec![None; count];
    for (place, code) in failed {
        codes[*place] = Some(*code);
    }
    let records = put.records.into_slices().into_iter().zip(&codes);
    let others: Vec<Bytes> = records.filter(|(_, code)| code.is_none()).map(|(record, _)| record).collect();
    if let Err(full) = stream.accept(&others) {
        tracing::debug!(stream = put.stream_name, %full, "put refused");
        return refused(count);
    }
    let ids = service.record_ids.take(others.len());
    let mut ids = ids.iter();
    let mut answer = format!(r#"{{"Encrypted":false,"FailedPutCount":{},"RequestResponses":["#, failed.len());
    for (index, code) in codes.into_iter().enumerate() {
        answer.push_str(if index == 0 { "{" } else { ",{" });
        if let Some(code) = code {
            let (name, message) = (code.name(), code.message());
            answer.extend([r#""ErrorCode":""#, name, r#"","ErrorMessage":""#, message, r#""}"#]);
        } else if let Some(id) = ids.next() {
            answer.push_str(r#""RecordId":""#);
            record_id::append(id, &mut answer);
            answer.push_str(r#""}"#);
        }
    }
    answer.push_str("]}");
    answer
}

fn taken(ids: &RandomIds, count: usize) -> String {
    let mut answer = String::with_capacity(80 + count * (limits::RECORD_ID_CHARS + 16));
    answer.push_str(r#"{"Encrypted":false,"FailedPutCount":0,"RequestResponses":["#);
    for (index, id) in ids.iter().enumerate() {
        answer.push_str(if index == 0 { r#"{"RecordId":""# } else { r#",{"RecordId":""# });
        record_id::append(id, &mut answer);
        answer.push_str(r#""}"#);
    }
    answer.push_str("]}");
    answer
}

fn refused(count: usize) -> String {
    let (code, message) = SLOW_DOWN;
    let entry = format!(r#"{{"ErrorCode":"{code}","ErrorMessage":"{message}"}}"#);
    let entries = vec![entry; count].join(",");
    format!(r#"{{"Encrypted":false,"FailedPutCount":{count},"RequestResponses":[{entries}]}}"#)
}
