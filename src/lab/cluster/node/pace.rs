use std::time::Duration;

/// How fast a lab's clocks go where a real node waits longer than a rehearsal wants to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The pause before a second restart or pull, 10 s on a real node; it doubles up to 30 times that.
    pub(crate) backoff: Duration,
    /// How much of its period a probe waits for as long as it has not passed. Afterwards the period is kept.
    pub(crate) eager: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { backoff: Duration::from_millis(500), eager: 0.1 }
    }
}

/// A pause that doubles.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// What to wait after one more failure. The first restart is immediate.
    pub(super) fn next(&mut self, pace: Pace) -> Duration {
        let pause = match self.failures {
            0 => Duration::ZERO,
            nth => pace.backoff.saturating_mul(1 << (nth - 1).min(16)).min(pace.backoff * 30),
        };
        self.failures += 1;
        pause
    }

    /// A container that ran for ten minutes begins anew.
    pub(super) fn settle(&mut self, ran: Duration) {
        if ran >= Duration::from_secs(600) {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_its_limit() {
        let pace = Pace { backoff: Duration::from_secs(10), eager: 1.0 };
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..8).map(|_| backoff.next(pace).as_secs()).collect();
        assert_eq!(pauses, [0, 10, 20, 40, 80, 160, 300, 300]);
        backoff.settle(Duration::from_secs(601));
        assert_eq!(backoff.next(pace), Duration::ZERO);
    }
}
