//! One saved object at a time, and `_find`.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State},
    http::HeaderMap,
};
use ekk_saved_objects::{Error, Find, Key, NewObject, Operator, Update};
use serde_json::{Map, Value, json};

use super::{
    blocking,
    error::Boom,
    request::{self, Part, Query},
};
use crate::{Site, limits::RESULT_WINDOW};

/// `GET /api/saved_objects/{type}/{id}`
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<Map<String, Value>>, Boom> {
    let key = Key::new(kind, id);
    let object = site.objects.get(&key).ok_or(Error::NotFound(key))?;
    Ok(Json(object.described()))
}

/// `POST /api/saved_objects/{type}`
pub(super) async fn create_unnamed(
    State(site): State<Arc<Site>>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Map<String, Value>>, Boom> {
    make(&site, kind, None, query.as_deref(), &request::json(&headers, body).await?).await
}

/// `POST /api/saved_objects/{type}/{id}?overwrite=true`
pub(super) async fn create(
    State(site): State<Arc<Site>>,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Map<String, Value>>, Boom> {
    make(&site, kind, Some(id), query.as_deref(), &request::json(&headers, body).await?).await
}

async fn make(
    site: &Site,
    kind: String,
    id: Option<String>,
    query: Option<&str>,
    body: &Value,
) -> Result<Json<Map<String, Value>>, Boom> {
    let overwrite = Query::read(query, &["overwrite"])?.flag("overwrite")?;
    let known = ["attributes", "migrationVersion", "references", "initialNamespaces", "workspaces"];
    let body = Part::body(body).object(&known)?;
    let new = NewObject {
        kind,
        id,
        attributes: body.part("attributes").record()?,
        migration_version: body.part("migrationVersion").optional(Part::texts)?,
        references: body.part("references").optional(Part::references)?.unwrap_or_default(),
    };
    one_space_only(&body.part("initialNamespaces"))?;
    one_space_only(&body.part("workspaces"))?;
    let (objects, now) = (site.objects.clone(), site.clock.now());
    let object = blocking(move || objects.create(new, overwrite, now)).await?;
    Ok(Json(object.described()))
}

/// There are no spaces to put an object into.
pub(super) fn one_space_only(part: &Part<'_>) -> Result<(), Boom> {
    match part.optional(Part::text_or_list)? {
        None => Ok(()),
        Some(_) => Err(Boom::bad_request(
            "\"options.initialNamespaces\" can only be used on multi-namespace types: Bad Request",
        )),
    }
}

/// `PUT /api/saved_objects/{type}/{id}`
pub(super) async fn update(
    State(site): State<Arc<Site>>,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Boom> {
    Query::read(query.as_deref(), &["force"])?.flag("force")?;
    let body = request::json(&headers, body).await?;
    let body = Part::body(&body).object(&["attributes", "version", "references"])?;
    let update = Update {
        attributes: body.part("attributes").record()?,
        version: body.part("version").optional(Part::text)?,
        references: body.part("references").optional(Part::references)?,
    };
    check_version(update.version.as_deref())?;
    let (objects, now, key, change) = (site.objects.clone(), site.clock.now(), Key::new(kind, id), update.clone());
    let object = blocking(move || objects.update(&key, change, now)).await?;
    Ok(Json(updated(&object, &update)))
}

/// What a change is answered with: what was changed, not the whole object.
pub(super) fn updated(object: &ekk_saved_objects::SavedObject, update: &Update) -> Value {
    let mut answer = json!({
        "id": object.key().id, "type": object.key().kind, "updated_at": object.updated_at(),
        "version": object.version(), "namespaces": ["default"], "attributes": update.attributes,
    });
    if let Some(references) = &update.references {
        answer["references"] = json!(references);
    }
    answer
}

/// A version is base64 of two whole numbers.
pub(super) fn check_version(version: Option<&str>) -> Result<(), Boom> {
    let Some(version) = version else { return Ok(()) };
    let decoded = base64_simd::STANDARD.decode_to_vec(version).ok();
    let numbers: Option<Vec<i64>> = decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if numbers.is_some_and(|numbers| numbers.len() == 2) {
        return Ok(());
    }
    Err(Boom::bad_request(format!("Invalid version [{version}]")))
}

/// `DELETE /api/saved_objects/{type}/{id}`
pub(super) async fn delete(
    State(site): State<Arc<Site>>,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Boom> {
    Query::read(query.as_deref(), &["force"])?.flag("force")?;
    let objects = site.objects.clone();
    blocking(move || objects.delete(&Key::new(kind, id))).await?;
    Ok(Json(json!({})))
}

const FIND: [&str; 12] = [
    "per_page",
    "page",
    "type",
    "search",
    "default_search_operator",
    "search_fields",
    "sort_field",
    "has_reference",
    "fields",
    "filter",
    "namespaces",
    "workspaces",
];

/// `GET /api/saved_objects/_find?type=dashboard`
pub(super) async fn find(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Json<Value>, Boom> {
    let query = Query::read(query.as_deref(), &FIND)?;
    let kinds = query.texts("type");
    if kinds.is_empty() {
        let message = "[request query.type]: expected at least one defined value but got [undefined]";
        return Err(Boom::bad_request(message));
    }
    for unsupported in ["filter", "workspaces"] {
        if query.text(unsupported)?.is_some() {
            let message = format!("[request query.{unsupported}]: saved objects cannot be searched by this here");
            return Err(Boom::bad_request(message));
        }
    }
    let find = Find {
        kinds,
        search: query.text("search")?.filter(|search| !search.is_empty()),
        search_fields: query.texts("search_fields"),
        operator: operator(query.text("default_search_operator")?.as_deref())?,
        has_reference: query.text("has_reference")?.map(|text| has_reference(&text)).transpose()?,
        sort_field: query.text("sort_field")?,
        fields: query.texts("fields"),
        page: query.number("page", 1)?,
        per_page: query.number("per_page", 20)?,
    };
    check_window(find.page, find.per_page)?;
    let namespaces = query.texts("namespaces");
    let here = namespaces.is_empty() || namespaces.iter().any(|name| name == "default" || name == "*");
    let found = site.objects.find(&find)?;
    let scored = |mut object: Map<String, Value>| {
        object.insert("score".to_owned(), json!(i32::from(find.search.is_some())));
        object
    };
    let objects: Vec<_> = found.objects.into_iter().filter(|_| here).map(scored).collect();
    let total = if here { found.total } else { 0 };
    Ok(Json(json!({"page": find.page, "per_page": find.per_page, "total": total, "saved_objects": objects})))
}

/// What OpenSearch says to pages outside of its window.
fn check_window(page: usize, per_page: usize) -> Result<(), Boom> {
    if page == 0 && per_page > 0 {
        return Err(Boom::bad_request(format!("[from] parameter cannot be negative, found [-{per_page}]")));
    }
    let end = page.saturating_mul(per_page);
    if end > RESULT_WINDOW as usize {
        let limit = format!("from + size must be less than or equal to: [{RESULT_WINDOW}] but was [{end}]");
        return Err(Boom::bad_request(format!("Result window is too large, {limit}")));
    }
    Ok(())
}

fn operator(text: Option<&str>) -> Result<Operator, Boom> {
    match text {
        None | Some("OR") => Ok(Operator::Or),
        Some("AND") => Ok(Operator::And),
        Some(other) => {
            let path = "[request query.default_search_operator";
            Err(Boom::bad_request(format!(
                "{path}]: types that failed validation:\n- {path}.0]: expected value to equal [OR] but got [{other}]\n\
                 - {path}.1]: expected value to equal [AND] but got [{other}]"
            )))
        }
    }
}

fn has_reference(text: &str) -> Result<Key, Boom> {
    let value: Value = serde_json::from_str(text).map_err(|_| {
        Boom::bad_request("[request query.has_reference]: could not parse object value from json input")
    })?;
    let object = Part::at("query.has_reference", Some(&value)).object(&["type", "id"])?;
    Ok(Key::new(object.part("type").text()?, object.part("id").text()?))
}
