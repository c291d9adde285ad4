use std::fmt;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Where the engine reads the time. Only [`emit`](super::emit) and the timers ask it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The wall clock's time.
    fn now(&self) -> Timestamp;

    /// The time since some fixed moment, by a clock that does not jump.
    fn steady(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    anchor: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { anchor: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn steady(&self) -> Duration {
        self.anchor.elapsed()
    }
}
