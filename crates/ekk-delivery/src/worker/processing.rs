//! Taking records through the processors: what `processing::Plan` decides, invocations of the function
//! with their retries, and the error prefixes for what failed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    Portion, Worker,
    object::{Parcel, To},
};
use crate::{
    error_log,
    journal::{DeliveryAttempt, Outcome, Target},
    key::{ErrorOutputType, Holds, random_uuid},
    limits::ACTIVE_PARTITIONS,
    processing::{
        FailedPiece, Failure, Piece, Plan, Unpacked,
        lambda::{self, Answered, InvokeError},
        write_line,
    },
    queue::{Fate, Record},
    retry,
    shared::{Processed, Trouble, oldest},
    spec::{LambdaProcessor, StreamSpec},
};

/// What the processors have made of a batch so far.
#[derive(Default)]
struct Results {
    waiting: Vec<(String, Record)>,
    dropped: Vec<Record>,
    failed: Vec<FailedPiece>,
}

impl Worker {
    /// Takes records through the processors and into the buffers of the destination, where they come in their order.
    pub(super) async fn process(&mut self, portion: Portion) {
        let Portion { spec, plan, records, .. } = portion;
        let bytes = records.iter().map(|record| record.data.len()).sum();
        let indices: Vec<u64> = records.iter().map(|record| record.index).collect();
        let (pieces, mut results) = self.unpack(&plan, records, bytes).await;
        let pieces = match plan.lambda() {
            Some(function) => self.transform(&spec, function, pieces, &mut results).await,
            None => pieces,
        };
        self.finish(&plan, pieces, bytes, &mut results).await;
        let failed = std::mem::take(&mut results.failed);
        self.shared.stage(by_record(&indices, results, &failed));
        self.pass_turn();
        self.store_failed(&spec, failed).await;
    }

    async fn unpack(&self, plan: &Arc<Plan>, records: Vec<Record>, bytes: usize) -> (Vec<Piece>, Results) {
        let plan = plan.clone();
        self.off_thread(bytes, move || {
            let (mut pieces, mut results) = (Vec::new(), Results::default());
            for record in records {
                match plan.unpack(record) {
                    Unpacked::Pieces(unpacked) => pieces.extend(unpacked),
                    Unpacked::Nothing(record) => results.dropped.push(record),
                    Unpacked::Failed(failed) => results.failed.push(*failed),
                }
            }
            (pieces, results)
        })
        .await
    }

    /// Finds partitions and appends delimiters, and waits for this worker's turn to fill buffers.
    async fn finish(&self, plan: &Arc<Plan>, pieces: Vec<Piece>, bytes: usize, results: &mut Results) {
        let plan_there = plan.clone();
        // A query may work for long on little.
        let cost = if plan.has_query() { usize::MAX } else { bytes };
        let began = self.shared.clock.now();
        let finished: Vec<Result<(String, Record), Box<FailedPiece>>> =
            self.off_thread(cost, move || pieces.into_iter().map(|piece| plan_there.finish(piece)).collect()).await;
        if plan.has_query() {
            let took = began.duration_until(self.shared.clock.now()).unsigned_abs();
            self.shared.measure(|meters| meters.note_jq(took));
        }
        self.wait_for_turn().await;
        let mut active = plan.partition().map(|_| self.shared.active_partitions());
        let mut exceeded = false;
        for result in finished {
            let (partition, record) = match result {
                Ok(finished) => finished,
                Err(failed) => {
                    results.failed.push(*failed);
                    continue;
                }
            };
            if let Some(active) = &mut active
                && !active.contains(&partition)
            {
                if active.len() >= ACTIVE_PARTITIONS {
                    exceeded = true;
                    let raw = record.data.clone();
                    results.failed.push(FailedPiece { record, raw, failure: Failure::active_partitions() });
                    continue;
                }
                active.insert(partition.clone());
            }
            results.waiting.push((partition, record));
        }
        if active.is_some() {
            self.shared.measure(|meters| meters.note_partitions_exceeded(exceeded));
        }
    }

    /// Invokes the function for as many pieces at once as one event takes.
    async fn transform(
        &mut self,
        spec: &StreamSpec,
        function: &LambdaProcessor,
        pieces: Vec<Piece>,
        results: &mut Results,
    ) -> Vec<Piece> {
        let mut transformed = Vec::new();
        let mut rest = pieces;
        while !rest.is_empty() {
            let later = rest.split_off(lambda::event_length(&rest));
            let Answered { ok, dropped, failed } = self.invoke(spec, function, rest).await;
            transformed.extend(ok);
            results.dropped.extend(dropped);
            results.failed.extend(failed);
            rest = later;
        }
        transformed
    }

    /// Invokes the function until it answers or its retries are used up.
    async fn invoke(&mut self, spec: &StreamSpec, function: &LambdaProcessor, pieces: Vec<Piece>) -> Answered {
        let shard = self.shared.shard;
        let invocation_id = random_uuid(&mut self.random).hyphenated().to_string();
        let event = lambda::event(&spec.arn, &invocation_id, &pieces, shard);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let flushes = self.shared.flushes();
            let began = self.shared.clock.now();
            let invocation = self.clients.lambda.invoke(&function.arn, event.clone());
            let invoked = self.invoke_function(invocation).await;
            let now = self.shared.clock.now();
            let took = began.duration_until(now).unsigned_abs();
            let error = match invoked {
                Ok(response) => {
                    self.note_invocation(function, &pieces, (attempt, event.len()), Outcome::Delivered);
                    return self.read(spec, function, (response, pieces), (attempt, took));
                }
                Err(error) => error,
            };
            let failure = error.failure(&function.arn, attempt);
            error_log::write(spec, &failure.code, &failure.message, Some(&function.arn));
            let reason = format!("{}: {}", failure.code, failure.message);
            if attempt > function.number_of_retries {
                self.note_invocation(function, &pieces, (attempt, event.len()), Outcome::GaveUp { reason });
                self.shared.measure(|meters| meters.note_invocation(took, 0, 0));
                return give_up(pieces, &error, &function.arn, attempt);
            }
            let next = now.saturating_add(retry::pause(attempt, self.jitter())).unwrap_or(jiff::Timestamp::MAX);
            let outcome = Outcome::Retried { reason: reason.clone(), next };
            self.note_invocation(function, &pieces, (attempt, event.len()), outcome);
            self.shared.note_trouble(self.id, Trouble { reason, next });
            self.pause_until(next, flushes).await;
            self.shared.note_retry(self.id);
        }
    }

    fn read(
        &self,
        spec: &StreamSpec,
        function: &LambdaProcessor,
        (response, pieces): (Bytes, Vec<Piece>),
        (attempt, took): (u32, Duration),
    ) -> Answered {
        let answered = lambda::read_response(&function.arn, &response, pieces, self.shared.shard, attempt);
        let records = (answered.ok.len() + answered.dropped.len()) as u64;
        let bytes = answered.ok.iter().map(|piece| piece.record.bytes()).sum();
        self.shared.measure(|meters| meters.note_invocation(took, records, bytes));
        self.shared.note_success(self.id);
        if let Some(first) = answered.failed.first() {
            error_log::write(spec, &first.failure.code, &first.failure.message, Some(&function.arn));
        }
        answered
    }

    fn note_invocation(
        &self,
        function: &LambdaProcessor,
        pieces: &[Piece],
        (attempt, bytes): (u32, usize),
        outcome: Outcome,
    ) {
        self.shared.note_attempt(DeliveryAttempt {
            at: self.shared.clock.now(),
            target: Target::Function { arn: function.arn.clone() },
            records: pieces.len() as u64,
            bytes: bytes as u64,
            attempt,
            outcome,
        });
    }

    /// Writes what failed to S3, each kind under its own prefix, and then counts it as failed.
    async fn store_failed(&mut self, spec: &StreamSpec, failed: Vec<FailedPiece>) {
        let ended = self.shared.clock.now();
        let mut kinds: BTreeMap<ErrorOutputType, Vec<FailedPiece>> = BTreeMap::new();
        for piece in failed {
            kinds.entry(piece.failure.error_output_type).or_default().push(piece);
        }
        for (kind, failed) in kinds {
            if let Some(first) = failed.first().filter(|first| first.failure.lambda_arn.is_none()) {
                error_log::write(spec, &first.failure.code, &first.failure.message, None);
            }
            let mut lines = Vec::new();
            for piece in &failed {
                write_line(&mut lines, piece, ended);
            }
            let records: Vec<Record> = failed.into_iter().map(|piece| piece.record).collect();
            let parcel = Parcel {
                to: To::Main,
                holds: Holds::Errors(kind),
                body: Arc::new([lines.into()]),
                oldest: oldest(&records, ended),
                records: records.len() as u64,
                target: |bucket, key| Target::ProcessingFailed { bucket, key },
            };
            self.store(parcel).await;
            self.shared.end(self.id, &records, Fate::ProcessingFailed);
        }
    }
}

fn give_up(pieces: Vec<Piece>, error: &InvokeError, arn: &str, attempts: u32) -> Answered {
    let failure = error.failure(arn, attempts);
    let failed = pieces.into_iter().map(|piece| piece.fail(failure.clone())).collect();
    Answered { failed, ..Answered::default() }
}

/// Gathers what became of each record of a batch; what failed ends later, when it is in S3.
fn by_record(indices: &[u64], results: Results, failed: &[FailedPiece]) -> Vec<Processed> {
    let mut records: BTreeMap<u64, Processed> = indices
        .iter()
        .map(|index| (*index, Processed { index: *index, pieces: 0, waiting: Vec::new(), dropped: Vec::new() }))
        .collect();
    for (partition, record) in results.waiting {
        if let Some(processed) = records.get_mut(&record.index) {
            processed.pieces += 1;
            processed.waiting.push((partition, record));
        }
    }
    for record in results.dropped {
        if let Some(processed) = records.get_mut(&record.index) {
            processed.pieces += 1;
            processed.dropped.push(record);
        }
    }
    for piece in failed {
        if let Some(processed) = records.get_mut(&piece.record.index) {
            processed.pieces += 1;
        }
    }
    records.into_values().collect()
}
