//! One log record as one line of JSON, in the names that were chosen. What a record is made of is the layer's and the
//! logger's subject; here it is only written.

use std::time::SystemTime;

use crate::line::{members::Members, time::TimeFormat};

pub(crate) mod json;
pub(crate) mod members;
pub(crate) mod time;

/// The names of a record's own fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schema {
    /// `asctime`, `name`, `levelname`, `message`, `exc_info`, as Python's json loggers write them. Levels are `DEBUG` (for
    /// TRACE too), `INFO`, `WARNING` and `ERROR`. This is the default.
    #[default]
    PythonJson,
    /// `timestamp`, `target`, `level`, `message`, `exc_info`, and `span`, the name of the innermost span. Levels are
    /// `TRACE`, `DEBUG`, `INFO`, `WARN` and `ERROR`.
    Tracing,
}

/// How severe a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Schema {
    /// The names for time, origin and level.
    fn names(self) -> [&'static str; 3] {
        match self {
            Self::PythonJson => ["asctime", "name", "levelname"],
            Self::Tracing => ["timestamp", "target", "level"],
        }
    }

    fn level(self, level: Level) -> &'static str {
        match (self, level) {
            (Self::PythonJson, Level::Trace) | (_, Level::Debug) => "DEBUG",
            (_, Level::Trace) => "TRACE",
            (_, Level::Info) => "INFO",
            (Self::PythonJson, Level::Warn) => "WARNING",
            (_, Level::Warn) => "WARN",
            (_, Level::Error) => "ERROR",
        }
    }

    /// Whether a field of the user cannot have this name, because a record has such a field of its own. A name that is
    /// a reserved one and underscores is reserved too, so that no two fields get the same name.
    fn reserves(self, name: &[u8]) -> bool {
        let mut bare = name;
        while let Some(shorter) = bare.strip_suffix(b"_") {
            bare = shorter;
        }
        let is = |reserved: &str| reserved.as_bytes() == bare;
        is("message") || is("exc_info") || (self == Self::Tracing && is("span")) || self.names().into_iter().any(is)
    }
}

/// How lines are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineStyle {
    pub(crate) schema: Schema,
    pub(crate) time: TimeFormat,
    /// Fields that every line has, unless the record has one of the same name.
    pub(crate) fixed: Members,
}

/// One record.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) time: SystemTime,
    /// Where it comes from: the target of an event, the name of a logger.
    pub(crate) name: &'a str,
    pub(crate) level: Level,
    /// The name of the innermost span.
    pub(crate) span: Option<&'a str>,
    pub(crate) event: &'a Members,
}

impl LineStyle {
    /// Appends a record, without a newline. `spans` are the fields of its spans, from the outermost to the innermost: of
    /// fields with one name, the innermost is written.
    pub(crate) fn write(&self, line: &Line<'_>, spans: &[&Members], out: &mut Vec<u8>) {
        let [time, name, level] = self.schema.names();
        out.extend_from_slice(b"{\"");
        out.extend_from_slice(time.as_bytes());
        out.extend_from_slice(b"\":\"");
        self.time.write(line.time, out);
        out.push(b'"');
        json::write_field(out, name, line.name);
        json::write_field(out, level, self.schema.level(line.level));
        out.extend_from_slice(b",\"message\":");
        out.extend_from_slice(line.event.message().unwrap_or(b"\"\""));
        if let (Schema::Tracing, Some(span)) = (self.schema, line.span) {
            json::write_field(out, "span", span);
        }
        self.write_members(&self.fixed, spans, Some(line.event), out);
        for (place, members) in spans.iter().enumerate() {
            let inner = spans.get(place + 1..).unwrap_or_default();
            self.write_members(members, inner, Some(line.event), out);
        }
        self.write_members(line.event, &[], None, out);
        if !line.event.exc_info().is_empty() {
            json::write_field(out, "exc_info", line.event.exc_info());
        }
        out.push(b'}');
    }

    /// Writes the fields that none of the inner ones has.
    fn write_members(&self, members: &Members, inner: &[&Members], event: Option<&Members>, out: &mut Vec<u8>) {
        for (name, value) in members.iter() {
            let is_hidden = inner.iter().copied().chain(event).any(|members| members.has(name));
            if is_hidden {
                continue;
            }
            out.extend_from_slice(b",\"");
            out.extend_from_slice(name);
            if self.schema.reserves(name) {
                out.push(b'_');
            }
            out.extend_from_slice(b"\":");
            out.extend_from_slice(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;

    fn members(fields: &[(&str, &str)]) -> Members {
        let mut members = Members::default();
        for (name, value) in fields {
            members.set(name, |out| json::write_text(out, value));
        }
        members
    }

    fn written(style: &LineStyle, event: &Members, spans: &[&Members]) -> String {
        let line = Line {
            time: SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_454_911_788),
            name: "shop::checkout",
            level: Level::Warn,
            span: Some("request"),
            event,
        };
        let mut out = Vec::new();
        style.write(&line, spans, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn utc(schema: Schema) -> LineStyle {
        LineStyle { schema, time: TimeFormat::rfc3339().utc(), ..LineStyle::default() }
    }

    #[test]
    fn a_line_has_the_names_of_its_schema() {
        let mut event = members(&[("order", "17")]);
        event.set_message(format_args!("paid \"{}\"", 5));
        event.add_exc_info("card declined");
        insta::assert_snapshot!(written(&utc(Schema::PythonJson), &event, &[]), @r#"{"asctime":"2026-11-23T17:28:31.788000+00:00","name":"shop::checkout","levelname":"WARNING","message":"paid \"5\"","order":"17","exc_info":"card declined"}"#);
        insta::assert_snapshot!(written(&utc(Schema::Tracing), &event, &[]), @r#"{"timestamp":"2026-11-23T17:28:31.788000+00:00","target":"shop::checkout","level":"WARN","message":"paid \"5\"","span":"request","order":"17","exc_info":"card declined"}"#);
    }

    #[test]
    fn of_fields_with_one_name_the_innermost_is_written() {
        let style = LineStyle { fixed: members(&[("a", "fixed"), ("b", "fixed")]), ..utc(Schema::PythonJson) };
        let outer = members(&[("b", "outer"), ("c", "outer"), ("d", "outer")]);
        let inner = members(&[("c", "inner"), ("e", "inner")]);
        let event = members(&[("d", "event")]);
        let line: Value = serde_json::from_str(&written(&style, &event, &[&outer, &inner])).unwrap();
        let of_user: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|name| line[name].as_str().unwrap()).collect();
        assert_eq!(of_user, ["fixed", "outer", "inner", "event", "inner"]);
    }

    #[test]
    fn a_field_with_the_name_of_a_records_own_gets_an_underscore() {
        for (schema, name, expected) in [
            (Schema::PythonJson, "name", "name_"),
            (Schema::PythonJson, "name_", "name__"),
            (Schema::PythonJson, "level", "level"),
            (Schema::Tracing, "level", "level_"),
            (Schema::Tracing, "span", "span_"),
            (Schema::Tracing, "asctime", "asctime"),
            (Schema::Tracing, "exc_info", "exc_info_"),
        ] {
            let line = written(&utc(schema), &members(&[(name, "of the user")]), &[]);
            assert!(line.contains(&format!("\"{expected}\":\"of the user\"")), "{name}: {line}");
        }
    }
}
