//! How often something happens.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::grouped::grouped;

/// So many in a second, to a thousandth: something that happens every minute is not nothing.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "f64", from = "f64")]
pub struct Rate {
    thousandths: u64,
}

impl Rate {
    /// So many over a time. None for no time at all.
    #[must_use]
    pub fn over(count: u64, time: Duration) -> Option<Self> {
        let thousandths = (u128::from(count) * 1_000_000_000).checked_div(time.as_micros())?;
        Some(Self { thousandths: u64::try_from(thousandths).unwrap_or(u64::MAX) })
    }

    /// In a second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "it is shown")]
    pub fn per_second(self) -> f64 {
        self.thousandths as f64 / 1000.0
    }

    /// In a thousand seconds, to compare rates by.
    #[must_use]
    pub const fn thousandths(self) -> u64 {
        self.thousandths
    }

    /// Nothing happened at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.thousandths == 0
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.per_second()
    }
}

impl From<f64> for Rate {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float that is out of range becomes the nearest number"
    )]
    fn from(per_second: f64) -> Self {
        Self { thousandths: (per_second * 1000.0).round() as u64 }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thousandths {
            0 => f.write_str("0/s"),
            thousandths if thousandths < 10_000 => write!(f, "{:.1}/s", self.per_second()),
            thousandths => write!(f, "{}/s", grouped((thousandths + 500) / 1000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_keeps_what_happens_seldom() {
        let rate = |count, seconds| Rate::over(count, Duration::from_secs(seconds)).unwrap();
        assert_eq!(rate(2408, 2).to_string(), "1,204/s");
        assert_eq!(rate(1, 2).to_string(), "0.5/s");
        assert!(!rate(1, 60).is_zero());
        assert!(rate(0, 2).is_zero());
        assert_eq!(Rate::over(5, Duration::ZERO), None);
        assert_eq!(Rate::from(f64::from(rate(3, 2))), rate(3, 2));
    }
}
