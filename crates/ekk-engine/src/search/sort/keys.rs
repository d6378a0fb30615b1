//! The sort keys of one segment's documents.

use std::net::Ipv6Addr;

use tantivy::{
    DocId, DocSet, TERMINATED, Term,
    columnar::{Cardinality, Column, StrColumn},
    schema::IndexRecordOption,
};

use super::{ColumnKey, KeyKind, MissingValue, PlannedKey};
use crate::{
    query::resolve::{address, print_address},
    search::{
        Order, SortMode, SortValue,
        column::{self, Values},
    },
    segment::Segment,
};

/// Gives documents of one segment their keys; lower ones come first.
#[derive(Debug)]
pub(crate) struct SegmentKeys {
    keys: Vec<SegmentKey>,
}

#[derive(Debug)]
struct SegmentKey {
    source: Source,
    order: Order,
}

#[derive(Debug)]
enum Source {
    Score,
    /// Documents before this segment in its index.
    Doc {
        base: u32,
    },
    /// The ordinal of each document's id, and the ids in order.
    Id {
        ordinals: Vec<u32>,
        ids: Vec<String>,
    },
    Number {
        values: Values,
        kind: KeyKind,
        missing: u64,
        mode: SortMode,
    },
    Text {
        column: Option<StrColumn>,
        missing: MissingText,
        mode: SortMode,
    },
    Address {
        column: Option<Column<Ipv6Addr>>,
        missing: Option<u128>,
        last: bool,
        mode: SortMode,
    },
}

#[derive(Debug)]
enum MissingText {
    First,
    Last,
    /// Sorts at this key, as this text.
    At(u128, String),
}

const NUMBER_SIGN: u64 = 1 << 63;

fn long_key(value: i64) -> u64 {
    value.cast_unsigned() ^ NUMBER_SIGN
}

fn double_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & NUMBER_SIGN == 0 { bits ^ NUMBER_SIGN } else { !bits }
}

fn double_of(key: u64) -> f64 {
    f64::from_bits(if key & NUMBER_SIGN == 0 { !key } else { key ^ NUMBER_SIGN })
}

/// Keys of texts are even, so that a text that the segment lacks has an odd one between its neighbours.
fn text_key(ordinal: u64) -> u128 {
    u128::from(ordinal) * 2 + 2
}

impl SegmentKeys {
    /// The keys of a segment whose index has `base` documents before it.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn open(segment: &Segment, base: u32, plan: &[PlannedKey<'_>]) -> tantivy::Result<Self> {
        let keys = plan.iter().map(|key| {
            let source = match key {
                PlannedKey::Score { .. } => Source::Score,
                PlannedKey::Doc { .. } => Source::Doc { base },
                PlannedKey::Id { .. } => id_source(segment)?,
                PlannedKey::Column(key) => column_source(segment, key)?,
            };
            Ok(SegmentKey { source, order: key.order() })
        });
        keys.collect::<tantivy::Result<_>>().map(|keys| Self { keys })
    }

    /// The first keys of several documents.
    pub(crate) fn first(&self, docs: &[DocId], scores: Option<&[f32]>, out: &mut Vec<u128>) {
        out.clear();
        let Some(key) = self.keys.first() else {
            out.resize(docs.len(), 0);
            return;
        };
        if key.single_values(docs, out) {
            return;
        }
        let score = |at: usize| scores.and_then(|scores| scores.get(at)).copied().unwrap_or(0.0);
        out.extend(docs.iter().enumerate().map(|(at, doc)| key.of(*doc, score(at))));
    }

    /// Whether there is only one key.
    pub(crate) fn is_single(&self) -> bool {
        self.keys.len() <= 1
    }

    /// The keys of a document after the first.
    pub(crate) fn rest(&self, doc: DocId, score: f32) -> Box<[u128]> {
        self.keys.iter().skip(1).map(|key| key.of(doc, score)).collect()
    }

    /// The values of a document whose keys are given.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn values(&self, first: u128, rest: &[u128]) -> std::io::Result<Vec<SortValue>> {
        let keys = std::iter::once(&first).chain(rest);
        self.keys.iter().zip(keys).map(|(key, value)| key.value(*value)).collect()
    }

    /// The keys that values from another segment would have here.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn position_of(&self, values: &[SortValue]) -> std::io::Result<Vec<u128>> {
        self.keys.iter().zip(values).map(|(key, value)| key.position_of(value)).collect()
    }
}

impl SegmentKey {
    /// Fills in the keys of documents that have at most one value each, a block at a time; whether it could.
    fn single_values(&self, docs: &[DocId], out: &mut Vec<u128>) -> bool {
        match &self.source {
            Source::Number { values: Values::Long(column), missing, .. } => {
                let missing = self.directed(u128::from(*missing));
                self.fill(column, (docs, missing), out, |value| u128::from(long_key(value)))
            }
            Source::Number { values: Values::Double(column), missing, .. } => {
                let missing = self.directed(u128::from(*missing));
                self.fill(column, (docs, missing), out, |value| u128::from(double_key(value)))
            }
            Source::Text { column: Some(column), missing, .. } => {
                let missing = match missing {
                    MissingText::First => 0,
                    MissingText::Last => u128::MAX,
                    MissingText::At(key, _) => self.directed(*key),
                };
                self.fill(column.ords(), (docs, missing), out, text_key)
            }
            _ => false,
        }
    }

    fn fill<T>(
        &self,
        column: &Column<T>,
        (docs, missing): (&[DocId], u128),
        out: &mut Vec<u128>,
        key: impl Fn(T) -> u128,
    ) -> bool
    where
        T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + Default + 'static,
    {
        if column.get_cardinality() == Cardinality::Multivalued {
            return false;
        }
        out.resize(docs.len(), missing);
        column::for_each(column, docs, |at, value| {
            if let Some(slot) = out.get_mut(at) {
                *slot = self.directed(key(value));
            }
        });
        true
    }

    fn directed(&self, key: u128) -> u128 {
        match self.order {
            Order::Asc => key,
            Order::Desc => !key,
        }
    }

    fn of(&self, doc: DocId, score: f32) -> u128 {
        match &self.source {
            Source::Score => self.directed(u128::from(double_key(f64::from(score)))),
            Source::Doc { base } => self.directed(u128::from(base + doc)),
            Source::Id { ordinals, .. } => {
                self.directed(ordinals.get(doc as usize).map_or(0, |ordinal| text_key(u64::from(*ordinal))))
            }
            Source::Number { values, missing, mode, .. } => {
                self.directed(u128::from(number(values, doc, *mode).unwrap_or(*missing)))
            }
            Source::Text { column, missing, mode } => {
                let ordinals = column.as_ref().map(|column| column.term_ords(doc));
                let ordinal = ordinals.and_then(|ordinals| match mode {
                    SortMode::Max => ordinals.max(),
                    _ => ordinals.min(),
                });
                match (ordinal, missing) {
                    (Some(ordinal), _) => self.directed(text_key(ordinal)),
                    (None, MissingText::First) => 0,
                    (None, MissingText::Last) => u128::MAX,
                    (None, MissingText::At(key, _)) => self.directed(*key),
                }
            }
            Source::Address { column, missing, last, mode } => {
                let addresses = column.as_ref().map(|column| column.values_for_doc(doc).map(u128::from));
                let address = addresses.and_then(|addresses| match mode {
                    SortMode::Max => addresses.max(),
                    _ => addresses.min(),
                });
                match address.or(*missing) {
                    Some(address) => self.directed(address),
                    None if *last => u128::MAX,
                    None => 0,
                }
            }
        }
    }

    fn value(&self, key: u128) -> std::io::Result<SortValue> {
        let plain = self.directed(key);
        #[expect(clippy::cast_possible_truncation, reason = "numbers were made of 64 bits")]
        let bits = plain as u64;
        Ok(match &self.source {
            Source::Score => SortValue::Double(double_of(bits)),
            Source::Doc { .. } => SortValue::Long(bits.cast_signed()),
            Source::Id { ids, .. } => {
                let at = usize::try_from(plain / 2).unwrap_or(0).saturating_sub(1);
                ids.get(at).map_or(SortValue::Null, |id| SortValue::String(id.clone()))
            }
            Source::Number { kind, .. } => match kind {
                KeyKind::Double => SortValue::Double(double_of(bits)),
                KeyKind::UnsignedLong => SortValue::UnsignedLong(bits),
                _ => SortValue::Long((bits ^ NUMBER_SIGN).cast_signed()),
            },
            Source::Text { .. } | Source::Address { missing: None, .. } if key == 0 || key == u128::MAX => {
                SortValue::Null
            }
            Source::Text { missing: MissingText::At(at, text), .. } if *at == plain => SortValue::String(text.clone()),
            Source::Text { column, .. } => {
                let mut text = String::new();
                if let Some(column) = column {
                    column.ord_to_str((bits / 2).saturating_sub(1), &mut text)?;
                }
                SortValue::String(text)
            }
            Source::Address { .. } => SortValue::String(print_address(plain.into())),
        })
    }

    fn position_of(&self, value: &SortValue) -> std::io::Result<u128> {
        let (text, long, double) = match value {
            SortValue::Null => return Ok(self.null_position()),
            SortValue::String(text) => (Some(text.as_str()), 0, 0.0),
            #[expect(clippy::cast_precision_loss, reason = "the key is a double")]
            SortValue::Long(value) => (None, *value, *value as f64),
            #[expect(clippy::cast_precision_loss, reason = "the key is a double")]
            SortValue::UnsignedLong(value) => (None, i64::try_from(*value).unwrap_or(i64::MAX), *value as f64),
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
            SortValue::Double(value) => (None, *value as i64, *value),
        };
        let key = match &self.source {
            Source::Score | Source::Number { kind: KeyKind::Double, .. } => u128::from(double_key(double)),
            Source::Doc { .. } | Source::Number { kind: KeyKind::UnsignedLong, .. } => match value {
                SortValue::UnsignedLong(value) => u128::from(*value),
                _ => u128::from(long.cast_unsigned()),
            },
            Source::Number { .. } => u128::from(long_key(long)),
            Source::Id { ids, .. } => match ids.binary_search_by(|id| id.as_str().cmp(text.unwrap_or_default())) {
                Ok(at) => text_key(at as u64),
                Err(at) => text_key(at as u64) - 1,
            },
            Source::Text { column, .. } => match column {
                Some(column) => text_position(column, text.unwrap_or_default())?,
                None => 1,
            },
            Source::Address { .. } => text.and_then(|text| address(text).ok()).map_or(0, u128::from),
        };
        Ok(self.directed(key))
    }

    fn null_position(&self) -> u128 {
        match &self.source {
            Source::Text { missing: MissingText::First, .. } | Source::Address { last: false, .. } => 0,
            _ => u128::MAX,
        }
    }
}

/// The key of a text, or the odd one of the place where it would be.
fn text_position(column: &StrColumn, text: &str) -> std::io::Result<u128> {
    let dictionary = column.dictionary();
    if let Some(ordinal) = dictionary.term_ord(text.as_bytes())? {
        return Ok(text_key(ordinal));
    }
    let mut before = dictionary.range().lt(text.as_bytes()).into_stream()?;
    let mut count = 0_u64;
    while before.advance() {
        count += 1;
    }
    Ok(text_key(count) - 1)
}

fn number(values: &Values, doc: DocId, mode: SortMode) -> Option<u64> {
    match values {
        Values::Long(column) => of_mode(column.values_for_doc(doc), mode, long_key),
        Values::UnsignedLong(column) => of_mode(column.values_for_doc(doc), mode, |value| value),
        Values::Double(column) => of_mode(column.values_for_doc(doc), mode, double_key),
        Values::Bool(column) => of_mode(column.values_for_doc(doc).map(i64::from), mode, long_key),
        Values::Str(_) | Values::Ip(_) | Values::Absent => None,
    }
}

/// A number that several values can be brought to.
trait Reduce: Copy {
    fn sum(values: &[Self]) -> Self;
    fn mean(values: &[Self]) -> Self;
    fn middle(low: Self, high: Self) -> Self;
}

macro_rules! reduce_whole {
    ($whole:ty $(, $sign_loss:path)?) => {
        impl Reduce for $whole {
            fn sum(values: &[Self]) -> Self {
                values.iter().copied().fold(0, Self::wrapping_add)
            }

            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                $($sign_loss,)?
                reason = "OpenSearch divides as doubles, and rounds halves up"
            )]
            fn mean(values: &[Self]) -> Self {
                (Self::sum(values) as f64 / values.len() as f64 + 0.5).floor() as Self
            }

            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                $($sign_loss,)?
                reason = "OpenSearch takes the middle of doubles, and rounds halves up"
            )]
            fn middle(low: Self, high: Self) -> Self {
                (f64::midpoint(low as f64, high as f64) + 0.5).floor() as Self
            }
        }
    };
}

reduce_whole!(i64);
reduce_whole!(u64, clippy::cast_sign_loss);

impl Reduce for f64 {
    fn sum(values: &[Self]) -> Self {
        values.iter().sum()
    }

    #[expect(clippy::cast_precision_loss, reason = "documents have few values")]
    fn mean(values: &[Self]) -> Self {
        Self::sum(values) / values.len() as f64
    }

    fn middle(low: Self, high: Self) -> Self {
        f64::midpoint(low, high)
    }
}

fn of_mode<T: Reduce>(values: impl Iterator<Item = T>, mode: SortMode, key: impl Fn(T) -> u64) -> Option<u64> {
    match mode {
        SortMode::Min => values.map(key).min(),
        SortMode::Max => values.map(key).max(),
        SortMode::Sum | SortMode::Avg | SortMode::Median => {
            let mut values: Vec<T> = values.collect();
            let reduced = match (values.len(), mode) {
                (0, _) => return None,
                (_, SortMode::Sum) => T::sum(&values),
                (_, SortMode::Avg) => T::mean(&values),
                (count, _) => {
                    values.sort_by_key(|value| key(*value));
                    let middle = *values.get(count / 2)?;
                    if count % 2 == 1 { middle } else { T::middle(*values.get(count / 2 - 1)?, middle) }
                }
            };
            Some(key(reduced))
        }
    }
}

fn column_source(segment: &Segment, key: &ColumnKey<'_>) -> tantivy::Result<Source> {
    let values = key.field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    let last = key.missing == MissingValue::Last;
    Ok(match key.kind {
        KeyKind::Text => {
            let column = if let Values::Str(column) = values { Some(column) } else { None };
            let missing = match (&key.missing, &column) {
                (MissingValue::Value(SortValue::String(text)), Some(column)) => {
                    MissingText::At(text_position(column, text)?, text.clone())
                }
                (MissingValue::Value(SortValue::String(text)), None) => MissingText::At(1, text.clone()),
                (MissingValue::First, _) => MissingText::First,
                _ => MissingText::Last,
            };
            Source::Text { column, missing, mode: key.mode }
        }
        KeyKind::Address => {
            let column = if let Values::Ip(column) = values { Some(column) } else { None };
            let missing = match &key.missing {
                MissingValue::Value(SortValue::String(text)) => address(text).ok().map(u128::from),
                _ => None,
            };
            Source::Address { column, missing, last, mode: key.mode }
        }
        kind => Source::Number { values, kind, missing: missing_number(key), mode: key.mode },
    })
}

/// The extreme number that stands for a missing one, as OpenSearch prints it.
fn missing_number(key: &ColumnKey<'_>) -> u64 {
    let highest = match &key.missing {
        MissingValue::Value(SortValue::Long(value)) => return long_key(*value),
        MissingValue::Value(SortValue::UnsignedLong(value)) => return *value,
        MissingValue::Value(SortValue::Double(value)) => return double_key(*value),
        MissingValue::Value(_) | MissingValue::Last => key.order == Order::Asc,
        MissingValue::First => key.order == Order::Desc,
    };
    match (key.kind, highest) {
        (KeyKind::Int, true) => long_key(i32::MAX.into()),
        (KeyKind::Int, false) => long_key(i32::MIN.into()),
        (KeyKind::Double, true) => double_key(f64::INFINITY),
        (KeyKind::Double, false) => double_key(f64::NEG_INFINITY),
        (_, true) => u64::MAX,
        (_, false) => u64::MIN,
    }
}

fn id_source(segment: &Segment) -> tantivy::Result<Source> {
    let index = segment.reader().inverted_index(segment.id_field())?;
    let mut ordinals = vec![0; segment.reader().max_doc() as usize];
    let mut ids = Vec::new();
    let mut terms = index.terms().stream()?;
    while terms.advance() {
        let id = String::from_utf8_lossy(terms.key()).into_owned();
        let term = Term::from_field_text(segment.id_field(), &id);
        if let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? {
            while postings.doc() != TERMINATED {
                if let Some(ordinal) = ordinals.get_mut(postings.doc() as usize) {
                    *ordinal = u32::try_from(ids.len()).unwrap_or(u32::MAX);
                }
                postings.advance();
            }
        }
        ids.push(id);
    }
    Ok(Source::Id { ordinals, ids })
}
