//! Delivering a batch to a cluster: bulk requests, their outcome document by document, and the failed prefix for what the
//! index does not take.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;

use super::{
    TroubledSince, Worker,
    object::{Parcel, To},
};
use crate::{
    buffer,
    bulk::{self, BulkAnswer, BulkBody, ItemAnswer},
    error_log,
    failed_document::{FailedDocument, write_line},
    journal::{DeliveryAttempt, Outcome, Target},
    key::{ErrorOutputType, Holds},
    limits::ERROR_BODY_BYTES,
    opensearch_client::{NoReply, OpenSearchClient, Reply},
    queue::{Fate, Record},
    retry::{Attempts, DocumentVerdict, RequestVerdict, judge_document, judge_request, next_attempt},
    rotation,
    shared::{Trouble, oldest},
    spec::{DefaultDocumentIdFormat, Destination, Flavour, OpenSearchDestination, StreamSpec},
};

/// Documents that are sent together until each is indexed or given up.
struct Request {
    /// Where the documents stand in the chunk.
    positions: Vec<usize>,
    attempts: Attempts,
    /// Whether an earlier attempt may have been carried out although it was not answered.
    may_have_arrived: bool,
}

/// A document that the index does not take.
struct Failure {
    position: usize,
    attempts_made: u32,
    code: String,
    message: Arc<str>,
    ended: Timestamp,
}

/// What one attempt came to.
enum Attempt {
    Answered(BulkAnswer),
    /// Something in the request is at fault.
    Refused(Reason),
    /// The cluster is in trouble.
    Troubled(Reason),
}

/// Why an attempt failed as a whole.
#[derive(Clone)]
struct Reason {
    code: String,
    message: Arc<str>,
    may_have_arrived: bool,
}

/// One chunk on its way: the records of a bulk request.
struct Chunk<'a> {
    spec: &'a Arc<StreamSpec>,
    destination: &'a OpenSearchDestination,
    records: Arc<[Record]>,
    failures: Vec<Failure>,
    troubled_since: TroubledSince,
}

impl Worker {
    /// Delivers records in one bulk request, or more if need be. They are finished when all of them are indexed or failed
    /// documents in S3.
    pub(super) async fn deliver_to_index(
        &mut self,
        spec: &Arc<StreamSpec>,
        destination: &OpenSearchDestination,
        records: Vec<Record>,
        troubled_since: TroubledSince,
    ) {
        let mut chunk = Chunk { spec, destination, records: records.into(), failures: Vec::new(), troubled_since };
        self.deliver_chunk(&mut chunk).await;
        self.store_failures(&mut chunk).await;
    }

    /// Sends the chunk until each document is indexed or has failed.
    async fn deliver_chunk(&mut self, chunk: &mut Chunk<'_>) {
        let since = chunk.troubled_since.get().unwrap_or_else(|| self.shared.clock.now());
        let mut requests = vec![Request {
            positions: (0..chunk.records.len()).collect(),
            attempts: Attempts { since, made: 0 },
            may_have_arrived: false,
        }];
        while let Some(mut request) = requests.pop() {
            request.attempts.made += 1;
            let flushes = self.shared.flushes();
            match self.attempt(chunk, &request).await {
                Attempt::Answered(answer) => {
                    requests.extend(self.sort_answer(chunk, request, answer, flushes).await);
                }
                Attempt::Refused(reason) if request.positions.len() > 1 => {
                    self.note_bulk(
                        chunk,
                        &request,
                        Outcome::Retried {
                            reason: format!("{}; sending it again in halves", reason.message),
                            next: self.shared.clock.now(),
                        },
                    );
                    self.shared.note_retry(self.id);
                    requests.extend(request.halves());
                }
                Attempt::Refused(reason) => {
                    chunk.troubled_since.set(None);
                    self.give_up(chunk, &request, &reason);
                }
                Attempt::Troubled(reason) => requests.extend(self.wait_out(chunk, request, reason, flushes).await),
            }
        }
    }

    /// Builds and sends one bulk request.
    async fn attempt(&mut self, chunk: &Chunk<'_>, request: &Request) -> Attempt {
        let body = self.body(chunk, request).await;
        let flavour = chunk.destination.flavour;
        let client = match self.cluster_client(chunk.destination) {
            Ok(client) => client,
            Err(reason) => return Attempt::Troubled(Reason::connection(flavour, reason)),
        };
        match self.send_bulk(&client, body, request.positions.len()).await {
            Ok(Reply { status: 200..=299, body }) => match bulk::read_answer(&body, request.positions.len()) {
                Ok(answer) => Attempt::Answered(answer),
                Err(message) => {
                    Attempt::Troubled(Reason { may_have_arrived: true, ..Reason::connection(flavour, message) })
                }
            },
            Ok(reply) => {
                let reason = Reason::of_reply(&reply);
                match judge_request(reply.status) {
                    RequestVerdict::Halve => Attempt::Refused(reason),
                    RequestVerdict::Retry => Attempt::Troubled(reason),
                }
            }
            Err(no_reply) => Attempt::Troubled(Reason::of_no_reply(flavour, no_reply)),
        }
    }

    async fn body(&self, chunk: &Chunk<'_>, request: &Request) -> Bytes {
        let records = chunk.records.clone();
        let positions = request.positions.clone();
        let shard = self.shared.shard;
        let spec = chunk.spec.clone();
        let bytes: usize =
            chunk.of(&positions).map(|record| bulk::framed_bytes(chunk.destination, record.data.len())).sum();
        self.off_thread(bytes, move || {
            let Destination::OpenSearch(destination) = &spec.destination else { return Bytes::new() };
            let mut body = BulkBody::with_capacity(destination, shard, bytes);
            positions.iter().filter_map(|position| records.get(*position)).for_each(|record| body.push(record));
            body.finish().into()
        })
        .await
    }

    /// Sorts the documents of an answered request; what the cluster has trouble with is answered for the next attempt,
    /// after the pause before it.
    async fn sort_answer(
        &mut self,
        chunk: &mut Chunk<'_>,
        request: Request,
        answer: BulkAnswer,
        flushes: watch::Receiver<()>,
    ) -> Option<Request> {
        let BulkAnswer::Items(items) = answer else {
            self.note_bulk(chunk, &request, Outcome::Delivered);
            self.note_indexed(chunk, &request.positions);
            chunk.troubled_since.set(None);
            return None;
        };
        let now = self.shared.clock.now();
        let (mut indexed, mut again, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        let (mut first_error, mut trouble) = (None, None);
        for (position, item) in request.positions.iter().copied().zip(items) {
            let verdict = judge_document(item.status);
            if verdict != DocumentVerdict::Indexed {
                first_error.get_or_insert_with(|| format!("{}: {}", item.status, item.error));
            }
            match verdict {
                DocumentVerdict::Indexed => indexed.push(position),
                DocumentVerdict::Retry => {
                    trouble.get_or_insert_with(|| bulk::in_words(&item.status.to_string(), &item.error));
                    again.push((position, item));
                }
                DocumentVerdict::Fail => failed.push(Failure::of_item(position, item, request.attempts, now)),
            }
        }
        self.note_indexed(chunk, &indexed);
        // A cluster that takes nothing but answers is in trouble as much as one that does not answer.
        let in_trouble = again.len() == request.positions.len();
        chunk.troubled_since.set(in_trouble.then(|| chunk.troubled_since.get().unwrap_or(request.attempts.since)));
        let next = next_attempt(request.attempts, chunk.destination.retry_duration, now, self.jitter());
        let outcome = match first_error {
            None => Outcome::Delivered,
            Some(reason) => Outcome::PartlyDelivered {
                retried: next.map_or(0, |_| again.len() as u64),
                failed: (failed.len() + next.map_or(again.len(), |_| 0)) as u64,
                reason,
            },
        };
        self.note_bulk(chunk, &request, outcome);
        chunk.failures.append(&mut failed);
        if again.is_empty() {
            return None;
        }
        let Some(next) = next else {
            let given_up =
                again.into_iter().map(|(position, item)| Failure::of_item(position, item, request.attempts, now));
            chunk.failures.extend(given_up);
            return None;
        };
        self.shared.note_trouble(self.id, Trouble { reason: trouble.unwrap_or_default(), next });
        self.pause_until(next, flushes).await;
        self.shared.note_retry(self.id);
        Some(Request { positions: again.into_iter().map(|(position, _)| position).collect(), ..request })
    }

    /// Waits for the next attempt at a request that failed as a whole, or gives its documents up.
    async fn wait_out(
        &mut self,
        chunk: &mut Chunk<'_>,
        mut request: Request,
        reason: Reason,
        flushes: watch::Receiver<()>,
    ) -> Option<Request> {
        chunk.troubled_since.set(chunk.troubled_since.get().or(Some(request.attempts.since)));
        let now = self.shared.clock.now();
        let Some(next) = next_attempt(request.attempts, chunk.destination.retry_duration, now, self.jitter()) else {
            self.give_up(chunk, &request, &reason);
            return None;
        };
        error_log::write(chunk.spec, &reason.code, &reason.message, None);
        self.note_bulk(chunk, &request, Outcome::Retried { reason: reason.message.to_string(), next });
        self.shared.note_trouble(self.id, Trouble { reason: bulk::in_words(&reason.code, &reason.message), next });
        self.pause_until(next, flushes).await;
        self.shared.note_retry(self.id);
        let newly_doubtful = reason.may_have_arrived && !request.may_have_arrived;
        if newly_doubtful && chunk.destination.document_id == DefaultDocumentIdFormat::NoDocumentId {
            self.shared.note_possible_duplicates(request.positions.len() as u64);
        }
        request.may_have_arrived |= reason.may_have_arrived;
        Some(request)
    }

    fn give_up(&self, chunk: &mut Chunk<'_>, request: &Request, reason: &Reason) {
        self.note_bulk(chunk, request, Outcome::GaveUp { reason: reason.message.to_string() });
        let ended = self.shared.clock.now();
        chunk.failures.extend(request.positions.iter().map(|position| Failure {
            position: *position,
            attempts_made: request.attempts.made,
            code: reason.code.clone(),
            message: reason.message.clone(),
            ended,
        }));
    }

    /// Writes the failed documents of a chunk to S3, in objects within the size hint of the backup.
    async fn store_failures(&mut self, chunk: &mut Chunk<'_>) {
        chunk.failures.sort_unstable_by_key(|failure| failure.position);
        let size_bytes = chunk.destination.backup.buffering_hints.size_bytes;
        let mut rest = chunk.failures.as_slice();
        while !rest.is_empty() {
            let line_bytes = rest.iter().map(|failure| chunk.line_bytes(failure));
            let (failures, later) = rest.split_at(buffer::batch_length(line_bytes, size_bytes));
            let mut body = Vec::new();
            for failure in failures {
                chunk.write_failure(&mut body, failure, self.shared.shard);
            }
            let records: Vec<Record> =
                failures.iter().filter_map(|failure| chunk.records.get(failure.position)).cloned().collect();
            let parcel = Parcel {
                to: To::Main,
                holds: Holds::Errors(ErrorOutputType::Documents(chunk.destination.flavour)),
                body: Arc::new([body.into()]),
                oldest: oldest(&records, self.shared.clock.now()),
                records: failures.len() as u64,
                target: |bucket, key| Target::FailedDocuments { bucket, key },
            };
            if let Some(first) = failures.first() {
                error_log::write(chunk.spec, &first.code, &first.message, None);
            }
            self.store(parcel).await;
            self.shared.end(self.id, &records, Fate::Failed);
            rest = later;
        }
    }

    fn cluster_client(&self, destination: &OpenSearchDestination) -> Result<OpenSearchClient, String> {
        let mut last = self.cluster.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((endpoint, client)) = &*last
            && *endpoint == destination.endpoint
        {
            return Ok(client.clone());
        }
        let client = self.clients.cluster(&destination.endpoint).map_err(|error| error.to_string())?;
        *last = Some((destination.endpoint.clone(), client.clone()));
        Ok(client)
    }

    fn note_indexed(&self, chunk: &Chunk<'_>, positions: &[usize]) {
        if positions.len() == chunk.records.len() {
            return self.shared.end(self.id, &chunk.records, Fate::Indexed);
        }
        let indexed: Vec<Record> = chunk.of(positions).cloned().collect();
        self.shared.end(self.id, &indexed, Fate::Indexed);
    }

    fn note_bulk(&self, chunk: &Chunk<'_>, request: &Request, outcome: Outcome) {
        self.shared.note_attempt(DeliveryAttempt {
            at: self.shared.clock.now(),
            target: Target::Index {
                index: chunk.of(&request.positions).next().map_or_else(String::new, |record| chunk.index_of(record)),
            },
            records: request.positions.len() as u64,
            bytes: chunk.of(&request.positions).map(Record::bytes).sum(),
            attempt: request.attempts.made,
            outcome,
        });
    }
}

impl Request {
    /// The same documents in two requests, the first half on top.
    fn halves(mut self) -> [Self; 2] {
        let second = self.positions.split_off(self.positions.len() / 2);
        [Self { positions: second, ..self }, self]
    }
}

impl Chunk<'_> {
    fn of<'a>(&'a self, positions: &'a [usize]) -> impl Iterator<Item = &'a Record> {
        positions.iter().filter_map(|position| self.records.get(*position))
    }

    fn index_of(&self, record: &Record) -> String {
        rotation::index_name(&self.destination.index_name, self.destination.rotation, record.arrival)
    }

    /// About how many bytes the line of a failed document takes.
    fn line_bytes(&self, failure: &Failure) -> u64 {
        const OTHER_MEMBERS: u64 = 350;
        let data = self.records.get(failure.position).map_or(0, Record::bytes);
        data * 4 / 3 + failure.message.len() as u64 + OTHER_MEMBERS
    }

    fn write_failure(&self, body: &mut Vec<u8>, failure: &Failure, shard: u32) {
        let Some(record) = self.records.get(failure.position) else { return };
        let document_id = match self.destination.document_id {
            DefaultDocumentIdFormat::FirehoseDefault => record.document_id(shard),
            DefaultDocumentIdFormat::NoDocumentId => String::new(),
        };
        write_line(
            body,
            &FailedDocument {
                flavour: self.destination.flavour,
                attempts_made: failure.attempts_made,
                arrival: record.arrival,
                error_code: &failure.code,
                error_message: &failure.message,
                attempt_ending: failure.ended,
                document_id: &document_id,
                index_name: &self.index_of(record),
                data: &record.data,
            },
        );
    }
}

impl Failure {
    fn of_item(position: usize, item: ItemAnswer, attempts: Attempts, ended: Timestamp) -> Self {
        Self {
            position,
            attempts_made: attempts.made,
            code: item.status.to_string(),
            message: item.error.into(),
            ended,
        }
    }
}

impl Reason {
    /// A reason of a cluster that gives no answer. AWS has `OS.` codes for these, and `ES.` ones for Elasticsearch.
    fn connection(flavour: Flavour, message: String) -> Self {
        Self::without_answer(flavour, "ConnectionFailed", message)
    }

    fn without_answer(flavour: Flavour, name: &str, message: String) -> Self {
        let family = match flavour {
            Flavour::OpenSearch | Flavour::OpenSearchServerless => "OS",
            Flavour::Elasticsearch => "ES",
        };
        Self { code: format!("{family}.{name}"), message: message.into(), may_have_arrived: false }
    }

    fn of_no_reply(flavour: Flavour, no_reply: NoReply) -> Self {
        let name = if no_reply.timed_out { "RequestTimeout" } else { "ConnectionFailed" };
        let may_have_arrived = no_reply.may_have_arrived;
        Self { may_have_arrived, ..Self::without_answer(flavour, name, no_reply.reason) }
    }

    fn of_reply(reply: &Reply) -> Self {
        let body = reply.body.get(..reply.body.len().min(ERROR_BODY_BYTES)).unwrap_or_default();
        Self {
            code: reply.status.to_string(),
            message: String::from_utf8_lossy(body).into(),
            may_have_arrived: matches!(reply.status, 500 | 502 | 504),
        }
    }
}
