//! Keys that a file system would not take, or would take for something else.

use crate::served::{BUCKET, code, on_each_store};

fn hostile_keys() -> Vec<String> {
    let mut keys: Vec<_> = [
        "a",
        "a/",
        "a/b",
        "a//b",
        "/",
        "//",
        "/a",
        ".",
        "..",
        "../up",
        "../../../../tmp/escaped",
        "a/../b",
        "a/./b",
        "a/..",
        " a ",
        "a b",
        "a+b",
        "a%2Fb",
        "%",
        "%00",
        "a?b=c",
        "a#b",
        "a&b<c>\"d'",
        "a:b|c*d",
        "a\\b",
        "CON",
        "NUL.txt",
        "~",
        "-rf",
        "ünï/cödé",
        "日本語",
        "🦀",
        "e\u{301}",
        "é",
        "\u{10FFFF}",
        "\u{202E}txt",
        "_catalogue.jsonl",
        "_lock",
        "0000000000000001_a",
        "\u{7f}",
        "a\tb",
        "a\nb",
    ]
    .map(str::to_owned)
    .into();
    keys.push("k".repeat(1024));
    keys.push("ä".repeat(512));
    keys.push("d/".repeat(512));
    keys
}

#[tokio::test]
async fn every_key_is_an_object_of_its_own() {
    on_each_store(async |s3| {
        let keys = hostile_keys();
        for key in &keys {
            s3.put(key, key.as_bytes()).await;
        }
        for key in &keys {
            assert_eq!(s3.get(key).await.as_deref(), Ok(key.as_bytes()), "{key:?}");
        }
        let listed = s3.client.list_objects_v2().bucket(BUCKET).encoding_type("url".into()).send().await.unwrap();
        let listed: Vec<_> = listed.contents().iter().map(|object| decode(object.key().unwrap())).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(listed, sorted);
        for key in &keys {
            s3.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
            assert_eq!(s3.get(key).await, Err("NoSuchKey".to_owned()), "{key:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_key_leaves_the_folder_of_its_bucket() {
    let s3 = crate::served::Served::on_folder().await;
    let folder = s3.folder.as_ref().unwrap().path().to_owned();
    for key in hostile_keys() {
        s3.put(&key, "body").await;
    }
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["_catalogue.jsonl", "_lock", BUCKET]);
    let files: Vec<_> = std::fs::read_dir(folder.join(BUCKET)).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), hostile_keys().len());
    assert!(files.iter().all(|file| file.file_type().unwrap().is_file()));
}

#[tokio::test]
async fn a_key_over_1024_bytes_is_refused() {
    on_each_store(async |s3| {
        let put = s3.client.put_object().bucket(BUCKET).key("k".repeat(1025)).send().await.unwrap_err();
        assert_eq!(code(&put), "KeyTooLongError");
    })
    .await;
}

fn decode(text: &str) -> String {
    let plain = text.replace('+', " ");
    let mut bytes = Vec::new();
    let mut rest = plain.as_bytes();
    while let [first, after @ ..] = rest {
        if let [b'%', high, low, after @ ..] = rest {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}
