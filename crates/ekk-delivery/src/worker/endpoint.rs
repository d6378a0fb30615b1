//! Delivering a batch to an HTTP endpoint: requests with their retries, and the error prefix for what is not acknowledged.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;

use super::{
    Worker,
    object::{Parcel, To},
};
use crate::{
    error_log,
    http_endpoint::{self, FailedRecord, Refusal},
    journal::{DeliveryAttempt, Outcome, Target},
    key::{ErrorOutputType, Holds, random_uuid},
    queue::{Fate, Record},
    shared::{Trouble, oldest},
    spec::{HttpEndpointDestination, StreamSpec},
};

/// Records that are sent together, and how that goes.
struct Request<'a> {
    spec: &'a Arc<StreamSpec>,
    destination: &'a HttpEndpointDestination,
    /// The same at every attempt.
    id: String,
    records: Arc<[Record]>,
    attempts: u32,
}

impl Worker {
    /// Delivers records in one request.
    pub(super) async fn deliver_to_endpoint(
        &mut self,
        spec: &Arc<StreamSpec>,
        destination: &HttpEndpointDestination,
        records: Vec<Record>,
    ) {
        let id = random_uuid(&mut self.random).hyphenated().to_string();
        let mut request = Request { spec, destination, id, records: records.into(), attempts: 0 };
        match self.send(&mut request).await {
            Ok(()) => self.shared.end(self.id, &request.records, Fate::Acknowledged),
            Err(refusal) if refusal.is_permanent => self.shared.end(self.id, &request.records, Fate::Refused),
            Err(refusal) => self.store_unacknowledged(&request, &refusal).await,
        }
    }

    /// Sends the request until it is acknowledged, refused for good, or its retry duration is over. That counts from the
    /// first failure, without the time in which an answer is waited for.
    async fn send(&mut self, request: &mut Request<'_>) -> Result<(), Refusal> {
        let mut waited = Duration::ZERO;
        loop {
            request.attempts += 1;
            let flushes = self.shared.flushes();
            let refusal = match self.attempt_endpoint(request).await {
                Ok(()) => {
                    self.note_request(request, Outcome::Delivered);
                    return Ok(());
                }
                Err(refusal) => refusal,
            };
            error_log::write(request.spec, refusal.code, &refusal.message, None);
            let reason = format!("{}: {}", refusal.code, refusal.message);
            let left = request.destination.retry_duration.saturating_sub(waited);
            if refusal.is_permanent || left.is_zero() {
                self.note_request(request, Outcome::GaveUp { reason });
                return Err(refusal);
            }
            let now = self.shared.clock.now();
            let pause = http_endpoint::pause(request.attempts, self.jitter()).min(left);
            let next = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
            self.note_request(request, Outcome::Retried { reason: reason.clone(), next });
            self.shared.note_trouble(self.id, Trouble { reason, next });
            self.pause_until(next, flushes).await;
            self.shared.note_retry(self.id);
            waited += now.duration_until(self.shared.clock.now()).try_into().unwrap_or(Duration::ZERO);
        }
    }

    async fn attempt_endpoint(&self, request: &Request<'_>) -> Result<(), Refusal> {
        let (encoding, id, records) =
            (request.destination.content_encoding, request.id.clone(), request.records.clone());
        let bytes = records.iter().map(|record| record.data.len()).sum();
        let now = self.shared.clock.now();
        let body: Bytes = self.off_thread(bytes, move || http_endpoint::body(encoding, &id, now, &records)).await;
        let send = self.clients.endpoint.send(request.destination, &request.spec.arn, &request.id, body);
        let sent = self.send_to_endpoint(send).await;
        http_endpoint::judge(&sent?, &request.id)
    }

    /// Writes the records of a request to S3, in objects within the size hint of the backup.
    async fn store_unacknowledged(&mut self, request: &Request<'_>, refusal: &Refusal) {
        let now = self.shared.clock.now();
        let size_bytes = request.destination.backup.buffering_hints.size_bytes;
        let mut rest: &[Record] = &request.records;
        while !rest.is_empty() {
            let line_bytes = rest.iter().map(|record| record.bytes() * 4 / 3 + refusal.message.len() as u64 + 350);
            let (records, later) = rest.split_at(crate::buffer::batch_length(line_bytes, size_bytes));
            let mut lines = Vec::new();
            for record in records {
                let attempts_made = request.attempts;
                let failed = FailedRecord { record, attempts_made, refusal, attempt_ending: now };
                http_endpoint::write_line(&mut lines, &failed, self.shared.shard);
            }
            let parcel = Parcel {
                to: To::Main,
                holds: Holds::Errors(ErrorOutputType::HttpEndpointFailed),
                body: Arc::new([lines.into()]),
                oldest: oldest(records, now),
                records: records.len() as u64,
                target: |bucket, key| Target::FailedDocuments { bucket, key },
            };
            self.store(parcel).await;
            self.shared.end(self.id, records, Fate::Failed);
            rest = later;
        }
    }

    fn note_request(&self, request: &Request<'_>, outcome: Outcome) {
        let mut url = request.destination.url.clone();
        url.set_query(None);
        if url.set_username("").and_then(|()| url.set_password(None)).is_err() {
            tracing::debug!("an address without a host has no user");
        }
        self.shared.note_attempt(DeliveryAttempt {
            at: self.shared.clock.now(),
            target: Target::Endpoint { url: url.to_string() },
            records: request.records.len() as u64,
            bytes: request.records.iter().map(Record::bytes).sum(),
            attempt: request.attempts,
            outcome,
        });
    }
}
