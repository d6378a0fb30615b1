//! What became of every record of a stream, in numbers that always add up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The account of one stream since it was created; with a data folder it survives restarts.
///
/// `accepted + expanded == indexed + stored + acknowledged + failed + processing_failed + dropped + refused + lost + queued`
/// at every moment. A record that a processor has taken apart counts as one while it is queued, and as each of its pieces
/// from the moment at which the last of them has ended; `expanded` is what that adds. Bytes are those of the records as
/// they came in; those of a record in pieces stand where its first piece has ended.
///
/// Shown in words, without what is nought: `10 records accepted: 6 indexed, 4 dropped by a processor; 10 backed up`.
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
    /// Records that an HTTP endpoint has acknowledged.
    pub acknowledged: u64,
    /// Bytes of the acknowledged records.
    pub acknowledged_bytes: u64,
    /// Records that could not be delivered and are in S3 with the reason.
    pub failed: u64,
    /// Bytes of the failed records.
    pub failed_bytes: u64,
    /// Records that could not be processed, or had no partition, and are in S3 with the reason.
    pub processing_failed: u64,
    /// Bytes of the records that could not be processed.
    pub processing_failed_bytes: u64,
    /// Records that a function dropped, or of which a processor left nothing.
    pub dropped: u64,
    /// Bytes of the dropped records.
    pub dropped_bytes: u64,
    /// Records that an HTTP endpoint refused with 413: they are in no bucket, as on AWS.
    pub refused: u64,
    /// Bytes of the refused records.
    pub refused_bytes: u64,
    /// Pieces that were made of records, without the first of each record.
    pub expanded: u64,
    /// Records that a damaged queue file could not give back; none unless the disk or somebody changed it.
    pub lost: u64,
    /// Records that the backup bucket has as they came in (`AllDocuments`).
    pub backed_up: u64,
    /// Bytes of the backed-up records.
    pub backed_up_bytes: u64,
    /// Accepted records that the backup bucket shall have and does not have yet.
    pub backup_queued: u64,
    /// Requests, invocations and object writes that were made again.
    pub retries: u64,
    /// Records that may be in the index twice: sent again without a document id after an answer got lost.
    pub duplicates_possible: u64,
    /// Records that a put was told were not taken, one by one or with their call: the queue was full, a quota used up, or a
    /// fault asked for. Counted since the stack's start.
    pub refused_at_put: u64,
    /// What AWS would bill for the accepted records: units of 5 KiB, each record rounded up.
    pub billed_units: u64,
}

impl Account {
    /// Records, and pieces of records, that came to an end, whichever.
    pub fn ended(&self) -> u64 {
        self.indexed
            + self.stored
            + self.acknowledged
            + self.failed
            + self.processing_failed
            + self.dropped
            + self.refused
    }

    /// Bytes of the records that came to an end, as they came in.
    pub(crate) fn ended_bytes(&self) -> u64 {
        self.indexed_bytes
            + self.stored_bytes
            + self.acknowledged_bytes
            + self.failed_bytes
            + self.processing_failed_bytes
            + self.dropped_bytes
            + self.refused_bytes
    }

    /// Whether no record waits for the destination or for the backup.
    pub fn is_settled(&self) -> bool {
        self.queued == 0 && self.backup_queued == 0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = [
            (self.indexed, "indexed"),
            (self.stored, "stored in S3"),
            (self.acknowledged, "acknowledged by the HTTP endpoint"),
            (self.failed, "failed and kept in S3 with the reason"),
            (self.processing_failed, "not processed and kept in S3 with the reason"),
            (self.dropped, "dropped by a processor"),
            (self.refused, "refused by the HTTP endpoint"),
            (self.lost, "lost with a damaged queue file"),
            (self.queued, "queued"),
        ];
        let besides = [
            (self.backed_up, "backed up"),
            (self.backup_queued, "queued for the backup"),
            (self.expanded, "more pieces than records"),
            (self.duplicates_possible, "perhaps indexed twice"),
            (self.refused_at_put, "refused at put"),
        ];
        let in_words = |lines: &[(u64, &str)]| {
            let lines = lines.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}"));
            lines.collect::<Vec<_>>().join(", ")
        };
        let parts = [(": ", in_words(&ends)), ("; ", in_words(&besides))];
        let plural = if self.accepted == 1 { "" } else { "s" };
        write!(formatter, "{} record{plural} accepted", self.accepted)?;
        parts
            .iter()
            .filter(|(_, words)| !words.is_empty())
            .try_for_each(|(before, words)| write!(formatter, "{before}{words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_told_in_words_without_what_is_nought() {
        let some = Account { accepted: 10, indexed: 6, dropped: 4, backed_up: 10, ..Account::default() };
        let throttled = Account { refused_at_put: 3, ..Account::default() };
        let cases = [
            (Account::default(), "0 records accepted"),
            (Account { accepted: 1, queued: 1, ..Account::default() }, "1 record accepted: 1 queued"),
            (some, "10 records accepted: 6 indexed, 4 dropped by a processor; 10 backed up"),
            (throttled, "0 records accepted; 3 refused at put"),
        ];
        for (account, words) in cases {
            assert_eq!(account.to_string(), words);
        }
    }
}
