"""What shipping costs the program by boto3: the CPU time per record of 200 bytes, 500 in a call, what failed sent again.

    AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_DEFAULT_REGION=us-east-1 python cost_per_record.py --stream logging-test

Prints one JSON object: client, records, seconds, records_per_second, cpu_microseconds_per_record. The same work by the
AWS SDK for JavaScript is ../node/cost_per_record.mjs, and by the shipper for Rust its example cost_of_shipping.
"""

import argparse
import json
import time

import boto3
from botocore.config import Config

RECORDS_PER_CALL = 500


def record(number):
    return {"Data": b'{"n":%d,"message":"%-150s"}\n' % (number, b"a record of about two hundred bytes")}


def put_all(firehose, stream, records):
    for start in range(0, records, RECORDS_PER_CALL):
        batch = [record(number) for number in range(start, min(start + RECORDS_PER_CALL, records))]
        while batch:
            answer = firehose.put_record_batch(DeliveryStreamName=stream, Records=batch)
            if answer["FailedPutCount"] == 0:
                break
            entries = zip(batch, answer["RequestResponses"])
            batch = [sent for sent, entry in entries if "ErrorCode" in entry]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--stream", default="logging-test")
    arguments.add_argument("--records", type=int, default=200_000)
    options = arguments.parse_args()
    firehose = boto3.client("firehose", config=Config(retries={"max_attempts": 5, "mode": "standard"}))
    put_all(firehose, options.stream, RECORDS_PER_CALL)
    begin, cpu = time.perf_counter(), time.process_time()
    put_all(firehose, options.stream, options.records)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    report = {
        "client": f"boto3 {boto3.__version__}",
        "records": options.records,
        "seconds": round(seconds, 2),
        "records_per_second": round(options.records / seconds),
        "cpu_microseconds_per_record": round(cpu / options.records * 1e6, 2),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
