//! Requests to a destination that the stack was told to let fail.
//!
//! This stands between a worker and its clients, so it is the same for embedded and outside parts. A delay passes on the
//! stack's clock; one that is as long as a request may take ends as a request without an answer does, after the work.

use bytes::Bytes;
use ekk_faults::{Destination, RequestEnd};
use serde_json::{Value, json};

use super::Worker;
use crate::{
    http_endpoint::{Answer, Refusal},
    limits::{ENDPOINT_TIMEOUT, LAMBDA_TIMEOUT, REQUEST_TIMEOUT},
    opensearch_client::{NoReply, OpenSearchClient, Reply},
    processing::lambda::InvokeError,
    s3_client::{Object, S3Error},
};

/// What a rule does to one request.
struct Fault {
    /// The rule's number, for the reason.
    rule: u64,
    end: End,
}

enum End {
    Rule(RequestEnd),
    /// It took longer than a request may.
    TimedOut,
}

impl Worker {
    /// Sends a bulk request of so many documents, unless a rule has it otherwise.
    pub(super) async fn send_bulk(
        &self,
        client: &OpenSearchClient,
        body: Bytes,
        documents: usize,
    ) -> Result<Reply, NoReply> {
        let Some(Fault { rule, end }) = self.fault(Destination::OpenSearch, documents).await else {
            return client.bulk(body).await;
        };
        let no_reply = |timed_out, may_have_arrived, what: &str| {
            Err(NoReply { timed_out, may_have_arrived, reason: format!("{what} (fault {rule})") })
        };
        match end {
            End::Rule(RequestEnd::Status(status)) => Ok(Reply { status, body: error_body(status, rule) }),
            End::Rule(RequestEnd::Items { places, status }) => {
                let refused = Refused { places, status, rule };
                let (rest, items) = refused.take_out(&body);
                let reply = if rest.is_empty() { no_items() } else { client.bulk(rest).await? };
                Ok(refused.put_back(reply, items))
            }
            End::Rule(RequestEnd::Gone) => no_reply(false, false, "no answer from OpenSearch: connection refused"),
            End::Rule(RequestEnd::DropBeforeWork) => {
                no_reply(false, true, "no answer from OpenSearch: connection closed")
            }
            End::Rule(RequestEnd::DropAfterWork) => {
                client.bulk(body).await?;
                no_reply(false, true, "no answer from OpenSearch: connection closed")
            }
            End::TimedOut => {
                client.bulk(body).await?;
                no_reply(true, true, "no answer from OpenSearch: the request took too long")
            }
        }
    }

    /// Writes an object as `write` does, unless a rule has it otherwise; answers the bytes of its body.
    pub(super) async fn send_object(
        &self,
        object: &Object,
        write: impl Future<Output = Result<u64, S3Error>>,
    ) -> Result<u64, S3Error> {
        let Some(Fault { rule, end }) = self.fault(Destination::S3, 1).await else { return write.await };
        let what = match end {
            End::Rule(RequestEnd::Status(status)) => {
                let (code, message) = match status {
                    403 => ("AccessDenied", "Access Denied"),
                    503 => ("SlowDown", "Please reduce your request rate."),
                    _ => ("InternalError", "We encountered an internal error. Please try again."),
                };
                let reason =
                    format!("S3 answers {status} {code} for bucket {}: {message} (fault {rule})", object.bucket);
                return Err(S3Error::new(if status == 403 { "S3.AccessDenied" } else { "InternalError" }, reason));
            }
            End::Rule(RequestEnd::Gone) => "connection refused",
            End::Rule(RequestEnd::DropBeforeWork | RequestEnd::Items { .. }) => "connection closed",
            End::Rule(RequestEnd::DropAfterWork) => {
                write.await?;
                "connection closed"
            }
            End::TimedOut => {
                write.await?;
                "the request took too long"
            }
        };
        Err(S3Error::new("InternalError", format!("no answer from S3: {what} (fault {rule})")))
    }

    /// Sends a request to an HTTP endpoint as `send` does, unless a rule has it otherwise.
    pub(super) async fn send_to_endpoint(
        &self,
        send: impl Future<Output = Result<Answer, Refusal>>,
    ) -> Result<Answer, Refusal> {
        let Some(Fault { rule, end }) = self.fault(Destination::HttpEndpoint, 1).await else { return send.await };
        let refused = |code, what: &str| Err(Refusal::new(code, format!("{what} (fault {rule})")));
        match end {
            End::Rule(RequestEnd::Status(status)) => {
                Ok(Answer { status, body: format!("fault {rule}").into(), ..Answer::default() })
            }
            End::Rule(RequestEnd::Gone) => refused("HttpEndpoint.ConnectionFailed", "connection refused"),
            End::Rule(RequestEnd::DropBeforeWork | RequestEnd::Items { .. }) => {
                refused("HttpEndpoint.ConnectionReset", "connection closed")
            }
            End::Rule(RequestEnd::DropAfterWork) => {
                send.await?;
                refused("HttpEndpoint.ConnectionReset", "connection closed")
            }
            End::TimedOut => {
                send.await?;
                refused("HttpEndpoint.RequestTimeout", "the request took too long")
            }
        }
    }

    /// Invokes a function as `invoke` does, unless a rule has it otherwise.
    pub(super) async fn invoke_function(
        &self,
        invoke: impl Future<Output = Result<Bytes, InvokeError>>,
    ) -> Result<Bytes, InvokeError> {
        let Some(Fault { rule, end }) = self.fault(Destination::Lambda, 1).await else { return invoke.await };
        let unreachable = |what: &str| Err(InvokeError::Unreachable(format!("{what} (fault {rule})")));
        match end {
            End::Rule(RequestEnd::Status(200)) => Err(InvokeError::Function),
            End::Rule(RequestEnd::Status(status)) => Err(InvokeError::of_status(status, || format!("fault {rule}"))),
            End::Rule(RequestEnd::Gone) => unreachable("connection refused"),
            End::Rule(RequestEnd::DropBeforeWork | RequestEnd::Items { .. }) => unreachable("connection closed"),
            End::Rule(RequestEnd::DropAfterWork) => {
                invoke.await?;
                unreachable("connection closed")
            }
            End::TimedOut => {
                invoke.await?;
                Err(InvokeError::TimedOut)
            }
        }
    }

    /// Asks the rules, and waits as long as they say.
    async fn fault(&self, destination: Destination, items: usize) -> Option<Fault> {
        let faults = &self.clients.faults;
        if faults.is_empty() {
            return None;
        }
        let stream = self.shared.spec().id.clone();
        let fault = faults.request(destination, &stream, items);
        let timeout = match destination {
            Destination::OpenSearch | Destination::S3 => REQUEST_TIMEOUT,
            Destination::Lambda => LAMBDA_TIMEOUT,
            Destination::HttpEndpoint => ENDPOINT_TIMEOUT,
        };
        if !fault.delay.is_zero() {
            let clock = &self.shared.clock;
            let due = clock.now().saturating_add(fault.delay.min(timeout)).unwrap_or(jiff::Timestamp::MAX);
            self.activity.rest(Some(due), clock.sleep_until(due)).await;
        }
        let late = (fault.delay >= timeout).then_some(End::TimedOut);
        fault.end.map(End::Rule).or(late).map(|end| Fault { rule: fault.rule, end })
    }
}

/// Documents that are refused although the cluster never sees them.
struct Refused {
    /// Where they stand in the request, in ascending order.
    places: Vec<usize>,
    status: u16,
    rule: u64,
}

impl Refused {
    /// The request without them, and their items in the answer.
    fn take_out(&self, body: &[u8]) -> (Bytes, Vec<Value>) {
        let (mut rest, mut items) = (Vec::with_capacity(body.len()), Vec::new());
        let mut lines = body.split_inclusive(|byte| *byte == b'\n');
        let mut place = 0;
        while let (Some(action), Some(document)) = (lines.next(), lines.next()) {
            if self.places.binary_search(&place).is_ok() {
                items.push(self.item(action));
            } else {
                rest.extend_from_slice(action);
                rest.extend_from_slice(document);
            }
            place += 1;
        }
        (rest.into(), items)
    }

    fn item(&self, action: &[u8]) -> Value {
        let action: Value = serde_json::from_slice(action).unwrap_or_default();
        let member = |name: &str| action.pointer(&format!("/index/{name}")).cloned().unwrap_or_default();
        let error = error(self.status, self.rule);
        json!({ "index": {
            "_index": member("_index"), "_id": member("_id"), "status": self.status, "error": error,
        } })
    }

    /// The answer as if the request had been whole.
    fn put_back(&self, reply: Reply, items: Vec<Value>) -> Reply {
        let mut answer: Value = match serde_json::from_slice(&reply.body) {
            Ok(answer) if (200..300).contains(&reply.status) => answer,
            _ => return reply,
        };
        let Some(found) = answer.get_mut("items").and_then(Value::as_array_mut) else { return reply };
        for (place, item) in self.places.iter().zip(items) {
            found.insert((*place).min(found.len()), item);
        }
        if let Some(errors) = answer.get_mut("errors") {
            *errors = Value::Bool(true);
        }
        Reply { status: reply.status, body: answer.to_string().into() }
    }
}

/// The answer to a request without documents.
fn no_items() -> Reply {
    Reply { status: 200, body: Bytes::from_static(br#"{"took":0,"errors":true,"items":[]}"#) }
}

/// An error as OpenSearch writes it for this status.
fn error(status: u16, rule: u64) -> Value {
    let (kind, reason) = match status {
        400 => ("mapper_parsing_exception", "failed to parse"),
        403 => ("cluster_block_exception", "index blocked by: [FORBIDDEN/8/index write (api)];"),
        429 => ("rejected_execution_exception", "rejected execution of coordinating operation"),
        503 => ("unavailable_shards_exception", "primary shard is not active"),
        _ => ("exception", "the request failed"),
    };
    json!({ "type": kind, "reason": format!("{reason} (fault {rule})") })
}

fn error_body(status: u16, rule: u64) -> Bytes {
    let error = error(status, rule);
    json!({ "error": { "root_cause": [error], "type": error["type"], "reason": error["reason"] }, "status": status })
        .to_string()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_documents_are_taken_out_of_the_request_and_put_back_into_the_answer() {
        let line = |id| format!("{{\"index\":{{\"_index\":\"log\",\"_id\":\"{id}\"}}}}\n{{\"n\":{id}}}\n");
        let body = [line(0), line(1), line(2), line(3)].concat();
        let refused = Refused { places: vec![0, 2], status: 429, rule: 5 };
        let (rest, items) = refused.take_out(body.as_bytes());
        assert_eq!(rest, [line(1), line(3)].concat());
        let taken = |id: &str| json!({ "index": { "_index": "log", "_id": id, "status": 201 } });
        let answer = json!({ "took": 1, "errors": false, "items": [taken("1"), taken("3")] });
        let reply = refused.put_back(Reply { status: 200, body: answer.to_string().into() }, items);
        let answer: Value = serde_json::from_slice(&reply.body).unwrap();
        let seen: Vec<_> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (item["index"]["_id"].as_str().unwrap(), item["index"]["status"].as_u64().unwrap()))
            .collect();
        assert_eq!(seen, [("0", 429), ("1", 201), ("2", 429), ("3", 201)]);
        assert_eq!(answer["errors"], true);
        let error = json!({
            "type": "rejected_execution_exception",
            "reason": "rejected execution of coordinating operation (fault 5)",
        });
        assert_eq!(answer["items"][0]["index"]["error"], error);
    }

    #[test]
    fn an_answer_that_is_an_error_stays_as_it_is() {
        let refused = Refused { places: vec![0], status: 429, rule: 1 };
        let reply = refused.put_back(Reply { status: 503, body: Bytes::from_static(b"busy") }, vec![json!({})]);
        assert_eq!((reply.status, &*reply.body), (503, &b"busy"[..]));
    }
}
