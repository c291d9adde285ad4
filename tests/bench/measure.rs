//! Figures: medians of rounds that alternate with their yardstick, so that a busy machine slows both.

use std::time::Duration;

/// The median.
pub(crate) fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}
