//! The same tests on parts outside of the stack, unchanged: the environment names a real OpenSearch or a real S3.
//!
//! A stack of a test begins with nothing in it, so **everything in the parts is deleted** when it starts, and tests that share
//! them cannot run side by side. A part that the test itself names is left as it is.

use std::env;

use bytes::Bytes;
use http::Method;
use reqwest::Client;
use url::Url;

use super::objects::elements;
use crate::{Config, StartError, s3_api::S3Api};

/// The address of an OpenSearch for tests.
const OPENSEARCH: &str = "EKK_TEST_OPENSEARCH";
/// The address of an S3 for tests, its keys in it.
const S3: &str = "EKK_TEST_S3";

/// Puts the parts that the environment names into `config`, emptied.
pub(super) async fn choose(config: &mut Config, client: &Client) -> Result<(), StartError> {
    if config.opensearch.is_none()
        && let Some(url) = named(OPENSEARCH)?
    {
        empty_opensearch(client, &url).await.map_err(|reason| failure(OPENSEARCH, reason))?;
        config.opensearch = Some(url);
    }
    if config.s3.is_none()
        && let Some(url) = named(S3)?
    {
        let credential = crate::Credential::new("test", "test");
        let api = S3Api::new(client.clone(), &url, credential, &config.region);
        empty_s3(&api).await.map_err(|reason| failure(S3, reason))?;
        config.s3 = Some(url);
    }
    Ok(())
}

fn failure(variable: &'static str, reason: String) -> StartError {
    StartError::TestPart { variable, reason }
}

fn named(variable: &'static str) -> Result<Option<Url>, StartError> {
    let Some(value) = env::var_os(variable).filter(|value| !value.is_empty()) else { return Ok(None) };
    let value = value.to_string_lossy();
    Url::parse(&value).map(Some).map_err(|error| failure(variable, format!("{value:?} is no address: {error}")))
}

async fn empty_opensearch(client: &Client, url: &Url) -> Result<(), String> {
    for path in ["*?expand_wildcards=all", "_index_template/*", "_component_template/*", "_template/*"] {
        let url = url.join(path).map_err(|error| error.to_string())?;
        let answer = client.delete(url.clone()).send().await.map_err(|error| format!("no answer: {error}"))?;
        let status = answer.status().as_u16();
        if !matches!(status, 200 | 404) {
            return Err(format!("DELETE {} answers {status}", url.path()));
        }
    }
    Ok(())
}

async fn empty_s3(api: &S3Api) -> Result<(), String> {
    for bucket in elements(&ask(api, Method::GET, "/", &[]).await?, "Name") {
        let bucket = format!("/{bucket}");
        loop {
            let page = ask(api, Method::GET, &bucket, &[("list-type", "2")]).await?;
            let keys = elements(&page, "Key");
            if keys.is_empty() {
                break;
            }
            for key in keys {
                ask(api, Method::DELETE, &format!("{bucket}/{key}"), &[]).await?;
            }
        }
        ask(api, Method::DELETE, &bucket, &[]).await?;
    }
    Ok(())
}

async fn ask(api: &S3Api, method: Method, path: &str, query: &[(&str, &str)]) -> Result<String, String> {
    let asked = format!("{method} {path}");
    let no_answer = |error: reqwest::Error| format!("{asked} has no answer: {error}");
    let answer = api.call(method, path, query, Bytes::new()).await.map_err(no_answer)?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("{asked} answers {status}"));
    }
    answer.text().await.map_err(no_answer)
}
