//! Server-side encryption of a stream: its key, its states as a function of the time, and the quota of its changes.
//!
//! Nothing is encrypted: what a data folder holds is readable to whoever can read the folder. What is kept here is what
//! AWS would say.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/encryption.html>

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    arn,
    error::ApiError,
    life, limits,
    wire::{
        DeliveryStreamEncryptionConfiguration, DeliveryStreamEncryptionConfigurationInput,
        DeliveryStreamEncryptionStatus, DeliveryStreamType, KeyType,
    },
};

/// Whether and by which key a stream is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Encryption {
    /// What was asked for last; none for no encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Key>,
    /// What was in force until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    former_key: Option<Key>,
    /// When what was asked for last is in force; at once when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled_from: Option<Timestamp>,
    /// The changes that count against the quota.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Timestamp>,
}

/// A key of KMS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Key {
    key_type: KeyType,
    /// Given for a key of the customer's, and for no other.
    #[serde(rename = "KeyARN", default, skip_serializing_if = "Option::is_none")]
    key_arn: Option<String>,
}

/// Whether streams of a type are encrypted: what comes from another stream is encrypted there.
pub(crate) fn may_be_encrypted(delivery_stream_type: DeliveryStreamType) -> bool {
    matches!(delivery_stream_type, DeliveryStreamType::DirectPut | DeliveryStreamType::DatabaseAsSource)
}

impl Key {
    /// The key of a request of a region; AWS's own when it names none.
    ///
    /// # Errors
    /// `InvalidArgumentException`: a key of the customer's without its ARN or of another region, or an ARN with another
    /// kind of key.
    pub(crate) fn of(
        input: Option<DeliveryStreamEncryptionConfigurationInput>,
        region: &str,
    ) -> Result<Self, ApiError> {
        let Some(DeliveryStreamEncryptionConfigurationInput { key_arn, key_type }) = input else {
            return Ok(Self { key_type: KeyType::AwsOwnedCmk, key_arn: None });
        };
        match (key_type, &key_arn) {
            (KeyType::CustomerManagedCmk, None) => {
                Err(ApiError::invalid("KeyARN has to be specified when KeyType is CUSTOMER_MANAGED_CMK"))
            }
            (KeyType::AwsOwnedCmk, Some(_)) => {
                Err(ApiError::invalid("KeyARN cannot be specified when KeyType is AWS_OWNED_CMK"))
            }
            (KeyType::CustomerManagedCmk, Some(key)) if arn::region(key) != Some(region) => Err(ApiError::invalid(
                "Cross-region keys are not allowed for SSE. Please provide CMKs in the same region as firehose",
            )),
            _ => Ok(Self { key_type, key_arn }),
        }
    }
}

impl Encryption {
    /// That of a stream which is created encrypted: it is in force when the stream is active.
    pub(crate) fn created(key: Key, now: Timestamp, delay: Duration) -> Self {
        Self { key: Some(key), settled_from: life::settles(now, delay), ..Self::default() }
    }

    /// This encryption after a start with `key`, or a stop without.
    ///
    /// Differs from AWS: a stop of what is not encrypted is taken; what AWS does then is not documented.
    ///
    /// # Errors
    /// - `ResourceInUseException`: a change is under way.
    /// - `LimitExceededException`: 25 changes were made within 24 hours.
    pub(crate) fn changed(&self, key: Option<Key>, now: Timestamp, delay: Duration) -> Result<Self, ApiError> {
        let status = self.status(now);
        if let Some(under_way) = name_under_way(status) {
            return Err(ApiError::InUse(format!("Server-side encryption of the Firehose is {under_way}.")));
        }
        let day = SignedDuration::from_hours(24);
        let counts = |change: &Timestamp| (SignedDuration::ZERO..day).contains(&change.duration_until(now));
        let mut changes: Vec<_> = self.changes.iter().copied().filter(counts).collect();
        if changes.len() >= limits::ENCRYPTION_CHANGES {
            return Err(ApiError::LimitExceeded(format!(
                "StartDeliveryStreamEncryption and StopDeliveryStreamEncryption can be called {} times in 24 hours for \
                 a Firehose.",
                limits::ENCRYPTION_CHANGES
            )));
        }
        changes.push(now);
        Ok(Self { key, former_key: self.key.clone(), settled_from: life::settles(now, delay), changes })
    }

    pub(crate) fn status(&self, now: Timestamp) -> DeliveryStreamEncryptionStatus {
        match (&self.key, self.is_settled(now)) {
            (Some(_), true) => DeliveryStreamEncryptionStatus::Enabled,
            (Some(_), false) => DeliveryStreamEncryptionStatus::Enabling,
            (None, false) => DeliveryStreamEncryptionStatus::Disabling,
            (None, true) => DeliveryStreamEncryptionStatus::Disabled,
        }
    }

    /// Whether a record that is put now would be encrypted: once it is enabled, and while its key is changed, but not
    /// while it is disabled.
    pub(crate) fn encrypts(&self, now: Timestamp) -> bool {
        self.key.is_some() && (self.is_settled(now) || self.former_key.is_some())
    }

    /// As AWS describes it: the key while there is one, be it on its way out.
    pub(crate) fn described(&self, now: Timestamp) -> DeliveryStreamEncryptionConfiguration {
        let former_key = if self.is_settled(now) { None } else { self.former_key.as_ref() };
        let key = self.key.as_ref().or(former_key);
        DeliveryStreamEncryptionConfiguration {
            key_arn: key.and_then(|key| key.key_arn.clone()),
            key_type: key.map(|key| key.key_type),
            status: Some(self.status(now)),
            failure_description: None,
        }
    }

    fn is_settled(&self, now: Timestamp) -> bool {
        self.settled_from.is_none_or(|settled| now >= settled)
    }
}

fn name_under_way(status: DeliveryStreamEncryptionStatus) -> Option<&'static str> {
    match status {
        DeliveryStreamEncryptionStatus::Enabling => Some("ENABLING"),
        DeliveryStreamEncryptionStatus::Disabling => Some("DISABLING"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(10);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn aws_owned() -> Key {
        Key { key_type: KeyType::AwsOwnedCmk, key_arn: None }
    }

    #[track_caller]
    fn check(encryption: &Encryption, second: i64, status: DeliveryStreamEncryptionStatus, encrypts: bool) {
        assert_eq!((encryption.status(at(second)), encryption.encrypts(at(second))), (status, encrypts), "at {second}");
    }

    #[test]
    fn it_goes_through_the_states_of_aws() {
        use DeliveryStreamEncryptionStatus::{Disabled, Disabling, Enabled, Enabling};
        let off = Encryption::default();
        check(&off, 0, Disabled, false);
        let on = off.changed(Some(aws_owned()), at(0), DELAY).unwrap();
        check(&on, 9, Enabling, false);
        check(&on, 10, Enabled, true);
        let rekeyed = on.changed(Some(aws_owned()), at(20), DELAY).unwrap();
        check(&rekeyed, 29, Enabling, true);
        check(&rekeyed, 30, Enabled, true);
        let off = rekeyed.changed(None, at(40), DELAY).unwrap();
        check(&off, 49, Disabling, false);
        assert_eq!(off.described(at(49)).key_type, Some(KeyType::AwsOwnedCmk));
        check(&off, 50, Disabled, false);
        assert_eq!(off.described(at(50)).key_type, None);
    }

    #[test]
    fn a_change_that_is_under_way_refuses_another() {
        let on = Encryption::default().changed(Some(aws_owned()), at(0), DELAY).unwrap();
        let error = on.changed(None, at(9), DELAY).unwrap_err();
        assert_eq!(error.to_string(), "Server-side encryption of the Firehose is ENABLING.");
    }

    #[test]
    fn it_is_changed_25_times_in_24_hours() {
        let mut encryption = Encryption::default();
        for second in 0..25 {
            encryption = encryption.changed(Some(aws_owned()), at(second), Duration::ZERO).unwrap();
        }
        let day = 24 * 60 * 60;
        assert!(matches!(
            encryption.changed(None, at(day - 1), Duration::ZERO),
            Err(ApiError::LimitExceeded(text)) if text.contains("25 times in 24 hours")
        ));
        let after = encryption.changed(None, at(day), Duration::ZERO).unwrap();
        assert!(after.changed(None, at(day), Duration::ZERO).is_err(), "only the first of them is a day old");
        assert!(encryption.changed(None, at(-1), Duration::ZERO).is_ok(), "changes that are to come do not count");
    }
}
