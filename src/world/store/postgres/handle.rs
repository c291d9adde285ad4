//! A side's PostgreSQL.

use std::fmt;
use std::sync::Arc;

use crate::model::{Connection, RunId, Runbook, Side, Store};
use crate::world::cluster::selector_text;
use crate::world::{Cluster, WorldError};

use super::connect::{self, Wanted};
use super::observer::{self, Observer, Slot};
use super::program::{self, ClientProgram};
use super::service::{self, ServiceProof};
use super::session::PgSession;

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// It looks: read-only transactions, a statement timeout of 15 s (which it may set otherwise), a lock timeout of 2 s.
    Observer,
    /// It acts, also while the database is fenced. A read-only world does not give one out.
    Operator,
    /// It begins as the application's own sessions do, with nothing set but its name: what it meets, the application meets.
    /// A read-only world does not give one out.
    Application,
}

/// A side's PostgreSQL. Cloning it is cheap; nothing connects before a session is asked for.
#[derive(Clone)]
pub struct Postgres {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) side: Side,
    pub(super) store: Store,
    pub(super) run: RunId,
    pub(super) cluster: Cluster,
    /// The names under which a certificate may know a pod of the side.
    pub(super) names: Vec<String>,
    pub(super) observer: Slot,
    direct: Option<bool>,
}

impl Inner {
    /// Whether pods are reached at their own addresses.
    pub(super) fn is_direct(&self) -> bool {
        let said = matches!(self.store.connection, Connection::Pod { direct: true, .. });
        self.direct.unwrap_or_else(|| said || self.cluster.is_inside())
    }

    pub(super) fn labels(&self) -> String {
        match &self.store.connection {
            Connection::Pod { labels, .. } => selector_text(labels),
            Connection::Uri { .. } => String::new(),
        }
    }
}

impl Postgres {
    pub(crate) fn new(
        side: Side,
        runbook: &Runbook,
        run: RunId,
        cluster: Cluster,
        direct: Option<bool>,
    ) -> Self {
        let store = runbook.store(side).clone();
        let names = names(runbook, &store, cluster.namespace());
        Self {
            inner: Arc::new(Inner {
                side,
                store,
                run,
                cluster,
                names,
                observer: Slot::default(),
                direct,
            }),
        }
    }

    /// The side.
    #[must_use]
    pub fn side(&self) -> Side {
        self.inner.side
    }

    /// A new session with the store's database. `purpose` is the step or the observer; it shows in `pg_stat_activity` as
    /// `pgcutover/<run>/<purpose>`.
    ///
    /// # Errors
    /// What stood in the way, with the side, the pod or address, and what to do about it.
    pub async fn session(&self, purpose: &str, kind: SessionKind) -> Result<PgSession, WorldError> {
        connect::session(&self.inner, Wanted { purpose, kind, database: None }).await
    }

    /// A new session with another database of the same server, such as `postgres` while the store's own is made anew.
    ///
    /// # Errors
    /// As for [`Postgres::session`].
    pub async fn session_in(
        &self,
        database: &str,
        purpose: &str,
        kind: SessionKind,
    ) -> Result<PgSession, WorldError> {
        connect::session(&self.inner, Wanted { purpose, kind, database: Some(database) }).await
    }

    /// The session that the looks at this side share, one look at a time.
    ///
    /// # Errors
    /// As for [`Postgres::session`].
    pub async fn observer(&self) -> Result<Observer, WorldError> {
        observer::lend(&self.inner).await
    }

    /// Whether pods are reached at their own addresses: inside the cluster, or where profile or flag say so.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.inner.is_direct()
    }

    /// Connects through a Service and tells which server answers, with this store's database and credentials.
    ///
    /// Inside the cluster, and with `direct`, it connects to the Service's cluster address as the application does, which
    /// is the whole proof. Elsewhere that address leads nowhere: then it connects to each ready endpoint of the Service
    /// through the API server, and says so.
    ///
    /// # Errors
    /// A Service without ready endpoints, or what stood in the way of a connection.
    pub async fn through_service(
        &self,
        service: &str,
        purpose: &str,
    ) -> Result<ServiceProof, WorldError> {
        service::prove(&self.inner, service, purpose).await
    }

    /// What a client program of PostgreSQL (`pg_dump`, `psql`) needs in its environment to reach the same database; where
    /// only the API server leads there, a listener on loopback that lives as long as the answer.
    ///
    /// # Errors
    /// As for [`Postgres::session`].
    pub async fn client_program(
        &self,
        purpose: &str,
        kind: SessionKind,
    ) -> Result<ClientProgram, WorldError> {
        program::prepare(&self.inner, Wanted { purpose, kind, database: None }).await
    }
}

/// The forms of the Service's name, and those of the workload's: a certificate carries one of them, and a port-forward or
/// a pod's address does not change which.
fn names(runbook: &Runbook, store: &Store, namespace: &str) -> Vec<String> {
    let service = runbook.traffic.as_ref().map(|traffic| traffic.service.as_str());
    let workload = store.workload.as_ref().map(crate::model::Workload::name);
    let forms = |name: &str| {
        ["", ".{}", ".{}.svc", ".{}.svc.cluster.local"]
            .map(|tail| format!("{name}{}", tail.replace("{}", namespace)))
    };
    service.into_iter().chain(workload).flat_map(forms).collect()
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("side", &self.inner.side).finish_non_exhaustive()
    }
}
