//! `PutRecordBatch`: adds up to 500 records to a stream, and says of each whether it was taken.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>

use std::sync::atomic::Ordering;

use bytes::Bytes;
use ekk_faults::ErrorCode;

use super::{
    fault,
    put_request::{self, Records},
};
use crate::{
    Service,
    caller::Caller,
    error::{ApiError, SLOW_DOWN},
    limits,
    record_id::{self, RandomIds},
    streams::Accepting,
};

/// Answers `{"Encrypted": boolean, "FailedPutCount": integer, "RequestResponses": […]}` with one entry a record, in
/// their order: `RecordId` of one that is queued, or `ErrorCode` and `ErrorMessage`.
///
/// Of a call that is over the stream's quota the first records are taken that are within it. When the stream's queue has
/// no room for those, none is taken. Either way each entry says so, and the call still answers 200, so that a client's own
/// handling of failed entries is put to work.
///
/// # Errors
/// - `InvalidArgumentException` (400): the records are over 4 MiB together, those of the stream come from elsewhere, or
///   nothing would become of them.
/// - `ResourceNotFoundException` (400): no stream has this name, or it is not active.
/// - `InvalidSourceException` (400): the records of the stream come from `CloudWatch` Logs.
/// - `ServiceUnavailableException` (500): the service is stopping.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let put = put_request::read_batch(body)?;
    if put.records.bytes() > limits::BATCH_BYTES {
        return Err(ApiError::invalid("Records size exceeds 4 MB limit"));
    }
    let Accepting { stream, encrypted, quota } = service.streams.accepting(caller, &put.stream_name)?;
    if service.refuses_puts.load(Ordering::Acquire) {
        return Err(ApiError::SlowDown);
    }
    let count = put.records.len();
    let admitted = quota.map_or(count, |quota| quota.admit(put.records.lengths(), service.clock.now()));
    let mut failed = fault::of_records(service, &put.stream_name, count);
    if admitted < count {
        failed.retain(|(place, _)| *place < admitted);
        failed.extend((admitted..count).map(|place| (place, ErrorCode::ServiceUnavailableException)));
    }
    let records = if failed.is_empty() { put.records.into_slices() } else { others(put.records, &failed) };
    if let Err(full) = stream.accept(&records) {
        tracing::debug!(stream = put.stream_name, %full, "put refused");
        stream.note_refused(count as u64);
        return Ok(refused(count, encrypted));
    }
    if !failed.is_empty() {
        stream.note_refused(failed.len() as u64);
    }
    let ids = service.record_ids.take(records.len());
    Ok(if failed.is_empty() { taken(&ids, encrypted) } else { partly_taken(&ids, &failed, encrypted) })
}

/// The records but for those that fail, whose places ascend.
fn others(records: Records, failed: &[(usize, ErrorCode)]) -> Vec<Bytes> {
    let mut failed = failed.iter().map(|(place, _)| *place).peekable();
    let records = records.into_slices().into_iter().enumerate();
    records.filter(|(place, _)| failed.next_if_eq(place).is_none()).map(|(_, record)| record).collect()
}

fn taken(ids: &RandomIds, encrypted: bool) -> String {
    let mut answer = opened(ids.len(), 0, encrypted);
    for id in ids.iter() {
        append_id(id, &mut answer);
    }
    closed(answer)
}

/// `failed` has places in the call; the ids go to the others in their order.
fn partly_taken(ids: &RandomIds, failed: &[(usize, ErrorCode)], encrypted: bool) -> String {
    let count = ids.len() + failed.len();
    let mut answer = opened(count, failed.len(), encrypted);
    let (mut ids, mut failed) = (ids.iter(), failed.iter().peekable());
    for place in 0..count {
        if let Some((_, code)) = failed.next_if(|(failed, _)| *failed == place) {
            append_error((code.name(), code.message()), &mut answer);
        } else if let Some(id) = ids.next() {
            append_id(id, &mut answer);
        }
    }
    closed(answer)
}

fn refused(count: usize, encrypted: bool) -> String {
    let mut answer = opened(count, count, encrypted);
    for _ in 0..count {
        append_error(SLOW_DOWN, &mut answer);
    }
    closed(answer)
}

fn opened(count: usize, failed: usize, encrypted: bool) -> String {
    let mut answer = String::with_capacity(80 + count * (limits::RECORD_ID_CHARS + 16));
    answer.push_str(if encrypted { r#"{"Encrypted":true,"# } else { r#"{"Encrypted":false,"# });
    answer.extend([r#""FailedPutCount":"#, &failed.to_string(), r#","RequestResponses":["#]);
    answer
}

fn append_id(id: &[u8], answer: &mut String) {
    answer.push_str(r#"{"RecordId":""#);
    record_id::append(id, answer);
    answer.push_str(r#""},"#);
}

fn append_error((code, message): (&str, &str), answer: &mut String) {
    answer.extend([r#"{"ErrorCode":""#, code, r#"","ErrorMessage":""#, message, r#""},"#]);
}

/// A call has a record at least, so the last sign is a comma.
fn closed(mut answer: String) -> String {
    answer.pop();
    answer.push_str("]}");
    answer
}
