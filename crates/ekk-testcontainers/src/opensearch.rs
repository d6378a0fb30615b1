//! The real OpenSearch, one node without security.

use std::borrow::Cow;

use testcontainers::{
    Image,
    core::{ContainerPort, WaitFor, wait::HttpWaitStrategy},
};

use crate::ImageName;

pub(crate) const PORT: ContainerPort = ContainerPort::Tcp(9200);

/// What one node needs to start without a demo configuration, a password, or room on a full disk.
const SETTINGS: [(&str, &str); 6] = [
    ("discovery.type", "single-node"),
    ("DISABLE_SECURITY_PLUGIN", "true"),
    ("DISABLE_INSTALL_DEMO_CONFIG", "true"),
    ("DISABLE_PERFORMANCE_ANALYZER_AGENT_CLI", "true"),
    ("OPENSEARCH_JAVA_OPTS", "-Xms512m -Xmx512m"),
    ("cluster.routing.allocation.disk.threshold_enabled", "false"),
];

/// OpenSearch, ready when its cluster is.
#[derive(Clone, Debug)]
pub struct OpenSearchImage {
    image: ImageName,
}

impl OpenSearchImage {
    /// What is started unless `OPENSEARCH_IMAGE` says otherwise.
    pub const PINNED: &str = "opensearchproject/opensearch:3.8.0";
}

impl Default for OpenSearchImage {
    fn default() -> Self {
        Self { image: ImageName::of_variable("OPENSEARCH_IMAGE", Self::PINNED) }
    }
}

impl Image for OpenSearchImage {
    fn name(&self) -> &str {
        self.image.name()
    }

    fn tag(&self) -> &str {
        self.image.tag()
    }

    fn ready_conditions(&self) -> Vec<WaitFor> {
        let health = HttpWaitStrategy::new("/_cluster/health?wait_for_status=yellow&timeout=1s");
        vec![WaitFor::http(health.with_port(PORT).with_expected_status_code(200_u16))]
    }

    fn env_vars(&self) -> impl IntoIterator<Item = (impl Into<Cow<'_, str>>, impl Into<Cow<'_, str>>)> {
        SETTINGS
    }

    fn expose_ports(&self) -> &[ContainerPort] {
        &[PORT]
    }
}
