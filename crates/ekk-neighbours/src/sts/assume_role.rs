//! Temporary credentials: `AssumeRole`, `AssumeRoleWithWebIdentity`, `GetSessionToken`.
//!
//! Differs from AWS: any role can be assumed by anybody, be it that it was never created here, because a tool that is
//! configured with a deployment role must work on an empty stack. What a role that is here says of the length of its
//! sessions holds.
//!
//! Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use std::time::Duration;

use ekk_server::aws::signature::Credential;
use jiff::Timestamp;

use super::{
    identity_token::Claims,
    sessions::{Identity, Session},
};
use crate::{
    constraint::{Checks, Pattern, Text},
    error::ApiError,
    iam::{policy_document, role},
    limits,
    query::{Answer, Call, xml::Xml},
};

static ROLE_ARN: Text = Text::like(20, 2048, &PRINTABLE);
static PRINTABLE: Pattern = Pattern::rewritten(
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    r"[\x09\x0A\x0D\x20-\x7E\x85\u{A0}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+",
);
static SESSION_NAME: Text = Text::like(2, 64, &SESSION_NAMES);
static SESSION_NAMES: Pattern = Pattern::rewritten(r"[\w+=,.@-]*", r"[0-9A-Za-z_+=,.@-]*");
static SESSION_POLICY: Text = Text::length(1, 2048);
static IDENTITY_TOKEN: Text = Text::length(4, 20_000);
static EXTERNAL_ID: Text = Text::like(2, 1224, &EXTERNAL_IDS);
static EXTERNAL_IDS: Pattern = Pattern::rewritten(r"[\w+=,.@:\/-]*", r"[0-9A-Za-z_+=,.@:/-]*");

/// Seconds that the credentials of a role may last.
const ROLE_SECONDS: (i64, i64) = (900, 43_200);
/// Seconds that the credentials of `GetSessionToken` may last.
const OWN_SECONDS: (i64, i64) = (900, 129_600);

pub(super) fn answer(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let request = RoleRequest::read(call, &mut checks)?;
    call.parameters.optional("ExternalId", &EXTERNAL_ID, &mut checks);
    checks.end()?;
    let mut xml = Xml::default();
    request.assume(call, &mut xml)?;
    Ok(Some(xml))
}

pub(super) fn answer_with_web_identity(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let request = RoleRequest::read(call, &mut checks)?;
    let token = call.parameters.required("WebIdentityToken", &IDENTITY_TOKEN, &mut checks);
    checks.end()?;
    let claims = Claims::read(token, call.service.clock.now())?;
    let mut xml = Xml::default();
    xml.text("SubjectFromWebIdentityToken", &claims.subject);
    xml.optional("Audience", claims.audience());
    xml.text("Provider", &claims.issuer);
    request.assume(call, &mut xml)?;
    Ok(Some(xml))
}

pub(super) fn answer_session_token(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let seconds = call.parameters.integer("DurationSeconds", OWN_SECONDS, &mut checks)?;
    checks.end()?;
    let session = Session {
        credential: new_credential(call),
        account: call.caller.account.clone(),
        identity: call.caller.identity.clone(),
        expires: expiry(call, seconds, limits::OWN_SESSION),
    };
    let mut xml = Xml::default();
    give(call, session, &mut xml);
    Ok(Some(xml))
}

/// What both ways to assume a role have in common.
struct RoleRequest<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    policy: Option<&'a str>,
    seconds: Option<i64>,
}

impl<'a> RoleRequest<'a> {
    fn read(call: &Call<'a>, checks: &mut Checks) -> Result<Self, ApiError> {
        Ok(Self {
            role_arn: call.parameters.required("RoleArn", &ROLE_ARN, checks),
            session_name: call.parameters.required("RoleSessionName", &SESSION_NAME, checks),
            policy: call.parameters.optional("Policy", &SESSION_POLICY, checks),
            seconds: call.parameters.integer("DurationSeconds", ROLE_SECONDS, checks)?,
        })
    }

    fn assume(&self, call: &Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
        let (account, name) = role::account_and_name_of(self.role_arn)
            .ok_or_else(|| ApiError::Validation(format!("{} is invalid", self.role_arn).into()))?;
        self.policy.map_or(Ok(()), policy_document::check_json)?;
        let role = call.service.roles.get(&role::key(account, name));
        let longest = role.as_ref().map_or(ROLE_SECONDS.1, |role| role.max_session_duration);
        if self.seconds.is_some_and(|seconds| seconds > longest) {
            let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
            return Err(ApiError::Validation(text.into()));
        }
        let role_id = role.map_or_else(|| call.service.ids.unique("AROA"), |role| role.id.clone());
        let identity = Identity {
            arn: format!("arn:aws:sts::{account}:assumed-role/{name}/{}", self.session_name),
            user_id: format!("{role_id}:{}", self.session_name),
        };
        xml.within("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &identity.user_id);
            xml.text("Arn", &identity.arn);
        });
        let session = Session {
            credential: new_credential(call),
            account: account.to_owned(),
            identity: Some(identity),
            expires: expiry(call, self.seconds, limits::ROLE_SESSION),
        };
        give(call, session, xml);
        Ok(())
    }
}

fn expiry(call: &Call<'_>, seconds: Option<i64>, otherwise: Duration) -> Timestamp {
    let lasts = seconds.and_then(|seconds| seconds.try_into().ok()).map_or(otherwise, Duration::from_secs);
    call.service.clock.now().saturating_add(lasts).unwrap_or(Timestamp::MAX)
}

fn new_credential(call: &Call<'_>) -> Credential {
    let ids = &call.service.ids;
    let session_token = Some(ids.secret::<240>());
    Credential { access_key: ids.access_key(), secret: ids.secret::<30>(), session_token }
}

/// Shows the credentials of a session, and remembers it.
fn give(call: &Call<'_>, session: Session, xml: &mut Xml) {
    xml.within("Credentials", |xml| {
        xml.text("AccessKeyId", &session.credential.access_key);
        xml.text("SecretAccessKey", &session.credential.secret);
        xml.optional("SessionToken", session.credential.session_token.as_deref());
        xml.text("Expiration", &session.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    });
    call.service.sessions.add(session);
}
