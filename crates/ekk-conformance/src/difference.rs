//! Where two answers differ, once what changes from run to run is masked.

use serde_json::Value;

use crate::{
    cases::{Case, Known},
    subject::Subject,
};

/// One place, and what stands there on either side.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) embedded: String,
    pub(crate) real: String,
}

/// What the comparison of one request's answers came to.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Differences that the file does not name.
    pub(crate) unnamed: Vec<Difference>,
    /// Reasons of differences that were named and found.
    pub(crate) named: Vec<String>,
    /// Reasons of differences that were named and are not there.
    pub(crate) gone: Vec<String>,
}

/// Characters of a value that are shown.
const SHOWN_CHARS: usize = 300;
/// By how much scores may differ, as a part of them: both compute in single precision, in another order.
const SCORE_TOLERANCE: f64 = 1e-4;
/// By how much other fractions may differ.
const TOLERANCE: f64 = 1e-9;

/// Compares the answers to `case`.
pub(crate) fn judge(subject: Subject, case: &Case, embedded: &Value, real: &Value) -> Judgement {
    let mut comparison = Comparison { case, subject, found: Vec::new() };
    comparison.compare(&mut Vec::new(), embedded, real);
    let mut met = vec![false; case.differs.len()];
    let mut judgement = Judgement::default();
    for difference in comparison.found {
        if case.varies.iter().any(|known| known.means(&difference.path)) {
            continue;
        }
        match case.differs.iter().position(|known| known.means(&difference.path)) {
            Some(at) => met[at] = true,
            None => judgement.unnamed.push(difference),
        }
    }
    for (known, met) in case.differs.iter().zip(met) {
        let list = if met { &mut judgement.named } else { &mut judgement.gone };
        list.push(known.reason.clone());
    }
    judgement
}

impl Known {
    fn means(&self, path: &str) -> bool {
        begins(&self.path, path)
    }
}

/// Whether `path` is `pattern` or lies below it; `*` stands for any one step.
fn begins(pattern: &str, path: &str) -> bool {
    let mut steps = path.split('/');
    pattern.split('/').all(|wanted| steps.next().is_some_and(|step| wanted == "*" || wanted == step))
}

struct Comparison<'a> {
    case: &'a Case,
    subject: Subject,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn compare(&mut self, path: &mut Vec<String>, embedded: &Value, real: &Value) {
        match (embedded, real) {
            (Value::Object(ours), Value::Object(theirs)) => {
                for (key, ours) in ours {
                    self.step(path, key, Some(ours), theirs.get(key));
                }
                for (key, theirs) in theirs.iter().filter(|(key, _)| !ours.contains_key(*key)) {
                    self.step(path, key, None, Some(theirs));
                }
            }
            (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
                let (ours, theirs) = (self.in_order(path, ours), self.in_order(path, theirs));
                for (at, (ours, theirs)) in ours.into_iter().zip(theirs).enumerate() {
                    self.step(path, &at.to_string(), Some(ours), Some(theirs));
                }
            }
            (ours, theirs) if same(path, ours, theirs) => {}
            (ours, theirs) => self.report(path, Some(ours), Some(theirs)),
        }
    }

    fn step(&mut self, path: &mut Vec<String>, key: &str, ours: Option<&Value>, theirs: Option<&Value>) {
        path.push(key.to_owned());
        let place = joined(path);
        let one_sided = self.subject.one_sided().iter().any(|name| *name == key || *name == place);
        match (ours, theirs) {
            _ if one_sided => {}
            (Some(_), Some(_)) if self.subject.volatile().contains(&key) => {}
            (Some(ours), Some(theirs)) => self.compare(path, ours, theirs),
            (ours, theirs) => self.report(path, ours, theirs),
        }
        path.pop();
    }

    fn report(&mut self, path: &[String], ours: Option<&Value>, theirs: Option<&Value>) {
        self.found.push(Difference { path: joined(path), embedded: shown(ours), real: shown(theirs) });
    }

    fn in_order<'v>(&self, path: &[String], items: &'v [Value]) -> Vec<&'v Value> {
        let mut items: Vec<&Value> = items.iter().collect();
        let path = joined(path);
        if self.case.any_order.iter().any(|pattern| begins(pattern, &path) && begins(&path, pattern)) {
            items.sort_by_cached_key(|item| mask_text(&item.to_string()));
        }
        items
    }
}

fn joined(path: &[String]) -> String {
    path.iter().flat_map(|step| ["/", step]).collect()
}

fn same(path: &[String], ours: &Value, theirs: &Value) -> bool {
    let score = path.last().is_some_and(|name| name.ends_with("score"));
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => {
            let kinds = a.is_f64() == b.is_f64();
            let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return a == b };
            let tolerance = if score { SCORE_TOLERANCE } else { TOLERANCE };
            kinds && (a - b).abs() <= tolerance * b.abs()
        }
        (Value::String(a), Value::String(b)) if a.contains('\n') || b.contains('\n') => mask_words(a) == mask_words(b),
        (Value::String(a), Value::String(b)) if path.last().is_some_and(|name| name == "allow") => {
            methods(a) == methods(b)
        }
        (Value::String(a), Value::String(b)) => a == b || mask_text(a) == mask_text(b) || same_methods(a, b),
        (ours, theirs) => ours == theirs,
    }
}

/// Which methods a path takes comes in an order that is different in each Java process.
fn same_methods(a: &str, b: &str) -> bool {
    match (a.split_once(ALLOWED), b.split_once(ALLOWED)) {
        (Some((before, a)), Some((other, b))) => before == other && methods(a) == methods(b),
        _ => false,
    }
}

const ALLOWED: &str = ", allowed: ";

fn methods(list: &str) -> Vec<&str> {
    let mut methods: Vec<&str> = list.trim_matches(['[', ']']).split(',').map(str::trim).collect();
    methods.sort_unstable();
    methods
}

fn shown(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{} …", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Generated ids and uuids, wherever they stand in a text, become the same.
fn mask_text(text: &str) -> String {
    let mut masked = String::new();
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' {
            word.push(letter);
            continue;
        }
        let generated = matches!(word.len(), 20 | 22) && word.chars().any(|c| c.is_ascii_uppercase());
        masked.push_str(if generated { "<id>" } else { &word });
        word.clear();
        masked.push(letter);
    }
    masked
}

/// Words of a table: sizes and ids are masked, and how far columns are filled up does not count.
fn mask_words(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words = line.split_whitespace().map(|word| {
            let size = word.ends_with('b') && word.starts_with(|c: char| c.is_ascii_digit());
            if size { "<size>".to_owned() } else { mask_text(word).trim().to_owned() }
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case(directives: &str) -> Case {
        let text = format!("# s\n\n### a\n{directives}GET /\n");
        crate::cases::parse("f", &text).unwrap().cases.remove(0)
    }

    #[track_caller]
    fn check(directives: &str, embedded: &Value, real: &Value, expected: [&[&str]; 3]) {
        let judgement = judge(Subject::OpenSearch, &case(directives), embedded, real);
        let unnamed: Vec<_> =
            judgement.unnamed.iter().map(|d| format!("{} {} {}", d.path, d.embedded, d.real)).collect();
        assert_eq!(unnamed, expected[0]);
        assert_eq!(judgement.named, expected[1]);
        assert_eq!(judgement.gone, expected[2]);
    }

    #[test]
    fn every_place_that_differs_is_found() {
        let ours = json!({"a": 1, "b": [1, 2], "c": "x", "took": 3, "d": 1.0});
        let theirs = json!({"a": 2, "b": [1], "took": 4, "d": 1, "e": null});
        let expected = ["/a 1 2", "/b [1,2] [1]", "/c \"x\" nothing", "/d 1.0 1", "/e nothing null"];
        check("", &ours, &theirs, [&expected, &[], &[]]);
        check("", &json!({"took": 1}), &json!({}), [&["/took 1 nothing"], &[], &[]]);
    }

    #[test]
    fn ids_sizes_and_last_digits_of_scores_do_not_count() {
        let ours = json!({"id": "EKp8AbCdEfGhIjKlMnOpQr", "_score": 1.000_01, "table": "a  1.2kb\nb 3b"});
        let theirs = json!({"id": "aKp8AbCdEfGhIjKlMnOpQr", "_score": 1.0, "table": "a 4mb\nb   5b"});
        check("", &ours, &theirs, [&[], &[], &[]]);
    }

    #[test]
    fn the_order_of_methods_does_not_count() {
        let ours = json!({"allow": "PUT,POST", "error": "no [DELETE], allowed: [PUT, POST]"});
        let theirs = json!({"allow": "POST,PUT", "error": "no [DELETE], allowed: [POST, PUT]"});
        check("", &ours, &theirs, [&[], &[], &[]]);
        check(
            "",
            &ours,
            &json!({"allow": "POST", "error": ours["error"]}),
            [&["/allow \"PUT,POST\" \"POST\""], &[], &[]],
        );
    }

    #[test]
    fn what_is_named_is_expected_and_missed_when_it_is_gone() {
        let (ours, theirs) = (json!({"hits": [{"a": 1}, {"a": 2}]}), json!({"hits": [{"a": 3}, {"a": 2}]}));
        check("# @differs /hits/*/a: rounded\n", &ours, &theirs, [&[], &["rounded"], &[]]);
        check("# @differs /hits: rounded\n", &ours, &theirs, [&[], &["rounded"], &[]]);
        check("# @differs: all\n# @differs /other: never\n", &ours, &theirs, [&[], &["all"], &["never"]]);
        check("# @varies /hits/0: chance\n", &ours, &theirs, [&[], &[], &[]]);
        check("# @varies /hits/1: chance\n", &ours, &theirs, [&["/hits/0/a 1 3"], &[], &[]]);
    }

    #[test]
    fn an_order_that_nobody_promises_does_not_count_where_the_file_says_so() {
        let (ours, theirs) = (json!({"a": [2, 1]}), json!({"a": [1, 2]}));
        check("# @any-order /a\n", &ours, &theirs, [&[], &[], &[]]);
        check("", &ours, &theirs, [&["/a/0 2 1", "/a/1 1 2"], &[], &[]]);
    }
}
