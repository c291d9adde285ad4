//! What tables take on disk, a handful at a time.

use std::time::Instant;

use tokio_postgres::Row;

use crate::model::TableBytes;
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};

const SIZES: Sql<'static> =
    Sql::Kept(include_str!("../../../../assets/sql/observe/table-sizes.sql"));

/// How many tables are measured in one go.
const TABLES: usize = 500;

/// Those whose size is oldest first. The next reading of the tables shows them.
pub(super) async fn sizes(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    if reader.known.is_empty() {
        return Ok(());
    }
    let Some(turn) = reader.turn(Kind::Sizes) else { return Ok(()) };
    let mut oldest: Vec<u32> = reader.known.iter().map(|table| table.oid).collect();
    oldest.sort_by_key(|oid| reader.sizes.get(oid).map(|(_, at)| *at));
    oldest.truncate(TABLES);
    let session = reader.session;
    let rows = session.query(SIZES, &[&oldest]).await;
    let read = rows.and_then(|rows| {
        let all: Result<Vec<_>, _> = rows.iter().map(size).collect();
        all.map_err(|error| session.explain(SIZES, &error))
    });
    let now = Instant::now();
    let read = read.map(|all| {
        reader.sizes.extend(all.into_iter().filter_map(|(oid, bytes)| Some((oid, (bytes?, now)))));
    });
    let missing = reader.known.iter().any(|table| !reader.sizes.contains_key(&table.oid));
    let went_well = read.is_ok();
    // A size that cannot be read is absent; the table is shown all the same.
    reader.done(&turn, read, |_, _| ())?;
    if missing && went_well && reader.known.len() > TABLES {
        reader.at_once(Kind::Sizes);
    }
    Ok(())
}

/// A table that was dropped meanwhile has none.
fn size(row: &Row) -> Result<(u32, Option<TableBytes>), tokio_postgres::Error> {
    let bytes = |column| Ok(row.try_get::<_, Option<i64>>(column)?.map(i64::unsigned_abs));
    let (table, indexes): (Option<u64>, Option<u64>) = (bytes("bytes")?, bytes("indexes")?);
    let both = table.zip(indexes).map(|(table, indexes)| TableBytes { table, indexes });
    Ok((row.try_get("oid")?, both))
}
