"""A handler for Python's logging that ships each record to a Firehose stream as one line of JSON.

It batches as the API allows, resends only the entries that failed, and sends what is left when the program exits.
It works against AWS as it is; which endpoint, region and credentials are boto3's own subject (AWS_ENDPOINT_URL and so on).

    import logging
    from firehose_handler import FirehoseHandler

    logging.basicConfig(level=logging.INFO, handlers=[FirehoseHandler("logging-test")])
    logging.getLogger("shop.checkout").info("order accepted")
"""

import collections
import logging
import random
import sys
import threading
import time

import boto3
from pythonjsonlogger.json import JsonFormatter

# https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
RECORDS_PER_CALL = 500
BYTES_PER_CALL = 4 * 1024 * 1024
BYTES_PER_RECORD = 1_024_000

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0


def json_formatter():
    """One JSON object a record: asctime as ISO 8601 with the offset, name, levelname, message and, if any, exc_info."""
    return JsonFormatter("%(asctime)s %(name)s %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z")


class FirehoseHandler(logging.Handler):
    """Ships log records to a Firehose stream from a thread of its own.

    A record waits at most `linger_seconds` for others to share its call. When `queue_bytes` are waiting, the program's
    logging calls wait too. A batch that cannot be sent for `patience_seconds` is given up, counted in `lost` and told on
    stderr. `sent` counts what the stream has accepted.
    """

    def __init__(self, stream, client=None, linger_seconds=0.2, patience_seconds=60.0, queue_bytes=64 * 1024 * 1024):
        client = client or boto3.client("firehose")  # when this fails, there is no handler to be flushed at exit
        super().__init__()
        self.setFormatter(json_formatter())
        self.sent = 0
        self.lost = 0
        self._stream = stream
        self._client = client
        self._linger_seconds = linger_seconds
        self._patience_seconds = patience_seconds
        self._queue_bytes = queue_bytes
        self._waiting = collections.deque()
        self._waiting_bytes = 0
        self._in_flight = 0
        self._flushing = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"firehose-{stream}", daemon=True)
        self.addFilter(self._is_not_our_own)
        self._thread.start()

    def line(self, record):
        """The bytes that go out for a record. The line break is for S3, where Firehose puts nothing between records."""
        return (self.format(record) + "\n").encode()

    def emit(self, record):
        try:
            line = self.line(record)
            if len(line) > BYTES_PER_RECORD:
                raise ValueError(f"a record of {len(line)} bytes is over the {BYTES_PER_RECORD}-byte limit of Firehose")
            self._put(line)
        except Exception:
            self.handleError(record)

    def flush(self):
        """Waits until everything that was logged before has been sent or given up."""
        with self._changed:
            self._flushing += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._in_flight)
            self._flushing -= 1

    def close(self):
        """Sends what is left and stops the thread. Python calls this at exit for every handler."""
        self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        super().close()

    def _is_not_our_own(self, _record):
        """What boto3 logs while it sends would be sent again, for ever. A filter runs before the handler's lock is taken,
        which a flush at exit holds while it waits for this very thread."""
        return threading.current_thread() is not self._thread

    def _put(self, line):
        with self._changed:
            self._changed.wait_for(lambda: self._waiting_bytes < self._queue_bytes)
            self._waiting.append(line)
            self._waiting_bytes += len(line)
            self._changed.notify_all()

    def _run(self):
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                self._changed.wait_for(self._is_due, timeout=self._linger_seconds)
                batch = self._take_batch()
            self._send(batch)
            with self._changed:
                self._in_flight = 0
                self._changed.notify_all()

    def _is_due(self):
        full = len(self._waiting) >= RECORDS_PER_CALL or self._waiting_bytes >= BYTES_PER_CALL
        return full or self._flushing or self._closed

    def _take_batch(self):
        batch, size = [], 0
        while self._waiting and len(batch) < RECORDS_PER_CALL and size + len(self._waiting[0]) <= BYTES_PER_CALL:
            line = self._waiting.popleft()
            batch.append(line)
            size += len(line)
        self._waiting_bytes -= size
        self._in_flight = len(batch)
        return batch

    def _send(self, batch):
        deadline = time.monotonic() + self._patience_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            failed, reason = self._call(batch)
            self.sent += len(batch) - len(failed)
            if not failed:
                return
            if time.monotonic() + pause > deadline:
                self.lost += len(failed)
                print(f"firehose: gave up {len(failed)} records for {self._stream}: {reason}", file=sys.stderr)
                return
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            batch = failed

    def _call(self, batch):
        """Sends one batch; answers what is to be sent again, and why."""
        try:
            records = [{"Data": line} for line in batch]
            answer = self._client.put_record_batch(DeliveryStreamName=self._stream, Records=records)
        except Exception as error:  # whatever it is, the thread lives on and the records are tried again
            return batch, error
        if not answer["FailedPutCount"]:
            return [], None
        entries = list(zip(batch, answer["RequestResponses"], strict=True))
        failed = [line for line, entry in entries if "ErrorCode" in entry]
        reasons = {f"{entry['ErrorCode']}: {entry['ErrorMessage']}" for _, entry in entries if "ErrorCode" in entry}
        return failed, "; ".join(sorted(reasons))
