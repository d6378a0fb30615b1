//! The members of a destination as they are kept: under the names of its description, whatever the request called them.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::conversion;
use crate::{
    error::ApiError,
    model::{self, Shape, Structure},
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

/// Members of which a destination has one: an update that names one takes the other away.
const ALTERNATIVES: [(&str, &str); 1] = [("DomainARN", "ClusterEndpoint")];

/// The members of a destination, or of a bucket in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Settings(Map<String, Value>);

impl Settings {
    /// The members of a configuration or update under the names of the description.
    pub(super) fn of_request(given: &Map<String, Value>) -> Self {
        Self(given.iter().map(|(name, value)| (described_name(name).to_owned(), value.clone())).collect())
    }

    /// These settings with those of `change` in place of theirs; of a bucket, of the conversion to another format and of
    /// its schema, member by member.
    pub(super) fn merged(&self, change: Self) -> Self {
        let mut merged = self.clone();
        for (one, other) in ALTERNATIVES {
            if change.has(one) != change.has(other) {
                merged.remove(if change.has(one) { other } else { one });
            }
        }
        for (name, value) in change.0 {
            match (merged.0.get_mut(&name), value) {
                (Some(Value::Object(bucket)), Value::Object(members))
                    if [S3_DESTINATION, S3_BACKUP].contains(&name.as_str()) =>
                {
                    bucket.extend(members);
                }
                (Some(Value::Object(known)), Value::Object(members)) if name == conversion::CONVERSION => {
                    conversion::merge(known, members);
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
        if !self.has(name) {
            self.0.insert(name.to_owned(), value.into());
        }
    }

    /// Sets a member of the structure `name`, if that was given and this member was not.
    pub(super) fn default_within(&mut self, name: &str, member: &str, value: impl Into<Value>) {
        if let Some(Value::Object(structure)) = self.0.get_mut(name) {
            structure.entry(member).or_insert_with(|| value.into());
        }
    }

    /// Sets a member of the structure `name`, which was given.
    ///
    /// # Errors
    /// `InternalFailure` when the value cannot be kept as JSON.
    pub(super) fn set_within(&mut self, name: &str, member: &str, value: &impl Serialize) -> Result<(), ApiError> {
        let value = serde_json::to_value(value);
        let value = value.map_err(|error| ApiError::Internal { doing: "keep a destination", source: error.into() })?;
        if let Some(Value::Object(structure)) = self.0.get_mut(name) {
            structure.insert(member.to_owned(), value);
        }
        Ok(())
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
        match (self.number("BufferingHints", "IntervalInSeconds"), self.number("BufferingHints", "SizeInMBs")) {
            (Some(_), Some(_)) => Ok(()),
            (None, None) => {
                let hints = json!({"IntervalInSeconds": interval_in_seconds, "SizeInMBs": size_in_mbs});
                self.0.insert("BufferingHints".to_owned(), hints);
                Ok(())
            }
            (None, Some(_)) => Err(ApiError::invalid(
                "BufferingHints.IntervalInSeconds must be specified when SizeInMBs is specified.",
            )),
            (Some(_), None) => Err(ApiError::invalid(
                "BufferingHints.SizeInMBs must be specified when IntervalInSeconds is specified.",
            )),
        }
    }

    /// Fills in `RetryOptions`.
    pub(super) fn complete_retry(&mut self, duration_in_seconds: u64) {
        self.default("RetryOptions", json!({}));
        self.default_within("RetryOptions", "DurationInSeconds", duration_in_seconds);
    }

    /// Fills in `CloudWatchLoggingOptions`, which are off unless turned on, and then name a group and a stream.
    ///
    /// # Errors
    /// `InvalidArgumentException`: logging is on without a name.
    pub(super) fn complete_logging(&mut self) -> Result<(), ApiError> {
        const OPTIONS: &str = "CloudWatchLoggingOptions";
        self.default(OPTIONS, json!({}));
        self.default_within(OPTIONS, "Enabled", false);
        if !self.enabled(OPTIONS) {
            return Ok(());
        }
        let is_missing = |name| self.text_within(OPTIONS, name).is_none_or(str::is_empty);
        if is_missing("LogGroupName") {
            return Err(ApiError::invalid("CloudWatch Log Group Name is required if CloudWatch Logging is enabled"));
        }
        if is_missing("LogStreamName") {
            return Err(ApiError::invalid("CloudWatch Log Stream Name is required if CloudWatch Logging is enabled"));
        }
        Ok(())
    }

    /// A text member.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A text member of the structure `name`.
    pub(super) fn text_within(&self, name: &str, member: &str) -> Option<&str> {
        self.0.get(name)?.get(member)?.as_str()
    }

    /// A whole number in the structure `name`.
    pub(super) fn number(&self, name: &str, member: &str) -> Option<i64> {
        self.0.get(name)?.get(member)?.as_i64()
    }

    /// Whether the switch `Enabled` of the structure `name` is given and on.
    pub(super) fn enabled(&self, name: &str) -> bool {
        self.0.get(name).and_then(|structure| structure.get("Enabled")) == Some(&Value::Bool(true))
    }

    /// A member of any type.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
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

    fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The buckets in these settings.
    pub(super) fn buckets(&self) -> Vec<Self> {
        let bucket = |name| Some(Self(self.0.get(name)?.as_object()?.clone()));
        [S3_DESTINATION, S3_BACKUP].into_iter().filter_map(bucket).collect()
    }

    /// Checks that an update that takes nothing over has all that a configuration must have.
    ///
    /// Differs from AWS: the words of its refusal are not known.
    ///
    /// # Errors
    /// `InvalidArgumentException`.
    pub(super) fn check_required(&self, configuration: &Structure, path: &str) -> Result<(), ApiError> {
        for member in configuration.members.iter().filter(|member| member.required) {
            let path = format!("{path}.{}", member.name);
            match (member.shape, self.0.get(described_name(member.name))) {
                (_, None) => {
                    let text = format!("{path} must be specified when the type of the destination is changed.");
                    return Err(ApiError::invalid(text));
                }
                (Shape::Structure(structure), Some(Value::Object(members))) => {
                    Self(members.clone()).check_required(structure, &path)?;
                }
                _ => {}
            }
        }
        Ok(())
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

/// What a description calls a member of a request.
pub(super) fn described_name(name: &str) -> &str {
    RENAMED.iter().find(|(from, _)| *from == name).map_or(name, |(_, to)| *to)
}

/// Refuses the update that takes a backup back, which AWS does not make.
///
/// # Errors
/// `InvalidArgumentException`: `S3BackupMode` was `whole` before the update and is something else now.
pub(super) fn check_backup_mode(settings: &Settings, before: Option<&Settings>, whole: &str) -> Result<(), ApiError> {
    let was_whole = before.is_some_and(|before| before.text("S3BackupMode") == Some(whole));
    if was_whole && settings.text("S3BackupMode") != Some(whole) {
        return Err(ApiError::invalid("Disabling S3 backup is not currently supported."));
    }
    Ok(())
}

/// Hints as delivery takes them. Those that were left out were filled in before; the model bounds them.
pub(super) fn hints(interval_in_seconds: Option<i64>, size_in_mbs: Option<i64>) -> ekk_delivery::BufferingHints {
    ekk_delivery::BufferingHints {
        size_bytes: size_in_mbs.unwrap_or(5).unsigned_abs() << 20,
        interval: seconds(interval_in_seconds.unwrap_or(300)),
    }
}

/// `RetryOptions.DurationInSeconds`, filled in before.
pub(super) fn retry(duration_in_seconds: Option<i64>) -> Duration {
    seconds(duration_in_seconds.unwrap_or(300))
}

/// Seconds that the model bounds to be positive.
pub(super) fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(seconds.unsigned_abs())
}
