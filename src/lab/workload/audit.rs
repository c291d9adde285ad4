//! The last question of a rehearsal: is every acknowledged write on the serving side, once?

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::database::{Session, describe};
use super::ledger::{self, Entry, Outcome};
use super::traffic::Felt;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Audit {
    /// How many writes the database had confirmed.
    pub acknowledged: u64,
    /// How many of them are not on the serving side, or only in part.
    pub lost: u64,
    /// How many writes are there more than once.
    pub duplicated: u64,
    /// How many writes ended without an answer to their commit.
    pub unknown: u64,
    /// How many of those are on the serving side after all.
    pub unknown_committed: u64,
    /// How many writes were refused.
    pub refused: u64,
    /// How many refused writes are there all the same.
    pub refused_committed: u64,
    /// The longest time without an acknowledged write of the application, in seconds.
    pub blocked_seconds: f64,
    /// How many requests the users sent.
    pub requests: u64,
    /// How many of them failed.
    pub failed_requests: u64,
    /// How long the users got no answer, in seconds.
    pub downtime_seconds: f64,
    /// The server that answered, such as `18.4`.
    pub served_by: String,
    /// The identifiers of lost writes, at most a hundred.
    pub lost_ids: Vec<String>,
    /// The identifiers of duplicated writes, at most a hundred.
    pub duplicated_ids: Vec<String>,
}

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The ledger cannot be read.
    #[error("the application's ledger cannot be read: {0}")]
    Ledger(#[from] io::Error),
    /// The serving side does not answer.
    #[error("the serving side cannot be asked: {0}")]
    Serving(String),
}

/// What is in the database under one identifier.
#[derive(Debug, Clone, Copy)]
struct Found {
    count: i64,
    whole: bool,
}

const NAMED: usize = 100;

/// Compares the ledgers in the folder with what the serving side holds. `writer` names the role whose pauses are the
/// application's.
///
/// # Errors
/// When the ledger cannot be read or the serving side cannot be asked: then nothing is known.
pub async fn audit(
    folder: &Path,
    serving: &tokio_postgres::Config,
    writer: &str,
    felt: Felt,
) -> Result<Audit, AuditError> {
    let entries = ledger::read_all(folder)?;
    let session = connect(serving).await?;
    let failed = |error: tokio_postgres::Error| AuditError::Serving(describe(&error));
    let version = session.client.query_one("SHOW server_version", &[]).await.map_err(failed)?;
    let rows = session
        .client
        .query(include_str!("../../../assets/lab/chronicle/audit.sql"), &[])
        .await
        .map_err(failed)?;
    let found = rows
        .iter()
        .map(|row| (row.get(0), Found { count: row.get(1), whole: row.get(2) }))
        .collect();
    Ok(Audit {
        blocked_seconds: longest_pause(&entries, writer),
        requests: felt.requests,
        failed_requests: felt.failed,
        downtime_seconds: felt.outage_seconds,
        served_by: version.get::<_, &str>(0).split(' ').next().unwrap_or_default().to_owned(),
        ..compare(&entries, &found)
    })
}

/// A Service that has just changed hands answers after a moment.
async fn connect(serving: &tokio_postgres::Config) -> Result<Session, AuditError> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match Session::open(serving).await {
            Err(_) if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            connected => return connected.map_err(AuditError::Serving),
        }
    }
}

fn compare(entries: &[Entry], found: &HashMap<String, Found>) -> Audit {
    let mut audit = Audit::default();
    for entry in entries {
        let there = found.get(&entry.id);
        match entry.outcome {
            Outcome::Acknowledged => {
                audit.acknowledged += 1;
                if !there.is_some_and(|found| found.whole) {
                    audit.lost += 1;
                    audit.lost_ids.push(entry.id.clone());
                }
            }
            Outcome::Unknown => {
                audit.unknown += 1;
                audit.unknown_committed += u64::from(there.is_some());
            }
            Outcome::Refused => {
                audit.refused += 1;
                audit.refused_committed += u64::from(there.is_some());
            }
        }
    }
    audit.duplicated_ids =
        found.iter().filter(|(_, one)| one.count > 1).map(|(id, _)| id.clone()).collect();
    audit.duplicated = audit.duplicated_ids.len() as u64;
    audit.duplicated_ids.sort();
    audit.duplicated_ids.truncate(NAMED);
    audit.lost_ids.truncate(NAMED);
    audit
}

fn longest_pause(entries: &[Entry], writer: &str) -> f64 {
    let times: Vec<_> = entries
        .iter()
        .filter(|entry| entry.outcome == Outcome::Acknowledged && entry.role == writer)
        .map(|entry| entry.at)
        .collect();
    times.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs_f64()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn entry(second: i64, id: &str, outcome: Outcome) -> Entry {
        Entry {
            at: Timestamp::from_second(second).unwrap(),
            id: id.into(),
            role: "chronicle-service".into(),
            operation: "add-task".into(),
            outcome,
            why: None,
        }
    }

    #[test]
    fn a_lost_a_halved_and_a_doubled_write_are_named() {
        let entries = [
            entry(1, "kept", Outcome::Acknowledged),
            entry(2, "lost", Outcome::Acknowledged),
            entry(9, "halved", Outcome::Acknowledged),
            entry(10, "maybe", Outcome::Unknown),
            entry(11, "no", Outcome::Refused),
        ];
        let found = [("kept", 2, true), ("halved", 1, false), ("maybe", 1, true)]
            .map(|(id, count, whole)| (id.to_owned(), Found { count, whole }));
        let audit = compare(&entries, &found.into());
        assert_eq!((audit.acknowledged, audit.lost, audit.duplicated), (3, 2, 1));
        assert_eq!((audit.unknown, audit.unknown_committed), (1, 1));
        assert_eq!((audit.refused, audit.refused_committed), (1, 0));
        assert_eq!(audit.lost_ids, ["lost", "halved"]);
        assert_eq!(audit.duplicated_ids, ["kept"]);
        assert!((longest_pause(&entries, "chronicle-service") - 7.0).abs() < f64::EPSILON);
    }
}
