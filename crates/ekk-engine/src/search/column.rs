//! The column of a field in a segment, typed as the mapping says.

use std::net::Ipv6Addr;

use tantivy::columnar::{Cardinality, Column, StrColumn};

use crate::{
    error::Exception,
    mapping::{Field, FieldType},
    segment::Segment,
};

/// A field's values in a segment.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    Long(Column<i64>),
    UnsignedLong(Column<u64>),
    Double(Column<f64>),
    Bool(Column<bool>),
    Str(StrColumn),
    Ip(Column<Ipv6Addr>),
    /// The segment has no value of the field.
    Absent,
}

impl Values {
    /// Opens the column of a field.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn open(segment: &Segment, field: &Field) -> tantivy::Result<Self> {
        let Some(column) = segment.field(field.id) else { return Ok(Self::Absent) };
        let (name, columns) = (segment.schema().get_field_name(column), segment.reader().fast_fields());
        let values = match &field.kind {
            FieldType::Text { .. } | FieldType::Binary => None,
            FieldType::Keyword { .. } => columns.str(name)?.map(Self::Str),
            FieldType::UnsignedLong => columns.column_opt(name)?.map(Self::UnsignedLong),
            FieldType::Boolean => columns.column_opt(name)?.map(Self::Bool),
            FieldType::Ip => columns.column_opt(name)?.map(Self::Ip),
            kind if kind.is_fraction() => columns.column_opt(name)?.map(Self::Double),
            _ => columns.column_opt(name)?.map(Self::Long),
        };
        Ok(values.unwrap_or(Self::Absent))
    }

    /// Calls `each` with the position of a document among `docs` and a value of it as a double, for every value.
    /// Texts and addresses have none.
    pub(crate) fn doubles(&self, docs: &[u32], mut each: impl FnMut(usize, f64)) {
        #[expect(clippy::cast_precision_loss, reason = "OpenSearch computes with doubles")]
        match self {
            Self::Long(column) => for_each(column, docs, |at, value| each(at, value as f64)),
            Self::UnsignedLong(column) => for_each(column, docs, |at, value| each(at, value as f64)),
            Self::Double(column) => for_each(column, docs, each),
            Self::Bool(column) => for_each(column, docs, |at, value| each(at, f64::from(u8::from(value)))),
            Self::Str(_) | Self::Ip(_) | Self::Absent => {}
        }
    }

    /// How many documents have a value.
    pub(crate) fn docs_with_value(&self) -> u32 {
        match self {
            Self::Long(column) => with_value(column),
            Self::UnsignedLong(column) => with_value(column),
            Self::Double(column) => with_value(column),
            Self::Bool(column) => with_value(column),
            Self::Str(column) => with_value(column.ords()),
            Self::Ip(column) => with_value(column),
            Self::Absent => 0,
        }
    }

    /// How many values a document has.
    pub(crate) fn count(&self, doc: u32) -> usize {
        match self {
            Self::Long(column) => column.values_for_doc(doc).count(),
            Self::UnsignedLong(column) => column.values_for_doc(doc).count(),
            Self::Double(column) => column.values_for_doc(doc).count(),
            Self::Bool(column) => column.values_for_doc(doc).count(),
            Self::Str(column) => column.term_ords(doc).count(),
            Self::Ip(column) => column.values_for_doc(doc).count(),
            Self::Absent => 0,
        }
    }
}

fn with_value<T>(column: &Column<T>) -> u32
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    match column.get_cardinality() {
        Cardinality::Full | Cardinality::Optional => column.values.num_vals(),
        Cardinality::Multivalued => {
            let docs = (0..column.num_docs()).filter(|doc| column.first(*doc).is_some());
            u32::try_from(docs.count()).unwrap_or(u32::MAX)
        }
    }
}

/// Calls `each` with the position of a document among `docs` and a value of it, for every value.
pub(crate) fn for_each<T>(column: &Column<T>, docs: &[u32], mut each: impl FnMut(usize, T))
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static,
{
    if column.get_cardinality() == Cardinality::Full {
        let mut block = [T::default(); 256];
        for (chunk_at, chunk) in docs.chunks(block.len()).enumerate() {
            let values = block.split_at_mut(chunk.len()).0;
            column.values.get_vals(chunk, values);
            for (at, value) in values.iter().enumerate() {
                each(chunk_at * 256 + at, *value);
            }
        }
        return;
    }
    for (at, doc) in docs.iter().enumerate() {
        for value in column.values_for_doc(*doc) {
            each(at, value);
        }
    }
}

/// Refuses fields that have no column: texts, binaries, and those mapped without.
///
/// # Errors
/// `illegal_argument_exception`, as OpenSearch words it.
pub(crate) fn check_sortable(field: &Field) -> Result<(), Exception> {
    let path = &field.path;
    if field.doc_values {
        return Ok(());
    }
    let reason = match &field.kind {
        FieldType::Text { .. } => format!(
            "Text fields are not optimised for operations that require per-document field data like aggregations and \
             sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, \
             set fielddata=true on [{path}] in order to load field data by uninverting the inverted index. Note that \
             this can use significant memory."
        ),
        kind => format!(
            "Can't load fielddata on [{path}] because fielddata is unsupported on fields of type [{}]. Use doc values \
             instead.",
            kind.name()
        ),
    };
    Err(Exception::illegal_argument(reason))
}
