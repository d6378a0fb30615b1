//! The real OpenSearch and the real `MinIO` as plain processes, made by the recipes of `tests/images`.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use ekk_clock::Clock;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{session::Server, subject::Subject};

/// A real part that is there: started by us, or given.
#[derive(Debug)]
pub(crate) struct Real {
    pub(crate) server: Server,
    process: Option<Process>,
}

/// A process and all that it writes.
#[derive(Debug)]
struct Process {
    child: Child,
    folder: TempDir,
}

/// Key id and secret that `MinIO` is started with; it refuses shorter secrets.
const MINIO_KEYS: (&str, &str) = ("test", "testtest");
/// How long a started part may take to answer. OpenSearch took 14 to 83 s on two busy cores.
const READY_PATIENCE: Duration = Duration::from_mins(5);
const READY_POLL: Duration = Duration::from_millis(250);

impl Real {
    /// The part at `given`, or else one that is started now.
    pub(crate) async fn given_or_started(subject: Subject, given: Option<&str>) -> Result<Self> {
        let Some(url) = given else { return Self::start(subject).await };
        let server = match subject {
            Subject::OpenSearch => Server::open(url),
            Subject::S3 => Server::with_keys(url)?,
        };
        server.http.get(&server.url).send().await.with_context(|| format!("nothing answers at {}", server.url))?;
        Ok(Self { server, process: None })
    }

    async fn start(subject: Subject) -> Result<Self> {
        match subject {
            Subject::OpenSearch => start_opensearch().await,
            Subject::S3 => start_minio().await,
        }
    }

    /// The address with keys, as `ekk up` takes it.
    fn address(&self) -> String {
        match &self.server.keys {
            Some((key, secret)) => self.server.url.replacen("://", &format!("://{key}:{secret}@"), 1),
            None => self.server.url.clone(),
        }
    }

    /// Stops what was started, and deletes what it wrote.
    pub(crate) async fn stop(self) -> Result<()> {
        if let Some(Process { mut child, folder }) = self.process {
            child.kill().await.context("cannot stop what was started")?;
            folder.close().context("cannot delete what it wrote")?;
        }
        Ok(())
    }
}

fn recipes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/images")
}

async fn start_opensearch() -> Result<Real> {
    let folder = tempfile::tempdir().context("cannot make a folder for OpenSearch")?;
    made("opensearch").await?;
    let log = fs::File::create(folder.path().join("log"))?;
    let mut child = Command::new(recipes().join("opensearch/run.sh"))
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .context("cannot start OpenSearch")?;
    let ports = folder.path().join("logs/http.ports");
    let logged = || fs::read_to_string(folder.path().join("log")).unwrap_or_default();
    let answers = async || {
        let address = fs::read_to_string(&ports).ok()?.lines().next()?.to_owned();
        let server = Server::open(format!("http://{address}"));
        let health = server.http.get(format!("{}/_cluster/health", server.url)).send().await.ok()?;
        health.status().is_success().then_some(server)
    };
    let server = ready("OpenSearch", &mut child, answers).await.with_context(logged)?;
    Ok(Real { server, process: Some(Process { child, folder }) })
}

async fn start_minio() -> Result<Real> {
    let program = made("minio").await?;
    let folder = tempfile::tempdir().context("cannot make a folder for MinIO")?;
    let log = fs::File::create(folder.path().join("log"))?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut child = Command::new(program)
        .args(["server", "--address", &address])
        .arg(folder.path().join("data"))
        .envs([("MINIO_ROOT_USER", MINIO_KEYS.0), ("MINIO_ROOT_PASSWORD", MINIO_KEYS.1), ("MINIO_BROWSER", "off")])
        .env("MINIO_UPDATE", "off")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .context("cannot start MinIO")?;
    let logged = || fs::read_to_string(folder.path().join("log")).unwrap_or_default();
    let (key, secret) = MINIO_KEYS;
    let server = Server::with_keys(&format!("http://{key}:{secret}@{address}"))?;
    let answers = async || {
        let health = server.http.get(format!("{}/minio/health/live", server.url)).send().await.ok()?;
        health.status().is_success().then(|| server.clone())
    };
    let server = ready("MinIO", &mut child, answers).await.with_context(logged)?;
    Ok(Real { server, process: Some(Process { child, folder }) })
}

/// Runs a recipe, which prints where what it made is; it takes minutes the first time.
async fn made(part: &str) -> Result<String> {
    let recipe = recipes().join(part).join("make.sh");
    let output = Command::new(&recipe).stdin(Stdio::null()).stderr(Stdio::inherit()).output().await;
    let output = output.with_context(|| format!("cannot run {}", recipe.display()))?;
    if !output.status.success() {
        bail!("{} failed ({})", recipe.display(), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `MinIO` does not say which port it chose, so one that is free now is given to it.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Asks until there is an answer, the process ends, or patience does.
async fn ready(name: &str, child: &mut Child, answers: impl AsyncFn() -> Option<Server>) -> Result<Server> {
    eprintln!("starting {name} …");
    let clock = Clock::system();
    let attempts = READY_PATIENCE.as_millis() / READY_POLL.as_millis();
    for _ in 0..attempts {
        if let Some(server) = answers().await {
            return Ok(server);
        }
        if let Some(status) = child.try_wait()? {
            bail!("{name} ended with {status}");
        }
        clock.sleep(READY_POLL).await;
    }
    bail!("{name} does not answer after {} s", READY_PATIENCE.as_secs());
}

/// Runs `command` with the addresses of both real parts in its environment, then stops them.
pub(crate) async fn run_beside(command: &[String]) -> Result<ExitCode> {
    let (opensearch, s3) = tokio::try_join!(Real::start(Subject::OpenSearch), Real::start(Subject::S3))?;
    let [program, arguments @ ..] = command else { bail!("there is no command") };
    let status = Command::new(program)
        .args(arguments)
        .env("EKK_TEST_OPENSEARCH", opensearch.address())
        .env("EKK_TEST_S3", s3.address())
        .status()
        .await
        .with_context(|| format!("cannot run {program}"));
    opensearch.stop().await?;
    s3.stop().await?;
    Ok(if status?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
