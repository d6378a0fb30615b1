//! What a Discover page shows, as its URL says it: the only state there is.
//!
//! [`View::read`] takes any query string, also one that a form sent with a button's command in it (`add=COLUMN`), and
//! [`View::pairs`] writes the shortest one that means the same. Defaults are not written.

use jiff::tz::TimeZone;
use url::form_urlencoded;

use crate::{
    filter::{self, Filter},
    limits::LIST_ENTRIES,
    time_range::TimeRange,
};

/// The path that a view's query string belongs to.
pub(crate) const PATH: &str = "/app/discover";

/// The state of a Discover page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// `p`: the index pattern's title; the first one when absent.
    pub(crate) pattern: Option<String>,
    /// `q`: the query.
    pub(crate) query: String,
    /// `lang`: the query's language; DQL when absent.
    pub(crate) language: Language,
    /// `from` and `to`.
    pub(crate) range: TimeRange,
    /// `tz`: the zone that times are shown in, UTC when absent.
    pub(crate) zone: Option<String>,
    /// `f`, repeated.
    pub(crate) filters: Vec<Filter>,
    /// `cols`: the table's columns; those of the saved search when absent.
    pub(crate) columns: Option<Vec<String>>,
    /// `sort`: `FIELD:asc` or `FIELD:desc`; newest first when absent.
    pub(crate) sort: Option<Sort>,
    /// `page`: where the page begins; at the first record when absent.
    pub(crate) cursor: Option<Cursor>,
    /// What the frame around the records shows.
    pub(crate) frame: Frame,
}

/// State that does not change which records are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// `top`: the fields whose values are listed; only the level's when absent.
    pub(crate) open_fields: Option<Vec<String>>,
    /// `fields`: the part of a name that listed fields have.
    pub(crate) field_search: String,
    /// `theme`: `dark` or `light`; the system's when absent.
    pub(crate) theme: Theme,
}

/// A language of queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// Dashboards Query Language, OpenSearch Dashboards' own.
    #[default]
    Dql,
    /// That of `query_string`.
    Lucene,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    System,
    Dark,
    Light,
}

/// The order of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) field: String,
    pub(crate) ascending: bool,
}

/// The place between two records where a page begins.
///
/// `from` alone cannot go past the engine's result window, and `search_after` alone skips records that share their
/// time with the last one shown. So the cursor holds the last time and how many records of that time were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The time of the last record shown, in epoch milliseconds; `None` counts from the first record.
    pub(crate) at_millis: Option<i64>,
    /// Records to skip from there.
    pub(crate) skip: u32,
    /// Records on the pages before.
    pub(crate) shown: u64,
}

impl Theme {
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Dark => Some("dark"),
            Self::Light => Some("light"),
        }
    }
}

impl Language {
    /// What it is called to a reader.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dql => "DQL",
            Self::Lucene => "Lucene",
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Dql => Self::Lucene,
            Self::Lucene => Self::Dql,
        }
    }

    fn wire(self) -> Option<&'static str> {
        (self == Self::Lucene).then_some("lucene")
    }
}

impl Sort {
    fn parse(text: &str) -> Option<Self> {
        let (field, order) = text.rsplit_once(':')?;
        let ascending = match order {
            "asc" => true,
            "desc" => false,
            _ => return None,
        };
        (!field.is_empty()).then(|| Self { field: field.to_owned(), ascending })
    }

    pub(crate) fn wire(&self) -> String {
        format!("{}:{}", self.field, if self.ascending { "asc" } else { "desc" })
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let at_millis = match parts.next()? {
            "" => None,
            millis => Some(millis.parse().ok()?),
        };
        let cursor = Self { at_millis, skip: parts.next()?.parse().ok()?, shown: parts.next()?.parse().ok()? };
        parts.next().is_none().then_some(cursor)
    }

    pub(crate) fn wire(self) -> String {
        let at = self.at_millis.map(|millis| millis.to_string()).unwrap_or_default();
        format!("{at}~{}~{}", self.skip, self.shown)
    }
}

/// A view, and whether its query string was already the one that [`View::pairs`] writes.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) view: View,
    pub(crate) canonical: bool,
}

impl View {
    /// Reads a query string. `default_columns` are what `add` and `rm` start from when no columns are named.
    ///
    /// Never fails: what cannot be understood is dropped, except for times and zones, which the page shows again.
    pub(crate) fn read(query_string: &str, default_columns: &[String]) -> Reading {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query_string.as_bytes())
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        let mut view = Self::default();
        let mut commands = Commands::default();
        for (key, value) in &pairs {
            view.take(key, value, &mut commands);
        }
        view.obey(commands, default_columns);
        view.range.pin_civil_times(&view.time_zone().unwrap_or(TimeZone::UTC));
        let canonical = view.pairs() == pairs;
        Reading { view, canonical }
    }

    fn take(&mut self, key: &str, value: &str, commands: &mut Commands) {
        let text = || Some(value.trim().to_owned()).filter(|text| !text.is_empty());
        match key {
            "p" => self.pattern = text(),
            "q" => value.trim().clone_into(&mut self.query),
            "lang" => self.language = if value == "lucene" { Language::Lucene } else { Language::Dql },
            "from" => self.range.from = text().unwrap_or_else(|| TimeRange::default().from),
            "to" => self.range.to = text().unwrap_or_else(|| TimeRange::default().to),
            "tz" => self.zone = text().filter(|zone| !zone.eq_ignore_ascii_case("utc")),
            "f" => {
                if let Some(filter) = Filter::parse(value) {
                    self.add_filter(filter);
                }
            }
            "cols" => self.columns = Some(split_list(value)),
            "sort" => self.sort = Sort::parse(value),
            "page" => self.cursor = Cursor::parse(value),
            "top" => self.frame.open_fields = Some(split_list(value)),
            "fields" => value.trim().clone_into(&mut self.frame.field_search),
            "theme" => {
                self.frame.theme = match value {
                    "dark" => Theme::Dark,
                    "light" => Theme::Light,
                    _ => Theme::System,
                }
            }
            "add" => commands.add_column = text(),
            "rm" => commands.remove_column = text(),
            "last" => commands.last = text(),
            "unit" => commands.unit = text(),
            "ff" => commands.filter.field = text(),
            "fo" => commands.filter.operator = text(),
            "fv" => commands.filter.value = text(),
            "ft" => commands.filter.to = text(),
            _ => {}
        }
    }

    fn obey(&mut self, commands: Commands, default_columns: &[String]) {
        if let Some(column) = commands.add_column {
            let columns = self.columns.get_or_insert_with(|| default_columns.to_vec());
            if !columns.contains(&column) && columns.len() < LIST_ENTRIES {
                columns.push(column);
            }
        }
        if let Some(column) = commands.remove_column {
            self.columns.get_or_insert_with(|| default_columns.to_vec()).retain(|shown| *shown != column);
        }
        if self.columns.as_deref() == Some(default_columns) {
            self.columns = None;
        }
        if let Some(filter) = commands.filter.filter() {
            self.add_filter(filter);
        }
        if let (Some(count), Some(unit)) = (commands.last, commands.unit) {
            self.range = TimeRange { from: format!("now-{count}{unit}"), to: "now".to_owned() };
        }
    }

    /// Adds a filter; one with the same condition gives way to it.
    pub(crate) fn add_filter(&mut self, filter: Filter) {
        if let Some(present) = self.filters.iter_mut().find(|present| present.same_condition(&filter)) {
            *present = filter;
        } else if self.filters.len() < LIST_ENTRIES {
            self.filters.push(filter);
        }
    }

    /// The zone that times are shown in; `Err` with its name when there is no such zone.
    pub(crate) fn time_zone(&self) -> Result<TimeZone, String> {
        match &self.zone {
            None => Ok(TimeZone::UTC),
            Some(name) => TimeZone::get(name).map_err(|_| name.clone()),
        }
    }

    /// The query string in pairs, shortest form.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                pairs.push((key.to_owned(), value));
            }
        };
        let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let default = TimeRange::default();
        put("p", self.pattern.clone());
        put("q", filled(&self.query));
        put("lang", self.language.wire().map(str::to_owned));
        put("from", Some(self.range.from.clone()).filter(|from| *from != default.from));
        put("to", Some(self.range.to.clone()).filter(|to| *to != default.to));
        put("tz", self.zone.clone());
        for filter in &self.filters {
            put("f", Some(filter.wire()));
        }
        put("cols", self.columns.as_deref().map(join_list));
        put("sort", self.sort.as_ref().map(Sort::wire));
        put("page", self.cursor.map(Cursor::wire));
        put("top", self.frame.open_fields.as_deref().map(join_list));
        put("fields", filled(&self.frame.field_search));
        put("theme", self.frame.theme.name().map(str::to_owned));
        pairs
    }

    /// The link to this view.
    pub(crate) fn href(&self) -> String {
        self.href_at(PATH)
    }

    /// The link to another page that keeps this view.
    pub(crate) fn href_at(&self, path: &str) -> String {
        let pairs = self.pairs();
        if pairs.is_empty() {
            return path.to_owned();
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        // A colon, a slash, a comma and a tilde mean themselves in a query string, and links stay readable.
        let query = query.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",").replace("%7E", "~");
        format!("{path}?{query}")
    }

    /// A changed copy that begins at the first record again.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut view = self.clone();
        view.cursor = None;
        change(&mut view);
        view
    }
}

/// What a form's button asks for.
#[derive(Debug, Default)]
struct Commands {
    add_column: Option<String>,
    remove_column: Option<String>,
    last: Option<String>,
    unit: Option<String>,
    filter: FilterCommand,
}

/// What the form for a filter asks for.
#[derive(Debug, Default)]
struct FilterCommand {
    field: Option<String>,
    operator: Option<String>,
    value: Option<String>,
    to: Option<String>,
}

impl FilterCommand {
    fn filter(&self) -> Option<Filter> {
        let value = self.value.as_deref().unwrap_or_default();
        filter::typed(self.field.as_deref()?, self.operator.as_deref()?, value, self.to.as_deref().unwrap_or_default())
    }
}

/// Reads names between commas; a comma or backslash in a name has a backslash before it.
fn split_list(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, names.last_mut()) {
            (',', _) => names.push(String::new()),
            ('\\', Some(name)) => name.extend(characters.next()),
            (other, Some(name)) => name.push(other),
            (_, None) => {}
        }
    }
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !name.is_empty() && !kept.contains(&name) && kept.len() < LIST_ENTRIES {
            kept.push(name);
        }
    }
    kept
}

fn join_list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| name.replace('\\', "\\\\").replace(',', "\\,")).collect();
    names.join(",")
}

#[cfg(test)]
mod tests;
