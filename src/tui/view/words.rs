//! Times and ages in words.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `00:07.3`, or `1:02:03` from an hour on.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{:02}", seconds % 60)
    } else {
        format!("{minutes:02}:{:02}.{}", seconds % 60, time.subsec_millis() / 100)
    }
}

/// `8s`, `1m10s`, `3h02m`, `2d04h`.
pub(super) fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// How old something is.
pub(super) fn age(at: Option<Timestamp>, now: Timestamp) -> String {
    let age = at.map(|at| Duration::try_from(now.duration_since(at)).unwrap_or_default());
    age.map_or_else(|| "-".to_owned(), short)
}

/// The time of day, in UTC: the same for everybody who watches.
pub(super) fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string()
}

/// Cuts a text so that it fits, and shows that it was cut.
pub(super) fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(2)).collect();
    format!("{kept}..")
}
