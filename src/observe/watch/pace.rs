//! How often a statement may run, by what it costs.

use std::time::{Duration, Instant};

/// At most this part of a server's time goes to one kind of reading: a statement that took 100 ms rests for 2 s.
const SHARE: u32 = 20;

/// When a statement may run again.
#[derive(Debug, Default)]
pub(super) struct Pace {
    due: Option<Instant>,
}

impl Pace {
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.due.is_none_or(|due| now >= due)
    }

    /// It began then and took so long.
    pub(super) fn ran(&mut self, began: Instant, took: Duration, refresh: Duration) {
        // A little less than the refresh, or else a tick that comes early would skip a round.
        let rest = (refresh.mul_f32(0.9)).max(took.saturating_mul(SHARE));
        self.due = Some(began + rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_costly_statement_rests_longer() {
        let (began, refresh) = (Instant::now(), Duration::from_secs(2));
        let mut pace = Pace::default();
        assert!(pace.is_due(began));
        pace.ran(began, Duration::from_millis(1), refresh);
        assert!(!pace.is_due(began + Duration::from_secs(1)));
        assert!(pace.is_due(began + refresh));
        pace.ran(began, Duration::from_secs(1), refresh);
        assert!(!pace.is_due(began + Duration::from_secs(19)));
        assert!(pace.is_due(began + Duration::from_secs(20)));
    }
}
