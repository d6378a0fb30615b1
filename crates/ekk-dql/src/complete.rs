//! What may stand at the cursor: fields, operators, conjunctions, and values of a field.
//!
//! Values are in the data, so the caller has to ask for them; [`Completion::value`] writes one into the query.

use std::ops::Range;

use crate::{Field, Kind, cursor::Found, grammar::read, scanner::CURSOR};

/// A kind of thing that may stand at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The name of a field.
    Field,
    /// What is asked of the field that stands there.
    Operator,
    /// A value of [`Completion::field`].
    Value,
    /// `and`, `or`
    Conjunction,
}

/// The place of the cursor, and what may stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The piece of the text that the cursor stands in, in bytes.
    pub span: Range<usize>,
    /// What may stand there.
    pub wanted: Vec<Wanted>,
    /// What was typed of it already, before and after the cursor, without backslashes.
    pub typed: (String, String),
    /// The whole name of the field that the piece is about, if there is one.
    pub field: Option<String>,
    /// Fields are named from here.
    pub nested: Option<String>,
}

/// One thing that may stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What takes the place of the span.
    pub text: String,
    /// The bytes that it takes the place of.
    pub span: Range<usize>,
    /// What it means.
    pub note: String,
    /// What it is.
    pub wanted: Wanted,
}

/// Says what may stand at a place of a query, given in bytes. `None` where the rest of the text cannot be understood.
pub fn complete(text: &str, cursor: usize) -> Option<Completion> {
    if text.contains(CURSOR) {
        return None;
    }
    let (before, after) = text.split_at_checked(cursor)?;
    let Ok(Found::Cursor(at)) = read(&format!("{before}{CURSOR}{after}"), true) else { return None };
    let within = |name: String| at.nested.as_ref().map_or_else(|| name.clone(), |path| format!("{path}.{name}"));
    Some(Completion {
        span: at.start.min(text.len())..at.end.min(text.len()),
        wanted: at.wanted,
        typed: (at.prefix, at.suffix),
        field: at.field.filter(|field| !field.is_empty()).map(within),
        nested: at.nested,
    })
}

impl Completion {
    /// The fields, operators and conjunctions that may stand here, at most `limit`.
    pub fn suggestions(&self, fields: &[Field], limit: usize) -> Vec<Suggestion> {
        let mut suggestions = Vec::new();
        for wanted in &self.wanted {
            match wanted {
                Wanted::Field => suggestions.extend(self.fields(fields)),
                Wanted::Operator => suggestions.extend(self.operators(fields)),
                Wanted::Conjunction => suggestions.extend(self.conjunctions()),
                Wanted::Value => {}
            }
        }
        suggestions.truncate(limit);
        suggestions
    }

    /// The suggestion of a value that the data holds.
    pub fn value(&self, value: &str) -> Suggestion {
        let is_plain = matches!(value, "true" | "false") || value.parse::<f64>().is_ok_and(f64::is_finite);
        let text = if is_plain {
            value.to_owned()
        } else {
            format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
        };
        Suggestion { text: format!("{text} "), span: self.span.clone(), note: String::new(), wanted: Wanted::Value }
    }

    /// Fields whose names have what was typed in them, those that begin with it first.
    fn fields(&self, fields: &[Field]) -> Vec<Suggestion> {
        let typed = format!("{}{}", self.typed.0, self.typed.1).to_lowercase();
        // A name with a space behind it is complete.
        let complete = typed.strip_suffix(' ').map(str::to_owned);
        let typed = typed.trim();
        let mut found: Vec<(bool, &str, &Field)> = fields
            .iter()
            .filter_map(|field| {
                let name = match &self.nested {
                    None => field.name.as_str(),
                    Some(path) => field.name.strip_prefix(path.as_str())?.strip_prefix('.')?,
                };
                let lower = name.to_lowercase();
                let fits = lower.contains(typed) && complete.as_ref() != Some(&lower);
                fits.then(|| (!lower.starts_with(typed), name, field))
            })
            .collect();
        found.sort_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)));
        found
            .into_iter()
            .map(|(_, name, field)| match (&field.nested, &self.nested) {
                (Some(path), None) => {
                    let inner = field.name.strip_prefix(path.as_str()).unwrap_or_default().trim_start_matches('.');
                    self.suggest(
                        format!("{}:{{ {} ", escaped(path), escaped(inner)),
                        "within nested documents",
                        Wanted::Field,
                    )
                }
                _ => self.suggest(format!("{} ", escaped(name)), "field", Wanted::Field),
            })
            .collect()
    }

    fn operators(&self, fields: &[Field]) -> Vec<Suggestion> {
        let Some(field) = fields.iter().find(|field| Some(&field.name) == self.field.as_ref()) else {
            return Vec::new();
        };
        let ordered = matches!(field.kind, Kind::Date | Kind::Number);
        OPERATORS
            .iter()
            .filter(|(_, _, needs_order)| ordered || !needs_order)
            .map(|(sign, note, _)| Suggestion {
                text: (*sign).to_owned(),
                span: self.span.end..self.span.end,
                note: (*note).to_owned(),
                wanted: Wanted::Operator,
            })
            .collect()
    }

    /// Offered behind a space, when the word before it is complete.
    fn conjunctions(&self) -> Vec<Suggestion> {
        if !self.typed.0.ends_with(' ') {
            return Vec::new();
        }
        let conjunction = |(word, note): (&str, &str)| Suggestion {
            text: format!("{word} "),
            span: self.span.end..self.span.end,
            note: note.to_owned(),
            wanted: Wanted::Conjunction,
        };
        [("and", "both sides hold"), ("or", "either side holds")].map(conjunction).to_vec()
    }

    fn suggest(&self, text: String, note: &str, wanted: Wanted) -> Suggestion {
        Suggestion { text, span: self.span.clone(), note: note.to_owned(), wanted }
    }
}

/// Sign, meaning, and whether it needs values with an order.
const OPERATORS: [(&str, &str, bool); 6] = [
    (": ", "equals a value", false),
    (": * ", "has any value", false),
    ("< ", "is less than", true),
    ("<= ", "is less than or equal to", true),
    ("> ", "is greater than", true),
    (">= ", "is greater than or equal to", true),
];

/// A name as it has to be typed.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '\\' | '(' | ')' | ':' | '<' | '>' | '"' | '*' | '{' | '}') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn fields() -> Vec<Field> {
        let field = |name: &str, kind, nested: Option<&str>| Field {
            name: name.to_owned(),
            kind,
            nested: nested.map(str::to_owned),
        };
        vec![
            field("asctime", Kind::Date, None),
            field("items.name", Kind::Other, Some("items")),
            field("items.price", Kind::Number, Some("items")),
            field("levelname", Kind::Other, None),
            field("message", Kind::Other, None),
            field("took", Kind::Number, None),
            field("odd:name", Kind::Other, None),
        ]
    }

    /// The cursor is where the bar is; each suggestion is shown as the text it makes.
    #[track_caller]
    fn check(marked: &str, expected: &str) {
        let cursor = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        let shown = match complete(&text, cursor) {
            None => "nothing".to_owned(),
            Some(completion) => {
                let made = completion.suggestions(&fields(), 8).into_iter().map(|suggestion| {
                    let mut made = text.clone();
                    made.replace_range(suggestion.span, &suggestion.text);
                    made
                });
                let value = completion.wanted.contains(&Wanted::Value).then(|| {
                    let mut made = text.clone();
                    made.replace_range(completion.span.clone(), &completion.value("a \"b\"").text);
                    format!("value of {}: {made}", completion.field.clone().unwrap_or_default())
                });
                value.into_iter().chain(made).collect::<Vec<_>>().join("; ")
            }
        };
        assert_eq!(shown, expected, "{marked}");
    }

    #[test]
    fn fields_operators_values_and_conjunctions_are_offered_where_they_fit() {
        check("lev|", "levelname ");
        check("me|", "message ; asctime ; items:{ name ; levelname ; odd\\:name ");
        check("took |", "took : ; took : * ; took < ; took <= ; took > ; took >= ; took and ; took or ");
        check("levelname: |", "value of levelname: levelname: \"a \\\"b\\\"\" ");
        check("levelname:ER|R", "value of levelname: levelname:\"a \\\"b\\\"\" ");
        check("levelname:\"ER|R\"", "value of levelname: levelname:\"a \\\"b\\\"\" ");
        check(
            "levelname:ERROR |",
            "value of levelname: levelname:\"a \\\"b\\\"\" ; levelname:ERROR and ; levelname:ERROR or ",
        );
        check("levelname:ERROR and to|", "levelname:ERROR and took ");
        check("items:{ pr| }", "items:{ price }");
        check("items:{ name:x| }", "value of items.name: items:{ name:\"a \\\"b\\\"\" }");
        check("took > 5 |", "took > 5 and ; took > 5 or ");
        check("lev|el:x", "levelname :x");
        check("a:(b or c|)", "value of a: a:(b or \"a \\\"b\\\"\" )");
        check("a:(b |", "nothing");
        check("(((|", "nothing");
    }

    proptest::proptest! {
        #[test]
        fn a_completion_is_always_within_the_text(text in "[a-c:\"*(){}<>= \\\\éor]{0,24}", at in 0_usize..30) {
            if let Some(completion) = complete(&text, at) {
                proptest::prop_assert!(text.get(completion.span.clone()).is_some(), "{completion:?}");
                for suggestion in completion.suggestions(&fields(), 10) {
                    proptest::prop_assert!(text.get(suggestion.span.clone()).is_some(), "{suggestion:?}");
                }
            }
        }

        #[test]
        fn a_suggested_value_is_read_back_as_it_is(value in ".{0,12}") {
            let completion = complete("f:x", 3).unwrap();
            let text = format!("f:{}", completion.value(&value).text);
            let Ok(crate::Expression::Is { value: read, .. }) = parse(&text) else { panic!("{text}") };
            proptest::prop_assert_eq!(read.to_string().parse::<f64>().ok(), value.parse::<f64>().ok());
            if value.parse::<f64>().is_err() {
                proptest::prop_assert_eq!(read.to_string(), value);
            }
        }
    }
}
