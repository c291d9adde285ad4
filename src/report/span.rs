//! Moments and durations, for people.

use jiff::Timestamp;

/// Seconds from one moment to another, none below zero.
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

/// `7.3 s`, `2 min 05 s`, `24 h 00 min`.
pub(super) fn in_words(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a run's duration is neither negative nor longer than a u64 of seconds"
    )]
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..=60 if seconds < 59.95 => format!("{seconds:.1} s"),
        0..3_600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60),
    }
}

/// `2026-11-21 03:15:00` in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_exact_as_people_want_them() {
        let words = [0.0, 7.31, 59.94, 59.96, 125.0, 3_599.0, 86_400.0].map(in_words);
        assert_eq!(
            words,
            ["0.0 s", "7.3 s", "59.9 s", "1 min 00 s", "2 min 05 s", "59 min 59 s", "24 h 00 min"]
        );
    }
}
