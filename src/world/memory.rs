//! What the looks at a world remember.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::model::Verification;

/// A comparison that a look has begun, and what came of it once it is over.
pub type Recheck = watch::Receiver<Option<Result<Verification, String>>>;

/// The last comparison that the looks began themselves, since blue had moved without being written. Shared by the clones of
/// a world.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Option<Recheck>>>);

impl Memory {
    /// The last one.
    #[must_use]
    pub fn recheck(&self) -> Option<Recheck> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The one that is under way, or the one that `begin` begins: there is never a second one beside it.
    pub fn recheck_or(&self, begin: impl FnOnce() -> Recheck) -> Recheck {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A sender that is gone without an answer has died.
        let running =
            slot.as_ref().filter(|one| one.borrow().is_none() && one.has_changed().is_ok());
        let recheck = running.cloned().unwrap_or_else(begin);
        *slot = Some(recheck.clone());
        recheck
    }
}
