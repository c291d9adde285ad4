//! Naming the rows that differ, without pulling the table.
//!
//! Both sides sum their rows' hashes by bucket, a row's bucket being some bits of its key's hash. Only the keys and hashes in
//! buckets that differ are fetched. That takes two scans a side whatever the key's type is; a table without a key goes by
//! the rows' own hashes.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::Expression;
use super::snapshot::Snapshot;
use crate::model::{RowDifference, RowDifferenceKind};
use crate::world::Traced;

/// How many rows are named at most.
pub(super) const NAMED: usize = 100;
const BUCKETS: u64 = 65_536;
const ROWS_A_BUCKET: u64 = 64;
const FETCHED: i64 = 20_000;

/// A bucket's rows and the sum of their hashes.
type Buckets = BTreeMap<i64, (i64, String)>;
/// A row's key and its hash, and how often both occur.
type Keys = BTreeMap<(String, i64), i64>;

/// The rows of a table that are not the same on both sides, up to [`NAMED`].
pub(super) async fn differences(
    blue: &Snapshot<'_>,
    green: &Snapshot<'_>,
    table: &str,
    expression: &Expression,
    rows: u64,
    seed: i64,
) -> Result<Vec<RowDifference>, tokio_postgres::Error> {
    let query = Query::new(table, expression, rows);
    let (ours, theirs) = futures::try_join!(
        query.buckets(blue.leader(), seed),
        query.buckets(green.leader(), seed)
    )?;
    let buckets = differing(&ours, &theirs);
    let (ours, theirs) = futures::try_join!(
        query.keys(blue.leader(), seed, &buckets),
        query.keys(green.leader(), seed, &buckets)
    )?;
    Ok(told_apart(&ours, &theirs))
}

struct Query<'a> {
    table: &'a str,
    expression: &'a Expression,
    bucket: String,
}

impl<'a> Query<'a> {
    fn new(table: &'a str, expression: &'a Expression, rows: u64) -> Self {
        let mask = (rows / ROWS_A_BUCKET).next_power_of_two().clamp(1, BUCKETS) - 1;
        let hash = expression.key.as_ref().unwrap_or(&expression.row);
        Self { table, expression, bucket: format!("({hash} & {mask})") }
    }

    async fn buckets(&self, session: &Traced, seed: i64) -> Result<Buckets, tokio_postgres::Error> {
        let Self { table, expression, bucket } = self;
        let sql = format!(
            "SELECT {bucket}, count(*), sum({})::text FROM ONLY {table} AS t GROUP BY 1",
            expression.row
        );
        let rows = session.query(&sql, &[&seed]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
    }

    async fn keys(
        &self,
        session: &Traced,
        seed: i64,
        buckets: &[i64],
    ) -> Result<Keys, tokio_postgres::Error> {
        let Self { table, expression, bucket } = self;
        let key = expression.key_text.as_deref().unwrap_or("''");
        let sql = format!(
            "SELECT {key}, {}, count(*) FROM ONLY {table} AS t WHERE {bucket} = ANY ($2) \
             GROUP BY 1, 2 ORDER BY 1, 2 LIMIT {FETCHED}",
            expression.row
        );
        let rows = session.query(&sql, &[&seed, &buckets]).await?;
        rows.iter().map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?))).collect()
    }
}

fn differing(blue: &Buckets, green: &Buckets) -> Vec<i64> {
    let all: BTreeSet<i64> = blue.keys().chain(green.keys()).copied().collect();
    all.into_iter().filter(|bucket| blue.get(bucket) != green.get(bucket)).take(NAMED).collect()
}

fn told_apart(blue: &Keys, green: &Keys) -> Vec<RowDifference> {
    let all: BTreeSet<&(String, i64)> = blue.keys().chain(green.keys()).collect();
    let mut found: BTreeMap<String, RowDifferenceKind> = BTreeMap::new();
    for row in all {
        let (ours, theirs) = (blue.get(row).unwrap_or(&0), green.get(row).unwrap_or(&0));
        if ours == theirs {
            continue;
        }
        let kind =
            if ours > theirs { RowDifferenceKind::Missing } else { RowDifferenceKind::Extra };
        let keyless = row.0.is_empty();
        let name = if keyless { unkeyed(row.1, *ours, *theirs) } else { row.0.clone() };
        found
            .entry(name)
            .and_modify(|known| {
                if *known != kind {
                    *known = RowDifferenceKind::Changed;
                }
            })
            .or_insert(kind);
    }
    found.into_iter().take(NAMED).map(|(key, kind)| RowDifference { key, kind }).collect()
}

fn unkeyed(hash: i64, blue: i64, green: i64) -> String {
    format!("row with hash {hash} ({blue} on blue, {green} on green)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(rows: &[(&str, i64)]) -> Keys {
        rows.iter().map(|(key, hash)| (((*key).to_owned(), *hash), 1)).collect()
    }

    #[test]
    fn a_key_with_two_hashes_is_a_changed_row() {
        let found = told_apart(
            &keys(&[("id=1", 10), ("id=2", 20), ("id=3", 30)]),
            &keys(&[("id=2", 21), ("id=3", 30), ("id=4", 40)]),
        );
        let told: Vec<_> = found.iter().map(|row| (row.key.as_str(), row.kind)).collect();
        assert_eq!(
            told,
            [
                ("id=1", RowDifferenceKind::Missing),
                ("id=2", RowDifferenceKind::Changed),
                ("id=4", RowDifferenceKind::Extra),
            ]
        );
    }

    #[test]
    fn only_buckets_that_differ_are_fetched() {
        let blue = BTreeMap::from([(0, (1, "7".to_owned())), (1, (1, "8".to_owned()))]);
        let green = BTreeMap::from([(0, (1, "7".to_owned())), (2, (1, "8".to_owned()))]);
        assert_eq!(differing(&blue, &green), [1, 2]);
    }
}
