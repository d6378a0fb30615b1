//! Tests of reading and writing a view's query string.

use super::*;

fn columns() -> Vec<String> {
    vec!["levelname".to_owned(), "message".to_owned()]
}

fn read(query_string: &str) -> View {
    View::read(query_string, &columns()).view
}

/// What the browser is sent to when it asks for `query_string`.
#[track_caller]
fn check(query_string: &str, expected: &str) {
    let href = read(query_string).href();
    assert_eq!(href.strip_prefix("/app/discover").unwrap(), expected, "{query_string}");
    let again = href.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let reading = View::read(again, &columns());
    assert_eq!(reading.view, read(query_string));
    assert!(reading.canonical, "{again} leads to itself");
}

#[test]
fn every_view_survives_its_url() {
    let hostile =
        ["", "x", "a b", "a+b", "%41", "&q=1", "#f", "\"><script>", "ü🦀", "a,b", "a\\,b", "\\", "a:b", "~", "off."];
    for text in hostile {
        for other in hostile {
            let mut view = View { query: text.trim().to_owned(), ..View::default() };
            view.pattern = Some(other.to_owned()).filter(|text| !text.is_empty());
            view.add_filter(Filter::is("f", text));
            view.add_filter(Filter::is(if other.is_empty() { "g" } else { other }, text).inverted().switched());
            view.columns = Some([text, other].iter().filter(|c| !c.is_empty()).map(|&c| c.to_owned()).collect());
            view.columns.as_mut().unwrap().dedup();
            view.sort = Some(Sort { field: format!("s{text}"), ascending: text.len() % 2 == 0 });
            view.cursor = Some(Cursor { at_millis: Some(-5).filter(|_| other.is_empty()), skip: 3, shown: 500 });
            view.frame.open_fields = Some(vec![]);
            view.frame.field_search = other.to_owned();
            view.frame.theme = Theme::Dark;
            view.language = if other.is_empty() { Language::Lucene } else { Language::Dql };
            let href = view.href();
            let query_string = href.split_once('?').unwrap().1;
            let reading = View::read(query_string, &columns());
            assert_eq!(reading.view, view, "{href}");
            assert!(reading.canonical, "{href}");
        }
    }
}

#[test]
fn defaults_are_not_written() {
    check("", "");
    check("q=&lang=kuery&from=now-24h&to=now&tz=UTC&theme=system&p=&fields=", "");
    check("cols=levelname,message", "");
    check("cols=", "?cols=");
}

#[test]
fn commands_of_buttons_become_state() {
    check("add=name", "?cols=levelname,message,name");
    check("cols=a&add=a", "?cols=a");
    check("rm=message", "?cols=levelname");
    check("cols=levelname&add=message", "");
    check("from=x&last=3&unit=d", "?from=now-3d");
    check("f=is:a:b&f=not:a:b", "?f=not:a:b");
    check("sort=a:asc&sort=b:desc", "?sort=b:desc");
}

#[test]
fn what_cannot_be_understood_is_dropped_but_times_and_zones_stay() {
    check("f=nonsense&sort=x&page=1&other=2&theme=pink", "");
    check("from=yesterday&tz=Mars/Phobos", "?from=yesterday&tz=Mars/Phobos");
    assert_eq!(read("tz=Mars/Phobos").time_zone(), Err("Mars/Phobos".to_owned()));
}

#[test]
fn civil_times_are_pinned_in_the_chosen_zone() {
    check("tz=Europe/Berlin&from=2026-11-23T14:00", "?from=2026-11-23T13:00:00.000Z&tz=Europe/Berlin");
}

#[test]
fn lists_are_bounded() {
    let many: Vec<String> = (0..1000).map(|number| format!("f=is:field{number}:x")).collect();
    assert_eq!(read(&many.join("&")).filters.len(), LIST_ENTRIES);
    let many: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    assert_eq!(read(&format!("cols={}", many.join(","))).columns.unwrap().len(), LIST_ENTRIES);
}

#[test]
fn a_changed_view_begins_at_the_first_record() {
    let view = read("page=1~2~500&q=a");
    assert_eq!(view.with(|view| view.query = "b".to_owned()).href(), "/app/discover?q=b");
}
