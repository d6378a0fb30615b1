//! Why a page is empty: the reason, and where there is something to see instead.

use jiff::Timestamp;

use crate::{
    fields::Kind,
    opensearch::{Aggregation, SearchAnswer, whole},
    query::{FIRST, IN_RANGE, LAST, MATCHING},
    time_range::Instants,
};

/// Why nothing is shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Empty {
    /// No index matches the pattern: nothing was delivered yet.
    NoIndex,
    /// The time field is missing, or is of this kind instead of a date.
    NoTimeField(Option<Kind>),
    /// The indices hold no record with a time.
    NoRecord,
    /// Records match at other times.
    OutsideRange { matching: u64, ends: Instants },
    /// The range has records, the query and filters exclude all of them.
    QueryExcludes { in_range: u64 },
    /// Neither the range nor the query has records of its own; the pattern has.
    Neither { all: u64, ends: Instants },
}

impl Empty {
    /// Reads the answer to [`crate::query::reasons`].
    pub(crate) fn of(answer: &SearchAnswer) -> Self {
        let parts = answer.aggregations.get(MATCHING);
        let part = |name| parts.and_then(|parts| parts.bucket(name));
        let in_range = part(IN_RANGE).map_or(0, |bucket| bucket.doc_count);
        if in_range > 0 {
            return Self::QueryExcludes { in_range };
        }
        if let Some(matching) = part(MATCHING)
            && let (Some(first), Some(last)) = (matching.inner(FIRST), matching.inner(LAST))
            && let Some(ends) = ends(&first, &last)
        {
            return Self::OutsideRange { matching: matching.doc_count, ends };
        }
        match (answer.aggregations.get(FIRST), answer.aggregations.get(LAST)) {
            (Some(first), Some(last)) => {
                ends(first, last).map_or(Self::NoRecord, |ends| Self::Neither { all: answer.hits.count(), ends })
            }
            _ => Self::NoRecord,
        }
    }
}

/// The range from the first to just after the last record, if there are any.
fn ends(first: &Aggregation, last: &Aggregation) -> Option<Instants> {
    let millis = |aggregation: &Aggregation| whole(&serde_json::Value::from(aggregation.value?));
    let from = Timestamp::from_millisecond(millis(first)?).ok()?;
    let to = Timestamp::from_millisecond(millis(last)?.checked_add(1)?).ok()?;
    (from < to).then_some(Instants { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(all: u64, matching: (u64, &str), in_range: u64, expected: &Empty) {
        let ends = matching.1;
        let answer = format!(
            r#"{{"hits":{{"total":{{"value":{all}}},"hits":[]}},"aggregations":{{"first":{{"value":1000.0}},"last":{{"value":2000.0}},
            "matching":{{"buckets":{{"in_range":{{"doc_count":{in_range},"first":{{"value":null}}}},
            "matching":{{"doc_count":{},{ends}}}}}}}}}}}"#,
            matching.0
        );
        assert_eq!(Empty::of(&serde_json::from_str(&answer).unwrap()), *expected);
    }

    fn instants(from: i64, to: i64) -> Instants {
        Instants { from: Timestamp::from_millisecond(from).unwrap(), to: Timestamp::from_millisecond(to).unwrap() }
    }

    #[test]
    fn the_reason_is_told_from_what_matches_without_range_and_without_query() {
        let none = r#""first":{"value":null},"last":{"value":null}"#;
        let some = r#""first":{"value":5.0},"last":{"value":5.0}"#;
        check(9, (0, none), 3, &Empty::QueryExcludes { in_range: 3 });
        check(9, (4, some), 0, &Empty::OutsideRange { matching: 4, ends: instants(5, 6) });
        check(9, (0, none), 0, &Empty::Neither { all: 9, ends: instants(1000, 2001) });
    }

    #[test]
    fn indices_without_records_are_empty() {
        let answer =
            r#"{"hits":{"total":{"value":0},"hits":[]},"aggregations":{"first":{"value":null},"last":{"value":null}}}"#;
        assert_eq!(Empty::of(&serde_json::from_str(answer).unwrap()), Empty::NoRecord);
    }
}
