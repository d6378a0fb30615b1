//! Whatever a client sends is answered in the form of AWS, and never with a fault of ours.

use axum::body::Body;
use http::{Request, header::AUTHORIZATION};
use proptest::{prelude::*, sample::select, test_runner::TestCaseError};
use serde_json::{Map, Value, json};

use super::{DATE, Stand};

const PATHS: &[(&str, &str)] = &[
    ("POST", "/2021-01-01/opensearch/domain"),
    ("POST", "/2015-01-01/es/domain"),
    ("POST", "/2021-01-01/opensearch/domain/logs/config"),
    ("POST", "/2015-01-01/es/domain/logs/config"),
    ("POST", "/2021-01-01/opensearch/domain-info"),
    ("POST", "/2021-01-01/tags"),
    ("POST", "/2021-01-01/tags-removal"),
    ("POST", "/2021-01-01/opensearch/upgradeDomain"),
    ("GET", "/2021-01-01/tags/?arn=%ff"),
    ("GET", "/2021-01-01/opensearch/versions?maxResults=-1&nextToken=%00"),
    ("GET", "/2021-01-01/opensearch/domain/..%2f..%2fetc"),
    ("DELETE", "/2021-01-01/opensearch/domain/../../etc"),
];

const ACTIONS: &[&str] = &[
    "CreateRole",
    "GetRole",
    "ListRoles",
    "UpdateAssumeRolePolicy",
    "TagRole",
    "UntagRole",
    "PutRolePolicy",
    "GetRolePolicy",
    "AttachRolePolicy",
    "CreatePolicy",
    "GetPolicyVersion",
    "ListPolicyVersions",
    "DeletePolicy",
    "AssumeRole",
    "AssumeRoleWithWebIdentity",
    "GetAccessKeyInfo",
];

const MEMBERS: &[&str] = &[
    "RoleName",
    "PolicyName",
    "PolicyArn",
    "PolicyDocument",
    "AssumeRolePolicyDocument",
    "Path",
    "PathPrefix",
    "Marker",
    "MaxItems",
    "MaxSessionDuration",
    "Tags.member.1.Key",
    "Tags.member.1.Value",
    "TagKeys.member.1",
    "VersionId",
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "WebIdentityToken",
    "AccessKeyId",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("a".repeat(3000))),
        select(vec!["logs", "OpenSearch_2.19", "7.10", "m5.large.search", "ENABLED", "{}"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[A-Za-z]{1,8}", inner, 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A request that is good but for some members, each replaced or added.
fn spoiled_request() -> impl Strategy<Value = Value> {
    let good = json!({
        "DomainName": "logs",
        "DomainNames": ["logs"],
        "TargetVersion": "OpenSearch_2.19",
        "ARN": "arn:aws:es:us-east-1:000000000000:domain/logs",
        "TagList": [{"Key": "team", "Value": "logs"}],
        "TagKeys": ["team"],
    });
    let names = vec![
        "DomainName",
        "DomainNames",
        "EngineVersion",
        "ElasticsearchVersion",
        "ClusterConfig",
        "ElasticsearchClusterConfig",
        "EBSOptions",
        "AccessPolicies",
        "IPAddressType",
        "SnapshotOptions",
        "VPCOptions",
        "EncryptionAtRestOptions",
        "AdvancedOptions",
        "LogPublishingOptions",
        "DomainEndpointOptions",
        "AdvancedSecurityOptions",
        "AutoTuneOptions",
        "OffPeakWindowOptions",
        "AIMLOptions",
        "AutomatedSnapshotPauseOptions",
        "DryRun",
        "ARN",
        "TagList",
        "TagKeys",
        "TargetVersion",
    ];
    let inner =
        vec!["InstanceType", "Enabled", "EBSEnabled", "SubnetIds", "DesiredState", "INDEX_SLOW_LOGS", "KmsKeyId"];
    let change = (select(names), prop::option::of(select(inner)), any_json());
    prop::collection::vec(change, 0..4).prop_map(move |changes| {
        let mut request = good.clone();
        for (name, inner, value) in changes {
            request[name] = match inner {
                Some(inner) => json!({inner: value}),
                None => value,
            };
        }
        request
    })
}

fn check(service: &str, method: &str, path: &str, body: Vec<u8>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stand = Stand::new();
        stand.es_ok("POST", "/2021-01-01/opensearch/domain", &json!({"DomainName": "logs"})).await;
        let request = Request::builder().method(method).uri(path).header(AUTHORIZATION, stand.authorization(service));
        let answer = stand.send(request.header("x-amz-date", DATE).body(Body::from(body)).unwrap()).await;
        prop_assert!(!answer.status.is_server_error(), "{answer:?}");
        if service != "es" {
            prop_assert!(answer.text.ends_with("Response>"), "{answer:?}");
            let is_plain = |character: char| character >= ' ' || character == '\n' || character == '\t';
            prop_assert!(answer.text.chars().all(is_plain), "{answer:?}");
        } else if !answer.status.is_success() {
            prop_assert!(answer.json()["message"].is_string(), "{answer:?}");
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spoiled_request_for_a_domain_is_answered((method, path) in select(PATHS), request in spoiled_request()) {
        check("es", method, path, request.to_string().into_bytes())?;
    }

    #[test]
    fn any_bytes_are_answered(
        (method, path) in select(PATHS),
        service in select(vec!["es", "iam", "sts"]),
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        check(service, method, if service == "es" { path } else { "/" }, body)?;
    }

    #[test]
    fn any_form_is_answered(
        action in select(ACTIONS),
        members in prop::collection::vec((select(MEMBERS), "\\PC{0,20}|[\\x00-\\x20]{0,4}|[a-z]{600}"), 0..6),
    ) {
        let (service, version) = if action.starts_with("Assume") || action.ends_with("Info") {
            ("sts", "2011-06-15")
        } else {
            ("iam", "2010-05-08")
        };
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", version).extend_pairs(&members);
        check(service, "POST", "/", form.finish().into_bytes())?;
    }
}

#[test]
fn deep_nesting_is_answered() {
    for (open, close) in [("[", "]"), ("{\"EBSOptions\":", "}")] {
        let body = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        check("es", "POST", "/2021-01-01/opensearch/domain", body.into_bytes()).unwrap();
    }
}
