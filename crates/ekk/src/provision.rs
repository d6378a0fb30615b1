//! Puts the fixtures into the parts over their public APIs, as a user's own script would, and asks the parts how they
//! are.

use std::time::Duration;

use ekk_dashboards::Dashboards;
use ekk_firehose::Firehose;
use ekk_s3::S3;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use url::Url;

use crate::{Fixture, FixtureError, Fixtures, s3_api::S3Api};

/// How long a part may take to answer a probe.
const PROBE_PATIENCE: Duration = Duration::from_secs(5);

/// Speaks to the parts of one stack.
#[derive(Clone, Debug)]
pub(crate) struct Provisioner {
    client: Client,
    opensearch: Url,
}

impl Provisioner {
    pub(crate) fn new(client: Client, opensearch: Url) -> Self {
        Self { client, opensearch }
    }

    /// Puts an index template under the name of its file.
    pub(crate) async fn put_index_template(&self, fixture: &Fixture) -> Result<(), FixtureError> {
        let url = self.opensearch_url(&["_index_template", fixture.name()]);
        let request = self.client.put(url).header("content-type", "application/json").body(fixture.text.clone());
        let response = request.send().await.map_err(|error| fixture.broken(&error))?;
        refused(response).await.map_or(Ok(()), |reason| Err(fixture.broken(&reason)))
    }

    /// Makes every delivered document searchable.
    pub(crate) async fn refresh(&self) -> Result<(), reqwest::Error> {
        self.client.post(self.opensearch_url(&["_refresh"])).send().await?.error_for_status()?;
        Ok(())
    }

    /// Takes all indices, templates and contexts of searches away.
    ///
    /// # Errors
    /// In OpenSearch's words.
    pub(crate) async fn empty(&self) -> Result<(), String> {
        let everything = [
            "*?expand_wildcards=all",
            "_index_template/*",
            "_component_template/*",
            "_template/*",
            "_search/scroll/_all",
            "_search/point_in_time/_all",
        ];
        for what in everything {
            let url = self.opensearch.join(what).map_err(|error| error.to_string())?;
            let response = self.client.delete(url).send().await.map_err(|error| error.to_string())?;
            // What is not there need not be taken away.
            if response.status() == StatusCode::NOT_FOUND {
                continue;
            }
            if let Some(reason) = refused(response).await {
                return Err(reason);
            }
        }
        Ok(())
    }

    /// Asks a part for one answer; any status below 500 shows that it is there.
    pub(crate) async fn probe(&self, url: &Url) -> Result<(), String> {
        let response = self.client.get(url.clone()).timeout(PROBE_PATIENCE).send().await;
        match response {
            Ok(response) if response.status() < StatusCode::INTERNAL_SERVER_ERROR => Ok(()),
            Ok(response) => Err(format!("{url} answers {}", response.status())),
            Err(error) => Err(format!("{url} does not answer: {error}")),
        }
    }

    fn opensearch_url(&self, segments: &[&str]) -> Url {
        let mut url = self.opensearch.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// Puts all index templates of the fixtures in.
pub(crate) async fn put_index_templates(provisioner: &Provisioner, fixtures: &Fixtures) -> Result<(), FixtureError> {
    for fixture in &fixtures.index_templates {
        provisioner.put_index_template(fixture).await?;
    }
    Ok(())
}

/// Puts the saved objects in that are not there yet; what a person has changed stays.
pub(crate) fn add_saved_objects(dashboards: &Dashboards, fixtures: &Fixtures) -> Result<(), FixtureError> {
    let add = |fixture: &Fixture| dashboards.add_saved_objects(&fixture.text).map_err(|error| fixture.broken(&error));
    fixtures.dashboards.iter().try_for_each(add)
}

/// Where the buckets of the fixtures' streams are made.
#[derive(Clone, Debug)]
pub(crate) enum Buckets {
    /// In the stack's own S3.
    Own(S3),
    /// In an S3 outside of it.
    Outside(S3Api),
}

impl Buckets {
    /// The stack's own S3.
    pub(crate) fn own(&self) -> Option<&S3> {
        match self {
            Self::Own(s3) => Some(s3),
            Self::Outside(_) => None,
        }
    }

    /// Makes a bucket that is missing. One that cannot be made outside is told and no more: records wait until it is there.
    async fn create_if_missing(&self, bucket: &str) -> Result<(), ekk_s3::Error> {
        match self {
            Self::Own(s3) => s3.create_bucket_if_missing(bucket),
            Self::Outside(api) => {
                if let Err(reason) = api.create_bucket_if_missing(bucket).await {
                    tracing::warn!(
                        bucket,
                        reason,
                        "the bucket cannot be made, and records for it wait until it exists"
                    );
                }
                Ok(())
            }
        }
    }
}

/// Creates the streams that do not exist yet, and the buckets that they write to.
pub(crate) async fn create_streams(
    firehose: &Firehose,
    buckets: &Buckets,
    fixtures: &Fixtures,
) -> Result<(), FixtureError> {
    for fixture in &fixtures.streams {
        let request: Value = serde_json::from_str(&fixture.text).map_err(|error| fixture.broken(&error))?;
        let name = request.get("DeliveryStreamName").and_then(|name| name.as_str()).unwrap_or_default();
        for bucket in ekk_templates::buckets(&request) {
            buckets.create_if_missing(&bucket).await.map_err(|error| fixture.broken(&error))?;
        }
        if !firehose.exists(name) {
            firehose.create_from_json(fixture.text.as_bytes()).map_err(|error| {
                let message = error.message.map(|(_, text)| text).unwrap_or_default();
                fixture.broken(&format!("{}: {message}", error.code))
            })?;
        }
    }
    Ok(())
}

/// The body of an answer that is not a success.
async fn refused(response: Response) -> Option<String> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    let body = response.text().await.unwrap_or_default();
    Some(format!("OpenSearch answers {status}: {body}"))
}
