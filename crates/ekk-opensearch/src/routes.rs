//! The table of paths. It only routes: one line a path.

use crate::{
    api::{
        alias, analyze, bulk, by_query, cat, cluster, component_template, count, document, field_caps, get, index,
        index_template, legacy_template, maintenance, mapping, msearch, nodes, resolve, root, scroll, search, settings,
        stats, update, validate,
    },
    dsl::uri::QUERY_PARAMS as Q,
    expression::PARAMS as X,
    route::Route,
};

const T: &[&str] = index::TIMEOUTS;
const R: &[&str] = index::READ_PARAMS;
/// How many shards are waited for: none, as they are there at once.
const W: &[&str] = &["wait_for_active_shards", "wait_for_completion", "task_execution_timeout"];

macro_rules! routes {
    ($($methods:literal $path:literal [$($params:expr),*] $handler:path;)*) => {
        /// Every path that is handled.
        pub(crate) const ROUTES: &[Route] =
            &[$(Route { methods: $methods, path: $path, params: &[$($params),*], handler: $handler }),*];
    };
}

routes! {
    "GET,HEAD" "/" [] root::info;

    "GET" "/_cluster/health" [X, T, cluster::HEALTH_PARAMS] cluster::health;
    "GET" "/_cluster/health/{index}" [X, T, cluster::HEALTH_PARAMS] cluster::health;
    "GET" "/_cluster/settings" [T, cluster::SETTINGS_PARAMS] cluster::get_settings;
    "PUT" "/_cluster/settings" [T, cluster::SETTINGS_PARAMS] cluster::put_settings;
    "GET" "/_cluster/stats" [T, R] cluster::stats;
    "GET" "/_nodes" [nodes::PARAMS] nodes::info;
    "GET" "/_nodes/{node_or_metric}" [nodes::PARAMS] nodes::info;
    "GET" "/_nodes/{node_or_metric}/{metric}" [nodes::PARAMS] nodes::info;

    "POST,PUT" "/_bulk" [bulk::PARAMS] bulk::bulk;
    "POST,PUT" "/{index}/_bulk" [bulk::PARAMS] bulk::bulk;
    "POST" "/{index}/_doc" [document::WRITE_PARAMS] document::index;
    "PUT,POST" "/{index}/_doc/{id}" [document::WRITE_PARAMS] document::index;
    "GET,HEAD" "/{index}/_doc/{id}" [get::PARAMS] get::document;
    "DELETE" "/{index}/_doc/{id}" [document::WRITE_PARAMS] document::delete;
    "PUT,POST" "/{index}/_create/{id}" [document::WRITE_PARAMS] document::create;
    "POST" "/{index}/_update/{id}" [update::PARAMS] update::update;
    "GET,HEAD" "/{index}/_source/{id}" [get::PARAMS] get::source;
    "GET,POST" "/_mget" [get::PARAMS] get::mget;
    "GET,POST" "/{index}/_mget" [get::PARAMS] get::mget;
    "POST" "/{index}/_delete_by_query" [X, Q, by_query::PARAMS] by_query::delete;

    "GET,POST" "/_search" [X, Q, search::PARAMS] search::search;
    "GET,POST" "/{index}/_search" [X, Q, search::PARAMS] search::search;
    "GET,POST" "/_count" [X, Q, count::PARAMS] count::count;
    "GET,POST" "/{index}/_count" [X, Q, count::PARAMS] count::count;
    "GET,POST" "/_msearch" [X, msearch::PARAMS] msearch::msearch;
    "GET,POST" "/{index}/_msearch" [X, msearch::PARAMS] msearch::msearch;
    "GET,POST" "/_search/scroll" [scroll::PARAMS] scroll::next;
    "GET,POST" "/_search/scroll/{scroll_id}" [scroll::PARAMS] scroll::next;
    "DELETE" "/_search/scroll" [scroll::PARAMS] scroll::clear;
    "DELETE" "/_search/scroll/{scroll_id}" [scroll::PARAMS] scroll::clear;
    "POST" "/{index}/_search/point_in_time" [X, scroll::PIT_PARAMS] scroll::open_pit;
    "DELETE" "/_search/point_in_time" [] scroll::close_pit;
    "GET" "/_search/point_in_time/_all" [] scroll::list_pits;
    "DELETE" "/_search/point_in_time/_all" [] scroll::close_pit;
    "GET,POST" "/_field_caps" [X, field_caps::PARAMS] field_caps::field_caps;
    "GET,POST" "/{index}/_field_caps" [X, field_caps::PARAMS] field_caps::field_caps;
    "GET,POST" "/_validate/query" [X, Q, validate::PARAMS] validate::query;
    "GET,POST" "/{index}/_validate/query" [X, Q, validate::PARAMS] validate::query;
    "GET,POST" "/_analyze" [] analyze::analyze;
    "GET,POST" "/{index}/_analyze" [] analyze::analyze;

    "PUT" "/{index}" [T, W] index::create;
    "GET" "/{index}" [X, T, R] index::get;
    "HEAD" "/{index}" [X, T, R] index::exists;
    "DELETE" "/" [X, T] index::delete;
    "DELETE" "/{index}" [X, T] index::delete;
    "POST" "/_close" [X, T, W] index::close;
    "POST" "/{index}/_close" [X, T, W] index::close;
    "POST" "/_open" [X, T, W] index::open;
    "POST" "/{index}/_open" [X, T, W] index::open;
    "GET" "/_mapping" [X, T, R] mapping::get;
    "GET" "/{index}/_mapping" [X, T, R] mapping::get;
    "PUT,POST" "/{index}/_mapping" [X, T, mapping::PUT_PARAMS] mapping::put;
    "GET" "/_mapping/field/{fields}" [X, R] mapping::get_field;
    "GET" "/{index}/_mapping/field/{fields}" [X, R] mapping::get_field;
    "GET" "/_settings" [X, T, R] settings::get;
    "GET" "/_settings/{name}" [X, T, R] settings::get;
    "GET" "/{index}/_settings" [X, T, R] settings::get;
    "GET" "/{index}/_settings/{name}" [X, T, R] settings::get;
    "PUT" "/_settings" [X, T, settings::PUT_PARAMS] settings::put;
    "PUT" "/{index}/_settings" [X, T, settings::PUT_PARAMS] settings::put;
    "GET,POST" "/_refresh" [X] maintenance::refresh;
    "GET,POST" "/{index}/_refresh" [X] maintenance::refresh;
    "GET,POST" "/_flush" [X, maintenance::PARAMS] maintenance::flush;
    "GET,POST" "/{index}/_flush" [X, maintenance::PARAMS] maintenance::flush;
    "POST" "/_forcemerge" [X, maintenance::PARAMS] maintenance::force_merge;
    "POST" "/{index}/_forcemerge" [X, maintenance::PARAMS] maintenance::force_merge;
    "POST" "/_cache/clear" [X, maintenance::PARAMS] maintenance::clear_cache;
    "POST" "/{index}/_cache/clear" [X, maintenance::PARAMS] maintenance::clear_cache;
    "GET" "/_stats" [X, stats::PARAMS] stats::stats;
    "GET" "/_stats/{metric}" [X, stats::PARAMS] stats::stats;
    "GET" "/{index}/_stats" [X, stats::PARAMS] stats::stats;
    "GET" "/{index}/_stats/{metric}" [X, stats::PARAMS] stats::stats;
    "GET" "/_resolve/index/{name}" [X] resolve::index;

    "GET" "/_alias" [X, R] alias::get;
    "GET" "/_alias/{name}" [X, R] alias::get;
    "HEAD" "/_alias/{name}" [X, R] alias::exists;
    "GET" "/_aliases" [X, R] alias::get;
    "GET" "/{index}/_alias" [X, R] alias::get;
    "HEAD" "/{index}/_alias" [X, R] alias::exists;
    "GET" "/{index}/_alias/{name}" [X, R] alias::get;
    "HEAD" "/{index}/_alias/{name}" [X, R] alias::exists;
    "POST" "/_aliases" [T] alias::update;
    "PUT" "/_alias" [T] alias::put;
    "PUT,POST" "/_alias/{name}" [T] alias::put;
    "PUT,POST" "/_aliases/{name}" [T] alias::put;
    "PUT" "/{index}/_alias" [T] alias::put;
    "PUT" "/{index}/_aliases" [T] alias::put;
    "PUT,POST" "/{index}/_alias/{name}" [T] alias::put;
    "PUT,POST" "/{index}/_aliases/{name}" [T] alias::put;
    "DELETE" "/{index}/_alias/{name}" [T] alias::delete;
    "DELETE" "/{index}/_aliases/{name}" [T] alias::delete;

    "GET" "/_index_template" [T, R] index_template::get;
    "GET" "/_index_template/{name}" [T, R] index_template::get;
    "HEAD" "/_index_template/{name}" [T, R] index_template::exists;
    "PUT,POST" "/_index_template/{name}" [T, index_template::PUT_PARAMS] index_template::put;
    "DELETE" "/_index_template/{name}" [T] index_template::delete;
    "POST" "/_index_template/_simulate" [T, index_template::PUT_PARAMS] index_template::simulate;
    "POST" "/_index_template/_simulate/{name}" [T, index_template::PUT_PARAMS] index_template::simulate;
    "POST" "/_index_template/_simulate_index/{name}" [T, index_template::PUT_PARAMS] index_template::simulate_index;
    "GET" "/_component_template" [T, R] component_template::get;
    "GET" "/_component_template/{name}" [T, R] component_template::get;
    "HEAD" "/_component_template/{name}" [T, R] component_template::exists;
    "PUT,POST" "/_component_template/{name}" [T, index_template::PUT_PARAMS] component_template::put;
    "DELETE" "/_component_template/{name}" [T] component_template::delete;
    "GET" "/_template" [T, R] legacy_template::get;
    "GET" "/_template/{name}" [T, R] legacy_template::get;
    "HEAD" "/_template/{name}" [T, R] legacy_template::exists;
    "PUT,POST" "/_template/{name}" [T, index_template::PUT_PARAMS] legacy_template::put;
    "DELETE" "/_template/{name}" [T] legacy_template::delete;

    "GET" "/_cat" [] cat::overview;
    "GET" "/_cat/indices" [X, cat::PARAMS, cat::INDICES_PARAMS] cat::indices;
    "GET" "/_cat/indices/{index}" [X, cat::PARAMS, cat::INDICES_PARAMS] cat::indices;
    "GET" "/_cat/count" [X, cat::PARAMS] cat::count;
    "GET" "/_cat/count/{index}" [X, cat::PARAMS] cat::count;
    "GET" "/_cat/health" [cat::PARAMS, cat::INDICES_PARAMS] cat::health;
    "GET" "/_cat/aliases" [X, cat::PARAMS] cat::aliases;
    "GET" "/_cat/aliases/{name}" [X, cat::PARAMS] cat::aliases;
    "GET" "/_cat/templates" [T, cat::PARAMS] cat::templates;
    "GET" "/_cat/templates/{name}" [T, cat::PARAMS] cat::templates;
    "GET" "/_cat/shards" [X, T, cat::PARAMS] cat::shards;
    "GET" "/_cat/shards/{index}" [X, T, cat::PARAMS] cat::shards;
    "GET" "/_cat/nodes" [cat::PARAMS, cat::INDICES_PARAMS] cat::nodes;
}
