//! What the parts of an ARN say: `arn:<partition>:<service>:<region>:<account>:<resource>`.
//!
//! Whether the whole has the form that a member needs is the model's subject.

/// The region, which is empty for resources that are of none.
pub(crate) fn region(arn: &str) -> Option<&str> {
    arn.split(':').nth(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_part_is_the_region() {
        for (arn, expected) in [
            ("arn:aws:kms:us-east-1:000000000000:key/a", Some("us-east-1")),
            ("arn:aws-cn:secretsmanager:cn-north-1:000000000000:secret:a", Some("cn-north-1")),
            ("arn:aws:iam::000000000000:role/a", Some("")),
            ("arn:aws", None),
        ] {
            assert_eq!(region(arn), expected, "{arn}");
        }
    }
}
