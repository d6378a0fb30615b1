//! The settings that a person has made, kept as the saved object `config` that OpenSearch Dashboards keeps them in.
//!
//! Values are not checked: which settings there are is the plugins' business. Discover uses `defaultIndex`.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::HeaderMap,
};
use ekk_saved_objects::{Error, Key, NewObject, Store, Update};
use serde_json::{Map, Value, json};

use super::{
    blocking,
    error::Boom,
    request::{self, Part},
};
use crate::Site;

/// The id of the object that holds the settings: the version of the Dashboards whose API this is.
const VERSION: &str = "3.4.0";

fn key() -> Key {
    Key::new("config", VERSION)
}

/// The id of the index pattern that is shown first, where one was chosen.
pub(crate) fn default_index(objects: &Store) -> Option<String> {
    objects.get(&key())?.text("defaultIndex").map(str::to_owned)
}

/// `GET /api/opensearch-dashboards/settings`
pub(super) async fn get(State(site): State<Arc<Site>>) -> Json<Value> {
    Json(provided(&site.objects))
}

/// `POST /api/opensearch-dashboards/settings` with `{"changes": {KEY: VALUE}}`; a value of `null` takes a setting back.
pub(super) async fn set_many(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Boom> {
    let body = request::json(&headers, body).await?;
    let changes = Part::body(&body).object(&["changes"])?.part("changes").record()?;
    change(&site, changes).await
}

/// `POST /api/opensearch-dashboards/settings/{key}` with `{"value": VALUE}`
pub(super) async fn set(
    State(site): State<Arc<Site>>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Boom> {
    let body = request::json(&headers, body).await?;
    let body = Part::body(&body).object(&["value"])?;
    let value = body.part("value").optional(|part| Ok(part.any()))?.flatten().unwrap_or(Value::Null);
    change(&site, Map::from_iter([(key, value)])).await
}

/// `DELETE /api/opensearch-dashboards/settings/{key}`
pub(super) async fn delete(State(site): State<Arc<Site>>, Path(key): Path<String>) -> Result<Json<Value>, Boom> {
    change(&site, Map::from_iter([(key, Value::Null)])).await
}

async fn change(site: &Site, attributes: Map<String, Value>) -> Result<Json<Value>, Boom> {
    let (objects, now) = (site.objects.clone(), site.clock.now());
    blocking(move || {
        let update = Update { attributes: attributes.clone(), ..Update::default() };
        match objects.update(&key(), update.clone(), now) {
            Err(Error::NotFound(Key { kind, id })) => {
                let new = NewObject { kind, id: Some(id), attributes, ..NewObject::default() };
                match objects.create(new, false, now) {
                    // Somebody else made it meanwhile.
                    Err(Error::Exists(_)) => objects.update(&key(), update, now),
                    other => other,
                }
            }
            other => other,
        }
    })
    .await?;
    Ok(Json(provided(&site.objects)))
}

fn provided(objects: &Store) -> Value {
    let attributes = objects.get(&key()).map(|object| object.attributes().clone()).unwrap_or_default();
    let set = attributes.into_iter().filter(|(_, value)| !value.is_null());
    json!({"settings": set.map(|(key, value)| (key, json!({"userValue": value}))).collect::<Map<_, _>>()})
}
