//! The quotas of AWS, asked for by configuration: how fast a stream takes records, how often an operation is called, and
//! how many streams a region has.
//!
//! Rates are token buckets on the service's clock that hold one second's worth. Levels are counted in parts of 10⁹ of a
//! token, so that a refill by nanoseconds is exact. How a refusal looks is the subject of the operations.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    api::Operation,
    caller::Owner,
    limits::{self, PutRates},
};

/// Which quotas the service holds its callers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quotas {
    /// None: a stream takes what its queue holds, and operations are called as often as wanted. A pair of account and
    /// region has up to 5,000 streams. Wanted for tests of anything else.
    #[default]
    Unlimited,
    /// Those that AWS gives to a new account, by region: the rates of `PutRecord` and `PutRecordBatch`, 5 calls a second
    /// of every other operation, and the number of streams. Wanted to see a producer meet throttling.
    AwsLike,
}

impl Quotas {
    /// How many streams an account has in `region`.
    pub(crate) fn streams(self, region: &str) -> usize {
        match self {
            Self::Unlimited => limits::STREAMS,
            Self::AwsLike => limits::streams_of(region),
        }
    }

    /// The rates of a stream that is created `now` in `region`; none when they are not limited.
    pub(crate) fn put_quota(self, region: &str, now: Timestamp) -> Option<PutQuota> {
        (self == Self::AwsLike).then(|| PutQuota::full(limits::put_rates_of(region), now))
    }

    /// The rates of the other operations; none when they are not limited.
    pub(crate) fn call_quota(self) -> Option<CallQuota> {
        (self == Self::AwsLike).then(CallQuota::default)
    }
}

/// Parts of a token in a token: as many as nanoseconds in a second.
const PARTS: u64 = 1_000_000_000;

/// What is left of a rate.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens_a_second: u64,
    parts: u64,
    filled_at: Timestamp,
}

impl Bucket {
    fn full(tokens_a_second: u64, now: Timestamp) -> Self {
        Self { tokens_a_second, parts: tokens_a_second * PARTS, filled_at: now }
    }

    /// Adds what has come since the last time. A clock that is set back starts anew from there.
    fn refill(&mut self, now: Timestamp) {
        let elapsed = self.filled_at.duration_until(now).clamp(SignedDuration::ZERO, SignedDuration::from_secs(1));
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(0);
        self.parts = (self.parts + nanos * self.tokens_a_second).min(self.tokens_a_second * PARTS);
        self.filled_at = now;
    }

    fn has(&self, tokens: u64) -> bool {
        self.parts >= tokens * PARTS
    }

    fn take(&mut self, tokens: u64) {
        self.parts -= tokens * PARTS;
    }

    fn is_full_at(&self, now: Timestamp) -> bool {
        let mut then = *self;
        then.refill(now);
        then.has(self.tokens_a_second)
    }
}

/// What one stream may still take at the moment.
#[derive(Debug)]
pub(crate) struct PutQuota {
    buckets: Mutex<PutBuckets>,
}

#[derive(Debug)]
struct PutBuckets {
    requests: Bucket,
    records: Bucket,
    bytes: Bucket,
}

impl PutQuota {
    fn full(PutRates { records, requests, bytes }: PutRates, now: Timestamp) -> Self {
        let buckets = PutBuckets {
            requests: Bucket::full(requests, now),
            records: Bucket::full(records, now),
            bytes: Bucket::full(bytes, now),
        };
        Self { buckets: Mutex::new(buckets) }
    }

    /// How many records of a request are taken `now`, by the bytes of each: the first ones, up to the one that does not
    /// fit any more.
    pub(crate) fn admit(&self, record_bytes: impl Iterator<Item = usize>, now: Timestamp) -> usize {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let PutBuckets { requests, records, bytes } = &mut *buckets;
        for bucket in [&mut *requests, records, bytes] {
            bucket.refill(now);
        }
        if !requests.has(1) {
            return 0;
        }
        requests.take(1);
        let mut admitted = 0;
        for length in record_bytes {
            let length = length as u64;
            if !records.has(1) || !bytes.has(length) {
                break;
            }
            records.take(1);
            bytes.take(length);
            admitted += 1;
        }
        admitted
    }
}

/// How often each account may, in a region, still call each operation at the moment.
#[derive(Debug, Default)]
pub(crate) struct CallQuota {
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    buckets: HashMap<(Owner, Operation), Bucket>,
    /// With so many buckets those that are full are forgotten.
    crowd: usize,
}

impl CallQuota {
    /// Whether a call `now` is within the rate. Puts have no rate of their own but their stream's.
    pub(crate) fn admit(&self, owner: &Owner, operation: Operation, now: Timestamp) -> bool {
        if matches!(operation, Operation::PutRecord | Operation::PutRecordBatch) {
            return true;
        }
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.forget_full(now);
        let bucket = calls
            .buckets
            .entry((owner.clone(), operation))
            .or_insert_with(|| Bucket::full(limits::CALLS_A_SECOND, now));
        bucket.refill(now);
        let is_within = bucket.has(1);
        if is_within {
            bucket.take(1);
        }
        is_within
    }
}

impl Calls {
    /// A bucket that is full is as good as none, and all are after a second; so only a crowd is looked through.
    fn forget_full(&mut self, now: Timestamp) {
        if self.buckets.len() < self.crowd.max(limits::CALL_BUCKETS) {
            return;
        }
        self.buckets.retain(|_, bucket| !bucket.is_full_at(now));
        self.crowd = self.buckets.len() * 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn caller(number: usize) -> Owner {
        Owner { account: format!("{number:012}"), region: "us-east-1".to_owned() }
    }

    #[test]
    fn the_rates_are_those_of_the_region() {
        for region in ["us-east-1", "us-west-2", "eu-west-1"] {
            let rates = limits::put_rates_of(region);
            assert_eq!((rates.records, rates.requests, rates.bytes), (500_000, 2_000, 5 * 1024 * 1024), "{region}");
        }
        for region in ["us-east-2", "eu-central-1", "local"] {
            let rates = limits::put_rates_of(region);
            assert_eq!((rates.records, rates.requests, rates.bytes), (100_000, 1_000, 1024 * 1024), "{region}");
        }
    }

    #[test]
    fn the_number_of_streams_is_that_of_the_region() {
        let cases = [
            ("us-east-1", 5000),
            ("ap-northeast-1", 5000),
            ("eu-central-1", 2000),
            ("eu-north-1", 500),
            ("eu-south-2", 100),
        ];
        for (region, streams) in cases {
            assert_eq!(Quotas::AwsLike.streams(region), streams, "{region}");
            assert_eq!(Quotas::Unlimited.streams(region), 5000, "{region}");
        }
    }

    #[test]
    fn without_quotas_there_are_no_buckets() {
        assert!(Quotas::Unlimited.put_quota("us-east-1", at(0)).is_none());
        assert!(Quotas::Unlimited.call_quota().is_none());
    }

    #[test]
    fn bytes_are_taken_to_the_last_one_and_come_back_exactly() {
        let quota = PutQuota::full(PutRates { records: 1000, requests: 1000, bytes: 1000 }, at(0));
        assert_eq!(
            quota.admit([400, 400, 200, 0, 1, 0].into_iter(), at(0)),
            4,
            "an empty record fits when nothing else does"
        );
        assert_eq!(quota.admit([1].into_iter(), at(0)), 0);
        assert_eq!(quota.admit([1].into_iter(), at(1)), 1, "a thousandth of a second brings one byte");
        assert_eq!(quota.admit([1].into_iter(), at(1)), 0);
        assert_eq!(quota.admit([500, 500, 500].into_iter(), at(10_000)), 2, "a bucket holds one second's worth");
    }

    #[test]
    fn parts_of_a_token_are_not_lost_between_calls() {
        let mut bucket = Bucket::full(3, at(0));
        bucket.take(3);
        let mut taken = 0;
        for millis in 1..=1000 {
            bucket.refill(at(millis));
            if bucket.has(1) {
                bucket.take(1);
                taken += 1;
            }
        }
        assert_eq!((taken, bucket.parts), (3, 0));
    }

    #[test]
    fn requests_and_records_have_their_own_rates() {
        let quota = PutQuota::full(PutRates { records: 3, requests: 2, bytes: 1000 }, at(0));
        assert_eq!(quota.admit([1, 1, 1, 1].into_iter(), at(0)), 3);
        assert_eq!(quota.admit([1].into_iter(), at(0)), 0);
        assert_eq!(quota.admit([1].into_iter(), at(400)), 0, "the third request of a second when it allows two");
        assert_eq!(quota.admit([1].into_iter(), at(500)), 1);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_close_a_bucket() {
        let quota = PutQuota::full(PutRates { records: 1, requests: 10, bytes: 10 }, at(100_000));
        assert_eq!(quota.admit([1].into_iter(), at(100_000)), 1);
        assert_eq!(quota.admit([1].into_iter(), at(0)), 0);
        assert_eq!(quota.admit([1].into_iter(), at(1000)), 1);
    }

    #[test]
    fn an_operation_is_called_five_times_a_second_by_each_caller() {
        let quota = CallQuota::default();
        let call = |number, operation, millis| quota.admit(&caller(number), operation, at(millis));
        for _ in 0..5 {
            assert!(call(1, Operation::DescribeDeliveryStream, 0));
        }
        assert!(!call(1, Operation::DescribeDeliveryStream, 199));
        assert!(call(1, Operation::ListDeliveryStreams, 199), "operations do not share their rates");
        assert!(call(2, Operation::DescribeDeliveryStream, 199), "callers do not share their rates");
        assert!(call(1, Operation::DescribeDeliveryStream, 200));
        assert!((0..100).all(|_| call(1, Operation::PutRecord, 200)));
    }

    #[test]
    fn callers_that_were_quiet_for_a_second_are_forgotten() {
        let quota = CallQuota::default();
        for number in 0..limits::CALL_BUCKETS * 4 {
            let millis = i64::try_from(number).unwrap();
            assert!(quota.admit(&caller(number), Operation::ListDeliveryStreams, at(millis)));
        }
        assert!(quota.calls.lock().unwrap().buckets.len() <= limits::CALL_BUCKETS * 2);
    }
}
