//! Records of a pipe, which cannot be read again.

use std::{ops::ControlFlow, time::Duration};

use crate::events::{Event, Events, Joining, Until};

/// Cuts what comes through a pipe into records.
#[derive(Debug)]
pub struct Piped {
    events: Events,
}

impl Piped {
    /// Nothing has come yet.
    pub fn new(joining: Joining) -> Self {
        Self { events: Events::new(joining) }
    }

    /// Takes what came at `now`, and hands on the records that are complete, until `sink` breaks off.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        now: Duration,
        sink: &mut dyn FnMut(&Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.events.feed(bytes, now);
        self.hand_on(Until::Complete, sink)
    }

    /// When [`Piped::rest`] is to be called, because a record has waited for its lines for long enough.
    pub fn due_at(&self) -> Option<Duration> {
        self.events.due_at()
    }

    /// Hands on the record that waits for more lines.
    pub fn rest(&mut self, sink: &mut dyn FnMut(&Event<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        self.hand_on(Until::Lines, sink)
    }

    /// Hands on all that is left, also a line without an end.
    pub fn end(&mut self, sink: &mut dyn FnMut(&Event<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        self.hand_on(Until::End, sink)
    }

    fn hand_on(&mut self, until: Until, sink: &mut dyn FnMut(&Event<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        while let Some(event) = self.events.next(until) {
            if !event.text.is_empty() {
                sink(&event)?;
            }
        }
        ControlFlow::Continue(())
    }
}
