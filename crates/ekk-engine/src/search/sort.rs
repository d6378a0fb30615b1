//! Sort keys: what a request sorts by, as numbers that compare within a segment and values that compare beyond it.
//!
//! Within a segment every key is a `u128`, the lowest first; texts are their ordinals. What a segment gives to the merge
//! are [`SortValue`]s.

mod keys;

use std::cmp::Ordering;

use jiff::tz::TimeZone;

pub(crate) use self::keys::SegmentKeys;
use super::{Missing, Order, SortKey, SortMode, SortValue, column::check_sortable};
use crate::{
    error::Exception,
    mapping::{Field, FieldType, date_format::Rounding},
    query::{
        Scalar, date_math,
        resolve::{Resolver, address},
    },
};

/// A sort key of one index.
#[derive(Debug, Clone)]
pub(crate) enum PlannedKey<'a> {
    Score { order: Order },
    Doc { order: Order },
    Id { order: Order },
    Column(ColumnKey<'a>),
}

/// A field to sort by.
#[derive(Debug, Clone)]
pub(crate) struct ColumnKey<'a> {
    /// `None`: the index does not map it.
    pub(crate) field: Option<&'a Field>,
    pub(crate) kind: KeyKind,
    pub(crate) order: Order,
    pub(crate) missing: MissingValue,
    pub(crate) mode: SortMode,
}

/// What a field's keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// Whole numbers of 64 bits, and dates.
    Long,
    /// Whole numbers of 32 bits or fewer, and booleans: they differ in what stands for a missing value.
    Int,
    UnsignedLong,
    Double,
    Text,
    Address,
}

/// What stands for a missing value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MissingValue {
    First,
    Last,
    Value(SortValue),
}

impl PlannedKey<'_> {
    pub(crate) fn order(&self) -> Order {
        match self {
            Self::Score { order } | Self::Doc { order } | Self::Id { order } => *order,
            Self::Column(key) => key.order,
        }
    }
}

/// The sort of a request in one index; by score when it has none.
///
/// # Errors
/// `query_shard_exception`: a field is not mapped and no type is given for that case; `illegal_argument_exception`: a field
/// has no column.
pub(crate) fn plan<'a>(resolver: &Resolver<'a>, sort: &[SortKey]) -> Result<Vec<PlannedKey<'a>>, Exception> {
    if sort.is_empty() {
        return Ok(vec![PlannedKey::Score { order: Order::Desc }]);
    }
    sort.iter().map(|key| plan_key(resolver, key)).collect()
}

fn plan_key<'a>(resolver: &Resolver<'a>, key: &SortKey) -> Result<PlannedKey<'a>, Exception> {
    let sort = match key {
        SortKey::Score { order } => return Ok(PlannedKey::Score { order: *order }),
        SortKey::Doc { order } => return Ok(PlannedKey::Doc { order: *order }),
        SortKey::Field(sort) if sort.field == "_id" => return Ok(PlannedKey::Id { order: sort.order }),
        SortKey::Field(sort) => sort,
    };
    let field = resolver.snapshot.mapping.field(&sort.field);
    let kind = match (field, sort.unmapped_type.as_deref()) {
        (Some(field), _) => {
            check_sortable(field)?;
            KeyKind::of(field.kind.name())
        }
        (None, Some(kind)) => KeyKind::of(kind),
        (None, None) => {
            let reason = format!("No mapping found for [{}] in order to sort on", sort.field);
            return Err(Exception::new("query_shard_exception", reason));
        }
    };
    let missing = match &sort.missing {
        Missing::First => MissingValue::First,
        Missing::Last => MissingValue::Last,
        Missing::Value(value) => MissingValue::Value(value_of(resolver, field, kind, value)?),
    };
    let mode = sort.mode.unwrap_or(match sort.order {
        Order::Asc => SortMode::Min,
        Order::Desc => SortMode::Max,
    });
    Ok(PlannedKey::Column(ColumnKey { field, kind, order: sort.order, missing, mode }))
}

impl KeyKind {
    fn of(kind: &str) -> Self {
        match kind {
            "integer" | "short" | "byte" | "boolean" => Self::Int,
            "unsigned_long" => Self::UnsignedLong,
            "double" | "float" | "half_float" | "scaled_float" => Self::Double,
            "keyword" | "text" => Self::Text,
            "ip" => Self::Address,
            _ => Self::Long,
        }
    }
}

/// The value that a scalar of a request stands for among a field's keys.
fn value_of(
    resolver: &Resolver<'_>,
    field: Option<&Field>,
    kind: KeyKind,
    value: &Scalar,
) -> Result<SortValue, Exception> {
    let not_a_number = || Exception::new("number_format_exception", format!("For input string: \"{value}\""));
    if let (Some(Field { kind: FieldType::Date { format }, .. }), Scalar::String(text)) = (field, value) {
        let millis = date_math::resolve(text, format, &TimeZone::UTC, Rounding::Down, resolver.now)?;
        return Ok(SortValue::Long(millis));
    }
    Ok(match kind {
        KeyKind::Text | KeyKind::Address => SortValue::String(value.to_string()),
        KeyKind::Double => match value {
            #[expect(clippy::cast_precision_loss, reason = "the field holds doubles")]
            Scalar::Long(value) => SortValue::Double(*value as f64),
            Scalar::Double(value) => SortValue::Double(*value),
            other => SortValue::Double(other.to_string().parse().map_err(|_| not_a_number())?),
        },
        KeyKind::UnsignedLong => SortValue::UnsignedLong(value.to_string().parse().map_err(|_| not_a_number())?),
        KeyKind::Long | KeyKind::Int => match value {
            Scalar::Long(value) => SortValue::Long(*value),
            Scalar::Bool(value) => SortValue::Long(i64::from(*value)),
            #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
            Scalar::Double(value) => SortValue::Long(*value as i64),
            other => SortValue::Long(other.to_string().parse().map_err(|_| not_a_number())?),
        },
    })
}

/// The values of `search_after` among the keys of one index: dates may be given as texts.
///
/// # Errors
/// `illegal_argument_exception`: there are more or fewer values than keys; or a value's own exception.
pub(crate) fn after_values(
    resolver: &Resolver<'_>,
    keys: &[PlannedKey<'_>],
    values: &[SortValue],
) -> Result<Vec<SortValue>, Exception> {
    if keys.len() != values.len() {
        let reason = format!("search_after has {} value(s) but sort has {}.", values.len(), keys.len());
        return Err(Exception::illegal_argument(reason));
    }
    let pairs = keys.iter().zip(values);
    pairs
        .map(|(key, value)| match (key, value) {
            (_, SortValue::Null) => Ok(SortValue::Null),
            (PlannedKey::Column(key), value) => {
                let scalar = match value {
                    SortValue::Null => return Ok(SortValue::Null),
                    SortValue::Long(value) => Scalar::Long(*value),
                    SortValue::UnsignedLong(value) => Scalar::UnsignedLong(*value),
                    SortValue::Double(value) => Scalar::Double(*value),
                    SortValue::String(text) => Scalar::String(text.clone()),
                };
                value_of(resolver, key.field, key.kind, &scalar)
            }
            (_, value) => Ok(value.clone()),
        })
        .collect()
}

/// How one key of hits of different segments or indices compares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyComparison {
    order: Order,
    missing_first: bool,
    /// Texts are addresses, which do not compare as texts.
    addresses: bool,
}

impl KeyComparison {
    pub(crate) fn of(key: &PlannedKey<'_>) -> Self {
        let (missing_first, addresses) = match key {
            PlannedKey::Column(key) => (key.missing == MissingValue::First, key.kind == KeyKind::Address),
            _ => (false, false),
        };
        Self { order: key.order(), missing_first, addresses }
    }
}

/// How two hits of different segments or indices compare by one key.
pub(crate) fn compare(left: &SortValue, right: &SortValue, key: KeyComparison) -> Ordering {
    let KeyComparison { order, missing_first, addresses } = key;
    let ordering = match (left, right) {
        (SortValue::Null, SortValue::Null) => return Ordering::Equal,
        (SortValue::Null, _) => return if missing_first { Ordering::Less } else { Ordering::Greater },
        (_, SortValue::Null) => return if missing_first { Ordering::Greater } else { Ordering::Less },
        (SortValue::Long(left), SortValue::Long(right)) => left.cmp(right),
        (SortValue::UnsignedLong(left), SortValue::UnsignedLong(right)) => left.cmp(right),
        (SortValue::String(left), SortValue::String(right)) if addresses => {
            address(left).ok().cmp(&address(right).ok())
        }
        (SortValue::String(left), SortValue::String(right)) => left.cmp(right),
        (left, right) => match (as_double(left), as_double(right)) {
            (Some(left), Some(right)) => left.total_cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        },
    };
    match order {
        Order::Asc => ordering,
        Order::Desc => ordering.reverse(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "only numbers of different types are compared so")]
fn as_double(value: &SortValue) -> Option<f64> {
    match value {
        SortValue::Long(value) => Some(*value as f64),
        SortValue::UnsignedLong(value) => Some(*value as f64),
        SortValue::Double(value) => Some(*value),
        SortValue::Null | SortValue::String(_) => None,
    }
}
