//! A value with its age.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A value that was read, or is not known. Unknown is never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading<T> {
    /// It has never been read, or the last try failed before any value was known.
    Unknown {
        /// Why not, where that is known.
        why: Option<String>,
    },
    /// It was read, and newer than three of its periods.
    Fresh {
        /// The value.
        value: T,
        /// When it was read.
        at: Timestamp,
    },
    /// It was read, but later tries failed or it is too old. It cannot open a gate.
    Stale {
        /// The value.
        value: T,
        /// When it was read.
        at: Timestamp,
        /// Why there is no newer one.
        why: Option<String>,
    },
}

impl<T> Default for Reading<T> {
    fn default() -> Self {
        Self::Unknown { why: None }
    }
}

impl<T> Reading<T> {
    /// Nothing is known, and that is why.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: Some(why.into()) }
    }

    /// The value, whatever its age.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Unknown { .. } => None,
            Self::Fresh { value, .. } | Self::Stale { value, .. } => Some(value),
        }
    }

    /// The value when it is fresh.
    pub const fn fresh(&self) -> Option<&T> {
        match self {
            Self::Fresh { value, .. } => Some(value),
            Self::Unknown { .. } | Self::Stale { .. } => None,
        }
    }

    /// When the value was read.
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Unknown { .. } => None,
            Self::Fresh { at, .. } | Self::Stale { at, .. } => Some(*at),
        }
    }

    /// Why there is no value, or no newer one.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Fresh { .. } => None,
            Self::Unknown { why } | Self::Stale { why, .. } => why.as_deref(),
        }
    }

    /// True when there is a value, and it is too old.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }

    /// The same of what follows from the value.
    #[must_use]
    pub fn map<U>(&self, of: impl FnOnce(&T) -> U) -> Reading<U> {
        match self {
            Self::Unknown { why } => Reading::Unknown { why: why.clone() },
            Self::Fresh { value, at } => Reading::Fresh { value: of(value), at: *at },
            Self::Stale { value, at, why } => {
                Reading::Stale { value: of(value), at: *at, why: why.clone() }
            }
        }
    }

    /// After a try that brought nothing: what was known grows stale.
    pub fn miss(&mut self, why: impl Into<String>) {
        let why = Some(why.into());
        *self = match std::mem::take(self) {
            Self::Unknown { .. } => Self::Unknown { why },
            Self::Fresh { value, at } | Self::Stale { value, at, .. } => {
                Self::Stale { value, at, why }
            }
        };
    }

    /// At a later moment: it grows stale past three of its periods. True when it changed.
    pub fn age(&mut self, now: Timestamp, period: Duration) -> bool {
        let old = matches!(self, Self::Fresh { at, .. } if older(*at, now, period * 3));
        if old && let Self::Fresh { value, at } = std::mem::take(self) {
            *self = Self::Stale { value, at, why: None };
        }
        old
    }

    /// It has been seen to hold still: its age begins anew. A stale one stays what it is.
    pub fn confirm(&mut self, now: Timestamp) {
        if let Self::Fresh { at, .. } = self {
            *at = now;
        }
    }
}

fn older(at: Timestamp, now: Timestamp, limit: Duration) -> bool {
    Duration::try_from(now.duration_since(at)).is_ok_and(|age| age > limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(2);

    fn second(n: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs(n)
    }

    #[test]
    fn a_reading_grows_stale_past_three_periods_and_keeps_its_value() {
        let mut reading = Reading::Fresh { value: 7, at: second(10) };
        assert!(!reading.age(second(16), PERIOD));
        reading.confirm(second(12));
        assert!(!reading.age(second(18), PERIOD));
        assert!(reading.age(second(19), PERIOD));
        assert_eq!(reading, Reading::Stale { value: 7, at: second(12), why: None });
        assert!(!reading.age(second(99), PERIOD), "it changes once");
        reading.miss("the server is gone");
        assert_eq!((reading.value(), reading.why()), (Some(&7), Some("the server is gone")));
    }

    #[test]
    fn what_was_never_read_stays_unknown() {
        let mut reading = Reading::<u64>::default();
        assert!(!reading.age(second(99), PERIOD));
        reading.miss("refused");
        assert_eq!(reading, Reading::unknown("refused"));
    }
}
