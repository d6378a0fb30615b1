//! Objects of every compression format, read back by programs that have nothing to do with the stack.

use std::fs;

use ekk::{Ekk, Stream};
use ekk_tests::programs;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;

const FORMATS: [&str; 5] = ["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"];

/// Lines of log, and some that hardly compress, so that a large object is written in parts also when it is compressed.
fn records() -> Vec<String> {
    let mut random = StdRng::seed_from_u64(1);
    let mut line = |number: u32| {
        let noise: String = (0..if number.is_multiple_of(3) { 30_000 } else { 40 })
            .map(|_| char::from(random.random_range(b' '..b'~')))
            .collect();
        format!("{}\n", json!({ "level": "INFO", "number": number, "message": "order accepted", "noise": noise }))
    };
    (0..1_200).map(&mut line).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_every_format_are_read_back_by_gzip_unzip_and_python_snappy() {
    let Some(python) = programs::find(programs::PYTHON) else { return };
    let mut builder = Ekk::builder();
    for format in FORMATS {
        let bucket = format.to_lowercase().replace('_', "-");
        let hints = json!({ "SizeInMBs": 10, "IntervalInSeconds": 900 });
        let stream = Stream::to_bucket(bucket).with("CompressionFormat", format.into()).with("BufferingHints", hints);
        builder = builder.stream(stream);
    }
    let ekk = builder.start().await.unwrap();
    let (records, folder) = (records(), tempfile::tempdir().unwrap());
    let expected = folder.path().join("expected");
    fs::write(&expected, records.concat()).unwrap();
    let mut command = programs::command(python, &ekk);
    command.arg(programs::folder().join("python/check_formats.py"));
    for format in FORMATS {
        let bucket = format.to_lowercase().replace('_', "-");
        for some in records.chunks(100) {
            ekk.put(&bucket, some).await.unwrap();
        }
        command.arg(format!("{format}={bucket}"));
    }
    ekk.settle().await.unwrap();
    let said = programs::run(command.arg(expected)).await;
    assert_eq!(said.lines().count(), FORMATS.len(), "{said}");
}
