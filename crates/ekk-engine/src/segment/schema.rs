//! The tantivy schema of a segment, made from a mapping.

use std::sync::Arc;

use tantivy::{
    IndexSettings,
    schema::{
        BytesOptions, Field, IndexRecordOption, IpAddrOptions, NumericOptions, Schema, TextFieldIndexing, TextOptions,
    },
    store::Compressor,
};

use crate::mapping::{self, FieldId, FieldType, Mapping};

/// Fields that every segment has, in this order, before the mapping's own.
const META_FIELDS: u32 = 5;

/// The schema of segments made by one generation of a mapping.
pub(crate) struct SegmentSchema {
    pub(crate) schema: Schema,
    /// How many leaves of the mapping it has; leaves are only ever added, so this says which.
    pub(crate) generation: u32,
    pub(crate) id: Field,
    pub(crate) source: Field,
    pub(crate) seq_no: Field,
    pub(crate) version: Field,
    pub(crate) field_names: Field,
}

impl SegmentSchema {
    pub(crate) fn new(mapping: &Mapping) -> Arc<Self> {
        let mut builder = Schema::builder();
        let raw = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        let id = builder.add_text_field("_id", TextOptions::default().set_indexing_options(raw.clone()).set_stored());
        let source = builder.add_bytes_field("_source", BytesOptions::default().set_stored());
        let seq_no = builder.add_u64_field("_seq_no", NumericOptions::default().set_fast());
        let version = builder.add_u64_field("_version", NumericOptions::default().set_fast());
        let field_names =
            builder.add_text_field("_field_names", TextOptions::default().set_indexing_options(raw.clone()));
        for field in &mapping.fields {
            add_leaf(&mut builder, field, &raw);
        }
        Arc::new(Self {
            schema: builder.build(),
            generation: mapping.generation(),
            id,
            source,
            seq_no,
            version,
            field_names,
        })
    }

    /// The schema that a segment on disk was written by.
    pub(crate) fn of(schema: Schema) -> Self {
        let generation = u32::try_from(schema.num_fields()).unwrap_or(u32::MAX).saturating_sub(META_FIELDS);
        let [id, source, seq_no, version, field_names] = [0, 1, 2, 3, 4].map(Field::from_field_id);
        Self { schema, generation, id, source, seq_no, version, field_names }
    }

    /// The tantivy field of a leaf, unless the segment is older than it.
    pub(crate) fn field(&self, id: FieldId) -> Option<Field> {
        (id.0 < self.generation).then(|| Field::from_field_id(META_FIELDS + id.0))
    }
}

fn add_leaf(builder: &mut tantivy::schema::SchemaBuilder, field: &mapping::Field, raw: &TextFieldIndexing) {
    let name = field.column();
    match &field.kind {
        FieldType::Text { analyzer, .. } => {
            let mut options = TextOptions::default();
            if field.index {
                let indexing = TextFieldIndexing::default()
                    .set_tokenizer(analyzer.name())
                    .set_index_option(IndexRecordOption::WithFreqsAndPositions)
                    .set_fieldnorms(true);
                options = options.set_indexing_options(indexing);
            }
            builder.add_text_field(&name, options)
        }
        FieldType::Keyword { .. } => {
            let mut options = TextOptions::default();
            if field.index {
                options = options.set_indexing_options(raw.clone());
            }
            if field.doc_values {
                options = options.set_fast("raw");
            }
            builder.add_text_field(&name, options)
        }
        FieldType::Long | FieldType::Integer | FieldType::Short | FieldType::Byte | FieldType::Date { .. } => {
            builder.add_i64_field(&name, NumericOptions::default().set_fast())
        }
        FieldType::UnsignedLong => builder.add_u64_field(&name, NumericOptions::default().set_fast()),
        FieldType::Double | FieldType::Float | FieldType::HalfFloat | FieldType::ScaledFloat { .. } => {
            builder.add_f64_field(&name, NumericOptions::default().set_fast())
        }
        FieldType::Boolean => builder.add_bool_field(&name, NumericOptions::default().set_fast().set_indexed()),
        FieldType::Ip => builder.add_ip_addr_field(&name, IpAddrOptions::default().set_fast()),
        // A place, so that numbers and fields stay in step.
        FieldType::Binary => builder.add_bytes_field(&name, BytesOptions::default()),
    };
}

/// How segments are stored: sources in lz4 blocks, compressed by the thread that writes.
pub(crate) fn index_settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::Lz4,
        docstore_compress_dedicated_thread: false,
        docstore_blocksize: 16_384,
        ..IndexSettings::default()
    }
}
