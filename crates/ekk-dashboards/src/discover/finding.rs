//! The records and counts of a page, read from the engine's two answers.

use jiff::Timestamp;

use super::Discover;
use crate::{
    chart::TimeBucket,
    fields::{Field, Kind},
    interval::Interval,
    limits::{PAGE_RECORDS, RESULT_WINDOW},
    opensearch::{Error, Hit, SearchAnswer, whole},
    query::{self, BY_LEVEL, BY_TIME},
    time_range::Instants,
    view::{Cursor, Sort},
};

/// What a search found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Records in the whole result.
    pub(crate) total: u64,
    /// What the slower of the two searches took in the engine.
    pub(crate) took_millis: u64,
    pub(crate) counts: Counts,
    /// The values of the open fields.
    pub(crate) top_values: Vec<TopValues>,
    /// The records of this page.
    pub(crate) hits: Vec<Hit>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<Cursor>,
    /// What the engine says about shards that did not answer.
    pub(crate) incomplete: Option<String>,
}

/// The counts behind the histogram.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) interval: Interval,
    pub(crate) buckets: Vec<TimeBucket>,
    /// The field that filters for a level, with the levels and their counts.
    pub(crate) levels: Option<(String, Vec<(String, u64)>)>,
}

/// The most frequent values of a field in the whole result.
#[derive(Debug)]
pub(crate) struct TopValues {
    pub(crate) field: String,
    /// The field that counts and filters, if any can.
    pub(crate) by: Option<String>,
    pub(crate) values: Vec<(String, u64)>,
    /// Records with other values.
    pub(crate) others: u64,
    /// Records with any value, also one that is too long to be counted.
    pub(crate) present: u64,
    /// Records in the whole result.
    pub(crate) total: u64,
}

impl TopValues {
    /// Reads the values of the field that was asked for as the one at `index`.
    pub(crate) fn of(field: &Field, answer: &SearchAnswer, index: usize) -> Self {
        let terms = answer.aggregations.get(&query::top_name(index));
        let present = answer.aggregations.get(&query::present_name(index));
        Self {
            field: field.name.clone(),
            by: field.aggregated_by.clone().filter(|_| terms.is_some()),
            values: terms
                .map(|terms| terms.buckets().iter().map(|bucket| (bucket.name(), bucket.doc_count)).collect())
                .unwrap_or_default(),
            others: terms.map_or(0, |terms| terms.sum_other_doc_count),
            present: present.and_then(|present| present.bucket(query::PRESENT)).map_or(0, |bucket| bucket.doc_count),
            total: answer.hits.count(),
        }
    }

    /// Records without a value.
    pub(crate) fn without(&self) -> u64 {
        self.total.saturating_sub(self.present)
    }

    /// Records whose value is too long for the keyword that counts.
    pub(crate) fn too_long(&self) -> u64 {
        let counted: u64 = self.values.iter().map(|(_, count)| count).sum();
        self.present.saturating_sub(counted).saturating_sub(self.others)
    }
}

impl Discover<'_> {
    /// Asks for the records and the counts at the same time.
    pub(super) async fn find(&self, range: Instants) -> Result<Found, Error> {
        let selection = self.selection(range);
        let interval = Interval::for_range(range);
        let open_names = self.open_fields();
        let open: Vec<&Field> = open_names.iter().filter_map(|name| self.fields.get(name)).collect();
        let sort = self.sort();
        let counts_body = query::counts(selection, &interval, self.fields.level(), &open);
        let records_body = query::records(selection, &self.engine_sort(&sort), self.view.cursor);
        let (counts, records) = tokio::try_join!(
            self.site.opensearch.search(&self.pattern.title, &counts_body),
            self.site.opensearch.search(&self.pattern.title, &records_body),
        )?;
        let total = counts.hits.count();
        Ok(Found {
            total,
            took_millis: counts.took.max(records.took),
            top_values: open.iter().enumerate().map(|(index, field)| TopValues::of(field, &counts, index)).collect(),
            next: self.next_page(self.view.cursor, &sort, &records.hits.hits, total),
            incomplete: incomplete(&counts).or_else(|| incomplete(&records)),
            counts: Counts {
                interval,
                buckets: time_buckets(&counts),
                levels: self.fields.level().and_then(|field| Some((field.aggregated_by.clone()?, levels(&counts)))),
            },
            hits: records.hits.hits,
        })
    }

    /// The records from a cursor on, and where the ones behind them begin.
    pub(super) async fn records(
        &self,
        range: Instants,
        from: Option<Cursor>,
    ) -> Result<(Vec<Hit>, Option<Cursor>), Error> {
        let sort = self.sort();
        let body = query::records(self.selection(range), &self.engine_sort(&sort), from);
        let answer = self.site.opensearch.search(&self.pattern.title, &body).await?;
        let hits = answer.hits.hits;
        let is_full = hits.len() >= PAGE_RECORDS as usize;
        let next = if is_full { self.next_page(from, &sort, &hits, u64::MAX) } else { None };
        Ok((hits, next))
    }

    /// The order in the engine's names: a text is sorted by its keyword.
    fn engine_sort(&self, sort: &Sort) -> Sort {
        let by = self.fields.get(&sort.field).and_then(|field| field.aggregated_by.clone());
        Sort { field: by.unwrap_or_else(|| sort.field.clone()), ascending: sort.ascending }
    }

    fn next_page(&self, from: Option<Cursor>, sort: &Sort, hits: &[Hit], total: u64) -> Option<Cursor> {
        let here = from.unwrap_or(Cursor { at_millis: None, skip: 0, shown: 0 });
        let shown = here.shown + hits.len() as u64;
        if hits.is_empty() || shown >= total {
            return None;
        }
        let by_time = sort.field == self.pattern.time_field
            && self.fields.get(&sort.field).is_some_and(|field| field.kind == Kind::Date);
        let taken = u32::try_from(hits.len()).unwrap_or(u32::MAX);
        if !by_time {
            let skip = here.skip.saturating_add(taken);
            return (skip < RESULT_WINDOW).then_some(Cursor { at_millis: None, skip, shown });
        }
        let time = |hit: &Hit| hit.sort.last().and_then(whole);
        let last = hits.last().and_then(time);
        let same = hits.iter().rev().take_while(|hit| time(hit) == last).count();
        let skip = u32::try_from(same).unwrap_or(u32::MAX);
        let before = if here.at_millis == last { here.skip } else { 0 };
        let skip = skip.saturating_add(before);
        (skip < RESULT_WINDOW).then_some(Cursor { at_millis: last, skip, shown })
    }
}

fn time_buckets(answer: &SearchAnswer) -> Vec<TimeBucket> {
    let Some(by_time) = answer.aggregations.get(BY_TIME) else { return Vec::new() };
    by_time
        .buckets()
        .iter()
        .filter_map(|bucket| {
            let by_level = bucket.inner(BY_LEVEL).unwrap_or_default();
            Some(TimeBucket {
                start: Timestamp::from_millisecond(bucket.key_millis()?).ok()?,
                count: bucket.doc_count,
                by_level: by_level.buckets().iter().map(|level| (level.name(), level.doc_count)).collect(),
            })
        })
        .collect()
}

fn levels(answer: &SearchAnswer) -> Vec<(String, u64)> {
    let mut levels: Vec<(String, u64)> = answer
        .aggregations
        .get(BY_LEVEL)
        .map(|levels| levels.buckets().iter().map(|level| (level.name(), level.doc_count)).collect())
        .unwrap_or_default();
    levels.sort_by_key(|(level, _)| crate::level::Severity::of(level));
    levels
}

fn incomplete(answer: &SearchAnswer) -> Option<String> {
    if answer.timed_out {
        return Some("OpenSearch ran out of time, so records are missing here.".to_owned());
    }
    let shards = &answer.shards;
    (shards.failed > 0).then(|| {
        let reason = shards.reason().unwrap_or_else(|| "no reason given".to_owned());
        format!("{} of {} shards failed, so records are missing here: {reason}", shards.failed, shards.total)
    })
}
