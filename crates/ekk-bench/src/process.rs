//! The binary as a process: time from its start to ready, memory when idle and after a million records.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::{
    load::{Connection, Prepared, rate},
    report::{Line, median, now, progress},
    samples,
};

const STARTS: usize = 10;
const BATCHES: usize = 2_000;
const RECORD_MB: f64 = 300.0;

/// How long a start or a delivery may take.
const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) fn run() -> anyhow::Result<Vec<Line>> {
    let binary = binary()?;
    progress("starting the process");
    let (mut ready, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = now();
        Command::new(&binary).arg("--version").stdout(Stdio::null()).status()?;
        nothing.push(started.elapsed().as_secs_f64() * 1000.0);
        ready.push(Running::start(&binary, &[])?.ready_millis);
    }
    let (ready, nothing) = (median(&mut ready), median(&mut nothing));
    let running = Running::start(&binary, &[])?;
    let idle = running.resident_mb()?;
    progress("a million records");
    running.put_a_million()?;
    let full = running.resident_mb()?;
    Ok(vec![
        Line {
            what: "process start to ready",
            ours: format!("{ready:.0} ms"),
            beside: format!("ekk --version {nothing:.0} ms"),
            ratio: ready / nothing,
            goal: "< 300 ms",
        },
        Line {
            what: "resident memory, idle",
            ours: format!("{idle:.0} MB"),
            beside: "the 300 MB of a million records".to_owned(),
            ratio: idle / RECORD_MB,
            goal: "< 60 MB",
        },
        Line {
            what: "resident memory, 1,000,000 records kept",
            ours: format!("{full:.0} MB"),
            beside: "their 300 MB, twice (index and S3)".to_owned(),
            ratio: full / (2.0 * RECORD_MB),
            goal: "",
        },
    ])
}

/// The command `ekk`, which is built beside the benches.
pub(crate) fn binary() -> anyhow::Result<PathBuf> {
    let binary = std::env::current_exe()?.with_file_name("ekk");
    ensure!(binary.exists(), "{} is not there; build it with `cargo build --release -p ekk`", binary.display());
    Ok(binary)
}

/// `ekk up` as a process of its own.
pub(crate) struct Running {
    child: Child,
    ready_millis: f64,
    addresses: Value,
    _folder: TempDir,
}

impl Running {
    /// Starts it on free ports with further `options`.
    pub(crate) fn start(binary: &Path, options: &[&str]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let ready_file = folder.path().join("ready.json");
        let started = now();
        let mut child = Command::new(binary)
            .arg("up")
            .args(["--listen-aws", "127.0.0.1:0", "--listen-opensearch", "127.0.0.1:0"])
            .args(["--listen-s3", "127.0.0.1:0", "--listen-dashboards", "127.0.0.1:0"])
            .args(options)
            .arg("--ready-file")
            .arg(&ready_file)
            .stdout(Stdio::null())
            .spawn()?;
        let addresses = match wait_for_file(&mut child, &ready_file) {
            Ok(text) => serde_json::from_str(&text)?,
            Err(error) => {
                child.kill()?;
                child.wait()?;
                return Err(error);
            }
        };
        let ready_millis = started.elapsed().as_secs_f64() * 1000.0;
        Ok(Self { child, ready_millis, addresses, _folder: folder })
    }

    pub(crate) fn address(&self, part: &str) -> anyhow::Result<SocketAddr> {
        let url = Url::parse(self.addresses.get(part).and_then(Value::as_str).context("no such part")?)?;
        url.socket_addrs(|| None)?.first().copied().context("no address")
    }

    pub(crate) fn resident_mb(&self) -> anyhow::Result<f64> {
        self.status_mb("VmRSS:")
    }

    /// The most that was ever resident.
    pub(crate) fn peak_mb(&self) -> anyhow::Result<f64> {
        self.status_mb("VmHWM:")
    }

    fn status_mb(&self, name: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(PathBuf::from(format!("/proc/{}/status", self.child.id())))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Puts in portions that the stack's queue can hold, and waits after each until it is delivered.
    fn put_a_million(&self) -> anyhow::Result<()> {
        let aws = self.address("aws")?;
        let batch = Prepared::firehose("PutRecordBatch", &samples::put_record_batch("logging-test"));
        let mut control = Connection::open(aws)?;
        for _ in 0..10 {
            rate(aws, &batch, 2, BATCHES / 20)?;
            control.call(&Prepared::json("POST", "/_ekk/wait?timeout_secs=60", ""))?;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn wait_for_file(child: &mut Child, path: &Path) -> anyhow::Result<String> {
    let started = now();
    while started.elapsed() < PATIENCE {
        if let Ok(text) = fs::read_to_string(path) {
            return Ok(text);
        }
        if let Some(status) = child.try_wait()? {
            bail!("ekk up ended with {status}");
        }
        std::thread::yield_now();
    }
    bail!("ekk up is not ready after {} s", PATIENCE.as_secs())
}
