//! `minimum_should_match`: how many of a number of optional clauses must match.
//!
//! Source: <https://docs.opensearch.org/latest/query-dsl/minimum-should-match/>

use crate::error::Exception;

/// A specification such as `2`, `-1`, `75%`, `-25%`, `3<90%` or `2<-25% 9<-3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimumShouldMatch(Vec<Rule>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    /// The rule holds for more clauses than this.
    above: usize,
    amount: Amount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Amount {
    Clauses(i64),
    Percent(i64),
}

impl MinimumShouldMatch {
    /// A fixed number of clauses; a negative one counts those that may be absent.
    pub fn clauses(count: i64) -> Self {
        Self(vec![Rule { above: 0, amount: Amount::Clauses(count) }])
    }

    /// Reads a specification.
    ///
    /// # Errors
    /// `number_format_exception`: a part is not a number.
    pub fn parse(spec: &str) -> Result<Self, Exception> {
        let spec = spec.trim();
        if !spec.contains('<') {
            return Ok(Self(vec![Rule { above: 0, amount: Amount::parse(spec)? }]));
        }
        let joined = spec.replace("< ", "<").replace(" <", "<");
        let rules = joined.split_whitespace().map(|part| {
            let (above, amount) = part.split_once('<').ok_or_else(|| not_a_number(part))?;
            let above = above.parse().map_err(|_| not_a_number(above))?;
            Ok(Rule { above, amount: Amount::parse(amount)? })
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// How many of `optional` clauses must match: 0 or more, and possibly more than there are.
    pub fn required(&self, optional: usize) -> usize {
        let conditional = self.0.len() > 1 || self.0.iter().any(|rule| rule.above > 0);
        let holds = self.0.iter().take_while(|rule| !conditional || optional > rule.above).last();
        let Some(rule) = holds else { return optional };
        let all = i64::try_from(optional).unwrap_or(i64::MAX);
        let wanted = match rule.amount {
            Amount::Clauses(count) if count < 0 => all + count,
            Amount::Clauses(count) => count,
            Amount::Percent(percent) if percent < 0 => all + all * percent / 100,
            Amount::Percent(percent) => all * percent / 100,
        };
        usize::try_from(wanted).unwrap_or(0)
    }
}

impl Amount {
    fn parse(text: &str) -> Result<Self, Exception> {
        match text.strip_suffix('%') {
            Some(percent) => percent.parse().map(Self::Percent).map_err(|_| not_a_number(percent)),
            None => text.parse().map(Self::Clauses).map_err(|_| not_a_number(text)),
        }
    }
}

fn not_a_number(text: &str) -> Exception {
    Exception::new("number_format_exception", format!("For input string: \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_clauses_as_lucene_does() {
        for (spec, optional, required) in [
            ("2", 3, 2),
            ("-1", 3, 2),
            ("-5", 3, 0),
            ("75%", 3, 2),
            ("-25%", 4, 3),
            ("-25%", 3, 3),
            ("3<90%", 3, 3),
            ("3<90%", 10, 9),
            ("2<-25% 9<-3", 2, 2),
            ("2<-25% 9<-3", 8, 6),
            ("2<-25% 9<-3", 12, 9),
            ("5", 3, 5),
        ] {
            let parsed = MinimumShouldMatch::parse(spec).expect(spec);
            assert_eq!(parsed.required(optional), required, "{spec} of {optional}");
        }
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for spec in ["", "x", "3<y", "1<2 z"] {
            assert_eq!(MinimumShouldMatch::parse(spec).expect_err(spec).kind, "number_format_exception");
        }
    }
}
