//! The names, ids and ARNs that resources have once they exist, as far as they can be known or made up before.
//!
//! What AWS would choose at random is derived from the stack and the resource's name in the file, so that a file means the
//! same resources each time it is read.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::Options;

/// Where resources are made.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) stack: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
}

/// A kind of resource that a delivery stream refers to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Bucket,
    Role,
    Domain,
    Collection,
    DataStream,
    Function,
    LogGroup,
    LogStream,
    Key,
    KeyAlias,
    Secret,
    DeliveryStream,
    KafkaCluster,
    Subnet,
    SecurityGroup,
    GlueDatabase,
    GlueTable,
}

impl<'a> Place<'a> {
    pub(crate) fn of(options: &'a Options) -> Self {
        Self { stack: &options.stack, region: &options.region, account: &options.account }
    }

    /// `aws`, or the partition of China or of the US government.
    pub(crate) fn partition(&self) -> &'static str {
        match self.region.split_once('-').map(|(start, rest)| (start, rest.starts_with("gov-"))) {
            Some(("cn", _)) => "aws-cn",
            Some(("us", true)) => "aws-us-gov",
            _ => "aws",
        }
    }

    pub(crate) fn url_suffix(&self) -> &'static str {
        if self.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
    }

    /// The ARN of a resource with the name or id `name`.
    pub(crate) fn arn(&self, kind: Kind, name: &str) -> String {
        let (partition, region, account) = (self.partition(), self.region, self.account);
        let regional =
            |service: &str, resource: &str| format!("arn:{partition}:{service}:{region}:{account}:{resource}{name}");
        match kind {
            Kind::Bucket => format!("arn:{partition}:s3:::{name}"),
            Kind::Role => format!("arn:{partition}:iam::{account}:role/{name}"),
            Kind::Domain => regional("es", "domain/"),
            Kind::Collection => regional("aoss", "collection/"),
            Kind::DataStream => regional("kinesis", "stream/"),
            Kind::Function => regional("lambda", "function:"),
            Kind::LogGroup => regional("logs", "log-group:") + ":*",
            Kind::LogStream => regional("logs", "log-group:*:log-stream:"),
            Kind::Key => regional("kms", "key/"),
            Kind::KeyAlias => regional("kms", ""),
            Kind::Secret => regional("secretsmanager", "secret:") + "-" + &self.letters(name, 6),
            Kind::DeliveryStream => regional("firehose", "deliverystream/"),
            Kind::KafkaCluster => regional("kafka", "cluster/") + "/" + &self.uuid(name) + "-1",
            Kind::Subnet => regional("ec2", "subnet/"),
            Kind::SecurityGroup => regional("ec2", "security-group/"),
            Kind::GlueDatabase => regional("glue", "database/"),
            Kind::GlueTable => regional("glue", "table/"),
        }
    }

    /// The name or id of a resource whose file leaves it to AWS.
    pub(crate) fn invented(&self, kind: Kind, logical: &str) -> String {
        match kind {
            Kind::Key => self.uuid(logical),
            Kind::Subnet => format!("subnet-0{}", self.hex(logical, 16)),
            Kind::SecurityGroup => format!("sg-0{}", self.hex(logical, 16)),
            Kind::Collection => self.letters(logical, 20).to_ascii_lowercase(),
            Kind::Bucket => self.composed(logical, 63).to_ascii_lowercase(),
            Kind::Domain => self.composed(logical, 28).to_ascii_lowercase(),
            Kind::GlueDatabase | Kind::GlueTable => self.composed(logical, 255).to_ascii_lowercase(),
            _ => self.composed(logical, 64),
        }
    }

    /// The host under which a domain answers on AWS.
    pub(crate) fn domain_host(&self, name: &str) -> String {
        let unique = self.letters(name, 26).to_ascii_lowercase();
        format!("search-{name}-{unique}.{}.es.{}", self.region, self.url_suffix())
    }

    /// The URL under which a collection answers on AWS.
    pub(crate) fn collection_url(&self, id: &str) -> String {
        format!("https://{id}.{}.aoss.{}", self.region, self.url_suffix())
    }

    pub(crate) fn stack_id(&self) -> String {
        let (partition, region, account, stack) = (self.partition(), self.region, self.account, self.stack);
        format!("arn:{partition}:cloudformation:{region}:{account}:stack/{stack}/{}", self.uuid(""))
    }

    /// `stack-Logical-1A2B3C4D5E6F`, in at most `longest` characters.
    fn composed(&self, logical: &str, longest: usize) -> String {
        let unique = self.letters(logical, 12);
        let allowed = |text: &str| -> String {
            text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
        };
        let readable: String = format!("{}-{}", allowed(self.stack), allowed(logical));
        let readable: String = readable.chars().take(longest - unique.len() - 1).collect();
        format!("{}-{unique}", readable.trim_matches('-'))
    }

    fn letters(&self, of: &str, count: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let digest = self.digest(of);
        digest.iter().take(count).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
    }

    fn hex(&self, of: &str, count: usize) -> String {
        let mut text = String::new();
        for byte in self.digest(of) {
            write!(text, "{byte:02x}").expect("a String takes what is written");
        }
        text.truncate(count);
        text
    }

    fn uuid(&self, of: &str) -> String {
        let hex = self.hex(of, 32);
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }

    fn digest(&self, of: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.stack).chain_update([0]).chain_update(of).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(region: &'static str) -> Place<'static> {
        Place { stack: "Logging", region, account: "123456789012" }
    }

    #[test]
    fn an_arn_has_the_form_of_its_service() {
        let place = place("eu-west-1");
        for (kind, expected) in [
            (Kind::Bucket, "arn:aws:s3:::x"),
            (Kind::Role, "arn:aws:iam::123456789012:role/x"),
            (Kind::Domain, "arn:aws:es:eu-west-1:123456789012:domain/x"),
            (Kind::Function, "arn:aws:lambda:eu-west-1:123456789012:function:x"),
            (Kind::LogGroup, "arn:aws:logs:eu-west-1:123456789012:log-group:x:*"),
            (Kind::DeliveryStream, "arn:aws:firehose:eu-west-1:123456789012:deliverystream/x"),
        ] {
            assert_eq!(place.arn(kind, "x"), expected);
        }
    }

    #[test]
    fn the_partition_follows_the_region() {
        for (region, expected) in [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")] {
            assert_eq!(place(region).partition(), expected);
        }
    }

    #[test]
    fn invented_names_stay_the_same_and_within_their_length() {
        let place = place("us-east-1");
        let name = place.invented(Kind::DeliveryStream, "AppLogs");
        assert_eq!(name, place.invented(Kind::DeliveryStream, "AppLogs"));
        assert!(name.starts_with("Logging-AppLogs-") && name.len() == 28, "{name}");
        let long = "L".repeat(300);
        assert_eq!(place.invented(Kind::DeliveryStream, &long).len(), 64);
        assert_eq!(place.invented(Kind::Bucket, &long).len(), 63);
        assert_eq!(place.invented(Kind::Domain, &long).len(), 28);
        assert!(
            !place
                .invented(Kind::Bucket, "Ärger_1")
                .contains(|letter: char| { !letter.is_ascii_lowercase() && !letter.is_ascii_digit() && letter != '-' })
        );
    }
}
