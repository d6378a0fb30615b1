//! Puts the fixtures into the parts over their public APIs, as a user's own script would, and asks the parts how they
//! are.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use url::Url;

use crate::{Fixture, FixtureError};

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

/// The body of an answer that is not a success.
async fn refused(response: Response) -> Option<String> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    let body = response.text().await.unwrap_or_default();
    Some(format!("OpenSearch answers {status}: {body}"))
}
