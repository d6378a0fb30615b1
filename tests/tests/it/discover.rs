//! Discover in a real browser, on records that came the whole way.

use std::ffi::OsString;

use ekk::Ekk;
use ekk_tests::programs;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_shows_records_levels_and_traceback_lines() {
    let (Some(chromium), Some(python)) = (programs::find(programs::CHROMIUM), programs::find(programs::PYTHON)) else {
        return;
    };
    let ekk = Ekk::start().await.unwrap();
    let now = ekk.clock().now();
    let traceback = "Traceback (most recent call last):\n  File \"shop.py\", line 7, in pay\n    total = price / 0\n\
                     ZeroDivisionError: division by zero";
    let records = (0..200).map(|number: i64| {
        let mut record = json!({
            "asctime": (now - jiff::SignedDuration::from_secs(number * 60)).to_string(),
            "name": "shop.pay",
            "levelname": if number % 5 == 0 { "ERROR" } else { "INFO" },
            "message": format!("order {number} <script>alert(1)</script>"),
        });
        if number % 5 == 0 {
            record["exc_info"] = json!(traceback);
        }
        record.to_string()
    });
    ekk.put("logging-test", records).await.unwrap();
    ekk.settle().await.unwrap();
    check(&ekk, chromium, python, 200).await;
}

#[tokio::test]
async fn an_empty_stack_says_why_nothing_is_shown() {
    let ekk = Ekk::start().await.unwrap();
    let page = reqwest::get(ekk.addresses().dashboards.clone()).await.unwrap();
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    assert!(text.contains("logging-test-*"), "{text}");
}

/// Runs the check of `tests/clients/browser` for `records` records.
pub(crate) async fn check(ekk: &Ekk, chromium: OsString, python: OsString, records: u64) {
    let script = programs::folder().join("browser/check_discover.py");
    let mut command = programs::command(python, ekk);
    command.env("EKK_CHROMIUM", chromium).arg(script).arg("--records").arg(records.to_string());
    programs::run(&mut command).await;
}
