//! How often a statement may run, by what it costs the server.

use std::time::{Duration, Instant};

/// At most this part of a backend's time goes to one kind of reading: a statement that took 100 ms rests for 10 s. Where
/// blue has one processor and no rest, that is what its clients lose.
const SHARE: u32 = 100;

/// When a statement may run again.
#[derive(Debug, Default)]
pub(super) struct Pace {
    due: Option<Instant>,
}

impl Pace {
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.due.is_none_or(|due| now >= due)
    }

    /// It began then and cost so much; how long it rests is returned.
    pub(super) fn ran(&mut self, began: Instant, cost: Duration, period: Duration) -> Duration {
        let rest = period.max(cost.saturating_mul(SHARE));
        // A little less than the period, or else a tick that comes early would skip a round.
        self.due = Some(began + rest.mul_f32(0.9));
        rest
    }
}

/// The costly readings share half as much, so that all readings together stay below a hundredth.
const SHARE_OF_COSTLY: u32 = 2 * SHARE;

/// What the costly readings share: a two-hundredth of a backend's time, of which they save up half a second.
#[derive(Debug)]
pub(super) struct Purse {
    saved: Duration,
    counted: Instant,
}

impl Purse {
    const MOST: Duration = Duration::from_millis(500);

    pub(super) fn new(now: Instant) -> Self {
        Self { saved: Self::MOST, counted: now }
    }

    /// What may be spent now.
    pub(super) fn saved(&mut self, now: Instant) -> Duration {
        let earned = now.saturating_duration_since(self.counted) / SHARE_OF_COSTLY;
        self.counted = now;
        self.saved = (self.saved + earned).min(Self::MOST);
        self.saved
    }

    /// So much was spent; a debt is paid by the rest of what ran ([`Pace`]).
    pub(super) fn spend(&mut self, cost: Duration) {
        self.saved = self.saved.saturating_sub(cost);
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
        assert_eq!(pace.ran(began, Duration::from_millis(1), refresh), refresh);
        assert!(!pace.is_due(began + Duration::from_secs(1)));
        assert!(pace.is_due(began + refresh));
        assert_eq!(pace.ran(began, Duration::from_secs(1), refresh), Duration::from_secs(100));
        assert!(!pace.is_due(began + Duration::from_secs(89)));
        assert!(pace.is_due(began + Duration::from_secs(100)));
    }

    #[test]
    fn a_purse_fills_slowly_and_not_without_end() {
        let began = Instant::now();
        let mut purse = Purse::new(began);
        purse.spend(Duration::from_secs(3));
        assert_eq!(purse.saved(began), Duration::ZERO);
        assert_eq!(purse.saved(began + Duration::from_secs(5)), Duration::from_millis(25));
        assert_eq!(purse.saved(began + Duration::from_secs(500)), Purse::MOST);
    }
}
