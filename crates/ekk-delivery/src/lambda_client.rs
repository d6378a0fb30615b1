//! Invoking functions: over HTTP by Lambda's Invoke API, or as a program on this machine.
//!
//! Requests are not signed: what is on this machine or beside it does not ask for it.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Response, header::CONTENT_TYPE};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
};
use url::Url;

use crate::{
    Error, LambdaTarget,
    address::{Address, chain},
    limits::{ERROR_BODY_BYTES, LAMBDA_PAYLOAD_BYTES},
    processing::lambda::InvokeError,
};

/// Where all functions are.
#[derive(Clone, Debug)]
pub(crate) struct LambdaClient {
    client: Client,
    targets: BTreeMap<String, LambdaTarget>,
    timeout: Duration,
}

impl LambdaClient {
    /// # Errors
    /// [`Error::Address`] for a URL that is not plain HTTP.
    pub(crate) fn new(targets: BTreeMap<String, LambdaTarget>, timeout: Duration) -> Result<Self, Error> {
        for target in targets.values() {
            if let LambdaTarget::Http(url) = target {
                Address::parse(url)?;
            }
        }
        let client = Client::builder().timeout(timeout).no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| Error::Unsupported(format!("an HTTP client ({})", chain(&error))))?;
        Ok(Self { client, targets, timeout })
    }

    /// Where a function is.
    pub(crate) fn find(&self, arn: &str) -> Option<&LambdaTarget> {
        let unqualified: Vec<&str> = arn.split(':').take(7).collect();
        let name = unqualified.last().copied().unwrap_or(arn);
        [arn, &unqualified.join(":"), name, "*"].into_iter().find_map(|key| self.targets.get(key))
    }

    /// Invokes the function once, and answers its response.
    pub(crate) async fn invoke(&self, arn: &str, event: Bytes) -> Result<Bytes, InvokeError> {
        match self.find(arn) {
            None => Err(InvokeError::NotFound),
            Some(LambdaTarget::Http(url)) => self.invoke_over_http(url, arn, event).await,
            Some(LambdaTarget::Command { program, args }) => {
                let mut command = Command::new(program);
                command.args(args).env("AWS_LAMBDA_FUNCTION_NAME", arn);
                tokio::time::timeout(self.timeout, run(command, event)).await.unwrap_or(Err(InvokeError::TimedOut))
            }
        }
    }

    async fn invoke_over_http(&self, url: &Url, arn: &str, event: Bytes) -> Result<Bytes, InvokeError> {
        let request = self
            .client
            .post(invocations(url, arn))
            .header(CONTENT_TYPE, "application/json")
            .header("x-amz-invocation-type", "RequestResponse")
            .body(event);
        let response = request.send().await.map_err(|error| no_answer(&error))?;
        let status = response.status().as_u16();
        let failed = response.headers().contains_key("x-amz-function-error");
        let body = read(response).await?;
        match status {
            // A function that is over its time is a function error of this text.
            200 if failed && contains(&body, b"Task timed out after") => Err(InvokeError::TimedOut),
            200 if failed => Err(InvokeError::Function),
            200 => Ok(body),
            other => Err(InvokeError::of_status(other, || {
                let text = body.get(..body.len().min(ERROR_BODY_BYTES)).unwrap_or_default();
                String::from_utf8_lossy(text).into_owned()
            })),
        }
    }
}

/// The address of a function; one that ends as such is taken as it is.
fn invocations(url: &Url, arn: &str) -> Url {
    let mut url = url.clone();
    if !url.path().ends_with("/invocations") {
        let base = url.path().trim_end_matches('/').to_owned();
        let function: String = url::form_urlencoded::byte_serialize(arn.as_bytes()).collect();
        url.set_path(&format!("{base}/2015-03-31/functions/{function}/invocations"));
    }
    url
}

fn no_answer(error: &reqwest::Error) -> InvokeError {
    if error.is_timeout() { InvokeError::TimedOut } else { InvokeError::Unreachable(chain(error)) }
}

/// Reads a body within the bound of responses, which Lambda itself refuses to go over.
async fn read(mut response: Response) -> Result<Bytes, InvokeError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LAMBDA_PAYLOAD_BYTES {
            return Err(InvokeError::Function);
        }
    }
    Ok(body.freeze())
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    memchr::memmem::find(body, text).is_some()
}

/// Runs a program with the event on its standard input; it is killed when the caller gives up.
async fn run(mut command: Command, event: Bytes) -> Result<Bytes, InvokeError> {
    let unreachable = |error: io::Error| InvokeError::Unreachable(error.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(unreachable)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async move {
        if let Some(mut stdin) = stdin {
            // A program that has read enough may close its input early.
            let _written = stdin.write_all(&event).await;
        }
    };
    let ((), out, err) =
        tokio::join!(write, read_all(stdout, LAMBDA_PAYLOAD_BYTES + 1), read_all(stderr, ERROR_BODY_BYTES));
    let status = child.wait().await.map_err(unreachable)?;
    let out = out.map_err(unreachable)?;
    if status.success() && out.len() <= LAMBDA_PAYLOAD_BYTES {
        return Ok(out.into());
    }
    let stderr = String::from_utf8_lossy(&err.unwrap_or_default()).into_owned();
    tracing::warn!(%status, stderr, "the command of a function has failed");
    Err(InvokeError::Function)
}

/// Reads up to `most` bytes, and lets the rest go by.
async fn read_all(pipe: Option<impl AsyncRead + Unpin>, most: usize) -> io::Result<Vec<u8>> {
    let Some(mut pipe) = pipe else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    (&mut pipe).take(most as u64).read_to_end(&mut out).await?;
    io::copy(&mut pipe, &mut io::sink()).await?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_arn_name_or_the_rest() {
        let url = |port: u16| LambdaTarget::Http(format!("http://127.0.0.1:{port}").parse().unwrap());
        let targets = BTreeMap::from([
            ("arn:aws:lambda:us-east-1:1:function:a:live".to_owned(), url(1)),
            ("arn:aws:lambda:us-east-1:1:function:a".to_owned(), url(2)),
            ("b".to_owned(), url(3)),
            ("*".to_owned(), url(4)),
        ]);
        let client = LambdaClient::new(targets, Duration::from_secs(1)).unwrap();
        for (arn, expected) in [
            ("arn:aws:lambda:us-east-1:1:function:a:live", 1),
            ("arn:aws:lambda:us-east-1:1:function:a:2", 2),
            ("arn:aws:lambda:us-east-1:1:function:a", 2),
            ("arn:aws:lambda:us-east-1:1:function:b:$LATEST", 3),
            ("arn:aws:lambda:us-east-1:1:function:c", 4),
        ] {
            assert_eq!(client.find(arn), Some(&url(expected)), "{arn}");
        }
        let none = LambdaClient::new(BTreeMap::new(), Duration::from_secs(1)).unwrap();
        assert_eq!(none.find("arn:aws:lambda:us-east-1:1:function:a"), None);
    }

    #[test]
    fn an_address_gets_the_path_of_the_invoke_api_unless_it_has_it() {
        let arn = "arn:aws:lambda:us-east-1:1:function:a";
        for (given, expected) in [
            (
                "http://localhost:9001",
                "http://localhost:9001/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Aa/invocations",
            ),
            (
                "http://localhost/stage/",
                "http://localhost/stage/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Aa/invocations",
            ),
            (
                "http://localhost:9001/2015-03-31/functions/function/invocations",
                "http://localhost:9001/2015-03-31/functions/function/invocations",
            ),
        ] {
            assert_eq!(invocations(&given.parse().unwrap(), arn).as_str(), expected);
        }
    }

    #[tokio::test]
    async fn a_command_reads_the_event_and_writes_the_response() {
        let shell = |script: &str| {
            let args = vec!["-c".to_owned(), script.to_owned()];
            LambdaTarget::Command { program: "/bin/sh".into(), args }
        };
        let targets = BTreeMap::from([
            ("echo".to_owned(), shell("cat")),
            ("fails".to_owned(), shell("cat > /dev/null; echo no >&2; exit 3")),
            ("deaf".to_owned(), shell("exec 0<&-; echo '{}'")),
            ("large".to_owned(), shell("head -c 7000000 /dev/zero")),
            ("hangs".to_owned(), shell("cat > /dev/null; exec sleep 1000")),
        ]);
        let client = LambdaClient::new(targets, Duration::from_millis(1500)).unwrap();
        let event = Bytes::from(vec![b'x'; 1 << 20]);
        assert_eq!(client.invoke("echo", event.clone()).await.unwrap(), event);
        assert_eq!(client.invoke("fails", event.clone()).await, Err(InvokeError::Function));
        assert_eq!(client.invoke("deaf", event.clone()).await.unwrap(), "{}\n");
        assert_eq!(client.invoke("large", event.clone()).await, Err(InvokeError::Function));
        assert_eq!(client.invoke("hangs", event.clone()).await, Err(InvokeError::TimedOut));
        assert_eq!(client.invoke("other", event).await, Err(InvokeError::NotFound));
    }
}
