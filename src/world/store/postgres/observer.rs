//! The session that a side's looks share.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::world::WorldError;

use super::connect::{self, Wanted};
use super::handle::{Inner, SessionKind};
use super::session::PgSession;

/// Where the session waits for its next look.
#[derive(Debug, Default)]
pub(super) struct Slot(Arc<Mutex<Option<PgSession>>>);

/// An observer's session, lent. Give it back when the look is over: a look that is dropped half-way leaves a transaction
/// behind, and its session is closed instead.
#[derive(Debug)]
pub struct Observer {
    slot: OwnedMutexGuard<Option<PgSession>>,
    session: PgSession,
}

impl Observer {
    /// Lets the next look have the session.
    pub fn give_back(mut self) {
        if !self.session.is_closed() {
            *self.slot = Some(self.session);
        }
    }
}

impl Deref for Observer {
    type Target = PgSession;

    fn deref(&self) -> &PgSession {
        &self.session
    }
}

/// The session that waits, or a new one when it has gone.
pub(super) async fn lend(inner: &Inner) -> Result<Observer, WorldError> {
    let mut slot = Arc::clone(&inner.observer.0).lock_owned().await;
    let waiting = slot.take().filter(|session| !session.is_closed());
    let session = if let Some(session) = waiting {
        session
    } else {
        let wanted = Wanted { purpose: "look", kind: SessionKind::Observer, database: None };
        connect::session(inner, wanted).await?
    };
    Ok(Observer { slot, session })
}
