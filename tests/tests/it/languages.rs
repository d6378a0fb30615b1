//! Programs of other languages, unchanged, by the variables that `ekk up` prints.

use std::fs;

use ekk::{Credential, Ekk};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_takes_a_stream_through_its_life() {
    let Some(python) = programs::find(programs::PYTHON) else { return };
    let ekk = Ekk::start().await.unwrap();
    programs::run(programs::command(python, &ekk).arg(programs::folder().join("python/check_firehose.py"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_javascript_sdk_takes_a_stream_through_its_life() {
    let Some(node) = programs::find(programs::NODE) else { return };
    let ekk = Ekk::start().await.unwrap();
    programs::run(programs::command(node, &ekk).arg(programs::folder().join("node/check_firehose.mjs"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_go_sdk_takes_a_stream_through_its_life() {
    let Some(go) = programs::find(programs::GO) else { return };
    let ekk = Ekk::start().await.unwrap();
    let mut command = programs::command(go, &ekk);
    command.env("GOPROXY", "off").env("GOFLAGS", "-mod=readonly").current_dir(programs::folder().join("go"));
    programs::run(command.args(["run", "."])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_java_sdk_takes_a_stream_through_its_life() {
    let Some(java) = programs::find(programs::JAVA) else { return };
    let ekk = Ekk::start().await.unwrap();
    let mut command = programs::command(java, &ekk);
    command.current_dir(programs::folder().join("java"));
    programs::run(command.args(["-cp", "target/lib/*", "CheckFirehose.java"])).await;
}

/// The same client by https, trusting the stack's own authority as its users do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_takes_a_stream_through_its_life_by_https() {
    let Some(python) = programs::find(programs::PYTHON) else { return };
    let ekk = Ekk::builder().tls().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    fs::write(&authority, ekk.ca_pem().unwrap()).unwrap();
    let mut command = programs::command(python, &ekk);
    command.env("AWS_ENDPOINT_URL", ekk.endpoint_url().replacen("http:", "https:", 1)).env("AWS_CA_BUNDLE", authority);
    programs::run(command.arg(programs::folder().join("python/check_firehose.py"))).await;
}

/// With signatures verified, the key that the stack knows takes a stream through its life, and a wrong secret is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_with_a_wrong_secret_are_refused_and_others_are_not() {
    let programs = [(programs::PYTHON, "python/check_firehose.py"), (programs::NODE, "node/check_firehose.mjs")];
    for (variable, script) in programs {
        let Some(program) = programs::find(variable) else { continue };
        let known = Credential::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let ekk = Ekk::builder().credentials([known]).start().await.unwrap();
        let command = |secret: &str| {
            let mut command = programs::command(&program, &ekk);
            command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_SECRET_ACCESS_KEY", secret);
            command.arg(programs::folder().join(script));
            command
        };
        programs::run(&mut command("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")).await;
        let said = programs::run(command("wrong").args(["--refused", "InvalidSignatureException"])).await;
        assert!(said.starts_with("The request signature we calculated does not match"), "{script}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_creates_and_destroys_domains_and_roles() {
    let Some(python) = programs::find(programs::PYTHON) else { return };
    let ekk = Ekk::start().await.unwrap();
    programs::run(programs::command(python, &ekk).arg(programs::folder().join("python/check_neighbours.py"))).await;
}
