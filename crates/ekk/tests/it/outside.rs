//! A stack whose S3 is outside of it: another stack's, which verifies signatures.

use ekk::{Credential, Ekk};

#[tokio::test]
async fn buckets_of_fixtures_are_made_and_read_in_an_s3_outside_by_the_credentials_of_its_address() {
    let credential = Credential::new("AKIAOUTSIDE", "a/secret+with=signs");
    let outside = Ekk::builder().credentials([credential]).start().await.unwrap();
    let mut address = outside.addresses().s3.clone();
    address.set_username("AKIAOUTSIDE").unwrap();
    address.set_password(Some("a/secret+with=signs")).unwrap();

    let ekk = Ekk::builder().s3(address).start().await.unwrap();
    ekk.put("logging-test", [r#"{"message":"far away"}"#]).await.unwrap();
    ekk.settle().await.unwrap();
    let objects = ekk.objects("logging-test-backup", "").await.unwrap();
    assert_eq!(objects.iter().map(ekk::Object::text).collect::<String>(), r#"{"message":"far away"}"#);
    ekk.reset().await.unwrap();
    assert_eq!(ekk.objects("logging-test-backup", "").await.unwrap(), objects, "what is outside stays");
}
