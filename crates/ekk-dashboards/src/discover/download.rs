//! The records of a view as a file: CSV of the table's columns, or NDJSON of whole records.
//!
//! In the order of the table, from its first record on; a file has its bounds, and what goes beyond is not cut off but
//! refused, so that nobody takes a part for all.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header};
use serde_json::json;

use super::{Discover, discover, status_of};
use crate::{
    Site,
    fields::Fields,
    limits::{DOWNLOAD_BYTES, DOWNLOAD_RECORDS},
    opensearch::{Error, Hit},
    page, read_view,
    record::{Leaf, flatten},
};

/// `GET /app/discover/records.csv` with a view.
pub(super) async fn csv(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Response {
    let begin = |discover: &Discover<'_>| {
        let names: Vec<&str> = columns(discover).collect();
        row(names.into_iter())
    };
    let line = |discover: &Discover<'_>, hit: &Hit| {
        let fields = hit.source.as_deref().map(flatten).unwrap_or_default();
        let values: Vec<String> = columns(discover)
            .map(|column| {
                if column == "_source" {
                    return hit.source.as_ref().map(|source| source.get().to_owned()).unwrap_or_default();
                }
                let within =
                    |path: &str| path.strip_prefix(column).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
                let values = fields.iter().filter(|field| within(&field.path)).flat_map(|field| &field.values);
                values.map(Leaf::text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
            })
            .collect();
        row(values.iter().map(String::as_str))
    };
    download(&site, query, "records.csv", "text/csv; charset=utf-8; header=present", (&begin, &line)).await
}

/// `GET /app/discover/records.ndjson` with a view.
pub(super) async fn ndjson(State(site): State<Arc<Site>>, RawQuery(query): RawQuery) -> Response {
    let line = |_: &Discover<'_>, hit: &Hit| {
        let mut line = format!("{{\"_index\":{},\"_id\":{}", json!(hit.index), json!(hit.id));
        if let Some(source) = &hit.source {
            // The source is sent on one line, unless somebody indexed it otherwise.
            let source = source.get().replace(['\n', '\r'], " ");
            write!(line, ",\"_source\":{source}").ok();
        }
        line.push_str("}\n");
        line
    };
    download(&site, query, "records.ndjson", "application/x-ndjson", (&|_| String::new(), &line)).await
}

type Begin<'a> = &'a (dyn Fn(&Discover<'_>) -> String + Sync);
type Line<'a> = &'a (dyn Fn(&Discover<'_>, &Hit) -> String + Sync);

async fn download(
    site: &Site,
    query: Option<String>,
    name: &str,
    content_type: &'static str,
    (begin, line): (Begin<'_>, Line<'_>),
) -> Response {
    let patterns = site.patterns();
    let view = read_view(&patterns, &query.unwrap_or_default()).view;
    let mut discover = discover(site, &patterns, &view);
    match discover.file(begin, line).await {
        Ok(file) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers = [(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
            (headers, file).into_response()
        }
        Err((status, reason)) => (status, page::failure(&discover, &reason)).into_response(),
    }
}

impl Discover<'_> {
    async fn file(&mut self, begin: Begin<'_>, line: Line<'_>) -> Result<String, (StatusCode, String)> {
        let refused = |error: Error| (status_of(&error), error.to_string());
        let range = self.range.as_ref().map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?.to_owned();
        self.fields = Fields::of(&self.site.opensearch.field_caps(&self.pattern.title).await.map_err(refused)?);
        self.understand().map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
        let mut file = begin(self);
        let (mut records, mut from) = (0, None);
        loop {
            let (hits, next) = self.records(range, from).await.map_err(refused)?;
            records += hits.len();
            for hit in &hits {
                file.push_str(&line(self, hit));
            }
            if records > DOWNLOAD_RECORDS || file.len() > DOWNLOAD_BYTES {
                let limits = format!("{DOWNLOAD_RECORDS} records or {} MiB", DOWNLOAD_BYTES / 1024 / 1024);
                return Err((
                    StatusCode::PAYLOAD_TOO_LARGE,
                    format!("A file has up to {limits}. Narrow the range or the query."),
                ));
            }
            match next {
                Some(next) => from = Some(next),
                None => return Ok(file),
            }
        }
    }
}

/// The time and the columns; whole records where there are none.
fn columns<'a>(discover: &'a Discover<'_>) -> impl Iterator<Item = &'a str> {
    let columns = discover.columns();
    let whole = columns.is_empty().then_some("_source");
    std::iter::once(discover.pattern.time_field.as_str()).chain(columns.iter().map(String::as_str)).chain(whole)
}

/// A row of CSV (RFC 4180). What a spreadsheet would take for a formula has an apostrophe before it.
fn row<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = values
        .map(|value| {
            let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']) && value.parse::<f64>().is_err();
            let value = format!("{}{value}", if is_formula { "'" } else { "" });
            if value.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
        })
        .collect();
    format!("{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_values_and_starts_no_formula() {
        let values = ["plain", "a,b", "say \"x\"", "two\nlines", "=1+1", "-5", "-x", "@SUM", ""];
        insta::assert_snapshot!(row(values.into_iter()).replace('\r', "␍"), @r#"
        plain,"a,b","say ""x""","two
        lines",'=1+1,-5,'-x,'@SUM,␍
        "#);
    }
}
