//! Runs the engine alone: an OpenSearch on one address, in memory or in a folder.
//!
//! `cargo run -p ekk-opensearch --example serve -- 127.0.0.1:9200 [FOLDER]`

use std::{error::Error, path::PathBuf, sync::Arc};

use ekk_clock::Clock;
use ekk_engine::engine::Engine;
use ekk_opensearch::OpenSearch;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:9200".to_owned()).parse()?;
    let engine = match arguments.next().map(PathBuf::from) {
        Some(folder) => Engine::open(&folder)?,
        None => Engine::in_memory(),
    };
    let listener = ekk_server::listen::bind("OpenSearch", address).await?;
    let opensearch = OpenSearch::new(Arc::new(engine), Clock::system());
    let shutdown = CancellationToken::new();
    let stop = async {
        let stopped = tokio::signal::ctrl_c().await;
        shutdown.cancel();
        stopped
    };
    let serve = ekk_server::listen::serve(listener, opensearch.router(), shutdown.clone());
    let (stopped, served, ()) = tokio::join!(stop, serve, opensearch.run_refresh(shutdown.clone()));
    stopped?;
    served?;
    opensearch.close().await;
    Ok(())
}
