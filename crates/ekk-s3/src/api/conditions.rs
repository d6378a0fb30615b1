//! Whether a request with `If-…` headers goes ahead.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html>.

use s3s::dto::{ETagCondition, Timestamp};

use crate::{
    api::wire_time,
    catalogue::Object,
    error::{Failure, Outcome},
};

/// The conditions of a read, or on the source of a copy.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the names are those of the headers")]
pub(super) struct Read {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

impl Read {
    /// Checks the conditions of a read: `PreconditionFailed` (412) or `NotModified` (304).
    ///
    /// A condition on the `ETag` goes before its counterpart on the time, as RFC 9110 says.
    pub(super) fn check(&self, object: &Object) -> Outcome<()> {
        let modified = wire_time(object.last_modified);
        let goes_ahead = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => matches(condition, object),
            (None, Some(since)) => modified <= *since,
            (None, None) => true,
        };
        if !goes_ahead {
            return Err(Failure::PreconditionFailed);
        }
        let unchanged = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => matches(condition, object),
            (None, Some(since)) => modified <= *since,
            (None, None) => false,
        };
        if unchanged {
            return Err(Failure::NotModified { etag: object.etag.clone(), last_modified: modified });
        }
        Ok(())
    }

    /// Checks the conditions on the source of a copy: each that does not hold is `PreconditionFailed`.
    pub(super) fn check_source(&self, object: &Object) -> Outcome<()> {
        self.check(object).map_err(|_| Failure::PreconditionFailed)
    }
}

/// The conditions of a write or a deletion.
#[derive(Debug, Default)]
pub(super) struct Write {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

impl Write {
    /// Checks against what the key has now.
    pub(super) fn check(&self, existing: Option<&Object>) -> Outcome<()> {
        if let Some(condition) = &self.if_match {
            let object = existing.ok_or(Failure::NoSuchKey)?;
            if !matches(condition, object) {
                return Err(Failure::PreconditionFailed);
            }
        }
        match &self.if_none_match {
            Some(ETagCondition::ETag(_)) => Err(Failure::NotImplemented("If-None-Match with an ETag on a write")),
            Some(ETagCondition::Any) if existing.is_some() => Err(Failure::PreconditionFailed),
            None | Some(ETagCondition::Any) => Ok(()),
        }
    }
}

fn matches(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}
