//! An endpoint on a socket of its own with the AWS SDK as its client.

use aws_credential_types::Credentials;
use aws_sdk_s3::{
    Client, Config,
    config::{BehaviorVersion, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use axum::Router;
use ekk_clock::Clock;
use ekk_s3::S3;
use ekk_server::aws::signature::{Credential, Verifier};
use tempfile::TempDir;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

pub(crate) const BUCKET: &str = "logging-test-backup";
pub(crate) const MIB: usize = 1 << 20;

/// A served endpoint; dropping it stops it.
pub(crate) struct Served {
    pub(crate) client: Client,
    pub(crate) endpoint: String,
    pub(crate) clock: Clock,
    pub(crate) folder: Option<TempDir>,
    s3: S3,
    server: TaskTracker,
    stop: DropGuard,
}

impl Served {
    pub(crate) async fn in_memory() -> Self {
        let clock = clock();
        Self::start(S3::in_memory(clock.clone()), clock, None).await
    }

    pub(crate) async fn on_folder() -> Self {
        Self::on(tempfile::tempdir().unwrap()).await
    }

    pub(crate) async fn on(folder: TempDir) -> Self {
        let clock = clock();
        Self::start(S3::on_folder(folder.path(), clock.clone()).unwrap(), clock, Some(folder)).await
    }

    /// Stops the endpoint and starts another one on the same folder.
    pub(crate) async fn restart(self) -> Self {
        Self::on(self.stop().await.unwrap()).await
    }

    /// Stops the endpoint; answers its folder.
    pub(crate) async fn stop(self) -> Option<TempDir> {
        let Self { client, folder, s3, server, stop, .. } = self;
        drop((client, stop));
        server.wait().await;
        s3.close();
        folder
    }

    /// An endpoint that verifies signatures, and a client that it knows.
    pub(crate) async fn verifying(credential: Credential) -> Self {
        let clock = clock();
        let s3 = S3::in_memory(clock.clone());
        let (access_key, secret) = (credential.access_key.clone(), credential.secret.clone());
        let router = s3.router_verifying(Verifier::new([credential]));
        let served = Self::serve(s3, router, clock, None).await;
        Self { client: client(&served.endpoint, &access_key, &secret), ..served }
    }

    async fn start(s3: S3, clock: Clock, folder: Option<TempDir>) -> Self {
        let router = s3.router();
        Self::serve(s3, router, clock, folder).await
    }

    async fn serve(s3: S3, router: Router, clock: Clock, folder: Option<TempDir>) -> Self {
        s3.create_bucket_if_missing(BUCKET).unwrap();
        let listener = ekk_server::listen::bind("S3", ([127, 0, 0, 1], 0).into()).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (server, stop) = (TaskTracker::new(), CancellationToken::new());
        server.spawn(ekk_server::listen::serve(listener, router, stop.clone()));
        server.close();
        Self {
            client: client(&endpoint, "anyone", "anything"),
            endpoint,
            clock,
            folder,
            s3,
            server,
            stop: stop.drop_guard(),
        }
    }

    pub(crate) async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> String {
        let put = self.client.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.into()));
        put.send().await.unwrap().e_tag.unwrap()
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Vec<u8>, String> {
        let answer = self.client.get_object().bucket(BUCKET).key(key).send().await.map_err(|error| code(&error))?;
        Ok(answer.body.collect().await.unwrap().to_vec())
    }

    pub(crate) async fn keys(&self) -> Vec<String> {
        let answer = self.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        answer.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }
}

/// Runs `scenario` on both stores.
pub(crate) async fn on_each_store(scenario: impl AsyncFn(&Served)) {
    scenario(&Served::in_memory().await).await;
    scenario(&Served::on_folder().await).await;
}

/// The code of S3 that a call failed with; one without a body gets its status.
pub(crate) fn code<E: ProvideErrorMetadata + std::fmt::Debug>(
    error: &SdkError<E, aws_sdk_s3::config::http::HttpResponse>,
) -> String {
    let status = || error.raw_response().map(|response| response.status().to_string());
    error.code().map(str::to_owned).or_else(status).unwrap_or_else(|| panic!("no answer: {error:?}"))
}

fn clock() -> Clock {
    Clock::frozen_at("2026-01-02T03:04:05.678Z".parse().unwrap())
}

pub(crate) fn client(endpoint: &str, access_key: &str, secret: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(access_key, secret, None, None, "test"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}
