//! The operations that AWS's Firehose has, by the name that a request gives in `X-Amz-Target`.

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CreateDeliveryStream,
    DeleteDeliveryStream,
    DescribeDeliveryStream,
    ListDeliveryStreams,
    PutRecord,
    PutRecordBatch,
    /// AWS has it, this service does not; refused by its name.
    Unsupported(&'static str),
}

const TARGET_PREFIX: &str = "Firehose_20150804";

impl Operation {
    /// The operation that a target names, or none when AWS would not know it either.
    pub(super) fn of_target(target: &str) -> Option<Self> {
        let (prefix, operation) = target.split_once('.')?;
        if prefix != TARGET_PREFIX {
            return None;
        }
        Some(match operation {
            "CreateDeliveryStream" => Self::CreateDeliveryStream,
            "DeleteDeliveryStream" => Self::DeleteDeliveryStream,
            "DescribeDeliveryStream" => Self::DescribeDeliveryStream,
            "ListDeliveryStreams" => Self::ListDeliveryStreams,
            "ListTagsForDeliveryStream" => Self::Unsupported("ListTagsForDeliveryStream"),
            "PutRecord" => Self::PutRecord,
            "PutRecordBatch" => Self::PutRecordBatch,
            "StartDeliveryStreamEncryption" => Self::Unsupported("StartDeliveryStreamEncryption"),
            "StopDeliveryStreamEncryption" => Self::Unsupported("StopDeliveryStreamEncryption"),
            "TagDeliveryStream" => Self::Unsupported("TagDeliveryStream"),
            "UntagDeliveryStream" => Self::Unsupported("UntagDeliveryStream"),
            "UpdateDestination" => Self::Unsupported("UpdateDestination"),
            _ => return None,
        })
    }
}
