//! How much is read, so that no file takes the machine with it.

/// Bytes of a file. A `CloudFormation` template has at most 1 MB; Terraform's JSON of a large project has some tens of MB.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub(crate) const FILE_BYTES: usize = 64 * 1024 * 1024;

/// Levels of nesting in YAML; JSON stops at 128 by itself.
pub(crate) const NESTING: usize = 100;

/// Levels of values and references below one property while it is resolved.
pub(crate) const RESOLVED_NESTING: usize = 150;

/// Values and bytes that the resolution of one template may make, so that references that double cannot go on for ever.
pub(crate) const RESOLVED_VOLUME: usize = 16 * 1024 * 1024;

/// Variables and outputs that are followed to find what Terraform refers to.
pub(crate) const TERRAFORM_HOPS: usize = 30;
