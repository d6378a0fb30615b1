//! Writing an object to a bucket until the bucket has it.
//!
//! AWS gives records up after 24 hours without a bucket to take them. Differs from AWS: here they are kept and tried
//! further, and an error is logged at that time, because records that are still there can still be looked at.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::Worker;
use crate::{
    compression::compress,
    journal::{DeliveryAttempt, Outcome, Target},
    key::{Holds, object_key},
    limits::RETENTION,
    queue::Trouble,
    retry,
    s3_client::Object,
    spec::StreamSpec,
};

/// What shall become an object.
pub(super) struct Parcel {
    pub(super) holds: Holds,
    /// Before compression.
    pub(super) body: Bytes,
    /// When its oldest record arrived.
    pub(super) oldest: Timestamp,
    pub(super) records: u64,
    /// What the journal calls it, from bucket and key.
    pub(super) target: fn(String, String) -> Target,
}

impl Worker {
    /// Writes `parcel` to the stream's bucket, and tries again until it is there. The key stays the same, so that a
    /// write whose answer got lost is not doubled, unless the stream is told of another bucket.
    pub(super) async fn store(&mut self, parcel: Parcel) {
        let mut spec = self.shared.spec();
        let mut object = self.object(&spec, &parcel).await;
        let mut attempt = 0;
        let mut overdue = false;
        loop {
            attempt += 1;
            let flushes = self.shared.flushes();
            let sent = match &object {
                Ok(object) => self.send_object(object).await,
                Err(reason) => Err(reason.clone()),
            };
            let Err(reason) = sent else {
                self.note_object(&parcel, object.as_ref().ok(), attempt, Outcome::Delivered);
                return;
            };
            let now = self.shared.clock.now();
            let (stream, records) = (&spec.name, parcel.records);
            tracing::warn!(stream, records, reason, "object is not in S3, trying again");
            if !overdue && parcel.is_overdue(now) {
                overdue = true;
                tracing::error!(stream, records, reason, "records wait for S3 for longer than AWS keeps them");
            }
            let next = now.saturating_add(retry::pause(attempt, self.jitter())).unwrap_or(Timestamp::MAX);
            let outcome = Outcome::Retried { reason: reason.clone(), next };
            self.note_object(&parcel, object.as_ref().ok(), attempt, outcome);
            self.shared.note_trouble(self.lane, Trouble { reason, next });
            self.pause_until(next, flushes).await;
            self.shared.note_retry();
            let newest = self.shared.spec();
            if newest.version != spec.version {
                spec = newest;
                object = self.object(&spec, &parcel).await;
            }
        }
    }

    async fn object(&mut self, spec: &StreamSpec, parcel: &Parcel) -> Result<Object, String> {
        let bucket = spec.destination.s3();
        let key = object_key(spec, bucket, parcel.holds, parcel.oldest, &mut self.random)
            .map_err(|error| error.to_string())?;
        let compression = bucket.compression;
        let body = parcel.body.clone();
        let file_name = key.rsplit('/').next().unwrap_or_default().trim_end_matches(".zip").to_owned();
        let body = self.off_thread(body.len(), move || compress(compression, body, &file_name)).await;
        Ok(Object { bucket: bucket.bucket.clone(), key, body, content_encoding: compression.content_encoding() })
    }

    fn note_object(&self, parcel: &Parcel, object: Option<&Object>, attempt: u32, outcome: Outcome) {
        let (bucket, key) = object.map_or_else(Default::default, |object| (object.bucket.clone(), object.key.clone()));
        self.shared.note_attempt(DeliveryAttempt {
            at: self.shared.clock.now(),
            target: (parcel.target)(bucket, key),
            records: parcel.records,
            bytes: object.map_or(0, |object| object.body.len() as u64),
            attempt,
            outcome,
        });
    }
}

impl Parcel {
    /// Whether AWS would have lost the records by now.
    fn is_overdue(&self, now: Timestamp) -> bool {
        SignedDuration::try_from(RETENTION).is_ok_and(|retention| self.oldest.duration_until(now) > retention)
    }
}
