//! Serves Discover on an `OpenSearch`: `cargo run -p ekk-dashboards --example serve -- http://127.0.0.1:9200`.

use ekk_clock::Clock;
use ekk_dashboards::{Config, Dashboards};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let opensearch = std::env::args().nth(1).ok_or("name the address of an OpenSearch")?.parse()?;
    let columns = ["levelname", "name", "message"].map(str::to_owned).to_vec();
    let index_pattern = std::env::args().nth(3).unwrap_or_else(|| "logging-test-*".to_owned());
    let config = Config { opensearch, index_pattern, time_field: "asctime".to_owned(), columns };
    let address = std::env::args().nth(2).unwrap_or_else(|| "127.0.0.1:5601".to_owned()).parse()?;
    let listener = ekk_server::listen::bind("Dashboards", address).await?;
    let router = Dashboards::new(config, Clock::system()).router();
    Ok(ekk_server::listen::serve(listener, router, CancellationToken::new()).await?)
}
