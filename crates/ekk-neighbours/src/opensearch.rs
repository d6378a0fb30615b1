//! The configuration API of `OpenSearch` Service, in the dialect of that name and in the older one of Elasticsearch.
//!
//! A domain is there and active as soon as it is created, and all domains are the stack's one `OpenSearch`.
//!
//! Sources: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_Operations.html>,
//! <https://docs.aws.amazon.com/elasticsearch-service/latest/developerguide/es-configuration-api.html>

pub(crate) mod arn;
mod create;
mod defaults;
mod delete;
mod describe;
mod dialect;
pub(crate) mod domain;
mod instance_type;
mod policy;
mod route;
mod rules;
mod shape;
mod shapes;
mod status;
mod tags;
mod update;
mod upgrade;
mod versions;

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};

use self::{
    dialect::Dialect,
    route::{Operation, Route},
    shape::Shape,
};
use crate::{
    Service,
    caller::Caller,
    error::{ApiError, Protocol},
    front_door::{self, Incoming},
};

/// A request to this service.
#[derive(Debug)]
struct Call<'a> {
    service: &'a Service,
    caller: &'a Caller,
    dialect: Dialect,
    /// The domain in the path, as it stands there.
    domain: Option<&'a str>,
    query: &'a str,
    body: &'a [u8],
}

impl Call<'_> {
    /// The body, with values of the right types within their constraints.
    ///
    /// # Errors
    /// `SerializationException`, `ValidationException`.
    fn read(&self, shape: &Shape) -> Result<Map<String, Value>, ApiError> {
        shape::read(shape, self.body)
    }

    /// A parameter in the query.
    fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find_map(|(found, value)| (found == name).then(|| value.into_owned()))
    }

    /// What domains of this caller are kept under.
    fn owner(&self) -> String {
        format!("{}.{}", self.caller.account, self.caller.region)
    }
}

/// Answers a request, or the error that reading it was.
pub(crate) fn serve(incoming: &Incoming<'_>, error: Option<ApiError>) -> Response {
    let answer = error.map_or(Ok(()), Err).and_then(|()| {
        let caller = Caller::of(incoming, "es")?;
        let uri = &incoming.parts.uri;
        let route = Route::of(&incoming.parts.method, uri.path())?;
        let call = Call {
            service: incoming.service,
            caller: &caller,
            dialect: route.dialect,
            domain: route.domain.as_deref(),
            query: uri.query().unwrap_or_default(),
            body: incoming.body,
        };
        answer(&call, route.operation)
    });
    match answer {
        Ok(Value::Null) => respond(StatusCode::OK, String::new()),
        Ok(body) => respond(StatusCode::OK, body.to_string()),
        Err(error) => refuse(&error),
    }
}

fn answer(call: &Call<'_>, operation: Operation) -> Result<Value, ApiError> {
    match operation {
        Operation::CreateDomain => create::answer(call),
        Operation::DescribeDomain => describe::one(call),
        Operation::DescribeDomains => describe::some(call),
        Operation::DescribeDomainConfig => describe::config(call),
        Operation::DescribeDomainChangeProgress => describe::change_progress(call),
        Operation::UpdateDomainConfig => update::answer(call),
        Operation::DeleteDomain => delete::answer(call),
        Operation::ListDomainNames => describe::names(call),
        Operation::AddTags => tags::add(call),
        Operation::ListTags => tags::list(call),
        Operation::RemoveTags => tags::remove(call),
        Operation::ListVersions => versions::list(call),
        Operation::GetCompatibleVersions => versions::compatible(call),
        Operation::UpgradeDomain => upgrade::answer(call),
        Operation::GetUpgradeStatus => upgrade::status(call),
    }
}

fn refuse(error: &ApiError) -> Response {
    front_door::log_fault(error);
    let (status, code) = error.status_and_code(Protocol::RestJson);
    let mut response = respond(status, json!({"message": error.message(Protocol::RestJson)}).to_string());
    response.headers_mut().insert(HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(code));
    response
}

fn respond(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
