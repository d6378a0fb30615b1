//! How a domain is shown: its status, and its configuration with the state of each option.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Call,
    defaults::OPTIONS,
    dialect::{Dialect, NEW_MEMBERS},
    domain::Domain,
};

/// Where a domain is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Active,
    Deleted,
}

/// The status of a domain, `DomainStatus`.
pub(super) fn status(call: &Call<'_>, domain: &Domain, life: Life) -> Value {
    let is_deleted = life == Life::Deleted;
    let mut status = Map::new();
    let mut say = |name: &str, value: Value| drop(status.insert(name.to_owned(), value));
    say("DomainId", json!(format!("{}/{}", domain.account, domain.name)));
    say("DomainName", json!(domain.name));
    say("ARN", json!(domain.arn()));
    say("Created", json!(true));
    say("Deleted", json!(is_deleted));
    let endpoint = endpoint(&call.service.opensearch);
    if domain.options.contains_key("VPCOptions") {
        say("Endpoints", json!({"vpc": endpoint}));
    } else {
        if domain.options.get("IPAddressType") == Some(&json!("dualstack")) {
            say("EndpointV2", json!(endpoint));
        }
        say("Endpoint", json!(endpoint));
    }
    say("Processing", json!(is_deleted));
    say("UpgradeProcessing", json!(false));
    say("EngineVersion", json!(domain.engine_version));
    for (name, option) in &domain.options {
        say(name, if name == "AutoTuneOptions" { tuning_status(option) } else { option.clone() });
    }
    say("ServiceSoftwareOptions", software(domain));
    say("ChangeProgressDetails", change_progress(domain));
    say("DomainProcessingStatus", json!(if is_deleted { "Deleting" } else { "Active" }));
    say("ModifyingProperties", json!([]));
    in_dialect(call.dialect, status)
}

/// The configuration of a domain, `DomainConfig`.
pub(super) fn config(call: &Call<'_>, domain: &Domain) -> Value {
    let mut config = Map::new();
    let version = json!({"Options": domain.engine_version, "Status": option_status(domain, "EngineVersion")});
    config.insert("EngineVersion".to_owned(), version);
    for name in OPTIONS {
        // AWS lists these two even when there is nothing in them.
        let empty = matches!(name, "VPCOptions" | "LogPublishingOptions").then(|| json!({}));
        if let Some(option) = domain.options.get(name).cloned().or(empty) {
            let mut status = option_status(domain, name);
            if name == "AutoTuneOptions" {
                status["State"] = option["DesiredState"].clone();
            }
            config.insert(name.to_owned(), json!({"Options": option, "Status": status}));
        }
    }
    config.insert("ChangeProgressDetails".to_owned(), change_progress(domain));
    config.insert("ModifyingProperties".to_owned(), json!([]));
    in_dialect(call.dialect, config)
}

/// Where the domain is reached, as AWS writes it: without a scheme. Here it is a host with a port, and plain HTTP.
pub(super) fn endpoint(opensearch: &Url) -> String {
    let host = opensearch.host_str().unwrap_or("localhost");
    opensearch.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What became of the last change, `ChangeProgressDetails`.
pub(super) fn change_progress(domain: &Domain) -> Value {
    json!({
        "ChangeId": domain.last_change.id,
        "ConfigChangeStatus": "Completed",
        "InitiatedBy": "CUSTOMER",
        "StartTime": seconds(domain.last_change.at),
        "LastUpdatedTime": seconds(domain.last_change.at),
    })
}

/// A time as AWS's JSON has it.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.as_second()
}

fn option_status(domain: &Domain, option: &str) -> Value {
    let update = domain.updates.get(option);
    json!({
        "CreationDate": seconds(domain.created),
        "UpdateDate": seconds(update.map_or(domain.created, |update| update.at)),
        "UpdateVersion": update.map_or(1, |update| update.version),
        "State": "Active",
        "PendingDeletion": false,
    })
}

fn tuning_status(tuning: &Value) -> Value {
    json!({"State": tuning["DesiredState"], "UseOffPeakWindow": tuning["UseOffPeakWindow"]})
}

fn software(domain: &Domain) -> Value {
    json!({
        "CurrentVersion": domain.engine_version.replace('.', "_"),
        "NewVersion": "",
        "UpdateAvailable": false,
        "Cancellable": false,
        "UpdateStatus": "COMPLETED",
        "Description": "There is no software update available for this domain.",
        "AutomatedUpdateDate": 0,
        "OptionalDeployment": true,
    })
}

/// Turns the members of an answer into those of the dialect.
fn in_dialect(dialect: Dialect, members: Map<String, Value>) -> Value {
    if dialect == Dialect::OpenSearch {
        return Value::Object(members);
    }
    let mut old = Map::new();
    for (name, mut value) in members {
        let name = match name.as_str() {
            new if NEW_MEMBERS.contains(&new) => continue,
            "EngineVersion" => {
                with_options(&mut value, |version| {
                    *version = json!(dialect.version(version.as_str().unwrap_or_default()));
                });
                dialect.member("EngineVersion").to_owned()
            }
            "ClusterConfig" => {
                with_options(&mut value, |config| *config = dialect.cluster_config(config));
                dialect.member("ClusterConfig").to_owned()
            }
            "AutoTuneOptions" => {
                with_options(&mut value, |tuning| {
                    tuning.as_object_mut().and_then(|tuning| tuning.remove("UseOffPeakWindow"));
                });
                name
            }
            _ => name,
        };
        old.insert(name, value);
    }
    Value::Object(old)
}

/// Edits an option as it is in a status, or within the `Options` of a configuration.
fn with_options(value: &mut Value, edit: impl FnOnce(&mut Value)) {
    match value.get_mut("Options") {
        Some(options) => edit(options),
        None => edit(value),
    }
}
