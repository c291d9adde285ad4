//! Sequences, and how far the columns are that they feed.

use std::collections::BTreeMap;
use std::time::Instant;

use tokio_postgres::Row;

use crate::model::SequenceView;
use crate::observe::watch::board::put;
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};

const SEQUENCES: Sql<'static> =
    Sql::Kept(include_str!("../../../../assets/sql/observe/sequences.sql"));

/// How many columns are asked in one go.
const COLUMNS: usize = 50;

#[derive(Debug)]
struct Listed {
    view: SequenceView,
    indexed: bool,
}

/// The columns first, then the sequences: a value that was taken meanwhile must not look like a collision.
pub(super) async fn sequences(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Sequences) else { return Ok(()) };
    let before = reader.board.look(|seen| seen.side(reader.side).sequences.value().cloned());
    if let Some(before) = before {
        columns(reader, &before).await?;
    }
    let read = list(reader).await;
    let first = reader.fed.is_empty();
    let read = read.map(|all| {
        let fed = all.iter().filter(|(_, one)| one.indexed).map(|(name, _)| name.clone());
        reader.fed = fed.collect();
        reader.furthest.retain(|name, _| reader.fed.contains(name));
        let view = |(name, one): (String, Listed)| {
            let furthest = reader.furthest.get(&name).map(|(value, _)| *value);
            (name, SequenceView { furthest, ..one.view })
        };
        all.into_iter().map(view).collect::<BTreeMap<_, _>>().into()
    });
    reader.done(&turn, read, |view, read| put(&mut view.sequences, read))?;
    if first && !reader.fed.is_empty() {
        reader.at_once(Kind::Sequences);
    }
    Ok(())
}

/// Asks columns how far they are, those whose answer is oldest first, as long as it can be paid. One that we may not read
/// tells nothing.
async fn columns(
    reader: &mut Reader<'_>,
    before: &BTreeMap<String, SequenceView>,
) -> Result<(), WorldError> {
    let mut due: Vec<(&String, &SequenceView)> =
        before.iter().filter(|(name, _)| reader.fed.contains(*name)).collect();
    due.sort_by_key(|(name, _)| reader.furthest.get(*name).map(|(_, at)| *at));
    for (name, sequence) in due.into_iter().take(COLUMNS) {
        let Some((relation, attribute)) = &sequence.column else { continue };
        let began = Instant::now();
        if reader.purse.saved(began).is_zero() {
            break;
        }
        let end = if sequence.increment > 0 { "max" } else { "min" };
        let sql = format!("SELECT {end}({attribute})::int8 FROM {relation}");
        let row = reader.session.query_one(&sql, &[]).await;
        let cost = reader.cost(began.elapsed());
        reader.purse.spend(cost);
        match row {
            Ok(row) => {
                let furthest: Option<i64> =
                    row.try_get(0).map_err(|error| reader.session.explain(&sql, &error))?;
                if let Some(furthest) = furthest {
                    reader.furthest.insert(name.clone(), (furthest, Instant::now()));
                } else {
                    reader.furthest.remove(name);
                }
            }
            Err(error) if error.is_transient() => return Err(error),
            Err(_) => {
                reader.fed.remove(name);
            }
        }
    }
    Ok(())
}

async fn list(reader: &Reader<'_>) -> Result<BTreeMap<String, Listed>, WorldError> {
    let rows = reader.session.query(SEQUENCES, &[]).await?;
    let all: Result<_, _> = rows.iter().map(sequence).collect();
    all.map_err(|error| reader.session.explain(SEQUENCES, &error))
}

fn sequence(row: &Row) -> Result<(String, Listed), tokio_postgres::Error> {
    let relation: Option<String> = row.try_get("relation")?;
    let attribute: Option<String> = row.try_get("attribute")?;
    let view = SequenceView {
        last: row.try_get("last")?,
        readable: row.try_get("readable")?,
        increment: row.try_get("increment")?,
        end: row.try_get("end")?,
        cycles: row.try_get("cycles")?,
        column: relation.zip(attribute),
        furthest: None,
    };
    Ok((row.try_get("name")?, Listed { view, indexed: row.try_get("indexed")? }))
}
