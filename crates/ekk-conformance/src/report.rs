//! The tables of FIDELITY.md: how many requests were compared, and every named difference with its reason.

use std::fmt::Write as _;

use crate::{difference::Judgement, subject::Subject};

const BEGIN: &str = "<!-- conformance: written by `cargo xtask conformance` -->\n";
/// Why writing into a string cannot fail.
const TAKES: &str = "a string takes what is written to it";
const END: &str = "<!-- conformance: end -->\n";

/// What a file of requests came to.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) subject: Subject,
    pub(crate) script: String,
    pub(crate) about: String,
    /// The requests by their titles.
    pub(crate) judgements: Vec<(String, Judgement)>,
}

impl Row {
    fn requests(&self) -> usize {
        self.judgements.len()
    }

    /// Requests whose answers are equal but for what varies from run to run.
    fn equal(&self) -> usize {
        let equal = |judgement: &Judgement| judgement.unnamed.is_empty() && judgement.named.is_empty();
        self.judgements.iter().filter(|(_, judgement)| equal(judgement)).count()
    }

    fn named(&self) -> usize {
        self.judgements.iter().filter(|(_, judgement)| !judgement.named.is_empty()).count()
    }

    /// Requests that differ and should not, or do not and should.
    pub(crate) fn failures(&self) -> usize {
        let fails = |judgement: &Judgement| !judgement.unnamed.is_empty() || !judgement.gone.is_empty();
        self.judgements.iter().filter(|(_, judgement)| fails(judgement)).count()
    }
}

/// One line a file, for the terminal.
pub(crate) fn summary(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let (name, counts) = (row.subject.name(), (row.requests(), row.equal(), row.named(), row.failures()));
        let (requests, equal, named, failures) = counts;
        let line = format!("{name:<10} {:<24} {requests:>4} requests, {equal:>4} equal, {named:>3} named", row.script);
        writeln!(text, "{line}, {failures:>3} not").expect(TAKES);
    }
    text
}

/// The tables in Markdown.
pub(crate) fn tables(rows: &[Row]) -> String {
    let mut text = "| part | what is asked | requests | equal | named differences |\n\
        | --- | --- | ---: | ---: | ---: |\n"
        .to_owned();
    for row in rows {
        let counts = format!("{} | {} | {}", row.requests(), row.equal(), row.named());
        writeln!(text, "| {} | {} | {counts} |", row.subject.name(), row.about).expect(TAKES);
    }
    let sum = |count: fn(&Row) -> usize| rows.iter().map(count).sum::<usize>();
    writeln!(text, "| all | | {} | {} | {} |", sum(Row::requests), sum(Row::equal), sum(Row::named)).expect(TAKES);
    text.push_str("\n| part | difference | asked by |\n| --- | --- | --- |\n");
    for (subject, reason, titles) in by_reason(rows) {
        writeln!(text, "| {} | {reason} | {} |", subject.name(), titles.join("; ")).expect(TAKES);
    }
    text
}

/// Reasons in the order of their first request, each with all of its requests.
fn by_reason(rows: &[Row]) -> Vec<(Subject, &str, Vec<&str>)> {
    let mut reasons: Vec<(Subject, &str, Vec<&str>)> = Vec::new();
    for row in rows {
        for (title, judgement) in &row.judgements {
            for reason in &judgement.named {
                let known = reasons.iter_mut().find(|(subject, known, _)| (*subject, *known) == (row.subject, reason));
                match known {
                    Some((_, _, titles)) if titles.last() == Some(&title.as_str()) => {}
                    Some((_, _, titles)) => titles.push(title),
                    None => reasons.push((row.subject, reason, vec![title])),
                }
            }
        }
    }
    reasons
}

/// Puts the tables between the marks of a document.
pub(crate) fn splice(document: &str, tables: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{tables}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::Difference;

    fn rows() -> Vec<Row> {
        let named = |reason: &str| Judgement { named: vec![reason.to_owned()], ..Judgement::default() };
        let difference = Difference { path: "/a".into(), embedded: "1".into(), real: "2".into() };
        let unnamed = Judgement { unnamed: vec![difference], ..Judgement::default() };
        let judgements = vec![
            ("one".to_owned(), Judgement::default()),
            ("two".to_owned(), named("no scripts")),
            ("three".to_owned(), named("no scripts")),
            ("four".to_owned(), unnamed),
        ];
        let (script, about) = ("bulk.http".to_owned(), "bulk".to_owned());
        vec![Row { subject: Subject::OpenSearch, script, about, judgements }]
    }

    #[test]
    fn the_tables_count_requests_and_name_each_reason_once() {
        insta::assert_snapshot!(tables(&rows()), @r"
        | part | what is asked | requests | equal | named differences |
        | --- | --- | ---: | ---: | ---: |
        | OpenSearch | bulk | 4 | 1 | 2 |
        | all | | 4 | 1 | 2 |

        | part | difference | asked by |
        | --- | --- | --- |
        | OpenSearch | no scripts | two; three |
        ");
        assert_eq!(rows()[0].failures(), 1);
    }

    #[test]
    fn the_tables_stand_between_their_marks() {
        let document = format!("a\n{BEGIN}old\n{END}b\n");
        assert_eq!(splice(&document, "new\n").unwrap(), format!("a\n{BEGIN}\nnew\n\n{END}b\n"));
        assert_eq!(splice("a", "new"), None);
    }
}
