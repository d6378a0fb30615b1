//! How the model's names are spelled in Rust.

/// `DeliveryStreamARN` as the name of a field: `delivery_stream_arn`.
pub(crate) fn field(name: &str) -> String {
    let words = snake(name);
    if words == "type" { "r#type".to_owned() } else { words }
}

/// `DeliveryStreamARN` as the name of a static: `DELIVERY_STREAM_ARN`.
pub(crate) fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// `HADOOP_SNAPPY` as the name of a variant: `HadoopSnappy`; a value without capitals in a row stays as it is.
pub(crate) fn variant(value: &str) -> String {
    let is_shouted = value.chars().all(|char| !char.is_ascii_lowercase());
    if !is_shouted {
        return value.to_owned();
    }
    let capitalized = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |first| first.to_string() + &chars.as_str().to_ascii_lowercase())
    };
    value.split('_').map(capitalized).collect()
}

fn snake(name: &str) -> String {
    // The one plural of an abbreviation.
    let name = name.replace("MBs", "Mbs");
    let chars: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (index, &char) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| chars.get(index));
        let after = chars.get(index + 1);
        let begins = char.is_ascii_uppercase()
            && before
                .is_some_and(|&before| !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase));
        if begins {
            words.push('_');
        }
        words.push(char.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_become_fields() {
        let cases = [
            ("DeliveryStreamName", "delivery_stream_name"),
            ("RoleARN", "role_arn"),
            ("SizeInMBs", "size_in_mbs"),
            ("S3BackupMode", "s3_backup_mode"),
            ("MSKSourceConfiguration", "msk_source_configuration"),
            ("HECAcknowledgmentTimeoutInSeconds", "hec_acknowledgment_timeout_in_seconds"),
            ("Type", "r#type"),
        ];
        for (name, expected) in cases {
            assert_eq!(field(name), expected);
        }
    }

    #[test]
    fn values_become_variants() {
        let cases = [
            ("UNCOMPRESSED", "Uncompressed"),
            ("HADOOP_SNAPPY", "HadoopSnappy"),
            ("Snappy", "Snappy"),
            ("NoRotation", "NoRotation"),
            ("MySQL", "MySQL"),
            ("V0_11", "V011"),
        ];
        for (value, expected) in cases {
            assert_eq!(variant(value), expected);
        }
    }
}
