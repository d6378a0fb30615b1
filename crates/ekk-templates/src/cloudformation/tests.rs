//! Tables of templates: what each resolves to, and what each is refused with.

#![expect(clippy::needless_pass_by_value, reason = "a table's rows are made for one call")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Format, Options, Reading, read};

fn options(parameters: &[(&str, &str)]) -> Options {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Options {
        stack: "Logging".to_owned(),
        region: "eu-west-1".to_owned(),
        account: "123456789012".to_owned(),
        parameters,
    }
}

/// A template with one stream whose prefix is `prefix`.
fn template(prefix: &Value, rest: Value) -> Value {
    let mut template = json!({
        "Resources": {
            "Stream": {
                "Type": "AWS::KinesisFirehose::DeliveryStream",
                "Properties": {
                    "DeliveryStreamName": "logs",
                    "ExtendedS3DestinationConfiguration": { "BucketARN": "arn:aws:s3:::b", "RoleARN": "r", "Prefix": prefix }
                }
            }
        }
    });
    for (section, value) in rest.as_object().cloned().unwrap_or_default() {
        match template[&section].as_object_mut() {
            Some(there) => there.extend(value.as_object().cloned().unwrap_or_default()),
            None => template[&section] = value,
        }
    }
    template
}

fn read_with(template: &Value, parameters: &[(&str, &str)]) -> Result<Reading, String> {
    read(&template.to_string(), &options(parameters)).map_err(|error| error.to_string())
}

#[track_caller]
fn check(prefix: Value, rest: Value, expected: &str) {
    let reading = read_with(&template(&prefix, rest), &[]).unwrap();
    assert_eq!(reading.streams[0].request["ExtendedS3DestinationConfiguration"]["Prefix"], expected, "{prefix}");
}

#[track_caller]
fn refused(prefix: Value, rest: Value, expected: &str) {
    let error = read_with(&template(&prefix, rest), &[]).unwrap_err();
    assert!(error.contains(expected), "{prefix}: {error}");
}

const YAML: &str = "
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Env: { Type: String, Default: dev }
Resources:
  Backup:
    Type: AWS::S3::Bucket
  Role:
    Type: AWS::IAM::Role
    Properties: { Path: /service/, RoleName: !Sub 'firehose-${Env}' }
  Domain:
    Type: AWS::OpenSearchService::Domain
    Properties: { DomainName: logs }
  Stream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamName: !Join ['-', [app, !Ref Env]]
      AmazonopensearchserviceDestinationConfiguration:
        DomainARN: !GetAtt Domain.Arn
        IndexName: app
        RoleARN: !GetAtt Role.Arn
        TypeName: !Ref AWS::NoValue
        BufferingHints: { IntervalInSeconds: '60', SizeInMBs: 5 }
        ProcessingConfiguration:
          Enabled: 'true'
          Processors:
            - Type: Lambda
              Parameters:
                - { ParameterName: NumberOfRetries, ParameterValue: 3 }
        S3Configuration:
          BucketARN: !Sub '${Backup.Arn}'
          RoleARN: !GetAtt [Role, Arn]
          Prefix: 'app/!{timestamp:yyyy}/'
      Tags:
        - { Key: env, Value: !Ref Env }
";

#[test]
fn a_template_in_yaml_becomes_a_request() {
    let reading = read(YAML, &options(&[])).unwrap();
    assert_eq!(reading.format, Format::CloudFormation);
    assert_eq!((reading.streams[0].name.as_str(), reading.streams[0].origin.as_str()), ("app-dev", "Resources.Stream"));
    insta::assert_json_snapshot!(reading.streams[0].request, @r#"
    {
      "AmazonopensearchserviceDestinationConfiguration": {
        "BufferingHints": {
          "IntervalInSeconds": 60,
          "SizeInMBs": 5
        },
        "DomainARN": "arn:aws:es:eu-west-1:123456789012:domain/logs",
        "IndexName": "app",
        "ProcessingConfiguration": {
          "Enabled": true,
          "Processors": [
            {
              "Parameters": [
                {
                  "ParameterName": "NumberOfRetries",
                  "ParameterValue": "3"
                }
              ],
              "Type": "Lambda"
            }
          ]
        },
        "RoleARN": "arn:aws:iam::123456789012:role/service/firehose-dev",
        "S3Configuration": {
          "BucketARN": "arn:aws:s3:::logging-backup-egqn72xpm5xu",
          "Prefix": "app/!{timestamp:yyyy}/",
          "RoleARN": "arn:aws:iam::123456789012:role/service/firehose-dev"
        }
      },
      "DeliveryStreamName": "app-dev",
      "Tags": [
        {
          "Key": "env",
          "Value": "dev"
        }
      ]
    }
    "#);
}

#[test]
fn a_template_that_the_cdk_synthesized_is_read_with_what_the_cdk_adds() {
    let region = |name: &str| json!({ "Fn::Equals": [{ "Ref": "AWS::Region" }, name] });
    let function = json!({ "Fn::GetAtt": ["FC4345940", "Arn"] });
    let template = json!({
        "Resources": {
            "Logs6819BB44": { "Type": "AWS::S3::Bucket", "UpdateReplacePolicy": "Retain", "DeletionPolicy": "Retain" },
            "FC4345940": { "Type": "AWS::Lambda::Function", "DependsOn": ["Role"], "Properties": { "Handler": "index.handler" } },
            "Role": { "Type": "AWS::IAM::Role", "Metadata": { "aws:cdk:path": "LoggingStack/Role/Resource" } },
            "LogGroup": { "Type": "AWS::Logs::LogGroup", "Properties": { "RetentionInDays": 731 } },
            "Stream": {
                "Type": "AWS::KinesisFirehose::DeliveryStream",
                "DependsOn": ["Role"],
                "Metadata": { "aws:cdk:path": "LoggingStack/Stream/Resource" },
                "Properties": {
                    "DeliveryStreamType": "DirectPut",
                    "ExtendedS3DestinationConfiguration": {
                        "BucketARN": { "Fn::GetAtt": ["Logs6819BB44", "Arn"] },
                        "CloudWatchLoggingOptions": { "Enabled": true, "LogGroupName": { "Ref": "LogGroup" }, "LogStreamName": "s" },
                        "ProcessingConfiguration": { "Enabled": true, "Processors": [{
                            "Type": "Lambda",
                            "Parameters": [{ "ParameterName": "LambdaArn", "ParameterValue": { "Fn::Join": ["", [function, ":$LATEST"]] } }],
                        }] },
                        "RoleARN": { "Fn::GetAtt": ["Role", "Arn"] },
                    },
                },
            },
            "CDKMetadata": { "Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable" },
        },
        "Conditions": { "CDKMetadataAvailable": { "Fn::Or": [region("af-south-1"), region("eu-west-1")] } },
        "Parameters": { "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version",
        } },
        "Rules": { "CheckBootstrapVersion": { "Assertions": [] } },
    });
    let request = &read_with(&template, &[]).unwrap().streams[0].request;
    let destination = &request["ExtendedS3DestinationConfiguration"];
    assert!(request["DeliveryStreamName"].as_str().unwrap().starts_with("Logging-Stream-"), "{request}");
    assert!(destination["BucketARN"].as_str().unwrap().starts_with("arn:aws:s3:::logging-logs6819bb44-"), "{request}");
    let function = destination.pointer("/ProcessingConfiguration/Processors/0/Parameters/0/ParameterValue");
    let function = function.and_then(Value::as_str).unwrap();
    assert!(function.starts_with("arn:aws:lambda:eu-west-1:123456789012:function:Logging-FC4345940-"), "{function}");
    assert!(function.ends_with(":$LATEST"), "{function}");
}

#[test]
fn functions_are_resolved_where_the_template_has_the_answer() {
    let mappings = json!({ "Mappings": { "Regions": { "eu-west-1": { "name": "Ireland", "list": ["a", "b"] } } } });
    for (prefix, expected) in [
        (json!({ "Ref": "AWS::Region" }), "eu-west-1"),
        (json!({ "Ref": "AWS::StackName" }), "Logging"),
        (
            json!({ "Fn::Sub": "${AWS::AccountId}/${!Literal}/!{timestamp:yyyy}" }),
            "123456789012/${Literal}/!{timestamp:yyyy}",
        ),
        (
            json!({ "Fn::Sub": ["${Name}-${AWS::Partition}", { "Name": { "Ref": "AWS::URLSuffix" } }] }),
            "amazonaws.com-aws",
        ),
        (json!({ "Fn::Join": ["/", ["a", { "Fn::Split": [",", "b,c"] }]] }), ""),
        (json!({ "Fn::Join": ["/", { "Fn::Split": [",", "b,c"] }] }), "b/c"),
        (json!({ "Fn::Select": ["1", { "Fn::Split": ["-", { "Ref": "AWS::Region" }] }] }), "west"),
        (json!({ "Fn::FindInMap": ["Regions", { "Ref": "AWS::Region" }, "name"] }), "Ireland"),
        (json!({ "Fn::Select": [0, { "Fn::FindInMap": ["Regions", "eu-west-1", "list"] }] }), "a"),
        (json!({ "Fn::FindInMap": ["Regions", "none", "name", { "DefaultValue": "x" }] }), "x"),
        (json!({ "Fn::Base64": "hello" }), "aGVsbG8="),
        (json!(2026), "2026"),
    ] {
        if expected.is_empty() {
            refused(prefix, mappings.clone(), "an element is no text");
        } else {
            check(prefix, mappings.clone(), expected);
        }
    }
}

#[test]
fn conditions_choose_values_and_resources() {
    let conditions = json!({
        "Parameters": { "Env": { "Type": "String", "Default": "prod" } },
        "Conditions": {
            "Prod": { "Fn::Equals": [{ "Ref": "Env" }, "prod"] },
            "Test": { "Fn::Not": [{ "Condition": "Prod" }] },
            "Both": { "Fn::And": [{ "Condition": "Prod" }, { "Condition": "Test" }] },
            "Either": { "Fn::Or": [{ "Condition": "Both" }, { "Fn::Equals": [{ "Ref": "AWS::Region" }, "eu-west-1"] }] }
        }
    });
    for (name, expected) in [("Prod", "yes"), ("Test", "no"), ("Both", "no"), ("Either", "yes")] {
        check(json!({ "Fn::If": [name, "yes", "no"] }), conditions.clone(), expected);
    }
    let mut template = template(&json!("p"), conditions);
    template["Resources"]["Stream"]["Condition"] = json!("Test");
    assert_eq!(read_with(&template, &[]).unwrap_err(), "there is no delivery stream in the file");
    assert_eq!(read_with(&template, &[("Env", "dev")]).unwrap().streams.len(), 1);
}

#[test]
fn resources_of_the_template_have_the_arns_that_they_will_have() {
    let resources = json!({ "Resources": {
        "Bucket": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "given" } },
        "Role": { "Type": "AWS::IAM::Role", "Properties": { "RoleName": "r", "Path": "/a/" } },
        "Function": { "Type": "AWS::Lambda::Function", "Properties": { "FunctionName": "f" } },
        "Alias": { "Type": "AWS::Lambda::Alias", "Properties": { "Name": "live", "FunctionName": { "Ref": "Function" } } },
        "Domain": { "Type": "AWS::Elasticsearch::Domain", "Properties": { "DomainName": "d" } },
        "Kinesis": { "Type": "AWS::Kinesis::Stream", "Properties": { "Name": "k" } },
        "Group": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": "/aws/x" } },
    } });
    for (prefix, expected) in [
        (json!({ "Ref": "Bucket" }), "given"),
        (json!({ "Fn::GetAtt": ["Bucket", "Arn"] }), "arn:aws:s3:::given"),
        (json!({ "Fn::GetAtt": "Role.Arn" }), "arn:aws:iam::123456789012:role/a/r"),
        (json!({ "Fn::GetAtt": ["Function", "Arn"] }), "arn:aws:lambda:eu-west-1:123456789012:function:f"),
        (json!({ "Ref": "Alias" }), "arn:aws:lambda:eu-west-1:123456789012:function:f:live"),
        (json!({ "Fn::GetAtt": ["Domain", "Arn"] }), "arn:aws:es:eu-west-1:123456789012:domain/d"),
        (json!({ "Fn::GetAtt": ["Kinesis", "Arn"] }), "arn:aws:kinesis:eu-west-1:123456789012:stream/k"),
        (json!({ "Ref": "Group" }), "/aws/x"),
    ] {
        check(prefix, resources.clone(), expected);
    }
}

#[test]
fn what_the_template_does_not_hold_is_named_with_its_place() {
    let at = "Resources.Stream.Properties.ExtendedS3DestinationConfiguration.Prefix";
    let resources = json!({
        "Resources": {
            "Custom": { "Type": "Custom::Thing" },
            "A": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": { "Ref": "B" } } },
            "B": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": { "Ref": "A" } } },
            "Domain": { "Type": "AWS::OpenSearchService::Domain" },
        },
        "Parameters": { "Needed": { "Type": "String" }, "Secret": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x" } },
    });
    for (prefix, expected) in [
        (json!({ "Fn::ImportValue": "other" }), format!("{at}.Fn::ImportValue: this function is not resolved here")),
        (json!({ "Ref": "Missing" }), "Unresolved resource dependencies [Missing]".to_owned()),
        (json!({ "Ref": "Custom" }), "Resources.Custom: what a resource of type Custom::Thing is called".to_owned()),
        (json!({ "Ref": "A" }), "its references go in a circle".to_owned()),
        (json!({ "Fn::GetAtt": ["Domain", "Id"] }), "Resources.Domain: the attribute Id of".to_owned()),
        (json!({ "Ref": "Needed" }), "Parameters: [Needed] must have values".to_owned()),
        (json!({ "Ref": "Secret" }), "Parameters.Secret: its value is in the Systems Manager".to_owned()),
        (json!({ "Fn::If": ["None", 1, 2] }), format!("{at}.Fn::If: there is no condition None")),
        (json!({ "Fn::Select": [9, ["a"]] }), "there is no element 9 among 1".to_owned()),
        (json!({ "Fn::Sub": "${AWS::Region" }), "a ${ is not closed".to_owned()),
    ] {
        refused(prefix, resources.clone(), &expected);
    }
}

#[test]
fn parameters_are_given_checked_and_refused_in_cloudformations_words() {
    let parameters = json!({ "Parameters": {
        "Env": { "Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"] },
        "Names": { "Type": "CommaDelimitedList", "Default": "a, b" },
    } });
    let names = template(&json!({ "Fn::Join": ["+", { "Ref": "Names" }] }), parameters.clone());
    let env = template(&json!({ "Ref": "Env" }), parameters);
    let prefix = |reading: Reading| reading.streams[0].request["ExtendedS3DestinationConfiguration"]["Prefix"].clone();
    assert_eq!(prefix(read_with(&names, &[]).unwrap()), "a+b");
    assert_eq!(prefix(read_with(&env, &[("Env", "prod")]).unwrap()), "prod");
    let error = read_with(&env, &[("Env", "stage")]).unwrap_err();
    assert_eq!(error, "Parameter 'Env' must be one of AllowedValues [dev, prod]");
    let error = read_with(&env, &[("Other", "x")]).unwrap_err();
    assert_eq!(error, "Parameters: [Other] do not exist in the template");
}

#[test]
fn properties_that_cloudformation_refuses_are_refused() {
    for (properties, expected) in [
        (json!({ "StreamName": "x" }), "#: extraneous key [StreamName] is not permitted"),
        (json!({ "Arn": "x" }), "#: extraneous key [Arn] is not permitted"),
        (
            json!({ "ExtendedS3DestinationConfiguration": { "BufferingHints": { "Interval": 1 } } }),
            "#/ExtendedS3DestinationConfiguration/BufferingHints: extraneous key [Interval] is not permitted",
        ),
        (
            json!({ "ExtendedS3DestinationConfiguration": { "BufferingHints": { "SizeInMBs": "many" } } }),
            "#/ExtendedS3DestinationConfiguration/BufferingHints/SizeInMBs: expected type: Integer, found: String",
        ),
        (
            json!({ "ExtendedS3DestinationConfiguration": "x" }),
            "#/ExtendedS3DestinationConfiguration: expected type: JSONObject, found: String",
        ),
        (
            json!({ "Tags": [{ "Key": "a", "Value": { "x": 1 } }] }),
            "#/Tags/0/Value: expected type: String, found: JSONObject",
        ),
    ] {
        let template = json!({ "Resources": { "S": { "Type": super::DELIVERY_STREAM, "Properties": properties } } });
        let error = read_with(&template, &[]).unwrap_err();
        assert_eq!(error, format!("Resources.S.Properties: {expected}"));
    }
}

#[test]
fn icebergs_two_names_become_the_apis() {
    let properties = json!({ "IcebergDestinationConfiguration": {
        "s3BackupMode": "AllData", "CatalogConfiguration": { "CatalogArn": "arn:c" }
    } });
    let template = json!({ "Resources": { "S": { "Type": super::DELIVERY_STREAM, "Properties": properties } } });
    let reading = read_with(&template, &[]).unwrap();
    let expected = json!({ "S3BackupMode": "AllData", "CatalogConfiguration": { "CatalogARN": "arn:c" } });
    assert_eq!(reading.streams[0].request["IcebergDestinationConfiguration"], expected);
    assert!(reading.streams[0].name.starts_with("Logging-S-"), "{}", reading.streams[0].name);
}

#[test]
fn references_that_double_at_each_level_end_in_an_error() {
    let mut resources = BTreeMap::new();
    for level in 0..25 {
        let next = json!({ "Ref": format!("L{}", level + 1) });
        let name = json!({ "Fn::Join": ["", [next, next]] });
        resources
            .insert(format!("L{level}"), json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": name } }));
    }
    resources.insert(
        "L25".to_owned(),
        json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "x".repeat(1000) } }),
    );
    refused(json!({ "Ref": "L0" }), json!({ "Resources": resources }), "the template grows without an end");
}
