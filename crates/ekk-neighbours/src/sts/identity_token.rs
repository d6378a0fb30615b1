//! Reads the claims of a web identity's token. Its signature is not checked: there is nobody to ask for the key.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;

/// What a token says of who holds it.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    #[serde(rename = "iss")]
    pub(super) issuer: String,
    #[serde(rename = "sub")]
    pub(super) subject: String,
    #[serde(rename = "aud", default)]
    audience: Value,
    #[serde(rename = "exp", default)]
    expires: Option<f64>,
}

impl Claims {
    /// Reads the claims of a JSON Web Token.
    ///
    /// # Errors
    /// `InvalidIdentityToken` for what is none, `ExpiredTokenException` for one that expired by `now`.
    pub(super) fn read(token: &str, now: Timestamp) -> Result<Self, ApiError> {
        let not_a_token =
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
        let mut parts = token.split('.');
        let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(ApiError::InvalidIdentityToken(not_a_token));
        };
        let claims: Option<Self> = base64_simd::URL_SAFE_NO_PAD
            .decode_to_vec(claims.trim_end_matches('='))
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        let claims = claims.ok_or(ApiError::InvalidIdentityToken(not_a_token))?;
        #[expect(clippy::cast_possible_truncation, reason = "a number that is too large becomes the largest")]
        match claims.expires.map(|expires| expires as i64) {
            Some(expires) if expires <= now.as_second() => Err(ApiError::ExpiredIdentityToken(format!(
                "Token expired: current date/time {} must be before the expiration date/time{expires}",
                now.as_second()
            ))),
            _ => Ok(claims),
        }
    }

    /// The client that the token is for: the first when there are several.
    pub(super) fn audience(&self) -> Option<&str> {
        self.audience.as_str().or_else(|| self.audience.get(0).and_then(Value::as_str))
    }
}
