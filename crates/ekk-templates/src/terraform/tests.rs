//! Plans and states in Terraform's own form, and the requests that the provider makes of them.

#![expect(clippy::needless_pass_by_value, reason = "a table's rows are made for one call")]

use serde_json::{Value, json};

use crate::{Format, Options, Reading, read};

fn options() -> Options {
    Options {
        stack: "plan".to_owned(),
        region: "eu-west-1".to_owned(),
        account: "123456789012".to_owned(),
        parameters: std::collections::BTreeMap::new(),
    }
}

fn read_document(document: &Value) -> Result<Reading, String> {
    read(&document.to_string(), &options()).map_err(|error| error.to_string())
}

/// A bucket's block with the provider's defaults, and nothing written but what is required.
fn bucket() -> Value {
    json!({
        "bucket_arn": "arn:aws:s3:::b", "role_arn": "arn:aws:iam::123456789012:role/r", "buffering_interval": 300,
        "buffering_size": 5, "compression_format": "UNCOMPRESSED", "prefix": null, "error_output_prefix": null,
        "kms_key_arn": null, "cloudwatch_logging_options": [],
    })
}

/// A state with one stream.
fn state(values: Value) -> Value {
    let mut all = json!({ "name": "logs", "tags": null, "tags_all": {} });
    all.as_object_mut().unwrap().extend(values.as_object().cloned().unwrap());
    json!({
        "format_version": "1.0",
        "terraform_version": "1.11.4",
        "values": { "root_module": { "resources": [{
            "address": "aws_kinesis_firehose_delivery_stream.logs", "mode": "managed",
            "type": "aws_kinesis_firehose_delivery_stream", "name": "logs", "values": all,
        }] } }
    })
}

#[test]
fn extended_s3_is_sent_with_everything_that_the_provider_adds() {
    let mut configuration = bucket();
    let lambda = json!([
        { "parameter_name": "LambdaArn", "parameter_value": "arn:aws:lambda:eu-west-1:123456789012:function:f" },
        { "parameter_name": "BufferSizeInMBs", "parameter_value": "0.5" },
    ]);
    let more = json!({
        "custom_time_zone": "UTC", "file_extension": null, "s3_backup_mode": "Disabled",
        "data_format_conversion_configuration": [], "dynamic_partitioning_configuration": [],
        "s3_backup_configuration": [],
        "processing_configuration": [{ "enabled": true, "processors": [{ "type": "Lambda", "parameters": lambda }] }],
    });
    configuration.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let reading = read_document(&state(json!({
        "destination": "extended_s3",
        "extended_s3_configuration": [configuration],
        "server_side_encryption": [{ "enabled": true, "key_type": "AWS_OWNED_CMK", "key_arn": null }],
        "tags_all": { "env": "dev" },
    })))
    .unwrap();
    assert_eq!(reading.format, Format::Terraform);
    assert_eq!(reading.streams[0].origin, "aws_kinesis_firehose_delivery_stream.logs");
    let mut request = reading.streams[0].request.clone();
    let destination = request["ExtendedS3DestinationConfiguration"].take();
    insta::assert_snapshot!(request.to_string(), @r#"
    {"DeliveryStreamEncryptionConfigurationInput":{"KeyType":"AWS_OWNED_CMK"},"DeliveryStreamName":"logs","DeliveryStreamType":"DirectPut","ExtendedS3DestinationConfiguration":null,"Tags":[{"Key":"env","Value":"dev"}]}
    "#);
    let processing = &destination["ProcessingConfiguration"]["Processors"][0]["Parameters"];
    let parameters: Vec<String> = processing
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{}={}", one["ParameterName"], one["ParameterValue"]))
        .collect();
    insta::assert_snapshot!(parameters.join("\n"), @r#"
    "LambdaArn"="arn:aws:lambda:eu-west-1:123456789012:function:f"
    "BufferSizeInMBs"="0.5"
    "NumberOfRetries"="3"
    "RoleArn"="arn:aws:iam::123456789012:role/r"
    "BufferIntervalInSeconds"="60"
    "#);
    let mut rest = destination.clone();
    rest["ProcessingConfiguration"].take();
    insta::assert_json_snapshot!(rest, @r#"
    {
      "BucketARN": "arn:aws:s3:::b",
      "BufferingHints": {
        "IntervalInSeconds": 300,
        "SizeInMBs": 5
      },
      "CompressionFormat": "UNCOMPRESSED",
      "CustomTimeZone": "UTC",
      "DataFormatConversionConfiguration": {
        "Enabled": false
      },
      "EncryptionConfiguration": {
        "NoEncryptionConfig": "NoEncryption"
      },
      "FileExtension": "",
      "Prefix": "",
      "ProcessingConfiguration": null,
      "RoleARN": "arn:aws:iam::123456789012:role/r",
      "S3BackupMode": "Disabled"
    }
    "#);
}

#[test]
fn opensearch_is_sent_with_an_empty_type_name_and_disabled_processing() {
    let reading = read_document(&state(json!({
        "destination": "opensearch",
        "opensearch_configuration": [{
            "domain_arn": "arn:aws:es:eu-west-1:123456789012:domain/d", "cluster_endpoint": null, "index_name": "app",
            "role_arn": "arn:aws:iam::123456789012:role/r", "type_name": null, "buffering_interval": 60,
            "buffering_size": 5, "retry_duration": 300, "index_rotation_period": "OneDay",
            "s3_backup_mode": "FailedDocumentsOnly", "s3_configuration": [bucket()], "processing_configuration": [],
            "document_id_options": [{ "default_document_id_format": "NO_DOCUMENT_ID" }],
            "vpc_config": [{ "role_arn": "arn:r", "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"], "vpc_id": "v" }],
            "cloudwatch_logging_options": [{ "enabled": true, "log_group_name": "g", "log_stream_name": "s" }],
        }],
    })))
    .unwrap();
    insta::assert_json_snapshot!(reading.streams[0].request, @r#"
    {
      "AmazonopensearchserviceDestinationConfiguration": {
        "BufferingHints": {
          "IntervalInSeconds": 60,
          "SizeInMBs": 5
        },
        "CloudWatchLoggingOptions": {
          "Enabled": true,
          "LogGroupName": "g",
          "LogStreamName": "s"
        },
        "DocumentIdOptions": {
          "DefaultDocumentIdFormat": "NO_DOCUMENT_ID"
        },
        "DomainARN": "arn:aws:es:eu-west-1:123456789012:domain/d",
        "IndexName": "app",
        "IndexRotationPeriod": "OneDay",
        "ProcessingConfiguration": {
          "Enabled": false,
          "Processors": []
        },
        "RetryOptions": {
          "DurationInSeconds": 300
        },
        "RoleARN": "arn:aws:iam::123456789012:role/r",
        "S3BackupMode": "FailedDocumentsOnly",
        "S3Configuration": {
          "BucketARN": "arn:aws:s3:::b",
          "BufferingHints": {
            "IntervalInSeconds": 300,
            "SizeInMBs": 5
          },
          "CompressionFormat": "UNCOMPRESSED",
          "EncryptionConfiguration": {
            "NoEncryptionConfig": "NoEncryption"
          },
          "Prefix": "",
          "RoleARN": "arn:aws:iam::123456789012:role/r"
        },
        "TypeName": "",
        "VpcConfiguration": {
          "RoleARN": "arn:r",
          "SecurityGroupIds": [
            "sg-1"
          ],
          "SubnetIds": [
            "subnet-1"
          ]
        }
      },
      "DeliveryStreamName": "logs",
      "DeliveryStreamType": "DirectPut"
    }
    "#);
}

#[test]
fn http_endpoints_are_sent_with_their_secrets_and_attributes() {
    let reading = read_document(&state(json!({
        "destination": "HTTP_endpoint",
        "http_endpoint_configuration": [{
            "url": "https://localhost:8443/", "name": "local", "access_key": "secret", "role_arn": "arn:r",
            "buffering_interval": 60, "buffering_size": 1, "retry_duration": 10, "s3_backup_mode": "FailedDataOnly",
            "s3_configuration": [bucket()], "cloudwatch_logging_options": [], "processing_configuration": [],
            "secrets_manager_configuration": [],
            "request_configuration": [{
                "content_encoding": "GZIP", "common_attributes": [{ "name": "a", "value": "b" }],
            }],
        }],
    })))
    .unwrap();
    insta::assert_json_snapshot!(reading.streams[0].request["HttpEndpointDestinationConfiguration"], @r#"
    {
      "BufferingHints": {
        "IntervalInSeconds": 60,
        "SizeInMBs": 1
      },
      "EndpointConfiguration": {
        "AccessKey": "secret",
        "Name": "local",
        "Url": "https://localhost:8443/"
      },
      "ProcessingConfiguration": {
        "Enabled": false,
        "Processors": []
      },
      "RequestConfiguration": {
        "CommonAttributes": [
          {
            "AttributeName": "a",
            "AttributeValue": "b"
          }
        ],
        "ContentEncoding": "GZIP"
      },
      "RetryOptions": {
        "DurationInSeconds": 10
      },
      "RoleARN": "arn:r",
      "S3BackupMode": "FailedDataOnly",
      "S3Configuration": {
        "BucketARN": "arn:aws:s3:::b",
        "BufferingHints": {
          "IntervalInSeconds": 300,
          "SizeInMBs": 5
        },
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {
          "NoEncryptionConfig": "NoEncryption"
        },
        "Prefix": "",
        "RoleARN": "arn:aws:iam::123456789012:role/r"
      }
    }
    "#);
}

/// A plan whose stream is in a module, and whose ARNs exist only after it is applied.
fn plan() -> Value {
    let stream = |known: Value| {
        json!({
            "address": "module.logs[\"a.b\"].aws_kinesis_firehose_delivery_stream.s", "mode": "managed",
            "type": "aws_kinesis_firehose_delivery_stream", "name": "s", "index": null, "values": known,
        })
    };
    json!({
        "format_version": "1.2",
        "planned_values": { "root_module": {
            "resources": [
                { "address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": { "bucket": "logs" } },
                { "address": "aws_iam_role.r[0]", "mode": "managed", "type": "aws_iam_role", "name": "r", "values": { "name": "fh", "path": "/x/" } },
            ],
            "child_modules": [{ "address": "module.logs[\"a.b\"]", "resources": [
                stream(json!({
                    "name": "logs", "destination": "elasticsearch", "tags_all": {}, "server_side_encryption": [],
                    "elasticsearch_configuration": [{
                        "index_name": "app", "buffering_interval": 300, "s3_configuration": [{ "buffering_size": 5, "compression_format": "GZIP" }],
                        "processing_configuration": [],
                    }],
                })),
                { "address": "module.logs[\"a.b\"].aws_elasticsearch_domain.d", "mode": "managed", "type": "aws_elasticsearch_domain", "name": "d",
                  "values": { "domain_name": "search" } },
            ] }],
        } },
        "resource_changes": [{
            "address": "module.logs[\"a.b\"].aws_kinesis_firehose_delivery_stream.s",
            "change": { "after_unknown": {
                "arn": true,
                "elasticsearch_configuration": [{
                    "role_arn": true, "domain_arn": true, "cloudwatch_logging_options": true,
                    "s3_configuration": [{ "bucket_arn": true, "role_arn": true, "cloudwatch_logging_options": true }],
                }],
            } },
        }],
        "configuration": { "root_module": { "module_calls": {
            "logs": {
                "expressions": {
                    "bucket_arn": { "references": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b"] },
                    "role": { "references": ["aws_iam_role.r[0].arn", "aws_iam_role.r[0]", "aws_iam_role.r"] },
                },
                "module": { "resources": [{
                    "address": "aws_kinesis_firehose_delivery_stream.s", "mode": "managed",
                    "type": "aws_kinesis_firehose_delivery_stream", "name": "s",
                    "expressions": {
                        "elasticsearch_configuration": [{
                            "domain_arn": { "references": ["aws_elasticsearch_domain.d.arn", "aws_elasticsearch_domain.d"] },
                            "role_arn": { "references": ["var.role"] },
                            "s3_configuration": [{
                                "bucket_arn": { "references": ["var.bucket_arn"] },
                                "role_arn": { "references": ["var.role"] },
                            }],
                        }],
                    },
                }] },
            },
        } } },
    })
}

#[test]
fn what_a_plan_creates_is_followed_through_modules_and_variables() {
    let reading = read_document(&plan()).unwrap();
    let configuration = &reading.streams[0].request["ElasticsearchDestinationConfiguration"];
    assert_eq!(reading.streams[0].origin, "module.logs[\"a.b\"].aws_kinesis_firehose_delivery_stream.s");
    assert_eq!(configuration["DomainARN"], "arn:aws:es:eu-west-1:123456789012:domain/search");
    assert_eq!(configuration["RoleARN"], "arn:aws:iam::123456789012:role/x/fh");
    assert_eq!(configuration["S3Configuration"]["BucketARN"], "arn:aws:s3:::logs");
    assert_eq!(configuration.get("CloudWatchLoggingOptions"), None);
}

#[test]
fn what_a_plan_does_not_hold_is_named_with_its_place() {
    let at = "module.logs[\"a.b\"].aws_kinesis_firehose_delivery_stream.s.elasticsearch_configuration[0]";
    let expression =
        "/configuration/root_module/module_calls/logs/module/resources/0/expressions/elasticsearch_configuration/0";
    for (place, references, expected) in [
        ("role_arn", json!(["local.role"]), format!("{at}.role_arn: local.role is not known before it is applied")),
        ("role_arn", json!(["var.none"]), format!("{at}.role_arn: var.none is not known before it is applied")),
        (
            "role_arn",
            json!(["aws_iam_role.gone.arn", "aws_iam_role.gone"]),
            format!("{at}.role_arn: aws_iam_role.gone.arn is"),
        ),
        (
            "role_arn",
            json!(["aws_elasticsearch_domain.d.domain_name", "aws_elasticsearch_domain.d"]),
            format!("{at}.role_arn: it is made of search in a way"),
        ),
        ("role_arn", json!(["var.role", "var.bucket_arn"]), format!("{at}.role_arn: it is made of [")),
    ] {
        let mut plan = plan();
        plan.pointer_mut(expression).unwrap()[place] = json!({ "references": references });
        let error = read_document(&plan).unwrap_err();
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn a_stream_without_its_block_is_refused_in_the_providers_words() {
    let error = read_document(&state(json!({ "destination": "splunk" }))).unwrap_err();
    assert_eq!(
        error,
        "aws_kinesis_firehose_delivery_stream.logs.splunk_configuration: \
         when destination is 'splunk', splunk_configuration is required"
    );
    let error = read_document(&state(json!({ "destination": "s3" }))).unwrap_err();
    assert!(error.ends_with("destination: s3 is no destination of the provider"), "{error}");
}

#[test]
fn every_destination_of_the_provider_becomes_its_member() {
    let common = json!({
        "role_arn": "arn:r", "s3_configuration": [bucket()], "index_name": "i", "collection_endpoint": "https://c",
        "url": "https://u", "catalog_arn": "arn:c", "cluster_jdbcurl": "jdbc:", "data_table_name": "t",
        "account_url": "https://a", "database": "d", "schema": "s", "table": "t", "hec_endpoint": "https://h",
        "bucket_arn": "arn:aws:s3:::b", "destination_table_configuration": [{ "database_name": "d", "table_name": "t" }],
        "secrets_manager_configuration": [{ "enabled": true, "secret_arn": "arn:s", "role_arn": null }],
        "data_format_conversion_configuration": [{
            "enabled": true,
            "input_format_configuration": [{ "deserializer": [{ "open_x_json_ser_de": [{}], "hive_json_ser_de": [] }] }],
            "output_format_configuration": [{ "serializer": [{ "parquet_ser_de": [{}], "orc_ser_de": [] }] }],
            "schema_configuration": [{ "database_name": "d", "table_name": "t", "role_arn": "arn:r", "version_id": "LATEST" }],
        }],
    });
    for destination in super::DESTINATIONS {
        let values = json!({ "destination": destination.name, destination.block: [common] });
        let reading = read_document(&state(values)).unwrap();
        let request = &reading.streams[0].request;
        assert!(request[destination.member].is_object(), "{}: {request}", destination.name);
        assert_eq!(request["DeliveryStreamType"], "DirectPut");
    }
}

#[test]
fn other_sources_are_sent_with_their_type() {
    let kinesis = json!({ "kinesis_stream_arn": "arn:k", "role_arn": "arn:r" });
    let kafka = json!({
        "msk_cluster_arn": "arn:m", "topic_name": "t", "read_from_timestamp": "2026-01-01T00:00:00Z",
        "authentication_configuration": [{ "connectivity": "PUBLIC", "role_arn": "arn:r" }],
    });
    for (block, configuration, kind, member) in [
        ("kinesis_source_configuration", kinesis, "KinesisStreamAsSource", "KinesisStreamSourceConfiguration"),
        ("msk_source_configuration", kafka, "MSKAsSource", "MSKSourceConfiguration"),
    ] {
        let values =
            json!({ "destination": "extended_s3", "extended_s3_configuration": [bucket()], block: [configuration] });
        let reading = read_document(&state(values)).unwrap();
        assert_eq!(reading.streams[0].request["DeliveryStreamType"], kind);
        assert!(reading.streams[0].request[member].is_object());
        if kind == "MSKAsSource" {
            assert_eq!(reading.streams[0].request[member]["ReadFromTimestamp"], 1_767_225_600);
        }
    }
}
