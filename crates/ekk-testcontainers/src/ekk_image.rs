//! The whole embedded stack in one container.

use std::borrow::Cow;

use testcontainers::{
    Image,
    core::{ContainerPort, WaitFor},
};

use crate::ImageName;

/// The AWS endpoint: Firehose, S3, STS and the control API under `/_ekk/`.
pub const AWS_PORT: ContainerPort = ContainerPort::Tcp(4566);
/// The REST API of OpenSearch.
pub const OPENSEARCH_PORT: ContainerPort = ContainerPort::Tcp(9200);
/// The S3 API.
pub const S3_PORT: ContainerPort = ContainerPort::Tcp(9000);
/// The pages.
pub const DASHBOARDS_PORT: ContainerPort = ContainerPort::Tcp(5601);

const PORTS: [ContainerPort; 4] = [AWS_PORT, OPENSEARCH_PORT, S3_PORT, DASHBOARDS_PORT];

/// ekk with its built-in fixtures, ready when it is started.
#[derive(Clone, Debug)]
pub struct EkkImage {
    image: ImageName,
    options: Vec<String>,
}

impl EkkImage {
    /// What is started unless `EKK_IMAGE` says otherwise; `cargo xtask images` makes it.
    pub const PINNED: &str = "ekk:local";

    /// Starts another image.
    #[must_use]
    pub fn image(mut self, image: ImageName) -> Self {
        self.image = image;
        self
    }

    /// Adds an option of `ekk up`, such as `--quotas=aws-like`.
    #[must_use]
    pub fn option(mut self, option: impl Into<String>) -> Self {
        self.options.push(option.into());
        self
    }
}

impl Default for EkkImage {
    fn default() -> Self {
        Self { image: ImageName::of_variable("EKK_IMAGE", Self::PINNED), options: Vec::new() }
    }
}

impl Image for EkkImage {
    fn name(&self) -> &str {
        self.image.name()
    }

    fn tag(&self) -> &str {
        self.image.tag()
    }

    fn ready_conditions(&self) -> Vec<WaitFor> {
        vec![WaitFor::message_on_stdout("ready. Ctrl-C")]
    }

    fn cmd(&self) -> impl IntoIterator<Item = impl Into<Cow<'_, str>>> {
        let parts =
            [("aws", AWS_PORT), ("opensearch", OPENSEARCH_PORT), ("s3", S3_PORT), ("dashboards", DASHBOARDS_PORT)];
        let listen = parts.map(|(part, port)| format!("--listen-{part}=0.0.0.0:{}", port.as_u16()));
        ["up".to_owned()].into_iter().chain(listen).chain(self.options.iter().cloned())
    }

    fn expose_ports(&self) -> &[ContainerPort] {
        &PORTS
    }
}
