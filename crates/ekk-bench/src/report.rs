//! One line a figure: what was measured, beside what, and the ratio.

use std::{
    io::{self, Write as _},
    time::Instant,
};

/// A measured figure.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) ours: String,
    pub(crate) beside: String,
    pub(crate) ratio: f64,
    pub(crate) goal: &'static str,
}

impl Line {
    pub(crate) fn print(&self) {
        say(&format!("{:<42} {:>22} {:>34} {:>7.2}   {}", self.what, self.ours, self.beside, self.ratio, self.goal));
    }
}

pub(crate) fn head() {
    say(&format!("{:<42} {:>22} {:>34} {:>7}   {}", "what", "ekk", "beside", "ratio", "goal"));
}

pub(crate) fn progress(text: &str) {
    drop(writeln!(io::stderr().lock(), "  … {text}"));
}

fn say(text: &str) {
    drop(writeln!(io::stdout().lock(), "{text}"));
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The middle of the values; they are sorted in place.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value that `percent` of the sorted values do not pass.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
