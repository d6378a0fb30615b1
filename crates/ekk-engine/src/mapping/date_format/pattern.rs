//! Patterns of Java's `DateTimeFormatter`, compiled to items that are read and printed one after the other.

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// Text as it stands.
    Literal(String),
    /// A number of `min..=max` digits.
    Number { field: Number, min: usize, max: usize },
    /// `SSS`: the fraction of a second, `min..=max` digits.
    Fraction { min: usize, max: usize },
    /// A decimal separator of `strict_date_optional_time`: a point, or a comma.
    FractionPoint,
    /// `MMM` (short) or `MMMM`.
    MonthName { short: bool },
    /// `EEE` (short) or `EEEE`.
    DayName { short: bool },
    /// `a`.
    AmPm,
    /// `X`, `XX`, `XXX`, `x`, `xx`, `xxx`, `Z`, `ZZZZZ`.
    Offset { colon: bool, minutes: bool, zulu: bool },
    /// Any offset form or a zone's name (`VV`, `z`).
    Zone,
    /// `[…]`: may be missing.
    Optional(Vec<Item>),
}

/// A numeric field of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Year,
    /// The last two digits, in 2000..=2099.
    YearOfCentury,
    Month,
    Day,
    DayOfYear,
    Hour,
    /// 1..=24.
    ClockHour,
    /// 1..=12, with `a`.
    HalfDayHour,
    /// 0..=11, with `a`.
    HalfDayHourFromZero,
    Minute,
    Second,
    Millis,
    Nanos,
    WeekYear,
    Week,
    DayOfWeek,
}

/// Stands in the named formats' patterns for a point or comma and one to nine digits.
pub(super) const FRACTION: char = '\u{1}';

/// Compiles a pattern.
///
/// # Errors
/// The reason in Java's words, for example `Unknown pattern letter: o`.
pub(super) fn compile(pattern: &str) -> Result<Vec<Item>, String> {
    let mut characters = pattern.chars().peekable();
    let mut open: Vec<Vec<Item>> = vec![Vec::new()];
    while let Some(character) = characters.next() {
        let item = match character {
            '\'' => Item::Literal(quoted(&mut characters, pattern)?),
            '[' => {
                open.push(Vec::new());
                continue;
            }
            ']' => {
                let Some(items) = open.pop().filter(|_| !open.is_empty()) else {
                    return Err("Pattern invalid as it contains ] without previous [".to_owned());
                };
                Item::Optional(items)
            }
            // The named formats' own sign for a fraction of any length.
            FRACTION => {
                if let Some(items) = open.last_mut() {
                    items.push(Item::FractionPoint);
                }
                Item::Fraction { min: 1, max: 9 }
            }
            '{' | '}' | '#' => return Err(format!("Pattern includes reserved character: '{character}'")),
            letter if letter.is_ascii_alphabetic() => {
                let mut count = 1;
                while characters.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                letters(letter, count)?
            }
            other => Item::Literal(other.to_string()),
        };
        if let Some(items) = open.last_mut() {
            items.push(item);
        }
    }
    // An optional section that is not closed ends with the pattern.
    while open.len() > 1 {
        if let Some(items) = open.pop()
            && let Some(outer) = open.last_mut()
        {
            outer.push(Item::Optional(items));
        }
    }
    Ok(adjacent_values(open.pop().unwrap_or_default()))
}

fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, pattern: &str) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match characters.next() {
            None => return Err(format!("Pattern ends with an incomplete string literal: {pattern}")),
            Some('\'') if characters.next_if_eq(&'\'').is_some() => text.push('\''),
            Some('\'') => break,
            Some(other) => text.push(other),
        }
    }
    Ok(if text.is_empty() { "'".to_owned() } else { text })
}

fn letters(letter: char, count: usize) -> Result<Item, String> {
    let number = |field, max_count: usize, max_digits: usize| {
        if count > max_count {
            return Err(format!("Too many pattern letters: {letter}"));
        }
        Ok(Item::Number { field, min: count, max: if count == 1 { max_digits } else { count } })
    };
    match letter {
        'y' | 'u' if count == 2 => Ok(Item::Number { field: Number::YearOfCentury, min: 2, max: 2 }),
        'y' | 'u' => Ok(Item::Number { field: Number::Year, min: count, max: 9 }),
        'Y' => Ok(Item::Number { field: Number::WeekYear, min: count, max: if count == 4 { 4 } else { 9 } }),
        'M' | 'L' if count <= 2 => number(Number::Month, 2, 2),
        'M' | 'L' if count <= 4 => Ok(Item::MonthName { short: count == 3 }),
        'd' => number(Number::Day, 2, 2),
        'D' => Ok(Item::Number { field: Number::DayOfYear, min: count, max: 3 }),
        'H' => number(Number::Hour, 2, 2),
        'k' => number(Number::ClockHour, 2, 2),
        'h' => number(Number::HalfDayHour, 2, 2),
        'K' => number(Number::HalfDayHourFromZero, 2, 2),
        'm' => number(Number::Minute, 2, 2),
        's' => number(Number::Second, 2, 2),
        'S' if count <= 9 => Ok(Item::Fraction { min: count, max: count }),
        'A' => Ok(Item::Number { field: Number::Millis, min: count, max: 18 }),
        'n' | 'N' => Ok(Item::Number { field: Number::Nanos, min: count, max: 18 }),
        'w' => number(Number::Week, 2, 2),
        'e' | 'c' if count == 1 => number(Number::DayOfWeek, 1, 1),
        'E' if count <= 4 => Ok(Item::DayName { short: count <= 3 }),
        'a' => Ok(Item::AmPm),
        'X' => offset(count, true, letter),
        'x' => offset(count, false, letter),
        'Z' if count <= 3 => Ok(Item::Offset { colon: false, minutes: true, zulu: false }),
        'Z' if count == 5 => Ok(Item::Offset { colon: true, minutes: true, zulu: true }),
        'V' | 'z' | 'v' | 'O' => Ok(Item::Zone),
        'o' | 'f' | 'i' | 'j' | 'l' | 'r' | 't' | 'b' | 'C' | 'I' | 'J' | 'P' | 'R' | 'T' | 'U' => {
            Err(format!("Unknown pattern letter: {letter}"))
        }
        'G' | 'Q' | 'q' | 'W' | 'F' | 'g' | 'B' | 'p' => Err(format!("Pattern letter not supported here: {letter}")),
        _ => Err(format!("Too many pattern letters: {letter}")),
    }
}

fn offset(count: usize, zulu: bool, letter: char) -> Result<Item, String> {
    match count {
        1 => Ok(Item::Offset { colon: false, minutes: false, zulu }),
        2 | 4 => Ok(Item::Offset { colon: false, minutes: true, zulu }),
        3 | 5 => Ok(Item::Offset { colon: true, minutes: true, zulu }),
        _ => Err(format!("Too many pattern letters: {letter}")),
    }
}

/// A year that is followed at once by another number takes as many digits as its letters, as in `yyyyMMdd`.
fn adjacent_values(mut items: Vec<Item>) -> Vec<Item> {
    for at in 1..items.len() {
        let followed = matches!(items.get(at), Some(Item::Number { .. } | Item::Fraction { .. }));
        if let Some(Item::Number { min, max, .. }) = items.get_mut(at - 1)
            && followed
        {
            *max = *min;
        }
    }
    items
}
