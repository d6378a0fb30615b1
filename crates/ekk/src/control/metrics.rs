//! The metrics of all streams as Prometheus reads them: `CloudWatch`'s names of the namespace `AWS/Firehose` in snake case,
//! and the lines of the accounts.
//!
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{
    extract::State,
    http::{HeaderName, header::CONTENT_TYPE},
};
use ekk_delivery::Stream;
use serde_json::{Value, json};

use super::Control;

const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One value of one stream.
#[derive(Debug)]
struct Sample {
    labels: Vec<(&'static str, String)>,
    value: f64,
}

/// What is measured under one name.
#[derive(Debug)]
struct Family {
    help: String,
    /// `counter` or `gauge`.
    kind: &'static str,
    samples: Vec<Sample>,
}

pub(super) async fn metrics(State(control): State<Control>) -> ([(HeaderName, &'static str); 1], String) {
    let mut families = BTreeMap::new();
    for stream in control.delivery.streams() {
        collect(&stream, &mut families);
    }
    ([(CONTENT_TYPE, PROMETHEUS)], text(&families))
}

fn collect(stream: &Stream, families: &mut BTreeMap<String, Family>) {
    let (id, account) = (stream.spec().id.clone(), stream.account());
    let throttled = ("ThrottledRecords".to_owned(), "Count".to_owned(), float(account.refused_at_put));
    let measured = stream.metrics().into_iter().map(|metric| (metric.name, format!("{:?}", metric.unit), metric.value));
    for (name, unit, value) in measured.chain([throttled]) {
        let family = families.entry(format!("aws_firehose_{}", snake(&name))).or_insert_with(|| Family {
            help: format!("{name} of the namespace AWS/Firehose ({unit})"),
            kind: kind_of(&name),
            samples: Vec::new(),
        });
        family.samples.push(Sample { labels: vec![("delivery_stream_name", id.clone())], value });
    }
    let Value::Object(lines) = json!(account) else { return };
    let family = families.entry("ekk_account".to_owned()).or_insert_with(|| Family {
        help: "what became of the records of a stream, by the lines of its account".to_owned(),
        kind: "gauge",
        samples: Vec::new(),
    });
    for (line, value) in lines {
        let labels = vec![("delivery_stream_name", id.clone()), ("line", line)];
        family.samples.push(Sample { labels, value: value.as_f64().unwrap_or_default() });
    }
}

/// Ratios and ages go up and down, all else only grows.
fn kind_of(name: &str) -> &'static str {
    let moves =
        ["Success", "Freshness", "PartitionCount", "Exceeded", "Limit", "Throughput", "ExecuteProcessing.Duration"];
    if moves.iter().any(|end| name.ends_with(end)) { "gauge" } else { "counter" }
}

fn text(families: &BTreeMap<String, Family>) -> String {
    let mut out = String::new();
    for (name, Family { help, kind, samples }) in families {
        write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n").expect("a string takes what is written to it");
        for Sample { labels, value } in samples {
            let labels: Vec<String> =
                labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            writeln!(out, "{name}{{{}}} {value}", labels.join(",")).expect("a string takes what is written to it");
        }
    }
    out
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

/// A name of `CloudWatch`'s in snake case: `DeliveryToS3.DataFreshness` is `delivery_to_s3_data_freshness`.
fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, char) in chars.iter().enumerate() {
        if *char == '.' {
            out.push('_');
            continue;
        }
        let before = index.checked_sub(1).and_then(|index| chars.get(index));
        let after = chars.get(index + 1);
        let begins_word = char.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if begins_word {
            out.push('_');
        }
        out.push(char.to_ascii_lowercase());
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "values of Prometheus are doubles")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cloudwatch_become_names_of_prometheus() {
        for (name, expected) in [
            ("IncomingRecords", "incoming_records"),
            ("DeliveryToS3.DataFreshness", "delivery_to_s3_data_freshness"),
            ("DeliveryToAmazonOpenSearchService.Success", "delivery_to_amazon_open_search_service_success"),
            ("JQProcessing.Duration", "jq_processing_duration"),
            ("KMSKeyAccessDenied", "kms_key_access_denied"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn samples_of_one_metric_stand_together_under_its_type() {
        let sample = |stream: &str, value| Sample { labels: vec![("delivery_stream_name", stream.to_owned())], value };
        let family = Family {
            help: "IncomingRecords of the namespace AWS/Firehose (Count)".to_owned(),
            kind: "counter",
            samples: vec![sample("a", 2.0), sample("b\"\\", 0.5)],
        };
        assert_eq!(
            text(&BTreeMap::from([("aws_firehose_incoming_records".to_owned(), family)])),
            "# HELP aws_firehose_incoming_records IncomingRecords of the namespace AWS/Firehose (Count)\n\
             # TYPE aws_firehose_incoming_records counter\n\
             aws_firehose_incoming_records{delivery_stream_name=\"a\"} 2\n\
             aws_firehose_incoming_records{delivery_stream_name=\"b\\\"\\\\\"} 0.5\n"
        );
    }
}
