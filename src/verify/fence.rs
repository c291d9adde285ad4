//! Proving a fence: what was set, what is refused, and that nothing moves.

use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::error::SqlState;

use super::error::told;
use crate::model::{Canary, ClientSession, FencePosition, FenceProof, FenceSample};
use crate::world::Traced;

const SETTINGS: &str = include_str!("../../assets/sql/fence/settings.sql");
const CLIENTS: &str = include_str!("../../assets/sql/fence/clients.sql");
const SAMPLE: &str = include_str!("../../assets/sql/fence/sample.sql");
const PREPARED: &str = include_str!("../../assets/sql/fence/prepared.sql");
/// The test write, which is rolled back.
pub(crate) const CANARY: &str = include_str!("../../assets/sql/fence/canary.sql");

const BETWEEN: Duration = Duration::from_millis(300);
const SAMPLES_AT_MOST: usize = 20;

/// Looks at the fence of the session's database until it stands still, or for six seconds. Where the same server stood when
/// it was proven earlier tells at once whether it has moved since.
///
/// The session must begin as the application's would: with the application's role and the database's own defaults, so that
/// the test write meets what the application meets.
///
/// # Errors
/// The driver's error when the server cannot be asked.
pub async fn prove(
    session: &Traced,
    now: impl Fn() -> Timestamp,
    earlier: Option<FencePosition>,
) -> Result<FenceProof, tokio_postgres::Error> {
    let mut proof = FenceProof {
        at: now(),
        read_only_default: false,
        overrides: Vec::new(),
        prepared: session.query(PREPARED, &[]).await?.iter().map(|row| row.get(0)).collect(),
        canary: canary(session).await?,
        earlier,
        samples: Vec::new(),
        sees_all: false,
    };
    settings(session, &mut proof).await?;
    while proof.samples.len() < SAMPLES_AT_MOST && !proof.is_still() {
        if !proof.samples.is_empty() {
            tokio::time::sleep(BETWEEN).await;
        }
        let (sample, sees_all) = sample(session).await?;
        proof.samples.push(sample);
        proof.sees_all = sees_all;
        proof.at = now();
    }
    Ok(proof)
}

async fn settings(session: &Traced, proof: &mut FenceProof) -> Result<(), tokio_postgres::Error> {
    for row in session.query(SETTINGS, &[]).await? {
        let (role, value): (String, String) = (row.try_get("role")?, row.try_get("value")?);
        let on = matches!(value.as_str(), "on" | "true" | "yes" | "1");
        if role.is_empty() {
            proof.read_only_default = on;
        } else if !on {
            proof.overrides.push(role);
        }
    }
    Ok(())
}

/// Tries to write. `PreventCommandIfReadOnly` comes before any check of privileges, so a fenced server answers 25006.
async fn canary(session: &Traced) -> Result<Canary, tokio_postgres::Error> {
    session.batch_execute("BEGIN").await?;
    let answer = session.batch_execute(CANARY).await;
    session.batch_execute("ROLLBACK").await?;
    Ok(match answer {
        Ok(()) => Canary::Taken,
        Err(error) if error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => Canary::Refused,
        Err(error) => Canary::Unclear(told(&error)),
    })
}

/// One look at whether the session's database moves, and who is connected to it.
///
/// # Errors
/// The driver's error when the server cannot be asked.
pub async fn sample(session: &Traced) -> Result<(FenceSample, bool), tokio_postgres::Error> {
    let row = session.query_one(SAMPLE, &[]).await?;
    let next_xid: String = row.try_get("next_xid")?;
    let sample = FenceSample {
        next_xid: next_xid.parse().unwrap_or_default(),
        lsn: row.try_get("lsn")?,
        tuples: row.try_get("tuples")?,
        maintenance: row.try_get("maintenance")?,
        clients: clients(session).await?,
    };
    Ok((sample, row.try_get("sees_all")?))
}

/// The clients of the session's database that are not ours.
///
/// # Errors
/// The driver's error when the server cannot be asked.
pub async fn clients(session: &Traced) -> Result<Vec<ClientSession>, tokio_postgres::Error> {
    let rows = session.query(CLIENTS, &[]).await?;
    let client = |row: &tokio_postgres::Row| {
        Ok(ClientSession {
            pid: row.try_get("pid")?,
            role: row.try_get("role")?,
            same_role: row.try_get("same_role")?,
            application: row.try_get("application")?,
            address: row.try_get("address")?,
            state: row.try_get("state")?,
            writing: row.try_get("writing")?,
            since: row.try_get("since")?,
        })
    };
    rows.iter().map(client).collect()
}
