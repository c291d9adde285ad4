//! Which tables there are, and what of them can be compared by hash.

use std::collections::BTreeMap;

use super::error::VerifyError;
use super::snapshot::Snapshot;
use crate::model::Watch;
use crate::world::Traced;

const TABLES: &str = include_str!("../../assets/sql/verify/tables.sql");
const PROBE: &str = include_str!("../../assets/sql/verify/hash-probe.sql");

/// A column as far as hashing needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The base type, domains unwrapped, without its modifiers.
    pub(super) base: String,
    /// Its collation tells apart whatever is not the same byte for byte.
    pub(super) exact: bool,
}

/// A table on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key, or of the narrowest unique index over columns that cannot be null.
    pub(super) key: Vec<String>,
    /// `pg_table_size`: large tables are begun first.
    pub(super) bytes: i64,
    /// Why it is not compared.
    pub(super) left_out: Option<String>,
}

/// The tables of a side by name.
pub(super) async fn list(
    snapshot: &Snapshot<'_>,
    watch: &Watch,
) -> Result<BTreeMap<String, Table>, VerifyError> {
    let rows =
        snapshot.leader().query(TABLES, &[]).await.map_err(snapshot.failed("list the tables"))?;
    let tables = rows.iter().map(|row| table(row, watch)).collect::<Result<_, _>>();
    tables.map_err(snapshot.failed("read the list of tables"))
}

fn table(
    row: &tokio_postgres::Row,
    watch: &Watch,
) -> Result<(String, Table), tokio_postgres::Error> {
    let name: String = row.try_get("name")?;
    let names: Vec<String> = row.try_get("columns")?;
    let types: Vec<String> = row.try_get("types")?;
    let exact: Vec<bool> = row.try_get("exact")?;
    let kind: String = row.try_get("kind")?;
    let of_extension: bool = row.try_get("of_extension")?;
    let columns = names.into_iter().zip(types).zip(exact);
    let table = Table {
        columns: columns.map(|((name, base), exact)| Column { name, base, exact }).collect(),
        key: row.try_get("key")?,
        bytes: row.try_get("bytes")?,
        left_out: left_out(&name, &kind, of_extension, watch),
    };
    Ok((name, table))
}

fn left_out(name: &str, kind: &str, of_extension: bool, watch: &Watch) -> Option<String> {
    if let Some(why) = watch.exclude.get(name) {
        return Some(format!("excluded by the profile: {why}"));
    }
    if !watch.tables.is_empty() && !watch.tables.iter().any(|wanted| wanted == name) {
        return Some("not among the profile's tables".to_owned());
    }
    match kind {
        "f" => Some("foreign table, its rows are on another server".to_owned()),
        // blue's is as old as its last REFRESH, green's as the restore
        "m" => Some("materialized view, computed anew on green".to_owned()),
        _ if of_extension => Some("belongs to an extension".to_owned()),
        _ => None,
    }
}

/// What a side's own hash of a known value of each type is.
pub(super) async fn hashes(
    session: &Traced,
) -> Result<BTreeMap<String, i64>, tokio_postgres::Error> {
    let rows = session.query(PROBE, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
