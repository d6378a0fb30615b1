//! Files of saved objects, in and out: `_import`, `_resolve_import_errors`, `_export`.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use ekk_saved_objects::{
    Export, Failure, FailureReason, IMPORT_BYTES, ImportOptions, Imported, Key, ReplacedReference, Report, Retry,
    Selection,
};
use serde_json::{Map, Value, json};

use super::{
    blocking,
    error::Boom,
    multipart,
    request::{self, Part, Query},
};
use crate::Site;

/// `POST /api/saved_objects/_import?overwrite=true`, a form with the file in `file`. Answers 200 also when objects did
/// not come in: `success` says so.
pub(super) async fn import(
    State(site): State<Arc<Site>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Boom> {
    let form = Form::read(&headers, body).await?;
    let query = Query::read(query.as_deref(), &["overwrite", "createNewCopies", "dataSourceId", "workspaces"])?;
    let options =
        ImportOptions { overwrite: query.flag("overwrite")?, create_new_copies: query.flag("createNewCopies")? };
    if options.overwrite && options.create_new_copies {
        return Err(Boom::bad_request("[request query]: cannot use [overwrite] with [createNewCopies]"));
    }
    no_sources_or_workspaces(&query)?;
    let file = form.file()?;
    let objects = site.objects.clone();
    let report = blocking(move || objects.import(&file, options)).await?;
    Ok(Json(described(&report)))
}

/// `POST /api/saved_objects/_resolve_import_errors`, a form with the file and `retries`.
pub(super) async fn resolve_import_errors(
    State(site): State<Arc<Site>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Boom> {
    let form = Form::read(&headers, body).await?;
    let query = Query::read(query.as_deref(), &["createNewCopies", "dataSourceId", "workspaces"])?;
    let create_new_copies = query.flag("createNewCopies")?;
    no_sources_or_workspaces(&query)?;
    let file = form.file()?;
    let retries = form.retries()?;
    let objects = site.objects.clone();
    let report = blocking(move || objects.resolve_import_errors(&file, &retries, create_new_copies)).await?;
    Ok(Json(described(&report)))
}

/// Other clusters and workspaces are plugins that are not there.
fn no_sources_or_workspaces(query: &Query) -> Result<(), Boom> {
    for name in ["dataSourceId", "workspaces"] {
        if query.text(name)?.is_some_and(|text| !text.is_empty()) {
            let message = format!("[request query.{name}]: there are no data sources or workspaces here");
            return Err(Boom::bad_request(message));
        }
    }
    Ok(())
}

/// `POST /api/saved_objects/_export`
pub(super) async fn export(State(site): State<Arc<Site>>, headers: HeaderMap, body: Body) -> Result<Response, Boom> {
    let body = request::json(&headers, body).await?;
    let known = ["type", "objects", "search", "includeReferencesDeep", "excludeExportDetails", "workspaces"];
    let body = Part::body(&body).object(&known)?;
    let named = |part: &Part<'_>| {
        let object = part.object(&["type", "id"])?;
        Ok(Key::new(object.part("type").text()?, object.part("id").text()?))
    };
    let export = Export {
        selection: Selection {
            kinds: body.part("type").optional(Part::text_or_list)?,
            objects: body.part("objects").optional(|part| part.list()?.iter().map(named).collect())?,
            search: body.part("search").optional(Part::text)?,
        },
        include_references_deep: body.part("includeReferencesDeep").flag()?,
        exclude_export_details: body.part("excludeExportDetails").flag()?,
    };
    let objects = site.objects.clone();
    let lines = blocking(move || objects.export(&export)).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"export.ndjson\""),
    ];
    Ok((headers, lines).into_response())
}

/// The form that an import is sent as.
struct Form {
    file: Option<(Option<String>, Vec<u8>)>,
    retries: Option<String>,
}

impl Form {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Boom> {
        let boundary = multipart::boundary(headers)?;
        let body = request::bytes(body, IMPORT_BYTES).await?;
        let mut form = Self { file: None, retries: None };
        for part in multipart::parts(&body, &boundary)? {
            match part.name.as_str() {
                "file" => form.file = Some((part.filename, part.content.to_vec())),
                "retries" => form.retries = Some(String::from_utf8_lossy(part.content).into_owned()),
                other => {
                    let message = format!("[request body.{other}]: definition for this key is missing");
                    return Err(Boom::bad_request(message));
                }
            }
        }
        Ok(form)
    }

    /// The lines of the file, which has to end in `.ndjson`.
    fn file(&self) -> Result<String, Boom> {
        let expected = |found| {
            Boom::bad_request(format!("[request body.file]: expected value of type [Stream] but got [{found}]"))
        };
        let (name, content) = self.file.as_ref().ok_or_else(|| expected("undefined"))?;
        let name = name.as_deref().ok_or_else(|| expected("string"))?;
        let name = name.rsplit('/').next().unwrap_or(name);
        let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
        let ending = ending.map(|(_, ending)| format!(".{}", ending.to_lowercase())).unwrap_or_default();
        if ending != ".ndjson" {
            return Err(Boom::bad_request(format!("Invalid file extension {ending}")));
        }
        String::from_utf8(content.clone()).map_err(|error| {
            let line = content.iter().take(error.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            Boom::bad_request(format!("line {line} is not UTF-8"))
        })
    }

    fn retries(&self) -> Result<Vec<Retry>, Boom> {
        let value: Option<Value> = match &self.retries {
            None => None,
            Some(text) => Some(serde_json::from_str(text).map_err(|_| {
                Boom::bad_request("[request body.retries]: could not parse array value from json input")
            })?),
        };
        Part::at("body.retries", value.as_ref()).list()?.iter().map(retry).collect()
    }
}

const RETRY: [&str; 7] =
    ["type", "id", "overwrite", "destinationId", "replaceReferences", "createNewCopy", "ignoreMissingReferences"];

fn retry(part: &Part<'_>) -> Result<Retry, Boom> {
    let retry = part.object(&RETRY)?;
    let replaced = |part: &Part<'_>| {
        let replaced = part.object(&["type", "from", "to"])?;
        let text = |name| replaced.part(name).text();
        Ok(ReplacedReference { kind: text("type")?, from: text("from")?, to: text("to")? })
    };
    Ok(Retry {
        key: Key::new(retry.part("type").text()?, retry.part("id").text()?),
        overwrite: retry.part("overwrite").flag()?,
        destination_id: retry.part("destinationId").optional(Part::text)?.filter(|id| !id.is_empty()),
        replace_references: retry
            .part("replaceReferences")
            .optional(|part| part.list()?.iter().map(replaced).collect())?
            .unwrap_or_default(),
        create_new_copy: retry.part("createNewCopy").flag()?,
        ignore_missing_references: retry.part("ignoreMissingReferences").flag()?,
    })
}

/// The report in the form of the API: lists that are empty are left out.
fn described(report: &Report) -> Value {
    let mut answer = json!({"successCount": report.imported.len(), "success": report.is_success()});
    if !report.imported.is_empty() {
        answer["successResults"] = report.imported.iter().map(success).collect();
    }
    if !report.failures.is_empty() {
        answer["errors"] = report.failures.iter().map(failure).collect();
    }
    answer
}

fn success(imported: &Imported) -> Value {
    let mut answer = json!({"type": imported.key.kind, "id": imported.key.id, "meta": meta(imported.title.as_deref(), imported.icon)});
    if imported.overwrite {
        answer["overwrite"] = json!(true);
    }
    if let Some(id) = &imported.destination_id {
        answer["destinationId"] = json!(id);
    }
    if imported.create_new_copy {
        answer["createNewCopy"] = json!(true);
    }
    answer
}

fn failure(failure: &Failure) -> Value {
    let error = match &failure.reason {
        FailureReason::Conflict { destination_id: None } => json!({"type": "conflict"}),
        FailureReason::Conflict { destination_id: Some(id) } => json!({"type": "conflict", "destinationId": id}),
        FailureReason::MissingReferences(keys) => json!({"type": "missing_references", "references": keys}),
        FailureReason::UnsupportedType => json!({"type": "unsupported_type"}),
    };
    let mut answer = json!({"type": failure.key.kind, "id": failure.key.id, "error": error});
    answer["meta"] = meta(failure.title.as_deref(), failure.icon);
    if let Some(title) = &failure.title {
        answer["title"] = json!(title);
    }
    if failure.overwrite {
        answer["overwrite"] = json!(true);
    }
    answer
}

fn meta(title: Option<&str>, icon: Option<&str>) -> Value {
    let members = [("title", title), ("icon", icon)];
    Value::Object(
        members.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text?)))).collect::<Map<_, _>>(),
    )
}
