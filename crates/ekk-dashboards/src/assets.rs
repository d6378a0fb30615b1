//! The style sheet, the script and the icon, compiled in.
//!
//! Their paths carry a hash of their content, so a browser may keep them for ever and still sees a new version at once.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, LazyLock},
};

use axum::{Router, extract::Path, response::IntoResponse, routing::get};
use http::{StatusCode, header};

use crate::Site;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
}

const ASSETS: [Asset; 3] = [
    Asset {
        name: "discover.css",
        content_type: "text/css; charset=utf-8",
        content: include_bytes!("../assets/discover.css"),
    },
    Asset {
        name: "discover.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../assets/discover.js"),
    },
    Asset { name: "icon.svg", content_type: "image/svg+xml", content: include_bytes!("../assets/icon.svg") },
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    for asset in &ASSETS {
        asset.content.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
});

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/assets/{version}/{name}", get(serve))
}

/// The path of the asset called `name`.
pub(crate) fn path(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

async fn serve(Path((version, name)): Path<(String, String)>) -> impl IntoResponse {
    let asset = ASSETS.iter().find(|asset| asset.name == name).filter(|_| version == *VERSION);
    asset
        .map(|asset| {
            let keep = "public, max-age=31536000, immutable";
            ([(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, keep)], asset.content)
        })
        .ok_or(StatusCode::NOT_FOUND)
}
