//! The tags of a stream: at most 50, each key once, listed in the order of their keys.

use std::{collections::BTreeMap, ops::Bound};

use serde::{Deserialize, Serialize};

use crate::{error::ApiError, limits, wire::Tag};

/// Tags by key; a tag need not have a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tags(BTreeMap<String, Option<String>>);

impl Tags {
    /// These tags and `given`, which replace those of the same key.
    ///
    /// Differs from AWS: the words of both refusals are not known, and whether a key may be given twice.
    ///
    /// # Errors
    /// - `InvalidArgumentException`: a key is given twice.
    /// - `LimitExceededException`: it would be more than 50.
    pub(crate) fn with(&self, given: Vec<Tag>) -> Result<Self, ApiError> {
        let mut new = BTreeMap::new();
        for Tag { key, value } in given {
            if let Some((key, _)) = new.get_key_value(&key) {
                return Err(ApiError::invalid(format!("Tag keys must be unique: {key} is given more than once.")));
            }
            new.insert(key, value);
        }
        let mut tags = self.0.clone();
        tags.extend(new);
        if tags.len() > limits::TAGS {
            return Err(ApiError::LimitExceeded(format!("A Firehose can have at most {} tags.", limits::TAGS)));
        }
        Ok(Self(tags))
    }

    /// These tags without those of `keys`; a key that no tag has is passed over.
    pub(crate) fn without(&self, keys: &[String]) -> Self {
        let mut tags = self.0.clone();
        tags.retain(|key, _| !keys.contains(key));
        Self(tags)
    }

    /// Up to `limit` tags whose keys come after `start`, and whether there are more.
    pub(crate) fn page(&self, start: Option<&str>, limit: usize) -> (Vec<Tag>, bool) {
        let after = start.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = self.0.range::<str, _>((after, Bound::Unbounded));
        let tag = |(key, value): (&String, &Option<String>)| Tag { key: key.clone(), value: value.clone() };
        let tags = rest.by_ref().take(limit).map(tag).collect();
        (tags, rest.next().is_some())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
