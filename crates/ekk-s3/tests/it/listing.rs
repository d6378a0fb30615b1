//! `ListObjects` and `ListObjectsV2`.

use crate::served::{BUCKET, Served, code, on_each_store};

async fn fill(s3: &Served) {
    for key in ["a", "b/1", "b/2", "b/c/3", "d e+", "f"] {
        s3.put(key, key).await;
    }
}

#[tokio::test]
async fn lists_keys_and_common_prefixes() {
    on_each_store(async |s3| {
        fill(s3).await;
        let cases: [(&str, &str, &[&str], &[&str]); 5] = [
            ("", "", &["a", "b/1", "b/2", "b/c/3", "d e+", "f"], &[]),
            ("", "/", &["a", "d e+", "f"], &["b/"]),
            ("b/", "/", &["b/1", "b/2"], &["b/c/"]),
            ("b", "", &["b/1", "b/2", "b/c/3"], &[]),
            ("missing", "/", &[], &[]),
        ];
        for (prefix, delimiter, keys, prefixes) in cases {
            let answer =
                s3.client.list_objects_v2().bucket(BUCKET).prefix(prefix).delimiter(delimiter).send().await.unwrap();
            let found: Vec<_> = answer.contents().iter().map(|object| object.key().unwrap()).collect();
            let common: Vec<_> = answer.common_prefixes().iter().map(|common| common.prefix().unwrap()).collect();
            assert_eq!((found.as_slice(), common.as_slice()), (keys, prefixes), "{prefix:?} {delimiter:?}");
            assert_eq!(answer.key_count(), Some((keys.len() + prefixes.len()).try_into().unwrap()));
            let first =
                s3.client.list_objects().bucket(BUCKET).prefix(prefix).delimiter(delimiter).send().await.unwrap();
            assert_eq!(first.contents().len(), keys.len());
        }
    })
    .await;
}

#[tokio::test]
async fn describes_each_object() {
    on_each_store(async |s3| {
        s3.put("key", "body").await;
        let answer = s3.client.list_objects_v2().bucket(BUCKET).fetch_owner(true).send().await.unwrap();
        let object = &answer.contents()[0];
        assert_eq!((object.size(), object.e_tag()), (Some(4), Some("\"841a2d689ad86bd1611447453c22c6fc\"")));
        assert_eq!(object.last_modified().unwrap().to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(object.storage_class().unwrap().as_str(), "STANDARD");
        assert!(object.owner().is_some());
    })
    .await;
}

#[tokio::test]
async fn pages_show_every_entry_once() {
    on_each_store(async |s3| {
        fill(s3).await;
        for page_keys in 1..=7 {
            for delimiter in ["", "/"] {
                let list = s3.client.list_objects_v2().bucket(BUCKET).delimiter(delimiter).max_keys(page_keys);
                let mut pages = list.into_paginator().send();
                let mut entries = Vec::new();
                while let Some(page) = pages.next().await {
                    let page = page.unwrap();
                    assert!(page.key_count().unwrap() <= page_keys);
                    entries.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
                    entries.extend(page.common_prefixes().iter().map(|common| common.prefix().unwrap().to_owned()));
                }
                entries.sort();
                let expected: &[_] = if delimiter.is_empty() {
                    &["a", "b/1", "b/2", "b/c/3", "d e+", "f"]
                } else {
                    &["a", "b/", "d e+", "f"]
                };
                assert_eq!(entries, expected, "{page_keys} {delimiter:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_first_version_pages_by_marker() {
    on_each_store(async |s3| {
        fill(s3).await;
        let list = || s3.client.list_objects().bucket(BUCKET).delimiter("/").max_keys(2);
        let first = list().send().await.unwrap();
        assert_eq!((first.is_truncated(), first.next_marker()), (Some(true), Some("b/")));
        let second = list().marker("b/").send().await.unwrap();
        let keys: Vec<_> = second.contents().iter().map(|object| object.key().unwrap()).collect();
        assert_eq!((keys.as_slice(), second.is_truncated()), (["d e+", "f"].as_slice(), Some(false)));
    })
    .await;
}

#[tokio::test]
async fn starts_after_a_key_and_encodes_on_request() {
    on_each_store(async |s3| {
        fill(s3).await;
        let list = s3.client.list_objects_v2().bucket(BUCKET).start_after("b/c/3").encoding_type("url".into());
        let answer = list.send().await.unwrap();
        let keys: Vec<_> = answer.contents().iter().map(|object| object.key().unwrap()).collect();
        assert_eq!(keys, ["d+e%2B", "f"]);
    })
    .await;
}

#[tokio::test]
async fn refuses_what_is_not_a_page() {
    on_each_store(async |s3| {
        let list = || s3.client.list_objects_v2().bucket(BUCKET);
        assert_eq!(code(&list().max_keys(-1).send().await.unwrap_err()), "InvalidArgument");
        assert_eq!(code(&list().continuation_token("??").send().await.unwrap_err()), "InvalidArgument");
        let none = list().max_keys(0).send().await.unwrap();
        assert_eq!((none.is_truncated(), none.key_count()), (Some(false), Some(0)));
        assert_eq!(list().max_keys(5000).send().await.unwrap().max_keys(), Some(1000));
        let missing = s3.client.list_objects_v2().bucket("no-bucket").send().await.unwrap_err();
        assert_eq!(code(&missing), "NoSuchBucket");
    })
    .await;
}
