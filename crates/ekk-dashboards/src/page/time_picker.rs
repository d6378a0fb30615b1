//! The time range: what is shown, in which zone, and the ways to another one. Works as links and forms.

use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::hidden;
use crate::{
    discover::Discover,
    time_range::{Instants, QUICK_RANGES, TimeRange, input_value, shown},
    view::{PATH, View},
};

/// Zones offered by name; any other of the tz database can be typed.
const ZONES: [&str; 14] = [
    "UTC",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
];

const UNITS: [(&str, &str); 7] = [
    ("s", "seconds"),
    ("m", "minutes"),
    ("h", "hours"),
    ("d", "days"),
    ("w", "weeks"),
    ("M", "months"),
    ("y", "years"),
];

pub(super) fn picker(discover: &Discover<'_>) -> Markup {
    let view = discover.view;
    let unknown_zone = view.time_zone().err();
    let problem = discover.range.as_ref().err();
    html! {
        div.time {
            @if let Ok(range) = discover.range {
                a.step href=(moved(view, range.shifted(-1))) aria-label="Earlier" title="Earlier" { "‹" }
            }
            details.menu open[problem.is_some() || unknown_zone.is_some()] {
                summary title="Time range" { b { (label(discover)) } " " span.zone { (zone_name(view)) } }
                div.pop {
                    (quick(view))
                    div {
                        (relative(view))
                        (absolute(discover))
                        (typed(view, problem.map(ToString::to_string)))
                        (zone(view, unknown_zone.as_deref()))
                    }
                }
            }
            @if let Ok(range) = discover.range {
                a.step href=(moved(view, range.shifted(1))) aria-label="Later" title="Later" { "›" }
                a.step href=(moved(view, range.zoomed_out())) aria-label="Zoom out" title="Zoom out" { "−" }
            }
        }
    }
}

fn moved(view: &View, range: Instants) -> String {
    view.with(|view| view.range = TimeRange::absolute(range)).href()
}

/// The zone that times are shown in, by name.
pub(super) fn zone_name(view: &View) -> &str {
    match view.time_zone() {
        Ok(_) => view.zone.as_deref().unwrap_or("UTC"),
        Err(_) => "UTC",
    }
}

fn label(discover: &Discover<'_>) -> String {
    let range = &discover.view.range;
    match (range.quick_name(), &discover.range) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(instants)) if !range.is_relative() => {
            format!("{} → {}", short(*instants, &discover.zone, true), short(*instants, &discover.zone, false))
        }
        (None, _) => format!("{} → {}", range.from, range.to),
    }
}

/// One end of a range, without what is zero, and the end without the day when both have the same.
fn short(range: Instants, zone: &TimeZone, first: bool) -> String {
    let (from, to) = (shown(range.from, zone), shown(range.to, zone));
    let text = if first { &from } else { &to };
    let text = text.strip_suffix(".000").unwrap_or(text);
    let text = text.strip_suffix(":00").unwrap_or(text);
    match (from.split_once(' '), text.split_once(' ')) {
        (Some((from_day, _)), Some((day, time))) if !first && day == from_day => time.to_owned(),
        _ => text.to_owned(),
    }
}

fn quick(view: &View) -> Markup {
    html! {
        ul.quick aria-label="Quick ranges" {
            @for (name, from, to) in QUICK_RANGES {
                @let range = TimeRange { from: from.to_owned(), to: to.to_owned() };
                @let chosen = view.range == range;
                li { a href=(view.with(|view| view.range = range).href()) aria-current=[chosen.then_some("true")] { (name) } }
            }
        }
    }
}

fn relative(view: &View) -> Markup {
    html! {
        form action=(PATH) {
            (hidden(&view.with(|_| {}), &["from", "to"]))
            label for="last" { "Last" }
            input #last name="last" type="number" min="1" max="99999" value="15" required;
            select name="unit" aria-label="Unit" {
                @for (unit, name) in UNITS { option value=(unit) selected[unit == "m"] { (name) } }
            }
            button { "Show" }
        }
    }
}

fn absolute(discover: &Discover<'_>) -> Markup {
    let value = |end: fn(&Instants) -> jiff::Timestamp| {
        discover.range.as_ref().ok().map(|range| input_value(end(range), &discover.zone))
    };
    html! {
        form.two action=(PATH) {
            (hidden(&discover.view.with(|_| {}), &["from", "to"]))
            label { "From" input name="from" type="datetime-local" step="1" required value=[value(|range| range.from)]; }
            label { "To" input name="to" type="datetime-local" step="1" required value=[value(|range| range.to)]; }
            button { "Show" }
        }
    }
}

fn typed(view: &View, problem: Option<String>) -> Markup {
    html! {
        form.two action=(PATH) {
            (hidden(&view.with(|_| {}), &["from", "to"]))
            label { "From (typed)" input name="from" value=(view.range.from) autocomplete="off" spellcheck="false"; }
            label { "To (typed)" input name="to" value=(view.range.to) autocomplete="off" spellcheck="false"; }
            button { "Show" }
            @match problem {
                Some(problem) => p.bad role="alert" { (problem) },
                None => p.hint { "now-3h, now/d, 2026-11-23 14:00, 2026-11-23T14:00:00Z; the end is not included" },
            }
        }
    }
}

fn zone(view: &View, unknown: Option<&str>) -> Markup {
    html! {
        form action=(PATH) {
            (hidden(&view.with(|_| {}), &["tz"]))
            label for="tz" { "Zone" }
            input #tz name="tz" list="zones" value=(view.zone.as_deref().unwrap_or("UTC")) autocomplete="off" spellcheck="false";
            datalist #zones { @for zone in ZONES { option value=(zone) {} } }
            button { "Show" }
            // The script puts the browser's zone here, which the server cannot know.
            a #local-zone hidden href=(view.with(|view| view.zone = None).href()) {}
            @if let Some(unknown) = unknown { p.bad role="alert" { "There is no time zone “" (unknown) "”; times are in UTC." } }
        }
    }
}
