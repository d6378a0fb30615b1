//! Aggregation results as OpenSearch prints them.

use ekk_engine::aggregation::{
    Aggregation, AggregationResult, AggregationResults, Bucket, BucketKey, ExtendedStats, FilterBucket,
    PercentileValue, RangeBucket, RangeEnd, Stats, TermsResult, TopHits,
};

use super::answer;
use crate::json::{Json, Object, java_double};

/// The results under their names, with the `meta` that the request gave them.
///
/// With `typed_keys` a name begins with its type: `sterms#level`.
pub(crate) fn to_json(results: &AggregationResults, requested: &[(String, Aggregation)], typed_keys: bool) -> Object {
    let mut object = Object::new();
    let print = Print { typed_keys };
    print.put_all(results, requested, &mut object);
    object
}

struct Print {
    typed_keys: bool,
}

impl Print {
    fn put_all(&self, results: &AggregationResults, requested: &[(String, Aggregation)], object: &mut Object) {
        for (name, result) in results {
            let asked = requested.iter().find(|(asked, _)| asked == name).map(|(_, aggregation)| aggregation);
            let inner = asked.map_or(&[][..], |aggregation| aggregation.aggregations.as_slice());
            let mut printed = Object::new();
            if let Some(meta) = asked.and_then(|aggregation| aggregation.meta.clone()) {
                printed.put("meta", serde_json::Value::Object(meta));
            }
            self.put_result(result, inner, &mut printed);
            let name = if self.typed_keys { format!("{}#{name}", result.type_name()) } else { name.clone() };
            object.put(name, printed);
        }
    }

    fn put_result(&self, result: &AggregationResult, inner: &[(String, Aggregation)], out: &mut Object) {
        match result {
            AggregationResult::Terms(terms) => self.put_terms(terms, inner, out),
            AggregationResult::Histogram { keyed, buckets, .. } => self.put_buckets(*keyed, buckets, inner, out),
            AggregationResult::Range { keyed, buckets, .. } => self.put_ranges(*keyed, buckets, inner, out),
            AggregationResult::Filters { keyed, buckets } => self.put_filters(*keyed, buckets, inner, out),
            AggregationResult::Single { doc_count, aggregations, .. } => {
                out.put("doc_count", *doc_count);
                self.put_all(aggregations, inner, out);
            }
            AggregationResult::Value { value, value_as_string, .. } => {
                out.put("value", number(*value));
                put_text(out, "value_as_string", value_as_string.as_ref());
            }
            AggregationResult::Count { value, .. } => out.put("value", *value),
            AggregationResult::Stats(stats) => put_stats(stats, out),
            AggregationResult::ExtendedStats(stats) => put_extended_stats(stats, out),
            AggregationResult::Percentiles { keyed, values, .. } => put_percentiles(*keyed, values, out),
            AggregationResult::TopHits(hits) => put_top_hits(hits, out),
            _ => {}
        }
    }

    fn put_terms(&self, terms: &TermsResult, inner: &[(String, Aggregation)], out: &mut Object) {
        out.put("doc_count_error_upper_bound", terms.doc_count_error_upper_bound);
        out.put("sum_other_doc_count", terms.sum_other_doc_count);
        let buckets: Vec<Json> = terms
            .buckets
            .iter()
            .map(|bucket| {
                let mut printed = bucket_head(bucket, false);
                if terms.show_term_doc_count_error {
                    printed.put("doc_count_error_upper_bound", 0);
                }
                self.put_all(&bucket.aggregations, inner, &mut printed);
                printed.into()
            })
            .collect();
        out.put("buckets", buckets);
    }

    /// Histograms print the key's text before the key.
    fn put_buckets(&self, keyed: bool, buckets: &[Bucket], inner: &[(String, Aggregation)], out: &mut Object) {
        let print = |bucket: &Bucket| {
            let mut printed = bucket_head(bucket, true);
            self.put_all(&bucket.aggregations, inner, &mut printed);
            printed
        };
        if keyed {
            let mut object = Object::new();
            for bucket in buckets {
                let key = bucket.key_as_string.clone().unwrap_or_else(|| key_text(&bucket.key));
                object.put(key, print(bucket));
            }
            out.put("buckets", object);
        } else {
            out.put("buckets", buckets.iter().map(|bucket| print(bucket).into()).collect::<Vec<Json>>());
        }
    }

    fn put_ranges(&self, keyed: bool, buckets: &[RangeBucket], inner: &[(String, Aggregation)], out: &mut Object) {
        let print = |bucket: &RangeBucket| {
            let mut printed = Object::new();
            if !keyed {
                printed.put("key", bucket.key.clone());
            }
            put_end(&mut printed, ("from", "from_as_string"), bucket.from.as_ref());
            put_end(&mut printed, ("to", "to_as_string"), bucket.to.as_ref());
            printed.put("doc_count", bucket.doc_count);
            self.put_all(&bucket.aggregations, inner, &mut printed);
            printed
        };
        if keyed {
            let mut object = Object::new();
            for bucket in buckets {
                object.put(bucket.key.clone(), print(bucket));
            }
            out.put("buckets", object);
        } else {
            out.put("buckets", buckets.iter().map(|bucket| print(bucket).into()).collect::<Vec<Json>>());
        }
    }

    fn put_filters(&self, keyed: bool, buckets: &[FilterBucket], inner: &[(String, Aggregation)], out: &mut Object) {
        let print = |bucket: &FilterBucket| {
            let mut printed = Object::new().with("doc_count", bucket.doc_count);
            self.put_all(&bucket.aggregations, inner, &mut printed);
            printed
        };
        if keyed {
            let mut object = Object::new();
            for bucket in buckets {
                object.put(bucket.key.clone().unwrap_or_default(), print(bucket));
            }
            out.put("buckets", object);
        } else {
            out.put("buckets", buckets.iter().map(|bucket| print(bucket).into()).collect::<Vec<Json>>());
        }
    }
}

fn bucket_head(bucket: &Bucket, text_first: bool) -> Object {
    let mut printed = Object::new();
    if text_first {
        put_text(&mut printed, "key_as_string", bucket.key_as_string.as_ref());
    }
    printed.put("key", key_json(&bucket.key));
    if !text_first {
        put_text(&mut printed, "key_as_string", bucket.key_as_string.as_ref());
    }
    printed.put("doc_count", bucket.doc_count);
    printed
}

fn put_text(out: &mut Object, name: &'static str, text: Option<&String>) {
    if let Some(text) = text {
        out.put(name, text.clone());
    }
}

fn key_json(key: &BucketKey) -> Json {
    match key {
        BucketKey::String(text) => text.clone().into(),
        BucketKey::Long(value) => (*value).into(),
        BucketKey::UnsignedLong(value) => (*value).into(),
        BucketKey::Double(value) => (*value).into(),
    }
}

fn key_text(key: &BucketKey) -> String {
    match key {
        BucketKey::String(text) => text.clone(),
        BucketKey::Long(value) => value.to_string(),
        BucketKey::UnsignedLong(value) => value.to_string(),
        BucketKey::Double(value) => java_double(*value),
    }
}

fn put_end(out: &mut Object, (name, text_name): (&'static str, &'static str), end: Option<&RangeEnd>) {
    match end {
        None => {}
        Some(RangeEnd::Number(value)) => out.put(name, *value),
        Some(RangeEnd::Ip(text)) => out.put(name, text.clone()),
        Some(RangeEnd::Date { millis, as_string }) => {
            out.put(name, *millis);
            out.put(text_name, as_string.clone());
        }
    }
}

fn number(value: Option<f64>) -> Json {
    value.map_or(Json::Null, Json::double)
}

fn put_stats(stats: &Stats, out: &mut Object) {
    out.put("count", stats.count);
    out.put("min", number(stats.min));
    out.put("max", number(stats.max));
    out.put("avg", number(stats.avg));
    out.put("sum", stats.sum);
    if let Some(text) = &stats.as_string {
        out.put("min_as_string", text.min.clone());
        out.put("max_as_string", text.max.clone());
        out.put("avg_as_string", text.avg.clone());
        out.put("sum_as_string", text.sum.clone());
    }
}

fn put_extended_stats(stats: &ExtendedStats, out: &mut Object) {
    put_stats(&stats.stats, out);
    for (name, value) in [
        ("sum_of_squares", stats.sum_of_squares),
        ("variance", stats.variance_population),
        ("variance_population", stats.variance_population),
        ("variance_sampling", stats.variance_sampling),
        ("std_deviation", stats.std_deviation_population),
        ("std_deviation_population", stats.std_deviation_population),
        ("std_deviation_sampling", stats.std_deviation_sampling),
    ] {
        out.put(name, number(value));
    }
    let population = stats.bounds(stats.std_deviation_population);
    let sampling = stats.bounds(stats.std_deviation_sampling);
    let (upper, lower) = (population.map(|bounds| bounds.0), population.map(|bounds| bounds.1));
    let bounds = Object::new()
        .with("upper", number(upper))
        .with("lower", number(lower))
        .with("upper_population", number(upper))
        .with("lower_population", number(lower))
        .with("upper_sampling", number(sampling.map(|bounds| bounds.0)))
        .with("lower_sampling", number(sampling.map(|bounds| bounds.1)));
    out.put("std_deviation_bounds", bounds);
}

fn put_percentiles(keyed: bool, values: &[PercentileValue], out: &mut Object) {
    if keyed {
        let mut object = Object::new();
        for value in values {
            let key = java_double(value.key);
            object.put(key.clone(), number(value.value));
            if let Some(text) = &value.value_as_string {
                object.put(format!("{key}_as_string"), text.clone());
            }
        }
        out.put("values", object);
        return;
    }
    let list: Vec<Json> = values
        .iter()
        .map(|value| {
            let mut printed = Object::new().with("key", value.key).with("value", number(value.value));
            put_text(&mut printed, "value_as_string", value.value_as_string.as_ref());
            printed.into()
        })
        .collect();
    out.put("values", list);
}

fn put_top_hits(hits: &TopHits, out: &mut Object) {
    let total = answer::total(hits.total);
    let list: Vec<Json> = hits.hits.iter().map(|hit| answer::hit(hit).into()).collect();
    let object = Object::new()
        .with("total", total)
        .with("max_score", hits.max_score.map_or(Json::Null, Json::float))
        .with("hits", list);
    out.put("hits", object);
}
