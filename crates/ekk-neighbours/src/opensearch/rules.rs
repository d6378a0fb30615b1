//! What options must not be together, in the words of AWS where they are known.

use serde_json::{Map, Value};

use super::{
    defaults::{instance_of, is_true},
    instance_type, policy, versions,
};
use crate::error::ApiError;

/// Checks the options as they would be after a request; `given` is what the request itself said.
///
/// # Errors
/// `ValidationException`, `InvalidTypeException`.
pub(super) fn check(version: &str, options: &Map<String, Value>, given: &Map<String, Value>) -> Result<(), ApiError> {
    if !versions::is_known(version) {
        return Err(ApiError::Validation(format!("Engine version {version} is not supported.").into()));
    }
    let policy = options.get("AccessPolicies").and_then(Value::as_str).unwrap_or_default();
    policy::check(policy)?;
    check_security(options)?;
    let is_public = !options.get("VPCOptions").is_some_and(Value::is_object);
    if given.contains_key("AccessPolicies") && is_public && !is_on(options, "AdvancedSecurityOptions", "Enabled") {
        refuse_if(
            policy::is_open(policy),
            "Enable fine-grained access control or apply a restrictive access policy to your domain",
        )?;
    }
    check_endpoint(options)?;
    check_instances(options, given)
}

fn check_security(options: &Map<String, Value>) -> Result<(), ApiError> {
    if !is_on(options, "AdvancedSecurityOptions", "Enabled") {
        return Ok(());
    }
    refuse_if(
        !is_on(options, "NodeToNodeEncryptionOptions", "Enabled"),
        "You must enable node-to-node encryption to use advanced security options.",
    )?;
    refuse_if(
        !is_on(options, "EncryptionAtRestOptions", "Enabled"),
        "You must enable encryption at rest to use advanced security options.",
    )?;
    refuse_if(
        !is_on(options, "DomainEndpointOptions", "EnforceHTTPS"),
        "You must enable EnforceHTTPS in the domain endpoint options to use advanced security.",
    )
}

fn check_endpoint(options: &Map<String, Value>) -> Result<(), ApiError> {
    let endpoint = options.get("DomainEndpointOptions").and_then(|options| options.get("CustomEndpoint"));
    let is_enabled = is_on(options, "DomainEndpointOptions", "CustomEndpointEnabled");
    refuse_if(
        endpoint.is_some() && !is_enabled,
        "CustomEndpointEnabled flag should be set in order to use CustomEndpoint.",
    )?;
    refuse_if(endpoint.is_none() && is_enabled, "Please provide CustomEndpoint field to create a custom endpoint.")
}

/// Only what a request says itself is held to the type of the instances: the type that is filled in when there is none
/// is a guess of ours.
fn check_instances(options: &Map<String, Value>, given: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(instance) = instance_of(options) else { return Ok(()) };
    if instance_of(given).is_some_and(instance_type::needs_a_volume) && !is_on(options, "EBSOptions", "EBSEnabled") {
        return Err(ApiError::Validation(format!("EBS storage must be selected for {instance}").into()));
    }
    let tunes = |options: &Map<String, Value>| {
        options.get("AutoTuneOptions").and_then(|tuning| tuning.get("DesiredState")) == Some(&Value::from("ENABLED"))
    };
    refuse_if(
        instance_type::is_burstable(instance) && (tunes(given) || tunes(options)),
        "Autotune is not supported in t2/t3 instance types. Disable autotune or change your instance type.",
    )
}

fn is_on(options: &Map<String, Value>, option: &str, member: &str) -> bool {
    options.get(option).and_then(Value::as_object).is_some_and(|option| is_true(option, member))
}

fn refuse_if(is_wrong: bool, text: &'static str) -> Result<(), ApiError> {
    if is_wrong { Err(ApiError::Validation(text.into())) } else { Ok(()) }
}
