//! What a comparison of blue and green found, when, and from which positions.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::verb::VerifyScope;

/// Where a server was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// `pg_control_system().system_identifier`.
    pub system: String,
    /// `server_version_num`.
    pub version: u32,
    /// `pg_current_wal_insert_lsn()`, or the replay position of a standby.
    pub lsn: String,
    /// The next transaction id, `pg_snapshot_xmax(pg_current_snapshot())`: no write goes by without one.
    pub next_xid: u64,
    /// What the statistics knew then; none before PostgreSQL 15, where they may lose something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
}

impl Position {
    /// How many transaction ids were taken since, when none of them was of a write to this database: its tables were
    /// analysed, or the server's other databases were written (a session writes to one database only). None where a write
    /// may be among them.
    ///
    /// Each analysis takes one id, for what it keeps in `pg_statistic`. A write takes one as well, and is counted at the
    /// latest when its session has been idle for ten seconds or has ended; so are changes of the catalogue, by which a table
    /// is made, altered or emptied. Ids that nothing else accounts for are taken for writes.
    #[must_use]
    pub fn kept_since(&self, now: &Self) -> Option<u64> {
        let (then, later) = (self.statistics.as_ref()?, now.statistics.as_ref()?);
        let moved = now.next_xid.checked_sub(self.next_xid)?;
        let since = |now: i64, then: i64| u64::try_from(now.checked_sub(then)?).ok();
        let analyses = since(later.analyses, then.analyses)?;
        let elsewhere = since(later.elsewhere, then.elsewhere)?;
        let holds = self.system == now.system
            && then.written == later.written
            && then.at_work == 0
            && later.at_work == 0
            && moved <= analyses.saturating_add(elsewhere);
        holds.then_some(moved)
    }

    /// Somebody may still have something to count.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        self.statistics.as_ref().is_some_and(|statistics| statistics.at_work > 0)
    }
}

/// What the statistics know of a database and of those beside it (`pg_stat_all_tables`, `pg_stat_database`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Rows that were inserted, updated and deleted in its tables and catalogue, but for `pg_statistic`.
    pub written: i64,
    /// How often a table was analysed.
    pub analyses: i64,
    /// Rows that were written in the server's other databases and in what they share.
    pub elsewhere: i64,
    /// Workers of autovacuum on the server, and clients of the database, that may still have had something to count.
    pub at_work: i64,
}

/// The count and content of a table on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// `count(*)`.
    pub rows: u64,
    /// The sum of the rows' hashes, when content was asked for; a decimal of any length.
    pub hash: Option<String>,
}

/// A row that is not the same on both sides, named by its key. Its content is never told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowDifference {
    /// The key's columns and values; for a table without a key, the hash of the row.
    pub key: String,
    /// How it differs.
    pub kind: RowDifferenceKind,
}

impl RowDifference {
    /// One line for people.
    #[must_use]
    pub fn describe(&self) -> String {
        let how = match self.kind {
            RowDifferenceKind::Missing => "missing on green",
            RowDifferenceKind::Extra => "only on green",
            RowDifferenceKind::Changed => "changed",
        };
        format!("{how}  {}", self.key)
    }
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowDifferenceKind {
    /// Blue has it, green does not.
    Missing,
    /// Green has it, blue does not.
    Extra,
    /// Both have it, with another content.
    Changed,
}

/// What was found of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableVerdict {
    /// `schema.table`, quoted where it must be.
    pub table: String,
    /// Blue, where it has the table and it could be read.
    pub blue: Option<TableSum>,
    /// Green, where it has the table and it could be read.
    pub green: Option<TableSum>,
    /// Why it could not be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Columns whose text was hashed, since their type has no hash that both servers agree on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub as_text: Vec<String>,
    /// The rows that differ, up to a limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<RowDifference>,
    /// How long the slower side took.
    pub took: Duration,
}

impl TableVerdict {
    /// The name under which large objects are compared, as a table is; no table can have it, for want of a schema.
    pub const LARGE_OBJECTS: &str = "large objects";

    /// Whether it is about a table, and not about large objects.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.table != Self::LARGE_OBJECTS
    }

    /// Both sides were read and are the same.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.error.is_none() && self.blue.is_some() && self.blue == self.green
    }

    /// Both sides were read and have as many rows.
    #[must_use]
    pub fn rows_equal(&self) -> bool {
        let rows = |sum: &Option<TableSum>| sum.as_ref().map(|sum| sum.rows);
        self.error.is_none() && self.blue.is_some() && rows(&self.blue) == rows(&self.green)
    }

    /// One line for people.
    #[must_use]
    pub fn describe(&self) -> String {
        let count = |sum: &Option<TableSum>| {
            sum.as_ref().map_or_else(|| "absent".to_owned(), |sum| sum.rows.to_string())
        };
        let rows = if self.is_table() { " rows" } else { "" };
        match &self.error {
            Some(error) => format!("{}: {error}", self.table),
            None if self.is_equal() => {
                format!("{}: {}{rows}, equal", self.table, count(&self.blue))
            }
            None if self.rows_equal() => format!(
                "{}: {}{rows} on both sides, content differs",
                self.table,
                count(&self.blue)
            ),
            None => {
                format!("{}: blue {}, green {}", self.table, count(&self.blue), count(&self.green))
            }
        }
    }
}

/// An object of the schema that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaDifference {
    /// The kind, such as `column` or `index`.
    pub kind: String,
    /// The object.
    pub object: String,
    /// Its definition on blue.
    pub blue: Option<String>,
    /// Its definition on green.
    pub green: Option<String>,
}

/// What was found of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceVerdict {
    /// `schema.sequence`.
    pub sequence: String,
    /// `last_value` on blue; none when it was never used.
    pub blue: Option<i64>,
    /// `last_value` on green.
    pub green: Option<i64>,
    /// The furthest value in the column that green's sequence belongs to.
    pub column: Option<i64>,
    /// How many values green's has left.
    pub headroom: Option<u64>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// What was compared.
    pub scopes: Vec<VerifyScope>,
    /// When the later of the two snapshots was taken.
    pub at: Timestamp,
    /// Blue's position at its snapshot.
    pub blue: Position,
    /// Green's position at its snapshot.
    pub green: Position,
    /// How the content was compared, in words.
    pub method: String,
    /// Every table, by name.
    pub tables: Vec<TableVerdict>,
    /// Tables that were left out, with the reason.
    pub excluded: BTreeMap<String, String>,
    /// What differs in the schema.
    pub schema: Vec<SchemaDifference>,
    /// Every sequence, by name.
    pub sequences: Vec<SequenceVerdict>,
}

impl Verification {
    /// Whether a scope was compared.
    #[must_use]
    pub fn covers(&self, scope: VerifyScope) -> bool {
        self.scopes.contains(&scope)
            || (scope == VerifyScope::Counts && self.scopes.contains(&VerifyScope::Content))
    }

    /// One line for each thing that differs or could not be read; empty when all is equal.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let tables =
            self.tables.iter().filter(|table| !table.is_equal()).map(TableVerdict::describe);
        let schema = self.schema.iter().map(|difference| {
            let side = match (&difference.blue, &difference.green) {
                (Some(_), None) => "only on blue",
                (None, Some(_)) => "only on green",
                _ => "differs",
            };
            format!("{} {} {side}", difference.kind, difference.object)
        });
        let sequences = self.sequences.iter().filter_map(|sequence| {
            let problem = sequence.problem.as_ref()?;
            Some(format!("sequence {}: {problem}", sequence.sequence))
        });
        tables.chain(schema).chain(sequences).collect()
    }

    /// One line for all of it. What was not compared is named.
    #[must_use]
    pub fn summary(&self) -> String {
        let tables = || self.tables.iter().filter(|table| table.is_table());
        let rows: u64 = tables().filter_map(|table| table.blue.as_ref()).map(|sum| sum.rows).sum();
        let equal = tables().filter(|table| table.is_equal()).count();
        let mut parts = Vec::new();
        if self.covers(VerifyScope::Counts) {
            parts.push(format!("{equal} of {} tables equal ({rows} rows)", tables().count()));
        }
        let large = self.tables.iter().find(|table| !table.is_table());
        parts.extend(large.map(TableVerdict::describe));
        if self.covers(VerifyScope::Schema) {
            parts.push(format!("{} schema differences", self.schema.len()));
        }
        if self.covers(VerifyScope::Sequences) {
            let safe = self.sequences.iter().filter(|sequence| sequence.problem.is_none()).count();
            parts.push(format!("{safe} of {} sequences safe", self.sequences.len()));
        }
        let left_out = self.not_compared(3).into_iter().map(|left| format!("; {left}"));
        parts.join(", ") + &left_out.collect::<String>()
    }

    /// Which tables were not compared, and why; those beyond a number are counted only.
    #[must_use]
    pub fn not_compared(&self, named: usize) -> Vec<String> {
        let lines = self.excluded.iter().take(named);
        let lines = lines.map(|(table, why)| format!("not compared: {table}: {why}"));
        let more = self.excluded.len().saturating_sub(named);
        lines.chain((more > 0).then(|| format!("and {more} more not compared"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, rows: u64) -> TableVerdict {
        let sum = || Some(TableSum { rows, hash: Some("1".into()) });
        TableVerdict {
            table: name.into(),
            blue: sum(),
            green: sum(),
            error: None,
            as_text: Vec::new(),
            differences: Vec::new(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn tables_are_counted_and_what_is_none_is_told_on_its_own() {
        let position = Position {
            system: "1".into(),
            version: 170_002,
            lsn: "0/1".into(),
            next_xid: 5,
            statistics: None,
        };
        let left_out = ("public.daily".to_owned(), "materialized view, computed anew on green");
        let found = Verification {
            scopes: vec![VerifyScope::Content, VerifyScope::Sequences],
            at: Timestamp::UNIX_EPOCH,
            blue: position.clone(),
            green: position,
            method: "by hash".into(),
            tables: vec![table(TableVerdict::LARGE_OBJECTS, 2), table("public.task", 40)],
            excluded: [(left_out.0, left_out.1.to_owned())].into(),
            schema: Vec::new(),
            sequences: Vec::new(),
        };
        assert_eq!(
            found.summary(),
            "1 of 1 tables equal (40 rows), large objects: 2, equal, 0 of 0 sequences safe; \
             not compared: public.daily: materialized view, computed anew on green"
        );
    }

    #[test]
    fn ids_that_analyses_took_are_told_from_those_of_writes() {
        let at = |next_xid, written, analyses, at_work| Position {
            system: "1".into(),
            version: 170_002,
            lsn: "0/1".into(),
            next_xid,
            statistics: Some(Statistics { written, analyses, elsewhere: 0, at_work }),
        };
        let then = at(50, 900, 7, 0);
        assert_eq!(then.kept_since(&at(52, 900, 9, 0)), Some(2));
        assert_eq!(then.kept_since(&at(51, 900, 9, 0)), Some(1), "an empty table takes none");
        assert_eq!(then.kept_since(&at(53, 900, 9, 0)), None, "somebody took the third");
        assert_eq!(then.kept_since(&at(52, 901, 9, 0)), None, "a row was written");
        assert_eq!(then.kept_since(&at(52, 900, 9, 1)), None, "one has not ended yet");
        assert_eq!(at(50, 900, 7, 1).kept_since(&at(50, 900, 8, 0)), None);
        assert_eq!(then.kept_since(&at(52, 0, 2, 0)), None, "the statistics began anew");
        let silent = |position| Position { statistics: None, ..position };
        assert_eq!(silent(then.clone()).kept_since(&at(52, 900, 9, 0)), None);
        assert_eq!(then.kept_since(&silent(at(52, 900, 9, 0))), None);
        let beside = |position: Position, elsewhere| Position {
            statistics: position.statistics.map(|known| Statistics { elsewhere, ..known }),
            ..position
        };
        assert_eq!(then.kept_since(&beside(at(61, 900, 8, 0), 40)), Some(11), "of other databases");
        assert_eq!(then.kept_since(&beside(at(61, 901, 8, 0), 40)), None);
        assert_eq!(beside(then.clone(), 41).kept_since(&beside(at(50, 900, 7, 0), 40)), None);
        let other = Position { system: "2".into(), ..at(52, 900, 9, 0) };
        assert_eq!(then.kept_since(&other), None);
    }
}
