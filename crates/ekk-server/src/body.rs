//! Reads a request's body up to a cap.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// A body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The body is longer than the cap; nothing of it was kept.
    #[error("body is over the {limit_bytes}-byte limit")]
    TooLarge {
        /// The cap, in bytes.
        limit_bytes: usize,
    },
    /// The client went away or sent a broken body.
    #[error("body ended early")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads `body` whole, but no more than `limit_bytes` of it.
///
/// # Errors
/// [`BodyError::TooLarge`] as soon as the cap is passed, [`BodyError::Broken`] when the client stops sending.
pub async fn read(body: Body, limit_bytes: usize) -> Result<Bytes, BodyError> {
    match Limited::new(body, limit_bytes).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge { limit_bytes }),
        Err(error) => Err(BodyError::Broken(error)),
    }
}
