//! Discover: searches what a view asks for and hands it to [`crate::page`].
//!
//! Routes: the page, the values of one field (asked for by the page's script when a field is opened), and the page of
//! one record.

mod around;
mod download;
mod finding;
mod save;

use std::sync::Arc;

use axum::{
    Router,
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::{StatusCode, header};
use jiff::{Timestamp, tz::TimeZone};
use maud::Markup;
use url::form_urlencoded;

pub(crate) use self::{
    around::Around,
    finding::{Found, TopValues},
};
use crate::{
    Site,
    explain::Empty,
    fields::{Fields, Kind},
    index_pattern::{IndexPattern, Patterns},
    opensearch::{self, Hit},
    page,
    query::{self, Selection},
    question::{Misunderstood, Question},
    read_view,
    time_range::{Instants, RangeError},
    view::{PATH, Sort, View},
};

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route(PATH, get(show))
        .route("/app/discover/top", get(show_top_values))
        .route(RECORD_PATH, get(show_record))
        .route(AROUND_PATH, get(around::show))
        .route(SAVE_PATH, post(save::save))
        .route(CSV_PATH, get(download::csv))
        .route(NDJSON_PATH, get(download::ndjson))
}

/// The path of one record's page, which is named by `doc=INDEX/ID`.
pub(crate) const RECORD_PATH: &str = "/app/discover/doc";

/// The path of the records around one, which is named by `doc=INDEX/ID`.
pub(crate) const AROUND_PATH: &str = "/app/discover/around";

/// The records of a view as files.
pub(crate) const CSV_PATH: &str = "/app/discover/records.csv";
pub(crate) const NDJSON_PATH: &str = "/app/discover/records.ndjson";

/// Where the form that saves a search is sent.
pub(crate) const SAVE_PATH: &str = "/app/discover/save";

/// All that the page shows.
#[derive(Debug)]
pub(crate) struct Discover<'a> {
    pub(crate) site: &'a Site,
    pub(crate) patterns: &'a Patterns,
    pub(crate) pattern: &'a IndexPattern,
    pub(crate) view: &'a View,
    pub(crate) zone: TimeZone,
    pub(crate) now: Timestamp,
    /// The instants of the view's range, unless it cannot be read.
    pub(crate) range: Result<Instants, RangeError>,
    pub(crate) fields: Fields,
    /// What the query bar asks, once the fields are known.
    pub(crate) question: Question,
    pub(crate) outcome: Outcome,
}

/// What came of the search.
#[derive(Debug)]
pub(crate) enum Outcome {
    Found(Box<Found>),
    Empty(Empty),
    Failed(opensearch::Error),
    /// The query cannot be read, so nothing was searched.
    Misunderstood(Misunderstood),
    /// The range cannot be read, so nothing was searched.
    NotSearched,
}

impl Discover<'_> {
    /// The columns beside the time.
    pub(crate) fn columns(&self) -> &[String] {
        self.view.columns.as_deref().unwrap_or(&self.pattern.columns)
    }

    /// The order of the table, by the names of fields as the reader knows them.
    pub(crate) fn sort(&self) -> Sort {
        self.view.sort.clone().unwrap_or_else(|| Sort { field: self.pattern.time_field.clone(), ascending: false })
    }

    /// The fields whose values are listed.
    pub(crate) fn open_fields(&self) -> Vec<String> {
        match &self.view.frame.open_fields {
            Some(open) => open.clone(),
            None => self.fields.level().map(|level| level.name.clone()).into_iter().collect(),
        }
    }

    fn selection(&self, range: Instants) -> Selection<'_> {
        Selection {
            time_field: &self.pattern.time_field,
            question: &self.question,
            filters: &self.view.filters,
            range,
            zone: &self.zone,
        }
    }

    async fn search(&mut self) -> Outcome {
        let Ok(range) = self.range else { return Outcome::NotSearched };
        match self.site.opensearch.field_caps(&self.pattern.title).await {
            Ok(caps) => self.fields = Fields::of(&caps),
            Err(error) => return Outcome::Failed(error),
        }
        if let Err(misunderstood) = self.understand() {
            return Outcome::Misunderstood(misunderstood);
        }
        if self.fields.indices == 0 {
            return Outcome::Empty(Empty::NoIndex);
        }
        match self.fields.get(&self.pattern.time_field).map(|field| field.kind) {
            Some(Kind::Date | Kind::DateNanos) => {}
            other => return Outcome::Empty(Empty::NoTimeField(other)),
        }
        match self.find(range).await {
            Ok(found) if found.total == 0 => self.explain(range).await,
            Ok(found) => Outcome::Found(Box::new(found)),
            Err(error) => Outcome::Failed(error),
        }
    }

    /// Reads the query, by the fields that there are.
    fn understand(&mut self) -> Result<(), Misunderstood> {
        self.question = Question::of(self.view, self.fields.searched(), self.zone.iana_name())?;
        Ok(())
    }

    async fn explain(&self, range: Instants) -> Outcome {
        match self.site.opensearch.search(&self.pattern.title, &query::reasons(self.selection(range))).await {
            Ok(answer) => Outcome::Empty(Empty::of(&answer)),
            Err(error) => Outcome::Failed(error),
        }
    }
}

fn discover<'a>(site: &'a Site, patterns: &'a Patterns, view: &'a View) -> Discover<'a> {
    let zone = view.time_zone().unwrap_or(TimeZone::UTC);
    let now = site.clock.now();
    Discover {
        site,
        patterns,
        pattern: patterns.get(view.pattern.as_deref()),
        view,
        now,
        range: view.range.resolve(now, &zone),
        zone,
        fields: Fields::default(),
        question: Question::default(),
        outcome: Outcome::NotSearched,
    }
}

async fn show(State(site): State<Arc<Site>>, RawQuery(query_string): RawQuery) -> Response {
    let query_string = query_string.unwrap_or_default();
    let patterns = site.patterns();
    let reading = read_view(&patterns, &query_string);
    if !reading.canonical {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, reading.view.href())]).into_response();
    }
    let mut discover = discover(&site, &patterns, &reading.view);
    discover.outcome = discover.search().await;
    let status = match &discover.outcome {
        Outcome::Failed(error) => status_of(error),
        Outcome::NotSearched | Outcome::Misunderstood(_) => StatusCode::BAD_REQUEST,
        Outcome::Found(_) | Outcome::Empty(_) => StatusCode::OK,
    };
    (status, page::discover(&discover)).into_response()
}

/// The values of the field named `field`, as a piece of the page.
async fn show_top_values(State(site): State<Arc<Site>>, RawQuery(query_string): RawQuery) -> Response {
    let query_string = query_string.unwrap_or_default();
    let patterns = site.patterns();
    let view = read_view(&patterns, &query_string).view;
    let name = parameter(&query_string, "field").unwrap_or_default();
    let mut discover = discover(&site, &patterns, &view);
    match discover.top_values(&name).await {
        Ok(Some(values)) => page::top_values(&values).into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, page::notice("There is no such field in this range.")).into_response(),
        Err(error) => (status_of(&error), page::notice(&error.to_string())).into_response(),
    }
}

async fn show_record(State(site): State<Arc<Site>>, RawQuery(query_string): RawQuery) -> Response {
    let query_string = query_string.unwrap_or_default();
    let patterns = site.patterns();
    let view = read_view(&patterns, &query_string).view;
    let doc = parameter(&query_string, "doc").unwrap_or_default();
    let (index, id) = doc.split_once('/').unwrap_or((&doc, ""));
    let mut discover = discover(&site, &patterns, &view);
    let (status, markup) = match discover.record(index, id).await {
        Ok(Some(hit)) => (StatusCode::OK, page::record(&discover, &hit)),
        Ok(None) => (StatusCode::NOT_FOUND, no_record(&discover, index, id)),
        Err(error) => (status_of(&error), page::failure(&discover, &error.to_string())),
    };
    (status, markup).into_response()
}

fn no_record(discover: &Discover<'_>, index: &str, id: &str) -> Markup {
    page::failure(discover, &format!("There is no record “{id}” in the index “{index}”; it may have been deleted."))
}

impl Discover<'_> {
    async fn top_values(&mut self, name: &str) -> Result<Option<TopValues>, opensearch::Error> {
        let Ok(range) = self.range else { return Ok(None) };
        self.fields = Fields::of(&self.site.opensearch.field_caps(&self.pattern.title).await?);
        let Some(field) = self.fields.get(name).cloned() else { return Ok(None) };
        if self.understand().is_err() {
            return Ok(None);
        }
        let body = query::top_values(self.selection(range), &field);
        let answer = self.site.opensearch.search(&self.pattern.title, &body).await?;
        Ok(Some(TopValues::of(&field, &answer, 0)))
    }

    async fn record(&mut self, index: &str, id: &str) -> Result<Option<Hit>, opensearch::Error> {
        if index.is_empty() || id.is_empty() {
            return Ok(None);
        }
        self.fields = Fields::of(&self.site.opensearch.field_caps(index).await?);
        let answer = self.site.opensearch.search(index, &query::record(id)).await?;
        Ok(answer.hits.hits.into_iter().next())
    }
}

fn parameter(query_string: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query_string.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn status_of(error: &opensearch::Error) -> StatusCode {
    match error {
        opensearch::Error::Refused { status: 404, .. } => StatusCode::NOT_FOUND,
        opensearch::Error::Refused { status: 400..500, .. } => StatusCode::BAD_REQUEST,
        _ => StatusCode::BAD_GATEWAY,
    }
}
