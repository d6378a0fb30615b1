//! What is particular to OpenSearch and to S3: starting the embedded one, emptying the real one, what does not count.

pub(crate) mod signature;

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Result, ensure};
use axum::Router;
use ekk_clock::Clock;
use ekk_engine::engine::Engine;
use ekk_opensearch::OpenSearch;
use ekk_s3::S3;
use serde_json::Value;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{
    answer,
    session::{Server, Session},
};

/// Which of the two parts is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Subject {
    OpenSearch,
    S3,
}

/// An embedded part on a port of its own; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Embedded {
    pub(crate) server: Server,
    _stop: DropGuard,
}

impl Subject {
    /// The name of the part, and of its folder of cases in lower case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenSearch => "OpenSearch",
            Self::S3 => "S3",
        }
    }

    /// Beginnings of the headers that are compared.
    pub(crate) fn headers(self) -> &'static [&'static str] {
        match self {
            // without `warning`: what is deprecated is said once a node
            Self::OpenSearch => &["content-type", "allow", "location", "x-opaque-id"],
            Self::S3 => &[
                "cache-control",
                "content-disposition",
                "content-encoding",
                "content-language",
                "content-length",
                "content-range",
                "content-type",
                "etag",
                "expires",
                "last-modified",
                "x-amz-bucket-region",
                "x-amz-checksum-",
                "x-amz-delete-marker",
                "x-amz-meta-",
                "x-amz-mp-parts-count",
                "x-amz-storage-class",
                "x-amz-version-id",
            ],
        }
    }

    /// Names of values that are different on every server or in every run, wherever they are.
    pub(crate) fn volatile(self) -> &'static [&'static str] {
        match self {
            Self::OpenSearch => &[
                "took",
                "ingest_took",
                "cluster_name",
                "cluster_uuid",
                "index_uuid",
                "uuid",
                "node",
                "creation_date",
                "index.creation_date",
                "index.uuid",
                "_scroll_id",
                "pit_id",
                "creation_time",
                "epoch",
                "timestamp",
                "cluster",
                "created",
            ],
            // MinIO words its messages itself; the codes are S3's
            Self::S3 => &[
                "Message",
                "RequestId",
                "HostId",
                "Resource",
                "Owner",
                "Initiator",
                "CreationDate",
                "LastModified",
                "Initiated",
                "UploadId",
                "NextContinuationToken",
                "last-modified",
            ],
        }
    }

    /// Names of values that only one of the two has everywhere, or their paths.
    ///
    /// `MinIO` says `accept-ranges` of everything, names the bucket and the key in every error, where S3 names by the code
    /// what was asked for; S3 computes a checksum of every object, which `MinIO` does where one is asked for.
    pub(crate) fn one_sided(self) -> &'static [&'static str] {
        match self {
            Self::OpenSearch => &[],
            Self::S3 => &[
                "/headers/accept-ranges",
                "/body/Error/BucketName",
                "/body/Error/Key",
                "/body/Error/Resource",
                "/body/Error/UploadId",
                "/body/Error/RangeRequested",
                "/body/Error/ActualObjectSize",
                "x-amz-checksum-crc64nvme",
                "x-amz-checksum-type",
                "ChecksumAlgorithm",
                "ChecksumCRC64NVME",
                "ChecksumType",
            ],
        }
    }

    /// Adds what every client sends to a request of a file.
    pub(crate) fn complete(
        self,
        path: &str,
        headers: &mut Vec<(String, String)>,
        body: Option<String>,
    ) -> Option<String> {
        if self == Self::S3 {
            return body;
        }
        let mut body = body?;
        let path = path.split('?').next().unwrap_or_default();
        let lines = path.ends_with("_bulk") || path.ends_with("_msearch");
        if lines {
            body.push('\n');
        }
        if !headers.iter().any(|(name, _)| name == "content-type") {
            let kind = if lines { "application/x-ndjson" } else { "application/json" };
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        Some(body)
    }

    /// Starts an empty embedded part, in memory.
    pub(crate) async fn embedded(self) -> Result<Embedded> {
        let clock = Clock::system();
        let router = match self {
            Self::OpenSearch => OpenSearch::new(Arc::new(Engine::in_memory()), clock).router(),
            Self::S3 => S3::in_memory(clock).router(),
        };
        serve(self, router).await
    }

    /// Empties a real one of what another file left in it.
    pub(crate) async fn empty(self, server: &Server) -> Result<()> {
        match self {
            Self::OpenSearch => empty_opensearch(server).await,
            Self::S3 => empty_minio(server).await,
        }
    }

    /// A side of the comparison.
    pub(crate) fn session(self, server: Server) -> Session {
        Session::new(self, server)
    }
}

async fn serve(subject: Subject, router: Router) -> Result<Embedded> {
    let listener = ekk_server::listen::bind(subject.name(), SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = match subject {
        Subject::OpenSearch => Server::open(url),
        Subject::S3 => Server::with_keys(&url)?,
    };
    let stop = CancellationToken::new();
    TaskTracker::new().spawn(ekk_server::listen::serve(listener, router, stop.clone()));
    Ok(Embedded { server, _stop: stop.drop_guard() })
}

async fn empty_opensearch(server: &Server) -> Result<()> {
    for path in [
        "/*?expand_wildcards=all",
        "/_index_template/*",
        "/_component_template/*",
        "/_template/*",
        "/_search/scroll/_all",
        "/_search/point_in_time/_all",
    ] {
        let response = server.send("DELETE", path, &[], None).await?;
        let status = response.status().as_u16();
        ensure!(matches!(status, 200 | 404), "DELETE {path} was answered with {status}: {}", response.text().await?);
    }
    let settings = r#"{"persistent": {"*": null}, "transient": {"*": null}}"#.to_owned();
    let json = [("content-type".to_owned(), "application/json".to_owned())];
    server.send("PUT", "/_cluster/settings", &json, Some(settings)).await?;
    Ok(())
}

/// `MinIO` deletes a bucket with all that is in it when it is asked to by a header of its own.
async fn empty_minio(server: &Server) -> Result<()> {
    let listed = answer::read(server.send("GET", "/", &[], None).await?, &[]).await?;
    let buckets = match listed.pointer("/body/ListAllMyBucketsResult/Buckets/Bucket") {
        Some(Value::Array(several)) => several.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    for bucket in buckets {
        let path = format!("/{}", bucket["Name"].as_str().unwrap_or_default());
        let force = [("x-minio-force-delete".to_owned(), "true".to_owned())];
        let status = server.send("DELETE", &path, &force, None).await?.status();
        ensure!(status.is_success(), "the bucket {path} cannot be deleted: {status}");
    }
    Ok(())
}
