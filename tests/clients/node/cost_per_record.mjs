// What shipping costs the program by the AWS SDK for JavaScript: the CPU time per record of 200 bytes, 500 in a call, what
// failed sent again.
//
//   AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 node cost_per_record.mjs [stream] [records]
//
// Prints one JSON object: client, records, seconds, records_per_second, cpu_microseconds_per_record. The same work by
// boto3 is ../python/cost_per_record.py, and by the shipper for Rust its example cost_of_shipping.
import { createRequire } from "node:module";
import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";

const RECORDS_PER_CALL = 500;

const [stream = "logging-test", count = "200000"] = process.argv.slice(2);
const firehose = new FirehoseClient({ maxAttempts: 5 });

function record(number) {
  const message = "a record of about two hundred bytes".padEnd(150);
  return { Data: Buffer.from(`{"n":${number},"message":"${message}"}\n`) };
}

async function putAll(records) {
  for (let start = 0; start < records; start += RECORDS_PER_CALL) {
    const size = Math.min(RECORDS_PER_CALL, records - start);
    let batch = Array.from({ length: size }, (_, index) => record(start + index));
    while (batch.length > 0) {
      const answer = await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: stream, Records: batch }));
      if (answer.FailedPutCount === 0) break;
      batch = batch.filter((_, index) => answer.RequestResponses[index].ErrorCode !== undefined);
    }
  }
}

await putAll(RECORDS_PER_CALL);
const begin = process.hrtime.bigint();
const before = process.cpuUsage();
await putAll(Number(count));
const { user, system } = process.cpuUsage(before);
const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
const { version } = createRequire(import.meta.url)("@aws-sdk/client-firehose/package.json");
console.log(
  JSON.stringify({
    client: `AWS SDK for JavaScript ${version}`,
    records: Number(count),
    seconds: Number(seconds.toFixed(2)),
    records_per_second: Math.round(Number(count) / seconds),
    cpu_microseconds_per_record: Number(((user + system) / Number(count)).toFixed(2)),
  }),
);
