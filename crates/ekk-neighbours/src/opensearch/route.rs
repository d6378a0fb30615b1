//! Which operation a method and a path are.

use http::Method;

use super::dialect::Dialect;
use crate::error::ApiError;

/// The operations that are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CreateDomain,
    DescribeDomain,
    DescribeDomains,
    DescribeDomainConfig,
    DescribeDomainChangeProgress,
    UpdateDomainConfig,
    DeleteDomain,
    ListDomainNames,
    AddTags,
    ListTags,
    RemoveTags,
    ListVersions,
    GetCompatibleVersions,
    UpgradeDomain,
    GetUpgradeStatus,
}

/// An operation with what its path says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) operation: Operation,
    pub(super) dialect: Dialect,
    pub(super) domain: Option<String>,
}

impl Route {
    /// # Errors
    /// `UnknownOperationException`, which names the method and the path.
    pub(super) fn of(method: &Method, path: &str) -> Result<Self, ApiError> {
        let found = find(method, path);
        found.ok_or_else(|| {
            let path: String = path.chars().take(256).collect();
            let text = format!("ekk does not answer the OpenSearch Service operation {method} {path}");
            ApiError::UnknownOperation(text)
        })
    }
}

fn find(method: &Method, path: &str) -> Option<Route> {
    let (dialect, rest) = match path.strip_prefix("/2021-01-01/") {
        Some(rest) => (Dialect::OpenSearch, rest),
        None => (Dialect::Elasticsearch, path.strip_prefix("/2015-01-01/")?),
    };
    let segments: Vec<_> = rest.trim_end_matches('/').split('/').collect();
    let (operation, domain) = match (method.as_str(), segments.as_slice()) {
        ("GET", ["domain"]) => (Operation::ListDomainNames, None),
        ("POST", ["tags"]) => (Operation::AddTags, None),
        ("GET", ["tags"]) => (Operation::ListTags, None),
        ("POST", ["tags-removal"]) => (Operation::RemoveTags, None),
        (method, [own, rest @ ..]) if *own == dialect.path_segment() => of_dialect(method, rest)?,
        _ => return None,
    };
    Some(Route { operation, dialect, domain: domain.map(str::to_owned) })
}

fn of_dialect<'a>(method: &str, segments: &[&'a str]) -> Option<(Operation, Option<&'a str>)> {
    Some(match (method, segments) {
        ("POST", ["domain"]) => (Operation::CreateDomain, None),
        ("POST", ["domain-info"]) => (Operation::DescribeDomains, None),
        ("GET", ["domain", name]) => (Operation::DescribeDomain, Some(name)),
        ("DELETE", ["domain", name]) => (Operation::DeleteDomain, Some(name)),
        ("GET", ["domain", name, "config"]) => (Operation::DescribeDomainConfig, Some(name)),
        ("POST", ["domain", name, "config"]) => (Operation::UpdateDomainConfig, Some(name)),
        ("GET", ["domain", name, "progress"]) => (Operation::DescribeDomainChangeProgress, Some(name)),
        ("GET", ["versions"]) => (Operation::ListVersions, None),
        ("GET", ["compatibleVersions"]) => (Operation::GetCompatibleVersions, None),
        ("POST", ["upgradeDomain"]) => (Operation::UpgradeDomain, None),
        ("GET", ["upgradeDomain", name, "status"]) => (Operation::GetUpgradeStatus, Some(name)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &Method, path: &str, expected: Option<(Operation, Dialect, Option<&str>)>) {
        let route = Route::of(method, path).ok();
        let found = route.as_ref().map(|route| (route.operation, route.dialect, route.domain.as_deref()));
        assert_eq!(found, expected, "{method} {path}");
    }

    #[test]
    fn both_dialects_have_their_paths() {
        use Dialect::{Elasticsearch, OpenSearch};
        let (get, post) = (&Method::GET, &Method::POST);
        check(post, "/2021-01-01/opensearch/domain", Some((Operation::CreateDomain, OpenSearch, None)));
        check(post, "/2015-01-01/es/domain", Some((Operation::CreateDomain, Elasticsearch, None)));
        let described = |dialect| Some((Operation::DescribeDomain, dialect, Some("logs")));
        check(get, "/2021-01-01/opensearch/domain/logs", described(OpenSearch));
        check(get, "/2015-01-01/es/domain/logs", described(Elasticsearch));
        check(get, "/2021-01-01/tags/", Some((Operation::ListTags, OpenSearch, None)));
        check(get, "/2015-01-01/domain", Some((Operation::ListDomainNames, Elasticsearch, None)));
        check(&Method::PUT, "/2021-01-01/opensearch/domain", None);
        check(get, "/2021-01-01/es/domain/logs", None);
        check(get, "/2021-01-01/packages/describe", None);
    }
}
