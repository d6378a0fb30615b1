//! Stacks are isolated: many run side by side in one process.

use ekk::Ekk;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_stacks_work_side_by_side() {
    let mut stacks = Vec::new();
    for number in 0..100 {
        let ekk = Ekk::start().await.unwrap();
        let records: Vec<String> =
            (0..=number).map(|record| json!({ "stack": number, "record": record }).to_string()).collect();
        ekk.put("logging-test", records).await.unwrap();
        stacks.push(ekk);
    }
    for (number, ekk) in (0..).zip(&stacks) {
        ekk.settle().await.unwrap();
        assert_eq!(ekk.count("logging-test-*").await.unwrap(), number + 1);
        let body = json!({ "query": { "term": { "stack": number } }, "track_total_hits": true });
        let found = ekk.search("logging-test-*", &body).await.unwrap();
        assert_eq!(found["hits"]["total"]["value"], number + 1, "stack {number}");
    }
}
