//! Tables: what the catalogue and the statistics know of all of them, and exact counts of as many as are cheap.

use std::time::Instant;

use tokio_postgres::Row;

use crate::model::{Name, Shared, Tables};
use crate::observe::watch::board::put;
use crate::observe::watch::count::{Known, is_watched};
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};

const TABLES: Sql<'static> = Sql::Kept(include_str!("../../../../assets/sql/observe/tables.sql"));

pub(super) async fn tables(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Tables) else { return Ok(()) };
    let known = known(reader).await;
    reader.ends(&turn);
    let read = match known {
        Ok(known) => {
            reader.counts.read(&known);
            reader.known = known;
            count(reader).await
        }
        Err(error) => Err(error),
    };
    let read = read.map(|()| tell(reader));
    reader.show(read, |view, read| put(&mut view.tables, read))
}

fn tell(reader: &Reader<'_>) -> Shared<Tables> {
    let sizes = |oid| reader.sizes.get(&oid).map(|(bytes, _)| *bytes);
    reader.counts.tell(&reader.known, sizes, reader.board.refresh).into()
}

async fn known(reader: &Reader<'_>) -> Result<Vec<Known>, WorldError> {
    let before = &reader.known;
    let mut all = reader.session.query_each(TABLES, |row| one(row, before)).await?;
    let watch = &reader.world.runbook.watch;
    all.retain(|table| is_watched(watch, &table.name));
    all.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// A table that was known before keeps its name.
fn one(row: &Row, before: &[Known]) -> Result<Known, tokio_postgres::Error> {
    let name: &str = row.try_get("name")?;
    let known = before.binary_search_by(|table| (*table.name).cmp(name));
    Ok(Known {
        oid: row.try_get("oid")?,
        name: known.map_or_else(|_| Name::from(name), |at| before[at].name.clone()),
        live: row.try_get("live")?,
        planned: row.try_get("planned")?,
        writes: row.try_get("writes")?,
        pages: row.try_get("pages")?,
        materialized: row.try_get("materialized")?,
        dead: row.try_get::<_, i64>("dead")?.unsigned_abs(),
        vacuumed: row.try_get("vacuumed")?,
        analyzed: row.try_get("analyzed")?,
    })
}

/// Counts what is due and can be paid. A table that cannot be counted keeps its estimate, and rests.
async fn count(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let saved = reader.purse.saved(Instant::now());
    let due: Vec<Known> = reader.counts.due(&reader.known, saved).into_iter().cloned().collect();
    for table in due {
        if reader.purse.saved(Instant::now()).is_zero() {
            break;
        }
        let began = Instant::now();
        let rows = reader.number(&format!("SELECT count(*) FROM ONLY {}", table.name)).await;
        let cost = reader.cost(began.elapsed());
        reader.purse.spend(cost);
        match rows {
            Ok(rows) => reader.counts.counted(&table, rows, cost),
            Err(error) if error.is_transient() => return Err(error),
            Err(_) => reader.counts.refused(&table, cost),
        }
    }
    Ok(())
}
