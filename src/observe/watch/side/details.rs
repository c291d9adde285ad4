//! The table that somebody looks at.

use crate::model::{Reading, TableDetails};
use crate::observe::watch::board::fresh;
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};

const DETAILS: Sql<'static> = Sql::Kept(include_str!("../../../../assets/sql/observe/details.sql"));

pub(super) async fn details(
    reader: &mut Reader<'_>,
    looked_at: Option<String>,
) -> Result<(), WorldError> {
    let shown = reader
        .board
        .look(|seen| seen.side(reader.side).details.value().map(|details| details.table.clone()));
    let Some(table) = looked_at else {
        if shown.is_some() {
            reader.board.side(reader.side, |view| view.details = Reading::default());
        }
        return Ok(());
    };
    let other = shown.as_ref().is_some_and(|shown| *shown != table);
    if other {
        reader.board.side(reader.side, |view| view.details = Reading::default());
    }
    if other || shown.is_none() {
        reader.at_once(Kind::Details);
    }
    let Some(turn) = reader.turn(Kind::Details) else { return Ok(()) };
    let read = read(reader, &table).await;
    reader.done(&turn, read, |view, read| match read {
        Ok(Some(details)) => view.details = fresh(details.into()),
        Ok(None) => view.details = Reading::unknown(format!("{table} does not exist")),
        Err(why) => view.details.miss(why),
    })
}

async fn read(reader: &Reader<'_>, table: &str) -> Result<Option<TableDetails>, WorldError> {
    let session = reader.session;
    let Some(row) = session.query_opt(DETAILS, &[&table]).await? else { return Ok(None) };
    let document: serde_json::Value =
        row.try_get(0).map_err(|error| session.explain(DETAILS, &error))?;
    match serde_json::from_value(document) {
        Ok(details) => Ok(Some(details)),
        Err(error) => {
            tracing::warn!(%error, table, "the details of a table do not read");
            Ok(None)
        }
    }
}
