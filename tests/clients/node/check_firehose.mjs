// Takes a stream through its life by the AWS SDK for JavaScript, pointed at the stack by AWS_ENDPOINT_URL alone, and checks
// that refusals arrive as the SDK's own exceptions.
//
//   AWS_ENDPOINT_URL=http://localhost:4566 AWS_REGION=us-east-1 node check_firehose.mjs [--refused CODE]
//
// Works on a stream of its own and deletes it. Prints one line; fails at the first thing that does not hold. With --refused
// it only checks that a call ends with that error: InvalidSignatureException after a wrong secret, for instance.
import assert from "node:assert/strict";
import {
  ConcurrentModificationException,
  Firehose,
  FirehoseServiceException,
  InvalidArgumentException,
  LimitExceededException,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-firehose";

const RoleARN = "arn:aws:iam::000000000000:role/firehose";
const BucketARN = "arn:aws:s3:::logging-test-backup";
const DeliveryStreamName = `node-${process.pid}`;
const stream = { DeliveryStreamName };

const firehose = new Firehose({ maxAttempts: 1 });

async function refused(kind, message, call) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof kind, `${error} is no ${kind.name}`);
    if (message) assert.equal(error.message, message);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.ok(error.$metadata.requestId, "there is no request id");
    return true;
  });
}

async function describe() {
  return (await firehose.describeDeliveryStream(stream)).DeliveryStreamDescription;
}

async function prefix() {
  return (await describe()).Destinations[0].ExtendedS3DestinationDescription.Prefix;
}

async function create() {
  const creation = { ...stream, ExtendedS3DestinationConfiguration: { RoleARN, BucketARN, Prefix: "first/" } };
  const { DeliveryStreamARN } = await firehose.createDeliveryStream(creation);
  assert.ok(DeliveryStreamARN.endsWith(`:deliverystream/${DeliveryStreamName}`), DeliveryStreamARN);
  const account = DeliveryStreamARN.split(":")[4];
  assert.equal((await describe()).DeliveryStreamStatus, "ACTIVE");
  assert.equal(await prefix(), "first/");
  const message = `Firehose ${DeliveryStreamName} under accountId ${account} already exists`;
  await refused(ResourceInUseException, message, firehose.createDeliveryStream(creation));
  return account;
}

async function put() {
  const record = (message) => ({ Data: Buffer.from(JSON.stringify({ message }) + "\n") });
  const { RecordId } = await firehose.putRecord({ ...stream, Record: record("one") });
  assert.ok(RecordId.length > 100, RecordId);
  const batch = await firehose.putRecordBatch({ ...stream, Records: [record("two"), record("three")] });
  assert.equal(batch.FailedPutCount, 0);
  assert.deepEqual(batch.RequestResponses.map(Object.keys), [["RecordId"], ["RecordId"]]);
}

async function update() {
  const described = await describe();
  const change = {
    ...stream,
    CurrentDeliveryStreamVersionId: described.VersionId,
    DestinationId: described.Destinations[0].DestinationId,
    ExtendedS3DestinationUpdate: { Prefix: "second/" },
  };
  await firehose.updateDestination(change);
  assert.equal((await describe()).VersionId, "2");
  assert.equal(await prefix(), "second/");
  const stale = "since the current version id: 2 and specified version id: 1 do not match";
  const message = `Cannot update firehose: ${DeliveryStreamName} ${stale}`;
  await refused(ConcurrentModificationException, message, firehose.updateDestination(change));
  change.CurrentDeliveryStreamVersionId = "2";
  change.ExtendedS3DestinationUpdate = { Prefix: "!{timestamp:yyyy}/" };
  const rule = "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions";
  const typo = `Ths supplied prefix(es) do not satisfy the following constraint: ${rule}`;
  await refused(InvalidArgumentException, typo, firehose.updateDestination(change));
}

async function tags() {
  const listed = async () => {
    const { Tags, HasMoreTags } = await firehose.listTagsForDeliveryStream(stream);
    assert.equal(HasMoreTags, false);
    return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  };
  const both = [{ Key: "env", Value: "dev" }, { Key: "team", Value: "logs" }];
  await firehose.tagDeliveryStream({ ...stream, Tags: both });
  assert.deepEqual(await listed(), { env: "dev", team: "logs" });
  await firehose.untagDeliveryStream({ ...stream, TagKeys: ["env"] });
  assert.deepEqual(await listed(), { team: "logs" });
  const many = Array.from({ length: 50 }, (_, number) => ({ Key: `key-${number}`, Value: "" }));
  await refused(LimitExceededException, null, firehose.tagDeliveryStream({ ...stream, Tags: many }));
}

async function encryption() {
  const status = async () => (await describe()).DeliveryStreamEncryptionConfiguration.Status;
  const DeliveryStreamEncryptionConfigurationInput = { KeyType: "AWS_OWNED_CMK" };
  await firehose.startDeliveryStreamEncryption({ ...stream, DeliveryStreamEncryptionConfigurationInput });
  assert.equal(await status(), "ENABLED");
  await firehose.stopDeliveryStreamEncryption(stream);
  assert.equal(await status(), "DISABLED");
}

async function deletion(account) {
  const { DeliveryStreamNames } = await firehose.listDeliveryStreams({ Limit: 100 });
  assert.ok(DeliveryStreamNames.includes(DeliveryStreamName), DeliveryStreamNames);
  // Not an exception of the API's model, so the SDK has only its base class for it.
  await refused(FirehoseServiceException, null, firehose.listDeliveryStreams({ Limit: 0 }));
  await firehose.deleteDeliveryStream(stream);
  const message = `Firehose ${DeliveryStreamName} under account ${account} not found.`;
  await refused(ResourceNotFoundException, message, firehose.describeDeliveryStream(stream));
}

const [option, code] = process.argv.slice(2);
if (option === "--refused") {
  await assert.rejects(firehose.listDeliveryStreams({}), (error) => {
    assert.equal(error.name, code);
    console.log(error.message);
    return true;
  });
} else {
  const account = await create();
  await put();
  await update();
  await tags();
  await encryption();
  await deletion(account);
  console.log("the life of a stream and its refusals hold");
}
