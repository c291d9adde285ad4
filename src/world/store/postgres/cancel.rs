//! Ending a statement on the server, over a stream of its own.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::CancelToken;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::wire::{Route, Wire};

/// Cancels whatever its session runs at the moment. It holds no password.
#[derive(Clone)]
pub struct Canceller {
    token: CancelToken,
    route: Route,
    tls: MakeRustlsConnect,
    name: String,
    limit: Duration,
}

impl Canceller {
    pub(super) fn new(
        token: CancelToken,
        route: Route,
        tls: MakeRustlsConnect,
        name: String,
        limit: Duration,
    ) -> Self {
        Self { token, route, tls, name, limit }
    }

    /// Asks the server to end the running statement, which then fails with `57014`. Returns when the server has been told,
    /// or cannot be.
    pub async fn cancel(&self) {
        let asking = async {
            let Ok(wire) = self.route.open(self.limit).await else { return false };
            let Ok(connect) =
                MakeTlsConnect::<Wire>::make_tls_connect(&mut self.tls.clone(), &self.name);
            self.token.cancel_query_raw(wire, connect).await.is_ok()
        };
        let told = tokio::time::timeout(self.limit, asking).await.unwrap_or(false);
        tracing::debug!(target: "pgcutover::statement", told, "asked the server to cancel a statement");
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller").field("route", &self.route).finish_non_exhaustive()
    }
}

/// A cancel request that is under way. It must be over before the session's next statement, or it might hit that one.
#[derive(Clone, Default)]
pub(super) struct Pending(Arc<Mutex<Option<JoinHandle<()>>>>);

impl Pending {
    /// Waits until no cancel request is under way. True when there was one.
    pub(super) async fn over(&self) -> bool {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match task {
            Some(task) => {
                let _ = task.await;
                true
            }
            None => false,
        }
    }
}

/// Cancels on the server when it is dropped armed: the future that waited for the answer was dropped.
pub(super) struct CancelOnDrop<'a> {
    armed: bool,
    canceller: &'a Canceller,
    pending: &'a Pending,
}

impl<'a> CancelOnDrop<'a> {
    pub(super) fn armed(canceller: &'a Canceller, pending: &'a Pending) -> Self {
        Self { armed: true, canceller, pending }
    }

    pub(super) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        // Without a runtime the process ends, and with it the connection.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let canceller = self.canceller.clone();
            let task = runtime.spawn(async move { canceller.cancel().await });
            *self.pending.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
        }
    }
}
