// Uses Firehose as people do from Node.js: the AWS SDK for JavaScript, pointed at the stack by AWS_ENDPOINT_URL alone.
//
//   AWS_ENDPOINT_URL=http://localhost:4566 AWS_REGION=us-east-1 node put_records.mjs [stream] [records]
//
// Prints one JSON object: { stream, sent, ids }, where ids counts the different record ids. Fails unless all were accepted.
import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-firehose";

const RECORDS_PER_CALL = 500;

const [stream = "logging-test", count = "1200"] = process.argv.slice(2);
const firehose = new FirehoseClient({ maxAttempts: 1 });

function record(number) {
  const fields = {
    asctime: new Date().toISOString(),
    name: "node.example",
    levelname: number % 10 === 0 ? "WARNING" : "INFO",
    message: `request ${number} of Node.js ${process.version}`,
  };
  return { Data: Buffer.from(JSON.stringify(fields) + "\n") };
}

async function putAll(total) {
  const ids = new Set();
  const first = await firehose.send(new PutRecordCommand({ DeliveryStreamName: stream, Record: record(0) }));
  ids.add(first.RecordId);
  for (let start = 1; start < total; start += RECORDS_PER_CALL) {
    const size = Math.min(RECORDS_PER_CALL, total - start);
    const Records = Array.from({ length: size }, (_, index) => record(start + index));
    const answer = await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: stream, Records }));
    if (answer.FailedPutCount !== 0) throw new Error(`${answer.FailedPutCount} of ${size} records failed`);
    for (const entry of answer.RequestResponses) ids.add(entry.RecordId);
  }
  return ids.size;
}

async function checkMissingStream() {
  try {
    await firehose.send(new PutRecordCommand({ DeliveryStreamName: `${stream}-missing`, Record: record(0) }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return;
    throw error;
  }
  throw new Error("a stream that does not exist took a record");
}

const { DeliveryStreamDescription } = await firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: stream }));
if (DeliveryStreamDescription.DeliveryStreamStatus !== "ACTIVE") {
  throw new Error(`${stream} is ${DeliveryStreamDescription.DeliveryStreamStatus}`);
}
await checkMissingStream();
const ids = await putAll(Number(count));
if (ids !== Number(count)) throw new Error(`${count} records were put, and ${ids} record ids came back`);
console.log(JSON.stringify({ stream, sent: Number(count), ids }));
