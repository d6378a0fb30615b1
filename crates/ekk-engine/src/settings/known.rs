//! Which settings an index may have, which of them can change while it is open, and the form of their values.
//!
//! The lists are those of OpenSearch 3.4.0 without its remote store, ingestion and star-tree settings.

use serde_json::Value;

use crate::error::Exception;

/// Settings that can change at any time.
const DYNAMIC: [&str; 109] = [
    "index.allocation.max_retries",
    "index.analyze.max_token_count",
    "index.auto_expand_replicas",
    "index.auto_expand_search_replicas",
    "index.auto_force_merge.enabled",
    "index.blocks.metadata",
    "index.blocks.read",
    "index.blocks.read_only",
    "index.blocks.read_only_allow_delete",
    "index.blocks.search_only",
    "index.blocks.write",
    "index.compound_format",
    "index.default_pipeline",
    "index.derived_source.translog.enabled",
    "index.final_pipeline",
    "index.flush_after_merge",
    "index.gc_deletes",
    "index.hidden",
    "index.highlight.max_analyzed_offset",
    "index.indexing.slowlog.level",
    "index.indexing.slowlog.reformat",
    "index.indexing.slowlog.source",
    "index.indexing.slowlog.threshold.index.debug",
    "index.indexing.slowlog.threshold.index.info",
    "index.indexing.slowlog.threshold.index.trace",
    "index.indexing.slowlog.threshold.index.warn",
    "index.mapper.dynamic",
    "index.mapping.depth.limit",
    "index.mapping.field_name_length.limit",
    "index.mapping.nested_fields.limit",
    "index.mapping.nested_objects.limit",
    "index.mapping.total_fields.limit",
    "index.max_adjacency_matrix_filters",
    "index.max_docvalue_fields_search",
    "index.max_inner_result_window",
    "index.max_ngram_diff",
    "index.max_refresh_listeners",
    "index.max_regex_length",
    "index.max_rescore_window",
    "index.max_result_window",
    "index.max_script_fields",
    "index.max_shingle_diff",
    "index.max_slices_per_pit",
    "index.max_slices_per_scroll",
    "index.max_terms_count",
    "index.merge.log_byte_size_policy.max_merge_segment",
    "index.merge.log_byte_size_policy.max_merge_segment_forced_merge",
    "index.merge.log_byte_size_policy.max_merged_docs",
    "index.merge.log_byte_size_policy.merge_factor",
    "index.merge.log_byte_size_policy.min_merge",
    "index.merge.log_byte_size_policy.no_cfs_ratio",
    "index.merge.policy.deletes_pct_allowed",
    "index.merge.policy.expunge_deletes_allowed",
    "index.merge.policy.floor_segment",
    "index.merge.policy.max_merge_at_once",
    "index.merge.policy.max_merged_segment",
    "index.merge.policy.reclaim_deletes_weight",
    "index.merge.policy.segments_per_tier",
    "index.merge.scheduler.auto_throttle",
    "index.merge.scheduler.max_force_merge_mb_per_sec",
    "index.merge.scheduler.max_merge_count",
    "index.merge.scheduler.max_thread_count",
    "index.merge_on_flush.enabled",
    "index.merge_on_flush.max_full_flush_merge_wait_time",
    "index.merge_on_flush.policy",
    "index.number_of_replicas",
    "index.number_of_search_replicas",
    "index.optimize_auto_generated_id",
    "index.optimize_doc_id_lookup.fuzzy_set.enabled",
    "index.optimize_doc_id_lookup.fuzzy_set.false_positive_probability",
    "index.periodic_flush_interval",
    "index.priority",
    "index.query.default_field",
    "index.query.derived_field.enabled",
    "index.query.max_nested_depth",
    "index.refresh_interval",
    "index.requests.cache.enable",
    "index.routing.allocation.enable",
    "index.routing.allocation.total_primary_shards_per_node",
    "index.routing.allocation.total_shards_per_node",
    "index.routing.rebalance.enable",
    "index.search.concurrent.max_slice_count",
    "index.search.concurrent_segment_search.enabled",
    "index.search.concurrent_segment_search.mode",
    "index.search.default_pipeline",
    "index.search.idle.after",
    "index.search.slowlog.level",
    "index.search.slowlog.threshold.fetch.debug",
    "index.search.slowlog.threshold.fetch.info",
    "index.search.slowlog.threshold.fetch.trace",
    "index.search.slowlog.threshold.fetch.warn",
    "index.search.slowlog.threshold.query.debug",
    "index.search.slowlog.threshold.query.info",
    "index.search.slowlog.threshold.query.trace",
    "index.search.slowlog.threshold.query.warn",
    "index.search.star_tree_index.enabled",
    "index.segment_replication.publish_referenced_segments_interval",
    "index.soft_deletes.retention.operations",
    "index.soft_deletes.retention_lease.period",
    "index.translog.durability",
    "index.translog.flush_threshold_size",
    "index.translog.generation_threshold_size",
    "index.translog.retention.age",
    "index.translog.retention.size",
    "index.translog.sync_interval",
    "index.unassigned.node_left.delayed_timeout",
    "index.unreferenced_file_cleanup.enabled",
    "index.warmer.enabled",
    "index.write.wait_for_active_shards",
];

/// Settings that are fixed while the index is open.
const STATIC: [&str; 36] = [
    "index.append_only.enabled",
    "index.check_pending_flush.enabled",
    "index.codec",
    "index.codec.compression_level",
    "index.data_path",
    "index.derived_source.enabled",
    "index.fielddata.cache",
    "index.force_memory_term_dictionary",
    "index.format",
    "index.load_fixed_bitset_filters_eagerly",
    "index.mapping.coerce",
    "index.mapping.ignore_malformed",
    "index.merge.policy",
    "index.number_of_routing_shards",
    "index.number_of_shards",
    "index.percolator.map_unmapped_fields_as_text",
    "index.queries.cache.enabled",
    "index.query.parse.allow_unmapped_fields",
    "index.query_string.lenient",
    "index.recovery.type",
    "index.replication.type",
    "index.routing_partition_size",
    "index.shard.check_on_startup",
    "index.soft_deletes.enabled",
    "index.sort.field",
    "index.sort.missing",
    "index.sort.mode",
    "index.sort.order",
    "index.store.factory",
    "index.store.fs.fs_lock",
    "index.store.hybrid.nio.extensions",
    "index.store.preload",
    "index.store.stats_refresh_interval",
    "index.store.type",
    "index.use_compound_file",
    "index.version.created",
];

/// Settings with any key below these are taken as they are.
const PREFIXES: [&str; 4] = [
    "index.analysis.",
    "index.routing.allocation.include.",
    "index.routing.allocation.exclude.",
    "index.routing.allocation.require.",
];

/// Settings that only the engine itself gives.
const PRIVATE: [&str; 3] = ["index.uuid", "index.history.uuid", "index.verified_before_close"];

/// Settings that are fixed once the index is there, open or not.
const FINAL: [&str; 3] = ["index.number_of_shards", "index.number_of_routing_shards", "index.soft_deletes.enabled"];

/// Settings whose value is `true` or `false`.
const BOOLEAN: [&str; 11] = [
    "index.blocks.metadata",
    "index.blocks.read",
    "index.blocks.read_only",
    "index.blocks.read_only_allow_delete",
    "index.blocks.write",
    "index.hidden",
    "index.mapper.dynamic",
    "index.mapping.coerce",
    "index.mapping.ignore_malformed",
    "index.requests.cache.enable",
    "index.warmer.enabled",
];

/// Settings whose value is a whole number, with its smallest and largest value.
const WHOLE: [(&str, i64, i64); 10] = [
    ("index.number_of_shards", 1, 1024),
    ("index.number_of_replicas", 0, i64::MAX),
    ("index.mapping.total_fields.limit", 0, i64::MAX),
    ("index.mapping.depth.limit", 1, i64::MAX),
    ("index.mapping.nested_fields.limit", 0, i64::MAX),
    ("index.mapping.nested_objects.limit", 0, i64::MAX),
    ("index.max_result_window", 1, i64::MAX),
    ("index.max_inner_result_window", 1, i64::MAX),
    ("index.max_terms_count", 1, i64::MAX),
    ("index.max_docvalue_fields_search", 0, i64::MAX),
];

/// Settings whose value is a length of time; `-1` stands for never.
const TIME: [&str; 4] =
    ["index.refresh_interval", "index.search.idle.after", "index.translog.sync_interval", "index.gc_deletes"];

/// Whether the setting can change while the index is open.
pub(super) fn is_dynamic(key: &str) -> bool {
    DYNAMIC.contains(&key) || (has_prefix(key) && !key.starts_with("index.analysis."))
}

/// Whether the setting can never change.
pub(super) fn is_final(key: &str) -> bool {
    FINAL.contains(&key)
}

fn has_prefix(key: &str) -> bool {
    PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Refuses an unknown setting, one that is not the user's to give, or a value that does not parse.
pub(super) fn check(key: &str, value: &Value) -> Result<(), Exception> {
    if PRIVATE.contains(&key) {
        let reason = format!("Validation Failed: 1: private index setting [{key}] can not be set explicitly;");
        return Err(Exception::new("validation_exception", reason));
    }
    if !DYNAMIC.contains(&key) && !STATIC.contains(&key) && !has_prefix(key) && !super::GIVEN.contains(&key) {
        return Err(unknown(key));
    }
    let Some(text) = value.as_str() else { return Ok(()) };
    check_value(key, text)
}

fn check_value(key: &str, text: &str) -> Result<(), Exception> {
    if BOOLEAN.contains(&key) && text != "true" && text != "false" {
        let reason = format!("Failed to parse value [{text}] as only [true] or [false] are allowed.");
        return Err(Exception::illegal_argument(reason));
    }
    if let Some((_, smallest, largest)) = WHOLE.iter().find(|(name, ..)| *name == key) {
        let reason = format!("Failed to parse value [{text}] for setting [{key}]");
        let Ok(number) = text.parse::<i64>() else {
            let cause = Exception::new("number_format_exception", format!("For input string: \"{text}\""));
            return Err(Exception::illegal_argument(reason).caused_by(cause));
        };
        if number < *smallest {
            return Err(Exception::illegal_argument(format!("{reason} must be >= {smallest}")));
        }
        if number > *largest {
            return Err(Exception::illegal_argument(format!("{reason} must be <= {largest}")));
        }
    }
    if TIME.contains(&key) && !is_time(text) {
        let reason = format!(
            "failed to parse setting [{key}] with value [{text}] as a time value: unit is missing or unrecognized"
        );
        return Err(Exception::illegal_argument(reason));
    }
    Ok(())
}

/// Whether `text` is a length of time such as `5s`, `100ms`, `-1` or `0`.
fn is_time(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let unit = digits.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.');
    if text == "-1" || text == "0" {
        return true;
    }
    unit.len() < digits.len() && ["d", "h", "m", "s", "ms", "micros", "nanos"].contains(&unit.trim())
}

fn unknown(key: &str) -> Exception {
    let mut near: Vec<(f64, &str)> = DYNAMIC
        .iter()
        .chain(&STATIC)
        .map(|known| (similarity(key, known), *known))
        .filter(|(similarity, _)| *similarity > 0.7)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<&str> = near.iter().map(|(_, known)| *known).collect();
    let hint = match names.as_slice() {
        [] => " please check that any required plugins are installed, or check the breaking changes documentation for \
               removed settings"
            .to_owned(),
        [one] => format!(" did you mean [{one}]?"),
        several => format!(" did you mean any of [{}]?", several.join(", ")),
    };
    Exception::new("settings_exception", format!("unknown setting [{key}]{hint}"))
}

/// 1 minus the edit distance over the longer length, as Lucene's `LevenshteinDistance` counts it.
fn similarity(left: &str, right: &str) -> f64 {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<u32> = (0..).take(right.len() + 1).collect();
    let mut left_len = 0_u32;
    for character in left.chars() {
        let mut diagonal = left_len;
        left_len += 1;
        if let Some(first) = row.first_mut() {
            *first = left_len;
        }
        let mut before = left_len;
        for (column, other) in right.iter().enumerate() {
            let Some(cell) = row.get_mut(column + 1) else { break };
            let cost = u32::from(character != *other);
            let best = (diagonal + cost).min(before + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            before = best;
        }
    }
    let distance = row.last().copied().unwrap_or_default();
    let longer = left_len.max(u32::try_from(right.len()).unwrap_or(u32::MAX)).max(1);
    1.0 - f64::from(distance) / f64::from(longer)
}
