//! Every bound of the pages, with its unit and where the number comes from.

use std::time::Duration;

/// Records on one page; OpenSearch Dashboards' `discover:sampleSize`.
pub(crate) const PAGE_RECORDS: u32 = 500;

/// Records that `from` may skip and still fill a page; OpenSearch's `index.max_result_window` is 10,000.
/// Source: <https://docs.opensearch.org/latest/search-plugins/searching-data/paginate/>
pub(crate) const RESULT_WINDOW: u32 = 10_000;

/// Bars that the automatic interval aims at; OpenSearch Dashboards' `histogram:barTarget`.
pub(crate) const BAR_TARGET: i64 = 50;

/// Bars that a histogram never exceeds; OpenSearch Dashboards' `histogram:maxBars`.
pub(crate) const MAX_BARS: i64 = 100;

/// Values that a field's list shows.
pub(crate) const TOP_VALUES: u32 = 5;

/// Different levels that the histogram tells apart; the rest is drawn as "other".
pub(crate) const LEVELS: u32 = 10;

/// Characters of a value that a cell of the table shows; the whole value is in the opened row.
pub(crate) const CELL_CHARS: usize = 600;

/// Bytes of a value that an opened row shows; the whole value is on the record's own page.
pub(crate) const OPENED_VALUE_BYTES: usize = 16 * 1024;

/// Characters of a value that can be filtered for; the `ignore_above` of a dynamically mapped `.keyword`.
pub(crate) const FILTER_VALUE_CHARS: usize = 256;

/// Fields that the list shows at once; the others are found by name.
pub(crate) const LISTED_FIELDS: usize = 300;

/// Bytes of all values of one record that an opened row shows, so that a page of 500 records stays under 32 MiB.
pub(crate) const OPENED_RECORD_BYTES: usize = 64 * 1024;

/// Values of one record that an opened row shows; all of them are on the record's own page.
pub(crate) const OPENED_VALUES: usize = 200;

/// Objects within objects that are flattened; what lies deeper is shown as JSON.
/// OpenSearch's `index.mapping.depth.limit` is 20.
pub(crate) const FLATTENED_DEPTH: usize = 20;

/// Filters, columns or open value lists that one URL may carry; more are dropped.
pub(crate) const LIST_ENTRIES: usize = 50;

/// Bytes of an engine's answer that are read.
pub(crate) const ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// How long an answer of the engine may take.
pub(crate) const ENGINE_PATIENCE: Duration = Duration::from_secs(30);

/// How long a connection to the engine may take.
pub(crate) const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// Records on each side of another one; OpenSearch Dashboards' `context:defaultSize`.
pub(crate) const AROUND: u32 = 5;

/// Records on each side of another one at most. Ours.
pub(crate) const AROUND_MOST: u32 = 500;

/// Records of one downloaded file, as in the reports of OpenSearch Dashboards; a multiple of what a page has.
pub(crate) const DOWNLOAD_RECORDS: usize = 10_000;

/// Bytes of one downloaded file. Ours.
pub(crate) const DOWNLOAD_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of a request to the API that is no import; OpenSearch Dashboards' `server.maxPayloadBytes`.
pub(crate) const API_BODY_BYTES: usize = 1_048_576;

/// Parts of a form; an import has two. Ours.
pub(crate) const FORM_PARTS: usize = 16;

/// Index patterns that can be chosen from; the others are reached by their address. Ours.
pub(crate) const LISTED_PATTERNS: usize = 200;

/// Things that are offered at the cursor of the query bar. Ours.
pub(crate) const COMPLETIONS: usize = 12;

/// Records of a shard that are looked at for values to offer; as OpenSearch Dashboards does.
pub(crate) const COMPLETION_SAMPLE: u32 = 100_000;

/// Characters of the title of a search that is saved from a page. Ours.
pub(crate) const TITLE_CHARS: usize = 200;
