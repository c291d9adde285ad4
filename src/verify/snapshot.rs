//! One snapshot a side, shared by its sessions (`pg_export_snapshot`).

use futures::future::try_join_all;

use super::error::VerifyError;
use crate::model::{Position, Side, Statistics};
use crate::world::{Sql, Traced};

const PREPARE: &str = include_str!("../../assets/sql/verify/prepare.sql");
const POSITION: Sql<'static> = Sql::Kept(include_str!("../../assets/sql/verify/position.sql"));

/// A side's sessions, all inside one snapshot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snapshot<'a> {
    pub(super) side: Side,
    pub(super) sessions: &'a [&'a Traced],
}

impl<'a> Snapshot<'a> {
    /// Begins a read-only transaction in every session, all on the first one's snapshot.
    pub(super) async fn open(
        side: Side,
        sessions: &'a [&'a Traced],
    ) -> Result<(Self, Position), VerifyError> {
        let (leader, others) = sessions.split_first().ok_or(VerifyError::NoSession { side })?;
        let failed = |source| VerifyError::Database { side, what: "take a snapshot", source };
        let opened = async {
            try_join_all(sessions.iter().map(|session| begin(session))).await?;
            let id: String =
                leader.query_one("SELECT pg_export_snapshot()", &[]).await?.try_get(0)?;
            let adopt = format!("SET TRANSACTION SNAPSHOT '{id}'");
            try_join_all(others.iter().map(|session| session.batch_execute(&adopt))).await?;
            position(leader).await
        };
        Ok((Self { side, sessions }, opened.await.map_err(failed)?))
    }

    /// The session for whatever is read once.
    pub(super) const fn leader(&self) -> &'a Traced {
        self.sessions[0]
    }

    /// Ends the transactions. The snapshot is gone; failing to say so harms nothing.
    pub(super) async fn close(self) {
        let ended = self.sessions.iter().map(|session| session.batch_execute("ROLLBACK"));
        drop(futures::future::join_all(ended).await);
    }

    /// Turns a driver's error into this side's.
    pub(super) fn failed(
        &self,
        what: &'static str,
    ) -> impl FnOnce(tokio_postgres::Error) -> VerifyError {
        let side = self.side;
        move |source| VerifyError::Database { side, what, source }
    }
}

async fn begin(session: &Traced) -> Result<(), tokio_postgres::Error> {
    session.batch_execute(PREPARE).await?;
    session.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
}

/// Where the session's server is, and what its statistics know of the session's database.
///
/// # Errors
/// The driver's error when the server cannot be asked.
pub async fn position(session: &Traced) -> Result<Position, tokio_postgres::Error> {
    let row = session.query_one(POSITION, &[]).await?;
    let (written, analyses): (Option<i64>, Option<i64>) =
        (row.try_get("written")?, row.try_get("analyses")?);
    let (elsewhere, at_work) = (row.try_get("elsewhere")?, row.try_get("at_work")?);
    let statistics = written.zip(analyses).map(|(written, analyses)| Statistics {
        written,
        analyses,
        elsewhere,
        at_work,
    });
    let version: i32 = row.try_get("version")?;
    let next_xid: String = row.try_get("next_xid")?;
    Ok(Position {
        system: row.try_get("system")?,
        version: version.unsigned_abs(),
        lsn: row.try_get("lsn")?,
        next_xid: next_xid.parse().unwrap_or_default(),
        statistics,
    })
}
