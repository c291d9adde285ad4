//! Durations as people read them.

use std::time::Duration;

/// A duration in its largest units: `24 h`, `1 h 30 m`, `3 s`; `250 ms` below a second.
#[must_use]
pub fn spelled(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let parts: Vec<String> = units
        .iter()
        .filter(|(amount, _)| *amount > 0)
        .map(|(amount, unit)| format!("{amount} {unit}"))
        .collect();
    if parts.is_empty() { format!("{} ms", duration.as_millis()) } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_units_are_named_and_empty_ones_left_out() {
        let spelled = |millis| spelled(Duration::from_millis(millis));
        assert_eq!(spelled(86_400_000), "24 h");
        assert_eq!(spelled(5_403_000), "1 h 30 m 3 s");
        assert_eq!(spelled(250), "250 ms");
    }
}
