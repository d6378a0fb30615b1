//! Reads delivery streams out of the files in which people keep them, as requests of the Firehose API.
//!
//! Such a file is a `CreateDeliveryStream` request (or an array of them), a `CloudFormation` template, a template that the
//! CDK synthesized, or what `terraform show -json` prints of a plan or a state. References are resolved where the file
//! itself holds the answer, and anything else is an error that names its place. Nothing here sends a request or checks one
//! as AWS does; that is left to the API, so that its refusals are AWS's own.

mod cloudformation;
mod document;
mod error;
mod limits;
mod physical;
mod request;
mod terraform;

use std::collections::BTreeMap;

use serde_json::Value;

pub use crate::error::Error;

/// What a file does not say of itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the stack, from which the names of streams and other resources without one are made.
    pub stack: String,
    /// The region in ARNs, and `AWS::Region`.
    pub region: String,
    /// The account in ARNs, and `AWS::AccountId`; 12 digits.
    pub account: String,
    /// Values of the parameters of a `CloudFormation` template, which go before their defaults.
    pub parameters: BTreeMap<String, String>,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// One or more bodies of `CreateDeliveryStream`.
    Request,
    /// A `CloudFormation` template, written by hand or synthesized by the CDK.
    CloudFormation,
    /// The output of `terraform show -json`.
    Terraform,
}

/// What was found in a file.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What kind of file it is.
    pub format: Format,
    /// The streams, in the order of [`Stream::origin`]; at least one, and no two of one name.
    pub streams: Vec<Stream>,
}

/// One stream of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// `DeliveryStreamName` of the request.
    pub name: String,
    /// Where in the file it is, for instance `Resources.Logs` or `module.logs.aws_kinesis_firehose_delivery_stream.app`.
    pub origin: String,
    /// The body of `CreateDeliveryStream`.
    pub request: Value,
}

/// Reads the streams of a file.
///
/// # Errors
/// [`Error`] says what the text is not, or names the place that cannot be read or resolved.
pub fn read(text: &str, options: &Options) -> Result<Reading, Error> {
    let document = document::read(text)?;
    let (format, mut streams) = if terraform::is(&document) {
        (Format::Terraform, terraform::streams(&document, options)?)
    } else if cloudformation::is(&document) {
        (Format::CloudFormation, cloudformation::streams(&document, options)?)
    } else if !options.parameters.is_empty() && request::is(&document) {
        return Err(Error::NoParameters);
    } else if request::is(&document) {
        (Format::Request, request::streams(&document)?)
    } else {
        return Err(Error::Unrecognized(document::what_it_may_be(&document)));
    };
    streams.sort_by(|left, right| left.origin.cmp(&right.origin));
    different_names(&streams)?;
    if streams.is_empty() { Err(Error::NoStream) } else { Ok(Reading { format, streams }) }
}

/// The buckets that a `CreateDeliveryStream` request writes to, each once, in the order of their names.
pub fn buckets(request: &Value) -> Vec<String> {
    let mut buckets = Vec::new();
    collect_buckets(request, &mut buckets);
    buckets.sort();
    buckets.dedup();
    buckets
}

fn collect_buckets(value: &Value, buckets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(arn) if name == "BucketARN" => {
                        buckets.extend(arn.rsplit_once(":::").map(|(_, bucket)| bucket.to_owned()));
                    }
                    _ => collect_buckets(member, buckets),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_buckets(item, buckets)),
        _ => {}
    }
}

fn different_names(streams: &[Stream]) -> Result<(), Error> {
    let mut seen = BTreeMap::new();
    for stream in streams {
        if let Some(first) = seen.insert(&stream.name, &stream.origin) {
            let reason = format!("{} has the name {} too", first, stream.name);
            return Err(Error::at(&stream.origin, reason));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
