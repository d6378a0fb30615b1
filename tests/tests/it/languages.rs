//! Programs of other languages, unchanged, by the variables that `ekk up` prints.

use std::fs;

use ekk::Ekk;
use ekk_tests::{clients, programs};
use serde_json::{Value, json};

use crate::discover;

/// The whole way of a real program's logs: 20,000 records through Python's logging and boto3, into the index, byte for
/// byte into the backup, and onto the Discover page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_program_ships_its_logs() {
    let Some(python) = programs::find(programs::PYTHON) else { return };
    let chromium = programs::find(programs::CHROMIUM);
    let ekk = Ekk::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sent = folder.path().join("sent.jsonl");
    let script = programs::folder().join("python/log_real_program.py");
    let mut command = programs::command(&python, &ekk);
    command.arg(script).args(["--records", "20000", "--stream", "logging-test", "--sent"]).arg(&sent);
    let report: Value = serde_json::from_str(&programs::run(&mut command).await).unwrap();
    assert_eq!((&report["logged"], &report["lost"]), (&json!(20_000), &json!(0)), "{report}");
    ekk.settle().await.unwrap();

    assert_eq!(ekk.count("logging-test-*").await.unwrap(), 20_000);
    let account = ekk.account("logging-test").unwrap();
    assert_eq!((account.accepted, account.indexed, account.failed, account.queued), (20_000, 20_000, 0, 0));
    assert_eq!((account.backed_up, account.backup_queued), (20_000, 0));

    let objects = clients::objects(&ekk, "logging-test-backup").await;
    let backup: Vec<u8> = objects.into_iter().flat_map(|(_, bytes)| bytes).collect();
    assert!(backup == fs::read(&sent).unwrap(), "the backup differs from what was sent");

    let body = json!({
        "size": 1,
        "track_total_hits": true,
        "query": { "exists": { "field": "exc_info" } },
        "sort": [{ "asctime": "desc" }],
    });
    let found = ekk.search("logging-test-*", &body).await.unwrap();
    assert_eq!(found["hits"]["total"]["value"], report["tracebacks"]);
    assert!(
        found["hits"]["hits"][0]["_source"]["exc_info"].as_str().unwrap().starts_with("Traceback (most recent call")
    );
    if let Some(chromium) = chromium {
        discover::check(&ekk, chromium, python, 20_000).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opensearch_py_bulks_searches_and_scans() {
    let Some(python) = programs::find(programs::PYTHON) else { return };
    let ekk = Ekk::start().await.unwrap();
    let script = programs::folder().join("python/check_opensearch_py.py");
    programs::run(programs::command(python, &ekk).arg(script)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_creates_puts_and_reads_back() {
    let Some(cli) = programs::find(programs::AWS_CLI) else { return };
    let ekk = Ekk::start().await.unwrap();
    let script = programs::folder().join("aws-cli/check_aws_cli.sh");
    programs::run(programs::command("bash", &ekk).env("EKK_AWS_CLI", cli).arg(script)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_javascript_sdk_puts_batches() {
    let Some(node) = programs::find(programs::NODE) else { return };
    let ekk = Ekk::start().await.unwrap();
    let script = programs::folder().join("node/put_records.mjs");
    let report = programs::run(programs::command(node, &ekk).arg(script).args(["logging-test", "1200"])).await;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["sent"], 1200);
    ekk.settle().await.unwrap();
    assert_eq!(ekk.count("logging-test-*").await.unwrap(), report["ids"].as_u64().unwrap());
}
