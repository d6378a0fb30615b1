//! Severity of a record, as far as colour and order are concerned.

/// How severe a level is; sorts from the least to the most severe, with unknown names first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Other,
    Trace,
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

/// Fields that hold the name of the logger, by what libraries call them.
pub(crate) const LOGGER_FIELDS: [&str; 5] = ["name", "logger", "logger_name", "log.logger", "target"];

/// Fields that hold a record's level, the first one that an index has is used.
pub(crate) const LEVEL_FIELDS: [&str; 7] =
    ["levelname", "level", "severity", "log.level", "loglevel", "severityText", "severity_text"];

impl Severity {
    /// The severity behind a level's name as Python, syslog, `tracing` and log4j write it, in any case.
    pub(crate) fn of(level: &str) -> Self {
        match level.to_ascii_lowercase().as_str() {
            "trace" | "verbose" | "finest" => Self::Trace,
            "debug" | "fine" => Self::Debug,
            "info" | "information" | "informational" | "notice" => Self::Info,
            "warn" | "warning" => Self::Warning,
            "error" | "err" | "severe" => Self::Error,
            "critical" | "fatal" | "crit" | "alert" | "emerg" | "emergency" | "panic" => Self::Critical,
            _ => Self::Other,
        }
    }

    /// The class of badges and bars.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Other => "lo",
            Self::Trace => "lt",
            Self::Debug => "ld",
            Self::Info => "li",
            Self::Warning => "lw",
            Self::Error => "le",
            Self::Critical => "lc",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_recognised_however_a_logger_spells_them() {
        for (level, severity) in [
            ("DEBUG", Severity::Debug),
            ("warn", Severity::Warning),
            ("WARNING", Severity::Warning),
            ("FATAL", Severity::Critical),
            ("ERROR\"><script>", Severity::Other),
            ("", Severity::Other),
        ] {
            assert_eq!(Severity::of(level), severity, "{level}");
        }
    }

    #[test]
    fn severities_sort_from_the_least_to_the_most_severe() {
        assert!(Severity::Debug < Severity::Info && Severity::Error < Severity::Critical);
        assert!(Severity::Other < Severity::Trace);
    }
}
