//! The members of a destination as they are kept: under the names of its description, whatever the request called them.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    model::{self, Structure},
    wire::ProcessingConfiguration,
};

/// The bucket behind a destination, as its description calls it.
pub(super) const S3_DESTINATION: &str = "S3DestinationDescription";

/// The bucket for source records, as a description calls it.
pub(super) const S3_BACKUP: &str = "S3BackupDescription";

/// What requests call a member, and what descriptions do.
const RENAMED: [(&str, &str); 5] = [
    ("S3Configuration", S3_DESTINATION),
    ("S3Update", S3_DESTINATION),
    ("S3BackupConfiguration", S3_BACKUP),
    ("S3BackupUpdate", S3_BACKUP),
    ("VpcConfiguration", "VpcConfigurationDescription"),
];

/// The members of a destination, or of a bucket in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Settings(Map<String, Value>);

impl Settings {
    /// The members of a configuration or update under the names of the description.
    pub(super) fn of_request(given: &Map<String, Value>) -> Self {
        let renamed =
            |name: &str| RENAMED.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| *to).to_owned();
        Self(given.iter().map(|(name, value)| (renamed(name), value.clone())).collect())
    }

    /// These settings with those of `change` in place of theirs; of a bucket, member by member.
    pub(super) fn merged(&self, change: Self) -> Self {
        let mut merged = self.clone();
        for (name, value) in change.0 {
            match (merged.0.get_mut(&name), value) {
                (Some(Value::Object(bucket)), Value::Object(members))
                    if [S3_DESTINATION, S3_BACKUP].contains(&name.as_str()) =>
                {
                    bucket.extend(members);
                }
                (_, value) => {
                    merged.0.insert(name, value);
                }
            }
        }
        merged
    }

    /// Sets a member that was not given.
    pub(super) fn default(&mut self, name: &str, value: impl Into<Value>) {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), value.into());
        }
    }

    /// Completes the structure `name`, if it was given.
    pub(super) fn complete_given(
        &mut self,
        name: &str,
        complete: impl FnOnce(Self) -> Result<Self, ApiError>,
    ) -> Result<(), ApiError> {
        if let Some(Value::Object(members)) = self.0.remove(name) {
            self.0.insert(name.to_owned(), Value::Object(complete(Self(members))?.0));
        }
        Ok(())
    }

    /// Fills in `BufferingHints`, which are given with both members or not at all.
    ///
    /// Differs from AWS: the words of its refusal are not known.
    ///
    /// # Errors
    /// `InvalidArgumentException`: one hint without the other.
    pub(super) fn complete_hints(&mut self, interval_in_seconds: u64, size_in_mbs: u64) -> Result<(), ApiError> {
        let members = ["IntervalInSeconds", "SizeInMBs"];
        let given = match self.0.get("BufferingHints") {
            Some(Value::Object(hints)) => members.map(|name| hints.contains_key(name)),
            _ => [false; 2],
        };
        match given {
            [true, true] => Ok(()),
            [false, false] => {
                let hints = json!({"IntervalInSeconds": interval_in_seconds, "SizeInMBs": size_in_mbs});
                self.0.insert("BufferingHints".to_owned(), hints);
                Ok(())
            }
            [false, true] => Err(ApiError::invalid(
                "BufferingHints.IntervalInSeconds must be specified when SizeInMBs is specified.",
            )),
            [true, false] => Err(ApiError::invalid(
                "BufferingHints.SizeInMBs must be specified when IntervalInSeconds is specified.",
            )),
        }
    }

    /// A text member.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The switch `Enabled` of the structure `name`, if both are given.
    pub(super) fn enabled(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.get("Enabled")?.as_bool()
    }

    /// Whether processing is enabled with a processor of this type.
    pub(super) fn has_processor(&self, of: &str) -> bool {
        let Some(configuration) = self.0.get("ProcessingConfiguration") else { return false };
        let is_enabled = configuration.get("Enabled").and_then(Value::as_bool).unwrap_or(true);
        let processors = configuration.get("Processors").and_then(Value::as_array);
        is_enabled
            && processors.into_iter().flatten().any(|processor| processor.get("Type").is_some_and(|kind| kind == of))
    }

    /// Whether a member is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a member away.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The settings as a type of the wire.
    ///
    /// # Errors
    /// `InternalFailure` when they are not of this type.
    pub(super) fn typed<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        model::typed(Value::Object(self.0.clone()))
    }

    /// What of the settings a description has members for.
    pub(super) fn described(&self, description: &'static Structure) -> Value {
        Value::Object(model::cut(description, &self.0))
    }
}

/// Whether processing does something; Terraform sends one that does not with every stream.
pub(super) fn is_processing(configuration: &ProcessingConfiguration) -> bool {
    let has_processors = configuration.processors.as_ref().is_some_and(|processors| !processors.is_empty());
    has_processors && configuration.enabled.unwrap_or(true)
}

/// Hints as delivery takes them. Those that were left out were filled in before; the model bounds them.
pub(super) fn hints(interval_in_seconds: Option<i64>, size_in_mbs: Option<i64>) -> ekk_delivery::BufferingHints {
    ekk_delivery::BufferingHints {
        size_bytes: size_in_mbs.unwrap_or(5).unsigned_abs() << 20,
        interval: seconds(interval_in_seconds.unwrap_or(300)),
    }
}

/// Seconds that the model bounds to be positive.
pub(super) fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(seconds.unsigned_abs())
}
