//! The workers of one lane: begins one for each request, in the order of the records, several at a time.
//!
//! While one of them waits for its next attempt, no other is begun: what is in trouble is not pressed further, and what
//! comes later does not overtake it by more than was under way already. That keeps the order for each document, because no
//! two requests have the same one. What ends ahead of an older record is not delivered again after a restart
//! (`queue::way`).

use std::{collections::VecDeque, sync::Arc};

use futures_util::{StreamExt, stream::FuturesUnordered};
use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::{Clients, ClusterClient, Portion, TroubledSince, Worker};
use crate::{
    buffer, bulk, http_endpoint,
    limits::{BULK_BYTES, BYTES_UNDER_WAY, REQUESTS_AT_ONCE},
    queue::{Lane, Record},
    shared::{Batch, Next, Shared, WorkerId},
    spec::Destination,
};
use ekk_clock::Activity;

/// The workers of one lane.
pub(crate) struct Crew {
    lane: Lane,
    shared: Arc<Shared>,
    clients: Clients,
    cluster: ClusterClient,
    random: StdRng,
    tasks: TaskTracker,
    /// Rests when there is nothing to begin.
    activity: Activity,
    /// What is left of the last batch.
    portions: VecDeque<Portion>,
    /// Workers that were begun.
    begun: u64,
    /// Whose turn it is where the order counts.
    turn: Arc<watch::Sender<u64>>,
}

/// What to do besides waiting for those who work.
enum Begin {
    Portion(Portion),
    WaitUntil(Option<Timestamp>),
}

impl Crew {
    pub(crate) fn new(lane: Lane, shared: Arc<Shared>, clients: Clients, random: StdRng, tasks: TaskTracker) -> Self {
        let activity = shared.clock.activity();
        Self {
            lane,
            shared,
            clients,
            cluster: ClusterClient::default(),
            random,
            tasks,
            activity,
            portions: VecDeque::new(),
            begun: 0,
            turn: Arc::default(),
        }
    }

    /// Works until the stream is stopped.
    pub(crate) async fn run(mut self) {
        let stop = self.shared.stop.clone();
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.work() => {}
        }
    }

    async fn work(&mut self) {
        let mut under_way = FuturesUnordered::new();
        let mut bytes_under_way = 0;
        loop {
            let is_full = under_way.len() >= REQUESTS_AT_ONCE || bytes_under_way >= BYTES_UNDER_WAY;
            let due = match self.next(is_full) {
                Begin::Portion(portion) => {
                    bytes_under_way += portion.bytes();
                    under_way.push(self.worker().carry_out(portion));
                    continue;
                }
                Begin::WaitUntil(due) => due,
            };
            let wait = async {
                tokio::select! {
                    biased;
                    Some(done) = under_way.next(), if !under_way.is_empty() => Some(done),
                    () = self.shared.wake(self.lane).notified() => None,
                    () = self.shared.clock.sleep_until(due.unwrap_or(Timestamp::MAX)), if due.is_some() => None,
                }
            };
            if let Some(bytes) = self.activity.rest(due, wait).await {
                bytes_under_way -= bytes;
            }
        }
    }

    fn next(&mut self, is_full: bool) -> Begin {
        if is_full || self.shared.is_in_trouble(self.lane) {
            return Begin::WaitUntil(None);
        }
        if let Some(portion) = self.portions.pop_front() {
            return Begin::Portion(portion);
        }
        match self.shared.next(self.lane) {
            Next::Rest => Begin::WaitUntil(None),
            Next::WaitUntil(due) => Begin::WaitUntil(Some(due)),
            Next::Batch(batch) => {
                self.portions = portions(self.lane, batch);
                self.portions.pop_front().map_or(Begin::WaitUntil(None), Begin::Portion)
            }
        }
    }

    fn worker(&mut self) -> Worker {
        let id = WorkerId { lane: self.lane, number: self.begun };
        self.begun += 1;
        self.shared.begin(id);
        Worker {
            id,
            shared: self.shared.clone(),
            clients: self.clients.clone(),
            cluster: self.cluster.clone(),
            random: StdRng::seed_from_u64(self.random.random()),
            tasks: self.tasks.clone(),
            activity: self.shared.clock.activity(),
            turn: self.turn.clone(),
        }
    }
}

/// Cuts a batch into what goes into one request each.
fn portions(lane: Lane, batch: Batch) -> VecDeque<Portion> {
    let Batch { spec, plan, records, partition } = batch;
    let troubled_since = TroubledSince::default();
    let length = |records: &[Record]| match (&spec.destination, lane) {
        (Destination::OpenSearch(destination), Lane::Destination) => {
            let framed = records.iter().map(|record| bulk::framed_bytes(destination, record.data.len()) as u64);
            buffer::batch_length(framed, BULK_BYTES)
        }
        (Destination::HttpEndpoint(_), Lane::Destination) => http_endpoint::request_length(records),
        _ => records.len(),
    };
    let mut portions = VecDeque::new();
    let mut rest = records;
    while !rest.is_empty() {
        let later = rest.split_off(length(&rest));
        portions.push_back(Portion {
            spec: spec.clone(),
            plan: plan.clone(),
            records: rest,
            partition: partition.clone(),
            troubled_since: troubled_since.clone(),
        });
        rest = later;
    }
    portions
}
