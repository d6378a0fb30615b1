//! What a document's bucket is called: terms, numbers, rounded dates.
//!
//! Within a segment a key is 64 bits (an ordinal, a number, the position of an address); [`Keys::key`] gives it the form
//! that compares beyond the segment.

use std::{collections::HashMap, net::Ipv6Addr};

use tantivy::{
    DocId,
    columnar::{Cardinality, Column, StrColumn},
};

use crate::{
    aggregation::{
        partial::{Key, OrderedDouble},
        rounding::Rounding,
    },
    mapping::Field,
    search::column::{Values, for_each},
    segment::Segment,
};

/// The keys of one segment's documents.
pub(crate) struct Keys {
    source: Source,
    /// What a document without a value counts as.
    missing: Option<Key>,
    scratch: Vec<u64>,
}

enum Source {
    Absent,
    Str(StrColumn),
    Long(Column<i64>),
    UnsignedLong(Column<u64>),
    Double(Column<f64>),
    Bool(Column<bool>),
    Ip { column: Column<Ipv6Addr>, positions: HashMap<Ipv6Addr, u64>, addresses: Vec<Ipv6Addr> },
    Dates { column: Column<i64>, rounding: Box<Rounding>, bounds: (i64, i64), last: (i64, i64) },
    Numbers { values: Values, interval: f64, offset: f64, bounds: (f64, f64) },
}

/// Stands for the key of documents without a value. No ordinal is that high, and a number that is stays itself when
/// nothing is said about missing values.
pub(crate) const MISSING: u64 = u64::MAX - 1;

/// The keys of a terms aggregation.
pub(crate) fn of_terms(segment: &Segment, field: Option<&Field>, missing: Option<Key>) -> tantivy::Result<Keys> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    let source = match values {
        Values::Str(column) => Source::Str(column),
        Values::Long(column) => Source::Long(column),
        Values::UnsignedLong(column) => Source::UnsignedLong(column),
        Values::Double(column) => Source::Double(column),
        Values::Bool(column) => Source::Bool(column),
        Values::Ip(column) => Source::Ip { column, positions: HashMap::new(), addresses: Vec::new() },
        Values::Absent => Source::Absent,
    };
    Ok(Keys { source, missing, scratch: Vec::new() })
}

/// The keys of a date histogram, with the missing value and the bounds.
pub(crate) fn of_dates(
    segment: &Segment,
    field: Option<&Field>,
    rounding: &Rounding,
    (missing, bounds): (Option<i64>, (i64, i64)),
) -> tantivy::Result<Keys> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    let source = match values {
        Values::Long(column) => {
            Source::Dates { column, rounding: Box::new(rounding.clone()), bounds, last: (i64::MAX, i64::MIN) }
        }
        _ => Source::Absent,
    };
    let missing = missing.filter(|missing| (bounds.0..=bounds.1).contains(missing));
    Ok(Keys { source, missing: missing.map(|missing| Key::Long(rounding.round(missing))), scratch: Vec::new() })
}

/// The keys of a histogram of numbers, with interval and offset, the missing value and the bounds.
pub(crate) fn of_numbers(
    segment: &Segment,
    field: Option<&Field>,
    (interval, offset): (f64, f64),
    (missing, bounds): (Option<f64>, (f64, f64)),
) -> tantivy::Result<Keys> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    let missing = missing
        .filter(|missing| (bounds.0..=bounds.1).contains(missing))
        .map(|missing| Key::Double(OrderedDouble(rounded(missing, interval, offset))));
    Ok(Keys { source: Source::Numbers { values, interval, offset, bounds }, missing, scratch: Vec::new() })
}

fn rounded(value: f64, interval: f64, offset: f64) -> f64 {
    ((value - offset) / interval).floor() * interval + offset
}

/// All terms of a text field in a segment, for buckets without documents.
pub(crate) fn all_terms(segment: &Segment, field: Option<&Field>) -> tantivy::Result<Vec<Key>> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    Ok(match values {
        Values::Str(column) => {
            let mut keys = Vec::with_capacity(column.num_terms());
            let mut terms = column.dictionary().stream()?;
            while terms.advance() {
                keys.push(Key::Str(String::from_utf8_lossy(terms.key()).into()));
            }
            keys
        }
        Values::Long(column) => column.values.iter().map(Key::Long).collect(),
        Values::UnsignedLong(column) => column.values.iter().map(Key::UnsignedLong).collect(),
        Values::Double(column) => column.values.iter().map(|value| Key::Double(OrderedDouble(value))).collect(),
        Values::Bool(column) => column.values.iter().map(Key::Bool).collect(),
        Values::Ip(column) => column.values.iter().map(|value| Key::Ip(value.into())).collect(),
        Values::Absent => Vec::new(),
    })
}

impl Keys {
    /// Calls `each` with the position of a document among `docs` and its key, once for each different key of it.
    pub(crate) fn each(&mut self, docs: &[DocId], mut each: impl FnMut(usize, u64)) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let missing = self.missing.is_some();
        let reading = Reading { docs, missing, scratch: &mut scratch };
        match &mut self.source {
            Source::Absent => {
                if missing {
                    (0..docs.len()).for_each(|at| each(at, MISSING));
                }
            }
            Source::Str(column) => values(column.ords(), reading, Some, each),
            Source::Long(column) => {
                values(column, reading, |value| Some(value.cast_unsigned()), each);
            }
            Source::UnsignedLong(column) => values(column, reading, Some, each),
            Source::Double(column) => values(column, reading, |value| Some(value.to_bits()), each),
            Source::Bool(column) => {
                values(column, reading, |value| Some(u64::from(value)), each);
            }
            Source::Ip { column, positions, addresses } => {
                let position = |address: Ipv6Addr| {
                    Some(*positions.entry(address).or_insert_with(|| {
                        addresses.push(address);
                        addresses.len() as u64 - 1
                    }))
                };
                values(column, reading, position, each);
            }
            Source::Dates { column, rounding, bounds, last } => {
                let start = |time: i64| {
                    if time < last.0 || time >= last.1 {
                        let start = rounding.round(time);
                        *last = (start, rounding.next(start));
                    }
                    (bounds.0..=bounds.1).contains(&time).then_some(last.0.cast_unsigned())
                };
                values(column, reading, start, each);
            }
            Source::Numbers { values, interval, offset, bounds } => {
                histogram_keys(values, docs, (*interval, *offset, *bounds), missing, each);
            }
        }
        self.scratch = scratch;
    }

    /// The form of a key beyond the segment.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn key(&self, key: u64) -> std::io::Result<Option<Key>> {
        if key == MISSING && self.missing.is_some() {
            return Ok(self.missing.clone());
        }
        Ok(Some(match &self.source {
            Source::Absent => return Ok(None),
            Source::Str(column) => {
                let mut term = String::new();
                if !column.ord_to_str(key, &mut term)? {
                    return Ok(None);
                }
                Key::Str(term.into())
            }
            Source::Long(_) | Source::Dates { .. } => Key::Long(key.cast_signed()),
            Source::UnsignedLong(_) => Key::UnsignedLong(key),
            Source::Double(_) | Source::Numbers { .. } => Key::Double(OrderedDouble(f64::from_bits(key))),
            Source::Bool(_) => Key::Bool(key == 1),
            Source::Ip { addresses, .. } => {
                let address = usize::try_from(key).ok().and_then(|at| addresses.get(at));
                return Ok(address.map(|address| Key::Ip((*address).into())));
            }
        }))
    }

    /// The forms of sorted keys beyond the segment; terms are read in one pass over the dictionary.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn keys(&self, sorted: &[u64]) -> std::io::Result<Vec<Option<Key>>> {
        let Source::Str(column) = &self.source else { return sorted.iter().map(|key| self.key(*key)).collect() };
        let terms = sorted.partition_point(|key| usize::try_from(*key).is_ok_and(|key| key < column.num_terms()));
        let (ordinals, others) = sorted.split_at(terms);
        let mut keys = Vec::with_capacity(sorted.len());
        column.dictionary().sorted_ords_to_term_cb(ordinals, |term| {
            keys.push(Some(Key::Str(String::from_utf8_lossy(term).into())));
        })?;
        for other in others {
            keys.push(self.key(*other)?);
        }
        Ok(keys)
    }

    /// How many ordinals there are, when keys are ordinals.
    pub(crate) fn ordinals(&self) -> Option<usize> {
        match &self.source {
            Source::Str(column) => Some(column.num_terms()),
            Source::Bool(_) => Some(2),
            _ => None,
        }
    }
}

/// Documents to read, and whether those without a value count.
struct Reading<'r> {
    docs: &'r [DocId],
    missing: bool,
    /// Room for the keys of one document.
    scratch: &'r mut Vec<u64>,
}

fn values<T>(
    column: &Column<T>,
    reading: Reading<'_>,
    mut key: impl FnMut(T) -> Option<u64>,
    mut each: impl FnMut(usize, u64),
) where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + DefaultValue + 'static,
{
    let Reading { docs, missing, scratch } = reading;
    match column.get_cardinality() {
        Cardinality::Full => T::for_each_full(column, docs, |at, value| {
            if let Some(key) = key(value) {
                each(at, key);
            }
        }),
        Cardinality::Optional => {
            for (at, doc) in docs.iter().enumerate() {
                match column.first(*doc).map(&mut key) {
                    Some(Some(key)) => each(at, key),
                    None if missing => each(at, MISSING),
                    _ => {}
                }
            }
        }
        Cardinality::Multivalued => {
            for (at, doc) in docs.iter().enumerate() {
                scratch.clear();
                let mut any = false;
                for value in column.values_for_doc(*doc) {
                    any = true;
                    scratch.extend(key(value));
                }
                if !any && missing {
                    scratch.push(MISSING);
                }
                if scratch.len() > 1 {
                    scratch.sort_unstable();
                    scratch.dedup();
                }
                for key in scratch.iter() {
                    each(at, *key);
                }
            }
        }
    }
}

/// Types that a block of values can be read of at once.
trait DefaultValue: Sized {
    fn for_each_full(column: &Column<Self>, docs: &[DocId], each: impl FnMut(usize, Self));
}

macro_rules! in_blocks {
    ($($value:ty),*) => {$(
        impl DefaultValue for $value {
            fn for_each_full(column: &Column<Self>, docs: &[DocId], each: impl FnMut(usize, Self)) {
                for_each(column, docs, each);
            }
        }
    )*};
}

in_blocks!(i64, u64, f64, bool);

impl DefaultValue for Ipv6Addr {
    fn for_each_full(column: &Column<Self>, docs: &[DocId], mut each: impl FnMut(usize, Self)) {
        for (at, doc) in docs.iter().enumerate() {
            column.values_for_doc(*doc).for_each(|value| each(at, value));
        }
    }
}

fn histogram_keys(
    values: &Values,
    docs: &[DocId],
    (interval, offset, bounds): (f64, f64, (f64, f64)),
    missing: bool,
    mut each: impl FnMut(usize, u64),
) {
    let mut last = (usize::MAX, 0);
    let mut seen = 0;
    let fill = |from: usize, to: usize, each: &mut dyn FnMut(usize, u64)| {
        if missing {
            (from..to).for_each(|at| each(at, MISSING));
        }
    };
    values.doubles(docs, |at, value| {
        fill(seen, at, &mut each);
        seen = at + 1;
        if !(bounds.0..=bounds.1).contains(&value) {
            return;
        }
        let key = rounded(value, interval, offset).to_bits();
        // Values of one document are sorted often enough that the same bucket twice stands side by side.
        if last != (at, key) {
            each(at, key);
            last = (at, key);
        }
    });
    fill(seen, docs.len(), &mut each);
}
