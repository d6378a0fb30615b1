#!/usr/bin/env bash
# Uses the stack as people do from a shell: the AWS CLI on STS, Firehose and S3, all by AWS_ENDPOINT_URL.
#
#   AWS_ENDPOINT_URL=http://localhost:4566 EKK_AWS_CLI=aws check_aws_cli.sh
#
# Works on a stream and a bucket of its own and deletes them. Prints one line a check; fails at the first that does not hold.
set -euo pipefail

: "${AWS_ENDPOINT_URL:?set it to the AWS endpoint of the stack, for instance http://localhost:4566}"
export AWS_PAGER= AWS_MAX_ATTEMPTS=1
cli=${EKK_AWS_CLI:-aws}
# Version 2 takes blobs in base64 unless told otherwise; version 1 has no such option.
raw=()
if [[ $("$cli" --version 2>&1) == aws-cli/2* ]]; then raw=(--cli-binary-format raw-in-base64-out); fi

name=cli-$$-$RANDOM
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

aws() { "$cli" --output text "$@"; }

fail() {
    echo "$1" >&2
    exit 1
}

# expect TITLE WANTED ACTUAL
expect() {
    [[ $3 == "$2" ]] || fail "$1: expected '$2' and got '$3'"
    echo "$1 holds"
}

# refused TITLE PATTERN COMMAND...: the command must fail, and say PATTERN
refused() {
    local title=$1 pattern=$2 said
    shift 2
    if said=$("$@" 2>&1); then fail "$title: expected a refusal and got '$said'"; fi
    [[ $said == *"$pattern"* ]] || fail "$title: expected '$pattern' in '$said'"
    echo "$title holds"
}

expect 'sts get-caller-identity' 000000000000 "$(aws sts get-caller-identity --query Account)"

aws s3 mb "s3://$name" >/dev/null
cat >"$folder/stream.json" <<JSON
{
  "DeliveryStreamName": "$name",
  "AmazonopensearchserviceDestinationConfiguration": {
    "RoleARN": "arn:aws:iam::000000000000:role/firehose",
    "DomainARN": "arn:aws:es:us-east-1:000000000000:domain/ekk",
    "IndexName": "$name",
    "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
    "S3BackupMode": "AllDocuments",
    "S3Configuration": {
      "RoleARN": "arn:aws:iam::000000000000:role/firehose",
      "BucketARN": "arn:aws:s3:::$name",
      "BufferingHints": {"IntervalInSeconds": 1, "SizeInMBs": 1}
    }
  }
}
JSON
expect 'firehose create-delivery-stream' "arn:aws:firehose:us-east-1:000000000000:deliverystream/$name" \
    "$(aws firehose create-delivery-stream --cli-input-json "file://$folder/stream.json")"
refused 'firehose create-delivery-stream, a second time' ResourceInUseException \
    aws firehose create-delivery-stream --cli-input-json "file://$folder/stream.json"
expect 'firehose describe-delivery-stream' "ACTIVE OneDay" "$(aws firehose describe-delivery-stream --delivery-stream-name "$name" \
    --query 'DeliveryStreamDescription.[DeliveryStreamStatus, Destinations[0].AmazonopensearchserviceDestinationDescription.IndexRotationPeriod]' | tr '\t' ' ')"
expect 'firehose list-delivery-streams' "$name" \
    "$(aws firehose list-delivery-streams --query "DeliveryStreamNames[?@=='$name']")"

printf '{"asctime":"2026-11-23T10:00:00+0100","levelname":"INFO","message":"from the CLI"}\n' >"$folder/record.json"
id=$(aws "${raw[@]}" firehose put-record --delivery-stream-name "$name" --record "{\"Data\":\"{\\\"message\\\":\\\"one\\\"}\\n\"}" --query RecordId)
[[ ${#id} -gt 100 ]] || fail "firehose put-record: the record id '$id' is not AWS's"
echo 'firehose put-record holds'
expect 'firehose put-record-batch' 0 "$(aws "${raw[@]}" firehose put-record-batch --delivery-stream-name "$name" \
    --records '[{"Data":"{\"message\":\"two\"}\n"},{"Data":"{\"message\":\"three\"}\n"}]' --query FailedPutCount)"
refused 'firehose put-record, no such stream' ResourceNotFoundException \
    aws "${raw[@]}" firehose put-record --delivery-stream-name "$name-missing" --record '{"Data":"{}"}'

destination=$(aws firehose describe-delivery-stream --delivery-stream-name "$name" \
    --query 'DeliveryStreamDescription.Destinations[0].DestinationId')
update() {
    aws firehose update-destination --delivery-stream-name "$name" --current-delivery-stream-version-id "$1" \
        --destination-id "$destination" --amazonopensearchservice-destination-update "$2"
}
update 1 '{"IndexRotationPeriod":"OneHour"}'
expect 'firehose update-destination' '2 OneHour AllDocuments' "$(aws firehose describe-delivery-stream --delivery-stream-name "$name" \
    --query 'DeliveryStreamDescription.[VersionId, Destinations[0].AmazonopensearchserviceDestinationDescription.[IndexRotationPeriod, S3BackupMode]][]' | tr '\t' ' ')"
refused 'firehose update-destination, an old version' "(ConcurrentModificationException) when calling the UpdateDestination operation: \
Cannot update firehose: $name since the current version id: 2 and specified version id: 1 do not match" \
    update 1 '{"IndexRotationPeriod":"OneDay"}'
refused 'firehose update-destination, a wrong type' '(InvalidArgumentException)' update 2 '{"TypeName":"log"}'

tags() { aws firehose list-tags-for-delivery-stream --delivery-stream-name "$name" --query 'Tags[].[Key, Value]' | tr '\t\n' '= '; }
aws firehose tag-delivery-stream --delivery-stream-name "$name" --tags Key=env,Value=dev Key=team,Value=logs
expect 'firehose tag-delivery-stream' 'env=dev team=logs ' "$(tags)"
aws firehose untag-delivery-stream --delivery-stream-name "$name" --tag-keys env
expect 'firehose untag-delivery-stream' 'team=logs ' "$(tags)"
encryption() {
    aws firehose describe-delivery-stream --delivery-stream-name "$name" \
        --query 'DeliveryStreamDescription.DeliveryStreamEncryptionConfiguration.Status'
}
aws firehose start-delivery-stream-encryption --delivery-stream-name "$name" \
    --delivery-stream-encryption-configuration-input KeyType=AWS_OWNED_CMK
expect 'firehose start-delivery-stream-encryption' ENABLED "$(encryption)"
aws firehose stop-delivery-stream-encryption --delivery-stream-name "$name"
expect 'firehose stop-delivery-stream-encryption' DISABLED "$(encryption)"

# What was put is backed up byte for byte, in order, within the stream's own hints.
wanted=$'{"message":"one"}\n{"message":"two"}\n{"message":"three"}'
for _ in $(seq 100); do
    rm -rf "$folder/backup"
    aws s3 sync --quiet "s3://$name" "$folder/backup"
    backup=$(find "$folder/backup" -type f 2>/dev/null | sort | xargs -r cat)
    [[ $backup == "$wanted" ]] && break
    read -rt 0.2 <> <(:) || true
done
expect 's3 sync of the backup' "$wanted" "$backup"

head -c 9000000 /dev/urandom >"$folder/large"
aws s3 cp --quiet "$folder/large" "s3://$name/folder/large file"
aws s3 cp --quiet "s3://$name/folder/large file" "$folder/back"
cmp "$folder/large" "$folder/back" || fail 's3 cp: a file of 9 MB came back changed'
echo 's3 cp of several parts holds'
expect 's3 ls' 'large file' "$(aws s3 ls "s3://$name/folder/" | awk '{print $4, $5}')"
expect 's3api head-object' 9000000 "$(aws s3api head-object --bucket "$name" --key 'folder/large file' --query ContentLength)"
refused 's3api get-object, no such key' NoSuchKey aws s3api get-object --bucket "$name" --key missing "$folder/missing"

aws firehose delete-delivery-stream --delivery-stream-name "$name"
refused 'firehose delete-delivery-stream' ResourceNotFoundException \
    aws firehose describe-delivery-stream --delivery-stream-name "$name"
aws s3 rb --force "s3://$name" >/dev/null
refused 's3 rb --force' NoSuchBucket aws s3 ls "s3://$name"
