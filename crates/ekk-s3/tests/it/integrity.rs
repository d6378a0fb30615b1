//! Digests: what a client sends is checked, what is stored is told.

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{ChecksumAlgorithm, ChecksumMode, ChecksumType},
};

use crate::served::{BUCKET, code, on_each_store};

#[tokio::test]
async fn every_checksum_algorithm_is_computed_and_told() {
    on_each_store(async |s3| {
        for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"].map(ChecksumAlgorithm::from) {
            let put = s3.client.put_object().bucket(BUCKET).key("key").body(ByteStream::from_static(b"body"));
            put.checksum_algorithm(algorithm.clone()).send().await.unwrap();
            let head = s3.client.head_object().bucket(BUCKET).key("key").checksum_mode(ChecksumMode::Enabled);
            let head = head.send().await.unwrap();
            let told = [
                (ChecksumAlgorithm::Crc32, head.checksum_crc32()),
                (ChecksumAlgorithm::Crc32C, head.checksum_crc32_c()),
                (ChecksumAlgorithm::Crc64Nvme, head.checksum_crc64_nvme()),
                (ChecksumAlgorithm::Sha1, head.checksum_sha1()),
                (ChecksumAlgorithm::Sha256, head.checksum_sha256()),
            ];
            let told: Vec<_> = told.into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name).collect();
            assert_eq!(told, [algorithm]);
            assert_eq!(head.checksum_type(), Some(&ChecksumType::FullObject));
            assert_eq!(s3.get("key").await.unwrap(), b"body");
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_not_what_its_digest_says_is_not_stored() {
    on_each_store(async |s3| {
        let put = || s3.client.put_object().bucket(BUCKET).key("key").body(ByteStream::from_static(b"body"));
        let cases = [
            (put().checksum_crc32("AAAAAA=="), "BadDigest"),
            (put().checksum_sha256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), "BadDigest"),
            (put().content_md5("AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"),
            (put().content_md5("not an md5"), "InvalidDigest"),
        ];
        for (put, expected) in cases {
            assert_eq!(code(&put.send().await.unwrap_err()), expected);
        }
        assert_eq!(s3.keys().await, [""; 0]);
        put().content_md5("hBotaJrYa9FhFEdFPCLG/A==").checksum_crc32("26gLsg==").send().await.unwrap();
    })
    .await;
}
