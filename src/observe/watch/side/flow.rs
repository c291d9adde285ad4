//! How much happens, and how large the database is.

use std::time::Instant;

use tokio_postgres::Row;

use crate::model::{Flow, Rate, Reading, Wal};
use crate::observe::watch::board::{fresh, put};
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};

const FLOW: Sql<'static> = Sql::Kept(include_str!("../../../../assets/sql/observe/flow.sql"));
const SIZE: Sql<'static> = Sql::Kept(include_str!("../../../../assets/sql/observe/size.sql"));

/// What a database has counted since its statistics began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counters {
    transactions: i64,
    writes: i64,
    wal: Option<i64>,
    at: Instant,
}

impl Counters {
    /// What happened since then. None when too little time went by, or when the statistics began anew.
    fn since(&self, before: &Self) -> Option<Flow> {
        let over = self.at.duration_since(before.at);
        let rate =
            |now: i64, then: i64| Rate::over(u64::try_from(now.checked_sub(then)?).ok()?, over);
        Some(Flow {
            writes: rate(self.writes, before.writes)?,
            transactions: rate(self.transactions, before.transactions)?,
            wal: self.wal.zip(before.wal).and_then(|(now, then)| rate(now, then)),
            over,
        })
    }
}

pub(super) async fn flow(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Flow) else { return Ok(()) };
    let session = reader.session;
    let read = session.query_one(FLOW, &[]).await;
    let read = read.and_then(|row| counted(&row).map_err(|error| session.explain(FLOW, &error)));
    let before = reader.counters;
    reader.counters = read.as_ref().ok().map(|(counters, _)| *counters);
    reader.done(&turn, read, |view, read| match read {
        Ok((now, wal)) => {
            view.wal = wal.map_or_else(|| Reading::unknown("the server does not say"), fresh);
            match before.and_then(|before| now.since(&before)) {
                Some(flow) => view.flow = fresh(flow),
                None => view.flow.miss("it takes a second reading"),
            }
        }
        Err(why) => {
            view.wal.miss(why);
            view.flow.miss(why);
        }
    })
}

fn counted(row: &Row) -> Result<(Counters, Option<Wal>), tokio_postgres::Error> {
    let (lsn, bytes): (Option<String>, Option<i64>) = (row.try_get("lsn")?, row.try_get("bytes")?);
    let counters = Counters {
        transactions: row.try_get("transactions")?,
        writes: row.try_get("writes")?,
        wal: bytes,
        at: Instant::now(),
    };
    let wal = lsn.zip(bytes).map(|(lsn, bytes)| Wal { lsn, bytes: bytes.unsigned_abs() });
    Ok((counters, wal))
}

pub(super) async fn size(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Size) else { return Ok(()) };
    let read = reader.number(SIZE).await;
    reader.done(&turn, read, |view, read| put(&mut view.size, read))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flow_takes_two_readings_of_the_same_statistics() {
        let at = Instant::now();
        let first = Counters { transactions: 10, writes: 100, wal: None, at };
        let later = |writes| Counters {
            transactions: 30,
            writes,
            wal: Some(5),
            at: at + Duration::from_secs(2),
        };
        let flow = later(2508).since(&first).unwrap();
        assert_eq!(
            (flow.writes.to_string(), flow.transactions.to_string(), flow.wal),
            ("1,204/s".to_owned(), "10/s".to_owned(), None)
        );
        assert_eq!(later(7).since(&first), None, "the statistics were reset");
    }
}
