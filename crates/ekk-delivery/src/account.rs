//! What became of every record of a stream, in numbers that always add up.

use serde::{Deserialize, Serialize};

/// The account of one stream since it was created; with a data folder it survives restarts.
///
/// `accepted == indexed + stored + failed + processing_failed + dropped + lost + queued` at every moment. Bytes are those of the records as they came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Records that a call was told were accepted.
    pub accepted: u64,
    /// Bytes of the accepted records.
    pub accepted_bytes: u64,
    /// Accepted records that the destination (or the failed prefix) does not have yet.
    pub queued: u64,
    /// Bytes of the queued records.
    pub queued_bytes: u64,
    /// Records that the index has.
    pub indexed: u64,
    /// Bytes of the indexed records.
    pub indexed_bytes: u64,
    /// Records that an S3 destination has.
    pub stored: u64,
    /// Bytes of the stored records.
    pub stored_bytes: u64,
    /// Records that could not be indexed and are failed documents in S3.
    pub failed: u64,
    /// Bytes of the failed records.
    pub failed_bytes: u64,
    /// Records that a processor could not transform and that are in S3.
    pub processing_failed: u64,
    /// Records that a processor dropped.
    pub dropped: u64,
    /// Records that a damaged queue file could not give back; none unless the disk or somebody changed it.
    pub lost: u64,
    /// Records that the backup bucket has as they came in (`AllDocuments`).
    pub backed_up: u64,
    /// Bytes of the backed-up records.
    pub backed_up_bytes: u64,
    /// Accepted records that the backup bucket shall have and does not have yet.
    pub backup_queued: u64,
    /// Bulk requests and object writes that were made again.
    pub retries: u64,
    /// Records that may be in the index twice: sent again without a document id after an answer got lost.
    pub duplicates_possible: u64,
}

impl Account {
    /// Records that came to an end, whichever.
    pub fn ended(&self) -> u64 {
        self.indexed + self.stored + self.failed + self.processing_failed + self.dropped
    }

    /// Whether no record waits for the destination or for the backup.
    pub fn is_settled(&self) -> bool {
        self.queued == 0 && self.backup_queued == 0
    }
}
