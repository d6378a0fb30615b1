//! Objects: put, get, head, delete, copy, and their conditions.

use aws_sdk_s3::{
    primitives::{ByteStream, DateTime, DateTimeFormat},
    types::{Delete, MetadataDirective, ObjectCannedAcl, ObjectIdentifier, StorageClass},
};

use crate::served::{BUCKET, MIB, code, on_each_store};

const MD5_OF_BODY: &str = "\"841a2d689ad86bd1611447453c22c6fc\"";

#[tokio::test]
async fn an_object_comes_back_with_everything_that_was_said_of_it() {
    on_each_store(async |s3| {
        let put = s3.client.put_object().bucket(BUCKET).key("a/key").body(ByteStream::from_static(b"body"));
        let put = put
            .content_type("text/plain; charset=utf-8")
            .content_encoding("gzip")
            .content_language("de")
            .content_disposition("attachment")
            .cache_control("no-cache")
            .expires(DateTime::from_secs(1_800_000_000))
            .storage_class(StorageClass::GlacierIr)
            .website_redirect_location("/elsewhere")
            .metadata("level", "debug")
            .metadata("umlaut", "ä");
        assert_eq!(put.send().await.unwrap().e_tag(), Some(MD5_OF_BODY));
        let get = s3.client.get_object().bucket(BUCKET).key("a/key").send().await.unwrap();
        let head = s3.client.head_object().bucket(BUCKET).key("a/key").send().await.unwrap();
        assert_eq!(get.content_type(), Some("text/plain; charset=utf-8"));
        assert_eq!(get.content_encoding(), Some("gzip"));
        assert_eq!(get.content_language(), Some("de"));
        assert_eq!(get.content_disposition(), Some("attachment"));
        assert_eq!(get.cache_control(), Some("no-cache"));
        assert_eq!(get.storage_class(), Some(&StorageClass::GlacierIr));
        assert_eq!(get.website_redirect_location(), Some("/elsewhere"));
        assert_eq!(get.expires_string(), Some("Fri, 15 Jan 2027 08:00:00 GMT"));
        assert_eq!(get.metadata().unwrap()["level"], "debug");
        assert_eq!(get.last_modified().unwrap().fmt(DateTimeFormat::DateTime).unwrap(), "2026-01-02T03:04:05Z");
        assert_eq!((get.content_length(), get.e_tag()), (Some(4), Some(MD5_OF_BODY)));
        assert_eq!((head.content_length(), head.e_tag()), (get.content_length(), get.e_tag()));
        assert_eq!((head.metadata(), head.last_modified()), (get.metadata(), get.last_modified()));
        assert_eq!((head.content_type(), head.content_encoding()), (get.content_type(), get.content_encoding()));
        assert_eq!(get.body.collect().await.unwrap().to_vec(), b"body");
    })
    .await;
}

#[tokio::test]
async fn a_put_replaces_an_object_whole() {
    on_each_store(async |s3| {
        s3.client.put_object().bucket(BUCKET).key("key").metadata("old", "1").send().await.unwrap();
        s3.clock.advance(std::time::Duration::from_secs(2));
        s3.put("key", vec![7; 3 * MIB]).await;
        let head = s3.client.head_object().bucket(BUCKET).key("key").send().await.unwrap();
        assert_eq!(head.metadata().map_or(0, std::collections::HashMap::len), 0);
        assert_eq!(head.last_modified().unwrap().to_string(), "2026-01-02T03:04:07Z");
        assert_eq!(s3.get("key").await.unwrap(), vec![7; 3 * MIB]);
        s3.put("key", "").await;
        assert_eq!(s3.get("key").await.unwrap(), b"");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    on_each_store(async |s3| {
        assert_eq!(s3.get("no-key").await, Err("NoSuchKey".to_owned()));
        let head = s3.client.head_object().bucket(BUCKET).key("no-key").send().await.unwrap_err();
        assert_eq!(code(&head), "NotFound");
        let body = ByteStream::from(vec![0; 8 * MIB]);
        let put = s3.client.put_object().bucket("no-bucket").key("key").body(body).send().await.unwrap_err();
        assert_eq!(code(&put), "NoSuchBucket");
        let versioned = s3.client.get_object().bucket(BUCKET).key("no-key").version_id("7").send().await.unwrap_err();
        assert_eq!(code(&versioned), "InvalidArgument");
    })
    .await;
}

#[tokio::test]
async fn a_range_is_answered_with_that_range() {
    on_each_store(async |s3| {
        s3.put("key", "0123456789").await;
        s3.put("empty", "").await;
        let get = |range: &str| s3.client.get_object().bucket(BUCKET).key("key").range(range).send();
        let cases = [
            ("bytes=0-0", "0", "bytes 0-0/10"),
            ("bytes=3-5", "345", "bytes 3-5/10"),
            ("bytes=8-", "89", "bytes 8-9/10"),
            ("bytes=8-100", "89", "bytes 8-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"),
            ("bytes=-100", "0123456789", "bytes 0-9/10"),
        ];
        for (range, expected, content_range) in cases {
            let answer = get(range).await.unwrap();
            assert_eq!(answer.content_range(), Some(content_range), "{range}");
            assert_eq!(answer.content_length(), Some(expected.len().try_into().unwrap()), "{range}");
            assert_eq!(answer.body.collect().await.unwrap().to_vec(), expected.as_bytes(), "{range}");
        }
        for range in ["bytes=10-", "bytes=10-11", "bytes=-0"] {
            assert_eq!(code(&get(range).await.unwrap_err()), "InvalidRange", "{range}");
        }
        let empty = s3.client.get_object().bucket(BUCKET).key("empty").range("bytes=-1").send().await;
        assert_eq!(code(&empty.unwrap_err()), "InvalidRange");
        for range in ["lines=0-1", "bytes=5-3", "bytes=0-1,4-5"] {
            let whole = get(range).await.unwrap();
            assert_eq!((whole.content_length(), whole.content_range()), (Some(10), None), "{range}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_conditional_get_answers_304_or_412() {
    on_each_store(async |s3| {
        let etag = s3.put("key", "body").await;
        let then = DateTime::from_secs(1_767_323_045);
        let before = DateTime::from_secs(1_767_323_044);
        let get = || s3.client.get_object().bucket(BUCKET).key("key");
        let outcome = async |get: aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder| {
            get.send().await.map_or_else(|error| code(&error), |_| "200".to_owned())
        };
        assert_eq!(outcome(get().if_match(&etag)).await, "200");
        assert_eq!(outcome(get().if_match("\"other\"")).await, "PreconditionFailed");
        assert_eq!(outcome(get().if_none_match(&etag)).await, "304");
        assert_eq!(outcome(get().if_none_match("\"other\"")).await, "200");
        assert_eq!(outcome(get().if_modified_since(then)).await, "304");
        assert_eq!(outcome(get().if_modified_since(before)).await, "200");
        assert_eq!(outcome(get().if_unmodified_since(then)).await, "200");
        assert_eq!(outcome(get().if_unmodified_since(before)).await, "PreconditionFailed");
        assert_eq!(outcome(get().if_match(&etag).if_unmodified_since(before)).await, "200");
        assert_eq!(outcome(get().if_none_match("\"other\"").if_modified_since(then)).await, "200");
    })
    .await;
}

#[tokio::test]
async fn a_conditional_put_creates_once_and_replaces_what_it_knows() {
    on_each_store(async |s3| {
        let put =
            |body: &'static [u8]| s3.client.put_object().bucket(BUCKET).key("key").body(ByteStream::from_static(body));
        assert_eq!(code(&put(b"1").if_match("\"other\"").send().await.unwrap_err()), "NoSuchKey");
        let etag = put(b"1").if_none_match("*").send().await.unwrap().e_tag.unwrap();
        assert_eq!(code(&put(b"2").if_none_match("*").send().await.unwrap_err()), "PreconditionFailed");
        assert_eq!(code(&put(b"2").if_match("\"other\"").send().await.unwrap_err()), "PreconditionFailed");
        put(b"3").if_match(etag).send().await.unwrap();
        assert_eq!(s3.get("key").await.unwrap(), b"3");
        let delete = s3.client.delete_object().bucket(BUCKET).key("key").if_match("\"other\"");
        assert_eq!(code(&delete.send().await.unwrap_err()), "PreconditionFailed");
        assert_eq!(s3.get("key").await.unwrap(), b"3");
    })
    .await;
}

#[tokio::test]
async fn of_puts_that_race_for_a_new_key_one_wins() {
    on_each_store(async |s3| {
        let puts = (0..8_u8).map(|racer| {
            let put = s3.client.put_object().bucket(BUCKET).key("key").if_none_match("*");
            put.body(ByteStream::from(vec![racer; MIB])).send()
        });
        let outcomes = futures_util::future::join_all(puts).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let winner = outcomes.iter().position(Result::is_ok).unwrap();
        assert_eq!(s3.get("key").await.unwrap(), vec![u8::try_from(winner).unwrap(); MIB]);
    })
    .await;
}

#[tokio::test]
async fn deleting_what_does_not_exist_is_no_error() {
    on_each_store(async |s3| {
        s3.put("a", "1").await;
        s3.put("b", "2").await;
        let objects = ["a", "missing", "b"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
        let delete = Delete::builder().set_objects(Some(objects.to_vec())).build().unwrap();
        let answer = s3.client.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
        let deleted: Vec<_> = answer.deleted().iter().map(|object| object.key().unwrap()).collect();
        assert_eq!((deleted, answer.errors().len()), (vec!["a", "missing", "b"], 0));
        assert_eq!(s3.keys().await, [""; 0]);
        s3.client.delete_object().bucket(BUCKET).key("a").send().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_quiet_deletion_reports_only_errors() {
    on_each_store(async |s3| {
        s3.put("a", "1").await;
        let objects = vec![
            ObjectIdentifier::builder().key("a").build().unwrap(),
            ObjectIdentifier::builder().key("b").version_id("7").build().unwrap(),
        ];
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().unwrap();
        let answer = s3.client.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
        assert_eq!(answer.deleted().len(), 0);
        assert_eq!((answer.errors()[0].key(), answer.errors()[0].code()), (Some("b"), Some("InvalidArgument")));
    })
    .await;
}

#[tokio::test]
async fn a_copy_takes_metadata_along_or_replaces_it() {
    on_each_store(async |s3| {
        let put = s3.client.put_object().bucket(BUCKET).key("ä b/+").body(ByteStream::from_static(b"body"));
        put.content_type("text/plain").metadata("level", "debug").send().await.unwrap();
        s3.client.create_bucket().bucket("another").send().await.unwrap();
        let source = format!("{BUCKET}/%C3%A4%20b/%2B");
        let copy = || s3.client.copy_object().copy_source(&source).bucket("another");
        let answer = copy().key("same").send().await.unwrap();
        assert_eq!(answer.copy_object_result().unwrap().e_tag(), Some(MD5_OF_BODY));
        let replace = copy().key("new").metadata_directive(MetadataDirective::Replace).metadata("level", "info");
        replace.content_type("text/html").send().await.unwrap();
        s3.client.delete_object().bucket(BUCKET).key("ä b/+").send().await.unwrap();
        for (key, level, content_type) in [("same", "debug", "text/plain"), ("new", "info", "text/html")] {
            let get = s3.client.get_object().bucket("another").key(key).send().await.unwrap();
            assert_eq!((get.metadata().unwrap()["level"].as_str(), get.content_type()), (level, Some(content_type)));
            assert_eq!(get.body.collect().await.unwrap().to_vec(), b"body");
        }
    })
    .await;
}

#[tokio::test]
async fn a_copy_to_itself_must_change_something() {
    on_each_store(async |s3| {
        s3.put("key", "body").await;
        let copy = || s3.client.copy_object().copy_source(format!("{BUCKET}/key")).bucket(BUCKET).key("key");
        assert_eq!(code(&copy().send().await.unwrap_err()), "InvalidRequest");
        copy().metadata_directive(MetadataDirective::Replace).metadata("new", "1").send().await.unwrap();
        assert_eq!(s3.get("key").await.unwrap(), b"body");
        let missing = s3.client.copy_object().copy_source(format!("{BUCKET}/no-key")).bucket(BUCKET).key("key");
        assert_eq!(code(&missing.send().await.unwrap_err()), "NoSuchKey");
        assert_eq!(code(&copy().copy_source_if_match("\"other\"").send().await.unwrap_err()), "PreconditionFailed");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    on_each_store(async |s3| {
        let put = || s3.client.put_object().bucket(BUCKET).key("key").body(ByteStream::from_static(b"body"));
        put().acl(ObjectCannedAcl::BucketOwnerFullControl).send().await.unwrap();
        let cases = [
            (put().acl(ObjectCannedAcl::PublicRead), "AccessControlListNotSupported", "The bucket does not allow ACLs"),
            (put().tagging("a=b"), "NotImplemented", "Object tagging is not supported by this endpoint"),
            (
                put().server_side_encryption("aws:kms".into()),
                "NotImplemented",
                "Encryption with AWS KMS is not supported by this endpoint",
            ),
        ];
        for (put, expected, message) in cases {
            let error = put.send().await.unwrap_err();
            assert_eq!(code(&error), expected);
            assert_eq!(aws_sdk_s3::error::ProvideErrorMetadata::message(&error), Some(message));
        }
        let error = s3.client.get_object_tagging().bucket(BUCKET).key("key").send().await.unwrap_err();
        assert_eq!(code(&error), "NotImplemented");
        let message = aws_sdk_s3::error::ProvideErrorMetadata::message(&error);
        assert_eq!(message, Some("GetObjectTagging is not implemented yet"));
    })
    .await;
}

#[tokio::test]
async fn metadata_over_two_kibibytes_is_refused() {
    on_each_store(async |s3| {
        let put =
            |bytes: usize| s3.client.put_object().bucket(BUCKET).key("key").metadata("m", "x".repeat(bytes)).send();
        put(2047).await.unwrap();
        assert_eq!(code(&put(2048).await.unwrap_err()), "MetadataTooLarge");
    })
    .await;
}
