//! What an update changes, keeps, and is refused for.

use serde_json::{Value, json};

use super::{
    super::{Destination, Kind, settings},
    configured, described, patched, refusal,
    samples::{ROLE, bucket, conversion, lambda, smallest, whole, whole_bucket},
    updated,
};
use crate::model::shapes;

fn of(kind: Kind, configuration: &Value) -> Destination {
    configured(kind, configuration).unwrap_or_else(|error| panic!("{kind:?}: {error}"))
}

#[test]
fn an_empty_update_changes_nothing() {
    for kind in Kind::ALL {
        let before = of(kind, &whole(kind));
        assert_eq!(updated(&before, kind, &json!({})).unwrap(), before, "{kind:?}");
    }
}

#[test]
fn every_member_of_an_update_takes_the_place_of_what_was() {
    for kind in Kind::ALL {
        let update = kind.shape(&shapes::UPDATE_DESTINATION_INPUT_MEMBERS, "Update");
        let mut change = serde_json::Map::new();
        for (name, value) in whole(kind).as_object().unwrap() {
            let names = [name.replace("Configuration", "Update"), name.clone()];
            if let Some(name) = names.into_iter().find(|name| update.members.iter().any(|known| known.name == *name)) {
                change.insert(name, value.clone());
            }
        }
        // What cannot be turned on later.
        change.remove("DynamicPartitioningConfiguration");
        if kind == Kind::ExtendedS3 {
            change.insert("Prefix".to_owned(), json!("plain/"));
        }
        let after = described(&updated(&of(kind, &smallest(kind)), kind, &Value::Object(change.clone())).unwrap());
        for (name, value) in &change {
            let found = &after[settings::described_name(name)];
            let is_secret = ["Password", "PrivateKey", "KeyPassphrase"].contains(&name.as_str());
            let expected = if is_secret { &Value::Null } else { value };
            if name == "EndpointConfiguration" {
                assert_eq!(found, &json!({"Name": "logs", "Url": value["Url"]}));
            } else {
                assert_eq!(found, expected, "{kind:?} {name}");
            }
        }
    }
}

#[test]
fn a_conversion_is_changed_member_by_member_with_its_schema() {
    let mut configuration = smallest(Kind::ExtendedS3);
    configuration["DataFormatConversionConfiguration"] = conversion();
    let before = of(Kind::ExtendedS3, &configuration);
    let change = json!({"DataFormatConversionConfiguration": {"SchemaConfiguration": {"TableName": "other"}}});
    let after = described(&updated(&before, Kind::ExtendedS3, &change).unwrap());
    let mut expected = conversion();
    expected["Enabled"] = json!(true);
    expected["SchemaConfiguration"]["TableName"] = json!("other");
    assert_eq!(after["DataFormatConversionConfiguration"], expected);
}

#[test]
fn a_bucket_is_changed_member_by_member_and_other_structures_as_a_whole() {
    let before = of(Kind::HttpEndpoint, &whole(Kind::HttpEndpoint));
    let update = json!({
        "S3Update": {"Prefix": "new/", "BufferingHints": {"IntervalInSeconds": 1, "SizeInMBs": 1}},
        "RequestConfiguration": {"CommonAttributes": []},
        "EndpointConfiguration": {"Url": "https://new.example.com"},
        "RetryOptions": {},
    });
    let after = described(&updated(&before, Kind::HttpEndpoint, &update).unwrap());
    let expected = patched(
        described(&before),
        &json!({
            "S3DestinationDescription": update["S3Update"],
            "RequestConfiguration": {"ContentEncoding": "NONE", "CommonAttributes": []},
            "EndpointConfiguration": {"Url": "https://new.example.com", "Name": null},
            "RetryOptions": {"DurationInSeconds": 300},
        }),
    );
    assert_eq!(after, expected);
}

#[test]
fn encryption_is_cleared_by_asking_for_none() {
    let before = of(Kind::S3, &whole(Kind::S3));
    let kept = described(&updated(&before, Kind::S3, &json!({"Prefix": "new/"})).unwrap());
    assert_eq!(kept["EncryptionConfiguration"], whole_bucket()["EncryptionConfiguration"]);
    let none = json!({"NoEncryptionConfig": "NoEncryption"});
    let cleared = described(&updated(&before, Kind::S3, &json!({"EncryptionConfiguration": none})).unwrap());
    assert_eq!(cleared["EncryptionConfiguration"], none);
}

#[test]
fn a_cluster_takes_the_place_of_a_domain_and_back() {
    for kind in [Kind::Elasticsearch, Kind::Amazonopensearchservice] {
        let before = of(kind, &whole(kind));
        let cluster = updated(&before, kind, &json!({"ClusterEndpoint": "https://logs.example.com"})).unwrap();
        let found = described(&cluster);
        assert_eq!((found.get("DomainARN"), &found["ClusterEndpoint"]), (None, &json!("https://logs.example.com")));
        let arn = "arn:aws:es:us-east-1:000000000000:domain/other";
        let found = described(&updated(&cluster, kind, &json!({"DomainARN": arn})).unwrap());
        assert_eq!((&found["DomainARN"], found.get("ClusterEndpoint")), (&json!(arn), None));
        let both = json!({"DomainARN": arn, "ClusterEndpoint": "https://logs.example.com"});
        assert!(refusal(updated(&before, kind, &both)).starts_with("Cannot provide both"));
    }
}

#[test]
fn backups_are_not_turned_back() {
    for (kind, mode) in [
        (Kind::ExtendedS3, "Disabled"),
        (Kind::Redshift, "Disabled"),
        (Kind::Splunk, "FailedEventsOnly"),
        (Kind::HttpEndpoint, "FailedDataOnly"),
        (Kind::Snowflake, "FailedDataOnly"),
    ] {
        let before = of(kind, &whole(kind));
        let refused = refusal(updated(&before, kind, &json!({"S3BackupMode": mode})));
        assert_eq!(refused, "Disabling S3 backup is not currently supported.", "{kind:?}");
        let off = of(kind, &smallest(kind));
        updated(&off, kind, &json!({"S3BackupMode": mode})).unwrap();
    }
    let text = "S3 backup destination configuration is required when enabling S3 backup.";
    for kind in [Kind::ExtendedS3, Kind::Redshift] {
        let before = of(kind, &smallest(kind));
        assert_eq!(refusal(updated(&before, kind, &json!({"S3BackupMode": "Enabled"}))), text);
        let both = json!({"S3BackupMode": "Enabled", "S3BackupUpdate": bucket()});
        let after = described(&updated(&before, kind, &both).unwrap());
        assert_eq!(after["S3BackupDescription"]["CompressionFormat"], "UNCOMPRESSED");
    }
}

#[test]
fn what_updates_have_no_member_for_stays() {
    for kind in [Kind::Elasticsearch, Kind::Amazonopensearchservice, Kind::AmazonOpenSearchServerless] {
        let before = of(kind, &whole(kind));
        let vpc = json!({"RoleARN": ROLE, "SubnetIds": ["subnet-3"], "SecurityGroupIds": ["sg-3"]});
        let update = json!({"S3BackupMode": "FailedDocumentsOnly", "VpcConfiguration": vpc});
        assert_eq!(updated(&before, kind, &update).unwrap(), before, "{kind:?}");
    }
}

#[test]
fn partitioning_stays_on_or_off() {
    let partitioned = of(Kind::ExtendedS3, &whole(Kind::ExtendedS3));
    let off = json!({"DynamicPartitioningConfiguration": {"Enabled": false}, "Prefix": "plain/"});
    assert_eq!(
        refusal(updated(&partitioned, Kind::ExtendedS3, &off)),
        "Disabling Dynamic Partitioning is not currently supported."
    );
    let on = json!({
        "DynamicPartitioningConfiguration": {"Enabled": true},
        "Prefix": "!{partitionKeyFromLambda:team}/",
        "ErrorOutputPrefix": "e/",
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "ProcessingConfiguration": lambda(),
    });
    for kind in [Kind::S3, Kind::ExtendedS3] {
        assert_eq!(
            refusal(updated(&of(kind, &smallest(kind)), Kind::ExtendedS3, &on)),
            "Enabling Dynamic Partitioning on an existing delivery stream is not currently supported."
        );
    }
    let same = json!({"DynamicPartitioningConfiguration": {"Enabled": true, "RetryOptions": {"DurationInSeconds": 1}}});
    updated(&partitioned, Kind::ExtendedS3, &same).unwrap();
}

#[test]
fn decompression_is_turned_on_later_beside_a_function_only() {
    let gzip = json!([{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]);
    let decompression = json!({"Type": "Decompression", "Parameters": gzip});
    let on = json!({"ProcessingConfiguration": {"Enabled": true, "Processors": [decompression]}});
    let text = "Enabling source decompression is not supported for existing stream with no Lambda function attached.";
    for kind in [Kind::ExtendedS3, Kind::Amazonopensearchservice, Kind::HttpEndpoint] {
        let before = of(kind, &smallest(kind));
        assert_eq!(refusal(updated(&before, kind, &on)), text, "{kind:?}");
        let with_function = of(kind, &patched(smallest(kind), &json!({"ProcessingConfiguration": lambda()})));
        let after = updated(&with_function, kind, &on).unwrap();
        updated(&after, kind, &on).unwrap();
    }
}

#[test]
fn the_address_of_a_private_link_stays() {
    let url = json!({"AccountUrl": "https://other.us-east-1.snowflakecomputing.com"});
    let private = of(Kind::Snowflake, &whole(Kind::Snowflake));
    assert_eq!(
        refusal(updated(&private, Kind::Snowflake, &url)),
        "Changing the snowflake private link url is not supported at this time."
    );
    updated(&of(Kind::Snowflake, &smallest(Kind::Snowflake)), Kind::Snowflake, &url).unwrap();
}

#[test]
fn a_bucket_is_extended_and_stays_extended() {
    let plain = of(Kind::S3, &whole(Kind::S3));
    let extended = updated(&plain, Kind::ExtendedS3, &json!({"FileExtension": ".log"})).unwrap();
    assert_eq!(extended.kind, Kind::ExtendedS3);
    let found = described(&extended);
    assert_eq!((&found["FileExtension"], &found["S3BackupMode"]), (&json!(".log"), &json!("Disabled")));
    assert_eq!(found["Prefix"], whole_bucket()["Prefix"]);
    let again = updated(&extended, Kind::S3, &json!({"CompressionFormat": "ZIP"})).unwrap();
    assert_eq!(again.kind, Kind::ExtendedS3);
    assert_eq!(described(&again)["FileExtension"], ".log");
    assert_eq!(described(&again)["CompressionFormat"], "ZIP");
}

#[test]
fn elasticsearch_becomes_opensearch_and_keeps_what_cannot_be_changed() {
    let before = of(Kind::Elasticsearch, &whole(Kind::Elasticsearch));
    let after = updated(&before, Kind::Amazonopensearchservice, &json!({"IndexName": "new"})).unwrap();
    assert_eq!(after.kind, Kind::Amazonopensearchservice);
    assert_eq!(described(&after), patched(described(&before), &json!({"IndexName": "new"})));
}

#[test]
fn the_bucket_of_iceberg_is_updated_by_a_configuration() {
    let before = of(Kind::Iceberg, &whole(Kind::Iceberg));
    let bucket = json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::other"});
    let after = described(&updated(&before, Kind::Iceberg, &json!({"S3Configuration": bucket})).unwrap());
    assert_eq!(after["S3DestinationDescription"]["BucketARN"], "arn:aws:s3:::other");
    assert_eq!(after["S3DestinationDescription"]["Prefix"], whole_bucket()["Prefix"]);
}

#[test]
fn some_types_are_not_changed() {
    let text = |name: &str| format!("Changing the destination type to or from {name} is not supported at this time.");
    for (from, to, name) in [
        (Kind::S3, Kind::Elasticsearch, "Elasticsearch"),
        (Kind::Elasticsearch, Kind::ExtendedS3, "Elasticsearch"),
        (Kind::Splunk, Kind::Amazonopensearchservice, "Amazonopensearchservice"),
        (Kind::Amazonopensearchservice, Kind::Splunk, "Amazonopensearchservice"),
        (Kind::HttpEndpoint, Kind::S3, "HttpEndpoint"),
        (Kind::ExtendedS3, Kind::HttpEndpoint, "HttpEndpoint"),
    ] {
        let refused = refusal(updated(&of(from, &smallest(from)), to, &json!({})));
        assert_eq!(refused, text(name), "{from:?} to {to:?}");
    }
}

#[test]
fn another_type_takes_nothing_over() {
    let before = of(Kind::ExtendedS3, &whole(Kind::ExtendedS3));
    let mut update = smallest(Kind::Splunk);
    let bucket = update.as_object_mut().unwrap().remove("S3Configuration").unwrap();
    assert_eq!(
        refusal(updated(&before, Kind::Splunk, &update)),
        "SplunkDestinationUpdate.S3Configuration must be specified when the type of the destination is changed."
    );
    update["S3Update"] = json!({"RoleARN": ROLE});
    assert_eq!(
        refusal(updated(&before, Kind::Splunk, &update)),
        "SplunkDestinationUpdate.S3Configuration.BucketARN must be specified when the type of the destination is \
         changed."
    );
    update["S3Update"] = bucket;
    let after = updated(&before, Kind::Splunk, &update).unwrap();
    assert_eq!(after, of(Kind::Splunk, &smallest(Kind::Splunk)));
}
