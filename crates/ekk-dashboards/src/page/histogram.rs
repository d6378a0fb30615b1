//! The histogram as SVG: links for bars, buttons for levels, and the times a script needs to zoom by brush.

use maud::{Markup, html};

use super::time_picker::zone_name;
use crate::{
    chart::{self, Bar, Chart, HEIGHT, lay_out},
    discover::{Discover, Found},
    filter::Filter,
    level::Severity,
    text::{grouped, percent, visible},
    time_range::{Instants, TimeRange, shown},
    view::View,
};

/// Room for the labels under the bars, in pixels.
const LABELS: f64 = 22.0;

pub(super) fn panel(discover: &Discover<'_>, found: &Found) -> Markup {
    let Ok(range) = discover.range else { return html! {} };
    let counts = &found.counts;
    let chart = lay_out(range, &counts.interval, &discover.zone, &counts.buckets);
    html! {
        section.panel aria-label="Histogram" {
            div.head {
                h1 { b { (grouped(found.total)) } @if found.total == 1 { " hit" } @else { " hits" } }
                span.range { (span_words(discover, range)) " " span.zone { (zone_name(discover.view)) } }
                span.took { "per " (counts.interval.words()) " · search " (found.took_millis) " ms" }
            }
            (picture(discover, range, &chart))
            @if let Some((field, levels)) = &counts.levels { (legend(field, levels, found.total)) }
        }
    }
}

fn span_words(discover: &Discover<'_>, range: Instants) -> String {
    format!("{} – {}", shown(range.from, &discover.zone), shown(range.to, &discover.zone))
}

fn picture(discover: &Discover<'_>, range: Instants, chart: &Chart) -> Markup {
    let middle = HEIGHT / 2.0;
    html! {
        div.chart {
            div.scale aria-hidden="true" {
                span { (grouped(chart.top_count)) } span { (grouped(chart.top_count / 2)) } span { "0" }
            }
            svg #hist role="group" aria-label="Records over time; each bar leads to its span" height=(HEIGHT + LABELS)
                data-from=(range.from.as_millisecond()) data-to=(range.to.as_millisecond()) {
                @for y in [0.5, middle, HEIGHT - 0.5] { line.grid x1="0" x2="100%" y1=(y) y2=(y) {} }
                @for bar in &chart.bars { (column(discover, bar)) }
                @for tick in &chart.ticks {
                    line.tick x1=(at(tick.at)) x2=(at(tick.at)) y1=(HEIGHT) y2=(HEIGHT + 4.0) {}
                    text x=(at(tick.at)) y=(HEIGHT + 17.0) { (tick.label) }
                }
            }
        }
    }
}

fn at(percent: f64) -> String {
    format!("{percent:.3}%")
}

fn column(discover: &Discover<'_>, bar: &Bar) -> Markup {
    html! {
        a href=(bar_link(discover.view, bar)) {
            title { (bar_words(discover, bar)) }
            rect.hit x=(at(bar.left)) width=(at(bar.width)) height=(HEIGHT) {}
            @for part in &bar.parts {
                rect class=(part.severity.class()) x=(at(bar.left)) width=(at(bar.width)) y=(format!("{:.1}", part.top)) height=(format!("{:.1}", part.height)) {}
            }
        }
    }
}

fn bar_link(view: &View, bar: &Bar) -> String {
    view.with(|view| view.range = TimeRange::absolute(bar.span)).href()
}

fn bar_words(discover: &Discover<'_>, bar: &Bar) -> String {
    let mut words = format!("{}: {} records", span_words(discover, bar.span), grouped(bar.count));
    for chart::Part { severity, count, .. } in bar.parts.iter().rev() {
        let name = match severity {
            Severity::Other if bar.parts.len() == 1 => continue,
            Severity::Other => "other",
            Severity::Trace => "trace",
            Severity::Debug => "debug",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Critical => "critical",
        };
        words.extend(["\n", name, " ", &grouped(*count)]);
    }
    words
}

fn legend(field: &str, levels: &[(String, u64)], total: u64) -> Markup {
    html! {
        ul.legend aria-label="Levels" {
            @for (level, count) in levels {
                li {
                    button name="f" value=(Filter::is(field, level).wire()) title={ "Only " (visible(level)) ": " (percent(*count, total)) } {
                        i class=(Severity::of(level).class()) {} (visible(level)) " " span { (grouped(*count)) }
                    }
                }
            }
        }
    }
}
