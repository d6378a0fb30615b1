//! The members of a request in the Query protocol, read from its form.

use std::collections::BTreeMap;

use crate::{
    constraint::{Checks, Text, java_name},
    error::ApiError,
};

/// The members by their flat names, such as `RoleName` or `Tags.member.1.Key`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    members: BTreeMap<String, String>,
}

impl Parameters {
    /// Reads the query of the URL and the form in the body; of two members with one name the first counts.
    pub(crate) fn parse(query: &str, body: &[u8]) -> Self {
        let mut members = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).chain(url::form_urlencoded::parse(body)) {
            members.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Self { members }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.members.get(name).map(String::as_str)
    }

    /// A text that must be there and satisfy `text`; an empty one stands in when a violation was found.
    pub(crate) fn required<'a>(&'a self, name: &str, text: &Text, checks: &mut Checks) -> &'a str {
        let path = java_name(name);
        let Some(value) = self.get(name) else {
            checks.missing(&path);
            return "";
        };
        checks.text(&path, value, text);
        value
    }

    /// A text that must satisfy `text` if it is there.
    pub(crate) fn optional<'a>(&'a self, name: &str, text: &Text, checks: &mut Checks) -> Option<&'a str> {
        let value = self.get(name)?;
        checks.text(&java_name(name), value, text);
        Some(value)
    }

    /// A number that must be within the bounds if it is there.
    ///
    /// # Errors
    /// `MalformedInput` for what is no number.
    pub(crate) fn integer(&self, name: &str, bounds: (i64, i64), checks: &mut Checks) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let malformed = || ApiError::Malformed(format!("{name} is not an integer"));
        let number = value.parse().map_err(|_| malformed())?;
        checks.integer(&java_name(name), number, bounds);
        Ok(Some(number))
    }

    /// # Errors
    /// `MalformedInput` for what is neither `true` nor `false`.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::Malformed(format!("{name} is neither true nor false"))),
        }
    }

    /// The texts of a list, `<name>.member.1` and so on up to the first that is missing.
    pub(crate) fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let name = name.to_owned();
        (1..).map_while(move |number| self.get(&format!("{name}.member.{number}")))
    }

    /// How many structures the list has, by the member that one of them must have at least.
    pub(crate) fn count(&self, name: &str, member_names: &[&str]) -> usize {
        let is_there = |number: &usize| {
            member_names.iter().any(|member| self.members.contains_key(&format!("{name}.member.{number}.{member}")))
        };
        (1..=self.members.len()).take_while(is_there).count()
    }
}
