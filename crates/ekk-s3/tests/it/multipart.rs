//! Multipart uploads.

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart},
};

use crate::served::{BUCKET, MIB, Served, code, on_each_store};

const PART: usize = 5 * MIB;

async fn create(s3: &Served, key: &str) -> String {
    let create =
        s3.client.create_multipart_upload().bucket(BUCKET).key(key).content_type("text/plain").metadata("m", "1");
    create.send().await.unwrap().upload_id.unwrap()
}

async fn upload(s3: &Served, upload_id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let part = s3.client.upload_part().bucket(BUCKET).key("key").upload_id(upload_id).part_number(number);
    let part = part.body(ByteStream::from(body)).send().await.unwrap();
    CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build()
}

async fn complete(s3: &Served, upload_id: &str, parts: &[&CompletedPart]) -> Result<String, String> {
    let parts = parts.iter().map(|part| (*part).clone()).collect();
    let upload = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = s3.client.complete_multipart_upload().bucket(BUCKET).key("key").upload_id(upload_id);
    let answer = complete.multipart_upload(upload).send().await.map_err(|error| code(&error))?;
    Ok(answer.e_tag.unwrap())
}

#[tokio::test]
async fn parts_become_one_object() {
    on_each_store(async |s3| {
        let upload_id = create(s3, "key").await;
        upload(s3, &upload_id, 2, b"replaced".to_vec()).await;
        let last = upload(s3, &upload_id, 9, b"tail".to_vec()).await;
        let first = upload(s3, &upload_id, 2, vec![1; PART]).await;
        let unused = upload(s3, &upload_id, 3, b"unused".to_vec()).await;
        assert!(unused.e_tag().is_some());
        assert_eq!(s3.get("key").await, Err("NoSuchKey".to_owned()));
        let etag = complete(s3, &upload_id, &[&first, &last]).await.unwrap();
        assert_eq!(etag, "\"1b5586dcc4c977ad9eb82c917af59a83-2\"");
        let get = s3.client.get_object().bucket(BUCKET).key("key").send().await.unwrap();
        assert_eq!((get.content_type(), get.metadata().unwrap()["m"].as_str()), (Some("text/plain"), "1"));
        let body = get.body.collect().await.unwrap().to_vec();
        assert_eq!((body.len(), &body[PART - 1..]), (PART + 4, b"\x01tail".as_slice()));
        assert_eq!(complete(s3, &upload_id, &[&first, &last]).await, Err("NoSuchUpload".to_owned()));
        if let Some(folder) = &s3.folder {
            let files = std::fs::read_dir(folder.path().join(BUCKET)).unwrap().count();
            assert_eq!(files, 2, "of the replaced and the unused part nothing stays");
        }
    })
    .await;
}

#[tokio::test]
async fn ranges_and_parts_of_a_multipart_object_are_read_across_its_parts() {
    on_each_store(async |s3| {
        let upload_id = create(s3, "key").await;
        let first = upload(s3, &upload_id, 1, vec![1; PART]).await;
        let last = upload(s3, &upload_id, 2, b"tail".to_vec()).await;
        complete(s3, &upload_id, &[&first, &last]).await.unwrap();
        let get = || s3.client.get_object().bucket(BUCKET).key("key");
        let range = get().range(format!("bytes={}-{}", PART - 2, PART + 1)).send().await.unwrap();
        assert_eq!(range.body.collect().await.unwrap().to_vec(), b"\x01\x01ta");
        let part = get().part_number(2).send().await.unwrap();
        assert_eq!((part.parts_count(), part.content_range()), (Some(2), Some("bytes 5242880-5242883/5242884")));
        assert_eq!(part.body.collect().await.unwrap().to_vec(), b"tail");
        assert_eq!(code(&get().part_number(3).send().await.unwrap_err()), "InvalidPartNumber");
    })
    .await;
}

#[tokio::test]
async fn completing_checks_the_list_of_parts() {
    on_each_store(async |s3| {
        let upload_id = create(s3, "key").await;
        let small = upload(s3, &upload_id, 1, b"small".to_vec()).await;
        let big = upload(s3, &upload_id, 2, vec![0; PART]).await;
        let stranger = CompletedPart::builder().part_number(3).e_tag("\"0\"").build();
        let wrong = CompletedPart::builder().part_number(2).e_tag("\"0\"").build();
        let cases: [(&[&CompletedPart], &str); 6] = [
            (&[], "MalformedXML"),
            (&[&big, &small], "InvalidPartOrder"),
            (&[&big, &big], "InvalidPartOrder"),
            (&[&small, &wrong], "InvalidPart"),
            (&[&small, &stranger], "InvalidPart"),
            (&[&small, &big], "EntityTooSmall"),
        ];
        for (parts, expected) in cases {
            assert_eq!(complete(s3, &upload_id, parts).await, Err(expected.to_owned()));
        }
        complete(s3, &upload_id, &[&small]).await.unwrap();
        assert_eq!(s3.get("key").await.unwrap(), b"small");
    })
    .await;
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    on_each_store(async |s3| {
        let upload_id = create(s3, "key").await;
        let part = upload(s3, &upload_id, 1, vec![0; MIB]).await;
        let abort = |key: &str| s3.client.abort_multipart_upload().bucket(BUCKET).key(key).upload_id(&upload_id).send();
        assert_eq!(code(&abort("another").await.unwrap_err()), "NoSuchUpload");
        abort("key").await.unwrap();
        assert_eq!(code(&abort("key").await.unwrap_err()), "NoSuchUpload");
        assert_eq!(complete(s3, &upload_id, &[&part]).await, Err("NoSuchUpload".to_owned()));
        let late = s3.client.upload_part().bucket(BUCKET).key("key").upload_id(&upload_id).part_number(1);
        let late = late.body(ByteStream::from(vec![0; 8 * MIB])).send().await.unwrap_err();
        assert_eq!(code(&late), "NoSuchUpload");
        if let Some(folder) = &s3.folder {
            assert_eq!(std::fs::read_dir(folder.path().join(BUCKET)).unwrap().count(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn parts_are_listed_in_pages() {
    on_each_store(async |s3| {
        let upload_id = create(s3, "key").await;
        for number in [3, 1, 10_000] {
            upload(s3, &upload_id, number, vec![0; usize::try_from(number).unwrap()]).await;
        }
        let list = s3.client.list_parts().bucket(BUCKET).key("key").upload_id(&upload_id).max_parts(2);
        let mut pages = list.into_paginator().send();
        let mut parts = Vec::new();
        while let Some(page) = pages.next().await {
            parts.extend(page.unwrap().parts().iter().map(|part| (part.part_number().unwrap(), part.size().unwrap())));
        }
        assert_eq!(parts, [(1, 1), (3, 3), (10_000, 10_000)]);
        for number in [0, 10_001] {
            let part = s3.client.upload_part().bucket(BUCKET).key("key").upload_id(&upload_id).part_number(number);
            assert_eq!(code(&part.send().await.unwrap_err()), "InvalidArgument");
        }
    })
    .await;
}

#[tokio::test]
async fn uploads_are_listed_in_pages() {
    on_each_store(async |s3| {
        for key in ["b/1", "a", "b/2", "a", "c"] {
            create(s3, key).await;
        }
        let cases: [(&str, &[&str]); 2] = [("", &["a", "a", "b/1", "b/2", "c"]), ("/", &["a", "a", "b/", "c"])];
        for (delimiter, expected) in cases {
            for page_uploads in 1..=5 {
                let (mut key, mut upload_id) = (None, None);
                let mut found = Vec::new();
                loop {
                    let list = s3
                        .client
                        .list_multipart_uploads()
                        .bucket(BUCKET)
                        .delimiter(delimiter)
                        .max_uploads(page_uploads);
                    let page = list.set_key_marker(key).set_upload_id_marker(upload_id).send().await.unwrap();
                    found.extend(page.uploads().iter().map(|upload| upload.key().unwrap().to_owned()));
                    found.extend(page.common_prefixes().iter().map(|common| common.prefix().unwrap().to_owned()));
                    if page.is_truncated() != Some(true) {
                        break;
                    }
                    (key, upload_id) = (page.next_key_marker, page.next_upload_id_marker);
                }
                found.sort();
                assert_eq!(found, expected, "{delimiter:?} {page_uploads}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_part_is_copied_from_a_range_of_an_object() {
    on_each_store(async |s3| {
        let source: Vec<_> = (0..6 * MIB).map(|index| u8::try_from(index % 251).unwrap()).collect();
        s3.put("source", source.clone()).await;
        let upload_id = create(s3, "key").await;
        let copy = |number: i32, range: &str| {
            let copy = s3.client.upload_part_copy().bucket(BUCKET).key("key").upload_id(&upload_id).part_number(number);
            copy.copy_source(format!("{BUCKET}/source")).copy_source_range(range).send()
        };
        let mut parts = Vec::new();
        for (number, range) in [(1, "bytes=1-5242880"), (2, "bytes=7-9")] {
            let result = copy(number, range).await.unwrap().copy_part_result.unwrap();
            parts.push(CompletedPart::builder().part_number(number).set_e_tag(result.e_tag).build());
        }
        for range in ["bytes=0-6291456", "bytes=5-", "all"] {
            assert_eq!(code(&copy(3, range).await.unwrap_err()), "InvalidArgument", "{range}");
        }
        complete(s3, &upload_id, &parts.iter().collect::<Vec<_>>()).await.unwrap();
        s3.client.delete_object().bucket(BUCKET).key("source").send().await.unwrap();
        let mut expected = source[1..=PART].to_vec();
        expected.extend_from_slice(&source[7..=9]);
        assert_eq!(s3.get("key").await.unwrap(), expected);
        let copied = s3.client.copy_object().copy_source(format!("{BUCKET}/key")).bucket(BUCKET).key("copy").send();
        let etag = copied.await.unwrap().copy_object_result.unwrap().e_tag.unwrap();
        assert_eq!(etag, s3.put("plain", expected.clone()).await, "a copy is an object in one piece");
        assert_eq!(s3.get("copy").await.unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn checksums_of_parts_make_that_of_the_object() {
    on_each_store(async |s3| {
        let bodies = [vec![1; PART], b"tail".to_vec()];
        let cases = [
            (ChecksumAlgorithm::Sha256, ChecksumType::Composite, "gm6o39vNt69Pc/r4EKY/2NpoxvUg2SUOo+Nic80ECsM=-2"),
            (ChecksumAlgorithm::Crc32, ChecksumType::FullObject, "uJuEGA=="),
        ];
        for (algorithm, kind, expected) in cases {
            let create = s3.client.create_multipart_upload().bucket(BUCKET).key("key");
            let create = create.checksum_algorithm(algorithm.clone()).checksum_type(kind.clone()).send().await.unwrap();
            let upload_id = create.upload_id().unwrap();
            let mut parts = Vec::new();
            for (number, body) in (1..).zip(&bodies) {
                let part = s3.client.upload_part().bucket(BUCKET).key("key").upload_id(upload_id).part_number(number);
                let part = part.checksum_algorithm(algorithm.clone()).body(ByteStream::from(body.clone()));
                let part = part.send().await.unwrap();
                let listed = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
                let listed = listed.set_checksum_crc32(part.checksum_crc32).set_checksum_sha256(part.checksum_sha256);
                parts.push(listed.build());
            }
            if kind == ChecksumType::Composite {
                let bare = CompletedPart::builder().part_number(1).set_e_tag(parts[0].e_tag.clone()).build();
                assert_eq!(complete(s3, upload_id, &[&bare]).await, Err("InvalidRequest".to_owned()));
            }
            complete(s3, upload_id, &parts.iter().collect::<Vec<_>>()).await.unwrap();
            let head = s3.client.head_object().bucket(BUCKET).key("key").checksum_mode(ChecksumMode::Enabled);
            let head = head.send().await.unwrap();
            assert_eq!(head.checksum_type(), Some(&kind));
            assert_eq!(head.checksum_crc32().or(head.checksum_sha256()), Some(expected));
        }
        let impossible = s3.client.create_multipart_upload().bucket(BUCKET).key("key");
        let impossible = impossible.checksum_algorithm(ChecksumAlgorithm::Sha1).checksum_type(ChecksumType::FullObject);
        assert_eq!(code(&impossible.send().await.unwrap_err()), "InvalidRequest");
    })
    .await;
}
