//! What `Ref` and `Fn::GetAtt` return for the resources that a delivery stream refers to.
//!
//! A name that the template gives is taken; one that `CloudFormation` would make up is made up here.

use serde_json::Value;

use crate::{
    Error,
    cloudformation::intrinsic::{Resolver, Site},
    physical::Kind,
};

/// What is known of one type of resource.
struct Known {
    /// The type in the template.
    of: &'static str,
    kind: Kind,
    /// Where its properties hold its name.
    name: &'static str,
    /// Whether `Ref` returns the ARN and not the name.
    refers_by_arn: bool,
}

const fn known(of: &'static str, kind: Kind, name: &'static str) -> Known {
    Known { of, kind, name, refers_by_arn: false }
}

const fn known_by_arn(of: &'static str, kind: Kind, name: &'static str) -> Known {
    Known { of, kind, name, refers_by_arn: true }
}

const KNOWN: [Known; 19] = [
    known("AWS::S3::Bucket", Kind::Bucket, "/BucketName"),
    known("AWS::IAM::Role", Kind::Role, "/RoleName"),
    known("AWS::OpenSearchService::Domain", Kind::Domain, "/DomainName"),
    known("AWS::Elasticsearch::Domain", Kind::Domain, "/DomainName"),
    known("AWS::OpenSearchServerless::Collection", Kind::Collection, ""),
    known("AWS::Kinesis::Stream", Kind::DataStream, "/Name"),
    known("AWS::Lambda::Function", Kind::Function, "/FunctionName"),
    known("AWS::Serverless::Function", Kind::Function, "/FunctionName"),
    known("AWS::Logs::LogGroup", Kind::LogGroup, "/LogGroupName"),
    known("AWS::Logs::LogStream", Kind::LogStream, "/LogStreamName"),
    known("AWS::KMS::Key", Kind::Key, ""),
    known("AWS::KMS::Alias", Kind::KeyAlias, "/AliasName"),
    known_by_arn("AWS::SecretsManager::Secret", Kind::Secret, "/Name"),
    known("AWS::KinesisFirehose::DeliveryStream", Kind::DeliveryStream, "/DeliveryStreamName"),
    known_by_arn("AWS::MSK::Cluster", Kind::KafkaCluster, "/ClusterName"),
    known("AWS::EC2::Subnet", Kind::Subnet, ""),
    known("AWS::EC2::SecurityGroup", Kind::SecurityGroup, ""),
    known("AWS::Glue::Database", Kind::GlueDatabase, "/DatabaseInput/Name"),
    known("AWS::Glue::Table", Kind::GlueTable, "/TableInput/Name"),
];

impl Resolver<'_> {
    /// What `Ref` returns.
    pub(super) fn resource_reference(&self, logical: &str, site: &Site) -> Result<String, Error> {
        let (resource, site) = self.resource(logical, site)?;
        if let Some(alias) = self.qualified_function(resource, &site)? {
            return Ok(alias);
        }
        let known = known_type(resource, &site)?;
        let name = self.name(known, logical, resource, &site)?;
        Ok(if known.refers_by_arn { self.place.arn(known.kind, &name) } else { name })
    }

    /// What `Fn::GetAtt` returns.
    pub(super) fn resource_attribute(&self, logical: &str, attribute: &str, site: &Site) -> Result<String, Error> {
        let (resource, site) = self.resource(logical, site)?;
        let known = known_type(resource, &site)?;
        let name = self.name(known, logical, resource, &site)?;
        match (known.kind, attribute) {
            (Kind::Role, "Arn") => self.role_arn(&name, resource, &site),
            (_, "Arn") | (Kind::Domain, "DomainArn") | (Kind::Secret, "Id") => Ok(self.place.arn(known.kind, &name)),
            (Kind::Domain, "DomainEndpoint") => Ok(self.place.domain_host(&name)),
            (Kind::Collection, "CollectionEndpoint") => Ok(self.place.collection_url(&name)),
            (Kind::Collection, "Id")
            | (Kind::Key, "KeyId")
            | (Kind::SecurityGroup, "GroupId")
            | (Kind::Subnet, "SubnetId") => Ok(name),
            _ => Err(site.error(format!("the attribute {attribute} of {} is not known before it exists", known.of))),
        }
    }

    fn resource(&self, logical: &str, site: &Site) -> Result<(&Value, Site), Error> {
        let found = self.template.get("Resources").and_then(|resources| resources.get(logical));
        let missing = || {
            site.error(format!(
                "Template format error: Unresolved resource dependencies [{logical}] in the Resources block of the template"
            ))
        };
        Ok((found.ok_or_else(missing)?, site.referred(&format!("Resources.{logical}"))?))
    }

    fn name(&self, known: &Known, logical: &str, resource: &Value, site: &Site) -> Result<String, Error> {
        let given = if known.name.is_empty() { None } else { property(resource, known.name) };
        let resolved = match given {
            Some(value) => self.resolve(value, &site.below("Properties")?)?,
            None => None,
        };
        match resolved {
            Some(Value::String(name)) => Ok(name),
            Some(_) => Err(site.error(format!("the name in Properties{} is no text", known.name))),
            None => Ok(self.place.invented(known.kind, logical)),
        }
    }

    /// The ARN of a role holds its path.
    fn role_arn(&self, name: &str, resource: &Value, site: &Site) -> Result<String, Error> {
        let path = match property(resource, "/Path") {
            Some(path) => self.text(path, site)?,
            None => "/".to_owned(),
        };
        Ok(self.place.arn(Kind::Role, &format!("{}{name}", path.strip_prefix('/').unwrap_or(&path))))
    }

    /// `Ref` of an alias or a version of a function is the function's ARN with what it is called.
    fn qualified_function(&self, resource: &Value, site: &Site) -> Result<Option<String>, Error> {
        let qualifier = match resource.get("Type").and_then(Value::as_str) {
            Some("AWS::Lambda::Alias") => property(resource, "/Name"),
            Some("AWS::Lambda::Version") => Some(&Value::Null),
            _ => return Ok(None),
        };
        let qualifier = match qualifier {
            Some(Value::Null) => "1".to_owned(),
            Some(name) => self.text(name, site)?,
            None => return Err(site.error("the alias has no Name")),
        };
        let function = property(resource, "/FunctionName").ok_or_else(|| site.error("it has no FunctionName"))?;
        let function = self.text(function, site)?;
        let arn = if function.starts_with("arn:") { function } else { self.place.arn(Kind::Function, &function) };
        Ok(Some(format!("{arn}:{qualifier}")))
    }
}

fn property<'a>(resource: &'a Value, pointer: &str) -> Option<&'a Value> {
    resource.get("Properties")?.pointer(pointer)
}

fn known_type(resource: &Value, site: &Site) -> Result<&'static Known, Error> {
    let of = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
    let known = KNOWN.iter().find(|known| known.of == of);
    known.ok_or_else(|| site.error(format!("what a resource of type {of} is called is not known before it exists")))
}
