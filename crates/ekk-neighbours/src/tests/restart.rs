//! What was created is there after a restart, and what was deleted is not.

use serde_json::{Value, json};

use super::Stand;

const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;

#[tokio::test]
async fn domains_roles_and_policies_come_back() {
    let temporary = tempfile::tempdir().unwrap();
    let start = || Stand::with(Some(temporary.path().join("neighbours")));
    let stand = start();
    for name in ["logs", "gone"] {
        stand.es_ok("POST", "/2021-01-01/opensearch/domain", &json!({"DomainName": name})).await;
        stand.iam_ok("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await;
    }
    let policy = r#"{"Statement":{"Effect":"Allow","Action":"es:*","Resource":"*"}}"#;
    stand.iam_ok("CreatePolicy", &[("PolicyName", "Deliver"), ("PolicyDocument", policy)]).await;
    let inline = [("RoleName", "logs"), ("PolicyName", "Deliver"), ("PolicyDocument", policy)];
    stand.iam_ok("PutRolePolicy", &inline).await;
    stand.es_ok("DELETE", "/2021-01-01/opensearch/domain/gone", &Value::Null).await;
    stand.iam_ok("DeleteRole", &[("RoleName", "gone")]).await;

    let again = start();
    let path = "/2021-01-01/opensearch/domain/logs";
    assert_eq!(again.es_ok("GET", path, &Value::Null).await, stand.es_ok("GET", path, &Value::Null).await);
    assert_eq!(again.iam_ok("ListRoles", &[]).await.elements("RoleName"), ["logs"]);
    assert_eq!(again.iam_ok("ListPolicies", &[]).await.elements("PolicyName"), ["Deliver"]);
    assert_eq!(
        again.iam_ok("GetRolePolicy", &inline[..2]).await.element("PolicyDocument"),
        stand.iam_ok("GetRolePolicy", &inline[..2]).await.element("PolicyDocument")
    );
    assert_eq!(again.es("GET", "/2021-01-01/opensearch/domain/gone", &Value::Null).await.status, 409);
}
