//! Runs all files of requests against both sides, prints what differs, and holds FIDELITY.md to it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};

use crate::{
    cases::{self, Script},
    difference::{self, Judgement},
    options::Compare,
    real::Real,
    recorded,
    report::{self, Row},
    session::Server,
    subject::Subject,
};

/// Compares both parts and writes or checks the table.
pub(crate) async fn compare(options: &Compare) -> Result<ExitCode> {
    let mut rows = Vec::new();
    for subject in [Subject::OpenSearch, Subject::S3] {
        let mut scripts = scripts(subject)?;
        scripts.retain(|script| chosen(subject, script, &options.only));
        if scripts.is_empty() {
            continue;
        }
        let given = match subject {
            Subject::OpenSearch => options.opensearch.as_deref(),
            Subject::S3 => options.s3.as_deref(),
        };
        let real = Real::given_or_started(subject, given).await?;
        for script in &scripts {
            rows.push(run(subject, script, &real.server).await?);
        }
        real.stop().await?;
    }
    let failures: usize = rows.iter().map(Row::failures).sum();
    println!("{}", report::summary(&rows));
    if failures > 0 {
        eprintln!("{failures} requests differ in ways that no file names, or no longer as one names");
        return Ok(ExitCode::FAILURE);
    }
    if options.only.is_empty() { hold_document(&rows, options.check) } else { Ok(ExitCode::SUCCESS) }
}

/// The workspace's root.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).unwrap_or(here)
}

/// Where the files of requests are.
pub(crate) fn cases_folder() -> PathBuf {
    root().join("tests/conformance")
}

fn scripts(subject: Subject) -> Result<Vec<Script>> {
    let mut scripts = cases::read_all(&cases_folder().join(subject.name().to_lowercase()))?;
    if subject == Subject::OpenSearch {
        scripts.push(recorded::read(&root().join("crates/ekk-opensearch/tests/recorded"))?);
    }
    Ok(scripts)
}

fn chosen(subject: Subject, script: &Script, only: &[String]) -> bool {
    let path = format!("{}/{}", subject.name().to_lowercase(), script.name);
    only.is_empty() || only.iter().any(|word| path.contains(word.as_str()))
}

/// Sends one file to an empty embedded part and to the real one, emptied.
async fn run(subject: Subject, script: &Script, real: &Server) -> Result<Row> {
    let embedded = subject.embedded().await?;
    subject.empty(real).await.context("the real one cannot be emptied")?;
    let mut ours = subject.session(embedded.server.clone());
    let mut theirs = subject.session(real.clone());
    let mut judgements = Vec::new();
    for case in &script.cases {
        let place = || format!("{}, `{}`", script.name, case.title);
        let (embedded, real) = (ours.ask(case).await, theirs.ask(case).await);
        let (embedded, real) = (embedded.with_context(place)?, real.with_context(place)?);
        let judgement = difference::judge(subject, case, &embedded, &real);
        show(script, &case.title, &judgement);
        judgements.push((case.title.clone(), judgement));
    }
    Ok(Row { subject, script: script.name.clone(), about: script.subject.clone(), judgements })
}

fn show(script: &Script, title: &str, judgement: &Judgement) {
    if judgement.unnamed.is_empty() && judgement.gone.is_empty() {
        return;
    }
    println!("{}: {title}", script.name);
    for difference in &judgement.unnamed {
        println!("  {}\n    embedded {}\n    real     {}", difference.path, difference.embedded, difference.real);
    }
    for reason in &judgement.gone {
        println!("  no longer so: {reason}");
    }
}

fn hold_document(rows: &[Row], check: bool) -> Result<ExitCode> {
    let path = root().join("FIDELITY.md");
    let text = fs::read_to_string(&path).context("cannot read FIDELITY.md")?;
    let wanted = report::splice(&text, &report::tables(rows)).context("FIDELITY.md has no place for the table")?;
    if text == wanted {
        println!("FIDELITY.md says so");
        return Ok(ExitCode::SUCCESS);
    }
    if check {
        eprintln!("FIDELITY.md does not say so; run cargo xtask conformance and commit what it writes");
        return Ok(ExitCode::FAILURE);
    }
    fs::write(&path, wanted).context("cannot write FIDELITY.md")?;
    println!("FIDELITY.md is written");
    Ok(ExitCode::SUCCESS)
}
