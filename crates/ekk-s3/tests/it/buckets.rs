//! Buckets: their life, their names, their regions.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use crate::served::{BUCKET, code, on_each_store};

#[tokio::test]
async fn a_bucket_lives_from_its_creation_to_its_deletion() {
    on_each_store(async |s3| {
        let client = &s3.client;
        assert_eq!(code(&client.head_bucket().bucket("another").send().await.unwrap_err()), "NotFound");
        let created = client.create_bucket().bucket("another").send().await.unwrap();
        assert_eq!(created.location(), Some("/another"));
        let head = client.head_bucket().bucket("another").send().await.unwrap();
        assert_eq!(head.bucket_region(), Some("us-east-1"));
        let listed = client.list_buckets().send().await.unwrap();
        let names: Vec<_> = listed.buckets().iter().map(|bucket| bucket.name().unwrap()).collect();
        assert_eq!(names, ["another", BUCKET]);
        assert_eq!(listed.buckets()[0].creation_date().unwrap().to_string(), "2026-01-02T03:04:05Z");
        client.delete_bucket().bucket("another").send().await.unwrap();
        assert_eq!(code(&client.delete_bucket().bucket("another").send().await.unwrap_err()), "NoSuchBucket");
    })
    .await;
}

#[tokio::test]
async fn a_bucket_with_an_object_is_not_deleted() {
    on_each_store(async |s3| {
        s3.put("key", "body").await;
        let delete = || s3.client.delete_bucket().bucket(BUCKET).send();
        assert_eq!(code(&delete().await.unwrap_err()), "BucketNotEmpty");
        s3.client.delete_object().bucket(BUCKET).key("key").send().await.unwrap();
        s3.client.create_multipart_upload().bucket(BUCKET).key("key").send().await.unwrap();
        delete().await.unwrap();
        assert_eq!(s3.get("key").await, Err("NoSuchBucket".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn creating_ones_own_bucket_again_is_an_error_outside_us_east_1_only() {
    on_each_store(async |s3| {
        s3.put("key", "body").await;
        s3.client.create_bucket().bucket(BUCKET).send().await.unwrap();
        assert_eq!(s3.get("key").await.unwrap(), b"body");
        let abroad = || {
            let configuration =
                CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuCentral1).build();
            s3.client.create_bucket().bucket("abroad").create_bucket_configuration(configuration).send()
        };
        abroad().await.unwrap();
        assert_eq!(code(&abroad().await.unwrap_err()), "BucketAlreadyOwnedByYou");
    })
    .await;
}

#[tokio::test]
async fn the_location_of_a_bucket_is_its_constraint() {
    on_each_store(async |s3| {
        let configuration =
            |location: &str| CreateBucketConfiguration::builder().location_constraint(location.into()).build();
        let create = |bucket: &str, location| {
            s3.client.create_bucket().bucket(bucket).create_bucket_configuration(configuration(location)).send()
        };
        create("in-europe", "eu-central-1").await.unwrap();
        assert_eq!(code(&create("at-home", "us-east-1").await.unwrap_err()), "InvalidLocationConstraint");
        for (bucket, expected) in [("in-europe", "eu-central-1"), (BUCKET, "")] {
            let location = s3.client.get_bucket_location().bucket(bucket).send().await.unwrap();
            assert_eq!(location.location_constraint().map_or("", |location| location.as_str()), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_breaks_the_rules_is_refused() {
    on_each_store(async |s3| {
        for name in ["ab", "UPPER", "under_score", "-hyphen", "dot.", "a..b", "192.168.5.4", "xn--a", &"a".repeat(64)] {
            let refused = s3.client.create_bucket().bucket(name).send().await.unwrap_err();
            assert_eq!(code(&refused), "InvalidBucketName", "{name}");
        }
        for name in ["abc", "a.b-c", "0a0", &"a".repeat(63)] {
            s3.client.create_bucket().bucket(name).send().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn buckets_are_listed_in_pages() {
    on_each_store(async |s3| {
        for name in ["aaa", "aab", "bbb"] {
            s3.client.create_bucket().bucket(name).send().await.unwrap();
        }
        let mut pages = s3.client.list_buckets().max_buckets(2).prefix("a").into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            names.extend(page.unwrap().buckets().iter().map(|bucket| bucket.name().unwrap().to_owned()));
        }
        assert_eq!(names, ["aaa", "aab"]);
    })
    .await;
}
