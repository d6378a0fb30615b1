//! What is particular to the folder store: restarts, crashes, other users of the folder.

use std::{fs, io::Write as _};

use aws_sdk_s3::{primitives::ByteStream, types::CompletedMultipartUpload, types::CompletedPart};
use ekk_clock::Clock;
use ekk_s3::{Error, S3};

use crate::served::{BUCKET, MIB, Served};

#[tokio::test]
async fn everything_survives_a_restart() {
    let s3 = Served::on_folder().await;
    let put = s3.client.put_object().bucket(BUCKET).key("a/../b").metadata("m", "1").content_type("text/plain");
    put.body(ByteStream::from(vec![7; MIB])).send().await.unwrap();
    s3.put("replaced", "old").await;
    s3.put("replaced", "new").await;
    s3.put("deleted", "gone").await;
    s3.client.delete_object().bucket(BUCKET).key("deleted").send().await.unwrap();
    let upload = s3.client.create_multipart_upload().bucket(BUCKET).key("upload").send().await.unwrap();
    let upload_id = upload.upload_id().unwrap();
    let part = s3.client.upload_part().bucket(BUCKET).key("upload").upload_id(upload_id).part_number(1);
    let part = part.body(ByteStream::from_static(b"part")).send().await.unwrap();

    let s3 = s3.restart().await;
    assert_eq!(s3.keys().await, ["a/../b", "replaced"]);
    let get = s3.client.get_object().bucket(BUCKET).key("a/../b").send().await.unwrap();
    assert_eq!((get.content_type(), get.metadata().unwrap()["m"].as_str()), (Some("text/plain"), "1"));
    assert_eq!(get.body.collect().await.unwrap().to_vec(), vec![7; MIB]);
    assert_eq!(s3.get("replaced").await.unwrap(), b"new");
    let parts = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let complete = s3.client.complete_multipart_upload().bucket(BUCKET).key("upload").upload_id(upload_id);
    complete.multipart_upload(CompletedMultipartUpload::builder().parts(parts).build()).send().await.unwrap();

    let s3 = s3.restart().await;
    assert_eq!(s3.get("upload").await.unwrap(), b"part");
    let files = fs::read_dir(s3.folder.as_ref().unwrap().path().join(BUCKET)).unwrap().count();
    assert_eq!(files, 3, "one file an object, none of what was replaced or deleted");
}

#[tokio::test]
async fn a_body_lies_in_its_file_as_it_was_sent() {
    let s3 = Served::on_folder().await;
    s3.put("2026/11/23/logging-test-1.gz", "body").await;
    let folder = s3.folder.as_ref().unwrap().path().join(BUCKET);
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    assert_eq!(file.file_name(), "0000000000000000_2026_11_23_logging-test-1.gz");
    assert_eq!(fs::read(file.path()).unwrap(), b"body");
}

#[tokio::test]
async fn what_a_crash_leaves_is_cleaned_up() {
    let s3 = Served::on_folder().await;
    s3.put("key", "body").await;
    let folder = s3.stop().await.unwrap();
    let bucket = folder.path().join(BUCKET);
    fs::write(bucket.join("00000000000000ff_unfinished"), "half a bo").unwrap();
    fs::write(bucket.join("notes.txt"), "not ours").unwrap();
    let log = fs::File::options().append(true).open(folder.path().join("_catalogue.jsonl"));
    log.unwrap().write_all(b"{\"PutObject\":{\"bucket\":\"logg").unwrap();

    let s3 = Served::on(folder).await;
    assert_eq!(s3.keys().await, ["key"]);
    s3.put("after", "more").await;
    let s3 = s3.restart().await;
    assert_eq!(s3.keys().await, ["after", "key"]);
    let bucket = s3.folder.as_ref().unwrap().path().join(BUCKET);
    assert!(!bucket.join("00000000000000ff_unfinished").exists());
    assert!(bucket.join("notes.txt").exists(), "only files of this store are removed");
}

#[tokio::test]
async fn a_read_under_way_sees_the_object_that_it_started_with() {
    let s3 = Served::on_folder().await;
    s3.put("key", vec![1; 8 * MIB]).await;
    let get = s3.client.get_object().bucket(BUCKET).key("key").send().await.unwrap();
    s3.put("key", vec![2; 8 * MIB]).await;
    s3.client.delete_object().bucket(BUCKET).key("key").send().await.unwrap();
    assert_eq!(get.body.collect().await.unwrap().to_vec(), vec![1; 8 * MIB]);
    let folder = s3.stop().await.unwrap();
    assert_eq!(fs::read_dir(folder.path().join(BUCKET)).unwrap().count(), 0, "the last reader takes the file along");
}

#[tokio::test]
async fn a_folder_belongs_to_one_endpoint() {
    let s3 = Served::on_folder().await;
    let folder = s3.folder.as_ref().unwrap().path();
    let error = S3::on_folder(folder, Clock::system()).unwrap_err();
    assert!(matches!(&error, Error::InUse { path } if path == folder), "{error}");
    let folder = s3.stop().await.unwrap();
    S3::on_folder(folder.path(), Clock::system()).unwrap();
}

#[test]
fn a_damaged_log_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("_catalogue.jsonl");
    let cases = [
        ("something else\n", 1, "this is no log of an S3 store"),
        ("{\"ekk-s3\":1}\n{\"DeleteBucket\":{\"bucket\":\"abc\"}}\n!\n", 3, "expected value at line 1 column 1"),
    ];
    for (text, line, reason) in cases {
        fs::write(&log, text).unwrap();
        let error = S3::on_folder(folder.path(), Clock::system()).unwrap_err().to_string();
        let expected =
            format!("{} is damaged in line {line}: {reason}; restore it, or choose an empty folder", log.display());
        assert_eq!(error, expected);
        assert_eq!(fs::read_to_string(&log).unwrap(), text, "a damaged log stays as it is");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().join("below");
    let error = S3::on_folder(&path, Clock::system()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot use {}", path.display()));
}

#[test]
fn a_bucket_is_made_at_start_under_the_rules_for_names() {
    let s3 = S3::in_memory(Clock::system());
    s3.create_bucket_if_missing("logging-test-backup").unwrap();
    s3.create_bucket_if_missing("logging-test-backup").unwrap();
    let error = s3.create_bucket_if_missing("Logs").unwrap_err();
    assert!(matches!(error, Error::InvalidBucketName { name } if name == "Logs"));
}
