//! The counts as counters of the `metrics` crate. They are moved on the shipper's thread, never on the program's.

use metrics::{Counter, Unit, counter, describe_counter};

use crate::counts::Counts;

/// A counter, and what it shows.
struct Shown {
    name: &'static str,
    /// The label `reason`, for records that were not sent.
    reason: Option<&'static str>,
    unit: Unit,
    description: &'static str,
    value: fn(&Counts) -> u64,
}

const UNSENT: &str = "firehose_shipper_unsent_records_total";

const fn shown(name: &'static str, unit: Unit, description: &'static str, value: fn(&Counts) -> u64) -> Shown {
    Shown { name, reason: None, unit, description, value }
}

const fn unsent(reason: &'static str, value: fn(&Counts) -> u64) -> Shown {
    let description = "Records that Firehose has not got, by reason.";
    Shown { name: UNSENT, reason: Some(reason), unit: Unit::Count, description, value }
}

const SHOWN: [Shown; 19] = [
    shown("firehose_shipper_offered_records_total", Unit::Count, "Records that the program sent.", |c| c.offered),
    shown("firehose_shipper_sent_records_total", Unit::Count, "Records that Firehose has taken.", |c| c.sent),
    shown("firehose_shipper_sent_bytes_total", Unit::Bytes, "Bytes of those, before base64.", |c| c.sent_bytes),
    shown("firehose_shipper_retried_records_total", Unit::Count, "Records sent again, each time.", |c| c.retried),
    shown("firehose_shipper_throttled_records_total", Unit::Count, "Records throttled, each time.", |c| c.throttled),
    shown("firehose_shipper_truncated_records_total", Unit::Count, "Records made shorter.", |c| c.truncated),
    shown("firehose_shipper_spilled_records_total", Unit::Count, "Records written to the disk.", |c| c.spilled),
    shown("firehose_shipper_saved_records_total", Unit::Count, "Records left for the next start.", |c| c.saved),
    shown("firehose_shipper_fallback_records_total", Unit::Count, "Records in the fallback.", |c| c.fallen_back),
    shown("firehose_shipper_calls_total", Unit::Count, "Calls that were begun.", |c| c.calls),
    shown("firehose_shipper_failed_calls_total", Unit::Count, "Calls that failed as a whole.", |c| c.failed_calls),
    unsent("queue_full", |c| c.unsent.queue_full),
    unsent("too_large", |c| c.unsent.too_large),
    unsent("refused", |c| c.unsent.refused),
    unsent("gave_up", |c| c.unsent.gave_up),
    unsent("unusable", |c| c.unsent.unusable),
    unsent("left", |c| c.unsent.left),
    unsent("damaged", |c| c.unsent.damaged),
    unsent("closed", |c| c.unsent.closed),
];

/// The counters of one shipper, labelled with where it ships to.
pub(crate) struct Meter {
    destination: String,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").field("destination", &self.destination).finish()
    }
}

impl Meter {
    pub(crate) fn new(destination: String) -> Self {
        for shown in &SHOWN {
            describe_counter!(shown.name, shown.unit, shown.description);
        }
        Self { destination }
    }

    /// Moves the counters by what has changed. The recorder is asked each time, for the program may install it late.
    pub(crate) fn add(&self, before: &Counts, now: &Counts) {
        for shown in &SHOWN {
            let change = (shown.value)(now).saturating_sub((shown.value)(before));
            if change > 0 {
                self.counter(shown).increment(change);
            }
        }
    }

    fn counter(&self, shown: &Shown) -> Counter {
        let destination = self.destination.clone();
        if let Some(reason) = shown.reason {
            counter!(shown.name, "destination" => destination, "reason" => reason)
        } else {
            counter!(shown.name, "destination" => destination)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        sync::{Arc, Mutex},
    };

    use metrics::{CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString};

    use super::*;

    type Sums = Arc<Mutex<BTreeMap<String, u64>>>;

    /// Adds up what counters are told.
    #[derive(Default)]
    struct Recording(Sums);

    struct OneCounter(Sums, String);

    impl CounterFn for OneCounter {
        fn increment(&self, value: u64) {
            *self.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
        }

        fn absolute(&self, value: u64) {
            self.0.lock().unwrap().insert(self.1.clone(), value);
        }
    }

    impl Recorder for Recording {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let name = format!("{}{{{}}}", key.name(), labels.join(","));
            Counter::from_arc(Arc::new(OneCounter(Arc::clone(&self.0), name)))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn counters_move_by_what_has_changed() {
        let recording = Recording::default();
        metrics::with_local_recorder(&recording, || {
            let meter = Meter::new("stream logs".into());
            let mut counts = Counts::default();
            for _ in 0..2 {
                let before = counts;
                counts.sent += 5;
                counts.sent_bytes += 50;
                counts.unsent.queue_full += 1;
                meter.add(&before, &counts);
            }
        });
        let sums: Vec<_> = recording.0.lock().unwrap().clone().into_iter().collect();
        let expected = [
            ("firehose_shipper_sent_bytes_total{destination=stream logs}", 100),
            ("firehose_shipper_sent_records_total{destination=stream logs}", 10),
            ("firehose_shipper_unsent_records_total{destination=stream logs,reason=queue_full}", 2),
        ];
        assert_eq!(sums, expected.map(|(name, sum)| (name.to_owned(), sum)));
    }
}
