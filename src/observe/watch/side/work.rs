//! Long work that is under way: a restore's `COPY`, an index that is built, a vacuum.

use tokio_postgres::Row;

use crate::model::{WorkKind, WorkView};
use crate::observe::watch::board::put;
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};

const WORK: Sql<'static> = Sql::Kept(include_str!("../../../../assets/sql/observe/work.sql"));

/// The first version that tells how far `COPY` is.
const FIRST: u32 = 140_000;

pub(super) async fn work(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Work) else { return Ok(()) };
    let session = reader.session;
    if session.peer().version_num < FIRST {
        let version = session.peer().version.clone();
        return reader.done(&turn, Ok(()), |view, _| {
            view.work.miss(format!("PostgreSQL {version} does not tell how far a COPY is"));
        });
    }
    let rows = session.query(WORK, &[]).await;
    let read = rows.and_then(|rows| {
        let all: Result<Vec<_>, _> = rows.iter().map(one).collect();
        all.map_err(|error| session.explain(WORK, &error))
    });
    reader.done(&turn, read.map(Into::into), |view, read| put(&mut view.work, read))
}

fn one(row: &Row) -> Result<WorkView, tokio_postgres::Error> {
    let count = |column| Ok(row.try_get::<_, Option<i64>>(column)?.map(i64::unsigned_abs));
    let kind: &str = row.try_get("kind")?;
    Ok(WorkView {
        kind: match kind {
            "copy" => WorkKind::Copy,
            "create-index" => WorkKind::CreateIndex,
            "vacuum" => WorkKind::Vacuum,
            "analyze" => WorkKind::Analyze,
            _ => WorkKind::Cluster,
        },
        pid: row.try_get("pid")?,
        table: row.try_get("relation")?,
        phase: row.try_get::<_, Option<String>>("phase")?.unwrap_or_default(),
        done: count("done")?.unwrap_or_default(),
        total: count("total")?,
        unit: row.try_get("unit")?,
        rows: count("rows")?,
    })
}
