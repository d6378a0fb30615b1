//! The two ids that AWS puts on every answer.

use std::fmt;

use rand::RngExt as _;
use uuid::Uuid;

/// The id of one request, sent as `x-amzn-RequestId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    /// A new random id.
    pub fn random() -> Self {
        Self(uuid::Builder::from_random_bytes(rand::rng().random()).into_uuid())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A new value for the header `x-amz-id-2`: 72 random bytes in base64, 96 characters.
pub fn extended_request_id() -> String {
    let bytes: [u8; 72] = rand::rng().random();
    base64_simd::STANDARD.encode_to_string(bytes)
}
