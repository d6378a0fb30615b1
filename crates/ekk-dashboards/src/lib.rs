//! Discover for log records: pages in the spirit of OpenSearch Dashboards, rendered by the server, and its API for saved
//! objects.
//!
//! Sees data only through the OpenSearch HTTP API, so the same pages work on the embedded engine and on a real cluster.
//! A page's whole state is its URL; nothing is kept between requests. Reading works without JavaScript.
//! Reading order: [`Dashboards`] and its routes, `discover` (what is searched), `view` (the URL), `query` (the requests),
//! `page` (the markup); `api` for itself.

mod api;
mod assets;
mod chart;
mod completion;
mod discover;
mod explain;
mod fields;
mod filter;
mod index_pattern;
mod interval;
mod level;
mod limits;
mod opensearch;
mod page;
mod query;
mod question;
mod record;
mod saved_search;
mod status;
mod text;
mod time_range;
mod view;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{Redirect, Response},
    routing::get,
};
use ekk_clock::Clock;
use ekk_saved_objects::Store;
use url::Url;

use crate::{
    index_pattern::Patterns,
    opensearch::OpenSearch,
    view::{Reading, View},
};

/// What the pages show, and where it is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address of the OpenSearch API, over HTTP; a user and password in it are sent as basic authentication.
    pub opensearch: Url,
    /// The folder that keeps saved objects, one file each; in memory when there is none.
    pub folder: Option<PathBuf>,
}

/// The pages of one stack.
#[derive(Clone, Debug)]
pub struct Dashboards {
    site: Site,
}

/// Saved objects cannot be used as they are.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SavedObjectsError(#[from] ekk_saved_objects::Error);

/// What every request is answered from.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) opensearch: OpenSearch,
    pub(crate) objects: Store,
    pub(crate) clock: Clock,
}

/// Nothing but what this server sends may be loaded or run, and no script or style that stands in a page.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

impl Dashboards {
    /// Pages over the OpenSearch that `config` names. Times are taken from `clock`.
    ///
    /// The engine need not be up yet: a page says so when it is not.
    ///
    /// # Errors
    /// The folder cannot be read. A file in it that is no saved object is logged and left alone.
    pub fn open(config: Config, clock: Clock) -> Result<Self, SavedObjectsError> {
        let objects = match &config.folder {
            None => Store::in_memory(),
            Some(folder) => open_store(folder)?,
        };
        Ok(Self { site: Site { opensearch: OpenSearch::new(config.opensearch), objects, clock } })
    }

    /// Takes those objects of an export in that are not there yet; what is there stays as it is.
    ///
    /// # Errors
    /// Names the line that is not a saved object, or the object that a later version has written (as Kibana does since
    /// 7.11). Nothing is taken in then.
    pub fn add_saved_objects(&self, ndjson: &str) -> Result<(), SavedObjectsError> {
        self.site.objects.import_missing(ndjson)?;
        Ok(())
    }

    /// Takes all saved objects away.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn clear_saved_objects(&self) -> Result<(), SavedObjectsError> {
        Ok(self.site.objects.clear()?)
    }

    /// The routes: `/` leads to `/app/discover`; `/api/status` says whether the engine answers; saved objects and
    /// settings are under `/api/` as in OpenSearch Dashboards.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(|| async { Redirect::temporary(view::PATH) }))
            .merge(discover::routes())
            .merge(completion::routes())
            .merge(status::routes())
            .merge(api::routes())
            .merge(assets::routes())
            .fallback(page::not_found)
            .layer(middleware::from_fn(protect))
            .with_state(Arc::new(self.site))
    }
}

impl Site {
    /// The index patterns there are.
    pub(crate) fn patterns(&self) -> Patterns {
        Patterns::of(&self.objects, api::default_index(&self.objects).as_deref())
    }
}

/// Reads a view; its default columns are those of the pattern it names.
pub(crate) fn read_view(patterns: &Patterns, query_string: &str) -> Reading {
    let title = url::form_urlencoded::parse(query_string.as_bytes()).filter(|(key, _)| key == "p").last();
    let pattern = patterns.get(title.as_ref().map(|(_, title)| title.as_ref()));
    View::read(query_string, &pattern.columns)
}

fn open_store(folder: &Path) -> Result<Store, ekk_saved_objects::Error> {
    let objects = Store::open(folder)?;
    for damaged in objects.damaged() {
        tracing::warn!(path = %damaged.path.display(), reason = damaged.reason, "a saved object cannot be read; its file stays as it is");
    }
    Ok(objects)
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
