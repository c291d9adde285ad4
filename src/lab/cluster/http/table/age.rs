//! Times as people read them.

use jiff::Timestamp;
use serde_json::Value;

/// The time since a `metav1.Time`, or `<unknown>`.
pub(super) fn since(time: &Value, now: Timestamp) -> String {
    match time.as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
        Some(then) => human(now.as_second() - then.as_second()),
        None => "<unknown>".to_owned(),
    }
}

/// Seconds between two times, in the same words.
pub(super) fn between(start: &Value, end: &Value) -> Option<String> {
    let read = |time: &Value| time.as_str()?.parse::<Timestamp>().ok();
    Some(human(read(end)?.as_second() - read(start)?.as_second()))
}

/// `duration.HumanDuration` of `k8s.io/apimachinery`: two units at most, less the longer it is.
fn human(seconds: i64) -> String {
    let pair = |big: i64, unit: &str, small: i64, part: &str| {
        if small == 0 { format!("{big}{unit}") } else { format!("{big}{unit}{small}{part}") }
    };
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let days = hours / 24;
    match seconds {
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        _ if minutes < 10 => pair(minutes, "m", seconds % 60, "s"),
        _ if minutes < 180 => format!("{minutes}m"),
        _ if hours < 8 => pair(hours, "h", minutes % 60, "m"),
        _ if hours < 48 => format!("{hours}h"),
        _ if hours < 192 => pair(days, "d", hours % 24, "h"),
        _ if days < 730 => format!("{days}d"),
        _ if days < 2920 => pair(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_kubectl_prints_them() {
        for (seconds, wanted) in [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (900, "15m"),
            (3 * 3600 + 60, "3h1m"),
            (90_000, "25h"),
            (200_000, "2d7h"),
        ] {
            assert_eq!(human(seconds), wanted);
        }
    }
}
