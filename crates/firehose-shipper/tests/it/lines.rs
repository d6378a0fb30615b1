//! What the layer and the logger ship, line for line.

use std::{error::Error, io, sync::Arc, time::Duration};

use firehose_shipper::{
    FirehoseLayer, FirehoseLogger, Schema, Shipper, TimeFormat,
    testing::{ManualClock, RecordingTransport},
};
use log::Log;
use tracing_subscriber::prelude::*;

const LONG: Duration = Duration::from_mins(1);

/// A shipper whose time stands at 2026-11-23T17:28:31.788Z, and what it ships to.
fn shipper() -> (Shipper, Arc<RecordingTransport>) {
    let clock = Arc::new(ManualClock::new());
    clock.advance(Duration::from_millis(1_795_454_911_788));
    let transport = Arc::new(RecordingTransport::new());
    (Shipper::builder_to(transport.clone()).clock(clock).start().unwrap(), transport)
}

/// What is shipped of what is logged through the layer.
fn traced(layer: impl Fn(FirehoseLayer) -> FirehoseLayer, log: impl FnOnce()) -> String {
    let (shipper, transport) = shipper();
    let layer = layer(shipper.layer().time_format(TimeFormat::rfc3339().utc()));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
    shipper.shutdown(LONG);
    transport.lines().concat()
}

fn logged(logger: impl Fn(FirehoseLogger) -> FirehoseLogger, log: impl FnOnce(&FirehoseLogger)) -> String {
    let (shipper, transport) = shipper();
    log(&logger(shipper.logger().time_format(TimeFormat::rfc3339().utc())));
    shipper.shutdown(LONG);
    transport.lines().concat()
}

#[derive(Debug, thiserror::Error)]
#[error("order 17 was not paid")]
struct Unpaid(#[source] io::Error);

fn unpaid() -> Unpaid {
    Unpaid(io::Error::other("connection refused"))
}

#[test]
fn an_event_becomes_a_line_in_the_names_of_python() {
    let lines = traced(
        |layer| layer.field("service", "shop").field("version", [1, 2]),
        || {
            tracing::warn!(target: "shop::checkout", order = 17, total = 9.5, paid = false, "order {} accepted", 17);
            tracing::trace!(target: "shop", text = "a \"quote\"\nand a line", debug = ?Some(1));
        },
    );
    insta::assert_snapshot!(lines, @r#"
    {"asctime":"2026-11-23T17:28:31.788000+00:00","name":"shop::checkout","levelname":"WARNING","message":"order 17 accepted","service":"shop","version":[1,2],"order":17,"total":9.5,"paid":false}
    {"asctime":"2026-11-23T17:28:31.788000+00:00","name":"shop","levelname":"DEBUG","message":"","service":"shop","version":[1,2],"text":"a \"quote\"\nand a line","debug":"Some(1)"}
    "#);
}

#[test]
fn an_event_becomes_a_line_in_the_names_of_tracing() {
    let lines = traced(
        |layer| layer.schema(Schema::Tracing),
        || {
            let _outer = tracing::info_span!("request", id = 7).entered();
            let _inner = tracing::info_span!("query").entered();
            tracing::trace!(target: "shop", level = "mine", "slow");
        },
    );
    insta::assert_snapshot!(lines, @r#"{"timestamp":"2026-11-23T17:28:31.788000+00:00","target":"shop","level":"TRACE","message":"slow","span":"query","id":7,"level_":"mine"}"#);
}

#[test]
fn fields_of_spans_are_in_the_line_and_may_be_recorded_later() {
    let lines = traced(
        |layer| layer,
        || {
            let outer = tracing::info_span!("request", id = 7, user = tracing::field::Empty, step = "outer");
            let _outer = outer.enter();
            outer.record("user", "ada");
            let _inner = tracing::info_span!("query", step = "inner", "a span may have a message").entered();
            tracing::info!(target: "shop", "done");
        },
    );
    insta::assert_snapshot!(lines, @r#"{"asctime":"2026-11-23T17:28:31.788000+00:00","name":"shop","levelname":"INFO","message":"done","id":7,"user":"ada","message_":"a span may have a message","step":"inner"}"#);
}

#[test]
fn an_error_is_told_with_its_causes() {
    let lines = traced(
        |layer| layer,
        || {
            let error = unpaid();
            tracing::error!(target: "shop", error = &error as &dyn Error, "cannot ship");
            tracing::error!(target: "shop", backtrace = "0: main", error = &error as &dyn Error);
        },
    );
    insta::assert_snapshot!(lines, @r#"
    {"asctime":"2026-11-23T17:28:31.788000+00:00","name":"shop","levelname":"ERROR","message":"cannot ship","error":"order 17 was not paid","exc_info":"order 17 was not paid\nCaused by: connection refused"}
    {"asctime":"2026-11-23T17:28:31.788000+00:00","name":"shop","levelname":"ERROR","message":"","error":"order 17 was not paid","exc_info":"0: main\norder 17 was not paid\nCaused by: connection refused"}
    "#);
    let with_backtrace = traced(|layer| layer.backtraces(true), || tracing::error!(error = &unpaid() as &dyn Error));
    assert!(
        with_backtrace.contains("connection refused\\n") && with_backtrace.contains("an_error_is_told_with_its_causes")
    );
}

#[test]
fn a_value_that_logs_while_it_is_logged_is_shipped_too() {
    struct Chatty;
    impl std::fmt::Debug for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tracing::info!(target: "shop", "inner");
            f.write_str("chatty")
        }
    }
    // tracing calls no subscriber from within one, so the inner event is not seen by any layer; that it does no harm is
    // what is shown.
    let lines = traced(|layer| layer, || tracing::info!(target: "shop", value = ?Chatty, "outer"));
    assert!(lines.contains("\"message\":\"outer\",\"value\":\"chatty\""), "{lines}");
}

#[test]
fn numbers_beyond_64_bits_are_text() {
    let lines =
        traced(|layer| layer, || tracing::info!(target: "shop", small = 5_u128, large = u128::MAX, least = i128::MIN));
    assert!(
        lines.ends_with(
            "\"small\":5,\"large\":\"340282366920938463463374607431768211455\",\
             \"least\":\"-170141183460469231731687303715884105728\"}\n"
        ),
        "{lines}"
    );
}

#[test]
fn two_layers_share_the_fields_of_spans() {
    let ((first, to_first), (second, to_second)) = (shipper(), shipper());
    let registry = tracing_subscriber::registry().with(first.layer()).with(second.layer());
    tracing::subscriber::with_default(registry, || {
        let _span = tracing::info_span!("request", id = 7).entered();
        tracing::info!("done");
    });
    drop((first, second));
    assert!(to_first.lines()[0].contains("\"id\":7") && to_second.lines()[0].contains("\"id\":7"));
}

#[test]
fn own_events_and_those_of_callbacks_are_not_shipped() {
    let (shipper, transport) = shipper();
    let layer = shipper.layer();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::error!(target: "firehose_shipper::worker", "in a circle");
        tracing::info!("shipped");
    });
    shipper.shutdown(LONG);
    assert_eq!(transport.lines().len(), 1);
}

#[test]
fn a_record_of_log_becomes_a_line() {
    let error = unpaid();
    let lines = logged(
        |logger| logger.field("service", "shop"),
        |logger| {
            let pairs: [(&str, log::kv::Value<'_>); 6] = [
                ("order", 17.into()),
                ("paid", true.into()),
                ("ratio", 0.5.into()),
                ("name", "ada \"the first\"".into()),
                ("none", log::kv::Value::null()),
                ("err", log::kv::Value::from_dyn_error(&error)),
            ];
            logger.log(
                &log::Record::builder()
                    .level(log::Level::Warn)
                    .target("shop::checkout")
                    .args(format_args!("order {} accepted", 17))
                    .key_values(&pairs.as_slice())
                    .build(),
            );
        },
    );
    insta::assert_snapshot!(lines, @r#"{"asctime":"2026-11-23T17:28:31.788000+00:00","name":"shop::checkout","levelname":"WARNING","message":"order 17 accepted","service":"shop","order":17,"paid":true,"ratio":0.5,"name_":"ada \"the first\"","none":null,"err":"order 17 was not paid","exc_info":"order 17 was not paid\nCaused by: connection refused"}"#);
}

#[test]
fn the_logger_flushes() {
    let (shipper, transport) = shipper();
    let logger = shipper.logger().schema(Schema::Tracing);
    logger.log(&log::Record::builder().level(log::Level::Trace).args(format_args!("hello")).build());
    logger.flush();
    assert!(transport.lines()[0].contains("\"level\":\"TRACE\",\"message\":\"hello\""));
}
