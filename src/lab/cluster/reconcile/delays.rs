use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long each controller takes to notice a change: nothing, unless a scenario slows one down.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    by_name: Mutex<BTreeMap<String, Duration>>,
}

impl Delays {
    /// From now on `controller` notices changes only after `delay`.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no shipped scenario asks for it yet; the tests do")
    )]
    pub(crate) fn set(&self, controller: &str, delay: Duration) {
        self.by_name
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(controller.to_owned(), delay);
    }

    pub(super) fn of(&self, controller: &str) -> Duration {
        self.by_name
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(controller)
            .copied()
            .unwrap_or_default()
    }
}
