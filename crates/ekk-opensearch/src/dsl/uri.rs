//! URI search: the query parameters that stand for parts of a body (`q`, `size`, `sort`, `_source`, …).

use ekk_engine::{
    query::{Query, QueryStringQuery},
    search::{FieldFormat, SearchRequest, SourceFilter, TrackTotalHits},
};

use crate::{
    dsl::{query::operator, search::filter_of, sort, time_value},
    error::{RestError, Result},
    request::Request,
};

/// The parameters of `?q=`.
pub(crate) const QUERY_PARAMS: &[&str] = &["q", "df", "analyzer", "analyze_wildcard", "default_operator", "lenient"];

/// The query of `?q=`, if there is one.
pub(crate) fn query(request: &Request) -> Result<Option<Query>> {
    let Some(text) = request.param("q") else { return Ok(None) };
    let mut query = QueryStringQuery::new(text);
    query.default_field = request.param("df").map(str::to_owned);
    query.analyzer = request.param("analyzer").map(str::to_owned);
    query.analyze_wildcard = request.flag("analyze_wildcard", false)?;
    if request.param("lenient").is_some() {
        query.lenient = Some(request.flag("lenient", false)?);
    }
    if let Some(name) = request.param("default_operator") {
        query.default_operator = operator(name).ok_or_else(|| {
            RestError::illegal_argument(format!(
                "No enum constant org.opensearch.index.query.Operator.{}",
                name.to_uppercase()
            ))
        })?;
    }
    Ok(Some(Query::new(query)))
}

/// Puts the parameters over what the body said.
pub(crate) fn apply(request: &Request, search: &mut SearchRequest) -> Result<()> {
    if let Some(query) = query(request)? {
        search.query = Some(query);
    }
    if let Some(from) = request.integer("from")? {
        search.from = not_negative(from, "from")?;
    }
    if let Some(size) = request.integer("size")? {
        search.size = not_negative(size, "size")?;
    }
    if let Some(keys) = request.list("sort") {
        search.sort = keys
            .iter()
            .map(|key| match key.rsplit_once(':') {
                Some((field, order)) => match sort::order_named(order) {
                    Some(order) => Ok(sort::by_name(field, Some(order))),
                    None => Err(RestError::illegal_argument(format!("Invalid sort order [{order}]"))),
                },
                None => Ok(sort::by_name(key, None)),
            })
            .collect::<Result<_>>()?;
    }
    if let Some(filter) = source(request) {
        search.source = filter;
    }
    if let Some(fields) = request.list("docvalue_fields") {
        search.docvalue_fields = fields.into_iter().map(|field| FieldFormat { field, format: None }).collect();
    }
    if let Some(fields) = request.list("stored_fields") {
        let keeps = fields.iter().any(|field| field == "_source");
        if !keeps && request.param("_source").is_none() {
            search.source = SourceFilter::None;
        }
    }
    flags(request, search)
}

fn flags(request: &Request, search: &mut SearchRequest) -> Result<()> {
    search.version = request.flag("version", search.version)?;
    search.seq_no_primary_term = request.flag("seq_no_primary_term", search.seq_no_primary_term)?;
    search.track_scores = request.flag("track_scores", search.track_scores)?;
    match request.param("track_total_hits") {
        None => {}
        Some("true" | "") => search.track_total_hits = TrackTotalHits::All,
        Some("false" | "-1") => search.track_total_hits = TrackTotalHits::No,
        Some(count) => {
            let count = count.parse().map_err(|_| {
                RestError::illegal_argument(format!(
                    "[track_total_hits] parameter must be positive or equals to -1, got {count}"
                ))
            })?;
            search.track_total_hits = TrackTotalHits::UpTo(count);
        }
    }
    if let Some(count) = request.integer("terminate_after")? {
        let count = u64::try_from(count).map_err(|_| RestError::illegal_argument("terminateAfter must be > 0"))?;
        search.terminate_after = (count > 0).then_some(count);
    }
    if let Some(timeout) = request.param("timeout") {
        time_value::parse(timeout, "timeout").map_err(crate::error::Exception::bad_request)?;
    }
    Ok(())
}

/// The source filter of `_source`, `_source_includes` and `_source_excludes`; `None` when there is none of them.
pub(crate) fn source(request: &Request) -> Option<SourceFilter> {
    let excludes = request.list("_source_excludes").or_else(|| request.list("_source_exclude"));
    let includes = request.list("_source_includes").or_else(|| request.list("_source_include"));
    match request.param("_source") {
        Some("false") => return Some(SourceFilter::None),
        Some("true" | "") | None => {}
        Some(_) => {
            let paths = request.list("_source").unwrap_or_default();
            return Some(filter_of(paths, excludes.unwrap_or_default()));
        }
    }
    if includes.is_none() && excludes.is_none() {
        return request.param("_source").map(|_| SourceFilter::All);
    }
    Some(filter_of(includes.unwrap_or_default(), excludes.unwrap_or_default()))
}

fn not_negative(value: i64, name: &str) -> Result<usize> {
    usize::try_from(value)
        .map_err(|_| RestError::illegal_argument(format!("[{name}] parameter cannot be negative, found [{value}]")))
}
