//! All rules of a stack, asked by whoever may fail.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ekk_clock::Clock;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    CallEnd, CallFault, Destination, Effect, ErrorCode, Moment, Operation, RequestEnd, RequestFault, Rule, RuleError,
    random::Chance,
};

/// Rules that are kept at a time; a test has a handful.
const RULES: usize = 1_000;

/// The rules of a stack. Clones share them. Without any, asking costs one atomic load.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    clock: Clock,
    seed: u64,
    /// Whether there is any rule, so that nobody who asks has to wait for the lock to learn that there is none.
    any: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    last_id: u64,
    rules: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    rule: Rule,
    chance: Chance,
    hits: u64,
    until: Option<Timestamp>,
}

/// A rule that was added, and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Armed {
    /// The rule's number, from 1.
    pub id: u64,
    /// The rule.
    pub rule: Rule,
    /// How often it took effect.
    pub hits: u64,
    /// Whether it still can.
    pub state: State,
    /// Until when it holds, by the stack's clock, if it has a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Whether a rule still takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Armed,
    /// It has as often as it shall.
    Spent,
    /// Its time is over.
    Over,
}

impl Faults {
    /// No rules yet; those that are added take their time from `clock` and their chance from `seed`.
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self { inner: Arc::new(Inner { clock, seed, ..Inner::default() }) }
    }

    /// Adds a rule and answers its id. It holds from now on, beside those that were added before; where several rules would
    /// end a call, the oldest does.
    ///
    /// # Errors
    /// [`RuleError`] names what is wrong in the rule. No more than 1,000 are kept.
    pub fn add(&self, rule: Rule) -> Result<u64, RuleError> {
        rule.check()?;
        let mut kept = self.lock();
        if kept.rules.len() == RULES {
            return Err(RuleError::new("", format!("there are {RULES} rules already: delete some")));
        }
        kept.last_id += 1;
        let id = kept.last_id;
        let lasts = rule.for_secs.map(|secs| Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX));
        let until = lasts.map(|lasts| self.inner.clock.now().saturating_add(lasts).unwrap_or(Timestamp::MAX));
        kept.rules.insert(id, Entry { rule, chance: Chance::new(self.inner.seed, id), hits: 0, until });
        self.inner.any.store(true, Ordering::Release);
        Ok(id)
    }

    /// Takes a rule away; false when there is none of this id.
    pub fn remove(&self, id: u64) -> bool {
        let mut kept = self.lock();
        let found = kept.rules.remove(&id).is_some();
        self.inner.any.store(!kept.rules.is_empty(), Ordering::Release);
        found
    }

    /// Takes all rules away. The next one is number 1 again, with the chance that the first one had.
    pub fn clear(&self) {
        let mut kept = self.lock();
        *kept = Kept::default();
        self.inner.any.store(false, Ordering::Release);
    }

    /// All rules, also those that are spent, by id.
    pub fn list(&self) -> Vec<Armed> {
        let now = self.inner.clock.now();
        let kept = self.lock();
        let armed = |(id, entry): (&u64, &Entry)| Armed {
            id: *id,
            rule: entry.rule.clone(),
            hits: entry.hits,
            state: entry.state(now),
            until: entry.until,
        };
        kept.rules.iter().map(armed).collect()
    }

    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        !self.inner.any.load(Ordering::Relaxed)
    }

    /// What happens to a call of the API. `stream` answers the name that the call is about, if it is about one.
    pub fn call(&self, called: Operation, stream: impl FnOnce() -> Option<String>) -> CallFault {
        let mut fault = CallFault::default();
        if self.is_empty() {
            return fault;
        }
        let stream = stream();
        let now = self.inner.clock.now();
        for entry in self.lock().rules.values_mut() {
            let acts = entry.rule.operation.is_some_and(|operation| operation.covers(called));
            if !acts || !entry.is_for(stream.as_deref()) || matches!(entry.rule.effect, Effect::FailRecords(_)) {
                continue;
            }
            if entry.strikes(now) {
                entry.hits += 1;
                fault.end = match &entry.rule.effect {
                    Effect::Answer(answer) => Some(CallEnd::Answer(answer.clone())),
                    Effect::DropConnection(Moment::BeforeWork) => Some(CallEnd::DropBeforeWork),
                    Effect::DropConnection(Moment::AfterWork) => Some(CallEnd::DropAfterWork),
                    Effect::DelaySecs(secs) => {
                        fault.delay += seconds(*secs);
                        None
                    }
                    Effect::FailRecords(_) | Effect::FailItems(_) | Effect::Status(_) | Effect::Gone => None,
                };
                if fault.end.is_some() {
                    break;
                }
            }
        }
        fault
    }

    /// Which of the `count` records of a put to `stream` are not taken: places from 0 in ascending order, with their
    /// codes.
    pub fn records(&self, called: Operation, stream: &str, count: usize) -> Vec<(usize, ErrorCode)> {
        let mut failed = BTreeMap::new();
        if self.is_empty() {
            return Vec::new();
        }
        let now = self.inner.clock.now();
        for entry in self.lock().rules.values_mut() {
            let Effect::FailRecords(fail) = entry.rule.effect else { continue };
            let acts = entry.rule.operation.is_some_and(|operation| operation.covers(called));
            if acts && entry.is_for(Some(stream)) && entry.strikes(now) {
                let places = entry.chance.places(fail.records, count);
                entry.hits += u64::from(!places.is_empty());
                for place in places {
                    failed.entry(place).or_insert(fail.code);
                }
            }
        }
        failed.into_iter().collect()
    }

    /// What happens to a request of `stream` to a destination, which has so many `items`.
    pub fn request(&self, asked: Destination, stream: &str, items: usize) -> RequestFault {
        let mut fault = RequestFault::default();
        if self.is_empty() {
            return fault;
        }
        let now = self.inner.clock.now();
        for (id, entry) in &mut self.lock().rules {
            if entry.rule.destination != Some(asked) || !entry.is_for(Some(stream)) || !entry.strikes(now) {
                continue;
            }
            let end = match entry.rule.effect {
                Effect::DelaySecs(secs) => {
                    entry.hits += 1;
                    fault.delay += seconds(secs);
                    fault.rule = *id;
                    continue;
                }
                Effect::FailItems(fail) => {
                    let places = entry.chance.places(fail.items, items);
                    if places.is_empty() {
                        continue;
                    }
                    RequestEnd::Items { places, status: fail.status }
                }
                Effect::Status(status) => RequestEnd::Status(status),
                Effect::DropConnection(Moment::BeforeWork) => RequestEnd::DropBeforeWork,
                Effect::DropConnection(Moment::AfterWork) => RequestEnd::DropAfterWork,
                Effect::Gone => RequestEnd::Gone,
                Effect::FailRecords(_) | Effect::Answer(_) => continue,
            };
            entry.hits += 1;
            fault.end = Some(end);
            fault.rule = *id;
            break;
        }
        fault
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.inner.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_for(&self, stream: Option<&str>) -> bool {
        self.rule.stream.is_none() || self.rule.stream.as_deref() == stream
    }

    fn state(&self, now: Timestamp) -> State {
        if self.rule.times.is_some_and(|times| self.hits >= times) {
            State::Spent
        } else if self.until.is_some_and(|until| now >= until) {
            State::Over
        } else {
            State::Armed
        }
    }

    /// Whether it takes effect now, by its budget and by chance.
    fn strikes(&mut self, now: Timestamp) -> bool {
        self.state(now) == State::Armed && self.chance.happens(self.rule.probability)
    }
}

fn seconds(secs: f64) -> Duration {
    Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests;
