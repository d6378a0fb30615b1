// Tests of a log pipeline as a user of ekk writes them, by node:test: clock, faults and waits, and no sleep.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";

import { start } from "./ekk.mjs";

let ekk;
let firehose;

before(async () => {
  ekk = await start();
  firehose = new FirehoseClient(ekk.clientOptions);
});
after(() => ekk?.stop());
beforeEach(() => ekk.reset());

function put(...documents) {
  const Records = documents.map((document) => ({ Data: Buffer.from(JSON.stringify(document)) }));
  return firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: "logging-test", Records }));
}

test("what is logged is found", async () => {
  await put({ message: "order accepted" });
  await ekk.wait();
  assert.deepEqual(await ekk.search("logging-test-*"), [{ message: "order accepted" }]);
});

test("midnight begins a new index", async () => {
  await ekk.freeze("2026-12-31T23:59:59Z");
  await put({ message: "last year" });
  await ekk.advance(1);
  await put({ message: "this year" });
  await ekk.wait();
  assert.deepEqual(await ekk.search("logging-test-2026-12-31"), [{ message: "last year" }]);
  assert.deepEqual(await ekk.search("logging-test-2027-01-01"), [{ message: "this year" }]);
});

test("records that failed are sent again", async () => {
  await ekk.fault({ operation: "PutRecordBatch", effect: { fail_records: { count: 1 } }, times: 1 });
  const documents = [{ number: 1 }, { number: 2 }, { number: 3 }];
  const { FailedPutCount, RequestResponses } = await put(...documents);
  assert.equal(FailedPutCount, 1);
  await put(...documents.filter((_, index) => RequestResponses[index].ErrorCode));
  await ekk.wait({ stream: "logging-test", line: "indexed", count: 3 });
  assert.equal((await ekk.search("logging-test-*")).length, 3);
});

test("a call that is throttled is retried by the SDK", async () => {
  const effect = { answer: { code: "ServiceUnavailableException" } };
  await ekk.fault({ operation: "PutRecordBatch", effect, times: 1 });
  await put({ message: "in the end" });
  await ekk.wait();
  assert.equal((await ekk.search("logging-test-*")).length, 1);
});

test("a wait that fails says what is missing", async () => {
  await put({ message: "only one" });
  const wait = ekk.wait({ stream: "logging-test", line: "indexed", count: 2, timeout_secs: 0.3 });
  await assert.rejects(wait, /indexed is 1, not 2; only 1 record was accepted/);
});
