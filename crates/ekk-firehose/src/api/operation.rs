//! The operations that AWS's Firehose has, by the name that a request gives in `X-Amz-Target`.

use crate::model::shapes::TARGET_PREFIX;

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    CreateDeliveryStream,
    DeleteDeliveryStream,
    DescribeDeliveryStream,
    ListDeliveryStreams,
    ListTagsForDeliveryStream,
    PutRecord,
    PutRecordBatch,
    StartDeliveryStreamEncryption,
    StopDeliveryStreamEncryption,
    TagDeliveryStream,
    UntagDeliveryStream,
    UpdateDestination,
}

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
            "ListTagsForDeliveryStream" => Self::ListTagsForDeliveryStream,
            "PutRecord" => Self::PutRecord,
            "PutRecordBatch" => Self::PutRecordBatch,
            "StartDeliveryStreamEncryption" => Self::StartDeliveryStreamEncryption,
            "StopDeliveryStreamEncryption" => Self::StopDeliveryStreamEncryption,
            "TagDeliveryStream" => Self::TagDeliveryStream,
            "UntagDeliveryStream" => Self::UntagDeliveryStream,
            "UpdateDestination" => Self::UpdateDestination,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shapes::OPERATIONS;

    #[test]
    fn every_operation_of_the_model_is_known() {
        for operation in &OPERATIONS {
            let found = Operation::of_target(&format!("{TARGET_PREFIX}.{}", operation.name));
            assert_eq!(format!("{:?}", found.unwrap()), operation.name);
        }
    }
}
