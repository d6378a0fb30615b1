//! What is known of the types of saved objects. Types that are not known are kept as well; nothing is lost by not
//! knowing.
//!
//! Source: the saved object types that the plugins of OpenSearch Dashboards 3.x register.

/// A type of saved objects.
struct Kind {
    name: &'static str,
    /// The last `migrationVersion` there is; objects of some types never had one.
    last_version: Option<&'static str>,
    /// What stands for it in lists.
    icon: Option<&'static str>,
}

const fn kind(name: &'static str, last_version: Option<&'static str>, icon: Option<&'static str>) -> Kind {
    Kind { name, last_version, icon }
}

const KINDS: &[Kind] = &[
    kind("augment-vis", Some("1.0.0"), Some("visualizeApp")),
    kind("config", Some("7.9.0"), None),
    kind("dashboard", Some("7.9.3"), Some("dashboardApp")),
    kind("data-connection", None, Some("apps")),
    kind("data-source", None, Some("database")),
    kind("explore", None, Some("discoverApp")),
    kind("homepage", None, None),
    kind("index-pattern", Some("7.6.0"), Some("indexPatternApp")),
    kind("map", None, Some("gisApp")),
    kind("observability-notebook", None, Some("notebookApp")),
    kind("observability-panel", None, Some("metricsApp")),
    kind("observability-search", None, Some("editorCodeBlock")),
    kind("observability-visualization", None, Some("visBarVerticalStacked")),
    kind("query", None, Some("search")),
    kind("search", Some("7.9.3"), Some("discoverApp")),
    kind("url", Some("7.9.3"), Some("link")),
    kind("visualization", Some("7.10.0"), Some("visualizeApp")),
    kind("visualization-visbuilder", None, Some("visBuilder")),
];

fn known(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// Whether OpenSearch Dashboards saves objects of this type, so that one may be made from nothing.
pub fn can_be_created(kind: &str) -> bool {
    known(kind).is_some()
}

/// The `migrationVersion` that an object of this type has when it is made now; `None` where there is none.
pub fn last_version(kind: &str) -> Option<&'static str> {
    known(kind).and_then(|kind| kind.last_version)
}

pub(crate) fn icon(kind: &str) -> Option<&'static str> {
    known(kind).and_then(|kind| kind.icon)
}

/// The last version that is understood, when `version` is a later one.
pub(crate) fn is_later(kind: &str, version: &str) -> Option<&'static str> {
    let known = known(kind)?;
    match known.last_version {
        Some(last) if numbers(version) > numbers(last) => Some(last),
        Some(_) => None,
        None => Some("undefined"),
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|number| number.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_later_by_its_numbers() {
        for (kind, version, expected) in [
            ("index-pattern", "7.6.0", None),
            ("index-pattern", "7.5.9", None),
            ("index-pattern", "7.11.0", Some("7.6.0")),
            ("visualization", "7.9.3", None),
            ("visualization", "7.10.1", Some("7.10.0")),
            ("dashboard", "8.0.0", Some("7.9.3")),
            ("query", "7.0.0", Some("undefined")),
            ("a plugin's own", "99.0.0", None),
        ] {
            assert_eq!(is_later(kind, version), expected, "{kind} {version}");
        }
    }
}
