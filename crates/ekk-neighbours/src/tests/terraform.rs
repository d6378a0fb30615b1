//! The calls of Terraform's AWS provider, in its order, for the resources around a delivery stream.
//!
//! After each `apply` everything is read as `plan` reads it and compared with what was asked for: a difference here is a
//! change that Terraform would want to make again.
//!
//! Source: `internal/service/{opensearch,elasticsearch,iam}` of <https://github.com/hashicorp/terraform-provider-aws>

use serde_json::{Value, json};

use super::{Answer, Stand, refused};

/// Whether `shown` has all that `wanted` has, with the same values.
#[track_caller]
fn assert_no_difference(wanted: &Value, shown: &Value) {
    match (wanted, shown) {
        (Value::Object(wanted), Value::Object(shown)) => {
            for (name, value) in wanted {
                let found = shown.get(name).unwrap_or_else(|| panic!("{name} is not shown"));
                assert_no_difference(value, found);
            }
        }
        _ => assert_eq!(wanted, shown),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn tags_path(version: &str, arn: &str) -> String {
    format!("/{version}/tags/?arn={}", arn.replace(':', "%3A").replace('/', "%2F"))
}

/// `aws_opensearch_domain` with most of its blocks.
#[tokio::test]
async fn an_opensearch_domain_is_applied_planned_changed_and_destroyed() {
    let stand = Stand::new();
    let domain = "/2021-01-01/opensearch/domain";
    let path = format!("{domain}/logs");
    // Create looks first whether the name is free.
    let found = stand.es_refused("GET", &path, &Value::Null).await;
    refused(&found, 409, "ResourceNotFoundException", "Domain not found: logs");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "es:*", "Resource": "*",
    }]});
    let wanted = json!({
        "EngineVersion": "OpenSearch_2.19",
        "AccessPolicies": policy.to_string(),
        "AdvancedOptions": {"rest.action.multi.allow_explicit_index": "true", "indices.query.bool.max_clause_count": "1024"},
        "ClusterConfig": {
            "InstanceType": "r6g.large.search", "InstanceCount": 2, "ZoneAwarenessEnabled": true,
            "ZoneAwarenessConfig": {"AvailabilityZoneCount": 2}, "DedicatedMasterEnabled": true,
            "DedicatedMasterCount": 3, "DedicatedMasterType": "m6g.large.search", "MultiAZWithStandbyEnabled": false,
            "WarmEnabled": true, "WarmCount": 2, "WarmType": "ultrawarm1.medium.search",
            "ColdStorageOptions": {"Enabled": true},
        },
        "EBSOptions": {"EBSEnabled": true, "VolumeType": "gp3", "VolumeSize": 20, "Iops": 3000, "Throughput": 125},
        "EncryptionAtRestOptions": {"Enabled": true, "KmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/1"},
        "NodeToNodeEncryptionOptions": {"Enabled": true},
        "DomainEndpointOptions": {"EnforceHTTPS": true, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07", "CustomEndpointEnabled": false},
        "SnapshotOptions": {"AutomatedSnapshotStartHour": 23},
        "LogPublishingOptions": {"INDEX_SLOW_LOGS": {
            "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:logs", "Enabled": true,
        }},
        "OffPeakWindowOptions": {"Enabled": true, "OffPeakWindow": {"WindowStartTime": {"Hours": 9, "Minutes": 30}}},
        "SoftwareUpdateOptions": {"AutoSoftwareUpdateEnabled": true},
        "IPAddressType": "dualstack",
    });
    let mut request = wanted.clone();
    request["DomainName"] = json!("logs");
    request["TagList"] = json!([{"Key": "team", "Value": "logs"}]);
    request["AutoTuneOptions"] = json!({"DesiredState": "ENABLED", "UseOffPeakWindow": true});
    let created = stand.es_ok("POST", domain, &request).await["DomainStatus"].clone();
    let arn = text(&created["ARN"]);

    // Waits until it is there and not processing, then reads.
    let status = stand.es_ok("GET", &path, &Value::Null).await["DomainStatus"].clone();
    assert_eq!((&status["Processing"], &status["Endpoint"]), (&json!(false), &json!("127.0.0.1:9200")));
    assert_eq!(status.get("Endpoints"), None, "the provider refuses a public domain with both");
    assert_no_difference(&wanted, &status);
    let config = stand.es_ok("GET", &format!("{path}/config"), &Value::Null).await["DomainConfig"].clone();
    let tuning = json!({"DesiredState": "ENABLED", "RollbackOnDisable": "NO_ROLLBACK", "UseOffPeakWindow": true});
    assert_no_difference(&tuning, &config["AutoTuneOptions"]["Options"]);
    let tags = stand.es_ok("GET", &tags_path("2021-01-01", &arn), &Value::Null).await;
    assert_eq!(tags["TagList"], json!([{"Key": "team", "Value": "logs"}]));

    // A change of a block and of the version; the plan asks which versions are compatible.
    let compatible =
        stand.es_ok("GET", "/2021-01-01/opensearch/compatibleVersions?domainName=logs", &Value::Null).await;
    assert_eq!(compatible["CompatibleVersions"].as_array().unwrap().len(), 1);
    let change = json!({"SnapshotOptions": {"AutomatedSnapshotStartHour": 3}, "AutoTuneOptions": {"DesiredState": "DISABLED", "RollbackOnDisable": "NO_ROLLBACK"}});
    stand.es_ok("POST", &format!("{path}/config"), &change).await;
    let upgrade = json!({"DomainName": "logs", "TargetVersion": "OpenSearch_3.1"});
    stand.es_ok("POST", "/2021-01-01/opensearch/upgradeDomain", &upgrade).await;
    let upgraded = stand.es_ok("GET", "/2021-01-01/opensearch/upgradeDomain/logs/status", &Value::Null).await;
    assert_eq!(upgraded["StepStatus"], "SUCCEEDED");
    let mut changed = wanted.clone();
    changed["EngineVersion"] = json!("OpenSearch_3.1");
    changed["SnapshotOptions"] = change["SnapshotOptions"].clone();
    let status = stand.es_ok("GET", &path, &Value::Null).await["DomainStatus"].clone();
    assert_no_difference(&changed, &status);
    assert_eq!(status["ChangeProgressDetails"]["ConfigChangeStatus"], "Completed");
    stand.es_ok("POST", "/2021-01-01/tags-removal", &json!({"ARN": arn, "TagKeys": ["team"]})).await;
    stand.es_ok("POST", "/2021-01-01/tags", &json!({"ARN": arn, "TagList": [{"Key": "stage", "Value": "dev"}]})).await;

    // Destroy waits until neither the domain nor its configuration is found.
    stand.es_ok("DELETE", &path, &Value::Null).await;
    for path in [path.clone(), format!("{path}/config")] {
        let found = stand.es_refused("GET", &path, &Value::Null).await;
        refused(&found, 409, "ResourceNotFoundException", "Domain not found: logs");
    }
}

/// `aws_elasticsearch_domain`, which speaks the older dialect.
#[tokio::test]
async fn an_elasticsearch_domain_is_applied_planned_and_destroyed() {
    let stand = Stand::new();
    let (domain, path) = ("/2015-01-01/es/domain", "/2015-01-01/es/domain/logs");
    assert_eq!(stand.es_refused("GET", path, &Value::Null).await.1, "ResourceNotFoundException");
    let wanted = json!({
        "ElasticsearchVersion": "7.10",
        "ElasticsearchClusterConfig": {
            "InstanceType": "t3.small.elasticsearch", "InstanceCount": 1, "DedicatedMasterEnabled": false,
            "ZoneAwarenessEnabled": false, "WarmEnabled": false,
        },
        "EBSOptions": {"EBSEnabled": true, "VolumeSize": 10, "VolumeType": "gp2"},
        "DomainEndpointOptions": {"EnforceHTTPS": false, "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07"},
    });
    let mut request = wanted.clone();
    request["DomainName"] = json!("logs");
    request["TagList"] = json!([]);
    let arn = text(&stand.es_ok("POST", domain, &request).await["DomainStatus"]["ARN"]);
    let status = stand.es_ok("GET", path, &Value::Null).await["DomainStatus"].clone();
    assert_no_difference(&wanted, &status);
    assert_eq!((&status["Processing"], status.get("Endpoints")), (&json!(false), None));
    let config = stand.es_ok("GET", &format!("{path}/config"), &Value::Null).await["DomainConfig"].clone();
    assert_eq!(config["AutoTuneOptions"]["Options"]["DesiredState"], "DISABLED");
    assert_eq!(stand.es_ok("GET", &tags_path("2015-01-01", &arn), &Value::Null).await, json!({"TagList": []}));
    stand.es_ok("GET", "/2015-01-01/es/compatibleVersions?domainName=logs", &Value::Null).await;
    stand.es_ok("DELETE", path, &Value::Null).await;
    assert_eq!(stand.es_refused("GET", path, &Value::Null).await.1, "ResourceNotFoundException");
}

fn decoded(answer: &Answer, element: &str) -> Value {
    let encoded = format!("d={}", answer.element(element).unwrap());
    let text = url::form_urlencoded::parse(encoded.as_bytes()).next().unwrap().1.into_owned();
    serde_json::from_str(&text).unwrap()
}

/// `aws_iam_role` and `aws_iam_role_policy`.
#[tokio::test]
async fn a_role_with_its_policy_is_applied_planned_and_destroyed() {
    let stand = Stand::new();
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"},
    }]});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::logs/*"]},
        {"Effect": "Allow", "Action": ["es:ESHttpPost"], "Resource": "*"},
    ]});
    let (trust_text, policy_text) = (trust.to_string(), policy.to_string());
    let role = ("RoleName", "firehose");
    let create = [
        role,
        ("AssumeRolePolicyDocument", &trust_text),
        ("Path", "/"),
        ("MaxSessionDuration", "3600"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "logs"),
    ];
    stand.iam_ok("CreateRole", &create).await;
    let inline = [role, ("PolicyName", "deliver")];
    stand.iam_ok("PutRolePolicy", &[&inline[..], &[("PolicyDocument", &policy_text)]].concat()).await;

    let shown = stand.iam_ok("GetRole", &[role]).await;
    assert_eq!(decoded(&shown, "AssumeRolePolicyDocument"), trust);
    assert_eq!(shown.element("Path").unwrap(), "/");
    assert_eq!(shown.element("MaxSessionDuration").unwrap(), "3600");
    assert_eq!(shown.element("Description"), None, "an empty one would be a difference");
    assert_eq!((shown.elements("Key"), shown.elements("Value")), (vec!["team".to_owned()], vec!["logs".to_owned()]));
    assert_eq!(stand.iam_ok("ListRolePolicies", &[role]).await.elements("member"), ["deliver"]);
    assert_eq!(decoded(&stand.iam_ok("GetRolePolicy", &inline).await, "PolicyDocument"), policy);
    assert_eq!(stand.iam_ok("ListAttachedRolePolicies", &[role]).await.elements("member"), [] as [&str; 0]);

    stand.iam_ok("DeleteRolePolicy", &inline).await;
    assert_eq!(stand.iam_refused("GetRolePolicy", &inline).await.1, "NoSuchEntity");
    assert_eq!(stand.iam_ok("ListInstanceProfilesForRole", &[role]).await.elements("member"), [] as [&str; 0]);
    stand.iam_ok("DeleteRole", &[role]).await;
    let found = stand.iam_refused("GetRole", &[role]).await;
    refused(&found, 404, "NoSuchEntity", "The role with name firehose cannot be found.");
}

/// `aws_iam_policy` and `aws_iam_role_policy_attachment`.
#[tokio::test]
async fn a_managed_policy_is_applied_attached_changed_and_destroyed() {
    let stand = Stand::new();
    let trust = r#"{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"}}]}"#;
    let role = ("RoleName", "firehose");
    stand.iam_ok("CreateRole", &[role, ("AssumeRolePolicyDocument", trust)]).await;
    let document = |action: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let first = document("es:*").to_string();
    let created =
        stand.iam_ok("CreatePolicy", &[("PolicyName", "deliver"), ("Path", "/"), ("PolicyDocument", &first)]).await;
    let arn = created.element("Arn").unwrap();
    let by_arn = ("PolicyArn", arn.as_str());
    let shown = stand.iam_ok("GetPolicy", &[by_arn]).await;
    let version = shown.element("DefaultVersionId").unwrap();
    let shown = stand.iam_ok("GetPolicyVersion", &[by_arn, ("VersionId", &version)]).await;
    assert_eq!(decoded(&shown, "Document"), document("es:*"));
    stand.iam_ok("AttachRolePolicy", &[role, by_arn]).await;
    assert_eq!(stand.iam_ok("ListAttachedRolePolicies", &[role]).await.elements("PolicyArn"), [arn.as_str()]);

    // An update makes room among the versions first.
    for number in 0..6 {
        let versions = stand.iam_ok("ListPolicyVersions", &[by_arn]).await.elements("VersionId");
        if versions.len() == 5 {
            stand.iam_ok("DeletePolicyVersion", &[by_arn, ("VersionId", versions.last().unwrap())]).await;
        }
        let next = document(&format!("es:Action{number}")).to_string();
        stand.iam_ok("CreatePolicyVersion", &[by_arn, ("PolicyDocument", &next), ("SetAsDefault", "true")]).await;
    }
    assert_eq!(stand.iam_ok("GetPolicy", &[by_arn]).await.element("DefaultVersionId").unwrap(), "v7");

    stand.iam_ok("DetachRolePolicy", &[role, by_arn]).await;
    for version in stand.iam_ok("ListPolicyVersions", &[by_arn]).await.elements("VersionId") {
        if version != "v7" {
            stand.iam_ok("DeletePolicyVersion", &[by_arn, ("VersionId", &version)]).await;
        }
    }
    stand.iam_ok("DeletePolicy", &[by_arn]).await;
    stand.iam_ok("DeleteRole", &[role]).await;
}
