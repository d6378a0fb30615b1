//! What an expression refers to, where a plan does not know its value yet.
//!
//! A plan tells the names that an expression holds, and not the expression itself. When it holds the attribute of one
//! resource of the plan, that is taken for its value; variables of modules and their outputs are followed.

use serde_json::Value;

use crate::{
    Error,
    limits::TERRAFORM_HOPS,
    physical::Kind,
    terraform::scope::{Document, Module, Resource},
};

/// A type of resource, what it is, and the attribute that holds its name.
const KNOWN: [(&str, Kind, &str); 17] = [
    ("aws_s3_bucket", Kind::Bucket, "bucket"),
    ("aws_iam_role", Kind::Role, "name"),
    ("aws_opensearch_domain", Kind::Domain, "domain_name"),
    ("aws_elasticsearch_domain", Kind::Domain, "domain_name"),
    ("aws_opensearchserverless_collection", Kind::Collection, "id"),
    ("aws_kinesis_stream", Kind::DataStream, "name"),
    ("aws_lambda_function", Kind::Function, "function_name"),
    ("aws_cloudwatch_log_group", Kind::LogGroup, "name"),
    ("aws_cloudwatch_log_stream", Kind::LogStream, "name"),
    ("aws_kms_key", Kind::Key, "key_id"),
    ("aws_kms_alias", Kind::KeyAlias, "name"),
    ("aws_secretsmanager_secret", Kind::Secret, "name"),
    ("aws_kinesis_firehose_delivery_stream", Kind::DeliveryStream, "name"),
    ("aws_msk_cluster", Kind::KafkaCluster, "cluster_name"),
    ("aws_subnet", Kind::Subnet, "id"),
    ("aws_security_group", Kind::SecurityGroup, "id"),
    ("aws_glue_catalog_database", Kind::GlueDatabase, "name"),
];

impl<'a> Document<'a> {
    /// The value of an expression of the configuration.
    pub(super) fn evaluate(&self, expression: &Value, module: &Module<'a>, path: &str) -> Result<Value, Error> {
        self.follow(expression, module, path, 0)
    }

    fn follow(&self, expression: &Value, module: &Module<'a>, path: &str, hops: usize) -> Result<Value, Error> {
        if hops >= TERRAFORM_HOPS {
            return Err(Error::at(path, "its references go too deep"));
        }
        if let Some(value) = expression.get("constant_value") {
            return Ok(value.clone());
        }
        let names = expression.get("references").and_then(Value::as_array).into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        let mut values = Vec::new();
        for name in most_specific(&names) {
            values.push(self.referred(name, module, path, hops)?);
        }
        match values.len() {
            0 => Err(Error::at(path, "it is not known before it is applied")),
            1 => Ok(values.swap_remove(0)),
            _ => Ok(Value::Array(values)),
        }
    }

    fn referred(&self, name: &str, module: &Module<'a>, path: &str, hops: usize) -> Result<Value, Error> {
        let unknown = || Error::at(path, format!("{name} is not known before it is applied"));
        let steps = steps(name);
        match steps.as_slice() {
            [Step { name: "var", .. }, variable, ..] => {
                let (Some(above), Some(given)) = (module.parent(), module.given(variable.name)) else {
                    return Err(unknown());
                };
                self.follow(given, &above, path, hops + 1)
            }
            [Step { name: "module", .. }, called, output, ..] => {
                let prefix = format!("{}module.{}{}.", module.prefix, called.name, called.index);
                let module = module.called(called.name, prefix);
                let given = module.output(output.name).ok_or_else(unknown)?;
                self.follow(given, &module, path, hops + 1)
            }
            [kind, resource, attribute, ..] => {
                let address = format!("{}{}.{}{}", module.prefix, kind.name, resource.name, resource.index);
                let found = self.resource(&address).ok_or_else(unknown)?;
                self.attribute(found, attribute.name).ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }

    /// The value of a resource's attribute: as planned, or as AWS will make it from the resource's name.
    fn attribute(&self, resource: &Resource<'_>, attribute: &str) -> Option<Value> {
        if let Some(value) = resource.values.get(attribute).filter(|value| !value.is_null()) {
            return Some(value.clone());
        }
        let (_, kind, name_attribute) = KNOWN.iter().find(|(kind, ..)| *kind == resource.kind)?;
        let text = |name: &str| resource.values.get(name).and_then(Value::as_str);
        let name = text(name_attribute).map(str::to_owned);
        let name = name.unwrap_or_else(|| self.place.invented(*kind, resource.address));
        match attribute {
            "arn" if *kind == Kind::Role => {
                let path = text("path").unwrap_or("/");
                Some(self.place.arn(*kind, &format!("{}{name}", path.strip_prefix('/').unwrap_or(path))))
            }
            // The provider cuts the `:*` off the ARN of a log group.
            "arn" => Some(self.place.arn(*kind, &name).trim_end_matches(":*").to_owned()),
            "qualified_arn" if *kind == Kind::Function => Some(self.place.arn(*kind, &name) + ":$LATEST"),
            "endpoint" if *kind == Kind::Domain => Some(self.place.domain_host(&name)),
            "collection_endpoint" if *kind == Kind::Collection => Some(self.place.collection_url(&name)),
            "id" if matches!(kind, Kind::Domain | Kind::DataStream | Kind::Secret) => {
                Some(self.place.arn(*kind, &name))
            }
            other if other == "id" || other == *name_attribute => Some(name),
            _ => None,
        }
        .map(Value::from)
    }
}

impl<'a> Module<'a> {
    /// What the call gives for a variable.
    fn given(&self, variable: &str) -> Option<&'a Value> {
        self.call.get("expressions")?.get(variable)
    }

    /// The expression of an output.
    fn output(&self, name: &str) -> Option<&'a Value> {
        self.configuration.get("outputs")?.get(name)?.get("expression")
    }

    fn parent(&self) -> Option<Self> {
        let (last, before) = self.above.split_last()?;
        Some(Self { above: before.to_vec(), ..last.clone() })
    }
}

/// One step of a reference, `logs["a"]` of `module.logs["a"].arn`.
#[derive(Debug, Eq, PartialEq)]
struct Step<'a> {
    name: &'a str,
    /// With its brackets.
    index: &'a str,
}

/// The names among the references that are not only the beginning of another.
fn most_specific<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let begins =
        |shorter: &str, longer: &str| longer.strip_prefix(shorter).is_some_and(|rest| rest.starts_with(['.', '[']));
    let mut kept: Vec<&str> = Vec::new();
    for name in names {
        if !names.iter().any(|other| begins(name, other)) && !kept.contains(name) {
            kept.push(name);
        }
    }
    kept
}

fn steps(reference: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = reference;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let closed = after.starts_with('[').then(|| after.find(']')).flatten().map_or(0, |at| at + 1);
        let (index, after) = after.split_at(closed);
        steps.push(Step { name, index });
        rest = match after.split_at_checked(1) {
            Some((_, after)) => after,
            None => "",
        };
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart_at_dots_and_brackets() {
        let expected =
            [Step { name: "module", index: "" }, Step { name: "a", index: "[\"x.y\"]" }, Step { name: "b", index: "" }];
        assert_eq!(steps("module.a[\"x.y\"].b"), expected);
        assert_eq!(steps("a[0]"), [Step { name: "a", index: "[0]" }]);
        assert_eq!(steps("a[").len(), 1);
        assert_eq!(steps(""), []);
        assert_eq!(steps("é.ü[ä]ö").len(), 2);
    }

    #[test]
    fn beginnings_of_other_references_are_left_out() {
        let names = ["aws_s3_bucket.b.arn", "aws_s3_bucket.b", "aws_s3_bucket.bb.arn", "aws_s3_bucket.bb"];
        assert_eq!(most_specific(&names), ["aws_s3_bucket.b.arn", "aws_s3_bucket.bb.arn"]);
    }
}
