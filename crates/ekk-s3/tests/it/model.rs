//! Random operations, against a map as the model.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::served::{BUCKET, Served, code};

#[derive(Clone, Debug)]
enum Operation {
    Put { key: String, body: Vec<u8> },
    PutIfNew { key: String, body: Vec<u8> },
    Delete { key: String },
    Copy { from: String, to: String },
    Get { key: String, start: usize, length: usize },
    List { prefix: String, delimiter: String, page_keys: i32 },
    Restart,
}

fn key() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ab/.]{1,4}").unwrap()
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40)
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => (key(), body()).prop_map(|(key, body)| Operation::Put { key, body }),
        2 => (key(), body()).prop_map(|(key, body)| Operation::PutIfNew { key, body }),
        3 => key().prop_map(|key| Operation::Delete { key }),
        2 => (key(), key()).prop_map(|(from, to)| Operation::Copy { from, to }),
        4 => (key(), 0..40_usize, 1..40_usize).prop_map(|(key, start, length)| Operation::Get { key, start, length }),
        4 => ("[ab/]{0,2}", "/?", 1..5).prop_map(|(prefix, delimiter, page_keys)| Operation::List { prefix, delimiter, page_keys }),
        1 => Just(Operation::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_stores_do_what_a_map_does(operations in proptest::collection::vec(operation(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            follow(Served::in_memory().await, &operations).await;
            follow(Served::on_folder().await, &operations).await;
        });
    }
}

async fn follow(mut s3: Served, operations: &[Operation]) {
    let mut model = BTreeMap::new();
    for operation in operations {
        match operation {
            Operation::Restart if s3.folder.is_some() => s3 = s3.restart().await,
            Operation::Restart => {}
            operation => step(&s3, &mut model, operation).await,
        }
    }
    assert_eq!(s3.keys().await, model.keys().cloned().collect::<Vec<_>>());
    for (key, body) in &model {
        assert_eq!(s3.get(key).await.as_ref(), Ok(body), "{key}");
    }
    if let Some(folder) = s3.stop().await {
        let files = std::fs::read_dir(folder.path().join(BUCKET)).map_or(0, Iterator::count);
        assert_eq!(files, model.len(), "one file an object");
    }
}

async fn step(s3: &Served, model: &mut BTreeMap<String, Vec<u8>>, operation: &Operation) {
    match operation {
        Operation::Put { key, body } => {
            s3.put(key, body.clone()).await;
            model.insert(key.clone(), body.clone());
        }
        Operation::PutIfNew { key, body } => {
            let put = s3.client.put_object().bucket(BUCKET).key(key).body(body.clone().into()).if_none_match("*");
            let outcome = put.send().await.map(drop).map_err(|error| code(&error));
            let expected = if model.contains_key(key) { Err("PreconditionFailed".to_owned()) } else { Ok(()) };
            assert_eq!(outcome, expected, "{operation:?}");
            model.entry(key.clone()).or_insert_with(|| body.clone());
        }
        Operation::Delete { key } => {
            s3.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
            model.remove(key);
        }
        Operation::Copy { from, to } => copy(s3, model, from, to).await,
        Operation::Get { key, start, length } => {
            let range = format!("bytes={start}-{}", start + length - 1);
            let get = s3.client.get_object().bucket(BUCKET).key(key).range(range).send().await;
            let expected = match model.get(key) {
                None => Err("NoSuchKey".to_owned()),
                Some(body) if *start >= body.len() => Err("InvalidRange".to_owned()),
                Some(body) => Ok(body[*start..body.len().min(start + length)].to_vec()),
            };
            let found = match get {
                Ok(answer) => Ok(answer.body.collect().await.unwrap().to_vec()),
                Err(error) => Err(code(&error)),
            };
            assert_eq!(found, expected, "{operation:?}");
        }
        Operation::List { prefix, delimiter, page_keys } => {
            let expected = entries(model, prefix, delimiter);
            assert_eq!(list(s3, prefix, delimiter, *page_keys).await, expected, "{operation:?}");
        }
        Operation::Restart => {}
    }
}

async fn copy(s3: &Served, model: &mut BTreeMap<String, Vec<u8>>, from: &str, to: &str) {
    let copy = s3.client.copy_object().copy_source(format!("{BUCKET}/{from}")).bucket(BUCKET).key(to);
    let outcome = copy.send().await.map(drop).map_err(|error| code(&error));
    let expected = match model.get(from) {
        None => Err("NoSuchKey".to_owned()),
        Some(_) if from == to => Err("InvalidRequest".to_owned()),
        Some(_) => Ok(()),
    };
    assert_eq!(outcome, expected, "{from} to {to}");
    if outcome.is_ok() {
        model.insert(to.to_owned(), model[from].clone());
    }
}

/// Keys and common prefixes in one order, without doubles.
fn entries(model: &BTreeMap<String, Vec<u8>>, prefix: &str, delimiter: &str) -> Vec<String> {
    let matching = model.keys().filter_map(|key| Some((key, key.strip_prefix(prefix)?)));
    let mut entries: Vec<_> = matching
        .map(|(key, rest)| match rest.split_once(delimiter) {
            Some((rolled_up, _)) if !delimiter.is_empty() => format!("{prefix}{rolled_up}{delimiter}"),
            _ => key.clone(),
        })
        .collect();
    entries.sort();
    entries.dedup();
    entries
}

async fn list(s3: &Served, prefix: &str, delimiter: &str, page_keys: i32) -> Vec<String> {
    let list = s3.client.list_objects_v2().bucket(BUCKET).prefix(prefix).delimiter(delimiter).max_keys(page_keys);
    let mut pages = list.into_paginator().send();
    let mut entries = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let mut entries_of_page: Vec<_> =
            page.contents().iter().map(|object| object.key().unwrap().to_owned()).collect();
        entries_of_page.extend(page.common_prefixes().iter().map(|common| common.prefix().unwrap().to_owned()));
        entries_of_page.sort();
        entries.extend(entries_of_page);
    }
    entries
}
