use std::time::Duration;

use cronexpr::{Crontab, FallbackTimezoneOption, ParseOptions};
use jiff::{SignedDuration, Timestamp};

/// When a `CronJob` is due.
#[derive(Debug)]
pub(super) enum Schedule {
    /// `@every 1h30m`.
    Every(Duration),
    /// Five fields, or `@hourly` and its like.
    Table(Box<Crontab>),
}

impl Schedule {
    /// # Errors
    /// With the reason, when it is neither.
    pub(super) fn parse(text: &str, zone: Option<&str>) -> Result<Self, String> {
        if let Some(span) = text.trim().strip_prefix("@every ") {
            let span: SignedDuration =
                span.trim().parse().map_err(|error: jiff::Error| error.to_string())?;
            let span = Duration::try_from(span).map_err(|error| error.to_string())?;
            return Ok(Self::Every(span.max(Duration::from_secs(1))));
        }
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::UTC;
        let text = match zone {
            Some(zone) => format!("{} {zone}", spelled_out(text)),
            None => spelled_out(text).to_owned(),
        };
        cronexpr::parse_crontab_with(&text, options)
            .map(|table| Self::Table(Box::new(table)))
            .map_err(|error| error.to_string())
    }

    /// The first time after `then`.
    pub(super) fn after(&self, then: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(span) => then.checked_add(*span).ok(),
            Self::Table(table) => table.find_next(then).ok().map(|zoned| zoned.timestamp()),
        }
    }
}

fn spelled_out(text: &str) -> &str {
    match text.trim() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        fields => fields,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str) -> Option<String> {
        let then: Timestamp = "2026-03-01T10:07:30Z".parse().unwrap();
        Schedule::parse(text, None).unwrap().after(then).map(|at| at.to_string())
    }

    #[test]
    fn fields_macros_and_intervals_are_understood() {
        assert_eq!(next("*/15 * * * *").as_deref(), Some("2026-03-01T10:15:00Z"));
        assert_eq!(next("@daily").as_deref(), Some("2026-03-02T00:00:00Z"));
        assert_eq!(next("@every 90s").as_deref(), Some("2026-03-01T10:09:00Z"));
        let berlin = Schedule::parse("0 2 * * *", Some("Europe/Berlin")).unwrap();
        assert_eq!(
            berlin.after("2026-01-01T00:00:00Z".parse().unwrap()).unwrap().to_string(),
            "2026-01-01T01:00:00Z"
        );
        assert!(Schedule::parse("soon", None).is_err());
    }
}
