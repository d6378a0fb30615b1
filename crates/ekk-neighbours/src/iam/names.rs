//! The names, paths and ARNs of IAM, and the words in which it refuses them.

use crate::{
    constraint::{Checks, Pattern, Text},
    error::ApiError,
    query::Call,
};

static ROLE_NAME: Text = Text::length(1, 64);
static POLICY_NAME: Text = Text::length(1, 128);
static PATH: Text = Text::length(1, 512);
static ARN: Text = Text::length(20, 2048);
static NAMES: Pattern = Pattern::rewritten(r"[\w+=,.@-]+", "[0-9A-Za-z_+=,.@-]+");
static PATHS: Pattern = Pattern::rewritten(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", r"/|/[\x21-\x7E]+/");
static PATH_PREFIX: Text = Text::like(1, 512, &PATH_PREFIXES);
static PATH_PREFIXES: Pattern = Pattern::rewritten(r"\u002F[\u0021-\u007F]*", r"/[\x21-\x7F]*");

/// Texts and numbers that any description or document may have.
pub(super) static DOCUMENT: Text = Text::like(1, 131_072, &DOCUMENTS);
static DOCUMENTS: Pattern = Pattern::rewritten(r"[\u0009\u000A\u000D\u0020-\u00FF]+", r"[\x09\x0A\x0D\x20-\x{FF}]+");
pub(super) static ROLE_DESCRIPTION: Text = Text::like(0, 1000, &DESCRIPTIONS);
static DESCRIPTIONS: Pattern =
    Pattern::rewritten(r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*", r"[\x09\x0A\x0D\x20-\x7E\u{A1}-\u{FF}]*");
pub(super) static POLICY_DESCRIPTION: Text = Text::length(0, 1000);
pub(super) static BOUNDARY: Text = Text::length(20, 2048);
pub(super) static VERSION_ID: Text = Text::like(0, usize::MAX, &VERSION_IDS);
static VERSION_IDS: Pattern = Pattern::new(r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?");
pub(super) const SESSION_SECONDS: (i64, i64) = (3_600, 43_200);

/// The role that a request names.
///
/// # Errors
/// `ValidationError`.
pub(super) fn role_name<'a>(call: &Call<'a>, checks: &mut Checks) -> Name<'a> {
    Name { member: "roleName", value: call.parameters.required("RoleName", &ROLE_NAME, checks) }
}

pub(super) fn policy_name<'a>(call: &Call<'a>, checks: &mut Checks) -> Name<'a> {
    Name { member: "policyName", value: call.parameters.required("PolicyName", &POLICY_NAME, checks) }
}

pub(super) fn policy_arn<'a>(call: &Call<'a>, checks: &mut Checks) -> &'a str {
    call.parameters.required("PolicyArn", &ARN, checks)
}

/// A name whose length was checked, and whose characters were not.
pub(super) struct Name<'a> {
    member: &'static str,
    value: &'a str,
}

impl<'a> Name<'a> {
    /// The name.
    ///
    /// # Errors
    /// `ValidationError` when it holds other characters than names may.
    pub(super) fn checked(self) -> Result<&'a str, ApiError> {
        if NAMES.matches(self.value) {
            return Ok(self.value);
        }
        let text = format!(
            "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the following: \
             +=,.@_-",
            self.member
        );
        Err(ApiError::Validation(text.into()))
    }
}

/// The path that a request names, `/` when it names none.
///
/// # Errors
/// `ValidationError` when it is not one.
pub(super) fn path<'a>(call: &Call<'a>, checks: &mut Checks) -> Result<&'a str, ApiError> {
    match call.parameters.optional("Path", &PATH, checks) {
        None => Ok("/"),
        Some(path) if PATHS.matches(path) => Ok(path),
        Some(_) => Err(ApiError::Validation(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
                .into(),
        )),
    }
}

pub(super) fn path_prefix<'a>(call: &Call<'a>, checks: &mut Checks) -> &'a str {
    call.parameters.optional("PathPrefix", &PATH_PREFIX, checks).unwrap_or("/")
}

/// The account, path and name of a customer managed policy's ARN, or `None` for another ARN.
pub(super) fn customer_policy_of(arn: &str) -> Option<(&str, &str)> {
    let (account, rest) = arn.strip_prefix("arn:aws:iam::")?.split_once(':')?;
    let name = rest.strip_prefix("policy/")?.rsplit('/').next()?;
    let is_account = account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit());
    (is_account && NAMES.matches(name)).then_some((account, name))
}

/// The name of a policy that AWS itself offers, such as `arn:aws:iam::aws:policy/ReadOnlyAccess`.
pub(super) fn aws_policy_of(arn: &str) -> Option<&str> {
    let name = arn.strip_prefix("arn:aws:iam::aws:policy/")?.rsplit('/').next()?;
    NAMES.matches(name).then_some(name)
}

pub(super) fn is_name(text: &str) -> bool {
    NAMES.matches(text)
}
