//! Says in a developer's words why records of a stream are not where they were looked for.

use ekk_delivery::{AcceptedRecord, Account, DeliveryAttempt, Outcome, Stream, UnsettledStream};
use serde_json::Value;

/// Characters of a reason or a record that are shown.
const SHOWN_CHARS: usize = 300;

/// What of a stream's records did not end at its destination, a sentence for each kind.
fn ended_badly(stream: &Stream) -> Vec<String> {
    let account = stream.account();
    let mut sentences = Vec::new();
    if account.failed > 0 {
        sentences.push(failed(&account, &stream.recent(), &stream.newest()));
    }
    for (records, what) in [
        (account.processing_failed, "could not be processed and are in S3 with the reason"),
        (account.dropped, "were dropped by a processor"),
        (account.lost, "were lost by a damaged queue file"),
        (account.refused_at_put, "were refused at put (throttled or by a fault) and have to be sent again"),
    ] {
        if records > 0 {
            sentences.push(format!("{records} records {what}"));
        }
    }
    sentences
}

/// Why a stream is not settled, and what of it ended badly. `unsettled` is what a flush found left, if one was made.
pub(crate) fn left(stream: &Stream, unsettled: Option<&UnsettledStream>) -> Vec<String> {
    let now = stream.unsettled();
    let first = unsettled.or(now.as_ref()).map(|left| waiting(stream, left));
    first.into_iter().chain(ended_badly(stream)).collect()
}

/// What of a stream's records ended badly, and then what still waits, each with its reason.
pub(crate) fn all(stream: &Stream) -> Vec<String> {
    let mut sentences = ended_badly(stream);
    sentences.extend(stream.unsettled().map(|left| waiting(stream, &left)));
    sentences
}

fn waiting(stream: &Stream, left: &UnsettledStream) -> String {
    let (name, account) = (stream.spec().id.clone(), stream.account());
    format!(
        "stream {name}: {} of {} records not delivered, {} not backed up: {}",
        account.queued, account.accepted, account.backup_queued, left.reason
    )
}

/// Why a line of the account does not show `count`.
pub(crate) fn shortfall(stream: &Stream, line: &str, value: u64, count: u64) -> Vec<String> {
    let account = stream.account();
    let mut sentences = vec![format!("stream {}: {line} is {value}, not {count}", stream.spec().id)];
    if account.accepted < count && line != "accepted" {
        sentences.push(match account.accepted {
            1 => "only 1 record was accepted".to_owned(),
            accepted => format!("only {accepted} records were accepted"),
        });
    }
    if account.queued > 0 || account.backup_queued > 0 {
        sentences.extend(left(stream, None));
    } else {
        sentences.extend(ended_badly(stream));
    }
    sentences
}

fn failed(account: &Account, attempts: &[DeliveryAttempt], newest: &[AcceptedRecord]) -> String {
    let ended = account.ended();
    let reasons = attempts.iter().filter_map(|attempt| match &attempt.outcome {
        Outcome::PartlyDelivered { failed, reason, .. } if *failed > 0 => Some(reason),
        Outcome::GaveUp { reason } => Some(reason),
        _ => None,
    });
    let mut different: Vec<Refusal> = Vec::new();
    for refusal in reasons.map(|reason| Refusal::read(reason)) {
        if !different.iter().any(|known| known.head == refusal.head) {
            different.push(refusal);
        }
    }
    let texts: Vec<String> = different.iter().map(|refusal| refusal.told(newest)).collect();
    let why = if texts.is_empty() { "their reasons are in S3".to_owned() } else { texts.join(", and ") };
    format!("{} of {ended} documents refused: {why}", account.failed)
}

/// A reason of OpenSearch's, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    /// What distinguishes it: the kind of exception, and the field where one is named.
    head: String,
    /// OpenSearch's own words.
    detail: String,
    /// The document that it is about.
    document_id: Option<String>,
}

impl Refusal {
    /// Reads a reason of the journal: `400: {"type": …, "reason": …}`, a whole error body, or words.
    fn read(text: &str) -> Self {
        let json = text.find('{').and_then(|start| text.get(start..));
        let error = json.and_then(|json| serde_json::from_str::<Value>(json).ok());
        let error = error.as_ref().map(|body| body.get("error").filter(|error| error.is_object()).unwrap_or(body));
        let member = |error: &Value, name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some((kind, reason)) = error.and_then(|error| Some((member(error, "type")?, member(error, "reason")?)))
        else {
            return Self { head: shortened(text), detail: String::new(), document_id: None };
        };
        let field = between(&reason, "field [", "]").or_else(|| between(&reason, "object mapping for [", "]"));
        let head = field.map_or_else(|| kind.clone(), |field| format!("{kind} on field {field}"));
        let cause = error.and_then(|error| error.pointer("/caused_by/reason")).and_then(Value::as_str);
        let detail = match cause {
            Some(cause) if !reason.contains(cause) => format!("{reason}: {cause}"),
            _ => reason.clone(),
        };
        let document_id = between(&reason, "document with id '", "'").map(str::to_owned);
        Self { head, detail: shortened(&detail), document_id }
    }

    /// In one sentence, with the record that it is about when that is among `newest`.
    fn told(&self, newest: &[AcceptedRecord]) -> String {
        let mut sentence = self.head.clone();
        if !self.detail.is_empty() {
            sentence.push_str(": ");
            sentence.push_str(&self.detail);
        }
        let found = self.document_id.as_ref().and_then(|id| newest.iter().find(|record| record.document_id == *id));
        if let Some(record) = found {
            let text = String::from_utf8_lossy(&record.data);
            sentence.extend([" (first: record ", &shortened(text.trim_end()), ")"]);
        }
        sentence
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(start)?;
    after.split_once(end).map(|(found, _)| found)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_reason_of_opensearch_is_told_with_its_field_and_its_record() {
        let reason = r#"400: {"type":"mapper_parsing_exception","reason":"failed to parse field [asctime] of type [date] in document with id '4968.0'. Preview of field's value: 'soon'","caused_by":{"type":"illegal_argument_exception","reason":"failed to parse date field [soon] with format [yyyy]"}}"#;
        let refusal = Refusal::read(reason);
        assert_eq!(refusal.head, "mapper_parsing_exception on field asctime");
        let data = Bytes::from_static(b"{\"asctime\":\"soon\"}\n");
        let record = AcceptedRecord { arrived: Timestamp::UNIX_EPOCH, document_id: "4968.0".to_owned(), data };
        assert_eq!(
            refusal.told(&[record]),
            "mapper_parsing_exception on field asctime: failed to parse field [asctime] of type [date] in document with \
             id '4968.0'. Preview of field's value: 'soon': failed to parse date field [soon] with format [yyyy] \
             (first: record {\"asctime\":\"soon\"})"
        );
    }

    #[test]
    fn other_reasons_are_told_as_they_are() {
        for (reason, expected) in [
            ("no answer from OpenSearch: connection refused", "no answer from OpenSearch: connection refused"),
            (
                r#"{"error":{"root_cause":[],"type":"cluster_block_exception","reason":"blocked"},"status":403}"#,
                "cluster_block_exception: blocked",
            ),
            ("503: {broken", "503: {broken"),
        ] {
            assert_eq!(Refusal::read(reason).told(&[]), expected);
        }
        assert_eq!(Refusal::read(&"x".repeat(1_000)).head.chars().count(), 301);
    }
}
