//! Results of `terms`.

use jiff::tz::TimeZone;

use super::{Finish, order, refused};
use crate::{
    aggregation::{
        AggregationResult, Aggregations, Bucket, BucketKey, TermsAggregation, TermsKind, TermsOrder, TermsResult,
        partial::{Key, OrderedDouble, Partial, PartialBucket, merge_sorted},
        plan::format_of,
    },
    mapping::{DateFormat, Field, FieldType},
    query::resolve::print_address,
    search::{Order, SearchError},
};

impl Finish<'_> {
    pub(super) fn terms(
        &self,
        terms: &TermsAggregation,
        inner: &Aggregations,
        partial: Option<Partial>,
    ) -> Result<AggregationResult, SearchError> {
        order::check(inner, &terms.order).map_err(refused)?;
        let field = self.field(&terms.field);
        let found = if let Some(Partial::Keyed(found)) = partial { alike(found) } else { Vec::new() };
        let mut buckets: Vec<_> =
            found.into_iter().filter(|(_, bucket)| bucket.doc_count >= terms.min_doc_count).collect();
        let by_count = [TermsOrder { by: "_count".to_owned(), order: Order::Desc }];
        let all: u64 = buckets.iter().map(|(_, bucket)| bucket.doc_count).sum();
        let by = if terms.order.is_empty() { &by_count } else { terms.order.as_slice() };
        order::sort(&mut buckets, inner, by, terms.size);
        let left_out = all - buckets.iter().map(|(_, bucket)| bucket.doc_count).sum::<u64>();
        self.count_buckets(buckets.len())?;
        let kind = kind_of(field, buckets.first().map(|(key, _)| key));
        let format = match field.map(|field| &field.kind) {
            Some(FieldType::Date { .. }) => Some(format_of(field, terms.format.as_deref()).map_err(refused)?),
            _ => None,
        };
        let buckets = buckets.into_iter().map(|(key, bucket)| {
            let (key, key_as_string) = print(key, kind, format.as_ref());
            let aggregations = self.all(inner, bucket.inner)?;
            Ok(Bucket { key, key_as_string, doc_count: bucket.doc_count, aggregations })
        });
        Ok(AggregationResult::Terms(TermsResult {
            kind,
            doc_count_error_upper_bound: 0,
            sum_other_doc_count: left_out,
            show_term_doc_count_error: terms.show_term_doc_count_error,
            buckets: buckets.collect::<Result<_, SearchError>>()?,
        }))
    }
}

/// Brings whole numbers to doubles when some index maps the field to doubles. Keys come in order, whole numbers first.
fn alike(mut found: Vec<(Key, PartialBucket)>) -> Vec<(Key, PartialBucket)> {
    let whole = found.partition_point(|(key, _)| matches!(key, Key::Long(_)));
    if whole == 0 || !found.iter().any(|(key, _)| matches!(key, Key::Double(_))) {
        return found;
    }
    let others = found.split_off(whole);
    #[expect(clippy::cast_precision_loss, reason = "the other index has doubles")]
    let doubles = found.into_iter().map(|(key, bucket)| match key {
        Key::Long(value) => (Key::Double(OrderedDouble(value as f64)), bucket),
        other => (other, bucket),
    });
    merge_sorted(doubles.collect(), others)
}

fn kind_of(field: Option<&Field>, first: Option<&Key>) -> TermsKind {
    match (field.map(|field| &field.kind), first) {
        (None, None) => TermsKind::Unmapped,
        (_, Some(Key::Double(_))) => TermsKind::Double,
        (Some(FieldType::UnsignedLong), _) | (None, Some(Key::UnsignedLong(_))) => TermsKind::UnsignedLong,
        (Some(kind), _) if kind.is_fraction() => TermsKind::Double,
        (Some(kind), _) if kind.is_whole_number() || matches!(kind, FieldType::Date { .. } | FieldType::Boolean) => {
            TermsKind::Long
        }
        (None, Some(Key::Long(_) | Key::Bool(_))) => TermsKind::Long,
        _ => TermsKind::String,
    }
}

fn print(key: Key, kind: TermsKind, format: Option<&DateFormat>) -> (BucketKey, Option<String>) {
    match (key, kind) {
        #[expect(clippy::cast_precision_loss, reason = "the other index has doubles")]
        (Key::Long(value), TermsKind::Double) => (BucketKey::Double(value as f64), None),
        (Key::Long(value), _) => (BucketKey::Long(value), format.map(|format| format.print(value, &TimeZone::UTC))),
        (Key::UnsignedLong(value), _) => (BucketKey::UnsignedLong(value), None),
        (Key::Double(value), _) => (BucketKey::Double(value.0), None),
        (Key::Bool(value), _) => (BucketKey::Long(i64::from(value)), Some(value.to_string())),
        (Key::Str(text), _) => (BucketKey::String(text.into()), None),
        (Key::Ip(address), _) => (BucketKey::String(print_address(address.into())), None),
    }
}
