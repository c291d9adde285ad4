//! The advisory lock of whoever drives a cutover of this database, held by a session of its own.

use std::fmt;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::model::RunId;
use crate::world::WorldError;

use super::connect::application_name;
use super::handle::{Postgres, SessionKind};
use super::session::PgSession;

const TAKE: &str = include_str!("../../../../assets/sql/lock/take.sql");
const HOLDER: &str = include_str!("../../../../assets/sql/lock/holder.sql");
const END: &str = include_str!("../../../../assets/sql/lock/end.sql");

/// The lock's key: `pgcutovr` as a number. Advisory locks are each database's own.
const KEY: i64 = i64::from_be_bytes(*b"pgcutovr");

/// How long the server may take to answer that the session lives.
const LIMIT: Duration = Duration::from_secs(10);

/// The lock. It is given back when this is dropped, since its session ends.
#[derive(Debug)]
pub struct AdvisoryLock {
    session: PgSession,
}

/// Who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockHolder {
    /// The backend.
    pub pid: i32,
    /// The role.
    pub role: String,
    /// `pgcutover/<run>/<user>@<host>` as far as PostgreSQL keeps it.
    pub application: String,
    /// Where it comes from.
    pub address: String,
    /// Since when, in UTC.
    pub since: String,
}

impl LockHolder {
    /// It belongs to this run.
    #[must_use]
    pub fn is_of(&self, run: &RunId) -> bool {
        let own = application_name(run, "");
        self.application.starts_with(&own)
    }

    /// It belongs to this run, as driven by that operator.
    #[must_use]
    pub fn is_by(&self, run: &RunId, who: &str) -> bool {
        self.application == application_name(run, who)
    }
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, role, application, address, since } = self;
        write!(f, "`{application}` as {role} from {address} since {since} (pid {pid})")
    }
}

impl Postgres {
    /// Takes the lock, or tells who holds it. `who` shows in `pg_stat_activity` as `pgcutover/<run>/<who>`.
    ///
    /// # Errors
    /// What stood in the way of a session.
    pub async fn lock(&self, who: &str) -> Result<Result<AdvisoryLock, LockHolder>, WorldError> {
        let session = self.session(who, SessionKind::Operator).await?;
        loop {
            if session.query_one(TAKE, &[&KEY]).await?.get(0) {
                return Ok(Ok(AdvisoryLock { session }));
            }
            if let Some(holder) = holder(&session).await? {
                return Ok(Err(holder));
            }
            // It was given back in between.
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Ends the session of a holder that is known to have lost the run, and waits until it is gone.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn end_holder(&self, who: &str, gone: &LockHolder) -> Result<(), WorldError> {
        let session = self.session(who, SessionKind::Operator).await?;
        session.query(END, &[&gone.pid, &gone.application]).await?;
        for _ in 0..50 {
            if holder(&session).await?.is_none_or(|holder| holder.pid != gone.pid) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

async fn holder(session: &PgSession) -> Result<Option<LockHolder>, WorldError> {
    let Some(row) = session.query_opt(HOLDER, &[&KEY]).await? else { return Ok(None) };
    Ok(Some(LockHolder {
        pid: session.column(HOLDER, &row, "pid")?,
        role: session.column(HOLDER, &row, "role")?,
        application: session.column(HOLDER, &row, "application")?,
        address: session.column(HOLDER, &row, "address")?,
        since: session.column(HOLDER, &row, "since")?,
    }))
}

impl AdvisoryLock {
    /// Whether its session still lives.
    pub async fn is_held(&self) -> bool {
        let asked = timeout(LIMIT, self.session.simple_query("")).await;
        matches!(asked, Ok(Ok(_)))
    }
}
