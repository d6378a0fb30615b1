//! MinIO, the S3 of the container stack.

use std::borrow::Cow;

use testcontainers::{
    Image,
    core::{ContainerPort, WaitFor, wait::HttpWaitStrategy},
};

use crate::ImageName;

pub(crate) const PORT: ContainerPort = ContainerPort::Tcp(9000);
pub(crate) const USER: &str = "test";
/// MinIO refuses passwords of fewer than eight characters.
pub(crate) const PASSWORD: &str = "testtest";

/// MinIO, ready when it takes requests.
#[derive(Clone, Debug)]
pub struct MinioImage {
    image: ImageName,
}

impl MinioImage {
    /// What is started unless `MINIO_IMAGE` says otherwise.
    pub const PINNED: &str = "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z";
}

impl Default for MinioImage {
    fn default() -> Self {
        Self { image: ImageName::of_variable("MINIO_IMAGE", Self::PINNED) }
    }
}

impl Image for MinioImage {
    fn name(&self) -> &str {
        self.image.name()
    }

    fn tag(&self) -> &str {
        self.image.tag()
    }

    fn ready_conditions(&self) -> Vec<WaitFor> {
        let ready = HttpWaitStrategy::new("/minio/health/ready");
        vec![WaitFor::http(ready.with_port(PORT).with_expected_status_code(200_u16))]
    }

    fn env_vars(&self) -> impl IntoIterator<Item = (impl Into<Cow<'_, str>>, impl Into<Cow<'_, str>>)> {
        [("MINIO_ROOT_USER", USER), ("MINIO_ROOT_PASSWORD", PASSWORD)]
    }

    fn cmd(&self) -> impl IntoIterator<Item = impl Into<Cow<'_, str>>> {
        ["server", "/data"]
    }

    fn expose_ports(&self) -> &[ContainerPort] {
        &[PORT]
    }
}
