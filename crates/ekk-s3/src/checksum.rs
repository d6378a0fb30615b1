//! The digests of a body: MD5 for the `ETag`, one of S3's five checksums, and SHA-256 of a signed payload.
//!
//! Which of them a client asked for is the callers' subject.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>.

use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};
use s3s::{checksum::ChecksumHasher, dto};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// A checksum algorithm of S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name as in `x-amz-checksum-algorithm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => dto::ChecksumAlgorithm::CRC32,
            Self::Crc32c => dto::ChecksumAlgorithm::CRC32C,
            Self::Crc64Nvme => dto::ChecksumAlgorithm::CRC64NVME,
            Self::Sha1 => dto::ChecksumAlgorithm::SHA1,
            Self::Sha256 => dto::ChecksumAlgorithm::SHA256,
        }
    }

    /// The header or trailer that carries the value, in lower case.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Whether `text` can be a checksum: base64 of as many bytes as the algorithm makes.
    pub(crate) fn is_value(self, text: &str) -> bool {
        let bytes = match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        };
        base64_simd::STANDARD.decode_to_vec(text).is_ok_and(|decoded| decoded.len() == bytes)
    }

    fn hasher(self) -> ChecksumHasher {
        let mut hasher = ChecksumHasher::default();
        match self {
            Self::Crc32 => hasher.crc32 = Some(s3s::crypto::Checksum::new()),
            Self::Crc32c => hasher.crc32c = Some(s3s::crypto::Checksum::new()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(s3s::crypto::Checksum::new()),
            Self::Sha1 => hasher.sha1 = Some(s3s::crypto::Checksum::new()),
            Self::Sha256 => hasher.sha256 = Some(s3s::crypto::Checksum::new()),
        }
        hasher
    }

    /// The CRC behind the name, and its length in bytes.
    fn crc(self) -> Option<(CrcAlgorithm, usize)> {
        match self {
            Self::Crc32 => Some((CrcAlgorithm::Crc32IsoHdlc, 4)),
            Self::Crc32c => Some((CrcAlgorithm::Crc32Iscsi, 4)),
            Self::Crc64Nvme => Some((CrcAlgorithm::Crc64Nvme, 8)),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

/// Whether a checksum covers the whole object or the checksums of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    FullObject,
    Composite,
}

impl Kind {
    /// The name as in `x-amz-checksum-type`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullObject => dto::ChecksumType::FULL_OBJECT,
            Self::Composite => dto::ChecksumType::COMPOSITE,
        }
    }
}

/// A checksum as S3 stores and sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// In base64; a composite one ends in `-` and the number of parts.
    pub(crate) value: String,
}

impl Checksum {
    /// The checksum over the checksums of the parts.
    pub(crate) fn composite<'a>(algorithm: Algorithm, parts: impl Iterator<Item = &'a Self>) -> Self {
        let mut hasher = algorithm.hasher();
        let mut count = 0;
        for part in parts {
            hasher.update(&base64_simd::STANDARD.decode_to_vec(&part.value).expect("we made this value"));
            count += 1;
        }
        let value = format!("{}-{count}", value_of(hasher.finalize(), algorithm));
        Self { algorithm, kind: Kind::Composite, value }
    }

    /// The checksum of the whole object, from those of its parts and their lengths; `None` unless it is a CRC.
    pub(crate) fn full_object<'a>(algorithm: Algorithm, parts: impl Iterator<Item = (&'a Self, u64)>) -> Option<Self> {
        let (crc, length) = algorithm.crc()?;
        let whole = parts.fold(0, |whole, (part, size)| {
            let bytes = base64_simd::STANDARD.decode_to_vec(&part.value).expect("we made this value");
            let part = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
            crc_fast::checksum_combine(crc, whole, part, size)
        });
        let bytes = whole.to_be_bytes();
        let value = base64_simd::STANDARD.encode_to_string(bytes.get(8 - length..)?);
        Some(Self { algorithm, kind: Kind::FullObject, value })
    }

    /// The checksum in the one of S3's five fields that its algorithm has.
    pub(crate) fn fields(&self) -> dto::Checksum {
        let mut fields =
            dto::Checksum { checksum_type: Some(self.kind.name().to_owned().into()), ..Default::default() };
        *field(&mut fields, self.algorithm) = Some(self.value.clone());
        fields
    }
}

fn field(fields: &mut dto::Checksum, algorithm: Algorithm) -> &mut Option<String> {
    match algorithm {
        Algorithm::Crc32 => &mut fields.checksum_crc32,
        Algorithm::Crc32c => &mut fields.checksum_crc32c,
        Algorithm::Crc64Nvme => &mut fields.checksum_crc64nvme,
        Algorithm::Sha1 => &mut fields.checksum_sha1,
        Algorithm::Sha256 => &mut fields.checksum_sha256,
    }
}

fn value_of(mut fields: dto::Checksum, algorithm: Algorithm) -> String {
    field(&mut fields, algorithm).take().expect("the hasher was made for this algorithm")
}

/// Copies a checksum into the fields of an output that has S3's five.
macro_rules! set_checksum {
    ($output:expr, $checksum:expr) => {
        if let Some(fields) = $checksum.map(crate::checksum::Checksum::fields) {
            $output.checksum_crc32 = fields.checksum_crc32;
            $output.checksum_crc32c = fields.checksum_crc32c;
            $output.checksum_crc64nvme = fields.checksum_crc64nvme;
            $output.checksum_sha1 = fields.checksum_sha1;
            $output.checksum_sha256 = fields.checksum_sha256;
        }
    };
}
pub(crate) use set_checksum;

/// The checksums that an input of S3 carries, as pairs of algorithm and value.
macro_rules! supplied_checksums {
    ($input:expr) => {{
        use crate::checksum::Algorithm;
        [
            (Algorithm::Crc32, $input.checksum_crc32.clone()),
            (Algorithm::Crc32c, $input.checksum_crc32c.clone()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone()),
            (Algorithm::Sha1, $input.checksum_sha1.clone()),
            (Algorithm::Sha256, $input.checksum_sha256.clone()),
        ]
        .into_iter()
        .filter_map(|(algorithm, value)| Some((algorithm, value?)))
        .collect::<Vec<_>>()
    }};
}
pub(crate) use supplied_checksums;

/// Computes all digests of a body in one pass.
pub(crate) struct Digester {
    algorithm: Algorithm,
    /// Computes `algorithm`, and CRC-64/NVME in any case.
    checksums: ChecksumHasher,
    md5: Md5,
    sha256: Option<Sha256>,
    size_bytes: u64,
}

/// The digests of one body.
#[derive(Clone, Debug)]
pub(crate) struct Digests {
    pub(crate) size_bytes: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
    pub(crate) crc64nvme: Checksum,
    /// In lower-case hex; only when it was asked for.
    pub(crate) sha256: Option<String>,
}

impl Digester {
    pub(crate) fn new(algorithm: Algorithm, with_sha256: bool) -> Self {
        let mut checksums = algorithm.hasher();
        checksums.crc64nvme = Some(s3s::crypto::Checksum::new());
        Self { algorithm, checksums, md5: Md5::new(), sha256: with_sha256.then(Sha256::new), size_bytes: 0 }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.size_bytes += bytes.len() as u64;
        self.md5.update(bytes);
        self.checksums.update(bytes);
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Digests {
        let fields = self.checksums.finalize();
        let checksum = |algorithm| {
            let value = value_of(fields.clone(), algorithm);
            Checksum { algorithm, kind: Kind::FullObject, value }
        };
        Digests {
            size_bytes: self.size_bytes,
            md5: self.md5.finalize().into(),
            checksum: checksum(self.algorithm),
            crc64nvme: checksum(Algorithm::Crc64Nvme),
            sha256: self.sha256.map(|sha256| hex(&sha256.finalize())),
        }
    }
}

/// The `ETag` of a multipart object: the MD5 of its parts' MD5s, and their number. Without the quotes.
pub(crate) fn multipart_etag(parts: &[[u8; 16]]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(part);
    }
    format!("{}-{}", hex(&md5.finalize()), parts.len())
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_parts_combines_to_that_of_the_whole() {
        let whole = b"one part, then another";
        let (left, right) = whole.split_at(9);
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let [left, right, whole] = [left, right, whole.as_slice()].map(|bytes| digest(algorithm, bytes));
            let parts = [&left, &right].map(|part| (&part.checksum, part.size_bytes));
            assert_eq!(Checksum::full_object(algorithm, parts.into_iter()), Some(whole.checksum), "{algorithm:?}");
        }
    }

    #[test]
    fn only_a_crc_combines() {
        assert_eq!(Checksum::full_object(Algorithm::Sha256, std::iter::empty()), None);
    }

    #[test]
    fn a_multipart_etag_counts_its_parts() {
        let parts = [b"a", b"b"].map(|bytes| digest(Algorithm::Crc32, bytes).md5);
        assert_eq!(multipart_etag(&parts), "96e024ba2074fe77e8e965ba43a704be-2");
    }

    fn digest(algorithm: Algorithm, bytes: &[u8]) -> Digests {
        let mut digester = Digester::new(algorithm, false);
        digester.update(bytes);
        digester.finish()
    }
}
