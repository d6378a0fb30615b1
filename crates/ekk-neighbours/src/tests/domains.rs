//! Domains in both dialects, and the errors that tools look for.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Stand, refused};

const NEW: &str = "/2021-01-01/opensearch/domain";
const OLD: &str = "/2015-01-01/es/domain";

async fn create(stand: &Stand, request: &Value) -> Value {
    stand.es_ok("POST", NEW, request).await["DomainStatus"].clone()
}

#[tokio::test]
async fn a_domain_is_active_at_once_with_every_default() {
    let stand = Stand::new();
    let mut status = create(&stand, &json!({"DomainName": "logs"})).await;
    let described = stand.es_ok("GET", &format!("{NEW}/logs"), &Value::Null).await;
    assert_eq!(described["DomainStatus"], status);
    status["ChangeProgressDetails"]["ChangeId"] = json!("ID");
    insta::assert_json_snapshot!(status);
}

#[tokio::test]
async fn the_configuration_shows_each_option_with_its_state() {
    let stand = Stand::new();
    create(&stand, &json!({"DomainName": "logs", "EBSOptions": {"EBSEnabled": true, "VolumeType": "gp3"}})).await;
    stand.clock.advance(Duration::from_mins(1));
    let request = json!({"ClusterConfig": {"InstanceCount": 3}, "SnapshotOptions": {"AutomatedSnapshotStartHour": 3}});
    let updated = stand.es_ok("POST", &format!("{NEW}/logs/config"), &request).await;
    let config = stand.es_ok("GET", &format!("{NEW}/logs/config"), &Value::Null).await["DomainConfig"].clone();
    assert_eq!(updated["DomainConfig"], config);
    insta::assert_json_snapshot!(json!({
        "ClusterConfig": config["ClusterConfig"],
        "EBSOptions": config["EBSOptions"],
        "AutoTuneOptions": config["AutoTuneOptions"],
        "LogPublishingOptions": config["LogPublishingOptions"],
    }));
}

#[tokio::test]
async fn the_older_dialect_says_the_same_in_its_own_words() {
    let stand = Stand::new();
    let request = json!({
        "DomainName": "logs",
        "ElasticsearchVersion": "7.10",
        "ElasticsearchClusterConfig": {"InstanceType": "m5.large.elasticsearch", "InstanceCount": 2},
        "EBSOptions": {"EBSEnabled": true, "VolumeSize": 20},
    });
    let old = stand.es_ok("POST", OLD, &request).await["DomainStatus"].clone();
    assert_eq!(old["ElasticsearchVersion"], "7.10");
    assert_eq!(old["ElasticsearchClusterConfig"]["InstanceType"], "m5.large.elasticsearch");
    for absent in ["EngineVersion", "ClusterConfig", "IPAddressType", "OffPeakWindowOptions", "SoftwareUpdateOptions"] {
        assert!(old.get(absent).is_none(), "{absent}");
    }
    let new = stand.es_ok("GET", &format!("{NEW}/logs"), &Value::Null).await["DomainStatus"].clone();
    assert_eq!(new["EngineVersion"], "Elasticsearch_7.10");
    assert_eq!(new["ClusterConfig"]["InstanceType"], "m5.large.search");
    assert_eq!(new["ARN"], old["ARN"]);
    let config = stand.es_ok("GET", &format!("{OLD}/logs/config"), &Value::Null).await["DomainConfig"].clone();
    assert_eq!(config["ElasticsearchVersion"]["Options"], "7.10");
    assert_eq!(config["ElasticsearchClusterConfig"]["Options"]["InstanceCount"], 2);
    let update = json!({"ElasticsearchClusterConfig": {"InstanceType": "r6g.large.elasticsearch"}});
    stand.es_ok("POST", &format!("{OLD}/logs/config"), &update).await;
    let new = stand.es_ok("GET", &format!("{NEW}/logs"), &Value::Null).await;
    assert_eq!(new["DomainStatus"]["ClusterConfig"]["InstanceType"], "r6g.large.search");
    let names = stand.es_ok("GET", "/2015-01-01/domain", &Value::Null).await;
    assert_eq!(names, json!({"DomainNames": [{"DomainName": "logs", "EngineType": "Elasticsearch"}]}));
}

#[tokio::test]
async fn what_is_not_there_or_there_already_is_named() {
    let stand = Stand::new();
    create(&stand, &json!({"DomainName": "logs"})).await;
    let found = stand.es_refused("POST", NEW, &json!({"DomainName": "logs"})).await;
    refused(&found, 409, "ResourceAlreadyExistsException", "Domain logs already exists.");
    for (method, path) in [
        ("GET", format!("{NEW}/gone")),
        ("GET", format!("{OLD}/gone")),
        ("GET", format!("{NEW}/gone/config")),
        ("POST", format!("{NEW}/gone/config")),
        ("DELETE", format!("{NEW}/gone")),
        ("GET", "/2021-01-01/opensearch/compatibleVersions?domainName=gone".to_owned()),
    ] {
        let found = stand.es_refused(method, &path, &Value::Null).await;
        refused(&found, 409, "ResourceNotFoundException", "Domain not found: gone");
    }
}

#[tokio::test]
async fn a_deleted_domain_is_gone_at_once() {
    let stand = Stand::new();
    create(&stand, &json!({"DomainName": "logs"})).await;
    let deleted = stand.es_ok("DELETE", &format!("{NEW}/logs"), &Value::Null).await;
    assert_eq!(deleted["DomainStatus"]["Deleted"], true);
    assert_eq!(deleted["DomainStatus"]["DomainProcessingStatus"], "Deleting");
    assert_eq!(stand.es("GET", &format!("{NEW}/logs"), &Value::Null).await.status, 409);
    create(&stand, &json!({"DomainName": "logs"})).await;
}

#[tokio::test]
async fn names_and_options_are_refused_in_the_words_of_aws() {
    let stand = Stand::new();
    let name = "failed to satisfy constraint: Member must";
    for (body, code, status, message) in [
        (json!({}), "ValidationException", 400, format!("1 validation error detected: Value null at 'domainName' {name} not be null")),
        (
            json!({"DomainName": "InvalidName"}),
            "ValidationException",
            400,
            format!("1 validation error detected: Value 'InvalidName' at 'domainName' {name} satisfy regular expression pattern: [a-z][a-z0-9\\-]+"),
        ),
        (
            json!({"DomainName": "es", "EBSOptions": {"VolumeType": "tape"}}),
            "ValidationException",
            400,
            format!("2 validation errors detected: Value 'es' at 'domainName' {name} have length greater than or equal to 3; Value 'tape' at 'eBSOptions.volumeType' {name} satisfy enum value set: [standard, gp2, io1, gp3]"),
        ),
        (
            json!({"DomainName": "logs", "LogPublishingOptions": {"LOGS": {}}}),
            "ValidationException",
            400,
            "1 validation error detected: Value '{LOGS=…}' at 'logPublishingOptions' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy enum value set: [INDEX_SLOW_LOGS, SEARCH_SLOW_LOGS, ES_APPLICATION_LOGS, AUDIT_LOGS]]".to_owned(),
        ),
        (json!({"DomainName": 7}), "SerializationException", 400, "class java.lang.Long can not be converted to a String".to_owned()),
        (json!({"DomainName": "logs", "EBSOptions": []}), "SerializationException", 400, "Start of list found where not expected".to_owned()),
        (json!({"DomainName": "logs", "TagList": {}}), "SerializationException", 400, "Start of structure or map found where not expected.".to_owned()),
        (json!({"DomainName": "logs", "EngineVersion": "OpenSearch_1.9"}), "ValidationException", 400, "Engine version OpenSearch_1.9 is not supported.".to_owned()),
        (json!({"DomainName": "logs", "AccessPolicies": "{"}), "InvalidTypeException", 409, "Error setting policy: [{]".to_owned()),
        (
            json!({"DomainName": "logs", "AccessPolicies": r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"es:*","Resource":"*"}]}"#}),
            "ValidationException",
            400,
            "Enable fine-grained access control or apply a restrictive access policy to your domain".to_owned(),
        ),
        (
            json!({"DomainName": "logs", "ClusterConfig": {"InstanceType": "t3.small.search"}}),
            "ValidationException",
            400,
            "EBS storage must be selected for t3.small.search".to_owned(),
        ),
        (
            json!({"DomainName": "logs", "ClusterConfig": {"InstanceType": "t3.small.search"}, "EBSOptions": {"EBSEnabled": true}, "AutoTuneOptions": {"DesiredState": "ENABLED"}}),
            "ValidationException",
            400,
            "Autotune is not supported in t2/t3 instance types. Disable autotune or change your instance type.".to_owned(),
        ),
        (
            json!({"DomainName": "logs", "AdvancedSecurityOptions": {"Enabled": true}}),
            "ValidationException",
            400,
            "You must enable node-to-node encryption to use advanced security options.".to_owned(),
        ),
        (
            json!({"DomainName": "logs", "DomainEndpointOptions": {"CustomEndpoint": "logs.example.com"}}),
            "ValidationException",
            400,
            "CustomEndpointEnabled flag should be set in order to use CustomEndpoint.".to_owned(),
        ),
        (
            json!({"DomainName": "logs", "TagList": [{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]}),
            "ValidationException",
            400,
            "Duplicate tag keys are not allowed.".to_owned(),
        ),
    ] {
        refused(&stand.es_refused("POST", NEW, &body).await, status, code, &message);
    }
    let found = stand.es_refused("GET", &format!("{NEW}/No"), &Value::Null).await;
    assert!(found.2.starts_with("2 validation errors detected: Value 'No' at 'domainName'"), "{found:?}");
}

#[tokio::test]
async fn instance_types_are_those_of_the_model_and_of_the_documentation() {
    let stand = Stand::new();
    let request = |instance: &str| json!({"DomainName": "logs", "ClusterConfig": {"InstanceType": instance}, "EBSOptions": {"EBSEnabled": true}});
    let (status, _, message) = stand.es_refused("POST", NEW, &request("m5.large")).await;
    assert_eq!(status, 400);
    assert!(message.starts_with(
        "1 validation error detected: Value 'm5.large' at 'clusterConfig.instanceType' failed to satisfy constraint: \
         Member must satisfy enum value set: [m3.medium.search, "
    ));
    create(&stand, &request("r7g.large.search")).await;
}

#[tokio::test]
async fn secrets_of_a_master_user_are_neither_shown_nor_kept() {
    let temporary = tempfile::tempdir().unwrap();
    let stand = Stand::with(Some(temporary.path().to_owned()));
    let request = json!({
        "DomainName": "logs",
        "AdvancedSecurityOptions": {
            "Enabled": true,
            "InternalUserDatabaseEnabled": true,
            "MasterUserOptions": {"MasterUserName": "root", "MasterUserPassword": "Secret-1234"},
        },
        "NodeToNodeEncryptionOptions": {"Enabled": true},
        "EncryptionAtRestOptions": {"Enabled": true},
        "DomainEndpointOptions": {"EnforceHTTPS": true},
    });
    let status = create(&stand, &request).await;
    assert_eq!(status["AdvancedSecurityOptions"]["InternalUserDatabaseEnabled"], true);
    let key = status["EncryptionAtRestOptions"]["KmsKeyId"].as_str().unwrap();
    assert!(key.starts_with("arn:aws:kms:us-east-1:000000000000:key/"), "{key}");
    let file = std::fs::read_to_string(temporary.path().join("domains/000000000000.us-east-1.logs.json")).unwrap();
    assert!(!file.contains("Secret-1234") && !status.to_string().contains("Secret-1234"));
}

#[tokio::test]
async fn a_domain_in_a_vpc_has_its_endpoint_there() {
    let stand = Stand::new();
    let request = json!({"DomainName": "logs", "VPCOptions": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}});
    let status = create(&stand, &request).await;
    assert_eq!(status.get("Endpoint"), None);
    assert_eq!(status["Endpoints"], json!({"vpc": "127.0.0.1:9200"}));
    assert_eq!(status["VPCOptions"]["AvailabilityZones"], json!(["us-east-1a", "us-east-1b"]));
    assert_eq!(status["VPCOptions"]["SecurityGroupIds"], json!(["sg-1"]));
}

#[tokio::test]
async fn some_domains_are_described_and_no_more_than_five() {
    let stand = Stand::new();
    create(&stand, &json!({"DomainName": "logs"})).await;
    create(&stand, &json!({"DomainName": "audit"})).await;
    let describe = |names: &[&str]| json!({"DomainNames": names});
    let found = stand.es_ok("POST", "/2021-01-01/opensearch/domain-info", &describe(&["logs", "gone", "audit"])).await;
    let names: Vec<_> = found["DomainStatusList"].as_array().unwrap().iter().map(|it| &it["DomainName"]).collect();
    assert_eq!(names, ["logs", "audit"]);
    let many = describe(&["aaa", "bbb", "ccc", "ddd", "eee", "fff"]);
    let found = stand.es_refused("POST", "/2015-01-01/es/domain-info", &many).await;
    refused(&found, 400, "ValidationException", "Please provide a maximum of 5 domain names to describe.");
    let listed = stand.es_ok("GET", "/2021-01-01/domain?engineType=OpenSearch", &Value::Null).await;
    assert_eq!(listed["DomainNames"].as_array().unwrap().len(), 2);
    let listed = stand.es_ok("GET", "/2021-01-01/domain?engineType=Elasticsearch", &Value::Null).await;
    assert_eq!(listed["DomainNames"], json!([]));
    let (status, _, message) = stand.es_refused("GET", "/2021-01-01/domain?engineType=Solr", &Value::Null).await;
    assert_eq!(status, 400);
    assert!(message.ends_with(
        "at 'engineType' failed to satisfy constraint: Member must satisfy enum value set: [OpenSearch, Elasticsearch]"
    ));
}

#[tokio::test]
async fn tags_of_a_domain_are_added_replaced_and_removed() {
    let stand = Stand::new();
    let request = json!({"DomainName": "logs", "TagList": [{"Key": "team", "Value": "logs"}]});
    let arn = create(&stand, &request).await["ARN"].as_str().unwrap().to_owned();
    let added = json!({"ARN": arn, "TagList": [{"Key": "team", "Value": "search"}, {"Key": "stage", "Value": ""}]});
    let answer = stand.es("POST", "/2021-01-01/tags", &added).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    let path = format!("/2021-01-01/tags/?arn={}", arn.replace(':', "%3A").replace('/', "%2F"));
    let listed = stand.es_ok("GET", &path, &Value::Null).await;
    assert_eq!(listed, json!({"TagList": [{"Key": "team", "Value": "search"}, {"Key": "stage", "Value": ""}]}));
    let removed = json!({"ARN": arn, "TagKeys": ["stage", "other"]});
    stand.es_ok("POST", "/2015-01-01/tags-removal", &removed).await;
    let listed = stand.es_ok("GET", &path.replace("2021", "2015"), &Value::Null).await;
    assert_eq!(listed["TagList"].as_array().unwrap().len(), 1);

    let gone = json!({"ARN": "arn:aws:es:us-east-1:000000000000:domain/gone", "TagList": []});
    let found = stand.es_refused("POST", "/2021-01-01/tags", &gone).await;
    refused(&found, 400, "ValidationException", "Invalid ARN. Domain not found.");
    let many: Vec<_> = (0..51).map(|number| json!({"Key": format!("k{number}"), "Value": ""})).collect();
    let found = stand.es_refused("POST", "/2021-01-01/tags", &json!({"ARN": arn, "TagList": many})).await;
    refused(&found, 409, "LimitExceededException", "A domain can have up to 50 tags.");
}

#[tokio::test]
async fn an_engine_is_upgraded_at_once_along_the_documented_ways() {
    let stand = Stand::new();
    create(&stand, &json!({"DomainName": "logs", "EngineVersion": "OpenSearch_1.3"})).await;
    let compatible =
        stand.es_ok("GET", "/2021-01-01/opensearch/compatibleVersions?domainName=logs", &Value::Null).await;
    let map = &compatible["CompatibleVersions"][0];
    assert_eq!(map["SourceVersion"], "OpenSearch_1.3");
    assert!(map["TargetVersions"].as_array().unwrap().contains(&json!("OpenSearch_2.19")));
    let upgrade = |version: &str| json!({"DomainName": "logs", "TargetVersion": version});
    let found = stand.es_refused("POST", "/2021-01-01/opensearch/upgradeDomain", &upgrade("OpenSearch_3.1")).await;
    refused(&found, 400, "ValidationException", "Cannot upgrade from OpenSearch_1.3 to OpenSearch_3.1.");
    stand.es_ok("POST", "/2021-01-01/opensearch/upgradeDomain", &upgrade("OpenSearch_2.19")).await;
    let status = stand.es_ok("GET", "/2021-01-01/opensearch/upgradeDomain/logs/status", &Value::Null).await;
    assert_eq!(status["StepStatus"], "SUCCEEDED");
    assert_eq!(status["UpgradeName"], "Upgrade from OpenSearch_1.3 to OpenSearch_2.19");
    let described = stand.es_ok("GET", &format!("{NEW}/logs"), &Value::Null).await;
    assert_eq!(described["DomainStatus"]["EngineVersion"], "OpenSearch_2.19");
}

#[tokio::test]
async fn versions_are_listed_page_by_page_in_both_dialects() {
    let stand = Stand::new();
    let all = stand.es_ok("GET", "/2021-01-01/opensearch/versions", &Value::Null).await;
    let mut pages = Vec::new();
    let mut token = String::new();
    loop {
        let path = format!("/2021-01-01/opensearch/versions?maxResults=10&nextToken={token}");
        let page = stand.es_ok("GET", &path, &Value::Null).await;
        pages.extend(page["Versions"].as_array().unwrap().clone());
        match page.get("NextToken") {
            Some(next) => next.as_str().unwrap().clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!(all["Versions"], json!(pages));
    let old = stand.es_ok("GET", "/2015-01-01/es/versions", &Value::Null).await;
    assert!(old["ElasticsearchVersions"].as_array().unwrap().contains(&json!("7.10")));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let stand = Stand::new();
    create(&stand, &json!({"DomainName": "logs"})).await;
    let request = json!({"DryRun": true, "DryRunMode": "Verbose", "ClusterConfig": {"InstanceCount": 9}});
    let answer = stand.es_ok("POST", &format!("{NEW}/logs/config"), &request).await;
    assert_eq!(answer["DryRunResults"]["DeploymentType"], "None");
    let described = stand.es_ok("GET", &format!("{NEW}/logs"), &Value::Null).await;
    assert_eq!(described["DomainStatus"]["ClusterConfig"]["InstanceCount"], 1);
}

#[tokio::test]
async fn domains_are_bounded_and_apart_by_account_and_region() {
    let stand = Stand::new();
    for number in 0..100 {
        create(&stand, &json!({"DomainName": format!("logs-{number}")})).await;
    }
    let found = stand.es_refused("POST", NEW, &json!({"DomainName": "one-more"})).await;
    refused(&found, 409, "LimitExceededException", "You have reached the limit of 100 domains in this region.");
    for other in [stand.as_client("test", "eu-west-1"), stand.as_client("123456789012", "us-east-1")] {
        assert_eq!(other.es("GET", &format!("{NEW}/logs-1"), &Value::Null).await.status, 409);
        let arn = create(&other, &json!({"DomainName": "logs-1"})).await["ARN"].as_str().unwrap().to_owned();
        assert!(other.neighbours.domain_endpoint(&arn).is_some());
        let found = stand.es_refused("POST", "/2021-01-01/tags", &json!({"ARN": arn, "TagList": []})).await;
        refused(&found, 400, "ValidationException", "Invalid ARN. Domain not found.");
    }
}

#[tokio::test]
async fn an_arn_resolves_to_the_endpoint_of_the_stack() {
    let stand = Stand::new();
    let arn = create(&stand, &json!({"DomainName": "logs"})).await["ARN"].as_str().unwrap().to_owned();
    assert_eq!(stand.neighbours.domain_endpoint(&arn).unwrap().as_str(), "http://127.0.0.1:9200/");
    for other in [arn.replace("logs", "gone"), arn.replace("us-east-1", "eu-west-1"), "logs".to_owned()] {
        assert_eq!(stand.neighbours.domain_endpoint(&other), None, "{other}");
    }
}
