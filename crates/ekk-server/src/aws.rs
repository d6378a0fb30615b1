//! What AWS services share on the wire: request ids, the JSON error body, and signatures with their scopes.

mod credential_scope;
mod json_error;
mod request_id;
pub mod signature;

pub use self::{
    credential_scope::CredentialScope,
    json_error::{JsonError, MessageKey},
    request_id::{RequestId, extended_request_id},
};

/// The content type of the AWS JSON 1.1 protocol, on requests, answers and errors.
pub const JSON_1_1: &str = "application/x-amz-json-1.1";
