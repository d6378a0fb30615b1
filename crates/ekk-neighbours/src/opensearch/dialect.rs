//! The two names of one API: what is called otherwise in the older dialect.

use serde_json::{Map, Value};

/// Which API the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `2021-01-01`.
    OpenSearch,
    /// `2015-01-01`, from when the service was of Elasticsearch alone.
    Elasticsearch,
}

/// Members whose names differ: of this dialect here, of the older there.
const RENAMED: [(&str, &str); 2] =
    [("EngineVersion", "ElasticsearchVersion"), ("ClusterConfig", "ElasticsearchClusterConfig")];

/// Members that the older dialect does not have.
pub(super) const NEW_MEMBERS: [&str; 7] = [
    "IPAddressType",
    "OffPeakWindowOptions",
    "SoftwareUpdateOptions",
    "IdentityCenterOptions",
    "AIMLOptions",
    "EndpointV2",
    "DomainEndpointV2HostedZoneId",
];

impl Dialect {
    pub(super) fn path_segment(self) -> &'static str {
        match self {
            Self::OpenSearch => "opensearch",
            Self::Elasticsearch => "es",
        }
    }

    /// A member's name in this dialect.
    pub(super) fn member(self, name: &'static str) -> &'static str {
        match self {
            Self::OpenSearch => name,
            Self::Elasticsearch => RENAMED.iter().find(|(new, _)| *new == name).map_or(name, |(_, old)| old),
        }
    }

    /// Turns the members of a request into those of the newer dialect.
    pub(super) fn read(self, mut request: Map<String, Value>) -> Map<String, Value> {
        if self == Self::OpenSearch {
            return request;
        }
        for (new, old) in RENAMED {
            if let Some(value) = request.remove(old) {
                request.insert(new.to_owned(), value);
            }
        }
        if let Some(Value::String(version)) = request.get_mut("EngineVersion") {
            *version = read_version(version);
        }
        if let Some(config) = request.get_mut("ClusterConfig") {
            rename_instances(config, ".elasticsearch", ".search");
        }
        request
    }

    /// An engine's version as this dialect writes it: `7.10` is `Elasticsearch_7.10` in the newer one.
    pub(super) fn version(self, version: &str) -> String {
        match self {
            Self::OpenSearch => version.to_owned(),
            Self::Elasticsearch => version.trim_start_matches("Elasticsearch_").to_owned(),
        }
    }

    /// The cluster's configuration as this dialect writes it.
    pub(super) fn cluster_config(self, config: &Value) -> Value {
        let mut config = config.clone();
        if self == Self::Elasticsearch {
            rename_instances(&mut config, ".search", ".elasticsearch");
            if let Some(config) = config.as_object_mut() {
                config.remove("MultiAZWithStandbyEnabled");
                config.remove("NodeOptions");
            }
        }
        config
    }
}

/// A version of the older dialect in the words of the newer.
pub(super) fn read_version(version: &str) -> String {
    if version.starts_with("OpenSearch_") {
        version.to_owned()
    } else if let Some(number) = version.strip_prefix("OS_") {
        format!("OpenSearch_{number}")
    } else {
        format!("Elasticsearch_{version}")
    }
}

fn rename_instances(config: &mut Value, from: &str, to: &str) {
    for member in ["InstanceType", "DedicatedMasterType", "WarmType"] {
        if let Some(Value::String(instance)) = config.get_mut(member)
            && let Some(stem) = instance.strip_suffix(from)
        {
            *instance = format!("{stem}{to}");
        }
    }
}
