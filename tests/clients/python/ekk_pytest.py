"""A stack of ekk as pytest fixtures. Copy this file beside your tests, or load it with `-p ekk_pytest`.

`ekk` is emptied before each test and runs for the whole session. It starts the command in EKK_COMMAND, `ekk` unless set,
in memory and on free ports, or uses the running stack that EKK_ENDPOINT_URL names. Only the standard library is needed.
"""

import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest


class EkkError(AssertionError):
    """The stack refused a request, or a wait was in vain: the text says what is missing, and why."""


class Ekk:
    """A running stack: its addresses, and what a test asks of it."""

    def __init__(self, addresses):
        self.endpoint_url = addresses["aws"]
        self.opensearch_url = addresses["opensearch"]
        self.s3_url = addresses["s3"]

    @property
    def client_options(self):
        """For any client of boto3: `boto3.client("firehose", **ekk.client_options)`."""
        return {
            "endpoint_url": self.endpoint_url,
            "region_name": "us-east-1",
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }

    def control(self, method, path, body=None, **query):
        """A request of the control API; `/_ekk/openapi.json` describes all of them."""
        url = f"{self.endpoint_url}/_ekk/{path}"
        if query:
            texts = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
            url += "?" + urllib.parse.urlencode(texts)
        data = None if body is None else json.dumps(body).encode()
        return self._json(urllib.request.Request(url, data=data, method=method))

    def reset(self):
        """Empties the stack and puts its fixtures in anew."""
        self.control("POST", "reset")

    def freeze(self, at=None):
        """Stops the clock, at a time such as 2026-12-31T23:59:59Z."""
        self.control("POST", "clock", {"freeze": True, **({"set": at} if at else {})})

    def advance(self, by):
        """Moves the clock on, by seconds or text such as "1h 30m"; returns when all that was due is done."""
        self.control("POST", "clock", {"advance": by})

    def fault(self, effect, **rule):
        """Lets something fail: `ekk.fault({"fail_records": {"count": 1}}, operation="PutRecordBatch", times=1)`."""
        return self.control("POST", "faults", {"effect": effect, **rule})["id"]

    def wait(self, timeout=30, **until):
        """Waits until all is delivered and searchable, or `wait(stream="s", line="indexed", count=5)`.

        What is buffered is delivered at once, unless `flush=False` leaves it to its hints.
        """
        return self.control("POST", "wait", timeout_secs=timeout, **until)

    def account(self, stream):
        """What became of the stream's records."""
        return self.control("GET", f"streams/{stream}")["account"]

    def search(self, index, query=None):
        """The documents of the indices that `index` names, in OpenSearch's order."""
        body = json.dumps({"size": 1000, "query": query or {"match_all": {}}}).encode()
        url = f"{self.opensearch_url}/{urllib.parse.quote(index)}/_search"
        request = urllib.request.Request(url, data=body, headers={"content-type": "application/json"})
        return [hit["_source"] for hit in self._json(request)["hits"]["hits"]]

    @staticmethod
    def _json(request):
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            try:
                text = json.loads(text)["error"]
            except (ValueError, KeyError, TypeError):
                pass
            raise EkkError(f"{request.get_method()} {request.full_url}: {text}") from None


@pytest.fixture(scope="session")
def ekk_stack():
    """The stack of the session."""
    running = os.environ.get("EKK_ENDPOINT_URL")
    if running:
        yield Ekk(
            {
                "aws": running,
                "opensearch": os.environ.get("EKK_OPENSEARCH_URL", "http://127.0.0.1:9200"),
                "s3": os.environ.get("EKK_S3_URL", "http://127.0.0.1:9000"),
            }
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        free = "127.0.0.1:0"
        command = [os.environ.get("EKK_COMMAND", "ekk"), "up", "--ephemeral", "--ready-file", str(ready)]
        for part in ("aws", "opensearch", "s3", "dashboards"):
            command += [f"--listen-{part}", free]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{' '.join(command)} did not become ready")
                time.sleep(0.01)
            yield Ekk(json.loads(ready.read_text()))
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def ekk(ekk_stack):
    """The stack as it is at its start."""
    ekk_stack.reset()
    return ekk_stack
