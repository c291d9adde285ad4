//! What a server says of itself: its flow, extensions, sequences, settings, and the long work under way.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::rate::Rate;

/// How much happens in a database, between the last two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Rows inserted, updated and deleted (`pg_stat_database`).
    pub writes: Rate,
    /// Transactions, committed and rolled back.
    pub transactions: Rate,
    /// Bytes of WAL, of the whole server. None where its position is not known, as on a standby.
    pub wal: Option<Rate>,
    /// Over what time.
    pub over: Duration,
}

/// The position in the write-ahead log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wal {
    /// `pg_current_wal_insert_lsn()`; on a standby what has been replayed.
    pub lsn: String,
    /// The same as a number of bytes.
    pub bytes: u64,
}

/// An extension on a side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionView {
    /// The version that is installed in the database.
    pub installed: Option<String>,
    /// The versions that the server could install. None when they could not be read.
    pub available: Option<Vec<String>>,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceView {
    /// The last value that it gave. None when it has given none, or when we may not see it: `readable` tells.
    pub last: Option<i64>,
    /// Whether we may see its last value.
    pub readable: bool,
    /// What it counts by; negative when it counts down.
    pub increment: i64,
    /// The last value that it can give: its own end, or the end of its column's type where that comes earlier.
    pub end: i64,
    /// It begins anew at its end.
    pub cycles: bool,
    /// The table and the column that it feeds.
    pub column: Option<(String, String)>,
    /// The furthest value in that column, where an index makes it cheap to ask.
    pub furthest: Option<i64>,
}

impl SequenceView {
    /// How many values it can give still. None for one that begins anew, and where its last value is not known.
    #[must_use]
    pub fn headroom(&self) -> Option<u64> {
        if self.cycles || !self.readable {
            return None;
        }
        let step = self.increment.unsigned_abs().max(1);
        Some(self.end.abs_diff(self.last.unwrap_or_default()) / step)
    }

    /// The next value that it gives is in its column already.
    #[must_use]
    pub fn collides(&self) -> bool {
        let (Some(furthest), true) = (self.furthest, self.readable) else { return false };
        match self.last {
            _ if self.cycles => false,
            None => false,
            Some(last) if self.increment > 0 => last < furthest && furthest <= self.end,
            Some(last) => last > furthest && furthest >= self.end,
        }
    }
}

/// A setting of a server or its database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingView {
    /// Its value with its unit. Values that may hold a secret are struck out.
    pub value: String,
    /// Where it comes from: `default`, `configuration file`, `command line`, `database`, `role`, `initdb`.
    pub source: String,
    /// It matters to a cutover when it is not the same on both sides.
    pub matters: bool,
    /// It takes a restart to come into force, and has been changed since the start.
    pub pending: bool,
}

/// What kind of long work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkKind {
    /// `COPY` (`pg_stat_progress_copy`): a dump or a restore.
    Copy,
    /// `CREATE INDEX`, `REINDEX` (`pg_stat_progress_create_index`).
    CreateIndex,
    /// `VACUUM` (`pg_stat_progress_vacuum`).
    Vacuum,
    /// `ANALYZE` (`pg_stat_progress_analyze`).
    Analyze,
    /// `CLUSTER`, `VACUUM FULL` (`pg_stat_progress_cluster`).
    Cluster,
}

/// Long work that a server does in this database, with how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkView {
    /// What it is.
    pub kind: WorkKind,
    /// Who does it.
    pub pid: i32,
    /// The table, where it has one.
    pub table: Option<String>,
    /// The phase, or the command, as PostgreSQL words it.
    pub phase: String,
    /// How much is done.
    pub done: u64,
    /// Of how much, where that is known.
    pub total: Option<u64>,
    /// `bytes`, `rows`, `blocks`.
    pub unit: String,
    /// Rows that `COPY` has taken.
    pub rows: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(last: Option<i64>, furthest: Option<i64>) -> SequenceView {
        SequenceView {
            last,
            readable: true,
            increment: 1,
            end: i64::from(i32::MAX),
            cycles: false,
            column: None,
            furthest,
        }
    }

    #[test]
    fn a_sequence_ends_where_its_column_ends_and_collides_below_its_furthest_value() {
        assert_eq!(sequence(Some(2_147_483_640), None).headroom(), Some(7));
        assert!(sequence(Some(9), Some(12)).collides());
        assert!(!sequence(Some(12), Some(12)).collides());
        assert!(!sequence(None, Some(12)).collides(), "it feeds nothing yet");
        let hidden = SequenceView { readable: false, ..sequence(None, None) };
        assert_eq!(hidden.headroom(), None);
    }
}
