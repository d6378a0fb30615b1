//! STS: who calls, and temporary credentials for who assumes a role.
//!
//! Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

mod assume_role;
mod identity_token;
pub(crate) mod sessions;

use crate::{
    constraint::{Checks, Pattern, Text},
    query::{self, Answer, Call, xml::Xml},
};

/// Carries out an action.
pub(crate) fn answer(call: &Call<'_>, action: &str) -> Answer {
    match action {
        "GetCallerIdentity" => Ok(Some(caller_identity(call))),
        "GetAccessKeyInfo" => access_key_info(call),
        "AssumeRole" => assume_role::answer(call),
        "AssumeRoleWithWebIdentity" => assume_role::answer_with_web_identity(call),
        "GetSessionToken" => assume_role::answer_session_token(call),
        other => Err(query::not_built("STS", other)),
    }
}

/// Whether an action is called by who has no credentials yet.
pub(crate) fn needs_no_signature(action: Option<&str>) -> bool {
    action == Some("AssumeRoleWithWebIdentity")
}

fn caller_identity(call: &Call<'_>) -> Xml {
    let mut xml = Xml::default();
    xml.text("Arn", &call.caller.arn());
    xml.text("UserId", call.caller.user_id());
    xml.text("Account", &call.caller.account);
    xml
}

/// The account of an access key: of one that was given out here its own, of any other the caller's.
///
/// Differs from AWS: it reads the account out of the key, and refuses keys that hold none.
fn access_key_info(call: &Call<'_>) -> Answer {
    static ACCESS_KEY_ID: Text = Text::like(16, 128, &WORDS);
    static WORDS: Pattern = Pattern::new(r"[\w]*");
    let mut checks = Checks::default();
    let key = call.parameters.required("AccessKeyId", &ACCESS_KEY_ID, &mut checks);
    checks.end()?;
    let session = call.service.sessions.find(key);
    let mut xml = Xml::default();
    xml.text("Account", session.as_ref().map_or(&call.caller.account, |session| &session.account));
    Ok(Some(xml))
}
