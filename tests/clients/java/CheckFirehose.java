import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.firehose.model.ConcurrentModificationException;
import software.amazon.awssdk.services.firehose.model.CreateDeliveryStreamResponse;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamDescription;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamEncryptionStatus;
import software.amazon.awssdk.services.firehose.model.DeliveryStreamStatus;
import software.amazon.awssdk.services.firehose.model.InvalidArgumentException;
import software.amazon.awssdk.services.firehose.model.KeyType;
import software.amazon.awssdk.services.firehose.model.LimitExceededException;
import software.amazon.awssdk.services.firehose.model.Record;
import software.amazon.awssdk.services.firehose.model.ResourceInUseException;
import software.amazon.awssdk.services.firehose.model.ResourceNotFoundException;
import software.amazon.awssdk.services.firehose.model.Tag;

/**
 * Takes a stream through its life by the AWS SDK for Java 2, pointed at the stack by AWS_ENDPOINT_URL alone, and checks that
 * refusals arrive as the SDK's own exceptions.
 *
 * <p>java -cp 'target/lib/*' CheckFirehose.java [--probe]
 *
 * <p>Works on a stream of its own and deletes it. Prints one line; fails at the first thing that does not hold.
 */
public class CheckFirehose {
    private static final String ROLE = "arn:aws:iam::000000000000:role/firehose";
    private static final String BUCKET = "arn:aws:s3:::logging-test-backup";

    private final FirehoseClient firehose;
    private final String stream = "java-" + ProcessHandle.current().pid();

    CheckFirehose(FirehoseClient firehose) {
        this.firehose = firehose;
    }

    public static void main(String[] arguments) {
        if (List.of(arguments).contains("--probe")) {
            return; // that it compiles is all that was asked
        }
        try (FirehoseClient firehose =
                FirehoseClient.builder().httpClient(UrlConnectionHttpClient.create()).build()) {
            new CheckFirehose(firehose).run();
        }
        System.out.println("the life of a stream and its refusals hold");
    }

    void run() {
        String account = create();
        put();
        update();
        tags();
        encryption();
        refusals(account);
        expect(firehose.listDeliveryStreams(list -> list.limit(100)).deliveryStreamNames().contains(stream), "it is listed");
        firehose.deleteDeliveryStream(delete -> delete.deliveryStreamName(stream));
        ResourceNotFoundException gone = refused(ResourceNotFoundException.class, this::describe);
        says(gone, "Firehose " + stream + " under account " + account + " not found.");
    }

    /** Answers the account that the stream's ARN shows. */
    private String create() {
        String arn = createWithPrefix("first/").deliveryStreamARN();
        expect(arn.endsWith(":deliverystream/" + stream), "the ARN is " + arn);
        DeliveryStreamDescription described = describe();
        equal(DeliveryStreamStatus.ACTIVE, described.deliveryStreamStatus());
        equal("first/", described.destinations().get(0).extendedS3DestinationDescription().prefix());
        return arn.split(":")[4];
    }

    private CreateDeliveryStreamResponse createWithPrefix(String prefix) {
        return firehose.createDeliveryStream(create -> create.deliveryStreamName(stream)
                .extendedS3DestinationConfiguration(s3 -> s3.roleARN(ROLE).bucketARN(BUCKET).prefix(prefix)));
    }

    private void put() {
        String id = firehose.putRecord(put -> put.deliveryStreamName(stream).record(record("one"))).recordId();
        expect(id.length() > 100, "the record id is " + id);
        var batch = firehose.putRecordBatch(put -> put.deliveryStreamName(stream).records(record("two"), record("three")));
        equal(0, batch.failedPutCount());
        equal(2, batch.requestResponses().size());
        expect(batch.requestResponses().stream().allMatch(entry -> entry.errorCode() == null), "an entry failed");
    }

    private void update() {
        DeliveryStreamDescription before = describe();
        firehose.updateDestination(update -> update.deliveryStreamName(stream)
                .currentDeliveryStreamVersionId(before.versionId())
                .destinationId(before.destinations().get(0).destinationId())
                .extendedS3DestinationUpdate(s3 -> s3.prefix("second/")));
        DeliveryStreamDescription after = describe();
        equal("2", after.versionId());
        equal("second/", after.destinations().get(0).extendedS3DestinationDescription().prefix());
    }

    private void tags() {
        firehose.tagDeliveryStream(tag -> tag.deliveryStreamName(stream).tags(tag("env", "dev"), tag("team", "logs")));
        equal(Map.of("env", "dev", "team", "logs"), listTags());
        firehose.untagDeliveryStream(untag -> untag.deliveryStreamName(stream).tagKeys("env"));
        equal(Map.of("team", "logs"), listTags());
    }

    private Map<String, String> listTags() {
        List<Tag> tags = firehose.listTagsForDeliveryStream(list -> list.deliveryStreamName(stream)).tags();
        return new TreeMap<>(tags.stream().collect(Collectors.toMap(Tag::key, Tag::value)));
    }

    private void encryption() {
        firehose.startDeliveryStreamEncryption(start -> start.deliveryStreamName(stream)
                .deliveryStreamEncryptionConfigurationInput(key -> key.keyType(KeyType.AWS_OWNED_CMK)));
        equal(DeliveryStreamEncryptionStatus.ENABLED, describe().deliveryStreamEncryptionConfiguration().status());
        firehose.stopDeliveryStreamEncryption(stop -> stop.deliveryStreamName(stream));
        equal(DeliveryStreamEncryptionStatus.DISABLED, describe().deliveryStreamEncryptionConfiguration().status());
    }

    private void refusals(String account) {
        says(
                refused(ResourceInUseException.class, () -> createWithPrefix("first/")),
                "Firehose " + stream + " under accountId " + account + " already exists");
        DeliveryStreamDescription now = describe();
        says(
                refused(ConcurrentModificationException.class, () -> firehose.updateDestination(update -> update
                        .deliveryStreamName(stream)
                        .currentDeliveryStreamVersionId("1")
                        .destinationId(now.destinations().get(0).destinationId())
                        .extendedS3DestinationUpdate(s3 -> s3.prefix("third/")))),
                "Cannot update firehose: " + stream + " since the current version id: 2 and specified version id: 1 do not match");
        says(
                refused(InvalidArgumentException.class, () -> firehose.updateDestination(update -> update
                        .deliveryStreamName(stream)
                        .currentDeliveryStreamVersionId("2")
                        .destinationId(now.destinations().get(0).destinationId())
                        .extendedS3DestinationUpdate(s3 -> s3.prefix("!{timestamp:yyyy}/")))),
                "Ths supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or empty "
                        + "when Prefix contains expressions");
        List<Tag> many = IntStream.range(0, 50).mapToObj(at -> tag("key-" + at, "")).collect(Collectors.toList());
        refused(LimitExceededException.class, () -> firehose.tagDeliveryStream(
                tag -> tag.deliveryStreamName(stream).tags(many)));
        AwsServiceException invalid = refused(
                AwsServiceException.class, () -> firehose.listDeliveryStreams(list -> list.limit(0)));
        equal("ValidationException", invalid.awsErrorDetails().errorCode());
    }

    private DeliveryStreamDescription describe() {
        return firehose.describeDeliveryStream(describe -> describe.deliveryStreamName(stream)).deliveryStreamDescription();
    }

    private static Record record(String message) {
        return Record.builder().data(SdkBytes.fromUtf8String("{\"message\":\"" + message + "\"}\n")).build();
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    private static <E extends AwsServiceException> E refused(Class<E> expected, Runnable call) {
        try {
            call.run();
        } catch (AwsServiceException refusal) {
            if (expected.isInstance(refusal)) {
                expect(refusal.statusCode() == 400 && refusal.requestId() != null, "the refusal is " + refusal);
                return expected.cast(refusal);
            }
            throw refusal;
        }
        throw new AssertionError("expected " + expected.getSimpleName() + " and nothing was refused");
    }

    private static void says(AwsServiceException refusal, String text) {
        equal(text, refusal.awsErrorDetails().errorMessage());
    }

    private static void equal(Object expected, Object actual) {
        expect(expected.equals(actual), "expected " + expected + " and got " + actual);
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
