"""Tests of a log pipeline as a user of ekk writes them: clock, faults and waits, and no sleep."""

import json

import boto3
import pytest

pytest_plugins = ["ekk_pytest"]


@pytest.fixture
def firehose(ekk):
    return boto3.client("firehose", **ekk.client_options)


def put(firehose, *documents):
    records = [{"Data": json.dumps(document)} for document in documents]
    return firehose.put_record_batch(DeliveryStreamName="logging-test", Records=records)


def test_what_is_logged_is_found(ekk, firehose):
    put(firehose, {"message": "order accepted"}, {"message": "order paid"})
    ekk.wait()
    assert [found["message"] for found in ekk.search("logging-test-*")] == ["order accepted", "order paid"]


def test_midnight_begins_a_new_index(ekk, firehose):
    ekk.freeze(at="2026-12-31T23:59:59Z")
    put(firehose, {"message": "last year"})
    ekk.advance(1)
    put(firehose, {"message": "this year"})
    ekk.wait()
    assert ekk.search("logging-test-2026-12-31") == [{"message": "last year"}]
    assert ekk.search("logging-test-2027-01-01") == [{"message": "this year"}]


def test_records_that_failed_are_sent_again(ekk, firehose):
    ekk.fault({"fail_records": {"count": 2}}, operation="PutRecordBatch", times=1)
    documents = [{"number": number} for number in range(5)]
    answer = put(firehose, *documents)
    assert answer["FailedPutCount"] == 2
    again = [document for document, entry in zip(documents, answer["RequestResponses"]) if "ErrorCode" in entry]
    assert put(firehose, *again)["FailedPutCount"] == 0
    ekk.wait()
    assert sorted(found["number"] for found in ekk.search("logging-test-*")) == [0, 1, 2, 3, 4]


def test_a_lost_answer_makes_the_sdk_send_again(ekk, firehose):
    ekk.fault({"drop_connection": "after_work"}, operation="PutRecordBatch", times=1)
    put(firehose, {"message": "twice"})
    ekk.wait()
    assert ekk.account("logging-test")["accepted"] == 2, "boto3 retries by itself: Firehose delivers at least once"


def test_an_hour_without_opensearch_loses_nothing(ekk, firehose):
    ekk.freeze(at="2026-11-23T09:00:00Z")
    ekk.fault("gone", destination="opensearch", for_secs=240)
    put(firehose, {"message": "patience"})
    ekk.advance("5 minutes")
    account = ekk.account("logging-test")
    assert (account["indexed"], account["failed"]) == (1, 0), account


def test_what_is_buffered_waits_for_the_clock(ekk, firehose):
    ekk.freeze(at="2026-11-23T09:00:00Z")
    put(firehose, {"message": "soon"})
    with pytest.raises(AssertionError, match="buffered until 2026-11-23T09:00:01Z"):
        ekk.wait(timeout=0.3, flush=False)
    ekk.advance(1)
    assert ekk.account("logging-test")["indexed"] == 1


def test_a_wait_that_fails_says_why(ekk, firehose):
    put(firehose, {"took_ms": 1})
    ekk.wait()
    put(firehose, {"took_ms": "long"})
    with pytest.raises(AssertionError, match="mapper_parsing_exception on field took_ms"):
        ekk.wait(timeout=0.3, stream="logging-test", line="indexed", count=2)
