//! What a stack is told before it starts: where to listen, where to keep data, which parts to take from outside.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use ekk_delivery::LambdaTarget;
use ekk_firehose::Quotas;
use ekk_server::{aws::signature::Credential, browser::AllowedOrigin};
use url::Url;

use crate::Fixtures;

/// How a stack is to run. The defaults are those of `ekk up`.
#[derive(Clone, Debug)]
pub struct Config {
    /// The sockets to bind.
    pub listen: Listen,
    /// The folder that keeps streams, queues, indices and objects over a restart; without one all of it is in memory.
    pub data: Option<PathBuf>,
    /// What exists at the start.
    pub fixtures: Fixtures,
    /// An OpenSearch to deliver to and to search, instead of the embedded one. Plain `http`.
    pub opensearch: Option<Url>,
    /// An S3 endpoint to back up to, instead of the embedded one. Plain `http`.
    pub s3: Option<Url>,
    /// The region in ARNs and credential scopes.
    pub region: String,
    /// The account in ARNs, 12 digits.
    pub account: String,
    /// Who is let in, and how.
    pub access: Access,
    /// Whether streams may be created that cannot be delivered here; they are described and refuse puts. Otherwise they
    /// are refused by the name of what is missing.
    pub allow_undelivered: bool,
    /// How long, on the stack's clock, a stream is `CREATING`, `DELETING`, or its encryption is changed. AWS takes a
    /// minute or two; zero makes each change at once.
    pub transition_delay: Duration,
    /// Which of AWS's quotas apply.
    pub quotas: Quotas,
    /// What does the work of Lambda functions, by ARN, by name, or `*` for all others.
    pub lambda: BTreeMap<String, LambdaTarget>,
    /// Bytes of records that one stream holds, 64 of them for each record besides its own; puts are throttled beyond.
    /// Default 256 MiB.
    pub queue_bytes: u64,
    /// How long a stop may take to deliver what is still buffered.
    pub grace: Duration,
    /// What random ids and retry jitter start from; equal seeds repeat a run.
    pub seed: u64,
}

/// Who is let in at the sockets, and how. By default: programs of this machine, with any credentials, by http.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The credentials that requests to AWS's services must be signed with; none: signatures are not verified.
    pub credentials: Vec<Credential>,
    /// The origins whose web pages may use the AWS, OpenSearch and S3 endpoints.
    pub allow_origins: Vec<AllowedOrigin>,
    /// Names of this machine besides `localhost` that web pages may reach a stack on loopback by.
    pub host_names: Vec<String>,
    /// https beside http on every socket.
    #[cfg(feature = "tls")]
    pub tls: Option<TlsAccess>,
}

/// https by a certificate of a local authority.
#[cfg(feature = "tls")]
#[derive(Clone, Debug, Default)]
pub struct TlsAccess {
    /// Where the authority is kept; `tls` in the data folder by default, and without that nowhere.
    pub folder: Option<PathBuf>,
    /// What the certificate is for besides `localhost` and its address; each is a host name, too.
    pub names: Vec<String>,
}

/// The addresses to listen on; port 0 lets the system choose.
#[derive(Clone, Copy, Debug)]
pub struct Listen {
    /// The AWS endpoint: Firehose, S3 and STS by the signature's scope, and the control API under `/_ekk/`.
    pub aws: SocketAddr,
    /// The OpenSearch REST API.
    pub opensearch: SocketAddr,
    /// The S3 API.
    pub s3: SocketAddr,
    /// The Discover pages.
    pub dashboards: SocketAddr,
}

impl Listen {
    /// The well-known ports on the loopback interface: 4566, 9200, 9000 and 5601.
    pub fn well_known() -> Self {
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self { aws: loopback(4566), opensearch: loopback(9200), s3: loopback(9000), dashboards: loopback(5601) }
    }

    /// A free port of the loopback interface for each part.
    pub fn any_port() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { aws: any, opensearch: any, s3: any, dashboards: any }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Listen::well_known(),
            data: None,
            fixtures: Fixtures::built_in(),
            opensearch: None,
            s3: None,
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            access: Access::default(),
            allow_undelivered: false,
            transition_delay: Duration::ZERO,
            quotas: Quotas::Unlimited,
            lambda: BTreeMap::new(),
            queue_bytes: ekk_delivery::DEFAULT_QUEUE_BYTES,
            grace: Duration::from_secs(30),
            seed: 0,
        }
    }
}
