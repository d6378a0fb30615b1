//! `Decompression` and `CloudWatchLogProcessing`: the GZIP of `CloudWatch` Logs, and the messages in it.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html>

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use super::Failure;
use crate::limits::DECOMPRESSED_BYTES;

/// Takes off the compression; what is larger than [`DECOMPRESSED_BYTES`] without it is not taken.
pub(super) fn gunzip(data: &[u8]) -> Result<Bytes, Failure> {
    let mut out = Vec::new();
    MultiGzDecoder::new(data)
        .take(DECOMPRESSED_BYTES + 1)
        .read_to_end(&mut out)
        .map_err(|error| Failure::decompression(format!("The record is not GZIP: {error}")))?;
    if out.len() as u64 > DECOMPRESSED_BYTES {
        let message = format!("The record decompresses to more than {DECOMPRESSED_BYTES} bytes");
        return Err(Failure::decompression(message));
    }
    Ok(out.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    log_events: Vec<LogEvent>,
}

#[derive(Deserialize)]
struct LogEvent {
    message: String,
}

/// The message of each log event on a line of its own, and nothing of what is around them. A control message has none.
pub(super) fn messages(data: &[u8]) -> Result<Bytes, Failure> {
    let mut out = String::new();
    for envelope in serde_json::Deserializer::from_slice(data).into_iter::<Envelope>() {
        let envelope = envelope
            .map_err(|error| Failure::decompression(format!("The record is not of CloudWatch Logs: {error}")))?;
        for event in envelope.log_events {
            out.push_str(&event.message);
            out.push('\n');
        }
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_taken_off() {
        assert_eq!(gunzip(&gzip(b"{}")).unwrap(), "{}");
        assert_eq!(gunzip(&[gzip(b"{}"), gzip(b"[]")].concat()).unwrap(), "{}[]", "members follow one another");
    }

    #[test]
    fn what_is_no_gzip_fails_and_says_so() {
        let cut = gzip(b"{\"a\":1}").into_iter().take(20).collect::<Vec<_>>();
        for data in [b"plain".as_slice(), b"", &cut] {
            let failure = gunzip(data).unwrap_err();
            assert!(failure.message.starts_with("The record is not GZIP: "), "{failure:?}");
        }
    }

    #[test]
    fn a_gzip_bomb_is_cut_off_by_name() {
        let bomb = gzip(&vec![0; usize::try_from(DECOMPRESSED_BYTES).unwrap() + 1]);
        assert!(bomb.len() < 100_000);
        assert_eq!(gunzip(&bomb).unwrap_err().message, "The record decompresses to more than 16777216 bytes");
    }

    #[test]
    fn only_the_messages_of_log_events_are_kept() {
        let data =
            br#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],
            "logEvents":[{"id":"1","timestamp":1,"message":"one"},{"id":"2","timestamp":2,"message":"{\"two\":2}"}]}"#;
        assert_eq!(messages(data).unwrap(), "one\n{\"two\":2}\n");
        let control = br#"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#;
        assert_eq!(messages(control).unwrap(), "");
        assert!(messages(b"not JSON").unwrap_err().message.starts_with("The record is not of CloudWatch Logs: "));
    }
}
