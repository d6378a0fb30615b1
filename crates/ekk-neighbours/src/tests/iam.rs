//! IAM: roles, their policies, managed policies, and the errors that tools look for.

use super::{Stand, refused};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["es:*","s3:PutObject"],"Resource":"*"}]}"#;

async fn with_role(name: &str) -> Stand {
    let stand = Stand::new();
    create(&stand, name).await;
    stand
}

async fn create(stand: &Stand, name: &str) {
    stand.iam_ok("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await;
}

#[tokio::test]
async fn a_role_is_shown_as_it_was_created() {
    let stand = Stand::new();
    let request = [
        ("RoleName", "firehose"),
        ("AssumeRolePolicyDocument", TRUST),
        ("Path", "/logs/"),
        ("Description", "delivers <logs> & more"),
        ("MaxSessionDuration", "7200"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "logs"),
    ];
    let created = stand.iam_ok("CreateRole", &request).await;
    let role = stand.iam_ok("GetRole", &[("RoleName", "firehose")]).await;
    let id = role.element("RoleId").unwrap();
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    assert_eq!(created.element("RoleId").unwrap(), id);
    let text = role.text.replace(&id, "ID").replace(&role.element("RequestId").unwrap(), "REQUEST");
    insta::assert_snapshot!(text.replace("><", ">\n<"));
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case() {
    let stand = with_role("Firehose").await;
    let found = stand.iam_refused("CreateRole", &[("RoleName", "firehose"), ("AssumeRolePolicyDocument", TRUST)]).await;
    refused(&found, 409, "EntityAlreadyExists", "Role with name firehose already exists.");
    assert_eq!(stand.iam_ok("GetRole", &[("RoleName", "FIREHOSE")]).await.element("RoleName").unwrap(), "Firehose");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let stand = with_role("there").await;
    let arn = "arn:aws:iam::000000000000:policy/gone";
    for (action, members, message) in [
        ("GetRole", vec![("RoleName", "gone")], "The role with name gone cannot be found."),
        ("DeleteRole", vec![("RoleName", "gone")], "The role with name gone cannot be found."),
        ("ListRolePolicies", vec![("RoleName", "gone")], "The role with name gone cannot be found."),
        (
            "GetRolePolicy",
            vec![("RoleName", "there"), ("PolicyName", "gone")],
            "The role policy with name gone cannot be found.",
        ),
        (
            "DeleteRolePolicy",
            vec![("RoleName", "there"), ("PolicyName", "gone")],
            "The role policy with name gone cannot be found.",
        ),
        ("GetPolicy", vec![("PolicyArn", arn)], "Policy arn:aws:iam::000000000000:policy/gone was not found."),
        (
            "AttachRolePolicy",
            vec![("RoleName", "there"), ("PolicyArn", arn)],
            "Policy arn:aws:iam::000000000000:policy/gone does not exist or is not attachable.",
        ),
        (
            "DetachRolePolicy",
            vec![("RoleName", "there"), ("PolicyArn", arn)],
            "Policy arn:aws:iam::000000000000:policy/gone was not found.",
        ),
    ] {
        refused(&stand.iam_refused(action, &members).await, 404, "NoSuchEntity", message);
    }
}

#[tokio::test]
async fn what_is_no_role_is_refused_in_the_words_of_iam() {
    let stand = Stand::new();
    let long = "a".repeat(65);
    for (members, code, message) in [
        (
            vec![("AssumeRolePolicyDocument", TRUST)],
            "ValidationError",
            "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null"
                .to_owned(),
        ),
        (
            vec![("RoleName", "a b"), ("AssumeRolePolicyDocument", TRUST)],
            "ValidationError",
            "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
                .to_owned(),
        ),
        (
            vec![("RoleName", &long), ("AssumeRolePolicyDocument", TRUST), ("MaxSessionDuration", "60")],
            "ValidationError",
            format!(
                "2 validation errors detected: Value '{long}' at 'roleName' failed to satisfy constraint: Member must \
                 have length less than or equal to 64; Value '60' at 'maxSessionDuration' failed to satisfy \
                 constraint: Member must have value greater than or equal to 3600"
            ),
        ),
        (
            vec![("RoleName", "a"), ("AssumeRolePolicyDocument", TRUST), ("Path", "logs")],
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
                .to_owned(),
        ),
        (
            vec![("RoleName", "a"), ("AssumeRolePolicyDocument", "nonsense")],
            "MalformedPolicyDocument",
            "This policy contains invalid Json".to_owned(),
        ),
        (
            vec![
                ("RoleName", "a"),
                ("AssumeRolePolicyDocument", TRUST),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", ""),
                ("Tags.member.2.Key", "Team"),
                ("Tags.member.2.Value", ""),
            ],
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned(),
        ),
    ] {
        refused(&stand.iam_refused("CreateRole", &members).await, 400, code, &message);
    }
}

#[tokio::test]
async fn a_role_with_policies_is_not_deleted() {
    let stand = with_role("firehose").await;
    let role = ("RoleName", "firehose");
    let aws = ("PolicyArn", "arn:aws:iam::aws:policy/AmazonOpenSearchServiceFullAccess");
    stand.iam_ok("PutRolePolicy", &[role, ("PolicyName", "deliver"), ("PolicyDocument", POLICY)]).await;
    stand.iam_ok("AttachRolePolicy", &[role, aws]).await;
    let listed = stand.iam_ok("ListAttachedRolePolicies", &[role]).await;
    assert_eq!(listed.element("PolicyName").unwrap(), "AmazonOpenSearchServiceFullAccess");
    let found = stand.iam_refused("DeleteRole", &[role]).await;
    refused(&found, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
    stand.iam_ok("DetachRolePolicy", &[role, aws]).await;
    let found = stand.iam_refused("DeleteRole", &[role]).await;
    refused(&found, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
    stand.iam_ok("DeleteRolePolicy", &[role, ("PolicyName", "deliver")]).await;
    stand.iam_ok("DeleteRole", &[role]).await;
    assert_eq!(stand.iam("GetRole", &[role]).await.status, 404);
}

#[tokio::test]
async fn documents_are_percent_encoded_and_otherwise_as_they_came() {
    let stand = with_role("firehose").await;
    let document = POLICY.replace("{\"Version", "{ \n\t\"Version");
    let policy = [("RoleName", "firehose"), ("PolicyName", "deliver")];
    stand.iam_ok("PutRolePolicy", &[&policy[..], &[("PolicyDocument", &document)]].concat()).await;
    let shown = stand.iam_ok("GetRolePolicy", &policy).await.element("PolicyDocument").unwrap();
    assert!(shown.starts_with("%7B%20%0A%09%22Version%22%3A%222012-10-17%22%2C"), "{shown}");
    let decoded = url::form_urlencoded::parse(format!("d={shown}").as_bytes()).next().unwrap().1.into_owned();
    assert_eq!(decoded, document);
}

#[tokio::test]
async fn roles_are_listed_in_order_page_by_page() {
    let stand = Stand::new();
    for name in ["delta", "Alpha", "charlie", "bravo"] {
        create(&stand, name).await;
    }
    let first = stand.iam_ok("ListRoles", &[("MaxItems", "3")]).await;
    assert_eq!(first.elements("RoleName"), ["Alpha", "bravo", "charlie"]);
    assert_eq!(first.element("IsTruncated").unwrap(), "true");
    let marker = first.element("Marker").unwrap();
    let second = stand.iam_ok("ListRoles", &[("MaxItems", "3"), ("Marker", &marker)]).await;
    assert_eq!(second.elements("RoleName"), ["delta"]);
    assert_eq!((second.element("IsTruncated").unwrap().as_str(), second.element("Marker")), ("false", None));
    let none = stand.iam_ok("ListRoles", &[("PathPrefix", "/logs/")]).await;
    assert_eq!(none.elements("RoleName"), [] as [&str; 0]);
    refused(&stand.iam_refused("ListRoles", &[("Marker", "!")]).await, 400, "ValidationError", "Invalid Marker.");
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed_whatever_their_case() {
    let stand = with_role("firehose").await;
    let role = ("RoleName", "firehose");
    let tag = |key, value| [role, ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
    stand.iam_ok("TagRole", &tag("Team", "logs")).await;
    stand.iam_ok("TagRole", &tag("team", "search")).await;
    stand.iam_ok("TagRole", &tag("stage", "")).await;
    let listed = stand.iam_ok("ListRoleTags", &[role]).await;
    assert_eq!(listed.elements("Key"), ["stage", "team"]);
    assert_eq!(listed.elements("Value"), ["", "search"]);
    stand.iam_ok("UntagRole", &[role, ("TagKeys.member.1", "STAGE"), ("TagKeys.member.2", "other")]).await;
    assert_eq!(stand.iam_ok("ListRoleTags", &[role]).await.elements("Key"), ["team"]);

    let many: Vec<_> = (0..51).map(|number| (format!("Tags.member.{}", number + 1), format!("k{number}"))).collect();
    let members: Vec<_> = many
        .iter()
        .flat_map(|(name, key)| [(format!("{name}.Key"), key.clone()), (format!("{name}.Value"), String::new())])
        .collect();
    let mut members: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    members.push(role);
    let found = stand.iam_refused("TagRole", &members).await;
    assert_eq!((found.0, found.1.as_str()), (400, "ValidationError"));
    assert!(
        found.2.ends_with("at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")
    );
    members.drain(98..102);
    let found = stand
        .iam_refused(
            "TagRole",
            &[&members[..], &[("Tags.member.50.Key", "one"), ("Tags.member.50.Value", "more")]].concat(),
        )
        .await;
    refused(&found, 409, "LimitExceeded", "The number of tags has reached the maximum limit.");
}

#[tokio::test]
async fn a_role_is_updated_in_each_of_its_parts() {
    let stand = with_role("firehose").await;
    let role = ("RoleName", "firehose");
    let trust = TRUST.replace("firehose.amazonaws", "lambda.amazonaws");
    stand.iam_ok("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", &trust)]).await;
    stand.iam_ok("UpdateRole", &[role, ("MaxSessionDuration", "7200"), ("Description", "new")]).await;
    let boundary = "arn:aws:iam::aws:policy/PowerUserAccess";
    stand.iam_ok("PutRolePermissionsBoundary", &[role, ("PermissionsBoundary", boundary)]).await;
    let shown = stand.iam_ok("GetRole", &[role]).await;
    assert!(shown.element("AssumeRolePolicyDocument").unwrap().contains("lambda.amazonaws.com"));
    assert_eq!(shown.element("MaxSessionDuration").unwrap(), "7200");
    assert_eq!(shown.element("Description").unwrap(), "new");
    assert_eq!(shown.element("PermissionsBoundaryArn").unwrap(), boundary);
    stand.iam_ok("DeleteRolePermissionsBoundary", &[role]).await;
    stand.iam_ok("UpdateRoleDescription", &[role, ("Description", "newer")]).await;
    let shown = stand.iam_ok("GetRole", &[role]).await;
    assert_eq!(
        (shown.element("PermissionsBoundaryArn"), shown.element("Description").unwrap().as_str()),
        (None, "newer")
    );
    let found = stand.iam_refused("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", POLICY)]).await;
    refused(&found, 400, "MalformedPolicyDocument", "Has prohibited field Resource");
}

#[tokio::test]
async fn a_managed_policy_has_versions_and_is_kept_while_it_is_used() {
    let stand = with_role("firehose").await;
    let create = [("PolicyName", "deliver"), ("PolicyDocument", POLICY), ("Path", "/logs/")];
    let created = stand.iam_ok("CreatePolicy", &create).await;
    let arn = created.element("Arn").unwrap();
    assert_eq!(arn, "arn:aws:iam::000000000000:policy/logs/deliver");
    let by_arn = ("PolicyArn", arn.as_str());
    let found = stand.iam_refused("CreatePolicy", &create).await;
    let taken = "A policy called deliver already exists. Duplicate names are not allowed.";
    refused(&found, 409, "EntityAlreadyExists", taken);

    let role = ("RoleName", "firehose");
    stand.iam_ok("AttachRolePolicy", &[role, by_arn]).await;
    assert_eq!(stand.iam_ok("GetPolicy", &[by_arn]).await.element("AttachmentCount").unwrap(), "1");
    assert_eq!(stand.iam_ok("ListEntitiesForPolicy", &[by_arn]).await.elements("RoleName"), ["firehose"]);
    let found = stand.iam_refused("DeletePolicy", &[by_arn]).await;
    refused(&found, 409, "DeleteConflict", "Cannot delete a policy attached to entities.");
    stand.iam_ok("DetachRolePolicy", &[role, by_arn]).await;

    let other = POLICY.replace("es:*", "es:ESHttpPost");
    let version = [by_arn, ("PolicyDocument", other.as_str()), ("SetAsDefault", "true")];
    assert_eq!(stand.iam_ok("CreatePolicyVersion", &version).await.element("VersionId").unwrap(), "v2");
    assert_eq!(stand.iam_ok("GetPolicy", &[by_arn]).await.element("DefaultVersionId").unwrap(), "v2");
    assert_eq!(stand.iam_ok("ListPolicyVersions", &[by_arn]).await.elements("VersionId"), ["v2", "v1"]);
    let shown = stand.iam_ok("GetPolicyVersion", &[by_arn, ("VersionId", "v2")]).await;
    assert!(shown.element("Document").unwrap().contains("ESHttpPost"));
    let found = stand.iam_refused("DeletePolicyVersion", &[by_arn, ("VersionId", "v2")]).await;
    refused(&found, 409, "DeleteConflict", "Cannot delete the default version of a policy.");
    let found = stand.iam_refused("DeletePolicy", &[by_arn]).await;
    assert!(found.2.starts_with("This policy has more than one version."), "{found:?}");
    stand.iam_ok("SetDefaultPolicyVersion", &[by_arn, ("VersionId", "v1")]).await;
    stand.iam_ok("DeletePolicyVersion", &[by_arn, ("VersionId", "v2")]).await;
    assert_eq!(stand.iam_ok("ListPolicies", &[("Scope", "Local")]).await.elements("PolicyName"), ["deliver"]);
    stand.iam_ok("DeletePolicy", &[by_arn]).await;
    assert_eq!(stand.iam("GetPolicy", &[by_arn]).await.status, 404);
}

#[tokio::test]
async fn quotas_hold() {
    let stand = with_role("firehose").await;
    let role = ("RoleName", "firehose");
    let filler = "x".repeat(10_240);
    let document = POLICY.replace("\"*\"", &format!("\"arn:aws:s3:::{filler}\""));
    let found = stand.iam_refused("PutRolePolicy", &[role, ("PolicyName", "big"), ("PolicyDocument", &document)]).await;
    refused(&found, 409, "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role firehose");
    let found = stand.iam_refused("CreatePolicy", &[("PolicyName", "big"), ("PolicyDocument", &document)]).await;
    refused(&found, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144");
    for number in 0..11 {
        let arn = format!("arn:aws:iam::aws:policy/P{number}");
        let answer = stand.iam("AttachRolePolicy", &[role, ("PolicyArn", &arn)]).await;
        assert_eq!(answer.status, if number < 10 { 200 } else { 409 }, "{answer:?}");
    }
    assert_eq!(stand.iam_ok("ListAttachedRolePolicies", &[role]).await.elements("PolicyArn").len(), 10);
}

#[tokio::test]
async fn accounts_do_not_see_one_another() {
    let stand = with_role("firehose").await;
    let other = stand.as_client("123456789012", "us-east-1");
    assert_eq!(other.iam("GetRole", &[("RoleName", "firehose")]).await.status, 404);
    create(&other, "firehose").await;
    let arn = other.iam_ok("GetRole", &[("RoleName", "firehose")]).await.element("Arn").unwrap();
    assert_eq!(arn, "arn:aws:iam::123456789012:role/firehose");
    // IAM is one for all regions.
    let elsewhere = stand.as_client("test", "eu-west-1");
    elsewhere.iam_ok("GetRole", &[("RoleName", "firehose")]).await;
}
