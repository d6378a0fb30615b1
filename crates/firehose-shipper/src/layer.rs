//! A layer for `tracing-subscriber`: events, with the fields of their spans, become records.

use std::{cell::RefCell, error::Error, fmt};

use serde::Serialize;
use tracing_core::{
    Event, Field, Metadata, Subscriber,
    field::Visit,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, Scope, SpanRef},
};

use crate::{
    line::{Level, Line, LineStyle, Schema, json, members::Members, time::TimeFormat},
    quiet,
    sender::Sender,
};

/// Events whose target begins so are ours.
const OWN_TARGET: &str = "firehose_shipper";
/// What the bridge from the `log` crate puts into an event; the target is where the record came from.
const BRIDGED_PREFIX: &str = "log.";
const BRIDGED_TARGET: &str = "log.target";

thread_local! {
    /// Memory for one event and its line, so that a record costs one allocation, which is its own.
    static SCRATCH: RefCell<(Members, Vec<u8>)> = RefCell::default();
}

/// Ships events. Made by [`Shipper::layer`](crate::Shipper::layer).
///
/// A line has the time, the target, the level and the message, then fixed fields, then those of the spans from the
/// outermost in, then the event's own. Of fields with one name the innermost is written, and a field with the name of one
/// of the record's own gets an underscore. An error that is logged as such (`error = &error as &dyn Error`) is written with
/// its causes to `exc_info`; so is a field `backtrace` or `exc_info`.
#[derive(Clone, Debug)]
pub struct FirehoseLayer {
    sender: Sender,
    style: LineStyle,
    backtraces: bool,
}

impl FirehoseLayer {
    pub(crate) fn new(sender: Sender) -> Self {
        Self { sender, style: LineStyle::default(), backtraces: false }
    }

    /// The names of the record's own fields. Those of Python's json loggers by default.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.style.schema = schema;
        self
    }

    /// How the time is written. RFC 3339 in the system's time zone by default.
    #[must_use]
    pub fn time_format(mut self, format: TimeFormat) -> Self {
        self.style.time = format;
        self
    }

    /// Adds a field to every line, such as the name of the service, the host or the version.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Serialize) -> Self {
        self.style.fixed.set_value(name, &value);
        self
    }

    /// Adds the backtrace of the place that logs to `exc_info` of every event at ERROR that has an error. Off by default,
    /// because it takes milliseconds.
    #[must_use]
    pub fn backtraces(mut self, on: bool) -> Self {
        self.backtraces = on;
        self
    }

    fn ship<S>(&self, event: &Event<'_>, context: &Context<'_, S>, members: &mut Members, line: &mut Vec<u8>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let metadata = event.metadata();
        let mut visitor = Visitor::of_event(members);
        event.record(&mut visitor);
        let bridged_target = visitor.bridged_target;
        let level = level(metadata);
        if self.backtraces && level == Level::Error && !members.exc_info().is_empty() {
            members.add_exc_info(&std::backtrace::Backtrace::force_capture().to_string());
        }
        let spans: Vec<_> = context.event_scope(event).into_iter().flat_map(Scope::from_root).collect();
        let extensions: Vec<_> = spans.iter().map(|span| span.extensions()).collect();
        let fields: Vec<&Members> = extensions.iter().filter_map(|of_span| of_span.get::<Members>()).collect();
        let record = Line {
            time: self.sender.inner.clock.now(),
            name: bridged_target.as_deref().unwrap_or(metadata.target()),
            level,
            span: spans.last().map(SpanRef::name),
            event: members,
        };
        self.style.write(&record, &fields, line);
    }
}

impl<S> Layer<S> for FirehoseLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        // Another layer of this kind has done it already, and it would write the same.
        if span.extensions().get::<Members>().is_some() {
            return;
        }
        let mut members = Members::default();
        attributes.record(&mut Visitor::of_span(&mut members));
        span.extensions_mut().insert(members);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(members) = span.extensions_mut().get_mut::<Members>() {
            values.record(&mut Visitor::of_span(members));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if quiet::is_quiet() || event.metadata().target().starts_with(OWN_TARGET) {
            return;
        }
        // It is taken, not borrowed: what is logged may itself log.
        let (mut members, mut line) = SCRATCH.try_with(RefCell::take).unwrap_or_default();
        self.ship(event, &context, &mut members, &mut line);
        self.sender.send_line(&line);
        members.clear();
        line.clear();
        // On a thread that is ending, there is no place to keep it.
        SCRATCH.try_with(|scratch| scratch.replace((members, line))).ok();
    }
}

fn level(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::DEBUG => Level::Debug,
        tracing_core::Level::TRACE => Level::Trace,
    }
}

/// Puts the fields of an event or a span where they belong.
struct Visitor<'a> {
    members: &'a mut Members,
    /// A message, an error's causes and a backtrace are the event's own; in a span, they are fields like others.
    is_event: bool,
    bridged_target: Option<String>,
}

impl<'a> Visitor<'a> {
    fn of_event(members: &'a mut Members) -> Self {
        Self { members, is_event: true, bridged_target: None }
    }

    fn of_span(members: &'a mut Members) -> Self {
        Self { members, is_event: false, bridged_target: None }
    }

    fn set(&mut self, field: &Field, write: impl FnOnce(&mut Vec<u8>)) {
        if !field.name().starts_with(BRIDGED_PREFIX) {
            self.members.set(field.name(), write);
        }
    }
}

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" if self.is_event => self.members.set_message(format_args!("{value:?}")),
            "exc_info" | "backtrace" if self.is_event => self.members.add_exc_info(&format!("{value:?}")),
            _ => self.set(field, |out| json::write_display(out, format_args!("{value:?}"))),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" if self.is_event => self.members.set_message(format_args!("{value}")),
            "exc_info" | "backtrace" if self.is_event => self.members.add_exc_info(value),
            BRIDGED_TARGET => self.bridged_target = Some(value.to_owned()),
            _ => self.set(field, |out| json::write_text(out, value)),
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if self.is_event {
            self.members.set_error(field.name(), value);
        } else {
            self.set(field, |out| json::write_display(out, format_args!("{value}")));
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, |out| json::write_float(out, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, |out| json::write_integer(out, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, |out| json::write_integer(out, value));
    }

    /// As text when it is beyond 64 bits, for no index has a number that large.
    fn record_i128(&mut self, field: &Field, value: i128) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.set(field, |out| json::write_display(out, format_args!("{value}"))),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.set(field, |out| json::write_display(out, format_args!("{value}"))),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, |out| json::write_integer(out, value));
    }
}
