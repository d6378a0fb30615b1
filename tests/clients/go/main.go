// Takes a stream through its life by the AWS SDK for Go 2, pointed at the stack by AWS_ENDPOINT_URL alone, and checks that
// refusals arrive as the SDK's own errors.
//
//	AWS_ENDPOINT_URL=http://localhost:4566 AWS_REGION=us-east-1 go run .
//
// Works on a stream of its own and deletes it. Prints one line; fails at the first thing that does not hold.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/smithy-go"
)

const (
	role   = "arn:aws:iam::000000000000:role/firehose"
	bucket = "arn:aws:s3:::logging-test-backup"
)

type check struct {
	ctx      context.Context
	firehose *firehose.Client
	stream   string
	account  string
}

func main() {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx)
	ensure(err)
	c := &check{ctx: ctx, firehose: firehose.NewFromConfig(loaded), stream: fmt.Sprintf("go-%d", os.Getpid())}
	c.create()
	c.put()
	c.update()
	c.tags()
	c.encryption()
	c.refusals()
	c.delete()
	fmt.Println("the life of a stream and its refusals hold")
}

func (c *check) create() {
	created, err := c.createWithPrefix("first/")
	ensure(err)
	arn := aws.ToString(created.DeliveryStreamARN)
	expect(strings.HasSuffix(arn, ":deliverystream/"+c.stream), "the ARN is %s", arn)
	c.account = strings.Split(arn, ":")[4]
	described := c.describe()
	equal(types.DeliveryStreamStatusActive, described.DeliveryStreamStatus)
	equal("first/", prefix(described))
}

func (c *check) createWithPrefix(prefix string) (*firehose.CreateDeliveryStreamOutput, error) {
	return c.firehose.CreateDeliveryStream(c.ctx, &firehose.CreateDeliveryStreamInput{
		DeliveryStreamName: &c.stream,
		ExtendedS3DestinationConfiguration: &types.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String(role), BucketARN: aws.String(bucket), Prefix: aws.String(prefix),
		},
	})
}

func (c *check) put() {
	one, err := c.firehose.PutRecord(c.ctx, &firehose.PutRecordInput{DeliveryStreamName: &c.stream, Record: record("one")})
	ensure(err)
	expect(len(aws.ToString(one.RecordId)) > 100, "the record id is %v", one.RecordId)
	records := []types.Record{*record("two"), *record("three")}
	batch, err := c.firehose.PutRecordBatch(c.ctx, &firehose.PutRecordBatchInput{DeliveryStreamName: &c.stream, Records: records})
	ensure(err)
	equal(int32(0), aws.ToInt32(batch.FailedPutCount))
	equal(2, len(batch.RequestResponses))
	for _, entry := range batch.RequestResponses {
		expect(entry.ErrorCode == nil && entry.RecordId != nil, "an entry is %v", entry)
	}
}

func (c *check) update() {
	before := c.describe()
	ensure(c.updateTo(aws.ToString(before.VersionId), "second/"))
	after := c.describe()
	equal("2", aws.ToString(after.VersionId))
	equal("second/", prefix(after))
}

func (c *check) updateTo(version, prefix string) error {
	_, err := c.firehose.UpdateDestination(c.ctx, &firehose.UpdateDestinationInput{
		DeliveryStreamName:             &c.stream,
		CurrentDeliveryStreamVersionId: &version,
		DestinationId:                  c.describe().Destinations[0].DestinationId,
		ExtendedS3DestinationUpdate:    &types.ExtendedS3DestinationUpdate{Prefix: &prefix},
	})
	return err
}

func (c *check) tags() {
	ensure(c.tag(tag("env", "dev"), tag("team", "logs")))
	equal("env=dev team=logs", c.listTags())
	_, err := c.firehose.UntagDeliveryStream(c.ctx, &firehose.UntagDeliveryStreamInput{
		DeliveryStreamName: &c.stream, TagKeys: []string{"env"},
	})
	ensure(err)
	equal("team=logs", c.listTags())
}

func (c *check) tag(tags ...types.Tag) error {
	_, err := c.firehose.TagDeliveryStream(c.ctx, &firehose.TagDeliveryStreamInput{DeliveryStreamName: &c.stream, Tags: tags})
	return err
}

func (c *check) listTags() string {
	listed, err := c.firehose.ListTagsForDeliveryStream(c.ctx, &firehose.ListTagsForDeliveryStreamInput{DeliveryStreamName: &c.stream})
	ensure(err)
	var written []string
	for _, tag := range listed.Tags {
		written = append(written, aws.ToString(tag.Key)+"="+aws.ToString(tag.Value))
	}
	return strings.Join(written, " ")
}

func (c *check) encryption() {
	_, err := c.firehose.StartDeliveryStreamEncryption(c.ctx, &firehose.StartDeliveryStreamEncryptionInput{
		DeliveryStreamName: &c.stream,
		DeliveryStreamEncryptionConfigurationInput: &types.DeliveryStreamEncryptionConfigurationInput{
			KeyType: types.KeyTypeAwsOwnedCmk,
		},
	})
	ensure(err)
	equal(types.DeliveryStreamEncryptionStatusEnabled, c.describe().DeliveryStreamEncryptionConfiguration.Status)
	_, err = c.firehose.StopDeliveryStreamEncryption(c.ctx, &firehose.StopDeliveryStreamEncryptionInput{DeliveryStreamName: &c.stream})
	ensure(err)
	equal(types.DeliveryStreamEncryptionStatusDisabled, c.describe().DeliveryStreamEncryptionConfiguration.Status)
}

func (c *check) refusals() {
	var inUse *types.ResourceInUseException
	_, err := c.createWithPrefix("first/")
	expect(errors.As(err, &inUse), "a second creation ends with %v", err)
	equal("Firehose "+c.stream+" under accountId "+c.account+" already exists", inUse.ErrorMessage())

	var concurrent *types.ConcurrentModificationException
	err = c.updateTo("1", "third/")
	expect(errors.As(err, &concurrent), "an update of an old version ends with %v", err)
	equal("Cannot update firehose: "+c.stream+" since the current version id: 2 and specified version id: 1 do not match",
		concurrent.ErrorMessage())

	var invalid *types.InvalidArgumentException
	err = c.updateTo("2", "!{timestamp:yyyy}/")
	expect(errors.As(err, &invalid), "a prefix without an error prefix ends with %v", err)
	equal("Ths supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or empty when "+
		"Prefix contains expressions", invalid.ErrorMessage())

	var tooMany *types.LimitExceededException
	var many []types.Tag
	for at := 0; at < 50; at++ {
		many = append(many, tag(fmt.Sprintf("key-%d", at), ""))
	}
	err = c.tag(many...)
	expect(errors.As(err, &tooMany), "51 tags end with %v", err)

	var validation smithy.APIError
	_, err = c.firehose.ListDeliveryStreams(c.ctx, &firehose.ListDeliveryStreamsInput{Limit: aws.Int32(0)})
	expect(errors.As(err, &validation), "a limit of 0 ends with %v", err)
	equal("ValidationException", validation.ErrorCode())
}

func (c *check) delete() {
	listed, err := c.firehose.ListDeliveryStreams(c.ctx, &firehose.ListDeliveryStreamsInput{Limit: aws.Int32(100)})
	ensure(err)
	expect(strings.Contains(strings.Join(listed.DeliveryStreamNames, " "), c.stream), "listed are %v", listed.DeliveryStreamNames)
	_, err = c.firehose.DeleteDeliveryStream(c.ctx, &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: &c.stream})
	ensure(err)
	var gone *types.ResourceNotFoundException
	_, err = c.firehose.DescribeDeliveryStream(c.ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &c.stream})
	expect(errors.As(err, &gone), "a stream that is gone ends with %v", err)
	equal("Firehose "+c.stream+" under account "+c.account+" not found.", gone.ErrorMessage())
}

func (c *check) describe() *types.DeliveryStreamDescription {
	described, err := c.firehose.DescribeDeliveryStream(c.ctx, &firehose.DescribeDeliveryStreamInput{DeliveryStreamName: &c.stream})
	ensure(err)
	return described.DeliveryStreamDescription
}

func prefix(described *types.DeliveryStreamDescription) string {
	return aws.ToString(described.Destinations[0].ExtendedS3DestinationDescription.Prefix)
}

func record(message string) *types.Record {
	return &types.Record{Data: []byte(fmt.Sprintf("{\"message\":%q}\n", message))}
}

func tag(key, value string) types.Tag {
	return types.Tag{Key: &key, Value: &value}
}

func equal(expected, actual interface{}) {
	expect(expected == actual, "expected %v and got %v", expected, actual)
}

func expect(holds bool, otherwise string, values ...interface{}) {
	if !holds {
		fmt.Fprintf(os.Stderr, otherwise+"\n", values...)
		os.Exit(1)
	}
}

func ensure(err error) {
	expect(err == nil, "%v", err)
}
