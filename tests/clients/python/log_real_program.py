"""Logs a real program through boto3 to a Firehose stream, and keeps a copy of every byte it sent.

The program is botocore itself: it loads its models, serialises and signs calls, parses answers, retries and fails, and
its DEBUG logs of that are what is shipped. No call leaves the process, because the answers are given before the network.
The tracebacks are of errors that Python's own library raises on what it is given.

    log_real_program.py --records 20000 --stream logging-test --sent sent.jsonl

Prints one JSON object: logged, sent, lost, bytes, tracebacks, levels, loggers. Fails unless every record was accepted.
"""

import argparse
import ast
import base64
import configparser
import datetime
import gzip
import io
import json
import logging
import sys
import urllib.parse
import xml.etree.ElementTree
import zipfile
from collections import Counter

import botocore.awsrequest
import botocore.compat
import botocore.config
import botocore.exceptions
import botocore.parsers
import botocore.session

from firehose_handler import FirehoseHandler

log = logging.getLogger("program")


class RecordedHandler(FirehoseHandler):
    """Ships the first `limit` records and writes the same bytes to `copy`, in the same order."""

    def __init__(self, stream, limit, copy):
        super().__init__(stream)
        self.limit = limit
        self.logged = 0
        self.bytes = 0
        self.tracebacks = 0
        self.levels = Counter()
        self.loggers = Counter()
        self._copy = copy

    def emit(self, record):
        if self.logged < self.limit:
            super().emit(record)

    def line(self, record):
        line = super().line(record)
        self._copy.write(line)
        self.logged += 1
        self.bytes += len(line)
        self.tracebacks += record.exc_info is not None
        self.levels[record.levelname] += 1
        self.loggers[record.name] += 1
        return line


class Body(io.BytesIO):
    """The part of urllib3's response that botocore reads."""

    def stream(self, **_):
        yield self.read()


def answer(status, content_type, body):
    """A handler for botocore's before-send event: what it returns is taken for the answer of the service."""

    def before_send(request, **_):
        headers = botocore.compat.HTTPHeaders()
        headers["Content-Type"] = content_type
        return botocore.awsrequest.AWSResponse(request.url, status, headers, Body(body))

    return before_send


EMPTY_LIST = b"""<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>logs</Name><KeyCount>0</KeyCount>
<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"""
DENIED = b"""<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"""
IDENTITY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::000000000000:root</Arn><UserId>AKIAIOSFODNN7EXAMPLE</UserId><Account>000000000000</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
XML = "application/xml"
JSON = "application/x-amz-json-1.1"
NO_STREAMS = b'{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":false}'
TABLE = b'{"Table":{"TableName":"orders","ItemCount":7}}'

# service, operation, arguments, and the answer that it gets
CALLS = [
    ("s3", "list_objects_v2", {"Bucket": "logs", "Prefix": "2026/11/"}, answer(200, XML, EMPTY_LIST)),
    ("s3", "put_object", {"Bucket": "logs", "Key": "grüße/a b.json", "Body": b"{}"}, answer(200, XML, b"")),
    ("s3", "get_object", {"Bucket": "logs", "Key": "missing"}, answer(403, XML, DENIED)),
    ("sts", "get_caller_identity", {}, answer(200, XML, IDENTITY)),
    ("sts", "get_caller_identity", {}, answer(503, XML, b"<busy>")),
    ("firehose", "list_delivery_streams", {"Limit": 10}, answer(200, JSON, NO_STREAMS)),
    ("firehose", "put_record", {"DeliveryStreamName": "orders", "Record": {"Data": b"{}"}}, answer(500, JSON, b"not json")),
    ("dynamodb", "describe_table", {"TableName": "orders"}, answer(200, JSON, TABLE)),
]

# what the library is given, and by which of its functions it fails
FAILURES = [
    ("parse a document", lambda: json.loads('{"order": 17, "lines": [}')),
    ("read a literal", lambda: ast.literal_eval("{'open': (1, 2")),
    ("read a date", lambda: datetime.datetime.fromisoformat("2026-02-30T10:00:00+01:00")),
    ("decode a body", lambda: base64.b64decode("not base64!", validate=True)),
    ("unpack a body", lambda: gzip.decompress(b"\x1f\x8b\x08\x00broken")),
    ("open an archive", lambda: zipfile.ZipFile(io.BytesIO(b"PK\x05\x06"))),
    ("read a port", lambda: urllib.parse.urlsplit("http://localhost:70000/").port),
    ("read settings", lambda: configparser.ConfigParser().read_string("retries = 3")),
    ("parse a feed", lambda: xml.etree.ElementTree.fromstring("<feed><entry></feed>")),
    ("decode a name", lambda: b"gr\xfc\xdfe".decode("utf-8")),
]


def make_clients(session):
    settings = botocore.config.Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "an-example-and-no-secret"}
    services = {service for service, *_ in CALLS}
    return {
        service: session.create_client(service, "us-east-1", endpoint_url="http://localhost", config=settings, **keys)
        for service in sorted(services)
    }


def call(clients, service, operation, arguments, before_send):
    client = clients[service]
    client.meta.events.register("before-send", before_send, unique_id="answer")
    try:
        getattr(client, operation)(**arguments)
    except (botocore.exceptions.ClientError, botocore.parsers.ResponseParserError) as error:
        log.getChild(service).warning("%s failed", operation, exc_info=error)
    finally:
        client.meta.events.unregister("before-send", unique_id="answer")


def fail(what, attempt):
    try:
        attempt()
    except Exception:
        log.getChild("library").exception("cannot %s", what)
    else:
        raise AssertionError(f"`{what}` was expected to fail")


def run_program(handler):
    clients = make_clients(botocore.session.get_session())
    turn = 0
    while handler.logged < handler.limit:
        call(clients, *CALLS[turn % len(CALLS)])
        fail(*FAILURES[turn % len(FAILURES)])
        turn += 1


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--records", type=int, default=20_000, help="how many records to log (20000)")
    arguments.add_argument("--stream", default="logging-test", help="the stream to log to (logging-test)")
    arguments.add_argument("--sent", required=True, metavar="FILE", help="where to write the bytes that were sent")
    options = arguments.parse_args()
    with open(options.sent, "wb") as copy:
        handler = RecordedHandler(options.stream, options.records, copy)
        logging.basicConfig(level=logging.DEBUG, handlers=[handler])
        logging.captureWarnings(True)
        run_program(handler)
        logging.shutdown()
    summary = {name: getattr(handler, name) for name in ["logged", "sent", "lost", "bytes", "tracebacks", "levels", "loggers"]}
    print(json.dumps(summary))
    if handler.sent != options.records:
        sys.exit(f"{options.records} records were logged, and the stream accepted {handler.sent}")


if __name__ == "__main__":
    main()
