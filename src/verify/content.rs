//! Counting and hashing every table of a side, largest first, over all of its sessions at once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::error::told;
use super::expression::Expression;
use super::snapshot::Snapshot;
use crate::model::{Side, TableSum, TableVerdict};
use crate::world::Traced;

const LARGE: &str = include_str!("../../assets/sql/verify/large-objects.sql");

/// A table to be read, and how it is hashed; counted only when there is no expression.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) table: String,
    pub(super) expression: Option<Expression>,
}

/// What a side's servers answered for a table.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub(super) sum: Result<TableSum, String>,
    pub(super) took: Duration,
}

/// Reads the tables of one side. `told` is called after each. Every table is read with `ONLY`: a child's or partition's
/// rows are its own.
pub(super) async fn read(
    snapshot: &Snapshot<'_>,
    work: Vec<Work>,
    seed: i64,
    told: &(impl Fn(Side, &str) + Sync),
) -> BTreeMap<String, Sum> {
    let queue = Mutex::new(VecDeque::from(work));
    let workers = snapshot.sessions.iter().map(|session| async {
        let mut sums = Vec::new();
        while let Some(work) = take(&queue) {
            let started = Instant::now();
            let sum = guarded(session, &work, seed).await;
            told(snapshot.side, &work.table);
            sums.push((work.table, Sum { sum, took: started.elapsed() }));
        }
        sums
    });
    join_all(workers).await.into_iter().flatten().collect()
}

fn take(queue: &Mutex<VecDeque<Work>>) -> Option<Work> {
    queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front()
}

/// A table that cannot be read must not end the transaction for the others.
async fn guarded(session: &Traced, work: &Work, seed: i64) -> Result<TableSum, String> {
    let answered = async {
        session.batch_execute("SAVEPOINT one_table").await?;
        match sum(session, work, seed).await {
            Ok(sum) => Ok(sum),
            Err(error) => {
                session.batch_execute("ROLLBACK TO SAVEPOINT one_table").await?;
                Err(error)
            }
        }
    };
    answered.await.map_err(|error| told(&error))
}

async fn sum(session: &Traced, work: &Work, seed: i64) -> Result<TableSum, tokio_postgres::Error> {
    let row = match &work.expression {
        _ if work.table == TableVerdict::LARGE_OBJECTS => {
            session.query_one(LARGE, &[&seed]).await?
        }
        Some(expression) => {
            let sql = format!(
                "SELECT count(*), sum({})::text FROM ONLY {} AS t",
                expression.row, work.table
            );
            session.query_one(&sql, &[&seed]).await?
        }
        None => {
            let sql = format!("SELECT count(*), NULL::text FROM ONLY {} AS t", work.table);
            session.query_one(&sql, &[]).await?
        }
    };
    let rows: i64 = row.try_get(0)?;
    let hash: Option<String> = row.try_get(1)?;
    let counted_only = work.expression.is_none() && work.table != TableVerdict::LARGE_OBJECTS;
    let hash = if counted_only { None } else { Some(hash.unwrap_or_else(|| "0".to_owned())) };
    Ok(TableSum { rows: rows.unsigned_abs(), hash })
}
