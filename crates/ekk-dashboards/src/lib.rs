//! Discover for log records: pages in the spirit of OpenSearch Dashboards, rendered by the server.
//!
//! Sees data only through the OpenSearch HTTP API, so the same pages work on the embedded engine and on a real cluster.
//! A page's whole state is its URL; nothing is kept between requests. Reading works without JavaScript.
//! Reading order: [`Dashboards`] and its routes, `discover` (what is searched), `view` (the URL), `query` (the requests),
//! `page` (the markup).

mod assets;
mod chart;
mod discover;
mod explain;
mod fields;
mod filter;
mod interval;
mod level;
mod limits;
mod opensearch;
mod page;
mod query;
mod record;
mod saved_objects;
mod status;
mod text;
mod time_range;
mod view;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{Redirect, Response},
    routing::get,
};
use ekk_clock::Clock;
use url::Url;

pub use crate::saved_objects::{IndexPattern, SavedObjects, SavedObjectsError};
use crate::{
    opensearch::OpenSearch,
    view::{Reading, View},
};

/// What the pages show, and where it is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address of the OpenSearch API, over HTTP; a user and password in it are sent as basic authentication.
    pub opensearch: Url,
    /// The indices that Discover shows first: `logging-test-*`.
    pub index_pattern: String,
    /// The date field that records are sorted and counted by: `asctime`.
    pub time_field: String,
    /// The fields that the table shows beside the time; none shows whole records.
    pub columns: Vec<String>,
}

/// The pages of one stack.
#[derive(Clone, Debug)]
pub struct Dashboards {
    site: Site,
}

/// What every request is answered from.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) opensearch: OpenSearch,
    /// At least one; the first is shown when the URL names none.
    pub(crate) patterns: Vec<IndexPattern>,
    pub(crate) clock: Clock,
}

/// Nothing but what this server sends may be loaded or run, and no script or style that stands in a page.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

impl Dashboards {
    /// Pages over the OpenSearch that `config` names. Relative times are taken from `clock`.
    ///
    /// The engine need not be up yet: a page says so when it is not.
    pub fn new(config: Config, clock: Clock) -> Self {
        let Config { opensearch, index_pattern: title, time_field, columns } = config;
        let patterns = vec![IndexPattern { title, time_field, columns }];
        Self { site: Site { opensearch: OpenSearch::new(opensearch), patterns, clock } }
    }

    /// Adds the index patterns of an export to the ones that can be chosen; a title that is already there is kept.
    #[must_use]
    pub fn with_saved_objects(mut self, objects: SavedObjects) -> Self {
        for pattern in objects.index_patterns {
            if self.site.patterns.iter().all(|present| present.title != pattern.title) {
                self.site.patterns.push(pattern);
            }
        }
        self
    }

    /// The routes: `/` leads to `/app/discover`; `/api/status` says whether the engine answers.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(|| async { Redirect::temporary(view::PATH) }))
            .merge(discover::routes())
            .merge(status::routes())
            .merge(assets::routes())
            .fallback(page::not_found)
            .layer(middleware::from_fn(protect))
            .with_state(Arc::new(self.site))
    }
}

impl Site {
    /// The pattern with this title, or the first one.
    pub(crate) fn pattern(&self, title: Option<&str>) -> &IndexPattern {
        let named = title.and_then(|title| self.patterns.iter().find(|pattern| pattern.title == title));
        named.or(self.patterns.first()).expect("a site has at least the pattern of its configuration")
    }

    /// Reads a view; its default columns are those of the pattern it names.
    pub(crate) fn read_view(&self, query_string: &str) -> Reading {
        let title = url::form_urlencoded::parse(query_string.as_bytes()).filter(|(key, _)| key == "p").last();
        let pattern = self.pattern(title.as_ref().map(|(_, title)| title.as_ref()));
        View::read(query_string, &pattern.columns)
    }
}

/// Adds the headers that keep text of a log from acting as a page.
async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
