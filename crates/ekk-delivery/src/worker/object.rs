//! Writing an object to a bucket until the bucket has it: in one request, or in parts when it is large, so that no more
//! than a part of it is held besides the records themselves.
//!
//! AWS gives records up after 24 hours without a bucket to take them. Differs from AWS: here they are kept and tried
//! further, and an error is logged at that time, because records that are still there can still be looked at.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::Worker;
use crate::{
    compression::Packer,
    error_log,
    journal::{DeliveryAttempt, Outcome, Target},
    key::{Holds, object_key},
    limits::{PART_BYTES, RETENTION},
    queue::Record,
    retry,
    s3_client::{Object, S3Error, Upload},
    shared::Trouble,
    spec::{CompressionFormat, S3Destination, StreamSpec},
};

/// What shall become an object.
pub(super) struct Parcel {
    pub(super) to: To,
    pub(super) holds: Holds,
    /// What follows one another in the body, before compression.
    pub(super) body: Arc<[Bytes]>,
    /// When its oldest record arrived.
    pub(super) oldest: Timestamp,
    pub(super) records: u64,
    /// What the journal calls it, from bucket and key.
    pub(super) target: fn(String, String) -> Target,
}

/// Which bucket of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// That of an S3 destination, or the one behind another destination.
    Main,
    /// That of the incoming records.
    SourceBackup,
}

impl To {
    fn bucket(self, spec: &StreamSpec) -> &S3Destination {
        let main = spec.destination.s3();
        match self {
            Self::Main => main,
            Self::SourceBackup => spec.destination.source_backup().unwrap_or(main),
        }
    }
}

/// An object under its key.
struct Named {
    object: Object,
    compression: CompressionFormat,
    /// The name of the file in an archive.
    file_name: String,
}

impl Parcel {
    /// Records, one after the other and nothing between them.
    pub(super) fn of_records(to: To, holds: Holds, records: &[Record], now: Timestamp) -> Self {
        Self {
            to,
            holds,
            body: records.iter().map(|record| record.data.clone()).collect(),
            oldest: crate::shared::oldest(records, now),
            records: records.len() as u64,
            target: match to {
                To::Main => |bucket, key| Target::Object { bucket, key },
                To::SourceBackup => |bucket, key| Target::Backup { bucket, key },
            },
        }
    }

    fn bytes(&self) -> usize {
        self.body.iter().map(Bytes::len).sum()
    }

    /// Whether AWS would have lost the records by now.
    fn is_overdue(&self, now: Timestamp) -> bool {
        SignedDuration::try_from(RETENTION).is_ok_and(|retention| self.oldest.duration_until(now) > retention)
    }
}

impl Worker {
    /// Writes `parcel` to the stream's bucket, and tries again until it is there. The key stays the same, so that a
    /// write whose answer got lost is not doubled, unless the stream is told of another bucket.
    pub(super) async fn store(&mut self, parcel: Parcel) {
        // Without a duration there is no giving up.
        let _stored = self.store_within(parcel, None).await;
    }

    /// As [`store`](Self::store), but gives up when `patience` is over since the first attempt: with how many attempts
    /// were made, and the reason of the last.
    pub(super) async fn store_within(
        &mut self,
        parcel: Parcel,
        patience: Option<Duration>,
    ) -> Result<(), (u32, S3Error)> {
        let since = self.shared.clock.now();
        let mut spec = self.shared.spec();
        let mut named = self.name(&spec, &parcel);
        let mut attempt = 0;
        let mut overdue = false;
        loop {
            attempt += 1;
            let flushes = self.shared.flushes();
            let sent = match &named {
                Ok(named) => self.send_object(&named.object, self.write(named, &parcel)).await,
                Err(error) => Err(error.clone()),
            };
            let error = match sent {
                Ok(bytes) => {
                    self.note_object(&parcel, named.as_ref().ok(), (attempt, bytes), Outcome::Delivered);
                    self.shared.note_success(self.id);
                    return Ok(());
                }
                Err(error) => error,
            };
            let now = self.shared.clock.now();
            error_log::write(&spec, &error.code, &error.reason, None);
            if !overdue && parcel.is_overdue(now) {
                overdue = true;
                let (stream, records, reason) = (&spec.id, parcel.records, &error.reason);
                tracing::error!(stream, records, reason, "records wait for S3 for longer than AWS keeps them");
            }
            let jitter = self.jitter();
            let pause = retry::pause(attempt, jitter);
            let next = match patience {
                None => Some(now.saturating_add(pause).unwrap_or(Timestamp::MAX)),
                Some(patience) => retry::next_attempt(retry::Attempts { since, made: attempt }, patience, now, jitter),
            };
            let reason = error.reason.clone();
            let Some(next) = next else {
                self.note_object(&parcel, named.as_ref().ok(), (attempt, 0), Outcome::GaveUp { reason });
                return Err((attempt, error));
            };
            let outcome = Outcome::Retried { reason: reason.clone(), next };
            self.note_object(&parcel, named.as_ref().ok(), (attempt, 0), outcome);
            self.shared.note_trouble(self.id, Trouble { reason, next });
            self.pause_until(next, flushes).await;
            self.shared.note_retry(self.id);
            let newest = self.shared.spec();
            if newest.version != spec.version {
                spec = newest;
                named = self.name(&spec, &parcel);
            }
        }
    }

    fn name(&mut self, spec: &StreamSpec, parcel: &Parcel) -> Result<Named, S3Error> {
        let bucket = parcel.to.bucket(spec);
        let key = object_key(spec, bucket, &parcel.holds, parcel.oldest, &mut self.random)
            .map_err(|error| S3Error::new("InternalError", error.to_string()))?;
        let file_name = key.rsplit('/').next().unwrap_or_default().trim_end_matches(".zip").to_owned();
        let compression = bucket.compression;
        let content_encoding = compression.content_encoding();
        Ok(Named { object: Object { bucket: bucket.bucket.clone(), key, content_encoding }, compression, file_name })
    }

    /// Writes an object once; answers the bytes of its body.
    async fn write(&self, named: &Named, parcel: &Parcel) -> Result<u64, S3Error> {
        let bytes = parcel.bytes();
        let packer = Packer::new(named.compression, &named.file_name);
        if bytes > PART_BYTES {
            return self.write_in_parts(named, parcel, packer).await;
        }
        let body = parcel.body.clone();
        let body: Bytes = self
            .off_thread(bytes, move || {
                let mut packer = packer;
                body.iter().for_each(|part| packer.push(part));
                packer.finish().into()
            })
            .await;
        let written = body.len() as u64;
        self.clients.s3.put(&named.object, body).await.map(|()| written)
    }

    async fn write_in_parts(&self, named: &Named, parcel: &Parcel, packer: Packer) -> Result<u64, S3Error> {
        let s3 = &self.clients.s3;
        let mut upload = s3.begin(&named.object).await?;
        let written = match self.write_parts(named, parcel, packer, &mut upload).await {
            Ok(written) => s3.complete(&named.object, &upload).await.map(|()| written),
            Err(error) => Err(error),
        };
        if written.is_err()
            && let Err(error) = s3.abort(&named.object, &upload).await
        {
            tracing::debug!(reason = error.reason, "parts of an upload that failed are left in the bucket");
        }
        written
    }

    async fn write_parts(
        &self,
        named: &Named,
        parcel: &Parcel,
        packer: Packer,
        upload: &mut Upload,
    ) -> Result<u64, S3Error> {
        let mut packer = packer;
        let (mut place, mut written) = (0, 0);
        loop {
            let body = parcel.body.clone();
            let (part, back, next) = self.off_thread(PART_BYTES, move || pack_part(packer, &body, place)).await;
            let is_last = back.is_none();
            for piece in pieces(part, written == 0) {
                written += piece.len() as u64;
                self.clients.s3.put_part(&named.object, upload, piece).await?;
            }
            match back {
                Some(back) if !is_last => (packer, place) = (back, next),
                _ => return Ok(written),
            }
        }
    }

    fn note_object(&self, parcel: &Parcel, named: Option<&Named>, (attempt, bytes): (u32, u64), outcome: Outcome) {
        let (bucket, key) =
            named.map_or_else(Default::default, |named| (named.object.bucket.clone(), named.object.key.clone()));
        self.shared.note_attempt(DeliveryAttempt {
            at: self.shared.clock.now(),
            target: (parcel.target)(bucket, key),
            records: parcel.records,
            bytes,
            attempt,
            outcome,
        });
    }
}

/// Compresses from `place` on until there is a part; answers it, and the packer with the next place unless all is done.
fn pack_part(mut packer: Packer, body: &[Bytes], mut place: usize) -> (Vec<u8>, Option<Packer>, usize) {
    while let Some(chunk) = body.get(place) {
        packer.push(chunk);
        place += 1;
        if let Some(part) = packer.take(PART_BYTES) {
            return (part, Some(packer), place);
        }
    }
    (packer.finish(), None, place)
}

/// Cuts what became larger than two parts; nothing is a part only when there is no other.
fn pieces(part: Vec<u8>, is_first: bool) -> Vec<Bytes> {
    let mut rest = Bytes::from(part);
    let mut pieces = Vec::new();
    while rest.len() >= 2 * PART_BYTES {
        pieces.push(rest.split_to(PART_BYTES));
    }
    if is_first || !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}
