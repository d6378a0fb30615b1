//! Several saved objects in one call; each has an answer of its own, in the order of the call.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::HeaderMap,
};
use ekk_saved_objects::{Error, Key, NewObject, Update, can_be_created};
use serde_json::{Value, json};

use super::{
    blocking,
    error::{Boom, item},
    objects::{check_version, one_space_only, updated},
    request::{self, Part, Query},
};
use crate::Site;

/// `POST /api/saved_objects/_bulk_get` with `[{"type", "id", "fields"}]`
pub(super) async fn get(State(site): State<Arc<Site>>, headers: HeaderMap, body: Body) -> Result<Json<Value>, Boom> {
    let body = request::json(&headers, body).await?;
    let mut answers = Vec::new();
    for part in Part::body(&body).list()? {
        let asked = part.object(&["type", "id", "fields"])?;
        let key = Key::new(asked.part("type").text()?, asked.part("id").text()?);
        let fields = asked.part("fields").optional(Part::text_or_list)?.unwrap_or_default();
        answers.push(match site.objects.get(&key) {
            Some(object) => Value::Object(object.described_with(&fields)),
            None if can_be_created(&key.kind) => item(&key, Error::NotFound(key.clone())),
            None => item(&key, Error::UnsupportedType(key.kind.clone())),
        });
    }
    Ok(Json(json!({"saved_objects": answers})))
}

const CREATE: [&str; 7] =
    ["type", "id", "attributes", "version", "migrationVersion", "references", "initialNamespaces"];

/// `POST /api/saved_objects/_bulk_create?overwrite=true`
pub(super) async fn create(
    State(site): State<Arc<Site>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Boom> {
    let query = Query::read(query.as_deref(), &["overwrite", "force"])?;
    let overwrite = query.flag("overwrite")?;
    query.flag("force")?;
    let body = request::json(&headers, body).await?;
    let mut objects = Vec::new();
    for part in Part::body(&body).list()? {
        let asked = part.object(&CREATE)?;
        one_space_only(&asked.part("initialNamespaces"))?;
        let version = asked.part("version").optional(Part::text)?;
        check_version(version.as_deref())?;
        objects.push(NewObject {
            kind: asked.part("type").text()?,
            id: asked.part("id").optional(Part::text)?,
            attributes: asked.part("attributes").record()?,
            migration_version: asked.part("migrationVersion").optional(Part::texts)?,
            references: asked.part("references").optional(Part::references)?.unwrap_or_default(),
        });
    }
    let (store, now) = (site.objects.clone(), site.clock.now());
    let answers = blocking(move || {
        let mut answers = Vec::new();
        for new in objects {
            let key = Key::new(&new.kind, new.id.clone().unwrap_or_default());
            answers.push(match store.create(new, overwrite, now) {
                Ok(object) => Value::Object(object.described()),
                // One that a later version has written stops all, as migrating it does there.
                Err(error @ (Error::LaterVersion { .. } | Error::Folder { .. })) => return Err(error),
                Err(error) => item(&key, error),
            });
        }
        Ok(answers)
    })
    .await?;
    Ok(Json(json!({"saved_objects": answers})))
}

/// `PUT /api/saved_objects/_bulk_update`
pub(super) async fn update(State(site): State<Arc<Site>>, headers: HeaderMap, body: Body) -> Result<Json<Value>, Boom> {
    let body = request::json(&headers, body).await?;
    let mut changes = Vec::new();
    for part in Part::body(&body).list()? {
        let asked = part.object(&["type", "id", "attributes", "version", "references", "namespace"])?;
        let update = Update {
            attributes: asked.part("attributes").record()?,
            version: asked.part("version").optional(Part::text)?,
            references: asked.part("references").optional(Part::references)?,
        };
        check_version(update.version.as_deref())?;
        changes.push((Key::new(asked.part("type").text()?, asked.part("id").text()?), update));
    }
    let (store, now) = (site.objects.clone(), site.clock.now());
    let answers = blocking(move || {
        let answer = |(key, update): (Key, Update)| match store.update(&key, update.clone(), now) {
            Ok(object) => Ok(updated(&object, &update)),
            Err(error @ Error::Folder { .. }) => Err(error),
            Err(error) => Ok(item(&key, error)),
        };
        changes.into_iter().map(answer).collect::<Result<Vec<_>, _>>()
    })
    .await?;
    Ok(Json(json!({"saved_objects": answers})))
}
