//! Wires the parts of a stack together, and takes them apart in the order of the data.

#[cfg(feature = "tls")]
use std::path::Path;
use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use ekk_clock::Clock;
use ekk_dashboards::{Dashboards, SavedObjectsError};
use ekk_delivery::{Account, Delivery};
use ekk_engine::engine::Engine;
use ekk_faults::Faults;
use ekk_firehose::Firehose;
use ekk_neighbours::Neighbours;
use ekk_opensearch::OpenSearch;
use ekk_s3::S3;
#[cfg(feature = "tls")]
use ekk_server::tls::{Tls, TlsError};
use ekk_server::{
    aws::signature::{Credential, Verifier},
    listen::{self, BindError},
};
use tokio::{net::TcpListener, sync::Mutex};
use url::Url;

use crate::{
    Config, FixtureError,
    aws_port::AwsPort,
    control::{Contents, Control},
    data_folder::{DataFolder, DataFolderError},
    provision::{self, Buckets, Provisioner},
    s3_api::S3Api,
    servers::{Pages, Servers},
};

/// A running stack.
///
/// [`Stack::stop`] drains it; dropping it only tells it to stop.
#[derive(Debug)]
pub struct Stack {
    /// What is asked of it while it runs, by the harness and over HTTP.
    control: Control,
    opensearch: Option<OpenSearch>,
    servers: Servers,
    grace: Duration,
    data: Option<DataFolder>,
}

/// Where the parts of a stack listen.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The AWS endpoint, for `AWS_ENDPOINT_URL`.
    pub aws: Url,
    /// The OpenSearch REST API.
    pub opensearch: Url,
    /// The S3 API.
    pub s3: Url,
    /// The Discover pages.
    pub dashboards: Url,
}

/// What a stack had delivered when it stopped.
#[derive(Debug)]
pub struct Farewell {
    /// The account of each stream, by name.
    pub accounts: Vec<(String, Account)>,
    /// Whether what was left is kept in a data folder.
    pub kept: bool,
}

/// A stack cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A socket cannot be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// A fixture is broken.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// The search engine cannot open its data.
    #[error("the search engine cannot open its data")]
    Engine(#[from] ekk_engine::error::Error),
    /// The object store cannot open its data.
    #[error("the object store cannot open its data")]
    S3(#[from] ekk_s3::Error),
    /// The delivery cannot open its queues.
    #[error("the delivery cannot open its queues")]
    Delivery(#[from] ekk_delivery::Error),
    /// The Firehose API cannot open its streams.
    #[error("the Firehose API cannot open its streams")]
    Firehose(#[from] ekk_firehose::Error),
    /// The services beside Firehose cannot open what they keep.
    #[error("STS, IAM and OpenSearch Service cannot open what they keep")]
    Neighbours(#[from] ekk_neighbours::Error),
    /// No HTTP client can be made.
    #[error("cannot make an HTTP client")]
    Client(#[from] reqwest::Error),
    /// The saved objects of the data folder cannot be read.
    #[error("cannot use the saved objects")]
    SavedObjects(#[from] SavedObjectsError),
    /// No certificate can be made.
    #[cfg(feature = "tls")]
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A part that the environment names for tests cannot be used.
    #[error("{variable} names no part that a test can use: {reason}")]
    TestPart {
        /// The variable of the environment.
        variable: &'static str,
        /// What went wrong with it.
        reason: String,
    },
    /// An outside part is not reached by plain HTTP.
    #[error("{url} cannot be used: ekk reaches outside parts by http:// only as yet")]
    Scheme {
        /// The URL that was given.
        url: Url,
    },
}

impl Addresses {
    /// The addresses without the credentials that those of outside parts may hold: what may be printed.
    #[must_use]
    pub fn without_credentials(&self) -> Self {
        Self {
            aws: self.aws.clone(),
            opensearch: without_credentials(&self.opensearch),
            s3: without_credentials(&self.s3),
            dashboards: self.dashboards.clone(),
        }
    }

    /// What to ask each part to see that it answers: without credentials, as a refusal is an answer, too, and reasons name
    /// the address.
    pub(crate) fn probes(&self) -> [(&'static str, Url); 3] {
        let Self { opensearch, s3, mut dashboards, .. } = self.without_credentials();
        dashboards.set_path("/api/status");
        [("opensearch", opensearch), ("s3", s3), ("dashboards", dashboards)]
    }
}

impl Stack {
    /// Starts all parts on `clock` and puts the fixtures into them. Ready when it returns.
    ///
    /// # Errors
    /// Names what is in the way: a port, the data folder, a fixture.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, StartError> {
        for url in [&config.opensearch, &config.s3].into_iter().flatten() {
            if url.scheme() != "http" {
                return Err(StartError::Scheme { url: url.clone() });
            }
        }
        let data = config.data.as_deref().map(DataFolder::open).transpose()?;
        let sockets = Sockets::bind(&config).await?;
        let addresses = sockets.addresses(&config);
        let servers = Servers::new(&config.access);
        #[cfg(feature = "tls")]
        let servers = servers.with_tls(start_tls(&config, data.as_ref())?);
        let neighbours = start_neighbours(&config, data.as_ref(), &addresses, &clock)?;
        let signatures = Signatures::of(&config, &neighbours);

        let (s3, s3_router) = start_s3(&config, data.as_ref(), &signatures, &clock)?;
        let opensearch = start_opensearch(&config, data.as_ref(), &clock)?;
        if let Some(listener) = sockets.s3 {
            servers.serve(listener, s3_router.clone(), Pages::Allowed);
        }
        if let (Some(listener), Some(opensearch)) = (sockets.opensearch, &opensearch) {
            servers.serve(listener, opensearch.router(), Pages::Allowed);
            let refreshing = opensearch.clone();
            servers.run(|shutdown| async move { refreshing.run_refresh(shutdown).await });
        }
        let provisioner = Provisioner::new(reqwest::Client::builder().build()?, addresses.opensearch.clone());
        provision::put_index_templates(&provisioner, &config.fixtures).await?;

        let faults = Faults::new(clock.clone(), config.seed);
        let reached = Addresses { s3: signatures.s3_address(&addresses.s3), ..addresses.clone() };
        let delivery = start_delivery(&config, data.as_ref(), &reached, &clock, &faults)?;
        let firehose = start_firehose(&config, data.as_ref(), &delivery, &clock, &faults)?;
        let buckets = match s3 {
            Some(s3) => Buckets::Own(s3),
            None => Buckets::Outside(outside_s3(&config, &addresses.s3)?),
        };
        provision::create_streams(&firehose, &buckets, &config.fixtures).await?;

        let dashboards = start_dashboards(&config, data.as_ref(), &addresses, &clock)?;
        servers.serve(sockets.dashboards, dashboards.clone().router(), Pages::Own);
        let contents = Contents {
            fixtures: config.fixtures,
            owns_opensearch: opensearch.is_some(),
            buckets,
            dashboards,
            neighbours: neighbours.clone(),
            emptying: Mutex::default(),
        };
        let control = Control {
            delivery,
            firehose: firehose.clone(),
            addresses,
            provisioner,
            pace: clock.pace(),
            clock,
            faults,
            contents: Arc::new(contents),
        };
        let port = AwsPort {
            control: control.clone().router(),
            firehose: match &signatures.verifier {
                Some(verifier) => firehose.router_verifying(verifier.clone()),
                None => firehose.router(),
            },
            s3: s3_router,
            neighbours: match signatures.verifier {
                Some(verifier) => neighbours.router_verifying(verifier),
                None => neighbours.router(),
            },
        };
        servers.serve(sockets.aws, port.router(), Pages::Allowed);
        Ok(Self { control, opensearch, servers, grace: config.grace, data })
    }

    /// Where the parts listen.
    pub fn addresses(&self) -> &Addresses {
        &self.control.addresses
    }

    /// The certificate of the authority that clients must trust for https, in PEM; none unless TLS was asked for.
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.servers.tls().map(Tls::ca_pem)
    }

    /// The file that holds it; none where it is kept nowhere.
    #[cfg(feature = "tls")]
    pub fn ca_file(&self) -> Option<&Path> {
        self.servers.tls().and_then(Tls::ca_file)
    }

    /// The time the stack lives by.
    pub fn clock(&self) -> &Clock {
        &self.control.clock
    }

    /// What the stack is told to let fail.
    pub fn faults(&self) -> &Faults {
        &self.control.faults
    }

    /// What is asked of it while it runs.
    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    /// Stops in the order of the data: refuses puts, delivers what is buffered within the grace period, ends the
    /// servers, then writes what search and S3 keep.
    pub async fn stop(self) -> Farewell {
        self.control.firehose.refuse_puts();
        let accounts = self.control.delivery.shutdown(self.grace).await;
        self.servers.stop().await;
        if let Some(opensearch) = &self.opensearch {
            opensearch.close().await;
        }
        if let Some(s3) = self.control.contents.buckets.own() {
            s3.close();
        }
        Farewell { accounts, kept: self.data.is_some() }
    }
}

/// The sockets of a stack; a part that is taken from outside has none.
struct Sockets {
    aws: TcpListener,
    opensearch: Option<TcpListener>,
    s3: Option<TcpListener>,
    dashboards: TcpListener,
}

impl Sockets {
    /// Binds all of them before anything starts, so that a taken port costs nothing.
    async fn bind(config: &Config) -> Result<Self, BindError> {
        let opensearch = match config.opensearch {
            Some(_) => None,
            None => Some(listen::bind("OpenSearch", config.listen.opensearch).await?),
        };
        let s3 = match config.s3 {
            Some(_) => None,
            None => Some(listen::bind("S3", config.listen.s3).await?),
        };
        Ok(Self {
            aws: listen::bind("AWS", config.listen.aws).await?,
            opensearch,
            s3,
            dashboards: listen::bind("Dashboards", config.listen.dashboards).await?,
        })
    }

    fn addresses(&self, config: &Config) -> Addresses {
        let part = |outside: &Option<Url>, socket: &Option<TcpListener>, fallback| {
            outside.clone().unwrap_or_else(|| socket.as_ref().map_or(fallback, url_of))
        };
        let aws = url_of(&self.aws);
        Addresses {
            opensearch: part(&config.opensearch, &self.opensearch, aws.clone()),
            s3: part(&config.s3, &self.s3, aws.clone()),
            dashboards: url_of(&self.dashboards),
            aws,
        }
    }
}

/// The URL a client on this machine reaches a socket by.
fn url_of(socket: &TcpListener) -> Url {
    let mut address = socket.local_addr().expect("a bound socket has an address");
    if address.ip().is_unspecified() {
        address = SocketAddr::from(([127, 0, 0, 1], address.port()));
    }
    Url::parse(&format!("http://{address}/")).expect("an address makes a URL")
}

/// The address without the credentials that it may hold.
pub(crate) fn without_credentials(address: &Url) -> Url {
    let mut address = address.clone();
    let removed = address.set_username("").and_then(|()| address.set_password(None));
    removed.expect("an http address takes a user, so it can do without");
    address
}

/// Who verifies signatures, if anybody does.
struct Signatures {
    verifier: Option<Verifier>,
    /// Knows the stack's own delivery, too, which signs with what nobody else knows.
    s3_verifier: Option<Verifier>,
    delivery: Credential,
}

impl Signatures {
    /// Besides the configured credentials the temporary ones that STS gives out are good.
    fn of(config: &Config, neighbours: &Neighbours) -> Self {
        let credentials = &config.access.credentials;
        let delivery = Credential::new("ekk-delivery", ekk_server::aws::RequestId::random().to_string());
        let verifier = |credentials: Vec<Credential>| {
            (!config.access.credentials.is_empty())
                .then(|| Verifier::new(credentials).with_issuer(Arc::new(neighbours.clone())))
        };
        let with_delivery = credentials.iter().chain([&delivery]).cloned().collect();
        Self { verifier: verifier(credentials.clone()), s3_verifier: verifier(with_delivery), delivery }
    }

    /// The address of S3 with what the delivery signs by.
    fn s3_address(&self, address: &Url) -> Url {
        let mut address = address.clone();
        if self.s3_verifier.is_some() && address.username().is_empty() {
            let set = address
                .set_username(&self.delivery.access_key)
                .and_then(|()| address.set_password(Some(&self.delivery.secret)));
            set.expect("an http address takes a user");
        }
        address
    }
}

/// An S3 outside of the stack.
fn outside_s3(config: &Config, address: &Url) -> Result<S3Api, reqwest::Error> {
    let fallback = config.access.credentials.first().cloned();
    let fallback = fallback.unwrap_or_else(|| Credential::new("test", "test"));
    Ok(S3Api::new(reqwest::Client::builder().build()?, address, fallback, &config.region))
}

#[cfg(feature = "tls")]
fn start_tls(config: &Config, data: Option<&DataFolder>) -> Result<Option<Tls>, TlsError> {
    let Some(tls) = &config.access.tls else { return Ok(None) };
    let folder = tls.folder.clone().or_else(|| data.map(|data| data.of("tls")));
    Tls::new(folder.as_deref(), &tls.names, Clock::system().now()).map(Some)
}

fn start_neighbours(
    config: &Config,
    data: Option<&DataFolder>,
    addresses: &Addresses,
    clock: &Clock,
) -> Result<Neighbours, StartError> {
    let neighbours = ekk_neighbours::Config {
        opensearch: addresses.opensearch.clone(),
        region: config.region.clone(),
        account: config.account.clone(),
        folder: data.map(|data| data.of("neighbours")),
        seed: config.seed,
    };
    Ok(Neighbours::start(neighbours, clock.clone())?)
}

fn start_s3(
    config: &Config,
    data: Option<&DataFolder>,
    signatures: &Signatures,
    clock: &Clock,
) -> Result<(Option<S3>, Router), StartError> {
    if let Some(outside) = &config.s3 {
        let text = format!("S3 is not embedded in this stack; it is at {}\n", without_credentials(outside));
        let elsewhere = move || async move { (axum::http::StatusCode::NOT_IMPLEMENTED, text) };
        return Ok((None, Router::new().fallback(elsewhere)));
    }
    let s3 = match data {
        Some(data) => S3::on_folder(data.of("s3"), clock.clone())?,
        None => S3::in_memory(clock.clone()),
    };
    let router = match &signatures.s3_verifier {
        Some(verifier) => s3.router_verifying(verifier.clone()),
        None => s3.router(),
    };
    Ok((Some(s3), router))
}

fn start_opensearch(
    config: &Config,
    data: Option<&DataFolder>,
    clock: &Clock,
) -> Result<Option<OpenSearch>, StartError> {
    if config.opensearch.is_some() {
        return Ok(None);
    }
    let engine = match data {
        Some(data) => Engine::open(&data.of("opensearch"))?,
        None => Engine::in_memory(),
    };
    Ok(Some(OpenSearch::showing_writes_at_once(Arc::new(engine), clock.clone())))
}

fn start_delivery(
    config: &Config,
    data: Option<&DataFolder>,
    addresses: &Addresses,
    clock: &Clock,
    faults: &Faults,
) -> Result<Delivery, StartError> {
    let delivery = ekk_delivery::Config {
        opensearch: addresses.opensearch.clone(),
        s3: addresses.s3.clone(),
        region: config.region.clone(),
        folder: data.map(|data| data.of("queues")),
        queue_bytes: config.queue_bytes,
        seed: config.seed,
        faults: faults.clone(),
        lambda: config.lambda.clone(),
    };
    Ok(Delivery::start(delivery, clock.clone())?)
}

fn start_firehose(
    config: &Config,
    data: Option<&DataFolder>,
    delivery: &Delivery,
    clock: &Clock,
    faults: &Faults,
) -> Result<Firehose, StartError> {
    let firehose = ekk_firehose::Config {
        region: config.region.clone(),
        account: config.account.clone(),
        folder: data.map(|data| data.of("firehose")),
        allow_undelivered: config.allow_undelivered,
        transition_delay: config.transition_delay,
        quotas: config.quotas,
        seed: config.seed,
        faults: faults.clone(),
    };
    Ok(Firehose::start(firehose, delivery.clone(), clock.clone())?)
}

/// The pages, with those saved objects of the fixtures that are not there yet.
fn start_dashboards(
    config: &Config,
    data: Option<&DataFolder>,
    addresses: &Addresses,
    clock: &Clock,
) -> Result<Dashboards, StartError> {
    let folder = data.map(|data| data.of("dashboards"));
    let pages = ekk_dashboards::Config { opensearch: addresses.opensearch.clone(), folder };
    let dashboards = Dashboards::open(pages, clock.clone())?;
    provision::add_saved_objects(&dashboards, &config.fixtures)?;
    Ok(dashboards)
}
