//! Destinations that are Amazon Redshift clusters: defaults and checks.

use super::{
    s3,
    settings::{S3_DESTINATION, Settings},
};
use crate::error::ApiError;

/// Checks a `RedshiftDestination` and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: its members contradict, or a change that AWS does not make.
pub(super) fn complete(mut settings: Settings, _before: Option<&Settings>) -> Result<Settings, ApiError> {
    settings.complete_given(S3_DESTINATION, s3::complete)?;
    Ok(settings)
}
