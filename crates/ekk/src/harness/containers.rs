//! The Firehose of this process before the real OpenSearch and MinIO, in containers that live as long as the stack.

use ekk_testcontainers::RealParts;
use url::Url;

use super::{Builder, Ekk};
use crate::StartError;

/// A stack on real parts cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ContainersError {
    /// Docker is missing, has not the image and cannot pull it, or a container does not get ready.
    #[error("Docker cannot start OpenSearch and MinIO; OPENSEARCH_IMAGE and MINIO_IMAGE name other images")]
    Docker(#[from] testcontainers::TestcontainersError),
    /// Docker tells an address that is none.
    #[error("Docker tells an address that is none")]
    Address(#[from] url::ParseError),
    /// The stack before them cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl Ekk {
    /// Starts the real OpenSearch and MinIO in containers, and a stack with the built-in fixtures on them: for the tests
    /// that shall not trust an imitation. It takes about a minute; [`Ekk::start`] takes milliseconds.
    ///
    /// `OPENSEARCH_IMAGE` and `MINIO_IMAGE` name other images than those that are pinned. The containers are removed when
    /// the stack is dropped.
    ///
    /// # Errors
    /// Docker's, and as [`Ekk::start`].
    pub async fn containers() -> Result<Self, ContainersError> {
        Self::builder().start_on_containers().await
    }
}

impl Builder {
    /// Starts the stack on the real OpenSearch and MinIO, as [`Ekk::containers`] does.
    ///
    /// # Errors
    /// As [`Ekk::containers`].
    pub async fn start_on_containers(self) -> Result<Ekk, ContainersError> {
        let parts = RealParts::start().await?;
        let opensearch = Url::parse(&parts.opensearch_url().await?)?;
        let s3 = Url::parse(&parts.s3_url().await?)?;
        let mut ekk = self.opensearch(opensearch).s3(s3).start().await?;
        ekk.real_parts = Some(parts);
        Ok(ekk)
    }
}
