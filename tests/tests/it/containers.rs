//! The pipeline on real parts in containers, and ekk itself in one.

use std::{
    env,
    io::{self, Write as _},
};

use ekk::Ekk;
use ekk_testcontainers::{AWS_PORT, EkkImage};
use serde_json::json;
use testcontainers::runners::AsyncRunner as _;

/// Says whether the images are here: they are large, and not every machine has Docker.
fn wanted() -> bool {
    let wanted = env::var_os("EKK_TEST_CONTAINERS").is_some();
    if !wanted {
        drop(writeln!(io::stderr().lock(), "skipped: EKK_TEST_CONTAINERS is not set; the README says what it needs"));
    }
    wanted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_indexed_refused_and_backed_up_by_the_real_parts() {
    if !wanted() {
        return;
    }
    let ekk = Ekk::containers().await.unwrap();
    let good = json!({ "asctime": "2026-11-23T10:00:00Z", "levelname": "INFO", "message": "real" }).to_string();
    ekk.put("logging-test", [good.as_str(), "no JSON"]).await.unwrap();
    ekk.settle().await.unwrap();
    assert_eq!((ekk.account("logging-test").unwrap().indexed, ekk.account("logging-test").unwrap().failed), (1, 1));
    assert_eq!(ekk.count("logging-test-*").await.unwrap(), 1);
    let objects = ekk.objects("logging-test-backup", "").await.unwrap();
    let failed = objects.iter().find(|object| object.key.starts_with("AmazonOpenSearchService-failed/")).unwrap();
    assert!(failed.text().contains(r#""errorCode":"400""#), "{}", failed.text());
    let backed_up: String = objects.iter().filter(|object| object.key != failed.key).map(ekk::Object::text).collect();
    assert_eq!(backed_up, format!("{good}no JSON"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ekk_in_a_container_is_ready_when_it_is_started() {
    if !wanted() {
        return;
    }
    let ekk = EkkImage::default().option("--quotas=aws-like").start().await.unwrap();
    let (host, port) = (ekk.get_host().await.unwrap(), ekk.get_host_port_ipv4(AWS_PORT).await.unwrap());
    let health = reqwest::get(format!("http://{host}:{port}/_ekk/health")).await.unwrap();
    assert_eq!(health.status(), 200);
    ekk.stop().await.unwrap();
    let said = String::from_utf8(ekk.stdout_to_vec().await.unwrap()).unwrap();
    assert!(said.contains("stopped."), "{said}");
}
