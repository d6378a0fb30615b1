//! Every bound of these services, with its unit and its source.

use std::time::Duration;

/// Bytes of a request's body; a longer one is answered with 413. AWS does not publish its own bound.
pub(crate) const BODY_BYTES: usize = 1024 * 1024;

/// Bytes of a body up to which a request is answered on the thread that received it; a longer one would hold that
/// thread for too long.
pub(crate) const INLINE_BODY_BYTES: usize = 32 * 1024;

/// Violations that one error names; the others go unsaid.
pub(crate) const VIOLATIONS: usize = 10;

/// Characters of a value that an error repeats; AWS repeats all of it.
pub(crate) const ERROR_VALUE_CHARS: usize = 2_000;

/// Domains of one account and region.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html>
pub(crate) const DOMAINS: usize = 100;

/// Domains of all accounts and regions: a bound of ours, on memory.
pub(crate) const DOMAINS_IN_ALL: usize = 400;

/// Domains that one `DescribeDomains` may name.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomains.html>
pub(crate) const DESCRIBED_DOMAINS: usize = 5;

/// Tags of one domain.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-awsresourcetagging.html>
pub(crate) const DOMAIN_TAGS: usize = 50;

/// Versions on a page of `ListVersions` when the request does not say.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_ListVersions.html>
pub(crate) const VERSIONS_PAGE: usize = 100;

/// Roles of one account.
///
/// Source for this and the following: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(crate) const ROLES: usize = 1_000;

/// Roles of all accounts: a bound of ours, on memory.
pub(crate) const ROLES_IN_ALL: usize = 4_000;

/// Customer managed policies of one account.
pub(crate) const POLICIES: usize = 1_500;

/// Customer managed policies of all accounts: a bound of ours, on memory.
pub(crate) const POLICIES_IN_ALL: usize = 4_000;

/// Managed policies that are attached to one role.
pub(crate) const ATTACHED_POLICIES: usize = 10;

/// Characters of a role's trust policy, white space left out.
pub(crate) const TRUST_POLICY_CHARS: usize = 2_048;

/// Characters of all inline policies of a role, white space left out.
pub(crate) const INLINE_POLICIES_CHARS: usize = 10_240;

/// Characters of a managed policy, white space left out.
pub(crate) const MANAGED_POLICY_CHARS: usize = 6_144;

/// Versions of a managed policy.
pub(crate) const POLICY_VERSIONS: usize = 5;

/// Tags of a role or policy.
pub(crate) const IAM_TAGS: usize = 50;

/// Items on a page of a list when the request does not say.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
pub(crate) const PAGE_ITEMS: usize = 100;

/// Temporary credentials that are remembered with their identity: a bound of ours; the one that expires first is
/// forgotten.
pub(crate) const SESSIONS: usize = 1_000;

/// How long the credentials of a role last when the request does not say.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(crate) const ROLE_SESSION: Duration = Duration::from_hours(1);

/// How long the credentials of `GetSessionToken` last when the request does not say.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub(crate) const OWN_SESSION: Duration = Duration::from_hours(12);
