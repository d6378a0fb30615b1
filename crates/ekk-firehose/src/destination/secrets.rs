//! Credentials: in the configuration itself, or in a secret of Secrets Manager, which wins when it is turned on.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_SecretsManagerConfiguration.html>

use super::settings::Settings;
use crate::{arn, error::ApiError};

/// Where a secret is named.
pub(super) const SECRETS_MANAGER: &str = "SecretsManagerConfiguration";

/// Checks that the credentials are there: a secret, or each of the members, in the order of the texts.
///
/// # Errors
/// `InvalidArgumentException`: secrets are turned on without one, or off without the text of a missing member.
pub(super) fn check(settings: &Settings, required: &[(&str, &'static str)]) -> Result<(), ApiError> {
    if settings.enabled(SECRETS_MANAGER) {
        return match settings.text_within(SECRETS_MANAGER, "SecretARN") {
            None => Err(ApiError::invalid("Invalid secret ARN: null")),
            Some(_) => Ok(()),
        };
    }
    match required.iter().find(|(member, _)| settings.text(member).is_none_or(str::is_empty)) {
        Some((_, text)) => Err(ApiError::invalid(*text)),
        None => Ok(()),
    }
}

/// Checks that a secret that is used is of the stream's region.
///
/// # Errors
/// `InvalidArgumentException`: it is of another one.
pub(super) fn check_region(settings: &Settings, region: &str) -> Result<(), ApiError> {
    let secret = settings.text_within(SECRETS_MANAGER, "SecretARN").filter(|_| settings.enabled(SECRETS_MANAGER));
    if secret.is_some_and(|secret| arn::region(secret) != Some(region)) {
        return Err(ApiError::invalid(
            "Cross-region secrets are not allowed. Please provide a secret in the same region as firehose",
        ));
    }
    Ok(())
}
