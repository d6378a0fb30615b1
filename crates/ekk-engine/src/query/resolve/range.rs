//! `range`, by the field's type.

use std::ops::Bound as End;

use jiff::tz::TimeZone;

use super::{
    RANGE_DATE, Resolver,
    value::{self, Number},
};
use crate::{
    error::Exception,
    mapping::{DateFormat, Field, FieldType, date_format::Rounding},
    query::{
        Bound, RangeQuery, Scalar,
        clause::{Clause, ValueRange},
        date_math,
    },
};

impl Resolver<'_> {
    pub(super) fn range(&self, query: &RangeQuery) -> Result<Clause, Exception> {
        let Some(field) = self.field(&query.field) else { return Ok(Clause::None) };
        self.range_of(field, query)
    }

    pub(super) fn range_of(&self, field: &Field, query: &RangeQuery) -> Result<Clause, Exception> {
        if query.lower.is_none() && query.upper.is_none() && !matches!(field.kind, FieldType::Text { .. }) {
            return Ok(super::exists::has_value(field));
        }
        match &field.kind {
            FieldType::Date { format } => {
                self.date_range(field, format, query).map_err(|exception| match exception.kind {
                    "parse_exception" => Exception { kind: RANGE_DATE, ..exception },
                    _ => exception,
                })
            }
            FieldType::Text { .. } => Ok(text_range(field, query, false)),
            FieldType::Keyword { .. } => Ok(text_range(field, query, field.doc_values)),
            FieldType::Boolean => self.boolean_range(field, query),
            FieldType::Ip => ip_range(field, query),
            kind if kind.is_whole_number() => whole_range(field, query),
            kind if kind.is_fraction() => fraction_range(field, query),
            kind => {
                let reason = format!("Field [{}] of type [{}] does not support range queries", field.path, kind.name());
                Err(Exception::illegal_argument(reason))
            }
        }
    }

    fn boolean_range(&self, field: &Field, query: &RangeQuery) -> Result<Clause, Exception> {
        let mut values = vec![false, true];
        if let Some(bound) = &query.lower {
            let end = value::boolean(&bound.value)?;
            values.retain(|value| (*value && !end) || (bound.inclusive && *value == end));
        }
        if let Some(bound) = &query.upper {
            let end = value::boolean(&bound.value)?;
            values.retain(|value| (!*value && end) || (bound.inclusive && *value == end));
        }
        let flags: Result<Vec<_>, _> = values.into_iter().map(|value| self.flag(field, value)).collect();
        Ok(Clause::any(flags?))
    }

    /// A date equal to what is named, however long that is: `2024` is the whole year.
    pub(super) fn date_equal(&self, field: &Field, value: &Scalar) -> Result<Clause, Exception> {
        let FieldType::Date { format } = &field.kind else { return Ok(Clause::None) };
        let bound = Some(Bound { value: value.clone(), inclusive: true });
        let query = RangeQuery { lower: bound.clone(), upper: bound, ..RangeQuery::default() };
        self.date_range(field, format, &query)
    }

    fn date_range(&self, field: &Field, format: &DateFormat, query: &RangeQuery) -> Result<Clause, Exception> {
        let format = query.format.as_deref().map_or_else(|| Ok(format.clone()), DateFormat::new)?;
        let zone = query.time_zone.as_deref().map_or(Ok(TimeZone::UTC), date_math::time_zone)?;
        let at =
            |bound: &Bound, rounding| date_math::resolve(&bound.value.to_string(), &format, &zone, rounding, self.now);
        let lower = match &query.lower {
            None => i64::MIN,
            Some(bound) if bound.inclusive => at(bound, Rounding::Down)?,
            Some(bound) => at(bound, Rounding::Up)?.saturating_add(1),
        };
        let upper = match &query.upper {
            None => i64::MAX,
            Some(bound) if bound.inclusive => at(bound, Rounding::Up)?,
            Some(bound) => at(bound, Rounding::Down)?.saturating_sub(1),
        };
        Ok(Clause::Values { field: field.id, range: ValueRange::Long(lower, upper) })
    }
}

fn text_range(field: &Field, query: &RangeQuery, column: bool) -> Clause {
    let end = |bound: &Option<Bound>| match bound {
        None => End::Unbounded,
        Some(bound) if bound.inclusive => End::Included(bound.value.to_string()),
        Some(bound) => End::Excluded(bound.value.to_string()),
    };
    let (lower, upper) = (end(&query.lower), end(&query.upper));
    match (&lower, &upper) {
        (End::Unbounded, End::Unbounded) => super::exists::has_value(field),
        _ => Clause::TermRange { field: field.id, lower, upper, column },
    }
}

fn whole_range(field: &Field, query: &RangeQuery) -> Result<Clause, Exception> {
    let (mut lowest, mut highest, _) = value::whole_bounds(&field.kind);
    if let Some(bound) = &query.lower {
        let number = value::number(&bound.value)?;
        value::check_whole(field, number, &bound.value)?;
        lowest = match number {
            Number::Whole(number) => number + i128::from(!bound.inclusive),
            Number::Fraction(number) => ceiling(number),
        };
    }
    if let Some(bound) = &query.upper {
        let number = value::number(&bound.value)?;
        value::check_whole(field, number, &bound.value)?;
        highest = match number {
            Number::Whole(number) => number - i128::from(!bound.inclusive),
            Number::Fraction(number) => ceiling(number) - 1,
        };
    }
    if lowest > highest {
        return Ok(Clause::None);
    }
    let range = if field.kind == FieldType::UnsignedLong {
        u64::try_from(lowest).and_then(|low| Ok(ValueRange::UnsignedLong(low, u64::try_from(highest)?)))
    } else {
        i64::try_from(lowest).and_then(|low| Ok(ValueRange::Long(low, i64::try_from(highest)?)))
    };
    Ok(range.map_or(Clause::None, |range| Clause::Values { field: field.id, range }))
}

#[expect(clippy::cast_possible_truncation, reason = "the number was checked against the type's bounds")]
fn ceiling(number: f64) -> i128 {
    number.ceil() as i128
}

fn fraction_range(field: &Field, query: &RangeQuery) -> Result<Clause, Exception> {
    let lower = match &query.lower {
        None => f64::NEG_INFINITY,
        Some(bound) => {
            let number = value::fraction(field, &bound.value)?;
            if bound.inclusive { number } else { number.next_up() }
        }
    };
    let upper = match &query.upper {
        None => f64::INFINITY,
        Some(bound) => {
            let number = value::fraction(field, &bound.value)?;
            if bound.inclusive { number } else { number.next_down() }
        }
    };
    Ok(Clause::Values { field: field.id, range: ValueRange::Double(lower, upper) })
}

fn ip_range(field: &Field, query: &RangeQuery) -> Result<Clause, Exception> {
    let mut lower = u128::MIN;
    if let Some(bound) = &query.lower {
        let address = u128::from(value::address(&bound.value.to_string())?);
        let Some(first) = address.checked_add(u128::from(!bound.inclusive)) else { return Ok(Clause::None) };
        lower = first;
    }
    let mut upper = u128::MAX;
    if let Some(bound) = &query.upper {
        let address = u128::from(value::address(&bound.value.to_string())?);
        let Some(last) = address.checked_sub(u128::from(!bound.inclusive)) else { return Ok(Clause::None) };
        upper = last;
    }
    Ok(Clause::Values { field: field.id, range: ValueRange::Ip(lower.into(), upper.into()) })
}
