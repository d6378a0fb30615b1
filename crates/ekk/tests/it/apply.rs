//! `ekk streams apply` on a running stack: what it creates, leaves, changes and refuses, and what it says of each.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Output, Stdio},
};

use serde_json::{Value, json};

use crate::up;

/// A stack in a process of its own, ended with the test.
struct Running {
    child: Child,
    aws: String,
    folder: tempfile::TempDir,
}

impl Running {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = up::up(folder.path()).args(arguments).spawn().unwrap();
        drop(up::until_ready(&mut child));
        let ready: Value = serde_json::from_slice(&fs::read(folder.path().join("ready.json")).unwrap()).unwrap();
        Self { child, aws: ready["aws"].as_str().unwrap().to_owned(), folder }
    }

    fn file(&self, name: &str, content: &Value) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content.to_string()).unwrap();
        path
    }

    /// What applying says, without the reason for its end.
    #[track_caller]
    fn check(&self, file: &Path, arguments: &[&str], expected: &[&str]) {
        let output = self.apply(file, arguments);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(&output.stderr));
        let is_refused =
            expected.iter().any(|line| line.contains("refused: ") || line.contains("; --update changes it"));
        assert_eq!(output.status.code(), Some(i32::from(is_refused)));
    }

    fn apply(&self, file: &Path, arguments: &[&str]) -> Output {
        let mut command = up::ekk();
        command.args(["streams", "apply", "--endpoint-url", &self.aws]).arg(file).args(arguments).output().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        up::terminate(&self.child);
        drop(self.child.wait());
    }
}

fn request(name: &str, interval: u32) -> Value {
    json!({
        "DeliveryStreamName": name,
        "Tags": [{ "Key": "env", "Value": "dev" }],
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": "arn:aws:iam::000000000000:role/firehose",
            "BucketARN": format!("arn:aws:s3:::{name}-bucket"),
            "BufferingHints": { "IntervalInSeconds": interval, "SizeInMBs": 5 },
            "Prefix": "",
        },
    })
}

#[test]
fn a_file_is_applied_again_until_the_streams_are_as_it_says() {
    let stack = Running::start();
    let mut wanted = request("mine", 60);
    let file = stack.file("mine.json", &wanted);
    stack.check(&file, &[], &["bucket mine-bucket: created", "stream mine: created"]);
    stack.check(&file, &[], &["stream mine: unchanged"]);

    wanted["ExtendedS3DestinationConfiguration"]["BufferingHints"]["IntervalInSeconds"] = json!(90);
    stack.file("mine.json", &wanted);
    let path = "ExtendedS3Destination.BufferingHints.IntervalInSeconds";
    stack.check(&file, &[], &[&format!("stream mine: differs in {path}; --update changes it")]);
    stack.check(&file, &["--update"], &[&format!("stream mine: updated v1→v2 ({path})")]);
    stack.check(&file, &["--update"], &["stream mine: unchanged"]);

    wanted["Tags"] = json!([{ "Key": "team", "Value": "a" }]);
    wanted["DeliveryStreamEncryptionConfigurationInput"] = json!({ "KeyType": "AWS_OWNED_CMK" });
    stack.file("mine.json", &wanted);
    stack.check(&file, &["--update"], &["stream mine: updated (encryption, Tags)"]);
    stack.check(&file, &[], &["stream mine: unchanged"]);

    wanted["DeliveryStreamType"] = json!("KinesisStreamAsSource");
    wanted["KinesisStreamSourceConfiguration"] = json!({ "RoleARN": "arn:aws:iam::000000000000:role/r", "KinesisStreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/k" });
    stack.file("mine.json", &wanted);
    let said = String::from_utf8(stack.apply(&file, &["--update"]).stdout).unwrap();
    assert!(said.contains("stream mine: refused: "), "{said}");
}

#[test]
fn what_aws_refuses_is_refused_in_its_words_and_the_rest_is_created() {
    let stack = Running::start();
    let mut wrong = request("wrong", 60);
    wrong["ExtendedS3DestinationConfiguration"]["Prefix"] = json!("!{timestamp:yyyy}/");
    let file = stack.file("two.json", &json!([wrong, request("right", 60)]));
    let output = stack.apply(&file, &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    let reason = "Ths supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or \
                  empty when Prefix contains expressions";
    assert!(said.contains(&format!("stream wrong: refused: InvalidArgumentException: {reason}")), "{said}");
    assert!(said.contains("stream right: created"), "{said}");
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("1 of the streams and buckets are not as the file says"), "{errors}");
}

#[test]
fn streams_beyond_what_aws_takes_in_a_second_are_created_after_it() {
    let stack = Running::start_with(&["--quotas", "aws-like"]);
    let names: Vec<String> = (0..7).map(|number| format!("many-{number}")).collect();
    let requests: Vec<Value> = names.iter().map(|name| request(name, 60)).collect();
    let output = stack.apply(&stack.file("many.json", &json!(requests)), &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    for name in names {
        assert!(said.contains(&format!("stream {name}: created")), "{said}");
    }
}

#[test]
fn a_stack_that_verifies_signatures_takes_the_key_of_the_environment_and_no_other() {
    let stack = Running::start_with(&["--verify-signatures", "--credentials", "AKIAEXAMPLE:secret"]);
    let file = stack.file("mine.json", &request("mine", 60));
    let apply = |secret: &str| {
        let mut command = up::ekk();
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", secret);
        // By https the same port answers, and the command trusts it without an authority because it is on this machine.
        let endpoint = stack.aws.replacen("http:", "https:", 1);
        let output = command.args(["streams", "apply", "--endpoint-url", &endpoint]).arg(&file).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let refused = apply("wrong");
    assert!(refused.contains("stream mine: refused: InvalidSignatureException: The request signature"), "{refused}");
    assert_eq!(apply("secret"), "bucket mine-bucket: created\nstream mine: created\n");
}

const TEMPLATE: &str = "
Parameters:
  Env: { Type: String, Default: dev }
Resources:
  Backup: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub 'backup-${Env}' } }
  Domain: { Type: AWS::OpenSearchService::Domain, Properties: { DomainName: logs } }
  Role: { Type: AWS::IAM::Role }
  Stream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamName: !Sub 'app-${Env}'
      AmazonopensearchserviceDestinationConfiguration:
        DomainARN: !GetAtt Domain.Arn
        IndexName: app
        RoleARN: !GetAtt Role.Arn
        S3Configuration: { BucketARN: !GetAtt Backup.Arn, RoleARN: !GetAtt Role.Arn }
";

#[test]
fn a_cloudformation_template_is_applied_from_standard_input() {
    let stack = Running::start();
    let mut command = up::ekk();
    command.args(["streams", "apply", "-", "--stack", "logging", "--parameter", "Env=prod"]);
    let mut child =
        command.env("AWS_ENDPOINT_URL", &stack.aws).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(TEMPLATE.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "bucket backup-prod: created\nstream app-prod: created\n");
    let file = stack.folder.path().join("logging.template.yaml");
    fs::write(&file, TEMPLATE).unwrap();
    stack.check(&file, &["--stack", "logging", "--parameter", "Env=prod"], &["stream app-prod: unchanged"]);
}

#[test]
fn a_plan_of_terraform_is_applied() {
    let stack = Running::start();
    let bucket = json!({
        "bucket_arn": "arn:aws:s3:::tf-bucket", "role_arn": "arn:aws:iam::000000000000:role/r", "buffering_interval": 300,
        "buffering_size": 5, "compression_format": "GZIP", "prefix": null, "cloudwatch_logging_options": [],
    });
    let values = json!({
        "name": "tf", "destination": "elasticsearch", "tags_all": { "env": "dev" }, "server_side_encryption": [],
        "elasticsearch_configuration": [{
            "domain_arn": "arn:aws:es:us-east-1:000000000000:domain/logs", "index_name": "app", "type_name": null,
            "role_arn": "arn:aws:iam::000000000000:role/r", "buffering_interval": 300, "buffering_size": 5,
            "retry_duration": 300, "index_rotation_period": "OneDay", "s3_backup_mode": "FailedDocumentsOnly",
            "s3_configuration": [bucket], "processing_configuration": [], "vpc_config": [],
            "cloudwatch_logging_options": [],
        }],
    });
    let plan = json!({ "format_version": "1.2", "planned_values": { "root_module": { "resources": [{
        "address": "aws_kinesis_firehose_delivery_stream.tf", "mode": "managed", "name": "tf",
        "type": "aws_kinesis_firehose_delivery_stream", "values": values,
    }] } } });
    let file = stack.file("plan.json", &plan);
    stack.check(&file, &[], &["bucket tf-bucket: created", "stream tf: created"]);
    stack.check(&file, &[], &["stream tf: unchanged"]);
}

#[test]
fn a_dry_run_prints_requests_that_can_be_applied_and_needs_no_stack() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.json");
    let requests = json!([request("a", 60), request("b", 60)]);
    fs::write(&file, requests.to_string()).unwrap();
    let output = up::ekk().args(["streams", "apply", "--dry-run"]).arg(&file).output().unwrap();
    assert!(output.status.success());
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), requests);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("main.tf");
    fs::write(&file, "resource \"aws_s3_bucket\" \"b\" {}").unwrap();
    for (file, expected) in [
        (file, "main.tf: the file is no CreateDeliveryStream request"),
        (folder.path().join("none.json"), "cannot open"),
    ] {
        let output = up::ekk().args(["streams", "apply"]).arg(&file).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(expected) && output.status.code() == Some(1), "{errors}");
    }
}
