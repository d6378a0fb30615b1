//! OpenSearch and MinIO together, for a Firehose in this process.

use std::time::Duration;

use testcontainers::{
    ContainerAsync, ImageExt as _, TestcontainersError, core::ContainerPort, runners::AsyncRunner as _,
};

use crate::{
    MinioImage, OpenSearchImage,
    minio::{self, PASSWORD, USER},
    opensearch,
};

/// A cluster takes half a minute on an idle machine, and several on a busy one.
const PATIENCE: Duration = Duration::from_mins(5);

/// The running containers; gone when it is dropped.
#[derive(Debug)]
pub struct RealParts {
    opensearch: ContainerAsync<OpenSearchImage>,
    minio: ContainerAsync<MinioImage>,
}

impl RealParts {
    /// Starts both and waits until they answer.
    ///
    /// # Errors
    /// Docker's, and that a container was not ready in five minutes.
    pub async fn start() -> Result<Self, TestcontainersError> {
        let minio = MinioImage::default().with_startup_timeout(PATIENCE).start().await?;
        let opensearch = OpenSearchImage::default().with_startup_timeout(PATIENCE).start().await?;
        Ok(Self { opensearch, minio })
    }

    /// The address of OpenSearch, on this machine.
    ///
    /// # Errors
    /// Docker's, when it does not know the container any more.
    pub async fn opensearch_url(&self) -> Result<String, TestcontainersError> {
        Ok(format!("http://{}", address(&self.opensearch, opensearch::PORT).await?))
    }

    /// The address of S3, with the credentials that it takes.
    ///
    /// # Errors
    /// As [`RealParts::opensearch_url`].
    pub async fn s3_url(&self) -> Result<String, TestcontainersError> {
        Ok(format!("http://{USER}:{PASSWORD}@{}", address(&self.minio, minio::PORT).await?))
    }
}

async fn address<I: testcontainers::Image>(
    container: &ContainerAsync<I>,
    port: ContainerPort,
) -> Result<String, TestcontainersError> {
    Ok(format!("{}:{}", container.get_host().await?, container.get_host_port_ipv4(port).await?))
}
