//! The records around one, by time: what was logged before and after it, of the same logger or of all.
//!
//! The query is left out, for what is around a record is what the query does not find; filters stay.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde_json::Value;

use super::{Discover, discover, no_record, parameter, status_of};
use crate::{
    Site,
    fields::{Fields, Kind},
    filter::Filter,
    level::LOGGER_FIELDS,
    limits::{AROUND, AROUND_MOST},
    opensearch::{Error, Hit, whole},
    page,
    query::{self, Side},
    read_view,
    record::flatten,
};

/// A record and its neighbours in time.
#[derive(Debug)]
pub(crate) struct Around {
    /// Records after it, the newest first.
    pub(crate) newer: Vec<Hit>,
    pub(crate) record: Hit,
    /// Records before it and at its own time, the newest first.
    pub(crate) older: Vec<Hit>,
    /// How many are asked for on each side.
    pub(crate) count: u32,
    /// The record's logger, when it has one: the filter for it.
    pub(crate) logger: Option<Filter>,
}

/// `GET /app/discover/around?doc=INDEX/ID&n=COUNT`, with filters.
pub(super) async fn show(State(site): State<Arc<Site>>, RawQuery(query_string): RawQuery) -> Response {
    let query_string = query_string.unwrap_or_default();
    let patterns = site.patterns();
    let view = read_view(&patterns, &query_string).view;
    let doc = parameter(&query_string, "doc").unwrap_or_default();
    let (index, id) = doc.split_once('/').unwrap_or((&doc, ""));
    let count = parameter(&query_string, "n").and_then(|count| count.parse().ok()).unwrap_or(AROUND);
    let mut discover = discover(&site, &patterns, &view);
    let (status, markup) = match discover.around(index, id, count.clamp(1, AROUND_MOST)).await {
        Ok(Some(around)) => (StatusCode::OK, page::around(&discover, &around)),
        Ok(None) => (StatusCode::NOT_FOUND, no_record(&discover, index, id)),
        Err(error) => (status_of(&error), page::failure(&discover, &error.to_string())),
    };
    (status, markup).into_response()
}

impl Discover<'_> {
    async fn around(&mut self, index: &str, id: &str, count: u32) -> Result<Option<Around>, Error> {
        if index.is_empty() || id.is_empty() {
            return Ok(None);
        }
        let pattern = &self.pattern.title;
        self.fields = Fields::of(&self.site.opensearch.field_caps(pattern).await?);
        let time_field = &self.pattern.time_field;
        let answer = self.site.opensearch.search(index, &query::record_with_time(id, time_field)).await?;
        let Some(record) = answer.hits.hits.into_iter().next() else { return Ok(None) };
        let Some(millis) = self.millis(&record) else { return Ok(None) };
        let filters = &self.view.filters;
        let newer = query::around(time_field, filters, &record.id, Side::Newer(millis), count);
        let older = query::around(time_field, filters, &record.id, Side::Older(millis), count);
        let (newer, older) = tokio::try_join!(
            self.site.opensearch.search(pattern, &newer),
            self.site.opensearch.search(pattern, &older)
        )?;
        let mut newer = newer.hits.hits;
        newer.reverse();
        let logger = self.logger(&record);
        Ok(Some(Around { newer, older: older.hits.hits, count, logger, record }))
    }

    /// The time of a record in epoch milliseconds.
    fn millis(&self, hit: &Hit) -> Option<i64> {
        let sort = hit.sort.last().filter(|value| !Value::is_null(value)).and_then(whole)?;
        let nanos = self.fields.get(&self.pattern.time_field).is_some_and(|field| field.kind == Kind::DateNanos);
        Some(if nanos { sort.div_euclid(1_000_000) } else { sort })
    }

    fn logger(&self, record: &Hit) -> Option<Filter> {
        let values = flatten(record.source.as_deref()?);
        LOGGER_FIELDS.iter().find_map(|name| {
            let value = values.iter().find(|field| field.path == *name)?.values.first()?.text();
            let field = self.fields.get(name)?;
            (!value.is_empty()).then(|| Filter::is(field.aggregated_by.as_deref().unwrap_or(name), value))
        })
    }
}
