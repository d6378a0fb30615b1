//! Saves the view as a search, under a title.
//!
//! A form of the page asks for it. Pages of other sites cannot: the server's socket refuses what they send.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use ekk_server::body;
use http::{StatusCode, header};

use super::{discover, parameter};
use crate::{
    Site,
    limits::{API_BODY_BYTES, TITLE_CHARS},
    page, read_view, saved_search,
    text::cut_chars,
};

/// `POST /app/discover/save` with a view, a `title`, and `replace` when there is one of this title.
pub(super) async fn save(State(site): State<Arc<Site>>, body: Body) -> Response {
    let Ok(body) = body::read(body, API_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form = String::from_utf8_lossy(&body);
    let patterns = site.patterns();
    let view = read_view(&patterns, &form).view;
    let discover = discover(&site, &patterns, &view);
    let title = parameter(&form, "title").unwrap_or_default();
    let (title, more) = cut_chars(title.trim(), TITLE_CHARS);
    if title.is_empty() || more {
        let message = format!("A search needs a title of 1 to {TITLE_CHARS} characters.");
        return (StatusCode::BAD_REQUEST, page::failure(&discover, &message)).into_response();
    }
    let Some(mut new) = saved_search::object(&site.objects, &view, discover.pattern, title) else {
        let message = "This index pattern is not saved itself, so a search on it cannot be.";
        return (StatusCode::BAD_REQUEST, page::failure(&discover, message)).into_response();
    };
    let same_title = site.objects.all("search").into_iter().find(|object| object.title() == Some(title));
    let replace = parameter(&form, "replace").is_some();
    match same_title {
        Some(_) if !replace => return (StatusCode::CONFLICT, page::title_taken(&discover, title)).into_response(),
        Some(object) => new.id = Some(object.key().id.clone()),
        None => {}
    }
    let (objects, now) = (site.objects.clone(), site.clock.now());
    let saved = tokio::task::spawn_blocking(move || objects.create(new, replace, now)).await;
    match saved {
        Ok(Ok(object)) => {
            tracing::debug!(id = object.key().id, "a search was saved");
            (StatusCode::SEE_OTHER, [(header::LOCATION, view.href())]).into_response()
        }
        Ok(Err(error)) => failed(&discover, &error.to_string()),
        Err(error) => failed(&discover, &error.to_string()),
    }
}

fn failed(discover: &super::Discover<'_>, reason: &str) -> Response {
    tracing::error!(reason, "a search cannot be saved");
    (StatusCode::INTERNAL_SERVER_ERROR, page::failure(discover, &format!("The search cannot be saved: {reason}.")))
        .into_response()
}
