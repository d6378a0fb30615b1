//! Highlighting: the words of a field that a query matched, marked in pieces of the text.
//!
//! Every type of highlighter is answered by this one, which marks what OpenSearch's unified one does: words and patterns
//! anywhere, the words of a phrase only where the phrase stands. Pieces end where sentences do.
//!
//! Differs from OpenSearch: pieces are ranked by how many different terms they hold, not by BM25.
//!
//! Source: <https://docs.opensearch.org/latest/search-plugins/searching-data/highlight/>

mod marks;
mod passages;

use jiff::Timestamp;
use serde_json::Value;

use self::marks::Marks;
use super::fields::source_values;
use crate::{
    analysis::Analyzer,
    error::Exception,
    index::Snapshot,
    mapping::{Field, FieldType, Mapping},
    query::{Query, resolve::Resolver},
    search::{Highlight, HighlightOptions},
};

/// Default of `fragment_size`, in characters.
const FRAGMENT_SIZE: usize = 100;

/// Default of `number_of_fragments`.
const NUMBER_OF_FRAGMENTS: usize = 5;

/// Marks the fields of one index's documents.
#[derive(Debug)]
pub(super) struct Highlighter {
    mapping: std::sync::Arc<Mapping>,
    fields: Vec<Marked>,
}

#[derive(Debug)]
struct Marked {
    field: Field,
    marks: Marks,
    options: Options,
}

/// Options with nothing left open.
#[derive(Debug)]
pub(super) struct Options {
    pre_tag: String,
    post_tag: String,
    fragment_size: usize,
    number_of_fragments: usize,
    no_match_size: usize,
    by_score: bool,
}

impl Highlighter {
    /// Resolves what is to be marked in which fields.
    ///
    /// # Errors
    /// A query cannot be resolved in the index.
    pub(super) fn new(
        snapshot: &Snapshot,
        highlight: &Highlight,
        query: Option<&Query>,
        now: Timestamp,
    ) -> Result<Self, Exception> {
        let resolver = Resolver { snapshot, now, scoring: false };
        let mut fields: Vec<Marked> = Vec::new();
        for asked in &highlight.fields {
            let wild = asked.field.contains('*');
            let named = snapshot.mapping.field(&asked.field).into_iter().filter(|_| !wild);
            let matching = snapshot.mapping.matching(&asked.field).filter(|field| wild && is_marked(field));
            let of_field =
                |choose: fn(&HighlightOptions) -> Option<bool>| choose(&asked.options).or(choose(&highlight.options));
            let only_named = of_field(|options| options.require_field_match).unwrap_or(true);
            let own = asked.options.highlight_query.as_ref().or(highlight.options.highlight_query.as_ref());
            let clause = own.map(AsRef::as_ref).or(query).map(|query| resolver.query(query)).transpose()?;
            for field in named.chain(matching) {
                if fields.iter().any(|known| known.field.id == field.id) {
                    continue;
                }
                let marks = Marks::of(clause.as_ref(), only_named.then_some(field.id));
                let options = Options::of(&asked.options, &highlight.options);
                fields.push(Marked { field: field.clone(), marks, options });
            }
        }
        Ok(Self { mapping: std::sync::Arc::clone(&snapshot.mapping), fields })
    }

    /// The pieces of each field in which something matched.
    pub(super) fn fragments(&self, document: &Value) -> Vec<(String, Vec<String>)> {
        let mut found = Vec::new();
        for Marked { field, marks, options } in &self.fields {
            if marks.is_empty() && options.no_match_size == 0 {
                continue;
            }
            let (analyzer, longest) = match &field.kind {
                FieldType::Text { analyzer, .. } => (*analyzer, usize::MAX),
                FieldType::Keyword { ignore_above, .. } => (Analyzer::Keyword, ignore_above.unwrap_or(usize::MAX)),
                _ => continue,
            };
            let texts = source_values(&self.mapping, document, field);
            let texts = texts.into_iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            let fragments = passages::fragments(
                texts.filter(|text| text.encode_utf16().count() <= longest),
                |text| marks.spans(&analyzer.tokens(text)),
                options,
            );
            if !fragments.is_empty() {
                found.push((field.path.to_string(), fragments));
            }
        }
        found
    }
}

fn is_marked(field: &Field) -> bool {
    matches!(field.kind, FieldType::Text { .. } | FieldType::Keyword { .. })
}

impl Options {
    fn of(own: &HighlightOptions, outer: &HighlightOptions) -> Self {
        let tag = |own: &Option<Vec<String>>, outer: &Option<Vec<String>>, default: &str| {
            let tags = own.as_ref().or(outer.as_ref());
            tags.and_then(|tags| tags.first()).cloned().unwrap_or_else(|| default.to_owned())
        };
        Self {
            pre_tag: tag(&own.pre_tags, &outer.pre_tags, "<em>"),
            post_tag: tag(&own.post_tags, &outer.post_tags, "</em>"),
            fragment_size: own.fragment_size.or(outer.fragment_size).unwrap_or(FRAGMENT_SIZE),
            number_of_fragments: own.number_of_fragments.or(outer.number_of_fragments).unwrap_or(NUMBER_OF_FRAGMENTS),
            no_match_size: own.no_match_size.or(outer.no_match_size).unwrap_or(0),
            by_score: own.order_by_score.or(outer.order_by_score).unwrap_or(false),
        }
    }
}
