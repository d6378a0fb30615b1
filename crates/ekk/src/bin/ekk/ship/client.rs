//! The client of Firehose: endpoint, region and credentials as all tools of AWS find them.

use std::fmt;

use anyhow::Context as _;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_firehose::Client;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use clap::Args;
use url::{Host, Url};

/// Where records go, by the variables of the AWS SDKs.
#[derive(Args)]
pub(super) struct Destination {
    /// The stream.
    #[arg(long, value_name = "NAME")]
    pub(super) stream: String,
    /// The endpoint when it is not AWS's own, such as that of a stack on this machine, `http://127.0.0.1:4566`.
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    endpoint_url: Option<Url>,
    /// The region; that of the profile or the machine when left out.
    #[arg(long, env = "AWS_REGION")]
    region: Option<String>,
    /// The profile of the shared configuration; the rest of the usual chain is tried, too: variables, web identity, SSO,
    /// a process, a container, the machine.
    #[arg(long, env = "AWS_PROFILE", value_name = "NAME")]
    profile: Option<String>,
    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide = true)]
    access_key_id: Option<String>,
}

impl fmt::Debug for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Destination").field("stream", &self.stream).finish_non_exhaustive()
    }
}

/// Makes the client. Nothing is sent yet.
pub(super) async fn connect(destination: &Destination) -> anyhow::Result<Client> {
    let Destination { endpoint_url, region, profile, access_key_id, .. } = destination;
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url.as_str().trim_end_matches('/'));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let region = region.clone().filter(|region| !region.is_empty());
    let is_here = endpoint_url.as_ref().is_some_and(is_on_this_machine);
    if is_here && access_key_id.is_none() && profile.is_none() {
        // A stack takes any credentials, and is to be given none that are good elsewhere.
        loader = loader.credentials_provider(Credentials::from_keys("test", "test", None));
    }
    if let Some(region) = region.or_else(|| is_here.then(|| "us-east-1".to_owned())) {
        loader = loader.region(Region::new(region));
    }
    let config = loader.load().await;
    config.region().context("no region is known; say --region or set AWS_REGION")?;
    Ok(Client::new(&config))
}

fn is_on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
