//! What AWS fills in where a request says nothing, and how it shows what was asked for.

use serde_json::{Map, Value, json};

use super::{Call, domain::Domain, instance_type};

/// Options that AWS shows whether or not they were given, with what they are then.
fn default_of(option: &str, engine_type: &str) -> Option<Value> {
    Some(match option {
        "ClusterConfig" => json!({
            "InstanceType": "m4.large.search",
            "InstanceCount": 1,
            "DedicatedMasterEnabled": false,
            "ZoneAwarenessEnabled": false,
            "WarmEnabled": false,
            "ColdStorageOptions": {"Enabled": false},
            "MultiAZWithStandbyEnabled": false,
        }),
        "EBSOptions" => json!({"EBSEnabled": false}),
        "AccessPolicies" => json!(""),
        "IPAddressType" => json!("ipv4"),
        "SnapshotOptions" => json!({"AutomatedSnapshotStartHour": 0}),
        "CognitoOptions" | "EncryptionAtRestOptions" | "NodeToNodeEncryptionOptions" => json!({"Enabled": false}),
        "AdvancedOptions" if engine_type == "OpenSearch" => json!({
            "override_main_response_version": "false",
            "rest.action.multi.allow_explicit_index": "true",
        }),
        "AdvancedOptions" => json!({"rest.action.multi.allow_explicit_index": "true"}),
        "DomainEndpointOptions" => json!({
            "EnforceHTTPS": false,
            "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07",
            "CustomEndpointEnabled": false,
        }),
        "AdvancedSecurityOptions" => {
            json!({"Enabled": false, "InternalUserDatabaseEnabled": false, "AnonymousAuthEnabled": false})
        }
        "AutoTuneOptions" => {
            json!({"RollbackOnDisable": "NO_ROLLBACK", "MaintenanceSchedules": [], "UseOffPeakWindow": false})
        }
        "OffPeakWindowOptions" => {
            json!({"Enabled": true, "OffPeakWindow": {"WindowStartTime": {"Hours": 2, "Minutes": 0}}})
        }
        "SoftwareUpdateOptions" => json!({"AutoSoftwareUpdateEnabled": false}),
        "DeploymentStrategyOptions" => json!({"DeploymentStrategy": "Default"}),
        _ => return None,
    })
}

/// All options, in the order of the model.
pub(super) const OPTIONS: [&str; 22] = [
    "ClusterConfig",
    "EBSOptions",
    "AccessPolicies",
    "IPAddressType",
    "SnapshotOptions",
    "VPCOptions",
    "CognitoOptions",
    "EncryptionAtRestOptions",
    "NodeToNodeEncryptionOptions",
    "AdvancedOptions",
    "LogPublishingOptions",
    "DomainEndpointOptions",
    "AdvancedSecurityOptions",
    "IdentityCenterOptions",
    "AutoTuneOptions",
    "OffPeakWindowOptions",
    "SoftwareUpdateOptions",
    "AIMLOptions",
    "DeploymentStrategyOptions",
    "AutomatedSnapshotPauseOptions",
    "UseCase",
    "EngineMode",
];

/// Lays the options of a request over those that a domain has: members one by one, as AWS does.
pub(super) fn overlay(options: &mut Map<String, Value>, given: Map<String, Value>) {
    for (name, value) in given {
        match (options.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (_, value) => drop(options.insert(name, value)),
        }
    }
}

/// Fills in what is missing, and drops what AWS does not show.
pub(super) fn fill(call: &Call<'_>, domain: &mut Domain) {
    for option in OPTIONS {
        let Some(default) = default_of(option, domain.engine_type()) else { continue };
        match domain.options.get_mut(option) {
            Some(Value::Object(given)) => {
                for (name, value) in default.as_object().into_iter().flatten() {
                    given.entry(name.as_str()).or_insert_with(|| value.clone());
                }
            }
            Some(_) => {}
            None => drop(domain.options.insert(option.to_owned(), default)),
        }
    }
    fill_cluster(&mut domain.options);
    fill_volume(&mut domain.options);
    fill_keys(call, domain);
    fill_network(call, domain);
    fill_security(&mut domain.options);
    fill_states(&mut domain.options);
}

fn fill_cluster(options: &mut Map<String, Value>) {
    let Some(cluster) = options.get_mut("ClusterConfig").and_then(Value::as_object_mut) else { return };
    if is_true(cluster, "ZoneAwarenessEnabled") {
        cluster.entry("ZoneAwarenessConfig").or_insert_with(|| json!({"AvailabilityZoneCount": 2}));
    } else {
        cluster.remove("ZoneAwarenessConfig");
    }
    if !is_true(cluster, "DedicatedMasterEnabled") {
        cluster.remove("DedicatedMasterType");
        cluster.remove("DedicatedMasterCount");
    }
    if !is_true(cluster, "WarmEnabled") {
        cluster.remove("WarmType");
        cluster.remove("WarmCount");
    }
    let is_burstable = instance_of(options).is_some_and(instance_type::is_burstable);
    if let Some(Value::Object(tuning)) = options.get_mut("AutoTuneOptions") {
        let state = if is_burstable { "DISABLED" } else { "ENABLED" };
        tuning.entry("DesiredState").or_insert_with(|| json!(state));
    }
}

fn fill_volume(options: &mut Map<String, Value>) {
    let Some(volume) = options.get_mut("EBSOptions").and_then(Value::as_object_mut) else { return };
    if !is_true(volume, "EBSEnabled") {
        *volume = Map::from_iter([("EBSEnabled".to_owned(), json!(false))]);
        return;
    }
    volume.entry("VolumeType").or_insert_with(|| json!("gp2"));
    volume.entry("VolumeSize").or_insert_with(|| json!(10));
    if volume.get("VolumeType") == Some(&json!("gp3")) {
        volume.entry("Iops").or_insert_with(|| json!(3000));
        volume.entry("Throughput").or_insert_with(|| json!(125));
    }
}

/// AWS shows the ARN of a key, whatever of it was given.
fn fill_keys(call: &Call<'_>, domain: &mut Domain) {
    let Some(encryption) = domain.options.get_mut("EncryptionAtRestOptions").and_then(Value::as_object_mut) else {
        return;
    };
    if !is_true(encryption, "Enabled") {
        return;
    }
    let arn = |key: &str| format!("arn:aws:kms:{}:{}:{key}", domain.region, domain.account);
    let key = match encryption.get("KmsKeyId").and_then(Value::as_str) {
        Some(key) if key.starts_with("arn:") => return,
        Some(alias) if alias.contains('/') => arn(alias),
        Some(key) => arn(&format!("key/{key}")),
        None => arn(&format!("key/{}", call.service.ids.uuid())),
    };
    encryption.insert("KmsKeyId".to_owned(), json!(key));
}

/// A domain in a VPC is shown with the VPC and the zones of its subnets; here they are made up.
fn fill_network(call: &Call<'_>, domain: &mut Domain) {
    let region = domain.region.clone();
    let Some(network) = domain.options.get_mut("VPCOptions").and_then(Value::as_object_mut) else { return };
    let subnets = network.get("SubnetIds").and_then(Value::as_array).map_or(0, Vec::len);
    if subnets == 0 {
        domain.options.remove("VPCOptions");
        return;
    }
    let zones: Vec<_> = ('a'..='f').take(subnets).map(|zone| format!("{region}{zone}")).collect();
    network.insert("AvailabilityZones".to_owned(), json!(zones));
    network.entry("SecurityGroupIds").or_insert_with(|| json!([]));
    network.entry("VPCId").or_insert_with(|| {
        let id: String = call.service.ids.uuid().simple().to_string().chars().take(17).collect();
        json!(format!("vpc-{id}"))
    });
}

/// Who the master user is, AWS never shows; here it is not even kept.
fn fill_security(options: &mut Map<String, Value>) {
    let Some(security) = options.get_mut("AdvancedSecurityOptions").and_then(Value::as_object_mut) else { return };
    security.remove("MasterUserOptions");
    if let Some(Value::Object(saml)) = security.get_mut("SAMLOptions") {
        saml.remove("MasterUserName");
        saml.remove("MasterBackendRole");
    }
}

/// What is wished for is so at once.
fn fill_states(options: &mut Map<String, Value>) {
    if let Some(Value::Object(generation)) =
        options.get_mut("AIMLOptions").and_then(|options| options.get_mut("NaturalLanguageQueryGenerationOptions"))
    {
        let is_on = generation.get("DesiredState") == Some(&json!("ENABLED"));
        let state = if is_on { "ENABLE_COMPLETE" } else { "NOT_ENABLED" };
        generation.insert("CurrentState".to_owned(), json!(state));
    }
    if let Some(Value::Object(pause)) = options.get_mut("AutomatedSnapshotPauseOptions") {
        let state = if is_true(pause, "Enabled") { "Active" } else { "Disabled" };
        pause.insert("State".to_owned(), json!(state));
    }
}

/// The type of the data nodes.
pub(super) fn instance_of(options: &Map<String, Value>) -> Option<&str> {
    options.get("ClusterConfig")?.get("InstanceType")?.as_str()
}

/// Whether a member of an option is true.
pub(super) fn is_true(option: &Map<String, Value>, member: &str) -> bool {
    option.get(member) == Some(&Value::Bool(true))
}
