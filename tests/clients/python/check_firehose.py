"""Takes a stream through its life by boto3, pointed at the stack by AWS_ENDPOINT_URL alone, and checks that refusals arrive
as boto3's own exceptions.

    AWS_ENDPOINT_URL=http://localhost:4566 AWS_REGION=us-east-1 python check_firehose.py [--refused CODE]

Works on a stream of its own and deletes it. Prints one line; fails at the first thing that does not hold. With --refused it
only checks that a call ends with that error: InvalidSignatureException after a wrong secret, for instance.
"""

import argparse
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/firehose"
BUCKET = "arn:aws:s3:::logging-test-backup"
STREAM = f"python-{os.getpid()}"

firehose = boto3.client("firehose", config=Config(retries={"total_max_attempts": 1}))


def refused(expected, message, call, **request):
    """The exception class is the client's own where the API's model has it."""
    try:
        call(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert code == expected, f"expected {expected} and got {error}"
        modelled = getattr(firehose.exceptions, expected, ClientError) if expected != "ValidationException" else ClientError
        assert isinstance(error, modelled), type(error)
        assert message is None or error.response["Error"]["Message"] == message, error.response["Error"]["Message"]
        assert error.response["ResponseMetadata"]["RequestId"], "there is no request id"
        return
    raise AssertionError(f"expected {expected} and nothing was refused")


def describe():
    return firehose.describe_delivery_stream(DeliveryStreamName=STREAM)["DeliveryStreamDescription"]


def prefix():
    return describe()["Destinations"][0]["ExtendedS3DestinationDescription"]["Prefix"]


def equal(expected, actual):
    assert expected == actual, f"expected {expected} and got {actual}"


def create():
    creation = {
        "DeliveryStreamName": STREAM,
        "ExtendedS3DestinationConfiguration": {"RoleARN": ROLE, "BucketARN": BUCKET, "Prefix": "first/"},
    }
    arn = firehose.create_delivery_stream(**creation)["DeliveryStreamARN"]
    assert arn.endswith(f":deliverystream/{STREAM}"), arn
    account = arn.split(":")[4]
    equal("ACTIVE", describe()["DeliveryStreamStatus"])
    equal("first/", prefix())
    message = f"Firehose {STREAM} under accountId {account} already exists"
    refused("ResourceInUseException", message, firehose.create_delivery_stream, **creation)
    return account


def put():
    record_id = firehose.put_record(DeliveryStreamName=STREAM, Record={"Data": b'{"message":"one"}\n'})["RecordId"]
    assert len(record_id) > 100, record_id
    records = [{"Data": b'{"message":"two"}\n'}, {"Data": b'{"message":"three"}\n'}]
    batch = firehose.put_record_batch(DeliveryStreamName=STREAM, Records=records)
    equal(0, batch["FailedPutCount"])
    equal([["RecordId"], ["RecordId"]], [list(entry) for entry in batch["RequestResponses"]])


def update():
    described = describe()
    change = {
        "DeliveryStreamName": STREAM,
        "CurrentDeliveryStreamVersionId": described["VersionId"],
        "DestinationId": described["Destinations"][0]["DestinationId"],
        "ExtendedS3DestinationUpdate": {"Prefix": "second/"},
    }
    firehose.update_destination(**change)
    equal(("2", "second/"), (describe()["VersionId"], prefix()))
    message = f"Cannot update firehose: {STREAM} since the current version id: 2 and specified version id: 1 do not match"
    refused("ConcurrentModificationException", message, firehose.update_destination, **change)
    change |= {"CurrentDeliveryStreamVersionId": "2", "ExtendedS3DestinationUpdate": {"Prefix": "!{timestamp:yyyy}/"}}
    message = (
        "Ths supplied prefix(es) do not satisfy the following constraint: "
        "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"
    )
    refused("InvalidArgumentException", message, firehose.update_destination, **change)


def tags():
    def listed():
        found = firehose.list_tags_for_delivery_stream(DeliveryStreamName=STREAM)
        assert found["HasMoreTags"] is False
        return {tag["Key"]: tag["Value"] for tag in found["Tags"]}

    both = [{"Key": "env", "Value": "dev"}, {"Key": "team", "Value": "logs"}]
    firehose.tag_delivery_stream(DeliveryStreamName=STREAM, Tags=both)
    equal({"env": "dev", "team": "logs"}, listed())
    firehose.untag_delivery_stream(DeliveryStreamName=STREAM, TagKeys=["env"])
    equal({"team": "logs"}, listed())
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(50)]
    refused("LimitExceededException", None, firehose.tag_delivery_stream, DeliveryStreamName=STREAM, Tags=many)


def encryption():
    key = {"KeyType": "AWS_OWNED_CMK"}
    firehose.start_delivery_stream_encryption(DeliveryStreamName=STREAM, DeliveryStreamEncryptionConfigurationInput=key)
    equal("ENABLED", describe()["DeliveryStreamEncryptionConfiguration"]["Status"])
    firehose.stop_delivery_stream_encryption(DeliveryStreamName=STREAM)
    equal("DISABLED", describe()["DeliveryStreamEncryptionConfiguration"]["Status"])


def delete(account):
    assert STREAM in firehose.list_delivery_streams(Limit=100)["DeliveryStreamNames"]
    refused("ValidationException", None, firehose.list_delivery_streams, DeliveryStreamType="Nothing")
    firehose.delete_delivery_stream(DeliveryStreamName=STREAM)
    message = f"Firehose {STREAM} under account {account} not found."
    refused("ResourceNotFoundException", message, firehose.describe_delivery_stream, DeliveryStreamName=STREAM)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--refused", metavar="CODE")
    code = parser.parse_args().refused
    if code:
        try:
            firehose.list_delivery_streams()
        except ClientError as error:
            equal(code, error.response["Error"]["Code"])
            print(error.response["Error"]["Message"])
            return
        raise AssertionError(f"expected {code} and nothing was refused")
    account = create()
    put()
    update()
    tags()
    encryption()
    delete(account)
    print("the life of a stream and its refusals hold")


if __name__ == "__main__":
    main()
