//! The log records that the benches send: 300 bytes of JSON with the fields of Python's logging.

/// The bytes of one record.
const RECORD_BYTES: usize = 300;

/// The `number`-th record: time, logger, level and message vary as a program's do.
pub(crate) fn record(number: u64) -> String {
    let level = ["DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR"][usize::try_from(number % 6).unwrap_or(0)];
    let logger =
        ["app.db", "app.auth", "app.worker", "urllib3.connectionpool"][usize::try_from(number % 4).unwrap_or(0)];
    let (second, milli) = (number / 50 % 60, number % 1000);
    let minute = number / 3000 % 60;
    let mut text = format!(
        r#"{{"asctime":"2026-11-23T14:{minute:02}:{second:02}.{milli:03}+0000","name":"{logger}","levelname":"{level}","lineno":{},"duration_ms":{}.5,"request":"req-{number:08}","message":"SELECT * FROM orders WHERE id={} took {} ms"#,
        number % 400,
        number * 7 % 900,
        number * 31 % 10_007,
        number * 7 % 900,
    );
    while text.len() < RECORD_BYTES - 2 {
        let word = ["slow ", "query ", "plan ", "rows ", "cache "][text.len() % 5];
        text.push_str(word);
    }
    text.truncate(RECORD_BYTES - 2);
    text.push_str("\"}");
    text
}

/// The body of a `PutRecordBatch` with 500 records.
pub(crate) fn put_record_batch(stream: &str) -> String {
    let records: Vec<String> = (0..500).map(|number| format!(r#"{{"Data":"{}"}}"#, base64(&record(number)))).collect();
    format!(r#"{{"DeliveryStreamName":"{stream}","Records":[{}]}}"#, records.join(","))
}

/// The body of a `PutRecord`.
pub(crate) fn put_record(stream: &str) -> String {
    format!(r#"{{"DeliveryStreamName":"{stream}","Record":{{"Data":"{}"}}}}"#, base64(&record(1)))
}

/// The body of a `_bulk` request with `count` records from `first` on.
pub(crate) fn bulk(index: &str, first: u64, count: u64) -> String {
    let lines = (first..first + count).map(|number| {
        let record = record(number);
        format!("{{\"index\":{{\"_index\":\"{index}\",\"_id\":\"{number:056}.0\"}}}}\n{record}\n")
    });
    lines.collect()
}

fn base64(text: &str) -> String {
    base64_simd::STANDARD.encode_to_string(text)
}
