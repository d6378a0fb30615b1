//! The types of instances: which there are, and which of them need a volume.
//!
//! AWS takes newer types than its model lists, so a type of a family that is documented is taken as well.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/supported-instance-types.html>

/// The types of the model.
#[rustfmt::skip]
pub(super) const SEARCH: &[&str] = &[
    "m3.medium.search", "m3.large.search", "m3.xlarge.search", "m3.2xlarge.search", "m4.large.search",
    "m4.xlarge.search", "m4.2xlarge.search", "m4.4xlarge.search", "m4.10xlarge.search", "m5.large.search",
    "m5.xlarge.search", "m5.2xlarge.search", "m5.4xlarge.search", "m5.12xlarge.search", "m5.24xlarge.search",
    "r5.large.search", "r5.xlarge.search", "r5.2xlarge.search", "r5.4xlarge.search", "r5.12xlarge.search",
    "r5.24xlarge.search", "c5.large.search", "c5.xlarge.search", "c5.2xlarge.search", "c5.4xlarge.search",
    "c5.9xlarge.search", "c5.18xlarge.search", "t3.nano.search", "t3.micro.search", "t3.small.search",
    "t3.medium.search", "t3.large.search", "t3.xlarge.search", "t3.2xlarge.search", "or1.medium.search",
    "or1.large.search", "or1.xlarge.search", "or1.2xlarge.search", "or1.4xlarge.search", "or1.8xlarge.search",
    "or1.12xlarge.search", "or1.16xlarge.search", "ultrawarm1.medium.search", "ultrawarm1.large.search",
    "ultrawarm1.xlarge.search", "t2.micro.search", "t2.small.search", "t2.medium.search", "r3.large.search",
    "r3.xlarge.search", "r3.2xlarge.search", "r3.4xlarge.search", "r3.8xlarge.search", "i2.xlarge.search",
    "i2.2xlarge.search", "d2.xlarge.search", "d2.2xlarge.search", "d2.4xlarge.search", "d2.8xlarge.search",
    "c4.large.search", "c4.xlarge.search", "c4.2xlarge.search", "c4.4xlarge.search", "c4.8xlarge.search",
    "r4.large.search", "r4.xlarge.search", "r4.2xlarge.search", "r4.4xlarge.search", "r4.8xlarge.search",
    "r4.16xlarge.search", "i3.large.search", "i3.xlarge.search", "i3.2xlarge.search", "i3.4xlarge.search",
    "i3.8xlarge.search", "i3.16xlarge.search", "r6g.large.search", "r6g.xlarge.search", "r6g.2xlarge.search",
    "r6g.4xlarge.search", "r6g.8xlarge.search", "r6g.12xlarge.search", "m6g.large.search", "m6g.xlarge.search",
    "m6g.2xlarge.search", "m6g.4xlarge.search", "m6g.8xlarge.search", "m6g.12xlarge.search", "c6g.large.search",
    "c6g.xlarge.search", "c6g.2xlarge.search", "c6g.4xlarge.search", "c6g.8xlarge.search", "c6g.12xlarge.search",
    "r6gd.large.search", "r6gd.xlarge.search", "r6gd.2xlarge.search", "r6gd.4xlarge.search", "r6gd.8xlarge.search",
    "r6gd.12xlarge.search", "r6gd.16xlarge.search", "t4g.small.search", "t4g.medium.search",
];

/// The types of the older dialect's model.
#[rustfmt::skip]
pub(super) const ELASTICSEARCH: &[&str] = &[
    "m3.medium.elasticsearch", "m3.large.elasticsearch", "m3.xlarge.elasticsearch", "m3.2xlarge.elasticsearch",
    "m4.large.elasticsearch", "m4.xlarge.elasticsearch", "m4.2xlarge.elasticsearch", "m4.4xlarge.elasticsearch",
    "m4.10xlarge.elasticsearch", "m5.large.elasticsearch", "m5.xlarge.elasticsearch", "m5.2xlarge.elasticsearch",
    "m5.4xlarge.elasticsearch", "m5.12xlarge.elasticsearch", "r5.large.elasticsearch", "r5.xlarge.elasticsearch",
    "r5.2xlarge.elasticsearch", "r5.4xlarge.elasticsearch", "r5.12xlarge.elasticsearch", "c5.large.elasticsearch",
    "c5.xlarge.elasticsearch", "c5.2xlarge.elasticsearch", "c5.4xlarge.elasticsearch", "c5.9xlarge.elasticsearch",
    "c5.18xlarge.elasticsearch", "ultrawarm1.medium.elasticsearch", "ultrawarm1.large.elasticsearch",
    "t2.micro.elasticsearch", "t2.small.elasticsearch", "t2.medium.elasticsearch", "r3.large.elasticsearch",
    "r3.xlarge.elasticsearch", "r3.2xlarge.elasticsearch", "r3.4xlarge.elasticsearch", "r3.8xlarge.elasticsearch",
    "i2.xlarge.elasticsearch", "i2.2xlarge.elasticsearch", "d2.xlarge.elasticsearch", "d2.2xlarge.elasticsearch",
    "d2.4xlarge.elasticsearch", "d2.8xlarge.elasticsearch", "c4.large.elasticsearch", "c4.xlarge.elasticsearch",
    "c4.2xlarge.elasticsearch", "c4.4xlarge.elasticsearch", "c4.8xlarge.elasticsearch", "r4.large.elasticsearch",
    "r4.xlarge.elasticsearch", "r4.2xlarge.elasticsearch", "r4.4xlarge.elasticsearch", "r4.8xlarge.elasticsearch",
    "r4.16xlarge.elasticsearch", "i3.large.elasticsearch", "i3.xlarge.elasticsearch", "i3.2xlarge.elasticsearch",
    "i3.4xlarge.elasticsearch", "i3.8xlarge.elasticsearch", "i3.16xlarge.elasticsearch",
];

/// Families that AWS documents, in the model or not.
const FAMILIES: &[&str] = &[
    "c4", "c5", "c6g", "c7g", "c7i", "c8g", "d2", "i2", "i3", "i4g", "i4i", "i7i", "i8g", "im4gn", "m3", "m4", "m5",
    "m6g", "m7g", "m7i", "m8g", "oi2", "om2", "or1", "or2", "r3", "r4", "r5", "r6g", "r6gd", "r7g", "r7gd", "r7i",
    "r8g", "r8gd", "t2", "t3", "t4g",
];

/// Families whose instances bring their own disks.
const WITH_DISKS: &[&str] =
    &["d2", "i2", "i3", "i4g", "i4i", "i7i", "i8g", "im4gn", "m3", "oi2", "r3", "r6gd", "r7gd", "r8gd"];

/// Whether a type that the model does not list is of a family that AWS documents.
pub(super) fn is_documented(instance: &str) -> bool {
    is_of_a_family(instance, "search")
}

/// The same in the older dialect.
pub(super) fn is_documented_in_elasticsearch(instance: &str) -> bool {
    is_of_a_family(instance, "elasticsearch")
}

fn is_of_a_family(instance: &str, suffix: &str) -> bool {
    let parts: Vec<_> = instance.split('.').collect();
    let [family, size, end] = parts.as_slice() else { return false };
    let times = size.strip_suffix("xlarge");
    let is_size = matches!(*size, "nano" | "micro" | "small" | "medium" | "large")
        || times.is_some_and(|times| times.len() <= 2 && times.bytes().all(|digit| digit.is_ascii_digit()));
    *end == suffix && is_size && FAMILIES.contains(family)
}

/// Whether an instance keeps its data on a volume only.
pub(super) fn needs_a_volume(instance: &str) -> bool {
    instance.split('.').next().is_some_and(|family| !WITH_DISKS.contains(&family))
}

/// Whether an instance is of the small families, which tune nothing by themselves.
pub(super) fn is_burstable(instance: &str) -> bool {
    instance.starts_with("t2.") || instance.starts_with("t3.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_of_the_model_or_of_a_documented_family() {
        for instance in ["r7g.large.search", "or2.16xlarge.search", "m7i.xlarge.search"] {
            assert!(!SEARCH.contains(&instance) && is_documented(instance), "{instance}");
        }
        for instance in
            ["m5.huge.search", "x1.large.search", "m5.large", "m5.large.elasticsearch", "m5.100xlarge.search"]
        {
            assert!(!is_documented(instance), "{instance}");
        }
        assert!(is_documented_in_elasticsearch("m6g.large.elasticsearch"));
        assert!(ELASTICSEARCH.iter().all(|instance| instance.ends_with(".elasticsearch")));
    }
}
