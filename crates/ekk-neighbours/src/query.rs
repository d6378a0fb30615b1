//! The Query protocol, which IAM and STS speak: forms in, XML out.
//!
//! Source: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

pub(crate) mod parameters;
pub(crate) mod xml;

use axum::{body::Body, response::Response};
use ekk_server::aws::{CredentialScope, RequestId, signature::SignatureError};
use http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE, request::Parts};

use self::{parameters::Parameters, xml::Xml};
use crate::{
    Service,
    caller::Caller,
    error::{ApiError, Protocol},
    front_door::{self, Incoming},
    iam, sts,
};

/// A request of one of these services.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) service: &'a Service,
    pub(crate) caller: &'a Caller,
    pub(crate) parameters: &'a Parameters,
}

/// What an action answers: the content of its `…Result`, or nothing but that it was done.
pub(crate) type Answer = Result<Option<Xml>, ApiError>;

/// The services that speak the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Api {
    Iam,
    Sts,
}

impl Api {
    fn signing_name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Sts => "sts",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Self::Iam => "2010-05-08",
            Self::Sts => "2011-06-15",
        }
    }

    fn namespace(self) -> String {
        format!("https://{}.amazonaws.com/doc/{}/", self.signing_name(), self.version())
    }

    /// The service of a request: by its signature, or else by the version of the API that its form names.
    fn of(parts: &Parts, parameters: &Parameters) -> Self {
        let scope = CredentialScope::of(&parts.headers, &parts.uri);
        match scope.as_ref().map(|scope| scope.service.as_str()) {
            Some("iam") => Self::Iam,
            Some("sts") => Self::Sts,
            _ if parameters.get("Version") == Some(Self::Iam.version()) => Self::Iam,
            _ => Self::Sts,
        }
    }
}

/// Answers a request, or the error that reading it was.
pub(crate) fn serve(incoming: &Incoming<'_>, error: Option<ApiError>, request_id: RequestId) -> Response {
    let parameters = Parameters::parse(incoming.parts.uri.query().unwrap_or_default(), incoming.body);
    let api = Api::of(incoming.parts, &parameters);
    match error.map_or(Ok(()), Err).and_then(|()| answer(incoming, api, &parameters)) {
        Ok((action, result)) => respond(StatusCode::OK, &success(api, action, result, request_id)),
        Err(error) => {
            front_door::log_fault(&error);
            respond(error.status_and_code(Protocol::Query).0, &failure(api, &error, request_id))
        }
    }
}

fn answer<'a>(
    incoming: &Incoming<'_>,
    api: Api,
    parameters: &'a Parameters,
) -> Result<(&'a str, Option<Xml>), ApiError> {
    let action = parameters.get("Action");
    let caller = match Caller::of(incoming, api.signing_name()) {
        Err(ApiError::Signature(SignatureError::Missing)) if api == Api::Sts && sts::needs_no_signature(action) => {
            Caller::anonymous(incoming.service)
        }
        caller => caller?,
    };
    let action = action.filter(|action| !action.is_empty()).ok_or(ApiError::MissingAction)?;
    let version = parameters.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
    let is_name = action.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if version != api.version() || !is_name || !matches!(incoming.parts.method, Method::GET | Method::POST) {
        let text = format!("Could not find operation {} for version {}", shortened(action), shortened(version));
        return Err(ApiError::InvalidAction(text));
    }
    let call = Call { service: incoming.service, caller: &caller, parameters };
    let result = match api {
        Api::Iam => iam::answer(&call, action)?,
        Api::Sts => sts::answer(&call, action)?,
    };
    Ok((action, result))
}

/// An action of AWS's that is not built here.
pub(crate) fn not_built(service: &str, action: &str) -> ApiError {
    ApiError::InvalidAction(format!("ekk does not answer the {service} action {}", shortened(action)))
}

fn shortened(text: &str) -> String {
    text.chars().take(128).collect()
}

fn success(api: Api, action: &str, result: Option<Xml>, request_id: RequestId) -> String {
    let mut xml = Xml::default();
    xml.root(&format!("{action}Response"), &api.namespace(), |xml| {
        if let Some(result) = result {
            xml.within(&format!("{action}Result"), |xml| xml.append(&result));
        }
        xml.within("ResponseMetadata", |xml| xml.text("RequestId", &request_id.to_string()));
    });
    xml.into_string()
}

fn failure(api: Api, error: &ApiError, request_id: RequestId) -> String {
    let (status, code) = error.status_and_code(Protocol::Query);
    let mut xml = Xml::default();
    xml.root("ErrorResponse", &api.namespace(), |xml| {
        xml.within("Error", |xml| {
            xml.text("Type", if status.is_server_error() { "Receiver" } else { "Sender" });
            xml.text("Code", code);
            xml.text("Message", &error.message(Protocol::Query));
        });
        xml.text("RequestId", &request_id.to_string());
    });
    xml.into_string()
}

fn respond(status: StatusCode, body: &str) -> Response {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
