//! The versions that a domain may have, and which can follow which.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/version-migration.html>

use serde_json::{Value, json};

use super::{Call, dialect::Dialect, domain};
use crate::{
    constraint::{Checks, Text},
    error::ApiError,
    limits,
};

/// The versions that AWS offers, the newest first.
const VERSIONS: [&str; 34] = [
    "OpenSearch_3.3",
    "OpenSearch_3.1",
    "OpenSearch_2.19",
    "OpenSearch_2.17",
    "OpenSearch_2.15",
    "OpenSearch_2.13",
    "OpenSearch_2.11",
    "OpenSearch_2.9",
    "OpenSearch_2.7",
    "OpenSearch_2.5",
    "OpenSearch_2.3",
    "OpenSearch_1.3",
    "OpenSearch_1.2",
    "OpenSearch_1.1",
    "OpenSearch_1.0",
    "Elasticsearch_7.10",
    "Elasticsearch_7.9",
    "Elasticsearch_7.8",
    "Elasticsearch_7.7",
    "Elasticsearch_7.4",
    "Elasticsearch_7.1",
    "Elasticsearch_6.8",
    "Elasticsearch_6.7",
    "Elasticsearch_6.5",
    "Elasticsearch_6.4",
    "Elasticsearch_6.3",
    "Elasticsearch_6.2",
    "Elasticsearch_6.0",
    "Elasticsearch_5.6",
    "Elasticsearch_5.5",
    "Elasticsearch_5.3",
    "Elasticsearch_5.1",
    "Elasticsearch_2.3",
    "Elasticsearch_1.5",
];

/// The version of a domain whose request names none: the newest, and in the older dialect the first that there was.
pub(super) fn default(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenSearch => VERSIONS[0],
        Dialect::Elasticsearch => "Elasticsearch_1.5",
    }
}

/// Whether AWS offers a version, or may by now: the list is of when it was written, so what is newer is taken.
pub(super) fn is_known(version: &str) -> bool {
    VERSIONS.contains(&version) || number(version) > number(VERSIONS[0])
}

/// What a domain of this version can be upgraded to, the newest first.
pub(super) fn targets(source: &str) -> Vec<&'static str> {
    VERSIONS.iter().copied().filter(|target| follows(source, target)).collect()
}

fn follows(source: &str, target: &str) -> bool {
    let ((from_opensearch, from, from_minor), (to_opensearch, to, to_minor)) = (number(source), number(target));
    match (from_opensearch, to_opensearch) {
        (true, false) => false,
        // From Elasticsearch 6.8 and 7, the way leads to OpenSearch 1.
        (false, true) => to == 1 && (from == 7 || (from, from_minor) == (6, 8)),
        (false, false) if from == to => to_minor > from_minor && from >= 5,
        // The last minor of a major leads to the next major.
        (false, false) => to == from + 1 && ((from, from_minor) == (5, 6) || (from, from_minor) == (6, 8)),
        (true, true) if from == to => to_minor > from_minor,
        (true, true) => to == from + 1 && ((from, from_minor) == (1, 3) || (from, from_minor) == (2, 19)),
    }
}

/// A version to compare by: whether it is of `OpenSearch`, its major and its minor.
fn number(version: &str) -> (bool, u32, u32) {
    let (engine, number) = version.split_once('_').unwrap_or_default();
    let (major, minor) = number.split_once('.').unwrap_or_default();
    (engine == "OpenSearch", major.parse().unwrap_or(0), minor.parse().unwrap_or(0))
}

pub(super) fn list(call: &Call<'_>) -> Result<Value, ApiError> {
    let items = match call.parameter("maxResults") {
        None => limits::VERSIONS_PAGE,
        Some(text) => {
            let number: i64 =
                text.parse().map_err(|_| ApiError::Malformed("maxResults is not an Integer".to_owned()))?;
            let mut checks = Checks::default();
            checks.integer("maxResults", number, (0, 100));
            checks.end()?;
            usize::try_from(number).ok().filter(|items| *items > 0).unwrap_or(limits::VERSIONS_PAGE)
        }
    };
    let start = match call.parameter("nextToken").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => VERSIONS
            .iter()
            .position(|version| *version == token)
            .ok_or(ApiError::Validation("Invalid next token.".into()))?,
    };
    let page = VERSIONS.iter().skip(start).take(items).map(|version| call.dialect.version(version));
    let member = match call.dialect {
        Dialect::OpenSearch => "Versions",
        Dialect::Elasticsearch => "ElasticsearchVersions",
    };
    let mut answer = json!({member: page.collect::<Vec<_>>()});
    if let Some(next) = VERSIONS.get(start + items) {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

pub(super) fn compatible(call: &Call<'_>) -> Result<Value, ApiError> {
    static NAME: Text = Text::length(3, 28);
    let sources: Vec<String> = match call.parameter("domainName") {
        None => VERSIONS.iter().map(ToString::to_string).collect(),
        Some(name) => {
            let mut checks = Checks::default();
            checks.text("domainName", &name, &NAME);
            checks.end()?;
            let domain = domain::find(call, &name).ok_or(ApiError::DomainNotFound(name))?;
            vec![domain.engine_version.clone()]
        }
    };
    let maps = sources.iter().map(|source| (source, targets(source))).filter(|(_, targets)| !targets.is_empty());
    let written = |version: &str| call.dialect.version(version);
    let maps: Vec<_> = maps
        .map(|(source, targets)| {
            let targets: Vec<_> = targets.into_iter().map(written).collect();
            json!({"SourceVersion": written(source), "TargetVersions": targets})
        })
        .collect();
    let member = match call.dialect {
        Dialect::OpenSearch => "CompatibleVersions",
        Dialect::Elasticsearch => "CompatibleElasticsearchVersions",
    };
    Ok(json!({member: maps}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_one_another_as_documented() {
        assert_eq!(targets("Elasticsearch_6.8").last(), Some(&"Elasticsearch_7.1"));
        assert!(targets("Elasticsearch_7.10").iter().all(|target| target.starts_with("OpenSearch_1.")));
        assert_eq!(targets("OpenSearch_1.3").first(), Some(&"OpenSearch_2.19"));
        assert_eq!(targets("OpenSearch_2.17"), ["OpenSearch_2.19"]);
        assert_eq!(targets("OpenSearch_2.19"), ["OpenSearch_3.3", "OpenSearch_3.1"]);
        assert_eq!(targets("OpenSearch_3.3"), [] as [&str; 0]);
    }

    #[test]
    fn a_version_is_offered_or_newer_than_all_that_are() {
        for (version, known) in [
            ("OpenSearch_2.19", true),
            ("OpenSearch_3.5", true),
            ("OpenSearch_1.9", false),
            ("Elasticsearch_7.10", true),
            ("Elasticsearch_8.0", false),
        ] {
            assert_eq!(is_known(version), known, "{version}");
        }
    }
}
