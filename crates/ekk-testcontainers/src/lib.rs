//! ekk, and the real OpenSearch and MinIO beside it, as images for [testcontainers].
//!
//! A project that tests in containers starts [`EkkImage`] and needs nothing else of ekk. [`RealParts`] are what ekk
//! itself is tested on; the feature `containers` of the crate `ekk` puts its Firehose before them.
//!
//! Every image is named by a variable, so that a test runs on the official images, on a mirror's, or on one that was
//! made here: `EKK_IMAGE`, `OPENSEARCH_IMAGE`, `MINIO_IMAGE`, with the defaults of `compose/.env`.
//!
//! ```no_run
//! use ekk_testcontainers::{AWS_PORT, EkkImage};
//! use testcontainers::runners::AsyncRunner;
//!
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! let ekk = EkkImage::default().start().await?;
//! let endpoint_url = format!("http://{}:{}", ekk.get_host().await?, ekk.get_host_port_ipv4(AWS_PORT).await?);
//! # Ok(()) }
//! ```

mod ekk_image;
mod image_name;
mod minio;
mod opensearch;
mod real_parts;

pub use self::{
    ekk_image::{AWS_PORT, DASHBOARDS_PORT, EkkImage, OPENSEARCH_PORT, S3_PORT},
    image_name::ImageName,
    minio::MinioImage,
    opensearch::OpenSearchImage,
    real_parts::RealParts,
};
