//! A table of `_cat`: columns that can be chosen (`h`), sorted (`s`), shown with names (`v`), explained (`help`), or
//! answered as JSON.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/cat/index/>

use crate::{
    error::{Exception, Result},
    json::{Json, Object, filter::wildcard_matches},
    request::Request,
    response::{Content, Response},
};

/// Parameters of every table.
pub(crate) const PARAMS: &[&str] = &["h", "help", "s", "v", "bytes", "time", "size", "local"];

/// A column: its name, other names, what it tells, and whether it is shown when nobody chooses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static str,
    pub(crate) description: &'static str,
    pub(crate) default: bool,
    pub(crate) right: bool,
}

/// A column that is shown by default, its values to the left.
pub(crate) const fn left(name: &'static str, aliases: &'static str, description: &'static str) -> Column {
    Column { name, aliases, description, default: true, right: false }
}

/// A column that is shown by default, its values to the right.
pub(crate) const fn right(name: &'static str, aliases: &'static str, description: &'static str) -> Column {
    Column { name, aliases, description, default: true, right: true }
}

/// The same column, shown only when it is chosen.
pub(crate) const fn hidden(column: Column) -> Column {
    Column { default: false, ..column }
}

/// Rows under columns; a cell without a value is empty in the text and null in JSON.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) columns: &'static [Column],
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

/// A column to be shown, under the name by which it was asked for.
struct Shown {
    at: usize,
    title: String,
}

impl Table {
    /// The answer that the request asks for.
    ///
    /// # Errors
    /// 500 `unsupported_operation_exception` for a sort by a column that is not there, as OpenSearch answers it.
    pub(crate) fn answer(mut self, request: &Request) -> Result<Response> {
        if request.flag("help", false)? {
            return Ok(Response::text(self.help()));
        }
        self.sort(request)?;
        let shown = self.shown(request);
        if request.accepts_yaml || matches!(request.param("format"), Some("json" | "yaml")) {
            return Ok(Response::new(http::StatusCode::OK, Content::Json(self.json(&shown))));
        }
        Ok(Response::text(self.text(&shown, request.flag("v", false)?)))
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| {
            column.name == name || column.aliases.split(',').any(|alias| !alias.is_empty() && alias == name)
        })
    }

    fn sort(&mut self, request: &Request) -> Result<()> {
        let mut keys = Vec::new();
        for key in request.list("s").unwrap_or_default() {
            let (name, descending) = match key.rsplit_once(':') {
                Some((name, "desc")) => (name, true),
                Some((name, _)) => (name, false),
                None => (key.as_str(), false),
            };
            let at = self.find(name).ok_or_else(|| {
                let reason = format!("Unable to sort by unknown sort key `{name}`");
                Exception::new("unsupported_operation_exception", reason)
                    .status(http::StatusCode::INTERNAL_SERVER_ERROR)
            })?;
            keys.push((at, descending));
        }
        self.rows.sort_by(|a, b| {
            keys.iter().fold(std::cmp::Ordering::Equal, |order, (at, descending)| {
                order.then_with(|| {
                    let order = compare(a.get(*at).and_then(Option::as_deref), b.get(*at).and_then(Option::as_deref));
                    if *descending { order.reverse() } else { order }
                })
            })
        });
        Ok(())
    }

    fn shown(&self, request: &Request) -> Vec<Shown> {
        let Some(names) = request.list("h") else {
            let defaults = self.columns.iter().enumerate().filter(|(_, column)| column.default);
            return defaults.map(|(at, column)| Shown { at, title: column.name.to_owned() }).collect();
        };
        let mut shown: Vec<Shown> = Vec::new();
        for name in names {
            if name.contains('*') {
                for (at, column) in self.columns.iter().enumerate() {
                    if wildcard_matches(&name, column.name) && !shown.iter().any(|known| known.at == at) {
                        shown.push(Shown { at, title: column.name.to_owned() });
                    }
                }
            } else if let Some(at) = self.find(&name) {
                shown.push(Shown { at, title: name });
            }
        }
        shown
    }

    fn json(&self, shown: &[Shown]) -> Json {
        let row = |row: &Vec<Option<String>>| {
            let mut object = Object::new();
            for column in shown {
                let value = row.get(column.at).cloned().flatten();
                object.put(column.title.clone(), value.map_or(Json::Null, Json::from));
            }
            Json::from(object)
        };
        Json::Array(self.rows.iter().map(row).collect())
    }

    fn text(&self, shown: &[Shown], with_titles: bool) -> String {
        let cell = |row: &[Option<String>], at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let widths: Vec<usize> = shown
            .iter()
            .map(|column| {
                let widest = self.rows.iter().map(|row| cell(row, column.at).chars().count()).max().unwrap_or(0);
                if with_titles { widest.max(column.title.chars().count()) } else { widest }
            })
            .collect();
        let mut text = String::new();
        let mut line = |values: Vec<String>, title: bool| {
            let last = shown.len().saturating_sub(1);
            for (at, (value, column)) in values.iter().zip(shown).enumerate() {
                let width = widths.get(at).copied().unwrap_or(0);
                let right = !title && self.columns.get(column.at).is_some_and(|column| column.right);
                let pad = " ".repeat(width.saturating_sub(value.chars().count()));
                if right {
                    text.push_str(&pad);
                    text.push_str(value);
                } else {
                    text.push_str(value);
                    // The last column is not filled up.
                    if at < last {
                        text.push_str(&pad);
                    }
                }
                if at < last {
                    text.push(' ');
                }
            }
            text.push('\n');
        };
        if with_titles {
            line(shown.iter().map(|column| column.title.clone()).collect(), true);
        }
        for row in &self.rows {
            line(shown.iter().map(|column| cell(row, column.at)).collect(), false);
        }
        text
    }

    fn help(&self) -> String {
        let width = |text: fn(&Column) -> &'static str| {
            self.columns.iter().map(|column| text(column).chars().count()).max().unwrap_or(0)
        };
        let (names, aliases, descriptions) =
            (width(|column| column.name), width(|column| column.aliases), width(|column| column.description));
        let line = |column: &Column| {
            format!("{:names$} | {:aliases$} | {:descriptions$}\n", column.name, column.aliases, column.description)
        };
        self.columns.iter().map(line).collect::<Vec<String>>().concat()
    }
}

/// Numbers by their value, everything else as texts; nothing comes first.
fn compare(a: Option<&str>, b: Option<&str>) -> std::cmp::Ordering {
    match (a.and_then(|text| text.parse::<f64>().ok()), b.and_then(|text| text.parse::<f64>().ok())) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.cmp(&b),
    }
}

/// Bytes as OpenSearch shortens them: `208b`, `42.6kb`, `1.2gb`; or whole numbers of a unit that `bytes=` names.
pub(crate) fn bytes(count: u64, unit: Option<&str>) -> String {
    let exact = |shift: u32| (count >> shift).to_string();
    match unit {
        Some("b") => return count.to_string(),
        Some("k" | "kb") => return exact(10),
        Some("m" | "mb") => return exact(20),
        Some("g" | "gb") => return exact(30),
        _ => {}
    }
    for (shift, suffix) in [(40, "tb"), (30, "gb"), (20, "mb"), (10, "kb")] {
        if count >> shift > 0 {
            let tenths = (u128::from(count) * 10) >> shift;
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return if tenth == 0 { format!("{whole}{suffix}") } else { format!("{whole}.{tenth}{suffix}") };
        }
    }
    format!("{count}b")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_shortened_as_opensearch_does() {
        for (count, expected) in [(0, "0b"), (208, "208b"), (43_622, "42.5kb"), (1 << 20, "1mb"), (3 << 30, "3gb")] {
            assert_eq!(bytes(count, None), expected);
        }
        assert_eq!(bytes(4096, Some("kb")), "4");
    }
}
