//! Empties a stack and starts it over, as a test suite wants it between two tests.

use axum::{Json, extract::State, http::StatusCode};
use ekk_dashboards::{Dashboards, SavedObjectsError};
use ekk_neighbours::Neighbours;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Control, Refusal, error};
use crate::{
    FixtureError, Fixtures,
    provision::{self, Buckets},
};

/// What there is to empty, and what there was at the start.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) fixtures: Fixtures,
    /// Whether the OpenSearch is the stack's own, which may be emptied.
    pub(crate) owns_opensearch: bool,
    /// Where the buckets are.
    pub(crate) buckets: Buckets,
    /// The pages, with the saved objects.
    pub(crate) dashboards: Dashboards,
    /// The services beside Firehose, with domains, roles and policies.
    pub(crate) neighbours: Neighbours,
    /// Held by the one who empties it.
    pub(crate) emptying: Mutex<()>,
}

/// A stack that could not be emptied.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// A stream cannot be taken away.
    #[error("cannot take the streams away: {code}")]
    Streams {
        /// The code of the Firehose API.
        code: &'static str,
    },
    /// OpenSearch does not empty itself.
    #[error("cannot empty OpenSearch: {0}")]
    OpenSearch(String),
    /// Domains, roles or policies cannot be taken away.
    #[error("cannot empty STS, IAM and OpenSearch Service")]
    Neighbours(#[from] ekk_neighbours::Error),
    /// The buckets cannot be taken away.
    #[error("cannot empty S3")]
    S3(#[from] ekk_s3::Error),
    /// The saved objects cannot be taken away.
    #[error("cannot empty Dashboards")]
    Dashboards(#[from] SavedObjectsError),
    /// A fixture cannot be put in anew.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
}

impl Control {
    /// Takes faults, streams, indices, templates, buckets, domains, roles, policies and saved objects away, lets the clock
    /// run as it did at the start, and puts the fixtures in anew. What is outside of the stack stays as it is.
    pub(crate) async fn reset(&self) -> Result<(), ResetError> {
        let contents = &*self.contents;
        let _alone = contents.emptying.lock().await;
        self.faults.clear();
        self.firehose.delete_all_streams().await.map_err(|error| ResetError::Streams { code: error.code })?;
        contents.neighbours.clear()?;
        self.clock.restore(self.pace);
        if contents.owns_opensearch {
            self.provisioner.empty().await.map_err(ResetError::OpenSearch)?;
        }
        if let Some(s3) = contents.buckets.own() {
            s3.delete_all_buckets()?;
        }
        contents.dashboards.clear_saved_objects()?;
        provision::add_saved_objects(&contents.dashboards, &contents.fixtures)?;
        provision::put_index_templates(&self.provisioner, &contents.fixtures).await?;
        Ok(provision::create_streams(&self.firehose, &contents.buckets, &contents.fixtures).await?)
    }
}

pub(super) async fn reset(State(control): State<Control>) -> Result<Json<Value>, Refusal> {
    control.reset().await.map_err(|failure| error(StatusCode::INTERNAL_SERVER_ERROR, &failure.to_string()))?;
    let mut untouched = Vec::new();
    if !control.contents.owns_opensearch {
        untouched.push("opensearch");
    }
    if control.contents.buckets.own().is_none() {
        untouched.push("s3");
    }
    let Json(mut answer) = control.all_streams();
    answer["untouched"] = json!(untouched);
    Ok(Json(answer))
}
