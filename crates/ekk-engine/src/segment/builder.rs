//! Makes a segment of documents.

use std::sync::Arc;

use tantivy::{
    IndexBuilder, SingleSegmentIndexWriter, TantivyError,
    directory::RamDirectory,
    schema::{
        Field,
        document::{Document, ReferenceValue, ReferenceValueLeaf, Value},
    },
};

use super::{
    Segment,
    schema::{SegmentSchema, index_settings},
};
use crate::{
    analysis::tokenizers,
    document::{Parsed, Val},
    mapping::Mapping,
};

/// Bytes that tantivy plans with for a document when it sizes its tables.
const BYTES_PER_DOC: usize = 2_000;

/// A document with its numbers, ready to be indexed.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) id: Arc<str>,
    pub(crate) source: Arc<str>,
    pub(crate) parsed: Parsed,
    pub(crate) seq_no: u64,
    pub(crate) version: u64,
}

/// Makes a segment in memory. There is at least one document; `uid` is the segment's name.
pub(crate) fn build(
    uid: u64,
    schema: &Arc<SegmentSchema>,
    mapping: &Arc<Mapping>,
    documents: &[Arc<Ready>],
) -> Result<Segment, TantivyError> {
    let budget = (documents.len() * BYTES_PER_DOC).clamp(1_000_000, 64_000_000);
    let directory = RamDirectory::create();
    let mut writer: SingleSegmentIndexWriter<Indexed> = IndexBuilder::new()
        .schema(schema.schema.clone())
        .settings(index_settings())
        .tokenizers(tokenizers())
        .single_segment_index_writer(directory.clone(), budget)?;
    for document in documents {
        writer.add_document(Indexed {
            document: Arc::clone(document),
            schema: Arc::clone(schema),
            mapping: Arc::clone(mapping),
        })?;
    }
    let index = writer.finalize()?;
    let ids = documents.iter().map(|document| document.id.as_ref());
    let smallest = ids.clone().min().unwrap_or_default();
    let largest = ids.max().unwrap_or_default();
    let max_seq_no = documents.iter().map(|document| document.seq_no).max().unwrap_or_default();
    Segment::open(
        super::Identity { uid, id_range: (smallest.into(), largest.into()), max_seq_no, on_disk: false },
        index,
        Arc::clone(schema),
        Some(directory.clone()),
        u64::try_from(directory.total_mem_usage()).unwrap_or(u64::MAX),
    )
}

/// A document as tantivy reads it, by reference to what the buffer holds.
struct Indexed {
    document: Arc<Ready>,
    schema: Arc<SegmentSchema>,
    mapping: Arc<Mapping>,
}

/// Values that every document has besides its fields.
const META_VALUES: usize = 4;

impl Indexed {
    /// The value at a place of the document's list: meta fields, names, then values.
    fn nth(&self, at: usize) -> Option<(Field, Leaf<'_>)> {
        let (document, schema) = (&*self.document, &*self.schema);
        match at {
            0 => return Some((schema.id, Leaf(ReferenceValueLeaf::Str(&document.id)))),
            1 => return Some((schema.source, Leaf(ReferenceValueLeaf::Bytes(document.source.as_bytes())))),
            2 => return Some((schema.seq_no, Leaf(ReferenceValueLeaf::U64(document.seq_no)))),
            3 => return Some((schema.version, Leaf(ReferenceValueLeaf::U64(document.version)))),
            _ => {}
        }
        let parsed = &document.parsed;
        if let Some(name) = parsed.names.get(at - META_VALUES) {
            let path = self.mapping.fields.get(name.0 as usize).map_or("", |field| &field.path);
            return Some((schema.field_names, Leaf(ReferenceValueLeaf::Str(path))));
        }
        let (id, value) = parsed.values.get(at - META_VALUES - parsed.names.len())?;
        let field = schema.field(*id)?;
        Some((field, Leaf(leaf(value, &document.source))))
    }
}

fn leaf<'a>(value: &'a Val, source: &'a str) -> ReferenceValueLeaf<'a> {
    match value {
        Val::Slice { start, end } => {
            ReferenceValueLeaf::Str(source.get(*start as usize..*end as usize).unwrap_or_default())
        }
        Val::Owned(text) => ReferenceValueLeaf::Str(text),
        Val::I64(value) => ReferenceValueLeaf::I64(*value),
        Val::U64(value) => ReferenceValueLeaf::U64(*value),
        Val::F64(value) => ReferenceValueLeaf::F64(*value),
        Val::Bool(value) => ReferenceValueLeaf::Bool(*value),
        Val::Ip(address) => ReferenceValueLeaf::IpAddr(*address),
    }
}

impl Document for Indexed {
    type Value<'a> = Leaf<'a>;
    type FieldsValuesIter<'a> = Values<'a>;

    fn iter_fields_and_values(&self) -> Values<'_> {
        Values { document: self, at: 0 }
    }
}

/// The values of a document, one after the other.
struct Values<'a> {
    document: &'a Indexed,
    at: usize,
}

impl<'a> Iterator for Values<'a> {
    type Item = (Field, Leaf<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.document.nth(self.at);
        self.at += 1;
        value
    }
}

/// One value as tantivy takes it.
#[derive(Debug, Clone)]
struct Leaf<'a>(ReferenceValueLeaf<'a>);

impl<'a> Value<'a> for Leaf<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = std::iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(self.0.clone())
    }
}
