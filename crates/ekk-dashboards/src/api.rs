//! The HTTP API of OpenSearch Dashboards for saved objects and settings, so that other people's provisioning works.
//!
//! `request` holds requests to the same shapes in the same words, `error` gives failures the same form; what happens is
//! in `ekk-saved-objects`. Every writing request needs the header `osd-xsrf`, whatever its value, as there: a page of
//! another site cannot send it.
//! Source: the routes of OpenSearch Dashboards' core server, and <https://docs.opensearch.org/latest/dashboards/management/index-patterns/>

mod bulk;
mod error;
mod multipart;
mod objects;
mod request;
mod settings;
mod transfer;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use self::error::Boom;
pub(crate) use self::settings::default_index;
use crate::Site;

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/api/saved_objects/_find", get(objects::find))
        .route("/api/saved_objects/_bulk_get", post(bulk::get))
        .route("/api/saved_objects/_bulk_create", post(bulk::create))
        .route("/api/saved_objects/_bulk_update", axum::routing::put(bulk::update))
        .route("/api/saved_objects/_import", post(transfer::import))
        .route("/api/saved_objects/_resolve_import_errors", post(transfer::resolve_import_errors))
        .route("/api/saved_objects/_export", post(transfer::export))
        .route("/api/saved_objects/{type}", post(objects::create_unnamed))
        .route(
            "/api/saved_objects/{type}/{id}",
            get(objects::get).post(objects::create).put(objects::update).delete(objects::delete),
        )
        .route("/api/opensearch-dashboards/settings", get(settings::get).post(settings::set_many))
        .route("/api/opensearch-dashboards/settings/{key}", post(settings::set).delete(settings::delete))
        .route("/api/{*path}", axum::routing::any(not_found))
        .method_not_allowed_fallback(not_found)
        // Bodies are read by `request`, up to the limits of the real one.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .route_layer(middleware::from_fn(require_xsrf_header))
}

async fn not_found() -> Boom {
    Boom::new(StatusCode::NOT_FOUND, "Not Found")
}

/// Refuses what a page of another site could have sent.
async fn require_xsrf_header(request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || ["osd-xsrf", "osd-version"].iter().any(|name| request.headers().contains_key(*name)) {
        return next.run(request).await;
    }
    Boom::bad_request("Request must contain a osd-xsrf header.").into_response()
}

/// Does what works on files off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ekk_saved_objects::Error> + Send + 'static,
) -> Result<T, Boom> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Boom::from),
        Err(error) => Err(Boom::internal(&error)),
    }
}
